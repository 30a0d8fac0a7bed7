//! What a node writes into its ledger, and what it notices when somebody else writes there.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use comity_base::{Limits, OrgName, Timestamp};
use comity_crypto::NodeKeys;
use comity_ledger::{EntryKind, Group, Opening};
use comity_node::intake::{Input, IntakeOptions};
use comity_node::{
    AsOf, Asked, AuditQuery, Client, Ctx, Node, NodeError, NodeOptions, Ourselves, Pattern, Peer, PeerKind, PeerStatus,
    Purpose, SourceChange, Witnessed,
};
use comity_stix::ObjectId;
use comity_store::conformance::MemoryStore;
use comity_store::{KeptEntry, NewEntry, Store};

/// A node on a store in memory, with a clock that a test moves.
struct World {
    node: Node,
    keys: Arc<NodeKeys>,
    store: Arc<dyn Store>,
    clock: Arc<AtomicI64>,
    folder: Arc<tempfile::TempDir>,
}

const START: i64 = 1_793_000_000_000_000;

impl World {
    fn new() -> Self {
        let (keys, store) = (Arc::new(NodeKeys::generate().unwrap()), Arc::new(MemoryStore::default()));
        Self::over(keys, store, Arc::new(tempfile::tempdir().unwrap()), Arc::new(AtomicI64::new(START)))
    }

    /// A node of its own keys and store, known as this organisation.
    fn named(name: &str) -> Self {
        let world = Self::new();
        let node = open(&world.keys, &world.store, &world.folder.path().join("derived"), None);
        Self { node: node.with_identity(ourselves(name, &world.keys)), ..world }
    }

    /// This node as another one keeps it.
    fn as_peer(&self, name: &str) -> Peer {
        Peer {
            name: org(name),
            full_name: name.into(),
            country: None,
            kind: PeerKind::Member,
            status: PeerStatus::Active,
            client: Client::Node,
            url: None,
            keys: vec![self.keys.public_key()],
            pins: Vec::new(),
            successions: Vec::new(),
            ledger: self.node.ledger_keys(&self.ctx()).unwrap(),
            since: Timestamp::default(),
            renewed: None,
            replaced: None,
            vouched_by: None,
        }
    }

    /// The same node as it would start with this store in its place.
    fn over(keys: Arc<NodeKeys>, store: Arc<dyn Store>, folder: Arc<tempfile::TempDir>, clock: Arc<AtomicI64>) -> Self {
        let derived = folder.path().join(format!("derived-{}", clock.fetch_add(1, Ordering::Relaxed)));
        let node = open(&keys, &store, &derived, Some(folder.path().join("checkpoints")));
        Self { node, keys, store, clock, folder }
    }

    fn ctx(&self) -> Ctx {
        let clock = Arc::clone(&self.clock);
        Ctx {
            actor: "mari".into(),
            authority: std::sync::Arc::new(comity_node::Authority::alone()),
            organisation: org("ee"),
            purpose: Purpose::Investigation,
            case: Some("2041".into()),
            reason: None,
            clock: Arc::new(move || Timestamp::from_micros(clock.fetch_add(1_000, Ordering::Relaxed))),
        }
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    fn ingest(&self, name: &str) {
        let source = self.node.set_source(&self.ctx(), &org("ee-police"), &SourceChange::default()).unwrap();
        let stop = AtomicBool::new(false);
        let options = IntakeOptions::noted("test", &stop);
        let object = format!(
            r#"{{"type":"ipv4-addr","spec_version":"2.1","id":"{}","value":"198.51.100.{}"}}"#,
            ID.replace("000", name),
            name.len()
        );
        let input = Input { name: "test.json".into(), reader: Box::new(Cursor::new(object.into_bytes())) };
        let report = self.node.intake(&self.ctx(), &source, &mut std::iter::once(Ok(input)), &options).unwrap();
        assert_eq!(report.batch.unwrap().counts.added, 1);
    }

    fn audit(&self, query: &AuditQuery) -> Vec<Asked> {
        let mut found = Vec::new();
        self.node
            .audit(&self.ctx(), query, &mut |asked| {
                found.push(asked);
                ControlFlow::Continue(())
            })
            .unwrap();
        found
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.audit(&AuditQuery::default()).iter().map(|asked| asked.entry.kind.name()).collect()
    }

    /// The same node over a store whose ledger somebody changed.
    fn forged(&self, change: impl Fn(&mut Vec<KeptEntry>)) -> Self {
        let other = MemoryStore::default();
        for (key, value) in self.store.values("").unwrap() {
            other.put(&key, None, &value).unwrap();
        }
        let mut entries = self.store.entries(0, usize::MAX, true).unwrap();
        change(&mut entries);
        for KeptEntry { log, leaf, opening, .. } in entries {
            other.log(&[NewEntry { log, leaf, opening }]).unwrap();
        }
        Self::over(Arc::clone(&self.keys), Arc::new(other), Arc::clone(&self.folder), Arc::clone(&self.clock))
    }
}

const ID: &str = "ipv4-addr--11111111-1111-5111-8111-111111111000";

fn options(derived: &Path, remembered: Option<std::path::PathBuf>) -> NodeOptions {
    NodeOptions { derived: derived.to_owned(), remembered, writable: true, limits: Limits::default(), workers: 1 }
}

fn open(keys: &NodeKeys, store: &Arc<dyn Store>, derived: &Path, remembered: Option<std::path::PathBuf>) -> Node {
    let node = Node::open(Arc::clone(store), keys, &options(derived, remembered)).unwrap();
    node.with_identity(ourselves("ee", keys))
}

fn ourselves(name: &str, keys: &NodeKeys) -> Ourselves {
    Ourselves {
        name: org(name),
        full_name: name.into(),
        country: Some(if name == "ee" { "EE" } else { "SE" }.into()),
        kind: PeerKind::Member,
        url: None,
        keys: vec![keys.public_key()],
        pins: Vec::new(),
        successions: Vec::new(),
        ledger: Vec::new(),
    }
}

fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

#[test]
fn what_is_done_is_on_record_with_who_and_why_and_nothing_of_it_is_in_the_log() {
    let world = World::new();
    world.ingest("001");
    world.node.look(&world.ctx(), "198.51.100.3", 10).unwrap();
    let id: ObjectId = ID.replace("000", "001").parse().unwrap();
    world.node.show(&world.ctx(), &id, AsOf::Now).unwrap();
    world.node.undo(&world.ctx(), world.store.batches(None, 1).unwrap()[0].id).unwrap();
    assert_eq!(world.kinds(), ["rule change", "intake", "query", "query", "decision"]);
    let seen = world.audit(&AuditQuery { object: Some(id), account: Some("mari".into()), ..AuditQuery::default() });
    assert_eq!(seen.len(), 2, "by the look that found it, and by show");
    assert_eq!(seen[0].content.as_ref().unwrap()["case"], "2041");
    for kept in world.store.entries(0, 100, true).unwrap() {
        let log = String::from_utf8_lossy(&kept.leaf).into_owned();
        assert!(!["mari", "198.51", "2041", "ee-police"].iter().any(|word| log.contains(word)), "{log}");
        assert!(String::from_utf8_lossy(&kept.opening).contains("mari"));
    }
    // That nothing is known is an answer too.
    let unknown: ObjectId = ID.replace("000", "999").parse().unwrap();
    assert!(world.node.show(&world.ctx(), &unknown, AsOf::Now).is_err());
    assert_eq!(world.audit(&AuditQuery { object: Some(unknown), ..AuditQuery::default() }).len(), 1);
}

#[test]
fn a_checkpoint_follows_what_was_written_and_an_idle_log_has_a_heartbeat() {
    let world = World::new();
    world.ingest("001");
    assert_eq!(world.node.checkpoint(&world.ctx()).unwrap(), 1);
    assert_eq!(world.node.checkpoint(&world.ctx()).unwrap(), 0, "nothing new");
    world.pass(61);
    assert_eq!(world.node.checkpoint(&world.ctx()).unwrap(), 1, "a minute is over");
    // A new year has a log of its own; the old one is signed to its end.
    world.ingest("002");
    world.pass(366 * 86_400);
    world.ingest("003");
    assert_eq!(world.node.checkpoint(&world.ctx()).unwrap(), 2);
    let heads = world.node.ledger_heads().unwrap();
    let origins: Vec<_> = heads.iter().map(|head| head.origin.as_str()).collect();
    assert_eq!(origins, ["ee.comity/access/2026", "ee.comity/access/2027"]);
    assert_ne!(heads[0].key.key(), heads[1].key.key(), "each log has a key of its own");
    assert_eq!(world.node.check_ledger().unwrap(), Vec::<String>::new());
}

fn trouble(world: &World) -> String {
    world.pass(61);
    world.node.record(&world.ctx(), comity_node::Deed::query("look", serde_json::json!({}))).unwrap();
    match world.node.checkpoint(&world.ctx()) {
        Err(NodeError::Trouble(trouble)) => trouble.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn whoever_changes_drops_or_moves_entries_in_the_store_is_noticed_and_nothing_is_signed() {
    let world = World::new();
    (1..=9).for_each(|n| world.ingest(&format!("{n:03}")));
    world.node.checkpoint(&world.ctx()).unwrap();
    assert_eq!(world.forged(|_| ()).node.check_ledger().unwrap(), Vec::<String>::new(), "as it is");

    let changed = world.forged(|entries| entries[4].leaf[60] ^= 1);
    assert!(changed.node.check_ledger().unwrap().iter().any(|found| found.contains("was rewritten")));
    assert!(trouble(&changed).contains("was rewritten"));
    let moved = world.forged(|entries| entries.swap(2, 3));
    assert!(trouble(&moved).contains("was rewritten"));
    let dropped = world.forged(|entries| drop(entries.remove(1)));
    assert!(trouble(&dropped).contains("was rewritten"), "another stands at its end by now");
    let cut = world.forged(|entries| entries.truncate(6));
    assert!(cut.node.check_ledger().unwrap()[0].contains("10 entries were signed for, and there are 6"));
    assert!(trouble(&cut).contains("was rolled back"));
    let empty = world.forged(Vec::clear);
    assert!(empty.node.check_ledger().unwrap()[0].contains("there are 0"), "it is known that there was one");
    // What an opening says is bound too: nobody can be made to have asked something else.
    let slandered = world.forged(|entries| {
        let mut opening = Opening::parse(&entries[3].opening).unwrap();
        let mut actor = opening.group(Group::Actor).cloned().unwrap();
        actor.said = String::from_utf8(actor.said).unwrap().replace("mari", "jaan").into_bytes();
        opening.set(Group::Actor, Some(actor));
        entries[3].opening = opening.to_bytes();
    });
    let found = slandered.node.check_ledger().unwrap();
    assert_eq!(found, ["Entry 2026#3: the actor shown is not what the entry commits to."]);
}

/// The whole store goes back to an older state, checkpoint and all: the note beside it knows better.
#[test]
fn an_old_copy_of_the_store_is_noticed_by_what_is_kept_outside_it() {
    let world = World::new();
    world.ingest("001");
    world.node.checkpoint(&world.ctx()).unwrap();
    let old = world.forged(|_| ());
    (2..=5).for_each(|n| world.ingest(&format!("{n:03}")));
    world.node.checkpoint(&world.ctx()).unwrap();
    assert!(old.node.check_ledger().unwrap()[0].contains("was rolled back"));
    assert!(trouble(&old).contains("was rolled back"));
    // It is said on record what happened, and a new log begins.
    let log = old.store.logs().unwrap()[0].log;
    assert!(old.node.accept_loss(&old.ctx(), log).is_err(), "without a reason");
    let why = Ctx { reason: Some("the disk died; the backup of Monday".into()), ..old.ctx() };
    assert_eq!(old.node.accept_loss(&why, log).unwrap(), "2026.1");
    old.node.checkpoint(&old.ctx()).unwrap();
    assert_eq!(old.node.check_ledger().unwrap(), Vec::<String>::new());
    let first = old.audit(&AuditQuery { kind: Some(EntryKind::Node), ..AuditQuery::default() }).remove(0);
    assert_eq!((first.index, &first.content.unwrap()["reason"]), (0, &"the disk died; the backup of Monday".into()));
}

#[test]
fn the_tree_beside_the_store_may_be_lost_or_damaged() {
    let world = World::new();
    (1..=9).for_each(|n| world.ingest(&format!("{n:03}")));
    world.node.checkpoint(&world.ctx()).unwrap();
    let folder = world.folder.path();
    let derived = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let tree = derived.map(|path| path.join("ledger/202600/level-0")).find(|path| path.is_file()).unwrap();
    let derived = tree.ancestors().nth(3).unwrap().to_owned();
    let again = |world: &World| open(&world.keys, &world.store, &derived, Some(folder.join("checkpoints")));
    for damage in [&b"short"[..], &[0; 32 * 10], b""] {
        std::fs::write(&tree, damage).unwrap();
        let node = again(&world);
        world.pass(61);
        assert_eq!(node.checkpoint(&world.ctx()).unwrap(), 1, "it is built anew");
    }
}

#[test]
fn a_statement_shows_what_is_not_withheld_and_proves_it() {
    let world = World::new();
    world.ingest("001");
    world.node.look(&world.ctx(), "198.51.100.3", 10).unwrap();
    let shown = world.audit(&AuditQuery { kind: Some(EntryKind::Query), ..AuditQuery::default() });
    let hide = |mut asked: Asked| {
        asked.opening.set(Group::Actor, None);
        asked
    };
    let note = world.node.statement(&world.ctx(), "who looked", shown.into_iter().map(hide).collect()).unwrap();
    let text = note.to_string();
    let (read, signed) = comity_ledger::Statement::parse(text.as_bytes()).unwrap();
    read.verify(&signed, None).unwrap();
    assert!(text.contains("198.51.100.3") && !text.contains("mari"));
    for (from, to) in [("who looked", "who did not"), ("198.51.100.3", "198.51.100.4"), ("\nentry 2 ", "\nentry 1 ")] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let holds = comity_ledger::Statement::parse(changed.as_bytes())
            .is_ok_and(|(read, signed)| read.verify(&signed, None).is_ok());
        assert!(!holds, "{from} became {to}");
    }
}

#[test]
fn a_purpose_that_demands_a_case_is_not_answered_without_one_and_that_is_on_record() {
    let world = World::new();
    world.ingest("001");
    let prosecution = Ctx { purpose: Purpose::Prosecution, case: None, ..world.ctx() };
    let refused = world.node.look(&prosecution, "198.51.100.3", 10).unwrap_err();
    assert!(refused.to_string().contains("--case"), "{refused}");
    let blank = Ctx { case: Some("  ".into()), ..prosecution.clone() };
    assert!(world.node.look(&blank, "198.51.100.3", 10).is_err());
    let named = Ctx { case: Some("4-26-117".into()), ..prosecution };
    assert_eq!(world.node.look(&named, "198.51.100.3", 10).unwrap().known.len(), 1);
    let refusals = world.audit(&AuditQuery { kind: Some(EntryKind::Refusal), ..AuditQuery::default() });
    assert_eq!(refusals.len(), 2);
    assert_eq!(refusals[0].subject.as_ref().unwrap()["asked"], "198.51.100.3");
}

#[test]
fn a_supervisor_is_shown_what_is_unusual_and_a_sample_nobody_could_know() {
    let world = World::new();
    world.ingest("001");
    let ctx =
        |actor: &str, case: Option<&str>| Ctx { actor: actor.into(), case: case.map(str::to_owned), ..world.ctx() };
    for _ in 0..3 {
        world.node.look(&ctx("jaan.tamm", None), "plate:EE 123 ABC", 10).unwrap();
        world.node.look(&ctx("mari", Some("2041")), "198.51.100.3", 10).unwrap();
        world.pass(2 * 86_400);
    }
    world.node.look(&ctx("jaan.tamm", Some("1")), "jaan.tamm@example.com", 10).unwrap();
    let many: Vec<_> =
        (0..1_500).flat_map(|n| world.node.values().guess(&format!("198.51.{}.{}", n / 250, n % 250))).collect();
    world.node.look_brief(&ctx("mari", Some("2041")), &many).unwrap();
    let found: Vec<_> = world
        .node
        .unusual(&world.ctx(), None, None)
        .unwrap()
        .into_iter()
        .map(|one| (one.account, one.pattern))
        .collect();
    let wanted =
        [("jaan.tamm".into(), Pattern::OwnName), ("jaan.tamm".into(), Pattern::Again), ("mari".into(), Pattern::Bulk)];
    assert_eq!(found, wanted);

    let everything = AuditQuery::default();
    assert!(world.node.sample(&world.ctx(), &everything, 3).is_err(), "nothing is signed yet");
    world.node.checkpoint(&world.ctx()).unwrap();
    let drawn = |most| {
        world.node.sample(&world.ctx(), &everything, most).unwrap().iter().map(|one| one.index).collect::<Vec<_>>()
    };
    assert_eq!((drawn(3).len(), drawn(3)), (3, drawn(3)), "the same checkpoint draws the same");
    assert_eq!(drawn(100).len(), 8, "all that were asked");
    let before = drawn(3);
    let others = (0..20).any(|_| {
        world.pass(61);
        world.node.checkpoint(&world.ctx()).unwrap();
        drawn(3) != before
    });
    assert!(others, "another checkpoint draws others");
}

/// What a witness answers to what a log would send it now.
fn ask(witness: &World, log: &World, by: &Peer) -> Witnessed {
    let (_, request) = log.node.checkpoint_for(&witness.as_peer("se")).unwrap().unwrap();
    witness.node.add_checkpoint(&witness.ctx(), by, &request).unwrap()
}

#[test]
fn a_witness_countersigns_what_grows_and_keeps_the_proof_of_what_does_not() {
    let (world, witness) = (World::new(), World::named("se"));
    let (ee, se) = (world.as_peer("ee"), witness.as_peer("se"));
    for n in 1..=3 {
        world.ingest(&format!("{n:03}"));
        world.node.checkpoint(&world.ctx()).unwrap();
        let (log, request) = world.node.checkpoint_for(&se).unwrap().unwrap();
        let Witnessed::Signed(lines) = witness.node.add_checkpoint(&witness.ctx(), &ee, &request).unwrap() else {
            panic!("round {n}")
        };
        world.node.countersigned(&se, log, &request, lines.as_bytes()).unwrap();
        assert_eq!(world.node.checkpoint_for(&se).unwrap(), None, "it has this one");
        let stranger = World::named("xx").as_peer("xx");
        assert!(world.node.countersigned(&stranger, log, &request, lines.as_bytes()).is_err(), "not its signature");
    }
    // Two trees under one key.
    let again = World::over(
        Arc::clone(&world.keys),
        Arc::new(MemoryStore::default()),
        Arc::new(tempfile::tempdir().unwrap()),
        Arc::clone(&world.clock),
    );
    (1..=5).for_each(|n| again.ingest(&format!("{n:03}")));
    again.node.checkpoint(&again.ctx()).unwrap();
    for _ in 0..3 {
        let Witnessed::Refused(refusal) = ask(&witness, &again, &ee) else { panic!("it signed") };
        assert!([409, 422].contains(&refusal.status()), "{refusal}");
        // The log asks again from where the witness says it is.
        let known = witness.node.witnessed(&witness.ctx(), "ee.comity/access/2026").unwrap().unwrap();
        let size = comity_ledger::Checkpoint::parse(&known.text).unwrap().size;
        again.node.knows_another(&se, 202_600, size).unwrap();
    }
    let seen = witness.node.misconducts().unwrap();
    assert_eq!(seen.len(), 1, "kept once: {seen:?}");
    assert_eq!((seen[0].peer.clone(), seen[0].what.contains("could not show")), (org("ee"), true));
    // What the witness shows is this log's own signature: the log finds out by itself.
    let known = witness.node.witnessed(&witness.ctx(), "ee.comity/access/2026").unwrap().unwrap();
    let found = again.node.shown_by_witness(&se, 202_600, known.to_string().as_bytes());
    assert!(matches!(found, Err(NodeError::Trouble(_))), "{found:?}");
    assert!(matches!(again.node.checkpoint(&again.ctx()), Err(NodeError::Trouble(_))), "and signs nothing more");
}

#[test]
fn nobody_can_accuse_another_or_stop_it_with_a_number() {
    let (world, witness, other) = (World::new(), World::named("se"), World::named("xx"));
    world.ingest("001");
    world.node.checkpoint(&world.ctx()).unwrap();
    assert!(matches!(ask(&witness, &world, &world.as_peer("ee")), Witnessed::Signed(_)));
    world.ingest("002");
    world.node.checkpoint(&world.ctx()).unwrap();
    // Somebody else brings its genuine checkpoint with a proof that proves nothing.
    let (_, request) = world.node.checkpoint_for(&other.as_peer("xx")).unwrap().unwrap();
    let request = String::from_utf8(request).unwrap().replacen("old 0", "old 3", 1);
    let brought = witness.node.add_checkpoint(&witness.ctx(), &other.as_peer("xx"), request.as_bytes()).unwrap();
    assert!(matches!(brought, Witnessed::Refused(ref refusal) if refusal.status() == 404), "{brought:?}");
    assert!(witness.node.misconducts().unwrap().is_empty());
    // A peer that only says it knows more, or shows what this node has not signed.
    let se = witness.as_peer("se");
    assert!(world.node.knows_another(&se, 202_600, u64::MAX).is_err());
    let theirs = other.node.ledger_heads().unwrap();
    assert!(theirs.is_empty());
    assert!(world.node.shown_by_witness(&se, 202_600, b"ee.comity/access/2026\n9\nAAAA\n\n").is_err());
    world.ingest("003");
    assert_eq!(world.node.checkpoint(&world.ctx()).unwrap(), 1, "it signs on");
}
