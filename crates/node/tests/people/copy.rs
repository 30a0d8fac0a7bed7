//! The signed copy for where there is no network: what is in it, who may have it, and that nobody can change it.

use comity_node::{FrontlineCopy, NodeError, PersonAsk, Role};
use comity_stix::ObjectId;
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::DocumentState;
use uuid::Uuid;

use crate::notices::{bureau, published, wanted_person};
use crate::world::World;

fn copy(world: &World, who: &str) -> Vec<u8> {
    let mut out = Vec::new();
    world.node.frontline_copy(&world.of(who), &mut out).unwrap();
    out
}

/// The passport of whom the notice is about, or the same with the last digit wrong.
fn wanted_passport(has_slip: bool) -> String {
    let passport = format!("EST:{}", wanted_person().passport);
    let last = if passport.ends_with('7') { "8" } else { "7" };
    if has_slip { format!("{}{last}", &passport[..passport.len() - 1]) } else { passport }
}

fn with_a_document(world: &World) {
    let id = ObjectId::new(DOCUMENT_TYPE, Uuid::from_u128(0x3f6c_1d1c_6f0e_4f0e_9b7e_2d6c_0a5f_4b99)).unwrap();
    let state = DocumentState::Stolen;
    let document =
        ListedDocument { kind: "P".into(), issuer: "EST".into(), number: "KB0123456".into(), state, since: None };
    let time = "2026-01-01T00:00:00.000Z";
    world.bring(("ee-police", "EE"), &[], &[document.to_object(&id, time, time).to_string()]);
}

#[test]
fn a_copy_answers_as_the_node_does_and_says_how_old_it_is() {
    let world = bureau();
    let name = published(&world);
    with_a_document(&world);
    let bytes = copy(&world, "mari");
    let read = FrontlineCopy::read(&bytes, &world.public_key()).unwrap();
    world.pass(7_200);
    assert_eq!(read.age_seconds(world.now()) / 3_600, 2);
    let ask = PersonAsk { name: Some(name.clone()), most: 5, ..PersonAsk::default() };
    let found = read.search(&ask, world.now()).unwrap();
    assert_eq!(
        (found.persons.len(), found.persons[0].name.as_str()),
        (1, name.as_str()),
        "who is looked for, and no file of the bureau's own"
    );
    assert_eq!(found.persons[0].notice.colour, "red");
    for (number, exact) in [("EST:KB0123456", true), ("EST:KB0123457", false)] {
        let ask = PersonAsk { document: Some(number.into()), most: 5, ..PersonAsk::default() };
        let documents = read.search(&ask, world.now()).unwrap().documents;
        assert_eq!((documents[0].state.as_str(), documents[0].exact), ("stolen", exact));
    }
    for (has_slip, exact) in [(false, true), (true, false)] {
        let number = wanted_passport(has_slip);
        let ask = PersonAsk { document: Some(number.clone()), most: 5, ..PersonAsk::default() };
        let found = read.search(&ask, world.now()).unwrap().persons;
        let asked = world.node.search_persons(&world.of("mari"), &ask).unwrap().persons;
        let sought = asked.iter().find(|one| one.notice.is_some()).unwrap();
        assert_eq!((found.len(), found[0].name.as_str()), (1, name.as_str()), "{number}: whoever holds it");
        assert_eq!(found[0].held.as_ref().map(|held| held.exact), Some(exact));
        assert!((found[0].probability - sought.probability).abs() < 0.001, "{number}: as likely as the node says");
    }
    world.pass(400 * 86_400);
    assert!(read.search(&ask, world.now()).unwrap().persons.is_empty(), "a notice that is over is not told of");
}

#[test]
fn nobody_can_change_a_copy_or_cut_it() {
    let world = bureau();
    published(&world);
    let bytes = copy(&world, "mari");
    let key = world.public_key();
    for at in (0..bytes.len()).step_by(37) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(FrontlineCopy::read(&changed, &key).is_err(), "{at}");
        assert!(FrontlineCopy::read(&bytes[..at], &key).is_err(), "{at}");
    }
    let other = crate::world::World::new().public_key();
    assert!(FrontlineCopy::read(&bytes, &other).is_err(), "another node's key");
}

#[test]
fn a_copy_is_for_those_who_may_search_and_is_on_record() {
    let world = bureau();
    world.person("oper", &[Role::Operator]);
    let mut out = Vec::new();
    let denied = world.node.frontline_copy(&world.of("oper"), &mut out);
    assert!(matches!(denied, Err(NodeError::Denied(_))) && out.is_empty());
}
