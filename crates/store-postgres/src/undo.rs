use crate::lanes::Transaction;
use comity_base::Timestamp;
use comity_store::{BatchId, BatchInfo, BatchStart, BatchState, Counts, StoreError, Undone};

use crate::batches::{Also, COLUMNS, DONE, UNDONE, info, one};
use crate::db::{Failure, maybe_number, signed};
use crate::engine::Engine;

/// What an undo acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    target: BatchId,
    /// The batch that brought the versions in.
    root: BatchInfo,
    /// Whether its versions count now, and so are taken back.
    live: bool,
}

impl Engine {
    /// An undo has no rows: the log knows what it says from the batch at its root. So it takes no longer for a
    /// large batch than for a small one.
    pub(crate) async fn undo(&self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        let plan = self.db.transaction("plan an undo", async |tx, _| plan(tx, batch).await).await?;
        let by = self.begin(start, Some((batch, plan.root.id))).await?;
        let mut open = self.open(by).await?;
        let versions = plan.versions();
        let counts = Counts { objects: versions, added: versions, ..Counts::default() };
        let published = self.publish(&open, &counts, now, Also::Undo(&plan)).await;
        let result = self.closed(&mut open, published).await;
        drop(open);
        if result.is_err() {
            // The first error says more; a batch that stays open here is given up with this process.
            let _ = self.abandon(by).await;
        }
        Ok(Undone { by: result?, versions })
    }
}

impl Plan {
    /// How many versions it takes back or restores.
    pub(crate) fn versions(&self) -> u64 {
        self.root.last.0 - self.root.after.0
    }

    /// Notes the undo at the batches concerned, unless somebody was faster.
    pub(crate) async fn mark(&self, tx: &Transaction<'_>, by: BatchId) -> Result<(), Failure> {
        let ids = vec![signed(self.root.id.0), signed(self.target.0)];
        tx.query("SELECT id FROM batch WHERE id = ANY($1) ORDER BY id FOR UPDATE", &[&ids]).await?;
        if plan(tx, self.target).await? != *self {
            let why = "was undone or restored by somebody else at the same moment".to_owned();
            return Err(StoreError::BatchState { batch: self.target, why }.into());
        }
        let sql = "UPDATE batch SET state = $2, undone_by = $3 WHERE id = $1";
        let by = Some(signed(by.0));
        tx.execute(sql, &[&signed(self.target.0), &UNDONE, &by]).await?;
        let (state, undone_by) = if self.live { (UNDONE, by) } else { (DONE, None) };
        tx.execute(sql, &[&signed(self.root.id.0), &state, &undone_by]).await?;
        Ok(())
    }
}

async fn plan(tx: &Transaction<'_>, batch: BatchId) -> Result<Plan, Failure> {
    let Ok(id) = i64::try_from(batch.0) else { return Err(StoreError::NoBatch(batch).into()) };
    let sql = format!("SELECT {COLUMNS}, root, targets IS NOT NULL FROM batch WHERE id = $1");
    let rows = tx.query(&sql, &[&id]).await?;
    let row = rows.first().ok_or(StoreError::NoBatch(batch))?;
    let target = info(row)?;
    let (root, withdraws) = (maybe_number(row, 18)?.map_or(batch, BatchId), row.try_get(19)?);
    let sql = "SELECT max(id) FROM batch WHERE root = $1 AND state IN (1, 2)";
    let rows = tx.query(sql, &[&signed(root.0)]).await?;
    let decider = rows.first().map(|row| maybe_number(row, 0)).transpose()?.flatten().map_or(root, BatchId);
    let why = match target.state {
        BatchState::Open | BatchState::Void => Some("was never finished".to_owned()),
        BatchState::Undone => Some(format!("is already undone by batch {}", target.undone_by.unwrap_or_default())),
        BatchState::Done if withdraws => Some(WITHDRAWAL.to_owned()),
        BatchState::Done if root != batch && decider != batch => {
            Some(format!("was followed by batch {decider}; undo that one"))
        }
        BatchState::Done => None,
    };
    if let Some(why) = why {
        return Err(StoreError::BatchState { batch, why }.into());
    }
    let root = one(tx, root).await?;
    Ok(Plan { target: batch, live: root.state == BatchState::Done, root })
}

const WITHDRAWAL: &str = "is a withdrawal; it is final: bring the object in again";
