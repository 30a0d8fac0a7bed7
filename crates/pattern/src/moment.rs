use comity_base::Timestamp;

use crate::lexer::is_time;

/// Nanoseconds since 1970-01-01T00:00:00Z.
///
/// Finer than [`Timestamp`]: observed data compare nanoseconds, and a bound must not be met by rounding.
pub(crate) type Moment = i128;

const NANOS_PER_SECOND: Moment = 1_000_000_000;

/// Reads `YYYY-MM-DDTHH:MM:SS[.f]Z`, in upper case, of a day that was; digits beyond the nanosecond are cut off.
pub(crate) fn read(text: &str) -> Option<Moment> {
    if !is_time(text) {
        return None;
    }
    let (head, rest) = text.split_at_checked(19)?;
    if head.ends_with("60") {
        return None;
    }
    let micros = Timestamp::parse(&format!("{head}Z")).ok()?.as_micros();
    let digits = rest.trim_end_matches('Z').trim_start_matches('.');
    let mut nanos: Moment = 0;
    for place in 0..9 {
        let digit = digits.as_bytes().get(place).map_or(0, |digit| digit - b'0');
        nanos = nanos * 10 + Moment::from(digit);
    }
    Some(Moment::from(micros) * 1_000 + nanos)
}

/// A moment of the rest of the system.
pub(crate) fn from_timestamp(time: Timestamp) -> Moment {
    Moment::from(time.as_micros()) * 1_000
}

/// So many seconds, to the nanosecond. `seconds` is finite and not negative.
#[expect(clippy::cast_possible_truncation, reason = "the parser admits at most 10^12 seconds; a cast saturates")]
pub(crate) fn duration(seconds: f64) -> Moment {
    let whole = seconds.trunc();
    let nanos = (seconds.fract() * 1e9).round();
    (whole as Moment) * NANOS_PER_SECOND + nanos as Moment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_exact_to_the_nanosecond() {
        let base = read("2010-05-21T13:21:43Z").unwrap();
        assert_eq!(read("2010-05-21T13:21:43.123456789Z").unwrap() - base, 123_456_789);
        assert_eq!(read("2010-05-21T13:21:43.5Z").unwrap() - base, 500_000_000);
        assert_eq!(duration(4.9999), 4_999_900_000);
        assert_eq!(duration(0.0001), 100_000);
    }

    #[test]
    fn days_that_never_were_and_other_spellings_are_refused() {
        for bad in ["2024-04-31T12:00:00Z", "2024-01-01T00:00:60Z", "2010-05-21t13:21:43Z", "2010-05-21T13:21:43"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
