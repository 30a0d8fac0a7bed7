//! The upgrade of STIX 2.0: everything made is JSON and comes from inside the bundle.
#![no_main]

use comity_base::{Limits, Timestamp};
use comity_formats::{Context, Dated, Flow, Incoming, Notice, Sink, SourceFile, Unreadable};
use comity_stix::value::Values;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = [br#"{"type":"bundle","spec_version":"2.0","objects":["#, bytes].concat();
    let mut sink = Checked { text: text.clone(), exact: false };
    let _ = comity_formats::read("in", &mut &*text, &context(), &mut sink);
});

fn context() -> Context {
    let limits =
        Limits { item_bytes: 1 << 12, depth: 32, unfolded_bytes: 1 << 20, unfold_ratio: 100, files: 16, values: 1000 };
    let dated = Dated { owner: "lab-north".to_owned(), now: Timestamp::from_micros(1_793_534_400_000_000) };
    Context { dated, limits, columns: Vec::new(), values: Values::new([7; 32]) }
}

#[derive(Default)]
struct Checked {
    text: Vec<u8>,
    exact: bool,
}

impl Sink for Checked {
    fn begin(&mut self, _file: SourceFile<'_>) -> Flow {
        Flow::Continue(())
    }
    fn original(&mut self, _bytes: &[u8]) -> Flow {
        Flow::Continue(())
    }
    fn object(&mut self, object: Incoming<'_>) -> Flow {
        let from = usize::try_from(object.offset).unwrap();
        if self.exact {
            assert_eq!(self.text.get(from..from + object.raw.len()), Some(object.raw));
        } else {
            assert!(from < self.text.len() && serde_json::from_slice::<serde_json::Value>(object.raw).is_ok());
        }
        Flow::Continue(())
    }
    fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
        assert!(item.offset <= self.text.len() as u64 && !item.reason.is_empty());
        Flow::Continue(())
    }
    fn notice(&mut self, _notice: Notice) -> Flow {
        Flow::Continue(())
    }
    fn progress(&mut self, _bytes: u64) -> Flow {
        Flow::Continue(())
    }
    fn end(&mut self) -> Flow {
        Flow::Continue(())
    }
}
