use super::*;
use crate::RetryAfter;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_micros(1_793_534_400_000_000);

fn after(seconds: u64) -> Timestamp {
    later(NOW, Duration::from_secs(seconds))
}

fn fetch(state: &FollowState, now: Timestamp) -> PageRequest {
    match state.plan(&FollowOptions::default(), now) {
        FollowAction::Fetch(request) => request,
        FollowAction::Wait(until) => panic!("waits until {until}"),
    }
}

fn page(objects: u64, more: Option<bool>, next: Option<&str>, last: Option<&str>) -> Page {
    let marks = PageMarks { more, next: next.map(str::to_owned), objects: Some(objects) };
    Page { marks, first: None, last: last.map(str::to_owned), server_date: None, bytes: 0 }
}

/// The pages in turn, from a fresh state; what is noticed of the last.
fn walk(pages: &[Page]) -> (FollowState, Vec<Notice>) {
    let mut state = FollowState::default();
    let mut notices = Vec::new();
    for page in pages {
        let request = fetch(&state, state.next_due.max(NOW));
        notices = state.succeeded(&FollowOptions::default(), &request, page, request.asked_at);
    }
    (state, notices)
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, retry_after: None, text: "GET https://t.example/: it failed".to_owned() }
}

const ONE: &str = "2026-10-01T00:00:00.001Z";
const TWO: &str = "2026-10-01T00:00:00.500Z";

#[test]
fn a_round_goes_by_tokens_and_keeps_what_they_belong_to() {
    let options = FollowOptions { start: Some(after(0)), ..FollowOptions::default() };
    let mut state = FollowState::default();
    let FollowAction::Fetch(first) = state.plan(&options, NOW) else { panic!() };
    assert_eq!(
        (first.added_after.as_deref(), first.limit, first.next.clone()),
        (Some("2026-11-01T12:00:00.000Z"), Some(1000), None)
    );
    assert!(state.succeeded(&options, &first, &page(1000, Some(true), Some("a"), Some(ONE)), NOW).is_empty());
    let FollowAction::Fetch(second) = state.plan(&options, NOW) else { panic!() };
    assert_eq!((second.added_after, second.next.as_deref()), (first.added_after, Some("a")));
    assert_eq!(state.added_after, None, "the position moves when the round is complete");
}

#[test]
fn the_end_of_a_round_moves_the_position_and_waits() {
    let (state, notices) = walk(&[page(5, Some(true), Some("a"), Some(ONE)), page(5, Some(false), None, Some(TWO))]);
    assert_eq!((state.added_after.as_deref(), notices.as_slice()), (Some(TWO), [].as_slice()));
    assert_eq!(state.plan(&FollowOptions::default(), after(299)), FollowAction::Wait(after(300)));
    assert_eq!(fetch(&state, after(300)).added_after.as_deref(), Some(TWO));
}

#[test]
fn an_empty_page_keeps_the_position() {
    let (state, _) = walk(&[page(5, Some(false), None, Some(ONE)), page(0, Some(false), None, None)]);
    assert_eq!(state.added_after.as_deref(), Some(ONE));
    let (state, _) = walk(&[page(0, None, None, None)]);
    assert_eq!(state.added_after, None);
}

#[test]
fn the_state_survives_being_kept() {
    let (state, _) = walk(&[page(5, Some(true), Some("a"), Some(ONE))]);
    let text = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<FollowState>(&text).unwrap(), state);
    assert_eq!(serde_json::from_str::<FollowState>("{}").unwrap(), FollowState::default());
}

#[test]
fn a_page_of_another_request_counts_for_nothing() {
    let (mut state, _) = walk(&[page(5, Some(true), Some("a"), Some(ONE))]);
    let before = state.clone();
    let old = PageRequest { asked_at: NOW, ..PageRequest::default() };
    assert_eq!(state.succeeded(&FollowOptions::default(), &old, &page(5, None, None, Some(TWO)), NOW), [Notice::Stale]);
    assert_eq!(state.failed(&FollowOptions::default(), &old, &failure(FailureKind::Slow), NOW), [Notice::Stale]);
    assert_eq!(state, before);
}

#[test]
fn more_without_next_goes_on_just_before_the_date() {
    let (state, notices) = walk(&[page(5, Some(true), None, Some(TWO))]);
    assert_eq!(notices, [Notice::MoreWithoutNext]);
    let request = fetch(&state, NOW);
    assert_eq!((request.added_after.as_deref(), request.next), (Some("2026-10-01T00:00:00.499Z"), None));
    // The whole page has one date: from the date itself, and people are told.
    let (state, notices) = walk(&[page(5, Some(true), None, Some(TWO)), page(5, Some(true), None, Some(TWO))]);
    assert_eq!(notices, [Notice::MoreWithoutNext, Notice::MayMiss(TWO.to_owned())]);
    assert_eq!(fetch(&state, NOW).added_after.as_deref(), Some(TWO));
    // And a server that goes in circles is left alone until the next round.
    let again = page(5, Some(true), None, Some(TWO));
    let (state, notices) = walk(&[again.clone(), again.clone(), again]);
    assert_eq!(notices, [Notice::MoreWithoutNext, Notice::NoWayOn]);
    assert_eq!(state.added_after.as_deref(), Some("2026-10-01T00:00:00.499Z"));
    assert!(state.trouble.is_some() && state.next_due == after(300));
}

#[test]
fn precision_of_the_server_is_kept() {
    for (last, from) in [
        ("2026-10-01T00:00:05Z", "2026-10-01T00:00:04.999Z"),
        ("2026-10-01T00:00:05.123456Z", "2026-10-01T00:00:05.123455Z"),
        ("2026-10-01T00:00:05.123456789Z", "2026-10-01T00:00:05.123456Z"),
        ("2026-10-01T02:00:05.500+02:00", "2026-10-01T00:00:05.499Z"),
    ] {
        let (state, _) = walk(&[page(5, Some(true), None, Some(last))]);
        assert_eq!(fetch(&state, NOW).added_after.as_deref(), Some(from), "{last}");
        let (state, _) = walk(&[page(5, Some(false), None, Some(last))]);
        assert_eq!(fetch(&state, after(300)).added_after.as_deref(), Some(last));
    }
    assert!(is_later(Some("2026-10-01T00:00:05.1234568Z"), Some("2026-10-01T00:00:05.1234567Z")));
    assert!(!is_later(Some("2026-10-01T00:00:05.1Z"), Some("2026-10-01T00:00:05.100Z")));
}

#[test]
fn next_without_more_is_the_end_and_next_alone_is_not() {
    let (state, notices) = walk(&[page(5, Some(false), Some("a"), Some(ONE))]);
    assert_eq!((notices.as_slice(), state.round.is_none()), ([Notice::NextWithoutMore].as_slice(), true));
    let (state, _) = walk(&[page(5, None, Some("a"), Some(ONE))]);
    assert_eq!(fetch(&state, NOW).next.as_deref(), Some("a"));
    let (state, _) = walk(&[page(5, None, Some("a"), Some(ONE)), page(0, None, Some("b"), None)]);
    assert!(state.round.is_none());
}

#[test]
fn empty_pages_with_more_are_passed_but_not_for_ever() {
    let (state, notices) = walk(&[page(0, Some(true), Some("a"), None), page(5, Some(false), None, Some(ONE))]);
    assert_eq!((state.added_after.as_deref(), notices.len()), (Some(ONE), 0));
    let (state, notices) = walk(&[page(0, Some(true), None, None)]);
    assert_eq!((notices.as_slice(), state.round), ([Notice::EmptyWithMore].as_slice(), None));
    let pages: Vec<Page> = (0..MOST_EMPTY).map(|n| page(0, Some(true), Some(&format!("t{n}")), None)).collect();
    let (state, notices) = walk(&pages);
    assert_eq!(notices, [Notice::EmptyWithMore, Notice::OnlyEmptyPages(MOST_EMPTY)]);
    assert!(state.round.is_none() && state.trouble.is_some());
}

#[test]
fn tokens_that_go_in_circles_are_noticed() {
    for length in [1usize, 2, 3, 7] {
        let mut state = FollowState::default();
        let ended = (0..100).position(|n| {
            let request = fetch(&state, state.next_due.max(NOW));
            let token = format!("t{}", n % length);
            let notices = state.succeeded(
                &FollowOptions::default(),
                &request,
                &page(5, Some(true), Some(&token), Some(ONE)),
                NOW,
            );
            notices.contains(&Notice::SameToken)
        });
        assert!(ended.is_some_and(|pages| pages <= 4 * length + 2), "{length}: {ended:?}");
    }
}

#[test]
fn a_server_that_ignores_the_limit_is_named() {
    let (state, notices) = walk(&[page(5000, Some(false), None, Some(ONE))]);
    assert_eq!(notices, [Notice::LimitIgnored { asked: 1000, got: 5000 }]);
    assert_eq!(state.added_after.as_deref(), Some(ONE));
}

#[test]
fn without_dates_the_earlier_clock_counts_less_an_overlap() {
    let (state, notices) = walk(&[page(5, Some(true), Some("a"), None), page(5, Some(false), None, None)]);
    assert_eq!(notices, [Notice::NoDate]);
    assert_eq!(state.added_after.as_deref(), Some("2026-11-01T11:50:00.000Z"));
    let slow =
        Page { server_date: Some(Timestamp::parse("2026-11-01T11:30:00Z").unwrap()), ..page(5, None, None, None) };
    let (state, _) = walk(&[slow]);
    assert_eq!(state.added_after.as_deref(), Some("2026-11-01T11:20:00.000Z"));
    let fast =
        Page { server_date: Some(Timestamp::parse("2026-11-01T13:00:00Z").unwrap()), ..page(5, None, None, None) };
    let (state, _) = walk(&[fast]);
    assert_eq!(state.added_after.as_deref(), Some("2026-11-01T11:50:00.000Z"));
    for wrong in ["2999-01-01T00:00:00Z", "yesterday"] {
        let (state, notices) = walk(&[page(5, Some(false), None, Some(wrong))]);
        assert_eq!((state.added_after.as_deref(), notices.len()), (Some("2026-11-01T11:50:00.000Z"), 1), "{wrong}");
    }
}

#[test]
fn a_position_never_goes_back() {
    let mut state = FollowState { added_after: Some(wire::date_added(after(0).as_micros())), ..FollowState::default() };
    let request = fetch(&state, NOW);
    state.succeeded(&FollowOptions::default(), &request, &page(5, Some(false), None, None), NOW);
    assert_eq!(state.added_after.as_deref(), Some("2026-11-01T12:00:00.000Z"));
}

#[test]
fn an_unsorted_server_is_walked_by_token_only() {
    let (state, notices) =
        walk(&[page(5, Some(true), Some("a"), Some(TWO)), page(5, Some(true), Some("b"), Some(ONE))]);
    assert_eq!(notices, [Notice::Unsorted]);
    assert_eq!(fetch(&state, NOW).next.as_deref(), Some("b"));
    let (_, notices) = walk(&[page(5, Some(true), Some("a"), Some(TWO)), page(5, Some(true), None, Some(ONE))]);
    assert_eq!(notices.last(), Some(&Notice::NoWayOn));
}

#[test]
fn a_refused_token_leads_back_to_the_date() {
    let options = FollowOptions::default();
    for code in [400, 404, 410] {
        let (mut state, _) = walk(&[page(5, Some(true), Some("a"), Some(TWO))]);
        let request = fetch(&state, NOW);
        let notices = state.failed(&options, &request, &failure(FailureKind::Status(code)), NOW);
        assert_eq!(notices, [Notice::TokenRefused]);
        let request = fetch(&state, NOW);
        assert_eq!((request.added_after.as_deref(), request.next), (Some("2026-10-01T00:00:00.499Z"), None));
    }
    // Without a token the same status is an ordinary failure.
    let mut state = FollowState::default();
    let request = fetch(&state, NOW);
    assert!(state.failed(&options, &request, &failure(FailureKind::Status(404)), NOW).is_empty());
    assert_eq!((state.failures, state.trouble.is_some()), (1, true));
    assert!(state.next_due > NOW);
}

#[test]
fn a_token_that_never_works_cannot_stop_the_following() {
    let options = FollowOptions::default();
    let mut state = FollowState::default();
    let mut now = NOW;
    let mut missed = Vec::new();
    for _ in 0..20 {
        let FollowAction::Fetch(request) = state.plan(&options, now) else { panic!() };
        let notices = if request.next.is_some() {
            state.failed(&options, &request, &failure(FailureKind::Status(400)), now)
        } else if request.added_after.as_deref() == Some(TWO) {
            break;
        } else {
            state.succeeded(&options, &request, &page(1000, Some(true), Some("a"), Some(TWO)), now)
        };
        missed.extend(notices.into_iter().filter(|notice| matches!(notice, Notice::MayMiss(_))));
        now = state.next_due.max(now);
    }
    assert_eq!(missed, [Notice::MayMiss(TWO.to_owned())]);
    assert!(now > NOW, "there were pauses in between");
}

#[test]
fn failures_wait_longer_and_longer_and_as_the_server_says() {
    let options = FollowOptions::default();
    let mut state = FollowState::default();
    let mut pauses = Vec::new();
    for _ in 0..4 {
        let now = state.next_due.max(NOW);
        let request = fetch(&state, now);
        state.failed(&options, &request, &failure(FailureKind::Unreachable), now);
        pauses.push(state.next_due.as_micros() - now.as_micros());
    }
    assert!(pauses.windows(2).all(|two| two[0] < two[1] * 2) && pauses[3] > pauses[0] * 2, "{pauses:?}");
    let busy =
        Failure { retry_after: Some(RetryAfter::In(Duration::from_hours(2))), ..failure(FailureKind::Status(429)) };
    let now = state.next_due;
    let request = fetch(&state, now);
    state.failed(&options, &request, &busy, now);
    assert_eq!(state.next_due, later(now, Duration::from_hours(2)));
    let request = fetch(&state, state.next_due);
    state.succeeded(&options, &request, &page(1, None, None, Some(ONE)), state.next_due);
    assert_eq!((state.failures, state.trouble), (0, None));
}

#[test]
fn pages_that_do_not_come_whole_are_made_smaller_and_grow_again() {
    let options = FollowOptions::default();
    let mut state = FollowState::default();
    for _ in 0..3 {
        let request = fetch(&state, state.next_due.max(NOW));
        state.failed(&options, &request, &failure(FailureKind::TooLarge), request.asked_at);
    }
    assert_eq!(fetch(&state, state.next_due).limit, Some(125));
    for _ in 0..3 {
        let request = fetch(&state, state.next_due);
        state.succeeded(&options, &request, &page(1, Some(false), None, Some(ONE)), state.next_due);
    }
    assert_eq!((fetch(&state, state.next_due).limit, state.limit), (Some(1000), None));
    state.limit = Some(1);
    let request = fetch(&state, state.next_due);
    assert!(state.failed(&options, &request, &failure(FailureKind::TooLarge), state.next_due).is_empty());
    assert_eq!(state.limit, Some(1));
}

#[test]
fn every_notice_has_a_text() {
    for notice in [
        Notice::Stale,
        Notice::MoreWithoutNext,
        Notice::NextWithoutMore,
        Notice::EmptyWithMore,
        Notice::LimitIgnored { asked: 1, got: 2 },
        Notice::NoDate,
        Notice::FutureDate(NOW),
        Notice::Unsorted,
        Notice::TokenRefused,
        Notice::MayMiss(ONE.to_owned()),
        Notice::SmallerPages(5),
        Notice::SameToken,
        Notice::OnlyEmptyPages(9),
        Notice::NoWayOn,
    ] {
        assert!(notice.to_string().len() > 20);
    }
}

/// How a made-up server behaves.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "five independent habits")]
struct Manner {
    tokens: bool,
    dates: bool,
    honours_limit: bool,
    stray_next: bool,
    inclusive: bool,
    /// Every so many requests fail, every so many tokens are refused; 0 is never.
    fails: usize,
    refuses: usize,
}

fn manners() -> impl Strategy<Value = Manner> {
    (any::<[bool; 5]>(), prop_oneof![Just(0usize), 2usize..5], prop_oneof![Just(0usize), 2usize..5]).prop_map(
        |([tokens, dates, honours_limit, stray_next, inclusive], fails, refuses)| {
            // By date alone, without dates, nobody can walk.
            let dates = dates || !tokens;
            // Without dates there is nothing to go back to, so every walk would have to succeed at once.
            let (fails, refuses) = if dates { (fails, refuses) } else { (fails, 0) };
            Manner { tokens, dates, honours_limit, stray_next, inclusive, fails, refuses }
        },
    )
}

/// Objects are added at these moments (microseconds after `NOW`); the page size is `size`.
fn serve(manner: &Manner, added: &[i64], size: usize, request: &PageRequest, now: Timestamp) -> (Vec<usize>, Page) {
    let from = request.added_after.as_deref().and_then(wire::read_moment).map_or(i64::MIN, Timestamp::as_micros);
    let visible = |at: i64| {
        let at = NOW.as_micros() + at;
        at <= now.as_micros() && (at > from || (manner.inclusive && at == from))
    };
    let start = request.next.as_deref().map_or(0, |token| token.parse::<usize>().unwrap());
    let size = if manner.honours_limit { size } else { size * 3 };
    let all: Vec<usize> = (start..added.len()).filter(|&index| visible(added[index])).collect();
    let given: Vec<usize> = all.iter().copied().take(size).collect();
    let more = all.len() > given.len();
    let date = |index: Option<&usize>| {
        index.filter(|_| manner.dates).map(|&index| wire::date_added(NOW.as_micros() + added[index]))
    };
    let token =
        given.last().filter(|_| manner.tokens && (more || manner.stray_next)).map(|last| (last + 1).to_string());
    let marks = PageMarks { more: Some(more), next: token, objects: Some(given.len() as u64) };
    let page = Page { marks, first: date(given.first()), last: date(given.last()), server_date: None, bytes: 0 };
    (given, page)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the manner, every object arrives, and when nothing new comes the follower becomes quiet.
    #[test]
    fn nothing_is_lost(
        manner in manners(),
        mut added in proptest::collection::vec(0i64..40, 0..60),
        size in 8usize..12,
    ) {
        added.sort_unstable();
        // Bursts of one date that do not fit a page cannot be walked by date alone.
        let mut dates: Vec<i64> = Vec::new();
        let mut at = 0;
        for (index, step) in added.iter().enumerate() {
            if index % 3 != 0 {
                at += 1000 * (step % 4 + i64::from(index % 6 == 1));
            }
            dates.push(at * 1_000);
        }
        let burst = dates.iter().map(|date| dates.iter().filter(|other| *other == date).count()).max().unwrap_or(0);
        prop_assume!(burst < size || (manner.tokens && manner.refuses == 0));
        let options = FollowOptions { limit: Some(size as u64), every: Duration::from_secs(2), ..FollowOptions::default() };
        let mut state = FollowState::default();
        let (mut now, mut got, mut requests, mut tokens) = (NOW, std::collections::BTreeSet::new(), 0, 0);
        let end = after(900);
        while now < end {
            match state.plan(&options, now) {
                FollowAction::Wait(until) => {
                    prop_assert!(until > now);
                    now = until;
                }
                FollowAction::Fetch(request) => {
                    requests += 1;
                    prop_assert!(requests < 20_000, "it does not become quiet");
                    // A kept state is as good as the one in memory.
                    state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
                    tokens += usize::from(request.next.is_some());
                    if manner.fails > 0 && requests % manner.fails == 0 {
                        state.failed(&options, &request, &failure(FailureKind::Unreachable), now);
                    } else if manner.refuses > 0 && request.next.is_some() && tokens % manner.refuses == 0 {
                        state.failed(&options, &request, &failure(FailureKind::Status(400)), now);
                    } else {
                        let (given, page) = serve(&manner, &dates, size, &request, now);
                        got.extend(given);
                        state.succeeded(&options, &request, &page, now);
                    }
                    now = later(now, Duration::from_millis(10));
                }
            }
        }
        prop_assert_eq!(got.len(), dates.len());
    }
}
