use std::borrow::Cow;

use crate::lanes::Transaction;
use comity_store::{BatchId, Rejected, StoreError};
use tokio_postgres::types::ToSql;

use crate::batches::{is_open, lock};
use crate::db::{Failure, maybe_number, number, signed};
use crate::engine::Engine;

impl Engine {
    pub(crate) async fn value(&self, key: &str) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let sql = "SELECT version, value FROM setting WHERE key = $1";
        Ok(self
            .db
            .rows("read a setting", sql, &[&clean(key)])
            .await?
            .first()
            .map(|row| (row.get::<_, i64>(0).cast_unsigned(), row.get(1))))
    }

    pub(crate) async fn values(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        // No character of a key sorts after this one.
        let (from, to) = (clean(prefix), format!("{prefix}\u{10ffff}"));
        let sql = "SELECT key, value FROM setting WHERE key >= $1 AND key < $2 ORDER BY key";
        let rows = self.db.rows("read settings", sql, &[&from, &to]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    pub(crate) async fn rejected(&self, batch: Option<BatchId>) -> Result<Vec<Rejected>, StoreError> {
        let sql = "SELECT r.batch, r.number, r.file, r.place, r.code, r.reason, r.item, r.repaired_by FROM rejected r \
                   JOIN batch b ON b.id = r.batch WHERE ($1::bigint IS NULL OR r.batch = $1) AND b.state IN (1, 2) \
                   ORDER BY r.batch, r.number";
        let rows = self.db.rows("list what was set aside", sql, &[&batch.map(|b| signed(b.0))]).await?;
        let read = rows.iter().map(read_rejected).collect::<Result<_, _>>();
        read.map_err(|_| StoreError::Damaged("an item that was set aside does not read back".into()))
    }

    pub(crate) async fn reject(&self, batch: BatchId, rejected: &[Rejected]) -> Result<(), StoreError> {
        let open = self.open(batch).await?;
        self.db
            .transaction("record what was set aside", async |tx, _| {
                is_open(open.id, lock(tx, open.id, &open.process).await?)?;
                insert_rejected(tx, Some(batch), rejected).await
            })
            .await
    }

    pub(crate) async fn mark_repaired(&self, batch: BatchId, index: u64, by: BatchId) -> Result<(), StoreError> {
        let sql = "UPDATE rejected SET repaired_by = $3 WHERE batch = $1 AND number = $2";
        let row = (signed(batch.0), signed(index), signed(by.0));
        let changed = self
            .db
            .transaction("mark an item as repaired", async |tx, _| tx.execute(sql, &[&row.0, &row.1, &row.2]).await)
            .await?;
        if changed == 0 { Err(StoreError::NoBatch(batch)) } else { Ok(()) }
    }

    pub(crate) async fn forget_rejected(&self, batch: BatchId) -> Result<u64, StoreError> {
        let sql = "UPDATE rejected SET item = '' WHERE batch = $1 AND length(item) > 0";
        let batch = signed(batch.0);
        self.db.transaction("forget what was set aside", async |tx, _| tx.execute(sql, &[&batch]).await).await
    }
}

/// Writes a setting whose version is still the expected one.
pub(crate) async fn put(
    tx: &Transaction<'_>,
    key: &str,
    (expected, next): (Option<u64>, u64),
    value: &[u8],
    is_repeated: bool,
) -> Result<u64, Failure> {
    let rows = tx.query("SELECT version, value FROM setting WHERE key = $1 FOR UPDATE", &[&key]).await?;
    let found = rows.first().map(|row| number(row, 0)).transpose()?;
    if found != expected {
        // An attempt whose answer was lost has written just this.
        let same = rows.first().map(|row| row.try_get::<_, &[u8]>(1)).transpose()? == Some(value);
        if is_repeated && found == Some(next) && same {
            return Ok(next);
        }
        return Err(StoreError::Changed(key.to_owned()).into());
    }
    let changed = if expected.is_some() {
        let sql = "UPDATE setting SET version = $2, value = $3 WHERE key = $1";
        tx.execute(sql, &[&key, &signed(next), &value]).await?
    } else {
        let sql = "INSERT INTO setting (key, version, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        tx.execute(sql, &[&key, &signed(next), &value]).await?
    };
    // Somebody else made it at the same moment.
    if changed == 0 { Err(StoreError::Changed(key.to_owned()).into()) } else { Ok(next) }
}

/// Inserts items; those that are there already stay. `batch` names them all, or each its own.
pub(crate) async fn insert_rejected(
    tx: &Transaction<'_>,
    batch: Option<BatchId>,
    rejected: &[Rejected],
) -> Result<(), Failure> {
    let sql = "INSERT INTO rejected (batch, number, file, place, code, reason, item, repaired_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    for item in rejected {
        let (number, place) = (signed(item.index), signed(item.offset));
        let (of, by) = (signed(batch.unwrap_or(item.batch).0), item.repaired_by.map(|by| signed(by.0)));
        let (file, code, reason) = (clean(&item.file), clean(&item.code), clean(&item.reason));
        let row: [&(dyn ToSql + Sync); 8] = [&of, &number, &file, &place, &code, &reason, &item.item, &by];
        tx.execute(sql, &row).await?;
    }
    Ok(())
}

/// Text as a column takes it: without the character NUL.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

fn read_rejected(row: &tokio_postgres::Row) -> Result<Rejected, Failure> {
    Ok(Rejected {
        batch: BatchId(number(row, 0)?),
        index: number(row, 1)?,
        file: row.try_get(2)?,
        offset: number(row, 3)?,
        code: row.try_get(4)?,
        reason: row.try_get(5)?,
        item: row.try_get(6)?,
        repaired_by: maybe_number(row, 7)?.map(BatchId),
    })
}
