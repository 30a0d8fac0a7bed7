use std::fmt::Write as _;

use askama::Template;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use comity_law::notice::Ground;
use comity_law::statistics::{Counts, Statistics};

use super::super::language::Words;
use super::super::parts::{NoticeKind, Owner};
use super::super::person::Person;
use super::super::reply::{page_of, work};
use super::super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "notices/statistics.html")]
struct StatisticsPage {
    words: Words,
    shell: Shell,
    trouble: String,
    years: Vec<Year>,
}

/// One year: every source and colour, and what happened in all.
struct Year {
    number: u16,
    rows: Vec<Row>,
    bars: Vec<(String, String, String)>,
}

struct Row {
    source: Owner,
    kind: NoticeKind,
    /// In the order of [`COLUMNS`].
    counts: Vec<Count>,
}

/// A number, with the grounds it is made of.
struct Count {
    number: String,
    grounds: Vec<(String, String)>,
}

/// What is counted, by the messages that name it.
const COLUMNS: [&str; 8] =
    ["submitted", "issued", "refused", "cancelled", "withdrawn", "executed", "expired", "lapsed"];

/// What became of notices, year by year.
pub(crate) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "notices");
    let ctx = person.ctx.clone();
    page_of(&desk, shell, move |node| node.notice_statistics(&ctx), |shell, all| told(shell, &all)).await
}

fn told(shell: Shell, all: &Statistics) -> StatisticsPage {
    let years = all.years.keys().rev().map(|year| Year::of(*year, all, &shell)).collect();
    StatisticsPage { years, trouble: String::new(), words: shell.words, shell }
}

impl Year {
    fn of(year: u16, all: &Statistics, shell: &Shell) -> Self {
        let words = shell.words;
        let mut rows = Vec::new();
        for (source, colours) in all.years.get(&year).into_iter().flatten() {
            for (colour, counts) in colours {
                rows.push(Row {
                    source: shell.owner(source),
                    kind: NoticeKind::plain(*colour, words),
                    counts: COLUMNS.iter().map(|column| Count::of(column, counts, words)).collect(),
                });
            }
        }
        let sum = all.sum(year, |_, _| true);
        let most = COLUMNS.iter().map(|column| number(column, &sum)).max().unwrap_or(1).max(1);
        let bar = |column: &&str| {
            let count = number(column, &sum);
            let share = format!("{:.1}", count as f64 / most as f64 * 100.0);
            (words.say(&format!("count-{column}")), share, words.count(count))
        };
        Self { number: year, rows, bars: COLUMNS.iter().map(bar).collect() }
    }
}

impl Count {
    fn of(column: &str, counts: &Counts, words: Words) -> Self {
        let grounds = grounds(column, counts).into_iter().filter(|(_, count)| *count > 0);
        let grounds =
            grounds.map(|(ground, count)| (words.say(&format!("ground-{}", ground.name())), words.count(count)));
        Self { number: words.count(number(column, counts)), grounds: grounds.collect() }
    }
}

/// How many by each ground; none of what has no ground.
fn grounds(column: &str, counts: &Counts) -> Vec<(Ground, u64)> {
    let by = match column {
        "refused" => &counts.refused,
        "cancelled" => &counts.cancelled,
        _ => return Vec::new(),
    };
    Ground::ALL.iter().map(|ground| (*ground, by.get(ground).copied().unwrap_or_default())).collect()
}

fn number(column: &str, counts: &Counts) -> u64 {
    match column {
        "submitted" => counts.submitted,
        "issued" => counts.issued,
        "refused" => counts.all_refused(),
        "cancelled" => counts.all_cancelled(),
        "withdrawn" => counts.withdrawn.saturating_add(counts.dropped),
        "executed" => counts.executed,
        "expired" => counts.expired,
        "lapsed" => counts.lapsed,
        _ => 0,
    }
}

/// The same as a table to take along, with a column for each ground.
pub(crate) async fn table(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "notices");
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.notice_statistics(&ctx)).await {
        Ok(all) => {
            let name = "attachment; filename=\"notices.csv\"";
            ([(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, name)], csv(&all)).into_response()
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// Names of organisations and colours have no signs that a table reads as more than text.
fn csv(all: &Statistics) -> String {
    let mut out = String::from("year,source,colour");
    for column in COLUMNS {
        // Writing into a string cannot fail.
        let _ = write!(out, ",{column}");
        for (ground, _) in grounds(column, &Counts::default()) {
            let _ = write!(out, ",{column}-{}", ground.name());
        }
    }
    out.push_str("\r\n");
    for (year, sources) in &all.years {
        for (source, colours) in sources {
            for (colour, counts) in colours {
                let _ = write!(out, "{year},{source},{}", colour.name());
                for column in COLUMNS {
                    let _ = write!(out, ",{}", number(column, counts));
                    for (_, count) in grounds(column, counts) {
                        let _ = write!(out, ",{count}");
                    }
                }
                out.push_str("\r\n");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use comity_base::OrgName;
    use comity_law::notice::Colour;

    use super::*;

    fn counted() -> Statistics {
        let refused = BTreeMap::from([(Ground::Article3, 2), (Ground::Incomplete, 1)]);
        let counts = Counts { submitted: 9, issued: 5, refused, dropped: 1, withdrawn: 2, ..Counts::default() };
        let colours = BTreeMap::from([(Colour::Red, counts)]);
        let sources = BTreeMap::from([(OrgName::parse("ee-police").unwrap(), colours)]);
        Statistics { years: BTreeMap::from([(2026, sources)]) }
    }

    #[test]
    fn the_table_has_a_column_for_each_ground() {
        let table = csv(&counted());
        let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), lines[1].len());
        let cell = |name: &str| lines[1][lines[0].iter().position(|column| *column == name).unwrap()];
        assert_eq!((cell("year"), cell("source"), cell("colour")), ("2026", "ee-police", "red"));
        assert_eq!((cell("issued"), cell("refused"), cell("withdrawn")), ("5", "3", "3"));
        assert_eq!((cell("refused-article-3"), cell("refused-incomplete"), cell("cancelled-other")), ("2", "1", "0"));
    }

    #[test]
    fn every_column_has_words() {
        for language in ["en", "fr", "es", "ar", "de"] {
            for column in COLUMNS {
                let id = format!("count-{column}");
                assert_ne!(Words::named(language).unwrap().say(&id), id, "{language}");
            }
        }
    }
}
