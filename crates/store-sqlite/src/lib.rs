//! The embedded engine: an append-only log in SQLite, and beside it an index from ids to positions.
//!
//! One process writes, on whichever thread calls; any number of threads and other processes read.
//! SQLite keeps everything in arrival order only; what needs random keys is derived and lives in
//! the index, which is caught up from the log at every start and can be deleted at any time.
//!
//! ```
//! use comity_crypto::Fingerprinter;
//! use comity_store::Store as _;
//! use comity_store_sqlite::SqliteStore;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("comity-doc-{}", std::process::id()));
//! let store = SqliteStore::open(&folder, Fingerprinter::new([7; 16]))?;
//! assert_eq!(store.check()?, Vec::<String>::new());
//! # drop(store);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(())
//! # }
//! ```

mod append;
mod batches;
mod check;
mod connect;
mod dictionaries;
mod engine;
mod erase;
mod import;
mod ledger;
mod lock;
mod names;
mod originals;
mod reading;
mod schema;
mod settings;
mod store;
mod undo;
mod withdraw;
mod writer;

pub use connect::Options;
pub use store::SqliteStore;
