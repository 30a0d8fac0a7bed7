mod cells;
mod columns;
mod list;
mod told;
mod utf16;

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;

use anyhow::{Context as _, bail};
use comity_formats::TableWriter;
use comity_node::{NodeError, PersonAsk, PersonsFound, ScreenedRow};

use crate::args::{Args, ScreenArgs};
use crate::desk::Desk;
use crate::exit::{Code, Wrong};
use crate::output::grouped;
use crate::place::{Access, Place};
use crate::progress::Steps;

use columns::{Asked, Columns, First, skip};
use list::{List, Row};
use told::{HEADINGS, tell};

pub(crate) fn run(desk: &Desk, args: &Args, command: &ScreenArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let stop = desk.stop()?;
    let mut list = List::new(input(desk, &command.file)?).context("reading the list")?;
    let (columns, mut first, told) = Columns::of(command, &mut list)?;
    if let Some(told) = told {
        desk.note(told);
    }
    let passed = skip(&mut list, &mut first, command.skip).context("reading the list")?;
    if passed < command.skip {
        let rows = grouped(passed);
        return Err(Wrong(format!("--skip {} is beyond the end: the list has {rows} rows", command.skip)).into());
    }
    let mut out = TableWriter::new(output(desk, command.out.as_deref())?);
    out.row(&HEADINGS.map(str::to_owned))?;
    let steps = Steps::new(desk);
    let mut tally = Tally { rows: command.skip, ..Tally::default() };
    while !stop.load(Ordering::Relaxed) {
        let mut rows = next(&columns, (&mut list, &mut first), command, &mut tally)?;
        if rows.is_empty() {
            return done(desk, &mut out, &tally);
        }
        let found = screen(&place, &mut rows)?;
        tell(&mut out, &mut tally, &rows, found)?;
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
        "{} rows asked: something is known of {}; {} could not be read, of {} a part was left out.",
        grouped(tally.rows),
        grouped(tally.known),
        grouped(tally.unread),
        grouped(tally.in_part)
    ));
    if tally.no_text > 0 {
        desk.note(format_args!(
            "not UTF-8: {} rows. Save the list as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 LIST",
            grouped(tally.no_text)
        ));
    }
    if let (Some(row), odd) = tally.odd {
        desk.note(format_args!(
            "{} rows have quotation marks that do not pair, and were read as they stand; the first is row {row}.",
            grouped(odd)
        ));
    }
    if let (Some(row), several) = tally.several {
        desk.note(format_args!(
            "{} rows go over several lines, as what stands in quotation marks may; the first is row {row}.",
            grouped(several)
        ));
    }
    Ok(if tally.unread > 0 || tally.in_part > 0 { Code::Partly } else { Code::Done })
}

/// What was asked, counted.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    known: u64,
    unread: u64,
    /// Of which a part could not be asked.
    in_part: u64,
    no_text: u64,
    /// The first row whose quotation marks do not pair, and how many there are.
    odd: (Option<u64>, u64),
    /// The first row of several lines, and how many there are.
    several: (Option<u64>, u64),
}

/// As many rows as are asked at once.
fn next(
    columns: &Columns,
    (list, first): (&mut List, &mut First),
    command: &ScreenArgs,
    tally: &mut Tally,
) -> anyhow::Result<Vec<Asked>> {
    let mut rows = Vec::with_capacity(AT_ONCE);
    while rows.len() < AT_ONCE {
        let row = match first.take() {
            Some(row) => Some(row),
            None => list.next().context("reading the list")?,
        };
        let Some(row) = row else { break };
        let number = tally.rows + rows.len() as u64 + 1;
        if let Row::Cells { lines, is_odd, .. } = &row {
            count(&mut tally.odd, number, *is_odd);
            count(&mut tally.several, number, *lines > 1);
        }
        rows.push(columns.ask(&row, command));
    }
    Ok(rows)
}

fn count((first, all): &mut (Option<u64>, u64), row: u64, is_one: bool) {
    if is_one {
        first.get_or_insert(row);
        *all += 1;
    }
}

/// What was found for a row, by its place; or why it could not be asked.
type Answer = (usize, Result<PersonsFound, String>);

/// Asks all rows. A row that the node refuses for its document is asked without it.
fn screen(place: &Place, rows: &mut [Asked]) -> anyhow::Result<Vec<Answer>> {
    let all: Vec<usize> = (0..rows.len()).collect();
    let mut found = ask(place, rows, &all)?;
    let mut again = Vec::new();
    found.retain(|(number, answer)| {
        let (Err(reason), Some(row)) = (answer, rows.get_mut(*number)) else { return true };
        let is_again = row.without_document(reason);
        again.extend(is_again.then_some(*number));
        !is_again
    });
    found.extend(ask(place, rows, &again)?);
    let is_told = |number: usize, found: &[Answer]| found.iter().any(|(one, _)| *one == number);
    for (number, row) in rows.iter().enumerate() {
        if let Some(reason) = &row.unread {
            found.push((number, Err(reason.clone())));
        } else if !row.left_out.is_empty() && !is_told(number, &found) {
            found.push((number, Ok(PersonsFound::default())));
        }
    }
    found.sort_by_key(|(number, _)| *number);
    Ok(found)
}

/// Asks some of the rows, on every core.
fn ask(place: &Place, rows: &[Asked], some: &[usize]) -> anyhow::Result<Vec<Answer>> {
    let asked: Vec<(usize, &PersonAsk)> = some
        .iter()
        .filter_map(|number| rows.get(*number).filter(|row| row.unread.is_none()).map(|row| (*number, &row.ask)))
        .collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let part = asked.len().div_ceil(cores).max(1);
    let screen = |some: &[(usize, &PersonAsk)]| -> Result<Vec<(usize, ScreenedRow)>, NodeError> {
        let asks: Vec<PersonAsk> = some.iter().map(|(_, ask)| (*ask).clone()).collect();
        let found = place.node.screen_persons(&place.ctx, &asks)?;
        Ok(found.into_iter().filter_map(|one| Some((some.get(one.row)?.0, one))).collect())
    };
    let found: Result<Vec<_>, NodeError> = thread::scope(|scope| {
        let running: Vec<_> = asked.chunks(part).map(|some| scope.spawn(move || screen(some))).collect();
        running.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    Ok(found?.into_iter().flatten().map(|(number, one)| (number, one.found)).collect())
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

/// Rows asked at once.
const AT_ONCE: usize = 2_000;
