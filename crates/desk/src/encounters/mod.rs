//! Hits of searches: somebody was found who may be the one that another is looking for. People compare, ask and answer before anything
//! is done.

mod answer;
mod deeds;
mod one;
mod open;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use comity_http::Query;
use comity_law::hit::HitState;
use comity_node::{Act, Ctx, HitAsked, Node, NodeError, SearchHitShown};

pub(super) use self::answer::answer;
pub(super) use self::one::{act, page as one};
pub(super) use self::open::open;

use self::answer::{AnswerForm, Attempt};
use super::language::Words;
use super::object;
use super::parts::{Due, Foreign, Meter, Moment, Owner, ThingLink};
use super::person::Person;
use super::reply::{page as shown, work};
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "encounters/list.html")]
struct List {
    words: Words,
    shell: Shell,
    trouble: String,
    states: Vec<Sift>,
    rows: Vec<Line>,
    /// What other bureaus ask to confirm: what waits, and what was answered.
    asked: Vec<AskedRow>,
    waiting: u64,
}

/// A state that the list is narrowed to.
struct Sift {
    words: String,
    count: String,
    to: String,
    is_here: bool,
}

/// A hit in the list.
struct Line {
    no: String,
    standing: Standing,
    name: Foreign,
    owner: Owner,
    reference: Foreign,
    at: Moment,
    likely: Meter,
    silent: bool,
    due: Option<Due>,
    must_escalate: bool,
}

/// Where a hit stands, as a mark.
#[derive(Clone, Debug)]
struct Standing {
    class: &'static str,
    words: String,
}

/// A hit elsewhere, on somebody of ours.
struct AskedRow {
    from: Owner,
    /// Whom it is about, as this organisation names them.
    about: ThingLink,
    urgent: bool,
    at: Moment,
    due: Due,
    answer: Option<(String, Foreign, Moment)>,
    /// Since when no answer is needed any more.
    over: Option<Moment>,
    form: Option<AnswerForm>,
}

/// The desk of hits of searches.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let state = HitState::ALL.iter().copied().find(|state| query.first("state") == Some(state.name()));
    told(&desk, person, state, None).await
}

async fn told(desk: &Desk, person: Person, state: Option<HitState>, tried: Option<Attempt>) -> Response {
    let shell = Shell::of(desk, &person, "encounters");
    let ctx = person.ctx.clone();
    let read =
        move |node: &Node| Ok((node.search_hits(&ctx)?, asked(node, &ctx)?, node.would_allow(&ctx, Act::DecideHits)?));
    match work(desk, read).await {
        Ok((hits, asked, may_answer)) => {
            let words = shell.words;
            let page = list(shell, (&hits, &asked), (state, may_answer), tried.as_ref());
            shown(&page, tried.as_ref().map(|tried| &tried.trouble), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// What other bureaus ask to confirm, each with the name of the person, as far as it is shown to whoever looks.
fn asked(node: &Node, ctx: &Ctx) -> Result<Vec<(HitAsked, Option<String>)>, NodeError> {
    let mut all = Vec::new();
    for one in node.hits_asked(ctx)? {
        let name = if all.len() < NAMED { object::name_of(node, ctx, &one.about)? } else { None };
        all.push((one, name));
    }
    Ok(all)
}

fn list(
    shell: Shell,
    (hits, asked): (&[SearchHitShown], &[(HitAsked, Option<String>)]),
    (state, may_answer): (Option<HitState>, bool),
    tried: Option<&Attempt>,
) -> List {
    let words = shell.words;
    let sift = |one: Option<HitState>| {
        let count = hits.iter().filter(|hit| one.is_none_or(|one| hit.state == one)).count();
        let name = one.map_or_else(|| words.say("all"), |one| words.say(&format!("encounter-{}", one.name())));
        let to = one.map_or_else(String::new, |one| format!("?state={}", one.name()));
        (one.is_none() || count > 0 || one == state).then(|| Sift {
            words: name,
            count: words.count(count as u64),
            to: format!("/desk/search-hits{to}"),
            is_here: one == state,
        })
    };
    let states = std::iter::once(None).chain(HitState::ALL.iter().copied().map(Some)).filter_map(sift).collect();
    let fits = |hit: &&SearchHitShown| state.is_none_or(|state| hit.state == state);
    List {
        states,
        rows: hits.iter().filter(fits).take(ROWS).map(|hit| line(hit, &shell)).collect(),
        asked: asked.iter().take(ROWS).map(|one| AskedRow::of(one, may_answer, tried, &shell)).collect(),
        waiting: asked.iter().filter(|(one, _)| one.waits()).count() as u64,
        trouble: String::new(),
        words,
        shell,
    }
}

fn line(hit: &SearchHitShown, shell: &Shell) -> Line {
    let words = shell.words;
    Line {
        no: hit.no.to_string(),
        standing: Standing::of(hit.state, words),
        name: Foreign::line(&hit.name),
        owner: shell.owner(&hit.owner),
        reference: Foreign::line(hit.reference.as_deref().unwrap_or_default()),
        at: shell.when(hit.at),
        likely: Meter::likely(hit.probability, words),
        silent: hit.silent,
        due: due(hit, shell),
        must_escalate: hit.must_escalate,
    }
}

/// By when the owner is to answer, as long as that is waited for.
fn due(hit: &SearchHitShown, shell: &Shell) -> Option<Due> {
    let waits = matches!(hit.state, HitState::Asked | HitState::NoAnswer);
    hit.due.filter(|_| waits).map(|due| Due::new(due, shell.now, shell.words))
}

impl Standing {
    fn of(state: HitState, words: Words) -> Self {
        let class = match state {
            HitState::Confirmed => "state-confirmed",
            HitState::Asked => "state-asked",
            HitState::NoAnswer => "closed",
            HitState::Refuted | HitState::Closed => "state-dismissed",
            HitState::Unconfirmed | HitState::Checked => "plain",
        };
        Self { class, words: words.say(&format!("encounter-{}", state.name())) }
    }
}

impl AskedRow {
    fn of((one, name): &(HitAsked, Option<String>), may_answer: bool, tried: Option<&Attempt>, shell: &Shell) -> Self {
        let words = shell.words;
        let name = name.clone().unwrap_or_else(|| words.say("the-object-asked"));
        let answer = one
            .answer
            .as_ref()
            .map(|(answer, at, by)| (answer::told(*answer, words), Foreign::line(by), shell.when(*at)));
        let tried = tried.filter(|tried| tried.is_of(one));
        Self {
            from: shell.owner(&one.from),
            about: ThingLink::new(&one.about.to_string(), one.about.kind.as_str(), &name, true, words),
            urgent: one.urgent,
            over: one.over.map(|at| shell.when(at)),
            at: shell.when(one.at),
            due: Due::new(one.due, shell.now, words),
            // What was tried stays, also where somebody else was quicker.
            form: (may_answer && (one.waits() || tried.is_some())).then(|| AnswerForm::new(one, tried, words)),
            answer,
        }
    }
}

/// Hits in one list.
const ROWS: usize = 300;
/// Of so many of those that others ask about the name is looked up.
const NAMED: usize = 50;

#[cfg(test)]
mod tests {
    use comity_law::cards::RedEffect;
    use comity_law::hit::{HitActName, HitOutcome, HitWho, Measure, Refutal, SecondIdentifier};

    use super::*;

    #[test]
    fn every_word_of_the_law_of_hits_has_words_in_every_language() {
        let names =
            |prefix: &str, all: Vec<&'static str>| all.into_iter().map(|name| format!("{prefix}{name}")).collect();
        let ids: [Vec<String>; 8] = [
            names("encounter-", HitState::ALL.iter().map(|one| one.name()).collect()),
            names("hitdeed-", HitActName::ALL.iter().map(|one| one.name()).collect()),
            names("doer-", HitWho::ALL.iter().map(|one| one.name()).collect()),
            names("measure-", Measure::ALL.iter().map(|one| one.name()).collect()),
            names("refutal-", Refutal::ALL.iter().map(|one| one.name()).collect()),
            names("done-", HitOutcome::ALL.iter().map(|one| one.name()).collect()),
            names("identifier-", SecondIdentifier::ALL.iter().map(|one| one.name()).collect()),
            names("red-effect-", RedEffect::ALL.iter().map(|one| one.name()).collect()),
        ];
        for language in ["en", "fr", "es", "ar", "de"] {
            let words = Words::named(language).unwrap();
            for id in ids.iter().flatten() {
                assert_ne!(words.say(id), *id, "{language}");
            }
        }
    }
}
