//! Search: who somebody is, and what is known of a document. What is looked for stands in no address and in no log but the ledger.

mod drawer;
mod found;
mod question;

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_base::{Position, Timestamp};
use comity_http::Query;
use comity_node::{Authority, Ctx, Node, NodeError, PersonAsk, PersonFound, PersonsFound};
use comity_stix::ObjectId;
use comity_stix::mrz::Mrz;

use self::drawer::{Opened, PersonDrawer};
use self::found::{DocumentRow, PersonRow};
use self::question::Question;
use super::forms::{Fields, Sent};
use super::language::Words;
use super::parts::{Moment, Zone};
use super::person::Person;
use super::reply::{Trouble, page as shown, unguessable, work};
use super::shelf::{Shelf, Shelved};
use super::shell::Shell;
use crate::desk::Desk;

/// The searches of the last hour, each with what was found then.
pub(crate) type Searches = Shelf<Search>;

/// One search.
#[derive(Debug)]
pub(crate) struct Search {
    /// Names it; cannot be guessed.
    id: String,
    /// Who asked; nobody else is shown it.
    account: String,
    /// What they acted with: nothing is shown again to somebody who may see less since.
    authority: Arc<Authority>,
    at: Timestamp,
    question: Question,
    found: PersonsFound,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Ask {
    words: Words,
    shell: Shell,
    trouble: String,
    form: Form,
}

/// Where one says whom or what one looks for.
#[derive(Template)]
#[template(path = "parts/search.html")]
struct Form {
    words: Words,
    asked: Question,
    /// States with the codes of their documents.
    states: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "searched.html")]
struct Result {
    words: Words,
    shell: Shell,
    trouble: String,
    form: Form,
    /// Names it, for the way on from it.
    id: String,
    /// When it was asked, and from how many percent on names counted.
    when: Moment,
    from: String,
    /// What the register of documents says, and other mentions of the document.
    listed: Vec<DocumentRow>,
    naming: Vec<DocumentRow>,
    zone: Option<Zone>,
    /// Whether the check digits of what was asked are wrong.
    is_misread: bool,
    persons: Vec<PersonRow>,
    /// The person that is opened beside the list.
    drawer: Option<PersonDrawer>,
}

/// Where one asks.
pub(super) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    asking(Shell::of(&desk, &person, "search"), Question::default(), None)
}

fn asking(shell: Shell, asked: Question, trouble: Option<&Trouble>) -> Response {
    let words = shell.words;
    let told = trouble.map_or_else(String::new, |trouble| trouble.words(words));
    shown(&Ask { form: Form::new(asked, words), trouble: told, words, shell }, trouble, words)
}

/// Asks.
pub(super) async fn run(State(desk): State<Desk>, person: Person, body: Sent) -> Response {
    ask(&desk, person, Question::read(&Fields::read(&body))).await
}

/// A machine-readable zone that was put into the search box; none where it is not one.
pub(super) fn zone_in(text: &str) -> Option<Question> {
    Mrz::read_mended(text).is_ok().then(|| Question { zone: text.to_owned(), ..Question::default() })
}

/// Asks, and goes to where the answer stands.
pub(super) async fn ask(desk: &Desk, person: Person, question: Question) -> Response {
    let shell = Shell::of(desk, &person, "search");
    let wanted = match question.ask(shell.words) {
        Ok(wanted) => wanted,
        Err(trouble) => return asking(shell, question, Some(&Trouble::Unclear(trouble))),
    };
    let ctx = person.ctx.clone();
    match work(desk, move |node| node.search_persons(&ctx, &wanted)).await {
        Ok(found) => {
            let (id, account, authority) = (unguessable(), person.ctx.actor.clone(), Arc::clone(&person.ctx.authority));
            let to = format!("/desk/search/{id}");
            desk.searches().keep(Search { id, account, authority, at: person.ctx.now(), question, found });
            Redirect::to(&to).into_response()
        }
        Err(trouble) => asking(shell, question, Some(&trouble)),
    }
}

/// What was found.
pub(super) async fn result(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Response {
    let shell = Shell::of(&desk, &person, "search");
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let search = desk.searches().find(&id, &person.ctx.actor, shell.now);
    let Some(search) = search.filter(|search| search.authority == person.ctx.authority) else {
        return Trouble::NotFound.page(shell);
    };
    let position = query.number("open").map(|open| Position(open as u64));
    let kept = Arc::clone(&search);
    let over = match work(&desk, move |node| notices_over(node, &kept.found)).await {
        Ok(over) => over,
        Err(trouble) => return trouble.page(shell),
    };
    let opened = search.found.persons.iter().find(|one| Some(one.position) == position);
    let drawer = match opened {
        Some(opened) => {
            let (ctx, id, owner) = (person.ctx.clone(), opened.id.clone(), opened.owner.clone());
            match work(&desk, move |node| Opened::read(node, &ctx, &id, &owner)).await {
                Ok(shown) => shown.and_then(|shown| PersonDrawer::new(&shown, opened, &search, &shell)),
                Err(trouble) => return trouble.page(shell),
            }
        }
        None => None,
    };
    let words = shell.words;
    shown(&told(shell, &search, &over, (position, drawer)), None, words)
}

/// Which of the notices that were found stand no more: what is kept of a search is as it was when somebody asked, and nobody is
/// stopped for a notice that was taken back since.
fn notices_over(node: &Node, found: &PersonsFound) -> std::result::Result<BTreeSet<ObjectId>, NodeError> {
    let mut over = BTreeSet::new();
    for person in &found.persons {
        let Some(card) = &person.notice else { continue };
        if !node.current_versions(&card.id)?.iter().any(|(owner, _)| *owner == person.owner) {
            over.insert(card.id.clone());
        }
    }
    Ok(over)
}

fn told(
    shell: Shell,
    search: &Search,
    over: &BTreeSet<ObjectId>,
    (open, drawer): (Option<Position>, Option<PersonDrawer>),
) -> Result {
    let (words, found) = (shell.words, &search.found);
    let given = search.question.zone.as_str();
    Result {
        form: Form::new(search.question.clone(), words),
        id: search.id.clone(),
        when: shell.when(search.at),
        from: words.count(found::percent(found.from)),
        listed: found::listed(found, search.question.document(), &shell),
        naming: found::naming(found, &shell),
        zone: found.zone.as_ref().map(|zone| Zone::of(zone, given, shell.now, words)),
        is_misread: found.misread.is_some(),
        persons: found.persons.iter().map(|one| PersonRow::new(one, &search.id, (open, over), &shell)).collect(),
        drawer,
        trouble: String::new(),
        words,
        shell,
    }
}

impl Search {
    /// What was asked, with somebody that was found by where they stand in the log; none for whoever may other things since.
    pub(super) fn one(&self, place: Position, ctx: &Ctx, words: Words) -> Option<(PersonAsk, PersonFound)> {
        if self.authority != ctx.authority {
            return None;
        }
        let found = self.found.persons.iter().find(|one| one.position == place)?;
        Some((self.question.ask(words).ok()?, found.clone()))
    }
}

impl Form {
    fn new(asked: Question, words: Words) -> Self {
        Self { words, asked, states: words.states() }
    }
}

super::parts::safe!(Form);

impl Shelved for Search {
    const ROOM: usize = 64 << 20;
    const MOST: usize = 1_000;
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
        4_096 + (self.found.persons.len() + self.found.documents.len()) * 4_096
    }
}
