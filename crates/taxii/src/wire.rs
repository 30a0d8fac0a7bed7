//! Names and forms on the wire that server and client share (TAXII 2.1 sections 2 and 3.2).

use comity_base::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};

/// When the first object of a page was added (TAXII 2.1 section 3.2).
pub const DATE_ADDED_FIRST: HeaderName = HeaderName::from_static("x-taxii-date-added-first");
/// When the last object of a page was added (TAXII 2.1 section 3.2).
pub const DATE_ADDED_LAST: HeaderName = HeaderName::from_static("x-taxii-date-added-last");
/// The value of `WWW-Authenticate` that goes with every 401 (TAXII 2.1 section 1.6.9): a browser asks, a client learns.
pub const WWW_AUTHENTICATE: &str = "Basic realm=\"Comity\", charset=\"UTF-8\"";

/// The moment an object was added as it stands on the wire: UTC, three-digit fraction, `Z` (TAXII 2.1 section 2).
///
/// What lies beyond the millisecond is cut off; clients cut it off too and would ask for the same object for ever.
pub fn date_added(micros: i64) -> String {
    let micros = micros.clamp(FIRST_MICROS, LAST_MICROS);
    Timestamp::from_micros(micros - micros.rem_euclid(1000)).to_string()
}

/// The two headers of a page that holds objects (TAXII 2.1 section 5.4). An empty page has neither: a client then
/// keeps the moment it knows.
pub fn date_added_headers(first: Timestamp, last: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(2);
    for (name, moment) in [(DATE_ADDED_FIRST, first), (DATE_ADDED_LAST, last)] {
        // Digits and signs of a date are always a header's value.
        if let Ok(value) = HeaderValue::from_str(&date_added(moment.as_micros())) {
            headers.insert(name, value);
        }
    }
    headers
}

/// A moment in a query or header: RFC 3339 with any precision, any offset, letters of either case, and with the plus
/// or blank that careless encoding leaves in place of another character.
pub(crate) fn read_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() < 20 || text.len() > MOMENT_BYTES || !text.is_ascii() {
        return None;
    }
    let (day, rest) = text.split_at_checked(10)?;
    let (separator, rest) = rest.split_at_checked(1)?;
    if !matches!(separator, "T" | "t" | " " | "+" | "_") {
        return None;
    }
    let (time, rest) = rest.split_at_checked(8)?;
    let digits = rest.strip_prefix(['.', ',']).map_or("", |rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    });
    let zone = if digits.is_empty() { rest } else { rest.get(digits.len() + 1..)? };
    let zone = match zone {
        "Z" | "z" => "Z".to_owned(),
        // A plus that was not encoded arrives as a blank.
        zone => zone.replacen(' ', "+", 1),
    };
    let digits = digits.get(..digits.len().min(9)).unwrap_or_default();
    let point = if digits.is_empty() { "" } else { "." };
    let moment = Timestamp::parse(&format!("{day}T{time}{point}{digits}{zone}")).ok()?;
    // The last day of year 9999 is a way to say "never", and cannot be printed.
    Some(moment.min(Timestamp::from_micros(LAST_MICROS)))
}

/// Year 1, the least a date-time can say.
const FIRST_MICROS: i64 = -62_135_596_800_000_000;
/// The last whole millisecond that can be printed.
pub(crate) const LAST_MICROS: i64 = 253_402_207_199_999_000;
/// Longer texts are no moments, whatever their precision.
const MOMENT_BYTES: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_date_has_three_digits_and_a_z() {
        assert_eq!(date_added(1_793_534_400_000_000), "2026-11-01T12:00:00.000Z");
        assert_eq!(date_added(1_793_534_400_123_999), "2026-11-01T12:00:00.123Z");
        assert_eq!(date_added(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(date_added(i64::MIN), "0001-01-01T00:00:00.000Z");
        assert_eq!(date_added(i64::MAX).len(), 24);
    }

    #[test]
    fn the_headers_of_a_page() {
        let headers = date_added_headers(Timestamp::from_micros(0), Timestamp::from_micros(1_500));
        assert_eq!(headers.get("X-TAXII-Date-Added-First").unwrap(), "1970-01-01T00:00:00.000Z");
        assert_eq!(headers.get("X-TAXII-Date-Added-Last").unwrap(), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn moments_are_read_in_every_dress() {
        let noon = Timestamp::parse("2026-11-01T12:00:00Z").unwrap();
        for text in [
            "2026-11-01T12:00:00Z",
            "2026-11-01t12:00:00z",
            "2026-11-01T12:00:00.0Z",
            "2026-11-01T12:00:00.000000000000Z",
            "2026-11-01T14:00:00+02:00",
            "2026-11-01T14:00:00 02:00",
            "2026-11-01 14:00:00.000+02:00",
            "2026-11-01+12:00:00Z",
            "2026-11-01T06:30:00-05:30",
            " 2026-11-01T12:00:00Z ",
        ] {
            assert_eq!(read_moment(text), Some(noon), "{text}");
        }
        let micros = read_moment("2026-11-01T12:00:00.1234567891Z").unwrap();
        assert_eq!(micros.to_string(), "2026-11-01T12:00:00.123456Z");
        for text in
            ["", "yesterday", "2026-11-01", "2026-11-01T12:00:00", "2026-13-01T12:00:00Z", "2026-11-01T12:00:00.Z"]
        {
            assert_eq!(read_moment(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_moment_is_read_back(micros in FIRST_MICROS..LAST_MICROS) {
            let text = date_added(micros);
            prop_assert_eq!(text.len(), 24);
            let read = read_moment(&text).unwrap().as_micros();
            prop_assert!(read <= micros && micros - read < 1000);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,90}") {
            let _ = read_moment(&text);
        }
    }
}
