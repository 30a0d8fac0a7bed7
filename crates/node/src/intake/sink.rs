use std::mem;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use comity_crypto::Sha256;
use comity_formats::{Flow, Format, Incoming, Notice, Sink, SourceFile, Unreadable};
use comity_store::{Original, OriginalId, Rejected};

use super::chunk::Chunk;
use super::report::{FileReport, IntakeReport, Tally};
use super::{IntakeOptions, Line, Progress};
use crate::NodeError;

/// Converted streams up to this size are held back until their digest is known, so that one that is
/// already in costs nothing and changes nothing.
const HELD: usize = 8 << 20;
/// Most bytes of a set-aside item that are kept.
const ITEM: usize = 64 << 10;
const GO: Flow = ControlFlow::Continue(());

/// Takes what the readers find, copies it into chunks and hands these to the workers.
pub(super) struct IntakeSink<'l, 'n> {
    line: &'l Line<'n>,
    options: &'l IntakeOptions<'l>,
    hand_over: &'l mut dyn FnMut(Chunk) -> Result<(), NodeError>,
    chunk: Chunk,
    stream: Option<Stream>,
    report: IntakeReport,
    tally: Tally,
    input: String,
    progress: Progress,
    bytes_before: u64,
    stopped: bool,
    error: Option<NodeError>,
}

/// The stream being read.
struct Stream {
    file: FileReport,
    source: OriginalId,
    digest: Sha256,
    length: u64,
    converted: bool,
    /// Present while the stream is held back.
    held: Option<(Vec<u8>, Vec<Chunk>)>,
}

impl<'l, 'n> IntakeSink<'l, 'n> {
    pub(super) fn new(
        line: &'l Line<'n>,
        options: &'l IntakeOptions<'l>,
        hand_over: &'l mut dyn FnMut(Chunk) -> Result<(), NodeError>,
    ) -> Self {
        Self {
            line,
            options,
            hand_over,
            chunk: Chunk::default(),
            stream: None,
            report: IntakeReport::default(),
            tally: Tally::default(),
            input: String::new(),
            progress: Progress::default(),
            bytes_before: 0,
            stopped: false,
            error: None,
        }
    }

    pub(super) fn next_input(&mut self, name: &str) {
        name.clone_into(&mut self.input);
        self.bytes_before = self.progress.bytes;
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped || self.error.is_some()
    }

    /// A stream could not be read to its end: says so in the report and keeps what was read.
    pub(super) fn failed_stream(&mut self, why: &str) -> Result<(), NodeError> {
        match &mut self.stream {
            Some(stream) => stream.file.failed = Some(why.to_owned()),
            None => self.report.files.push(FileReport {
                name: self.input.clone(),
                failed: Some(why.to_owned()),
                ..FileReport::default()
            }),
        }
        self.end_stream()
    }

    /// Hands over what is left and returns what the reading stage has to report.
    pub(super) fn close(mut self) -> Result<IntakeReport, NodeError> {
        self.end_stream()?;
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.report.stopped = self.stopped;
        self.report.take(&self.tally);
        Ok(self.report)
    }

    fn end_stream(&mut self) -> Result<(), NodeError> {
        self.pass_on(true)?;
        let Some(mut stream) = self.stream.take() else { return Ok(()) };
        if stream.converted {
            self.end_original(&mut stream)?;
        }
        self.report.files.push(stream.file);
        Ok(())
    }

    fn end_original(&mut self, stream: &mut Stream) -> Result<(), NodeError> {
        let digest = mem::take(&mut stream.digest).finish();
        if stream.held.is_some() {
            let owner = self.line.source.name.as_str();
            // A stream that broke off is not the whole document, whatever its digest says.
            if let Some(batch) =
                self.line.node.store.find_original(owner, &digest)?.filter(|_| stream.file.failed.is_none())
            {
                stream.file.already_in = Some(batch);
                return Ok(());
            }
            self.release_held(stream)?;
        }
        self.line.node.store.seal_original(stream.source, &digest, stream.length)?;
        Ok(())
    }

    /// Writes what was held back: the original's first bytes and the chunks made from it.
    fn release_held(&mut self, stream: &mut Stream) -> Result<(), NodeError> {
        let Some((bytes, chunks)) = stream.held.take() else { return Ok(()) };
        stream.source = self.add_original(&stream.file, true)?;
        self.line.node.store.keep(stream.source, &bytes)?;
        for mut chunk in chunks {
            chunk.source = stream.source;
            self.send(chunk)?;
        }
        Ok(())
    }

    fn add_original(&self, file: &FileReport, kept: bool) -> Result<OriginalId, NodeError> {
        let (name, format) = (file.name.clone(), file.format.clone());
        let original = Original { id: OriginalId(0), name, format, sha256: [0; 32], bytes: 0, kept };
        Ok(self.line.node.store.add_original(self.line.batch, &original)?)
    }

    /// Hands the current chunk on when it is full, or in any case when `all`.
    fn pass_on(&mut self, all: bool) -> Result<(), NodeError> {
        if self.chunk.is_empty() || !(all || self.chunk.is_full()) {
            return Ok(());
        }
        let mut chunk = mem::take(&mut self.chunk);
        let Some(stream) = &mut self.stream else { return Ok(()) };
        chunk.source = stream.source;
        chunk.file.clone_from(&stream.file.name);
        if let Some((_, chunks)) = &mut stream.held {
            chunks.push(chunk);
            return Ok(());
        }
        self.send(chunk)
    }

    fn send(&mut self, mut chunk: Chunk) -> Result<(), NodeError> {
        chunk.number = self.line.chunks.fetch_add(1, Ordering::Relaxed);
        (self.hand_over)(chunk)
    }

    /// Takes one object, with the label it came with when it came with one.
    pub(super) fn add(&mut self, raw: &[u8], offset: u64, label: Option<u32>) -> Flow {
        self.chunk.add(raw, offset, label);
        self.progress.objects += 1;
        if let Some(stream) = &mut self.stream {
            stream.file.objects += 1;
        }
        if !self.chunk.is_full() {
            return GO;
        }
        let result = self.pass_on(false);
        (self.options.progress)(self.progress);
        if self.options.stop.load(Ordering::Relaxed) {
            self.stopped = true;
            return ControlFlow::Break(());
        }
        self.guard(result)
    }

    /// Turns an error into a stop; the error is returned by `close`.
    fn guard(&mut self, result: Result<(), NodeError>) -> Flow {
        if let Err(error) = result {
            self.error.get_or_insert(error);
            return ControlFlow::Break(());
        }
        if self.line.failed.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        GO
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), NodeError> {
        let Some(mut stream) = self.stream.take() else { return Ok(()) };
        stream.digest.update(bytes);
        stream.length += bytes.len() as u64;
        let result = match &mut stream.held {
            Some((held, _)) => {
                held.extend_from_slice(bytes);
                if held.len() > HELD { self.release_held(&mut stream) } else { Ok(()) }
            }
            None => self.line.node.store.keep(stream.source, bytes).map_err(NodeError::from),
        };
        self.stream = Some(stream);
        result
    }
}

impl Sink for IntakeSink<'_, '_> {
    fn begin(&mut self, file: SourceFile<'_>) -> Flow {
        let report =
            FileReport { name: file.name.to_owned(), format: file.format.name().to_owned(), ..FileReport::default() };
        let converted = file.format.is_converted();
        let readable = !matches!(file.format, Format::Nothing | Format::MispManifest);
        let source = if converted || !readable { Ok(OriginalId(0)) } else { self.add_original(&report, false) };
        let (source, result) = match source {
            Ok(source) => (source, Ok(())),
            Err(error) => (OriginalId(0), Err(error)),
        };
        let held = converted.then(|| (Vec::new(), Vec::new()));
        self.stream = Some(Stream { file: report, source, digest: Sha256::new(), length: 0, converted, held });
        self.guard(result)
    }

    fn original(&mut self, bytes: &[u8]) -> Flow {
        let result = self.keep(bytes);
        self.guard(result)
    }

    fn object(&mut self, object: Incoming<'_>) -> Flow {
        self.add(object.raw, object.offset, None)
    }

    fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
        let Some(stream) = &mut self.stream else { return GO };
        stream.file.rejected += 1;
        self.chunk.rejected.push(Rejected {
            batch: self.line.batch,
            index: 0,
            file: stream.file.name.clone(),
            offset: item.offset,
            code: item.code.to_owned(),
            reason: item.reason.to_owned(),
            item: item.item.get(..ITEM).unwrap_or(item.item).to_vec(),
            repaired_by: None,
        });
        let result = if self.chunk.rejected.len() >= 1_000 { self.pass_on(true) } else { Ok(()) };
        self.guard(result)
    }

    fn notice(&mut self, notice: Notice) -> Flow {
        let file = self.stream.as_ref().map_or(self.input.as_str(), |stream| stream.file.name.as_str());
        self.tally.finding(notice.code, "notice", || format!("{file} at byte {}: {}", notice.offset, notice.text));
        GO
    }

    fn progress(&mut self, bytes: u64) -> Flow {
        self.progress.bytes = self.bytes_before + bytes;
        (self.options.progress)(self.progress);
        if self.options.stop.load(Ordering::Relaxed) {
            self.stopped = true;
            return ControlFlow::Break(());
        }
        GO
    }

    fn end(&mut self) -> Flow {
        let result = self.end_stream();
        self.guard(result)
    }
}
