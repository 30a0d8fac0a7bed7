//! A node with its network side on a real socket, and what a client needs to talk to it.

mod client;
mod objects;
mod walk;

use std::io::Cursor;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

pub(crate) use client::{Client, Reply, Session, read_reply};
use comity_base::{Limits as ReadLimits, OrgName, Timestamp};
use comity_crypto::NodeKeys;
use comity_crypto::passkey::RelyingParty;
use comity_crypto::seal::Cost;
use comity_node::intake::{Input, IntakeOptions, IntakeReport};
use comity_node::{Clock, Ctx, Node, NodeOptions, Ourselves, PeerKind, PeerStatus, Purpose, SourceChange};
use comity_store::Store;
use comity_store::conformance::MemoryStore;
use comity_tls::{Identity, Pin, client_config_pinned, make_identity};
use comity_web::{Limits, Network};
pub(crate) use objects::*;
pub(crate) use walk::*;

/// The organisation whose node this is.
pub(crate) const HOST: &str = "ee-police";

/// A node that listens.
pub(crate) struct Host {
    pub(crate) node: Arc<Node>,
    pub(crate) keys: Arc<NodeKeys>,
    pub(crate) address: SocketAddr,
    store: Arc<dyn Store>,
    pin: Pin,
    clock: Arc<AtomicI64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

pub(crate) fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

impl Host {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let (keys, store) = (NodeKeys::generate().unwrap(), Arc::new(MemoryStore::default()));
        Self::over(Arc::new(keys), store, tempfile::tempdir().unwrap(), limits)
    }

    /// Over the embedded engine.
    pub(crate) fn on_disk() -> Self {
        let (keys, folder) = (NodeKeys::generate().unwrap(), tempfile::tempdir().unwrap());
        let store = comity_store_sqlite::SqliteStore::open(&folder.path().join("store"), keys.fingerprinter()).unwrap();
        Self::over(Arc::new(keys), Arc::new(store), folder, Limits::default())
    }

    /// Another node with the same keys, peers, agreements and secrets, and none of the objects.
    pub(crate) fn twin(&self) -> Self {
        let store = MemoryStore::default();
        for (key, value) in self.store.values("").unwrap() {
            store.put(&key, None, &value).unwrap();
        }
        let twin = Self::over(Arc::clone(&self.keys), Arc::new(store), tempfile::tempdir().unwrap(), Limits::default());
        twin.clock.store(self.clock.load(Ordering::Relaxed), Ordering::Relaxed);
        twin
    }

    fn over(keys: Arc<NodeKeys>, store: Arc<dyn Store>, folder: tempfile::TempDir, limits: Limits) -> Self {
        let node = Arc::new(open(&keys, Arc::clone(&store), folder.path()));
        let identity = identity();
        let (clock, stop) = (Arc::new(AtomicI64::new(START)), Arc::new(AtomicBool::new(false)));
        let change = SourceChange { country: Some("EE".into()), ..SourceChange::default() };
        node.set_source(&ctx(&clock), &org(HOST), &change).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, pin) = (listener.local_addr().unwrap(), identity.pin());
        let network = Network {
            node: Arc::clone(&node),
            organisation: org(HOST),
            clock: ticking(&clock),
            identity,
            limits,
            traffic: Arc::default(),
            provider: None,
            settings: Vec::new(),
        };
        let asked = Arc::clone(&stop);
        let thread = Some(std::thread::spawn(move || network.serve(listener, &asked).unwrap()));
        Self { node, keys, address, store, pin, clock, stop, thread, _folder: folder }
    }

    pub(crate) fn ctx(&self) -> Ctx {
        ctx(&self.clock)
    }

    /// As somebody of this name, who may do everything.
    pub(crate) fn acting_as(&self, name: &str) -> Ctx {
        let ctx = self.ctx();
        ctx.acting_as(name, (*ctx.authority).clone())
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.load(Ordering::Relaxed))
    }

    /// Lets this many milliseconds pass.
    pub(crate) fn pass(&self, millis: i64) {
        self.clock.fetch_add(millis * 1_000, Ordering::Relaxed);
    }

    /// Takes in objects of the node's own organisation.
    pub(crate) fn ingest(&self, objects: &[String]) -> IntakeReport {
        let source = self.node.set_source(&self.ctx(), &org(HOST), &SourceChange::default()).unwrap();
        let stop = AtomicBool::new(false);
        let options = IntakeOptions::noted("test", &stop);
        let input = Input { name: "test.json".into(), reader: Box::new(Cursor::new(bundle(objects).into_bytes())) };
        let report = self.node.intake(&self.ctx(), &source, &mut std::iter::once(Ok(input)), &options).unwrap();
        assert!(report.batch.as_ref().is_none_or(|batch| batch.counts.rejected == 0), "{report:?}");
        report
    }

    /// Makes a tool of an organisation known under an agreement that lets this flow, and returns its secret.
    pub(crate) fn tool(&self, name: &str, kind: PeerKind, country: &str, flow: &str) -> String {
        self.node.add_tool_peer(&self.ctx(), &org(name), name, kind, Some(country.to_owned())).unwrap();
        self.agree(name, country, "what is shared", flow);
        self.secret(name)
    }

    pub(crate) fn secret(&self, name: &str) -> String {
        self.node.add_credential(&self.ctx(), &org(name), "test", None).unwrap().1
    }

    /// An agreement signed by both that lets this flow both ways, and either ask as much as it likes.
    pub(crate) fn agree(&self, name: &str, country: &str, title: &str, flow: &str) {
        self.agree_asking(name, country, (title, flow), 1_000_000);
    }

    /// The same where either may ask so often in an hour.
    pub(crate) fn agree_asking(&self, name: &str, country: &str, (title, flow): (&str, &str), per_hour: u32) {
        let (own, other) = (self.keys.public_key(), self.node.known_peer(&org(name)).unwrap().keys[0]);
        let text = format!(
            "name = \"{title}\"\nversion = 1\nvalid_from = 2020-01-01\nvalid_until = 2040-01-01\n\
             [[parties]]\nname = \"{HOST}\"\ncountry = \"EE\"\nkey = \"{own}\"\n\
             [[parties]]\nname = \"{name}\"\ncountry = \"{country}\"\nkey = \"{other}\"\n\
             [[flows]]\nfrom = \"{HOST}\"\nto = \"{name}\"\n{flow}\n\
             [[flows]]\nfrom = \"{name}\"\nto = \"{HOST}\"\n{flow}\n\
             [queries]\nper_day = 1_000_000\nper_hour = {per_hour}\n[receipts]\nwithin_hours = 24\nsuspend_queries_when_overdue = true\n"
        );
        let made = self.node.propose(&self.ctx(), &org(name), &text).unwrap();
        self.node.sign_on_paper(&self.ctx(), &made.id.to_string(), "drawer 4").unwrap();
    }

    pub(crate) fn suspend(&self, name: &str) {
        self.node.set_peer_status(&self.ctx(), &org(name), PeerStatus::Suspended).unwrap();
    }

    /// A client that shows nothing.
    pub(crate) fn stranger(&self) -> Client {
        self.stranger_with(None)
    }

    /// A client that shows this TLS key, or none.
    pub(crate) fn stranger_with(&self, identity: Option<&Identity>) -> Client {
        let mut config = client_config_pinned(identity, &[self.pin]).unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Client::new(self.address, Arc::new(config))
    }

    /// A client that shows a secret as a Bearer token and names TAXII 2.1.
    pub(crate) fn client(&self, secret: &str) -> Client {
        self.stranger().with("Authorization", &format!("Bearer {secret}")).with("Accept", TAXII)
    }

    /// It still answers, and soon.
    pub(crate) fn assert_alive(&self, secret: &str) {
        let began = std::time::Instant::now();
        assert_eq!(self.client(secret).get("/taxii2/").status, 200);
        assert!(began.elapsed() < Duration::from_secs(2), "answers after {:?}", began.elapsed());
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn open(keys: &NodeKeys, store: Arc<dyn Store>, folder: &Path) -> Node {
    let options = NodeOptions {
        derived: folder.join("derived"),
        remembered: None,
        writable: true,
        limits: ReadLimits::default(),
        workers: 1,
    };
    let ourselves = Ourselves {
        name: org(HOST),
        full_name: "Estonian police".into(),
        country: Some("EE".into()),
        kind: PeerKind::Member,
        url: Some("https://localhost".into()),
        keys: keys.public_keys().iter().map(|record| record.key).collect(),
        pins: vec!["sha256/ours".into()],
        successions: Vec::new(),
        ledger: Vec::new(),
    };
    let origin = "https://localhost".to_owned();
    let party = RelyingParty { id: "localhost".into(), origin, name: "Estonian police".into() };
    let node = Node::open(store, keys, &options).unwrap().with_identity(ourselves).with_passkeys(party);
    node.with_password_cost(Cost::new(8, 1))
}

pub(crate) fn identity() -> Identity {
    let (from, until) = ("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    let at = |text| Timestamp::parse(text).unwrap();
    make_identity(HOST, &["localhost".to_owned()], at(from), at(until)).unwrap()
}

fn ctx(clock: &Arc<AtomicI64>) -> Ctx {
    Ctx {
        actor: "test".into(),
        authority: std::sync::Arc::new(comity_node::Authority::alone()),
        organisation: org(HOST),
        purpose: Purpose::Investigation,
        case: None,
        reason: None,
        clock: ticking(clock),
    }
}

/// A clock that moves by a microsecond whenever it is looked at.
fn ticking(clock: &Arc<AtomicI64>) -> Clock {
    let clock = Arc::clone(clock);
    Arc::new(move || Timestamp::from_micros(clock.fetch_add(1, Ordering::Relaxed)))
}

const START: i64 = 1_793_000_000_000_000;
pub(crate) const TAXII: &str = "application/taxii+json;version=2.1";
