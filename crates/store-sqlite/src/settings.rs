use comity_store::{BatchId, Rejected, StoreError};
use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use crate::engine::{Doing as _, Engine, maybe_number, number, signed};
use crate::erase::fold;
use crate::writer::Writer;

impl Engine {
    pub(crate) fn value(&self, key: &str) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let what = || format!("read the setting {key:?}");
        self.readers.with(|db| {
            let mut statement = db.prepare_cached("SELECT version, value FROM setting WHERE key = ?1").doing(what)?;
            statement.query_row([key], |row| Ok((number(row, 0)?, row.get(1)?))).optional().doing(what)
        })
    }

    pub(crate) fn values(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let what = || format!("read the settings under {prefix:?}");
        self.readers.with(|db| {
            let mut statement =
                db.prepare_cached("SELECT key, value FROM setting WHERE key >= ?1 ORDER BY key").doing(what)?;
            let mut rows = statement.query([prefix]).doing(what)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next().doing(what)? {
                let key: String = row.get(0).doing(what)?;
                if !key.starts_with(prefix) {
                    break;
                }
                found.push((key, row.get(1).doing(what)?));
            }
            Ok(found)
        })
    }

    pub(crate) fn rejected(&self, batch: Option<BatchId>) -> Result<Vec<Rejected>, StoreError> {
        let what = || "list what was set aside".to_owned();
        let filter = if batch.is_some() { "r.batch = ?1" } else { "?1 IS NULL" };
        let sql = format!(
            "SELECT r.batch, r.number, r.file, r.place, r.code, r.reason, r.item, r.repaired_by FROM rejected r \
             JOIN batch b ON b.id = r.batch WHERE {filter} AND b.state IN (1, 2) ORDER BY r.batch, r.number"
        );
        self.readers.with(|db| {
            let mut statement = db.prepare_cached(&sql).doing(what)?;
            let rows = statement.query_map([batch.map(|b| signed(b.0))], read_rejected).doing(what)?;
            rows.collect::<rusqlite::Result<_>>().doing(what)
        })
    }
}

pub(crate) fn reject(writer: &mut Writer, batch: BatchId, rejected: &[Rejected]) -> Result<(), StoreError> {
    writer.open(batch)?;
    let what = || format!("record what batch {batch} set aside");
    let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
    rejected.iter().try_for_each(|item| insert_rejected(&tx, batch, item)).doing(what)?;
    tx.commit().doing(what)
}

pub(crate) fn insert_rejected(db: &rusqlite::Connection, batch: BatchId, item: &Rejected) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO rejected (batch, number, file, place, code, reason, item, repaired_by) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let by = item.repaired_by.map(|by| signed(by.0));
    let (batch, index, offset) = (signed(batch.0), signed(item.index), signed(item.offset));
    let row = params![batch, index, item.file, offset, item.code, item.reason, item.item, by];
    db.prepare_cached(sql)?.execute(row).map(drop)
}

pub(crate) fn mark_repaired(writer: &mut Writer, batch: BatchId, index: u64, by: BatchId) -> Result<(), StoreError> {
    let what = || format!("mark item {index} of batch {batch} as repaired");
    let sql = "UPDATE rejected SET repaired_by = ?3 WHERE batch = ?1 AND number = ?2";
    let changed = writer.db.execute(sql, params![signed(batch.0), signed(index), signed(by.0)]).doing(what)?;
    if changed == 0 { Err(StoreError::NoBatch(batch)) } else { Ok(()) }
}

pub(crate) fn forget_rejected(writer: &mut Writer, batch: BatchId) -> Result<u64, StoreError> {
    let what = || format!("forget what batch {batch} set aside");
    let sql = "UPDATE rejected SET item = x'' WHERE batch = ?1 AND length(item) > 0";
    let changed = writer.db.execute(sql, params![signed(batch.0)]).doing(what)?;
    if changed > 0 {
        fold(&writer.db)?;
    }
    Ok(changed as u64)
}

fn read_rejected(row: &rusqlite::Row<'_>) -> rusqlite::Result<Rejected> {
    Ok(Rejected {
        batch: BatchId(number(row, 0)?),
        index: number(row, 1)?,
        file: row.get(2)?,
        offset: number(row, 3)?,
        code: row.get(4)?,
        reason: row.get(5)?,
        item: row.get(6)?,
        repaired_by: maybe_number(row, 7)?.map(BatchId),
    })
}
