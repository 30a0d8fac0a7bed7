//! Many values at once: which of them are known here, and to whom.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_base::Timestamp;
use comity_http::Query;
use comity_node::{Ctx, Node, NodeError};
use comity_stix::Value;

use super::forms::Upload;
use super::language::Words;
use super::parts::{Foreign, Moment, Pager};
use super::person::Person;
use super::reply::{Trouble, page as shown, unguessable, work};
use super::shelf::{Shelf, Shelved};
use super::shell::Shell;
use super::why::escaped;
use crate::desk::Desk;

/// The screenings of the last hour: what was asked in them is kept nowhere else.
pub(crate) type Screenings = Shelf<Screening>;

/// What came out of one screening.
#[derive(Debug)]
pub(crate) struct Screening {
    /// Names it; cannot be guessed.
    id: String,
    /// Who asked; nobody else is shown it.
    account: String,
    at: Timestamp,
    rows: Vec<Row>,
    /// Lines that are no value of any kind.
    strange: Vec<String>,
    known: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Row {
    asked: Box<str>,
    value: Value,
    mentions: u64,
    owners: Vec<comity_base::OrgName>,
}

#[derive(Template)]
#[template(path = "screening.html")]
struct Ask {
    words: Words,
    shell: Shell,
    trouble: String,
    earlier: Vec<(String, Moment, u64, u64)>,
}

#[derive(Template)]
#[template(path = "screened.html")]
struct Result {
    words: Words,
    shell: Shell,
    trouble: String,
    id: String,
    total: u64,
    known: u64,
    strange: u64,
    show: &'static str,
    rows: Vec<ResultRow>,
    odd: Vec<Foreign>,
    pager: Pager,
}

struct ResultRow {
    asked: Foreign,
    kind: String,
    to: String,
    mentions: String,
    owners: Vec<super::parts::Owner>,
}

/// Where many values are put in.
pub(super) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "screening");
    let words = shell.words;
    shown(&asking(&desk, shell, &person.ctx.actor, String::new()), None, words)
}

fn asking(desk: &Desk, shell: Shell, account: &str, trouble: String) -> Ask {
    let earlier = desk.screenings().of(account, shell.now, EARLIER);
    let earlier =
        earlier.iter().map(|one| (one.id.clone(), shell.when(one.at), one.rows.len() as u64, one.known as u64));
    Ask { earlier: earlier.collect(), words: shell.words, shell, trouble }
}

/// Screens what was pasted or uploaded.
pub(super) async fn run(State(desk): State<Desk>, person: Person, upload: Upload) -> Response {
    let shell = Shell::of(&desk, &person, "screening");
    let words = shell.words;
    let mut text = upload.text("q");
    for (_, bytes) in upload.files("file") {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(bytes));
    }
    drop(upload);
    let ctx = person.ctx.clone();
    match work(&desk, move |node| screen(node, &ctx, &text)).await {
        Ok(screening) if screening.rows.is_empty() && screening.strange.is_empty() => {
            let trouble = words.say("nothing-to-screen");
            shown(&asking(&desk, shell, &person.ctx.actor, trouble), None, words)
        }
        Ok(screening) => {
            let to = format!("/desk/screening/{}", screening.id);
            desk.screenings().keep(screening);
            Redirect::to(&to).into_response()
        }
        Err(trouble) => {
            let text = trouble.words(words);
            shown(&asking(&desk, shell, &person.ctx.actor, text), Some(&trouble), words)
        }
    }
}

/// A few values from the search box, answered at once.
pub(super) async fn brief(desk: &Desk, shell: Shell, person: Person, text: &str) -> Response {
    let (ctx, text) = (person.ctx.clone(), text.to_owned());
    match work(desk, move |node| screen(node, &ctx, &text)).await {
        Ok(screening) => {
            let screening = desk.screenings().keep(screening);
            told(shell, &screening, &Query::default())
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// What came out.
pub(super) async fn result(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Response {
    let shell = Shell::of(&desk, &person, "screening");
    let query = Query::parse(query.as_deref().unwrap_or_default());
    match desk.screenings().find(&id, &person.ctx.actor, shell.now) {
        Some(screening) => told(shell, &screening, &query),
        None => Trouble::NotFound.page(shell),
    }
}

/// The same as a table to take along.
pub(super) async fn table(State(desk): State<Desk>, Path(id): Path<String>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "screening");
    let Some(screening) = desk.screenings().find(&id, &person.ctx.actor, shell.now) else {
        return Trouble::NotFound.page(shell);
    };
    let mut out = String::from("asked,kind,known,mentions,owners\r\n");
    for row in &screening.rows {
        let owners: Vec<&str> = row.owners.iter().map(comity_base::OrgName::as_str).collect();
        let is_known = if row.owners.is_empty() { "no" } else { "yes" };
        // Writing into a string cannot fail.
        let _ = write!(
            out,
            "{},{},{is_known},{},{}\r\n",
            cell(&row.asked),
            row.value.kind().name(),
            row.mentions,
            cell(&owners.join(" "))
        );
    }
    let name = format!("attachment; filename=\"screening-{}.csv\"", screening.id.get(..8).unwrap_or_default());
    ([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], out).into_response()
}

/// A text as a cell of a table, which no program takes for a formula.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn screen(node: &Node, ctx: &Ctx, text: &str) -> std::result::Result<Screening, NodeError> {
    let (mut asked, mut values, mut strange) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.split(['\n', '\r', '\t']).map(str::trim).filter(|line| !line.is_empty()) {
        if values.len() >= MOST {
            return Err(NodeError::Refused(format!("more than {MOST} values are screened in parts")));
        }
        let guesses = node.values().guess(line);
        if guesses.is_empty() {
            strange.push(line.chars().take(200).collect());
        }
        for value in guesses {
            asked.push(line);
            values.push(value);
        }
    }
    let briefs = node.look_brief(ctx, &values)?;
    let rows = asked.iter().zip(values).zip(briefs).map(|((asked, value), brief)| Row {
        asked: (*asked).into(),
        value,
        mentions: brief.postings,
        owners: brief.owners,
    });
    let rows: Vec<Row> = rows.collect();
    Ok(Screening {
        id: unguessable(),
        account: ctx.actor.clone(),
        at: ctx.now(),
        known: rows.iter().filter(|row| !row.owners.is_empty()).count(),
        bytes: text.len() * 2 + rows.len() * 128,
        rows,
        strange,
    })
}

fn told(shell: Shell, screening: &Screening, query: &Query) -> Response {
    let words = shell.words;
    let show = match query.first("show") {
        Some("all") => "all",
        Some("strange") => "strange",
        Some("known") => "known",
        _ if screening.known > 0 => "known",
        _ => "all",
    };
    let from = query.number("from").unwrap_or_default();
    let wanted = screening.rows.iter().filter(|row| show == "all" || !row.owners.is_empty());
    let total = if show == "all" { screening.rows.len() } else { screening.known };
    let mut rows: Vec<ResultRow> = Vec::new();
    let mut odd = Vec::new();
    let total = if show == "strange" {
        odd.extend(screening.strange.iter().skip(from).take(ROWS).map(|line| Foreign::line(line)));
        screening.strange.len()
    } else {
        rows.extend(wanted.skip(from).take(ROWS).map(|row| ResultRow {
            asked: Foreign::line(&row.asked),
            kind: words.value_kind(Some(row.value.kind()), row.value.kind().name()),
            to: format!("/desk/find?q={}", escaped(&row.asked)),
            mentions: words.count(row.mentions),
            owners: row.owners.iter().map(|owner| shell.owner(owner)).collect(),
        }));
        total
    };
    let here = rows.len() + odd.len();
    let id = &screening.id;
    let first = (from > 0).then(|| format!("/desk/screening/{id}?show={show}"));
    let next = (from + here < total).then(|| format!("/desk/screening/{id}?show={show}&from={}", from + here));
    let page = Result {
        id: id.clone(),
        total: screening.rows.len() as u64,
        known: screening.known as u64,
        strange: screening.strange.len() as u64,
        show,
        rows,
        odd,
        pager: Pager::new(words, (here, total as u64)).leading(first, next),
        trouble: String::new(),
        words,
        shell,
    };
    shown(&page, None, words)
}

impl Shelved for Screening {
    const ROOM: usize = 512 << 20;
    const MOST: usize = 200;
    const HOURS: i64 = 1;

    fn id(&self) -> &str {
        &self.id
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn at(&self) -> Timestamp {
        self.at
    }

    fn size(&self) -> usize {
        self.bytes
    }
}

/// Values of one screening.
const MOST: usize = 1_000_000;
/// Earlier ones that are shown.
const EARLIER: usize = 10;
/// Rows on one page.
const ROWS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_a_table_is_a_formula() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("+372 5"), "\"'+372 5\"");
        assert_eq!(cell("a,b"), "\"a,b\"");
    }
}
