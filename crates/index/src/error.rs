use std::{
    io,
    path::{Path, PathBuf},
};

use comity_base::Position;
use thiserror::Error;

/// Why an index or a column could not be opened, read or written.
///
/// None of these loses anything: what an index holds is derived, and its owner can rebuild it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The operating system refused.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// The file or folder concerned.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// An entry lies after the end of the batch it came in; nothing of the batch was applied.
    #[error("position {position} lies after {up_to}, the end of its batch")]
    AfterBatch {
        /// The position of the entry.
        position: Position,
        /// The end of the batch.
        up_to: Position,
    },
    /// A position is 2^63 or more, which an index cannot hold; nothing of the batch was applied.
    #[error("position {0} is too large for an index")]
    PositionTooLarge(Position),
    /// The part in memory cannot take the batch; part of it may have been applied. Clear the index and rebuild it.
    #[error("the part of the index in memory is full; clear the index and rebuild it")]
    DeltaFull,
    /// A segment could not be written in the background; what it holds is still readable from memory.
    #[error("the index could not be written: {reason}; free space or repair the disk, then try again")]
    Background {
        /// What went wrong, as text, since several callers may be told.
        reason: String,
    },
    /// A segment does not match its checksum. Clear the index and rebuild it.
    #[error("the index segment {} is damaged; clear the index and rebuild it", path.display())]
    Damaged {
        /// The damaged file.
        path: PathBuf,
    },
    /// The index or the column was opened for reading only.
    #[error("{} was opened for reading only", path.display())]
    ReadOnly {
        /// The folder or file.
        path: PathBuf,
    },
    /// The index was closed while it was being written; nothing is half done.
    #[error("the index was closed while it was being written")]
    Closed,
}

impl IndexError {
    /// For `map_err`: names what was attempted on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}
