use super::*;
use crate::{RetryAfter, StatusDetail};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_micros(1_793_534_400_000_000);

fn outbox(count: u64, size: usize) -> Vec<(Position, String, Vec<u8>)> {
    (1..=count)
        .map(|n| (Position(n), format!("indicator--{n}"), format!("{{\"a\":\"{}\"}}", "x".repeat(size)).into_bytes()))
        .collect()
}

fn batch(
    state: &PushState,
    outbox: &[(Position, String, Vec<u8>)],
    options: &PushOptions,
    now: Timestamp,
) -> Option<Batch> {
    match state.plan(options, now) {
        PushAction::Send { after, objects, bytes } => {
            let waiting = outbox.iter().filter(|(position, ..)| *position > after);
            Batch::fill(
                after,
                waiting.map(|(position, id, bytes)| (*position, id.as_str(), bytes.as_slice())),
                objects,
                bytes,
            )
        }
        other => panic!("{other:?}"),
    }
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, retry_after: None, text: "POST https://t.example/: refused".to_owned() }
}

fn complete(id: &str, failures: Vec<StatusDetail>) -> Status {
    let failure_count = failures.len() as u64;
    Status { id: id.to_owned(), status: Progress::Complete, failures, failure_count, ..Status::default() }
}

fn pending(id: &str) -> Status {
    Status { id: id.to_owned(), ..Status::default() }
}

#[test]
fn a_batch_keeps_to_both_limits() {
    let outbox = outbox(10, 50);
    let items = || outbox.iter().map(|(position, id, bytes)| (*position, id.as_str(), bytes.as_slice()));
    let by_count = Batch::fill(Position(0), items(), 3, u64::MAX).unwrap();
    assert_eq!((by_count.up_to, by_count.ids.len()), (Position(3), 3));
    let value: serde_json::Value = serde_json::from_slice(&by_count.body).unwrap();
    assert_eq!(value["objects"].as_array().unwrap().len(), 3);
    let by_size = Batch::fill(Position(0), items(), 100, 200).unwrap();
    assert!(by_size.body.len() <= 200 && by_size.ids.len() == 2, "{}", by_size.body.len());
    let exact = Batch::fill(Position(0), items(), 2, by_size.body.len() as u64).unwrap();
    assert_eq!(exact, by_size);
    assert_eq!(Batch::fill(Position(9), [], 100, 200), None);
}

#[test]
fn an_object_that_is_too_large_is_set_aside_and_named() {
    let mut outbox = outbox(3, 10);
    outbox[1].2 = vec![b' '; 500];
    let items = outbox.iter().map(|(position, id, bytes)| (*position, id.as_str(), bytes.as_slice()));
    let batch = Batch::fill(Position(0), items, 100, 200).unwrap();
    assert_eq!((batch.ids.len(), batch.up_to), (2, Position(3)));
    assert!(batch.aside[0].id == "indicator--2" && batch.aside[0].message.contains("500 bytes"));
    let only = Batch::fill(Position(1), [(Position(2), "a", outbox[1].2.as_slice())], 100, 200).unwrap();
    assert!(only.is_empty());
    let mut state = PushState { settled: Position(1), ..PushState::default() };
    let report = state.set_aside(&PushOptions::default(), &only, NOW);
    assert_eq!((state.settled, report.failures.len(), report.notices.len()), (Position(2), 1, 0));
}

#[test]
fn a_request_finished_at_once_is_settled_with_its_failures() {
    let options = PushOptions::default();
    let (mut state, outbox) = (PushState::default(), outbox(4, 5));
    let sent = batch(&state, &outbox, &options, NOW).unwrap();
    let detail = StatusDetail { id: "indicator--3".to_owned(), version: String::new(), message: Some("no".to_owned()) };
    let report = state.accepted(&options, &sent, Some(&complete("s", vec![detail])), NOW);
    assert_eq!((state.settled, report.taken), (Position(4), 3));
    assert_eq!(
        report.failures,
        [ObjectFailure { id: "indicator--3".to_owned(), version: None, message: "no".to_owned() }]
    );
    assert_eq!(batch(&state, &outbox, &options, NOW), None);
    state.idle(&options, NOW);
    assert_eq!(state.plan(&options, NOW), PushAction::Wait(later(NOW, Duration::from_secs(30))));
}

#[test]
fn a_pending_request_is_asked_for_until_it_is_finished() {
    let options = PushOptions::default();
    let (mut state, outbox) = (PushState::default(), outbox(4, 5));
    let sent = batch(&state, &outbox, &options, NOW).unwrap();
    state.accepted(&options, &sent, Some(&pending("s")), NOW);
    assert_eq!(state.settled, Position(0));
    state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    let (mut now, mut pauses) = (NOW, Vec::new());
    for _ in 0..8 {
        let PushAction::Wait(due) = state.plan(&options, now) else { panic!() };
        pauses.push((due.as_micros() - now.as_micros()) / 1_000_000);
        now = due;
        assert_eq!(state.plan(&options, now), PushAction::Poll { status: "s".to_owned() });
        assert_eq!(state.polled(&options, &pending("s"), now), PushReport::default());
    }
    assert_eq!(pauses, [1, 1, 2, 4, 8, 16, 32, 60]);
    let unnamed = Status { failure_count: 2, ..complete("s", Vec::new()) };
    let report = state.polled(&options, &unnamed, now);
    assert_eq!((report.taken, report.notices.as_slice()), (2, [PushNotice::Unnamed(2)].as_slice()));
    assert_eq!((state.settled, state.open.is_none()), (Position(4), true));
    assert_eq!(state.polled(&options, &complete("s", Vec::new()), now).notices, [PushNotice::Stale]);
}

#[test]
fn patience_ends_and_says_so() {
    let options = PushOptions::default();
    let (mut state, outbox) = (PushState::default(), outbox(4, 5));
    let sent = batch(&state, &outbox, &options, NOW).unwrap();
    state.accepted(&options, &sent, Some(&pending("s")), NOW);
    let late = later(NOW, Duration::from_hours(1));
    assert_eq!(state.polled(&options, &pending("other"), late).notices, [PushNotice::Stale]);
    assert_eq!(state.polled(&options, &pending("s"), late).notices, [PushNotice::Unconfirmed(4)]);
    assert_eq!(state.settled, Position(4));
}

#[test]
fn a_forgotten_status_leads_to_one_more_attempt() {
    let options = PushOptions::default();
    let (mut state, outbox) = (PushState::default(), outbox(4, 5));
    for notice in [PushNotice::Forgotten(4), PushNotice::Unconfirmed(4)] {
        let sent = batch(&state, &outbox, &options, state.next_due.max(NOW)).unwrap();
        state.accepted(&options, &sent, Some(&pending("s")), NOW);
        assert_eq!(state.poll_failed(&options, &failure(FailureKind::Status(404)), NOW).notices, [notice]);
    }
    assert_eq!((state.settled, state.again), (Position(4), None));
}

#[test]
fn a_reply_without_a_status_counts_and_is_named() {
    let options = PushOptions::default();
    let (mut state, outbox) = (PushState::default(), outbox(4, 5));
    let sent = batch(&state, &outbox, &options, NOW).unwrap();
    assert_eq!(state.accepted(&options, &sent, None, NOW).notices, [PushNotice::NoStatus(4)]);
    assert_eq!(state.accepted(&options, &sent, None, NOW).notices, [PushNotice::Stale]);
    assert_eq!(state.settled, Position(4));
}

#[test]
fn trouble_waits_and_as_long_as_the_server_says() {
    let options = PushOptions::default();
    let (mut state, outbox) = (PushState::default(), outbox(4, 5));
    let sent = batch(&state, &outbox, &options, NOW).unwrap();
    let busy =
        Failure { retry_after: Some(RetryAfter::In(Duration::from_mins(20))), ..failure(FailureKind::Status(503)) };
    assert_eq!(state.refused(&options, &sent, &busy, NOW), PushReport::default());
    assert_eq!(state.plan(&options, NOW), PushAction::Wait(later(NOW, Duration::from_mins(20))));
    assert!(state.trouble.is_some() && state.settled == Position(0));
    let sent = batch(&state, &outbox, &options, state.next_due).unwrap();
    state.accepted(&options, &sent, Some(&pending("s")), state.next_due);
    let now = state.next_due;
    state.poll_failed(&options, &failure(FailureKind::Unreachable), now);
    assert!(state.open.is_some() && state.next_due > now && state.failures == 1);
}

/// Runs until everything is settled; `takes` judges a body's ids. Gives the report of all and the number of requests.
fn run(
    outbox: &[(Position, String, Vec<u8>)],
    takes: impl Fn(&[String], Timestamp) -> Result<(), u16>,
) -> (PushReport, usize) {
    let options = PushOptions { objects: 16, ..PushOptions::default() };
    let (mut state, mut now, mut all, mut requests) = (PushState::default(), NOW, PushReport::default(), 0);
    loop {
        now = state.next_due.max(now);
        let Some(sent) = batch(&state, outbox, &options, now) else { return (all, requests) };
        requests += 1;
        assert!(requests < 2000, "it does not end");
        let report = match takes(&sent.ids, now) {
            Ok(()) => state.accepted(&options, &sent, Some(&complete("s", Vec::new())), now),
            Err(code) => state.refused(&options, &sent, &failure(FailureKind::Status(code)), now),
        };
        all.taken += report.taken;
        all.failures.extend(report.failures);
    }
}

#[test]
fn a_server_that_doubts_everything_is_asked_slowly() {
    let outbox = outbox(14, 5);
    let repaired = later(NOW, Duration::from_secs(20));
    let (report, _) = run(&outbox, |_, now| if now < repaired { Err(422) } else { Ok(()) });
    assert_eq!((report.failures.len(), report.taken), (10, 4), "ten are given up at once, then it waits");
}

proptest! {
    /// One bad object never stops the others, and every object is settled once.
    #[test]
    fn bad_objects_are_found_by_halving(bad in proptest::collection::btree_set(1u64..60, 0..6), code in prop_oneof![Just(400u16), Just(413), Just(422)]) {
        let outbox = outbox(59, 5);
        let is_bad = |id: &String| bad.iter().any(|n| *id == format!("indicator--{n}"));
        let (report, requests) = run(&outbox, |ids, _| if ids.iter().any(is_bad) { Err(code) } else { Ok(()) });
        let failed: Vec<String> = report.failures.iter().map(|failure| failure.id.clone()).collect();
        let expected: Vec<String> = bad.iter().map(|n| format!("indicator--{n}")).collect();
        prop_assert_eq!(failed, expected);
        prop_assert_eq!(report.taken, 59 - bad.len() as u64);
        prop_assert!(requests < 20 + bad.len() * 12);
    }
}
