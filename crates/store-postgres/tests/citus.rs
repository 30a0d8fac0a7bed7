//! The suite of the `Store` contract on a server with the Citus extension, with the log spread over its workers
//! as `citus.sql` says. Skipped where the server does not have it; COMITY_TEST_POSTGRES names one that does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use comity_store::Store;
use comity_store::conformance::Subject;
use comity_store_postgres::CITUS;
use common::{Place, first};

/// A schema whose tables are distributed as soon as they are made.
struct Spread(Place);

impl Spread {
    fn new() -> Option<Self> {
        let place = Place::new()?;
        let there = place.sql("SELECT count(*) FROM pg_extension WHERE extname = 'citus'");
        if first(&there) == "0" {
            println!("skipped: the server has no extension citus");
            return None;
        }
        Some(Self(place))
    }
}

impl Subject for Spread {
    fn create(&mut self) -> Arc<dyn Store> {
        drop(self.0.open());
        self.0.sql(CITUS);
        self.0.create()
    }

    fn reopen(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        self.0.reopen(store)
    }

    fn crash(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        self.0.crash(store)
    }

    fn another(&mut self) -> Option<Arc<dyn Store>> {
        self.0.another()
    }

    fn side_by_side(&self) -> bool {
        true
    }
}

comity_store::conformance_tests!(maybe Spread::new());
