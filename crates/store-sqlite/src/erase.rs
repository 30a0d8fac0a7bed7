use std::collections::BTreeSet;

use comity_base::Position;
use comity_store::{OriginalId, StoreError};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::engine::{Doing as _, Engine, number, signed};
use crate::withdraw::is_withdrawn;
use crate::writer::Writer;

impl Engine {
    /// What is freed in the database file is overwritten at once (`secure_delete`), and the log beside it is
    /// folded in and emptied.
    pub(crate) fn erase(&self, writer: &mut Writer, positions: &[Position]) -> Result<u64, StoreError> {
        let what = || "erase versions".to_owned();
        let visible = self.head(&writer.db)?.visible;
        for position in positions {
            if !is_withdrawn(&writer.db, *position, visible).doing(what)? {
                return Err(StoreError::NotWithdrawn(*position));
            }
        }
        let (mut erased, mut sources) = (0, BTreeSet::new());
        for part in positions.chunks(AT_ONCE) {
            let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
            erased += empty(&tx, part).doing(what)?;
            for position in part {
                sources.insert(OriginalId(source(&tx, *position).doing(what)?));
            }
            tx.commit().doing(what)?;
        }
        for original in sources.into_iter().filter(|source| *source != OriginalId(0)) {
            if !is_needed(&writer.db, original, visible).doing(what)? {
                drop_original(&mut writer.db, original).doing(what)?;
            }
        }
        fold(&writer.db)?;
        Ok(erased)
    }
}

/// Takes the bodies at these positions away and says how many were there.
pub(crate) fn empty(db: &Connection, positions: &[Position]) -> rusqlite::Result<u64> {
    let mut update =
        db.prepare_cached("UPDATE object SET dict = 0, body = NULL WHERE seq = ?1 AND body IS NOT NULL")?;
    positions.iter().try_fold(0, |sum, position| Ok(sum + update.execute([signed(position.0)])? as u64))
}

/// Takes the bytes of an original away, piece by piece. Killed in between, it is no longer kept, and erasing again
/// takes the rest.
pub(crate) fn drop_original(db: &mut Connection, original: OriginalId) -> rusqlite::Result<()> {
    let id = signed(original.0);
    db.execute("UPDATE original SET kept = 0, sha256 = NULL WHERE id = ?1 AND kept", [id])?;
    let chunks = "DELETE FROM original_chunk WHERE rowid IN \
                  (SELECT rowid FROM original_chunk WHERE original = ?1 LIMIT 32)";
    while db.execute(chunks, [id])? > 0 {}
    Ok(())
}

/// Takes the bytes of originals away where there are any, also such as a process that was killed has left.
pub(crate) fn forget_originals(db: &mut Connection, originals: &[OriginalId]) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for original in originals {
        let what = || format!("forget original {original}");
        let sql = "SELECT kept OR EXISTS (SELECT 1 FROM original_chunk c WHERE c.original = o.id) \
                   FROM original o WHERE id = ?1";
        let there: Option<bool> = db.query_row(sql, [signed(original.0)], |row| row.get(0)).optional().doing(what)?;
        if there == Some(true) {
            drop_original(db, *original).doing(what)?;
            forgotten += 1;
        }
    }
    fold(db)?;
    Ok(forgotten)
}

/// Copies the write-ahead log into the database and empties it: until then it holds what was erased.
///
/// # Errors
/// When somebody goes on reading from it.
pub(crate) fn fold(db: &Connection) -> Result<(), StoreError> {
    let what = || "empty its write-ahead log".to_owned();
    let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).doing(what)?;
    if busy == 0 {
        return Ok(());
    }
    let why = "somebody goes on reading from it, and until it is emptied it holds what was erased; try again";
    Err(StoreError::engine(what(), why))
}

fn source(db: &Connection, position: Position) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT source FROM object WHERE seq = ?1")?.query_row([signed(position.0)], |row| number(row, 0))
}

/// Whether an original holds a version that was not withdrawn.
fn is_needed(db: &Connection, original: OriginalId, visible: Position) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM original o JOIN batch b ON b.id = o.batch JOIN object v ON v.seq > b.after AND v.seq <= b.last \
               WHERE o.id = ?1 AND v.source = ?1 AND v.op IS NULL AND NOT EXISTS \
               (SELECT 1 FROM object w WHERE w.op = 3 AND w.target = v.seq AND w.seq <= ?2) LIMIT 1";
    let found = db.query_row(sql, params![signed(original.0), signed(visible.0)], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

/// Bodies taken away in one transaction.
const AT_ONCE: usize = 20_000;
