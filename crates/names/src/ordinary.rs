//! The names that many bear anywhere: what is known of names before any is known.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::name::Token;

/// How many ordinary names are taken to stand beside those that are known: so few that they hardly count where many are
/// known, and enough that a common name tells less than a rare one where few are.
pub(crate) const ORDINARY: u32 = 4_000;

/// For each key of a part that is common, how many of the ordinary names bear it.
static COMMON: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (names, bearers) in [(OFTEN, 12), (MOST_OFTEN, 40)] {
        for name in names.split_whitespace() {
            let held = all.entry(Token::of(name).key()).or_insert(bearers);
            *held = bearers.max(*held);
        }
    }
    all
});

/// How many of the ordinary names bear a part with this key.
pub(crate) fn bearers(key: &str) -> u32 {
    COMMON.get(key).copied().unwrap_or_default()
}

/// Every key that is common, with how many of the ordinary names bear it.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, u32)> {
    COMMON.iter().map(|(key, bearers)| (key.as_str(), *bearers))
}

/// Names that about one in a hundred bears where they are at home.
const MOST_OFTEN: &str = "
    muhammad ahmad ali hassan hussein abdullah ibrahim mahmud omar yusuf mustafa khalid fatima khan abd rahman mohammadi
    ivan aleksandr sergei vladimir andrei aleksei dmitri mikhail nikolai elena olga natalia tatiana irina anna maria
    ivanov petrov smirnov aleksandrovich vladimirovich sergeevich nikolaevich ivanovich mikhailovich aleksandrovna
    jose juan carlos luis jesus manuel garcia rodriguez martinez hernandez lopez gonzalez perez sanchez silva santos
    john james robert michael william david mary smith johnson williams brown jones peter thomas paul
    wang li zhang liu chen yang huang zhao wu zhou kim lee park choi jung nguyen tran le pham singh kumar kaur";

/// Names that a few in a thousand bear where they are at home.
const OFTEN: &str = "
    abdul abdel abu hamid karim rashid said saleh salim nasir jamal kamal faisal tariq bilal hamza idris ismail yahya zayd
    hasan hosein reza mehdi javad amir akbar karimi hosseini ahmadi rezaei moradi jafari zahra maryam aisha khadija
    iqbal malik shah begum akhtar hussain butt chaudhry mahmood haider abbas noor gul yilmaz kaya demir celik mehmet
    ayse emine hatice osman murat emre
    oleg igor yuri viktor vasili pavel maksim evgeni anatoli boris roman denis artem ilia konstantin stanislav
    svetlana liudmila galina ekaterina marina valentina nadezhda oksana iulia
    kuznetsov popov vasilev sokolov mikhailov novikov fedorov morozov volkov alekseev lebedev semenov egorov pavlov kozlov
    stepanov nikolaev orlov andreev makarov nikitin zakharov melnik shevchenko kovalenko bondarenko tkachenko kravchenko
    andreevich alekseevich viktorovich petrovich vasilevich iurevich anatolevich dmitrievich olegovich pavlovich
    sergeevna vladimirovna nikolaevna ivanovna mikhailovna viktorovna
    magomed magomedov aliev ibragimov akhmedov mamedov
    francisco antonio miguel pedro jorge fernando alejandro rafael ramon ricardo eduardo roberto mario daniel pablo
    ana carmen rosa isabel teresa ramirez torres flores rivera gomez diaz reyes morales cruz ortiz gutierrez ramos ruiz
    alvarez mendoza castillo jimenez moreno romero herrera medina vargas castro oliveira souza pereira ferreira costa
    joao paulo lucas pedro marcos
    richard charles joseph christopher mark george steven edward brian kevin jason timothy andrew patrick
    patricia jennifer linda elizabeth barbara susan sarah karen anne margaret
    davis miller wilson moore taylor anderson jackson white harris martin thompson clark lewis robinson walker hall
    young king wright scott green baker adams nelson hill campbell mitchell roberts carter phillips evans turner
    hans klaus wolfgang muller schmidt schneider fischer weber meyer wagner becker schulz hoffmann
    jean pierre michel philippe marie dubois durand bernard giuseppe giovanni marco rossi russo ferrari
    jan piotr krzysztof nowak kowalski anna katarzyna jaroslav novak svoboda nagy kovacs toth szabo horvath ion popescu ionescu
    nikola marko petar jovanovic petrovic nikolic markovic georgi dimitar ivanova georgiev dimitrov
    papadopoulos giorgos dimitris konstantinos jaan mari tamm saar mart andres andris janis berzins jonas kazlauskas
    jensen nielsen hansen johansson andersson karlsson olsen larsen korhonen virtanen lars erik anders
    moshe yosef avraham cohen levi mizrahi sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi hiroshi
    xu sun ma zhu hu guo he lin gao luo zheng liang wei ming hong jun yong hua jian xiao ying mei
    kang cho yoon jang lim han shin seo kwon hwang young chul min
    van thi minh duc thanh hoang phan vu dang bui do
    sharma gupta patel verma yadav das reddy rao mohan ram devi krishna suresh rajesh anil sunil vijay
    adamu musa sani usman aliyu chukwu okafor adebayo diallo traore keita coulibaly toure ndiaye diop kamau otieno mwangi
    tesfaye bekele mengistu haile siti budi setiawan santoso nur abdullahi jama warsame farah";
