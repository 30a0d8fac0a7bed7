use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature};
use comity_ledger::EntryKind;
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::messages::refused;
use super::recalls::KeptRecall;
use super::{Body, Client, Peer, Recall};
use crate::Deed;
use crate::{Ctx, Node, NodeError};

/// What a recipient did about a recall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipted {
    /// The recall.
    pub recall: ObjectId,
    /// Whose it was.
    pub owner: OrgName,
    /// Of which object.
    pub object: ObjectId,
    /// Who carried it out.
    pub by: OrgName,
    /// When.
    pub at: Timestamp,
    /// How many versions lost their content; 0 when none were held.
    pub erased: u32,
}

/// A recipient's signed word that a recall was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What was done.
    pub said: Receipted,
    /// The recipient's key.
    pub key: PublicKey,
    /// The signature over the JSON of `said`.
    pub signature: Signature,
}

impl Receipt {
    fn text(said: &Receipted) -> Result<Vec<u8>, NodeError> {
        serde_json::to_vec(said).map_err(NodeError::setting("receipt"))
    }

    /// Whether one of these keys signed it.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn is_signed_by(&self, keys: &[PublicKey]) -> Result<bool, NodeError> {
        let text = Self::text(&self.said)?;
        Ok(keys.contains(&self.key) && self.key.verify(RECEIPT, &text, &self.signature).is_ok())
    }
}

impl Node {
    pub(crate) fn write_receipt(&self, ctx: &Ctx, recall: &Recall, erased: u32) -> Result<Receipt, NodeError> {
        let said = Receipted {
            recall: recall.id.clone(),
            owner: recall.owner.clone(),
            object: recall.object.clone(),
            by: ctx.organisation.clone(),
            at: ctx.now(),
            erased,
        };
        let signature = self.signer.sign(RECEIPT, &Receipt::text(&said)?);
        let receipt = Receipt { said, key: self.signer.public_key(), signature };
        self.keep_receipt(ctx, &receipt)?;
        Ok(receipt)
    }

    pub(crate) fn own_receipt(&self, ctx: &Ctx, recall: &ObjectId) -> Result<Option<Receipt>, NodeError> {
        self.setting(&key(recall, &ctx.organisation))
    }

    /// The receipts for one recall.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn receipts(&self, recall: &ObjectId) -> Result<Vec<Receipt>, NodeError> {
        self.settings(&format!("receipt/{recall}/"))
    }

    fn keep_receipt(&self, ctx: &Ctx, receipt: &Receipt) -> Result<(), NodeError> {
        let said = &receipt.said;
        let subject = json!({"object": said.object.to_string()});
        let content =
            json!({"recall": said.recall.to_string(), "from": said.by, "to": said.owner, "erased": said.erased});
        self.decide(ctx, &key(&said.recall, &said.by), receipt, Deed::new(EntryKind::Receipt, subject, content))
    }

    /// Takes receipts a peer brought: its own, and those of whoever it passed a recall on to. They go on towards the
    /// owner of what was recalled.
    pub(crate) fn take_receipts(&self, ctx: &Ctx, peer: &Peer, receipts: &[Receipt]) -> Result<(), NodeError> {
        for receipt in receipts {
            let said = &receipt.said;
            let keys = self.keys_at(peer, &said.by, said.at)?;
            if !receipt.is_signed_by(&keys)? {
                return Err(refused(format!("the receipt for {} is not signed by {}", said.recall, said.by)));
            }
            let kept = self.kept_recall(&said.owner, &said.object, &said.recall)?;
            let kept = kept.ok_or_else(|| refused(format!("there is no recall {} here", said.recall)))?;
            self.keep_receipt(ctx, receipt)?;
            if said.by == peer.name {
                self.receipted(&peer.name, &said.recall, said.at)?;
            }
            self.pass_on(ctx, &kept, receipt)?;
        }
        Ok(())
    }

    fn pass_on(&self, ctx: &Ctx, kept: &KeptRecall, receipt: &Receipt) -> Result<(), NodeError> {
        let said = &receipt.said;
        if said.owner == ctx.organisation {
            return Ok(());
        }
        let connected = |peer: &Peer| peer.client == Client::Node && peer.vouched_by.is_none();
        let owner = self.peer(&said.owner)?.filter(connected).map(|peer| peer.name);
        if let Some(to) = owner.or_else(|| kept.via.clone()) {
            let directory = self.introduce(&[&said.by])?;
            self.post(ctx, &to, &Body::Receipts { receipts: vec![receipt.clone()], directory })?;
        }
        Ok(())
    }

    /// The keys that speak for an organisation at a moment, as far as they are known here: that of the peer that asks, or of
    /// another.
    pub(crate) fn keys_at(&self, peer: &Peer, name: &OrgName, at: Timestamp) -> Result<Vec<PublicKey>, NodeError> {
        if *name == peer.name {
            return Ok(peer.keys_at(at));
        }
        Ok(self.peer(name)?.map(|other| other.keys_at(at)).unwrap_or_default())
    }

    /// The keys an organisation signs with, as far as they are known here.
    pub(crate) fn keys_of(&self, name: &OrgName) -> Result<Vec<PublicKey>, NodeError> {
        Ok(self.peer(name)?.map(|peer| peer.keys).unwrap_or_default())
    }
}

fn key(recall: &ObjectId, by: &OrgName) -> String {
    format!("receipt/{recall}/{by}")
}

/// What signatures of receipts are made in.
const RECEIPT: &str = "receipt";
