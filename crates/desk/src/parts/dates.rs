use std::fmt::{self, Formatter};
use std::ops::Range;

use askama::filters::{Escaper as _, Html};

/// Writes a text, escaped, so that no date in it breaks at the end of a line.
pub(super) fn write_dated(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let mut from = 0;
    for date in dates(text) {
        Html.write_escaped_str(&mut *f, text.get(from..date.start).unwrap_or_default())?;
        f.write_str("<span class=\"date\">")?;
        Html.write_escaped_str(&mut *f, text.get(date.clone()).unwrap_or_default())?;
        f.write_str("</span>")?;
        from = date.end;
    }
    Html.write_escaped_str(&mut *f, text.get(from..).unwrap_or_default())
}

/// Where dates of ISO 8601 stand in a text: `2026-11-26`, `2026-11`.
fn dates(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split(|c: char| !c.is_ascii_digit() && c != '-') {
        if is_date(word) {
            found.push(at..at + word.len());
        }
        at += word.len();
        at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    found
}

fn is_date(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    matches!(parts[..], [4, 2] | [4, 2, 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_found_and_what_only_looks_like_one_is_not() {
        let of = |text: &str| dates(text).into_iter().map(|at| text[at].to_owned()).collect::<Vec<_>>();
        assert_eq!(of("from 2026-05 to 2026-11-26, année 2027-01"), ["2026-05", "2026-11-26", "2027-01"]);
        for other in ["4-26-117", "2026-11-26-7", "+372-600", "20260-11", "2026", "", "--"] {
            assert_eq!(of(other), Vec::<String>::new(), "{other}");
        }
    }
}
