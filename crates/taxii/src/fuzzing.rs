//! Entry points for fuzz targets: each takes any bytes and fails an assertion when something that must hold does not.

use comity_base::{Position, Timestamp};
use http::{HeaderMap, HeaderValue, header};

use crate::{Cursor, CursorKey, FilterLimits, Filters, PageScan, RetryAfter, Scope, media, scan};

/// Bytes as a `next` token, and as the filters of one.
pub fn cursor(data: &[u8]) {
    let key = CursorKey::new(&[7; 32]);
    let scope = Scope { collection: "91a7b528-80eb-42ed-a74d-c6fbd5a26116", reader: "lab-north" };
    let text = String::from_utf8_lossy(data);
    assert!(Cursor::open(&key, scope, &text).is_err(), "nobody guesses a token");
    let Ok(filters) = Filters::parse(&text, &FilterLimits::default()) else { return };
    let cursor = Cursor {
        position: Position(data.len() as u64),
        snapshot: Position(u64::MAX),
        limit: filters.limit,
        added_after: filters.added_after,
        matches: filters.matches,
    };
    let token = cursor.seal(&key, scope);
    assert_eq!(Cursor::open(&key, scope, &token), Ok(cursor));
    assert!(Cursor::open(&key, Scope { reader: "lab-south", ..scope }, &token).is_err());
}

/// Bytes as the query of a request.
pub fn filters(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let limits = FilterLimits { values: 20, ..FilterLimits::default() };
    let Ok(filters) = Filters::parse(&text, &limits) else { return };
    assert!(filters.limit != Some(0));
    let query: Vec<String> = filters.matches.to_query().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let again = Filters::parse(&query.join("&"), &limits).map(|again| again.matches);
    assert_eq!(again, Ok(filters.matches));
}

/// Bytes as a page of a remote server, whole and cut in two.
pub fn page(data: &[u8]) {
    let whole = scan(data, 32);
    let (one, other) = data.split_at(data.len() / 2);
    let mut pieces = PageScan::new(32);
    let cut = pieces.feed(one).and_then(|()| pieces.feed(other)).and_then(|()| pieces.finish());
    assert_eq!(whole.as_ref().ok(), cut.as_ref().ok());
    let Ok(marks) = whole else { return };
    let Ok(serde_json::Value::Object(value)) = serde_json::from_slice(data) else { return };
    assert_eq!(marks.more, value.get("more").and_then(serde_json::Value::as_bool));
    let listed = value.get("objects").and_then(serde_json::Value::as_array);
    let objects = listed.map(|list| list.iter().filter(|item| item.is_object()).count() as u64);
    assert_eq!(marks.objects, objects);
}

/// Bytes as headers: `Accept`, `Content-Type`, `Retry-After`.
pub fn headers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(wanted) = RetryAfter::parse(&text) {
        let _ = wanted.due(Timestamp::from_micros(0));
    }
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let headers = HeaderMap::from_iter([(header::ACCEPT, value.clone()), (header::CONTENT_TYPE, value)]);
    let _ = (media::negotiate(&headers), media::posted(&headers));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_found_at_once(
            data in proptest::collection::vec(any::<u8>(), 0..100),
            text in r"(match\[(id|type|version|spec_version)\]=|added_after=|limit=|next=|&|,|2026-11-01T12:00:00Z|9999-12-31T23:59:59Z|indicator|--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f|%2C|2\.1|all|last){0,12}",
            json in r#"\{("more"|"next"|"objects"|"x"|:|,|true|false|null|1|"y"|\[|\]|\{|\}){0,20}\}"#,
        ) {
            for bytes in [data.as_slice(), text.as_bytes(), json.as_bytes()] {
                cursor(bytes);
                filters(bytes);
                page(bytes);
                headers(bytes);
            }
        }
    }
}
