use std::fmt;

use serde::{Deserialize, Serialize};

/// The place of one version in the node's log: 1 is the first, 0 is before everything.
///
/// Positions are dense and only grow; a position is never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// Before the first version.
    pub const START: Self = Self(0);
    /// After every version that can ever be stored.
    pub const END: Self = Self(u64::MAX);

    /// The position right after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
