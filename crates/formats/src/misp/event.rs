use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use comity_base::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::analyst::{self, Remarks};
use super::attribute::{self, Attribute};
use super::marks::Marks;
use super::members::{Raw, made, moment, objects, own_uuid, tag, text, truth, unfit, uuid};
use super::out::{Draft, Out};
use super::skipped::{Part, Skipped, UNREADABLE};
use super::{galaxy, object, sighting};
use crate::{Flow, Unreadable};

/// An event while its parts are converted.
pub(super) struct Event {
    pub(super) uuid: Uuid,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) marks: Marks,
    /// What the report says may be more closed than the rest: it quotes links.
    pub(super) report_marks: Marks,
    pub(super) creator: Option<String>,
    pub(super) links: Vec<Link>,
    pub(super) references: Vec<object::Reference>,
    pub(super) remarks: Remarks,
    pub(super) skipped: Skipped,
    /// The id of the report or grouping that the event becomes; none for attributes by themselves.
    pub(super) whole: Option<String>,
    /// From the UUID of an attribute or object to the id of what was made of it.
    ids: BTreeMap<Uuid, String>,
    refs: BTreeSet<String>,
    deleted: u64,
}

/// A link that becomes a reference of the report.
pub(super) struct Link {
    pub(super) uuid: Uuid,
    pub(super) url: String,
    pub(super) comment: Option<String>,
    /// What a reference has no place for: its category, times and own tags.
    pub(super) kept: Map<String, Value>,
}

impl Event {
    /// Remembers what was made of an attribute or object.
    pub(super) fn made(&mut self, uuid: Uuid, id: &str) {
        self.ids.insert(uuid, id.to_owned());
        self.refer(id);
    }

    /// The report refers to this object.
    pub(super) fn refer(&mut self, id: &str) {
        self.refs.insert(id.to_owned());
    }

    pub(super) fn also_named(&mut self, uuid: Uuid, id: &str) {
        self.ids.insert(uuid, id.to_owned());
    }

    pub(super) fn id_of(&self, uuid: Uuid) -> Option<&String> {
        self.ids.get(&uuid)
    }

    pub(super) fn delete(&mut self) {
        self.deleted += 1;
    }
}

/// Where a text stands that was cut out of the stream.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    whole: &'a [u8],
    offset: u64,
}

impl Place<'_> {
    /// The offset of a part of the text.
    pub(super) fn of(self, part: &str) -> u64 {
        let within = (part.as_ptr() as usize).wrapping_sub(self.whole.as_ptr() as usize);
        // A part that was copied stands nowhere in the text; the whole's offset is the nearest answer.
        self.offset + if within < self.whole.len() { within as u64 } else { 0 }
    }
}

/// Converts one item of a stream: an event, wrapped or not, or an attribute by itself.
pub(super) fn item(raw: &[u8], offset: u64, out: &mut Out<'_>) -> Flow {
    let place = Place { whole: raw, offset };
    let mut members: Raw<'_> = match serde_json::from_slice(raw) {
        Ok(members) => members,
        Err(e) => return broken(raw, offset, &e, out),
    };
    let is_attribute = members.contains_key("value") && members.contains_key("type");
    for wrapper in ["response", "Event"] {
        if let Some(inner) = members.get(wrapper).filter(|_| !is_attribute) {
            members = match serde_json::from_str(inner.get()) {
                Ok(members) => members,
                Err(e) => return broken(raw, offset, &e, out),
            };
        }
    }
    let head: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| in_head(name))
        .filter_map(|(name, raw)| Some((name.clone(), serde_json::from_str(raw.get()).ok()?)))
        .collect();
    if is_attribute {
        return lone(raw, &head, place, out);
    }
    whole(&members, &head, place, out)
}

/// Whether a member is read with the head of its event, not by itself.
fn in_head(name: &str) -> bool {
    let lists = ["Attribute", "Object", "Galaxy", "EventReport", "ShadowAttribute", "Sighting", "RelatedEvent"];
    !lists.contains(&name) && !analyst::NAMES.contains(&name)
}

fn broken(raw: &[u8], offset: u64, error: &serde_json::Error, out: &mut Out<'_>) -> Flow {
    let reason = format!("the event cannot be read as JSON ({error}); export it again");
    out.reject(Unreadable { offset, code: "json-broken", reason: &reason, item: raw })
}

/// An attribute of a search result, with as much of its event as it brings along.
fn lone(raw: &[u8], head: &Map<String, Value>, place: Place<'_>, out: &mut Out<'_>) -> Flow {
    let around = head.get("Event").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut event = start(&around, moment(head, "timestamp"), out);
    creator(&around, &mut event, place.offset, out)?;
    let text = String::from_utf8_lossy(raw);
    one_attribute(&text, place.offset, &mut event, out)?;
    finish_parts(&mut event, place.offset, out)?;
    for link in std::mem::take(&mut event.links) {
        // Without a report the link stands by itself.
        let times = attribute::Attribute::times(head, &event);
        let mut draft = Draft::new("x-misp-attribute", link.uuid, times.created, times.modified);
        draft.set("x_misp_type", "link");
        draft.set("x_misp_value", link.url);
        draft.set_some("x_misp_comment", link.comment);
        draft.set_some("created_by_ref", event.creator.clone());
        let marks = event.report_marks.clone();
        out.give(draft.object, &marks, vec![tag("type", "link")], place.offset)?;
    }
    analyst::give(&mut event, out)?;
    event.skipped.tell(event.uuid, place.offset, out)
}

fn start(head: &Map<String, Value>, stamped: Option<Timestamp>, out: &Out<'_>) -> Event {
    let now = out.ctx.dated.now;
    let published = moment(head, "publish_timestamp");
    let stamped = moment(head, "timestamp").or(published).or(stamped);
    let day = text(head, "date").and_then(|day| Timestamp::parse(&format!("{}T00:00:00Z", day.trim())).ok());
    let modified = stamped.or(day).unwrap_or(now);
    let created = day.unwrap_or(modified).min(modified);
    let marks = Marks::default().with(head);
    Event {
        uuid: uuid(head, &format!("{} {}", out.ctx.dated.owner, text(head, "info").unwrap_or_default())),
        created,
        modified,
        report_marks: marks.clone(),
        marks,
        creator: None,
        links: Vec::new(),
        references: Vec::new(),
        remarks: Remarks::default(),
        skipped: Skipped::default(),
        whole: None,
        ids: BTreeMap::new(),
        refs: BTreeSet::new(),
        deleted: 0,
    }
}

fn whole(members: &Raw<'_>, head: &Map<String, Value>, place: Place<'_>, out: &mut Out<'_>) -> Flow {
    let mut event = start(head, None, out);
    let id = format!("{}--{}", kind(head), event.uuid);
    event.also_named(event.uuid, &id);
    event.whole = Some(id);
    let unread = members.keys().filter(|name| in_head(name) && !head.contains_key(*name)).count();
    event.skipped.add(Part::Member, UNREADABLE, unread as u64);
    creator(head, &mut event, place.offset, out)?;
    for raw in list(members, "Attribute", place, out)? {
        one_attribute(raw.get(), place.of(raw.get()), &mut event, out)?;
    }
    for raw in list(members, "Object", place, out)? {
        let offset = place.of(raw.get());
        match serde_json::from_str::<Value>(raw.get()) {
            Ok(Value::Object(json)) => object::convert(&json, &mut event, out, offset)?,
            Ok(_) => out.invalid(offset, "a MISP object is not a JSON object", raw.get().as_bytes())?,
            Err(e) => out.invalid(offset, &format!("a MISP object cannot be read ({e})"), raw.get().as_bytes())?,
        }
    }
    for raw in list(members, "Galaxy", place, out)? {
        if let Ok(Value::Object(json)) = serde_json::from_str(raw.get()) {
            let marks = event.marks.clone();
            galaxy::of_event(&json, &mut event, &marks, out, place.of(raw.get()))?;
        } else {
            event.skipped.add(Part::Galaxy, UNREADABLE, 1);
        }
    }
    finish_parts(&mut event, place.offset, out)?;
    report(head, &mut event, place, out)?;
    said_of_it(members, &mut event, place, out)?;
    event.skipped.tell(event.uuid, place.offset, out)
}

/// What others say of the event: its written reports, sightings, analyst data, and proposals.
fn said_of_it(members: &Raw<'_>, event: &mut Event, place: Place<'_>, out: &mut Out<'_>) -> Flow {
    let report = event.whole.clone().unwrap_or_default();
    notes(members, &report, event, place, out)?;
    let sightings = parsed(members, &["Sighting"], Part::Sighting, event);
    sighting::of_event(&sightings, event, out, place.offset)?;
    let remarks = parsed(members, &analyst::NAMES, Part::Analyst, event);
    let marks = event.marks.clone();
    analyst::collect(&remarks, &report, &marks, event, place.offset);
    analyst::give(event, out)?;
    let proposals = parsed(members, &["ShadowAttribute"], Part::Proposal, event);
    event.skipped.add(Part::Proposal, UNREADABLE, unfit(&proposals, "ShadowAttribute"));
    let count = objects(&proposals, "ShadowAttribute").count();
    event.skipped.add(Part::Proposal, attribute::UNACCEPTED, count as u64);
    Flow::Continue(())
}

/// Members of the event that were not read with its head; one that cannot be read is counted.
fn parsed(members: &Raw<'_>, names: &[&str], part: Part, event: &mut Event) -> Map<String, Value> {
    let mut found = Map::new();
    for name in names {
        match members.get(*name).map(|raw| serde_json::from_str::<Value>(raw.get())) {
            Some(Ok(value)) => drop(found.insert((*name).to_owned(), value)),
            Some(Err(_)) => event.skipped.add(part, UNREADABLE, 1),
            None => {}
        }
    }
    found
}

fn kind(head: &Map<String, Value>) -> &'static str {
    if truth(head, "published") { "report" } else { "grouping" }
}

/// What needs all parts to be known: references between objects, and the count of what was deleted.
fn finish_parts(event: &mut Event, offset: u64, out: &mut Out<'_>) -> Flow {
    for reference in std::mem::take(&mut event.references) {
        object::relate(&reference, event, out)?;
    }
    if event.deleted > 0 {
        let text = format!(
            "{} attributes or objects of the MISP event {} are deleted and were left out.",
            event.deleted, event.uuid
        );
        out.notice(offset, "misp-deleted-skipped", text)?;
    }
    Flow::Continue(())
}

fn list<'m>(members: &Raw<'m>, name: &str, place: Place<'_>, out: &mut Out<'_>) -> ControlFlow<(), Vec<&'m RawValue>> {
    let Some(raw) = members.get(name).filter(|raw| raw.get() != "null") else {
        return ControlFlow::Continue(Vec::new());
    };
    if let Ok(list) = serde_json::from_str(raw.get()) {
        return ControlFlow::Continue(list);
    }
    let reason = format!("the member {name} of the event is not a list");
    out.invalid(place.of(raw.get()), &reason, raw.get().as_bytes())?;
    ControlFlow::Continue(Vec::new())
}

fn one_attribute(raw: &str, offset: u64, event: &mut Event, out: &mut Out<'_>) -> Flow {
    let json = match serde_json::from_str(raw) {
        Ok(Value::Object(json)) => json,
        Ok(_) => return out.invalid(offset, "a MISP attribute is not a JSON object", raw.as_bytes()),
        Err(e) => return out.invalid(offset, &format!("a MISP attribute cannot be read ({e})"), raw.as_bytes()),
    };
    if truth(&json, "deleted") {
        event.delete();
        return Flow::Continue(());
    }
    match Attribute::read(&json) {
        Ok(attribute) => attribute::convert(&attribute, event, out, offset),
        Err(why) => out.invalid(offset, why, raw.as_bytes()),
    }
}

/// The organisation that created the event.
fn creator(head: &Map<String, Value>, event: &mut Event, offset: u64, out: &mut Out<'_>) -> Flow {
    let org = ["Orgc", "Org"].iter().find_map(|name| head.get(*name).and_then(Value::as_object));
    let Some(name) = org.and_then(|org| text(org, "name")) else { return Flow::Continue(()) };
    let uuid = org.and_then(own_uuid).unwrap_or_else(|| made(&format!("organisation {name}")));
    let marks = event.marks.clone();
    event.creator = Some(organisation(uuid, &name, &marks, offset, out)?);
    Flow::Continue(())
}

/// Gives out an organisation's identity; its id. MISP dates no organisation, so all versions have one date.
pub(super) fn organisation(
    uuid: Uuid,
    name: &str,
    marks: &Marks,
    offset: u64,
    out: &mut Out<'_>,
) -> ControlFlow<(), String> {
    let mut draft = Draft::new("identity", uuid, Timestamp::default(), Timestamp::default());
    draft.set("name", name);
    draft.set("identity_class", "organization");
    out.give(draft.object, marks, Vec::new(), offset)?;
    ControlFlow::Continue(draft.id)
}

/// The event itself, as a report when it is published and a grouping before.
fn report(head: &Map<String, Value>, event: &mut Event, place: Place<'_>, out: &mut Out<'_>) -> Flow {
    if event.refs.is_empty() {
        // Both types must refer to something (STIX 2.1 sections 4.4 and 4.16): the sender is always known.
        let id = if let Some(id) = event.creator.clone() {
            id
        } else {
            let owner = out.ctx.dated.owner.clone();
            organisation(made(&format!("organisation {owner}")), &owner, &event.marks, place.offset, out)?
        };
        event.refer(&id);
    }
    let published = truth(head, "published");
    let mut draft = Draft::new(kind(head), event.uuid, event.created, event.modified);
    draft.set("name", text(head, "info").unwrap_or_else(|| format!("MISP event {}", event.uuid)));
    if published {
        draft.set("report_types", json!(["threat-report"]));
        draft.set("published", moment(head, "publish_timestamp").unwrap_or(event.modified).to_string());
    } else {
        draft.set("context", "suspicious-activity");
    }
    draft.set_some("created_by_ref", event.creator.clone());
    draft.set("object_refs", json!(event.refs));
    let references: Vec<Value> = event.links.iter().map(reference).collect();
    if !references.is_empty() {
        draft.set("external_references", references);
    }
    let links: Vec<Value> = event.links.iter().filter_map(kept).collect();
    if !links.is_empty() {
        draft.set("x_misp_links", links);
    }
    if event.report_marks.tags() != event.marks.tags() {
        // The labels are those of the links too.
        draft.set("x_misp_event_tags", json!(event.marks.tags()));
    }
    // An event may be dated after its last change, which no object may be.
    draft.set_some("x_misp_date", text(head, "date").filter(|day| !event.created.to_string().starts_with(day.trim())));
    let mut labels = Vec::new();
    for (name, member) in [("threat-level", "threat_level_id"), ("analysis", "analysis"), ("extends", "extends_uuid")] {
        labels.extend(text(head, member).map(|value| tag(name, &value)));
    }
    out.give(draft.object, &event.report_marks.clone(), labels, place.offset)
}

fn kept(link: &Link) -> Option<Value> {
    let mut kept = link.kept.clone();
    kept.insert("uuid".into(), link.uuid.to_string().into());
    (kept.len() > 1).then_some(Value::Object(kept))
}

fn reference(link: &Link) -> Value {
    let mut reference = json!({ "source_name": "misp-link", "url": link.url, "external_id": link.uuid.to_string() });
    if let (Some(comment), Some(reference)) = (&link.comment, reference.as_object_mut()) {
        reference.insert("description".into(), comment.as_str().into());
    }
    reference
}

/// The event's written reports, as notes on it.
fn notes(members: &Raw<'_>, report: &str, event: &mut Event, place: Place<'_>, out: &mut Out<'_>) -> Flow {
    for raw in list(members, "EventReport", place, out)? {
        let Ok(Value::Object(json)) = serde_json::from_str(raw.get()) else {
            event.skipped.add(Part::Report, UNREADABLE, 1);
            continue;
        };
        let content = match text(&json, "content") {
            Some(content) if !truth(&json, "deleted") => content,
            content => {
                let why = if content.is_some() || truth(&json, "deleted") {
                    "they are deleted"
                } else {
                    "they have no content"
                };
                event.skipped.add(Part::Report, why, 1);
                analyst::skip(&json, "the event report they are about was left out", event);
                continue;
            }
        };
        let stamped = moment(&json, "timestamp").unwrap_or(event.modified);
        let uuid = uuid(&json, &format!("{} report {content}", event.uuid));
        let mut draft = Draft::new("note", uuid, event.created.min(stamped), stamped);
        draft.set_some("abstract", text(&json, "name"));
        draft.set("content", content);
        draft.set("object_refs", json!([report]));
        draft.set_some("created_by_ref", event.creator.clone());
        let (marks, offset) = (event.marks.with(&json), place.of(raw.get()));
        event.also_named(uuid, &draft.id);
        analyst::collect(&json, &draft.id, &marks, event, offset);
        out.give(draft.object, &marks, Vec::new(), offset)?;
    }
    Flow::Continue(())
}
