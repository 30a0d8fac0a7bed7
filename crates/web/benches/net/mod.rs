//! Nodes that listen on this machine, and the plainest client there is: what it costs is next to nothing.

#![expect(dead_code, reason = "each benchmark uses its part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use comity_base::{Limits, OrgName, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::{Clock, Ctx, Guest, Node, NodeOptions, Ourselves, PeerKind, Purpose, SourceChange};
use comity_tls::{Identity, Pin, client_config_pinned, make_identity};
use comity_web::Network;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

/// A node with an embedded store that answers on this machine.
pub(crate) struct Served {
    pub(crate) node: Arc<Node>,
    pub(crate) ctx: Ctx,
    pub(crate) address: SocketAddr,
    pub(crate) identity: Identity,
    pub(crate) keys: NodeKeys,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// One connection, kept.
pub(crate) struct Client {
    stream: StreamOwned<ClientConnection, Counted>,
    waiting: Vec<u8>,
    head: String,
}

/// Counts what goes over the wire in both directions.
struct Counted(TcpStream, u64);

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(out).inspect(|read| self.1 += *read as u64)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes).inspect(|written| self.1 += *written as u64)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn org(name: &str) -> OrgName {
    OrgName::parse(name).expect("a name")
}

fn clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "a benchmark is as good as a binary")]
    let now = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or_default())
    };
    Arc::new(now)
}

impl Served {
    pub(crate) fn new(name: &str, folder: &Path) -> Self {
        let keys = NodeKeys::generate().expect("keys");
        let store = comity_store_sqlite::SqliteStore::open(&folder.join("store"), keys.fingerprinter());
        let store = Arc::new(store.expect("a store"));
        let options = NodeOptions {
            derived: folder.join("derived"),
            remembered: None,
            writable: true,
            limits: Limits::default(),
            workers: 2,
        };
        let node = Node::open(store, &keys, &options).expect("a node");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let clock = clock();
        let hosts = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let day = 86_400_000_000;
        let (from, until) = (clock().as_micros() - day, clock().as_micros() + day);
        let identity = make_identity(name, &hosts, Timestamp::from_micros(from), Timestamp::from_micros(until));
        let identity = identity.expect("an identity");
        let ourselves = Ourselves {
            name: org(name),
            full_name: name.into(),
            country: Some("EE".into()),
            kind: PeerKind::Member,
            url: Some(format!("https://{address}")),
            keys: vec![keys.public_key()],
            pins: vec![identity.pin().to_string()],
            successions: Vec::new(),
            ledger: Vec::new(),
        };
        let node = Arc::new(node.with_identity(ourselves));
        let ctx = Ctx {
            actor: "bench".into(),
            authority: std::sync::Arc::new(comity_node::Authority::alone()),
            organisation: org(name),
            purpose: Purpose::Investigation,
            case: None,
            reason: None,
            clock: Arc::clone(&clock),
        };
        node.set_source(&ctx, &org(name), &SourceChange { country: Some("EE".into()), ..SourceChange::default() })
            .expect("a source");
        let stop = Arc::new(AtomicBool::new(false));
        let network = Network {
            node: Arc::clone(&node),
            organisation: org(name),
            clock,
            identity: identity.clone(),
            traffic: Arc::default(),
            limits: comity_web::Limits {
                requests_a_second: 0,
                connections_a_second: 0,
                ..comity_web::Limits::default()
            },
            provider: None,
            settings: Vec::new(),
        };
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || network.serve(listener, &told).expect("it serves"));
        Self { node, ctx, address, identity, keys, stop, thread: Some(thread) }
    }

    /// A connection without a client certificate.
    pub(crate) fn connect(&self) -> Client {
        Client::to(self.address, self.identity.pin(), None)
    }

    /// A connection of another node.
    pub(crate) fn connect_as(&self, other: &Self) -> Client {
        Client::to(self.address, self.identity.pin(), Some(&other.identity))
    }

    /// `other` joins, and both sign an agreement that lets everything of this level flow.
    pub(crate) fn befriend(&self, other: &Self, tlp: &str) {
        let guest = Guest {
            full_name: "x",
            kind: PeerKind::Member,
            name: Some(other.ctx.organisation.clone()),
            lasts: 60_000_000,
        };
        let invitation = self.node.invite(&self.ctx, &guest).expect("an invitation");
        let wish = other.node.join_request(&other.ctx, &invitation).expect("a wish");
        let (_, answer) = self.node.admit(&self.ctx, &wish, Some(&other.identity.pin().to_string())).expect("it joins");
        other.node.joined(&other.ctx, &invitation, &answer).expect("it joined");
        let text = agreement((&self.ctx.organisation, &self.keys), (&other.ctx.organisation, Some(&other.keys)), tlp);
        let made = self.node.propose(&self.ctx, &other.ctx.organisation, &text).expect("an agreement");
        deliver(self, other);
        other.node.sign_agreement(&other.ctx, &made.id.to_string()).expect("signed");
        deliver(other, self);
    }

    /// A tool of another organisation, with an agreement and a secret.
    pub(crate) fn tool(&self, name: &str, tlp: &str) -> String {
        let peer = self.node.add_tool_peer(&self.ctx, &org(name), name, PeerKind::Member, Some("FI".into()));
        let key = peer.expect("a peer").keys[0];
        let text =
            agreement((&self.ctx.organisation, &self.keys), (&org(name), None), tlp).replace("KEY", &key.to_string());
        let made = self.node.propose(&self.ctx, &org(name), &text).expect("an agreement");
        self.node.sign_on_paper(&self.ctx, &made.id.to_string(), "bench").expect("signed");
        self.node.add_credential(&self.ctx, &org(name), "bench", None).expect("a secret").1
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        drop(self.thread.take().map(std::thread::JoinHandle::join));
    }
}

fn deliver(from: &Served, to: &Served) {
    for (key, message) in from.node.outbox(&to.ctx.organisation).expect("an outbox") {
        let peer = to.node.known_peer(&from.ctx.organisation).expect("a peer");
        to.node.take_message(&to.ctx, &peer, &message).expect("taken");
        from.node.sent(&key).expect("sent");
    }
}

fn agreement(one: (&OrgName, &NodeKeys), two: (&OrgName, Option<&NodeKeys>), tlp: &str) -> String {
    let key = two.1.map_or("KEY".to_owned(), |keys| keys.public_key().to_string());
    let flow = |from: &OrgName, to: &OrgName| {
        format!(
            "[[flows]]\nfrom = \"{from}\"\nto = \"{to}\"\nkinds = [\"threat\", \"contact\", \"account\", \"person\", \
             \"document\"]\npurposes = [\"investigation\"]\ntlp = \"{tlp}\"\nhandling = [\"H0\"]\nonward = \"label\"\n"
        )
    };
    format!(
        "name = \"bench {}\"\nversion = 1\nvalid_from = 2020-01-01\nvalid_until = 2040-01-01\n\
         [[parties]]\nname = \"{}\"\ncountry = \"EE\"\nkey = \"{}\"\n[[parties]]\nname = \"{}\"\ncountry = \"FI\"\n\
         key = \"{key}\"\n{}{}[queries]\nper_day = 1_000_000\nper_hour = 1_000_000\n[receipts]\nwithin_hours = 1\n\
         suspend_queries_when_overdue = false\n",
        two.0,
        one.0,
        one.1.public_key(),
        two.0,
        flow(one.0, two.0),
        flow(two.0, one.0)
    )
}

impl Client {
    pub(crate) fn to(address: SocketAddr, pin: Pin, own: Option<&Identity>) -> Self {
        let mut config = client_config_pinned(own, &[pin]).expect("a configuration");
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let socket = TcpStream::connect(address).expect("it connects");
        socket.set_nodelay(true).expect("no delay");
        Self { stream: StreamOwned::new(connection, Counted(socket, 0)), waiting: Vec::new(), head: String::new() }
    }

    /// Bytes over the wire so far, handshake included.
    pub(crate) fn bytes(&self) -> u64 {
        self.stream.sock.1
    }

    /// Sends a request whose answer never ends.
    pub(crate) fn listen(&mut self, path: &str) {
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{}\r\n", self.head);
        self.stream.write_all(head.as_bytes()).expect("it writes");
        self.stream.flush().expect("it writes");
    }

    /// Reads on until this stands in what is read, and forgets everything up to there.
    pub(crate) fn until(&mut self, text: &[u8]) {
        loop {
            if let Some(at) = memchr::memmem::find(&self.waiting, text) {
                self.waiting.drain(..at + text.len());
                return;
            }
            let tail = self.waiting.len().saturating_sub(text.len());
            self.waiting.drain(..tail);
            self.more();
        }
    }

    /// What every request carries.
    pub(crate) fn with(mut self, head: &str) -> Self {
        head.clone_into(&mut self.head);
        self
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, &[])
    }

    pub(crate) fn post(&mut self, path: &str, body: &[u8]) -> Reply {
        self.ask("POST", path, body)
    }

    fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Reply {
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{}{length}\r\n", self.head);
        self.stream.write_all(head.as_bytes()).expect("it writes");
        self.stream.write_all(body).expect("it writes");
        self.stream.flush().expect("it writes");
        let end = loop {
            if let Some(at) = self.waiting.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more();
        };
        let head = String::from_utf8_lossy(&self.waiting[..end]).to_ascii_lowercase();
        let status = head[9..12].parse().expect("a status");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or("0", str::trim);
        let length: usize = length.parse().expect("a length");
        while self.waiting.len() < end + length {
            self.more();
        }
        let body = self.waiting[end..end + length].to_vec();
        self.waiting.drain(..end + length);
        Reply { status, body }
    }

    fn more(&mut self) {
        let before = self.waiting.len();
        self.waiting.resize(before + CHUNK, 0);
        let read = self.stream.read(&mut self.waiting[before..]).expect("it reads");
        assert!(read > 0, "the server hung up");
        self.waiting.truncate(before + read);
    }
}

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// Where large files of benchmarks lie.
pub(crate) fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

pub(crate) fn objects() -> u64 {
    std::env::var("COMITY_BENCH_OBJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

/// Indicators of about 750 bytes, one line; every thousandth may be seen by anyone, the others need an agreement.
pub(crate) fn indicator(number: u64) -> String {
    let tlp = if number.is_multiple_of(1_000) { "clear" } else { "green" };
    let (a, b, c) = (number % 251, number / 251 % 251, number / 63_001 % 251);
    let text = "seen in traffic of a loader that fetches its second stage over an encrypted channel";
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{number:08x}-0000-4000-8000-{number:012x}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Command and control {number}","description":"Address {text}; observed {number} times by sensors of the reporting organisation between January and March, last on the gateway of a partner. {text}.","indicator_types":["malicious-activity","attribution"],"pattern":"[ipv4-addr:value = '10.{a}.{b}.{c}' OR domain-name:value = 'c{number}.evil.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","kill_chain_phases":[{{"kill_chain_name":"lockheed-martin-cyber-kill-chain","phase_name":"command-and-control"}}],"confidence":70,"labels":["tlp:{tlp}","botnet"]}}"#
    )
}

/// Objects as a bundle that is made while it is read.
pub(crate) struct Bundle {
    next: u64,
    count: u64,
    make: fn(u64) -> String,
    waiting: Vec<u8>,
}

impl Bundle {
    /// So many objects, each made from its number.
    pub(crate) fn new(count: u64, make: fn(u64) -> String) -> Self {
        Self { next: 0, count, make, waiting: Vec::new() }
    }
}

impl Read for Bundle {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.waiting.len() < out.len() && self.next <= self.count {
            if self.next == 0 {
                self.waiting.extend_from_slice(
                    b"{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":[",
                );
            } else {
                self.waiting.extend_from_slice(if self.next > 1 { b",\n" } else { b"\n" });
                self.waiting.extend_from_slice((self.make)(self.next - 1).as_bytes());
            }
            self.next += 1;
            if self.next > self.count {
                self.waiting.extend_from_slice(b"]}");
            }
        }
        let length = out.len().min(self.waiting.len());
        out[..length].copy_from_slice(&self.waiting[..length]);
        self.waiting.drain(..length);
        Ok(length)
    }
}

pub(crate) fn figure(name: &str, value: f64, unit: &str, target: Option<f64>, better: &str) {
    println!(
        "{}",
        serde_json::json!({"figure": name, "value": value, "unit": unit, "target": target, "better": better})
    );
}

pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let ranks = values.len().saturating_sub(1) as f64;
    let below = values.iter().zip(0_u32..).take_while(|(_, rank)| f64::from(*rank) <= (ranks * share).round());
    below.last().map_or(f64::NAN, |(value, _)| *value)
}

pub(crate) fn cpu_seconds() -> f64 {
    cpu_seconds_of("self")
}

/// CPU seconds so far of this process, `self`, or of this thread, `thread-self`.
pub(crate) fn cpu_seconds_of(whose: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{whose}/stat")).expect("stat");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().expect("a number") + fields[12].parse::<f64>().expect("a number");
    ticks / 100.0
}
