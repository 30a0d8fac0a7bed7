//! Where a command is run: for whom, and with which output, input, folder and node.
//!
//! A command touches nothing of its process directly, neither standard streams nor the current folder nor Ctrl-C:
//! it may run in a serving process, for somebody at another terminal. With the embedded store one process writes, so
//! while one serves a node, the command line sends its commands there ([`forward`]).

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod counter;
#[cfg(unix)]
mod frame;
#[cfg(unix)]
mod guest;
mod line;
#[cfg(unix)]
mod link;
#[cfg(unix)]
mod socket;
#[cfg(test)]
mod testing;

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::ProgressDrawTarget;
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::json;

#[cfg(unix)]
pub(crate) use client::forward;
#[cfg(unix)]
pub(crate) use counter::Counter;
pub(crate) use line::{Line, NoTurn, Patience, Turn};
#[cfg(unix)]
pub(crate) use socket::Socket;

use crate::args::{Args, Command};
use crate::output;
use crate::place::{Access, Place};
use crate::progress;
use crate::shown::Shown;

/// Where a command is run.
pub(crate) struct Desk {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    /// Columns of the terminal that standard output is; none when it is something else.
    width: Option<u16>,
    side: Box<dyn Side>,
}

/// What differs between a command of this process' own and one that somebody sent here.
trait Side: Send + Sync {
    fn open(&self, desk: &Desk, args: &Args, access: Access) -> anyhow::Result<Place>;
    fn shown(&self, args: &Args) -> Shown;
    fn input(&self) -> Box<dyn Read>;
    fn stop(&self) -> anyhow::Result<Arc<AtomicBool>>;
    fn path<'p>(&self, path: &'p Path) -> Cow<'p, Path>;
    fn bar(&self) -> ProgressDrawTarget;
}

impl Desk {
    /// That of a command which this process was started for.
    pub(crate) fn own() -> Self {
        Self {
            out: Mutex::new(Box::new(io::stdout())),
            err: Mutex::new(Box::new(io::stderr())),
            width: Table::new().width(),
            side: Box::new(Own),
        }
    }

    /// The same for a command that goes on and tells as it goes: a record of JSON for each line, with its time.
    pub(crate) fn of_records() -> Self {
        let out = Records { to: Box::new(io::stdout()), kind: "told", line: Vec::new() };
        Self { out: Mutex::new(Box::new(out)), err: Mutex::new(Self::trouble(true)), ..Self::own() }
    }

    /// Where trouble goes that nobody here tells of, as text or as records of JSON.
    pub(crate) fn trouble(records: bool) -> Box<dyn Write + Send> {
        let to = Box::new(io::stderr());
        if records { Box::new(Records { to, kind: "trouble", line: Vec::new() }) } else { to }
    }

    /// Prints text and a line end; an error when nobody reads any more.
    pub(crate) fn say(&self, text: impl Display) -> anyhow::Result<()> {
        Ok(self.out.lock().write_all(format!("{text}\n").as_bytes())?)
    }

    /// Prints one record as one line of JSON.
    pub(crate) fn line(&self, record: &impl Serialize) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        Ok(self.out.lock().write_all(&line)?)
    }

    /// Prints a table with these headings, as wide as the terminal allows.
    pub(crate) fn table(&self, headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> anyhow::Result<()> {
        let mut table = Table::new();
        table
            .load_style(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .force_no_tty()
            .set_header(headings);
        if let Some(width) = self.width {
            table.set_width(width);
        }
        for row in rows {
            table.add_row(row);
        }
        self.say(table)
    }

    /// Tells people something beside the output, on standard error.
    pub(crate) fn note(&self, text: impl Display) {
        // Who does not want to hear it misses nothing of the output.
        drop(self.err.lock().write_all(format!("{text}\n").as_bytes()));
    }

    /// Tells an error with its causes, on standard error.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        self.note(format_args!("comity: {}", output::causes(error)));
    }

    /// Standard output as a stream of bytes, for long output.
    pub(crate) fn out(&self) -> impl Write + '_ {
        Out(&self.out)
    }

    /// What whoever typed the command shows who they are by.
    pub(crate) fn shown(&self, args: &Args) -> Shown {
        self.side.shown(args)
    }

    /// Standard input.
    pub(crate) fn input(&self) -> Box<dyn Read> {
        self.side.input()
    }

    /// Where a path of the command line really is: it counts from the folder of whoever typed it. What is shown and
    /// kept is the path as typed.
    pub(crate) fn path<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        self.side.path(path)
    }

    /// Opens the node the command is about. To write a batch it may have to wait until others have written theirs, as
    /// others then wait for this one: close the place before printing, which lasts as long as a reader likes.
    pub(crate) fn open(&self, args: &Args, access: Access) -> anyhow::Result<Place> {
        self.side.open(self, args, access)
    }

    /// A flag that Ctrl-C sets once; the second time the command's process ends at once. To be asked for once, and
    /// only by a command that then stops in good order: others end at the first Ctrl-C.
    pub(crate) fn stop(&self) -> anyhow::Result<Arc<AtomicBool>> {
        self.side.stop()
    }

    /// Where to draw a progress bar of one line; hidden when standard error is no terminal.
    pub(crate) fn bar(&self) -> ProgressDrawTarget {
        self.side.bar()
    }
}

/// Makes a record of each line.
struct Records {
    to: Box<dyn Write + Send>,
    kind: &'static str,
    line: Vec<u8>,
}

impl Write for Records {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let text = String::from_utf8_lossy(&self.line).trim_end().to_owned();
                self.line.clear();
                let record = json!({"at": (crate::clock::system())().to_string(), self.kind: text});
                self.to.write_all(format!("{record}\n").as_bytes())?;
            }
        }
        self.to.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Standard output, piece by piece: what stands beside it is not held up.
struct Out<'d>(&'d Mutex<Box<dyn Write + Send>>);

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().flush()
    }
}

/// This process' own terminal.
struct Own;

impl Side for Own {
    fn open(&self, _: &Desk, args: &Args, access: Access) -> anyhow::Result<Place> {
        Place::open(args, access)
    }

    fn shown(&self, args: &Args) -> Shown {
        Shown::here(&Place::folder(args))
    }

    fn input(&self) -> Box<dyn Read> {
        Box::new(io::stdin().lock())
    }

    fn stop(&self) -> anyhow::Result<Arc<AtomicBool>> {
        progress::stop_flag()
    }

    fn path<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        Cow::Borrowed(path)
    }

    fn bar(&self) -> ProgressDrawTarget {
        ProgressDrawTarget::stderr()
    }
}

/// The account of the operating system that this process runs under: `uid:1000`.
pub(crate) fn system_account() -> Option<String> {
    #[cfg(unix)]
    return socket::own_uid().ok().map(|uid| format!("uid:{uid}"));
    #[cfg(not(unix))]
    None
}

/// Whether a command runs in the process that serves its node, when there is one. A new command decides here.
fn is_forwarded(command: &Command) -> bool {
    match command {
        Command::Ingest(_)
        | Command::Hits(_)
        | Command::Hit(_)
        | Command::Questions(_)
        | Command::Look(_)
        | Command::Search(_)
        | Command::Screen(_)
        | Command::Notice(_)
        | Command::Gate(_)
        | Command::Show(_)
        | Command::Batches(_)
        | Command::Undo(_)
        | Command::Retry(_)
        | Command::Export(_)
        | Command::Audience(_)
        | Command::Peer(_)
        | Command::Agreement(_)
        | Command::Deliveries(_)
        | Command::Recall(_)
        | Command::Doctor(_)
        | Command::Follow(_)
        | Command::Collection(_)
        | Command::Source(_)
        | Command::SameAs(_)
        | Command::Audit(_)
        | Command::Retention(_)
        | Command::Rights(_)
        | Command::Ledger(_)
        | Command::Account(_)
        | Command::Login(_)
        | Command::Enrol(_)
        | Command::Logout
        | Command::Whoami
        | Command::Warninglists(_) => true,
        // Init, restore, serve, store move and demo make, hold or move a node themselves; keys are a file of their own. A
        // check and a backup read what is on disk, and building anew would take the indexes away from under those who read
        // them.
        Command::Init(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Serve(_)
        | Command::Demo(_)
        | Command::Completions { .. }
        | Command::ReadPdf
        | Command::Check(_)
        | Command::Verify(_)
        | Command::Keys(_)
        | Command::Store(_) => false,
    }
}

/// The process that serves the node takes no command now, or not from this account.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(String);

/// Without sockets of this kind every command runs in its own process.
#[cfg(not(unix))]
pub(crate) fn forward(_: &Args) -> Option<std::process::ExitCode> {
    None
}
