use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::{PublicKey, Signature, hex, random_bytes, sha256};
use comity_ledger::EntryKind;
use comity_stix::ObjectId;
use comity_store::{BatchStart, Op, Version};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::messages::refused;
use super::{Body, Peer};
use crate::Deed;
use crate::{Act, Ctx, Node, NodeError};

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
    /// Whether this node ordered it because the versions ended by a change or an undo. They may stand again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) by_itself: bool,
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
        self.may(ctx, Act::Recall, json!({"object": object.to_string()}))?;
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
        let kept = self.order(ctx, object, &rows, (reason, replaced_by), false)?;
        self.carry_out(ctx, &kept, reason == RecallReason::Legal)?;
        // It is ordered and carried out here; whoever serves looks again who owes it.
        drop(self.note_owed(ctx));
        Ok(kept.statement)
    }

    /// Carries out what was ordered or taken and then cut off.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn finish_recalls(&self, ctx: &Ctx) -> Result<(), NodeError> {
        for kept in self.settings::<KeptRecall>("recall/")? {
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
            if row.op == Op::Put && self.owner_of(row.label)? == *owner {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Orders everyone who was given these versions of this organisation's object to delete them, for legal reasons, and
    /// deletes them here.
    pub(crate) fn recall_for_good(&self, ctx: &Ctx, object: &ObjectId, rows: &[Version]) -> Result<(), NodeError> {
        let kept = self.order(ctx, object, rows, (RecallReason::Legal, None), false)?;
        self.carry_out(ctx, &kept, true)
    }

    /// Orders everyone who was given these versions of this organisation's object to delete them, because it does not stand by
    /// them any more; they count no longer here.
    pub(crate) fn order_back(&self, ctx: &Ctx, object: &ObjectId, rows: &[Version]) -> Result<(), NodeError> {
        let kept = self.order(ctx, object, rows, (RecallReason::Withdrawn, None), false)?;
        self.carry_out(ctx, &kept, false)?;
        drop(self.note_owed(ctx));
        Ok(())
    }

    /// Writes an order down and signs it; `done` when nothing is to be carried out here.
    pub(super) fn order(
        &self,
        ctx: &Ctx,
        object: &ObjectId,
        rows: &[Version],
        (reason, replaced_by): (RecallReason, Option<Timestamp>),
        done: bool,
    ) -> Result<KeptRecall, NodeError> {
        let mut positions: Vec<_> = rows.iter().map(|row| row.position).collect();
        let mut versions = Vec::new();
        // Of what has no content any more the order that took it speaks.
        for version in self.store.get(&std::mem::take(&mut positions))?.into_iter().flatten() {
            if !version.raw.is_empty() {
                versions.push(Recalled { modified: version.modified, sha256: hex(&sha256(&version.raw)) });
                positions.push(version.position);
            }
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
        let kept = KeptRecall { statement, positions, via: None, done, by_itself: done };
        self.tell_recall(ctx, &kept, "recall ordered")?;
        Ok(kept)
    }

    fn keep_recall(&self, kept: &KeptRecall) -> Result<(), NodeError> {
        let said = &kept.statement.said;
        self.keep_setting(&key(&said.owner, &said.object, &said.id), kept)?;
        self.obligations.note(kept);
        Ok(())
    }

    /// As [`Self::keep_recall`], and the ledger is told.
    fn tell_recall(&self, ctx: &Ctx, kept: &KeptRecall, what: &str) -> Result<(), NodeError> {
        let said = &kept.statement.said;
        let deed = deed(said, what).and("from", kept.via.as_ref().map(OrgName::as_str));
        self.decide(ctx, &key(&said.owner, &said.object, &said.id), kept, deed)?;
        self.obligations.note(kept);
        Ok(())
    }

    /// The versions no longer count; what is erased has no content any more.
    fn carry_out(&self, ctx: &Ctx, kept: &KeptRecall, erase: bool) -> Result<(), NodeError> {
        let said = &kept.statement.said;
        if !kept.done && !kept.positions.is_empty() && (said.reason != RecallReason::Narrowed || kept.via.is_some()) {
            let note = format!("recall of {} by {}", said.object, said.owner);
            let erased = deed(said, if erase { "versions erased" } else { "versions withdrawn" });
            let entries =
                vec![Deed { kind: EntryKind::Erasure, ..erased.and("versions", kept.positions.len()) }.entry(ctx)?];
            let start = BatchStart { owner: said.owner.clone(), note, now: ctx.now(), fence: None, entries };
            self.store.withdraw(&kept.positions, &start, ctx.now())?;
            if erase {
                self.erase_for_good(&kept.positions)?;
            }
            self.catch_up()?;
        }
        self.keep_recall(&KeptRecall { done: true, ..kept.clone() })
    }

    /// One recall, when it is known here.
    pub(super) fn kept_recall(
        &self,
        owner: &OrgName,
        object: &ObjectId,
        recall: &ObjectId,
    ) -> Result<Option<KeptRecall>, NodeError> {
        self.setting(&key(owner, object, recall))
    }

    /// The recalls of one owner's object that are known here, oldest first.
    pub(super) fn recalls_of(&self, owner: &OrgName, object: &ObjectId) -> Result<Vec<KeptRecall>, NodeError> {
        let mut all: Vec<KeptRecall> = self.settings(&format!("recall/{owner}/{object}/"))?;
        all.sort_by_key(|kept| kept.statement.said.at);
        Ok(all)
    }

    /// Whether a version that comes in was recalled by its owner after its owner gave its word for it. What an owner
    /// gives out again later, because it undid what had closed it or brought it in anew, counts again.
    pub(crate) fn is_recalled(
        &self,
        owner: &OrgName,
        object: &ObjectId,
        (modified, raw): (Timestamp, &[u8]),
        sealed: Timestamp,
    ) -> Result<bool, NodeError> {
        self.with_recalled(|all| {
            let Some(versions) = all.get(&(owner.clone(), object.clone())) else { return false };
            let digest = hex(&sha256(raw));
            let names = |version: &Recalled| version.modified == modified && version.sha256 == digest;
            versions.iter().any(|(version, at)| *at >= sealed && names(version))
        })
    }

    /// Whether one of this organisation's own current versions may go out although it was recalled once: what only
    /// ended by itself and stands again may, and the recall speaks of it no longer. What is being withdrawn at this
    /// very moment may not.
    pub(super) fn may_go_again(&self, version: &Version, owner: &OrgName) -> Result<bool, NodeError> {
        let known = (owner.clone(), version.id.clone());
        if !self.with_recalled(|all| all.contains_key(&known))? {
            return Ok(true);
        }
        for mut kept in self.recalls_of(owner, &version.id)? {
            if !kept.positions.contains(&version.position) {
                continue;
            }
            if !kept.by_itself {
                return Ok(false);
            }
            kept.positions.retain(|position| *position != version.position);
            self.keep_recall(&kept)?;
        }
        Ok(true)
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
        if said.owner == ctx.organisation {
            // It has done what it ordered, and nobody else orders it anything.
            return Ok(());
        }
        if !statement.is_signed_by(keys)? {
            return Err(refused(format!("the recall {} is not signed by {}", said.id, said.owner)));
        }
        if let Some(receipt) = self.own_receipt(ctx, &said.id)? {
            return self.post(ctx, &via.name, &Body::Receipts { receipts: vec![receipt], directory: Vec::new() });
        }
        let rows = self.rows_of(&said.owner, &said.object)?;
        // What it took the content of before it was cut off no longer shows that it is meant.
        let begun = self.kept_recall(&said.owner, &said.object, &said.id)?;
        let is_new = begun.is_none();
        let mut positions = begun.map(|kept| kept.positions).unwrap_or_default();
        for version in self.store.get(&rows.iter().map(|row| row.position).collect::<Vec<_>>())?.into_iter().flatten() {
            let digest = hex(&sha256(&version.raw));
            let names = |old: &Recalled| old.modified == version.modified && old.sha256 == digest;
            // What the owner gave out again since it ordered this stays.
            if said.versions.iter().any(names) && self.sealed_at(&version)?.is_none_or(|at| at <= said.at) {
                positions.push(version.position);
            }
        }
        positions.sort_unstable();
        positions.dedup();
        let erased = u32::try_from(positions.len()).unwrap_or(u32::MAX);
        let kept = KeptRecall {
            statement: statement.clone(),
            positions,
            via: Some(via.name.clone()),
            done: false,
            by_itself: false,
        };
        if is_new {
            self.tell_recall(ctx, &kept, "recall taken")?;
        } else {
            self.keep_recall(&kept)?;
        }
        self.carry_out(ctx, &kept, true)?;
        let receipt = self.write_receipt(ctx, said, erased)?;
        self.post(ctx, &via.name, &Body::Receipts { receipts: vec![receipt], directory: Vec::new() })
    }
}

/// What the ledger is told of a recall.
fn deed(said: &Recall, what: &str) -> Deed {
    let subject = json!({"object": said.object.to_string()});
    let content = json!({"recall": said.id.to_string(), "owner": said.owner, "what": what, "why": said.reason});
    Deed::new(EntryKind::Recall, subject, content)
}

fn key(owner: &OrgName, object: &ObjectId, recall: &ObjectId) -> String {
    format!("recall/{owner}/{object}/{recall}")
}

/// What signatures of recalls are made in.
const RECALL: &str = "recall";
