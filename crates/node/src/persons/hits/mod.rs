//! Hits of searches: what an officer found, until it is confirmed by whoever asked for the person, refuted, or let go. Nothing that
//! compels follows from one that its owner has not confirmed.

mod asked;
mod deeds;
mod file;
mod tuning;
mod words;

pub use asked::{HitAnswer, HitAsked};
pub use deeds::SearchHitDeed;
pub use file::{SearchHitNo, SearchHitShown};
