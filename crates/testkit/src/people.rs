//! Made-up persons and travellers: names put together from what is common in several countries, in their own script and in
//! Latin letters. Nobody real is meant.

use crate::Random;

/// An endless, seeded stream of made-up persons.
#[derive(Clone, Debug)]
pub struct People {
    random: Random,
    number: u64,
}

/// Somebody made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUp {
    /// The name in Latin letters, given names first.
    pub name: String,
    /// The family name in it.
    pub family: String,
    /// The same in their own script, where that is another.
    pub native: Option<String>,
    /// `YYYY-MM-DD`.
    pub born: String,
    /// ISO 3166-1 alpha-2.
    pub nationality: &'static str,
    /// Whether the given name is a man's.
    pub is_male: bool,
    /// A passport number, a different one for each.
    pub passport: String,
}

impl People {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), number: seed.wrapping_mul(100_000_000) }
    }

    fn person(&mut self) -> MadeUp {
        self.number += 1;
        let land = *self.random.pick(LANDS);
        let is_male = self.random.below(3) > 0;
        let given = self.given(land, is_male);
        let family = self.family(land);
        let year = 1945 + self.random.below(62);
        let (month, day) = (1 + self.random.below(12), 1 + self.random.below(28));
        // Spread over all numbers, each once.
        let (letters, digits) = (self.random.bits(), self.number % 100_000_000 * 48_271_001 % 100_000_000);
        let letter = |bits: u64| char::from(b'A' + u8::try_from(bits % 26).unwrap_or(0));
        MadeUp {
            name: format!("{} {}", given.0, family.0),
            family: family.0,
            native: land.has_script.then(|| format!("{} {}", given.1, family.1)),
            born: format!("{year}-{month:02}-{day:02}"),
            nationality: land.code,
            is_male,
            passport: format!("{}{digits:08}", letter(letters)),
        }
    }

    /// One name or two, which Chinese ones are written as one.
    fn given(&mut self, land: Land, is_male: bool) -> (String, String) {
        let all = if is_male { land.men } else { land.women };
        let (one, other) = (self.common(all), self.common(all));
        let is_one = one == other || self.random.below(2) == 0;
        let (first, second) = (if is_one { ("", "") } else { other }, one);
        if land.starts.is_empty() {
            let latin = format!("{}{}", first.0, second.0);
            let capital = latin.get(..1).unwrap_or_default().to_uppercase();
            return (format!("{capital}{}", latin.get(1..).unwrap_or_default()), format!("{}{}", first.1, second.1));
        }
        let joined = |first: &str, second: &str| format!("{first} {second}").trim_start().to_owned();
        (joined(first.0, second.0), joined(first.1, second.1))
    }

    /// One of ten families is of a common name, and every Chinese one; the others are of names that few others bear.
    fn family(&mut self, land: Land) -> (String, String) {
        if land.starts.is_empty() || self.random.below(10) == 0 {
            let one = self.common(land.families);
            return (one.0.to_owned(), one.1.to_owned());
        }
        let mut parts = vec![self.common(land.starts)];
        for _ in 0..=self.random.below(3) {
            parts.extend(land.syllables.map(|letters| self.letter(letters)));
        }
        parts.push(self.common(land.ends));
        (parts.iter().map(|part| part.0).collect(), parts.iter().map(|part| part.1).collect())
    }

    /// One of as many letters of two scripts.
    fn letter(&mut self, (latin, native): (&'static str, &'static str)) -> (&'static str, &'static str) {
        let place = usize::try_from(self.random.below(latin.split(' ').count() as u64)).unwrap_or(0);
        let at = |letters: &'static str| letters.split(' ').nth(place).unwrap_or_default();
        (at(latin), at(native))
    }

    /// One of a list, the first ones far more often.
    fn common(&mut self, all: &'static [(&'static str, &'static str)]) -> (&'static str, &'static str) {
        let (one, other) = (self.random.below(all.len() as u64), self.random.below(all.len() as u64));
        let place = usize::try_from(one.min(other)).unwrap_or(0);
        all.get(place).copied().unwrap_or(("", ""))
    }
}

impl Iterator for People {
    type Item = MadeUp;

    fn next(&mut self) -> Option<MadeUp> {
        Some(self.person())
    }
}

impl MadeUp {
    /// The STIX identity of this person as somebody who is suspected, on one line.
    pub fn identity(&self, random: &mut Random) -> String {
        let (name, born, code, passport) = (&self.name, &self.born, self.nationality, &self.passport);
        let sex = if self.is_male { "male" } else { "female" };
        let native = self
            .native
            .as_ref()
            .map_or_else(String::new, |native| format!(r#",{{"name":"{native}","kind":"spelling"}}"#));
        let mut turned: Vec<&str> = name.split(' ').collect();
        turned.rotate_left(1);
        let turned = turned.join(" ");
        let id = random.uuid();
        format!(
            r#"{{"type":"identity","spec_version":"2.1","id":"identity--{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"{name}","identity_class":"individual","extensions":{{"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b41":{{"extension_type":"property-extension","names":[{{"name":"{name}","kind":"true"}},{{"name":"{turned}","kind":"alias"}}{native}],"births":[{{"date":"{born}"}}],"nationalities":[{{"country":"{code}"}}],"sexes":[{{"sex":"{sex}"}}],"documents":[{{"type":"P","issuer":"{code}","number":"{passport}"}}],"statuses":[{{"status":"suspect"}}]}}}}}}"#
        )
    }
}

type Pairs = &'static [(&'static str, &'static str)];
/// Consonants, then vowels: in Latin letters, and in as many of another script or none.
type Syllables = [(&'static str, &'static str); 2];

#[derive(Clone, Copy, Debug)]
struct Land {
    code: &'static str,
    has_script: bool,
    men: Pairs,
    women: Pairs,
    families: Pairs,
    /// Of what rarer family names are made.
    starts: Pairs,
    ends: Pairs,
    /// What stands between them: syllables of a consonant and a vowel.
    syllables: Syllables,
}

const LATIN: Syllables = [("k t m n r l s v b d g p", ""), ("a e i o u", "")];
const UKRAINIAN: Syllables = [("k t m n r l s v b d g p", "к т м н р л с в б д ґ п"), ("a e y o u", "а е и о у")];
const RUSSIAN: Syllables = [("k t m n r l s v b d g p", "к т м н р л с в б д г п"), ("a e i o u", "а е и о у")];
const ARABIC: Syllables = [("k t m n r l s f b d j z", "ك ت م ن ر ل س ف ب د ج ز"), ("a i u", "ا ي و")];
const GREEK: Syllables = [("k t m n r l s v d g p f", "κ τ μ ν ρ λ σ β δ γ π φ"), ("a e i o ou", "α ε ι ο ου")];
const DEVANAGARI: Syllables = [("k t m n r l s v b d g p", "क त म न र ल स व ब द ग प"), ("a e i o u", "ा े ि ो ु")];

const LANDS: &[Land] = &[
    Land {
        code: "EE",
        has_script: false,
        men: &[
            ("Jaan", ""),
            ("Andres", ""),
            ("Toomas", ""),
            ("Martin", ""),
            ("Rein", ""),
            ("Mart", ""),
            ("Urmas", ""),
            ("Priit", ""),
            ("Kaarel", ""),
            ("Taavi", ""),
        ],
        women: &[
            ("Anne", ""),
            ("Mari", ""),
            ("Kadri", ""),
            ("Tiina", ""),
            ("Liis", ""),
            ("Piret", ""),
            ("Maarja", ""),
            ("Katrin", ""),
        ],
        families: &[
            ("Tamm", ""),
            ("Saar", ""),
            ("Sepp", ""),
            ("Mägi", ""),
            ("Kask", ""),
            ("Kukk", ""),
            ("Rebane", ""),
            ("Ilves", ""),
            ("Pärn", ""),
            ("Koppel", ""),
        ],
        starts: &[
            ("Lepi", ""),
            ("Vaht", ""),
            ("Kuusi", ""),
            ("Raud", ""),
            ("Mets", ""),
            ("Jõe", ""),
            ("Kivi", ""),
            ("Tõnis", ""),
            ("Haav", ""),
            ("Oja", ""),
            ("Pihl", ""),
            ("Soo", ""),
        ],
        ends: &[
            ("ste", ""),
            ("pere", ""),
            ("maa", ""),
            ("salu", ""),
            ("vere", ""),
            ("põld", ""),
            ("mann", ""),
            ("berg", ""),
            ("ots", ""),
            ("la", ""),
        ],
        syllables: LATIN,
    },
    Land {
        code: "UA",
        has_script: true,
        men: &[
            ("Oleksandr", "Олександр"),
            ("Serhii", "Сергій"),
            ("Andrii", "Андрій"),
            ("Volodymyr", "Володимир"),
            ("Mykola", "Микола"),
            ("Ivan", "Іван"),
            ("Dmytro", "Дмитро"),
            ("Taras", "Тарас"),
        ],
        women: &[
            ("Olena", "Олена"),
            ("Natalia", "Наталія"),
            ("Iryna", "Ірина"),
            ("Oksana", "Оксана"),
            ("Yuliia", "Юлія"),
            ("Kateryna", "Катерина"),
        ],
        families: &[
            ("Melnyk", "Мельник"),
            ("Shevchenko", "Шевченко"),
            ("Boiko", "Бойко"),
            ("Kovalenko", "Коваленко"),
            ("Bondarenko", "Бондаренко"),
            ("Tkachenko", "Ткаченко"),
            ("Kravchuk", "Кравчук"),
        ],
        starts: &[
            ("Halu", "Галу"),
            ("Cherno", "Черно"),
            ("Bilo", "Біло"),
            ("Kryvo", "Криво"),
            ("Dovho", "Довго"),
            ("Zhura", "Жура"),
            ("Mosko", "Моско"),
            ("Kyry", "Кири"),
            ("Panko", "Панко"),
            ("Roma", "Рома"),
        ],
        ends: &[
            ("shenko", "шенко"),
            ("vych", "вич"),
            ("liuk", "люк"),
            ("chuk", "чук"),
            ("ienko", "єнко"),
            ("vskyi", "вський"),
            ("ba", "ба"),
            ("nko", "нко"),
        ],
        syllables: UKRAINIAN,
    },
    Land {
        code: "RU",
        has_script: true,
        men: &[
            ("Aleksandr", "Александр"),
            ("Sergey", "Сергей"),
            ("Dmitry", "Дмитрий"),
            ("Andrey", "Андрей"),
            ("Aleksey", "Алексей"),
            ("Yevgeny", "Евгений"),
            ("Mikhail", "Михаил"),
            ("Igor", "Игорь"),
        ],
        women: &[
            ("Yelena", "Елена"),
            ("Olga", "Ольга"),
            ("Tatiana", "Татьяна"),
            ("Anna", "Анна"),
            ("Yekaterina", "Екатерина"),
            ("Svetlana", "Светлана"),
        ],
        families: &[
            ("Ivanov", "Иванов"),
            ("Smirnov", "Смирнов"),
            ("Kuznetsov", "Кузнецов"),
            ("Popov", "Попов"),
            ("Vasilyev", "Васильев"),
            ("Petrov", "Петров"),
            ("Sokolov", "Соколов"),
        ],
        starts: &[
            ("Ros", "Рос"),
            ("Kal", "Кал"),
            ("Ver", "Вер"),
            ("Shch", "Щ"),
            ("Zhel", "Жел"),
            ("Bur", "Бур"),
            ("Tim", "Тим"),
            ("Gor", "Гор"),
            ("Mal", "Мал"),
            ("Ryab", "Ряб"),
        ],
        ends: &[
            ("nov", "нов"),
            ("kov", "ков"),
            ("tsev", "цев"),
            ("shkin", "шкин"),
            ("lin", "лин"),
            ("vsky", "вский"),
            ("rov", "ров"),
            ("gin", "гин"),
        ],
        syllables: RUSSIAN,
    },
    Land {
        code: "EG",
        has_script: true,
        men: &[
            ("Mohamed", "محمد"),
            ("Ahmed", "أحمد"),
            ("Mahmoud", "محمود"),
            ("Mostafa", "مصطفى"),
            ("Ibrahim", "إبراهيم"),
            ("Youssef", "يوسف"),
            ("Khaled", "خالد"),
            ("Tarek", "طارق"),
        ],
        women: &[
            ("Fatma", "فاطمة"),
            ("Mona", "منى"),
            ("Aya", "آية"),
            ("Salma", "سلمى"),
            ("Nour", "نور"),
            ("Hanan", "حنان"),
        ],
        families: &[
            ("Hassan", "حسن"),
            ("Ali", "علي"),
            ("Ibrahim", "إبراهيم"),
            ("Mahmoud", "محمود"),
            ("Salem", "سالم"),
            ("Fathy", "فتحي"),
            ("Mansour", "منصور"),
        ],
        starts: &[
            ("El Sh", "الش"),
            ("El B", "الب"),
            ("El M", "الم"),
            ("El N", "الن"),
            ("El T", "الط"),
            ("El Q", "الق"),
            ("El D", "الد"),
            ("El Z", "الز"),
        ],
        ends: &[
            ("wy", "وي"),
            ("bi", "بي"),
            ("qi", "قي"),
            ("ri", "ري"),
            ("di", "دي"),
            ("wani", "واني"),
            ("ty", "تي"),
            ("mi", "مي"),
        ],
        syllables: ARABIC,
    },
    Land {
        code: "GR",
        has_script: true,
        men: &[
            ("Georgios", "Γεώργιος"),
            ("Konstantinos", "Κωνσταντίνος"),
            ("Ioannis", "Ιωάννης"),
            ("Dimitrios", "Δημήτριος"),
            ("Nikolaos", "Νικόλαος"),
            ("Panagiotis", "Παναγιώτης"),
        ],
        women: &[
            ("Maria", "Μαρία"),
            ("Eleni", "Ελένη"),
            ("Aikaterini", "Αικατερίνη"),
            ("Sofia", "Σοφία"),
            ("Vasiliki", "Βασιλική"),
        ],
        families: &[
            ("Papadopoulos", "Παπαδόπουλος"),
            ("Vlachos", "Βλάχος"),
            ("Angelopoulos", "Αγγελόπουλος"),
            ("Nikolaidis", "Νικολαΐδης"),
            ("Georgiou", "Γεωργίου"),
        ],
        starts: &[
            ("Kara", "Καρα"),
            ("Mavro", "Μαυρο"),
            ("Hatzi", "Χατζη"),
            ("Kalo", "Καλο"),
            ("Stavro", "Σταυρο"),
            ("Delli", "Δελλη"),
            ("Xanth", "Ξανθ"),
            ("Pali", "Παλι"),
        ],
        ends: &[
            ("opoulos", "όπουλος"),
            ("idis", "ίδης"),
            ("akis", "άκης"),
            ("elis", "έλης"),
            ("atos", "άτος"),
            ("ou", "ου"),
        ],
        syllables: GREEK,
    },
    Land {
        code: "ES",
        has_script: false,
        men: &[
            ("Antonio", ""),
            ("José", ""),
            ("Manuel", ""),
            ("Francisco", ""),
            ("David", ""),
            ("Javier", ""),
            ("Daniel", ""),
            ("Carlos", ""),
        ],
        women: &[
            ("María", ""),
            ("Carmen", ""),
            ("Ana", ""),
            ("Isabel", ""),
            ("Laura", ""),
            ("Cristina", ""),
            ("Marta", ""),
        ],
        families: &[
            ("García López", ""),
            ("Martínez", ""),
            ("Sánchez Ruiz", ""),
            ("Pérez", ""),
            ("Gómez", ""),
            ("Fernández Díaz", ""),
            ("Ruiz", ""),
        ],
        starts: &[
            ("Bal", ""),
            ("Cort", ""),
            ("Mor", ""),
            ("Val", ""),
            ("Esc", ""),
            ("Zab", ""),
            ("Itur", ""),
            ("Men", ""),
            ("Sal", ""),
            ("Bar", ""),
        ],
        ends: &[
            ("ledo", ""),
            ("llas", ""),
            ("rriz", ""),
            ("zabal", ""),
            ("rdo", ""),
            ("garay", ""),
            ("ñez", ""),
            ("ndez", ""),
        ],
        syllables: LATIN,
    },
    Land {
        code: "CN",
        has_script: true,
        men: &[
            ("wei", "伟"),
            ("qiang", "强"),
            ("lei", "磊"),
            ("jun", "军"),
            ("yong", "勇"),
            ("jian", "建"),
            ("guo", "国"),
            ("zhi", "志"),
            ("ming", "明"),
            ("hao", "浩"),
            ("ran", "然"),
            ("peng", "鹏"),
            ("chao", "超"),
            ("bo", "波"),
            ("hai", "海"),
            ("long", "龙"),
            ("xin", "新"),
            ("dong", "东"),
            ("kai", "凯"),
            ("feng", "峰"),
        ],
        women: &[
            ("fang", "芳"),
            ("min", "敏"),
            ("jing", "静"),
            ("yan", "燕"),
            ("xiao", "晓"),
            ("li", "丽"),
            ("mei", "美"),
            ("ling", "玲"),
            ("na", "娜"),
            ("xue", "雪"),
            ("hong", "红"),
            ("ting", "婷"),
            ("yun", "云"),
            ("qin", "琴"),
            ("lan", "兰"),
            ("juan", "娟"),
        ],
        families: &[
            ("Wang", "王"),
            ("Li", "李"),
            ("Zhang", "张"),
            ("Liu", "刘"),
            ("Chen", "陈"),
            ("Yang", "杨"),
            ("Huang", "黄"),
            ("Zhao", "赵"),
            ("Wu", "吴"),
            ("Zhou", "周"),
            ("Xu", "徐"),
            ("Sun", "孙"),
            ("Ma", "马"),
            ("Zhu", "朱"),
            ("Hu", "胡"),
            ("Lin", "林"),
            ("Guo", "郭"),
            ("He", "何"),
            ("Gao", "高"),
            ("Luo", "罗"),
            ("Zheng", "郑"),
            ("Liang", "梁"),
            ("Xie", "谢"),
            ("Song", "宋"),
            ("Tang", "唐"),
            ("Deng", "邓"),
            ("Feng", "冯"),
            ("Cao", "曹"),
        ],
        starts: &[],
        ends: &[],
        syllables: [("", ""), ("", "")],
    },
    Land {
        code: "IN",
        has_script: true,
        men: &[
            ("Rahul", "राहुल"),
            ("Amit", "अमित"),
            ("Sanjay", "संजय"),
            ("Vijay", "विजय"),
            ("Rajesh", "राजेश"),
            ("Arjun", "अर्जुन"),
        ],
        women: &[("Priya", "प्रिया"), ("Sunita", "सुनीता"), ("Anjali", "अंजलि"), ("Kavita", "कविता"), ("Neha", "नेहा")],
        families: &[
            ("Sharma", "शर्मा"),
            ("Singh", "सिंह"),
            ("Kumar", "कुमार"),
            ("Gupta", "गुप्ता"),
            ("Verma", "वर्मा"),
            ("Patel", "पटेल"),
        ],
        starts: &[
            ("Ban", "बन"),
            ("Chat", "चट"),
            ("Muk", "मुख"),
            ("Desh", "देश"),
            ("Raj", "राज"),
            ("Bhat", "भट"),
            ("Kul", "कुल"),
        ],
        ends: &[("pande", "पांडे"), ("karni", "कर्णी"), ("war", "वार"), ("nath", "नाथ"), ("kar", "कर"), ("dev", "देव")],
        syllables: DEVANAGARI,
    },
    Land {
        code: "NG",
        has_script: false,
        men: &[
            ("Chinedu", ""),
            ("Emeka", ""),
            ("Ibrahim", ""),
            ("Oluwaseun", ""),
            ("Tunde", ""),
            ("Musa", ""),
            ("Kelechi", ""),
        ],
        women: &[("Ngozi", ""), ("Amina", ""), ("Chioma", ""), ("Folake", ""), ("Blessing", ""), ("Zainab", "")],
        families: &[
            ("Okafor", ""),
            ("Adeyemi", ""),
            ("Bello", ""),
            ("Okonkwo", ""),
            ("Eze", ""),
            ("Balogun", ""),
            ("Abubakar", ""),
        ],
        starts: &[("Ade", ""), ("Olu", ""), ("Chuk", ""), ("Nwa", ""), ("Oke", ""), ("Aki", ""), ("Uche", "")],
        ends: &[("yo", ""), ("le", ""), ("ka", ""), ("emi", ""), ("nwa", ""), ("tola", ""), ("ji", ""), ("de", "")],
        syllables: LATIN,
    },
    Land {
        code: "DE",
        has_script: false,
        men: &[
            ("Thomas", ""),
            ("Michael", ""),
            ("Andreas", ""),
            ("Stefan", ""),
            ("Jürgen", ""),
            ("Lukas", ""),
            ("Jörg", ""),
        ],
        women: &[("Sabine", ""), ("Petra", ""), ("Julia", ""), ("Anja", ""), ("Ursula", ""), ("Käthe", "")],
        families: &[
            ("Müller", ""),
            ("Schmidt", ""),
            ("Schneider", ""),
            ("Fischer", ""),
            ("Weber", ""),
            ("Groß", ""),
            ("von Berg", ""),
        ],
        starts: &[
            ("Hoh", ""),
            ("Stein", ""),
            ("Lang", ""),
            ("Wies", ""),
            ("Rüb", ""),
            ("Brück", ""),
            ("Eich", ""),
            ("Kalt", ""),
            ("Nied", ""),
        ],
        ends: &[
            ("bach", ""),
            ("berg", ""),
            ("mann", ""),
            ("hauser", ""),
            ("feld", ""),
            ("meier", ""),
            ("wald", ""),
            ("hoff", ""),
        ],
        syllables: LATIN,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_people_and_no_two_the_same_passport() {
        let some: Vec<MadeUp> = People::new(7).take(2_000).collect();
        assert_eq!(some, People::new(7).take(2_000).collect::<Vec<_>>());
        let passports: HashSet<&str> = some.iter().map(|one| &one.passport[1..]).collect();
        assert_eq!(passports.len(), 2_000);
        assert!(some.iter().filter(|one| one.native.is_some()).count() > 500);
    }

    #[test]
    fn their_identities_are_persons() {
        let mut random = Random::new(1);
        for one in People::new(1).take(200) {
            let json = one.identity(&mut random);
            let doc = comity_stix::Doc::parse(json.as_bytes(), 16).unwrap();
            let person = comity_stix::person::Person::read(doc.root()).unwrap();
            assert_eq!(person.unread, 0, "{json}");
            assert_eq!(person.births[0].what.date.unwrap().to_string(), one.born);
            let mut findings = Vec::new();
            comity_stix::validate::check(doc.root(), &mut findings);
            assert!(findings.is_empty(), "{findings:?}");
        }
    }
}
