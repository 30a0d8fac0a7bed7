//! Hits of searches on a real node: found at a border, checked by the bureau, confirmed by the owner, or let go.

use comity_law::hit::{HitOutcome, HitState, Measure, Refutal, SecondIdentifier};
use comity_node::{NodeError, NoticeDeed, NoticeNo, PersonAsk, Role, SearchHitDeed, SearchHitNo, SearchHitShown};
use comity_testkit::{MadeUp, People, Random};

use crate::world::World;

/// A bureau with an officer at the border, two analysts and a supervisor, and somebody in its own data.
fn bureau() -> (World, MadeUp) {
    let world = World::new();
    for (name, role) in
        [("border", Role::Officer), ("mari", Role::Analyst), ("jaan", Role::Analyst), ("boss", Role::Supervisor)]
    {
        world.person(name, &[role]);
    }
    let person = People::new(51).next().unwrap();
    world.bring(("ee", "EE"), &[], &[person.identity(&mut Random::new(1))]);
    (world, person)
}

fn found(world: &World, person: &MadeUp, silent: bool) -> SearchHitNo {
    let ctx = world.of("border");
    let ask = PersonAsk { name: Some(person.name.clone()), most: 3, ..PersonAsk::default() };
    let found = world.node.search_persons(&ctx, &ask).unwrap();
    world.node.open_search_hit(&ctx, &ask, &found.persons[0], (silent, Some("booth 7"))).unwrap()
}

fn act(world: &World, who: &str, no: &SearchHitNo, deed: &SearchHitDeed) -> Result<SearchHitShown, NodeError> {
    world.node.act_on_search_hit(&world.of(who), no, deed, "as it is")
}

fn lawful(answer: Result<SearchHitShown, NodeError>) -> String {
    match answer {
        Err(NodeError::NotLawful(reason)) => reason.code.to_owned(),
        other => panic!("not refused by law: {:?}", other.map(|hit| hit.state)),
    }
}

const SAME: SearchHitDeed = SearchHitDeed::Check(SecondIdentifier::Photo, true);

#[test]
fn a_hit_is_confirmed_before_anything_that_compels() {
    let (world, person) = bureau();
    let no = found(&world, &person, false);
    assert_eq!(found(&world, &person, false), no, "asked again at once, it is the same hit");
    let arrest = SearchHitDeed::Close(HitOutcome::Arrested, None);
    assert_eq!(lawful(act(&world, "mari", &no, &arrest)), "hit-not-confirmed");
    assert!(matches!(act(&world, "border", &no, &SAME), Err(NodeError::Denied(_))), "the bureau checks, not the booth");
    act(&world, "mari", &no, &SAME).unwrap();
    assert_eq!(lawful(act(&world, "mari", &no, &arrest)), "hit-not-confirmed");
    let asked = act(&world, "mari", &no, &SearchHitDeed::Ask(true)).unwrap();
    assert_eq!(asked.due.map(|due| (due.as_micros() - world.now().as_micros()) / 3_600_000_000), Some(7));
    assert_eq!(lawful(act(&world, "mari", &no, &SearchHitDeed::Confirm(Measure::Arrest))), "hit-four-eyes");
    assert_eq!(lawful(act(&world, "jaan", &no, &SearchHitDeed::Confirm(Measure::Arrest))), "hit-no-red-notice");
    let confirmed = act(&world, "jaan", &no, &SearchHitDeed::Confirm(Measure::Question)).unwrap();
    assert_eq!(confirmed.state, HitState::Confirmed);
    assert_eq!(lawful(act(&world, "mari", &no, &arrest)), "hit-no-basis", "a hit is no warrant");
    let question = SearchHitDeed::Close(HitOutcome::Questioned, None);
    assert_eq!(lawful(act(&world, "mari", &no, &question)), "hit-no-basis");
    let order = comity_law::hit::Basis::NationalOrder { reference: "Harju 4-26-117".into() };
    let closed = act(&world, "mari", &no, &SearchHitDeed::Close(HitOutcome::Questioned, Some(order))).unwrap();
    assert_eq!(closed.state, HitState::Closed);
}

#[test]
fn no_answer_in_time_lets_nobody_do_anything_but_tell() {
    let (world, person) = bureau();
    let no = found(&world, &person, false);
    act(&world, "mari", &no, &SAME).unwrap();
    act(&world, "mari", &no, &SearchHitDeed::Ask(true)).unwrap();
    world.pass(8 * 3_600 - 60);
    assert_eq!(world.node.search_hit(&world.of("mari"), &no).unwrap().state, HitState::Asked);
    world.pass(61);
    let late = world.node.search_hit(&world.of("mari"), &no).unwrap();
    assert!(late.state == HitState::NoAnswer && late.must_escalate);
    assert_eq!(
        lawful(act(&world, "mari", &no, &SearchHitDeed::Close(HitOutcome::Arrested, None))),
        "hit-not-confirmed"
    );
    assert!(!act(&world, "mari", &no, &SearchHitDeed::Escalate).unwrap().must_escalate);
    assert_eq!(
        act(&world, "mari", &no, &SearchHitDeed::Close(HitOutcome::LetGo, None)).unwrap().state,
        HitState::Closed
    );
}

#[test]
fn a_silent_hit_tells_its_owner_nothing() {
    let (world, person) = bureau();
    let no = found(&world, &person, true);
    act(&world, "mari", &no, &SAME).unwrap();
    assert_eq!(lawful(act(&world, "mari", &no, &SearchHitDeed::Ask(true))), "hit-silent");
    assert_eq!(lawful(act(&world, "jaan", &no, &SearchHitDeed::Confirm(Measure::Arrest))), "hit-not-from-here");
}

#[test]
fn a_hit_shows_the_card_of_the_notice_as_long_as_it_stands() {
    let world = World::new();
    for (name, role) in [
        ("mari", Role::Analyst),
        ("jaan", Role::Analyst),
        ("border", Role::Officer),
        ("liis", Role::LegalReviewer),
        ("rein", Role::LegalReviewer),
    ] {
        world.person(name, &[role]);
    }
    let name = crate::notices::published(&world);
    let ask = PersonAsk { name: Some(name), most: 5, ..PersonAsk::default() };
    let found = world.node.search_persons(&world.of("border"), &ask).unwrap().persons;
    let wanted = found.iter().find(|one| one.notice.is_some()).unwrap();
    let no: NoticeNo = wanted.notice.as_ref().unwrap().id.to_string().parse().unwrap();
    let hit = world.node.open_search_hit(&world.of("border"), &ask, wanted, (false, None)).unwrap();
    let card = world.node.search_hit(&world.of("mari"), &hit).unwrap().card.unwrap();
    assert_eq!((card.id, card.holds), (no.object().unwrap(), true));
    let deed = NoticeDeed::Withdraw;
    world.node.act_on_notice(&world.of("mari"), no, &deed, "it is over").unwrap();
    let later = world.node.search_hit(&world.of("mari"), &hit).unwrap();
    assert_eq!((later.card, later.notice), (None, no.object().ok()), "it was there, and is no more");
}

#[test]
fn refuted_hits_raise_from_where_on_names_count() {
    let (world, person) = bureau();
    let from = || {
        let ask = PersonAsk { name: Some(person.name.clone()), most: 3, ..PersonAsk::default() };
        world.node.search_persons(&world.of("border"), &ask).unwrap().from
    };
    let before = from();
    let weak = PersonAsk { name: Some(person.name.clone()), from: Some(0.0), most: 1, ..PersonAsk::default() };
    for _ in 0..25 {
        let mut found = world.node.search_persons(&world.of("border"), &weak).unwrap().persons.swap_remove(0);
        found.probability = before + 0.01;
        let no = world.node.open_search_hit(&world.of("border"), &weak, &found, (false, None)).unwrap();
        let refute = SearchHitDeed::Refute(Refutal::OtherPerson);
        act(&world, "mari", &no, &refute).unwrap();
        world.pass(3_700);
    }
    assert!(from() > before, "{} {before}", from());
}

#[test]
fn hits_are_seen_by_those_who_may_see_whom_they_are_about() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let person = People::new(52).next().unwrap();
    world.bring(("ee", "EE"), &["case:9"], &[person.identity(&mut Random::new(1))]);
    let knows = comity_node::Authority { cases: ["9".to_owned()].into(), ..comity_node::Authority::alone() };
    let ctx = world.with(knows);
    let ask = PersonAsk { name: Some(person.name.clone()), most: 3, ..PersonAsk::default() };
    let found = world.node.search_persons(&ctx, &ask).unwrap();
    let no = world.node.open_search_hit(&ctx, &ask, &found.persons[0], (false, None)).unwrap();
    assert!(matches!(world.node.search_hit(&world.of("mari"), &no), Err(NodeError::UnknownObject(_))));
    assert!(world.node.search_hits(&world.of("mari")).unwrap().is_empty());
    assert_eq!(world.node.search_hits(&ctx).unwrap().len(), 1);
}
