//! Days and moments as people type them.

use comity_base::Timestamp;

/// The beginning of a day, or a moment.
pub(crate) fn begin_of(text: &str) -> Result<Timestamp, String> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Timestamp::parse(&whole).map_err(|_| neither(text))
}

/// The end of a day, or a moment.
pub(crate) fn end_of(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_end_of(text).map_err(|_| neither(text))
}

/// The end of a day, where that is all that is asked for.
pub(crate) fn day(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_end_of(text).map_err(|_| format!("{text:?} is no day like 2026-11-01"))
}

fn neither(text: &str) -> String {
    format!("{text:?} is neither a day like 2026-11-01 nor a moment like 2026-11-01T12:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_beginning_or_its_end_and_what_is_none_is_told_without_a_time() {
        assert_eq!(begin_of("2026-01-01"), Timestamp::parse("2026-01-01T00:00:00Z").map_err(|_| String::new()));
        assert_eq!(end_of("2026-01-01").unwrap().to_string(), "2026-01-01T23:59:59.999999Z");
        assert_eq!(end_of("2026-01-01T08:00:00Z"), begin_of("2026-01-01T08:00:00Z"));
        assert_eq!(day("yesterday").unwrap_err(), "\"yesterday\" is no day like 2026-11-01");
        for wrong in ["yesterday", "2026-02-30", "", "01.02.2026"] {
            assert!(begin_of(wrong).is_err() && end_of(wrong).unwrap_err().contains("a day like"), "{wrong}");
        }
    }
}
