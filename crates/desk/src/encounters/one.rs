use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_base::Timestamp;
use comity_law::cards::{Answered, RedEffect};
use comity_law::hit::{Basis, HitAct, HitActor, HitEvent, HitState};
use comity_node::{SearchHitNo, SearchHitShown};

use super::super::forms::{Typed, Upload};
use super::super::language::Words;
use super::super::parts::{Card, Cites, Due, Foreign, Meter, Moment, Owner, Place, Step, Steps, ThingLink};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use super::Standing;
use super::deeds::{DeedForm, deeds};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "encounters/one.html")]
struct One {
    words: Words,
    shell: Shell,
    trouble: String,
    no: String,
    standing: Standing,
    name: Foreign,
    found: ThingLink,
    owner: Owner,
    likely: Meter,
    silent: bool,
    must_escalate: bool,
    due: Option<Due>,
    officer: Foreign,
    at: Moment,
    reference: Foreign,
    asked: Vec<(String, Foreign)>,
    /// The card of the notice; none where there was no notice, or it stands no more.
    card: Option<Card>,
    had_notice: bool,
    effect: Effect,
    steps: Steps,
    deeds: Vec<DeedForm>,
    events: Vec<EventRow>,
}

/// What a red notice is by the law of this country, and where that stands.
struct Effect {
    said: String,
    rule: Foreign,
    cited: Option<Cites>,
}

struct EventRow {
    what: String,
    more: String,
    by: Foreign,
    when: Moment,
    exactly: String,
    reason: Foreign,
}

/// What somebody tried and was not done, with everything they typed.
struct Tried {
    act: String,
    typed: Typed,
    trouble: Trouble,
}

/// One hit.
pub(crate) async fn page(State(desk): State<Desk>, Path(no): Path<String>, person: Person) -> Response {
    told(&desk, person, &no, None).await
}

async fn told(desk: &Desk, person: Person, no: &str, tried: Option<Tried>) -> Response {
    let shell = Shell::of(desk, &person, "encounters");
    let Ok(no) = no.parse::<SearchHitNo>() else { return Trouble::NotFound.page(shell) };
    let ctx = person.ctx.clone();
    match work(desk, move |node| node.search_hit(&ctx, &no)).await {
        Ok(hit) => {
            let words = shell.words;
            shown(&one(shell, &hit, tried.as_ref()), tried.as_ref().map(|tried| &tried.trouble), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn one(shell: Shell, hit: &SearchHitShown, tried: Option<&Tried>) -> One {
    let words = shell.words;
    let tried = tried.map(|tried| (tried.act.as_str(), &tried.typed, &tried.trouble));
    One {
        no: hit.no.to_string(),
        standing: Standing::of(hit.state, words),
        name: Foreign::line(&hit.name),
        found: ThingLink::new(&hit.found.to_string(), hit.found.kind.as_str(), &hit.name, true, words),
        owner: shell.owner(&hit.owner),
        likely: Meter::likely(hit.probability, words),
        silent: hit.silent,
        must_escalate: hit.must_escalate,
        due: super::due(hit, &shell),
        officer: Foreign::line(&hit.officer),
        at: shell.when(hit.at),
        reference: Foreign::line(hit.reference.as_deref().unwrap_or_default()),
        asked: asked(hit, words),
        card: hit.card.as_ref().map(|card| Card::of(card, &shell)),
        had_notice: hit.notice.is_some(),
        effect: effect(&hit.effect, words),
        steps: steps(hit, &shell),
        deeds: deeds(hit, tried, words),
        events: hit.events.iter().rev().map(|event| row(event, &shell)).collect(),
        trouble: String::new(),
        words,
        shell,
    }
}

/// What was asked, as it went on record.
fn asked(hit: &SearchHitShown, words: Words) -> Vec<(String, Foreign)> {
    let texts = [
        ("name", "person-name"),
        ("born", "birth-date"),
        ("nationality", "nationality"),
        ("sex", "sex"),
        ("document", "person-document"),
        ("zone", "zone"),
    ];
    let one = |(member, id): (&str, &str)| {
        let text = hit.asked.get(member)?.as_str()?;
        let text = match member {
            "nationality" => words.state(text),
            "sex" => words.known("sexed-", text),
            _ => text.to_owned(),
        };
        Some((words.say(id), Foreign::lines(&text)))
    };
    texts.into_iter().filter_map(one).collect()
}

fn effect(effect: &Answered<RedEffect>, words: Words) -> Effect {
    let cited = effect.cited.as_ref();
    Effect {
        said: words.say(&format!("red-effect-{}", effect.answer.name())),
        rule: cited.map_or_else(|| Foreign::line(""), |cited| Foreign::lines(&cited.rule)),
        cited: cited.map(|cited| Cites {
            rule: format!("{} {}", words.country(&cited.country.to_string()), cited.version),
            address: cited.address.clone(),
            verified: cited.verified,
        }),
    }
}

fn steps(hit: &SearchHitShown, shell: &Shell) -> Steps {
    let words = shell.words;
    let step = |(state, place, when): (HitState, Place, Option<Timestamp>)| Step {
        name: words.say(&format!("encounter-{}", state.name())),
        place,
        when: when.map(|when| shell.when(when)),
    };
    Steps::new(way(&hit.events, hit.state, hit.silent).into_iter().map(step).collect(), words)
}

/// Each state of the usual way, with where it is. A silent search asks nobody.
fn way(events: &[HitEvent], state: HitState, silent: bool) -> Vec<(HitState, Place, Option<Timestamp>)> {
    let last = events.last().map(|event| event.at);
    let entered =
        |wanted: HitState| events.iter().rev().find(|event| enters(&event.act) == Some(wanted)).map(|event| event.at);
    let mut way = Vec::new();
    for one in [HitState::Unconfirmed, HitState::Checked, HitState::Asked, HitState::NoAnswer, HitState::Confirmed] {
        let when = entered(one);
        let may_come = !state.is_final()
            && one != HitState::NoAnswer
            && !(silent && matches!(one, HitState::Asked | HitState::Confirmed));
        match (one == state, when) {
            (true, _) => way.push((one, Place::Here, when)),
            (false, Some(_)) => way.push((one, Place::Done, when)),
            (false, None) if may_come => way.push((one, Place::Ahead, None)),
            (false, None) => {}
        }
    }
    if state.is_final() {
        way.push((state, Place::Ended, last));
    } else {
        way.push((HitState::Closed, Place::Ahead, None));
    }
    way
}

/// The state that an act leads into.
const fn enters(act: &HitAct) -> Option<HitState> {
    match act {
        HitAct::Found { .. } => Some(HitState::Unconfirmed),
        HitAct::Check { same: true, .. } => Some(HitState::Checked),
        HitAct::Ask { .. } => Some(HitState::Asked),
        HitAct::Confirm { .. } => Some(HitState::Confirmed),
        _ => None,
    }
}

fn row(event: &HitEvent, shell: &Shell) -> EventRow {
    let words = shell.words;
    let by = match &event.by {
        HitActor::Officer { person } | HitActor::Bureau { person } | HitActor::Owner { person } => {
            Foreign::line(&format!("{} ({})", person.account, person.node))
        }
        HitActor::Clock {} => Foreign::own(&words.say("doer-clock")),
    };
    EventRow {
        what: words.say(&format!("hitdeed-{}", event.act.name().name())),
        more: words.list(&more(&event.act, words)),
        by,
        when: shell.when(event.at),
        exactly: words.moment(event.at),
        reason: Foreign::lines(&event.reason),
    }
}

/// What an act says beside its name.
fn more(act: &HitAct, words: Words) -> Vec<String> {
    let said = |prefix: &str, name: &str| words.say(&format!("{prefix}{name}"));
    match act {
        HitAct::Check { with, same } => {
            vec![said("identifier-", with.name()), said("same-", if *same { "yes" } else { "no" })]
        }
        HitAct::Ask { urgent } => vec![said("urgent-", if *urgent { "yes" } else { "no" })],
        HitAct::Confirm { measure } => vec![said("measure-", measure.name())],
        HitAct::Refute { why } => vec![said("refutal-", why.name())],
        HitAct::Close { outcome, basis } => {
            let basis = basis.as_ref().map(|basis| match basis {
                Basis::RedNotice { .. } => words.say("on-basis-red-notice"),
                Basis::NationalOrder { reference } => words.text("on-order", "reference", reference),
            });
            std::iter::once(said("done-", outcome.name())).chain(basis).collect()
        }
        HitAct::Found { silent: true, .. } => vec![words.say("silent-search")],
        HitAct::Found { .. } | HitAct::Escalate {} | HitAct::Clock {} => Vec::new(),
    }
}

/// Does something with it.
pub(crate) async fn act(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let (typed, words) = (Typed::of(&form), person.words);
    let Ok(number) = no.parse::<SearchHitNo>() else {
        return Trouble::NotFound.page(Shell::of(&desk, &person, "encounters"));
    };
    let act = typed.text("act").to_owned();
    let (ctx, tried, name) = (person.ctx.clone(), typed.clone(), act.clone());
    let done = work(&desk, move |node| {
        let effect = node.search_hit(&ctx, &number)?.effect.answer;
        match super::deeds::read(&name, &tried, effect, words) {
            Ok(deed) => node.act_on_search_hit(&ctx, &number, &deed, tried.text("why")).map(|_| None),
            Err(unclear) => Ok(Some(Trouble::Unclear(unclear))),
        }
    });
    let trouble = match done.await {
        Ok(None) => return Redirect::to(&format!("/desk/search-hits/{no}")).into_response(),
        Ok(Some(trouble)) | Err(trouble) => trouble,
    };
    told(&desk, person, &no, Some(Tried { act, typed, trouble })).await
}

#[cfg(test)]
mod tests {
    use comity_base::OrgName;
    use comity_law::Person;
    use comity_law::hit::SecondIdentifier;

    use super::*;

    fn told(acts: &[HitAct], state: HitState, silent: bool) -> String {
        let person = Person::new(OrgName::parse("ee").unwrap(), "mari");
        let event = |(act, second): (&HitAct, i64)| HitEvent {
            at: Timestamp::from_micros(second * 1_000_000),
            by: HitActor::Bureau { person: person.clone() },
            act: act.clone(),
            reason: String::new(),
        };
        let found = HitAct::Found { owner: OrgName::parse("ee").unwrap(), silent };
        let events: Vec<HitEvent> = std::iter::once(&found).chain(acts).zip(0..).map(event).collect();
        let way = way(&events, state, silent);
        way.iter().map(|(state, place, _)| format!("{state}:{}", place.name())).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_way_shows_what_was_what_is_and_what_may_come() {
        let check = HitAct::Check { with: SecondIdentifier::Photo, same: true };
        let ask = HitAct::Ask { urgent: true };
        assert_eq!(
            told(&[], HitState::Unconfirmed, false),
            "unconfirmed:here checked:ahead asked:ahead confirmed:ahead closed:ahead"
        );
        assert_eq!(
            told(&[], HitState::Unconfirmed, true),
            "unconfirmed:here checked:ahead closed:ahead",
            "it asks nobody"
        );
        assert_eq!(
            told(&[check.clone(), ask], HitState::NoAnswer, false),
            "unconfirmed:done-step checked:done-step asked:done-step no-answer:here confirmed:ahead closed:ahead"
        );
        let other = HitAct::Check { with: SecondIdentifier::Photo, same: false };
        assert_eq!(told(&[other], HitState::Refuted, false), "unconfirmed:done-step refuted:ended");
    }
}
