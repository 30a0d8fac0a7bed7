use crate::score::Kind;

/// What a part of a name is, beside a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tag {
    /// A name.
    Name,
    /// One letter that stands for a name.
    Initial,
    /// `al`, `bin`, `de`, `von`: often left out or written together.
    Particle,
    /// `Mr`, `Sheikh`, `Haji`, ranks.
    Title,
    /// `Ltd`, `OOO`, `S.A.`: what kind of organisation it is.
    Form,
    /// `and`, `of`, `the`.
    Filler,
    /// Only digits.
    Number,
}

impl Tag {
    /// How much such a part tells, beside a name.
    pub(crate) const fn weight(self) -> f32 {
        match self {
            Self::Name => 1.0,
            Self::Number => 0.7,
            Self::Initial => 0.3,
            Self::Form => 0.15,
            Self::Particle => 0.12,
            Self::Title => 0.1,
            Self::Filler => 0.06,
        }
    }

    /// Whether it is looked for by itself.
    pub(crate) const fn is_sought(self) -> bool {
        matches!(self, Self::Name | Self::Number)
    }
}

const PARTICLES: &[&str] = &[
    "al", "el", "ul", "ur", "ud", "ad", "as", "ash", "an", "ar", "at", "az", "il", "bin", "ibn", "ben", "bint", "bent",
    "ould", "wuld", "abu", "abou", "bou", "um", "umm", "de", "del", "della", "di", "da", "do", "dos", "das", "du",
    "des", "la", "le", "las", "los", "van", "von", "der", "den", "ter", "ten", "zu", "af", "av", "y", "e", "i", "bar",
    "mac", "mc", "st", "san", "oglu", "ogly", "kyzy", "qizi", "uulu", "zade", "ap", "dit", "vel", "bid",
];

const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "sir",
    "lord",
    "lady",
    "sheikh",
    "shaykh",
    "shaikh",
    "sheik",
    "cheikh",
    "haji",
    "hajji",
    "hadji",
    "hajj",
    "haj",
    "hadj",
    "mullah",
    "mulla",
    "mawlawi",
    "maulavi",
    "maulvi",
    "molvi",
    "mowlavi",
    "maulana",
    "mawlana",
    "alhaj",
    "alhaji",
    "qari",
    "hafiz",
    "ustad",
    "ustaz",
    "imam",
    "ayatollah",
    "hojjatoleslam",
    "sayyid",
    "seyyed",
    "sayed",
    "syed",
    "said_",
    "gen",
    "general",
    "col",
    "colonel",
    "lt",
    "lieutenant",
    "maj",
    "major",
    "capt",
    "captain",
    "brig",
    "brigadier",
    "sgt",
    "commander",
    "admiral",
    "marshal",
    "ing",
    "eng",
    "engineer",
    "eng",
    "lic",
    "don",
    "dona",
    "hon",
    "rev",
    "fr",
    "father",
    "brother",
    "sister",
    "jr",
    "sr",
    "akhund",
    "agha",
    "aqa",
    "hakim_",
    "senor",
    "senora",
    "sra",
    "herr",
    "frau",
    "monsieur",
    "madame",
    "mme",
    "mlle",
    "president",
    "minister",
];

/// Words of forms that `form` does not make one part of.
const FORMS: &[&str] = &[
    "llp",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "cie",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "sa",
    "sas",
    "sarl",
    "sl",
    "srl",
    "spa",
    "snc",
    "bv",
    "nv",
    "ab",
    "as",
    "oy",
    "oyj",
    "aps",
    "ood",
    "eood",
    "ad",
    "doo",
    "dd",
    "too",
    "up",
    "oaoo",
    "pte",
    "pty",
    "pvt",
    "private",
    "bhd",
    "sdn",
    "kk",
    "kft",
    "zrt",
    "rt",
    "fze",
    "fzc",
    "fzco",
    "fz",
    "dmcc",
    "est",
    "establishment",
    "cia",
    "eirl",
    "cv",
    "rl",
    "de_",
    "sac",
    "saa",
    "scs",
    "sca",
    "holding",
    "holdings",
    "group",
    "gruppa",
    "kompaniya",
    "kompania",
    "compania",
    "obshchestvo",
    "ogranichennoi",
    "otvetstvennostiu",
    "aktsionernoe",
    "public",
    "joint",
    "stock",
    "liability",
    "partnership",
    "partners",
    "foundation_",
    "trust_",
    "enterprise",
    "enterprises",
    "empresa",
    "sociedad",
    "societe",
    "gesellschaft",
    "closed",
    "open",
    "unitary",
    "unitarnoe",
    "otkrytoe",
    "zakrytoe",
    "publichnoe",
    "publichne",
    "aktsionerne",
    "ogranichennoy",
    "otvetstvennostyu",
    "tovarystvo",
    "tovaristvo",
    "obmezhenoiu",
    "vidpovidalnistiu",
    "predpriiatie",
    "predpriyatie",
    "pidpryiemstvo",
    "korporatsiia",
    "korporatsiya",
    "kompaniia",
    "kontsern",
    "concern",
    "shrkt",
    "shrka",
    "sherkat",
    "sharikat",
    "fkp",
    "fgau",
];

const FILLERS: &[&str] = &[
    "and", "of", "the", "for", "et", "und", "y", "&", "a", "in", "na", "de", "dlya", "im", "imeni", "named", "after",
    "an", "on", "to",
];

/// What of these may stand between the names of a person; others are names there.
const BETWEEN: &[&str] = &["and", "of", "the", "for", "et", "und", "&"];

/// What a part in small Latin letters is, in a name of such a kind.
pub(crate) fn tag(roman: &str, kind: Kind) -> Tag {
    if roman.len() == 1 && roman.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Tag::Initial;
    }
    if roman.bytes().all(|b| b.is_ascii_digit()) {
        return Tag::Number;
    }
    let is_organisation = kind == Kind::Organisation;
    if PARTICLES.contains(&roman) {
        Tag::Particle
    } else if TITLES.contains(&roman) {
        Tag::Title
    } else if is_organisation && FORMS.contains(&roman) {
        Tag::Form
    } else if (if is_organisation { FILLERS } else { BETWEEN }).contains(&roman) {
        Tag::Filler
    } else {
        Tag::Name
    }
}
