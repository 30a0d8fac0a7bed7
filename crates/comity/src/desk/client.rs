use std::ffi::OsString;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use comfy_table::Table;
use parking_lot::Mutex;

use super::frame::{self, Caller, Greeting, Kind, MOST_ARGUMENTS, PIECE, PROTOCOL};
use super::{Desk, Refused, is_forwarded, socket};
use crate::args::Args;
use crate::config::Config;
use crate::engine::Engine;
use crate::exit::Code;
use crate::place::Place;
use crate::shown::Shown;

/// Runs the command in the process that serves its node, when there is one that this process would stand in the way
/// of. `None`: there is none, and the command is to be run here.
pub(crate) fn forward(args: &Args) -> Option<ExitCode> {
    let (stream, config) = reach(args)?;
    let desk = Desk::own();
    let called = Call::request(stream, config, desk.shown(args)).and_then(|call| call.map(Call::listen).transpose());
    match called {
        Ok(code) => code.map(ExitCode::from),
        Err(error) => {
            let code = Code::of(&error);
            if code != Code::PipeClosed {
                desk.error(&error);
            }
            Some(code.into())
        }
    }
}

/// The serving process, where there is one and the store is of the kind that one process writes.
fn reach(args: &Args) -> Option<(UnixStream, Config)> {
    if !is_forwarded(&args.command) {
        return None;
    }
    let folder = Place::folder(args);
    // Nobody listens behind a stale socket: the command is run here, and says what it has to say.
    let stream = socket::connect(&folder).ok()?;
    let config = Config::load(&folder).ok()?;
    Engine::named(args, &config).is_embedded().then_some((stream, config))
}

/// A command that runs elsewhere.
struct Call {
    stream: UnixStream,
    /// Several threads send: this one, the one that reads standard input, and Ctrl-C.
    sending: Arc<Mutex<UnixStream>>,
    is_stoppable: Arc<AtomicBool>,
}

impl Call {
    /// Says what to run. `None` when the serving process does not answer, or not in our language; then nothing was
    /// run.
    fn request(stream: UnixStream, config: Config, shown: Shown) -> anyhow::Result<Option<Self>> {
        let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        if arguments.iter().map(|argument| frame::cost(argument.as_bytes())).sum::<usize>() > MOST_ARGUMENTS {
            return Ok(None);
        }
        stream.set_read_timeout(Some(MANNERS))?;
        let Ok((kind, content)) = frame::read(&mut &stream) else { return Ok(None) };
        stream.set_read_timeout(None)?;
        if kind == Kind::Refused {
            return Err(Refused(String::from_utf8_lossy(&content).into_owned()).into());
        }
        let greeting = serde_json::from_slice::<Greeting>(&content).ok().filter(|_| kind == Kind::Welcome);
        if greeting.is_none_or(|greeting| greeting.protocol != PROTOCOL) {
            return Ok(None);
        }
        let call = Self { sending: Arc::new(Mutex::new(stream.try_clone()?)), stream, is_stoppable: Arc::default() };
        call.obey_ctrl_c()?;
        let caller =
            Caller { shown, out_width: Table::new().width(), err_width: Table::new().use_stderr().width(), config };
        let folder = std::env::current_dir().context("finding the current folder")?;
        let mut frames = vec![(Kind::Caller, serde_json::to_vec(&caller)?)];
        frames.push((Kind::Folder, folder.as_os_str().as_bytes().to_vec()));
        frames.extend(arguments.into_iter().map(|argument| (Kind::Argument, argument.as_bytes().to_vec())));
        frames.push((Kind::Go, Vec::new()));
        let mut sending = call.sending.lock();
        frames.iter().try_for_each(|(kind, content)| frame::write(&mut *sending, *kind, content)).context(GONE)?;
        drop(sending);
        Ok(Some(call))
    }

    /// Ctrl-C stops a command that can be stopped in good order, and ends this process otherwise, or the second
    /// time. When this process is gone, the other one stops the command too.
    fn obey_ctrl_c(&self) -> anyhow::Result<()> {
        let (sending, is_stoppable) = (Arc::clone(&self.sending), Arc::clone(&self.is_stoppable));
        let mut is_pressed = false;
        Ok(ctrlc::set_handler(move || {
            if is_pressed || !is_stoppable.load(Ordering::Relaxed) {
                std::process::exit(130);
            }
            is_pressed = true;
            // With nobody there to be stopped, the end is near anyway.
            drop(frame::write(&mut *sending.lock(), Kind::Stop, &[]));
        })?)
    }

    /// Prints what comes until the command has ended; its exit code.
    fn listen(self) -> anyhow::Result<u8> {
        let mut wanted = None;
        loop {
            let (kind, content) = frame::read(&mut &self.stream).context(GONE)?;
            match kind {
                Kind::Out => print(&mut io::stdout().lock(), &content)?,
                Kind::Err => print(&mut io::stderr().lock(), &content)?,
                Kind::Bar => {
                    print(&mut io::stderr().lock(), &content)?;
                    frame::write(&mut *self.sending.lock(), Kind::Seen, &[]).context(GONE)?;
                }
                Kind::Want => {
                    let wanted = wanted.get_or_insert_with(|| self.read_input());
                    // At its end nothing more is to be sent.
                    let _ = wanted.send(());
                }
                Kind::Stoppable => self.is_stoppable.store(true, Ordering::Relaxed),
                Kind::End => return Ok(content.first().copied().unwrap_or(Code::Failed as u8)),
                _ => bail!("the process that serves this node said something strange; is it another version?"),
            }
        }
    }

    /// Sends standard input on a thread of its own, a piece for each one that is wanted.
    fn read_input(&self) -> Sender<()> {
        let (wanted, asked) = channel();
        let sending = Arc::clone(&self.sending);
        thread::spawn(move || {
            let (mut input, mut piece) = (io::stdin().lock(), vec![0; PIECE]);
            for () in asked {
                let mut count = input.read(&mut piece);
                while count.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
                    count = input.read(&mut piece);
                }
                let (kind, content) = match count {
                    Ok(0) => (Kind::InputEnd, Vec::new()),
                    Ok(count) => (Kind::Input, piece.get(..count).unwrap_or_default().to_vec()),
                    Err(error) => (Kind::InputFailed, error.to_string().into_bytes()),
                };
                let sent = frame::write(&mut *sending.lock(), kind, &content);
                if kind != Kind::Input || sent.is_err() {
                    return;
                }
            }
        });
        wanted
    }
}

fn print(to: &mut impl io::Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// How long a serving process may take to greet; one that is frozen takes for ever.
const MANNERS: Duration = Duration::from_secs(5);
const GONE: &str = "the process that serves this node went away in the middle of the command; nothing of a batch that \
                    was not finished is kept (`comity batches` lists what is there)";
