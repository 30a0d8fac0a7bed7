//! A notice from one bureau to another: found at a border there, confirmed by its owner here, cancelled, and gone everywhere.

use std::sync::Arc;

use comity_law::hit::{HitOutcome, HitState, Measure, Refutal, SecondIdentifier};
use comity_law::notice::{Colour, Contact, DutyKind, Form, Ground, Part, State};
use comity_node::{
    Authority, Ctx, HitAnswer, NodeError, NoticeDeed, NoticeNo, PeerKind, PersonAsk, Role, SearchHitDeed, SearchHitNo,
};
use comity_testkit::{MadeUp, People, Random};

use crate::drafts::{clear, complete};
use crate::world::{EVERYTHING, Member, World, org};

fn acting(member: &Member, name: &str, role: Role) -> Ctx {
    let authority = Authority { active: true, roles: [role].into_iter().collect(), ..Authority::nobody() };
    Ctx { actor: name.into(), authority: Arc::new(authority), ..member.ctx() }
}

/// Estonia, Finland and a lab that has an agreement with Estonia too.
fn world() -> World {
    let world = World::new(&[
        ("ee-police", PeerKind::Member),
        ("fi-police", PeerKind::Member),
        ("lab-north", PeerKind::Partner),
    ]);
    for other in [1, 2] {
        world.connect(0, other);
        world.agree(0, other, EVERYTHING);
    }
    world
}

/// Publishes a red notice about somebody in Estonia's own data.
fn publish(world: &World) -> (NoticeNo, MadeUp) {
    publish_for(world, 12)
}

fn publish_for(world: &World, months: u16) -> (NoticeNo, MadeUp) {
    publish_as(world, Colour::Red, months)
}

fn publish_as(world: &World, colour: Colour, months: u16) -> (NoticeNo, MadeUp) {
    let ee = &world.members[0];
    let person = People::new(61).find(|one| one.native.is_some()).unwrap();
    let identity = person.identity(&mut Random::new(3)).replace(r#""status":"suspect""#, r#""status":"charged""#);
    let id = identity.split('"').find(|part| part.starts_with("identity--")).unwrap().to_owned();
    ee.ingest(&[identity]);
    let (mari, jaan) = (acting(ee, "mari", Role::Analyst), acting(ee, "jaan", Role::Analyst));
    let liis = acting(ee, "liis", Role::LegalReviewer);
    let drafted = ee.node.draft_notice(&mari, (colour, Form::Notice, false), Some(&id)).unwrap();
    let no = drafted.row.no;
    let mut text = complete(drafted.text);
    text.facts.sought = (colour == Colour::Blue).then(|| "where he lives".into());
    ee.node.revise_notice(&mari, no, &text).unwrap();
    ee.node.judge_notice(&liis, no, &clear(), "Fraud with large damage.").unwrap();
    ee.node.act_on_notice(&jaan, no, &NoticeDeed::Submit, "complete").unwrap();
    ee.node.act_on_notice(&liis, no, &NoticeDeed::TakeUp, "").unwrap();
    let valid_until = liis.now().plus_months(months);
    let shown =
        ee.node.act_on_notice(&liis, no, &NoticeDeed::Publish { valid_until, extract: false }, "checked").unwrap();
    assert_eq!(shown.released_to, [org("fi-police")].into(), "members only, and no lab");
    (no, person)
}

fn ask(person: &MadeUp) -> PersonAsk {
    PersonAsk { name: person.native.clone(), most: 5, ..PersonAsk::default() }
}

#[test]
fn found_at_a_border_confirmed_by_the_owner_cancelled_and_gone_with_a_receipt() {
    let world = world();
    let (no, person) = publish(&world);
    world.sync(0, 1);
    world.sync(0, 2);
    let [ee, fi, lab] = [0, 1, 2].map(|at| &world.members[at]);
    let nothing = lab.node.search_persons(&acting(lab, "anyone", Role::Analyst), &ask(&person)).unwrap();
    assert!(nothing.persons.is_empty(), "no lab is told of a wanted person");
    let border = acting(fi, "border", Role::Officer);
    let found = fi.node.search_persons(&border, &ask(&person)).unwrap();
    let first = &found.persons[0];
    let card = first.notice.as_ref().unwrap();
    assert_eq!((card.colour, card.holds, card.contact.phone.as_deref()), (Colour::Red, true, Some("+372 600 0000")));
    let hit = fi.node.open_search_hit(&border, &ask(&person), first, (false, Some("booth 7"))).unwrap();
    let (bureau, owner) = (acting(fi, "aino", Role::Analyst), acting(ee, "boss", Role::Supervisor));
    fi.node
        .act_on_search_hit(&bureau, &hit, &SearchHitDeed::Check(SecondIdentifier::Photo, true), "the same face")
        .unwrap();
    fi.node.act_on_search_hit(&bureau, &hit, &SearchHitDeed::Ask(true), "at the booth now").unwrap();
    let sent = fi.node.outbox(&org("ee-police")).unwrap();
    let text = String::from_utf8(sent.last().unwrap().1.clone()).unwrap();
    assert!(!text.contains("booth") && !text.contains("the same") && !text.contains(&person.name), "{text}");
    world.carry(1, 0);
    let waiting = ee.node.hits_asked(&owner).unwrap();
    assert_eq!((waiting.len(), waiting[0].urgent, waiting[0].from.as_str()), (1, true, "fi-police"));
    let answer = HitAnswer::Confirm(Measure::Arrest);
    ee.node.answer_hit(&owner, (&waiting[0].from, &waiting[0].no), answer, "the same fingerprints").unwrap();
    assert!(ee.node.answer_hit(&owner, (&waiting[0].from, &waiting[0].no), answer, "again").is_err(), "once");
    world.carry(0, 1);
    assert_eq!(fi.node.search_hit(&bureau, &hit).unwrap().state, HitState::Confirmed);

    let liis = acting(ee, "liis", Role::LegalReviewer);
    let cancelled =
        ee.node.act_on_notice(&liis, no, &NoticeDeed::Cancel(Ground::Article3), "it was about a speech").unwrap();
    assert_eq!(cancelled.row.state, State::Cancelled);
    let open = |member: &Member| {
        let shown = member.node.notice(&acting(member, "liis", Role::LegalReviewer), no).unwrap();
        shown.row.duties.iter().find(|duty| duty.kind == DutyKind::Recall).and_then(|duty| duty.outstanding)
    };
    assert_eq!(open(ee), Some(2), "the notice and the person, at one member");
    world.sync(0, 1);
    assert!(fi.node.search_persons(&border, &ask(&person)).unwrap().persons.is_empty(), "and there they are gone");
    world.carry(1, 0);
    ee.node.tick_notices(&ee.ctx()).unwrap();
    assert_eq!(open(ee), None, "with receipts");
}

/// A hit at the border on whoever is likeliest this person.
fn opened(member: &Member, person: &MadeUp) -> SearchHitNo {
    let border = acting(member, "border", Role::Officer);
    let found = member.node.search_persons(&border, &ask(person)).unwrap();
    member.node.open_search_hit(&border, &ask(person), &found.persons[0], (false, Some("booth 7"))).unwrap()
}

/// The same after somebody of the bureau compared a photograph, with whoever did.
fn checked(member: &Member, person: &MadeUp) -> (SearchHitNo, Ctx) {
    let (hit, bureau) = (opened(member, person), acting(member, "aino", Role::Analyst));
    let same = SearchHitDeed::Check(SecondIdentifier::Photo, true);
    member.node.act_on_search_hit(&bureau, &hit, &same, "same").unwrap();
    (hit, bureau)
}

/// A hit in Finland on whoever a notice of this colour is about, checked and asked about.
fn asked_about(world: &World, colour: Colour) -> (NoticeNo, SearchHitNo) {
    let (no, person) = publish_as(world, colour, 12);
    world.sync(0, 1);
    let fi = &world.members[1];
    let (hit, bureau) = checked(fi, &person);
    fi.node.act_on_search_hit(&bureau, &hit, &SearchHitDeed::Ask(true), "at the booth").unwrap();
    world.carry(1, 0);
    (no, hit)
}

fn refused_by_law<T: std::fmt::Debug>(answer: Result<T, NodeError>) -> &'static str {
    match answer {
        Err(NodeError::NotLawful(reason)) => reason.code,
        other => panic!("not refused by law: {other:?}"),
    }
}

#[test]
fn nobody_confirms_an_arrest_but_on_a_red_notice_in_force() {
    let world = world();
    let (_, hit) = asked_about(&world, Colour::Blue);
    let [ee, fi] = [0, 1].map(|at| &world.members[at]);
    let (owner, from) = (acting(ee, "boss", Role::Supervisor), org("fi-police"));
    let confirm = |hit: &SearchHitNo, measure| {
        ee.node.answer_hit(&owner, (&from, hit), HitAnswer::Confirm(measure), "the same fingerprints")
    };
    assert_eq!(
        refused_by_law(confirm(&hit, Measure::Arrest)),
        "hit-no-red-notice",
        "a blue notice asks where somebody is"
    );
    // A modified node that confirms it all the same is not believed.
    let mut message: serde_json::Value = serde_json::from_slice(&{
        confirm(&hit, Measure::Question).unwrap();
        ee.node.outbox(&from).unwrap().pop().unwrap().1
    })
    .unwrap();
    message["message"]["body"]["hit-answered"]["answer"] = serde_json::json!({"confirm": "arrest"});
    let forged = ee.signed(&message["message"].to_string());
    let answer = fi.node.take_message(&fi.ctx(), &fi.peer(&ee.name), &forged);
    assert!(matches!(&answer, Err(NodeError::Unacceptable(why)) if why.0.contains("red notice")), "{answer:?}");
    world.carry(0, 1);
    let bureau = acting(fi, "aino", Role::Analyst);
    assert_eq!(fi.node.search_hit(&bureau, &hit).unwrap().state, HitState::Confirmed);
}

#[test]
fn a_notice_that_is_over_confirms_nothing_and_nobody_is_asked_about_it() {
    let world = world();
    let (no, hit) = asked_about(&world, Colour::Red);
    let [ee, fi] = [0, 1].map(|at| &world.members[at]);
    let liis = acting(ee, "liis", Role::LegalReviewer);
    ee.node.act_on_notice(&liis, no, &NoticeDeed::Cancel(Ground::Article2), "a refugee").unwrap();
    let owner = acting(ee, "boss", Role::Supervisor);
    for measure in [Measure::Arrest, Measure::Locate] {
        let answer = ee.node.answer_hit(&owner, (&fi.name, &hit), HitAnswer::Confirm(measure), "still wanted");
        assert_eq!(refused_by_law(answer), "hit-notice-over");
    }
    let over = HitAnswer::Refute(Refutal::NoticeOver);
    ee.node.answer_hit(&owner, (&fi.name, &hit), over, "it was cancelled").unwrap();
    world.sync(0, 1);
    world.carry(0, 1);
    let bureau = acting(fi, "aino", Role::Analyst);
    let shown = fi.node.search_hit(&bureau, &hit).unwrap();
    assert!(shown.state == HitState::Refuted && shown.card.is_none());
}

#[test]
fn nobody_asks_about_a_hit_whose_notice_was_recalled() {
    let world = world();
    let (no, person) = publish(&world);
    world.sync(0, 1);
    let [ee, fi] = [0, 1].map(|at| &world.members[at]);
    let (hit, bureau) = checked(fi, &person);
    let liis = acting(ee, "liis", Role::LegalReviewer);
    ee.node.act_on_notice(&liis, no, &NoticeDeed::Suspend, "there is doubt").unwrap();
    world.sync(0, 1);
    let asked = fi.node.act_on_search_hit(&bureau, &hit, &SearchHitDeed::Ask(true), "at the booth");
    assert_eq!(refused_by_law(asked), "hit-notice-over");
    let let_go = SearchHitDeed::Close(HitOutcome::LetGo, None);
    assert_eq!(fi.node.act_on_search_hit(&bureau, &hit, &let_go, "nothing is asked").unwrap().state, HitState::Closed);
}

/// A clock that runs at the owner's for a traveller who left long ago keeps people awake for nothing.
#[test]
fn an_owner_is_told_when_a_hit_needs_no_answer_any_more() {
    let world = world();
    let (_, hit) = asked_about(&world, Colour::Red);
    let [ee, fi] = [0, 1].map(|at| &world.members[at]);
    let (owner, bureau) = (acting(ee, "boss", Role::Supervisor), acting(fi, "aino", Role::Analyst));
    assert!(ee.node.hits_asked(&owner).unwrap()[0].waits());
    let other = SearchHitDeed::Refute(Refutal::OtherPerson);
    fi.node.act_on_search_hit(&bureau, &hit, &other, "a namesake, by the fingerprints").unwrap();
    let (_, bytes) = fi.node.outbox(&ee.name).unwrap().pop().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(!text.contains("namesake") && !text.contains("other-person"), "nothing is said of the traveller: {text}");
    world.carry(1, 0);
    let asked = &ee.node.hits_asked(&owner).unwrap()[0];
    assert!(!asked.waits() && asked.over.is_some() && asked.answer.is_none());
    let late = ee.node.answer_hit(&owner, (&fi.name, &hit), HitAnswer::Confirm(Measure::Locate), "the same");
    assert!(matches!(&late, Err(NodeError::Refused(why)) if why.contains("no answer any more")), "{late:?}");
    ee.node.take_message(&ee.ctx(), &ee.peer(&fi.name), &bytes).unwrap();
    assert_eq!(ee.node.hits_asked(&owner).unwrap()[0], *asked, "told twice, it counts once");
}

#[test]
fn what_was_answered_is_not_taken_back_by_whoever_asked() {
    let world = world();
    let (_, hit) = asked_about(&world, Colour::Red);
    let [ee, fi] = [0, 1].map(|at| &world.members[at]);
    let (owner, bureau) = (acting(ee, "boss", Role::Supervisor), acting(fi, "aino", Role::Analyst));
    let answered =
        ee.node.answer_hit(&owner, (&fi.name, &hit), HitAnswer::Confirm(Measure::Locate), "the same").unwrap();
    let let_go = SearchHitDeed::Close(HitOutcome::LetGo, None);
    fi.node.act_on_search_hit(&bureau, &hit, &let_go, "he left").unwrap();
    world.carry(1, 0);
    assert_eq!(ee.node.hits_asked(&owner).unwrap(), [answered]);
    let (_, bytes) = ee.node.outbox(&fi.name).unwrap().pop().unwrap();
    let late = fi.node.take_message(&fi.ctx(), &fi.peer(&ee.name), &bytes);
    assert!(matches!(&late, Err(NodeError::Unacceptable(why)) if why.0.contains("closed")), "{late:?}");
    assert_eq!(
        fi.node.search_hit(&bureau, &hit).unwrap().state,
        HitState::Closed,
        "what came too late changes nothing"
    );
}

#[test]
fn an_answer_of_somebody_else_confirms_nothing() {
    let world = world();
    let (_, person) = publish(&world);
    world.sync(0, 1);
    let [ee, fi, lab] = [0, 1, 2].map(|at| &world.members[at]);
    let (hit, bureau) = checked(fi, &person);
    fi.node.act_on_search_hit(&bureau, &hit, &SearchHitDeed::Ask(false), "please").unwrap();
    // The lab cannot be asked about what it does not own, and whoever asks twice is answered once.
    for (_, bytes) in fi.node.outbox(&ee.name).unwrap() {
        ee.node.take_message(&ee.ctx(), &ee.peer(&fi.name), &bytes).unwrap();
        ee.node.take_message(&ee.ctx(), &ee.peer(&fi.name), &bytes).unwrap();
        assert!(matches!(
            lab.node.take_message(&lab.ctx(), &lab.peer(&ee.name), &bytes),
            Err(NodeError::Unacceptable(_))
        ));
    }
    let owner = acting(ee, "boss", Role::Supervisor);
    assert_eq!(ee.node.hits_asked(&owner).unwrap().len(), 1);
    assert_eq!(fi.node.search_hit(&bureau, &hit).unwrap().state, HitState::Asked);
}

#[test]
fn a_new_contact_goes_out_at_once_and_nothing_else_with_it() {
    let world = world();
    let (no, person) = publish(&world);
    world.sync(0, 1);
    let [ee, fi] = [0, 1].map(|at| &world.members[at]);
    let mari = acting(ee, "mari", Role::Analyst);
    let contact = Contact { phone: Some("+372 611 1111".into()), ..Contact::default() };
    let bare = NoticeDeed::Amend([Part::Contact].into());
    assert!(matches!(ee.node.act_on_notice(&mari, no, &bare, "moved"), Err(NodeError::Refused(_))), "which?");
    let same = ee.node.notice(&mari, no).unwrap().released.unwrap().notice.contact;
    assert!(ee.node.act_on_notice(&mari, no, &NoticeDeed::Contact(same), "moved").is_err(), "that is no other");
    ee.node.act_on_notice(&mari, no, &NoticeDeed::Contact(contact.clone()), "moved").unwrap();
    world.sync(0, 1);
    let found = fi.node.search_persons(&acting(fi, "border", Role::Officer), &ask(&person)).unwrap();
    let card = found.persons[0].notice.as_ref().unwrap();
    assert_eq!((&card.contact, card.colour, card.holds), (&contact, Colour::Red, true));
}

#[test]
fn what_a_notice_said_and_who_was_searched_for_is_forgotten_three_years_after_it_ended() {
    let world = world();
    let (no, person) = publish(&world);
    world.sync(0, 1);
    let [ee, fi] = [0, 1].map(|at| &world.members[at]);
    let hit = opened(fi, &person);
    let bureau = acting(fi, "aino", Role::Analyst);
    let refuted = SearchHitDeed::Check(SecondIdentifier::Photo, false);
    let state = fi.node.act_on_search_hit(&bureau, &hit, &refuted, "another face").unwrap().state;
    assert!(state.is_final(), "{state:?}");
    let asked = person.native.clone().unwrap();
    let in_hits = |words: &str| fi.saying(words).iter().filter(|key| key.starts_with("search-hit")).count();
    assert_eq!((in_hits(&asked), in_hits("another face"), in_hits("booth 7")), (1, 1, 1));
    let of_notice = |words: &str| ee.saying(words).iter().filter(|key| key.starts_with("notice/")).count();
    let family = |member: &Member| member.node.notice(&acting(member, "liis", Role::LegalReviewer), no);
    let name = family(ee).unwrap().text.facts.identity.family_name.unwrap();
    assert_eq!((of_notice(&name), of_notice("Fraud with large damage.")), (1, 1));

    // In force for a year: what ended three years after nothing was done to it is not old.
    world.pass(3 * YEAR + 2 * DAY);
    assert_eq!(fi.node.end_retention(&fi.ctx()).unwrap().words, 1);
    assert_eq!((in_hits(&asked), in_hits("another face"), in_hits("booth 7")), (0, 0, 0));
    assert!(fi.node.search_hits(&bureau).unwrap().is_empty());
    assert!(matches!(fi.node.search_hit(&bureau, &hit), Err(NodeError::UnknownObject(_))));
    assert_eq!((ee.node.end_retention(&ee.ctx()).unwrap().words, of_notice(&name)), (0, 1), "it ended two years ago");
    // It was recalled when it ended; as long as somebody owes a receipt it is needed.
    ee.node.tick_notices(&ee.ctx()).unwrap();
    world.pass(3 * YEAR + DAY);
    assert_eq!((ee.node.end_retention(&ee.ctx()).unwrap().words, of_notice(&name)), (0, 1));
    world.sync(0, 1);
    ee.node.tick_notices(&ee.ctx()).unwrap();
    assert_eq!(ee.node.end_retention(&ee.ctx()).unwrap().words, 0, "the receipts came just now");
    let counted = ee.node.notice_statistics(&acting(ee, "liis", Role::LegalReviewer)).unwrap();
    world.pass(3 * YEAR + DAY);
    assert_eq!(ee.node.end_retention(&ee.ctx()).unwrap().words, 1);
    assert_eq!((of_notice(&name), of_notice("Fraud with large damage.")), (0, 0));
    assert!(matches!(family(ee), Err(NodeError::UnknownObject(_))));
    assert_eq!(ee.node.notice_statistics(&acting(ee, "liis", Role::LegalReviewer)).unwrap(), counted);
}

#[test]
fn a_notice_in_force_is_not_forgotten_and_a_draft_that_nobody_went_on_with_is() {
    let world = world();
    let ee = &world.members[0];
    let mari = acting(ee, "mari", Role::Analyst);
    let (no, _) = publish_for(&world, 60);
    let drafted = ee.node.draft_notice(&mari, (Colour::Blue, Form::Notice, false), None).unwrap();
    let mut text = drafted.text;
    text.facts.identity.family_name = Some("Quixotrine".into());
    ee.node.revise_notice(&mari, drafted.row.no, &text).unwrap();
    world.pass(3 * YEAR - DAY);
    assert_eq!(ee.node.end_retention(&ee.ctx()).unwrap().words, 0);
    world.pass(2 * DAY);
    assert_eq!((ee.node.end_retention(&ee.ctx()).unwrap().words, ee.saying("Quixotrine").len()), (1, 0));
    let left: Vec<_> = ee.node.notices(&mari).unwrap().into_iter().map(|row| (row.no, row.state)).collect();
    assert_eq!(left, [(no, State::Published)]);
}

const DAY: i64 = 86_400;
const YEAR: i64 = 31_557_600;
