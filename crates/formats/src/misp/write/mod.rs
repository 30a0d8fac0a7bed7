//! STIX objects as MISP events (MISP core format), the way back from the reader beside it.
//!
//! [`MispWriter`] makes a [`MispEvent`] of one container and what it holds. What the reader made of a MISP
//! event becomes that event again; native STIX becomes the attributes, objects, tags and references that
//! an analyst would write. [`MispAccount`] says what became of every object.
//!
//! Nothing is served more widely than its owner said: the caller gives the event's [`Distribution`], and
//! what is more closed stays so.

mod build;
mod domain;
mod event;
mod feed;
mod galaxy;
mod head;
mod json;
mod kept;
mod loss;
mod marks;
mod observable;
mod plan;
mod said;
mod search;
mod sought;
mod types;

use comity_base::Timestamp;
use comity_stix::Node;
use comity_stix::value::Values;

use build::Build;

pub use event::{Distribution, MispAttribute, MispEvent, MispHead, MispObject, MispOrg, MispTag};
pub use feed::{hash_lines, manifest_entry};
pub use json::Numbers;
pub use loss::{MispAccount, MispGap};
pub use search::attribute_json;
pub use types::describe_types;

/// Makes MISP events of STIX objects.
///
/// ```
/// use comity_base::Timestamp;
/// use comity_formats::{Distribution, MispMember, MispOrg, MispSource, MispWriter};
/// use comity_stix::{Doc, value::Values};
///
/// let raw = br#"{"type":"indicator","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
///     "created":"2026-05-01T10:00:00.000Z","modified":"2026-05-01T10:00:00.000Z",
///     "pattern":"[url:value = 'http://a.example/']","pattern_type":"stix"}"#;
/// let doc = Doc::parse(raw, 64)?;
/// let org = MispOrg { name: "CERT".to_owned(), uuid: uuid::Uuid::nil() };
/// let source = MispSource {
///     container: None,
///     members: &[MispMember { object: doc.root(), elsewhere: false }],
///     owner: &org,
///     day: Timestamp::parse("2026-05-01T00:00:00Z")?,
/// };
/// let event = MispWriter::new(org.clone(), Values::new([0; 32])).event(&source, Distribution::OwnOrganisation);
/// assert_eq!((&*event.attributes[0].kind, &*event.attributes[0].value), ("url", "http://a.example/"));
/// let mut out = Vec::new();
/// event.write(&mut out)?;
/// assert_eq!(event.account.missing, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MispWriter {
    host: MispOrg,
    values: Values,
}

/// What one event is made of.
#[derive(Clone, Copy, Debug)]
pub struct MispSource<'m, 'd> {
    /// The report, grouping, incident or other object that the event is; none for objects that no
    /// container holds, which make one event for each owner and day.
    pub container: Option<Node<'d, 'd>>,
    /// What it holds, relationships, sightings, notes and markings included. The container may be among them.
    pub members: &'m [MispMember<'d>],
    /// Whose objects these are at this node: the event's creator where the objects do not name one.
    pub owner: &'m MispOrg,
    /// The day of objects without a container; not read with one.
    pub day: Timestamp,
}

/// An object of an event.
#[derive(Clone, Copy, Debug)]
pub struct MispMember<'d> {
    /// The object.
    pub object: Node<'d, 'd>,
    /// Whether another event holds it too. A MISP takes a UUID in one event only, so its attribute then has
    /// a UUID made of both; otherwise it has the object's own, by which sightings of it come back.
    pub elsewhere: bool,
}

impl MispWriter {
    /// A writer for the organisation that serves the events; values are compared by their normal forms.
    pub fn new(host: MispOrg, values: Values) -> Self {
        Self { host, values }
    }

    /// The event of a container and its members.
    ///
    /// `distribution` is the widest that anything in it may have at the MISP that takes it; what the
    /// objects themselves keep closer stays closer.
    pub fn event<'d>(&self, source: &MispSource<'_, 'd>, distribution: Distribution) -> MispEvent<'d> {
        let mut build = Build::start(self, source, distribution);
        build.domain_objects();
        build.observables();
        build.said();
        build.finish()
    }
}

#[cfg(test)]
mod tests;
