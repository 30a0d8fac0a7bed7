//! A wire between client and server that can be cut at any message.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// Which message from the client is the last one of its connection, and how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server never sees the message.
    Before(u64),
    /// The server sees it; its answer is lost.
    After(u64),
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: u16,
    cut: Option<Cut>,
    messages: AtomicU64,
    cuts: AtomicU64,
    counting: AtomicBool,
}

impl Proxy {
    /// A wire to a server on this machine. Messages count from [`Self::count_from_here`] on, all connections together.
    pub(crate) fn new(server: u16, cut: Option<Cut>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            server,
            cut,
            messages: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            counting: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&accepting);
                thread::spawn(move || shared.carry(&client));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn count_from_here(&self) {
        self.shared.counting.store(true, Ordering::SeqCst);
    }

    pub(crate) fn messages(&self) -> u64 {
        self.shared.messages.load(Ordering::SeqCst)
    }

    pub(crate) fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn carry(&self, client: &TcpStream) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.server)) else { return };
        for stream in [client, &server] {
            stream.set_nodelay(true).unwrap();
        }
        let is_deaf = Arc::new(AtomicBool::new(false));
        let back = {
            let (mut from, mut to, is_deaf) =
                (server.try_clone().unwrap(), client.try_clone().unwrap(), Arc::clone(&is_deaf));
            thread::spawn(move || {
                let mut bytes = [0; 8_192];
                while let Ok(read) = from.read(&mut bytes) {
                    if read == 0 || is_deaf.load(Ordering::SeqCst) || to.write_all(&bytes[..read]).is_err() {
                        break;
                    }
                }
                drop(to.shutdown(Shutdown::Both));
            })
        };
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        self.forward(&mut from, &mut to, &is_deaf);
        // What the server was told it still works off; only its answer is lost.
        drop(to.shutdown(Shutdown::Write));
        drop(client.shutdown(Shutdown::Both));
        drop(back.join());
    }

    fn forward(&self, from: &mut TcpStream, to: &mut TcpStream, is_deaf: &AtomicBool) {
        let mut is_first = true;
        while let Some(message) = message(from, is_first) {
            is_first = false;
            let counted = self.counting.load(Ordering::SeqCst).then(|| self.messages.fetch_add(1, Ordering::SeqCst));
            match (self.cut, counted) {
                (Some(Cut::Before(at)), Some(number)) if number == at => {
                    self.cuts.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                (Some(Cut::After(at)), Some(number)) if number == at => {
                    self.cuts.fetch_add(1, Ordering::SeqCst);
                    is_deaf.store(true, Ordering::SeqCst);
                    drop(to.write_all(&message));
                    return;
                }
                _ => {}
            }
            if to.write_all(&message).is_err() {
                return;
            }
        }
    }
}

/// One message of the client (PostgreSQL protocol 3.0, chapter "Message Formats"); only the first has no type.
fn message(from: &mut TcpStream, is_first: bool) -> Option<Vec<u8>> {
    let head = if is_first { 4 } else { 5 };
    let mut bytes = vec![0; head];
    from.read_exact(&mut bytes).ok()?;
    let length: [u8; 4] = bytes[head - 4..].try_into().unwrap();
    let rest = usize::try_from(u32::from_be_bytes(length)).unwrap().checked_sub(4)?;
    bytes.resize(head + rest, 0);
    from.read_exact(&mut bytes[head..]).ok()?;
    Some(bytes)
}
