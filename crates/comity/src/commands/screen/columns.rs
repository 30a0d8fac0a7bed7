//! What stands where in a list, and what is asked of a row.

use std::io;

use anyhow::Context as _;
use comity_node::PersonAsk;
use comity_stix::mrz::Mrz;
use comity_stix::person::PartialDate;
use comity_stix::value::{issuing_state, state_country};

use super::list::{List, ROW_BYTES, Row};
use crate::args::{Cell, ScreenArgs, sex};
use crate::exit::Wrong;

/// Where in a row what stands.
pub(super) struct Columns(Vec<(Cell, usize)>);

/// One row as it is asked.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) ask: PersonAsk,
    /// What stands for it in what is written.
    pub(super) shown: String,
    /// What of it cannot be asked, and why.
    pub(super) left_out: Vec<String>,
    /// Why nothing of it can be asked.
    pub(super) unread: Option<String>,
    /// Whether it holds bytes that are no UTF-8.
    pub(super) is_no_text: bool,
}

/// The first row, where it is not the headings.
pub(super) type First = Option<Row>;

impl Columns {
    /// By numbers from 1, or by the headings of the first row; the first row too, where it is one to be asked. The headings
    /// that nobody asked to be taken for some are told.
    ///
    /// # Errors
    /// When there is no such column, or the list cannot be read.
    pub(super) fn of(command: &ScreenArgs, list: &mut List) -> anyhow::Result<(Self, First, Option<String>)> {
        let first = list.next().context("reading the list")?;
        let cells: Vec<String> = match &first {
            Some(Row::Cells { cells, .. }) => {
                cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
            }
            _ => Vec::new(),
        };
        let place = |(cell, column): &(Cell, String)| place(column, &cells).map(|place| (*cell, place));
        let places: Option<Vec<(Cell, usize)>> =
            command.map.iter().map(|(cell, column)| Some((*cell, number(column)?))).collect();
        let Some(places) = places else {
            if command.header == Some(false) {
                return Err(
                    Wrong("a column is named by its heading, and --header no says that there are none".into()).into()
                );
            }
            return Ok((Self(command.map.iter().map(place).collect::<anyhow::Result<_>>()?), None, None));
        };
        let width = list.width().max(cells.len());
        if let Some((_, beyond)) = places.iter().find(|(_, place)| *place >= width && first.is_some()) {
            return Err(Wrong(format!("there is no column {}: the rows have {width}", beyond + 1)).into());
        }
        let columns = Self(places);
        let is_told = command.header.is_none() && columns.are_headings(&cells);
        let told = is_told
            .then(|| format!("The first row was taken for headings ({}); --header no asks for it.", cells.join(", ")));
        let first = if is_told || command.header == Some(true) { None } else { first };
        Ok((columns, first, told))
    }

    /// Whether cells are headings: where a date, a number or a zone is to be, there is a word, and nothing speaks against it.
    fn are_headings(&self, cells: &[String]) -> bool {
        let signs = self.0.iter().filter_map(|(cell, place)| is_heading(*cell, cells.get(*place)?));
        let signs: Vec<bool> = signs.collect();
        !signs.is_empty() && signs.into_iter().all(|sign| sign)
    }

    /// What is asked of a row.
    pub(super) fn ask(&self, row: &Row, command: &ScreenArgs) -> Asked {
        let Row::Cells { cells, .. } = row else {
            let unread = Some(format!("the row is longer than {} KiB", ROW_BYTES >> 10));
            return Asked { unread, ..Asked::default() };
        };
        let ask = PersonAsk { from: command.from, most: command.limit, ..PersonAsk::default() };
        let mut asked = Asked { ask, ..Asked::default() };
        let mut issuer = None;
        for (cell, place) in &self.0 {
            let Some(bytes) = cells.get(*place).filter(|bytes| !bytes.trim_ascii().is_empty()) else { continue };
            let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
            let Some(text) = text.map(str::trim) else {
                let shown = String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
                return Asked { shown, unread: Some("the row is not UTF-8".into()), is_no_text: true, ..asked };
            };
            match cell {
                Cell::Issuer => issuer = Some(text.to_owned()),
                _ => asked.read(*cell, text),
            }
        }
        if let (Some(document), Some(issuer)) = (&asked.ask.document, issuer)
            && !document.contains(':')
        {
            asked.ask.document = Some(format!("{issuer}:{document}"));
        }
        asked.done()
    }
}

impl Asked {
    /// Reads a cell. What it says that cannot be is left out and told.
    fn read(&mut self, cell: Cell, text: &str) {
        let is_void = is_void(text);
        match cell {
            Cell::Name => self.ask.name = Some(text.to_owned()),
            Cell::Document if !is_void => self.ask.document = Some(text.to_owned()),
            Cell::Zone if !is_void => match Mrz::read_mended(text) {
                Ok(_) => self.ask.zone = Some(text.to_owned()),
                Err(error) => self.left_out.push(format!("mrz: {error}")),
            },
            Cell::Nationality if !is_void => match issuing_state(text) {
                Some(_) => self.ask.nationality = Some(text.to_owned()),
                None => self.left_out.push(format!("nationality: {text:?} is no country's code")),
            },
            Cell::Born if !is_void => match PartialDate::parse(text) {
                Ok(date) => self.ask.born = Some(date),
                Err(error) => self.left_out.push(format!("born: {error}")),
            },
            Cell::Sex if !is_void => match sex(text) {
                Some(sex) => self.ask.sex = Some(sex),
                None => self.left_out.push(format!("sex: {text:?} is neither F nor M")),
            },
            _ => {}
        }
    }

    fn done(mut self) -> Self {
        let ask = &self.ask;
        self.shown = ask.name.clone().or_else(|| ask.document.clone()).or_else(|| ask.zone.clone()).unwrap_or_default();
        if ask.name.is_none() && ask.document.is_none() && ask.zone.is_none() {
            let left_out = std::mem::take(&mut self.left_out);
            let nothing = || "neither a name nor a document stands in it".to_owned();
            self.unread = Some(if left_out.is_empty() { nothing() } else { left_out.join("; ") });
        }
        self
    }

    /// Leaves the document out, where something else can be asked, because it cannot be read.
    pub(super) fn without_document(&mut self, reason: &str) -> bool {
        let is_something = self.ask.name.is_some() || self.ask.zone.is_some();
        if !is_something || self.ask.document.take().is_none() {
            return false;
        }
        self.left_out.push(format!("doc: {reason}"));
        true
    }
}

/// Where a column is, by its heading or its number.
fn place(column: &str, headings: &[String]) -> anyhow::Result<usize> {
    let found = headings.iter().position(|heading| heading.to_lowercase() == column.to_lowercase());
    let found = found.or_else(|| number(column).filter(|place| *place < headings.len()));
    let headings = || headings.join(", ");
    found.ok_or_else(|| Wrong(format!("no column is called {column:?}; the headings are {}", headings())).into())
}

fn number(column: &str) -> Option<usize> {
    column.parse::<usize>().ok()?.checked_sub(1)
}

/// Whether a cell is the heading of what is to be in its column; none where it may be either.
fn is_heading(cell: Cell, text: &str) -> Option<bool> {
    if text.is_empty() || is_void(text) {
        return None;
    }
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    match cell {
        Cell::Born | Cell::Document => Some(!has_digit),
        Cell::Zone => Some(!text.contains('<')),
        Cell::Sex => Some(sex(text).is_none()),
        Cell::Nationality | Cell::Issuer => state_country(text).map(|_| false),
        Cell::Name => NAMES.contains(&text.to_lowercase().as_str()).then_some(true),
    }
}

/// Whether a cell says that nothing is known.
fn is_void(text: &str) -> bool {
    let text = text.trim();
    ["-", "n/a", "none", "null", "unknown", "?"].iter().any(|void| text.eq_ignore_ascii_case(void))
}

/// A row that was passed over before any was asked.
pub(super) fn skip(list: &mut List, first: &mut First, rows: u64) -> io::Result<u64> {
    let mut passed = 0;
    while passed < rows && (first.take().is_some() || list.next()?.is_some()) {
        passed += 1;
    }
    Ok(passed)
}

/// Headings of a column of names.
const NAMES: [&str; 22] = [
    "name",
    "names",
    "full name",
    "full_name",
    "fullname",
    "surname",
    "last name",
    "family name",
    "passenger",
    "passenger name",
    "nom",
    "nom complet",
    "nombre",
    "apellido",
    "apellidos",
    "nimi",
    "perekonnanimi",
    "nachname",
    "фамилия",
    "имя",
    "الاسم",
    "ім'я",
];

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        screen: ScreenArgs,
    }

    fn command(words: &str) -> ScreenArgs {
        Typed::parse_from(format!("screen list.csv {words}").split(' ')).screen
    }

    fn asked(words: &str, text: impl AsRef<[u8]>) -> anyhow::Result<(Vec<Asked>, bool)> {
        let (command, bytes) = (command(words), text.as_ref().to_vec());
        let mut list = List::new(Box::new(Cursor::new(bytes)))?;
        let (columns, first, told) = Columns::of(&command, &mut list)?;
        let rest = std::iter::from_fn(|| list.next().unwrap());
        let rows: Vec<Row> = first.into_iter().chain(rest).collect();
        Ok((rows.iter().map(|row| columns.ask(row, &command)).collect(), told.is_some()))
    }

    #[test]
    fn headings_are_no_person_and_a_person_is_no_heading() {
        for (list, headings) in [
            ("Name,Born,Doc\nJaan Tamm,1984,EST:KB0123456\n", true),
            ("Reisija,Sünniaeg,Dokument\nJaan Tamm,1984,EST:KB0123456\n", true),
            ("Mari Kask,1985-02-03,\nJaan Tamm,1984,EST:KB0123456\n", false),
            ("Mari Kask,unknown,EST:AA0000001\nJaan Tamm,1984,EST:KB0123456\n", false),
            ("Mari Kask,unknown,\nJaan Tamm,1984,EST:KB0123456\n", false),
        ] {
            let (rows, told) = asked("--map name=1,born=2,doc=3", list).unwrap();
            assert_eq!((rows.len(), told), (if headings { 1 } else { 2 }, headings), "{list}");
        }
        let list = "Name,Born,Doc\nJaan Tamm,1984,x\n";
        assert_eq!(asked("--map name=1,born=2 --header no", list).unwrap().0.len(), 2);
        assert_eq!(asked("--map name=1 --header yes", "Mari Kask,x\nJaan Tamm,y\n").unwrap().0.len(), 1);
    }

    #[test]
    fn a_column_that_is_not_there_is_told() {
        let list = "Name,Born,Doc\nJaan Tamm,1984,x\n";
        for (map, why) in [("name=9", "the rows have 3"), ("name=Nom", "no column is called"), ("name=0", "called")] {
            let error = asked(&format!("--map {map}"), list).err().unwrap();
            assert!(error.downcast_ref::<Wrong>().is_some_and(|error| error.0.contains(why)), "{map}: {error}");
        }
        assert_eq!(asked("--map name=NAME,born=2", list).unwrap().0[0].ask.born, PartialDate::parse("1984").ok());
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_told_and_the_rest_is_asked() {
        let list = "Jaan Tamm,31.31.1984,ZZ,Q,xx\n";
        let (rows, _) = asked("--map name=1,born=2,nationality=3,sex=4,mrz=5", list).unwrap();
        let row = &rows[0];
        assert_eq!((row.ask.name.as_deref(), row.ask.born, &row.unread), (Some("Jaan Tamm"), None, &None));
        let what: Vec<&str> = row.left_out.iter().filter_map(|text| text.split(':').next()).collect();
        assert_eq!(what, ["born", "nationality", "sex", "mrz"]);
        let nobody = &asked("--map name=1,born=2", "x,1984\n,soon\n").unwrap().0[1];
        assert!(nobody.unread.as_ref().is_some_and(|reason| reason.starts_with("born")), "{nobody:?}");
    }

    #[test]
    fn what_is_no_text_is_not_guessed() {
        let (rows, _) = asked("--map name=1,born=2", b"M\xfcller,1984,x\nTamm,1985,\xfc\n").unwrap();
        assert_eq!(
            (rows[0].is_no_text, rows[0].unread.is_some(), rows[0].shown.as_str()),
            (true, true, "M\u{fffd}ller")
        );
        assert_eq!((rows[1].is_no_text, &rows[1].unread), (false, &None), "a column that is not asked");
    }

    #[test]
    fn a_document_has_the_state_of_its_column_or_its_own() {
        let list = "KB0123456,EST\nFIN:P:AA1234567,EST\n";
        let (rows, _) = asked("--map doc=1,issuer=2", list).unwrap();
        let documents: Vec<&str> = rows.iter().filter_map(|row| row.ask.document.as_deref()).collect();
        assert_eq!(documents, ["EST:KB0123456", "FIN:P:AA1234567"]);
    }
}
