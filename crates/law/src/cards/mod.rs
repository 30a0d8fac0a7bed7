//! Rule cards: versioned, cited facts of countries' laws that decide what may follow from a notice or a hit.

mod card;
#[cfg(test)]
mod tests;

pub use card::{
    Answered, CardError, Cited, MOST_CARDS, OwnerTold, RedNotice, RuleCard, RuleCards, SilentDemand, Telling,
};

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

words! {
    /// What a search is made for.
    SearchPurpose {
        /// Somebody crosses a border.
        BorderCheck "border-check",
        /// Somebody asks for an authorisation to travel.
        TravelAuthorisation "travel-authorisation",
        /// Somebody asks for a visa.
        Visa "visa",
        /// Somebody asks for asylum.
        Asylum "asylum",
        /// A check within the country.
        Check "check",
        /// An investigation.
        Investigation "investigation",
    }
}
