//! When to ask a remote server again.

use std::time::Duration;

use comity_base::Timestamp;

use crate::wire;

/// What a server said in `Retry-After` (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long after the reply.
    In(Duration),
    /// At a moment.
    At(Timestamp),
}

/// Growing pauses between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure. Default 15 s.
    pub first: Duration,
    /// The longest pause; it also bounds what a server may ask for. Default 6 h.
    pub most: Duration,
    /// Makes the pauses of different nodes and collections differ, so that they do not all come back at once.
    pub seed: u64,
}

/// What kind of failure it was, as far as it matters for what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The server replied with this status.
    Status(u16),
    /// The reply was larger than allowed.
    TooLarge,
    /// The reply did not come in time.
    Slow,
    /// No reply came, or it broke off.
    Unreachable,
    /// A reply came that cannot be used.
    Unreadable,
    /// The fault is on this side: configuration, or no room to keep the page.
    Local,
}

/// A failed attempt, as the state machines need it; made from a [`crate::ClientError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind it was.
    pub kind: FailureKind,
    /// When the server wants to be asked again.
    pub retry_after: Option<RetryAfter>,
    /// What happened and what to do, for people.
    pub text: String,
}

impl RetryAfter {
    /// Reads the header's value: seconds, or a date in the form of HTTP.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            // More digits than fit are for ever, which `Backoff::most` bounds.
            return Some(Self::In(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
        }
        http_date(text).or_else(|| wire::read_moment(text)).map(Self::At)
    }

    /// When that is, for a reply that came now.
    pub fn due(self, now: Timestamp) -> Timestamp {
        match self {
            Self::In(pause) => later(now, pause),
            Self::At(moment) => moment,
        }
    }
}

impl Backoff {
    /// The pause after so many failures in a row: doubled each time, then cut by up to half by chance.
    pub fn pause(&self, failures: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(30));
        let half = doubled.min(self.most) / 2;
        let share = u32::try_from(mix(self.seed ^ u64::from(failures).rotate_left(32)) >> 33).unwrap_or_default();
        half + half.saturating_mul(share) / (1 << 31)
    }

    /// When to try again after so many failures in a row, not before the server wants it, and for an answer of
    /// "who are you" or "you may not" not before a quarter of an hour: repeating those locks accounts.
    pub fn due(&self, failures: u32, failure: &Failure, now: Timestamp) -> Timestamp {
        let mut due = later(now, self.pause(failures));
        if matches!(failure.kind, FailureKind::Status(401 | 403 | 407)) {
            due = due.max(later(now, DENIED.min(self.most)));
        }
        if let Some(wanted) = failure.retry_after {
            due = due.max(wanted.due(now).min(later(now, self.most)));
        }
        due
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(15), most: Duration::from_hours(6), seed: 0 }
    }
}

/// A date in the form of HTTP (RFC 9110 section 5.6.7, the form that is sent today).
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp::from_micros(date.timestamp().as_microsecond()))
}

/// The moment so long after another; at most the last that can be written.
pub(crate) fn later(moment: Timestamp, pause: Duration) -> Timestamp {
    let micros = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(moment.as_micros().saturating_add(micros).min(wire::LAST_MICROS))
}

/// The moment so long before another.
pub(crate) fn earlier(moment: Timestamp, span: Duration) -> Timestamp {
    let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(moment.as_micros().saturating_sub(micros))
}

/// The finaliser of SplitMix64: spreads a number over all bits.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The least pause after a refusal of credentials.
const DENIED: Duration = Duration::from_mins(15);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_micros(1_793_534_400_000_000);

    fn failed(kind: FailureKind, retry_after: Option<RetryAfter>) -> Failure {
        Failure { kind, retry_after, text: String::new() }
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let at = |text| RetryAfter::parse(text).unwrap().due(NOW);
        assert_eq!(at("120"), later(NOW, Duration::from_mins(2)));
        assert_eq!(at("Sun, 01 Nov 2026 12:05:00 GMT"), later(NOW, Duration::from_mins(5)));
        assert_eq!(at("99999999999999999999999"), Timestamp::from_micros(wire::LAST_MICROS));
        for text in ["", "soon", "-5", "1.5"] {
            assert_eq!(RetryAfter::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_server_is_not_asked_before_it_wants_but_never_waits_for_ever() {
        let backoff = Backoff::default();
        let wait = |failure: &Failure| backoff.due(1, failure, NOW).as_micros() - NOW.as_micros();
        let hour = RetryAfter::In(Duration::from_hours(1));
        assert_eq!(wait(&failed(FailureKind::Status(503), Some(hour))), 3_600_000_000);
        assert!(wait(&failed(FailureKind::Status(429), Some(RetryAfter::In(Duration::ZERO)))) >= 7_500_000);
        let ever = RetryAfter::In(Duration::from_secs(u64::MAX));
        assert_eq!(wait(&failed(FailureKind::Status(503), Some(ever))), 6 * 3_600_000_000);
        assert_eq!(wait(&failed(FailureKind::Status(401), None)), 900_000_000);
    }

    proptest! {
        #[test]
        fn pauses_grow_within_bounds_and_are_repeatable(failures in 1u32..2000, seed in any::<u64>()) {
            let backoff = Backoff { seed, ..Backoff::default() };
            let pause = backoff.pause(failures);
            let doubled = backoff.first.saturating_mul(1u32 << (failures - 1).min(30)).min(backoff.most);
            prop_assert!(pause >= doubled / 2 && pause <= doubled);
            prop_assert_eq!(pause, backoff.pause(failures));
            prop_assert_ne!(pause, Backoff { seed: seed ^ 1, ..backoff }.pause(failures));
        }

        #[test]
        fn any_text_is_answered(text in ".{0,60}") {
            if let Some(wanted) = RetryAfter::parse(&text) {
                let _ = wanted.due(NOW);
            }
        }
    }
}
