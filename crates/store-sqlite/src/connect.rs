use std::path::{Path, PathBuf};
use std::time::Duration;

use comity_store::StoreError;
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

use crate::engine::Doing as _;

/// How a store is opened; the defaults are the measured ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of a database page, a power of two from 512 to 65536; it counts only when the store is
    /// created. Default 8192. Larger pages read more than needed for one object, smaller ones waste their ends.
    pub page_bytes: u32,
    /// Bytes of write-ahead log before it is copied into the database file. Default 256 MiB. Less
    /// writes pages more often, more makes the next start after a crash slower.
    pub log_bytes: u64,
    /// Most bytes the database file may grow to; writes beyond it fail with [`StoreError::Full`] and
    /// succeed again with a higher limit. Default none.
    pub max_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { page_bytes: 8_192, log_bytes: 256 << 20, max_bytes: None }
    }
}

/// The one connection that writes.
pub(crate) fn writer(file: &Path, options: Options) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let what = || format!("open {}", file.display());
    let db = Connection::open_with_flags(file, flags).doing(what)?;
    common(&db).doing(what)?;
    // Takes effect on an empty database only, and only before the log is switched on.
    db.pragma_update(None, "page_size", options.page_bytes).doing(what)?;
    db.pragma_update(None, "journal_mode", "WAL").doing(what)?;
    db.pragma_update(None, "synchronous", "FULL").doing(what)?;
    db.pragma_update(None, "cache_size", -65_536).doing(what)?;
    // What is deleted or erased is overwritten. A log that only grows pays nothing for it.
    db.pragma_update(None, "secure_delete", true).doing(what)?;
    let page: u64 = db.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0)).doing(what)?.cast_unsigned();
    let pages = options.log_bytes / page.max(1);
    db.pragma_update(None, "wal_autocheckpoint", i64::try_from(pages.max(1)).unwrap_or(i64::MAX)).doing(what)?;
    db.pragma_update(None, "journal_size_limit", i64::try_from(options.log_bytes).unwrap_or(i64::MAX)).doing(what)?;
    limit(&db, options.max_bytes)?;
    Ok(db)
}

/// Sets the most bytes the database file may have; `None` lifts the limit.
pub(crate) fn limit(db: &Connection, max_bytes: Option<u64>) -> Result<(), StoreError> {
    let what = || "set its size limit".to_owned();
    let page: u64 = db.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0)).doing(what)?.cast_unsigned();
    let pages = max_bytes.map_or(MOST_PAGES, |bytes| (bytes / page.max(1)).clamp(1, MOST_PAGES));
    let pages = i64::try_from(pages).unwrap_or(i64::MAX);
    // This pragma answers with the limit now in force, at least the present size.
    db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).doing(what)
}

fn reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let what = || format!("open {}", file.display());
    let db = Connection::open_with_flags(file, flags).doing(what)?;
    common(&db).doing(what)?;
    db.pragma_update(None, "cache_size", -4_096).doing(what)?;
    Ok(db)
}

fn common(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::from_secs(30))?;
    db.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// A connection that adds to the ledger beside a process that writes everything else. They take turns by the database's
/// own lock, each for one short transaction.
#[derive(Debug)]
pub(crate) struct Recorder {
    file: PathBuf,
    db: Mutex<Option<Connection>>,
}

impl Recorder {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, db: Mutex::default() }
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut db = self.db.lock();
        if db.is_none() {
            *db = Some(recorder(&self.file)?);
        }
        db.as_mut().map_or(Err(StoreError::ReadOnly), work)
    }
}

fn recorder(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let what = || format!("open {} to put on record who reads", file.display());
    let db = Connection::open_with_flags(file, flags).doing(what)?;
    common(&db).doing(what)?;
    db.pragma_update(None, "synchronous", "FULL").doing(what)?;
    db.pragma_update(None, "secure_delete", true).doing(what)?;
    // Whoever writes everything else copies the log into the database; a question does not wait for that.
    db.pragma_update(None, "wal_autocheckpoint", 0).doing(what)?;
    Ok(db)
}

/// Copies a database as it stands at one moment.
pub(crate) fn snapshot(file: &Path, to: &Path) -> Result<(), StoreError> {
    let what = || format!("copy {} into {}", file.display(), to.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags).doing(what)?;
    common(&db).doing(what)?;
    db.execute("VACUUM INTO ?1", [to.to_string_lossy()]).doing(what)?;
    std::fs::File::open(to).and_then(|copy| copy.sync_all()).map_err(|error| StoreError::engine(what(), error))
}

/// Connections for reading, lent one call at a time.
#[derive(Debug)]
pub(crate) struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, idle: Mutex::default() }
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.idle.lock().pop();
        let db = idle.map_or_else(|| reader(&self.file), Ok)?;
        let result = work(&db);
        let mut idle = self.idle.lock();
        if idle.len() < IDLE_READERS {
            idle.push(db);
        }
        result
    }
}

const IDLE_READERS: usize = 8;
/// SQLite maps at most about 2 GiB however much is asked for.
const MAPPED_BYTES: i64 = 2 << 30;
const MOST_PAGES: u64 = 4_294_967_294;
