use std::path::PathBuf;

use clap::Args as ClapArgs;
use comity_node::PersonAsk;
use comity_stix::person::{PartialDate, Sex};
use comity_stix::value::{Values, issuing_state};
use comity_stix::{Kind, ObjectId};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity search \"Jaan Tamm\" --born 1984 --nationality EE
  comity search \"Тамм Яан\"
  comity search --document EST:P:KB0123456
  comity search \"Jaan Tamm\" --born 1984 --open-hit identity--3f6c... --reference \"booth 7\" --why \"at the border\"
  comity search --mrz 'P<ESTTAMM<<JAAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<' 'KB01234568EST8403054M3001019<<<<<<<<<<<<<<04'

Names are found in any script and order. Each result says why, part by part; it is a reason to ask whoever holds it, never a
reason to act. From which probability on names count depends on --purpose: prevention, at a border, is the strictest.")]
pub(crate) struct SearchArgs {
    /// A name, in any script and order.
    #[arg(required_unless_present_any = ["document", "mrz", "make_copy"])]
    pub(crate) name: Vec<String>,
    /// A birth date as far as it is known: 1984-03-05, 1984-03, 1984.
    #[arg(long, value_name = "DATE")]
    born: Option<PartialDate>,
    /// A nationality: EE or EST.
    #[arg(long, value_name = "CC", value_parser = nationality)]
    nationality: Option<String>,
    /// F or M, as documents say it; or female, male.
    #[arg(long, value_parser = said_sex)]
    sex: Option<Sex>,
    /// A document: STATE:TYPE:NUMBER, or STATE:NUMBER for a passport; or another value: plate:EE:123ABC, a phone, an account, a
    /// wallet, a handle.
    #[arg(long, visible_alias = "value", value_name = "DOCUMENT", value_parser = document)]
    document: Option<String>,
    /// A machine-readable zone, each of its lines as one argument.
    #[arg(long, num_args = 1..=3, value_name = "LINE", conflicts_with = "document")]
    mrz: Vec<String>,
    /// From which probability on names count, 0 to 1, instead of what is usual for the purpose.
    #[arg(long, value_name = "PROBABILITY", value_parser = probability)]
    from: Option<f32>,
    /// Most results shown.
    #[arg(long, default_value_t = 10, value_parser = super::at_least_one)]
    limit: usize,
    /// Open a hit of this one of those that are found, so that the bureau checks it; the reason is --why.
    #[arg(long, value_name = "ID", conflicts_with_all = ["copy", "make_copy"])]
    pub(crate) open_hit: Option<ObjectId>,
    /// The hit is silent: its owner is never asked, and nothing that compels may follow.
    #[arg(long, requires = "open_hit")]
    pub(crate) silent: bool,
    /// Where it was, for the hit: a booth, a flight.
    #[arg(long, value_name = "TEXT", requires = "open_hit")]
    pub(crate) reference: Option<String>,
    /// Search a signed copy instead of the node, for where there is no network; needs --key.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) copy: Option<PathBuf>,
    /// The public key of the node that made the copy, as `comity keys` shows it.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Write a signed copy of who is looked for by a notice, and of the register of documents.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "document", "mrz", "copy"])]
    pub(crate) make_copy: Option<PathBuf>,
}

impl SearchArgs {
    pub(crate) fn ask(&self) -> PersonAsk {
        let joined = |parts: &[String], by: &str| (!parts.is_empty()).then(|| parts.join(by));
        PersonAsk {
            name: joined(&self.name, " "),
            born: self.born,
            nationality: self.nationality.clone(),
            sex: self.sex,
            document: self.document.clone(),
            zone: joined(&self.mrz, "\n"),
            from: self.from,
            most: self.limit,
        }
    }
}

/// A sex as documents say it, or in a word.
pub(crate) fn sex(text: &str) -> Option<Sex> {
    match text {
        "F" | "f" => Some(Sex::Female),
        "M" | "m" => Some(Sex::Male),
        "X" | "x" | "<" => Some(Sex::Unspecified),
        other => Sex::parse(&other.to_ascii_lowercase()),
    }
}

fn said_sex(text: &str) -> Result<Sex, String> {
    sex(text).ok_or_else(|| format!("{text:?} is neither F nor M, nor female, male or unspecified"))
}

fn nationality(text: &str) -> Result<String, String> {
    let is_known = issuing_state(text).is_some();
    if is_known { Ok(text.to_owned()) } else { Err(format!("{text:?} is no country; use a code like EE or EST")) }
}

/// A document or another value that is somebody's. What is none is told by what it looks like.
fn document(text: &str) -> Result<String, String> {
    let values = Values::new([0; 32]);
    let whole = if text.matches(':').count() == 1 { text.replacen(':', ":P:", 1) } else { text.to_owned() };
    if values.parse(Kind::TravelDocument, &whole).is_ok() || values.is_read(text) {
        return Ok(text.to_owned());
    }
    let (kind, rest) = looks_like(text);
    let reason = values.parse(kind, if kind == Kind::TravelDocument { &whole } else { rest }).err();
    let reason = reason.map(|error| format!(": {}", error.reason)).unwrap_or_default();
    let how = "write a document like EST:P:KB0123456, another value like plate:EE:123ABC or phone:+3725551234";
    Err(format!("{rest:?} is no {}{reason}; {how}", kind.title()))
}

/// What kind of value a text was meant to be, and the text without the name of its kind.
fn looks_like(text: &str) -> (Kind, &str) {
    let named = text.split_once(':').and_then(|(name, rest)| Some((Kind::from_name(name.trim())?, rest.trim())));
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let at = |place: usize| bare.as_bytes().get(place).copied().unwrap_or_default();
    let is_account = (15..=34).contains(&bare.len())
        && bare.bytes().all(|b| b.is_ascii_alphanumeric())
        && at(0).is_ascii_alphabetic()
        && at(1).is_ascii_alphabetic()
        && at(2).is_ascii_digit()
        && at(3).is_ascii_digit();
    let kind = match bare.as_str() {
        _ if is_account => Kind::Iban,
        bare if bare.starts_with('+') => Kind::Phone,
        bare if bare.contains('@') => Kind::Email,
        bare if bare.len() >= 12 && bare.bytes().all(|b| b.is_ascii_digit()) => Kind::Card,
        _ => Kind::TravelDocument,
    };
    named.unwrap_or((kind, text))
}

fn probability(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| format!("{text:?} is no number from 0 to 1"))
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity screen passengers.csv --map name=1,born=2,doc=3 --out hits.csv
  comity screen crew.tsv --map name=Name,born=\"Date of birth\",nationality=Nat --purpose prevention
  comity screen passengers.csv --map name=1,doc=3 --out more.csv --skip 1200000

Columns are numbers or headings. A document is STATE:TYPE:NUMBER, or a number with the column of its issuer as `issuer`. Rows of which
nothing is known are not written, unless something in them could not be asked: the last column says what. UTF-8 and UTF-16 are
read. When stopped, it says where to go on.")]
pub(crate) struct ScreenArgs {
    /// A table: comma-, semicolon- or tab-separated; `-` for standard input.
    pub(crate) file: PathBuf,
    /// What stands where: name, born, nationality, sex, doc, issuer, mrz.
    #[arg(long, value_name = "WHAT=COLUMN", value_delimiter = ',', required = true, value_parser = mapped)]
    pub(crate) map: Vec<(Cell, String)>,
    /// Whether the first row holds the headings, where columns are numbers: yes or no. Otherwise that is told from the row.
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub(crate) header: Option<bool>,
    /// The table of hits to write; standard output when absent.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Go on after so many rows.
    #[arg(long, default_value_t = 0, value_name = "ROWS")]
    pub(crate) skip: u64,
    /// From which probability on names count, 0 to 1, instead of what is usual for the purpose.
    #[arg(long, value_name = "PROBABILITY", value_parser = probability)]
    pub(crate) from: Option<f32>,
    /// Most results of one row.
    #[arg(long, default_value_t = 3, value_parser = super::at_least_one)]
    pub(crate) limit: usize,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(format!("{other:?} is neither yes nor no")),
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Name,
    Born,
    Nationality,
    Sex,
    Document,
    Issuer,
    Zone,
}

fn mapped(text: &str) -> Result<(Cell, String), String> {
    let (what, column) = text.split_once('=').ok_or_else(|| format!("{text:?} is not WHAT=COLUMN, like name=1"))?;
    let cell = match what.trim() {
        "name" => Cell::Name,
        "born" => Cell::Born,
        "nationality" => Cell::Nationality,
        "sex" => Cell::Sex,
        "doc" => Cell::Document,
        "issuer" => Cell::Issuer,
        "mrz" => Cell::Zone,
        other => return Err(format!("{other:?} is none of name, born, nationality, sex, doc, issuer, mrz")),
    };
    Ok((cell, column.trim().to_owned()))
}
