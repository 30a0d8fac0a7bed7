use std::sync::atomic::{AtomicU64, Ordering};

use comity_base::Position;
use comity_crypto::Fingerprinter;
use comity_stix::ObjectId;
use comity_store::{Head, Ids, Names, Packer, StoreError, id_key};
use rusqlite::Connection;

use crate::connect::Readers;

/// What readers and the writer share.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Names this store and no other.
    pub(crate) identity: String,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) packer: Packer,
    pub(crate) names: Names,
    pub(crate) ids: Ids,
    pub(crate) readers: Readers,
    /// Set when this process writes: where the log stands, published after each commit.
    pub(crate) head: Option<Published>,
}

#[derive(Debug, Default)]
pub(crate) struct Published {
    visible: AtomicU64,
    last: AtomicU64,
}

impl Published {
    pub(crate) fn read(&self) -> Head {
        // Read in this order, `last` is never behind `visible`.
        let visible = Position(self.visible.load(Ordering::Acquire));
        Head { visible, last: Position(self.last.load(Ordering::Acquire)) }
    }

    pub(crate) fn set_last(&self, last: u64) {
        self.last.fetch_max(last, Ordering::Release);
    }

    pub(crate) fn set_visible(&self, visible: u64) {
        self.visible.fetch_max(visible, Ordering::Release);
    }
}

impl Engine {
    /// Where the log stands, by what this process published or else by the database.
    pub(crate) fn head(&self, db: &Connection) -> Result<Head, StoreError> {
        if let Some(head) = &self.head {
            return Ok(head.read());
        }
        stored_head(db)
    }

    /// The key of an id in the index.
    pub(crate) fn key(&self, id: &ObjectId) -> u64 {
        id_key(&self.fingerprinter, id)
    }
}

/// Where the log stands in the database.
pub(crate) fn stored_head(db: &Connection) -> Result<Head, StoreError> {
    let mut statement = db.prepare_cached("SELECT visible, last FROM store").doing(|| "read its head".into())?;
    let read =
        |row: &rusqlite::Row<'_>| Ok(Head { visible: Position(number(row, 0)?), last: Position(number(row, 1)?) });
    statement.query_row([], read).doing(|| "read its head".into())
}

/// Says what was attempted when SQLite fails.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, StoreError>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, StoreError> {
        self.map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::Full { doing: what() },
            _ => StoreError::engine(what(), error),
        })
    }
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, StoreError> {
        self.map_err(|error| match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full { doing: what() },
            _ => StoreError::engine(what(), error),
        })
    }
}

/// A column that holds a number without sign; SQLite keeps its bits.
pub(crate) fn number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// As [`number`], where the column may be empty.
pub(crate) fn maybe_number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(i64::cast_unsigned))
}

/// A number without sign as SQLite keeps it.
pub(crate) fn signed(number: u64) -> i64 {
    number.cast_signed()
}
