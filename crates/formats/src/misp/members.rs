//! Reading MISP's JSON, which writes numbers and truth values as text or not, as it pleases.

use std::collections::BTreeMap;

use comity_base::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The members of a JSON object with their texts unread.
pub(super) type Raw<'a> = BTreeMap<String, &'a RawValue>;

/// The last moment that can be written with four digits for the year.
const LAST_SECOND: i64 = 253_402_300_799;

/// The namespace of the ids made for what has no usable UUID of its own.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d7f_3b52_0c41_5e0a_9d4e_1f1c_5a77_30c2);

/// A text or number as text; nothing when empty.
pub(super) fn text(of: &Map<String, Value>, name: &str) -> Option<String> {
    match of.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `true`, `1` or `"1"`.
pub(super) fn truth(of: &Map<String, Value>, name: &str) -> bool {
    match of.get(name) {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => text == "1" || text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A moment: seconds since 1970, or a date-time.
pub(super) fn moment(of: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let text = text(of, name)?;
    if let Ok(seconds) = text.trim().parse::<i64>() {
        return (1..=LAST_SECOND).contains(&seconds).then(|| Timestamp::from_micros(seconds * 1_000_000));
    }
    Timestamp::parse(text.trim()).ok()
}

/// The objects in a member that is a list, or is one object.
pub(super) fn objects<'v>(of: &'v Map<String, Value>, name: &str) -> impl Iterator<Item = &'v Map<String, Value>> {
    let (list, single) = match of.get(name) {
        Some(Value::Array(list)) => (list.as_slice(), None),
        Some(Value::Object(single)) => (&[][..], Some(single)),
        _ => (&[][..], None),
    };
    list.iter().filter_map(Value::as_object).chain(single)
}

/// How many entries of such a member are not objects.
pub(super) fn unfit(of: &Map<String, Value>, name: &str) -> u64 {
    match of.get(name) {
        None | Some(Value::Null | Value::Object(_)) => 0,
        Some(Value::Array(list)) => list.iter().filter(|entry| !entry.is_object()).count() as u64,
        Some(_) => 1,
    }
}

/// The names of the tags of something.
pub(super) fn own_tags(of: &Map<String, Value>) -> Vec<String> {
    let names = objects(of, "Tag").filter_map(|tag| tag.get("name").and_then(Value::as_str)).map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The UUID of something, or one made from what it is.
pub(super) fn uuid(of: &Map<String, Value>, otherwise: &str) -> Uuid {
    own_uuid(of).unwrap_or_else(|| made(otherwise))
}

/// The UUID of something, when it has a usable one.
pub(super) fn own_uuid(of: &Map<String, Value>) -> Option<Uuid> {
    of.get("uuid").and_then(Value::as_str).and_then(read_uuid)
}

/// A UUID in the form with hyphens; the nil UUID names nothing.
pub(super) fn read_uuid(text: &str) -> Option<Uuid> {
    let text = text.trim();
    Uuid::try_parse(text).ok().filter(|uuid| text.len() == 36 && !uuid.is_nil())
}

/// A UUID that follows from a text.
pub(super) fn made(from: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, from.as_bytes())
}

/// A machine tag for what MISP knows and STIX has no member for.
pub(super) fn tag(name: &str, value: &str) -> String {
    format!("misp:{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
