use crate::originals::WritePieces as _;
use comity_base::{OrgName, Position, Timestamp};
use comity_store::{BatchId, BatchInfo, BatchStart, BatchState, Counts, Fence, StoreError, finish_time, lease_key};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::engine::{Doing as _, Engine, maybe_number, number, signed};
use crate::writer::{Open, Writer};

pub(crate) const OPEN: i64 = 0;
pub(crate) const DONE: i64 = 1;
pub(crate) const UNDONE: i64 = 2;

impl Engine {
    pub(crate) fn position_at(&self, time: Timestamp) -> Result<Position, StoreError> {
        let what = || format!("find the position at {time}");
        self.readers.with(|db| {
            let mut statement = db
                .prepare_cached(
                    "SELECT last FROM batch WHERE finished <= ?1 AND last > after ORDER BY finished DESC, id DESC LIMIT 1",
                )
                .doing(what)?;
            let found = statement.query_row([time.as_micros()], |row| number(row, 0)).optional().doing(what)?;
            Ok(Position(found.unwrap_or(0)))
        })
    }

    pub(crate) fn batches(&self, before: Option<BatchId>, limit: usize) -> Result<Vec<BatchInfo>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM batch WHERE id < ?1 AND state IN (1, 2) ORDER BY id DESC LIMIT ?2");
        let before = before.map_or(i64::MAX, |b| i64::try_from(b.0).unwrap_or(i64::MAX));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers.with(|db| {
            let what = || "list batches".to_owned();
            let mut statement = db.prepare_cached(&sql).doing(what)?;
            let rows = statement.query_map(params![before, limit], |row| Ok(read(row))).doing(what)?;
            rows.map(|row| row.doing(what)?).collect()
        })
    }

    /// The visible batch that holds a position.
    pub(crate) fn batch_of(&self, position: Position) -> Result<Option<BatchInfo>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM batch WHERE last >= ?1 AND last > after ORDER BY last LIMIT 1");
        let wanted = i64::try_from(position.0).unwrap_or(i64::MAX);
        let found = self.readers.with(|db| one(db, &sql, wanted))?;
        let shown = |info: &BatchInfo| matches!(info.state, BatchState::Done | BatchState::Undone);
        Ok(found.filter(|info| shown(info) && info.after < position))
    }

    pub(crate) fn begin(
        &self,
        writer: &mut Writer,
        start: &BatchStart,
        undoes: Option<(BatchId, BatchId)>,
    ) -> Result<BatchId, StoreError> {
        if let Some(open) = &writer.open {
            return Err(StoreError::BatchState {
                batch: open.id,
                why: "is still open; finish or abandon it first".into(),
            });
        }
        check_fence(&writer.db, start.fence.as_ref())?;
        let what = || "begin a batch".to_owned();
        let last = self.head(&writer.db)?.last.0;
        let row = params![
            start.owner.as_str(),
            start.note,
            start.now.as_micros(),
            signed(last),
            undoes.map(|(target, _)| signed(target.0)),
            undoes.map(|(_, root)| signed(root.0)),
        ];
        let sql = "INSERT INTO batch (owner, note, state, began, after, last, undoes, root) VALUES (?1, ?2, 0, ?3, ?4, ?4, ?5, ?6)";
        writer.db.execute(sql, row).doing(what)?;
        let id = BatchId(writer.db.last_insert_rowid().cast_unsigned());
        writer.open = Some(Open { id, after: last, last, fence: start.fence.clone(), entries: start.entries.clone() });
        Ok(id)
    }

    pub(crate) fn finish(
        &self,
        writer: &mut Writer,
        batch: BatchId,
        counts: &Counts,
        now: Timestamp,
    ) -> Result<BatchInfo, StoreError> {
        let open = writer.open(batch)?;
        // What becomes visible must be found by id at once.
        self.catch_up(&writer.db, open.last)?;
        let what = || format!("finish batch {batch}");
        writer.pieces.end_all();
        let tx = writer.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).doing(what)?;
        check_fence(&tx, open.fence.as_ref())?;
        writer.pieces.write(&tx).doing(what)?;
        close(&tx, &open, counts, now).doing(what)?;
        tx.commit().doing(what)?;
        self.published(writer, &open);
        info(&writer.db, batch)?.ok_or(StoreError::NoBatch(batch))
    }

    /// After the commit that closed a batch.
    pub(crate) fn published(&self, writer: &mut Writer, open: &Open) {
        writer.open = None;
        writer.pieces.clear();
        if let Some(head) = self.head.as_ref().filter(|_| open.last > open.after) {
            head.set_visible(open.last);
        }
    }
}

/// Refuses what was begun under a lease that somebody else holds by now.
pub(crate) fn check_fence(db: &Connection, fence: Option<&Fence>) -> Result<(), StoreError> {
    let Some(fence) = fence else { return Ok(()) };
    let what = || format!("look at the lease {:?}", fence.lease);
    let sql = "SELECT value FROM setting WHERE key = ?1";
    let found: Option<Vec<u8>> =
        db.query_row(sql, [lease_key(&fence.lease)], |row| row.get(0)).optional().doing(what)?;
    fence.holds(found.as_deref())
}

/// Gives up the open batch.
pub(crate) fn abandon(writer: &mut Writer, batch: BatchId) -> Result<(), StoreError> {
    writer.open(batch)?;
    let what = || format!("abandon batch {batch}");
    writer.db.execute("UPDATE batch SET state = 3 WHERE id = ?1", [signed(batch.0)]).doing(what)?;
    writer.open = None;
    writer.pieces.clear();
    sweep(&mut writer.db)
}

/// Voids what a dead process left open, and takes void rows away.
pub(crate) fn recover(db: &mut Connection) -> Result<(), StoreError> {
    db.execute("UPDATE batch SET state = 3 WHERE state = 0", []).doing(|| "void the batches left open".into())?;
    sweep(db)
}

/// Deletes the rows of void batches, piece by piece; their positions stay void for ever.
fn sweep(db: &mut Connection) -> Result<(), StoreError> {
    let what = || "take void rows away".to_owned();
    let mut statement = db.prepare("SELECT id, after, last FROM batch WHERE state = 3 AND swept = 0").doing(what)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
        .doing(what)?;
    let void: Vec<_> = rows.collect::<rusqlite::Result<_>>().doing(what)?;
    drop(statement);
    for (batch, after, last) in void {
        let mut from = after;
        while from < last {
            let to = last.min(from.saturating_add(SWEPT_AT_ONCE));
            db.execute("DELETE FROM object WHERE seq > ?1 AND seq <= ?2", [from, to]).doing(what)?;
            from = to;
        }
        let chunks = "DELETE FROM original_chunk WHERE rowid IN (SELECT c.rowid FROM original_chunk c \
                      JOIN original o ON o.id = c.original WHERE o.batch = ?1 LIMIT 32)";
        while db.execute(chunks, [batch]).doing(what)? > 0 {}
        db.execute("DELETE FROM rejected WHERE batch = ?1", [batch]).doing(what)?;
        db.execute("UPDATE batch SET swept = 1 WHERE id = ?1", [batch]).doing(what)?;
    }
    Ok(())
}

/// Marks a batch as done, in the transaction that makes its positions visible.
pub(crate) fn close(tx: &Transaction<'_>, open: &Open, counts: &Counts, now: Timestamp) -> rusqlite::Result<()> {
    let newest: Option<i64> =
        tx.query_row("SELECT max(finished) FROM batch WHERE finished IS NOT NULL", [], |row| row.get(0))?;
    let finished = finish_time(now, newest.map(Timestamp::from_micros)).as_micros();
    let Counts { files, objects, added, unchanged, rejected, warnings, values, bytes } = *counts;
    let [files, objects, added, unchanged] = [files, objects, added, unchanged].map(signed);
    let [rejected, warnings, values, bytes] = [rejected, warnings, values, bytes].map(signed);
    tx.execute(
        "UPDATE batch SET state = 1, finished = ?2, files = ?3, objects = ?4, added = ?5, unchanged = ?6, rejected = ?7, \
         warnings = ?8, \"values\" = ?9, bytes = ?10 WHERE id = ?1",
        params![signed(open.id.0), finished, files, objects, added, unchanged, rejected, warnings, values, bytes],
    )?;
    if open.last > open.after {
        tx.execute("UPDATE store SET visible = ?1", [signed(open.last)])?;
    }
    crate::ledger::add(tx, &open.entries).map(drop)
}

/// Records in the transaction that a batch has reached a position.
pub(crate) fn advance(tx: &Transaction<'_>, batch: BatchId, last: u64) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE batch SET last = ?2 WHERE id = ?1")?.execute([signed(batch.0), signed(last)])?;
    tx.prepare_cached("UPDATE store SET last = ?1")?.execute([signed(last)])?;
    Ok(())
}

/// One batch in any state.
pub(crate) fn info(db: &Connection, batch: BatchId) -> Result<Option<BatchInfo>, StoreError> {
    let Ok(id) = i64::try_from(batch.0) else { return Ok(None) };
    one(db, &format!("SELECT {COLUMNS} FROM batch WHERE id = ?1"), id)
}

fn one(db: &Connection, sql: &str, parameter: i64) -> Result<Option<BatchInfo>, StoreError> {
    let what = || "read a batch".to_owned();
    let mut statement = db.prepare_cached(sql).doing(what)?;
    statement.query_row([parameter], |row| Ok(read(row))).optional().doing(what)?.transpose()
}

pub(crate) fn read(row: &Row<'_>) -> Result<BatchInfo, StoreError> {
    let what = || "read a batch".to_owned();
    let owner: String = row.get(1).doing(what)?;
    let owner =
        OrgName::parse(&owner).map_err(|_| StoreError::Damaged(format!("a batch is kept with the owner {owner:?}")))?;
    fields(row, owner).doing(what)
}

fn fields(row: &Row<'_>, owner: OrgName) -> rusqlite::Result<BatchInfo> {
    let state = match row.get::<_, i64>(3)? {
        OPEN => BatchState::Open,
        DONE => BatchState::Done,
        UNDONE => BatchState::Undone,
        _ => BatchState::Void,
    };
    Ok(BatchInfo {
        id: BatchId(number(row, 0)?),
        owner,
        note: row.get(2)?,
        state,
        began: Timestamp::from_micros(row.get(4)?),
        finished: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_micros),
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
/// Rows deleted in one transaction.
const SWEPT_AT_ONCE: i64 = 50_000;
