//! Nodes that exchange: what was agreed arrives, nothing else does, and what is taken back is gone everywhere.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

#[path = "../drafts/mod.rs"]
mod drafts;
mod faulty;
mod gate;
mod notices;
mod oracle;
mod questions;
mod seeds;
mod simulator;
mod world;

use std::sync::Arc;

use comity_base::Timestamp;
use comity_node::{
    Language, NodeError, NotAnswered, Opening, Outcome, PeerKind, PeerStatus, Person, RecallReason, RightsKind,
    RightsTerms,
};
use comity_store::Store as _;
use comity_store::conformance::MemoryStore;
use world::{EVERYTHING, World, indicator, indicator_id, org};

fn three() -> World {
    let world = World::new(&[
        ("ee-police", PeerKind::Member),
        ("us-police", PeerKind::Member),
        ("lab-north", PeerKind::Partner),
    ]);
    world.connect(0, 1);
    world.connect(0, 2);
    world.agree(0, 1, EVERYTHING);
    world.agree(0, 2, EVERYTHING);
    world
}

/// Two organisations that know each other by a hub only.
fn through_a_hub() -> World {
    let world = World::new(&[("ee-police", PeerKind::Member), ("hub", PeerKind::Hub), ("us-police", PeerKind::Member)]);
    world.connect(1, 0);
    world.connect(1, 2);
    world.agree(1, 0, EVERYTHING);
    world.agree(1, 2, EVERYTHING);
    world
}

fn agreed_with(member: &world::Member, other: &str) -> String {
    let all = member.node.agreements(&member.ctx()).unwrap();
    all.iter().find(|one| one.agreement.party(&org(other)).is_some()).unwrap().agreement.id.to_string()
}

#[test]
fn what_was_agreed_arrives_and_nothing_else() {
    let world = three();
    let objects: Vec<_> = (0..40).map(|n| indicator(n, 0, if n % 4 == 3 { "red" } else { "green" })).collect();
    world.members[0].ingest(&objects);
    assert_eq!(world.sync(0, 1).stored, 30);
    assert_eq!(world.sync(0, 1).stored, 0);
    for (n, object) in (0..).zip(&objects) {
        let found = world.members[1].current().get(&(org("ee-police"), indicator_id(n))).cloned();
        assert_eq!(found.is_some(), n % 4 != 3);
        assert!(found.is_none_or(|raw| raw == object.as_bytes()), "byte for byte");
    }
}

#[test]
fn a_correction_arrives_and_a_recall_leaves_nothing() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let wrong = indicator(1, 0, "green");
    ee.ingest(&[wrong.clone(), indicator(2, 0, "green")]);
    world.sync(0, 1);
    assert!(us.has_content(wrong.as_bytes()));
    let right = indicator(1, 5, "green");
    ee.ingest(std::slice::from_ref(&right));
    let replaced = comity_base::Timestamp::parse("2026-01-01T00:00:05Z").unwrap();
    let statement = ee.node.recall(&ee.ctx(), &indicator_id(1), RecallReason::Incorrect, Some(replaced)).unwrap();
    assert_eq!(statement.said.versions.len(), 1);
    let taken = world.sync(0, 1);
    assert_eq!((taken.stored, taken.recalls), (1, 1));
    assert!(!us.has_content(wrong.as_bytes()), "the content is gone");
    assert_eq!(us.current().get(&(org("ee-police"), indicator_id(1))).unwrap(), right.as_bytes());
    let owed = ee.node.owed_by(&us.name).unwrap();
    assert_eq!(owed.len(), 1);
    assert!(owed[0].receipt.is_some(), "the receipt came back");
    assert_eq!(ee.node.receipts(&statement.said.id).unwrap()[0].said.erased, 1);
    assert_eq!(world.sync(0, 1).recalls, 0, "once is enough");
}

#[test]
fn closing_an_object_takes_it_back_from_those_who_may_not_see_it_now() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let open = indicator(1, 0, "green");
    ee.ingest(std::slice::from_ref(&open));
    world.sync(0, 1);
    let closed = indicator(1, 1, "red");
    ee.ingest(std::slice::from_ref(&closed));
    assert_eq!(world.sync(0, 1).recalls, 1);
    assert!(!us.has_content(open.as_bytes()) && !us.has_content(closed.as_bytes()));
    assert!(ee.has_content(open.as_bytes()), "the owner keeps its past");
}

#[test]
fn an_undone_batch_is_taken_back_everywhere() {
    let world = three();
    let ee = &world.members[0];
    let report = ee.ingest(&[indicator(1, 0, "green"), indicator(2, 0, "red")]);
    world.sync(0, 1);
    ee.node.undo(&ee.ctx(), report.batch.unwrap().id).unwrap();
    let taken = world.sync(0, 1);
    assert_eq!(taken.recalls, 1, "of what was never given nothing is said");
    assert!(world.members[1].current().is_empty());
}

/// A hub may say who stands behind what it passes on, but not who an organisation is that this one knows as a source.
#[test]
fn nobody_speaks_for_an_organisation_that_is_here_as_a_source() {
    let world = through_a_hub();
    let (ee, us) = (&world.members[0], &world.members[2]);
    let change = comity_node::SourceChange { country: Some("EE".into()), ..Default::default() };
    us.node.set_source(&us.ctx(), &ee.name, &change).unwrap();
    ee.ingest(&[indicator(1, 0, "green")]);
    world.sync(0, 1);
    let taken = world.sync(1, 2);
    assert_eq!((taken.stored, taken.set_aside), (0, 1), "nobody proved here whose it is");
    assert!(us.node.peer(&ee.name).unwrap().is_none());
    assert_eq!(us.node.source(&ee.name).unwrap().unwrap().country.as_deref(), Some("EE"));
}

#[test]
fn a_key_is_of_one_organisation() {
    let mut world = three();
    // The lab says that the key of another is its own.
    let key = world.members[0].peer(&world.members[1].name).keys[0];
    world.members[2].claim(key);
    let (ee, lab) = (&world.members[0], &world.members[2]);
    let before = ee.peer(&lab.name);
    lab.node.announce(&lab.ctx()).unwrap();
    let refused: Vec<_> = lab
        .node
        .outbox(&ee.name)
        .unwrap()
        .into_iter()
        .map(|(_, bytes)| ee.node.take_message(&ee.ctx(), &ee.peer(&lab.name), &bytes).is_err())
        .collect();
    assert!(!refused.is_empty() && refused.iter().all(|refused| *refused));
    assert_eq!(ee.peer(&lab.name).keys, before.keys);
}

#[test]
fn what_the_rights_desk_hides_is_hidden_everywhere_and_comes_back() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let object = indicator(1, 0, "green");
    ee.ingest(&[object.clone(), indicator(2, 0, "green")]);
    world.sync(0, 1);
    let desk = ee.node.rights_desk(Arc::new(MemoryStore::default()), RightsTerms::default());
    let (ctx, id) = (ee.ctx(), indicator_id(1));
    let shown = || us.current().contains_key(&(org("ee-police"), id.clone()));
    for (outcome, comes_back) in [(Outcome::Kept, true), (Outcome::Deleted, false)] {
        let person =
            Person { name: "A".into(), born: None, contact: "B".into(), about: String::new(), language: Language::En };
        let number = desk.open(&ctx, &Opening { kind: RightsKind::Deletion, person, received: None }).unwrap().number;
        desk.admit(&ctx, &number).unwrap();
        let found = desk.find(&ctx, &number, &[id.to_string()]).unwrap().found;
        assert_eq!((found.len(), found[0].given.as_slice()), (1, [us.name.clone()].as_slice()));
        assert!(shown());
        if comes_back {
            desk.block(&ctx, &number, &[]).unwrap();
            assert_eq!(world.sync(0, 1).recalls, 1);
            assert!(!shown() && !us.has_content(object.as_bytes()));
        }
        desk.decide(&ctx, &number, outcome, false).unwrap();
        let taken = world.sync(0, 1);
        assert_eq!(taken.recalls, u64::from(!comes_back), "what is deleted is recalled for legal reasons");
        assert_eq!((shown(), us.has_content(object.as_bytes())), (comes_back, comes_back));
    }
    assert!(ee.node.overdue(&us.name, Timestamp::from_micros(i64::MAX)).unwrap().is_empty(), "receipts came");
    assert_eq!(us.current().len(), 1, "what nobody asked about stays");
}

#[test]
fn an_undone_correction_gives_way_to_what_it_corrected() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let (first, second) = (indicator(1, 0, "green"), indicator(1, 1, "green"));
    ee.ingest(std::slice::from_ref(&first));
    let batch = ee.ingest(std::slice::from_ref(&second)).batch.unwrap().id;
    world.sync(0, 1);
    let shown = || us.current().get(&(org("ee-police"), indicator_id(1))).cloned();
    assert_eq!((shown(), us.has_content(first.as_bytes())), (Some(second.clone().into_bytes()), false));
    let undo = ee.node.undo(&ee.ctx(), batch).unwrap();
    assert_eq!(world.sync(0, 1).recalls, 1);
    assert_eq!((shown(), us.has_content(second.as_bytes())), (Some(first.clone().into_bytes()), false));
    // And the undo undone: it was taken back, and its owner gives it out again.
    ee.node.undo(&ee.ctx(), undo.by.id).unwrap();
    world.sync(0, 1);
    assert_eq!(shown(), Some(second.into_bytes()));
}

#[test]
fn a_recall_reaches_those_who_have_its_replacement_already() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let (wrong, right) = (indicator(1, 0, "green"), indicator(1, 5, "green"));
    ee.ingest(std::slice::from_ref(&wrong));
    world.sync(0, 1);
    ee.ingest(std::slice::from_ref(&right));
    world.sync(0, 1);
    assert!(us.has_content(wrong.as_bytes()));
    let replaced = comity_base::Timestamp::parse("2026-01-01T00:00:05Z").unwrap();
    ee.node.recall(&ee.ctx(), &indicator_id(1), RecallReason::Incorrect, Some(replaced)).unwrap();
    assert_eq!(world.sync(0, 1).recalls, 1);
    assert!(!us.has_content(wrong.as_bytes()) && us.has_content(right.as_bytes()));
}

#[test]
fn a_wider_agreement_brings_what_was_kept_back() {
    let world = World::new(&[("ee-police", PeerKind::Member), ("us-police", PeerKind::Member)]);
    world.connect(0, 1);
    world.agree(0, 1, &EVERYTHING.replace("amber+strict", "clear"));
    let objects: Vec<_> = (0..30).map(|n| indicator(n, 0, if n % 2 == 0 { "clear" } else { "green" })).collect();
    world.members[0].ingest(&objects);
    assert_eq!(world.sync(0, 1).stored, 15);
    let (ee, us) = (&world.members[0], &world.members[1]);
    let id = ee.node.agreements(&ee.ctx()).unwrap()[0].agreement.id.to_string();
    let text = world::agreement(ee, us, EVERYTHING).replace("version = 1", "version = 2");
    ee.node.revise(&ee.ctx(), &id, &text).unwrap();
    world.carry(0, 1);
    us.node.sign_agreement(&us.ctx(), &id).unwrap();
    world.carry(1, 0);
    let taken = world.sync(0, 1);
    assert_eq!((taken.stored, world.sync(0, 1).stored), (15, 0), "and nothing twice");
}

#[test]
fn nothing_passes_while_an_agreement_is_suspended() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    ee.ingest(&[indicator(1, 0, "green")]);
    let standing = us.node.agreements(&us.ctx()).unwrap();
    let id = standing[0].agreement.id.to_string();
    us.node.suspend(&us.ctx(), &id, "an inquiry").unwrap();
    world.carry(1, 0);
    let refused = ee.node.feed(&ee.ctx(), &ee.peer(&us.name), None, 10).unwrap_err().to_string();
    assert!(refused.contains("no agreement in force"), "{refused}");
    us.node.lift(&us.ctx(), &id).unwrap();
    world.carry(1, 0);
    assert_eq!(world.sync(0, 1).stored, 1);
}

#[test]
fn what_a_hub_passes_on_proves_whose_it_is() {
    let world = through_a_hub();
    let (ee, us) = (&world.members[0], &world.members[2]);
    let objects: Vec<_> = (0..20).map(|n| indicator(n, 0, "green")).collect();
    ee.ingest(&objects);
    world.sync(0, 1);
    assert_eq!(world.sync(1, 2).stored, 20);
    assert_eq!(us.current().len(), 20);
    assert!(us.current().keys().all(|(owner, _)| *owner == ee.name));
    // Taken back through the hub, and the receipt finds its way to the owner.
    let statement = ee.node.recall(&ee.ctx(), &indicator_id(3), RecallReason::Legal, None).unwrap();
    assert_eq!(world.sync(0, 1).recalls, 1);
    assert_eq!(world.sync(1, 2).recalls, 1);
    world.carry(1, 0);
    assert!(!us.has_content(objects[3].as_bytes()) && !ee.has_content(objects[3].as_bytes()));
    let mut by: Vec<_> = ee.node.receipts(&statement.said.id).unwrap().into_iter().map(|r| r.said.by).collect();
    by.sort();
    assert_eq!(by, [org("hub"), org("us-police")]);
}

#[test]
fn a_page_that_was_touched_is_refused() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    ee.ingest(&[indicator(1, 0, "green"), indicator(2, 0, "green")]);
    let page = ee.node.feed(&ee.ctx(), &ee.peer(&us.name), None, 10).unwrap();
    let text = String::from_utf8(page).unwrap();
    let peer = us.peer(&ee.name);
    for (old, new) in
        [("198.51.0.2", "198.51.0.9"), ("\"runs\":[[0,2]]", "\"runs\":[[0,1]]"), ("us-police", "lv-police")]
    {
        assert!(text.contains(old), "{old} in {text}");
        let touched = text.replacen(old, new, 1);
        us.node.take_page(&us.ctx(), &peer, touched.as_bytes()).unwrap_err();
    }
    let lab = &world.members[2];
    lab.node.take_page(&lab.ctx(), &lab.peer(&ee.name), text.as_bytes()).unwrap_err();
    assert!(us.current().is_empty());
    us.node.take_page(&us.ctx(), &peer, text.as_bytes()).unwrap();
    us.node.take_page(&us.ctx(), &peer, text.as_bytes()).unwrap();
    assert_eq!(us.current().len(), 2, "twice counts once");
}

#[test]
fn an_invitation_is_good_once_for_whom_it_was_made() {
    let world = World::new(&[
        ("ee-police", PeerKind::Member),
        ("us-police", PeerKind::Member),
        ("lab-north", PeerKind::Partner),
    ]);
    let (ee, us, lab) = (&world.members[0], &world.members[1], &world.members[2]);
    let guest = comity_node::Guest { full_name: "US police", kind: PeerKind::Member, name: None, lasts: 60_000_000 };
    let invitation = ee.node.invite(&ee.ctx(), &guest).unwrap();
    let again = comity_node::Invitation::parse(&invitation.to_url()).unwrap();
    assert_eq!(again, invitation);
    lab.node.join_request(&lab.ctx(), &invitation).unwrap_err();
    let request = us.node.join_request(&us.ctx(), &invitation).unwrap();
    ee.node.admit(&ee.ctx(), &request, Some("sha256/other")).unwrap_err();
    ee.node.admit(&ee.ctx(), &request, None).unwrap_err();
    ee.node.admit(&ee.ctx(), &request, Some(&world::pin("us-police"))).unwrap();
    ee.node.admit(&ee.ctx(), &request, Some(&world::pin("us-police"))).unwrap_err();
    let late = ee.node.invite(&ee.ctx(), &comity_node::Guest { full_name: "Lab North", ..guest }).unwrap();
    world.pass(61);
    lab.node.join_request(&lab.ctx(), &late).unwrap_err();
}

#[test]
fn a_new_signing_key_is_believed_when_the_one_before_signed_for_it() {
    let mut world = three();
    world.members[0].ingest(&[indicator(1, 0, "green")]);
    world.sync(0, 1);
    // Twice: the peer knows neither of the new ones yet.
    world.members[0].rotate();
    world.members[0].rotate();
    let ee = &world.members[0];
    ee.node.announce(&ee.ctx()).unwrap();
    let before = world.members[1].peer(&ee.name).keys.len();
    world.carry(0, 1);
    let known = world.members[1].peer(&world.members[0].name).keys;
    assert_eq!((before, known.len()), (1, 3), "the old ones still verify what they signed");
    world.members[0].ingest(&[indicator(2, 0, "green")]);
    assert_eq!(world.sync(0, 1).stored, 1);
    let ee = &world.members[0];
    ee.node.announce(&ee.ctx()).unwrap();
    assert!(ee.node.outbox(&org("us-police")).unwrap().is_empty(), "once is enough");
    // Somebody with the peer's name and other keys is not believed.
    let other = World::new(&[("ee-police", PeerKind::Member), ("us-police", PeerKind::Member)]);
    other.connect(0, 1);
    let stranger = &other.members[0];
    stranger.node.announce(&stranger.ctx()).unwrap();
    let (_, message) = stranger.node.outbox(&org("us-police")).unwrap().remove(0);
    let us = &world.members[1];
    us.node.take_message(&us.ctx(), &us.peer(&org("ee-police")), &message).unwrap_err();
}

#[test]
fn a_peer_that_does_not_come_becomes_overdue_and_its_queries_stay_unanswered() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    ee.ingest(&[indicator(1, 0, "green")]);
    world.sync(0, 1);
    ee.node.recall(&ee.ctx(), &indicator_id(1), RecallReason::Withdrawn, None).unwrap();
    let ask = || ee.node.count_queries(&ee.ctx(), &us.name, 1);
    ask().unwrap();
    world.pass(25 * 3_600);
    assert_eq!(ee.node.overdue(&us.name, ee.ctx().now()).unwrap().len(), 1, "it never asked and owes it all the same");
    let refused = ask().unwrap_err();
    assert!(matches!(refused, NodeError::NotAnswered(NotAnswered::Overdue { count: 1, .. })), "{refused}");
    world.sync(0, 1);
    ask().unwrap();
}

#[test]
fn what_is_taken_back_goes_also_after_the_agreement() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let given: Vec<_> = (1..4).map(|number| indicator(number, 0, "green")).collect();
    ee.ingest(&given[..2]);
    let undone = ee.ingest(&given[2..]).batch.unwrap().id;
    world.sync(0, 1);
    let id = agreed_with(ee, "us-police");
    ee.node.suspend(&ee.ctx(), &id, "an inquiry").unwrap();
    world.carry(0, 1);
    let fed = || ee.node.feed(&ee.ctx(), &ee.peer(&us.name), None, 10);
    assert!(matches!(fed(), Err(NodeError::NoAgreement(_))), "there is nothing to say");
    // Of an owner's going on with an object nobody hears who may not see it.
    ee.ingest(&[indicator(1, 1, "green"), indicator(9, 0, "green")]);
    assert!(matches!(fed(), Err(NodeError::NoAgreement(_))));
    ee.node.recall(&ee.ctx(), &indicator_id(2), RecallReason::Incorrect, None).unwrap();
    ee.node.undo(&ee.ctx(), undone).unwrap();
    let taken = us.node.take_page(&us.ctx(), &us.peer(&ee.name), &fed().unwrap()).unwrap();
    assert_eq!((taken.recalls, taken.stored), (2, 0));
    world.carry(1, 0);
    assert!(matches!(fed(), Err(NodeError::NoAgreement(_))), "receipted");
    assert_eq!(us.current().len(), 1);
    assert!(us.has_content(given[0].as_bytes()) && !us.has_content(given[1].as_bytes()));
    // Once it is in force again, what went on meanwhile arrives, and what it replaced goes.
    ee.node.lift(&ee.ctx(), &id).unwrap();
    world.carry(0, 1);
    let taken = world.sync(0, 1);
    assert_eq!((taken.stored, taken.recalls), (2, 0), "a newer version takes the place of the older one");
    assert_eq!(us.current().len(), 2);
}

/// An ended agreement opens nothing: a page with objects is refused whatever else it holds.
#[test]
fn objects_are_not_taken_without_an_agreement_whatever_comes_with_them() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    ee.ingest(&[indicator(1, 0, "green"), indicator(2, 0, "green")]);
    world.sync(0, 1);
    ee.ingest(&[indicator(3, 0, "green")]);
    ee.node.recall(&ee.ctx(), &indicator_id(1), RecallReason::Withdrawn, None).unwrap();
    let cursor = us.node.fetched(&ee.name).unwrap().map(|fetched| fetched.cursor);
    let page = ee.node.feed(&ee.ctx(), &ee.peer(&us.name), cursor.as_deref(), 10).unwrap();
    let id = us.node.agreements(&us.ctx()).unwrap()[0].agreement.id.to_string();
    us.node.suspend(&us.ctx(), &id, "an inquiry").unwrap();
    let refused = us.node.take_page(&us.ctx(), &us.peer(&ee.name), &page).unwrap_err();
    assert!(matches!(refused, NodeError::NoAgreement(_)), "{refused}");
    assert_eq!(us.current().len(), 2, "nothing of it was taken");
}

/// Wherever a relay is killed while it carries a recall out, those it passed the object on to hear of it.
#[test]
fn a_relay_killed_while_it_deletes_passes_the_recall_on() {
    for writes in 0..16 {
        let mut world = through_a_hub();
        let given = indicator(1, 0, "green");
        let (ee, hub) = (&world.members[0], &world.members[1]);
        ee.ingest(std::slice::from_ref(&given));
        world.sync(0, 1);
        assert_eq!(world.sync(1, 2).stored, 1);
        ee.node.recall(&ee.ctx(), &indicator_id(1), RecallReason::Legal, None).unwrap();
        let page = ee.node.feed(&ee.ctx(), &ee.peer(&hub.name), None, 10).unwrap();
        hub.store.kill_after(writes);
        drop(hub.node.take_page(&hub.ctx(), &hub.peer(&ee.name), &page));
        world.members[1].restart();
        let hub = &world.members[1];
        hub.node.finish_recalls(&hub.ctx()).unwrap();
        world.sync(0, 1);
        world.sync(1, 2);
        assert!(!world.members[2].has_content(given.as_bytes()), "killed after {writes} writes");
    }
}

/// A hub that is in other hands shows the key of somebody else as its neighbour's.
#[test]
fn who_vouches_for_somebody_cannot_add_a_key_to_it() {
    let mut world = through_a_hub();
    world.members[0].ingest(&[indicator(1, 0, "green")]);
    world.sync(0, 1);
    world.sync(1, 2);
    let known = |world: &World| world.members[2].peer(&org("ee-police")).keys;
    let before = known(&world);
    assert_eq!(before.len(), 1, "the hub vouched for it");
    let store = &world.members[1].store;
    let (version, bytes) = store.value("peer/ee-police").unwrap().unwrap();
    let mut peer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let own = serde_json::to_value(world.members[1].peer(&org("us-police")).keys[0]).unwrap();
    peer["keys"].as_array_mut().unwrap().push(own);
    store.put("peer/ee-police", Some(version), peer.to_string().as_bytes()).unwrap();
    world.members[0].ingest(&[indicator(2, 0, "green")]);
    world.sync(0, 1);
    assert_eq!(world.sync(1, 2).stored, 1);
    assert_eq!(known(&world), before, "nobody signed for that key");
    // A key that its owner signed for comes the same way, and what it seals is taken.
    world.members[0].rotate();
    let ee = &world.members[0];
    ee.node.announce(&ee.ctx()).unwrap();
    world.carry(0, 1);
    world.members[0].ingest(&[indicator(3, 0, "green")]);
    world.sync(0, 1);
    assert_eq!(world.sync(1, 2).stored, 1);
    assert_eq!(known(&world).len(), 2);
}

#[test]
fn stopping_the_exchange_with_one_takes_nothing_back_from_another() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let first = indicator(1, 0, "green");
    ee.ingest(std::slice::from_ref(&first));
    world.sync(0, 1);
    world.sync(0, 2);
    ee.node.set_peer_status(&ee.ctx(), &org("lab-north"), PeerStatus::Suspended).unwrap();
    ee.ingest(&[indicator(1, 1, "green")]);
    ee.node.note_owed(&ee.ctx()).unwrap();
    let taken = world.sync(0, 1);
    assert_eq!((taken.stored, taken.recalls), (1, 0));
    assert!(us.has_content(first.as_bytes()), "an older version that was replaced stays");
    assert!(ee.node.owed_by(&org("lab-north")).unwrap().is_empty());
}

#[test]
fn a_correction_undone_after_the_agreement_is_taken_back() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let (first, second) = (indicator(1, 0, "green"), indicator(1, 1, "green"));
    ee.ingest(std::slice::from_ref(&first));
    let batch = ee.ingest(std::slice::from_ref(&second)).batch.unwrap().id;
    world.sync(0, 1);
    ee.node.suspend(&ee.ctx(), &agreed_with(ee, "us-police"), "an inquiry").unwrap();
    world.carry(0, 1);
    ee.node.undo(&ee.ctx(), batch).unwrap();
    let page = ee.node.feed(&ee.ctx(), &ee.peer(&us.name), None, 10).unwrap();
    assert_eq!(us.node.take_page(&us.ctx(), &us.peer(&ee.name), &page).unwrap().recalls, 1);
    assert!(!us.has_content(second.as_bytes()));
}

/// Both signed that nothing goes that way any more.
#[test]
fn what_is_taken_back_goes_also_where_nothing_may_flow_any_more() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let given = indicator(1, 0, "green");
    ee.ingest(std::slice::from_ref(&given));
    world.sync(0, 1);
    let text = world::agreement(ee, us, EVERYTHING).replace("version = 1", "version = 2");
    let begin = text.find("[[flows]]\nfrom = \"ee-police\"").unwrap();
    let end = text[begin + 1..].find("[[flows]]").unwrap() + begin + 1;
    let text = format!("{}{}", &text[..begin], &text[end..]);
    let id = agreed_with(ee, "us-police");
    ee.node.revise(&ee.ctx(), &id, &text).unwrap();
    world.carry(0, 1);
    us.node.sign_agreement(&us.ctx(), &id).unwrap();
    world.carry(1, 0);
    let fed = || ee.node.feed(&ee.ctx(), &ee.peer(&us.name), None, 10);
    assert!(matches!(fed(), Err(NodeError::NoAgreement(_))));
    ee.node.recall(&ee.ctx(), &indicator_id(1), RecallReason::Legal, None).unwrap();
    us.node.take_page(&us.ctx(), &us.peer(&ee.name), &fed().unwrap()).unwrap();
    assert!(!us.has_content(given.as_bytes()));
}

/// Whoever has an old key speaks for nobody, and cannot bring keys of its own in.
#[test]
fn a_key_that_was_replaced_counts_for_what_it_signed_before_only() {
    let mut world = three();
    let (thief, _folder) = world.members[0].stolen();
    let id = agreed_with(&world.members[0], "us-police");
    world.members[0].rotate();
    let (ee, us) = (&world.members[0], &world.members[1]);
    ee.node.announce(&ee.ctx()).unwrap();
    world.carry(0, 1);
    let known = us.peer(&ee.name);
    let newest = |thief: &comity_node::Node| thief.outbox(&us.name).unwrap().pop().unwrap().1;
    let told = |message: &[u8]| us.node.take_message(&us.ctx(), &us.peer(&ee.name), message);
    // Not even on the day of the change may it name others.
    thief.announce(&ee.ctx()).unwrap();
    assert!(told(&newest(&thief)).unwrap_err().to_string().contains("replaced"));
    world.pass(25 * 3_600);
    let page = thief.feed(&ee.ctx(), &thief.known_peer(&us.name).unwrap(), None, 10).unwrap();
    let refused = us.node.take_page(&us.ctx(), &us.peer(&ee.name), &page).unwrap_err();
    assert!(refused.to_string().contains("replaced"), "{refused}");
    thief.suspend(&ee.ctx(), &id, "a thief's word").unwrap();
    assert!(told(&newest(&thief)).unwrap_err().to_string().contains("replaced"));
    assert_eq!(us.peer(&ee.name), known, "nothing of it was kept");
    assert!(us.node.agreement(&us.ctx(), &id).unwrap().state.is_active());
}

/// Whoever lost all keys comes back on the word of people who know each other.
#[test]
fn new_keys_may_be_taken_by_hand_and_the_old_ones_sign_nothing_new() {
    let world = three();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let id = agreed_with(ee, "us-police");
    let key = comity_crypto::NodeKeys::generate().unwrap().public_key();
    let taken = us.node.introduce_peer(&us.ctx(), &ee.name, "sha256/new", Some(key)).unwrap();
    assert_eq!((taken.keys[0], taken.keys.len(), taken.pins), (key, 2, vec!["sha256/new".to_owned()]));
    world.pass(25 * 3_600);
    ee.node.suspend(&ee.ctx(), &id, "the old key").unwrap();
    let (_, message) = ee.node.outbox(&us.name).unwrap().pop().unwrap();
    us.node.take_message(&us.ctx(), &us.peer(&ee.name), &message).unwrap_err();
    // Nobody gets the key that another has.
    let own = us.node.ourselves().unwrap().keys[0];
    us.node.introduce_peer(&us.ctx(), &ee.name, "sha256/new", Some(own)).unwrap_err();
    us.node.introduce_peer(&us.ctx(), &ee.name, &world::pin("us-police"), None).unwrap_err();
    us.node.introduce_peer(&us.ctx(), &org("nobody"), "sha256/new", None).unwrap_err();
}

/// The new key is told before what is signed with it, whoever serves or not.
#[test]
fn a_suspension_signed_with_a_new_key_counts_at_once() {
    let mut world = three();
    world.members[0].rotate();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let id = agreed_with(ee, "us-police");
    ee.node.suspend(&ee.ctx(), &id, "a key was lost").unwrap();
    world.carry(0, 1);
    let at_us = us.node.agreement(&us.ctx(), &id).unwrap();
    assert!(!at_us.state.is_active(), "{:?}", at_us.state);
    ee.node.lift(&ee.ctx(), &id).unwrap();
    world.carry(0, 1);
    assert!(us.node.agreement(&us.ctx(), &id).unwrap().state.is_active());
}
