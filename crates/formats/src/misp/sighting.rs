use serde_json::{Map, Value, json};

use super::event::{Event, organisation};
use super::marks::Marks;
use super::members::{made, moment, objects, own_uuid, read_uuid, tag, text, unfit, uuid};
use super::out::{Draft, Out};
use super::skipped::{Part, UNREADABLE};
use crate::Flow;

/// The sightings of an attribute or object.
pub(super) fn all(
    json: &Map<String, Value>,
    of: &str,
    event: &mut Event,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> Flow {
    event.skipped.add(Part::Sighting, UNREADABLE, unfit(json, "Sighting"));
    for sighting in objects(json, "Sighting") {
        one(sighting, of, event, marks, out, offset)?;
    }
    Flow::Continue(())
}

/// Counts the sightings of something that has no object of its own.
pub(super) fn skip(json: &Map<String, Value>, why: &'static str, event: &mut Event) {
    event.skipped.add(Part::Sighting, UNREADABLE, unfit(json, "Sighting"));
    event.skipped.add(Part::Sighting, why, objects(json, "Sighting").count() as u64);
}

/// Sightings listed on the event name their attribute.
pub(super) fn of_event(json: &Map<String, Value>, event: &mut Event, out: &mut Out<'_>, offset: u64) -> Flow {
    let marks = event.marks.clone();
    event.skipped.add(Part::Sighting, UNREADABLE, unfit(json, "Sighting"));
    for sighting in objects(json, "Sighting") {
        let of = text(sighting, "attribute_uuid")
            .and_then(|uuid| read_uuid(&uuid))
            .and_then(|uuid| event.id_of(uuid))
            .cloned();
        match of {
            // A link is a reference of the report, and the report was not seen.
            Some(of) if Some(&of) == event.whole.as_ref() => event.skipped.add(Part::Sighting, OF_LINK, 1),
            Some(of) => one(sighting, &of, event, &marks, out, offset)?,
            None => event.skipped.add(Part::Sighting, "their attribute is not in the event", 1),
        }
    }
    Flow::Continue(())
}

/// Seen (0), a false positive (1), or its end (2): the last two are opinions against it.
fn one(json: &Map<String, Value>, of: &str, event: &mut Event, marks: &Marks, out: &mut Out<'_>, offset: u64) -> Flow {
    let at = moment(json, "date_sighting").unwrap_or(event.modified);
    let kind = text(json, "type").unwrap_or_else(|| "0".to_owned());
    let uuid = uuid(json, &format!("{of} sighting {kind} {at} {:?}", text(json, "source")));
    let org = json.get("Organisation").and_then(Value::as_object);
    let mut who = None;
    if let Some((org, name)) = org.and_then(|org| Some((org, text(org, "name")?))) {
        let uuid = own_uuid(org).unwrap_or_else(|| made(&format!("organisation {name}")));
        who = Some(organisation(uuid, &name, marks, offset, out)?);
    }
    let stamped = if kind == "0" { "sighting" } else { "opinion" };
    let mut draft = Draft::new(stamped, uuid, at, at);
    if kind == "0" {
        draft.set("sighting_of_ref", of);
        draft.set("first_seen", at.to_string());
        draft.set("last_seen", at.to_string());
        draft.set("count", 1);
        draft.set_some("where_sighted_refs", who.map(|who| json!([who])));
        draft.set_some("description", text(json, "source"));
    } else {
        draft.set("opinion", if kind == "1" { "strongly-disagree" } else { "disagree" });
        draft.set("explanation", if kind == "1" { "False positive." } else { "No longer valid." });
        draft.set("object_refs", json!([of]));
        draft.set_some("created_by_ref", who);
    }
    // What is seen inside an object is tied to the object.
    let inner = text(json, "attribute_uuid").and_then(|uuid| read_uuid(&uuid)).map(|uuid| uuid.to_string());
    draft.set_some("x_misp_attribute_uuid", inner.filter(|uuid| !of.ends_with(uuid.as_str())));
    out.give(draft.object, marks, vec![tag("sighting-type", &kind)], offset)
}

/// Why the sighting of a link is left out.
pub(super) const OF_LINK: &str = "their attribute is a link, which stands on the report";
