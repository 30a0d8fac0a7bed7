use std::fmt;
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};

use crate::Body;

macro_rules! number {
    ($name:ident, $inner:ty, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(BatchId, u64, "The number of a batch, from 1.");
number!(LabelId, u32, "The number of an interned label, from 1.");
number!(OriginalId, u64, "The number of a file or stream that versions came from, from 1; 0 means none.");

/// Where the log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last position readers may see.
    pub visible: Position,
    /// The last position given out, to an open batch perhaps.
    pub last: Position,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Here is a version.
    Put,
    /// The version at this position no longer counts.
    Tombstone(Position),
    /// The version at this position counts again.
    Restore(Position),
}

/// A version to append.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The object's id.
    pub id: ObjectId,
    /// Its `modified`; `Timestamp::default()` for objects without one (SCOs, markings).
    pub modified: Timestamp,
    /// Its label; two labels of different owners are different lines of versions.
    pub label: LabelId,
    /// The original it came from; `OriginalId(0)` for none.
    pub source: OriginalId,
    /// Byte offset of the item in that original, after decompression.
    pub offset: u64,
    /// The raw bytes, packed.
    pub body: Body,
}

/// What became of an appended version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Stored.
    Added {
        /// Where.
        position: Position,
        /// Whether rows about the same id, of any owner, stood before it (in this batch too).
        revised: bool,
    },
    /// The same bytes are already there and current under the same label; nothing stored.
    Unchanged(Position),
}

/// A stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Where it stands.
    pub position: Position,
    /// The object it is about.
    pub id: ObjectId,
    /// Its `modified`.
    pub modified: Timestamp,
    /// Its label.
    pub label: LabelId,
    /// What the row says.
    pub op: Op,
    /// The original it came from.
    pub source: OriginalId,
    /// Byte offset in that original.
    pub offset: u64,
    /// The raw bytes exactly as they came in; empty for tombstones, restorations, and where bodies were not asked for.
    pub raw: Arc<[u8]>,
}

/// How a batch begins.
#[derive(Clone, Debug)]
pub struct BatchStart {
    /// Whose data it is.
    pub owner: OrgName,
    /// Why it exists, for people: `ingest report.txt feeds/`, `undo of batch 7`.
    pub note: String,
    /// When it began.
    pub now: Timestamp,
}

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchState {
    /// Being written; invisible.
    Open,
    /// Durable and visible.
    Done,
    /// Taken back by a later batch.
    Undone,
    /// Never finished; its positions are void.
    Void,
}

/// What one batch counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Files or streams read.
    pub files: u64,
    /// Objects read.
    pub objects: u64,
    /// Versions stored.
    pub added: u64,
    /// Objects already there, unchanged.
    pub unchanged: u64,
    /// Items set aside.
    pub rejected: u64,
    /// Warnings given.
    pub warnings: u64,
    /// Values found.
    pub values: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
}

/// One batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchInfo {
    /// Its number.
    pub id: BatchId,
    /// Whose data it is.
    pub owner: OrgName,
    /// Why it exists.
    pub note: String,
    /// Where it stands.
    pub state: BatchState,
    /// When it began.
    pub began: Timestamp,
    /// When it was finished.
    pub finished: Option<Timestamp>,
    /// The last position before it.
    pub after: Position,
    /// Its last position; equal to `after` when it stored nothing.
    pub last: Position,
    /// The batch that took it back.
    pub undone_by: Option<BatchId>,
    /// The batch it takes back.
    pub undoes: Option<BatchId>,
    /// What it counted.
    pub counts: Counts,
}

/// A file or stream that a batch read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Original {
    /// Its number; ignored when adding.
    pub id: OriginalId,
    /// Its name as given: a path inside a folder or archive, or `stdin`.
    pub name: String,
    /// The recognised format: `stix-2.1`, `misp-event`, `csv`, `text` ...
    pub format: String,
    /// SHA-256 of the whole original; zero until sealed or when not kept.
    #[serde(skip)]
    pub sha256: [u8; 32],
    /// Its length in bytes.
    pub bytes: u64,
    /// Whether its bytes are kept (always for formats that are converted).
    pub kept: bool,
}

/// An item that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its batch.
    pub batch: BatchId,
    /// Its number within the batch, from 0.
    pub index: u64,
    /// The file or stream it stood in.
    pub file: String,
    /// Byte position in it, after decompression.
    pub offset: u64,
    /// Finding code: `json-broken`, `id-missing` ...
    pub code: String,
    /// The reason as a plain sentence.
    pub reason: String,
    /// The item itself, cut at 64 KiB.
    #[serde(skip)]
    pub item: Vec<u8>,
    /// The batch that brought it in after repair.
    pub repaired_by: Option<BatchId>,
}

/// What an undo did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The batch that holds the tombstones or restorations.
    pub by: BatchInfo,
    /// How many versions were taken back or restored.
    pub versions: u64,
}
