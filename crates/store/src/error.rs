use comity_base::Position;

use crate::{BatchId, OriginalId};

/// A store operation failed; nothing of it was kept unless the text says so.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine reported a failure.
    #[error("the store could not {doing}: {source}")]
    Engine {
        /// What was attempted, as in "append to batch 7".
        doing: String,
        /// What the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another process holds the store for writing.
    #[error("another process is writing to this store ({holder}); wait for it or stop it")]
    Busy {
        /// Who holds it, as far as known.
        holder: String,
    },
    /// The store was made by a newer version of the program.
    #[error("this store has schema {found}, this program knows up to {known}; use a newer program")]
    Newer {
        /// The schema found.
        found: u32,
        /// The newest one known.
        known: u32,
    },
    /// There is no such batch.
    #[error("there is no batch {0}; list them with `comity batches`")]
    NoBatch(BatchId),
    /// There is no such original, or none that is visible.
    #[error("there is no kept original {0}")]
    NoOriginal(OriginalId),
    /// No visible version stands there: nothing at all, or a row that says something about another version.
    #[error("there is no version at position {0}")]
    NoVersion(Position),
    /// The ledger has no such entry.
    #[error("the ledger has no entry {0}")]
    NoEntry(u64),
    /// Only what was withdrawn may be erased.
    #[error(
        "the version at position {0} was not withdrawn, and only withdrawn versions are erased; nothing was erased"
    )]
    NotWithdrawn(Position),
    /// The batch is not in a state that allows this.
    #[error("batch {batch} {why}")]
    BatchState {
        /// The batch.
        batch: BatchId,
        /// Why not, as a sentence's rest: "is already undone by batch 9".
        why: String,
    },
    /// The lease under which this was done belongs to somebody else by now.
    #[error("the lease {lease:?} was taken over in the meantime; nothing was kept of what was done under it")]
    Fenced {
        /// The lease's name.
        lease: String,
    },
    /// The store cannot be reached. What was acknowledged is kept; whatever was under way is not.
    #[error("the store cannot be reached ({reason}); check that it runs and its address is right, then try again")]
    Unreachable {
        /// What was tried and what came back.
        reason: String,
    },
    /// A setting changed since it was read.
    #[error("the setting {0:?} was changed by someone else in the meantime; read it again")]
    Changed(String),
    /// The disk, or the size the store is allowed, is used up.
    #[error(
        "the store could not {doing}: the disk or the allowed size is full; what was acknowledged is kept: free space and try again"
    )]
    Full {
        /// What was attempted.
        doing: String,
    },
    /// The store was opened for reading only.
    #[error("this store was opened for reading only")]
    ReadOnly,
    /// Stored data does not read back.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
}

impl StoreError {
    /// Wraps an engine's own error with what was attempted.
    pub fn engine(doing: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Engine { doing: doing.into(), source: source.into() }
    }
}
