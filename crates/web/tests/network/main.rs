//! The network side of a node over real TLS sockets: the ten rules of its TAXII server, the loops of the clients that
//! read it, what nobody finds out, and what it does with bad input.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod asking;
mod bad_input;
mod collections;
mod common;
#[path = "../../../node/tests/drafts/mod.rs"]
mod drafts;
mod frontline;
mod pages;
mod public;
mod taxii_clients;
mod taxii_rules;
mod visibility;
