use comity_base::Timestamp;
use comity_law::notice::{Act, ActName, Event, State, TRANSITIONS, Who};
use comity_node::NoticeShown;

use super::super::language::Words;
use super::super::parts::{Place, Step, Steps};
use super::super::shell::Shell;

/// The states that a notice was in, where it is, and where it goes from there.
pub(super) fn steps(shown: &NoticeShown, shell: &Shell) -> Steps {
    let words = shell.words;
    let step = |(state, place, when): (State, Place, Option<Timestamp>)| Step {
        name: words.say(&format!("standing-{}", state.name())),
        place,
        when: when.map(|when| shell.when(when)),
    };
    let ended = shown.ending.as_ref().map(|ending| ending.at);
    Steps::new(way(&shown.events, shown.row.state, ended).into_iter().map(step).collect(), words)
}

/// Each state of the usual way, with others it has been in, once and in order.
fn way(events: &[Event], state: State, ended: Option<Timestamp>) -> Vec<(State, Place, Option<Timestamp>)> {
    let entered = |wanted: State| events.iter().find(|event| enters(&event.act) == Some(wanted)).map(|event| event.at);
    let mut way = Vec::new();
    for one in
        [State::Draft, State::Submitted, State::UnderReview, State::InfoRequested, State::Published, State::Suspended]
    {
        let is_usual = !matches!(one, State::InfoRequested | State::Suspended);
        let when = entered(one);
        let place = match (one == state, when) {
            (true, _) => Place::Here,
            (false, Some(_)) => Place::Done,
            (false, None) => Place::Ahead,
        };
        if place == Place::Here
            || (place == Place::Done && is_usual)
            || (place == Place::Ahead && is_usual && !state.is_final())
        {
            way.push((one, place, when));
        }
    }
    if state.is_final() {
        way.push((state, Place::Ended, ended));
    }
    way
}

/// The state that an act leads into.
const fn enters(act: &Act) -> Option<State> {
    match act {
        Act::Draft { .. } => Some(State::Draft),
        Act::Submit {} => Some(State::Submitted),
        Act::TakeUp {} => Some(State::UnderReview),
        Act::Ask { .. } => Some(State::InfoRequested),
        Act::Publish { .. } => Some(State::Published),
        Act::Suspend {} => Some(State::Suspended),
        _ => None,
    }
}

/// What others may do to it now, and who they are: whatever whoever looks may not. What is not possible yet is no one's.
pub(super) fn others(shown: &NoticeShown, words: Words) -> Vec<(String, String)> {
    let state = shown.row.state;
    let is_due = |act: ActName| act == ActName::Publish && shown.due.is_some();
    let is_next = |act: ActName| {
        !shown.possible.contains(&act) && !is_due(act) && !matches!(act, ActName::Clock | ActName::Receipts)
    };
    let rows = TRANSITIONS.iter().filter(|row| row.from.contains(&state) && is_next(row.act));
    let who = |who: &Who| words.within("doer-", who.name());
    let rows = rows.filter(|row| row.by.iter().any(|who| !matches!(who, Who::Node | Who::Clock)));
    rows.map(|row| {
        let by: Vec<String> = row.by.iter().filter(|who| !matches!(who, Who::Node | Who::Clock)).map(who).collect();
        (words.say(&format!("deed-{}", row.act.name())), words.list(&by))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use comity_base::OrgName;
    use comity_law::Person;
    use comity_law::notice::{Actor, Colour, Form};

    use super::*;

    fn events(acts: &[Act]) -> Vec<Event> {
        let person = Person::new(OrgName::parse("ee").unwrap(), "mari");
        let at = |second: i64| Timestamp::from_micros(second * 1_000_000);
        let mut all = vec![Event::draft(at(0), person.clone(), Colour::Red, Form::Notice)];
        for (act, second) in acts.iter().zip(1..) {
            let by = Actor::Source { person: person.clone() };
            all.push(Event { at: at(second), by, act: act.clone(), reason: String::new() });
        }
        all
    }

    fn told(acts: &[Act], state: State) -> String {
        let way = way(&events(acts), state, Some(Timestamp::from_micros(9_000_000)));
        way.iter().map(|(state, place, _)| format!("{state}:{}", place.name())).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_way_shows_what_was_what_is_and_what_may_come() {
        assert_eq!(told(&[], State::Draft), "draft:here submitted:ahead under-review:ahead published:ahead",);
        let (submit, take_up) = (Act::Submit {}, Act::TakeUp {});
        let ask = Act::Ask { answer_by: Timestamp::from_micros(0) };
        assert_eq!(
            told(&[submit.clone(), take_up.clone(), ask.clone()], State::InfoRequested),
            "draft:done-step submitted:done-step under-review:done-step info-requested:here published:ahead"
        );
        assert_eq!(
            told(&[submit.clone(), take_up.clone(), ask, Act::Answer {}], State::UnderReview),
            "draft:done-step submitted:done-step under-review:here published:ahead"
        );
        assert_eq!(
            told(&[submit, take_up], State::Refused),
            "draft:done-step submitted:done-step under-review:done-step refused:ended",
            "what ended goes nowhere"
        );
    }
}
