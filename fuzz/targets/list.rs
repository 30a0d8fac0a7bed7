#![no_main]
//! Any bytes as a list: read without panic.

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
    let list = [b"1.2.3.4\n".repeat(200).as_slice(), data].concat();
    let _ = read("list.txt", &mut list.as_slice(), &ctx, &mut Sunk);
});
