use std::collections::{BTreeMap, HashMap};

use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::{PublicKey, Signature, hex, random_bytes, sha256};
use comity_stix::ObjectId;
use comity_store::{BatchStart, Op, Version};
use parking_lot::Mutex;
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

use super::messages::refused;
use super::{Body, Peer};
use crate::{Ctx, Node, NodeError, View};

/// Why an owner takes something back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecallReason {
    /// It was wrong; what replaces it, when something does, is named.
    Incorrect,
    /// The owner does not stand by it any more.
    Withdrawn,
    /// A court, a supervisor or the law demands it: the owner's own copy goes too.
    Legal,
    /// The owner has closed it: the recipient is not among those who may see it now.
    Narrowed,
}

/// An owner's order to delete what it released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// Names it: `x-comity-recall--` and a UUID.
    pub id: ObjectId,
    /// Who owns what is recalled.
    pub owner: OrgName,
    /// The object.
    pub object: ObjectId,
    /// Which versions of it.
    pub versions: Vec<Recalled>,
    /// Why.
    pub reason: RecallReason,
    /// The version that takes their place, by its `modified`, when one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Timestamp>,
    /// When it was ordered.
    pub at: Timestamp,
}

/// One recalled version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recalled {
    /// Its `modified`.
    pub modified: Timestamp,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// A recall with its owner's signature: it counts whoever brings it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallStatement {
    /// What is ordered.
    pub said: Recall,
    /// The owner's key.
    pub key: PublicKey,
    /// The signature over the JSON of `said`.
    pub signature: Signature,
}

/// A recall as it is kept here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptRecall {
    pub(crate) statement: RecallStatement,
    /// Where the recalled versions stood here.
    pub(crate) positions: Vec<Position>,
    /// Who brought it; none when it was ordered here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<OrgName>,
    /// Whether it was carried out here.
    pub(crate) done: bool,
}

/// That a recipient has a recall to carry out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Who.
    pub peer: OrgName,
    /// The recall.
    pub recall: ObjectId,
    /// What is recalled.
    pub object: ObjectId,
    /// Whose it is.
    pub owner: OrgName,
    /// Why.
    pub reason: RecallReason,
    /// Since when.
    pub since: Timestamp,
    /// By when its receipt must be here.
    pub due: Timestamp,
    /// When its receipt came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Timestamp>,
}

/// What was looked through for recalls, by peer.
#[derive(Debug, Default)]
pub(crate) struct Obligations {
    peers: Mutex<HashMap<OrgName, Known>>,
    /// What was recalled, by owner and object: versions that come later by a slower way are not taken any more.
    recalled: Mutex<Option<Recalls>>,
}

type Recalls = HashMap<(OrgName, ObjectId), Vec<Recalled>>;

#[derive(Debug, Default)]
struct Known {
    /// Ended positions that need nothing more.
    handled: RoaringTreemap,
    /// What is not receipted yet, by recall; read once.
    open: Option<BTreeMap<ObjectId, RecallStatement>>,
}

impl Obligations {
    pub(crate) fn forget(&self) {
        self.peers.lock().clear();
        *self.recalled.lock() = None;
    }
}

impl RecallStatement {
    fn text(said: &Recall) -> Result<Vec<u8>, NodeError> {
        serde_json::to_vec(said).map_err(NodeError::setting("recall"))
    }

    /// Whether one of these keys signed it.
    pub(crate) fn is_signed_by(&self, keys: &[PublicKey]) -> Result<bool, NodeError> {
        let text = Self::text(&self.said)?;
        Ok(keys.contains(&self.key) && self.key.verify(RECALL, &text, &self.signature).is_ok())
    }
}

impl Node {
    /// Orders everyone who was ever given this organisation's versions of an object to delete them, but for the one
    /// that replaces them. They count no longer here from this moment; for legal reasons their content goes too.
    ///
    /// # Errors
    /// When this organisation has no versions of it, or the replacement is not one of them.
    pub fn recall(
        &self,
        ctx: &Ctx,
        object: &ObjectId,
        reason: RecallReason,
        replaced_by: Option<Timestamp>,
    ) -> Result<RecallStatement, NodeError> {
        self.ready()?;
        let mut rows = self.rows_of(&ctx.organisation, object)?;
        if rows.is_empty() {
            let name = &ctx.organisation;
            return Err(NodeError::Refused(format!(
                "{name} owns no version of {object}; only its owner can recall it"
            )));
        }
        if let Some(moment) = replaced_by {
            let before = rows.len();
            rows.retain(|row| row.modified != moment);
            if rows.len() == before {
                return Err(NodeError::Refused(format!(
                    "there is no version of {object} of {moment}; bring the corrected one in first"
                )));
            }
        }
        let kept = self.order(ctx, object, &rows, (reason, replaced_by))?;
        self.carry_out(ctx, &kept, reason == RecallReason::Legal)?;
        Ok(kept.statement)
    }

    /// Carries out what was ordered or taken and then cut off.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn finish_recalls(&self, ctx: &Ctx) -> Result<(), NodeError> {
        for (key, bytes) in self.store.values("recall/")? {
            let kept: KeptRecall = serde_json::from_slice(&bytes).map_err(NodeError::setting(&key))?;
            if !kept.done {
                let own = kept.statement.said.owner == ctx.organisation;
                self.carry_out(ctx, &kept, !own || kept.statement.said.reason == RecallReason::Legal)?;
            }
        }
        Ok(())
    }

    /// One owner's versions of an object, whether they count or not.
    pub(crate) fn rows_of(&self, owner: &OrgName, object: &ObjectId) -> Result<Vec<Version>, NodeError> {
        let mut rows = Vec::new();
        for row in self.store.versions(object)? {
            if row.op == Op::Put && self.labels.get(&*self.store, row.label)?.owner == *owner {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn order(
        &self,
        ctx: &Ctx,
        object: &ObjectId,
        rows: &[Version],
        (reason, replaced_by): (RecallReason, Option<Timestamp>),
    ) -> Result<KeptRecall, NodeError> {
        let positions: Vec<_> = rows.iter().map(|row| row.position).collect();
        let mut versions = Vec::new();
        for version in self.store.get(&positions)?.into_iter().flatten().filter(|version| !version.raw.is_empty()) {
            versions.push(Recalled { modified: version.modified, sha256: hex(&sha256(&version.raw)) });
        }
        versions.sort();
        versions.dedup();
        let random = random_bytes::<16>().map_err(|error| NodeError::Refused(error.to_string()))?;
        let id = ObjectId::new("x-comity-recall", uuid::Builder::from_random_bytes(random).into_uuid())
            .map_err(|error| NodeError::Refused(error.to_string()))?;
        let (owner, object) = (ctx.organisation.clone(), object.clone());
        let said = Recall { id, owner, object, versions, reason, replaced_by, at: ctx.now() };
        let signature = self.signer.sign(RECALL, &RecallStatement::text(&said)?);
        let statement = RecallStatement { said, key: self.signer.public_key(), signature };
        let kept = KeptRecall { statement, positions, via: None, done: false };
        self.keep_recall(&kept)?;
        Ok(kept)
    }

    fn keep_recall(&self, kept: &KeptRecall) -> Result<(), NodeError> {
        let said = &kept.statement.said;
        let key = format!("recall/{}/{}/{}", said.owner, said.object, said.id);
        self.overwrite(&key, &serde_json::to_vec(kept).map_err(NodeError::setting(&key))?)?;
        if let Some(recalled) = &mut *self.obligations.recalled.lock() {
            recalled.entry((said.owner.clone(), said.object.clone())).or_default().extend(said.versions.clone());
        }
        Ok(())
    }

    /// The versions no longer count; what is erased has no content any more.
    fn carry_out(&self, ctx: &Ctx, kept: &KeptRecall, erase: bool) -> Result<(), NodeError> {
        let said = &kept.statement.said;
        if !kept.positions.is_empty() && said.reason != RecallReason::Narrowed || kept.via.is_some() {
            let note = format!("recall of {} by {}", said.object, said.owner);
            let start = BatchStart { owner: said.owner.clone(), note, now: ctx.now(), fence: None };
            self.store.withdraw(&kept.positions, &start, ctx.now())?;
            if erase {
                self.store.erase(&kept.positions)?;
            }
            self.catch_up()?;
        }
        self.keep_recall(&KeptRecall { done: true, ..kept.clone() })
    }

    /// Whether anything was ever recalled here.
    pub(crate) fn has_recalls(&self) -> Result<bool, NodeError> {
        let mut recalled = self.obligations.recalled.lock();
        Ok(!self.recalled(&mut recalled)?.is_empty())
    }

    fn recalled<'r>(&self, recalled: &'r mut Option<Recalls>) -> Result<&'r Recalls, NodeError> {
        if recalled.is_none() {
            let mut all = Recalls::new();
            for (key, bytes) in self.store.values("recall/")? {
                let kept: KeptRecall = serde_json::from_slice(&bytes).map_err(NodeError::setting(&key))?;
                let said = kept.statement.said;
                all.entry((said.owner, said.object)).or_default().extend(said.versions);
            }
            *recalled = Some(all);
        }
        recalled.as_ref().ok_or(NodeError::Stage)
    }

    /// Whether a version that comes in was recalled by its owner before.
    pub(crate) fn is_recalled(
        &self,
        owner: &OrgName,
        object: &ObjectId,
        modified: Timestamp,
        raw: &[u8],
    ) -> Result<bool, NodeError> {
        let mut recalled = self.obligations.recalled.lock();
        let all = self.recalled(&mut recalled)?;
        let Some(versions) = all.get(&(owner.clone(), object.clone())) else { return Ok(false) };
        let digest = hex(&sha256(raw));
        Ok(versions.iter().any(|version| version.modified == modified && version.sha256 == digest))
    }

    /// The recalls that a peer's node has not receipted yet. Finds new ones among what it was given.
    pub(crate) fn recalls_for(&self, ctx: &Ctx, peer: &Peer, view: &View) -> Result<Vec<RecallStatement>, NodeError> {
        if self.shared {
            // Another process may have given something to this peer, or taken its receipts.
            self.given.forget(&*self.store)?;
            self.obligations.forget();
        }
        let mut peers = self.obligations.peers.lock();
        let known = peers.entry(peer.name.clone()).or_default();
        if known.open.is_none() {
            known.open = Some(self.open_recalls(&peer.name)?);
        }
        let (ended, sure) = self.given.with(&*self.store, &peer.name, true, |all, announced| {
            let ended = &(self.derived.ended_among(all) | self.derived.ended_among(announced)) - &known.handled;
            let sure = &ended & all;
            (ended, sure)
        })?;
        for position in ended {
            if let Some(statement) = self.recall_at(ctx, view, (Position(position), sure.contains(position)))? {
                self.owe(ctx, peer, view, &statement)?;
                if let Some(open) = &mut known.open {
                    open.insert(statement.said.id.clone(), statement);
                }
            }
            known.handled.insert(position);
        }
        Ok(known.open.iter().flat_map(BTreeMap::values).take(RECALLS).cloned().collect())
    }

    /// What a recipient must be told about a version it was given that is not current any more; nothing when a
    /// newer one that it may see takes its place.
    fn recall_at(
        &self,
        ctx: &Ctx,
        view: &View,
        (position, sure): (Position, bool),
    ) -> Result<Option<RecallStatement>, NodeError> {
        let Some(row) = self.store.get(&[position])?.into_iter().flatten().next() else { return Ok(None) };
        if !sure && !self.admits(view, row.label)? {
            return Ok(None);
        }
        let owner = self.labels.get(&*self.store, row.label)?.owner.clone();
        for (key, bytes) in self.store.values(&format!("recall/{owner}/{}/", row.id))? {
            let kept: KeptRecall = serde_json::from_slice(&bytes).map_err(NodeError::setting(&key))?;
            if kept.positions.contains(&position) {
                return Ok(Some(kept.statement));
            }
        }
        if owner != ctx.organisation {
            // Its owner has not taken it back; that it ended here is this node's own affair.
            return Ok(None);
        }
        let rows = self.store.versions(&row.id)?;
        let lines = crate::derived::standing(&*self.store, &self.labels, &rows)?;
        let mut newest = None;
        for line in &lines {
            if let Some(last) = line.last()
                && self.labels.get(&*self.store, last.label)?.owner == owner
            {
                newest = Some(*last);
            }
        }
        let mut old = self.rows_of(&owner, &row.id)?;
        let reason = match newest {
            Some(newest) if self.admits(view, newest.label)? => return Ok(None),
            Some(newest) => {
                old.retain(|row| row.position != newest.position);
                RecallReason::Narrowed
            }
            None => RecallReason::Withdrawn,
        };
        let kept = self.order(ctx, &row.id, &old, (reason, None))?;
        self.carry_out(ctx, &kept, false)?;
        Ok(Some(kept.statement))
    }

    fn owe(&self, ctx: &Ctx, peer: &Peer, view: &View, statement: &RecallStatement) -> Result<(), NodeError> {
        let said = &statement.said;
        let key = format!("owed/{}/{}", peer.name, said.id);
        if self.store.value(&key)?.is_some() {
            return Ok(());
        }
        let hours = view.receipts_within_hours;
        let due = ctx.now().as_micros().saturating_add(i64::from(hours) * 3_600_000_000);
        let owed = Owed {
            peer: peer.name.clone(),
            recall: said.id.clone(),
            object: said.object.clone(),
            owner: said.owner.clone(),
            reason: said.reason,
            since: ctx.now(),
            due: Timestamp::from_micros(due),
            receipt: None,
        };
        self.overwrite(&key, &serde_json::to_vec(&owed).map_err(NodeError::setting(&key))?)
    }

    fn open_recalls(&self, peer: &OrgName) -> Result<BTreeMap<ObjectId, RecallStatement>, NodeError> {
        let mut open = BTreeMap::new();
        for owed in self.owed_by(peer)?.into_iter().filter(|owed| owed.receipt.is_none()) {
            let prefix = format!("recall/{}/{}/{}", owed.owner, owed.object, owed.recall);
            if let Some((_, bytes)) = self.store.value(&prefix)? {
                let kept: KeptRecall = serde_json::from_slice(&bytes).map_err(NodeError::setting(&prefix))?;
                open.insert(owed.recall, kept.statement);
            }
        }
        Ok(open)
    }

    /// Every recall a peer was ever told to carry out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn owed_by(&self, peer: &OrgName) -> Result<Vec<Owed>, NodeError> {
        let rows = self.store.values(&format!("owed/{peer}/"))?;
        rows.iter().map(|(key, bytes)| serde_json::from_slice(bytes).map_err(NodeError::setting(key))).collect()
    }

    /// Marks a recall as carried out by a peer's node.
    pub(crate) fn receipted(&self, peer: &OrgName, recall: &ObjectId, at: Timestamp) -> Result<(), NodeError> {
        let key = format!("owed/{peer}/{recall}");
        if let Some((_, bytes)) = self.store.value(&key)? {
            let mut owed: Owed = serde_json::from_slice(&bytes).map_err(NodeError::setting(&key))?;
            owed.receipt.get_or_insert(at);
            self.overwrite(&key, &serde_json::to_vec(&owed).map_err(NodeError::setting(&key))?)?;
        }
        let mut peers = self.obligations.peers.lock();
        if let Some(open) = peers.get_mut(peer).and_then(|known| known.open.as_mut()) {
            open.remove(recall);
        }
        Ok(())
    }

    /// Carries out a recall that a peer brought, and answers with a receipt. What it covers is gone when this
    /// returns, and is not taken again.
    pub(crate) fn take_recall(
        &self,
        ctx: &Ctx,
        via: &Peer,
        statement: &RecallStatement,
        keys: &[PublicKey],
    ) -> Result<(), NodeError> {
        let said = &statement.said;
        if !statement.is_signed_by(keys)? {
            return Err(refused(format!("the recall {} is not signed by {}", said.id, said.owner)));
        }
        if said.owner == ctx.organisation {
            return Err(refused(format!("{} recalls its own objects itself", said.owner)));
        }
        if let Some(receipt) = self.own_receipt(ctx, &said.id)? {
            return self.post(ctx, &via.name, &Body::Receipts { receipts: vec![receipt], directory: Vec::new() });
        }
        let rows = self.rows_of(&said.owner, &said.object)?;
        let mut positions = Vec::new();
        for version in self.store.get(&rows.iter().map(|row| row.position).collect::<Vec<_>>())?.into_iter().flatten() {
            let digest = hex(&sha256(&version.raw));
            if said.versions.iter().any(|old| old.modified == version.modified && old.sha256 == digest) {
                positions.push(version.position);
            }
        }
        let erased = u32::try_from(positions.len()).unwrap_or(u32::MAX);
        let kept = KeptRecall { statement: statement.clone(), positions, via: Some(via.name.clone()), done: false };
        self.keep_recall(&kept)?;
        self.carry_out(ctx, &kept, true)?;
        let receipt = self.write_receipt(ctx, said, erased)?;
        self.post(ctx, &via.name, &Body::Receipts { receipts: vec![receipt], directory: Vec::new() })
    }
}

/// What signatures of recalls are made in.
const RECALL: &str = "recall";
/// Most recalls in one page.
const RECALLS: usize = 1_000;
