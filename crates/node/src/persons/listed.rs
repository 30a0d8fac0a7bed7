use comity_base::OrgName;
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::DocumentState;
use comity_stix::{Doc, Kind};
use serde_json::json;

use super::ask::document_of;
use crate::exchange::Peer;
use crate::{Ctx, Deed, Node, NodeError, View};

impl Node {
    /// Whether a document is in the register of those stolen, lost or revoked, for a partner such as an airline: it gives issuing
    /// state and number and learns yes or no, as far as its agreement lets it see what the register has. It is counted among its
    /// queries and is on record.
    ///
    /// # Errors
    /// When nothing is agreed that lets it ask, it asked as often as it may, or the text names no document.
    pub fn is_listed(&self, ctx: &Ctx, organisation: &OrgName, text: &str) -> Result<bool, NodeError> {
        let visible = self.ready()?;
        let value = document_of(self, text)?;
        let peer = self.known_peer(organisation)?;
        let peer = Some(peer).filter(Peer::is_active).ok_or_else(|| NodeError::NoAgreement(organisation.clone()))?;
        self.count_queries(ctx, organisation, 1)?;
        let view = self.view_of_peer(ctx, &peer)?;
        let fingerprint = self.reader.value_fingerprint(Kind::TravelDocument, value.text());
        let mut listed = false;
        for position in self.derived.values.positions(fingerprint, POSTINGS) {
            let Some(label) = self.derived.current(position).filter(|_| position <= visible) else { continue };
            let Some(version) = self.store.get(&[position])?.into_iter().flatten().next() else { continue };
            if version.id.kind.as_str() != DOCUMENT_TYPE || self.how(&version.raw, &value).is_none() {
                continue;
            }
            let Ok(doc) = Doc::parse(&version.raw, self.reader.depth()) else { continue };
            let stands = ListedDocument::read(doc.root()).is_ok_and(|one| one.state != DocumentState::Valid);
            listed |= stands && self.shows(&view, label)?;
        }
        let subject = json!({"document": value.text(), "for": organisation});
        self.record(ctx, Deed::query("listed", subject).and("listed", listed))?;
        Ok(listed)
    }

    /// Whether a view shows objects of a label.
    fn shows(&self, view: &View, label: comity_store::LabelId) -> Result<bool, NodeError> {
        let label = self.labels.get(&*self.store, label)?;
        Ok(view.explain(&self.standing(&label)?.label).admitted)
    }
}

/// Past and present mentions of one number that are looked at.
const POSTINGS: usize = 64;
