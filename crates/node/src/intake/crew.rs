use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use parking_lot::Mutex;

use super::Line;
use super::chunk::{Chunk, Prepared};
use super::prepare::Preparer;
use super::writer::Writer;
use crate::NodeError;

/// Chunks that may wait between two stages; with 1 MiB chunks this bounds the memory of an intake.
const WAITING: usize = 4;

/// Those who prepare chunks and append them: for a single chunk the caller's own thread, for more a line of threads,
/// which would cost a small intake more than its work.
pub(super) struct Crew<'s, 'e, 'n> {
    scope: &'s Scope<'s, 'e>,
    line: &'n Line<'n>,
    /// Held back until there is another.
    first: Option<Chunk>,
    threads: Option<Threads<'s, 'n>>,
}

struct Threads<'s, 'n> {
    to_workers: SyncSender<Chunk>,
    workers: Vec<ScopedJoinHandle<'s, ()>>,
    writer: ScopedJoinHandle<'s, Result<Writer<'n>, NodeError>>,
}

impl<'s, 'n: 's> Crew<'s, '_, 'n> {
    pub(super) fn new<'e>(scope: &'s Scope<'s, 'e>, line: &'n Line<'n>) -> Crew<'s, 'e, 'n> {
        Crew { scope, line, first: None, threads: None }
    }

    /// Hands a chunk over.
    pub(super) fn take(&mut self, chunk: Chunk) -> Result<(), NodeError> {
        if self.threads.is_none() && self.first.is_none() {
            self.first = Some(chunk);
            return Ok(());
        }
        let threads = self.threads.get_or_insert_with(|| Threads::start(self.scope, self.line));
        for chunk in self.first.take().into_iter().chain([chunk]) {
            threads.to_workers.send(chunk).map_err(|_| NodeError::Stage)?;
        }
        Ok(())
    }

    /// When nothing more comes: sees the work to its end.
    pub(super) fn finish(self) -> Result<Writer<'n>, NodeError> {
        if let Some(threads) = self.threads {
            return threads.finish();
        }
        let mut writer = Writer::new(self.line);
        if let Some(chunk) = self.first {
            writer.take(Preparer::new(self.line).prepare(chunk)?)?;
        }
        writer.flush()?;
        Ok(writer)
    }
}

impl<'s, 'n: 's> Threads<'s, 'n> {
    fn start(scope: &'s Scope<'s, '_>, line: &'n Line<'n>) -> Self {
        let (to_workers, from_reader) = sync_channel::<Chunk>(WAITING);
        let (to_writer, from_workers) = sync_channel::<Prepared>(WAITING);
        let from_reader = Arc::new(Mutex::new(from_reader));
        let writer = scope.spawn(move || write(line, &from_workers));
        let worker = |_| {
            let (from_reader, to_writer) = (Arc::clone(&from_reader), to_writer.clone());
            scope.spawn(move || work(line, &from_reader, &to_writer))
        };
        Self { to_workers, workers: (0..line.node.workers).map(worker).collect(), writer }
    }

    fn finish(self) -> Result<Writer<'n>, NodeError> {
        drop(self.to_workers);
        let died = self.workers.into_iter().map(ScopedJoinHandle::join).filter(Result::is_err).count();
        let writer = self.writer.join().map_err(|_| NodeError::Stage)?;
        if died > 0 { Err(NodeError::Stage) } else { writer }
    }
}

/// The preparing stage, on several threads.
fn work(line: &Line<'_>, from_reader: &Mutex<Receiver<Chunk>>, to_writer: &SyncSender<Prepared>) {
    let mut preparer = Preparer::new(line);
    loop {
        let chunk = from_reader.lock().recv();
        let Ok(chunk) = chunk else { return };
        if line.failed.load(Ordering::Relaxed) {
            continue;
        }
        match preparer.prepare(chunk) {
            // The writer is gone only when it failed and has said so.
            Ok(prepared) => drop(to_writer.send(prepared)),
            Err(error) => line.fail(error),
        }
    }
}

/// The writing stage: chunks in the order they were read.
fn write<'n>(line: &'n Line<'n>, from_workers: &Receiver<Prepared>) -> Result<Writer<'n>, NodeError> {
    let mut writer = Writer::new(line);
    for prepared in from_workers {
        if line.failed.load(Ordering::Relaxed) {
            continue;
        }
        if let Err(error) = writer.take(prepared) {
            line.fail(error);
        }
    }
    if !line.failed.load(Ordering::Relaxed) {
        writer.flush()?;
    }
    Ok(writer)
}
