//! Data dies when it must, and nothing of its content is left in any file of the node; a hold stops that.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use comity_base::{Limits, OrgName, Position, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::intake::{Input, IntakeOptions};
use comity_node::{
    AsOf, AuditQuery, Ctx, Ended, Node, NodeOptions, Ourselves, PeerKind, PersonAsk, Purpose, SourceChange,
};
use comity_stix::ObjectId;
use comity_store_sqlite::SqliteStore;

struct World {
    node: Node,
    clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

/// 2026-11-01.
const START: i64 = 1_793_491_200_000_000;

fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

impl World {
    fn new() -> Self {
        let (keys, folder) = (NodeKeys::generate().unwrap(), tempfile::tempdir().unwrap());
        let store = Arc::new(SqliteStore::open(&folder.path().join("store"), keys.fingerprinter()).unwrap());
        let (derived, remembered) = (folder.path().join("derived"), Some(folder.path().join("checkpoints")));
        let options = NodeOptions { derived, remembered, writable: true, limits: Limits::default(), workers: 1 };
        let node = Node::open(store, &keys, &options).unwrap().with_identity(Ourselves {
            name: org("ee"),
            full_name: "ee".into(),
            country: Some("EE".into()),
            kind: PeerKind::Member,
            url: None,
            keys: vec![keys.public_key()],
            pins: Vec::new(),
            successions: Vec::new(),
            ledger: Vec::new(),
        });
        Self { node, clock: Arc::new(AtomicI64::new(START)), folder }
    }

    fn ctx(&self) -> Ctx {
        let clock = Arc::clone(&self.clock);
        Ctx {
            actor: "mari".into(),
            authority: std::sync::Arc::new(comity_node::Authority::alone()),
            organisation: org("ee"),
            purpose: Purpose::Investigation,
            case: None,
            reason: Some("test".into()),
            clock: Arc::new(move || Timestamp::from_micros(clock.fetch_add(1_000, Ordering::Relaxed))),
        }
    }

    fn ingest(&self, name: &str, text: &str) {
        let source = self.node.set_source(&self.ctx(), &org("ee-police"), &SourceChange::default()).unwrap();
        let stop = AtomicBool::new(false);
        let options = IntakeOptions::noted("test", &stop);
        let input = Input { name: name.into(), reader: Box::new(Cursor::new(text.to_owned().into_bytes())) };
        let report = self.node.intake(&self.ctx(), &source, &mut std::iter::once(Ok(input)), &options).unwrap();
        assert!(report.batch.unwrap().counts.added > 0);
    }

    fn days(&self, days: i64) {
        self.clock.fetch_add(days * 86_400_000_000, Ordering::Relaxed);
    }
}

/// A person of whom a MISP event and a STIX object tell, with a word that stands nowhere else.
fn person(id: &str, word: &str, retention: &str) -> String {
    format!(
        r#"{{"type":"identity","spec_version":"2.1","id":"{id}","created":"2026-11-01T00:00:00.000Z",
        "modified":"2026-11-01T00:00:00.000Z","name":"{word}","identity_class":"individual","labels":["{retention}"]}}"#
    )
}

fn event(word: &str) -> String {
    format!(
        r#"{{"Event":{{"uuid":"5d0092c5-5f74-4287-9642-33f4c354e56d","info":"about {word}","date":"2026-11-01",
        "Tag":[{{"name":"tlp:amber"}},{{"name":"retention:30d"}}],
        "Attribute":[{{"uuid":"5d0092c5-5f74-4287-9642-33f4c354e56e","type":"domain","category":"Network activity",
        "value":"{word}.example","to_ids":true}}]}}}}"#
    )
}

const ONE: &str = "identity--11111111-1111-4111-8111-111111111111";
const TWO: &str = "identity--22222222-2222-4222-8222-222222222222";

/// Files below a folder that hold these bytes.
fn holding(folder: &Path, word: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, word));
        } else if std::fs::read(&path).unwrap().windows(word.len()).any(|window| window == word) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn what_was_set_aside_is_forgotten_after_ninety_days() {
    let world = World::new();
    let broken = r#"{"type":"identity","id":"nonsense","name":"Wobbledoodle"}"#;
    let bundle = format!(
        r#"{{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[{},{broken}]}}"#,
        person(ONE, "Quixotrine", "retention:2y")
    );
    world.ingest("bundle.json", &bundle);
    let aside = world.node.store().rejected(None).unwrap();
    assert!(aside.len() == 1 && aside[0].item.windows(12).any(|word| word == b"Wobbledoodle"));
    world.days(89);
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().set_aside, 0);
    world.days(2);
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().set_aside, 1);
    let aside = world.node.store().rejected(None).unwrap();
    assert_eq!((aside.len(), aside[0].item.len()), (1, 0), "that it was there, and why, stays");
}

#[test]
fn what_has_ended_is_in_no_file_of_the_node() {
    let world = World::new();
    world.ingest("one.json", &person(ONE, "Quixotrine", "retention:30d"));
    world.ingest("two.json", &person(TWO, "Zephyrelle", "retention:2y"));
    world.ingest("event.json", &event("grumblewort"));
    world.node.settle().unwrap();
    let plan = |days: i64| {
        let by = Timestamp::from_micros(START + days * 86_400_000_000);
        world.node.retention_plan(&world.ctx(), by).unwrap()
    };
    assert_eq!(plan(0).due, [], "nothing must be gone today");
    assert_eq!(plan(0).review.iter().map(|ending| ending.versions).sum::<u64>(), 1, "one person ends in a month");
    let due: u64 = plan(31).due.iter().map(|ending| ending.versions).sum();
    assert!(due >= 3, "the person, the event and its domain: {due}");
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().versions, 0);

    // Somebody asks about them, in many ways.
    let one: ObjectId = ONE.parse().unwrap();
    world.node.look(&world.ctx(), "grumblewort[.]example", 10).unwrap();
    world.node.look_brief(&world.ctx(), &world.node.values().guess("grumblewort.example")).unwrap();
    world.node.show(&world.ctx(), &one, AsOf::Now).unwrap();
    world.node.show(&world.ctx(), &TWO.parse().unwrap(), AsOf::Now).unwrap();
    let asked = |id: &str| {
        let (mut found, object) = (0, Some(id.parse().unwrap()));
        let query = AuditQuery { object, ..AuditQuery::default() };
        let mut count = |_| {
            found += 1;
            std::ops::ControlFlow::Continue(())
        };
        world.node.audit(&world.ctx(), &query, &mut count).unwrap();
        found
    };
    assert!(asked(ONE) >= 1 && asked(TWO) >= 1);

    // As they stand on the disk: packed.
    let rows = world.node.store().scan(Position::START, 1_000, true).unwrap();
    let ends = |raw: &[u8]| raw.windows(10).any(|w| w == b"Quixotrine") || raw.windows(11).any(|w| w == b"grumblewort");
    let packed: Vec<Vec<u8>> =
        rows.iter().filter(|row| ends(&row.raw)).map(|row| world.node.store().packer().pack(&row.raw).bytes).collect();
    assert_eq!(packed.len() as u64, due);
    assert!(packed.iter().all(|bytes| !holding(world.folder.path(), bytes).is_empty()), "they are found before");

    world.days(31);
    let ended = world.node.end_retention(&world.ctx()).unwrap();
    assert_eq!((ended.versions, ended.originals), (due, 1), "of the documents only the event was kept: {ended:?}");
    world.node.settle().unwrap();
    for word in ["Quixotrine", "grumblewort"] {
        assert_eq!(holding(world.folder.path(), word.as_bytes()), Vec::<String>::new(), "{word}");
    }
    for bytes in &packed {
        assert_eq!(holding(world.folder.path(), bytes), Vec::<String>::new());
    }
    assert!(world.node.look(&world.ctx(), "grumblewort.example", 10).unwrap().known[0].holdings.is_empty());
    let id: ObjectId = TWO.parse().unwrap();
    assert_eq!(world.node.show(&world.ctx(), &id, AsOf::Now).unwrap().len(), 1, "the other lives on");
    assert!(asked(TWO) >= 1, "who asked about what is still here stays on record");
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap(), Ended::default(), "once");
    assert_eq!(world.node.check().unwrap(), Vec::<String>::new());
    world.node.checkpoint(&world.ctx()).unwrap();
    assert_eq!(world.node.check_ledger().unwrap(), Vec::<String>::new(), "every proof stays good");
}

#[test]
fn a_legal_hold_stops_it_until_it_is_lifted() {
    let world = World::new();
    world.ingest("one.json", &person(ONE, "Quixotrine", "retention:30d"));
    let id: ObjectId = ONE.parse().unwrap();
    let silent = Ctx { reason: None, ..world.ctx() };
    assert!(world.node.hold(&silent, &id).is_err(), "why must be said");
    world.node.hold(&world.ctx(), &id).unwrap();
    assert!(world.node.hold(&world.ctx(), &id).is_err(), "it is held already");
    world.days(400);
    let ended = world.node.end_retention(&world.ctx()).unwrap();
    assert_eq!((ended.versions, ended.held), (0, 1));
    assert_eq!(world.node.show(&world.ctx(), &id, AsOf::Now).unwrap().len(), 1);
    world.node.lift_hold(&world.ctx(), &id).unwrap();
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().versions, 1);
    assert!(world.node.holds().unwrap().is_empty());
}

#[test]
fn what_an_ended_version_had_replaced_does_not_come_back_and_a_held_document_stays() {
    let world = World::new();
    let older = person(ONE, "Quixotrine", "misp:nothing");
    let newer =
        person(ONE, "Quixotrina", "retention:30d").replace("\"modified\":\"2026-11-01", "\"modified\":\"2026-11-02");
    world.ingest("one.json", &older);
    world.ingest("newer.json", &newer);
    world.ingest("event.json", &event("grumblewort"));
    let id: ObjectId = ONE.parse().unwrap();
    let kept: ObjectId = "grouping--5d0092c5-5f74-4287-9642-33f4c354e56d".parse().unwrap();
    world.node.hold(&world.ctx(), &kept).unwrap();
    world.days(31);
    let ended = world.node.end_retention(&world.ctx()).unwrap();
    assert_eq!((ended.held, ended.originals), (1, 0), "the document of what is held stays");
    assert!(world.node.show(&world.ctx(), &id, AsOf::Now).unwrap().iter().all(|shown| !shown.current));
    assert!(world.node.current_versions(&id).unwrap().is_empty(), "neither of them counts");
    assert_eq!(holding(world.folder.path(), b"Quixotrine"), Vec::<String>::new());
}

#[test]
fn entries_of_the_ledger_say_less_as_they_grow_old_and_stay_proved() {
    let world = World::new();
    world.ingest("two.json", &person(TWO, "Zephyrelle", "retention:20y"));
    world.node.look(&world.ctx(), "zephyrelle.example", 10).unwrap();
    world.node.checkpoint(&world.ctx()).unwrap();
    let said = || {
        let mut said = [0; 3];
        let mut count = |asked: comity_node::Asked| {
            for (place, group) in said.iter_mut().zip([asked.subject, asked.actor, asked.content]) {
                *place += u64::from(group.is_some());
            }
            std::ops::ControlFlow::Continue(())
        };
        world.node.audit(&world.ctx(), &AuditQuery::default(), &mut count).unwrap();
        said
    };
    let before = said();
    assert!(before[0] >= 2);
    world.days(2 * 365);
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().entries, 0);
    world.days(2 * 365);
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().entries, before[0]);
    let [subjects, actors, contents] = said();
    assert!(subjects < before[0] && actors > before[1] && contents > before[2], "who did what is known for longer");
    assert_eq!(holding(world.folder.path(), b"zephyrelle.example"), Vec::<String>::new());
    world.days(7 * 365);
    assert!(world.node.end_retention(&world.ctx()).unwrap().entries > 0);
    assert_eq!(said(), [1, 2, 2], "only that something was forgotten, twice");
    world.node.checkpoint(&world.ctx()).unwrap();
    assert_eq!(world.node.check_ledger().unwrap(), Vec::<String>::new(), "every proof stays good");
}

#[test]
fn words_that_are_forgotten_are_in_no_file_of_the_node() {
    let world = World::new();
    world.ingest("two.json", &person(TWO, "Zephyrelle", "retention:20y"));
    let ask = PersonAsk { name: Some("Zephyrelle".into()), most: 1, ..PersonAsk::default() };
    let found = world.node.search_persons(&world.ctx(), &ask).unwrap().persons.remove(0);
    let hit = world.node.open_search_hit(&world.ctx(), &ask, &found, (false, Some("booth Wobbledoodle"))).unwrap();
    assert!(!holding(world.folder.path(), b"Wobbledoodle").is_empty(), "it is found before");
    world.days(3 * 365);
    let id: ObjectId = TWO.parse().unwrap();
    world.node.hold(&world.ctx(), &id).unwrap();
    world.days(2);
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().words, 0, "whom it is about is held");
    assert_eq!(world.node.search_hit(&world.ctx(), &hit).unwrap().reference.as_deref(), Some("booth Wobbledoodle"));
    world.node.lift_hold(&world.ctx(), &id).unwrap();
    assert_eq!(world.node.end_retention(&world.ctx()).unwrap().words, 1);
    assert_eq!(holding(world.folder.path(), b"Wobbledoodle"), Vec::<String>::new());
    assert_eq!(world.node.check().unwrap(), Vec::<String>::new());
}
