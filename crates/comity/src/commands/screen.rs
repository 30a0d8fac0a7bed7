use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;

use anyhow::{Context as _, bail};
use comity_formats::{TableReader, TableWriter};
use comity_node::{NodeError, PersonAsk, PersonsFound, ScreenedRow};
use comity_stix::person::{PartialDate, Sex};

use crate::args::{Args, Cell, ScreenArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::{Access, Place};
use crate::progress::Steps;

pub(crate) fn run(desk: &Desk, args: &Args, command: &ScreenArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let stop = desk.stop()?;
    let mut table = TableReader::new(input(desk, &command.file)?, ROW_BYTES).context("reading the table")?;
    let columns = Columns::of(command, &mut table)?;
    let mut out = TableWriter::new(output(desk, command.out.as_deref())?);
    out.row(&HEADINGS.map(str::to_owned))?;
    let steps = Steps::new(desk);
    let mut tally = Tally { rows: command.skip, ..Tally::default() };
    for _ in 0..command.skip {
        table.next_row()?;
    }
    while !stop.load(Ordering::Relaxed) {
        let rows = columns.read(&mut table, command)?;
        if rows.is_empty() {
            return done(desk, &mut out, &tally);
        }
        tell(&mut out, &mut tally, rows.len(), screen(&place, &rows)?)?;
        out.flush()?;
        steps.show(tally.rows, tally.rows, "rows");
    }
    out.flush()?;
    desk.note(format_args!("Stopped after {} rows; go on with --skip {}.", grouped(tally.rows), tally.rows));
    Ok(Code::Partly)
}

fn done(desk: &Desk, out: &mut TableWriter<impl Write>, tally: &Tally) -> anyhow::Result<Code> {
    out.flush()?;
    desk.note(format_args!(
        "{} rows asked: something is known of {}; {} could not be read.",
        grouped(tally.rows),
        grouped(tally.known),
        grouped(tally.unread)
    ));
    Ok(if tally.unread > 0 { Code::Partly } else { Code::Done })
}

#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    known: u64,
    unread: u64,
}

/// Where in a row what stands.
struct Columns(Vec<(Cell, usize)>);

impl Columns {
    /// By numbers from 1, or by the headings of the first row.
    fn of(command: &ScreenArgs, table: &mut TableReader<Box<dyn Read>>) -> anyhow::Result<Self> {
        let numbers: Option<Vec<(Cell, usize)>> = command
            .map
            .iter()
            .map(|(cell, column)| Some((*cell, column.parse::<usize>().ok()?.checked_sub(1)?)))
            .collect();
        if let Some(numbers) = numbers {
            return Ok(Self(numbers));
        }
        let headings = table.next_row()?.unwrap_or_default();
        let place = |(cell, column): &(Cell, String)| {
            let found = headings.iter().position(|heading| heading.trim().eq_ignore_ascii_case(column));
            let place = found.or_else(|| column.parse::<usize>().ok()?.checked_sub(1));
            place.map(|place| (*cell, place)).with_context(|| format!("no column is called {column:?}"))
        };
        command.map.iter().map(place).collect::<anyhow::Result<_>>().map(Self)
    }

    /// As many rows as are asked at once.
    fn read(&self, table: &mut TableReader<Box<dyn Read>>, command: &ScreenArgs) -> anyhow::Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(AT_ONCE);
        while rows.len() < AT_ONCE {
            let Some(cells) = table.next_row().context("reading the table")? else { break };
            rows.push(self.ask(&cells, command));
        }
        Ok(rows)
    }

    fn ask(&self, cells: &[String], command: &ScreenArgs) -> Row {
        let mut ask = PersonAsk { from: command.from, most: command.limit, ..PersonAsk::default() };
        let (mut issuer, mut wrong) = (None, None);
        for (cell, place) in &self.0 {
            let Some(text) = cells.get(*place).map(|text| text.trim()).filter(|text| !text.is_empty()) else {
                continue;
            };
            let text = text.to_owned();
            match cell {
                Cell::Name => ask.name = Some(text),
                Cell::Nationality => ask.nationality = Some(text),
                Cell::Document => ask.document = Some(text),
                Cell::Zone => ask.zone = Some(text),
                Cell::Issuer => issuer = Some(text),
                Cell::Born => match PartialDate::parse(&text) {
                    Ok(date) => ask.born = Some(date),
                    Err(error) => wrong = Some(error.to_string()),
                },
                Cell::Sex => ask.sex = sex(&text),
            }
        }
        if let (Some(document), Some(issuer)) = (&ask.document, issuer)
            && !document.contains(':')
        {
            ask.document = Some(format!("{issuer}:{document}"));
        }
        Row { shown: ask.name.clone().or_else(|| ask.document.clone()).unwrap_or_default(), ask, wrong }
    }
}

/// One row as it is asked.
struct Row {
    ask: PersonAsk,
    shown: String,
    wrong: Option<String>,
}

fn sex(text: &str) -> Option<Sex> {
    match text {
        "F" | "f" => Some(Sex::Female),
        "M" | "m" => Some(Sex::Male),
        other => Sex::parse(other),
    }
}

/// What is told of one row: its number, what was asked, and what was found, or why it could not be asked.
type Answer = (usize, String, Result<PersonsFound, String>);

/// Asks all rows, on every core; what was found, by the number of its row.
fn screen(place: &Place, rows: &[Row]) -> anyhow::Result<Vec<Answer>> {
    let asked: Vec<(usize, &Row)> = rows.iter().enumerate().filter(|(_, row)| row.wrong.is_none()).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let part = asked.len().div_ceil(cores).max(1);
    let screen = |some: &[(usize, &Row)]| -> Result<Vec<(usize, ScreenedRow)>, NodeError> {
        let asks: Vec<PersonAsk> = some.iter().map(|(_, row)| row.ask.clone()).collect();
        let found = place.node.screen_persons(&place.ctx, &asks)?;
        Ok(found.into_iter().filter_map(|one| Some((some.get(one.row)?.0, one))).collect())
    };
    let found: Result<Vec<_>, NodeError> = thread::scope(|scope| {
        let running: Vec<_> = asked.chunks(part).map(|some| scope.spawn(move || screen(some))).collect();
        running.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let shown = |number: usize| rows.get(number).map(|row| row.shown.clone()).unwrap_or_default();
    let mut all: Vec<_> =
        found?.into_iter().flatten().map(|(number, one)| (number, shown(number), one.found)).collect();
    let wrong =
        rows.iter().enumerate().filter_map(|(number, row)| Some((number, row.shown.clone(), Err(row.wrong.clone()?))));
    all.extend(wrong);
    all.sort_by_key(|(number, ..)| *number);
    Ok(all)
}

fn tell(out: &mut TableWriter<impl Write>, tally: &mut Tally, rows: usize, found: Vec<Answer>) -> anyhow::Result<()> {
    for (number, shown, found) in found {
        let row = (tally.rows + number as u64 + 1).to_string();
        let found = match found {
            Ok(found) => found,
            Err(reason) => {
                tally.unread += 1;
                out.row(&[row, shown, "not asked".to_owned(), reason])?;
                continue;
            }
        };
        tally.known += 1;
        for person in &found.persons {
            let facts: Vec<&str> = person.why.facts.iter().map(|(code, _)| *code).collect();
            let cells = [person.owner.to_string(), person.id.to_string(), person.name.clone()];
            let probability = format!("{:.3}", person.probability);
            let all = [row.clone(), shown.clone(), "person".to_owned(), probability].into_iter().chain(cells);
            out.row(&all.chain([facts.join(" ")]).collect::<Vec<_>>())?;
        }
        for document in &found.documents {
            let how = if document.exact { "exact" } else { "near" };
            let state = document.listed.map_or("", |listed| listed.state.name());
            let cells = [document.owner.to_string(), document.id.to_string(), document.document.clone()];
            let all = [row.clone(), shown.clone(), "document".to_owned(), how.to_owned()].into_iter().chain(cells);
            out.row(&all.chain([state.to_owned()]).collect::<Vec<_>>())?;
        }
    }
    tally.rows += rows as u64;
    Ok(())
}

fn input(desk: &Desk, path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(desk.input()));
    }
    let file = File::open(desk.path(path)).with_context(|| format!("reading {}", path.display()))?;
    Ok(Box::new(file))
}

fn output<'d>(desk: &'d Desk, path: Option<&Path>) -> anyhow::Result<Box<dyn Write + 'd>> {
    let Some(path) = path else { return Ok(Box::new(BufWriter::new(desk.out()))) };
    let path = desk.path(path);
    if path.exists() {
        bail!("{} is there already; name another file for --out", path.display());
    }
    let file = fs::File::create(&path).with_context(|| format!("writing {}", path.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}

const HEADINGS: [&str; 8] = ["row", "asked", "found", "probability", "owner", "id", "name", "why"];
/// Rows asked at once.
const AT_ONCE: usize = 2_000;
/// Bytes of one row at most.
const ROW_BYTES: usize = 64 << 10;
