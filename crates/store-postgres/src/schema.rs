use crate::lanes::Transaction;
use comity_crypto::{hex, sha256};
use comity_store::StoreError;

use crate::db::{Db, Failure};

/// One change of the schema. Never change one that was shipped: add the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub(crate) number: u32,
    /// The oldest program, by the newest migration it knows, that can go on working after this one. A change
    /// is made in two releases: first add, while older processes still serve; then, once none is left, remove.
    pub(crate) oldest: u32,
    pub(crate) sql: &'static str,
}

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, oldest: 1, sql: include_str!("schema_1.sql") },
    // An older program would take what withdraws a version for an empty version.
    Migration { number: 2, oldest: 2, sql: include_str!("schema_2.sql") },
    // An older program would leave no trace of what it does.
    Migration { number: 3, oldest: 3, sql: include_str!("schema_3.sql") },
];

/// Brings the schema up to date, or says why it cannot be used. Several processes may call it at once.
pub(crate) async fn migrate(db: &Db, schema: &str, known: &[Migration]) -> Result<(), StoreError> {
    create(db, schema).await?;
    for migration in known {
        db.transaction("migrate", async |tx, _| apply(tx, migration).await).await?;
    }
    check(db, known).await
}

async fn create(db: &Db, schema: &str) -> Result<(), StoreError> {
    db.transaction("make its schema", async |tx, _| {
        // Only who may create schemas can say IF NOT EXISTS, and the ledger of migrations is made once.
        let there = tx.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema]).await?;
        if there.is_empty() {
            tx.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
        }
        let sql = "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'migration'";
        if tx.query(sql, &[&schema]).await?.is_empty() {
            tx.batch_execute(LEDGER).await?;
        }
        Ok(())
    })
    .await
    .or_else(|error| if error.to_string().contains(UNIQUE_VIOLATION) { Ok(()) } else { Err(error) })
}

async fn apply(tx: &Transaction<'_>, migration: &Migration) -> Result<(), Failure> {
    let number = migration.number.cast_signed();
    if !tx.query("SELECT 1 FROM migration WHERE number = $1", &[&number]).await?.is_empty() {
        return Ok(());
    }
    // One process migrates; the others wait here and then find it done. Readers are not held up.
    tx.batch_execute("LOCK TABLE migration IN EXCLUSIVE MODE").await?;
    if !tx.query("SELECT 1 FROM migration WHERE number = $1", &[&number]).await?.is_empty() {
        return Ok(());
    }
    let newer = tx.query("SELECT 1 FROM migration WHERE number > $1", &[&number]).await?;
    if !newer.is_empty() {
        return Err(StoreError::Damaged(format!("its schema lacks migration {}", migration.number)).into());
    }
    tx.batch_execute(migration.sql).await?;
    let sql = "INSERT INTO migration (number, oldest, checksum) VALUES ($1, $2, $3)";
    tx.execute(sql, &[&number, &migration.oldest.cast_signed(), &checksum(migration.sql)]).await?;
    Ok(())
}

/// Refuses a schema whose newest migration shuts this program out, or one whose migrations are not the ones
/// known here. A newer schema that older programs can live with is accepted.
pub(crate) async fn check(db: &Db, known: &[Migration]) -> Result<(), StoreError> {
    let newest = known.last().map_or(0, |migration| migration.number);
    let rows = db.rows("read its schema", "SELECT number, oldest, checksum FROM migration ORDER BY number", &[]).await;
    let rows = rows.map_err(|error| match error {
        StoreError::Engine { source, .. } if source.to_string().contains(NO_TABLE) => {
            StoreError::engine("be opened", "there is no store here; make one with `comity init --store`")
        }
        other => other,
    })?;
    for row in &rows {
        let (number, oldest, kept): (i32, i32, String) = (row.get(0), row.get(1), row.get(2));
        let number = number.cast_unsigned();
        if oldest.cast_unsigned() > newest {
            return Err(StoreError::Newer { found: number, known: newest });
        }
        let ours = known.iter().find(|migration| migration.number == number);
        if ours.is_some_and(|migration| checksum(migration.sql) != kept) {
            return Err(StoreError::Damaged(format!(
                "its schema was not made by migration {number} as this program knows it"
            )));
        }
    }
    if rows.len() < known.len() {
        return Err(StoreError::Damaged("its schema is older than this program; open it for writing once".into()));
    }
    Ok(())
}

fn checksum(text: &str) -> String {
    hex(&sha256(text.as_bytes()))
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS migration \
                      (number int PRIMARY KEY, oldest int NOT NULL, checksum text NOT NULL)";
/// SQLSTATE unique_violation: two processes made the same thing at the same moment.
const UNIQUE_VIOLATION: &str = "(23505)";
/// SQLSTATE undefined_table.
const NO_TABLE: &str = "(42P01)";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use comity_crypto::Fingerprinter;
    use comity_store::conformance::{label, new_version, start, stored};
    use comity_store::{Counts, Found, Store as _};

    use super::*;
    use crate::{Options, PostgresStore};

    const ADDS: Migration = Migration { number: 4, oldest: 3, sql: "ALTER TABLE batch ADD COLUMN mood text" };
    const BREAKS: Migration = Migration { number: 5, oldest: 5, sql: "ALTER TABLE batch ADD COLUMN colour text" };

    fn open(schema: &str, cache: &Path, writes: bool, known: &[Migration]) -> Result<PostgresStore, StoreError> {
        let base = comity_testkit::postgres::shared().unwrap();
        let options = Options::parse(&format!("{base}?schema={schema}"), cache.to_owned()).unwrap();
        PostgresStore::open_as(options, Fingerprinter::new([5; 16]), writes, known)
    }

    #[test]
    fn older_programs_go_on_while_newer_ones_migrate() {
        if comity_testkit::postgres::shared().is_none() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let schema = comity_testkit::postgres::fresh("migrating");
        let cache = |name: &str| folder.path().join(name);
        let (first, second) = (MIGRATIONS, [MIGRATIONS, &[ADDS]].concat());
        let old = open(&schema, &cache("old"), true, first).unwrap();
        let label = label(&old, "org-a", "green");
        let batch = old.begin(&start(1)).unwrap();
        old.append(batch, &[new_version(&old, 1, 1, label, 0)], Found::default()).unwrap();
        assert!(open(&schema, &cache("early"), false, &second).is_err(), "nobody has migrated yet");
        // Several at once: one migrates, the others find it done.
        let newer: Vec<_> = std::thread::scope(|scope| {
            let open = |n: usize| open(&schema, &cache(&format!("new-{n}")), true, &second).unwrap();
            let threads: Vec<_> = (0..3).map(|n| scope.spawn(move || open(n))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        old.append(batch, &[new_version(&old, 2, 1, label, 0)], Found::default()).unwrap();
        let info = old.finish(batch, &Counts::default(), start(1).now).unwrap();
        assert_eq!(newer[0].head().unwrap().visible, info.last);
        stored(&newer[1], 2, &[new_version(&newer[1], 3, 1, label, 0)]);
        drop(open(&schema, &cache("old-again"), true, first).unwrap());
        let newest = open(&schema, &cache("newest"), true, &[first, &[ADDS, BREAKS]].concat()).unwrap();
        assert_eq!(newest.check().unwrap(), Vec::<String>::new());
        let refused = open(&schema, &cache("old-too-late"), true, &second).unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 5, known: 4 }), "{refused}");
        let other = Migration { sql: "SELECT 1", ..ADDS };
        let refused = open(&schema, &cache("other"), true, &[first, &[other, BREAKS]].concat()).unwrap_err();
        assert!(matches!(refused, StoreError::Damaged(_)), "{refused}");
    }
}
