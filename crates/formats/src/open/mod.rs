//! Opening: from raw input to recognised streams, unpacked within limits.

mod guard;
mod peek;
mod unzip;

use std::cell::{Cell, RefCell};
use std::io::{BufRead, Read};

use guard::{Guard, Raw, Tee};
use peek::Peek;

use crate::recognise::{Content, HEAD, recognise};
use crate::{Context, Flow, Format, Notice, ReadError, Sink, SourceFile};

/// How many layers of packing are opened: a `.json.gz` inside a `.zip`.
const LAYERS: usize = 2;

/// Reads one input, whatever it is, and hands what it finds to the sink.
///
/// Unpacks gzip, Zstandard and ZIP (two layers at most, as a stream: nothing is held or written to
/// disk), tells the format from the content, and calls [`Sink::begin`] and [`Sink::end`] around each
/// stream; a stream inside an archive is named `archive.zip/inner.json`.
///
/// # Errors
/// When the input cannot be read or unpacked, is of no known format, or asks for more than
/// `ctx.limits`. What was handed over before stands. Inside an archive a file of no known format is
/// told by a [`Notice`] and passed over.
pub fn read(name: &str, input: &mut dyn Read, ctx: &Context, sink: &mut dyn Sink) -> Result<Flow, ReadError> {
    let shared =
        Shared { sink: RefCell::new(sink), stopped: Cell::new(false), raw: Cell::new(0), unfolded: Cell::new(0) };
    let mut source = Peek::new(Raw { input, shared: &shared });
    let result = Opening { ctx, shared: &shared }.open(name, &mut source, LAYERS, false);
    let raw = shared.raw.get();
    if shared.stopped.get() {
        return Ok(Flow::Break(()));
    }
    result.map_err(|e| match e {
        ReadError::Io { name, source, .. } => ReadError::Io { name, offset: raw, source },
        other => other,
    })?;
    Ok(shared.pass(|sink| sink.progress(raw)))
}

/// The sink as the layers share it, and what they count together.
struct Shared<'s> {
    sink: RefCell<&'s mut dyn Sink>,
    /// The sink answered `Break` other than to `begin`.
    stopped: Cell<bool>,
    /// Bytes read of the input.
    raw: Cell<u64>,
    /// Bytes that came out of decompression, over all layers.
    unfolded: Cell<u64>,
}

impl Shared<'_> {
    /// Calls the sink, unless it has said to stop.
    fn pass(&self, call: impl FnOnce(&mut dyn Sink) -> Flow) -> Flow {
        if self.stopped.get() {
            return Flow::Break(());
        }
        // INVARIANT: a sink cannot reach its reader, so it is never borrowed twice.
        let flow = self.sink.try_borrow_mut().map_or(Flow::Break(()), |mut sink| call(&mut **sink));
        self.stopped.set(flow.is_break());
        flow
    }

    fn begin(&self, file: SourceFile<'_>) -> Flow {
        if self.stopped.get() {
            return Flow::Break(());
        }
        self.sink.try_borrow_mut().map_or(Flow::Break(()), |mut sink| sink.begin(file))
    }
}

/// The shared sink as the readers of the formats see it.
struct Through<'a, 's>(&'a Shared<'s>);

impl Sink for Through<'_, '_> {
    fn begin(&mut self, file: SourceFile<'_>) -> Flow {
        self.0.begin(file)
    }
    fn original(&mut self, bytes: &[u8]) -> Flow {
        self.0.pass(|sink| sink.original(bytes))
    }
    fn object(&mut self, object: crate::Incoming<'_>) -> Flow {
        self.0.pass(|sink| sink.object(object))
    }
    fn rejected(&mut self, item: crate::Unreadable<'_>) -> Flow {
        self.0.pass(|sink| sink.rejected(item))
    }
    fn notice(&mut self, notice: Notice) -> Flow {
        self.0.pass(|sink| sink.notice(notice))
    }
    fn progress(&mut self, bytes: u64) -> Flow {
        self.0.pass(|sink| sink.progress(bytes))
    }
    fn end(&mut self) -> Flow {
        self.0.pass(|sink| sink.end())
    }
}

struct Opening<'a, 's> {
    ctx: &'a Context,
    shared: &'a Shared<'s>,
}

impl<'a, 's> Opening<'a, 's> {
    fn open(&self, name: &str, source: &mut Peek<'_>, layers: usize, inside: bool) -> Result<(), ReadError> {
        let io = |e| ReadError::from_io(name, e);
        let content = recognise(source.head(HEAD).map_err(io)?, name);
        if self.ctx.objects_only && !content.is_objects() {
            let why = "neither STIX nor MISP, and nothing else is taken over the network";
            return Err(ReadError::Unknown { name: name.to_owned(), why: why.to_owned() });
        }
        let packed = match content {
            Content::Plain(format) => return self.stream(SourceFile { name, format }, source),
            Content::Unknown(why) if inside => {
                self.passed_over(name, why);
                return Ok(());
            }
            Content::Unknown(why) => return Err(ReadError::Unknown { name: name.to_owned(), why: why.to_owned() }),
            packed => packed,
        };
        let Some(layers) = layers.checked_sub(1) else {
            self.passed_over(name, "packed too many times over");
            return Ok(());
        };
        match packed {
            Content::Zip => self.archive(name, source, layers),
            Content::Gzip => {
                let unpacked = flate2::bufread::MultiGzDecoder::new(&mut *source);
                self.open(name, &mut Peek::new(self.guard(unpacked)), layers, inside)
            }
            _ => {
                let unpacked = zstd::stream::read::Decoder::with_buffer(&mut *source).map_err(io)?;
                self.open(name, &mut Peek::new(self.guard(unpacked)), layers, inside)
            }
        }
    }

    fn guard<R: Read>(&self, unpacked: R) -> Guard<'a, 's, R> {
        Guard { unpacked, shared: self.shared, limits: self.ctx.limits }
    }

    fn archive(&self, name: &str, source: &mut Peek<'_>, layers: usize) -> Result<(), ReadError> {
        let mut files = 0;
        while let Some(entry) = unzip::next(source, &self.ctx.limits).map_err(|e| ReadError::from_io(name, e))? {
            files += 1;
            if files > self.ctx.limits.files {
                let source =
                    comity_base::LimitExceeded { what: "files in one archive", limit: self.ctx.limits.files as u64 };
                return Err(ReadError::Limit { name: name.to_owned(), source });
            }
            if self.shared.stopped.get() {
                return Ok(());
            }
            let inner = format!("{name}/{}", entry.name);
            if let Some(why) = entry.unreadable {
                self.passed_over(&inner, why);
            }
            let io = |e| ReadError::from_io(&inner, e);
            let mut body = entry.body(source);
            if !entry.is_folder() && entry.unreadable.is_none() {
                self.open(&inner, &mut Peek::new(self.guard(&mut body)), layers, true)?;
            }
            // What a reader left unread still stands before the next entry.
            std::io::copy(&mut self.guard(&mut body), &mut std::io::sink()).map_err(io)?;
            body.finish().map_err(io)?;
        }
        // The directory at the end repeats what was read.
        Ok(())
    }

    /// Tells of a file that is not read, so that its absence is not silent.
    fn passed_over(&self, name: &str, why: &str) {
        if self.shared.begin(SourceFile { name, format: Format::Nothing }).is_continue() {
            let text = format!("{name} was not read: {why}.");
            let _ = self.shared.pass(|sink| sink.notice(Notice { offset: 0, code: "file-not-read", text }));
            let _ = self.shared.pass(|sink| sink.end());
        }
    }

    fn stream(&self, file: SourceFile<'_>, source: &mut Peek<'_>) -> Result<(), ReadError> {
        if self.shared.begin(file).is_break() {
            return Ok(());
        }
        let mut sink = Through(self.shared);
        let mut stream = Tee { source, shared: self.shared, on: file.format.is_converted(), seen: 0 };
        let flow = self.read(file, &mut stream, &mut sink);
        // The original is whole even where the reader stopped early.
        while flow.is_ok() && file.format.is_converted() && !self.shared.stopped.get() {
            let left = stream.fill_buf().map_err(|e| ReadError::from_io(file.name, e))?.len();
            if left == 0 {
                break;
            }
            stream.consume(left);
        }
        if flow?.is_continue() {
            let _ = sink.end();
        }
        Ok(())
    }

    fn read(&self, file: SourceFile<'_>, stream: &mut Tee<'_, '_, '_>, sink: &mut dyn Sink) -> Result<Flow, ReadError> {
        match file.format {
            Format::Stix21 => crate::stix::read_stix21(stream, file, self.ctx, sink),
            Format::Stix20 => crate::stix::read_stix20(stream, file, self.ctx, sink),
            Format::MispEvent => crate::misp::read_misp(stream, file, self.ctx, sink),
            Format::Csv => crate::csv::read_csv(stream, file, self.ctx, sink),
            Format::List => crate::list::read_list(stream, file, self.ctx, sink),
            Format::Text => crate::text::read_text(stream, file, self.ctx, sink),
            Format::MispManifest | Format::Nothing => Ok(Flow::Continue(())),
        }
    }
}

#[cfg(test)]
mod tests;
