//! Words that organisations are named by, in several languages: what is the same in English is the same word.

use std::sync::LazyLock;

/// Each English word with what it is elsewhere, in the letters that names are read in. A star stands for any ending.
const WORDS: &[(&str, &str)] = &[
    ("academy", "akademi* academia"),
    ("agency", "agent* agencia"),
    ("agricultural", "agro* agricol* selsk* selkhoz* keshavarzi"),
    ("air", "aviation aircompan* airline* airways avia* aviats* aero* aerea* havapeym* havayi"),
    ("aircraft", "airplane* samolet* litak* avion*"),
    ("ammunition", "boepripas* boieprypas* municion*"),
    ("applied", "prikladn* prykladn* aplicad*"),
    ("army", "armiia armii jish* jaish jaysh lashkar*"),
    ("artillery", "artilleri* artyleri* artiller*"),
    ("association", "assotsiats* asotsiats* asociacion associat* obedinenie obiednannia jmiia anjoman"),
    ("automatic", "avtomati* automati*"),
    ("automobile", "automotive avtomobil* avtomotiv* automobil* automotriz khodro*"),
    ("autonomous", "avtonom* autonom*"),
    ("bank", "bank* banco banque bnk msrf"),
    ("battle", "boev* boiov*"),
    ("branch", "filial* sucursal shobe filii*"),
    ("brigade", "brigad* batalion bataillon ktiba katib*"),
    ("broadcasting", "veshchan* veshchatel* movlenn* radiodifus*"),
    ("brothers", "brat* hermanos akhuan ikhwan baradaran"),
    ("bureau", "biuro buro byuro"),
    ("business", "biznes* negocio*"),
    ("capital", "kapital*"),
    ("cargo", "gruzov* vantazh* carga"),
    ("cement", "tsement* cemento siman"),
    ("center", "centre central* centro tsentr* zentrum mrkz markaz merkez"),
    ("charity", "blagotvor* charit* khairia khairi* khayri*"),
    ("chemical", "khimi* chemi* quimic* shimi* petrokhimi* petroquimic*"),
    ("children", "detsk* dytiach* ninos"),
    ("city", "gorod* misto ciudad shahr"),
    ("clinic", "klinik* clinica"),
    ("club", "klub*"),
    ("coal", "ugoln* vuhiln* carbon*"),
    ("college", "kolledzh* koledzh* colegio"),
    ("commercial", "kommerch* komerts* comercial* commerc* tijari tejari"),
    ("committee", "komitet* comite* lajna komiteh"),
    ("communication", "sviaz* sviazi svyaz* komunikats* kommunikats* comunicac* communicat* ertebatat"),
    ("complex", "kompleks* compound"),
    ("computer", "kompiut* computa* rayaneh"),
    ("construction", "building stroit* budiv* construcc* constructora sakhteman sazan omran"),
    ("consulting", "konsalt* consult*"),
    ("cooperative", "kooperativ* cooperat* taavoni"),
    ("corps", "korpus* sepah spah sipah"),
    ("council", "sovet* consejo shura majlis mjls shuri"),
    ("credit", "kredit* credito"),
    ("culture", "kultur* cultur* farhangi"),
    ("defense", "defence oboron* defensa difaa difa"),
    ("department", "departament*"),
    ("design", "proekt* diseno tarahi konstruktor* okb skb tskb"),
    ("development", "razvit* rozvit* desarrollo tosee towse*"),
    ("digital", "tsifrov* tsyfrov*"),
    ("directorate", "upravlen* upravlinn* direccion direktsi*"),
    ("east", "eastern vostochn* vostok skhidn* skhid oriente oriental sharq shrq"),
    ("economic", "ekonomi* economic* eghtesad*"),
    ("education", "obrazovat* osvit* educat* educac*"),
    ("electronic", "elektronn* electronic* elektronik radioelektronn* radioelectronic*"),
    ("electric", "elektri* elektro* electri* electro* bargh"),
    ("energy", "energi* enerhi* energet* enerhet* enrji niroo"),
    ("engine", "motor motors motorn* dvigatel* dvigateli dvyhun* dvihatel*"),
    ("engineering", "inzhener* inzhinir* ingenier* mohandes* muhandis*"),
    ("equipment", "oborudovan* obladnann* tajhizat equipo*"),
    ("exchange", "birzh* cambio* srafa sarafi sarrafi hawala houal*"),
    ("experimental", "eksperiment* experiment* opytn* opytno"),
    ("explosive", "vzryvchat* vybukhov* explosiv*"),
    ("export", "eksport* export* saderat"),
    ("federal", "federation federal* federats* federac* fgup fgbu"),
    ("fighting", "mujahid* mqatla muqatil*"),
    ("finance", "finans* financ* maliia mali"),
    ("fishing", "rybn* rybolov* pesca* pesquer*"),
    ("fleet", "flot flota flotu"),
    ("food", "pishchev* kharch* alimento* ghaza*"),
    ("foreign", "vneshn* zovnishn* exterior kharij*"),
    ("foundation", "fond* fundacion fundat* mussa muassas* bonyad fund"),
    ("front", "front* frente jbeha jabh*"),
    ("fuel", "topliv* palyvn* combustible*"),
    ("furniture", "mebel* meblev* mueble*"),
    ("gas", "gazov* gaz gas*"),
    ("general", "obshch* heneral* general* ama amm omumi"),
    ("government", "pravitelstv* uriad* gobierno"),
    ("grain", "zernov* zerno"),
    ("group", "gruppa hrupa grupo groupe gruppe mjmua majmua* goruh jmaa jamaa* gamaa* gruppy"),
    ("guard", "pasdar* pasdaran guardian* gvard*"),
    ("health", "zdorov* zdravookhr* salud"),
    ("heavy", "tiazhel* vazhk* pesad*"),
    ("helicopter", "vertolet* helikopter* helicopter*"),
    ("holding", "kholding* holding*"),
    ("hospital", "bolnits* likarn* bimarestan"),
    ("hotel", "gostinits* otel oteli hoteler*"),
    ("house", "dom budinok casa"),
    ("humanitarian", "gumanitar* humanitar*"),
    ("hydraulic", "gidravlich* hidravlich* hidraulic*"),
    ("import", "import* varedat"),
    ("industry", "industri* promyshl* promyslov* prom sanat sanaye sanayeh snaa"),
    ("information", "inform* informacion ettelaat"),
    ("initiative", "initsiativ* iniciativa"),
    ("innovation", "innovats* innovac* innovative* innovatsii*"),
    ("institute", "institut* muahad pazhuheshgah"),
    ("instrument", "pribor* prylad* instrument*"),
    ("insurance", "strakhov* seguro* bimeh"),
    ("intelligence", "razvedk* razvedyvat* rozvid* inteligencia"),
    ("internal", "interior vnutrenn* vnutrishn* interno*"),
    ("international", "mezhdunarod* mizhnarod* internacional* internatsional* bin_almilali beinolmelali"),
    ("investment", "invest* invers* sarmayeh istithmar"),
    ("islamic", "islam* eslami islamia aslam* aslami*"),
    ("jewelry", "iuvelirn* joyeria*"),
    ("jihad", "dzhikhad* jihad* jahad"),
    ("joint", "sovmestn* spiln* mixta moshtarek"),
    ("justice", "iustits* justicia"),
    ("laboratory", "laborator*"),
    ("laser", "lazern* lazer"),
    ("leasing", "lizing* lizinh*"),
    ("legion", "legion* lehion*"),
    ("liberation", "osvobozhd* vyzvol* liberacion tehrir tahrir"),
    ("logistic", "logisti* lohisti*"),
    ("machine", "mashin* maquin* machin*"),
    ("main", "glavn* holovn* principal"),
    ("management", "menedzhment* management* gestion modiriat"),
    ("marine", "morsk* maritim* marin* bahri darya*"),
    ("market", "rynok rynk* mercado"),
    ("material", "material*"),
    ("measuring", "measurement* izmerit* izmeren* vymiriuv* medicion*"),
    ("meat", "miasn* carne carnes"),
    ("mechanical", "mekhanich* mehanich* mecanic* mechanic*"),
    ("media", "media* mass* ilam rasaneh"),
    ("medical", "meditsin* medychn* medic* pezeshk*"),
    ("metal", "metall* metal* felez*"),
    ("microelectronic", "mikroelektron* microelectron*"),
    ("military", "voenn* viisk* militar* nezami askari"),
    ("mining", "gornodob* hirnych* minera mineria madan* maaden"),
    ("ministry", "ministerstv* ministerio uzara wizarat vezarat"),
    ("missile", "raket* misil* mushak rocket* rakht*"),
    ("movement", "dvizhen* rukh movimiento hrka harakat"),
    ("national", "natsional* nacional* mll* milli melli watani vatani"),
    ("network", "set merezh* red shabak* shbka"),
    ("news", "novost* novyn* noticias khabar*"),
    ("north", "northern sever severn* pivnich* norte shomal shmal"),
    ("nuclear", "iadern* atomn* nuclear* hasteh* atomi"),
    ("office", "kontor* oficina mktb maktab daftar"),
    ("oil", "neft* naft* petrol* petrole* nafti"),
    ("optical", "optich* optik* optico*"),
    ("organization", "organisation organizats* orhanizats* organizacion tnzim tanzim sazman"),
    ("paper", "bumazhn* paper* papelera"),
    ("party", "parti* partido hzb hizb hezb"),
    ("patriotic", "patrioti*"),
    ("people", "narod* pueblo popular* shab khalq"),
    ("pharmaceutical", "farmats* farmaceutic*"),
    ("physics", "fizik* fizich* fisic*"),
    ("pipe", "pipeline* trub trubn* truboprovod* tuberia*"),
    ("plant", "factory fabrik* fabric* factor* karkhaneh zavod* planta usine masna kombinat* zavodu"),
    ("police", "polits* policia shurta*"),
    ("polymer", "polimer*"),
    ("port", "port* puerto bandar"),
    ("power", "sil* potencia ghodrat"),
    ("press", "pechat* prensa"),
    ("production", "manufactur* proizvodstv* vyrobnych* produccion productora tolid* npo npp"),
    ("products", "produkt* productos tolidat"),
    ("project", "proekt* proyecto"),
    ("protection", "zashchit* zakhyst* zakhist* proteccion hefazat"),
    ("public", "obshchestvenn* hromadsk* publichn* public*"),
    ("radar", "radiolokats* radiolokat*"),
    ("radio", "radio* radyo"),
    ("railway", "zheleznodorozhn* zaliznychn* ferrocarril* rahahan"),
    ("real", "nedvizhim* nerukhom* inmobiliaria amlak"),
    ("regional", "regional*"),
    ("repair", "remont* reparac*"),
    ("republic", "respubli* republic* jmhuria jomhuri*"),
    ("revolution", "revolutionar* revoliuts* revolucion* anqlab* inqilab* thaur* enghelab*"),
    ("river", "rechn* richkov*"),
    ("road", "dorozhn* carretera*"),
    ("russian", "rossiisk* rosiisk* rus* ruso rusa russkii vserossiisk*"),
    ("school", "shkol* escuel* madrasa*"),
    (
        "science",
        "research scientif* issledovat* doslidn* nii investigacion* tahghighat* pazhuhesh* tehqiqat* nauk* nauchn* naukov* ciencia* olum tsnii vnii gosnii niip",
    ),
    ("security", "bezopasn* bezpek* bezpek seguridad amn amniat okhrann*"),
    ("semiconductor", "poluprovodnik* napivprovidnyk* semiconductor*"),
    ("service", "sluzhb* servis* servicio* khadamat khadmat"),
    ("ship", "sudno naval* naviera buque kashti* keshti*"),
    ("shipbuilding", "shipyard sudostroit* sudnobudiv* verf astillero* korablestroit* sudoremont* shiprepair*"),
    ("shipping", "sudokhod* sudnoplav* naviera kashtirani keshtirani"),
    ("software", "programmn* prohramn*"),
    ("solution", "reshen* rishenn* solucion*"),
    ("south", "southern iuzhn* pivden* sur jonub jnub"),
    ("space", "kosmich* kosmos cosmic* espacial* faza"),
    ("special", "spetsial* spets especial*"),
    ("sport", "sport* deport* varzesh*"),
    ("state", "gosudarstv* derzhav* estat* estado dula dawla* dolat* dowlat*"),
    ("station", "stants* estacion*"),
    ("steel", "stal* acero* foulad fulad"),
    ("strategic", "strateg* stratehich* estrateg*"),
    ("student", "student* estudiant* daneshju*"),
    ("submarine", "podvodn* pidvodn* submarin*"),
    ("sugar", "sakhar* tsukrov* azucar*"),
    ("supply", "snabzhen* postach* suministr*"),
    ("support", "podderzhk* pidtrymk* apoyo"),
    ("supporters", "ansar* ansr"),
    ("systems", "sistem* system* sistema*"),
    ("tactical", "taktich* taktychn* tactic*"),
    ("tank", "tankov*"),
    ("technical", "tekhnich* tekhnik* technic* technik* tecnic*"),
    ("technology", "tekhnolog* technolog* tecnolog* fanavari fanavar*"),
    ("telecommunication", "telekommunik* telecomunicac* mokhaberat"),
    ("television", "televiz* telebach* television*"),
    ("test", "testing ispytat* vyprobuv* vyprobov* prueba*"),
    ("textile", "tekstil* textil*"),
    ("tractor", "traktor*"),
    ("trade", "trading torgov* torhov* comerci* tijara tjara tejarat bazargani comercializadora"),
    ("training", "uchebn* navchaln* entrenamiento"),
    ("transport", "transport* perevoz* perevezen* haml* naghl"),
    ("travel", "turist* turyst* turism* viaj* gardeshgari tourism*"),
    ("union", "soiuz* spilk* union* ittihad* etehad*"),
    ("united", "obedinenn* obiednan* unido*"),
    ("university", "universit* universid* jamia* daneshgah"),
    ("unmanned", "bespilotn* bezpilotn*"),
    ("veteran", "veteran*"),
    ("volunteer", "dobrovol* volonter* voluntari*"),
    ("warehouse", "sklad sklady skladsk* almacen*"),
    ("water", "vodn* vody agua aguas"),
    ("weapons", "oruzhein* arms armament* zbroi* aslaha"),
    ("west", "western zapadn* zapad zakhidn* zakhid occident* gharb"),
    ("women", "zhensk* zhinoch* mujeres"),
    ("wood", "leso* derev* madera* choob"),
    ("works", "rabot* roboty obras"),
    ("world", "mirov* vsemirn* svitov* mundial*"),
    ("youth", "molodezh* molodizh* juventud"),
];

/// The number of the word that a part in small Latin letters is; none of what is no such word.
pub(crate) fn word(roman: &str) -> Option<u8> {
    if roman.len() < 3 {
        return None;
    }
    let is = |form: &str| match form.strip_suffix('*') {
        Some(stem) => stem.len() >= 3 && roman.starts_with(stem),
        None => roman == form,
    };
    let begin = roman.bytes().next()?;
    let found = FORMS.get(usize::from(begin))?.iter().find(|form| match form {
        Form::English(_, english) => roman == *english || roman.strip_suffix('s') == Some(english),
        Form::Other(_, form) => is(form),
    });
    found.map(|(Form::English(at, _) | Form::Other(at, _))| *at)
}

/// One form of a word, with its number.
enum Form {
    English(u8, &'static str),
    Other(u8, &'static str),
}

/// All forms by their first letter, in the order of their words.
static FORMS: LazyLock<Vec<Vec<Form>>> = LazyLock::new(|| {
    let mut all: Vec<Vec<Form>> = std::iter::repeat_with(Vec::new).take(256).collect();
    let mut add = |form: &str, one: Form| {
        if let Some(same) = form.bytes().next().and_then(|begin| all.get_mut(usize::from(begin))) {
            same.push(one);
        }
    };
    for (number, (english, others)) in (0_u8..).zip(WORDS) {
        add(english, Form::English(number, english));
        for form in others.split(' ') {
            add(form, Form::Other(number, form));
        }
    }
    all
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_in_each_language() {
        for (one, other) in
            [("zavod", "plant"), ("torgovyi", "trading"), ("natsionalnyi", "national"), ("sanaye", "industries")]
        {
            assert!(word(one).is_some() && word(one) == word(other), "{one} {other}");
        }
        assert_eq!(word("smirnova"), None);
    }

    #[test]
    fn every_form_is_the_first_word_that_has_it() {
        for (english, others) in WORDS {
            for form in others
                .split(' ')
                .chain([*english])
                .flat_map(|form| [form.replace('*', ""), form.replace('*', "ski") + "s"])
            {
                let is = |one: &&str| match one.strip_suffix('*') {
                    Some(stem) => stem.len() >= 3 && form.starts_with(stem),
                    None => form == **one,
                };
                let plain = WORDS.iter().position(|(english, others)| {
                    form == *english
                        || form.strip_suffix('s') == Some(*english)
                        || others.split(' ').any(|one| is(&one))
                });
                let plain = plain.filter(|_| form.len() >= 3).and_then(|at| u8::try_from(at).ok());
                assert_eq!(word(&form), plain, "{form}");
            }
        }
    }

    #[test]
    fn no_word_stands_for_two() {
        for (at, (english, _)) in WORDS.iter().enumerate() {
            assert_eq!(word(english), u8::try_from(at).ok(), "{english}");
        }
    }
}
