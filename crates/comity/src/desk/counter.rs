use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::{CommandFactory as _, FromArgMatches as _};
use comity_base::OrgName;
use comity_node::Node;
use parking_lot::Mutex;
use tokio::net::UnixStream as Accepted;

use super::frame::{self, Caller, Greeting, Kind, MOST_ARGUMENTS, PROTOCOL};
use super::guest::Guest;
use super::link::{Link, Listening};
use super::socket::own_uid;
use super::{Desk, Line, Socket, is_forwarded};
use crate::args::Args;
use crate::exit::Code;

/// Where a serving process takes commands of its own account and runs them on its open node.
pub(crate) struct Counter {
    pub(super) node: Arc<Node>,
    pub(super) organisation: OrgName,
    pub(super) line: Arc<Line>,
    /// Runs a command and tells its error.
    command: fn(&Desk, &Args) -> Code,
    guests: Mutex<Vec<Arc<Link>>>,
}

/// A caller that has a thread here; dropped when it leaves, whatever way.
struct Present {
    counter: Arc<Counter>,
    link: Arc<Link>,
}

/// What a caller wants to be run.
struct Request {
    caller: Caller,
    folder: PathBuf,
    arguments: Vec<OsString>,
}

impl Counter {
    /// For a node of this organisation. Whoever writes to the node stands in the line.
    pub(crate) fn new(
        node: Arc<Node>,
        organisation: OrgName,
        line: Arc<Line>,
        command: fn(&Desk, &Args) -> Code,
    ) -> Arc<Self> {
        Arc::new(Self { node, organisation, line, command, guests: Mutex::default() })
    }

    /// Takes commands until the process is stopped; then stops those that run, and waits for them.
    ///
    /// # Errors
    /// When the socket cannot be used.
    pub(crate) fn serve(self: &Arc<Self>, socket: Socket, stop: &AtomicBool) -> io::Result<()> {
        let uid = own_uid()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = socket.listener.try_clone()?;
        listener.set_nonblocking(true)?;
        thread::scope(|scope| {
            let ended = runtime.block_on(async {
                let listener = tokio::net::UnixListener::from_std(listener)?;
                while !stop.load(Ordering::Relaxed) {
                    match tokio::time::timeout(LOOK, listener.accept()).await {
                        Err(_) => {}
                        // Too many open files, for example: it passes.
                        Ok(Err(_)) => tokio::time::sleep(LOOK).await,
                        // A caller that went away again is no trouble of ours.
                        Ok(Ok((stream, _))) => drop(self.meet(scope, stream, uid)),
                    }
                }
                Ok(())
            });
            drop(socket);
            self.close();
            ended
        })
    }

    /// Gives a caller a thread of its own, when there is room and it may call at all.
    fn meet<'s>(self: &Arc<Self>, scope: &'s Scope<'s, '_>, stream: Accepted, uid: u32) -> io::Result<()> {
        let caller = stream.peer_cred()?.uid();
        let stream = stream.into_std()?;
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(MANNERS))?;
        stream.set_read_timeout(Some(MANNERS))?;
        if caller != uid {
            return frame::write(&mut &stream, Kind::Refused, b"this node is served by another account");
        }
        let mut guests = self.guests.lock();
        if guests.len() >= MOST_GUESTS {
            let full = format!("{MOST_GUESTS} commands are running at this node already; try again when one has ended");
            return frame::write(&mut &stream, Kind::Refused, full.as_bytes());
        }
        let (link, listening) = Link::new(stream.try_clone()?)?;
        guests.push(Arc::clone(&link));
        drop(guests);
        let present = Present { counter: Arc::clone(self), link };
        let attend = move || {
            // Whoever does not speak our language, or has gone, is not told anything.
            drop(present.counter.attend(&present.link, listening, &stream));
        };
        thread::Builder::new().name("command".into()).stack_size(STACK).spawn_scoped(scope, attend)?;
        Ok(())
    }

    /// One caller from its greeting to the end of its command.
    fn attend(self: &Arc<Self>, link: &Arc<Link>, listening: Listening, mut stream: &UnixStream) -> anyhow::Result<()> {
        let greeting = Greeting { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned() };
        link.send(Kind::Welcome, &serde_json::to_vec(&greeting)?)?;
        let request = match Request::read(&mut stream) {
            Ok(request) => request,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let strange = format!("comity: the process that serves this node does not understand this: {error}.\n");
                link.send(Kind::Err, strange.as_bytes())?;
                return Ok(link.send(Kind::End, &[Code::Failed as u8])?);
            }
            Err(error) => return Err(error.into()),
        };
        stream.set_read_timeout(None)?;
        stream.set_write_timeout(None)?;
        thread::scope(|scope| {
            thread::Builder::new().name("caller".into()).spawn_scoped(scope, || listening.listen())?;
            let code = catch_unwind(AssertUnwindSafe(|| self.run(link, request)));
            let code = code.unwrap_or_else(|_| {
                let sorry = "comity: the command failed unexpectedly in the serving process, which goes on. Its own \
                             output says where; please report this.\n";
                // Should the caller be gone too, there is nobody left to tell.
                drop(link.send(Kind::Err, sorry.as_bytes()));
                Code::Failed as u8
            });
            let told = link.send(Kind::End, &[code]);
            link.hang_up();
            Ok(told?)
        })
    }

    /// Runs one command; its exit code.
    fn run(self: &Arc<Self>, link: &Arc<Link>, request: Request) -> u8 {
        let Request { caller, folder, arguments } = request;
        let words = std::iter::once(OsString::from("comity")).chain(arguments);
        let parsed = Args::command().try_get_matches_from(words).and_then(|matches| {
            let name = matches.subcommand_name().unwrap_or_default().to_owned();
            Ok((name, Args::from_arg_matches(&matches)?))
        });
        let guest = |command| Guest { counter: Arc::clone(self), link: Arc::clone(link), caller, folder, command };
        match parsed {
            Ok((name, args)) => {
                let desk = guest(name).desk();
                if is_forwarded(&args.command) {
                    return (self.command)(&desk, &args) as u8;
                }
                desk.error(&anyhow!("this command runs in a process of its own"));
                Code::Failed as u8
            }
            // The caller's program has read the same words, but it may be another version.
            Err(error) => {
                guest(String::new()).desk().note(error.render().to_string().trim_end());
                u8::try_from(error.exit_code()).unwrap_or(Code::Failed as u8)
            }
        }
    }

    /// Stops every command, and after a while stops waiting for callers who do not read.
    fn close(&self) {
        let began = Instant::now();
        loop {
            let guests = self.guests.lock().clone();
            if guests.is_empty() {
                return;
            }
            for guest in guests {
                guest.stop.store(true, Ordering::Relaxed);
                if began.elapsed() > GRACE {
                    guest.hang_up();
                }
            }
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.link.hang_up();
        self.counter.guests.lock().retain(|guest| !Arc::ptr_eq(guest, &self.link));
    }
}

impl Request {
    fn read(stream: &mut &UnixStream) -> io::Result<Self> {
        let strange = |what: &'static str| io::Error::new(io::ErrorKind::InvalidData, what);
        let (mut caller, mut folder, mut arguments, mut bytes) = (None, None, Vec::new(), 0_usize);
        loop {
            let (kind, content) = frame::read(stream)?;
            match kind {
                Kind::Caller => {
                    let read = serde_json::from_slice(&content);
                    caller = Some(read.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?);
                }
                Kind::Folder => folder = Some(PathBuf::from(OsString::from_vec(content))),
                Kind::Argument => {
                    bytes = bytes.saturating_add(frame::cost(&content));
                    if bytes > MOST_ARGUMENTS {
                        return Err(strange("too many arguments"));
                    }
                    arguments.push(OsString::from_vec(content));
                }
                Kind::Go => break,
                _ => return Err(strange("a frame out of order")),
            }
        }
        let caller = caller.filter(|caller: &Caller| caller.shown.user.len() <= LONGEST_NAME);
        let (Some(caller), Some(folder)) = (caller, folder) else { return Err(strange("a request in part")) };
        Ok(Self { caller, folder, arguments })
    }
}

/// How often the listener looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);
/// How long a caller may take to say what it wants.
const MANNERS: Duration = Duration::from_secs(5);
/// How long commands have to tell their callers how they ended, once the process is to stop.
const GRACE: Duration = Duration::from_secs(20);
const MOST_GUESTS: usize = 16;
/// Of an account, in bytes; systems allow 32.
const LONGEST_NAME: usize = 256;
/// As much as a process' first thread has.
const STACK: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::super::socket::connect;
    use super::super::testing::Opened;
    use super::*;

    /// Says `fine`, or panics in the middle of a batch.
    fn run(desk: &Desk, args: &Args) -> Code {
        let place = desk.open(args, crate::place::Access::Write).unwrap();
        place.node.store().begin(&Opened::start(&place.ctx)).unwrap();
        assert!(!args.json, "for this test");
        desk.say("fine").unwrap();
        Code::Partly
    }

    /// Everything that a command said, and its exit code.
    fn call(folder: &std::path::Path, words: &[&str]) -> (String, u8) {
        let stream = connect(folder).unwrap();
        assert_eq!(frame::read(&mut &stream).unwrap().0, Kind::Welcome);
        let config: crate::config::Config =
            toml::from_str("[node]\norganisation = \"ee\"\nname = \"x\"\ncountry = \"EE\"").unwrap();
        let shown = crate::shown::Shown::here(folder);
        let caller = Caller { shown, out_width: None, err_width: None, config };
        frame::write(&mut &stream, Kind::Caller, &serde_json::to_vec(&caller).unwrap()).unwrap();
        frame::write(&mut &stream, Kind::Folder, b"/").unwrap();
        for word in words {
            frame::write(&mut &stream, Kind::Argument, word.as_bytes()).unwrap();
        }
        frame::write(&mut &stream, Kind::Go, b"").unwrap();
        let mut said = String::new();
        loop {
            match frame::read(&mut &stream).unwrap() {
                (Kind::End, code) => return (said, code[0]),
                (_, content) => said.push_str(std::str::from_utf8(&content).unwrap()),
            }
        }
    }

    #[test]
    fn a_command_that_panics_fails_and_the_node_goes_on() {
        let (opened, stop) = (Opened::new(), AtomicBool::new(false));
        let organisation = opened.ctx.organisation.clone();
        let counter = Counter::new(Arc::clone(&opened.node), organisation, Arc::clone(&opened.line), run);
        let socket = Socket::make(opened.folder.path()).unwrap();
        thread::scope(|scope| {
            let serving = scope.spawn(|| counter.serve(socket, &stop));
            let (said, code) = call(opened.folder.path(), &["--json", "hits"]);
            assert_eq!((code, said.contains("failed unexpectedly")), (1, true), "{said}");
            // The batch that was open is none any more, or the next could not begin.
            assert_eq!(call(opened.folder.path(), &["hits"]), ("fine\n".to_owned(), 4));
            let (said, code) = call(opened.folder.path(), &["no-such-command"]);
            assert_eq!((code, said.contains("no-such-command")), (2, true), "{said}");
            stop.store(true, Ordering::Relaxed);
            serving.join().unwrap().unwrap();
        });
    }
}
