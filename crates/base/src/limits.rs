/// What one reader may cost: every parser of foreign input is given these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one object, attribute set, row or document that is held at once. Default 64 MiB.
    pub item_bytes: usize,
    /// Most levels of nesting in JSON or in a pattern. Default 64.
    pub depth: usize,
    /// Most bytes an archive or compressed stream may unfold to. Default 64 GiB.
    pub unfolded_bytes: u64,
    /// Most times larger than its compressed form a stream may be once past 1 MiB. Default 400.
    pub unfold_ratio: u64,
    /// Most files in one archive. Default 100,000.
    pub files: usize,
    /// Most values taken from one object or document. Default 1,000,000.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            item_bytes: 64 << 20,
            depth: 64,
            unfolded_bytes: 64 << 30,
            unfold_ratio: 400,
            files: 100_000,
            values: 1_000_000,
        }
    }
}

/// The input asks for more than its limit; an ordinary error, not a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limit exceeded: {what} (at most {limit})")]
pub struct LimitExceeded {
    /// What was limited, in words: `nesting levels`, `bytes in one object`.
    pub what: &'static str,
    /// The limit that applied.
    pub limit: u64,
}
