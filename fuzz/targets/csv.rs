#![no_main]
//! Any bytes as a table: read without panic.

use std::ops::ControlFlow;

use comity_base::{Limits, Timestamp};
use comity_formats::{Context, Dated, Flow, Incoming, Notice, Sink, SourceFile, Unreadable, read};
use comity_stix::value::Values;
use libfuzzer_sys::fuzz_target;

/// Takes everything; every object must be JSON.
struct Sunk;

impl Sink for Sunk {
    fn begin(&mut self, _: SourceFile<'_>) -> Flow {
        ControlFlow::Continue(())
    }

    fn original(&mut self, _: &[u8]) -> Flow {
        ControlFlow::Continue(())
    }

    fn object(&mut self, object: Incoming<'_>) -> Flow {
        serde_json::from_slice::<serde_json::Value>(object.raw).expect("an object is JSON");
        ControlFlow::Continue(())
    }

    fn rejected(&mut self, _: Unreadable<'_>) -> Flow {
        ControlFlow::Continue(())
    }

    fn notice(&mut self, _: Notice) -> Flow {
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: u64) -> Flow {
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> Flow {
        ControlFlow::Continue(())
    }
}

fuzz_target!(|data: &[u8]| {
    let ctx = Context {
        dated: Dated { owner: "fuzz".to_owned(), now: Timestamp::from_micros(1_700_000_000_000_000) },
        limits: Limits { item_bytes: 1 << 20, unfolded_bytes: 16 << 20, ..Limits::default() },
        columns: Vec::new(),
        values: Values::new([0; 32]),
    };
    // The first line makes a table of it, whatever follows.
    let table = [b"type,value,first_seen\nip,1.2.3.4,2026-01-01\n".as_slice(), data].concat();
    let _ = read("table.csv", &mut table.as_slice(), &ctx, &mut Sunk);
});
