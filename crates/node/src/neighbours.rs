//! What stands around an object: the containers that hold it and the things related to it.

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
        let owner = self.labels.owner_no(&*self.store, version.label)?;
        let name =
            Doc::parse(&version.raw, self.reader.depth()).map_or_else(|_| String::new(), |doc| title(doc.root()));
        Ok(Some(Standing { version, owner, name }))
    }

    /// Current visible versions of one owner that refer to this id.
    pub(crate) fn referrers(&self, id: &str, owner: OwnerNo, sight: Sight<'_>) -> Result<Vec<Standing>, NodeError> {
        let mut out = Vec::new();
        for position in self.derived.references.positions(self.reader.reference_fingerprint(id), REFERRERS) {
            let Some(label) = self.derived.current(position).filter(|_| position <= sight.visible) else { continue };
            if self.labels.owner_no(&*self.store, label)? == owner {
                out.extend(self.standing_at(position, sight)?);
            }
        }
        Ok(out)
    }

    /// What groups an object, among its owner's own: the outermost containers; where there are none, the
    /// malware, actors and campaigns one relationship away (marked `true`); where there are none either,
    /// the file it came in.
    pub(crate) fn containers(&self, object: &Standing, sight: Sight<'_>) -> Result<Vec<(Container, bool)>, NodeError> {
        let mut found = BTreeSet::new();
        self.climb(object, sight, STEPS, &mut found)?;
        if !found.is_empty() {
            return Ok(found.into_iter().map(|container| (container, false)).collect());
        }
        let related = self.related(object, sight)?;
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
        for referrer in self.referrers(&object.version.id.to_string(), object.owner, sight)? {
            // A relationship ties two things; it holds neither of them.
            if matches!(referrer.version.id.kind.as_str(), "relationship" | "sighting") {
                continue;
            }
            self.climb(&referrer, sight, steps - 1, found)?;
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

    /// Malware, tools, actors and campaigns that relationships of the same owner tie to an object.
    pub(crate) fn related(&self, object: &Standing, sight: Sight<'_>) -> Result<BTreeSet<Container>, NodeError> {
        let id = object.version.id.to_string();
        let mut out = BTreeSet::new();
        for tie in self.referrers(&id, object.owner, sight)? {
            if tie.version.id.kind.as_str() != "relationship" {
                continue;
            }
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
        for row in self.store.versions(&parsed)? {
            let standing = self.standing_at(row.position, sight)?;
            if let Some(standing) = standing.filter(|standing| standing.owner == owner) {
                return Ok(standing.name);
            }
        }
        Ok(id.to_owned())
    }
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
    let told = [
        "name",
        "value",
        "display_name",
        "account_login",
        "key",
        "pattern",
        "abstract",
        "content",
        "relationship_type",
        "explanation",
    ];
    let text = told.into_iter().find_map(|member| root.str(member)).or_else(|| hash(root));
    let text = text.or_else(|| root.str("id")).unwrap_or_default();
    let mut short: String = text.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(120).is_some() {
        short.push('…');
    }
    short
}

fn hash<'d>(root: Json<'d, '_>) -> Option<&'d str> {
    root.get("hashes")?.entries().find_map(|(_, hash)| hash.as_str())
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
