use std::collections::{BTreeMap, BTreeSet};

use comity_base::{OrgName, Position};
use comity_stix::{Doc, ObjectId};
use comity_store::{Op, Version};

use super::desk::refused;
use super::request::FoundState;
use super::{FoundObject, RightsDesk, RightsRequest};
use crate::neighbours::title;
use crate::{Ctx, Node, NodeError};

impl RightsDesk<'_> {
    /// Looks for everything that is held about a person, by values and by ids of objects, whoever within the
    /// organisation may see it and whether it stands or not, and keeps what was found with the request.
    ///
    /// # Errors
    /// When a text is neither a value nor an id, or the store fails.
    pub fn find(&self, ctx: &Ctx, number: &str, texts: &[String]) -> Result<RightsRequest, NodeError> {
        self.may(ctx)?;
        self.node.ready()?;
        let mut found = BTreeMap::new();
        for text in texts {
            let rows = self.node.rows_with(text)?;
            self.node.describe(text, rows, &mut found)?;
        }
        self.change_as(ctx, number, "search for a request", |request| {
            let known: BTreeSet<_> =
                request.found.iter().map(|object| (object.id.clone(), object.owner.clone())).collect();
            let new = found.into_iter().filter(|(key, _)| !known.contains(key)).map(|(_, object)| object);
            let before = request.found.len();
            request.found.extend(new);
            Ok(format!("looked for {}: {} more found", texts.join(", "), request.found.len() - before))
        })
    }
}

impl Node {
    /// Every version that holds a value or is of an id, and still has its content.
    fn rows_with(&self, text: &str) -> Result<Vec<Version>, NodeError> {
        let mut positions = BTreeSet::new();
        if let Ok(id) = ObjectId::parse(text) {
            positions.extend(self.store.versions(&id)?.into_iter().filter(|row| row.op == Op::Put).map(|r| r.position));
            return self.with_content(&positions);
        }
        let values = self.values().guess(text);
        if values.is_empty() {
            return Err(refused(&format!("{text:?} is neither a value nor the id of an object")));
        }
        let mut rows = Vec::new();
        for value in values {
            let fingerprint = self.reader.value_fingerprint(value.kind(), value.text());
            positions.extend(self.derived.values.positions(fingerprint, MOST));
            let read = self.with_content(&std::mem::take(&mut positions))?;
            rows.extend(read.into_iter().filter(|row| self.how(&row.raw, &value).is_some()));
        }
        Ok(rows)
    }

    fn with_content(&self, positions: &BTreeSet<Position>) -> Result<Vec<Version>, NodeError> {
        let positions: Vec<_> = positions.iter().copied().collect();
        let rows = self.store.get(&positions)?.into_iter().flatten();
        Ok(rows.filter(|row| row.op == Op::Put && !row.raw.is_empty()).collect())
    }

    /// What is to be known of what was found: of each object the newest version tells.
    fn describe(
        &self,
        by: &str,
        mut rows: Vec<Version>,
        found: &mut BTreeMap<(ObjectId, OrgName), FoundObject>,
    ) -> Result<(), NodeError> {
        rows.sort_by_key(|row| (row.modified, row.position));
        for row in rows {
            let label = self.labels.get(&*self.store, row.label)?;
            let positions: Vec<_> = self.rows_of(&label.owner, &row.id)?.iter().map(|row| row.position).collect();
            let name = Doc::parse(&row.raw, self.reader.depth()).map(|doc| title(doc.root())).unwrap_or_default();
            let hidden = self.is_hidden(&row.id, &label.owner)?;
            let object = FoundObject {
                id: row.id.clone(),
                owner: label.owner.clone(),
                name,
                by: by.to_owned(),
                until: label.retain_until.filter(|until| until.as_micros() > 0),
                given: self.given_to(&positions)?,
                state: if hidden { FoundState::Hidden } else { FoundState::Stands },
            };
            found.insert((row.id, label.owner.clone()), object);
        }
        Ok(())
    }

    /// The organisations that were given one of these versions.
    fn given_to(&self, positions: &[Position]) -> Result<Vec<OrgName>, NodeError> {
        let mut given = Vec::new();
        for peer in self.peers()? {
            if !self.deliveries_of(&peer.name, positions)?.is_empty() {
                given.push(peer.name);
            }
        }
        Ok(given)
    }
}

/// Postings of one value that are read.
const MOST: usize = 10_000;
