use crate::Fence;

/// An entry to be added to the node's ledger. What it says is not the store's business: it keeps the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The log it belongs to: the year. Logs follow each other: an entry for an earlier one than there is already goes
    /// into the newest, and so do all that are added in one go.
    pub log: u32,
    /// What everybody may see and nobody may change: the leaf of the log's tree.
    pub leaf: Vec<u8>,
    /// What only this node knows, and can be erased.
    pub opening: Vec<u8>,
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEntry {
    /// Which entry of the whole store, from 0, dense over all logs.
    pub number: u64,
    /// Its log.
    pub log: u32,
    /// As it was added.
    pub leaf: Vec<u8>,
    /// What is left of its opening; empty where that was not asked for.
    pub opening: Vec<u8>,
}

/// One log of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its year.
    pub log: u32,
    /// The number of its first entry.
    pub first: u64,
    /// How many entries it has.
    pub size: u64,
}

/// A setting to be written when its version is still the expected one; `None`: when it does not exist.
#[derive(Clone, Copy, Debug)]
pub struct Put<'a> {
    /// Its key.
    pub key: &'a str,
    /// The version it must have.
    pub expected: Option<u64>,
    /// What it becomes.
    pub value: &'a [u8],
}

/// Settings and entries of the ledger that become durable together or not at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// Refused once this lease was taken over by somebody else.
    pub fence: Option<&'a Fence>,
    /// The settings, each once.
    pub puts: &'a [Put<'a>],
    /// The entries, in their order.
    pub entries: &'a [NewEntry],
    /// Durable with whatever becomes durable next, instead of now: for what may be forgotten, or is covered by what is
    /// durable already. A killed process keeps it; power lost at that moment may take it.
    pub soon: bool,
    /// Also through a store that was opened for reading, as entries are: for what is kept of whoever reads.
    pub beside: bool,
}

/// What became of a [`Change`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The new version of each setting.
    pub versions: Vec<u64>,
    /// The number of the first entry; of no meaning when there was none.
    pub first: u64,
}
