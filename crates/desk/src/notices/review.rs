use askama::Template;
use axum::extract::State;
use axum::response::Response;
use comity_base::Timestamp;
use comity_law::notice::{Duty, REVIEW_AIM, Who};
use comity_node::NoticeRow;

use super::super::language::Words;
use super::super::person::Person;
use super::super::reply::page_of;
use super::super::shell::Shell;
use super::{DutyRow, Line, line};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "notices/review.html")]
struct Review {
    words: Words,
    shell: Shell,
    trouble: String,
    rows: Vec<(Line, DutyRow)>,
    overdue: u64,
    /// Hours within which a review is aimed at.
    hours: i64,
}

/// What waits for a reviewer, the oldest due first.
pub(crate) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "notices");
    let ctx = person.ctx.clone();
    page_of(&desk, shell, move |node| node.notices(&ctx), |shell, rows| told(shell, &rows)).await
}

fn told(shell: Shell, rows: &[NoticeRow]) -> Review {
    let waiting = waiting(rows);
    Review {
        overdue: waiting.iter().filter(|(_, duty)| duty.is_overdue(shell.now)).count() as u64,
        rows: waiting.iter().map(|(row, duty)| (line(row, &shell), DutyRow::of(duty, &shell))).collect(),
        hours: REVIEW_AIM / HOUR,
        trouble: String::new(),
        words: shell.words,
        shell,
    }
}

/// Each with what a reviewer owes it.
fn waiting(rows: &[NoticeRow]) -> Vec<(&NoticeRow, Duty)> {
    let owed = |row: &NoticeRow| row.duties.iter().copied().find(|duty| duty.kind.whose() == Who::Reviewer);
    let mut all: Vec<(&NoticeRow, Duty)> = rows.iter().filter_map(|row| Some((row, owed(row)?))).collect();
    all.sort_by_key(|(row, duty)| (due(duty), row.drafted));
    all
}

/// What is due at once is due since it arose.
fn due(duty: &Duty) -> Timestamp {
    duty.due.unwrap_or(duty.since)
}

const HOUR: i64 = 3_600_000_000;

#[cfg(test)]
mod tests {
    use comity_law::notice::{Colour, DutyKind, Form, State};

    use super::*;

    #[test]
    fn the_oldest_due_comes_first_and_what_others_owe_is_left_out() {
        let at = |hour: i64| Timestamp::from_micros(hour * HOUR);
        let row = |number: u128, kind: DutyKind, due: Option<i64>| NoticeRow {
            no: format!("{number:032x}").parse().unwrap(),
            colour: Colour::Red,
            form: Form::Notice,
            state: State::Submitted,
            name: String::new(),
            drafted: at(0),
            duties: vec![Duty { kind, since: at(3), due: due.map(at), outstanding: None }],
            next: None,
        };
        let rows = [
            row(1, DutyKind::Review, Some(9)),
            row(2, DutyKind::Answer, Some(1)),
            row(3, DutyKind::ReExamine, None),
            row(4, DutyKind::Review, Some(2)),
        ];
        let order: Vec<u128> = waiting(&rows).iter().map(|(row, _)| row.no.0.as_u128()).collect();
        assert_eq!(order, [4, 3, 1]);
    }
}
