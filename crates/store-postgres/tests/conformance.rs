//! The suite of the `Store` contract, run on this engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::Place;

comity_store::conformance_tests!(maybe Place::new());
