use crate::align::{Alignment, Pair, costs, manner};
use crate::card::{ORGANISATION, ORGANISATION_ACROSS, PERSON, PERSON_ACROSS, PERSON_SOUNDED};
use crate::compare::{COSTS, Measure, Measures, measures};
use crate::ear::Ear;
use crate::name::{Manner, Name};

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person.
    Person,
    /// An organisation, a ship, anything that is no person.
    Organisation,
}

/// How likely two names are of the same, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// From 0 to 1: of pairs of names with this score on the benchmark, so many were of the same. Half of its pairs are; what
    /// is found in a register of many needs the more.
    pub probability: f32,
    /// Parts beside parts, in the order of the first name.
    pub pairs: Vec<Matched>,
    /// Parts of the first that are beside nothing.
    pub left: Vec<String>,
    /// Parts of the second.
    pub left_of_other: Vec<String>,
}

/// Parts of one name beside parts of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// As the one writes them.
    pub one: String,
    /// As the other does.
    pub other: String,
    /// How alike they are, from 0 to 1.
    pub alike: f32,
    /// How much they tell, from 0 to 1: less the more names bear them.
    pub weight: f32,
}

/// How likely two names are of the same, from 0 to 1. The same as [`Score::probability`], without saying why.
pub fn likelihood(one: &Name, other: &Name, kind: Kind) -> f32 {
    probability(points(one, other, kind))
}

/// The same in points, the natural logarithm of the odds: they tell apart what is all but certain too.
pub fn points(one: &Name, other: &Name, kind: Kind) -> f32 {
    worth(&compared(one, other).1, one, other, kind)
}

/// Of all readings of two names ([`Name::readings`]) those that are likest, by their places, and what they are worth in points; none
/// where one has none.
pub fn likest(one: &[Name], other: &[Name], kind: Kind) -> Option<(usize, usize, f32)> {
    let pairs = one.iter().enumerate().flat_map(|(at, one)| other.iter().enumerate().map(move |both| (at, one, both)));
    let worth = pairs.map(|(at, one, (beside, other))| (at, beside, points(one, other, kind)));
    // Of those that are worth the same the first readings count.
    worth.reduce(|best, next| if next.2 > best.2 { next } else { best })
}

/// The probability that points stand for.
pub fn probability(points: f32) -> f32 {
    1.0 / (1.0 + (-points).exp())
}

/// The numbers that a score is made of: for learning what each is worth (`tools/names`).
pub fn numbers(one: &Name, other: &Name) -> Vec<f32> {
    compared(one, other).1.to_vec()
}

/// How the parts of two names lie beside each other, and what stands between them.
fn compared(one: &Name, other: &Name) -> (Alignment, Measures) {
    let ear = Ear::new(costs(manner(one, other), &COSTS));
    let found = Alignment::of(one, other, &ear);
    let measures = measures(one, other, &found, &ear);
    (found, measures)
}

/// The same as [`points`], with what has been heard of their parts, in the room of the last comparison.
pub(crate) fn points_heard(one: &Name, other: &Name, kind: Kind, ear: &Ear<'_>, room: &mut Alignment) -> f32 {
    room.again(one, other, ear);
    worth(&measures(one, other, room, ear), one, other, kind)
}

impl Score {
    /// Compares two names.
    pub fn of(one: &Name, other: &Name, kind: Kind) -> Self {
        let (found, measures) = compared(one, other);
        let probability = probability(worth(&measures, one, other, kind));
        let mut pairs = found.pairs.clone();
        pairs.sort_by_key(|pair| pair.one);
        let matched = |pair: &Pair| Matched {
            one: one.text(pair.one),
            other: other.text(pair.other),
            alike: pair.alike,
            weight: pair.weight,
        };
        let left = |name: &Name, seen: u32| {
            let free = (0..name.tokens.len()).filter(|at| seen & (1 << at) == 0);
            free.map(|at| name.text((at, at + 1))).collect()
        };
        Self {
            probability,
            pairs: pairs.iter().map(matched).collect(),
            left: left(one, found.seen.0),
            left_of_other: left(other, found.seen.1),
        }
    }
}

/// What a name can be worth at most, whatever it is compared with.
pub(crate) fn most_points(name: &Name, kind: Kind) -> f32 {
    match kind {
        Kind::Person => name.weights.iter().sum::<f32>() * name.nats * TOLD + ALL_BEYOND,
        Kind::Organisation => f32::INFINITY,
    }
}

fn worth(measures: &Measures, one: &Name, other: &Name, kind: Kind) -> f32 {
    if one.is_empty() || other.is_empty() {
        return f32::NEG_INFINITY;
    }
    let card = match (kind, one.script() == other.script()) {
        (Kind::Person, true) => &PERSON,
        (Kind::Person, false) if manner(one, other) == Manner::Spelled => &PERSON_ACROSS,
        (Kind::Person, false) => &PERSON_SOUNDED,
        (Kind::Organisation, true) => &ORGANISATION,
        (Kind::Organisation, false) => &ORGANISATION_ACROSS,
    };
    let points = card.terms.iter().map(|(measure, knot, points)| {
        let value = measures.get(*measure as usize).copied().unwrap_or_default();
        (value - knot).max(0.0) * points
    });
    let points = card.start + points.sum::<f32>();
    match kind {
        Kind::Person => {
            let found = measures.get(Measure::Told as usize).copied().unwrap_or_default();
            let most = found * one.nats.max(other.nats) * TOLD;
            points.min(most) + (points - most).max(0.0) * BEYOND
        }
        Kind::Organisation => points,
    }
}

/// What a name of a person is worth at most, of how rare that is which is found again, in natural logarithms: however alike two names
/// are, they are of two people as often as the name is borne, and parts that are less alike are borne far more often than one that
/// is the same ([`Measure::Told`]). The share is one with which many of the listed are found on the benchmark where fewer than one
/// in two thousand travellers is stopped.
const TOLD: f32 = 0.66;
/// The share of points beyond that which counts still, so that of two names which are that much alike the liker one comes first.
const BEYOND: f32 = 0.01;
/// More than all points beyond are worth.
const ALL_BEYOND: f32 = 0.6;

#[cfg(test)]
mod tests {
    use super::*;

    /// A register in which some names are common, as they are anywhere.
    fn register() -> crate::Rarity {
        let mut rarity = crate::Rarity::default();
        let given = ["Mari", "Jaan", "Ekaterina", "Ahmad", "Mahmoud", "Mohammed", "John", "Maria", "Hassan", "Jose"];
        let families =
            ["Kask", "Petrov", "Garcia", "al-Masri", "Smith", "Saar", "Schmidt", "Lopez", "Rossi", "Novak", "Silva"];
        for number in 0..2_000 {
            let family =
                if number % 3 == 0 { format!("Other{number}") } else { families[number % families.len()].to_owned() };
            rarity.add(&Name::read(&format!("{} {family}", given[number % given.len()]), Kind::Person));
        }
        rarity
    }

    fn likely(one: &str, other: &str) -> f32 {
        let (rarity, mut one, mut other) = (register(), Name::read(one, Kind::Person), Name::read(other, Kind::Person));
        rarity.weigh(&mut one);
        rarity.weigh(&mut other);
        likelihood(&one, &other, Kind::Person)
    }

    #[test]
    fn the_same_person_in_other_letters_order_and_spelling_is_likely() {
        for (one, other) in [
            ("Yekaterina Smirnova", "Екатерина Смирнова"),
            ("SMIRNOVA, Ekaterina", "Yekaterina Smirnova"),
            ("Muhammad al-Masri", "Mohamed El Masry"),
            ("محمد المصري", "Mohammed al-Masri"),
            ("Jose Garcia Lopez", "José García López"),
            ("Tamm Mari", "Mari TAMM"),
            ("Dr. Jaan Kask", "Jaan Kask"),
            ("Wolodymyr Kowalenko", "Volodymyr Kovalenko"),
            ("Jurgen Muller", "Jürgen MÜLLER"),
        ] {
            assert!(likely(one, other) > 0.8, "{one} / {other}: {}", likely(one, other));
        }
    }

    #[test]
    fn others_who_share_a_part_are_not() {
        for (one, other) in [
            ("Mari Tamm", "Jaan Tamm"),
            ("Yekaterina Smirnova", "Екатерина Иванова"),
            ("Ahmad Hassan", "Mahmoud Hassan"),
            ("John Smith", "Maria Gonzalez"),
            ("محمد المصري", "Ahmed al-Tikriti"),
        ] {
            // Where one in a hundred pairs of others on the benchmark scores higher.
            assert!(likely(one, other) < 0.8, "{one} / {other}: {}", likely(one, other));
        }
    }

    #[test]
    fn which_name_comes_first_does_not_matter_and_nothing_is_like_nothing() {
        for (one, other) in [
            ("Mari Tamm", "Tamm, M."),
            ("محمد المصري", "Mohammed al-Masri"),
            ("AB Consulting", "ABC"),
            ("", "Mari"),
            ("", ""),
        ] {
            let there = likely(one, other);
            assert!((there - likely(other, one)).abs() < 1e-4, "{one} / {other}");
            assert!((0.0..=1.0).contains(&there));
        }
        assert!(likely("", "") < f32::EPSILON);
    }

    #[test]
    fn a_score_says_which_part_lies_beside_which() {
        let score = Score::of(
            &Name::read("KASK, Jaan Peeter", Kind::Person),
            &Name::read("Yaan Kask", Kind::Person),
            Kind::Person,
        );
        let pairs: Vec<(&str, &str)> = score.pairs.iter().map(|pair| (&*pair.one, &*pair.other)).collect();
        assert_eq!(pairs, [("KASK", "Kask"), ("Jaan", "Yaan")]);
        assert_eq!((score.left, score.left_of_other), (vec!["Peeter".to_owned()], Vec::new()));
    }

    #[test]
    fn what_one_script_writes_together_or_without_vowels_is_the_same_in_another() {
        for (one, other) in [
            ("محمدحسین سپهر", "Mohammad-Hossein Sepehr"),
            ("شمس الدین", "Shamsuddin"),
            ("منوچهر امن اللهي", "Manouchehr Amanollahi"),
            // `h` behind another consonant is a letter of its own.
            ("زهرا سهیلی", "Zahra Soheili"),
            ("רוזה לוי", "Roza Levi"),
            // One letter, said in two ways.
            ("رضا ضیایی", "Reza Ziaei"),
            ("ضياء المصري", "Diya al-Masri"),
            ("عثمان المصري", "Osman al-Masri"),
            ("عثمان المصري", "Othman al-Masri"),
            ("슈나이더 한스", "Hans Schneider"),
            ("Saud Abdullah Alqahtani", "Saud Abdullah al-Qahtani"),
        ] {
            assert!(likely(one, other) > 0.9, "{one} / {other}: {}", likely(one, other));
        }
    }

    #[test]
    fn a_like_given_name_beside_a_common_family_name_is_no_certainty() {
        for (one, other) in [
            ("Рустам Петров", "Ruslan Petrov"),
            ("Rustam Petrov", "Ruslan Petrov"),
            ("Марина Иванова", "Maria Ivanova"),
        ] {
            assert!(likely(one, other) < 0.96, "{one} / {other}: {}", likely(one, other));
        }
    }

    #[test]
    fn what_is_rare_tells_more() {
        let mut rarity = crate::Rarity::default();
        for number in 0..1_000 {
            rarity.add(&Name::read(&format!("Mohammed {}", ["Hassan", "Ali", "Omar"][number % 3]), Kind::Person));
        }
        rarity.add(&Name::read("Ziyad Qarawi", Kind::Person));
        let mut common = Name::read("Mohammed Qarawi", Kind::Person);
        rarity.weigh(&mut common);
        assert!(common.weights[0] < 0.4 && common.weights[1] > 0.9, "{:?}", common.weights);
    }

    const OTHERS: [&str; 8] = [
        "Ekaterina Smirnova",
        "Jürgen Oberhuber",
        "Дмитрий Волков",
        "محمد المصري",
        "דוד לוי",
        "김영수",
        "王小明",
        "ハナ・モリス",
    ];

    #[test]
    fn names_that_share_nothing_are_not_the_same_in_any_script() {
        for one in ["Peter Campbell", "Robert Ferguson Ashby", "Крупский Богдан", "فريد بركات", "ปรีชา", "박기범"]
        {
            for other in OTHERS {
                assert!(likely(one, other) < 0.05, "{one} / {other}: {}", likely(one, other));
            }
        }
    }

    #[test]
    fn a_common_given_name_alone_says_nothing() {
        for one in ["Maria", "Jaan", "John", "Mohammed"] {
            for other in ["Gonzalez", "Tamm", "Carpenter", "al-Qarawi"] {
                let (alone, also) = (format!("{one} {other}"), format!("{one} Wojciechowski"));
                assert!(likely(one, &alone) < 0.5, "{one} / {alone}: {}", likely(one, &alone));
                assert!(likely(&also, &alone) < 0.5, "{also} / {alone}: {}", likely(&also, &alone));
            }
        }
    }

    #[test]
    fn a_part_that_both_have_more_never_makes_them_less_alike() {
        for kind in [Kind::Person, Kind::Organisation] {
            for one in OTHERS {
                for other in ["Yekaterina Smirnova", "Dmitri Wolkow", "Mohammed Masri", "Kim Young-su", "Hannah Morris"]
                {
                    let points = |part: &str| {
                        super::points(
                            &Name::read(&format!("{one} {part}"), Kind::Person),
                            &Name::read(&format!("{other} {part}"), Kind::Person),
                            kind,
                        )
                    };
                    let without = super::points(&Name::read(one, Kind::Person), &Name::read(other, Kind::Person), kind);
                    for part in ["Zubarevich", "Quill", "Tamm"] {
                        assert!(points(part) > without - 0.1, "{one} / {other} / {part}: {without} {}", points(part));
                    }
                }
            }
        }
    }

    #[test]
    fn a_name_of_a_person_is_no_word_of_organisations() {
        for (one, other) in [
            ("Ruslan Petrov", "Rustam Petrov"),
            ("Hasan Gasanov", "Gaspar Gasanov"),
            ("Silva Kask", "Silvester Kask"),
            ("Portnov Jaan", "Portman Jaan"),
            ("Pat Kask", "Group Kask"),
        ] {
            assert!(likely(one, other) < 0.75, "{one} / {other}: {}", likely(one, other));
        }
        assert!(likely("An Jung-geun", "AN Jung geun") > 0.9);
        let organisations = |one, other| {
            let [one, other] = [one, other].map(|name| Name::read(name, Kind::Organisation));
            likelihood(&one, &other, Kind::Organisation)
        };
        assert!(organisations("Туламашзавод завод", "Tulamashzavod Plant") > 0.5);
        let word = |text: &str| Name::read(text, Kind::Organisation).tokens.first().and_then(|token| token.word);
        for (one, other) in [("جبهة", "front"), ("تحرير", "liberacion"), ("تحقیقات", "research")] {
            assert!(word(one).is_some() && word(one) == word(other), "{one} {other}");
        }
    }

    #[test]
    fn where_few_are_known_a_common_name_is_common_still() {
        let mut rarity = crate::Rarity::default();
        for name in ["Jaan Tamm", "Mari Wojciechowski"] {
            rarity.add(&Name::read(name, Kind::Person));
        }
        let weights = |name: &str| {
            let mut name = Name::read(name, Kind::Person);
            rarity.weigh(&mut name);
            name.weights
        };
        let (common, rare) = (weights("Jaan Tamm"), weights("Mari Wojciechowski"));
        assert!(common[1] < 0.8 && rare[1] > common[1] + 0.1, "{common:?} {rare:?}");
    }

    #[test]
    fn names_in_chinese_characters_are_read_as_their_own_people_read_them() {
        let worth = |one: &str, other: &str| {
            let (one, other) = (Name::readings(one, Kind::Person), Name::readings(other, Kind::Person));
            likest(&one, &other, Kind::Person).map(|(_, _, points)| probability(points)).unwrap()
        };
        for (one, other) in [
            ("山田太郎", "Taro Yamada"),
            ("山田太郎", "YAMADA TAROU"),
            ("大野 裕子", "Hiroko Ohno"),
            ("大野 裕子", "ONO YUKO"),
            ("服部 慶一", "Keiichi Hattori"),
            ("高橋みなみ", "Takahashi Minami"),
            ("山田太郎", "Ямада Таро"),
            ("山田太郎", "やまだ たろう"),
            ("王小明", "Wang Xiaoming"),
            ("王小明", "WANG HSIAO-MING"),
            ("張志強", "Chang, Chih-chiang"),
            ("张志强", "CHANG CHIHCHIANG"),
            ("毛泽东", "Mao Tse-tung"),
            ("習近平", "Xi Jinping"),
        ] {
            assert!(worth(one, other) > 0.9, "{one} {other} {}", worth(one, other));
        }
        for (one, other) in [("山田太郎", "Jiro Suzuki"), ("大野 裕子", "Keiko Oda"), ("王小明", "Oda Akira")]
        {
            assert!(worth(one, other) < 0.2, "{one} {other} {}", worth(one, other));
        }
    }

    #[test]
    fn letters_in_a_row_and_what_a_name_is_called_for_short_change_nothing() {
        fn likely(one: &str, other: &str) -> f32 {
            let [one, other] = [one, other].map(|name| Name::read(name, Kind::Organisation));
            likelihood(&one, &other, Kind::Organisation)
        }
        for (one, other) in [
            ("N P C International Ltd", "NPC INTERNATIONAL"),
            ("Y.M.I.", "YMI"),
            ("Yazd Metallurgy Industries (YMI)", "Yazd Metallurgy Industries"),
            ("Acme Trading S.A.C.", "Acme Trading SAC"),
        ] {
            let upper = one.to_uppercase();
            let same = likely(one, &upper);
            assert!(
                likely(one, other) > 0.85 && likely(one, other) <= same + 0.01,
                "{one} {other} {}",
                likely(one, other)
            );
        }
        assert!(likely("B R T International Ltd", "M K D International Ltd") < 0.5);
    }
}
