use comity_base::Position;
use comity_store::{BatchId, BatchInfo, BatchStart, Rejected, Undone};
use serde::Serialize;
use serde_json::json;

use crate::Deed;
use crate::intake::report::{FileReport, Finding, Kept, findings_key};
use crate::{Act, Ctx, Node, NodeError};

/// One batch with what it read and found.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// The batch.
    #[serde(flatten)]
    pub batch: BatchInfo,
    /// The streams it read.
    pub files: Vec<FileReport>,
    /// What was found, by code.
    pub findings: Vec<Finding>,
}

impl Node {
    /// The newest batches, newest first, with what each read and found.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn batches(&self, ctx: &Ctx, limit: usize) -> Result<Vec<Listing>, NodeError> {
        self.batches_before(ctx, None, limit)
    }

    /// As [`Self::batches`], those before a batch.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn batches_before(&self, ctx: &Ctx, before: Option<BatchId>, limit: usize) -> Result<Vec<Listing>, NodeError> {
        let asked = json!({"newest": limit, "before": before.map(|before| before.0)});
        self.may(ctx, Act::Batches, asked.clone())?;
        self.record(ctx, Deed::query("batches", asked))?;
        self.store.batches(before, limit)?.into_iter().map(|batch| self.listing(batch)).collect()
    }

    /// One batch with what it read and found.
    ///
    /// # Errors
    /// When there is none of that number, or the store cannot be read.
    pub fn batch(&self, ctx: &Ctx, id: BatchId) -> Result<Listing, NodeError> {
        let asked = json!({"batch": id.0});
        self.may(ctx, Act::Batches, asked.clone())?;
        self.record(ctx, Deed::query("batches", asked))?;
        let batch = self.store.batch(id)?.ok_or(comity_store::StoreError::NoBatch(id))?;
        self.listing(batch)
    }

    fn listing(&self, batch: BatchInfo) -> Result<Listing, NodeError> {
        let kept: Kept = self.setting(&findings_key(batch.id))?.unwrap_or_default();
        Ok(Listing { batch, files: kept.files, findings: kept.findings })
    }

    /// The items set aside by one batch, or by all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rejected(&self, ctx: &Ctx, batch: Option<BatchId>) -> Result<Vec<Rejected>, NodeError> {
        let which = json!({"rejected": batch.map(|batch| batch.0)});
        self.may(ctx, Act::Batches, which.clone())?;
        self.record(ctx, Deed::query("batches", which))?;
        Ok(self.store.rejected(batch)?)
    }

    /// Takes back everything a batch brought in, in one step. The undo is a batch itself; undoing it
    /// brings everything back.
    ///
    /// # Errors
    /// When there is no such batch, or it is already undone.
    pub fn undo(&self, ctx: &Ctx, batch: BatchId) -> Result<Undone, NodeError> {
        self.may(ctx, Act::Undo, json!({"batch": batch.0}))?;
        let Some(info) = self.store.batch(batch)? else {
            return Err(comity_store::StoreError::NoBatch(batch).into());
        };
        let now = ctx.now();
        let subject = json!({"batch": batch.0, "owner": info.owner, "note": info.note});
        let deed = Deed::decision("batch undone", subject);
        let start = BatchStart {
            owner: info.owner,
            note: format!("undo of batch {batch}"),
            now,
            fence: None,
            entries: vec![deed.entry(ctx)?],
        };
        let undone = self.store.undo(batch, &start, now)?;
        self.catch_up()?;
        Ok(undone)
    }

    /// The batch and file a position came from.
    pub(crate) fn origin(&self, position: Position) -> Result<Option<BatchInfo>, NodeError> {
        Ok(self.store.batch_of(position)?)
    }
}
