//! What stands around an object: the containers that hold it and the things related to it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use comity_base::{OrgName, Position};
use comity_policy::access::Authority;
use comity_stix::{Doc, Node as Json};
use comity_store::Version;
use serde::Serialize;

use crate::labels::OwnerNo;
use crate::{Node, NodeError};

/// Most referring objects looked at for one object; beyond it the answer says it is cut.
const REFERRERS: usize = 200;
/// Containers of containers are followed this far: a value in an observation in a report.
const STEPS: usize = 3;

/// Something that groups objects: a report, a grouping, an incident; or, where nothing does, the file they came in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Container {
    /// Who holds it.
    pub owner: OrgName,
    /// Its STIX id, or `file:` and the number of the original.
    pub id: String,
    /// Its type: `report`, `grouping`, `incident`, `file`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name for people.
    pub name: String,
}

/// How far a question reaches: up to which position, and with which authority. What it does not reach is as if it were not
/// there.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) visible: Position,
    pub(crate) authority: &'a Authority,
    /// Learns what an answer rests on, where that is kept with it.
    pub(crate) trail: Option<&'a Trail>,
}

/// What was read for an answer, and what was asked about.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// The versions that were read.
    read: RefCell<Vec<Position>>,
    /// The ids whose versions or referrers were asked for, by fingerprint.
    asked: RefCell<Vec<u64>>,
}

impl Trail {
    /// The versions read and the ids asked about, each once and in order.
    pub(crate) fn into_parts(self) -> (Box<[Position]>, Box<[u64]>) {
        let (mut read, mut asked) = (self.read.into_inner(), self.asked.into_inner());
        read.sort_unstable();
        read.dedup();
        asked.sort_unstable();
        asked.dedup();
        (read.into(), asked.into())
    }
}

impl<'a> Sight<'a> {
    pub(crate) const fn new(visible: Position, authority: &'a Authority) -> Self {
        Self { visible, authority, trail: None }
    }

    pub(crate) fn note_read(self, position: Position) {
        if let Some(trail) = self.trail {
            trail.read.borrow_mut().push(position);
        }
    }

    fn note_asked(self, id: u64) {
        if let Some(trail) = self.trail {
            trail.asked.borrow_mut().push(id);
        }
    }
}

/// What stands around an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// What groups it, and whether it is only related to that.
    pub(crate) containers: Vec<(Container, bool)>,
    /// Malware, tools, actors and campaigns tied to it.
    pub(crate) related: BTreeSet<Container>,
}

/// A current version with what is needed to talk about it.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) version: Version,
    pub(crate) owner: OwnerNo,
    pub(crate) name: String,
}

impl Node {
    /// The current visible version at a position, read and named.
    pub(crate) fn standing_at(&self, position: Position, sight: Sight<'_>) -> Result<Option<Standing>, NodeError> {
        let label = self.derived.current(position).filter(|_| position <= sight.visible);
        let Some(label) = label else { return Ok(None) };
        if !self.meets(sight.authority, label)? {
            return Ok(None);
        }
        let Some(version) = self.store.get(&[position])?.into_iter().flatten().next() else { return Ok(None) };
        sight.note_read(position);
        let owner = self.labels.owner_no(&*self.store, version.label)?;
        let name =
            Doc::parse(&version.raw, self.reader.depth()).map_or_else(|_| String::new(), |doc| title(doc.root()));
        Ok(Some(Standing { version, owner, name }))
    }

    /// Current visible versions of one owner that refer to this id; of long ones the body is empty.
    pub(crate) fn referrers(&self, id: &str, owner: OwnerNo, sight: Sight<'_>) -> Result<Vec<Standing>, NodeError> {
        let mut out = Vec::new();
        let fingerprint = self.reader.reference_fingerprint(id);
        sight.note_asked(fingerprint);
        for position in self.derived.references.positions(fingerprint, REFERRERS) {
            let Some(label) = self.derived.current(position).filter(|_| position <= sight.visible) else { continue };
            if self.labels.owner_no(&*self.store, label)? == owner {
                out.extend(self.brief_at(position, sight)?);
            }
        }
        Ok(out)
    }

    /// What groups an object, among its owner's own: the outermost containers; where there are none, the
    /// malware, actors and campaigns one relationship away (marked `true`); where there are none either,
    /// the file it came in.
    pub(crate) fn containers(&self, object: &Standing, sight: Sight<'_>) -> Result<Vec<(Container, bool)>, NodeError> {
        let referrers = self.referrers(&object.version.id.to_string(), object.owner, sight)?;
        let held = self.held_by(object, &referrers, sight)?;
        if !held.is_empty() {
            return Ok(held.into_iter().map(|container| (container, false)).collect());
        }
        self.grouped_by(object, self.tied_by(object, &referrers, sight)?)
    }

    /// As [`Self::containers`], with what is related to the object.
    pub(crate) fn around(&self, object: &Standing, sight: Sight<'_>) -> Result<Around, NodeError> {
        let referrers = self.referrers(&object.version.id.to_string(), object.owner, sight)?;
        let held = self.held_by(object, &referrers, sight)?;
        let related = self.tied_by(object, &referrers, sight)?;
        let containers = if held.is_empty() {
            self.grouped_by(object, related.clone())?
        } else {
            held.into_iter().map(|container| (container, false)).collect()
        };
        Ok(Around { containers, related })
    }

    fn held_by(
        &self,
        object: &Standing,
        referrers: &[Standing],
        sight: Sight<'_>,
    ) -> Result<BTreeSet<Container>, NodeError> {
        let mut found = BTreeSet::new();
        if is_container(object) {
            found.insert(self.container(object)?);
            return Ok(found);
        }
        for referrer in referrers.iter().filter(|referrer| holds(referrer)) {
            self.climb(referrer, sight, STEPS - 1, &mut found)?;
        }
        Ok(found)
    }

    /// Where nothing holds it: what is related to it, or else its file.
    fn grouped_by(&self, object: &Standing, related: BTreeSet<Container>) -> Result<Vec<(Container, bool)>, NodeError> {
        if !related.is_empty() {
            return Ok(related.into_iter().map(|container| (container, true)).collect());
        }
        Ok(self.file_of(object)?.into_iter().map(|container| (container, false)).collect())
    }

    fn climb(
        &self,
        object: &Standing,
        sight: Sight<'_>,
        steps: usize,
        found: &mut BTreeSet<Container>,
    ) -> Result<(), NodeError> {
        if is_container(object) {
            found.insert(self.container(object)?);
            return Ok(());
        }
        if steps == 0 {
            return Ok(());
        }
        let referrers = self.referrers(&object.version.id.to_string(), object.owner, sight)?;
        for referrer in referrers.iter().filter(|referrer| holds(referrer)) {
            self.climb(referrer, sight, steps - 1, found)?;
        }
        Ok(())
    }

    fn container(&self, object: &Standing) -> Result<Container, NodeError> {
        Ok(Container {
            owner: self.owner(object.owner)?,
            id: object.version.id.to_string(),
            kind: object.version.id.kind.to_string(),
            name: object.name.clone(),
        })
    }

    fn file_of(&self, object: &Standing) -> Result<Option<Container>, NodeError> {
        let Some(batch) = self.origin(object.version.position)? else { return Ok(None) };
        let source = object.version.source;
        let name = self.store.originals(batch.id)?.into_iter().find(|original| original.id == source);
        let name = name.map_or_else(|| batch.note.clone(), |original| original.name);
        Ok(Some(Container {
            owner: self.owner(object.owner)?,
            id: format!("file:{}.{source}", batch.id),
            kind: "file".into(),
            name,
        }))
    }

    pub(crate) fn owner(&self, no: OwnerNo) -> Result<OrgName, NodeError> {
        self.labels.owner_name(no).ok_or(NodeError::Stage)
    }

    /// Malware, tools, actors and campaigns that relationships of the same owner, among what refers to an object, tie to it.
    fn tied_by(
        &self,
        object: &Standing,
        referrers: &[Standing],
        sight: Sight<'_>,
    ) -> Result<BTreeSet<Container>, NodeError> {
        let id = object.version.id.to_string();
        let mut out = BTreeSet::new();
        for tie in referrers.iter().filter(|tie| tie.version.id.kind.as_str() == "relationship") {
            let Ok(doc) = Doc::parse(&tie.version.raw, self.reader.depth()) else { continue };
            let other =
                ["source_ref", "target_ref"].into_iter().filter_map(|end| doc.root().str(end)).find(|end| *end != id);
            if let Some(other) = other.filter(|other| is_telling(other)) {
                out.insert(Container {
                    owner: self.owner(object.owner)?,
                    id: other.to_owned(),
                    kind: other.split("--").next().unwrap_or_default().to_owned(),
                    name: self.name_of(other, object.owner, sight)?,
                });
            }
        }
        Ok(out)
    }

    fn name_of(&self, id: &str, owner: OwnerNo, sight: Sight<'_>) -> Result<String, NodeError> {
        let Ok(parsed) = comity_stix::ObjectId::parse(id) else { return Ok(id.to_owned()) };
        sight.note_asked(self.reader.reference_fingerprint(id));
        for row in self.store.versions(&parsed)? {
            let standing = self.standing_at(row.position, sight)?;
            if let Some(standing) = standing.filter(|standing| standing.owner == owner) {
                return Ok(standing.name);
            }
        }
        Ok(id.to_owned())
    }
}

/// A relationship ties two things; it holds neither of them.
fn holds(referrer: &Standing) -> bool {
    !matches!(referrer.version.id.kind.as_str(), "relationship" | "sighting")
}

fn is_container(object: &Standing) -> bool {
    matches!(object.version.id.kind.as_str(), "report" | "grouping" | "incident")
}

fn is_telling(id: &str) -> bool {
    let kind = id.split("--").next().unwrap_or_default();
    matches!(kind, "malware" | "tool" | "threat-actor" | "intrusion-set" | "campaign" | "infrastructure" | "incident")
}

/// What people call an object: its name, its value, or the beginning of what it says.
pub(crate) fn title(root: Json<'_, '_>) -> String {
    let text = comity_stix::callings(root).next().unwrap_or_default();
    let mut short: String = text.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(120).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_called_by_what_people_know_them_by() {
        let title_of = |json: &str| title(Doc::parse(json.as_bytes(), 8).unwrap().root());
        assert_eq!(title_of(r#"{"id":"x","name":"LockBit"}"#), "LockBit");
        assert_eq!(title_of(r#"{"id":"x","hashes":{"MD5":"aa"}}"#), "aa");
        assert_eq!(title_of(r#"{"id":"x"}"#), "x");
        assert!(title_of(&format!(r#"{{"name":"{}"}}"#, "a".repeat(200))).ends_with('…'));
    }
}
