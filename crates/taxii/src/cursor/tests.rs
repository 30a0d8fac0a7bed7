use super::*;
use crate::{FilterLimits, Filters};
use proptest::prelude::*;

const HERE: Scope<'static> = Scope { collection: "91a7b528-80eb-42ed-a74d-c6fbd5a26116", reader: "lab-north" };

fn key() -> CursorKey {
    CursorKey::new(&[7; 32])
}

fn at(position: u64) -> Cursor {
    Cursor { position: Position(position), snapshot: Position(u64::MAX), ..Cursor::default() }
}

fn cursors() -> impl Strategy<Value = Cursor> {
    let id = ("[a-z][a-z0-9-]{0,20}", any::<u128>())
        .prop_map(|(kind, uuid)| ObjectId { kind: TypeName::parse(&kind).unwrap(), uuid: Uuid::from_u128(uuid) });
    let version = prop_oneof![
        Just(VersionMatch::First),
        Just(VersionMatch::Last),
        Just(VersionMatch::All),
        any::<i64>().prop_map(|micros| VersionMatch::At(Timestamp::from_micros(micros))),
    ];
    let matches = (
        proptest::collection::vec(id, 0..5),
        proptest::collection::vec("[a-z-]{1,200}", 0..5),
        proptest::collection::vec(version, 0..5),
        proptest::collection::vec("[0-9].[0-9]", 0..3),
    )
        .prop_map(|(ids, types, versions, spec_versions)| Matches {
            ids,
            types: types.iter().map(|kind| TypeName::parse(kind).unwrap()).collect(),
            versions,
            spec_versions,
        });
    (any::<u64>(), any::<u64>(), any::<Option<u64>>(), any::<Option<i64>>(), matches).prop_map(
        |(position, snapshot, limit, added_after, matches)| Cursor {
            position: Position(position),
            snapshot: Position(snapshot),
            limit,
            added_after: added_after.map(Timestamp::from_micros),
            matches,
        },
    )
}

#[test]
fn a_token_stays_in_its_place() {
    let token = at(5).seal(&key(), HERE);
    assert_eq!(Cursor::open(&key(), HERE, &token), Ok(at(5)));
    assert_eq!(Cursor::open(&key(), HERE, &format!("{token}==")), Ok(at(5)), "padding some clients add does no harm");
    let elsewhere = [
        Scope { collection: "52892447-4d7e-4f70-b94d-d7f22742ff63", ..HERE },
        Scope { reader: "lab-south", ..HERE },
        Scope { collection: "91a7b528-80eb-42ed-a74d-c6fbd5a26116lab", reader: "-north" },
    ];
    for scope in elsewhere {
        assert_eq!(Cursor::open(&key(), scope, &token), Err(CursorError::Unknown));
    }
    assert_eq!(Cursor::open(&CursorKey::new(&[8; 32]), HERE, &token), Err(CursorError::Unknown));
}

#[test]
fn what_is_no_token_is_an_ordinary_error() {
    for text in ["", "1", "=", "%", "AQ", &"A".repeat(100), "\u{e9}"] {
        assert_eq!(Cursor::open(&key(), HERE, text), Err(CursorError::Unknown), "{text}");
    }
    assert_eq!(Cursor::open(&key(), HERE, &"A".repeat(70_000)), Err(CursorError::TooLong));
    let error = TaxiiError::from(CursorError::Unknown);
    assert_eq!(error.http_status, Some(400));
    assert!(error.description.unwrap().contains("added_after"));
}

/// A client that knows many tokens of one walk learns nothing of the positions: the length is the same for all, and
/// neighbours share no more bits than chance.
#[test]
fn positions_do_not_show() {
    let tokens: Vec<Vec<u8>> = [0, 1, 2, 255, 256, u64::MAX]
        .iter()
        .map(|&position| URL_SAFE_NO_PAD.decode(at(position).seal(&key(), HERE)).unwrap())
        .collect();
    for (index, one) in tokens.iter().enumerate() {
        assert_eq!(one.len(), tokens[0].len());
        for other in &tokens[..index] {
            let equal = one.iter().zip(other).skip(1).filter(|(a, b)| a == b).count();
            assert!(equal < 8, "{equal} bytes are equal");
        }
    }
}

#[test]
fn a_token_is_about_as_short_as_its_query() {
    assert!(at(1).seal(&key(), HERE).len() <= 70);
    let ids: Vec<String> = (0..400).map(|n| format!("indicator--{}", Uuid::from_u128(n))).collect();
    let query = format!("match[id]={}", ids.join(","));
    let matches = Filters::parse(&query, &FilterLimits::default()).unwrap().matches;
    let token = Cursor { matches, ..at(1) }.seal(&key(), HERE);
    assert!(token.len() < query.len(), "{} bytes", token.len());
}

proptest! {
    #[test]
    fn every_cursor_comes_back(cursor in cursors()) {
        let token = cursor.seal(&key(), HERE);
        prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        prop_assert_eq!(Cursor::open(&key(), HERE, &token), Ok(cursor));
    }

    #[test]
    fn every_changed_bit_is_noticed(cursor in cursors(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor.seal(&key(), HERE)).unwrap();
        let index = at.index(bytes.len());
        bytes[index] ^= 1 << bit;
        prop_assert_eq!(Cursor::open(&key(), HERE, &URL_SAFE_NO_PAD.encode(bytes)), Err(CursorError::Unknown));
    }

    #[test]
    fn every_cut_is_noticed(cursor in cursors(), at in any::<prop::sample::Index>()) {
        let token = cursor.seal(&key(), HERE);
        let cut = &token[..at.index(token.len())];
        prop_assert!(Cursor::open(&key(), HERE, cut).is_err());
    }

    /// Behind the tag, where only a fault of ours could bring them.
    #[test]
    fn any_content_is_answered(content in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(cursor) = Cursor::decode(&content) {
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
    }

    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        prop_assert!(Cursor::open(&key(), HERE, &text).is_err());
    }
}
