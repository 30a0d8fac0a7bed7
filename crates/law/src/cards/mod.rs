//! Rule cards.

use crate::words::words;

words! {
    /// What a red notice alone is in the law of a country.
    RedEffect {
        /// A ground to arrest provisionally.
        ProvisionalArrest "provisional-arrest",
        /// A ground to say where the person is, and no more.
        LocateOnly "locate-only",
        /// Nothing: other papers are needed before anything is done.
        None "none",
        /// Not known here. Nothing coercive follows.
        Unknown "unknown",
    }
}

impl RedEffect {
    /// Whether somebody may be arrested on it.
    pub const fn allows_arrest(self) -> bool {
        matches!(self, Self::ProvisionalArrest)
    }
}
