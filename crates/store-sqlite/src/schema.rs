use comity_crypto::{hex, sha256};
use comity_store::StoreError;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::engine::Doing as _;

/// Brings the schema up to date, or says why it cannot be used.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    db.execute_batch(LEDGER).doing(|| "read its schema".into())?;
    check(db)?;
    let applied = newest(db)?;
    for (number, text) in MIGRATIONS.iter().filter(|(number, _)| *number > applied) {
        let what = || format!("apply migration {number}");
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
        tx.execute_batch(text).doing(what)?;
        tx.execute("INSERT INTO migration (number, checksum) VALUES (?1, ?2)", params![number, checksum(text)])
            .doing(what)?;
        tx.commit().doing(what)?;
    }
    Ok(())
}

/// Refuses a store made by a newer program, or one whose migrations are not the ones known here.
pub(crate) fn check(db: &Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |(number, _)| *number);
    let found = newest(db)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, text) in MIGRATIONS.iter().take_while(|(number, _)| *number <= found) {
        let kept: Option<String> = db
            .query_row("SELECT checksum FROM migration WHERE number = ?1", [number], |row| row.get(0))
            .optional()
            .doing(|| "read its schema".into())?;
        if kept.as_deref() != Some(&*checksum(text)) {
            return Err(StoreError::Damaged(format!(
                "its schema was not made by migration {number} as this program knows it"
            )));
        }
    }
    Ok(())
}

fn newest(db: &Connection) -> Result<u32, StoreError> {
    db.query_row("SELECT ifnull(max(number), 0) FROM migration", [], |row| row.get(0))
        .doing(|| "read its schema".into())
}

fn checksum(text: &str) -> String {
    hex(&sha256(text.as_bytes()))
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT";

/// Never change one that was shipped: add the next.
const MIGRATIONS: &[(u32, &str)] =
    &[(1, include_str!("schema_1.sql")), (2, include_str!("schema_2.sql")), (3, include_str!("schema_3.sql"))];

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        db
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut db = fresh();
        migrate(&mut db).unwrap();
        assert_eq!(newest(&db).unwrap(), 3);
    }

    #[test]
    fn a_newer_store_is_refused() {
        let mut db = fresh();
        db.execute("INSERT INTO migration VALUES (9, 'x')", []).unwrap();
        assert!(matches!(migrate(&mut db), Err(StoreError::Newer { found: 9, known: 3 })));
    }

    #[test]
    fn a_migration_that_is_not_ours_is_refused() {
        let mut db = fresh();
        db.execute("UPDATE migration SET checksum = 'x'", []).unwrap();
        assert!(matches!(migrate(&mut db), Err(StoreError::Damaged(_))));
    }
}
