//! Intake of made-up STIX objects, everything on. `COMITY_BENCH_OBJECTS` sets how many (1,000,000).

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

mod world;

use std::cell::{Cell, RefCell};
use std::time::Instant;

use comity_formats::{Context, Dated, Flow, Incoming, Notice, Sink, SourceFile, Unreadable};
use comity_node::intake::Progress;
use comity_stix::validate::{Finding, accept, check};
use comity_stix::{Doc, Values, extract};
use world::{World, cpu_seconds, figure, peak_memory};

fn main() {
    let objects = world::objects();
    let path = world::bundle_file(objects);
    parse_only(&path, objects);
    let folder = tempfile::tempdir_in(world::scratch()).expect("a folder for the store");
    let world = World::create(folder.path());
    let marks: RefCell<Vec<(u64, Instant)>> = RefCell::new(Vec::new());
    let anonymous = Cell::new(0.0_f64);
    let watch = |progress: Progress| {
        let mut marks = marks.borrow_mut();
        if marks.last().is_none_or(|(objects, _)| progress.objects >= objects + 50_000) {
            marks.push((progress.objects, Instant::now()));
            anonymous.set(anonymous.get().max(world::anonymous_memory()));
        }
    };
    let (cpu, start) = (cpu_seconds(), Instant::now());
    let report = world.take_in("lab-north", &path, &watch);
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu;
    let counts = report.batch.expect("a batch").counts;
    assert_eq!(counts.added, objects, "every object is stored");
    figure("intake, everything on", objects as f64 / wall, "objects/s", Some(50_000.0), "higher");
    figure("intake, CPU", cpu * 1e6 / objects as f64, "us/object", Some(20.0), "lower");
    figure("memory during it, peak", peak_memory(), "MB", Some(500.0), "lower");
    figure("of it anonymous, peak", anonymous.get(), "MB", Some(300.0), "lower");
    figure("rate of the last tenth over the first tenth", world::bend(&marks.borrow()), "ratio", Some(0.8), "higher");
    let start = Instant::now();
    world.node.settle().expect("derived indexes are written");
    figure("closing: derived indexes written", start.elapsed().as_secs_f64(), "s", None, "lower");
    drop(world);
    let bytes = world::folder_bytes(folder.path());
    figure("bytes at rest, all indexes included", bytes as f64 / objects as f64, "bytes/object", Some(300.0), "lower");
}

/// Reading, parsing, validating and finding values on one thread, nothing stored.
fn parse_only(path: &std::path::Path, objects: u64) {
    let context = Context {
        dated: Dated { owner: "bench".into(), now: comity_base::Timestamp::from_micros(0) },
        limits: comity_base::Limits::default(),
        objects_only: false,
        columns: Vec::new(),
        values: Values::new([0; 32]),
        pdf: comity_formats::text::pdf_text,
        marked: comity_formats::Marked::default(),
    };
    for (name, deep) in [("split only, one thread", false), ("read and validate only, one thread", true)] {
        let mut file = std::fs::File::open(path).expect("the world's file");
        let mut sink =
            Parse { values: Values::new([0; 32]), deep, seen: 0, scratch: String::new(), findings: Vec::new() };
        let start = Instant::now();
        let flow = comity_formats::read("world", &mut file, &context, &mut sink).expect("the world reads");
        assert!(flow.is_continue());
        assert_eq!(sink.seen, objects);
        figure(name, objects as f64 / start.elapsed().as_secs_f64(), "objects/s", None, "higher");
    }
}

struct Parse {
    values: Values,
    deep: bool,
    seen: u64,
    scratch: String,
    findings: Vec<Finding>,
}

const GO: Flow = std::ops::ControlFlow::Continue(());

impl Sink for Parse {
    fn begin(&mut self, _: SourceFile<'_>) -> Flow {
        GO
    }

    fn original(&mut self, _: &[u8]) -> Flow {
        GO
    }

    fn object(&mut self, object: Incoming<'_>) -> Flow {
        self.seen += 1;
        if self.deep {
            let doc = Doc::parse(object.raw, 64).expect("JSON");
            accept(doc.root()).expect("an object");
            self.findings.clear();
            check(doc.root(), &mut self.findings);
            let Self { values, scratch, .. } = self;
            extract(doc.root(), &mut |found| drop(values.normalise(found.kind, &found.text, scratch)));
        }
        GO
    }

    fn rejected(&mut self, _: Unreadable<'_>) -> Flow {
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
