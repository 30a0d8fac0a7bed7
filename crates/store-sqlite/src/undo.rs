use comity_base::Timestamp;
use comity_store::{BatchId, BatchInfo, BatchStart, BatchState, Counts, StoreError, Undone};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::batches::{DONE, UNDONE, abandon, advance, close, info};
use crate::engine::{Doing as _, Engine, signed};
use crate::reading::{RESTORE, TOMBSTONE};
use crate::withdraw::withdraws;
use crate::writer::{Open, Writer};

/// What an undo acts on.
struct Plan {
    target: BatchId,
    /// The batch that brought the versions in.
    root: BatchInfo,
    /// Whether its versions count now, and so are taken back.
    live: bool,
}

impl Engine {
    pub(crate) fn undo(
        &self,
        writer: &mut Writer,
        batch: BatchId,
        start: &BatchStart,
        now: Timestamp,
    ) -> Result<Undone, StoreError> {
        let plan = plan(&writer.db, batch)?;
        let by = self.begin(writer, start, Some((batch, plan.root.id)))?;
        let result = self.take_back(writer, &plan, now);
        if result.is_err() {
            // The first error says more; a batch that stays open here is voided at the next start.
            let _ = abandon(writer, by);
        }
        result
    }

    fn take_back(&self, writer: &mut Writer, plan: &Plan, now: Timestamp) -> Result<Undone, StoreError> {
        let what = || format!("undo batch {}", plan.target);
        let open = writer.open.clone().ok_or(StoreError::NoBatch(plan.target))?;
        let (first, last) = (plan.root.after.0, plan.root.last.0);
        let versions = last - first;
        let mut done = 0;
        while done < versions {
            let part = (versions - done).min(AT_ONCE);
            let op = if plan.live { TOMBSTONE } else { RESTORE };
            let (from, to) = (signed(first + done), signed(first + done + part));
            let shift = signed(open.after) - signed(first);
            self.write_part(writer, &open, open.after + done + part, &what, |db| {
                db.prepare_cached(TAKE_BACK)?.execute(params![from, to, shift, op]).map(drop)
            })?;
            done += part;
        }
        let open = Open { last: open.after + versions, ..open };
        let counts = Counts { objects: versions, added: versions, ..Counts::default() };
        let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
        close(&tx, &open, &counts, now).doing(what)?;
        mark(&tx, plan, open.id).doing(what)?;
        tx.commit().doing(what)?;
        self.published(writer, &open);
        let by = info(&writer.db, open.id)?.ok_or(StoreError::NoBatch(open.id))?;
        Ok(Undone { by, versions })
    }

    /// Writes rows about other rows into the open batch in one transaction, up to a position.
    pub(crate) fn write_part(
        &self,
        writer: &mut Writer,
        open: &Open,
        reached: u64,
        what: &dyn Fn() -> String,
        write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
        write(&tx).doing(what)?;
        advance(&tx, open.id, reached).doing(what)?;
        tx.commit().doing(what)?;
        if let Some(open) = &mut writer.open {
            open.last = reached;
        }
        if let Some(head) = &self.head {
            head.set_last(reached);
        }
        self.catch_up(&writer.db, reached)
    }
}

fn mark(db: &Connection, plan: &Plan, by: BatchId) -> rusqlite::Result<()> {
    let sql = "UPDATE batch SET state = ?2, undone_by = ?3 WHERE id = ?1";
    db.execute(sql, params![signed(plan.target.0), UNDONE, signed(by.0)])?;
    let (state, undone_by) = if plan.live { (UNDONE, Some(signed(by.0))) } else { (DONE, None) };
    db.execute(sql, params![signed(plan.root.id.0), state, undone_by])?;
    Ok(())
}

fn plan(db: &Connection, batch: BatchId) -> Result<Plan, StoreError> {
    let what = || format!("undo batch {batch}");
    let target = info(db, batch)?.ok_or(StoreError::NoBatch(batch))?;
    let root: Option<i64> =
        db.query_row("SELECT root FROM batch WHERE id = ?1", [signed(batch.0)], |row| row.get(0)).doing(what)?;
    let root = root.map_or(batch, |root| BatchId(root.cast_unsigned()));
    let decider: Option<i64> = db
        .query_row(
            "SELECT id FROM batch WHERE root = ?1 AND state IN (1, 2) ORDER BY id DESC LIMIT 1",
            [signed(root.0)],
            |row| row.get(0),
        )
        .optional()
        .doing(what)?;
    let decider = decider.map_or(root, |id| BatchId(id.cast_unsigned()));
    let why = match target.state {
        BatchState::Open | BatchState::Void => Some("was never finished".to_owned()),
        BatchState::Undone => Some(format!("is already undone by batch {}", target.undone_by.unwrap_or_default())),
        BatchState::Done if withdraws(db, &target).doing(what)? => Some(WITHDRAWAL.to_owned()),
        BatchState::Done if root != batch && decider != batch => {
            Some(format!("was followed by batch {decider}; undo that one"))
        }
        BatchState::Done => None,
    };
    if let Some(why) = why {
        return Err(StoreError::BatchState { batch, why });
    }
    let root = info(db, root)?.ok_or(StoreError::NoBatch(root))?;
    Ok(Plan { target: batch, live: root.state == BatchState::Done, root })
}

const TAKE_BACK: &str = "INSERT INTO object (seq, kind, uuid, modified, label, op, target, source, place, dict) \
                         SELECT seq + ?3, kind, uuid, modified, label, ?4, seq, 0, 0, 0 FROM object WHERE seq > ?1 AND seq <= ?2";
const WITHDRAWAL: &str = "is a withdrawal; it is final: bring the object in again";
/// Rows written in one transaction.
const AT_ONCE: u64 = 20_000;
