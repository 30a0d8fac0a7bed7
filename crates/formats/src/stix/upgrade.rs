//! STIX 2.0 to 2.1, as the committee's own notes and the elevator of OASIS do it.

use comity_stix::{Doc, sco_id};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What became of one object.
pub(super) enum Upgraded {
    /// It says itself that it is of 2.1.
    Already,
    /// The object in 2.1, after the observables that were inside it.
    Objects(Vec<String>),
}

/// The namespace of the ids of observables that have no deterministic one.
const NAMESPACE: Uuid = Uuid::from_u128(0x9c0e_6d52_8f2e_5b8c_8a4d_2e61_0b7d_44f3);

/// The longest chain of references between observables whose ids follow from each other.
const LONGEST_CHAIN: usize = 16;

/// From a type's `labels` to the list of types that 2.1 has instead (STIX 2.1 appendix on changes).
const TYPES: [(&str, &str); 5] = [
    ("indicator", "indicator_types"),
    ("malware", "malware_types"),
    ("report", "report_types"),
    ("threat-actor", "threat_actor_types"),
    ("tool", "tool_types"),
];

/// Upgrades one object of a STIX 2.0 stream. Members that are not known stay as they are.
pub(super) fn upgrade(raw: &[u8]) -> Result<Upgraded, serde_json::Error> {
    let mut object: Map<String, Value> = serde_json::from_slice(raw)?;
    if object.get("spec_version").and_then(Value::as_str) == Some("2.1") {
        return Ok(Upgraded::Already);
    }
    object.insert("spec_version".into(), "2.1".into());
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    types(&kind, &mut object);
    // STIX 2.1 section 2.8 allows no empty list.
    object.retain(|_, value| !value.as_array().is_some_and(Vec::is_empty));
    let mut objects = Vec::new();
    match kind.as_str() {
        "indicator" => {
            object.entry("pattern_type").or_insert_with(|| "stix".into());
            object.entry("pattern_version").or_insert_with(|| "2.0".into());
            if let Some(created) = object.get("created").cloned() {
                object.entry("valid_from").or_insert(created);
            }
        }
        // 2.0 does not say whether a family is meant; the elevator takes it for one.
        "malware" => drop(object.entry("is_family").or_insert(true.into())),
        "identity" => sectors(&mut object),
        "marking-definition" => tlp(&mut object),
        "observed-data" => observables(&mut object, &mut objects),
        _ => {}
    }
    objects.push(Value::Object(object).to_string());
    Ok(Upgraded::Objects(objects))
}

/// `labels` of five types, and of an identity, say what kind it is; 2.1 has a member for that.
fn types(kind: &str, object: &mut Map<String, Value>) {
    let member = match TYPES.iter().find(|(name, _)| *name == kind) {
        Some((_, member)) => *member,
        None if kind == "identity" => "roles",
        None => return,
    };
    if object.contains_key(member) || !object.get("labels").is_some_and(Value::is_array) {
        return;
    }
    let Some(Value::Array(labels)) = object.remove("labels") else { return };
    // What restricts an object is a label in both versions, and must not be lost as a type.
    let (tags, types): (Vec<Value>, Vec<Value>) =
        labels.into_iter().partition(|label| label.as_str().is_some_and(|label| label.contains([':', '='])));
    if !types.is_empty() {
        object.insert(member.into(), types.into());
    }
    if !tags.is_empty() {
        object.insert("labels".into(), tags.into());
    }
}

/// 2.1 gives the four TLP markings names (section 7.2.1.4).
fn tlp(object: &mut Map<String, Value>) {
    let level = object.get("definition").and_then(|definition| definition.get("tlp")).and_then(Value::as_str);
    if let Some(name) = level.map(|level| format!("TLP:{}", level.to_ascii_uppercase())) {
        object.entry("name").or_insert_with(|| name.into());
    }
}

/// 2.0 wrote some sectors with a space or an underscore.
fn sectors(object: &mut Map<String, Value>) {
    for sector in object.get_mut("sectors").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(text) = sector.as_str() {
            *sector = text.to_ascii_lowercase().replace([' ', '_'], "-").into();
        }
    }
}

/// The numbered observables inside observed data become objects of their own, which it refers to.
fn observables(object: &mut Map<String, Value>, out: &mut Vec<String>) {
    let Some(Value::Object(inner)) = object.remove("objects") else { return };
    let owner = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let marks = object.get("object_marking_refs").cloned();
    let mut inner: Vec<(String, Map<String, Value>)> =
        inner.into_iter().filter_map(|(number, value)| Some((number, into_object(value)?))).collect();
    for (_, observable) in &mut inner {
        renamed(observable);
    }
    let mut ids = Map::new();
    let mut left: Vec<usize> = (0..inner.len()).collect();
    // An id may depend on the ids it refers to: those without open references first, then what is left of circles
    // and of chains longer than any honest one, which would cost a round per link.
    for round in 0.. {
        if left.is_empty() {
            break;
        }
        let ready: Vec<usize> =
            left.iter().copied().filter(|at| inner.get(*at).is_none_or(|(_, o)| !open(o, &ids))).collect();
        let circle = ready.is_empty() || round > LONGEST_CHAIN;
        let now = if circle { left.clone() } else { ready };
        for at in &now {
            if let Some((number, observable)) = inner.get_mut(*at) {
                if !circle {
                    refer(observable, &ids);
                }
                ids.insert(number.clone(), id_of(observable, &owner, number, circle).into());
            }
        }
        left.retain(|at| !now.contains(at));
    }
    let mut refs = Vec::new();
    for (number, mut observable) in inner {
        refer(&mut observable, &ids);
        let Some(id) = ids.get(&number).cloned() else { continue };
        refs.push(id.clone());
        observable.insert("id".into(), id);
        observable.insert("spec_version".into(), "2.1".into());
        if let Some(marks) = &marks {
            observable.entry("object_marking_refs").or_insert_with(|| marks.clone());
        }
        out.push(Value::Object(observable).to_string());
    }
    object.insert("object_refs".into(), refs.into());
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) if object.get("type").is_some_and(Value::is_string) => Some(object),
        _ => None,
    }
}

fn id_of(observable: &Map<String, Value>, owner: &str, number: &str, circle: bool) -> String {
    let kind = observable.get("type").and_then(Value::as_str).unwrap_or_default();
    let text = Value::Object(observable.clone()).to_string();
    let own = Doc::parse(text.as_bytes(), 64).ok().filter(|_| !circle).and_then(|doc| sco_id(kind, doc.root()));
    own.map_or_else(
        || format!("{kind}--{}", Uuid::new_v5(&NAMESPACE, format!("{owner} {number}").as_bytes())),
        |id| id.to_string(),
    )
}

/// Whether a member still refers to a number.
fn open(observable: &Map<String, Value>, ids: &Map<String, Value>) -> bool {
    let waits = |value: &Value| value.as_str().is_some_and(|number| is_number(number) && !ids.contains_key(number));
    references(observable).any(|value| match value {
        Value::Array(list) => list.iter().any(waits),
        other => waits(other),
    })
}

fn is_number(text: &str) -> bool {
    !text.contains("--")
}

fn references(observable: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    observable.iter().filter(|(name, _)| name.ends_with("_ref") || name.ends_with("_refs")).map(|(_, value)| value)
}

/// Puts ids in place of numbers, in the object and one level into its lists and extensions.
fn refer(observable: &mut Map<String, Value>, ids: &Map<String, Value>) {
    refer_within(observable, ids, 6);
}

fn refer_within(object: &mut Map<String, Value>, ids: &Map<String, Value>, levels: usize) {
    for (name, value) in object.iter_mut() {
        let reference = name.ends_with("_ref") || name.ends_with("_refs");
        match value {
            Value::Array(list) => {
                for item in list {
                    replace(item, ids, reference, levels);
                }
            }
            single => replace(single, ids, reference, levels),
        }
    }
}

fn replace(value: &mut Value, ids: &Map<String, Value>, reference: bool, levels: usize) {
    match value {
        Value::String(number) if reference => {
            if let Some(id) = ids.get(number.as_str()) {
                *value = id.clone();
            }
        }
        Value::Object(inner) if levels > 0 => refer_within(inner, ids, levels - 1),
        _ => {}
    }
}

/// Members that 2.1 renamed or dropped.
fn renamed(observable: &mut Map<String, Value>) {
    let kind = observable.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut rename = |old: &str, new: &str| {
        if let Some(value) = observable.remove(old) {
            observable.entry(new).or_insert(value);
        }
    };
    match kind.as_str() {
        "file" | "directory" => {
            for (old, new) in [("created", "ctime"), ("modified", "mtime"), ("accessed", "atime")] {
                rename(old, new);
            }
        }
        "process" => {
            rename("created", "created_time");
            rename("binary_ref", "image_ref");
        }
        "windows-registry-key" => rename("modified", "modified_time"),
        "user-account" => rename("password_last_changed", "credential_last_changed"),
        _ => {}
    }
    // 2.0 had these members of a file; they stay, as custom ones.
    for old in ["is_encrypted", "encryption_algorithm", "decryption_key"] {
        if kind == "file"
            && let Some(value) = observable.remove(old)
        {
            observable.insert(format!("x_{old}"), value);
        }
    }
    if let Some(Value::Object(hashes)) = observable.get_mut("hashes") {
        *hashes = std::mem::take(hashes).into_iter().map(|(name, hash)| (hash_name(&name), hash)).collect();
    }
}

/// The names of hashes as section 10.9 of STIX 2.1 writes them.
fn hash_name(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    match upper.as_str() {
        "SHA1" => "SHA-1".to_owned(),
        "SHA256" => "SHA-256".to_owned(),
        "SHA512" => "SHA-512".to_owned(),
        "SSDEEP" | "MD5" | "TLSH" => upper,
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn upgraded(object: &Value) -> Vec<Value> {
        match upgrade(object.to_string().as_bytes()).unwrap() {
            Upgraded::Objects(objects) => objects.iter().map(|text| serde_json::from_str(text).unwrap()).collect(),
            Upgraded::Already => panic!("not 2.0"),
        }
    }

    #[test]
    fn labels_become_types_and_tags_stay() {
        let old = json!({ "type": "indicator", "id": "indicator--1", "created": "2017-01-01T00:00:00.000Z", "labels": ["malicious-activity", "tlp:red"], "pattern": "[a:b = 1]", "x_own": { "kept": [1] } });
        let new = &upgraded(&old)[0];
        assert_eq!(new["indicator_types"], json!(["malicious-activity"]));
        assert_eq!(new["labels"], json!(["tlp:red"]));
        assert_eq!(
            (&new["spec_version"], &new["pattern_type"], &new["x_own"]),
            (&json!("2.1"), &json!("stix"), &json!({ "kept": [1] }))
        );
        assert_eq!(new["valid_from"], new["created"]);
        assert_eq!(upgraded(&json!({ "type": "malware", "id": "x" }))[0]["is_family"], true);
    }

    #[test]
    fn observables_become_objects_with_ids_of_their_own() {
        let old = json!({ "type": "observed-data", "id": "observed-data--1", "objects": {
            "0": { "type": "ipv4-addr", "value": "203.0.113.7" },
            "1": { "type": "domain-name", "value": "example.com", "resolves_to_refs": ["0"] },
            "2": { "type": "network-traffic", "dst_ref": "0", "protocols": ["tcp"], "extensions": { "http-request-ext": { "message_body_data_ref": "3" } } },
            "3": { "type": "file", "hashes": { "sha256": "ab" }, "created": "2017-01-01T00:00:00Z" },
            "4": { "type": "directory", "path": "/a", "contains_refs": ["5"] },
            "5": { "type": "directory", "path": "/b", "contains_refs": ["4"] },
        }});
        let new = upgraded(&old);
        assert_eq!(new.len(), 7);
        let id = |kind: &str| new.iter().find(|object| object["type"] == kind).unwrap()["id"].clone();
        // The id that STIX 2.1 section 2.9 gives this address wherever it is seen.
        assert_eq!(
            id("ipv4-addr"),
            comity_stix::value::Values::new([0; 32])
                .parse(comity_stix::Kind::Ipv4, "203.0.113.7")
                .unwrap()
                .to_object()
                .0
                .to_string()
        );
        assert_eq!(new[1]["resolves_to_refs"][0], id("ipv4-addr"));
        assert_eq!(new[2]["extensions"]["http-request-ext"]["message_body_data_ref"], id("file"));
        assert_eq!((&new[3]["hashes"]["SHA-256"], &new[3]["ctime"]), (&json!("ab"), &json!("2017-01-01T00:00:00Z")));
        assert_eq!(new[4]["contains_refs"][0], new[5]["id"]);
        assert_eq!(new[6]["object_refs"].as_array().unwrap().len(), 6);
        assert!(new[6].get("objects").is_none());
    }

    #[test]
    fn an_object_of_2_1_is_left_alone() {
        assert!(matches!(upgrade(br#"{"type":"x","spec_version":"2.1"}"#), Ok(Upgraded::Already)));
        assert!(upgrade(b"{").is_err());
    }
}
