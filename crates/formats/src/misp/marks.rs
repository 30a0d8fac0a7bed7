use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::members::{objects, read_uuid, tag, text};

/// What may be done with something: gathered from the event down, the stricter winning.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// An index into [`TLP`].
    tlp: Option<usize>,
    tags: BTreeSet<String>,
    /// An index into [`OPENNESS`].
    distribution: Option<usize>,
    groups: BTreeSet<(String, String)>,
}

/// TLP 2.0 levels from open to closed, with the ids FIRST and OASIS publish.
pub(super) const TLP: [(&str, &str); 5] = [
    ("clear", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"),
    ("green", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"),
    ("amber", "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"),
    ("amber+strict", "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"),
    ("red", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"),
];

/// MISP's distribution levels from open to closed: all, connected communities, this community, sharing group, own organisation.
const OPENNESS: [&str; 5] = ["3", "2", "1", "4", "0"];

impl Marks {
    /// These marks and those of something inside.
    pub(super) fn with(&self, inner: &Map<String, Value>) -> Self {
        let mut marks = self.clone();
        for name in objects(inner, "Tag").filter_map(|tag| tag.get("name").and_then(Value::as_str)) {
            marks.add_tag(name.trim());
        }
        match text(inner, "distribution").as_deref() {
            None | Some("5") => {}
            Some(level) => {
                // A level that is not known is read as the strictest.
                let level = OPENNESS.iter().position(|known| *known == level).unwrap_or(OPENNESS.len() - 1);
                marks.distribution = marks.distribution.max(Some(level));
                if OPENNESS.get(level) == Some(&"4") {
                    marks.groups.insert(group(inner));
                }
            }
        }
        marks
    }

    /// Adds what another part of the same object says.
    pub(super) fn and(&mut self, other: &Self) {
        self.tlp = self.tlp.max(other.tlp);
        self.distribution = self.distribution.max(other.distribution);
        self.tags.extend(other.tags.iter().cloned());
        self.groups.extend(other.groups.iter().cloned());
    }

    fn add_tag(&mut self, name: &str) {
        let lower = name.to_ascii_lowercase();
        let level = lower.strip_prefix("tlp:").map(|level| if level == "white" { "clear" } else { level });
        match level.and_then(|level| TLP.iter().position(|(known, _)| *known == level)) {
            Some(level) => self.tlp = self.tlp.max(Some(level)),
            None if name.is_empty() => {}
            None => {
                self.tags.insert(name.to_owned());
            }
        }
    }

    /// The tags but for TLP.
    pub(super) fn tags(&self) -> &BTreeSet<String> {
        &self.tags
    }

    /// Whether a tag counts from the date of what bears it.
    pub(super) fn needs_date(&self) -> bool {
        self.tags.iter().any(|tag| tag.to_ascii_lowercase().starts_with("retention:"))
    }

    /// The TLP marking that applies: its name and id.
    pub(super) fn tlp(&self) -> Option<(&'static str, &'static str)> {
        TLP.get(self.tlp?).copied()
    }

    /// Writes the marks into an object; `labels` come first.
    pub(super) fn apply(&self, object: &mut Map<String, Value>, labels: Vec<String>) {
        let mut labels: Vec<Value> = labels.into_iter().map(Value::String).collect();
        labels.extend(self.tags.iter().cloned().map(Value::String));
        if let Some(level) = self.distribution.and_then(|level| OPENNESS.get(level)) {
            labels.push(tag("distribution", level).into());
        }
        for (uuid, name) in &self.groups {
            labels.push(tag("sharing-group", uuid).into());
            if !name.is_empty() {
                labels.push(tag("sharing-group-name", name).into());
            }
        }
        if !labels.is_empty() {
            object.insert("labels".into(), labels.into());
        }
        if let Some((_, id)) = self.tlp() {
            object.insert("object_marking_refs".into(), json!([id]));
        }
    }
}

/// The UUID and name of a sharing group; its number at the sender when that is all there is, which closes the object.
fn group(inner: &Map<String, Value>) -> (String, String) {
    let group = inner.get("SharingGroup").and_then(Value::as_object);
    let uuid = group.and_then(|group| group.get("uuid")).and_then(Value::as_str).and_then(read_uuid);
    let name = group.and_then(|group| text(group, "name")).unwrap_or_default();
    match uuid {
        Some(uuid) => (uuid.to_string(), name),
        None => (text(inner, "sharing_group_id").unwrap_or_else(|| "unknown".to_owned()), name),
    }
}

/// A TLP 2.0 marking-definition as OASIS publishes it.
pub(super) fn tlp_definition(level: &str, id: &str) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("type".into(), "marking-definition".into());
    object.insert("spec_version".into(), "2.1".into());
    object.insert("id".into(), id.into());
    object.insert("created".into(), "2022-10-01T00:00:00.000Z".into());
    object.insert("name".into(), format!("TLP:{}", level.to_ascii_uppercase()).into());
    let extension = json!({ "extension_type": "property-extension", "tlp_2_0": level });
    object.insert(
        "extensions".into(),
        json!({ "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": extension }),
    );
    object
}
