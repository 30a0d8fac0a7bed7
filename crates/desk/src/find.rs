use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_http::Query;
use comity_node::{Act, Ctx, Holding, Known, Look, Node, NodeError, Thing, Which};
use comity_stix::{Kind, ObjectId};

use super::language::Words;
use super::network::allowed;
use super::parts::{Foreign, Owner, ThingLink};
use super::person::Person;
use super::reply::page_of;
use super::screening;
use super::search;
use super::shell::Shell;
use super::why::escaped;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    words: Words,
    shell: Shell,
    trouble: String,
    asked: Foreign,
    /// What it may be, with who knows it.
    values: Vec<ValueRow>,
    /// Things of that name.
    things: Vec<(ThingLink, Option<Owner>)>,
    /// What can be searched for as a person or a document, by the field of the form that takes it; empty where it is neither.
    name: String,
    document: String,
    /// The objects of a case of that number, how many, and where they are.
    case: Option<(u64, String)>,
}

/// One reading of what was asked for.
struct ValueRow {
    kind: String,
    value: Foreign,
    mentions: u64,
    lists: Vec<Foreign>,
    holdings: Vec<HoldingRow>,
    more: bool,
}

/// One object that holds a value.
struct HoldingRow {
    owner: Owner,
    thing: ThingLink,
    how: String,
    tlp: String,
    containers: Vec<ThingLink>,
}

/// What is known about something.
struct Found {
    look: Look,
    things: Vec<Thing>,
    case: u64,
}

/// Whatever was pasted into the search box, read as what it is.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let text = query.first("q").unwrap_or_default().trim().to_owned();
    if text.is_empty() {
        return Redirect::to("/desk/objects").into_response();
    }
    if let Ok(id) = ObjectId::parse(&text) {
        return Redirect::to(&format!("/desk/object/{id}")).into_response();
    }
    let shell = Shell::of(&desk, &person, "object").searching(&text);
    if let Some(question) = search::zone_in(&text) {
        return search::ask(&desk, person, question).await;
    }
    if text.lines().filter(|line| !line.trim().is_empty()).count() > 1 {
        return screening::brief(&desk, shell, person, &text).await;
    }
    let (ctx, asked) = (person.ctx.clone(), text.clone());
    page_of(&desk, shell, move |node| read(node, &ctx, &asked), |shell, found| told(shell, &text, &found)).await
}

fn read(node: &Node, ctx: &Ctx, text: &str) -> Result<Found, NodeError> {
    let look = node.look(ctx, text, HOLDINGS)?;
    let things = node.named(ctx, text, THINGS)?;
    let case = Which { case: Some(text.to_owned()), ..Which::default() };
    // Whoever may not list objects may still look.
    let case = allowed(node, ctx, Act::Show, || node.rows(ctx, &case, None, 0))?.map_or(0, |rows| rows.total);
    Ok(Found { look, things, case })
}

fn told(shell: Shell, text: &str, found: &Found) -> FindPage {
    let words = shell.words;
    let link = |thing: &Thing| ThingLink::new(&thing.id, &thing.kind, &thing.name, true, words);
    FindPage {
        asked: Foreign::line(text),
        values: found.look.known.iter().map(|known| value(known, &shell)).collect(),
        things: found
            .things
            .iter()
            .map(|one| (link(one), one.owner.as_ref().map(|owner| shell.owner(owner))))
            .collect(),
        name: if is_like_a_name(text) { text.to_owned() } else { String::new() },
        document: found
            .look
            .known
            .iter()
            .find(|one| one.value.kind() == Kind::TravelDocument)
            .map_or_else(String::new, |one| one.value.text().to_owned()),
        case: (found.case > 0).then(|| (found.case, format!("/desk/objects?case={}", escaped(text)))),
        trouble: String::new(),
        words,
        shell,
    }
}

/// Whether a text may be the name of a person: letters, and what stands between them.
fn is_like_a_name(text: &str) -> bool {
    let is_of_a_name =
        |c: char| c.is_alphabetic() || c.is_whitespace() || "-'.,\u{2019}\u{b7}".contains(c) || is_mark(c);
    text.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && text.chars().count() <= 300
        && text.chars().all(is_of_a_name)
}

/// A mark over a letter, or what joins letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{94f}' | '\u{200c}' | '\u{200d}')
}

fn value(known: &Known, shell: &Shell) -> ValueRow {
    ValueRow {
        kind: shell.words.value_kind(Some(known.value.kind()), known.value.kind().name()),
        value: Foreign::line(&known.value.display()),
        mentions: known.postings,
        lists: known.lists.iter().map(|list| Foreign::line(list)).collect(),
        holdings: known.holdings.iter().map(|holding| row(holding, shell)).collect(),
        more: known.more,
    }
}

fn row(holding: &Holding, shell: &Shell) -> HoldingRow {
    let words = shell.words;
    let containers = holding.containers.iter().take(4);
    HoldingRow {
        owner: shell.owner(&holding.owner),
        thing: ThingLink::new(&holding.id.to_string(), holding.id.kind.as_str(), &holding.name, true, words),
        how: words.known("holds-", holding.how),
        tlp: holding.tlp.to_uppercase(),
        containers: containers
            .map(|one| ThingLink::new(&one.id, &one.kind, &one.name, ObjectId::parse(&one.id).is_ok(), words))
            .collect(),
    }
}

/// Objects shown for one value.
const HOLDINGS: usize = 50;
/// Things shown for one name.
const THINGS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_are_offered_to_be_searched_for_and_values_are_not() {
        for name in ["Jaan Tamm", "O'Neill, Mary-Jane", "Тамм Яан", "محمد المصري", "東京太郎", "Müller", "हिन्दी"]
        {
            assert!(is_like_a_name(name), "{name}");
        }
        for other in ["185.220.101.4", "x@example.org", "EST:P:KB0123456", "http://a.example", "2041", "", "-"] {
            assert!(!is_like_a_name(other), "{other}");
        }
    }
}
