use std::cell::Cell;

use comity_store::{Change, KeptEntry, Log, NewEntry, StoreError, Written};

use crate::batches::check_fence;
use crate::db::{Failure, number, signed, small};
use crate::engine::Engine;
use crate::lanes::Transaction;
use crate::settings::{clean, put};

impl Engine {
    pub(crate) async fn logs(&self) -> Result<Vec<Log>, StoreError> {
        let sql = "SELECT l.log, l.first, coalesce(lead(l.first) OVER (ORDER BY l.log), h.size) \
                   FROM ledger_log l, ledger_head h ORDER BY l.log";
        let rows = self.db.rows("read the logs of the ledger", sql, &[]).await?;
        let read = |row: &tokio_postgres::Row| {
            let (log, first, end) = (small(row, 0)?, number(row, 1)?, number(row, 2)?);
            Ok(Log { log, first, size: end - first })
        };
        rows.iter().map(read).collect::<Result<_, Failure>>().map_err(|_| damaged())
    }

    pub(crate) async fn entries(&self, from: u64, limit: usize, openings: bool) -> Result<Vec<KeptEntry>, StoreError> {
        let logs = self.logs().await?;
        let column = if openings { "opening" } else { "''::bytea" };
        let sql = format!("SELECT number, leaf, {column} FROM ledger WHERE number >= $1 ORDER BY number LIMIT $2");
        let (from, limit) = (i64::try_from(from).unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = self.db.rows("read the ledger", &sql, &[&from, &limit]).await?;
        let read = |row: &tokio_postgres::Row| {
            let at = number(row, 0)?;
            let log = logs.iter().rev().find(|log| log.first <= at).map_or(0, |log| log.log);
            Ok(KeptEntry { number: at, log, leaf: row.try_get(1)?, opening: row.try_get(2)? })
        };
        rows.iter().map(read).collect::<Result<_, Failure>>().map_err(|_| damaged())
    }

    pub(crate) async fn write(&self, change: &Change<'_>) -> Result<Written, StoreError> {
        // Where the ledger stood when an attempt added to it whose outcome may be unknown.
        let before = Cell::new(None);
        self.db
            .transaction("write settings and the ledger", async |tx, is_repeated| {
                check_fence(tx, change.fence).await?;
                if is_repeated {
                    // In the order in which everybody locks: settings first, the ledger's head last.
                    let mut keys: Vec<String> = change.puts.iter().map(|put| clean(put.key).into_owned()).collect();
                    keys.sort_unstable();
                    tx.query("SELECT 1 FROM setting WHERE key = ANY($1) ORDER BY key FOR UPDATE", &[&keys]).await?;
                }
                if is_repeated && let Some(first) = stands(tx, before.get(), change.entries).await? {
                    let versions = change.puts.iter().map(|put| put.expected.unwrap_or(0) + 1).collect();
                    return Ok(Written { versions, first });
                }
                let mut versions = Vec::new();
                for one in change.puts {
                    let of = (one.expected, one.expected.unwrap_or(0) + 1);
                    versions.push(put(tx, clean(one.key).as_ref(), of, one.value, is_repeated).await?);
                }
                if change.soon {
                    tx.batch_execute("SET LOCAL synchronous_commit TO off").await?;
                }
                let first = add(tx, change.entries).await?;
                before.set(Some(first));
                Ok(Written { versions, first })
            })
            .await
    }

    /// What was there stands in the server's own log and in dead rows until they are reused.
    pub(crate) async fn set_openings(&self, openings: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        self.life()?;
        self.db
            .transaction("erase from the ledger", async |tx, _| {
                for (at, opening) in openings {
                    let sql = "UPDATE ledger SET opening = $2 WHERE number = $1";
                    if tx.execute(sql, &[&signed(*at), opening]).await? == 0 {
                        return Err(StoreError::NoEntry(*at).into());
                    }
                }
                Ok(())
            })
            .await
    }

    /// Takes over entries of another store; those that are there already stay.
    pub(crate) async fn import_entries(&self, entries: &[KeptEntry]) -> Result<(), StoreError> {
        self.db
            .transaction("take over the ledger", async |tx, _| {
                let numbers: Vec<i64> = entries.iter().map(|entry| signed(entry.number)).collect();
                let leaves: Vec<&[u8]> = entries.iter().map(|entry| entry.leaf.as_slice()).collect();
                let openings: Vec<&[u8]> = entries.iter().map(|entry| entry.opening.as_slice()).collect();
                let sql = "INSERT INTO ledger (number, leaf, opening) \
                           SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) \
                           ON CONFLICT (number) DO UPDATE SET opening = excluded.opening";
                tx.execute(sql, &[&numbers, &leaves, &openings]).await?;
                for of in entries.chunk_by(|a, b| a.log == b.log) {
                    let (Some(first), Some(last)) = (of.first(), of.last()) else { continue };
                    let (log, from, to) = (first.log.cast_signed(), signed(first.number), signed(last.number + 1));
                    let sql = "INSERT INTO ledger_log (log, first) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                    tx.execute(sql, &[&log, &from]).await?;
                    let sql = "UPDATE ledger_head SET size = greatest(size, $1), log = greatest(log, $2)";
                    tx.execute(sql, &[&to, &log]).await?;
                }
                Ok(())
            })
            .await
    }
}

/// Adds entries at the end of the ledger, and says the number of the first. Its head is locked from here on: it comes
/// last in every transaction.
pub(crate) async fn add(tx: &Transaction<'_>, entries: &[NewEntry]) -> Result<u64, Failure> {
    let Some(newest) = entries.iter().map(|entry| entry.log).max() else { return Ok(0) };
    let sql = "UPDATE ledger_head SET size = size + $1, log = greatest(log, $2) RETURNING size - $1, log";
    let rows = tx.query(sql, &[&signed(entries.len() as u64), &newest.cast_signed()]).await?;
    let row = rows.first().ok_or_else(damaged)?;
    let (first, log): (i64, i32) = (row.try_get(0)?, row.try_get(1)?);
    let sql = "INSERT INTO ledger_log (log, first) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    tx.execute(sql, &[&log, &first]).await?;
    let leaves: Vec<&[u8]> = entries.iter().map(|entry| entry.leaf.as_slice()).collect();
    let openings: Vec<&[u8]> = entries.iter().map(|entry| entry.opening.as_slice()).collect();
    let sql = "INSERT INTO ledger (number, leaf, opening) SELECT $1 + n - 1, leaf, opening \
               FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS e (leaf, opening, n)";
    tx.execute(sql, &[&first, &leaves, &openings]).await?;
    Ok(first.cast_unsigned())
}

/// Where these entries stand, when an attempt that found the ledger at this size has added them after all.
async fn stands(tx: &Transaction<'_>, before: Option<u64>, entries: &[NewEntry]) -> Result<Option<u64>, Failure> {
    let (Some(before), Some(entry)) = (before, entries.first()) else { return Ok(None) };
    // It may be committing at this very moment: then this waits for it.
    tx.query("SELECT size FROM ledger_head FOR UPDATE", &[]).await?;
    let sql = "SELECT number FROM ledger WHERE number = $1 AND leaf = $2";
    let rows = tx.query(sql, &[&signed(before), &entry.leaf]).await?;
    rows.first().map(|row| number(row, 0)).transpose()
}

fn damaged() -> StoreError {
    StoreError::Damaged("the ledger does not read back".into())
}
