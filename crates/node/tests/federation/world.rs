//! Nodes in memory that know nothing of a network: the test carries their bytes.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use comity_base::{Limits, OrgName, Timestamp};
use comity_crypto::{NodeKeys, PublicKey};
use comity_node::intake::{Input, IntakeOptions, IntakeReport};
use comity_node::{Ctx, Guest, Node, NodeError, NodeOptions, Ourselves, Peer, PeerKind, Purpose, SourceChange, Taken};
use comity_stix::ObjectId;
use comity_store::conformance::MemoryStore;
use comity_store::{Op, Store};

use crate::faulty::Faulty;

/// A node with what survives when it is killed.
pub(crate) struct Member {
    pub(crate) name: OrgName,
    pub(crate) kind: PeerKind,
    pub(crate) node: Node,
    keys: NodeKeys,
    pub(crate) store: Arc<Faulty>,
    folder: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    claimed: Vec<PublicKey>,
}

pub(crate) struct World {
    pub(crate) members: Vec<Member>,
    pub(crate) clock: Arc<AtomicI64>,
}

const START: i64 = 1_793_000_000_000_000;

pub(crate) fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

impl Member {
    fn new(name: &str, kind: PeerKind, clock: &Arc<AtomicI64>) -> Self {
        let (keys, store) = (NodeKeys::generate().unwrap(), Arc::new(Faulty::new(MemoryStore::default())));
        let folder = tempfile::tempdir().unwrap();
        let node = open((name, kind), &keys, &store, (folder.path(), &[]));
        let member =
            Self { name: org(name), kind, node, keys, store, folder, clock: Arc::clone(clock), claimed: Vec::new() };
        let change = SourceChange { country: Some(country(name)), ..SourceChange::default() };
        member.node.set_source(&member.ctx(), &member.name, &change).unwrap();
        member
    }

    /// Gets a new signing key, which the one before signs for, and is started again.
    pub(crate) fn rotate(&mut self) {
        self.keys.rotate_signing(Timestamp::from_micros(self.clock.load(Ordering::Relaxed))).unwrap();
        self.restart();
    }

    /// A copy of everything it has, keys too, as somebody took it who has a key of their own as well.
    pub(crate) fn stolen(&self) -> (Node, tempfile::TempDir) {
        let (store, folder) = (Arc::new(self.store.crashed()), tempfile::tempdir().unwrap());
        let own = NodeKeys::generate().unwrap().public_key();
        let node = open((self.name.as_str(), self.kind), &self.keys, &store, (folder.path(), &[own]));
        (node, folder)
    }

    /// Says from now on that this key is its own too.
    pub(crate) fn claim(&mut self, key: PublicKey) {
        self.claimed.push(key);
        self.restart();
    }

    /// Killed and started again: what was only in memory is gone.
    pub(crate) fn restart(&mut self) {
        self.store = Arc::new(self.store.crashed());
        let (who, place) = ((self.name.as_str(), self.kind), (self.folder.path(), self.claimed.as_slice()));
        self.node = open(who, &self.keys, &self.store, place);
    }

    /// What its signing key makes of a text in a context.
    pub(crate) fn signature(&self, context: &str, text: &str) -> String {
        self.keys.signing_key().sign(context, text.as_bytes()).to_string()
    }

    /// Its signing key, as it is written.
    pub(crate) fn key(&self) -> String {
        self.keys.public_key().to_string()
    }

    /// A message as its node would sign it, whatever it says.
    pub(crate) fn signed(&self, message: &str) -> Vec<u8> {
        let (key, signature) = (self.key(), self.signature("node message", message));
        format!(r#"{{"message":{message},"key":"{key}","signature":"{signature}"}}"#).into_bytes()
    }

    pub(crate) fn ctx(&self) -> Ctx {
        let clock = Arc::clone(&self.clock);
        Ctx {
            actor: "test".into(),
            authority: std::sync::Arc::new(comity_node::Authority::alone()),
            organisation: self.name.clone(),
            purpose: Purpose::Investigation,
            case: None,
            reason: None,
            clock: Arc::new(move || Timestamp::from_micros(clock.fetch_add(1, Ordering::Relaxed))),
        }
    }

    pub(crate) fn ingest(&self, objects: &[String]) -> IntakeReport {
        self.try_ingest(objects).unwrap()
    }

    pub(crate) fn try_ingest(&self, objects: &[String]) -> Result<IntakeReport, NodeError> {
        let source = self.node.set_source(&self.ctx(), &self.name, &SourceChange::default())?;
        let stop = AtomicBool::new(false);
        let options = IntakeOptions::noted("test", &stop);
        let bundle = format!(
            r#"{{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[{}]}}"#,
            objects.join(",")
        );
        let input = Input { name: "test.json".into(), reader: Box::new(Cursor::new(bundle.into_bytes())) };
        self.node.intake(&self.ctx(), &source, &mut std::iter::once(Ok(input)), &options)
    }

    pub(crate) fn peer(&self, name: &OrgName) -> Peer {
        self.node.peer(name).unwrap().unwrap()
    }

    /// What counts here now, by owner and object, with its bytes.
    pub(crate) fn current(&self) -> BTreeMap<(OrgName, ObjectId), Vec<u8>> {
        let mut out = BTreeMap::new();
        let store = self.node.store();
        for row in store.scan(comity_base::Position::START, usize::MAX, true).unwrap() {
            if row.op != Op::Put {
                continue;
            }
            for (owner, version) in self.node.current_versions(&row.id).unwrap() {
                out.insert((owner, row.id.clone()), version.raw.to_vec());
            }
        }
        out
    }

    /// The settings that hold these words.
    pub(crate) fn saying(&self, words: &str) -> Vec<String> {
        let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(words);
        let all = self.store.values("").unwrap().into_iter();
        all.filter(|(_, bytes)| holds(bytes)).map(|(key, _)| key).collect()
    }

    /// Whether these bytes are anywhere in the store, current or not.
    pub(crate) fn has_content(&self, raw: &[u8]) -> bool {
        self.store.scan(comity_base::Position::START, usize::MAX, true).unwrap().iter().any(|row| *row.raw == *raw)
    }
}

fn open(
    (name, kind): (&str, PeerKind),
    keys: &NodeKeys,
    store: &Arc<Faulty>,
    (folder, claimed): (&std::path::Path, &[PublicKey]),
) -> Node {
    let derived = folder.join("derived");
    let options = NodeOptions { derived, remembered: None, writable: true, limits: Limits::default(), workers: 1 };
    let ourselves = Ourselves {
        name: org(name),
        full_name: name.to_uppercase(),
        country: Some(country(name)),
        kind,
        url: Some(format!("https://{name}.example:7443")),
        keys: keys.public_keys().iter().map(|record| record.key).chain(claimed.iter().copied()).collect(),
        pins: vec![pin(name)],
        successions: Vec::new(),
        ledger: Vec::new(),
    };
    let store: Arc<Faulty> = Arc::clone(store);
    Node::open(store, keys, &options).unwrap().with_identity(ourselves)
}

pub(crate) fn country(name: &str) -> String {
    name.get(..2).unwrap_or("EE").to_uppercase()
}

pub(crate) fn pin(name: &str) -> String {
    format!("sha256/{name}")
}

impl World {
    pub(crate) fn new(names: &[(&str, PeerKind)]) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        Self { members: names.iter().map(|(name, kind)| Member::new(name, *kind, &clock)).collect(), clock }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// `a` invites `b`.
    pub(crate) fn connect(&self, a: usize, b: usize) {
        let (host, guest) = (&self.members[a], &self.members[b]);
        let invited = Guest { full_name: "X", kind: guest.kind, name: Some(guest.name.clone()), lasts: 3_600_000_000 };
        let invitation = host.node.invite(&host.ctx(), &invited).unwrap();
        let request = guest.node.join_request(&guest.ctx(), &invitation).unwrap();
        let (_, answer) = host.node.admit(&host.ctx(), &request, Some(&pin(guest.name.as_str()))).unwrap();
        guest.node.joined(&guest.ctx(), &invitation, &answer).unwrap();
    }

    /// Both sign an agreement that lets this much flow both ways.
    pub(crate) fn agree(&self, a: usize, b: usize, flow: &str) {
        let (one, two) = (&self.members[a], &self.members[b]);
        let text = agreement(one, two, flow);
        let made = one.node.propose(&one.ctx(), &two.name, &text).unwrap();
        self.carry(a, b);
        two.node.sign_agreement(&two.ctx(), &made.id.to_string()).unwrap();
        self.carry(b, a);
    }

    /// Brings what waits in one outbox to the other node.
    pub(crate) fn carry(&self, from: usize, to: usize) {
        let (from, to) = (&self.members[from], &self.members[to]);
        for (key, bytes) in from.node.outbox(&to.name).unwrap() {
            to.node.take_message(&to.ctx(), &to.peer(&from.name), &bytes).unwrap();
            from.node.sent(&key).unwrap();
        }
    }

    /// `to` fetches everything `from` has for it.
    pub(crate) fn sync(&self, from: usize, to: usize) -> Taken {
        let (giver, taker) = (&self.members[from], &self.members[to]);
        let mut all = Taken::default();
        loop {
            let cursor = taker.node.fetched(&giver.name).unwrap().map(|fetched| fetched.cursor);
            let page = giver.node.feed(&giver.ctx(), &giver.peer(&taker.name), cursor.as_deref(), 7).unwrap();
            let taken = taker.node.take_page(&taker.ctx(), &taker.peer(&giver.name), &page).unwrap();
            all.stored += taken.stored;
            all.set_aside += taken.set_aside;
            all.recalls += taken.recalls;
            if !taken.more {
                break;
            }
        }
        self.carry(to, from);
        all
    }
}

pub(crate) fn agreement(one: &Member, two: &Member, flow: &str) -> String {
    let party = |member: &Member| {
        let (name, key) = (&member.name, member.keys.public_key());
        format!("[[parties]]\nname = \"{name}\"\ncountry = \"{}\"\nkey = \"{key}\"\n", country(name.as_str()))
    };
    let flow =
        |from: &Member, to: &Member| format!("[[flows]]\nfrom = \"{}\"\nto = \"{}\"\n{flow}\n", from.name, to.name);
    format!(
        "name = \"test\"\nversion = 1\nvalid_from = 2020-01-01\nvalid_until = 2040-01-01\n{}{}{}{}\
         [queries]\nper_day = 10\nper_hour = 10\n[receipts]\nwithin_hours = 24\nsuspend_queries_when_overdue = true\n",
        party(one),
        party(two),
        flow(one, two),
        flow(two, one)
    )
}

pub(crate) const EVERYTHING: &str = r#"kinds = ["threat", "suspect", "contact", "account", "person", "document"]
purposes = ["investigation", "prevention"]
tlp = "amber+strict"
handling = ["H0", "H1", "H2", "H3"]
onward = "label""#;

/// An indicator of this number and version, marked with a TLP level and, where given, a release list.
pub(crate) fn indicator(number: u64, version: u32, tlp: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{number:08x}-0000-4000-8000-000000000000","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-{:02}T00:00:{:02}.000Z","pattern":"[ipv4-addr:value = '198.51.{}.{}']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","labels":["tlp:{tlp}"]}}"#,
        1 + version / 60,
        version % 60,
        number / 200 % 200,
        1 + number % 200
    )
}

pub(crate) fn indicator_id(number: u64) -> ObjectId {
    ObjectId::parse(&format!("indicator--{number:08x}-0000-4000-8000-000000000000")).unwrap()
}
