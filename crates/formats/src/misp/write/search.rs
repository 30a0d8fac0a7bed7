use std::collections::HashSet;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::event::{MispAttribute, MispHead, MispObject, MispTag};
use super::json::{Around, In, Numbers, One, head};

/// Writes an attribute as `POST /attributes/restSearch` answers it, with as much of its event as clients read.
///
/// The levels that the event is tagged with (TLP, PAP) stand on the attribute too, and with
/// `event_tags` all of the event's tags: whoever takes an attribute alone must not lose what restricts it.
///
/// # Errors
/// When writing fails.
pub fn attribute_json(
    attribute: &MispAttribute<'_>,
    object: Option<&MispObject<'_>>,
    event: &MispHead<'_>,
    event_tags: bool,
    numbers: Numbers<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut shown = attribute.clone();
    let own: HashSet<&str> = attribute.tags.iter().map(|tag| &*tag.name).collect();
    let rides_along = |tag: &&MispTag<'_>| !own.contains(&*tag.name) && (event_tags || is_level(&tag.name));
    shown.tags.extend(event.tags.iter().filter(rides_along).cloned());
    let found = Found(One {
        attribute: &shown,
        object: object.map(|object| object.uuid),
        around: Around::alone(event, numbers),
    });
    serde_json::to_writer(out, &found).map_err(Into::into)
}

fn is_level(tag: &str) -> bool {
    let named = |prefix: &str| tag.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    named("tlp:") || named("pap:")
}

struct Found<'v>(One<'v>);

impl Serialize for Found<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.members(&mut map)?;
        map.serialize_entry("Event", &Event(self.0.around))?;
        map.end()
    }
}

/// The event beside an attribute.
struct Event<'v>(Around<'v>);

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let around = self.0;
        let mut map = serializer.serialize_map(None)?;
        head(around.head, around, &mut map)?;
        map.serialize_entry("Org", &In { of: &around.head.org, around })?;
        map.serialize_entry("Orgc", &In { of: &around.head.orgc, around })?;
        map.end()
    }
}
