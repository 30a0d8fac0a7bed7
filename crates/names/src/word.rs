//! Words that organisations are named by, in several languages: what is the same in English is the same word.

use std::sync::LazyLock;

/// Each English word with what it is elsewhere, in the letters that names are read in. A star stands for any ending.
const WORDS: &[(&str, &str)] = &[
    ("academy", "akademi* academia"),
    ("agency", "agent* agencia"),
    ("agricultural", "agro* agricol* selsk* selkhoz* keshavarzi"),
    ("air", "aviation aircompan* airline* airways avia* aviats* aero* aerea* havapeym* havayi"),
    ("army", "armiia armii jish* jaish jaysh lashkar*"),
    ("association", "assotsiats* asotsiats* asociacion associat* obedinenie obiednannia jmiia anjoman"),
    ("automatic", "avtomati* automati*"),
    ("autonomous", "avtonom* autonom*"),
    ("bank", "bank* banco banque bnk msrf"),
    ("brigade", "brigad* batalion bataillon ktiba katib*"),
    ("branch", "filial* sucursal shobe"),
    ("brothers", "brat* hermanos akhuan ikhwan baradaran"),
    ("bureau", "biuro buro byuro"),
    ("center", "centre central* centro tsentr* zentrum mrkz markaz merkez"),
    ("charity", "blagotvor* charit* khairia khairi* khayri*"),
    ("chemical", "khimi* chemi* quimic* shimi* petrokhimi* petroquimic*"),
    ("city", "gorod* misto ciudad shahr"),
    ("children", "detsk* dytiach* ninos"),
    ("club", "klub*"),
    ("committee", "komitet* comite* lajna komiteh"),
    ("commercial", "kommerch* komerts* comercial* commerc* tijari tejari"),
    ("communication", "sviaz* sviazi svyaz* komunikats* kommunikats* comunicac* communicat* ertebatat"),
    ("complex", "kompleks* compound"),
    ("computer", "kompiut* computa* rayaneh"),
    ("construction", "building stroit* budiv* construcc* constructora sakhteman sazan omran"),
    ("consulting", "konsalt* consult*"),
    ("cooperative", "kooperativ* cooperat* taavoni"),
    ("corps", "korpus* sepah spah sipah"),
    ("defense", "defence oboron* defensa difaa difa"),
    ("department", "departament*"),
    ("design", "proekt* diseno tarahi konstruktor*"),
    ("development", "razvit* rozvit* desarrollo tosee towse*"),
    ("directorate", "upravlen* upravlinn* direccion direktsi*"),
    ("education", "obrazovat* osvit* educat* educac*"),
    ("economic", "ekonomi* economic* eghtesad*"),
    ("electronic", "elektronn* electronic* elektronik"),
    ("electric", "elektri* elektro* electri* electro* bargh"),
    ("energy", "energi* enerhi* energet* enerhet* enrji niroo"),
    ("engineering", "inzhener* inzhinir* ingenier* mohandes* muhandis*"),
    ("equipment", "oborudovan* obladnann* tajhizat equipo*"),
    ("exchange", "birzh* cambio* srafa sarafi sarrafi hawala houal*"),
    ("experimental", "eksperiment* experiment* opytn* opytno"),
    ("export", "eksport* export* saderat"),
    ("federal", "federation federal* federats* federac* fgup fgbu"),
    ("fighting", "mujahid* mqatla muqatil*"),
    ("finance", "finans* financ* maliia mali"),
    ("food", "pishchev* kharch* alimento* ghaza*"),
    ("foreign", "vneshn* zovnishn* exterior kharij*"),
    ("foundation", "fond* fundacion fundat* mussa muassas* bonyad"),
    ("front", "front* frente jbha jabh*"),
    ("gas", "gazov* gaz gas*"),
    ("general", "obshch* heneral* general* ama amm omumi"),
    ("guard", "pasdar* pasdaran guardian* gvard*"),
    ("group", "gruppa hrupa grupo groupe gruppe mjmua majmua* goruh jmaa jamaa* gamaa*"),
    ("helicopter", "vertolet* helikopter* helicopter*"),
    ("holding", "kholding* holding*"),
    ("house", "dom budinok casa"),
    ("humanitarian", "gumanitar* humanitar*"),
    ("import", "import* varedat"),
    ("industry", "industri* promyshl* promyslov* prom sanat sanaye sanayeh snaa"),
    ("information", "inform* informacion ettelaat"),
    ("institute", "institut* muahad pazhuheshgah"),
    ("instrument", "pribor* prylad* instrument*"),
    ("insurance", "strakhov* seguro* bimeh"),
    ("international", "mezhdunarod* mizhnarod* internacional* internatsional* bin_almilali beinolmelali"),
    ("investment", "invest* invers* sarmayeh istithmar"),
    ("islamic", "islam* eslami islamia aslam* aslami*"),
    ("jihad", "dzhikhad* jihad* jahad"),
    ("joint", "sovmestn* spiln* mixta moshtarek"),
    ("liberation", "osvobozhd* vyzvol* liberacion thrir tahrir"),
    ("logistic", "logisti* lohisti*"),
    ("machine", "mashin* maquin* machin*"),
    ("management", "menedzhment* management* gestion modiriat"),
    ("marine", "morsk* maritim* marin* bahri darya*"),
    ("main", "glavn* holovn* principal"),
    ("mechanical", "mekhanich* mehanich* mecanic* mechanic*"),
    ("media", "media* mass* ilam rasaneh"),
    ("medical", "meditsin* medychn* medic* pezeshk*"),
    ("metal", "metall* metal* felez*"),
    ("military", "voenn* viisk* militar* nezami askari"),
    ("ministry", "ministerstv* ministerio uzara wizarat vezarat"),
    ("missile", "raket* misil* mushak"),
    ("mining", "gornodob* hirnych* minera mineria madan* maaden"),
    ("movement", "dvizhen* rukh movimiento hrka harakat"),
    ("national", "natsional* nacional* mll* milli melli watani vatani"),
    ("network", "set merezh* red shabak* shbka"),
    ("nuclear", "iadern* atomn* nuclear* hasteh* atomi"),
    ("office", "kontor* oficina mktb maktab daftar"),
    ("oil", "neft* naft* petrol* petrole* nafti"),
    ("optical", "optich* optik* optico*"),
    ("organization", "organisation organizats* orhanizats* organizacion tnzim tanzim sazman"),
    ("party", "parti* partido hzb hizb hezb"),
    ("patriotic", "patrioti*"),
    ("people", "narod* pueblo popular* shab khalq"),
    ("physics", "fizik* fizich* fisic*"),
    ("plant", "factory fabrik* fabric* factor* karkhaneh zavod* planta usine masna"),
    ("police", "polits* policia shurta*"),
    ("port", "port* puerto bandar"),
    ("power", "sil* potencia ghodrat"),
    ("production", "manufactur* proizvodstv* vyrobnych* produccion productora tolid*"),
    ("products", "produkt* productos tolidat"),
    ("project", "proekt* proyecto"),
    ("public", "obshchestvenn* hromadsk* publichn* public*"),
    ("radio", "radio* radyo"),
    ("railway", "zheleznodorozhn* zaliznychn* ferrocarril* rahahan"),
    ("real", "nedvizhim* nerukhom* inmobiliaria amlak"),
    ("regional", "regional*"),
    ("repair", "remont* reparac*"),
    ("republic", "respubli* republic* jmhuria jomhuri*"),
    ("revolution", "revolutionar* revoliuts* revolucion* anqlab* inqilab* thaur* enghelab*"),
    ("russian", "rossiisk* rosiisk* rus* ruso rusa russkii"),
    ("school", "shkol* escuel* madrasa*"),
    (
        "science",
        "research scientif* issledovat* doslidn* nii investigacion* tahghighat* pazhuhesh* thqiqat* nauk* nauchn* naukov* ciencia* olum",
    ),
    ("security", "bezopasn* bezpek* bezpek seguridad amn amniat okhrann*"),
    ("service", "sluzhb* servis* servicio* khadamat khadmat"),
    ("ship", "sudno naval* naviera buque kashti* keshti*"),
    ("shipbuilding", "shipyard sudostroit* sudnobudiv* verf astillero* korablestroit*"),
    ("shipping", "sudokhod* sudnoplav* naviera kashtirani keshtirani"),
    ("special", "spetsial* spets especial*"),
    ("sport", "sport* deport* varzesh*"),
    ("state", "gosudarstv* derzhav* estat* estado dula dawla* dolat* dowlat*"),
    ("steel", "stal* acero* foulad fulad"),
    ("supporters", "ansar* ansr"),
    ("support", "podderzhk* pidtrymk* apoyo"),
    ("systems", "sistem* system* sistema*"),
    ("technical", "tekhnich* tekhnik* technic* technik* tecnic*"),
    ("technology", "tekhnolog* technolog* tecnolog* fanavari fanavar*"),
    ("telecommunication", "telekommunik* telecomunicac* mokhaberat"),
    ("television", "televiz* telebach* television*"),
    ("textile", "tekstil* textil*"),
    ("trade", "trading torgov* torhov* comerci* tijara tjara tejarat bazargani comercializadora"),
    ("training", "uchebn* navchaln* entrenamiento"),
    ("transport", "transport* perevoz* perevezen* haml* naghl"),
    ("travel", "turist* turyst* turism* viaj* gardeshgari tourism*"),
    ("union", "soiuz* spilk* union* ittihad* etehad*"),
    ("united", "obedinenn* obiednan* unido*"),
    ("unmanned", "bespilotn* bezpilotn*"),
    ("university", "universit* universid* jamia* daneshgah"),
    ("weapons", "oruzhein* arms armament* zbroi* aslaha"),
    ("wood", "leso* derev* madera* choob"),
    ("works", "rabot* roboty obras"),
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
