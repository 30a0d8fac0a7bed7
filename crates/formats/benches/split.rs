//! How fast a STIX stream is cut into its objects. Prints one JSON line per figure.

use std::hint::black_box;
use std::io::Read;
use std::time::Instant;

use comity_base::{Limits, Timestamp};
use comity_formats::{Context, Dated, Flow, Incoming, Notice, Sink, SourceFile, Unreadable};
use comity_stix::value::Values;

fn main() {
    let object = object();
    for (figure, lines) in [("split", false), ("split-lines", true)] {
        let mut best = f64::INFINITY;
        let (mut bytes, mut objects) = (0u64, 0u64);
        for _ in 0..3 {
            let mut sink = Counting::default();
            let mut input = Stream::new(&object, 400_000, lines);
            let start = Instant::now();
            let flow = comity_formats::read("bench", &mut input, &context(), &mut sink);
            assert!(flow.is_ok_and(|flow| flow.is_continue()), "the made stream is well formed");
            best = best.min(start.elapsed().as_secs_f64());
            (bytes, objects) = (sink.progress, sink.objects);
        }
        let speed = bytes as f64 / 1e6 / best;
        println!(r#"{{"figure":"{figure}","value":{speed:.1},"unit":"MB/s","target":1000,"better":"higher"}}"#);
        eprintln!("{figure}: {objects} objects, {bytes} bytes, {:.0} ns each", best * 1e9 / objects as f64);
    }
}

/// An indicator of usual size and make.
fn object() -> String {
    let id = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
    let hash = "ab".repeat(32);
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{id}","created_by_ref":"identity--{id}","created":"2026-05-01T10:00:00.000Z","modified":"2026-05-01T10:00:00.000Z","name":"Loader \"x\" seen in campaign","description":"Dropped by the second stage; connects to the address in the same report.","indicator_types":["malicious-activity"],"pattern":"[file:hashes.'SHA-256' = '{hash}' AND file:name = 'C:\\\\temp\\\\a.exe']","pattern_type":"stix","valid_from":"2026-05-01T10:00:00Z","labels":["misp:type=\"sha256\""],"confidence":70,"external_references":[{{"source_name":"report","url":"https://example.com/reports/1"}}],"object_marking_refs":["marking-definition--{id}"]}}"#
    )
}

fn context() -> Context {
    let dated = Dated { owner: "lab-north".to_owned(), now: Timestamp::default() };
    Context {
        dated,
        limits: Limits::default(),
        objects_only: false,
        columns: Vec::new(),
        values: Values::new([0; 32]),
        pdf: comity_formats::text::pdf_text,
        marked: comity_formats::Marked::default(),
    }
}

/// A bundle, or objects one a line, made while it is read.
struct Stream {
    block: Vec<u8>,
    /// Bytes of the block still to give, and how often it comes again.
    at: usize,
    again: usize,
    head: &'static [u8],
    tail: &'static [u8],
}

impl Stream {
    fn new(object: &str, count: usize, lines: bool) -> Self {
        let block = format!("{object}{}", if lines { "\n" } else { "," }).repeat(1000).into_bytes();
        let head: &[u8] = if lines { b"" } else { br#"{"type":"bundle","id":"bundle--1","objects":["# };
        Self { block, at: 0, again: count / 1000, head, tail: if lines { b"" } else { b"]}" } }
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(out);
        }
        if self.again == 0 {
            return self.tail.read(out);
        }
        let count = self.block.get(self.at..).unwrap_or_default().read(out)?;
        self.at += count;
        if self.at == self.block.len() {
            self.at = 0;
            self.again -= 1;
        }
        Ok(count)
    }
}

#[derive(Default)]
struct Counting {
    objects: u64,
    progress: u64,
}

impl Sink for Counting {
    fn begin(&mut self, _file: SourceFile<'_>) -> Flow {
        Flow::Continue(())
    }
    fn original(&mut self, _bytes: &[u8]) -> Flow {
        Flow::Continue(())
    }
    fn object(&mut self, object: Incoming<'_>) -> Flow {
        self.objects += 1;
        black_box(object.raw);
        Flow::Continue(())
    }
    fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
        unreachable!("set aside: {}", item.reason)
    }
    fn notice(&mut self, _notice: Notice) -> Flow {
        Flow::Continue(())
    }
    fn progress(&mut self, bytes: u64) -> Flow {
        self.progress = bytes;
        Flow::Continue(())
    }
    fn end(&mut self) -> Flow {
        Flow::Continue(())
    }
}
