//! Who may do what, and how they show who they are.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod budget;
mod copy;
mod desk;
#[path = "../drafts/mod.rs"]
mod drafts;
mod encounters;
mod hits;
mod login;
mod need;
mod notices;
mod passkey;
mod provider;
mod redress;
mod rights;
mod search;
mod visibility;
mod world;
