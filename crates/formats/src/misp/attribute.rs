use std::ops::ControlFlow;

use comity_base::Timestamp;
use serde_json::{Map, Value, json};

use super::event::{Event, Link};
use super::marks::Marks;
use super::members::{moment, objects, own_tags, tag, text, truth, uuid};
use super::out::{Draft, Out};
use super::sco::{Parts, id_of, parts};
use super::skipped::Part;
use super::{analyst, galaxy, sighting};
use crate::Flow;

/// A MISP attribute whose type and value are there.
pub(super) struct Attribute<'v> {
    pub(super) json: &'v Map<String, Value>,
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) to_ids: bool,
    pub(super) relation: String,
}

impl<'v> Attribute<'v> {
    /// Reads an attribute.
    ///
    /// # Errors
    /// A sentence when it has no type or no value.
    pub(super) fn read(json: &'v Map<String, Value>) -> Result<Self, &'static str> {
        let kind = text(json, "type").ok_or("the attribute has no type; correct it at its source")?;
        let value = text(json, "value").or_else(|| composed(json));
        let value = value.ok_or("the attribute has no value; correct it at its source")?;
        let relation = text(json, "object_relation").unwrap_or_default();
        Ok(Self { json, kind, value, to_ids: truth(json, "to_ids"), relation })
    }

    /// The times of something in an event: `created` is the event's, so that a later edit keeps it.
    pub(super) fn times(json: &Map<String, Value>, event: &Event) -> Times {
        let stamped = moment(json, "timestamp").unwrap_or(event.modified);
        let first = moment(json, "first_seen").unwrap_or(stamped);
        let last = moment(json, "last_seen").unwrap_or(first).max(first);
        Times { created: event.created.min(stamped), modified: stamped, first, last }
    }

    /// What is secret in a card number is not kept (see `Kind::Card`).
    pub(super) fn kept_value(&self) -> Option<&str> {
        (self.kind != "cc-number").then_some(self.value.as_str())
    }
}

/// `value1` and `value2`, as the database writes them.
fn composed(json: &Map<String, Value>) -> Option<String> {
    let one = text(json, "value1")?;
    Some(match text(json, "value2") {
        Some(two) => format!("{one}|{two}"),
        None => one,
    })
}

pub(super) struct Times {
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// Converts an attribute that stands in an event by itself.
pub(super) fn convert(attribute: &Attribute<'_>, event: &mut Event, out: &mut Out<'_>, offset: u64) -> Flow {
    let json = attribute.json;
    let marks = event.marks.with(json);
    let uuid = uuid(json, &format!("{} {} {}", event.uuid, attribute.kind, attribute.value));
    event.skipped.add(Part::Proposal, UNACCEPTED, objects(json, "ShadowAttribute").count() as u64);
    if attribute.kind == "link" && !attribute.to_ids {
        event.links.push(Link::read(attribute, uuid));
        // The reference stands on the report, so the report is as closed as the link.
        event.report_marks.and(&marks);
        return link(json, uuid, event, &marks, out, offset);
    }
    let times = Attribute::times(json, event);
    let found = match parts(&attribute.kind, &attribute.value, &out.ctx.values) {
        Ok(found) => found,
        Err(why) => {
            let text = format!("The value of a MISP attribute of type {} is kept as it is: {why}.", attribute.kind);
            out.notice(offset, "value-invalid", text)?;
            None
        }
    };
    let mut draft = match (&found, attribute.kind.as_str()) {
        (None, "vulnerability") => vulnerability(attribute, uuid, &times),
        (None, "campaign-name") => named("campaign", attribute, uuid, &times),
        (None, kind @ ("yara" | "sigma" | "snort" | "suricata")) if attribute.to_ids => {
            let mut draft = Draft::new("indicator", uuid, times.created, times.modified);
            indicator(&mut draft, &attribute.value, kind, &times);
            draft
        }
        (None, _) => custom(attribute, uuid, &times),
        (Some(parts), _) => {
            let ids = observables(parts, event, &marks, out, offset)?;
            primary(parts, attribute.to_ids, &ids, uuid, &times)
        }
    };
    draft.set_some("created_by_ref", event.creator.clone());
    if found.is_some() {
        draft.set_some("x_misp_value", attribute.kept_value());
        draft.set_some("x_misp_data", text(json, "data"));
    }
    // A vulnerability or campaign has it as its description.
    if !draft.object.contains_key("name") {
        draft.set_some("x_misp_comment", text(json, "comment"));
    }
    if truth(json, "disable_correlation") {
        draft.set("x_misp_disable_correlation", true);
    }
    kept_times(json, &mut draft);
    let mut labels = vec![tag("type", &attribute.kind)];
    labels.extend(text(json, "category").map(|category| tag("category", &category)));
    labels.push(tag("to_ids", if attribute.to_ids { "true" } else { "false" }));
    event.made(uuid, &draft.id);
    let source = draft.id.clone();
    out.give(draft.object, &marks, labels, offset)?;
    around(json, &source, event, &marks, out, offset)
}

impl Link {
    fn read(attribute: &Attribute<'_>, uuid: uuid::Uuid) -> Self {
        let json = attribute.json;
        let mut kept = Map::new();
        for name in ["category", "timestamp", "first_seen", "last_seen"] {
            if let Some(text) = text(json, name) {
                kept.insert(name.to_owned(), text.into());
            }
        }
        if truth(json, "disable_correlation") {
            kept.insert("disable_correlation".into(), true.into());
        }
        let tags = own_tags(json);
        if !tags.is_empty() {
            kept.insert("tags".into(), tags.into());
        }
        Self { uuid, url: attribute.value.clone(), comment: text(json, "comment"), kept }
    }
}

/// What hangs on a link: without an object of its own, on the report.
fn link(
    json: &Map<String, Value>,
    uuid: uuid::Uuid,
    event: &mut Event,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> Flow {
    let Some(report) = event.whole.clone() else {
        let own = format!("x-misp-attribute--{uuid}");
        event.also_named(uuid, &own);
        return around(json, &own, event, marks, out, offset);
    };
    event.also_named(uuid, &report);
    galaxy::of_link(json, event, marks, out, offset)?;
    sighting::skip(json, sighting::OF_LINK, event);
    analyst::collect(json, &report, marks, event, offset);
    Flow::Continue(())
}

/// What hangs on an attribute that became an object.
fn around(
    json: &Map<String, Value>,
    source: &str,
    event: &mut Event,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> Flow {
    galaxy::of_part(json, source, event, marks, out, offset)?;
    sighting::all(json, source, event, marks, out, offset)?;
    analyst::collect(json, source, marks, event, offset);
    Flow::Continue(())
}

/// Gives out the observables; their ids.
pub(super) fn observables(
    parts: &Parts,
    event: &mut Event,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> ControlFlow<(), Vec<String>> {
    let mut ids = Vec::new();
    for object in &parts.scos {
        let id = id_of(object);
        event.refer(&id);
        // An observable has no date of its own, and a retention is counted from one.
        let labels = if marks.needs_date() { vec![tag("date", &day(event.created))] } else { Vec::new() };
        out.give(object.clone(), marks, labels, offset)?;
        ids.push(id);
    }
    ControlFlow::Continue(ids)
}

/// An indicator for what is to be detected, else a record of what was seen.
pub(super) fn primary(parts: &Parts, detect: bool, ids: &[String], uuid: uuid::Uuid, times: &Times) -> Draft {
    if detect {
        let mut draft = Draft::new("indicator", uuid, times.created, times.modified);
        indicator(&mut draft, &parts.pattern(), "stix", times);
        return draft;
    }
    let mut draft = Draft::new("observed-data", uuid, times.created, times.modified);
    draft.set("first_observed", times.first.to_string());
    draft.set("last_observed", times.last.to_string());
    draft.set("number_observed", 1);
    draft.set("object_refs", json!(ids));
    draft
}

fn indicator(draft: &mut Draft, pattern: &str, language: &str, times: &Times) {
    draft.set("indicator_types", json!(["unknown"]));
    draft.set("pattern", pattern);
    draft.set("pattern_type", language);
    if language == "stix" {
        draft.set("pattern_version", "2.1");
    }
    draft.set("valid_from", times.first.to_string());
    if times.last > times.first {
        draft.set("valid_until", times.last.to_string());
    }
}

fn vulnerability(attribute: &Attribute<'_>, uuid: uuid::Uuid, times: &Times) -> Draft {
    let mut draft = named("vulnerability", attribute, uuid, times);
    let cve = attribute.value.trim().to_ascii_uppercase();
    if cve.starts_with("CVE-") {
        draft.set("external_references", json!([{ "source_name": "cve", "external_id": cve }]));
    }
    draft
}

fn named(kind: &str, attribute: &Attribute<'_>, uuid: uuid::Uuid, times: &Times) -> Draft {
    let mut draft = Draft::new(kind, uuid, times.created, times.modified);
    draft.set("name", attribute.value.trim());
    draft.set_some("description", text(attribute.json, "comment"));
    draft
}

fn custom(attribute: &Attribute<'_>, uuid: uuid::Uuid, times: &Times) -> Draft {
    let mut draft = Draft::new("x-misp-attribute", uuid, times.created, times.modified);
    draft.set("x_misp_type", attribute.kind.as_str());
    draft.set_some("x_misp_value", attribute.kept_value());
    draft.set_some("x_misp_category", text(attribute.json, "category"));
    draft.set_some("x_misp_data", text(attribute.json, "data"));
    draft
}

/// Keeps when something was seen where the object's own times do not say it: STIX has none for most types,
/// and needs them where MISP has none.
pub(super) fn kept_times(json: &Map<String, Value>, draft: &mut Draft) {
    let own = |names: [&str; 2]| names.map(|name| moment(&draft.object, name));
    let [first, last] = match draft.object.get("type").and_then(Value::as_str) {
        Some("indicator") => own(["valid_from", "valid_until"]),
        Some("observed-data") => own(["first_observed", "last_observed"]),
        _ => [None, None],
    };
    let modified = moment(&draft.object, "modified");
    for (name, own, kept) in [("first_seen", first, "x_misp_first_seen"), ("last_seen", last, "x_misp_last_seen")] {
        let said = moment(json, name);
        // A time of its own that is the moment of change, or the beginning again, is read as no time.
        let tells = own.is_some() && own != modified && (name == "first_seen" || own != first);
        if let Some(said) = said.filter(|said| !tells || own != Some(*said)) {
            draft.set(kept, said.to_string());
        }
    }
}

/// Why a proposed change is left out.
pub(super) const UNACCEPTED: &str = "nobody has accepted them";

/// The day of a moment.
fn day(at: Timestamp) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}
