//! Which engine a node's store is kept in, and where a process keeps what it derives.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use comity_crypto::Fingerprinter;
use comity_store::Store;
use comity_store_postgres::{Options, PostgresStore};
use comity_store_sqlite::SqliteStore;

use crate::args::Args;
use crate::config::{Config, EMBEDDED, StoreConfig};
use crate::place::Access;

/// An engine by its address.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) address: String,
    pub(crate) store: StoreConfig,
}

impl Engine {
    /// What the command line says, or else the configuration.
    pub(crate) fn named(args: &Args, config: &Config) -> Self {
        let address = args.store.clone().unwrap_or_else(|| config.store.address.clone());
        Self { address, store: config.store.clone() }
    }

    /// Whether one process writes at a time.
    pub(crate) fn is_embedded(&self) -> bool {
        self.address == EMBEDDED
    }

    /// A folder of one's own below the node's, where several processes use the store at once.
    pub(crate) fn slot(&self, folder: &Path) -> anyhow::Result<Option<Slot>> {
        if self.is_embedded() { Ok(None) } else { Slot::take(&folder.join("derived")).map(Some) }
    }

    /// Opens the store of the node in a folder.
    pub(crate) fn open(
        &self,
        folder: &Path,
        fingerprinter: Fingerprinter,
        derived: &Path,
        access: Access,
    ) -> anyhow::Result<Arc<dyn Store>> {
        if self.is_embedded() {
            return embedded(&folder.join("store"), fingerprinter, access);
        }
        if !self.address.contains("://") {
            bail!(
                "the store address {:?} is neither `{EMBEDDED}` nor like postgres://user@host/database",
                self.address
            );
        }
        let mut options = Options::parse(&self.address, derived.join("store"))?;
        if let Some(password) = self.store.password.clone().or_else(|| std::env::var("PGPASSWORD").ok()) {
            options.password(&password);
        }
        options.connections = self.store.connections;
        options.patience = Duration::from_secs(self.store.patience_seconds);
        options.process = process();
        Ok(match access {
            Access::Write | Access::Settings => Arc::new(PostgresStore::open(options, fingerprinter)?),
            Access::Read => Arc::new(PostgresStore::open_read_only(options, fingerprinter)?),
        })
    }
}

/// Opens an embedded store in its own folder.
pub(crate) fn embedded(folder: &Path, fingerprinter: Fingerprinter, access: Access) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match access {
        Access::Write | Access::Settings => Arc::new(SqliteStore::open(folder, fingerprinter)?),
        Access::Read => Arc::new(SqliteStore::open_read_only(folder, fingerprinter)?),
    })
}

/// This process, for the people who look at the database: `comity ingest, process 7 on host-a`.
pub(crate) fn process() -> String {
    let command = std::env::args().nth(1).unwrap_or_default();
    let host = fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("comity {command}, process {} on {}", std::process::id(), host.trim())
}

/// An address as it may be shown.
pub(crate) fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    match rest.split_once('@') {
        Some((user, place)) => format!("{scheme}://{}@{place}", user.split(':').next().unwrap_or_default()),
        None => address.to_owned(),
    }
}

/// A folder that one process uses at a time: the next one to take it finds the indexes it left.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) folder: PathBuf,
    _lock: File,
}

impl Slot {
    /// The first that nobody uses.
    fn take(derived: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(derived).with_context(|| format!("making the folder {}", derived.display()))?;
        for number in 1..=MOST_SLOTS {
            let folder = derived.join(format!("process-{number}"));
            fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
            let path = folder.join("lock");
            let lock = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
            match lock.try_lock() {
                Ok(()) => return Ok(Self { folder, _lock: lock }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("locking {}", path.display()));
                }
            }
        }
        bail!(
            "{MOST_SLOTS} processes of this node run on this machine already; stop some, or give the new ones a folder of their own with --data"
        )
    }
}

const MOST_SLOTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("postgres://ee:secret@db/x?schema=a"), "postgres://ee@db/x?schema=a");
        assert_eq!(without_password("postgres://ee@db/x"), "postgres://ee@db/x");
        assert_eq!(without_password("./data"), "./data");
    }
}
