use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use proptest::prelude::*;

use super::clock::{HOUR, after};
use super::*;
use crate::reason::tests::{complete, well_made};
use crate::{Country, Person};

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn person(node: &str, account: &str) -> Person {
    Person::new(OrgName::parse(node).unwrap(), account)
}

pub(crate) fn source(account: &str) -> Actor {
    Actor::Source { person: person("ee-police", account) }
}

pub(crate) fn reviewer(account: &str) -> Actor {
    Actor::Reviewer { person: person("hub", account) }
}

pub(crate) fn node() -> Actor {
    Actor::Node { node: OrgName::parse("ee-police").unwrap() }
}

pub(crate) fn event(at: Timestamp, by: Actor, act: Act) -> Event {
    Event { at, by, act, reason: "because".into() }
}

pub(crate) fn publish(valid_until: Timestamp) -> Act {
    Act::Publish { valid_until, extract: false, screened: Screened::by(1) }
}

const START: &str = "2026-11-01T12:00:00Z";
const END: &str = "2028-11-01T12:00:00Z";

fn hours(hours: i64) -> Timestamp {
    after(at(START), hours * HOUR)
}

/// A notice that was drafted, submitted, taken up and published, an hour apart.
pub(crate) fn published(colour: Colour) -> Vec<Event> {
    vec![
        event(hours(0), source("drafter"), Act::Draft { colour, form: Form::Notice, extract: false }),
        event(hours(1), source("chief"), Act::Submit {}),
        event(hours(2), reviewer("lawyer"), Act::TakeUp {}),
        event(hours(3), reviewer("lawyer"), publish(at(END))),
    ]
}

/// Folds what must be allowed.
pub(crate) fn folded(events: &[Event]) -> Lifecycle {
    let folded = Lifecycle::fold(events, at("2040-01-01T00:00:00Z"));
    assert_eq!(folded.refused, []);
    folded.lifecycle
}

/// The code of the refusal of one more event after those that are allowed.
fn refused(events: &[Event], more: &Event) -> &'static str {
    let mut lifecycle = folded(events);
    let before = lifecycle.clone();
    let refused = lifecycle.apply(more, at("2040-01-01T00:00:00Z")).unwrap_err();
    assert_eq!(lifecycle, before, "a refused event changes nothing");
    complete(&refused.0, REFUSALS);
    refused.0.code
}

fn with(mut events: Vec<Event>, more: Vec<Event>) -> Vec<Event> {
    events.extend(more);
    events
}

fn kinds(duties: &[Duty]) -> Vec<DutyKind> {
    duties.iter().map(|duty| duty.kind).collect()
}

#[test]
fn refusals_are_well_made() {
    well_made(REFUSALS);
}

#[test]
fn a_notice_is_published_by_a_third_person() {
    let notice = folded(&published(Colour::Red));
    assert_eq!(notice.state(hours(3)), Some(State::Published));
    assert_eq!(notice.in_force(hours(3)).unwrap().version, 1);
    assert_eq!(notice.head().unwrap().source.as_str(), "ee-police");
}

#[test]
fn nobody_submits_what_they_wrote_nor_reviews_what_they_touched() {
    let events = published(Colour::Red);
    assert_eq!(refused(&events[..1], &event(hours(1), source("Drafter "), Act::Submit {})), "four-eyes");
    let revised = with(events[..1].to_vec(), vec![event(hours(0), source("helper"), Act::Revise { extract: None })]);
    assert_eq!(refused(&revised, &event(hours(1), source("helper"), Act::Submit {})), "four-eyes");
    for own in ["drafter", "chief"] {
        let by = || Actor::Reviewer { person: person("ee-police", own) };
        assert_eq!(refused(&events[..2], &event(hours(2), by(), Act::TakeUp {})), "own-text");
        assert_eq!(refused(&events[..3], &event(hours(3), by(), publish(at(END)))), "own-text");
    }
    assert_eq!(refused(&events[..3], &event(hours(3), source("third"), publish(at(END)))), "not-theirs");
}

#[test]
fn a_reviewer_who_answers_for_the_source_reviews_no_more() {
    let events = with(
        published(Colour::Blue)[..3].to_vec(),
        vec![
            event(hours(3), Actor::Reviewer { person: person("ee-police", "both") }, Act::Concur {}),
            event(hours(4), reviewer("lawyer"), Act::Ask { answer_by: hours(100) }),
            event(hours(5), source("both"), Act::Answer {}),
        ],
    );
    let two = Act::Publish { valid_until: at(END), extract: false, screened: Screened::by(2) };
    assert_eq!(refused(&events, &event(hours(6), reviewer("lawyer"), two)), "too-few-reviewers");
    let both = Actor::Reviewer { person: person("ee-police", "both") };
    assert_eq!(refused(&events, &event(hours(6), both, publish(at(END)))), "own-text");
}

#[test]
fn a_diffusion_walks_the_same_path_as_a_notice() {
    let draft = Act::Draft { colour: Colour::Red, form: Form::Diffusion, extract: false };
    let events = vec![event(hours(0), source("drafter"), draft), event(hours(1), source("chief"), Act::Submit {})];
    assert_eq!(folded(&events).in_force(hours(1)), None, "nothing goes round before it is reviewed");
    assert_eq!(refused(&events, &event(hours(2), reviewer("lawyer"), publish(at(END)))), "not-from-here");
}

#[test]
fn two_reviewers_are_two_people() {
    let two = || Act::Publish { valid_until: at(END), extract: false, screened: Screened::by(2) };
    let review = published(Colour::Red)[..3].to_vec();
    assert_eq!(refused(&review, &event(hours(3), reviewer("lawyer"), two())), "too-few-reviewers");
    let same = with(review.clone(), vec![event(hours(3), reviewer("LAWYER"), Act::Concur {})]);
    assert_eq!(refused(&same, &event(hours(4), reviewer("lawyer"), two())), "too-few-reviewers");
    let other = vec![event(hours(3), reviewer("judge"), Act::Concur {}), event(hours(4), reviewer("lawyer"), two())];
    assert_eq!(folded(&with(review, other)).state(hours(4)), Some(State::Published));
}

#[test]
fn what_reviewers_agreed_to_is_void_when_the_source_answers() {
    let two = Act::Publish { valid_until: at(END), extract: false, screened: Screened::by(2) };
    let events = with(
        published(Colour::Red)[..3].to_vec(),
        vec![
            event(hours(3), reviewer("judge"), Act::Concur {}),
            event(hours(4), reviewer("lawyer"), Act::Ask { answer_by: hours(100) }),
            event(hours(5), source("drafter"), Act::Answer {}),
        ],
    );
    assert_eq!(refused(&events, &event(hours(6), reviewer("lawyer"), two.clone())), "too-few-reviewers");
    let again = with(events, vec![event(hours(6), reviewer("judge"), Act::Concur {})]);
    folded(&with(again, vec![event(hours(7), reviewer("lawyer"), two)]));
}

#[test]
fn whoever_agreed_before_it_was_judged_last_did_not_agree_to_what_was_found() {
    let judged = |judged| {
        let screened = Screened { judged: Some(judged), ..Screened::by(2) };
        Act::Publish { valid_until: at(END), extract: false, screened }
    };
    let agreed = with(published(Colour::Red)[..3].to_vec(), vec![event(hours(3), reviewer("judge"), Act::Concur {})]);
    assert_eq!(refused(&agreed, &event(hours(5), reviewer("lawyer"), judged(hours(4)))), "too-few-reviewers");
    let again = with(agreed.clone(), vec![event(hours(4), reviewer("judge"), Act::Concur {})]);
    for (events, at) in [(again, hours(4)), (agreed, hours(2))] {
        let out = folded(&with(events, vec![event(hours(5), reviewer("lawyer"), judged(at))])).in_force(hours(5));
        let agreed: Vec<String> = out.unwrap().agreed.iter().map(|(_, person)| person.account.clone()).collect();
        assert_eq!(agreed, ["judge", "lawyer"], "each is named once");
    }
}

#[test]
fn what_is_out_goes_on_with_those_who_agree_to_it_as_it_is_judged() {
    let mut events = published(Colour::Red);
    let out = folded(&events).in_force(hours(50)).unwrap();
    let judged = Screened { judged: Some(hours(60)), ..Screened::by(2) };
    assert_eq!(Screened::by(1).enough(&out.agreed).unwrap().len(), 1);
    assert_eq!(judged.enough(&out.agreed).unwrap_err().0.code, "too-few-reviewers", "nobody knew of it");
    events.push(event(hours(61), reviewer("judge"), Act::Suspend {}));
    events.push(event(hours(62), reviewer("judge"), Act::Concur {}));
    events.push(event(hours(63), reviewer("lawyer"), Act::Lift {}));
    let out = folded(&events).in_force(hours(63)).unwrap();
    assert_eq!(judged.enough(&out.agreed).unwrap().len(), 2, "both agreed since");
    assert!(Screened::refused(Ground::Article2).enough(&out.agreed).is_err());
}

#[test]
fn what_the_gate_refuses_is_never_published() {
    let screened = Screened::refused(Ground::Article2);
    let act = Act::Publish { valid_until: at(END), extract: false, screened };
    assert_eq!(refused(&published(Colour::Red)[..3], &event(hours(3), reviewer("lawyer"), act)), "gate-refuses");
}

#[test]
fn it_holds_for_five_years_at_most() {
    let review = published(Colour::Red)[..3].to_vec();
    let latest = latest_end(hours(3));
    assert_eq!(latest, at("2031-11-01T15:00:00Z"));
    for until in [after(latest, 1), hours(3), hours(2)] {
        assert_eq!(refused(&review, &event(hours(3), reviewer("lawyer"), publish(until))), "validity");
    }
    folded(&with(review, vec![event(hours(3), reviewer("lawyer"), publish(latest))]));
}

#[test]
fn a_question_that_is_not_answered_in_time_ends_it() {
    let ask = Act::Ask { answer_by: hours(100) };
    let events = with(published(Colour::Red)[..3].to_vec(), vec![event(hours(3), reviewer("lawyer"), ask)]);
    let notice = folded(&events);
    assert_eq!(notice.next_clock(hours(3)), Some(Clock { at: hours(100), kind: ClockKind::Answer }));
    assert_eq!(notice.state(after(hours(100), -1_000_000)), Some(State::InfoRequested));
    assert_eq!(kinds(&notice.duties(after(hours(100), -1_000_000))), [DutyKind::Answer]);
    assert_eq!(notice.state(hours(100)), Some(State::Lapsed));
    assert!(notice.duties(hours(100)).is_empty(), "nobody else ever had it");
    assert_eq!(refused(&events, &event(hours(100), source("chief"), Act::Answer {})), "final-state");
    let short = Act::Ask { answer_by: hours(26) };
    assert_eq!(refused(&published(Colour::Red)[..3], &event(hours(3), reviewer("lawyer"), short)), "answer-time");
}

#[test]
fn a_review_is_aimed_at_within_a_day() {
    let notice = folded(&published(Colour::Red)[..2]);
    let duty = notice.duties(hours(1))[0];
    assert_eq!((duty.kind, duty.due), (DutyKind::Review, Some(hours(25))));
    assert!(!duty.is_overdue(after(hours(25), -1_000_000)) && duty.is_overdue(hours(25)));
    assert_eq!(notice.next_clock(hours(1)), Some(Clock { at: hours(25), kind: ClockKind::Review }));
    assert_eq!(notice.state(hours(1_000)), Some(State::Submitted), "nothing is published by waiting");
}

#[test]
fn it_ends_at_the_second_and_must_be_recalled() {
    let notice = folded(&published(Colour::Red));
    let second_before = after(at(END), -1_000_000);
    assert_eq!(notice.state(second_before), Some(State::Published));
    assert_eq!(notice.next_clock(second_before), Some(Clock { at: at(END), kind: ClockKind::Expiry }));
    assert_eq!(notice.state(at(END)), Some(State::Expired));
    assert_eq!(notice.in_force(at(END)), None);
    assert_eq!(kinds(&notice.duties(at(END))), [DutyKind::Recall]);
    assert_eq!(notice.next_clock(at(END)), None);
    let late = event(at(END), source("chief"), Act::Withdraw {});
    assert_eq!(refused(&published(Colour::Red), &late), "final-state");
}

#[test]
fn the_source_is_asked_six_months_before_the_end() {
    let events = published(Colour::Green);
    let ask = at("2028-05-01T12:00:00Z");
    let notice = folded(&events);
    assert_eq!(notice.next_clock(hours(4)), Some(Clock { at: ask, kind: ClockKind::Ask }));
    assert!(notice.duties(after(ask, -1_000_000)).is_empty());
    assert_eq!(kinds(&notice.duties(ask)), [DutyKind::Justify]);
    assert_eq!(refused(&events, &event(after(ask, -1), source("chief"), Act::Justify {})), "nothing-to-re-examine");
    let longer = Act::ReExamine { valid_until: at("2030-11-01T12:00:00Z") };
    assert_eq!(refused(&events, &event(ask, reviewer("lawyer"), longer.clone())), "not-justified");
    let justified = with(events, vec![event(ask, source("chief"), Act::Justify {})]);
    assert_eq!(kinds(&folded(&justified).duties(ask)), [DutyKind::ReExamine]);
    let kept = folded(&with(justified.clone(), vec![event(ask, reviewer("lawyer"), longer)]));
    assert!(kept.duties(ask).is_empty());
    assert_eq!(kept.state(at(END)), Some(State::Published));
    assert_eq!(kept.next_clock(ask), Some(Clock { at: at("2030-05-01T12:00:00Z"), kind: ClockKind::Ask }));
    let ends = Act::ReExamine { valid_until: at(END) };
    let ends = folded(&with(justified, vec![event(ask, reviewer("lawyer"), ends)]));
    assert!(ends.duties(ask).is_empty() && ends.state(at(END)) == Some(State::Expired));
}

#[test]
fn something_short_is_asked_about_half_way() {
    assert_eq!(ask_at(hours(0), hours(48)), hours(24));
    let six_months = at(START).plus_months(6);
    assert!(ask_at(at(START), six_months) > at(START));
}

#[test]
fn every_end_of_something_published_demands_a_recall() {
    let ends = [
        (event(hours(5), source("chief"), Act::Withdraw {}), State::Withdrawn),
        (event(hours(5), reviewer("lawyer"), Act::Cancel { ground: Ground::Article3 }), State::Cancelled),
        (event(hours(5), reviewer("lawyer"), Act::Suspend {}), State::Suspended),
        (
            event(
                hours(5),
                source("chief"),
                Act::Execute { outcome: Outcome::Arrested, country: Country::parse("FI").unwrap() },
            ),
            State::Executed,
        ),
    ];
    for (end, state) in ends {
        let events = with(published(Colour::Red), vec![end]);
        let notice = folded(&events);
        assert_eq!(notice.state(hours(5)), Some(state));
        assert_eq!(kinds(&notice.duties(hours(5))), [DutyKind::Recall], "{state}");
        let some = event(hours(6), node(), Act::Receipts { outstanding: 3 });
        assert_eq!(folded(&with(events.clone(), vec![some])).duties(hours(6))[0].outstanding, Some(3));
        let all = with(events, vec![event(hours(6), node(), Act::Receipts { outstanding: 0 })]);
        assert!(folded(&all).duties(hours(6)).is_empty());
        assert_eq!(refused(&all, &event(hours(7), node(), Act::Receipts { outstanding: 0 })), "no-recall");
    }
    let drafted = with(published(Colour::Red)[..2].to_vec(), vec![event(hours(5), source("chief"), Act::Withdraw {})]);
    assert!(folded(&drafted).duties(hours(5)).is_empty(), "nobody has it");
}

#[test]
fn a_suspension_is_lifted_or_ends_and_its_time_runs_on() {
    let suspended = with(published(Colour::Red), vec![event(hours(5), reviewer("lawyer"), Act::Suspend {})]);
    assert_eq!(folded(&suspended).in_force(hours(5)), None, "nobody may act on it");
    assert_eq!(refused(&suspended, &event(hours(6), source("chief"), Act::Lift {})), "not-theirs");
    let lifted = with(suspended.clone(), vec![event(hours(6), reviewer("lawyer"), Act::Lift {})]);
    assert_eq!(folded(&lifted).state(hours(6)), Some(State::Published));
    assert!(folded(&lifted).duties(hours(6)).is_empty());
    assert_eq!(folded(&suspended).state(at(END)), Some(State::Expired));
}

#[test]
fn an_amendment_of_what_matters_is_reviewed_beside_what_holds() {
    let amend = Act::Amend { changed: BTreeSet::from([Part::Offence, Part::Contact]) };
    let begun = with(published(Colour::Red), vec![event(hours(5), source("drafter"), amend.clone())]);
    let notice = folded(&begun);
    assert_eq!(notice.in_force(hours(5)).unwrap().version, 1);
    assert_eq!(notice.review(hours(5)).unwrap().stage, State::Draft);
    assert_eq!(refused(&begun, &event(hours(6), source("drafter"), Act::Submit {})), "four-eyes");
    assert_eq!(refused(&begun, &event(hours(6), source("chief"), amend)), "amendment-open");
    let reviewed = with(
        begun,
        vec![event(hours(6), source("chief"), Act::Submit {}), event(hours(7), reviewer("lawyer"), Act::TakeUp {})],
    );
    assert_eq!(
        refused(&reviewed, &event(hours(8), reviewer("lawyer"), publish(after(at(END), 1)))),
        "no-longer-by-amendment"
    );
    let two = folded(&with(reviewed.clone(), vec![event(hours(8), reviewer("lawyer"), publish(at(END)))]));
    assert_eq!(two.in_force(hours(8)).unwrap().version, 2);
    let no = Act::Refuse { ground: Ground::Threshold };
    let one = folded(&with(reviewed, vec![event(hours(8), reviewer("lawyer"), no)]));
    assert_eq!((one.in_force(hours(8)).unwrap().version, one.review(hours(8))), (1, None));
}

#[test]
fn a_new_telephone_number_needs_no_review_and_neither_does_an_addendum() {
    let amend = Act::Amend { changed: BTreeSet::from([Part::Contact]) };
    let news = Act::Addendum { what: AddendumKind::NotActedOn, country: Country::parse("us").unwrap() };
    let events = with(
        published(Colour::Red),
        vec![event(hours(5), source("drafter"), amend), event(hours(6), source("drafter"), news)],
    );
    let notice = folded(&events);
    assert_eq!((notice.in_force(hours(6)).unwrap().version, notice.review(hours(6))), (2, None));
    assert_eq!(notice.addenda().len(), 1);
    let nothing = Act::Amend { changed: BTreeSet::new() };
    assert_eq!(refused(&events, &event(hours(7), source("drafter"), nothing)), "nothing-changed");
}

#[test]
fn a_refusal_to_extradite_asks_for_another_look() {
    for what in [AddendumKind::ExtraditionRefused, AddendumKind::ProtectionGranted] {
        let addendum = Act::Addendum { what, country: Country::parse("SE").unwrap() };
        let events = with(published(Colour::Red), vec![event(hours(5), node(), addendum)]);
        assert_eq!(kinds(&folded(&events).duties(hours(5))), [DutyKind::ReExamine]);
        let longer = Act::ReExamine { valid_until: after(at(END), 1) };
        assert_eq!(refused(&events, &event(hours(6), reviewer("lawyer"), longer)), "not-justified");
        let stays = event(hours(6), reviewer("lawyer"), Act::ReExamine { valid_until: at(END) });
        let notice = folded(&with(events, vec![stays]));
        assert!(notice.duties(hours(6)).is_empty());
        assert_eq!(kinds(&notice.duties(at("2028-05-01T12:00:00Z"))), [DutyKind::Justify], "the question still comes");
    }
}

#[test]
fn a_silver_notice_compels_nothing_and_shows_nothing() {
    let country = Country::parse("IT").unwrap();
    let freeze = event(hours(5), source("chief"), Act::Execute { outcome: Outcome::AssetFrozen, country });
    assert_eq!(refused(&published(Colour::Silver), &freeze), "silver-non-coercive");
    let arrest = event(hours(5), source("chief"), Act::Execute { outcome: Outcome::Arrested, country });
    assert_eq!(refused(&published(Colour::Silver), &arrest), "wrong-outcome");
    assert_eq!(refused(&published(Colour::Blue), &arrest), "wrong-outcome");
    let shown = Act::Publish { valid_until: at(END), extract: true, screened: Screened::by(1) };
    let show = event(hours(3), reviewer("lawyer"), shown);
    assert_eq!(refused(&published(Colour::Silver)[..3], &show), "extract-never");
    assert_eq!(refused(&published(Colour::Red)[..3], &show), "extract-not-wished");
    let un = folded(&published(Colour::UnitedNations));
    assert!(un.in_force(hours(3)).unwrap().extract, "those of the United Nations are always public");
}

#[test]
fn an_extract_is_published_on_the_wish_that_its_source_wrote_last() {
    let events = published(Colour::Red);
    let wish = |at, extract| event(hours(at), source("drafter"), Act::Revise { extract });
    let then = |wishes: Vec<Event>| with(with(events[..1].to_vec(), wishes), events[1..3].to_vec());
    let show = Act::Publish { valid_until: at(END), extract: true, screened: Screened::by(1) };
    let show = event(hours(3), reviewer("lawyer"), show);
    let wished = with(then(vec![wish(0, Some(true)), wish(0, None)]), vec![show.clone()]);
    assert!(folded(&wished).in_force(hours(3)).unwrap().extract, "what says nothing of it takes nothing back");
    assert_eq!(refused(&then(vec![wish(0, Some(true)), wish(0, Some(false))]), &show), "extract-not-wished");
}

#[test]
fn events_are_in_the_order_of_time_and_by_those_who_may() {
    let events = published(Colour::Red);
    assert_eq!(refused(&[], &event(hours(0), source("chief"), Act::Submit {})), "nothing-drafted");
    assert_eq!(refused(&events, &events[0]), "out-of-order");
    let again = Event { at: hours(9), ..events[0].clone() };
    assert_eq!(refused(&events, &again), "drafted-already");
    let stranger = Actor::Source { person: person("ru-police", "chief") };
    assert_eq!(refused(&events, &event(hours(5), stranger, Act::Withdraw {})), "not-the-source");
    let nameless = Event { reason: " ".into(), ..event(hours(5), source("chief"), Act::Withdraw {}) };
    assert_eq!(refused(&events, &nameless), "no-reason");
    let long = Event { reason: "x".repeat(2_001), ..nameless.clone() };
    assert_eq!(refused(&events, &long), "long-reason");
    assert_eq!(refused(&events, &event(hours(5), source("\u{200b}"), Act::Withdraw {})), "nobody-named");
    let folded = Lifecycle::fold(&events, hours(2));
    assert_eq!(folded.refused.iter().map(|(at, no)| (*at, no.0.code)).collect::<Vec<_>>(), [(3, "from-the-future")]);
}

#[test]
fn events_travel_as_json_and_unknown_members_are_refused() {
    let events = published(Colour::Red);
    let json = serde_json::to_string(&events).unwrap();
    assert_eq!(read_events(json.as_bytes()).unwrap(), events);
    for (from, to) in [
        (r#""do":"submit""#, r#""do":"submit","quietly":true"#),
        (r#""as":"reviewer""#, r#""as":"reviewer","of":"x""#),
        (r#""reason":"because""#, r#""reason":"because","reason":"x""#),
        (r#""colour":"red""#, r#""colour":"pink""#),
    ] {
        assert!(json.contains(from), "{from} in {json}");
        assert!(read_events(json.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
    }
}

/// Any event by anybody at any of a few hours, allowed or not.
fn any_event() -> impl Strategy<Value = Event> {
    let name = prop::sample::select(vec!["ann", "ben", "cleo", "dan"]);
    let actor = prop_oneof![
        4 => name.clone().prop_map(|name| Actor::Source { person: person("ee-police", name) }),
        5 => (prop::sample::select(vec!["ee-police", "hub"]), name).prop_map(|(node, name)| Actor::Reviewer { person: person(node, name) }),
        1 => Just(node()),
        1 => Just(Actor::Clock {}),
    ];
    (0_i64..400, actor, any_act()).prop_map(|(day, by, act)| event(hours(day * 24), by, act))
}

fn any_act() -> impl Strategy<Value = Act> {
    let country = Country::parse("FI").unwrap();
    let until = (0_i64..700).prop_map(|day| hours(day * 24));
    let ground = prop::sample::select(Ground::ALL);
    let outcome = prop::sample::select(Outcome::ALL);
    prop_oneof![
        3 => prop::sample::select(Colour::ALL).prop_map(|colour| Act::Draft { colour, form: Form::Diffusion, extract: true }),
        1 => proptest::option::of(any::<bool>()).prop_map(|extract| Act::Revise { extract }),
        4 => Just(Act::Submit {}),
        4 => Just(Act::TakeUp {}),
        1 => until.clone().prop_map(|answer_by| Act::Ask { answer_by }),
        1 => Just(Act::Answer {}),
        1 => Just(Act::Concur {}),
        1 => ground.clone().prop_map(|ground| Act::Refuse { ground }),
        5 => (until.clone(), 0_u8..3).prop_map(|(valid_until, reviewers)| Act::Publish {
            valid_until, extract: false, screened: Screened::by(reviewers),
        }),
        1 => Just(Act::Suspend {}),
        1 => Just(Act::Lift {}),
        1 => prop::collection::btree_set(prop::sample::select(Part::ALL), 0..3).prop_map(|changed| Act::Amend { changed }),
        1 => prop::sample::select(AddendumKind::ALL).prop_map(move |what| Act::Addendum { what, country }),
        1 => Just(Act::Withdraw {}),
        1 => ground.prop_map(|ground| Act::Cancel { ground }),
        1 => outcome.prop_map(move |outcome| Act::Execute { outcome, country }),
        1 => Just(Act::Justify {}),
        1 => until.prop_map(|valid_until| Act::ReExamine { valid_until }),
        1 => (0_u32..2).prop_map(|outstanding| Act::Receipts { outstanding }),
        1 => Just(Act::Clock {}),
    ]
}

/// Events in the order of time, or very nearly.
fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let walk = prop::collection::vec(any_event(), 0..40);
    // A few good steps first, so that the later states are reached too.
    (walk, 0_usize..5).prop_map(|(mut walk, good)| {
        walk.sort_by_key(|event| event.at);
        let mut events = published(Colour::Red)[..good.min(4)].to_vec();
        events.extend(walk.into_iter().map(|event| Event { at: after(event.at, 4 * HOUR), ..event }));
        events
    })
}

/// Everybody who wrote or submitted up to here, read from the list and not from the lifecycle.
fn hands(events: &[Event]) -> Vec<Person> {
    let wrote = |act: &Act| {
        matches!(act.name(), ActName::Draft | ActName::Revise | ActName::Submit | ActName::Answer | ActName::Amend)
    };
    events.iter().filter(|event| wrote(&event.act)).filter_map(|event| event.by.person().cloned()).collect()
}

/// The events of a list that were allowed.
fn allowed(events: &[Event], now: Timestamp) -> Vec<Event> {
    let no: BTreeSet<usize> = Lifecycle::fold(events, now).refused.into_iter().map(|(place, _)| place).collect();
    events.iter().enumerate().filter(|(place, _)| !no.contains(place)).map(|(_, event)| event.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_is_published_without_a_review_by_somebody_else(events in any_events()) {
        let now = at("2040-01-01T00:00:00Z");
        let good = allowed(&events, now);
        for (place, event) in good.iter().enumerate() {
            if matches!(event.act, Act::Publish { .. }) {
                let by = event.by.person().unwrap();
                let reviewing = matches!(event.by, Actor::Reviewer { .. });
                prop_assert!(reviewing);
                prop_assert!(!hands(&good[..place]).iter().any(|hand| hand.is(by)), "{by}");
                let reviewed = good[..place].iter().any(|event| matches!(event.act, Act::TakeUp {}));
                prop_assert!(reviewed);
            }
        }
        let mut lifecycle = Lifecycle::default();
        for event in &good {
            let before = lifecycle.state(event.at);
            lifecycle.apply(event, now).unwrap();
            let after = lifecycle.state(event.at);
            if after == Some(State::Published) && before != after {
                let publishes = matches!(event.act.name(), ActName::Publish | ActName::Lift);
                prop_assert!(publishes);
            }
        }
    }

    #[test]
    fn no_end_of_something_published_is_without_a_recall(events in any_events()) {
        let now = at("2040-01-01T00:00:00Z");
        let mut lifecycle = Lifecycle::default();
        for event in allowed(&events, now) {
            lifecycle.apply(&event, now).unwrap();
            let done = matches!(event.act, Act::Receipts { .. });
            for moment in [event.at, now] {
                let ended = lifecycle.state(moment) == Some(State::Suspended)
                    || lifecycle.published().is_some() && lifecycle.ending(moment).is_some();
                let newly = lifecycle.ending(moment).is_some_and(|ending| ending.at >= event.at) || lifecycle.suspensions().last() == Some(&event.at);
                if ended && newly && !done {
                    prop_assert!(kinds(&lifecycle.duties(moment)).contains(&DutyKind::Recall), "{event:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_leaves_a_final_state(events in any_events()) {
        let now = at("2040-01-01T00:00:00Z");
        let mut lifecycle = Lifecycle::default();
        for event in &events {
            let before = lifecycle.ending(event.at);
            let _ = lifecycle.apply(event, now);
            if before.is_some() {
                prop_assert_eq!(lifecycle.ending(event.at), before);
                prop_assert_eq!(lifecycle.in_force(event.at), None);
            }
        }
    }

    #[test]
    fn folding_is_the_same_everywhere_and_in_parts(events in any_events(), cut in 0_usize..40) {
        let now = at("2040-01-01T00:00:00Z");
        let whole = Lifecycle::fold(&events, now);
        prop_assert_eq!(&whole, &Lifecycle::fold(&events, now));
        let cut = cut.min(events.len());
        let mut parts = Lifecycle::fold(&events[..cut], now).lifecycle;
        for event in &events[cut..] {
            let _ = parts.apply(event, now);
        }
        prop_assert_eq!(&parts, &whole.lifecycle);
        prop_assert_eq!(&Lifecycle::fold(&allowed(&events, now), now).lifecycle, &whole.lifecycle);
        // Looking at it in between changes nothing.
        prop_assert_eq!(whole.lifecycle.at(hours(1_000)).at(now), whole.lifecycle.at(now));
    }

    #[test]
    fn clocks_fire_at_their_second(events in any_events(), day in 0_i64..500) {
        let now = at("2040-01-01T00:00:00Z");
        let lifecycle = Lifecycle::fold(&events, now).lifecycle;
        let moment = hours(day * 24 + 4);
        let Some(clock) = lifecycle.next_clock(moment).filter(|_| lifecycle.last.is_none_or(|last| last <= moment)) else {
            return Ok(());
        };
        prop_assert!(clock.at > moment);
        let before = after(clock.at, -1_000_000).max(moment);
        prop_assert_eq!(lifecycle.state(before), lifecycle.state(moment), "nothing before its time");
        let owed = |at| kinds(&lifecycle.duties(at));
        match clock.kind {
            ClockKind::Expiry => prop_assert_eq!(lifecycle.state(clock.at), Some(State::Expired)),
            ClockKind::Answer => prop_assert_eq!(lifecycle.review(clock.at), None),
            ClockKind::Review => prop_assert!(lifecycle.duties(clock.at).iter().any(|duty| duty.is_overdue(clock.at))),
            ClockKind::Ask => prop_assert!(owed(clock.at) != owed(before) || owed(before).contains(&DutyKind::ReExamine)),
        }
    }
}

#[test]
fn the_public_is_told_what_an_extract_holds_and_nothing_from_within() {
    let facts = Facts {
        identity: Identity {
            family_name: Some("Tamm".into()),
            father: Some("Jaan".into()),
            other_identifier: Some("38001010000".into()),
            ..Identity::default()
        },
        offence: Offence { charge: Some("Fraud".into()), summary: Some("How".into()), ..Offence::default() },
        event_place: Some("Tartu".into()),
        sought: Some("Where she lives".into()),
        un_reference: Some("QDi.001".into()),
        victim: Some(false),
        ..Facts::default()
    };
    for (colour, of_missing) in [(Colour::Red, false), (Colour::Yellow, true)] {
        let told = facts.clone().for_the_public(colour);
        let missing = |text: &str| of_missing.then(|| text.to_owned());
        let expected = Facts {
            identity: Identity { family_name: Some("Tamm".into()), father: missing("Jaan"), ..Identity::default() },
            offence: Offence { charge: Some("Fraud".into()), ..Offence::default() },
            event_place: missing("Tartu"),
            un_reference: Some("QDi.001".into()),
            ..Facts::default()
        };
        assert_eq!(told, expected, "{colour:?}");
    }
}
