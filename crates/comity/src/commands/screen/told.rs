//! What is told of the rows of a list, as a table.

use std::io::Write;

use comity_formats::TableWriter;
use comity_node::PersonsFound;

use super::super::card;
use super::columns::Asked;
use super::{Answer, Tally};

/// Writes what is told of rows, and counts it.
pub(super) fn tell(
    out: &mut TableWriter<impl Write>,
    tally: &mut Tally,
    rows: &[Asked],
    found: Vec<Answer>,
) -> anyhow::Result<()> {
    for (number, found) in found {
        let Some(asked) = rows.get(number) else { continue };
        let begin = [(tally.rows + number as u64 + 1).to_string(), asked.shown.clone()];
        let trouble = asked.left_out.join("; ");
        let found = match found {
            Ok(found) => found,
            Err(reason) => {
                tally.unread += 1;
                tally.no_text += u64::from(asked.is_no_text);
                line(out, &begin, "not asked", Told { trouble: reason, ..Told::default() })?;
                continue;
            }
        };
        tally.in_part += u64::from(!trouble.is_empty());
        if found.persons.is_empty() && found.documents.is_empty() {
            line(out, &begin, "nothing", Told { trouble, ..Told::default() })?;
            continue;
        }
        tally.known += 1;
        for (what, told) in told(&found) {
            line(out, &begin, what, Told { trouble: trouble.clone(), ..told })?;
        }
    }
    tally.rows += rows.len() as u64;
    Ok(())
}

/// What one line tells of something that was found.
#[derive(Default)]
struct Told {
    probability: String,
    owner: String,
    id: String,
    name: String,
    why: String,
    notice: String,
    trouble: String,
}

fn told(found: &PersonsFound) -> Vec<(&'static str, Told)> {
    let documents = found.documents.iter().map(|document| {
        let told = Told {
            probability: if document.exact { "exact" } else { "near" }.to_owned(),
            owner: document.owner.to_string(),
            id: document.id.to_string(),
            name: document.document.clone(),
            why: document.listed.map_or("", |listed| listed.state.name()).to_owned(),
            ..Told::default()
        };
        ("document", told)
    });
    let persons = found.persons.iter().map(|person| {
        let facts: Vec<&str> = person.why.facts.iter().map(|(code, _)| *code).collect();
        let told = Told {
            probability: format!("{:.3}", person.probability),
            owner: person.owner.to_string(),
            id: person.id.to_string(),
            name: person.name.clone(),
            why: facts.join(" "),
            notice: person.notice.as_ref().map(card::line).unwrap_or_default(),
            trouble: String::new(),
        };
        ("person", told)
    });
    documents.chain(persons).collect()
}

/// Writes a line with as many cells as there are headings.
fn line(out: &mut TableWriter<impl Write>, begin: &[String; 2], what: &str, told: Told) -> anyhow::Result<()> {
    let [row, asked] = begin.clone();
    let Told { probability, owner, id, name, why, notice, trouble } = told;
    let cells: [String; HEADINGS.len()] =
        [row, asked, what.to_owned(), probability, owner, id, name, why, notice, trouble];
    Ok(out.row(&cells)?)
}

/// What stands in the columns of the table.
pub(super) const HEADINGS: [&str; 10] =
    ["row", "asked", "found", "probability", "owner", "id", "name", "why", "notice", "not_asked"];
