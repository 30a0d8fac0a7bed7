use comity_base::{OrgName, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::cards::RedEffect;
use crate::notice::tests::{at, person};
use crate::reason::tests::{complete, well_made};

fn hour(hours: i64) -> Timestamp {
    Timestamp::from_micros(at("2026-11-01T12:00:00Z").as_micros() + hours * 3_600_000_000)
}

fn officer() -> HitActor {
    HitActor::Officer { person: person("fi-border", "booth4") }
}

fn bureau(account: &str) -> HitActor {
    HitActor::Bureau { person: person("fi-police", account) }
}

fn owner(account: &str) -> HitActor {
    HitActor::Owner { person: person("ee-police", account) }
}

fn event(at: Timestamp, by: HitActor, act: HitAct) -> HitEvent {
    HitEvent { at, by, act, reason: "because".into() }
}

fn found(silent: bool) -> HitEvent {
    event(hour(0), officer(), HitAct::Found { owner: OrgName::parse("ee-police").unwrap(), silent })
}

fn checked(silent: bool) -> Vec<HitEvent> {
    let check = HitAct::Check { with: SecondIdentifier::Fingerprints, same: true };
    vec![found(silent), event(hour(1), bureau("desk"), check)]
}

fn asked(urgent: bool) -> Vec<HitEvent> {
    with(checked(false), event(hour(2), bureau("desk"), HitAct::Ask { urgent }))
}

fn confirmed(measure: Measure) -> Vec<HitEvent> {
    with(asked(true), event(hour(3), owner("duty"), HitAct::Confirm { measure }))
}

fn with(mut events: Vec<HitEvent>, more: HitEvent) -> Vec<HitEvent> {
    events.push(more);
    events
}

fn folded(events: &[HitEvent]) -> Hit {
    let folded = Hit::fold(events, hour(100_000));
    assert_eq!(folded.refused, []);
    folded.hit
}

fn refused(events: &[HitEvent], more: &HitEvent) -> &'static str {
    let mut hit = folded(events);
    let before = hit.clone();
    let refused = hit.apply(more, hour(100_000)).unwrap_err();
    assert_eq!(hit, before);
    complete(&refused.0, HIT_REFUSALS);
    refused.0.code
}

fn close(at: Timestamp, outcome: HitOutcome, basis: Option<Basis>) -> HitEvent {
    event(at, bureau("desk"), HitAct::Close { outcome, basis })
}

fn order() -> Option<Basis> {
    Basis::NationalOrder { reference: "R 26/1".into() }.into()
}

#[test]
fn the_reasons_are_well_made_and_every_act_has_one_row() {
    well_made(HIT_REFUSALS);
    for act in HitActName::ALL {
        assert_eq!(HIT_TRANSITIONS.iter().filter(|row| row.act == *act).count(), 1, "{act}");
    }
}

#[test]
fn a_hit_becomes_an_arrest_only_by_check_confirmation_and_a_law_or_order() {
    let hit = folded(&with(confirmed(Measure::Arrest), close(hour(4), HitOutcome::Arrested, order())));
    assert_eq!(hit.end(), Some(End::Closed(hour(4), HitOutcome::Arrested)));
    let arrest = |basis| close(hour(9), HitOutcome::Arrested, basis);
    for before in [vec![found(false)], checked(false), asked(true)] {
        assert_eq!(refused(&before, &arrest(order())), "hit-not-confirmed");
    }
    let confirmed = confirmed(Measure::Arrest);
    assert_eq!(refused(&confirmed, &arrest(None)), "hit-no-basis");
    assert_eq!(refused(&confirmed, &arrest(Some(Basis::NationalOrder { reference: " ".into() }))), "hit-no-basis");
    for effect in [RedEffect::Unknown, RedEffect::None, RedEffect::LocateOnly] {
        assert_eq!(refused(&confirmed, &arrest(Some(Basis::RedNotice { effect }))), "hit-no-basis");
    }
    folded(&with(confirmed, arrest(Some(Basis::RedNotice { effect: RedEffect::ProvisionalArrest }))));
}

#[test]
fn what_is_done_is_what_the_owner_asked_for() {
    assert_eq!(
        refused(&confirmed(Measure::Locate), &close(hour(4), HitOutcome::Arrested, order())),
        "hit-other-measure"
    );
    let red = Some(Basis::RedNotice { effect: RedEffect::ProvisionalArrest });
    let seize = close(hour(4), HitOutcome::DocumentSeized, red);
    assert_eq!(refused(&confirmed(Measure::SeizeDocument), &seize), "hit-no-basis", "a red notice is about a person");
    folded(&with(confirmed(Measure::Locate), close(hour(4), HitOutcome::Located, None)));
    folded(&with(confirmed(Measure::Arrest), close(hour(4), HitOutcome::LetGo, None)));
    folded(&[found(false), close(hour(4), HitOutcome::LetGo, None)]);
}

#[test]
fn another_person_is_refuted_by_the_second_identifier() {
    let other = HitAct::Check { with: SecondIdentifier::Photo, same: false };
    let hit = folded(&[found(false), event(hour(1), bureau("desk"), other)]);
    assert_eq!(hit.end(), Some(End::Refuted(hour(1), Refutal::OtherPerson)));
    assert!(!hit.may_tell_owner());
}

#[test]
fn whoever_searched_does_not_check_and_whoever_checked_does_not_confirm() {
    let same = HitActor::Bureau { person: person("fi-border", "BOOTH4") };
    let check = HitAct::Check { with: SecondIdentifier::Document, same: true };
    assert_eq!(refused(&[found(false)], &event(hour(1), same, check.clone())), "hit-four-eyes");
    let own = HitActor::Bureau { person: person("ee-police", "both") };
    let asked = vec![
        found(false),
        event(hour(1), own.clone(), check.clone()),
        event(hour(2), own, HitAct::Ask { urgent: true }),
    ];
    let confirm = HitAct::Confirm { measure: Measure::Arrest };
    assert_eq!(refused(&asked, &event(hour(3), owner("both"), confirm.clone())), "hit-four-eyes");
    let stranger = HitActor::Owner { person: person("ru-police", "x") };
    assert_eq!(refused(&asked, &event(hour(3), stranger, confirm.clone())), "hit-not-the-owner");
    assert_eq!(refused(&asked, &event(hour(3), bureau("desk"), confirm)), "hit-not-theirs");
    assert_eq!(refused(&checked(false), &event(hour(2), officer(), HitAct::Ask { urgent: true })), "hit-not-theirs");
    let other = HitActor::Bureau { person: person("se-police", "desk") };
    assert_eq!(refused(&checked(false), &event(hour(2), other, HitAct::Ask { urgent: true })), "hit-not-the-bureau");
    assert_eq!(
        refused(&[found(false)], &event(hour(1), bureau("d"), HitAct::Ask { urgent: true })),
        "hit-not-from-here"
    );
    assert_eq!(refused(&[], &event(hour(1), bureau("d"), check)), "hit-nothing-found");
}

#[test]
fn the_owner_has_8_hours_or_3_days() {
    for (urgent, hours) in [(true, 8), (false, 72)] {
        let events = asked(urgent);
        let hit = folded(&events);
        let due = hour(2 + hours);
        assert_eq!(hit.next_clock(hour(2)), Some(due));
        let before = Timestamp::from_micros(due.as_micros() - 1_000_000);
        assert_eq!(hit.state(before), Some(HitState::Asked));
        assert_eq!(hit.state(due), Some(HitState::NoAnswer));
        assert!(!hit.must_escalate(before) && hit.must_escalate(due));
        assert_eq!(hit.next_clock(due), None);
        assert_eq!(refused(&events, &close(due, HitOutcome::Arrested, order())), "hit-not-confirmed");
        let further = with(events.clone(), event(due, bureau("chief"), HitAct::Escalate {}));
        assert!(!folded(&further).must_escalate(due));
        let late = with(events, event(due, owner("duty"), HitAct::Confirm { measure: Measure::Locate }));
        assert_eq!(folded(&late).state(due), Some(HitState::Confirmed), "late is better than never");
    }
}

#[test]
fn an_owner_may_take_its_confirmation_back() {
    let back = event(hour(4), owner("duty"), HitAct::Refute { why: Refutal::NoticeOver });
    let events = with(confirmed(Measure::Arrest), back);
    assert_eq!(refused(&events, &close(hour(5), HitOutcome::Arrested, order())), "hit-not-from-here");
}

#[test]
fn a_silent_hit_tells_its_owner_nothing_and_compels_nobody() {
    let silent = checked(true);
    assert!(!folded(&silent).may_tell_owner());
    for urgent in [true, false] {
        assert_eq!(refused(&silent, &event(hour(2), bureau("desk"), HitAct::Ask { urgent })), "hit-silent");
    }
    let refute = HitAct::Refute { why: Refutal::NothingAsked };
    assert_eq!(refused(&silent, &event(hour(2), owner("duty"), refute)), "hit-silent");
    assert_eq!(refused(&silent, &close(hour(2), HitOutcome::Arrested, order())), "hit-silent-compels-nothing");
    assert_eq!(refused(&silent, &close(hour(2), HitOutcome::Located, None)), "hit-not-confirmed");
    folded(&with(silent, close(hour(2), HitOutcome::LetGo, None)));
}

#[test]
fn events_of_hits_travel_as_json() {
    let events = with(confirmed(Measure::Arrest), close(hour(4), HitOutcome::Arrested, order()));
    let json = serde_json::to_string(&events).unwrap();
    assert_eq!(read_events(json.as_bytes()).unwrap(), events);
    assert!(read_events(json.replacen(r#""do":"confirm""#, r#""do":"confirm","by_force":1"#, 1).as_bytes()).is_err());
    let unsaid = HitEvent { reason: String::new(), ..close(hour(4), HitOutcome::Arrested, order()) };
    assert_eq!(refused(&confirmed(Measure::Arrest), &unsaid), "hit-no-reason");
    let early = Hit::fold(&events, hour(2)).refused;
    assert_eq!(
        early.iter().map(|(place, no)| (*place, no.0.code)).collect::<Vec<_>>(),
        [(3, "hit-from-the-future"), (4, "hit-from-the-future")]
    );
    assert_eq!(
        refused(&events[..2], &event(hour(0), bureau("desk"), HitAct::Ask { urgent: true })),
        "hit-out-of-order"
    );
}

fn any_event() -> impl Strategy<Value = HitEvent> {
    let who = (prop::sample::select(vec!["ee-police", "fi-police"]), prop::sample::select(vec!["ann", "ben"]));
    let actor = (0_u8..7, who).prop_map(|(role, (node, account))| {
        let person = person(node, account);
        match role {
            0 => HitActor::Officer { person },
            1..=3 => HitActor::Bureau { person },
            4..=5 => HitActor::Owner { person },
            _ => HitActor::Clock {},
        }
    });
    let effect = prop::sample::select(RedEffect::ALL);
    let basis = prop_oneof![Just(None), Just(order()), effect.prop_map(|effect| Some(Basis::RedNotice { effect })),];
    let act = prop_oneof![
        any::<bool>().prop_map(|silent| HitAct::Found { owner: OrgName::parse("ee-police").unwrap(), silent }),
        (prop::sample::select(SecondIdentifier::ALL), prop::bool::weighted(0.9))
            .prop_map(|(with, same)| HitAct::Check { with, same }),
        any::<bool>().prop_map(|urgent| HitAct::Ask { urgent }),
        prop::sample::select(Measure::ALL).prop_map(|measure| HitAct::Confirm { measure }),
        prop::sample::select(Refutal::ALL).prop_map(|why| HitAct::Refute { why }),
        Just(HitAct::Escalate {}),
        (prop::sample::select(HitOutcome::ALL), basis).prop_map(|(outcome, basis)| HitAct::Close { outcome, basis }),
        Just(HitAct::Clock {}),
    ];
    (0_i64..100, actor, act).prop_map(|(at, by, act)| event(hour(at), by, act))
}

fn any_events() -> impl Strategy<Value = Vec<HitEvent>> {
    (prop::collection::vec(any_event(), 0..30), 0_usize..5, any::<bool>()).prop_map(|(mut walk, good, silent)| {
        walk.sort_by_key(|event| event.at);
        let mut start = confirmed(Measure::Arrest);
        start[0] = found(silent);
        let mut events = start[..good.min(4)].to_vec();
        events.extend(
            walk.into_iter().map(|event| HitEvent {
                at: Timestamp::from_micros(event.at.as_micros() + 3 * 3_600_000_000),
                ..event
            }),
        );
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nobody_is_compelled_by_what_was_not_checked_asked_and_confirmed(events in any_events()) {
        let now = hour(100_000);
        let folded = Hit::fold(&events, now);
        let bad: Vec<usize> = folded.refused.iter().map(|(place, _)| *place).collect();
        let good: Vec<_> = events.iter().enumerate().filter(|(place, _)| !bad.contains(place)).map(|(_, event)| event).collect();
        let silent = good.iter().any(|event| matches!(event.act, HitAct::Found { silent: true, .. }));
        let has = |name: HitActName| good.iter().any(|event| event.act.name() == name);
        if silent {
            prop_assert!(!has(HitActName::Ask) && !has(HitActName::Confirm));
            prop_assert!(!folded.hit.may_tell_owner());
        }
        let done = matches!(folded.hit.end(), Some(End::Closed(_, outcome)) if outcome.carries_out().is_some());
        if done {
            let second = good.iter().any(|event| matches!(event.act, HitAct::Check { same: true, .. }));
            let by_owner = good.iter().any(|event| {
                matches!((&event.by, &event.act), (HitActor::Owner { .. }, HitAct::Confirm { .. }))
            });
            prop_assert!(second && by_owner && has(HitActName::Ask) && !silent);
        }
    }

    #[test]
    fn nothing_leaves_a_final_state_and_parts_fold_to_the_whole(events in any_events(), cut in 0_usize..30) {
        let now = hour(100_000);
        let whole = Hit::fold(&events, now).hit;
        let mut parts = Hit::fold(&events[..cut.min(events.len())], now).hit;
        for event in &events[cut.min(events.len())..] {
            let before = parts.end();
            let _ = parts.apply(event, now);
            prop_assert!(before.is_none() || parts.end() == before);
        }
        prop_assert_eq!(parts, whole);
    }
}
