//! What people are called for short.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Names, and behind the colon what those who bear one of them are called, in the letters that names are read in. Names of one
/// line are not each other: only what one is called for short stands for any of them.
const NAMES: &[&str] = &[
    "aleksandr aleksandra alexander alexandra alexandr alexandre alejandro alejandra alessandro alessandra oleksandr oleksandra aleksander \
     aliaksandr: sasha sascha sacha shura sania sanya sashko sandro sandra alex aleks alik ales oles olesia lesia xander sander sandor alec",
    "aleksei aleksey alexei alexey alexej oleksii oleksiy aliaksei: alesha alyosha alosha aliosha lesha lyosha liosha leha lekha",
    "anatolii anatoly anatoli anatoliy: tolia tolya tolik",
    "andrei andrey andrii andriy andrew andreas andres andre andrej: andriusha andryusha andy drew",
    "anna hanna anne ann: ania anya aniuta anyuta nyura annie anouk anechka",
    "anastasiia anastasia anastasiya: nastia nastya nastasia nastenka stasia",
    "anthony antonio anton antonii antoine: tony tonio toni antosha tonino",
    "arkadii arkady arkadiy: arkasha",
    "barbara varvara: barb babs varia varya basia",
    "benjamin veniamin: ben benny benji venia",
    "boris borys: boria borya borka",
    "catherine katherine katharine kathryn ekaterina yekaterina kateryna katerina katarina katarzyna catalina caterina katrin: katia katya kate katie kathy \
     cathy katiusha katyusha kasia kitty",
    "charles carlos carlo karl: charlie chuck carlitos karlchen",
    "christopher christian christine christina kristina cristina cristian: chris kris topher chrissy",
    "daniel daniil danylo danil daniele: danny dan dani danila dania danya",
    "david davide: dave davey davie dato",
    "dmitrii dmitry dmitri dmitriy dmytro dmitro dimitri dimitrij dzmitry: dima mitia mitya dimon",
    "edward eduard eduardo edoardo: ed eddie eddy ted teddy ned edik",
    "elena yelena olena helena helen helene: lena alena alyona lenochka nelly lenka",
    "elizabeth elisabeth elizaveta yelizaveta isabel isabella: liz lizzie beth betty liza lisa eliza bess elsa",
    "emmanuel manuel immanuel: manny manolo manu",
    "enrique henrique heinrich henry henri enrico: quique kike heinz harry hank rico",
    "evgenii evgeny ievgen ievheniia yevgeny evgeniy yevgeniy yevhen evgeniia yevgeniia yevheniia eugene evgeni jevgeni: zhenia zhenya jenya gene yauhen yauheni iauhen iauhenii",
    "fedor fyodor fiodor theodore teodor fedir: fedia fedya theo teddi",
    "francisco francisca francesco francesca francis frances franz francois: paco pancho curro kiko frank fran frankie franco cisco paca fanny",
    "frederick friedrich frederic federico fredrik: fred freddy freddie fritz fede",
    "galina halyna halina: galia galya halia",
    "gabriel gabriela gabriele gavriil havryil: gabe gabi gavrik",
    "gennadii gennady gennadiy hennadii hennadiy: gena genka",
    "georgii georgy giorgi george georg georgiy heorhii jorge georgios yorgos: zhora gosha gia gogi zhorik egor yegor iurko coque yiorgos",
    "gerald gerard geraldo gerardo: gerry jerry",
    "gregory grigorii grigory hryhorii gregorio grigoriy gregor: greg grisha gregg gricha hrysha",
    "guillermo guglielmo guillaume wilhelm willem william vilhelm: memo willy bill billy will willie liam helmi wim",
    "gustavo gustav gustaf: gus tavo",
    "ignacio ignatius ignacy ignatii: nacho iggy",
    "igor ihor: igorek ihorko",
    "ilia ilya illia ilja: iliusha ilyusha",
    "irina iryna irene: ira irisha irinka",
    "ivan ioann: vania vanya vanechka vaniusha ivanko",
    "jacob jakob yakov iakov yakiv jakub: jake yasha iasha kuba",
    "james jaime jacques: jim jimmy jamie jem",
    "jan johannes johan johann: hans hannes janek jens",
    "jerzy jiri juergen: jurek jirka",
    "jesus: chuy chucho suso",
    "john juan joao jean giovanni: jack johnny jonny juanito gianni nanni",
    "jonathan jonatan: jon nathan",
    "jose joseph josef giuseppe iosif josep yosyp jozef: pepe joe joey jo chepe pepito beppe peppe seppl osia josip pino jozko",
    "konstantin kostiantyn constantine constantin konstantinos: kostia kostya kosta kostas costas kostyk dinos",
    "kenneth: ken kenny",
    "iuliia iulia yulia yuliia julia yuliya: iulka yulka julka yulechka iulechka",
    "ioannis yannis iannis: giannis yiannis",
    "kseniia ksenia ksenya oksana xenia: ksiusha ksyusha ksenka oksanka",
    "lawrence laurence lorenzo lavrentii laurent: larry laurie lavrik enzo",
    "leonid leonidas leonard leonardo: lenia lenya lionia lyonya leo leon lenny len",
    "lev lew: leva lyova liova",
    "liubov lyubov lubov: liuba lyuba luba",
    "liudmila lyudmila ludmila liudmyla: liuda lyuda luda mila liusia lyusya",
    "magdalena madeleine: magda madzia malena",
    "maksim maxim maksym maximilian maksymilian maximiliano: max maks maksik",
    "margaret margarita marharyta margareta marguerite: maggie meg peggy rita margo greta gretel marge",
    "maria mariia mary marie mariya: masha mania manya marusia marusya molly polly mitzi mashenka mariika marichka maruja",
    "marina maryna: marisha marinka",
    "martin martyn marten: marty",
    "matthew matvei matvii matthias mateusz mateo matteo: matt matty motia",
    "michael mikhail mykhailo miguel michel mikhael michal mihail mikhailo mihkel mikael: misha mishka mike mick mickey micky mikey miki misa micha \
     mykhas",
    "nadezhda nadiia nadiya: nadia nadya nadiusha",
    "natalia nataliia natalya nataliya: natasha nata natalka tasha tusia",
    "nikolai nikolay nicholas mykola mikola nikola nicolas nicola mikalai nikolaos nikolaj nikolaus niccolo: kolia kolya nick nicky nico niko nikos klaus \
     kolka",
    "oleg oleh: olezhka olezha",
    "olga olha: olia olya olenka",
    "patrick patricia patricio: pat paddy patty trish",
    "pavel pavlo paul pablo paolo paulo pavle: pasha pavlik pavlusha pashka",
    "peter petr pyotr petro piotr pedro pietro pierre petros: petia petya pete perico pietrek petka pit pierrot",
    "philip phillip filipp felipe philippe filip pylyp: phil pip filia",
    "rafael raphael raffaele: rafa rafi raf",
    "raymond raimundo raimund ramon: ray moncho",
    "richard ricardo riccardo: rick dick ricky rich richie",
    "robert roberto: bob bobby rob robbie robby bert beto",
    "rodion: rodia rodya",
    "roman: roma romka romchik",
    "ronald ronaldo: ron ronnie",
    "samuel samuil samuele: sam sammy",
    "sergei sergey sergii serhii serhiy sergiy serge sergio siarhei sergej: serezha seryozha serioga seriozha serega serhiiko checo",
    "semen semyon simeon simon: senia senya sioma syoma si",
    "sofiia sofia sophia sofya: sonia sonya sofi sophie",
    "stanislav stanislaw: stas stasik staszek",
    "stephen steven stefan stepan esteban etienne: steve stevie steph stiopa stepa",
    "svetlana svitlana: sveta svetik svitlanka lana",
    "tatiana tatyana tetiana tetyana: tania tanya tanechka tata",
    "teresa theresa therese: terry tess tessa tere",
    "thomas tomas tommaso toomas: tom tommy maso",
    "timofei timofey timothy tymofii: tima tim timmy timosha",
    "vadim vadym: vadik",
    "valentin valentina valentyn valentyna: valia valya valik",
    "valerii valery valeriy valeria valeriia: valera lera valerik",
    "vasilii vasily vasiliy vasyl vasil vassily vasile: vasia vasya vaska vasko",
    "viktor victor viktoriia victoria viktoria: vitia vitya vic vika vicky viki tory",
    "vincent vicente vincenzo vikentii: vince vinnie chente",
    "vitalii vitaly vitaliy: vitalik vitalia talik",
    "vladimir volodymyr volodimir wladimir uladzimir vladimer: vova volodia volodya vovka vovan vovchik lado ladi",
    "vladislav wladyslaw vladyslav uladzislau: vlad vladik vladek",
    "viacheslav vyacheslav viatcheslav iaroslav yaroslav sviatoslav: slava slavik slavko slavka",
    "walter valter: wally walt",
    "yuri iurii yurii yury yuriy iurij jurij: yura iura yurik jura iurik yurko",
    "zinaida zinoviy zinovii: zina",
    "abdullah abdullahi: abdo abdou",
    "ibrahim ebrahim abraham avraam: brahim ibro avi abe bram",
    "muhammad mohammed mohamed mehmet muhammed mohammad muhamad mhmd: memet hamada mo moha",
    "mustafa mustapha mostafa: musti mosta",
    "yusuf youssef yousef yusif iusuf: yusup yossi",
    "ekrem mehmed suleyman suleiman sulaiman: sulo sulejko",
    "nino ketevan nikoloz: nika keti keto nik",
    "zurab zviad: zura zuka",
];

/// What a part in small Latin letters is: of which line, and whether it is what somebody is called for short. 0 where it is
/// neither.
pub(crate) fn called(roman: &str) -> u8 {
    LINES.get(roman).copied().unwrap_or_default()
}

/// Whether one of two may be what the other is called for short, or both what one person is.
pub(crate) const fn is_called(one: u8, other: u8) -> bool {
    one != 0 && line(one) == line(other) && (is_short(one) || is_short(other))
}

/// Which line it is of.
pub(crate) const fn line(called: u8) -> u8 {
    called >> 1
}

/// Whether it is what somebody is called for short.
pub(crate) const fn is_short(called: u8) -> bool {
    called & 1 == 1
}

/// Every name, with its line and what it is there.
static LINES: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (names, number) in NAMES.iter().zip(1_u8..) {
        let (full, short) = names.split_once(':').unwrap_or((names, ""));
        for (name, is_short) in
            full.split_whitespace().map(|name| (name, 0)).chain(short.split_whitespace().map(|name| (name, 1)))
        {
            all.entry(name).or_insert(number << 1 | is_short);
        }
    }
    all
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;
    use crate::score::Kind;

    #[test]
    fn one_is_called_what_the_other_is_named_in_either_script() {
        let part = |text: &str| Name::read(text, Kind::Person).tokens[0].called;
        for (one, other) in [
            ("Bill", "William"),
            ("Саша", "Alexander"),
            ("Sasha", "Александра"),
            ("Вова", "Володимир"),
            ("Pepe", "José"),
        ] {
            assert!(is_called(part(one), part(other)), "{one} {other}");
            assert!(is_called(part(other), part(one)), "{other} {one}");
        }
        for (one, other) in [("Alexander", "Alexandra"), ("Bill", "Robert"), ("Tamm", "Kask"), ("Maria", "Mariia")] {
            assert!(!is_called(part(one), part(other)), "{one} {other}");
        }
    }

    #[test]
    fn every_line_has_both_its_number_fits_and_no_name_stands_twice() {
        assert!(NAMES.len() < 127);
        let mut known = std::collections::HashSet::new();
        for line in NAMES {
            let (full, short) = line.split_once(':').unwrap();
            for name in full.split_whitespace().chain(short.split_whitespace()) {
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()) && known.insert(name), "{name}");
            }
            assert!(!full.trim().is_empty() && !short.trim().is_empty(), "{line}");
        }
    }
}
