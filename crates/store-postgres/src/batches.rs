use crate::lanes::Transaction;
use comity_base::{OrgName, Position, Timestamp};
use comity_store::{BatchId, BatchInfo, BatchStart, BatchState, Counts, Fence, StoreError, lease_key};
use tokio_postgres::Row;

use crate::db::{Failure, maybe_number, number, signed};
use crate::engine::Engine;
use crate::names::take;
use crate::open::{Open, OpenIds, not_open};
use crate::undo::Plan;
use crate::withdraw::Withdrawal;

pub(crate) const OPEN: i16 = 0;
pub(crate) const DONE: i16 = 1;
pub(crate) const UNDONE: i16 = 2;
pub(crate) const VOID: i16 = 3;

/// What else is noted in the transaction that finishes a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Also<'a> {
    Nothing,
    Undo(&'a Plan),
    Withdraw(&'a Withdrawal),
}

impl Engine {
    pub(crate) async fn position_at(&self, time: Timestamp) -> Result<Position, StoreError> {
        let sql = "SELECT last FROM batch WHERE finished <= $1 AND last > after AND state IN (1, 2) \
                   ORDER BY finished DESC, last DESC LIMIT 1";
        let rows = self.db.rows("find a position by time", sql, &[&time.as_micros()]).await?;
        Ok(Position(rows.first().map_or(0, |row| row.get::<_, i64>(0).cast_unsigned())))
    }

    pub(crate) async fn batches(&self, before: Option<BatchId>, limit: usize) -> Result<Vec<BatchInfo>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM batch WHERE id < $1 AND state IN (1, 2) ORDER BY id DESC LIMIT $2");
        let before = before.map_or(i64::MAX, |b| i64::try_from(b.0).unwrap_or(i64::MAX));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.db.rows("list batches", &sql, &[&before, &limit]).await?.iter().map(info).collect()
    }

    pub(crate) async fn batch(&self, id: BatchId) -> Result<Option<BatchInfo>, StoreError> {
        let Ok(id) = i64::try_from(id.0) else { return Ok(None) };
        let sql = format!("SELECT {COLUMNS} FROM batch WHERE id = $1");
        self.db.rows("read a batch", &sql, &[&id]).await?.first().map(info).transpose()
    }

    /// The visible batch that holds a position.
    pub(crate) async fn batch_of(&self, position: Position) -> Result<Option<BatchInfo>, StoreError> {
        let Ok(position) = i64::try_from(position.0) else { return Ok(None) };
        let sql = format!(
            "SELECT {COLUMNS} FROM batch WHERE last >= $1 AND last > after AND state IN (1, 2) ORDER BY last LIMIT 1"
        );
        let found = self.db.rows("read a batch", &sql, &[&position]).await?.first().map(info).transpose()?;
        Ok(found.filter(|info| signed(info.after.0) < position))
    }

    pub(crate) async fn begin(
        &self,
        start: &BatchStart,
        undoes: Option<(BatchId, BatchId)>,
    ) -> Result<BatchId, StoreError> {
        let process = self.life()?.register(&self.db).await?;
        self.load_dictionaries().await?;
        #[expect(
            clippy::disallowed_methods,
            reason = "it tells attempts of one call apart, nothing is derived from it"
        )]
        let nonce = uuid::Uuid::new_v4();
        let (target, root) = (undoes.map(|(target, _)| signed(target.0)), undoes.map(|(_, root)| signed(root.0)));
        let (lease, token) = start.fence.as_ref().map(|f| (f.lease.as_str(), signed(f.token))).unzip();
        let (owner, note, began) = (start.owner.as_str(), start.note.as_str(), start.now.as_micros());
        let sql = "INSERT INTO batch (id, nonce, process, fence, token, owner, note, state, began, after, last, count, \
                   undoes, root, swept) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, 0, 0, $9, $10, false)";
        let id = self
            .db
            .transaction("begin a batch", async |tx, is_repeated| {
                if is_repeated
                    && let Some(row) = tx.query("SELECT id FROM batch WHERE nonce = $1", &[&nonce]).await?.first()
                {
                    return number(row, 0);
                }
                check_fence(tx, start.fence.as_ref()).await?;
                let id = take(tx, "batch").await?;
                let row: [&(dyn tokio_postgres::types::ToSql + Sync); 10] =
                    [&signed(id), &nonce, &process, &lease, &token, &owner, &note, &began, &target, &root];
                tx.execute(sql, &row).await?;
                Ok(id)
            })
            .await?;
        let id = BatchId(id);
        self.opens.add(Open {
            id,
            process,
            count: 0,
            fence: start.fence.clone(),
            entries: start.entries.clone(),
            pieces: comity_store::Pieces::default(),
            originals: Vec::new(),
            ids: OpenIds::new(self.life()?.scratch(), self.fingerprinter.key_id()),
            is_over: false,
        });
        Ok(id)
    }

    /// The open batch, held for the caller alone.
    pub(crate) async fn open(&self, batch: BatchId) -> Result<tokio::sync::OwnedMutexGuard<Open>, StoreError> {
        if let Some(open) = self.opens.get(batch) {
            let open = open.lock_owned().await;
            if !open.is_over {
                return Ok(open);
            }
        }
        Err(not_open(batch, self.batch(batch).await?.map(|info| info.state)))
    }

    pub(crate) async fn finish(
        &self,
        batch: BatchId,
        counts: &Counts,
        now: Timestamp,
    ) -> Result<BatchInfo, StoreError> {
        let mut open = self.open(batch).await?;
        open.pieces.end_all();
        let result = self.publish(&open, counts, now, Also::Nothing).await;
        self.closed(&mut open, result).await
    }

    /// Forgets a batch once it is closed for good.
    pub(crate) async fn closed<T>(&self, open: &mut Open, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if result.is_ok() {
            open.is_over = true;
            self.opens.remove(open);
            // The batch is durable, and that is what is said. Reading on is tried again by whoever reads.
            drop(self.refresh().await);
        }
        result
    }

    /// Gives a batch its positions and makes it visible: the head row comes last and is held for two statements.
    pub(crate) async fn publish(
        &self,
        open: &Open,
        counts: &Counts,
        now: Timestamp,
        also: Also<'_>,
    ) -> Result<BatchInfo, StoreError> {
        let id = signed(open.id.0);
        let count = if let Also::Undo(plan) = also { plan.versions() } else { open.count };
        let returning = format!("{CLOSE} RETURNING {COLUMNS}");
        self.db
            .transaction("finish a batch", async |tx, is_repeated| {
                let state = lock(tx, open.id, &open.process).await;
                if is_repeated && let Ok(DONE | UNDONE) = state {
                    return one(tx, open.id).await;
                }
                is_open(open.id, state?)?;
                check_fence(tx, open.fence.as_ref()).await?;
                crate::originals::insert_pieces(tx, open.pieces.ready()).await?;
                match also {
                    Also::Nothing => {}
                    Also::Undo(plan) => plan.mark(tx, open.id).await?,
                    Also::Withdraw(withdrawal) => withdrawal.mark(tx, open.id).await?,
                }
                let Counts { files, objects, added, unchanged, rejected, warnings, values, bytes } = *counts;
                let [files, objects, added, unchanged] = [files, objects, added, unchanged].map(signed);
                let [rejected, warnings, values, bytes] = [rejected, warnings, values, bytes].map(signed);
                let row: [&(dyn tokio_postgres::types::ToSql + Sync); 11] = [
                    &id,
                    &signed(count),
                    &now.as_micros(),
                    &files,
                    &objects,
                    &added,
                    &unchanged,
                    &rejected,
                    &warnings,
                    &values,
                    &bytes,
                ];
                let rows = tx.query(&returning, &row).await?;
                let done = rows.first().map(info).ok_or(StoreError::NoBatch(open.id))??;
                crate::ledger::add(tx, &open.entries).await?;
                self.bell.ring(tx).await?;
                Ok(done)
            })
            .await
    }

    pub(crate) async fn abandon(&self, batch: BatchId) -> Result<(), StoreError> {
        let mut open = self.open(batch).await?;
        let id = signed(batch.0);
        self.db
            .transaction("abandon a batch", async |tx, _| {
                tx.execute("UPDATE batch SET state = 3 WHERE id = $1 AND state = 0", &[&id]).await
            })
            .await?;
        open.is_over = true;
        self.opens.remove(&open);
        self.sweep().await
    }

    /// Takes the rows of void batches away, piece by piece.
    pub(crate) async fn sweep(&self) -> Result<(), StoreError> {
        let sql = "SELECT id, count FROM batch WHERE state = 3 AND NOT swept ORDER BY id LIMIT 100";
        for row in self.db.rows("look for void batches", sql, &[]).await? {
            let (id, count): (i64, i64) = (row.get(0), row.get(1));
            self.sweep_batch(id, count.cast_unsigned()).await?;
        }
        Ok(())
    }

    async fn sweep_batch(&self, batch: i64, count: u64) -> Result<(), StoreError> {
        let mut n = 0;
        while n < count {
            let chunk = crate::run::chunk(batch.cast_unsigned(), n + 1);
            let sql = "DELETE FROM object WHERE chunk = $1 AND batch = $2";
            self.db.transaction("sweep", async |tx, _| tx.execute(sql, &[&chunk, &batch]).await).await?;
            n = crate::run::chunk_end(n + 1);
        }
        let run_chunk = crate::run::chunk(batch.cast_unsigned(), 0);
        let sql = "SELECT id FROM original WHERE batch = $1";
        for original in self.db.rows("look for void originals", sql, &[&batch]).await? {
            let id: i64 = original.get(0);
            let sql = "DELETE FROM original_chunk WHERE original = $1";
            self.db.transaction("sweep", async |tx, _| tx.execute(sql, &[&id]).await).await?;
        }
        self.db
            .transaction("sweep", async |tx, _| {
                tx.execute("DELETE FROM run WHERE chunk = $1 AND batch = $2", &[&run_chunk, &batch]).await?;
                tx.execute("DELETE FROM rejected WHERE batch = $1", &[&batch]).await?;
                tx.execute("UPDATE batch SET swept = true WHERE id = $1", &[&batch]).await
            })
            .await
            .map(drop)
    }
}

/// One batch in any state, as a transaction sees it.
pub(crate) async fn one(tx: &Transaction<'_>, batch: BatchId) -> Result<BatchInfo, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM batch WHERE id = $1");
    let rows = tx.query(&sql, &[&signed(batch.0)]).await?;
    Ok(rows.first().map(info).ok_or(StoreError::NoBatch(batch))??)
}

/// Locks the row of a batch of this process and tells its state.
pub(crate) async fn lock(tx: &Transaction<'_>, batch: BatchId, process: &str) -> Result<i16, Failure> {
    let rows = tx.query("SELECT state, process FROM batch WHERE id = $1 FOR UPDATE", &[&signed(batch.0)]).await?;
    let row = rows.first().ok_or(StoreError::NoBatch(batch))?;
    if row.try_get::<_, &str>(1)? != process {
        return Err(not_open(batch, Some(BatchState::Open)).into());
    }
    Ok(row.try_get(0)?)
}

/// Whether a batch this process believes open still is.
pub(crate) fn is_open(batch: BatchId, state: i16) -> Result<(), StoreError> {
    let why = match state {
        OPEN => return Ok(()),
        VOID => "was given up because its process was not heard of for too long; nothing of it was kept",
        _ => "is not open",
    };
    Err(StoreError::BatchState { batch, why: why.into() })
}

/// Refuses what was begun under a lease that somebody else holds by now; nobody takes it over before the
/// transaction ends.
pub(crate) async fn check_fence(tx: &Transaction<'_>, fence: Option<&Fence>) -> Result<(), Failure> {
    let Some(fence) = fence else { return Ok(()) };
    let sql = "SELECT value FROM setting WHERE key = $1 FOR SHARE";
    let rows = tx.query(sql, &[&lease_key(&fence.lease)]).await?;
    let held: Option<&[u8]> = rows.first().map(|row| row.try_get(0)).transpose()?;
    Ok(fence.holds(held)?)
}

/// Reads the columns of [`COLUMNS`].
pub(crate) fn info(row: &Row) -> Result<BatchInfo, StoreError> {
    let owner: &str = row.get(1);
    let owner =
        OrgName::parse(owner).map_err(|_| StoreError::Damaged(format!("a batch is kept with the owner {owner:?}")))?;
    fields(row, owner).map_err(|_| StoreError::Damaged("a batch does not read back".into()))
}

fn fields(row: &Row, owner: OrgName) -> Result<BatchInfo, Failure> {
    let state = match row.try_get::<_, i16>(3)? {
        OPEN => BatchState::Open,
        DONE => BatchState::Done,
        UNDONE => BatchState::Undone,
        _ => BatchState::Void,
    };
    Ok(BatchInfo {
        id: BatchId(number(row, 0)?),
        owner,
        note: row.try_get(2)?,
        state,
        began: Timestamp::from_micros(row.try_get(4)?),
        finished: row.try_get::<_, Option<i64>>(5)?.map(Timestamp::from_micros),
        after: Position(number(row, 6)?),
        last: Position(number(row, 7)?),
        undone_by: maybe_number(row, 8)?.map(BatchId),
        undoes: maybe_number(row, 9)?.map(BatchId),
        counts: Counts {
            files: number(row, 10)?,
            objects: number(row, 11)?,
            added: number(row, 12)?,
            unchanged: number(row, 13)?,
            rejected: number(row, 14)?,
            warnings: number(row, 15)?,
            values: number(row, 16)?,
            bytes: number(row, 17)?,
        },
    })
}

pub(crate) const COLUMNS: &str = "id, owner, note, state, began, finished, after, last, undone_by, undoes, \
                                  files, objects, added, unchanged, rejected, warnings, \"values\", bytes";
/// The head row and the batch in one statement: the head is locked from here to the commit and no longer. The
/// time is that of [`comity_store::finish_time`]; `%` alone would cut moments before 1970 the wrong way.
const CLOSE: &str = "WITH head AS (UPDATE store SET visible = visible + $2, \
                     finished = greatest(finished - ((finished % 1000) + 1000) % 1000 + 1000, $3) \
                     RETURNING visible, store.finished AS time) \
                     UPDATE batch SET state = 1, after = head.visible - $2, last = head.visible, count = $2, \
                     finished = head.time, files = $4, objects = $5, added = $6, unchanged = $7, rejected = $8, \
                     warnings = $9, \"values\" = $10, bytes = $11 FROM head WHERE id = $1";
