//! Notices from the draft to the recall, on a real node: who may do what, what is released, what is refused.

use comity_law::Country;
use comity_law::gate::{Attestation, Category, FactorKind, Finding};
use comity_law::notice::{ActName, AddendumKind, Colour, Form, Ground, Notice, Part, State};
use comity_node::{
    Ctx, JudgementSaid, NodeError, NoticeDeed, NoticeNo, NoticeShown, NoticeText, PersonAsk, Role, Said,
};
use comity_stix::Doc;
use comity_store::Store as _;
use comity_testkit::{MadeUp, People, Random};

use crate::drafts::{clear, complete};
use crate::world::World;

/// A bureau with an analyst who writes, a second who submits, and two reviewers.
pub(crate) fn bureau() -> World {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    world.person("jaan", &[Role::Analyst]);
    world.person("liis", &[Role::LegalReviewer]);
    world.person("rein", &[Role::LegalReviewer]);
    world
}

/// Whom notices here are about.
pub(crate) fn wanted_person() -> MadeUp {
    People::new(31).find(|one| one.nationality == "EE").unwrap()
}

/// A person in the bureau's own data, and their id.
fn wanted(world: &World) -> (String, String) {
    let person = wanted_person();
    let identity = person.identity(&mut Random::new(5)).replace(r#""status":"suspect""#, r#""status":"charged""#);
    let id = identity.split('"').find(|part| part.starts_with("identity--")).unwrap().to_owned();
    world.bring(("ee", "EE"), &[], &[identity]);
    (id, person.name)
}

fn act(world: &World, who: &str, no: NoticeNo, deed: &NoticeDeed) -> Result<NoticeShown, NodeError> {
    world.node.act_on_notice(&world.of(who), no, deed, "because it is so")
}

/// A red notice that has been handed in.
fn submitted(world: &World) -> NoticeNo {
    submitted_with(world, false)
}

/// The same, whose source wishes an extract for the public or does not.
fn submitted_with(world: &World, extract: bool) -> NoticeNo {
    let (id, _) = wanted(world);
    let drafted = world.node.draft_notice(&world.of("mari"), (Colour::Red, Form::Notice, extract), Some(&id)).unwrap();
    let no = drafted.row.no;
    world.node.revise_notice(&world.of("mari"), no, &complete(drafted.text)).unwrap();
    world.node.judge_notice(&world.of("liis"), no, &clear(), "Fraud with large damage.").unwrap();
    act(world, "jaan", no, &NoticeDeed::Submit).unwrap();
    act(world, "liis", no, &NoticeDeed::TakeUp).unwrap();
    no
}

/// A red notice that is out, and the name of whom it is about.
pub(crate) fn published(world: &World) -> String {
    let no = submitted(world);
    act(world, "rein", no, &publish(world)).unwrap().row.name
}

fn publish(world: &World) -> NoticeDeed {
    NoticeDeed::Publish { valid_until: world.now().plus_months(12), extract: false }
}

fn lawful(answer: Result<NoticeShown, NodeError>) -> String {
    match answer {
        Err(NodeError::NotLawful(reason)) => reason.code.to_owned(),
        other => panic!("not refused by law: {:?}", other.map(|shown| shown.row.state)),
    }
}

fn found(world: &World, ctx: &Ctx, name: &str) -> Vec<String> {
    let ask = PersonAsk { name: Some(name.into()), most: 10, ..PersonAsk::default() };
    let found = world.node.search_persons(ctx, &ask).unwrap();
    found.persons.iter().map(|person| person.id.to_string()).collect()
}

#[test]
fn nothing_is_published_before_a_reviewer_has_recorded_the_kind_of_offence_and_what_is_weighed() {
    let world = bureau();
    let (id, _) = wanted(&world);
    let drafted = world.node.draft_notice(&world.of("mari"), (Colour::Red, Form::Notice, false), Some(&id)).unwrap();
    let no = drafted.row.no;
    world.node.revise_notice(&world.of("mari"), no, &complete(drafted.text)).unwrap();
    act(&world, "jaan", no, &NoticeDeed::Submit).unwrap();
    act(&world, "liis", no, &NoticeDeed::TakeUp).unwrap();
    assert_eq!(lawful(act(&world, "rein", no, &publish(&world))), "category-due");
    let offered = |who| {
        let shown = world.node.notice(&world.of(who), no).unwrap();
        (shown.due.map(|due| due.code), shown.possible.contains(&ActName::Publish))
    };
    assert_eq!(offered("rein"), (Some("category-due"), false), "what is due is told, and publishing is not offered");
    world.node.judge_notice(&world.of("mari"), no, &clear(), "As I wrote.").unwrap();
    assert_eq!(lawful(act(&world, "rein", no, &publish(&world))), "category-due", "whoever wrote it does not count");
    let (last, others) = clear().split_last().map(|(last, others)| (last.clone(), others.to_vec())).unwrap();
    world.node.judge_notice(&world.of("liis"), no, &others, "Fraud with large damage.").unwrap();
    let Err(NodeError::NotLawful(due)) = act(&world, "rein", no, &publish(&world)) else { panic!("published") };
    assert_eq!((due.code, due.text.contains("context")), ("factors-due", true), "{}", due.text);
    assert!(!due.text.contains("journalist"), "what is on record is not asked for: {}", due.text);
    assert_eq!(offered("rein"), (Some("factors-due"), false));
    world.node.judge_notice(&world.of("liis"), no, &[last], "Nothing around it.").unwrap();
    assert_eq!(offered("rein"), (None, true));
    assert_eq!(act(&world, "rein", no, &publish(&world)).unwrap().row.state, State::Published);
    assert!(world.node.judge_notice(&world.of("liis"), no, &[], "Nothing.").is_err(), "nothing is judged");
    world.pass(60);
    act(&world, "mari", no, &NoticeDeed::Amend([Part::Offence].into())).unwrap();
    act(&world, "jaan", no, &NoticeDeed::Submit).unwrap();
    act(&world, "liis", no, &NoticeDeed::TakeUp).unwrap();
    let again = NoticeDeed::Publish { valid_until: world.now().plus_months(11), extract: false };
    assert_eq!(lawful(act(&world, "rein", no, &again)), "category-due", "that was judged of another text");
    world.node.judge_notice(&world.of("liis"), no, &clear(), "Read the new text.").unwrap();
    assert_eq!(act(&world, "rein", no, &again).unwrap().row.state, State::Published);
}

#[test]
fn a_doubt_that_is_recorded_voids_what_a_reviewer_agreed_to_before_it() {
    let world = bureau();
    let no = submitted(&world);
    act(&world, "liis", no, &NoticeDeed::Concur).unwrap();
    world.pass(60);
    let politician = JudgementSaid::factor(FactorKind::Politician, Finding::Raises, (None, None));
    world.node.judge_notice(&world.of("rein"), no, &[politician], "Sat in parliament until last year.").unwrap();
    assert_eq!(lawful(act(&world, "rein", no, &publish(&world))), "too-few-reviewers", "liis did not know of it");
    act(&world, "liis", no, &NoticeDeed::Concur).unwrap();
    assert_eq!(act(&world, "rein", no, &publish(&world)).unwrap().row.state, State::Published);
}

#[test]
fn a_writer_who_finds_nothing_against_their_own_text_voids_nothing() {
    let world = bureau();
    let no = submitted(&world);
    world.pass(60);
    act(&world, "liis", no, &NoticeDeed::Concur).unwrap();
    let of_mari = |finding| JudgementSaid::factor(FactorKind::Politician, finding, (None, None));
    world.pass(60);
    world.node.judge_notice(&world.of("mari"), no, &[of_mari(Finding::Clears)], "None of it.").unwrap();
    let raises = JudgementSaid::factor(FactorKind::Journalist, Finding::Raises, (None, None));
    let two = |who| act(&world, who, no, &publish(&world));
    // Two are needed from here on; liis knew of it as she agreed.
    world.node.judge_notice(&world.of("rein"), no, &[raises], "Writes for a paper.").unwrap();
    act(&world, "liis", no, &NoticeDeed::Concur).unwrap();
    world.pass(60);
    world.node.judge_notice(&world.of("mari"), no, &[of_mari(Finding::Clears)], "Still none of it.").unwrap();
    assert_eq!(two("rein").unwrap().row.state, State::Published, "mari's own view of her text is no news");
}

#[test]
fn nobody_answers_for_what_they_have_not_seen() {
    let world = bureau();
    let no = submitted(&world);
    let before = world.node.notice(&world.of("rein"), no).unwrap().happened;
    let raises = JudgementSaid::factor(FactorKind::Activist, Finding::Unclear, (None, None));
    world.node.judge_notice(&world.of("liis"), no, std::slice::from_ref(&raises), "A march in 2019.").unwrap();
    let seen = |seen| Said::seen("because it is so", seen);
    let stale = |answer: Result<NoticeShown, NodeError>| matches!(answer, Err(NodeError::ChangedSince));
    let rein = world.of("rein");
    assert!(stale(world.node.act_on_notice(&rein, no, &NoticeDeed::Concur, seen(before))));
    assert!(stale(world.node.act_on_notice(&rein, no, &publish(&world), seen(before))));
    assert!(stale(world.node.judge_notice(&rein, no, &[raises], seen(before))));
    let shown = world.node.notice(&rein, no).unwrap();
    assert_eq!((shown.happened, shown.row.state), (before + 1, State::UnderReview), "nothing was done");
    let now = seen(shown.happened);
    assert_eq!(world.node.act_on_notice(&rein, no, &publish(&world), now).unwrap().row.state, State::Published);
    act(&world, "mari", no, &NoticeDeed::Amend([Part::Offence].into())).unwrap();
    let text = world.node.notice(&world.of("mari"), no).unwrap().text;
    assert!(stale(world.node.revise_seen(&world.of("mari"), no, &text, Some(before))));
}

#[test]
fn a_suspension_is_lifted_by_as_many_as_the_gate_demands_now() {
    let world = bureau();
    let no = submitted(&world);
    act(&world, "rein", no, &publish(&world)).unwrap();
    act(&world, "rein", no, &NoticeDeed::Suspend).unwrap();
    world.pass(60);
    let raises = JudgementSaid::factor(FactorKind::Politician, Finding::Raises, (None, None));
    world.node.judge_notice(&world.of("liis"), no, &[raises], "Stands for parliament.").unwrap();
    let offered = |act| world.node.notice(&world.of("rein"), no).unwrap().possible.contains(&act);
    assert!(offered(ActName::Concur), "two are needed now");
    assert_eq!(lawful(act(&world, "liis", no, &NoticeDeed::Lift)), "too-few-reviewers", "rein did not know of it");
    act(&world, "rein", no, &NoticeDeed::Concur).unwrap();
    let lifted = act(&world, "liis", no, &NoticeDeed::Lift).unwrap();
    assert_eq!(lifted.row.state, State::Published);
    let attested = Attestation::read(lifted.released.unwrap().notice.attestation.unwrap().said.as_bytes()).unwrap();
    let agreed: Vec<&str> = attested.reviewers.iter().map(|person| person.account.as_str()).collect();
    assert_eq!(agreed, ["rein", "liis"]);
    assert!(!offered(ActName::Concur), "enough agree that it goes on");
}

#[test]
fn a_red_notice_from_the_draft_to_the_recall() {
    let world = bureau();
    let no = submitted(&world);
    let shown = act(&world, "rein", no, &publish(&world)).unwrap();
    assert_eq!((shown.row.state, shown.in_force.map(|(version, _)| version)), (State::Published, Some(1)));
    let object = no.object().unwrap();
    let versions = world.node.store().versions(&object).unwrap();
    let raw = world.node.store().get(&[versions[0].position]).unwrap()[0].clone().unwrap().raw;
    let notice = Notice::of(Doc::parse(&raw, 32).unwrap().root()).unwrap();
    assert!(notice.attestation.is_some(), "it says by whom it was reviewed");
    let subject = notice.subject_ref.unwrap();
    let name = shown.row.name.clone();
    assert!(found(&world, &world.of("mari"), &name).contains(&subject.to_string()), "who is wanted is found");
    let ended = act(&world, "liis", no, &NoticeDeed::Cancel(Ground::Article3)).unwrap();
    assert_eq!(ended.row.state, State::Cancelled);
    assert!(!found(&world, &world.of("mari"), &name).contains(&subject.to_string()), "and is not any more");
    for object in [object, subject] {
        let recalls = world.store.values(&format!("recall/ee/{object}/")).unwrap();
        assert_eq!(recalls.len(), 1, "{object} is recalled");
    }
    assert!(ended.row.duties.is_empty(), "nobody had been given it: {:?}", ended.row.duties);
}

#[test]
fn nobody_publishes_what_they_wrote_and_nothing_goes_out_that_was_not_reviewed() {
    let world = bureau();
    world.person("both", &[Role::Analyst, Role::LegalReviewer]);
    let (id, _) = wanted(&world);
    let drafted = world.node.draft_notice(&world.of("both"), (Colour::Red, Form::Notice, false), Some(&id)).unwrap();
    let no = drafted.row.no;
    let missing = drafted.checklist.missing().next().unwrap().demand.code;
    assert_eq!(lawful(act(&world, "liis", no, &publish(&world))), missing, "what it lacks is told first");
    world.node.revise_notice(&world.of("both"), no, &complete(drafted.text)).unwrap();
    assert_eq!(lawful(act(&world, "liis", no, &publish(&world))), "not-from-here");
    assert_eq!(lawful(act(&world, "both", no, &NoticeDeed::Submit)), "four-eyes");
    act(&world, "jaan", no, &NoticeDeed::Submit).unwrap();
    act(&world, "liis", no, &NoticeDeed::TakeUp).unwrap();
    assert_eq!(lawful(act(&world, "both", no, &publish(&world))), "own-text");
    assert!(matches!(act(&world, "mari", no, &publish(&world)), Err(NodeError::Denied(_))));
    assert!(world.node.store().versions(&no.object().unwrap()).unwrap().is_empty());
}

#[test]
fn a_text_is_checked_without_being_kept() {
    let world = bureau();
    let (id, _) = wanted(&world);
    let drafted = world.node.draft_notice(&world.of("mari"), (Colour::Red, Form::Notice, false), Some(&id)).unwrap();
    let (no, text) = (drafted.row.no, complete(drafted.text.clone()));
    assert!(!drafted.checklist.is_complete());
    let (checklist, screen) = world.node.check_notice_text(&world.of("mari"), no, &text).unwrap();
    assert!(checklist.is_complete() && screen.screened().refused.is_none(), "{:?}", screen.codes());
    let mut short = text.clone();
    short.facts.penalty.maximum_months = Some(6);
    let (_, screen) = world.node.check_notice_text(&world.of("liis"), no, &short).unwrap();
    assert_eq!(screen.screened().refused, Some(Ground::Threshold), "reviewers may ask too");
    let kept = world.node.notice(&world.of("mari"), no).unwrap();
    assert!(kept.possible.contains(&ActName::Revise), "whoever may write is told so");
    assert!(!world.node.notice(&world.of("liis"), no).unwrap().possible.contains(&ActName::Revise));
    assert_eq!((kept.text, kept.events.len()), (drafted.text, 1), "nothing was changed by asking");
    let long = NoticeText { aliases: vec!["x".into(); 33], ..text };
    assert!(matches!(world.node.check_notice_text(&world.of("mari"), no, &long), Err(NodeError::Refused(_))));
}

#[test]
fn what_went_out_is_shown_as_it_went_out_while_it_is_amended() {
    let world = bureau();
    let no = submitted(&world);
    assert!(world.node.notice(&world.of("mari"), no).unwrap().released.is_none(), "nothing went out");
    act(&world, "rein", no, &publish(&world)).unwrap();
    act(&world, "mari", no, &NoticeDeed::Amend([Part::Offence].into())).unwrap();
    let mut text = world.node.notice(&world.of("mari"), no).unwrap().text;
    text.facts.offence.charge = Some("Something that nobody reviewed".into());
    let shown = world.node.revise_notice(&world.of("mari"), no, &text).unwrap();
    let released = shown.released.unwrap();
    assert_eq!(released.notice.facts.offence.charge.as_deref(), Some("Computer fraud"));
    assert_eq!(released.aliases, shown.text.aliases);
    act(&world, "jaan", no, &NoticeDeed::Submit).unwrap();
    act(&world, "liis", no, &NoticeDeed::TakeUp).unwrap();
    act(&world, "liis", no, &NoticeDeed::Concur).unwrap();
    let refused = NoticeDeed::Addendum(AddendumKind::ExtraditionRefused, Country::parse("LV").unwrap());
    let until = world.now().plus_months(6);
    let sooner = NoticeDeed::ReExamine(until);
    for (who, deed) in [("rein", NoticeDeed::Suspend), ("rein", NoticeDeed::Lift), ("mari", refused), ("rein", sooner)]
    {
        let notice = act(&world, who, no, &deed).unwrap().released.unwrap().notice;
        assert_eq!(
            notice.facts.offence.charge.as_deref(),
            Some("Computer fraud"),
            "{deed:?} puts out what was reviewed"
        );
        let attested = Attestation::read(notice.attestation.unwrap().said.as_bytes()).unwrap();
        let agreed: Vec<&str> = attested.reviewers.iter().map(|person| person.account.as_str()).collect();
        assert_eq!(agreed, ["rein"], "who agrees to the amendment did not agree to what is out");
    }
    let shown = world.node.notice(&world.of("mari"), no).unwrap();
    assert_eq!(shown.in_force, Some((1, until)));
    assert!(!shown.extract && !shown.wishes_extract, "nobody wished an extract");
}

#[test]
fn the_public_reads_an_extract_where_the_source_wishes_it_and_while_it_is_in_force() {
    let world = bureau();
    let public = || world.node.public_notices(&world.of("mari")).unwrap();
    let no = submitted_with(&world, true);
    assert!(public().is_empty(), "nothing is out");
    let with_extract = NoticeDeed::Publish { valid_until: world.now().plus_months(12), extract: true };
    let shown = act(&world, "rein", no, &with_extract).unwrap();
    let all = public();
    assert_eq!(world.node.public_notice(&world.of("mari"), no).unwrap().as_ref(), all.first());
    assert_eq!((all.len(), all[0].entity_id, all[0].colour), (1, no, "red"));
    assert_eq!(all[0].arrest_warrants[0].charge, "Computer fraud");
    let said = serde_json::to_string(&all[0]).unwrap();
    let text = &shown.text;
    for inside in [text.facts.sought.as_deref(), text.facts.offence.summary.as_deref(), text.contact.phone.as_deref()] {
        assert!(inside.is_none_or(|inside| !said.contains(inside)), "nothing from within: {inside:?} in {said}");
    }
    act(&world, "liis", no, &NoticeDeed::Suspend).unwrap();
    assert!(public().is_empty(), "what is suspended is gone at once");
    act(&world, "liis", no, &NoticeDeed::Cancel(Ground::Article3)).unwrap();
    assert!(public().is_empty(), "and what is cancelled");
    let other = submitted(&world);
    act(&world, "rein", other, &publish(&world)).unwrap();
    assert!(public().is_empty(), "nobody wished that one");
    assert_eq!(world.node.public_notice(&world.of("mari"), other).unwrap(), None);
}

#[test]
fn what_the_gate_refuses_is_not_published_by_anybody() {
    let world = bureau();
    let no = submitted(&world);
    let refugee = JudgementSaid::Factor {
        factor: FactorKind::Refugee,
        finding: Finding::Raises,
        protected_by: Country::parse("FI").ok(),
        fled_from: Country::parse("EE").ok(),
    };
    world.node.judge_notice(&world.of("liis"), no, &[refugee], "Has a refugee card of Finland.").unwrap();
    let shown = world.node.notice(&world.of("rein"), no).unwrap();
    assert!(shown.screen.codes().contains("refugee-protected"), "{:?}", shown.screen.codes());
    assert!(!shown.possible.contains(&ActName::Publish) && shown.possible.contains(&ActName::Refuse));
    assert_eq!(lawful(act(&world, "rein", no, &publish(&world))), "gate-refuses");
    assert_eq!(act(&world, "rein", no, &NoticeDeed::Refuse(Ground::Article2)).unwrap().row.state, State::Refused);
    assert_eq!(lawful(act(&world, "rein", no, &publish(&world))), "final-state");
}

#[test]
fn a_political_notice_is_refused_on_article_3() {
    let world = bureau();
    let no = submitted(&world);
    let political = JudgementSaid::Category { category: Category::Political, tied_to_serious_crime: false };
    world.node.judge_notice(&world.of("rein"), no, &[political], "It is about a speech.").unwrap();
    let shown = world.node.notice(&world.of("liis"), no).unwrap();
    assert_eq!(shown.screen.screened().refused, Some(Ground::Article3));
}

#[test]
fn it_ends_at_the_second_and_is_recalled_by_the_clock() {
    let world = bureau();
    let no = submitted(&world);
    let until = comity_base::Timestamp::from_micros(world.now().as_micros() + 3_600 * 1_000_000);
    act(&world, "rein", no, &NoticeDeed::Publish { valid_until: until, extract: false }).unwrap();
    let ctx = world.of("first");
    assert_eq!(world.node.tick_notices(&ctx).unwrap().map(|next| next <= until), Some(true));
    world.pass(3_599 - 60);
    world.node.tick_notices(&ctx).unwrap();
    assert_eq!(world.node.notice(&world.of("mari"), no).unwrap().row.state, State::Published);
    world.pass(61);
    let shown = world.node.notice(&world.of("mari"), no).unwrap();
    assert_eq!(shown.row.state, State::Expired);
    assert_eq!(shown.ending.map(|ending| ending.at), Some(until));
    assert_eq!(shown.row.duties.len(), 1, "it has to be recalled");
    assert!(world.node.notices_stirred() && !world.node.notices_stirred(), "told once");
    world.node.tick_notices(&ctx).unwrap();
    assert!(world.node.notices_stirred(), "that the receipts are there is worth a look too");
    assert!(world.node.notice(&world.of("mari"), no).unwrap().row.duties.is_empty());
    assert!(found(&world, &world.of("mari"), &shown.row.name).len() == 1, "the bureau's own file stays");
}

#[test]
fn a_suspended_notice_is_out_nowhere_and_comes_back_when_the_doubt_ends() {
    let world = bureau();
    let no = submitted(&world);
    let name = act(&world, "rein", no, &publish(&world)).unwrap().row.name;
    assert_eq!(found(&world, &world.of("mari"), &name).len(), 2);
    act(&world, "liis", no, &NoticeDeed::Suspend).unwrap();
    assert_eq!(found(&world, &world.of("mari"), &name).len(), 1);
    act(&world, "liis", no, &NoticeDeed::Lift).unwrap();
    assert_eq!(found(&world, &world.of("mari"), &name).len(), 2);
}

#[test]
fn a_notice_that_nobody_answers_for_does_not_come_in() {
    let world = bureau();
    let no = submitted(&world);
    act(&world, "rein", no, &publish(&world)).unwrap();
    let versions = world.node.store().versions(&no.object().unwrap()).unwrap();
    let raw = world.node.store().get(&[versions[0].position]).unwrap()[0].clone().unwrap().raw;
    let text = String::from_utf8(raw.to_vec()).unwrap();
    let changed = text.replace("Computer fraud", "Insulting the president").replace(r#""version":1"#, r#""version":2"#);
    let plain = {
        let mut notice = Notice::read(text.as_bytes()).unwrap();
        notice.attestation = None;
        notice.to_json()
    };
    for forged in [changed, plain, text.replace(r#""source":"ee""#, r#""source":"fi""#)] {
        world.bring(("ee", "EE"), &[], &[forged]);
    }
    world.bring(("fi", "FI"), &[], std::slice::from_ref(&text));
    let rejected = world.node.rejected(&world.of("mari"), None).unwrap();
    let codes: Vec<&str> = rejected.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["notice-not-attested"; 4]);
}

#[test]
fn a_draft_of_a_secret_person_is_seen_by_those_who_may_know() {
    let world = bureau();
    let person = People::new(40).next().unwrap().identity(&mut Random::new(6));
    let id = person.split('"').find(|part| part.starts_with("identity--")).unwrap().to_owned();
    world.bring(("ee", "EE"), &["case:77"], &[person]);
    assert!(world.node.draft_notice(&world.of("mari"), (Colour::Blue, Form::Notice, false), Some(&id)).is_err());
    let knows = comity_node::Authority { cases: ["77".to_owned()].into(), ..comity_node::Authority::alone() };
    let ctx = world.with(knows);
    let no = world.node.draft_notice(&ctx, (Colour::Blue, Form::Notice, false), Some(&id)).unwrap().row.no;
    assert!(matches!(world.node.notice(&world.of("mari"), no), Err(NodeError::UnknownObject(_))));
    assert!(world.node.notices(&world.of("mari")).unwrap().is_empty());
    assert_eq!(world.node.notices(&ctx).unwrap().len(), 1);
}
