use comity_base::{OrgName, Position, Timestamp};
use comity_policy::Reason;
use comity_stix::ObjectId;
use serde::Serialize;
use serde_json::json;

use crate::{Act, Client, Ctx, Deed, Delivery, Node, NodeError};

/// Whether one organisation may see one object, and why; and whether it has been given it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seer {
    /// Who.
    pub recipient: OrgName,
    /// Whose version of the object.
    pub owner: OrgName,
    /// The version, by its `modified`.
    pub modified: Timestamp,
    /// Whether it may.
    pub admitted: bool,
    /// What admits it, or everything that stands against it.
    pub reasons: Vec<Reason>,
    /// Whether a recall can be carried out there: told before anything is shared.
    pub can_recall: bool,
    /// The deliveries that gave it a version of the object.
    pub given: Vec<Delivery>,
}

/// Own objects that are not given to somebody for the same reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Why.
    pub reasons: Vec<Reason>,
    /// How many.
    pub objects: u64,
}

impl Node {
    /// Why current objects are not given to a peer now, with how many: what is this organisation's own.
    ///
    /// # Errors
    /// When no agreement with it is in force, or the store cannot be read.
    pub fn withheld_from(&self, ctx: &Ctx, peer: &OrgName) -> Result<Vec<Withheld>, NodeError> {
        let view = self.view_of_peer(ctx, &self.known_peer(peer)?)?;
        let mut withheld: Vec<Withheld> = Vec::new();
        for (label, objects) in self.counts_by_label(self.ready()?)? {
            let said = self.labels.get(&*self.store, label)?;
            if said.owner != ctx.organisation || self.admits(&view, label)? {
                continue;
            }
            let reasons = view.explain(&self.standing(&said)?.label).reasons;
            match withheld.iter_mut().find(|one| one.reasons == reasons) {
                Some(one) => one.objects += objects,
                None => withheld.push(Withheld { reasons, objects }),
            }
        }
        withheld.sort_by_key(|one| std::cmp::Reverse(one.objects));
        Ok(withheld)
    }

    /// The first object of a type, of this organisation's own, that a peer's node was given and that still counts.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn first_given(&self, ctx: &Ctx, peer: &OrgName, kind: &str) -> Result<Option<ObjectId>, NodeError> {
        for position in self.given.all(&*self.store, peer, true)? {
            let position = Position(position);
            let Some(label) = self.derived.current(position) else { continue };
            let Some(row) = self.store.get(&[position])?.into_iter().flatten().next() else { continue };
            if row.id.kind.as_str() == kind && self.owner_of(label)? == ctx.organisation {
                return Ok(Some(row.id));
            }
        }
        Ok(None)
    }

    /// Who may see an object, who not, and why, among all connected organisations; before it is shared and after.
    ///
    /// # Errors
    /// When there is no such object, or the store cannot be read.
    pub fn audience_of(&self, ctx: &Ctx, id: &ObjectId) -> Result<Vec<Seer>, NodeError> {
        self.may(ctx, Act::Audience, json!({"object": id.to_string()}))?;
        self.ready()?;
        let mut current = self.current_versions(id)?;
        let mut met = Vec::with_capacity(current.len());
        for (_, version) in &current {
            met.push(self.meets(&ctx.authority, version.label)?);
        }
        let mut met = met.into_iter();
        current.retain(|_| met.next() == Some(true));
        if current.is_empty() {
            self.record(ctx, Deed::query("audience", json!({"object": id.to_string()})))?;
            return Err(NodeError::UnknownObject(id.to_string()));
        }
        let of_owner = |owner: &OrgName| Ok(self.rows_of(owner, id)?.iter().map(|row| row.position).collect());
        let positions: Vec<Vec<Position>> =
            current.iter().map(|(owner, _)| of_owner(owner)).collect::<Result<_, NodeError>>()?;
        let mut out = Vec::new();
        for peer in self.peers()?.into_iter().filter(|peer| peer.vouched_by.is_none()) {
            let view = match self.view_of_peer(ctx, &peer) {
                Ok(view) => Ok(view),
                Err(error @ NodeError::NoAgreement(_)) => Err(error.to_string()),
                Err(error) => return Err(error),
            };
            for ((owner, version), positions) in current.iter().zip(&positions) {
                let label = self.standing(&*self.labels.get(&*self.store, version.label)?)?.label;
                let (admitted, reasons) = match &view {
                    Ok(view) => {
                        let verdict = view.explain(&label);
                        (verdict.admitted, verdict.reasons)
                    }
                    Err(text) => (false, vec![Reason::new("no-agreement", text.clone())]),
                };
                out.push(Seer {
                    recipient: peer.name.clone(),
                    owner: owner.clone(),
                    modified: version.modified,
                    admitted,
                    reasons,
                    can_recall: peer.client == Client::Node,
                    given: self.deliveries_of(&peer.name, positions)?,
                });
            }
        }
        self.record(ctx, Deed::query("audience", json!({"object": id.to_string()})))?;
        Ok(out)
    }
}
