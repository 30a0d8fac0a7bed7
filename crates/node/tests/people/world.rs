use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use comity_base::{Limits, OrgName, Timestamp};
use comity_crypto::NodeKeys;
use comity_crypto::seal::Cost;
use comity_node::intake::{Input, IntakeOptions, IntakeReport};
use comity_node::{
    Account, Asked, AuditQuery, Authority, Ctx, Means, NewAccount, Node, NodeError, NodeOptions, Ourselves, PeerKind,
    Purpose, RightsChange, Role, SourceChange,
};
use comity_stix::Label;
use comity_stix::label::{Need, Party, Tlp};
use comity_store::conformance::MemoryStore;
use comity_store::{BatchId, Store};

/// A node of one bureau on a store in memory, with a clock that a test moves. Its first account is `first`.
pub(crate) struct World {
    pub(crate) node: Node,
    pub(crate) store: Arc<MemoryStore>,
    keys: NodeKeys,
    clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

/// A cheap hash: the tests ask for it often.
pub(crate) const CHEAP: (u32, u32) = (8, 1);

impl World {
    /// A node without accounts.
    pub(crate) fn bare() -> Self {
        let (keys, store, folder) =
            (NodeKeys::generate().unwrap(), Arc::new(MemoryStore::default()), tempfile::tempdir().unwrap());
        let node = Self::open(&keys, &store, folder.path());
        Self { node, keys, store, clock: Arc::new(AtomicI64::new(1_793_000_000_000_000)), folder }
    }

    /// Another process of the same node, after this one has ended.
    pub(crate) fn reopened(self, change: impl FnOnce(Node) -> Node) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let node = change(Self::open(&self.keys, &self.store, folder.path()));
        Self { node, folder, ..self }
    }

    /// The key this node signs with.
    pub(crate) fn public_key(&self) -> comity_crypto::PublicKey {
        self.keys.public_key()
    }

    /// Where this node keeps what it derives.
    pub(crate) fn derived(&self) -> PathBuf {
        self.folder.path().join("derived")
    }

    /// The same node with what is derived in another folder.
    pub(crate) fn open_at(&self, folder: &Path) -> Node {
        Self::open(&self.keys, &self.store, folder)
    }

    fn open(keys: &NodeKeys, store: &Arc<MemoryStore>, folder: &Path) -> Node {
        let derived = folder.join("derived");
        let options = NodeOptions { derived, remembered: None, writable: true, limits: Limits::default(), workers: 1 };
        let node = Node::open(Arc::clone(store) as Arc<dyn Store>, keys, &options).unwrap();
        let ourselves = Ourselves {
            name: org("ee"),
            full_name: "Estonian bureau".into(),
            country: Some("EE".into()),
            kind: PeerKind::Member,
            url: Some("https://ee.example".into()),
            keys: vec![keys.public_key()],
            pins: Vec::new(),
            successions: Vec::new(),
            ledger: Vec::new(),
        };
        node.with_identity(ourselves).with_password_cost(Cost::new(CHEAP.0, CHEAP.1))
    }

    /// With its first account, which has every role.
    pub(crate) fn new() -> Self {
        let world = Self::bare();
        let first = NewAccount { name: "first".into(), full_name: "First".into(), system: Some("uid:1000".into()) };
        world.node.add_first_account(&world.with(Authority::alone()), &first).unwrap();
        world
    }

    pub(crate) fn with(&self, authority: Authority) -> Ctx {
        let clock = Arc::clone(&self.clock);
        Ctx {
            actor: "first".into(),
            authority: Arc::new(authority),
            organisation: org("ee"),
            purpose: Purpose::Investigation,
            case: None,
            reason: None,
            clock: Arc::new(move || Timestamp::from_micros(clock.fetch_add(1_000, Ordering::Relaxed))),
        }
    }

    /// As an account of this name acts now.
    /// With its node opened in another way.
    pub(crate) fn opened(self, change: impl FnOnce(Node) -> Node) -> Self {
        Self { node: change(self.node), ..self }
    }

    pub(crate) fn of(&self, name: &str) -> Ctx {
        let account = self.node.account(name).unwrap().unwrap();
        self.with(Authority::nobody()).acting_as(name, account.authority(Means::Password))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.load(Ordering::Relaxed))
    }

    /// An account that `first` added and a supervisor who is somebody else gave these roles.
    pub(crate) fn person(&self, name: &str, roles: &[Role]) -> Account {
        self.node.add_account(&self.of("first"), &account(name)).unwrap();
        self.node.change_rights(&self.chief(), name, &give(roles)).unwrap()
    }

    /// The other supervisor.
    fn chief(&self) -> Ctx {
        if self.node.account("chief").unwrap().is_none() {
            self.node.add_account(&self.of("first"), &account("chief")).unwrap();
            self.node.change_rights(&self.of("first"), "chief", &give(&[Role::Supervisor])).unwrap();
        }
        self.of("chief")
    }

    /// Takes an address in, for those with these needs only.
    pub(crate) fn ingest(&self, source: &str, value: &str, needs: &[&str]) -> String {
        self.take_in(source, value, needs, "")
    }

    /// The same object in another form, so that it is a new version.
    pub(crate) fn ingest_changed(&self, source: &str, value: &str, needs: &[&str]) -> String {
        self.take_in(source, value, needs, r#","x_seen":2"#)
    }

    fn take_in(&self, source: &str, value: &str, needs: &[&str], more: &str) -> String {
        let id = format!("ipv4-addr--{}", uuid(value));
        let object = format!(r#"{{"type":"ipv4-addr","spec_version":"2.1","id":"{id}","value":"{value}"{more}}}"#);
        self.bring((source, "EE"), needs, &[object]);
        id
    }

    /// Takes objects of a source of this country in, as one batch.
    pub(crate) fn bring(&self, source: (&str, &str), needs: &[&str], objects: &[String]) -> BatchId {
        self.bring_told(source, needs, objects).batch.unwrap().id
    }

    /// The same with what the intake has to tell.
    pub(crate) fn bring_told(
        &self,
        (source, country): (&str, &str),
        needs: &[&str],
        objects: &[String],
    ) -> IntakeReport {
        let mut label = Label::defaults(org(source));
        label.tlp = Some(Tlp::Clear);
        label.release_to = Some([Party::parse("org:fi").unwrap()].into());
        label.need = needs.iter().map(|need| Need::parse(need).unwrap()).collect();
        let change = SourceChange { country: Some(country.into()), defaults: Some(label), ..SourceChange::default() };
        let ctx = self.with(Authority::alone());
        let source = self.node.set_source(&ctx, &org(source), &change).unwrap();
        let stop = AtomicBool::new(false);
        let input = Input { name: "test.json".into(), reader: Box::new(Cursor::new(objects.join("\n").into_bytes())) };
        let options = IntakeOptions::noted("test", &stop);
        self.node.intake(&ctx, &source, &mut std::iter::once(Ok(input)), &options).unwrap()
    }

    /// The same node in another process, with nothing in memory.
    pub(crate) fn again(&self) -> (Node, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Self::open(&self.keys, &self.store, folder.path()), folder)
    }

    pub(crate) fn audit(&self, query: &AuditQuery) -> Vec<Asked> {
        let mut found = Vec::new();
        let mut take = |asked| {
            found.push(asked);
            ControlFlow::Continue(())
        };
        self.node.audit(&self.with(Authority::alone()), query, &mut take).unwrap();
        found
    }

    /// Everything the store holds beside objects, as bytes.
    pub(crate) fn settings(&self) -> Vec<u8> {
        self.store.values("").unwrap().into_iter().flat_map(|(key, value)| [key.into_bytes(), value].concat()).collect()
    }
}

pub(crate) fn account(name: &str) -> NewAccount {
    NewAccount { name: name.into(), full_name: name.to_uppercase(), system: Some(format!("test:{name}")) }
}

pub(crate) fn give(roles: &[Role]) -> RightsChange {
    RightsChange { give: roles.iter().copied().collect(), ..RightsChange::default() }
}

pub(crate) fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

/// Why it was refused, by the code of the first reason.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, NodeError>) -> String {
    match answer {
        Err(NodeError::Denied(denied)) => denied.reasons[0].code.clone(),
        other => panic!("not denied: {other:?}"),
    }
}

/// Version 5 identifiers need not be computed here; any that differ do.
fn uuid(value: &str) -> String {
    let hash = comity_crypto::hex(&comity_crypto::sha256(value.as_bytes()));
    format!("{}-{}-5{}-8{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32])
}
