use comity_store::{Change, KeptEntry, Log, NewEntry, Put, StoreError, Written};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::batches::check_fence;
use crate::engine::{Doing as _, Engine, number, signed};
use crate::erase::fold;

impl Engine {
    pub(crate) fn logs(&self) -> Result<Vec<Log>, StoreError> {
        let what = || "read the logs of the ledger".to_owned();
        self.readers.with(|db| {
            let sql = "SELECT log, first, ifnull(lead(first) OVER (ORDER BY log), \
                       (SELECT ifnull(max(number) + 1, 0) FROM ledger)) FROM ledger_log ORDER BY log";
            let mut statement = db.prepare_cached(sql).doing(what)?;
            let read = |row: &rusqlite::Row<'_>| {
                let (log, first, end) = (row.get(0)?, number(row, 1)?, number(row, 2)?);
                Ok(Log { log, first, size: end - first })
            };
            statement.query_map([], read).doing(what)?.collect::<rusqlite::Result<_>>().doing(what)
        })
    }

    pub(crate) fn entries(&self, from: u64, limit: usize, openings: bool) -> Result<Vec<KeptEntry>, StoreError> {
        let what = || format!("read the ledger from entry {from}");
        let logs = self.logs()?;
        let column = if openings { "opening" } else { "x''" };
        let sql = format!("SELECT number, leaf, {column} FROM ledger WHERE number >= ?1 ORDER BY number LIMIT ?2");
        self.readers.with(|db| {
            let mut statement = db.prepare_cached(&sql).doing(what)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let read = |row: &rusqlite::Row<'_>| {
                let at = number(row, 0)?;
                let log = logs.iter().rev().find(|log| log.first <= at).map_or(0, |log| log.log);
                Ok(KeptEntry { number: at, log, leaf: row.get(1)?, opening: row.get(2)? })
            };
            let rows = statement.query_map([signed(from), limit], read).doing(what)?;
            rows.collect::<rusqlite::Result<_>>().doing(what)
        })
    }
}

/// Settings and entries in one transaction.
pub(crate) fn write(db: &mut Connection, change: &Change<'_>) -> Result<Written, StoreError> {
    let what = || match change.puts {
        [] => "add to the ledger".to_owned(),
        [put, ..] => format!("write the setting {:?}", put.key),
    };
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
    check_fence(&tx, change.fence)?;
    let versions = change.puts.iter().map(|put| set(&tx, put)).collect::<Result<_, _>>()?;
    let first = add(&tx, change.entries).doing(what)?;
    tx.commit().doing(what)?;
    Ok(Written { versions, first })
}

fn set(tx: &Transaction<'_>, put: &Put<'_>) -> Result<u64, StoreError> {
    let what = || format!("write the setting {:?}", put.key);
    let sql = "SELECT version FROM setting WHERE key = ?1";
    let mut statement = tx.prepare_cached(sql).doing(what)?;
    let found = statement.query_row([put.key], |row| number(row, 0)).optional().doing(what)?;
    if found != put.expected {
        return Err(StoreError::Changed(put.key.to_owned()));
    }
    let next = found.unwrap_or(0) + 1;
    let sql = "INSERT INTO setting (key, version, value) VALUES (?1, ?2, ?3) \
               ON CONFLICT (key) DO UPDATE SET version = ?2, value = ?3";
    tx.prepare_cached(sql).doing(what)?.execute(params![put.key, signed(next), put.value]).doing(what)?;
    Ok(next)
}

/// Adds entries at the end of the ledger, and says the number of the first.
pub(crate) fn add(tx: &Transaction<'_>, entries: &[NewEntry]) -> rusqlite::Result<u64> {
    let Some(newest) = entries.iter().map(|entry| entry.log).max() else { return Ok(0) };
    let mut next = tx.prepare_cached("SELECT ifnull(max(number) + 1, 0) FROM ledger")?;
    let first = next.query_row([], |row| number(row, 0))?;
    let known: Option<u32> = tx.prepare_cached("SELECT max(log) FROM ledger_log")?.query_row([], |row| row.get(0))?;
    if known.is_none_or(|known| known < newest) {
        // What is written at the turn of the year in one go belongs together.
        tx.execute("INSERT INTO ledger_log (log, first) VALUES (?1, ?2)", params![newest, signed(first)])?;
    }
    let mut insert = tx.prepare_cached("INSERT INTO ledger (number, leaf, opening) VALUES (?1, ?2, ?3)")?;
    for (at, entry) in (first..).zip(entries) {
        insert.execute(params![signed(at), entry.leaf, entry.opening])?;
    }
    Ok(first)
}

/// What was there is overwritten (`secure_delete`), and the write-ahead log is folded in and emptied.
pub(crate) fn set_openings(db: &mut Connection, openings: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
    let what = || "erase from the ledger".to_owned();
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
    for (at, opening) in openings {
        let mut update = tx.prepare_cached("UPDATE ledger SET opening = ?2 WHERE number = ?1").doing(what)?;
        if update.execute(params![signed(*at), opening]).doing(what)? == 0 {
            return Err(StoreError::NoEntry(*at));
        }
    }
    tx.commit().doing(what)?;
    fold(db)
}

/// Takes over entries of another store; those that are there already stay.
pub(crate) fn import(db: &mut Connection, entries: &[KeptEntry]) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for entry in entries {
        let sql = "INSERT OR IGNORE INTO ledger_log (log, first) VALUES (?1, ?2)";
        tx.prepare_cached(sql)?.execute(params![entry.log, signed(entry.number)])?;
        let sql = "INSERT INTO ledger (number, leaf, opening) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (number) DO UPDATE SET opening = ?3";
        tx.prepare_cached(sql)?.execute(params![signed(entry.number), entry.leaf, entry.opening])?;
    }
    tx.commit()
}
