//! Seeds that failed once, each with what it found. They always run.

pub(crate) const FAILED_ONCE: &[u64] = &[];
