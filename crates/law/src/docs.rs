//! `docs/notices.md` says what the program does.

use crate::gate::{
    Aim, BAD_ABUSE, BAD_PERCENT, BAD_PERCENT_FROM, BAD_PRINCIPLE, BAD_PRINCIPLE_PERCENT, Category, FactorKind,
};
use crate::hit::{ORDINARY, URGENT};
use crate::notice::{
    ANSWER_AT_LEAST, ANSWER_AT_MOST, ASK_MONTHS, Colour, LEAST_MAXIMUM_MONTHS, LEAST_SENTENCE_MONTHS, REVIEW_AIM,
    State, TRANSITIONS, Transition, VALIDITY_MONTHS,
};

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/notices.md");
    let text = std::fs::read_to_string(path).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn row(row: &Transition) -> String {
    let from = match row.from {
        [] => "nothing".to_owned(),
        states if states == State::ALL => "any".to_owned(),
        states => states.iter().map(|state| state.name()).collect::<Vec<_>>().join(", "),
    };
    let by = row.by.iter().map(|who| who.name()).collect::<Vec<_>>().join(", ");
    format!("| {} | {from} | {by} | {} |", row.act, row.to.map_or("stays", State::name))
}

#[test]
fn its_table_is_the_table() {
    let document = document();
    let rows: Vec<String> = TRANSITIONS.iter().map(row).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !document.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "missing in docs/notices.md:\n{}", rows.join("\n"));
}

#[test]
fn its_numbers_are_the_numbers() {
    const HOUR: i64 = 3_600_000_000;
    let document = document();
    let colours: Vec<_> = Colour::ALL.iter().map(|colour| colour.name()).collect();
    for sentence in [
        format!("({})", colours.join(", ")),
        format!("within {} hours of submission", REVIEW_AIM / HOUR),
        format!("{} to {} days, as the reviewer", ANSWER_AT_LEAST / HOUR / 24, ANSWER_AT_MOST / HOUR / 24),
        format!("{} years after publication", VALIDITY_MONTHS / 12),
        format!("{ASK_MONTHS} months before the end"),
        format!("{} hours when urgent, {} days otherwise", URGENT / HOUR, ORDINARY / HOUR / 24),
        format!("under {LEAST_MAXIMUM_MONTHS} months for a trial, under {LEAST_SENTENCE_MONTHS} months of sentence"),
        format!("from {BAD_ABUSE} upheld report"),
        format!("from {BAD_PRINCIPLE} refusals on articles 2 and 3 when they are {BAD_PRINCIPLE_PERCENT} of 100 acts"),
        format!("from {BAD_PERCENT} of 100 acts refused or cancelled, of {BAD_PERCENT_FROM} or more"),
    ] {
        assert!(document.contains(&sentence), "{sentence}");
    }
}

#[test]
fn what_it_says_of_characters_and_persons_is_so() {
    let forbidden: Vec<_> = Category::ALL.iter().filter(|kind| kind.is_forbidden()).map(|kind| kind.name()).collect();
    assert_eq!(forbidden, ["political", "military", "religious", "racial"]);
    let finding: Vec<_> = Aim::ALL.iter().filter(|aim| aim.finds_person()).map(|aim| aim.name()).collect();
    assert!(document().contains(&format!("as a refugee: {}.", finding.join(", "))), "{finding:?}");
    let persons: Vec<_> = FactorKind::ALL.iter().filter(|kind| kind.is_of_person()).map(|kind| kind.name()).collect();
    assert_eq!(persons, ["politician", "journalist", "activist", "refugee"]);
}
