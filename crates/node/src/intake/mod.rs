//! The one door in: read, validate, label, take values, store, index.
//!
//! One call is one batch, visible as a whole at the end or not at all. The work is a line of stages,
//! on their own threads where there is more than one chunk: the caller's thread *reads* streams into chunks of objects, several workers
//! *prepare* chunks (parse, validate, label, find values, pack), and one *writer* appends them in
//! the order read. A bad item is set aside with its reason and place; the rest goes on.

mod chunk;
mod crew;
mod draft;
mod prepare;
pub(crate) mod report;
mod sink;
mod writer;

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use comity_base::Timestamp;
use comity_formats::{ColumnMap, Context, Dated, Format, Marked, ReadError, Sink as _, SourceFile, Unreadable};
use comity_ledger::EntryKind;
use comity_stix::Label;
use comity_store::{BatchId, BatchStart, Fence, StoreError};
use parking_lot::Mutex;
use serde_json::json;

use chunk::Chunk;
use crew::Crew;
pub use draft::{Draft, DraftFile, DraftSeer, DraftValue, Preview};
pub use report::{FileReport, Finding, IntakeReport};
use sink::IntakeSink;
use writer::Writer;

use crate::{Act, Ctx, Deed, Node, NodeError, Source};

/// How long a batch waits for the one that is open, in a store that has one open at a time.
const PATIENCE: Duration = Duration::from_secs(30);

/// One stream to take in.
pub struct Input {
    /// Its name for people: the path as given, or `stdin`.
    pub name: String,
    /// The stream.
    pub reader: Box<dyn Read>,
}

/// How to take streams in.
pub struct IntakeOptions<'o> {
    /// What to write beside the batch: usually the command as typed.
    pub note: String,
    /// Refuse objects that break a MUST of the specification, instead of warning.
    pub strict: bool,
    /// Columns of tables named by the user.
    pub columns: ColumnMap,
    /// What a person said of the values of a report.
    pub marked: Marked,
    /// Take STIX and MISP only, unpacked: for what comes over the network.
    pub objects_only: bool,
    /// The lease under which this is done, for single-run work.
    pub fence: Option<Fence>,
    /// Set from outside to stop reading; what was read so far is kept as an ordinary batch.
    pub stop: &'o AtomicBool,
    /// Told how far the work is, often.
    pub progress: &'o dyn Fn(Progress),
    /// How long to wait for a batch that is open, in a store that has one open at a time.
    pub patience: Duration,
}

impl<'o> IntakeOptions<'o> {
    /// Everything as usual, told to nobody, until `stop` is set.
    pub fn noted(note: impl Into<String>, stop: &'o AtomicBool) -> Self {
        let (note, columns) = (note.into(), ColumnMap::new());
        Self {
            note,
            strict: false,
            columns,
            marked: Marked::default(),
            objects_only: false,
            fence: None,
            stop,
            progress: &|_| {},
            patience: PATIENCE,
        }
    }
}

/// How far an intake is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read of all streams, before decompression.
    pub bytes: u64,
    /// Objects handed on.
    pub objects: u64,
}

/// Objects that came with their labels from a node that signed for both.
pub(crate) struct Labelled<'g> {
    /// What to call them: where they came from.
    pub(crate) name: String,
    /// The labels, each once.
    pub(crate) labels: &'g [Label],
    /// Each object with the number of its label.
    pub(crate) objects: &'g [(&'g [u8], u32)],
}

/// Where the reading stage takes objects from.
enum Feed<'f> {
    Streams(&'f mut dyn Iterator<Item = Result<Input, NodeError>>),
    Labelled(&'f Labelled<'f>),
}

/// What the stages share.
struct Line<'n> {
    node: &'n Node,
    source: &'n Source,
    batch: BatchId,
    note: &'n str,
    now: Timestamp,
    strict: bool,
    /// Set when a stage failed: the others stop.
    failed: AtomicBool,
    error: Mutex<Option<NodeError>>,
    /// Numbers chunks in the order read.
    chunks: AtomicU64,
    /// The labels that objects came with.
    given: &'n [Label],
}

impl Line<'_> {
    fn fail(&self, error: NodeError) {
        self.failed.store(true, Ordering::Relaxed);
        self.error.lock().get_or_insert(error);
    }
}

impl Node {
    /// Takes streams in as one batch owned by `source`.
    ///
    /// # Errors
    /// When the store fails; then nothing of the batch is kept. A stream that cannot be read is not
    /// an error of the batch: it is reported in [`IntakeReport::files`], and what was read of it stands.
    pub fn intake(
        &self,
        ctx: &Ctx,
        source: &Source,
        inputs: &mut dyn Iterator<Item = Result<Input, NodeError>>,
        options: &IntakeOptions<'_>,
    ) -> Result<IntakeReport, NodeError> {
        self.may(ctx, Act::Ingest, json!({"source": source.name, "note": options.note}))?;
        self.take_in(ctx, source, Feed::Streams(inputs), options)
    }

    /// Takes objects in that came with their labels, as one batch brought by `source`.
    pub(crate) fn intake_given(
        &self,
        ctx: &Ctx,
        source: &Source,
        given: &Labelled<'_>,
        options: &IntakeOptions<'_>,
    ) -> Result<IntakeReport, NodeError> {
        self.take_in(ctx, source, Feed::Labelled(given), options)
    }

    fn take_in(
        &self,
        ctx: &Ctx,
        source: &Source,
        feed: Feed<'_>,
        options: &IntakeOptions<'_>,
    ) -> Result<IntakeReport, NodeError> {
        let now = ctx.now();
        let given = if let Feed::Labelled(given) = &feed { given.labels } else { &[] };
        let (owner, note, fence) = (source.name.clone(), options.note.clone(), options.fence.clone());
        let batch =
            self.begin_in_turn(&BatchStart { owner, note, now, fence, entries: Vec::new() }, options.patience)?;
        let line = Line {
            node: self,
            source,
            batch,
            note: &options.note,
            now,
            strict: options.strict,
            failed: AtomicBool::new(false),
            error: Mutex::new(None),
            chunks: AtomicU64::new(0),
            given,
        };
        // A stage that dies must not leave the batch open: nobody could begin another.
        let ran = catch_unwind(AssertUnwindSafe(|| {
            run(&line, feed, options).and_then(|(report, writer)| finish(&line, ctx, report, writer))
        }));
        let result = ran.unwrap_or(Err(NodeError::Stage));
        if result.is_err() {
            // The first error is the one worth telling; a batch that cannot even be given up is void at the next start.
            drop(self.store.abandon(batch));
        }
        result
    }
}

impl Node {
    /// Opens a batch; where one can be open at a time, waits a while for the one that is.
    fn begin_in_turn(&self, start: &BatchStart, patience: Duration) -> Result<BatchId, NodeError> {
        let until = Instant::now() + patience;
        loop {
            match self.store.begin(start) {
                Err(StoreError::BatchState { .. }) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                begun => return Ok(begun?),
            }
        }
    }
}

/// Runs the stages until every stream is read and everything is appended.
fn run<'n>(
    line: &'n Line<'n>,
    feed: Feed<'_>,
    options: &IntakeOptions<'_>,
) -> Result<(IntakeReport, Writer<'n>), NodeError> {
    let (report, writer) = thread::scope(|scope| {
        let mut crew = Crew::new(scope, line);
        let mut hand_over = |chunk| crew.take(chunk);
        let report = match feed {
            Feed::Streams(inputs) => read(line, inputs, options, &mut hand_over),
            Feed::Labelled(given) => read_given(line, given, options, &mut hand_over),
        };
        (report, crew.finish())
    });
    if let Some(error) = line.error.lock().take() {
        return Err(error);
    }
    Ok((report?, writer?))
}

/// The reading stage, on the caller's thread.
fn read(
    line: &Line<'_>,
    inputs: &mut dyn Iterator<Item = Result<Input, NodeError>>,
    options: &IntakeOptions<'_>,
    hand_over: &mut dyn FnMut(Chunk) -> Result<(), NodeError>,
) -> Result<IntakeReport, NodeError> {
    let context = Context {
        dated: Dated { owner: line.source.name.to_string(), now: line.now },
        limits: line.node.limits,
        objects_only: options.objects_only,
        columns: options.columns.clone(),
        values: line.node.values().clone(),
        pdf: line.node.pdf,
        marked: options.marked.clone(),
    };
    let mut sink = IntakeSink::new(line, options, hand_over);
    for input in inputs {
        let Input { name, mut reader } = input?;
        sink.next_input(&name);
        match comity_formats::read(&name, &mut *reader, &context, &mut sink) {
            Ok(flow) if flow.is_break() => break,
            Ok(_) => {}
            Err(error) => stream_failed(&mut sink, &error)?,
        }
        if sink.is_stopped() {
            break;
        }
    }
    sink.close()
}

/// The reading stage for objects that are in memory with their labels.
fn read_given(
    line: &Line<'_>,
    given: &Labelled<'_>,
    options: &IntakeOptions<'_>,
    hand_over: &mut dyn FnMut(Chunk) -> Result<(), NodeError>,
) -> Result<IntakeReport, NodeError> {
    let mut sink = IntakeSink::new(line, options, hand_over);
    sink.next_input(&given.name);
    let mut flow = sink.begin(SourceFile { name: &given.name, format: Format::Stix21 });
    let mut offset = 0;
    for (raw, label) in given.objects {
        if flow.is_break() {
            break;
        }
        flow = if raw.len() > line.node.limits.item_bytes {
            sink.rejected(Unreadable {
                offset,
                code: "item-too-large",
                reason: "It is larger than this node reads.",
                item: raw,
            })
        } else {
            sink.add(raw, offset, Some(*label))
        };
        offset += raw.len() as u64;
    }
    sink.close()
}

/// A stream that fails is reported; its readable part stays.
fn stream_failed(sink: &mut IntakeSink<'_, '_>, error: &ReadError) -> Result<(), NodeError> {
    sink.failed_stream(&error.to_string())
}

/// Makes the batch durable and visible, then brings the column up to date.
fn finish(line: &Line<'_>, ctx: &Ctx, mut report: IntakeReport, writer: Writer<'_>) -> Result<IntakeReport, NodeError> {
    let node = line.node;
    let (counts, unsettled, markings) = writer.close(&mut report);
    report.store_findings(&*node.store, line.batch)?;
    // Before anybody sees what they mark. Should the batch fail after all, they only restrict.
    node.learn_markings(&line.source.name, &markings)?;
    let subject = json!({"batch": line.batch.0, "owner": line.source.name, "note": line.note});
    let content = json!({"added": counts.added, "unchanged": counts.unchanged, "rejected": counts.rejected});
    let deed = Deed::new(EntryKind::Intake, subject, content);
    node.store.note(line.batch, &[deed.entry(ctx)?])?;
    let info = node.store.finish(line.batch, &counts, ctx.now())?;
    if unsettled.is_placed() {
        node.derived.settle(&*node.store, &node.labels, &unsettled, info.last)?;
    } else {
        node.catch_up()?;
    }
    if counts.added > 0 {
        node.keep_hidden(ctx)?;
    }
    report.batch = Some(info);
    Ok(report)
}
