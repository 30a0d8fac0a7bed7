use std::fmt;
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};

use crate::{Body, KeptEntry, NewEntry};

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
    /// The version at this position no longer counts, finally: no undo brings it back. The same object put in
    /// again is a new version and counts.
    Withdraw(Position),
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

/// Where a version stands, as far as it can be said while its batch is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At this position.
    At(Position),
    /// The n-th version of the open batch, from 1: its position is [`BatchInfo::after`] plus n once the
    /// batch is finished. Engines that keep several batches open give positions only then.
    Here(u64),
}

impl Place {
    /// The position, given the last one before the batch.
    #[must_use]
    pub fn position(self, after: Position) -> Position {
        match self {
            Self::At(position) => position,
            Self::Here(n) => Position(after.0 + n),
        }
    }
}

/// What became of an appended version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Stored.
    Added {
        /// Where.
        place: Place,
        /// Whether rows about the same id, of any owner, stood before it (in this batch too).
        revised: bool,
    },
    /// The same bytes are already there and current under the same label; nothing stored.
    Unchanged(Place),
}

/// What the caller read in the versions of one append, as keyed fingerprints. An engine whose log several
/// processes follow keeps it beside the versions, so that none of the others has to read them again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// Names how and under which key it was read; 0 means that nothing was.
    pub reading: u64,
    /// (index of the version in the call, fingerprint of a value), in order of versions.
    pub values: &'a [(u32, u64)],
    /// (index of the version in the call, fingerprint of an id it refers to), in order of versions.
    pub references: &'a [(u32, u64)],
}

/// A piece of the log as a follower needs it: see [`crate::Store::traces`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Everything visible up to here is told.
    pub up_to: Position,
    /// The rows, in order.
    pub rows: Vec<Trace>,
    /// (fingerprint, position) of every value, in order of positions.
    pub values: Vec<(u64, Position)>,
    /// (fingerprint, position) of every reference, in order of positions.
    pub references: Vec<(u64, Position)>,
    /// Whether values and references are told. When not, they were kept by another reading: read the bodies.
    pub is_read: bool,
}

/// One row as a follower needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where it stands.
    pub position: Position,
    /// Its label.
    pub label: LabelId,
    /// What it says.
    pub op: Op,
    /// Whether no other version about the same id stands in the log; what is current then needs no look at others.
    pub alone: bool,
}

/// The right to do single-run work, as proof: see [`crate::Tenure`]. What is done under it is refused once
/// somebody else has taken the lease over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The lease's name.
    pub lease: String,
    /// The fencing token under which it is held.
    pub token: u64,
}

/// What one kind of transaction did since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransactionMetrics {
    /// Its name.
    pub name: &'static str,
    /// How often it succeeded.
    pub done: u64,
    /// How often it failed in the end.
    pub failed: u64,
    /// How often an attempt was repeated.
    pub repeated: u64,
    /// Microseconds in all, repetitions and pauses included.
    pub micros: u64,
    /// Microseconds of the longest.
    pub longest_micros: u64,
}

/// A batch as it is moved from one store to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRecord {
    /// The batch, in any state but open.
    pub info: BatchInfo,
    /// For an undo batch, the batch whose versions it takes back or restores.
    pub root: Option<BatchId>,
    /// Whether its rows withdraw versions; see [`crate::Store::withdraw`].
    pub withdraws: bool,
}

/// What is moved from one store into another that was empty; see [`crate::Store::import`].
#[derive(Clone, Debug)]
pub enum Piece<'a> {
    /// Interned labels.
    Labels(&'a [(LabelId, Arc<str>)]),
    /// Rows of a batch, with what was read in them (indexes count the rows given).
    Versions(&'a BatchRecord, &'a [Version], Found<'a>),
    /// An original of a batch, without content.
    Original(BatchId, &'a Original),
    /// The next bytes of an original: the piece's number from 0, at most [`Piece::ORIGINAL_BYTES`].
    OriginalBytes(OriginalId, u32, &'a [u8]),
    /// Items set aside.
    Rejected(&'a [Rejected]),
    /// A batch all of whose parts were given.
    Batch(&'a BatchRecord),
    /// Entries of the ledger, in their order.
    Entries(&'a [KeptEntry]),
    /// A setting.
    Setting(&'a str, &'a [u8]),
    /// Where the log stands: the end of the move.
    Head(Head),
    /// Positions whose bodies were erased in the other store after they were copied; given after [`Piece::Head`].
    Erased(&'a [Position]),
}

impl Piece<'_> {
    /// Bytes of one piece of an original; all but the last have exactly so many.
    pub const ORIGINAL_BYTES: usize = 1 << 20;
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
    /// The raw bytes exactly as they came in; empty for tombstones, restorations and withdrawals, for a body that
    /// was erased, and where bodies were not asked for.
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
    /// The lease under which it is written, for single-run work; checked again when it is finished.
    pub fence: Option<Fence>,
    /// What the ledger is told when it is finished; more can be added with [`crate::Store::note`].
    pub entries: Vec<NewEntry>,
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

/// What an undo or a withdrawal did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The batch that holds the tombstones, restorations or withdrawals.
    pub by: BatchInfo,
    /// How many versions were taken back, restored or withdrawn.
    pub versions: u64,
}

/// When a batch is finished, given when the newest of the earlier ones was: now, but at least in the next
/// millisecond; see [`crate::Store::finish`].
#[must_use]
pub fn finish_time(now: Timestamp, newest: Option<Timestamp>) -> Timestamp {
    let next = |newest: Timestamp| newest.as_micros().div_euclid(MILLI).saturating_add(1).saturating_mul(MILLI);
    newest.map_or(now, |newest| now.max(Timestamp::from_micros(next(newest))))
}

/// Microseconds of a millisecond.
const MILLI: i64 = 1_000;
