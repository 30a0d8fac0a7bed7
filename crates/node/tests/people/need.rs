use std::sync::atomic::AtomicBool;

use comity_node::hits::HitOptions;
use comity_node::intake::IntakeOptions;
use comity_node::{AsOf, Ctx, NodeError, RightsChange, Role, SameAs};
use comity_stix::ObjectId;
use comity_stix::label::Clearance;

use crate::world::{World, org};

const OPEN: &str = "198.51.100.7";
const CLOSE: &str = "203.0.113.9";

/// Mari may read and hand over; one object is for those on case 2041 with clearance, another for everybody.
fn world() -> (World, ObjectId) {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    world.ingest("ee-police", OPEN, &[]);
    let id = world.ingest("undercover", CLOSE, &["case:2041", "level:secret"]);
    world.ingest("fi-police", CLOSE, &[]);
    (world, ObjectId::parse(&id).unwrap())
}

fn admit(world: &World) {
    let rights =
        RightsChange { open: ["2041".into()].into(), clearance: Some(Clearance::Secret), ..RightsChange::default() };
    world.node.change_rights(&world.of("chief"), "mari", &rights).unwrap();
}

/// Everything Mari can find out about a value, as text.
fn everything(world: &World, id: &ObjectId) -> String {
    let ctx = world.of("mari");
    let look = world.node.look(&ctx, CLOSE, 10).unwrap();
    let brief = world.node.look_brief(&ctx, &world.node.values().guess(CLOSE)).unwrap();
    let hits = world.node.hits(&ctx, &HitOptions::default()).unwrap();
    let show =
        world.node.show(&ctx, id, AsOf::Now).map(|all| all.iter().map(|one| one.owner.clone()).collect::<Vec<_>>());
    let mut out = Vec::new();
    let exported = world.node.export(&ctx, &org("fi-police"), &mut out);
    let seers = world.node.audience_of(&ctx, id).map(|seers| seers.len());
    format!("{look:?} {brief:?} {hits:?} {show:?} {} {exported:?} {seers:?}", String::from_utf8_lossy(&out))
}

#[test]
fn what_is_for_others_is_as_if_it_were_not_there() {
    let (world, id) = world();
    let said = everything(&world, &id);
    assert!(!said.contains("undercover"), "{said}");
    let look = world.node.look(&world.of("mari"), CLOSE, 10).unwrap();
    assert_eq!((look.known[0].postings, look.known[0].holdings.len()), (1, 1), "the count tells of nothing else");
    assert!(world.node.hits(&world.of("mari"), &HitOptions::default()).unwrap().hits.is_empty());

    admit(&world);
    let said = everything(&world, &id);
    assert!(said.contains("undercover"));
    assert_eq!(world.node.look(&world.of("mari"), CLOSE, 10).unwrap().known[0].postings, 2);
    assert_eq!(world.node.hits(&world.of("mari"), &HitOptions::default()).unwrap().hits.len(), 1);
}

#[test]
fn an_object_that_only_others_may_see_is_not_known() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let id = ObjectId::parse(&world.ingest("undercover", CLOSE, &["unit:cyber"])).unwrap();
    let never = ObjectId::parse("ipv4-addr--11111111-1111-5111-8111-111111111111").unwrap();
    let told = |id: &ObjectId| {
        let error = world.node.show(&world.of("mari"), id, AsOf::Now).unwrap_err();
        assert!(matches!(error, NodeError::UnknownObject(_)));
        error.to_string().replace(&id.to_string(), "it")
    };
    assert_eq!(told(&id), told(&never));
    assert_eq!(world.node.look(&world.of("mari"), CLOSE, 10).unwrap().known[0].postings, 0);
}

#[test]
fn nobody_hands_over_what_they_may_not_see() {
    let (world, _) = world();
    let export = || {
        let mut out = Vec::new();
        let done = world.node.export(&world.of("mari"), &org("undercover"), &mut out).unwrap();
        (done.objects, String::from_utf8(out).unwrap().contains(r#""value":"203.0.113.9""#))
    };
    let before = export();
    admit(&world);
    let after = export();
    assert_eq!((before.1, after.1), (false, true), "its own owner would be given it: {before:?} {after:?}");
}

/// When an object becomes closed to somebody, what they knew of it closes too.
#[test]
fn an_earlier_version_closes_with_the_one_that_stands() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let id = ObjectId::parse(&world.ingest("police", CLOSE, &[])).unwrap();
    assert_eq!(world.node.show(&world.of("mari"), &id, AsOf::Now).unwrap().len(), 1);
    // The same object again, closed now.
    world.ingest_changed("police", CLOSE, &["case:9"]);
    assert!(matches!(world.node.show(&world.of("mari"), &id, AsOf::Now), Err(NodeError::UnknownObject(_))));
}

/// Whatever asks about an object by its id answers as if it were not there.
#[test]
fn no_other_way_tells_that_it_is_there() {
    let (world, _) = world();
    let id = ObjectId::parse(&world.ingest("undercover", "192.0.2.200", &["case:2041"])).unwrap();
    let ctx = Ctx { reason: Some("court".into()), ..world.of("chief") };
    assert!(matches!(world.node.hold(&ctx, &id), Err(NodeError::UnknownObject(_))));
    let source = world.node.source(&org("ee-police")).unwrap().unwrap();
    let stop = AtomicBool::new(false);
    let other = ObjectId::parse(&world.ingest("ee-police", OPEN, &[])).unwrap();
    let same = SameAs { one: other, other: id, because: "x".into() };
    let said = world.node.assert_same(&world.of("mari"), &source, &same, &IntakeOptions::noted("x", &stop));
    assert!(matches!(said, Err(NodeError::UnknownObject(_))));
    let seen = world.node.seen_by(&world.of("mari"), &org("fi-police")).unwrap();
    assert!(seen.iter().all(|row| row.owner != org("undercover")), "{seen:?}");
    let mut out = Vec::new();
    let withheld = world.node.export(&world.of("mari"), &org("ee-police"), &mut out).unwrap().withheld;
    assert_eq!(withheld, 1, "of fi-police's; what is hidden is not counted");
}

/// Whoever asks about a card leaves no number of it behind.
#[test]
fn the_number_of_a_card_goes_on_no_record() {
    let world = World::new();
    world.node.look(&world.of("first"), "4111 1111 1111 1111", 10).unwrap();
    let told = format!("{:?}", world.audit(&comity_node::AuditQuery::default()));
    assert!(told.contains("look") && !told.contains("4111 1111") && !told.contains("4111111111111111"), "{told}");
}
