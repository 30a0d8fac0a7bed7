use std::path::PathBuf;

use clap::Args as ClapArgs;
use comity_node::PersonAsk;
use comity_stix::person::{PartialDate, Sex};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity search \"Jaan Tamm\" --born 1984 --nationality EE
  comity search \"Тамм Яан\"
  comity search --document EST:P:KB0123456
  comity search --mrz 'P<ESTTAMM<<JAAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<' 'KB01234568EST8403054M3001019<<<<<<<<<<<<<<04'

Names are found in any script and order. Each result says why, part by part; it is a reason to ask whoever holds it, never a
reason to act. From which probability on names count depends on --purpose: prevention, at a border, is the strictest.")]
pub(crate) struct SearchArgs {
    /// A name, in any script and order.
    pub(crate) name: Vec<String>,
    /// A birth date as far as it is known: 1984-03-05, 1984-03, 1984.
    #[arg(long, value_name = "DATE")]
    born: Option<PartialDate>,
    /// A nationality: EE or EST.
    #[arg(long, value_name = "CC")]
    nationality: Option<String>,
    /// female or male, as documents say it.
    #[arg(long, value_parser = sex)]
    sex: Option<Sex>,
    /// A document: STATE:TYPE:NUMBER, or STATE:NUMBER for a passport; or another value: plate:EE:123ABC, a phone, an account, a
    /// wallet, a handle.
    #[arg(long, visible_alias = "value", value_name = "DOCUMENT")]
    document: Option<String>,
    /// A machine-readable zone, each of its lines as one argument.
    #[arg(long, num_args = 1..=3, value_name = "LINE", conflicts_with = "document")]
    mrz: Vec<String>,
    /// From which probability on names count, 0 to 1, instead of what is usual for the purpose.
    #[arg(long, value_name = "PROBABILITY", value_parser = probability)]
    from: Option<f32>,
    /// Most results shown.
    #[arg(long, default_value_t = 10)]
    limit: usize,
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

fn sex(text: &str) -> Result<Sex, String> {
    Sex::parse(text).ok_or_else(|| format!("{text:?} is neither female nor male nor unspecified"))
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
nothing is known are not written. When stopped, it says where to go on.")]
pub(crate) struct ScreenArgs {
    /// A table: comma-, semicolon- or tab-separated; `-` for standard input.
    pub(crate) file: PathBuf,
    /// What stands where: name, born, nationality, sex, doc, issuer, mrz.
    #[arg(long, value_name = "WHAT=COLUMN", value_delimiter = ',', required = true, value_parser = mapped)]
    pub(crate) map: Vec<(Cell, String)>,
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
    #[arg(long, default_value_t = 3)]
    pub(crate) limit: usize,
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
