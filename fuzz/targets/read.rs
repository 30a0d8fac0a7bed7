//! Any input, packed or not: answered within its limits, and every position stands inside what was read.
#![no_main]

use comity_formats::{Flow, Format, Incoming, Notice, Sink, SourceFile, Unreadable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut sink = Checked::default();
    let _ = comity_formats::read("in", &mut &*bytes, &comity_fuzz::context(1 << 12), &mut sink);
    assert!(sink.progress <= bytes.len() as u64);
});

#[derive(Default)]
struct Checked {
    open: bool,
    converted: bool,
    original: u64,
    progress: u64,
}

impl Sink for Checked {
    fn begin(&mut self, file: SourceFile<'_>) -> Flow {
        // An error ends a stream without `end`, and then nothing follows.
        assert!(!self.open);
        self.open = true;
        self.converted = file.format.is_converted();
        self.original = 0;
        assert!(file.format != Format::Stix21 || !self.converted);
        Flow::Continue(())
    }
    fn original(&mut self, bytes: &[u8]) -> Flow {
        assert!(self.open && self.converted);
        self.original += bytes.len() as u64;
        Flow::Continue(())
    }
    fn object(&mut self, object: Incoming<'_>) -> Flow {
        assert!(self.open && !object.raw.is_empty());
        assert!(!self.converted || object.offset <= self.original);
        Flow::Continue(())
    }
    fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
        assert!(self.open && (!self.converted || item.offset <= self.original));
        Flow::Continue(())
    }
    fn notice(&mut self, _notice: Notice) -> Flow {
        assert!(self.open);
        Flow::Continue(())
    }
    fn progress(&mut self, bytes: u64) -> Flow {
        assert!(bytes >= self.progress);
        self.progress = bytes;
        Flow::Continue(())
    }
    fn end(&mut self) -> Flow {
        assert!(self.open);
        self.open = false;
        Flow::Continue(())
    }
}
