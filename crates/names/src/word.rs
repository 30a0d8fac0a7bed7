//! Words that organisations are named by, in several languages: what is the same in English is the same word.

use std::sync::LazyLock;

/// Each English word with what it is elsewhere, in the letters that names are read in. A star stands for any ending.
const WORDS: &[(&str, &str)] = &[
    ("academy", "acad akademi* academia"),
    ("agency", "agent* agencia"),
    ("agricultural", "agri agric agro* agricol* selsk* selkhoz* keshavarzi"),
    (
        "air",
        "aircraft airplane* samolet* litak* avion* aviation aircompan* airline* airways avia* aviats* aero* aerea* havapeym* havayi",
    ),
    ("ammunition", "boepripas* boieprypas* municion*"),
    ("applied", "prikladn* prykladn* aplicad*"),
    ("army", "armiia armii jish* jaish jaysh lashkar*"),
    ("artillery", "artilleri* artyleri* artiller*"),
    ("association", "assoc assn asso assotsiats* asotsiats* asociacion associat* obedinenie obiednannia jmiia anjoman"),
    ("automatic", "avtomati* automati*"),
    ("automobile", "automotive avtomobil* avtomotiv* automobil* automotriz khodro*"),
    ("autonomous", "avtonom* autonom*"),
    ("bank", "bank* banco banque bnk msrf"),
    ("battle", "boev* boiov*"),
    ("branch", "filial* sucursal shobe filii*"),
    ("brigade", "brigad* batalion bataillon ktiba katib*"),
    ("broadcasting", "veshchan* veshchatel* movlenn* radiodifus*"),
    ("brothers", "bros brat* hermanos akhuan ikhwan baradaran"),
    ("bureau", "biuro buro byuro"),
    ("business", "biznes* negocio*"),
    ("capital", "kapital*"),
    ("cargo", "gruzov* vantazh* carga"),
    ("cement", "tsement* cemento siman"),
    ("center", "ctr cntr centre central* centro tsentr* zentrum mrkz markaz merkez"),
    ("charity", "blagotvor* charit* khairia khairi* khayri*"),
    ("chemical", "chem chems khimi* chemi* quimic* shimi* petrokhimi* petroquimic*"),
    ("children", "detsk* dytiach* ninos"),
    ("city", "gorod* misto ciudad shahr"),
    ("clinic", "klinik* clinica"),
    ("club", "klub*"),
    ("coal", "ugoln* vuhiln* carbon*"),
    ("college", "kolledzh* koledzh* colegio"),
    ("commercial", "comml kommerch* komerts* comercial* commerc* tijari tejari"),
    ("committee", "cttee cmte komitet* comite* lajna komiteh"),
    ("communication", "comm comms sviaz* sviazi svyaz* komunikats* kommunikats* comunicac* communicat* ertebatat"),
    ("complex", "kompleks* compound"),
    ("computer", "kompiut* computa* rayaneh"),
    ("construction", "constr const bldg building stroit* budiv* construcc* constructora sakhteman sazan omran"),
    ("consulting", "konsalt* consult*"),
    ("cooperative", "kooperativ* cooperat* taavoni"),
    ("corps", "korpus* sepah spah sipah"),
    ("council", "sovet* consejo shura majlis mjls shuri"),
    ("credit", "kredit* credito"),
    ("culture", "kultur* cultur* farhangi"),
    ("defense", "defence oboron* defensa difaa difa"),
    ("department", "dept departament*"),
    ("design", "proekt* diseno tarahi konstruktor*"),
    ("development", "dev devt razvit* rozvit* desarrollo tosee towse*"),
    ("digital", "tsifrov* tsyfrov*"),
    ("directorate", "upravlen* upravlinn* direccion direktsi*"),
    ("east", "eastern vostochn* vostok skhidn* skhid oriente oriental sharq shrq"),
    ("economic", "ekonomi* economic* eghtesad*"),
    ("education", "obrazovat* osvit* educat* educac*"),
    ("electronic", "elec electr elektronn* electronic* elektronik radioelektronn* radioelectronic*"),
    ("electric", "elect elektri* elektro* electri* electro* bargh"),
    ("energy", "enrgy energi* enerhi* energet* enerhet* enrji niroo"),
    ("engine", "motor motors motorn* dvigatel* dvigateli dvyhun* dvihatel*"),
    ("engineering", "engg engrg inzhener* inzhinir* ingenier* mohandes* muhandis*"),
    ("equipment", "equip eqpt oborudovan* obladnann* tajhizat equipo*"),
    ("exchange", "birzh* cambio* srafa sarafi sarrafi hawala houal*"),
    ("experimental", "eksperiment* experiment* opytn* opytno"),
    ("explosive", "vzryvchat* vybukhov* explosiv*"),
    ("export", "eksport* export* saderat"),
    ("federal", "fed federation federal* federats* federac* fgup fgbu"),
    ("fighting", "mujahid* mqatla muqatil*"),
    ("finance", "fin finans* financ* maliia mali"),
    ("fishing", "rybn* rybolov* pesca* pesquer*"),
    ("fleet", "flot flota flotu"),
    ("food", "pishchev* kharch* alimento* ghaza*"),
    ("foreign", "vneshn* zovnishn* exterior kharij*"),
    ("foundation", "fdn fndn fond* fundacion fundat* mussa muassas* bonyad fund"),
    ("front", "front* frente jbeha jabh*"),
    ("fuel", "topliv* palyvn* combustible*"),
    ("furniture", "mebel* meblev* mueble*"),
    ("gas", "gazov* gaz gas*"),
    ("general", "gen genl obshch* heneral* general* ama amm omumi"),
    ("government", "govt gov pravitelstv* uriad* gobierno"),
    ("grain", "zernov* zerno"),
    ("group", "gruppa hrupa grupo groupe gruppe mjmua majmua* goruh jmaa jamaa* gamaa* gruppy"),
    ("guard", "pasdar* pasdaran guardian* gvard*"),
    ("health", "zdorov* zdravookhr* salud"),
    ("heavy", "tiazhel* vazhk* pesad*"),
    ("helicopter", "vertolet* helikopter* helicopter*"),
    ("holding", "kholding* holding*"),
    ("hospital", "hosp bolnits* likarn* bimarestan"),
    ("hotel", "gostinits* otel oteli hoteler*"),
    ("house", "dom budinok casa"),
    ("humanitarian", "gumanitar* humanitar*"),
    ("hydraulic", "gidravlich* hidravlich* hidraulic*"),
    ("import", "import* varedat"),
    ("industry", "ind inds industri* promyshl* promyslov* prom sanat sanaye sanayeh snaa"),
    ("information", "info inform* informacion ettelaat"),
    ("initiative", "initsiativ* iniciativa"),
    ("innovation", "innovats* innovac* innovative* innovatsii*"),
    ("institute", "inst institut* muahad pazhuheshgah"),
    ("instrument", "pribor* prylad* instrument*"),
    ("insurance", "ins insur strakhov* seguro* bimeh"),
    ("intelligence", "razvedk* razvedyvat* rozvid* inteligencia"),
    ("internal", "interior vnutrenn* vnutrishn* interno*"),
    ("international", "intl int mezhdunarod* mizhnarod* internacional* internatsional* bin_almilali beinolmelali"),
    ("investment", "inv invt invest* invers* sarmayeh istithmar"),
    ("islamic", "islam* eslami islamia aslam* aslami*"),
    ("jewelry", "iuvelirn* joyeria*"),
    ("jihad", "dzhikhad* jihad* jahad"),
    ("joint", "sovmestn* spiln* mixta moshtarek"),
    ("justice", "iustits* justicia"),
    ("laboratory", "lab labs laborator*"),
    ("laser", "lazern* lazer"),
    ("leasing", "lizing* lizinh*"),
    ("legion", "legion* lehion*"),
    ("liberation", "osvobozhd* vyzvol* liberacion tehrir tahrir"),
    ("logistic", "logist logisti* lohisti*"),
    ("machine", "mach mashin* maquin* machin*"),
    ("main", "glavn* holovn* principal"),
    ("management", "mgmt mgt mngt menedzhment* management* gestion modiriat"),
    ("marine", "morsk* maritim* marin* bahri darya*"),
    ("market", "rynok rynk* mercado"),
    ("material", "matls material*"),
    ("measuring", "measurement* izmerit* izmeren* vymiriuv* medicion*"),
    ("meat", "miasn* carne carnes"),
    ("mechanical", "mech mekhanich* mehanich* mecanic* mechanic*"),
    ("media", "media* mass* ilam rasaneh"),
    ("medical", "meditsin* medychn* medic* pezeshk*"),
    ("metal", "metall* metal* felez*"),
    ("microelectronic", "mikroelektron* microelectron*"),
    ("military", "mil voenn* viisk* militar* nezami askari"),
    ("mining", "gornodob* hirnych* minera mineria madan* maaden"),
    ("ministry", "min ministerstv* ministerio uzara wizarat vezarat"),
    ("missile", "raket* misil* mushak rocket* rakht*"),
    ("movement", "dvizhen* rukh movimiento hrka harakat"),
    ("national", "natl nat natsional* nacional* mll* milli melli watani vatani"),
    ("network", "set merezh* red shabak* shbka"),
    ("news", "novost* novyn* noticias khabar*"),
    ("north", "northern sever severn* pivnich* norte shomal shmal"),
    ("nuclear", "iadern* atomn* nuclear* hasteh* atomi"),
    ("office", "kontor* oficina mktb maktab daftar"),
    ("oil", "neft* naft* petrol* petrole* nafti"),
    ("optical", "optich* optik* optico*"),
    ("organization", "org orgn organisation organizats* orhanizats* organizacion tnzim tanzim sazman"),
    ("paper", "bumazhn* paper* papelera"),
    ("party", "parti* partido hzb hizb hezb"),
    ("patriotic", "patrioti*"),
    ("people", "narod* pueblo popular* shab khalq"),
    ("pharmaceutical", "pharma pharm farmats* farmaceutic*"),
    ("physics", "fizik* fizich* fisic*"),
    ("pipe", "pipeline* trub trubn* truboprovod* tuberia*"),
    ("plant", "factory fabrik* fabric* factor* karkhaneh zavod* planta usine masna kombinat* zavodu"),
    ("police", "polits* policia shurta*"),
    ("polymer", "polimer*"),
    ("port", "port* puerto bandar"),
    ("power", "sil* potencia ghodrat"),
    ("press", "pechat* prensa"),
    ("production", "mfg prod manufactur* proizvodstv* vyrobnych* produccion productora tolid*"),
    ("products", "prods produkt* productos tolidat"),
    ("project", "proekt* proyecto"),
    ("protection", "zashchit* zakhyst* zakhist* proteccion hefazat"),
    ("public", "obshchestvenn* hromadsk* publichn* public*"),
    ("radar", "radiolokats* radiolokat*"),
    ("radio", "radio* radyo"),
    ("railway", "zheleznodorozhn* zaliznychn* ferrocarril* rahahan"),
    ("real", "nedvizhim* nerukhom* inmobiliaria amlak"),
    ("regional", "regional*"),
    ("repair", "remont* reparac*"),
    ("republic", "rep respubli* republic* jmhuria jomhuri*"),
    ("revolution", "revolutionar* revoliuts* revolucion* anqlab* inqilab* thaur* enghelab*"),
    ("river", "rechn* richkov*"),
    ("road", "dorozhn* carretera*"),
    ("russian", "rossiisk* rosiisk* rus* ruso rusa russkii vserossiisk*"),
    ("school", "shkol* escuel* madrasa*"),
    (
        "science",
        "sci rsch research scientif* issledovat* doslidn* investigacion* tahghighat* pazhuhesh* tehqiqat* nauk* nauchn* naukov* ciencia* olum niip",
    ),
    ("security", "secur sec bezopasn* bezpek* bezpek seguridad amn amniat okhrann*"),
    ("semiconductor", "poluprovodnik* napivprovidnyk* semiconductor*"),
    ("service", "svc svcs svs sluzhb* servis* servicio* khadamat khadmat"),
    ("ship", "sudno naval* naviera buque kashti* keshti*"),
    ("shipbuilding", "shipyard sudostroit* sudnobudiv* verf astillero* korablestroit* sudoremont* shiprepair*"),
    ("shipping", "shp shpg shpng sudokhod* sudnoplav* naviera kashtirani keshtirani"),
    ("software", "programmn* prohramn*"),
    ("solution", "solns reshen* rishenn* solucion*"),
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
    ("systems", "sys syst sistem* system* sistema*"),
    ("tactical", "taktich* taktychn* tactic*"),
    ("tank", "tankov*"),
    ("technical", "techn tekhnich* tekhnik* technic* technik* tecnic*"),
    ("technology", "tech tekhnolog* technolog* tecnolog* fanavari fanavar*"),
    ("telecommunication", "telecom telecoms telekommunik* telecomunicac* mokhaberat"),
    ("television", "televiz* telebach* television*"),
    ("test", "testing ispytat* vyprobuv* vyprobov* prueba*"),
    ("textile", "tekstil* textil*"),
    ("tractor", "traktor*"),
    ("trade", "trdg trading torgov* torhov* comerci* tijara tjara tejarat bazargani comercializadora"),
    ("training", "uchebn* navchaln* entrenamiento"),
    ("transport", "trans transp transport* perevoz* perevezen* haml* naghl"),
    ("travel", "turist* turyst* turism* viaj* gardeshgari tourism*"),
    ("union", "soiuz* spilk* union* ittihad* etehad*"),
    ("united", "obedinenn* obiednan* unido*"),
    ("university", "univ universit* universid* jamia* daneshgah"),
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
    let softened = || softened(roman).and_then(|soft| form(&soft));
    if roman.len() < 3 { None } else { form(roman).or_else(softened) }
}

fn form(roman: &str) -> Option<u8> {
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

/// As Russian is written with `ia` and `iu`, which others write with a `y`: `yuzhnyi`, `tyazhelyi`.
fn softened(roman: &str) -> Option<String> {
    let is_other = ["ya", "yu", "yo"].iter().any(|pair| roman.contains(pair));
    is_other.then(|| roman.replace("ya", "ia").replace("yu", "iu").replace("yo", "io"))
}

/// What a word begins with in Russian, which names its organisations by first letters: a few where it is said in several ways.
pub(crate) fn begins_in_russian(word: u8) -> &'static [&'static str] {
    BEGINS.get(usize::from(word)).copied().unwrap_or_default()
}

/// What the words begin with in Russian, those of one line with the same.
const RUSSIAN: &[(&[&str], &str)] = &[
    (&["a"], "academy agency agricultural air artillery association automatic automobile autonomous"),
    (&["b"], "ammunition bank battle paper bureau security unmanned"),
    (&["v"], "helicopter military water"),
    (&["g"], "city gas government group main mining state"),
    (&["d"], "house road"),
    (&["d", "m"], "engine"),
    (&["z"], "protection west"),
    (&["z", "k", "f"], "plant"),
    (&["zh"], "railway"),
    (&["i"], "information innovation institute investment measuring test"),
    (&["i", "t"], "engineering"),
    (&["k"], "club college commercial committee complex computer culture space"),
    (&["k", "p"], "design"),
    (&["l"], "laboratory laser"),
    (&["m"], "machine marine mechanical medical metal microelectronic ministry international"),
    (&["n"], "national oil"),
    (&["n", "i"], "science"),
    (&["o"], "defense equipment optical organization united"),
    (&["o", "e"], "experimental"),
    (&["p"], "applied food industry instrument patriotic port production project semiconductor"),
    (&["r"], "development missile radar radio repair russian"),
    (&["s"], "construction north service shipbuilding special steel systems union"),
    (&["s", "k"], "communication"),
    (&["t"], "technical technology telecommunication trade transport"),
    (&["ts"], "center"),
    (&["u"], "university"),
    (&["u", "o"], "training education"),
    (&["f"], "federal finance foundation physics"),
    (&["kh"], "chemical"),
    (&["e"], "economic electric electronic energy"),
    (&["iu"], "south"),
    (&["ia"], "nuclear"),
];

static BEGINS: LazyLock<Vec<&'static [&'static str]>> = LazyLock::new(|| {
    let of = |english: &str| RUSSIAN.iter().find(|(_, words)| words.split(' ').any(|word| word == english));
    WORDS.iter().map(|(english, _)| of(english).map_or(&[] as &[&str], |(begins, _)| begins)).collect()
});

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
        for (one, other) in [
            ("zavod", "plant"),
            ("yuzhnyi", "south"),
            ("torgovyi", "trading"),
            ("natsionalnyi", "national"),
            ("sanaye", "industries"),
        ] {
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
                assert_eq!(super::form(&form).filter(|_| form.len() >= 3), plain, "{form}");
            }
        }
    }

    #[test]
    fn what_begins_in_russian_is_a_word() {
        for (_, words) in RUSSIAN {
            for english in words.split(' ') {
                assert!(WORDS.iter().any(|(word, _)| *word == english), "{english}");
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
