use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use comity_base::{OrgName, Timestamp};
use comity_node::hits::{HitAsk, HitPage, HitState, Question};
use comity_node::{Act, Ctx, Listing, Node, NodeError, Owed, StandingAgreement};

use super::hits::{Line, QuestionRow, line, question};
use super::language::Words;
use super::network::allowed;
use super::parts::{Foreign, Map, Moment, Owner};
use super::person::Person;
use super::reply::page_of;
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "situation.html")]
struct Situation {
    words: Words,
    shell: Shell,
    trouble: String,
    map: Map,
    /// How many of each there are, with the way to them.
    cards: Vec<Card>,
    hits: Vec<Line>,
    questions: Vec<QuestionRow>,
    clocks: Vec<Clock>,
    days: Vec<Day>,
    woes: Vec<(Owner, Foreign, Moment)>,
}

struct Card {
    words: String,
    count: String,
    to: &'static str,
    icon: &'static str,
    warns: bool,
}

/// Something that runs out.
struct Clock {
    what: String,
    who: Owner,
    name: Foreign,
    to: String,
    due: String,
    is_over: bool,
}

/// What came in on one day.
struct Day {
    name: String,
    objects: String,
    share: String,
}

/// What is read; what somebody's role does not show is left out.
#[derive(Default)]
struct Found {
    hits: Option<HitPage>,
    questions: Vec<Question>,
    owed: Vec<Owed>,
    agreements: Vec<StandingAgreement>,
    batches: Vec<Listing>,
    woes: Vec<(OrgName, comity_node::Trouble)>,
    /// Notices on which somebody owes something; none where they are not shown.
    notices: Option<u64>,
    /// Hits of searches, and those that others ask about, that wait for somebody.
    encounters: Option<u64>,
    /// What waits at the gate for a reviewer.
    messages: Option<u64>,
}

/// What is going on.
pub(super) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "situation");
    let ctx = person.ctx.clone();
    page_of(&desk, shell, move |node| read(node, &ctx), |shell, found| told(shell, &found)).await
}

fn read(node: &Node, ctx: &Ctx) -> Result<Found, NodeError> {
    let ask = HitAsk { state: Some(HitState::Open), limit: HITS, ..HitAsk::default() };
    let mut found = Found {
        hits: allowed(node, ctx, Act::Hits, || node.hit_queue(ctx, &ask))?,
        questions: allowed(node, ctx, Act::Hits, || node.questions(ctx))?.unwrap_or_default(),
        agreements: allowed(node, ctx, Act::Agreements, || node.agreements(ctx))?.unwrap_or_default(),
        batches: allowed(node, ctx, Act::Batches, || node.batches(ctx, BATCHES))?.unwrap_or_default(),
        ..Found::default()
    };
    if node.would_allow(ctx, Act::Deliveries)? {
        for peer in node.peers()? {
            found.owed.extend(node.owed_by(&peer.name)?.into_iter().filter(|owed| owed.receipt.is_none()));
            if let Some(woe) = node.trouble(&peer.name)? {
                found.woes.push((peer.name, woe));
            }
        }
    }
    found.notices = notices_due(node, ctx)?;
    found.encounters = allowed(node, ctx, Act::Hits, || {
        let own = node.search_hits(ctx)?.iter().filter(|hit| !hit.state.is_final()).count();
        Ok(own + node.hits_asked(ctx)?.iter().filter(|asked| asked.waits()).count())
    })?
    .map(|count| count as u64);
    let messages = allowed(node, ctx, Act::ReviewNotices, || node.waits_at_gate(ctx))?;
    found.messages = messages.map(|count| count as u64);
    Ok(found)
}

/// How many notices there are on which somebody owes something.
fn notices_due(node: &Node, ctx: &Ctx) -> Result<Option<u64>, NodeError> {
    if !node.would_allow(ctx, Act::Notices)? && !node.would_allow(ctx, Act::ReviewNotices)? {
        return Ok(None);
    }
    let due = node.notices(ctx)?.iter().filter(|row| !row.duties.is_empty()).count();
    Ok(Some(due as u64))
}

fn told(shell: Shell, found: &Found) -> Situation {
    let words = shell.words;
    Situation {
        map: map(&shell, found),
        cards: cards(&shell, found),
        hits: found.hits.iter().flat_map(|hits| &hits.rows).map(|row| line(row, 1, &shell)).collect(),
        questions: waiting(found).map(|one| question(one, &shell)).collect(),
        clocks: clocks(&shell, found),
        days: days(&shell, &found.batches),
        woes: found
            .woes
            .iter()
            .map(|(who, woe)| (shell.owner(who), Foreign::lines(&woe.text), shell.when(woe.since)))
            .collect(),
        trouble: String::new(),
        words,
        shell,
    }
}

/// Questions of others that nobody has answered.
fn waiting(found: &Found) -> impl Iterator<Item = &Question> {
    found.questions.iter().filter(|one| !one.is_ours && one.answer.is_none())
}

fn map(shell: &Shell, found: &Found) -> Map {
    let mut countries: BTreeMap<String, u64> = BTreeMap::new();
    let mut pairs = Vec::new();
    for pair in found.hits.iter().flat_map(|hits| &hits.pairs) {
        for country in [&pair.country, &pair.other].into_iter().flatten() {
            *countries.entry(country.clone()).or_default() += pair.hits;
        }
        if let (Some(one), Some(other)) = (&pair.country, &pair.other) {
            pairs.push((one.clone(), other.clone(), pair.hits));
        }
    }
    Map::new(shell.words, &countries, &pairs, |code| format!("/desk/hits?country={code}"))
}

fn cards(shell: &Shell, found: &Found) -> Vec<Card> {
    let words = shell.words;
    let card = |id: &str, count: u64, to, icon, warns| Card {
        words: words.say(id),
        count: words.count(count),
        to,
        icon,
        warns: warns && count > 0,
    };
    let totals = found.hits.as_ref().map(|hits| hits.totals).unwrap_or_default();
    let overdue = found.owed.iter().filter(|owed| owed.is_overdue(shell.now)).count() as u64;
    let today = shell.now.as_micros().div_euclid(DAY);
    let came = found.batches.iter().filter(|one| day_of(one) == today).map(|one| one.batch.counts.added).sum();
    let own = [
        card("hits-open", totals.open, "/desk/hits", "hits", false),
        card("hits-asked", totals.asked, "/desk/hits?state=asked", "help", false),
        card("questions", waiting(found).count() as u64, "#questions", "intake", true),
        card("recalls-overdue", overdue, "/desk/network", "clock", true),
        card("came-today", came, "/desk/intake", "download", false),
    ];
    // Nobody is led to a page that is not theirs.
    let leads = |card: &Card| {
        let page = shell.rail().iter().find(|entry| entry.to == card.to.split('?').next().unwrap_or_default());
        page.is_some() || (card.to.starts_with('#') && shell.offers("hits"))
    };
    let mut cards: Vec<Card> = own.into_iter().filter(leads).collect();
    cards.extend(found.notices.map(|due| card("notices-due", due, "/desk/notices", "bell", true)));
    cards.extend(found.encounters.map(|open| card("encounters-waiting", open, "/desk/search-hits", "flag", true)));
    cards.extend(found.messages.map(|waiting| card("messages-waiting", waiting, "/desk/gate", "mail", true)));
    cards
}

fn clocks(shell: &Shell, found: &Found) -> Vec<Clock> {
    let words = shell.words;
    let soon = Timestamp::from_micros(shell.now.as_micros().saturating_add(SOON * DAY));
    let owed = found.owed.iter().map(|owed| {
        (
            owed.due,
            Clock {
                what: words.say("receipt"),
                who: shell.owner(&owed.peer),
                name: Foreign::line(&owed.object.to_string()),
                to: format!("/desk/network/{}", owed.peer),
                due: words.moment(owed.due),
                is_over: owed.is_overdue(shell.now),
            },
        )
    });
    let own = shell.organisation();
    let ending = found.agreements.iter().filter(|one| one.agreement.valid_until < soon);
    let ending = ending.filter_map(|one| {
        let other = one.agreement.other(own)?;
        let until = one.agreement.valid_until;
        let clock = Clock {
            what: words.say("agreement-ends"),
            who: shell.owner(&other.name),
            name: Foreign::line(&one.agreement.name),
            to: format!("/desk/network/agreement/{}", one.agreement.id),
            due: words.day(until),
            is_over: until < shell.now,
        };
        Some((until, clock))
    });
    let mut all: Vec<(Timestamp, Clock)> = owed.chain(ending).collect();
    all.sort_by_key(|(due, _)| *due);
    all.into_iter().map(|(_, clock)| clock).take(CLOCKS).collect()
}

fn day_of(listing: &Listing) -> i64 {
    listing.batch.finished.unwrap_or(listing.batch.began).as_micros().div_euclid(DAY)
}

/// How much came in on each of the last days.
fn days(shell: &Shell, batches: &[Listing]) -> Vec<Day> {
    let today = shell.now.as_micros().div_euclid(DAY);
    let counts: Vec<(i64, u64)> = (0..DAYS)
        .rev()
        .map(|back| today - back)
        .map(|day| (day, batches.iter().filter(|one| day_of(one) == day).map(|one| one.batch.counts.added).sum()))
        .collect();
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    counts
        .into_iter()
        .map(|(day, count)| Day {
            name: shell.words.day(Timestamp::from_micros(day * DAY)),
            objects: shell.words.count(count),
            share: format!("{:.1}", count as f64 / most as f64 * 100.0),
        })
        .collect()
}

/// Microseconds of a day.
const DAY: i64 = 86_400 * 1_000_000;
/// Days that are shown.
const DAYS: i64 = 7;
/// Hits that are shown.
const HITS: usize = 5;
/// Batches that are counted.
const BATCHES: usize = 500;
/// Clocks that are shown.
const CLOCKS: usize = 12;
/// Days before the end of an agreement in which it is told.
const SOON: i64 = 60;
