use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// Parses any RFC 3339 date-time; prints the STIX form `YYYY-MM-DDTHH:MM:SS.sssZ`
/// (STIX 2.1 section 2.9: always `Z`, at least milliseconds here, microseconds when needed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not a date-time this system can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date-time of the form 2026-11-01T12:00:00Z: {0:?}")]
pub struct TimeError(pub String);

impl Timestamp {
    /// The moment so many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The same day and hour so many calendar months later, in UTC; the last day of the month where it has no such day.
    #[must_use]
    pub fn plus_months(self, months: u16) -> Self {
        self.months_away(i32::from(months)).unwrap_or(Self(i64::MAX))
    }

    /// The same day and hour so many calendar months earlier, in UTC; the last day of the month where it has no such day.
    #[must_use]
    pub fn minus_months(self, months: u16) -> Self {
        self.months_away(-i32::from(months)).unwrap_or(Self(i64::MIN))
    }

    fn months_away(self, months: i32) -> Option<Self> {
        let moment = jiff::Timestamp::from_microsecond(self.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
        let moment = moment.checked_add(jiff::Span::new().months(months)).ok()?;
        Some(Self(moment.timestamp().as_microsecond()))
    }

    /// Reads an RFC 3339 date-time; digits beyond the microsecond are cut off.
    ///
    /// # Errors
    /// When the text is not a date-time.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        if let Some(fast) = parse_utc(text.as_bytes()) {
            return Ok(Self(fast));
        }
        jiff::Timestamp::from_str(text)
            .map(|t| Self(t.as_microsecond()))
            .map_err(|_| TimeError(text.chars().take(64).collect()))
    }

    /// Reads a date-time, or a date alone, which means the end of that day.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse_end_of(text: &str) -> Result<Self, TimeError> {
        if text.len() == 10 {
            return Self::parse(&format!("{text}T23:59:59.999999Z"));
        }
        Self::parse(text)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        Self::parse(text)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = jiff::Timestamp::from_microsecond(self.0) else {
            return f.write_str("(out of range)");
        };
        let digits = if self.0 % 1000 == 0 { 3 } else { 6 };
        write!(f, "{moment:.digits$}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.f+]Z` without the general parser: the form of nearly every STIX object.
fn parse_utc(text: &[u8]) -> Option<i64> {
    let (head, rest) = text.split_at_checked(19)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = head else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    let valid = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
    if !valid || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = fraction(rest)?;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(seconds * 1_000_000 + micros)
}

/// `Z` or `.digitsZ`, as microseconds.
fn fraction(rest: &[u8]) -> Option<i64> {
    match rest {
        b"Z" => Some(0),
        [b'.', digits @ .., b'Z'] if !digits.is_empty() && digits.len() <= 9 => {
            let mut micros = 0;
            for place in 0..6 {
                let digit = digits.get(place).copied().unwrap_or(b'0');
                micros = micros * 10 + number(&[digit])?;
            }
            digits.iter().all(u8::is_ascii_digit).then_some(micros)
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, d| d.is_ascii_digit().then(|| sum * 10 + i64::from(d - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_the_stix_form() {
        let show = |text| Timestamp::parse(text).unwrap().to_string();
        assert_eq!(show("2026-11-01T12:00:00Z"), "2026-11-01T12:00:00.000Z");
        assert_eq!(show("2026-11-01T14:00:00.123456+02:00"), "2026-11-01T12:00:00.123456Z");
        assert_eq!(show("2016-02-29T08:17:27.5Z"), "2016-02-29T08:17:27.500Z");
    }

    #[test]
    fn refuses_days_that_never_were() {
        for text in ["2016-13-12T08:17:27Z", "2016-11-31T08:17:27Z", "2015-02-29T00:00:00Z", "yesterday", ""] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_date_alone_means_the_end_of_that_day() {
        let end = Timestamp::parse_end_of("2026-11-01").unwrap();
        assert_eq!(end.to_string(), "2026-11-01T23:59:59.999999Z");
    }

    #[test]
    fn months_are_counted_in_the_calendar_and_end_with_the_month() {
        let at = |text| Timestamp::parse(text).unwrap();
        assert_eq!(at("2026-08-31T07:00:00Z").minus_months(6), at("2026-02-28T07:00:00Z"));
        assert_eq!(at("2026-02-28T07:00:00Z").plus_months(6), at("2026-08-28T07:00:00Z"));
        assert_eq!(Timestamp::from_micros(i64::MIN).minus_months(1), Timestamp::from_micros(i64::MIN));
        assert_eq!(Timestamp::from_micros(i64::MAX).plus_months(1), Timestamp::from_micros(i64::MAX));
    }

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_the_general_one(micros in -62_135_596_800_000_000i64..253_402_207_200_000_000) {
            let text = jiff::Timestamp::from_microsecond(micros).unwrap().to_string();
            if let Some(fast) = parse_utc(text.as_bytes()) {
                prop_assert_eq!(fast, micros);
            }
            prop_assert_eq!(Timestamp::parse(&text).unwrap().as_micros(), micros);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            let _ = Timestamp::parse(&text);
        }
    }
}
