use serde_json::{Map, Value, json};

use super::event::{Event, organisation};
use super::marks::Marks;
use super::members::{made, moment, objects, own_uuid, read_uuid, tag, text, uuid};
use super::out::{Draft, Out};
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
    for sighting in objects(json, "Sighting") {
        one(sighting, of, event, marks, out, offset)?;
    }
    Flow::Continue(())
}

/// Sightings listed on the event name their attribute.
pub(super) fn of_event(json: &Map<String, Value>, event: &mut Event, out: &mut Out<'_>, offset: u64) -> Flow {
    let marks = event.marks.clone();
    for sighting in objects(json, "Sighting") {
        let of = text(sighting, "attribute_uuid")
            .and_then(|uuid| read_uuid(&uuid))
            .and_then(|uuid| event.id_of(uuid))
            .cloned();
        if let Some(of) = of {
            one(sighting, &of, event, &marks, out, offset)?;
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
    out.give(draft.object, marks, vec![tag("sighting-type", &kind)], offset)
}
