//! The serving process' end of one connection.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use indicatif::TermLike;
use parking_lot::Mutex;

use super::frame::{self, Kind, PIECE};

/// One caller: sending is for any thread; one thread listens.
#[derive(Debug)]
pub(super) struct Link {
    stream: UnixStream,
    sending: Mutex<Sending>,
    /// Set when the caller stops the command or goes away, or the process ends.
    pub(super) stop: Arc<AtomicBool>,
    /// Pieces of input that were asked for and did not come yet.
    wanted: AtomicU32,
    /// Whether the caller has shown the last bar it was sent.
    is_seen: AtomicBool,
    input: Mutex<Input>,
}

#[derive(Debug)]
struct Sending {
    stream: UnixStream,
    /// The newest state of a progress bar, while the caller is busy with the one before.
    bar: Vec<u8>,
}

#[derive(Debug)]
struct Input {
    pieces: Receiver<Piece>,
    is_begun: bool,
    is_ended: bool,
}

/// What comes in of the caller's standard input.
#[derive(Debug)]
enum Piece {
    Bytes(Vec<u8>),
    End,
    Failed(String),
}

/// The half that listens; it ends when the caller goes away.
pub(super) struct Listening {
    stream: UnixStream,
    link: Arc<Link>,
    pieces: Sender<Piece>,
}

impl Link {
    pub(super) fn new(stream: UnixStream) -> io::Result<(Arc<Self>, Listening)> {
        let (to, pieces) = channel();
        let link = Arc::new(Self {
            sending: Mutex::new(Sending { stream: stream.try_clone()?, bar: Vec::new() }),
            stream: stream.try_clone()?,
            stop: Arc::default(),
            wanted: AtomicU32::new(0),
            is_seen: AtomicBool::new(true),
            input: Mutex::new(Input { pieces, is_begun: false, is_ended: false }),
        });
        let listening = Listening { stream, link: Arc::clone(&link), pieces: to };
        Ok((link, listening))
    }

    /// Sends one frame. It waits while the caller does not read, as a pipe would.
    pub(super) fn send(&self, kind: Kind, content: &[u8]) -> io::Result<()> {
        let mut sending = self.sending.lock();
        let bar = std::mem::take(&mut sending.bar);
        if !bar.is_empty() {
            frame::write(&mut sending.stream, Kind::Bar, &bar)?;
        }
        frame::write(&mut sending.stream, kind, content)
    }

    /// Sends a progress bar, or keeps it until the caller has shown the one before: work does not wait for a
    /// terminal.
    fn show(&self, bar: Vec<u8>) -> io::Result<()> {
        if !self.is_seen.swap(false, Ordering::AcqRel) {
            self.sending.lock().bar = bar;
            return Ok(());
        }
        let mut sending = self.sending.lock();
        sending.bar.clear();
        frame::write(&mut sending.stream, Kind::Bar, &bar)
    }

    /// Ends the connection; whoever reads or writes it gets an error at once.
    pub(super) fn hang_up(&self) {
        // The caller may have ended it already.
        drop(self.stream.shutdown(Shutdown::Both));
    }
}

impl Listening {
    /// Takes what the caller says until it goes away.
    pub(super) fn listen(mut self) {
        while let Ok((kind, content)) = frame::read(&mut self.stream) {
            let piece = match kind {
                Kind::Stop => {
                    self.link.stop.store(true, Ordering::Relaxed);
                    continue;
                }
                Kind::Seen => {
                    self.link.is_seen.store(true, Ordering::Release);
                    continue;
                }
                Kind::Input => Piece::Bytes(content),
                Kind::InputEnd => Piece::End,
                Kind::InputFailed => Piece::Failed(String::from_utf8_lossy(&content).into_owned()),
                _ => break,
            };
            // What nobody asked for is not kept, or a caller could fill this process' memory.
            let asked = self.link.wanted.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1));
            if asked.is_err() || self.pieces.send(piece).is_err() {
                break;
            }
        }
        self.link.stop.store(true, Ordering::Relaxed);
        self.link.hang_up();
    }
}

/// One of the caller's streams of output.
pub(super) struct Outgoing {
    pub(super) link: Arc<Link>,
    pub(super) kind: Kind,
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..PIECE).unwrap_or(bytes);
        self.link.send(self.kind, piece)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The caller's standard input.
pub(super) struct Incoming {
    link: Arc<Link>,
    bytes: Vec<u8>,
    read: usize,
}

impl Incoming {
    pub(super) fn new(link: Arc<Link>) -> Self {
        Self { link, bytes: Vec::new(), read: 0 }
    }

    /// The next piece; empty at the end.
    fn next(&self) -> io::Result<Vec<u8>> {
        let mut input = self.link.input.lock();
        if input.is_ended {
            return Ok(Vec::new());
        }
        // One piece is on its way while the one before is read.
        let ask = if input.is_begun { 1 } else { 2 };
        input.is_begun = true;
        for _ in 0..ask {
            self.link.wanted.fetch_add(1, Ordering::AcqRel);
            self.link.send(Kind::Want, &[])?;
        }
        loop {
            match input.pieces.recv_timeout(LOOK) {
                Ok(Piece::Bytes(bytes)) if !bytes.is_empty() => return Ok(bytes),
                Ok(Piece::Bytes(_) | Piece::End) => {
                    input.is_ended = true;
                    return Ok(Vec::new());
                }
                Ok(Piece::Failed(why)) => return Err(io::Error::other(why)),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "whoever sent it went away"));
                }
                Err(RecvTimeoutError::Timeout) if self.link.stop.load(Ordering::Relaxed) => {
                    return Err(io::Error::other("stopped"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read >= self.bytes.len() {
            (self.bytes, self.read) = (self.next()?, 0);
        }
        let mut left = self.bytes.get(self.read..).unwrap_or_default();
        let count = left.read(into)?;
        self.read += count;
        Ok(count)
    }
}

/// The caller's terminal, as far as a progress bar needs one.
#[derive(Debug)]
pub(super) struct Screen {
    link: Arc<Link>,
    width: u16,
    drawn: Mutex<String>,
}

impl Screen {
    pub(super) fn new(link: Arc<Link>, width: u16) -> Self {
        Self { link, width, drawn: Mutex::default() }
    }

    fn draw(&self, text: &str) {
        let mut drawn = self.drawn.lock();
        // More than a bar ever is.
        if drawn.len() + text.len() <= PIECE {
            drawn.push_str(text);
        }
    }

    fn move_by(&self, cells: usize, letter: char) {
        if cells > 0 {
            self.draw(&format!("\x1b[{cells}{letter}"));
        }
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.width
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'D');
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.draw(text);
        self.draw("\n");
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.draw(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.draw("\r\x1b[2K");
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let drawn = std::mem::take(&mut *self.drawn.lock());
        if drawn.is_empty() { Ok(()) } else { self.link.show(drawn.into_bytes()) }
    }
}

/// How often somebody who waits for input looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);
