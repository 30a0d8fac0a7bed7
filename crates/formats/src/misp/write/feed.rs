use std::io::{self, Write};

use md5::{Digest, Md5};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::event::{MispEvent, MispHead};
use super::json::Shown;

/// Writes an event's entry in the `manifest.json` of a feed: `"uuid":{...}`. A manifest is such entries
/// between braces, with commas between.
///
/// # Errors
/// When writing fails.
pub fn manifest_entry(head: &MispHead<'_>, out: &mut impl Write) -> io::Result<()> {
    write!(out, "\"{}\":", head.uuid)?;
    serde_json::to_writer(out, &Entry(head)).map_err(Into::into)
}

struct Entry<'v>(&'v MispHead<'v>);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let head = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Orgc", &head.orgc)?;
        map.serialize_entry("Tag", &head.tags)?;
        map.serialize_entry("info", &head.info)?;
        map.serialize_entry("date", &head.date)?;
        map.serialize_entry("analysis", &head.analysis)?;
        map.serialize_entry("threat_level_id", &head.threat_level)?;
        map.serialize_entry("timestamp", &Shown(head.timestamp))?;
        map.end()
    }
}

/// Writes an event's lines in the `hashes.csv` of a feed, `md5,event-uuid`: one for each value, and for a
/// composite value one for each part too. Values that no longer hold have none.
///
/// MD5 is what MISP looks values up by (`Feed::attachFeedCorrelations`): an identifier, which secures nothing.
///
/// # Errors
/// When writing fails.
pub fn hash_lines(event: &MispEvent<'_>, out: &mut impl Write) -> io::Result<()> {
    let uuid = event.head.uuid;
    let mut line = |text: &str| {
        let hash = Md5::digest(text.as_bytes());
        writeln!(out, "{:032x},{uuid}", u128::from_be_bytes(hash.into()))
    };
    for (_, attribute) in event.all_attributes().filter(|(_, attribute)| !attribute.deleted) {
        line(&attribute.value)?;
        let mut parts = attribute.parts().peekable();
        if parts.next().is_some() && parts.peek().is_some() {
            attribute.parts().try_for_each(&mut line)?;
        }
    }
    Ok(())
}
