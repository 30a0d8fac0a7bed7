//! What an object is tied to: what it names, and what names it.

use std::collections::HashSet;
use std::ops::ControlFlow;

use comity_base::{OrgName, Position};
use comity_stix::{Doc, ObjectId};
use serde::Serialize;
use serde_json::json;

use crate::labels::OwnerNo;
use crate::neighbours::{Sight, Standing};
use crate::{Act, Ctx, Deed, Node, NodeError};

/// An object as it is named beside others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thing {
    /// Its STIX id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people call it; empty where whoever asks may not know of it, or nobody here does.
    pub name: String,
    /// Who holds it; none where it is not here for whoever asks.
    pub owner: Option<OrgName>,
}

/// One tie between an object and another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// How: the type of a relationship, or the property that names the other.
    pub how: String,
    /// Whether the object asked about points to the other, or the other to it.
    pub points_out: bool,
    /// The relationship or sighting that says so, where it is not a property.
    pub by: Option<String>,
    /// The other.
    pub other: Thing,
}

/// Where to go on among the ties of an object: first what it names, by number, then what names it, by position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TiePlace {
    /// So many of the ids it names were told.
    pub named: usize,
    /// What names it was told up to here.
    pub naming: Position,
}

/// Ties of one object.
#[derive(Clone, Debug, Default)]
pub struct Ties {
    /// In the order of [`TiePlace`].
    pub ties: Vec<Tie>,
    /// How many ids it names: exact.
    pub named: usize,
    /// How many current objects that whoever asks may see name it: exact.
    pub naming: u64,
    /// Where to go on, when there is more.
    pub next: Option<TiePlace>,
}

impl Node {
    /// The ties of an object, from a place on.
    ///
    /// # Errors
    /// [`NodeError::UnknownObject`] when there is no such object for whoever asks; when the store cannot be read.
    pub fn ties(&self, ctx: &Ctx, id: &ObjectId, from: TiePlace, limit: usize) -> Result<Ties, NodeError> {
        let subject = json!({"object": id.to_string()});
        self.may(ctx, Act::Show, subject.clone())?;
        self.within_budget(ctx, 1, subject.clone())?;
        let sight = Sight::new(self.ready()?, &ctx.authority);
        let found = self.ties_within(id, from, limit, sight)?;
        let shown: Vec<&str> = found.ties.iter().map(|tie| tie.other.id.as_str()).collect();
        self.record(ctx, Deed::query("ties", subject).and("shown", json!(shown)))?;
        Ok(found)
    }

    pub(crate) fn ties_within(
        &self,
        id: &ObjectId,
        from: TiePlace,
        limit: usize,
        sight: Sight<'_>,
    ) -> Result<Ties, NodeError> {
        let own = self.standings(id, sight)?;
        if own.is_empty() {
            return Err(NodeError::UnknownObject(id.to_string()));
        }
        let (named, told) = named_by(&own, self.reader.depth(), from.named, limit);
        let mut found = Ties { named, ..Ties::default() };
        let ids: Vec<&str> = told.iter().map(|(_, other)| other.as_str()).collect();
        let things = self.things_of(&ids, own.first().map(|own| own.owner), sight)?;
        found.ties.extend(told.iter().zip(things).map(|((how, _), other)| Tie {
            how: how.clone(),
            points_out: true,
            by: None,
            other,
        }));
        let place = TiePlace { named: from.named.min(named) + found.ties.len(), naming: from.naming };
        let naming = self.naming(id, sight)?;
        found.naming = naming.len() as u64;
        let mut last = place.naming;
        for position in naming.iter().copied().filter(|position| *position > place.naming) {
            if found.ties.len() >= limit {
                break;
            }
            last = position;
            if let Some(standing) = self.brief_at(position, sight)? {
                found.ties.push(self.tie_of(id, &standing, sight)?);
            }
        }
        let is_cut = place.named < named || naming.last().is_some_and(|end| *end > last);
        found.next = is_cut.then_some(TiePlace { named: place.named, naming: last });
        Ok(found)
    }

    /// Where current objects stand that name this one and that may be seen.
    fn naming(&self, id: &ObjectId, sight: Sight<'_>) -> Result<Vec<Position>, NodeError> {
        let (mut out, mut failed) = (Vec::new(), None);
        let fingerprint = self.reader.reference_fingerprint(&id.to_string());
        self.derived.references.for_each(fingerprint, |position| {
            let label = self.derived.current(position).filter(|_| position <= sight.visible);
            match label.map_or(Ok(false), |label| self.meets(sight.authority, label)) {
                Ok(met) => out.extend(met.then_some(position)),
                Err(error) => {
                    failed = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        failed.map_or(Ok(()), Err)?;
        out.sort_unstable();
        Ok(out)
    }

    /// How something that names an object is tied to it: a relationship stands for its other end.
    fn tie_of(&self, id: &ObjectId, naming: &Standing, sight: Sight<'_>) -> Result<Tie, NodeError> {
        let own = id.to_string();
        let itself = naming.version.id.to_string();
        let doc = Doc::parse(&naming.version.raw, self.reader.depth()).ok();
        let root = doc.as_ref().map(Doc::root);
        let end = |name: &str| root.and_then(|root| root.str(name));
        if naming.version.id.kind.as_str() == "relationship"
            && let (Some(source), Some(target)) = (end("source_ref"), end("target_ref"))
        {
            let (points_out, other) = if source == own { (true, target) } else { (false, source) };
            let how = end("relationship_type").unwrap_or("related-to").to_owned();
            let other = self.things_of(&[other], Some(naming.owner), sight)?.pop();
            let other = other.unwrap_or_else(|| Thing { owner: None, ..thing(naming, None) });
            return Ok(Tie { how, points_out, by: Some(itself), other });
        }
        let mut how = self.heavy_property(naming.version.position, &own).unwrap_or_default();
        if let Some(root) = root {
            comity_stix::refs(root, &mut |property, other| {
                if other == own && how.is_empty() {
                    property.clone_into(&mut how);
                }
            });
        }
        let other = thing(naming, Some(self.owner(naming.owner)?));
        Ok(Tie { how, points_out: false, by: None, other })
    }

    /// What objects are called, as far as whoever asks may know.
    pub(crate) fn things(&self, ids: &[&str], sight: Sight<'_>) -> Result<Vec<Thing>, NodeError> {
        self.things_of(ids, None, sight)
    }

    /// As [`Self::things`]; what several hold is told as one owner has it, where that has it.
    fn things_of(&self, ids: &[&str], owner: Option<OwnerNo>, sight: Sight<'_>) -> Result<Vec<Thing>, NodeError> {
        let parsed: Vec<Option<ObjectId>> = ids.iter().map(|id| ObjectId::parse(id).ok()).collect();
        let known: Vec<ObjectId> = parsed.iter().flatten().cloned().collect();
        let mut rows = self.store.versions_of(&known)?.into_iter();
        let mut out = Vec::with_capacity(ids.len());
        for (id, parsed) in ids.iter().zip(&parsed) {
            let rows = if parsed.is_some() { rows.next().unwrap_or_default() } else { Vec::new() };
            let kind = id.split("--").next().unwrap_or_default().to_owned();
            let mut found = Thing { id: (*id).to_owned(), kind, name: String::new(), owner: None };
            for row in rows.iter().rev() {
                let is_last = found.owner.is_some() && owner.is_none();
                if is_last {
                    break;
                }
                if let Some(standing) = self.brief_at(row.position, sight)? {
                    let is_theirs = owner == Some(standing.owner);
                    if is_theirs || found.owner.is_none() {
                        found = thing(&standing, Some(self.owner(standing.owner)?));
                    }
                    if is_theirs {
                        break;
                    }
                }
            }
            out.push(found);
        }
        Ok(out)
    }

    /// The current versions of an object that may be seen, one of each owner.
    pub(crate) fn standings(&self, id: &ObjectId, sight: Sight<'_>) -> Result<Vec<Standing>, NodeError> {
        let mut out = Vec::new();
        for row in self.store.versions(id)? {
            out.extend(self.standing_at(row.position, sight)?);
        }
        Ok(out)
    }
}

fn thing(standing: &Standing, owner: Option<OrgName>) -> Thing {
    Thing {
        id: standing.version.id.to_string(),
        kind: standing.version.id.kind.as_str().to_owned(),
        name: standing.name.clone(),
        owner,
    }
}

/// The ids that versions of an object name, each once with the property it stands in first, in their order: how many, and
/// some of them from one on.
fn named_by(own: &[Standing], depth: usize, from: usize, most: usize) -> (usize, Vec<(String, String)>) {
    let docs: Vec<Doc<'_>> = own.iter().filter_map(|one| Doc::parse(&one.version.raw, depth).ok()).collect();
    let (mut seen, mut out) = (HashSet::new(), Vec::new());
    for doc in &docs {
        comity_stix::refs(doc.root(), &mut |property, id| {
            if seen.insert(id) && seen.len() > from && out.len() < most {
                out.push((property.to_owned(), id.to_owned()));
            }
        });
    }
    (seen.len(), out)
}
