//! What the fuzz targets of the readers share: tight limits, and a sink that checks what it is given.

use comity_base::{Limits, Timestamp};
use comity_formats::{Context, Dated, Flow, Format, Incoming, Notice, Sink, SourceFile, Unreadable, read};
use comity_stix::value::Values;

/// Reads a text under the target's limits and checks everything that is made of it.
pub fn read_checked(name: &str, text: &[u8], item_bytes: usize) {
    let mut sink = Checked { text, exact: false };
    // A stream that cannot be read is an ordinary answer.
    let _ = read(name, &mut &*text, &context(item_bytes), &mut sink);
}

/// A reader's context with limits small enough to be reached.
pub fn context(item_bytes: usize) -> Context {
    let limits = Limits { item_bytes, depth: 32, unfolded_bytes: 1 << 20, unfold_ratio: 100, files: 16, values: 1000 };
    let dated = Dated { owner: "lab-north".to_owned(), now: Timestamp::from_micros(1_793_534_400_000_000) };
    Context {
        dated,
        limits,
        objects_only: false,
        columns: Vec::new(),
        values: Values::new([7; 32]),
        pdf: comity_formats::text::pdf_text,
        marked: comity_formats::Marked::default(),
    }
}

struct Checked<'t> {
    text: &'t [u8],
    exact: bool,
}

const GO: Flow = Flow::Continue(());

impl Sink for Checked<'_> {
    fn begin(&mut self, file: SourceFile<'_>) -> Flow {
        self.exact = file.format == Format::Stix21;
        GO
    }

    fn original(&mut self, _: &[u8]) -> Flow {
        GO
    }

    /// Objects that are not converted are exactly the bytes at their offset; others are JSON.
    fn object(&mut self, object: Incoming<'_>) -> Flow {
        let from = usize::try_from(object.offset).unwrap();
        if self.exact {
            assert_eq!(self.text.get(from..from + object.raw.len()), Some(object.raw));
        } else {
            assert!(from <= self.text.len());
            serde_json::from_slice::<serde_json::Value>(object.raw).expect("an object is JSON");
        }
        GO
    }

    fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
        assert!(item.offset <= self.text.len() as u64 && !item.reason.is_empty());
        GO
    }

    fn notice(&mut self, _: Notice) -> Flow {
        GO
    }

    fn progress(&mut self, _: u64) -> Flow {
        GO
    }

    fn end(&mut self) -> Flow {
        GO
    }
}
