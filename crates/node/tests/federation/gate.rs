//! One gate: what a node may not publish it may not write to another either, and what should not have been sent is proven.

use std::sync::Arc;

use comity_base::OrgName;
use comity_law::gate::{AbuseReport, Category, FactorKind, Finding, MessageKind, MessageState};
use comity_law::notice::{Facts, Ground, Identity, Offence, Photo};
use comity_law::{Country, Person};
use comity_ledger::EntryKind;
use comity_node::hits::{HitAsk, HitKey, HitState, HitVerdict, Question};
use comity_node::{
    AuditQuery, Authority, Ctx, GateNo, JudgementSaid, MessageDeed, MessageShown, NodeError, PeerKind, RecallReason,
    Role, SourceChange,
};
use comity_stix::Label;
use comity_stix::label::Need;

use crate::drafts::clear;
use crate::world::{EVERYTHING, Member, World, indicator, org};

const SAME: u64 = 40_000;
const WHERE: &str = "Where does he live? Please locate him.";

fn world(others: &[(&str, PeerKind)]) -> World {
    let mut names = vec![("ee-police", PeerKind::Member), ("us-police", PeerKind::Member)];
    names.extend(others);
    let world = World::new(&names);
    for other in 1..names.len() {
        world.connect(0, other);
        world.agree(0, other, EVERYTHING);
    }
    world.members[1].ingest(&[indicator(1, 0, "green")]);
    world.sync(1, 0);
    world.members[0].ingest(&[indicator(SAME + 1, 0, "red")]);
    world
}

fn acting(member: &Member, name: &str, role: Role) -> Ctx {
    let authority = Authority { active: true, roles: [role].into_iter().collect(), ..Authority::nobody() };
    Ctx { actor: name.into(), authority: Arc::new(authority), ..member.ctx() }
}

fn analyst(member: &Member) -> Ctx {
    acting(member, "mari", Role::Analyst)
}

fn reviewer(member: &Member, name: &str) -> Ctx {
    acting(member, name, Role::LegalReviewer)
}

fn only_hit(member: &Member) -> HitKey {
    member.node.hit_queue(&member.ctx(), &HitAsk::default()).unwrap().rows[0].key
}

fn ask(member: &Member, text: &str) -> Result<Vec<Question>, NodeError> {
    let verdict = HitVerdict::Ask(text.into());
    Ok(member.node.decide_hit(&analyst(member), &only_hit(member), &verdict, "", None)?.questions)
}

/// Asks something that is held, and says under which number.
fn held(member: &Member, text: &str) -> GateNo {
    match ask(member, text) {
        Err(NodeError::UnderReview(numbers)) => numbers[0].clone(),
        other => panic!("not held: {other:?}"),
    }
}

fn lawful<T: std::fmt::Debug>(answer: Result<T, NodeError>) -> &'static str {
    match answer {
        Err(NodeError::NotLawful(reason)) => reason.code,
        other => panic!("not refused by law: {other:?}"),
    }
}

/// What a blue notice asks for.
fn facts() -> Facts {
    let some = |text: &str| Some(text.to_owned());
    Facts {
        sought: some("the address of the account's owner"),
        minor: Some(false),
        identity: Identity {
            family_name: some("Tamm"),
            forename: some("Mart"),
            sex: Some(comity_law::notice::Sex::Male),
            birth: Some(comity_law::notice::Birth { year: 1984, month: None, day: None }),
            photo: Some(Photo::Good),
            other_identifier: some("a scar on the left hand"),
            ..Identity::default()
        },
        status: Some(comity_law::Status::Suspect),
        offence: Offence { summary: some("Emptied accounts of a bank."), ..Offence::default() },
        ..Facts::default()
    }
}

/// Passed by one reviewer.
fn passed(member: &Member, text: &str) -> MessageShown {
    let no = held(member, text);
    let (mari, liis) = (analyst(member), reviewer(member, "liis"));
    member.node.fill_message(&mari, &no, &facts(), "as in the file").unwrap();
    member.node.judge_message(&liis, &no, &clear(), "Fraud with large damage.").unwrap();
    member.node.pass_message(&liis, &no, "checked against the file").unwrap()
}

/// The last message that waits for a peer.
fn last(member: &Member, to: &OrgName) -> Vec<u8> {
    member.node.outbox(to).unwrap().pop().unwrap().1
}

/// The same message with another body, signed by the sender's own key: a modified node.
fn modified(member: &Member, to: &OrgName, change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let signed: serde_json::Value = serde_json::from_slice(&last(member, to)).unwrap();
    let mut message = signed["message"].clone();
    change(&mut message["body"]);
    member.signed(&message.to_string())
}

fn refusal(answer: Result<(), NodeError>) -> String {
    match answer {
        Err(NodeError::Unacceptable(why)) => why.0,
        other => panic!("taken: {other:?}"),
    }
}

fn records(member: &Member, kind: EntryKind) -> Vec<String> {
    let mut all = Vec::new();
    let query = AuditQuery { kind: Some(kind), ..AuditQuery::default() };
    let mut take = |asked: comity_node::Asked| {
        all.push(format!("{:?} {:?}", asked.subject, asked.content));
        std::ops::ControlFlow::Continue(())
    };
    member.node.audit(&member.ctx(), &query, &mut take).unwrap();
    all
}

#[test]
fn a_message_that_asks_to_locate_a_refugee_is_passed_by_nobody() {
    let world = world(&[]);
    let ee = &world.members[0];
    let before = ee.node.outbox(&org("us-police")).unwrap().len();
    let no = held(ee, WHERE);
    assert_eq!(held(ee, WHERE), no, "asked twice, it waits once");
    assert_eq!(ee.node.hit(&ee.ctx(), &only_hit(ee)).unwrap().row.state, HitState::Open, "nobody was asked");
    let liis = reviewer(ee, "liis");
    assert_eq!(ee.node.waits_at_gate(&liis).unwrap(), 1);
    assert!(ee.node.waits_at_gate(&analyst(ee)).is_err(), "it is told to reviewers alone");
    let shown = ee.node.message_under_review(&liis, &no).unwrap();
    let words: Vec<&str> = shown.found.spots.iter().map(|spot| &shown.text[spot.range.clone()]).collect();
    assert!(words.contains(&"he") && words.iter().any(|words| words.starts_with("locate")), "{words:?}");
    assert!(!shown.checklists[0].1.is_complete(), "what a blue notice asks for is not said");
    assert_eq!(lawful(ee.node.pass_message(&liis, &no, "he is wanted")), "message-gate-refuses");
    ee.node.fill_message(&analyst(ee), &no, &facts(), "as in the file").unwrap();
    ee.node.judge_message(&liis, &no, &clear(), "Fraud.").unwrap();
    let refugee = JudgementSaid::Factor {
        factor: FactorKind::Refugee,
        finding: Finding::Raises,
        protected_by: Country::parse("US").ok(),
        fled_from: Country::parse("EE").ok(),
    };
    let shown = ee.node.judge_message(&liis, &no, &[refugee], "He was granted asylum there.").unwrap();
    assert_eq!(shown.screen.screened().refused, Some(Ground::Article2));
    for name in ["liis", "rein"] {
        assert_eq!(lawful(ee.node.pass_message(&reviewer(ee, name), &no, "once more")), "message-gate-refuses");
    }
    let refused = ee.node.refuse_message(&liis, &no, Ground::Article2, "It reaches a refugee.").unwrap();
    assert_eq!((refused.state, refused.possible.len()), (MessageState::Refused, 0));
    assert_eq!(lawful(ee.node.pass_message(&reviewer(ee, "rein"), &no, "x")), "message-decided");
    assert_eq!(ee.node.outbox(&org("us-police")).unwrap().len(), before, "nothing went out");
}

#[test]
fn a_message_of_political_character_is_refused_and_counts_in_the_record() {
    let world = world(&[]);
    let ee = &world.members[0];
    let liis = reviewer(ee, "liis");
    let political = JudgementSaid::Category { category: Category::Political, tied_to_serious_crime: false };
    for text in ["Locate the dissident Mart Tamm.", "Is she a member of the opposition?", "Who is his lawyer?"] {
        let no = held(ee, text);
        ee.node.fill_message(&analyst(ee), &no, &facts(), "as in the file").unwrap();
        let shown =
            ee.node.judge_message(&liis, &no, std::slice::from_ref(&political), "It is about a speech.").unwrap();
        assert_eq!(shown.screen.screened().refused, Some(Ground::Article3), "{text}");
        ee.node.refuse_message(&liis, &no, Ground::Article3, "It is about a speech.").unwrap();
    }
    let no = held(ee, "Who runs the server?");
    let codes = ee.node.message_under_review(&liis, &no).unwrap().screen.codes();
    assert!(codes.contains("bad-record"), "after three of them everything is looked at: {codes:?}");
}

#[test]
fn what_a_reviewer_passed_goes_out_with_the_proof_and_the_hit_is_asked_about() {
    let world = world(&[]);
    let (ee, us) = (&world.members[0], &world.members[1]);
    let shown = passed(ee, WHERE);
    assert_eq!((shown.state, shown.kind), (MessageState::Sent, MessageKind::Question));
    let hit = ee.node.hit(&ee.ctx(), &only_hit(ee)).unwrap();
    assert_eq!((hit.row.state, hit.history[0].by.as_str(), hit.questions.len()), (HitState::Asked, "mari", 1));
    world.carry(0, 1);
    let there = us.node.questions(&us.ctx()).unwrap();
    assert_eq!((there[0].text.as_str(), there[0].doubtful.len()), (WHERE, 0), "{:?}", there[0].doubtful);
    // The answer tells of a person too, and passes the other side's gate.
    let answer = us.node.answer_question(&analyst(us), &there[0].peer, &there[0].id, "He lives in Tartu.");
    let Err(NodeError::UnderReview(numbers)) = answer else { panic!("not held: {answer:?}") };
    assert!(us.node.questions(&us.ctx()).unwrap()[0].answer.is_none());
    us.node.fill_message(&analyst(us), &numbers[0], &facts(), "as in the file").unwrap();
    let sent = us.node.pass_message(&reviewer(us, "joe"), &numbers[0], "lawful").unwrap();
    assert_eq!(sent.state, MessageState::Sent);
    world.carry(1, 0);
    let answered = ee.node.questions(&ee.ctx()).unwrap();
    assert_eq!(answered[0].answer.as_ref().unwrap().text, "He lives in Tartu.");
}

#[test]
fn a_reported_answer_is_read_by_those_alone_who_may_see_what_it_is_about() {
    let world = world(&[]);
    let (ee, us) = (&world.members[0], &world.members[1]);
    ask(ee, "Which port does the server listen on?").unwrap();
    world.carry(0, 1);
    let asked = &us.node.questions(&us.ctx()).unwrap()[0];
    us.node.answer_question(&analyst(us), &asked.peer, &asked.id, "Port 8080.").unwrap();
    world.carry(1, 0);
    let message = ee.node.questions(&ee.ctx()).unwrap()[0].answer.clone().unwrap().message.unwrap();
    let report = ee.node.report_message(&analyst(ee), &message, "It is no answer.").unwrap();
    world.carry(0, 1);
    let joe = reviewer(us, "joe");
    let seen = || us.node.abuse_reports(&joe).unwrap().iter().map(|one| one.no.clone()).collect::<Vec<_>>();
    assert_eq!((seen(), us.node.waits_at_gate(&joe).unwrap()), (vec![report.no.clone()], 1));
    // What the answer is about is closed: so are its words.
    let mut label = Label::defaults(us.name.clone());
    label.need = [Need::parse("level:secret").unwrap()].into();
    let change = SourceChange { defaults: Some(label), ..SourceChange::default() };
    us.node.set_source(&us.ctx(), &us.name, &change).unwrap();
    us.ingest(&[indicator(1, 1, "green")]);
    assert_eq!((seen(), us.node.waits_at_gate(&joe).unwrap()), (Vec::new(), 0));
    assert!(matches!(us.node.abuse_file(&joe, &report.no), Err(NodeError::UnknownObject(_))));
}

#[test]
fn an_ordinary_text_goes_at_once_and_says_that_it_was_screened() {
    let world = world(&[]);
    let (ee, us) = (&world.members[0], &world.members[1]);
    ask(ee, "Which port does the server listen on?").unwrap();
    let text = String::from_utf8(last(ee, &us.name)).unwrap();
    assert!(text.contains(r#"\"answer\":\"pass\""#) || text.contains("attestation"), "{text}");
    world.carry(0, 1);
    assert_eq!(us.node.questions(&us.ctx()).unwrap().len(), 1);
    assert!(ee.node.messages_under_review(&reviewer(ee, "liis")).unwrap().is_empty());
}

#[test]
fn a_modified_node_cannot_send_what_no_gate_let_go() {
    let world = world(&[]);
    let (ee, us) = (&world.members[0], &world.members[1]);
    passed(ee, WHERE);
    let take = |bytes: &[u8]| us.node.take_message(&us.ctx(), &us.peer(&ee.name), bytes);
    let question = |body: &mut serde_json::Value| body["question"].as_object_mut().unwrap().clone();
    let without = modified(ee, &us.name, |body| drop(body["question"].as_object_mut().unwrap().remove("attestation")));
    let altered = modified(ee, &us.name, |body| body["question"]["text"] = "Please arrest him at once.".into());
    let elsewhere = modified(ee, &us.name, |body| {
        body["question"]["about"] = "indicator--00000002-0000-4000-8000-000000000000".into();
    });
    let claimed = modified(ee, &us.name, |body| {
        let said =
            question(body)["attestation"]["said"].as_str().unwrap().replace(r#""reviewers":1"#, r#""reviewers":0"#);
        body["question"]["attestation"]["said"] = said.into();
    });
    let cases = [
        (without, "attestation-missing"),
        (altered, "attestation-digest"),
        (elsewhere, "attestation-digest"),
        (claimed, "attestation-signature"),
    ];
    for (number, (bytes, code)) in cases.iter().enumerate() {
        let why = refusal(take(bytes));
        assert!(why.starts_with(code), "{why}");
        let refusals = records(us, EntryKind::Refusal);
        assert_eq!(refusals.len(), number + 1);
        assert!(refusals[number].contains(code) && !refusals[number].contains("arrest"), "{refusals:?}");
    }
    assert!(us.node.questions(&us.ctx()).unwrap().is_empty(), "nothing of it is kept");
    assert!(us.node.messages_received(&reviewer(us, "joe")).unwrap().is_empty());
    take(&last(ee, &us.name)).unwrap();
    assert_eq!(us.node.questions(&us.ctx()).unwrap().len(), 1);
}

#[test]
fn an_attestation_of_another_node_or_for_another_recipient_stands_for_nothing() {
    let world = world(&[("fi-police", PeerKind::Member)]);
    let [ee, us, fi] = [0, 1, 2].map(|at| &world.members[at]);
    passed(ee, WHERE);
    let signed: serde_json::Value = serde_json::from_slice(&last(ee, &us.name)).unwrap();
    let body = signed["message"]["body"].clone();
    let message = |from: &Member, to: &Member| {
        let at = from.ctx().now().to_string();
        let text = serde_json::json!({"from": from.name, "to": to.name, "at": at, "body": body}).to_string();
        from.signed(&text)
    };
    let other = fi.node.take_message(&fi.ctx(), &fi.peer(&ee.name), &message(ee, fi));
    assert!(refusal(other).starts_with("attestation-digest"), "it was for somebody else");
    let borrowed = ee.node.take_message(&ee.ctx(), &ee.peer(&fi.name), &message(fi, ee));
    assert!(refusal(borrowed).starts_with("attestation-key"), "it is of somebody else");
}

#[test]
fn what_the_sender_left_unsaid_is_kept_and_marked_doubtful() {
    let world = world(&[]);
    let (ee, us) = (&world.members[0], &world.members[1]);
    passed(ee, WHERE);
    // A node that screens by weaker rules signs that nothing was found.
    let bytes = modified(ee, &us.name, |body| {
        let attestation = &mut body["question"]["attestation"];
        let mut said: serde_json::Value = serde_json::from_str(attestation["said"].as_str().unwrap()).unwrap();
        said["codes"] = serde_json::json!(["no-person-targeted"]);
        said["answer"] = serde_json::json!({"answer": "pass"});
        said["reviewers"] = serde_json::json!([]);
        let said = said.to_string();
        attestation["signature"] = ee.signature("screen", &said).into();
        attestation["said"] = said.into();
    });
    us.node.take_message(&us.ctx(), &us.peer(&ee.name), &bytes).unwrap();
    let there = us.node.questions(&us.ctx()).unwrap();
    for code in ["category-not-judged", "attestation-reviewers"] {
        assert!(there[0].doubtful.contains(&code.to_owned()), "{:?}", there[0].doubtful);
    }
    let received = us.node.messages_received(&reviewer(us, "joe")).unwrap();
    assert_eq!((&received[0].doubtful, Some(&received[0].no)), (&there[0].doubtful, there[0].message.as_ref()));
}

#[test]
fn nobody_has_a_hand_in_a_message_that_they_may_not_have() {
    let world = world(&[]);
    let ee = &world.members[0];
    let roles = [Role::Analyst, Role::LegalReviewer].into_iter().collect();
    let authority = Authority { active: true, roles, ..Authority::nobody() };
    let kati = Ctx { actor: "kati".into(), authority: Arc::new(authority), ..ee.ctx() };
    let verdict = HitVerdict::Ask(WHERE.into());
    let Err(NodeError::UnderReview(numbers)) = ee.node.decide_hit(&kati, &only_hit(ee), &verdict, "", None) else {
        panic!("not held")
    };
    let no = &numbers[0];
    assert_eq!(lawful(ee.node.judge_message(&kati, no, &clear(), "x")), "own-message");
    assert_eq!(lawful(ee.node.pass_message(&kati, no, "x")), "own-message");
    assert_eq!(lawful(ee.node.refuse_message(&kati, no, Ground::Other, "x")), "own-message");
    assert_eq!(ee.node.own_messages(&kati).unwrap()[0].possible, [MessageDeed::Facts]);
    let officer = acting(ee, "olev", Role::Officer);
    assert!(matches!(ee.node.message_under_review(&officer, no), Err(NodeError::Denied(_))));
    assert!(matches!(ee.node.pass_message(&analyst(ee), no, "x"), Err(NodeError::Denied(_))));
    let hidden = |answer: Result<MessageShown, NodeError>| matches!(answer, Err(NodeError::UnknownObject(_)));
    assert!(hidden(ee.node.message_under_review(&analyst(ee), no)), "it is not hers");
    assert!(hidden(ee.node.fill_message(&analyst(ee), no, &facts(), "x")));
    assert!(ee.node.own_messages(&analyst(ee)).unwrap().is_empty());
    let liis = reviewer(ee, "liis");
    assert_eq!(ee.node.messages_under_review(&liis).unwrap().len(), 1);
    assert_eq!(lawful(ee.node.judge_message(&liis, no, &clear(), " ")), "message-reason");
    // What the hit was found by is closed: so is the message.
    let mut label = Label::defaults(ee.name.clone());
    label.need = [Need::parse("level:secret").unwrap()].into();
    let change = SourceChange { defaults: Some(label), ..SourceChange::default() };
    ee.node.set_source(&ee.ctx(), &ee.name, &change).unwrap();
    ee.ingest(&[indicator(SAME + 1, 1, "red")]);
    assert!(ee.node.messages_under_review(&liis).unwrap().is_empty());
    assert_eq!(ee.node.waits_at_gate(&liis).unwrap(), 0, "nor is it counted");
    assert!(hidden(ee.node.pass_message(&liis, no, "x")));
}

#[test]
fn a_question_is_passed_once_what_is_weighed_is_on_record_and_passed_twice_at_once_it_goes_out_once() {
    let world = world(&[]);
    let ee = &world.members[0];
    let no = held(ee, WHERE);
    ee.node.fill_message(&analyst(ee), &no, &facts(), "as in the file").unwrap();
    let shown = ee.node.message_under_review(&reviewer(ee, "liis"), &no).unwrap();
    assert_eq!(shown.due.as_ref().map(|due| due.code), Some("category-due"));
    assert!(!shown.possible.contains(&MessageDeed::Pass), "nobody is offered to agree before");
    assert_eq!(lawful(ee.node.pass_message(&reviewer(ee, "liis"), &no, "lawful")), "category-due");
    ee.node.judge_message(&reviewer(ee, "liis"), &no, &clear()[..1], "Fraud with large damage.").unwrap();
    assert_eq!(lawful(ee.node.pass_message(&reviewer(ee, "liis"), &no, "lawful")), "factors-due");
    ee.node.judge_message(&reviewer(ee, "liis"), &no, &clear()[1..], "Read the file.").unwrap();
    let stale = comity_node::Said::seen("lawful", shown.steps.len());
    let answer = ee.node.pass_message(&reviewer(ee, "liis"), &no, stale);
    assert!(matches!(answer, Err(NodeError::ChangedSince)), "she agrees to what she has seen");
    let passing = |name: &'static str| ee.node.pass_message(&reviewer(ee, name), &no, "lawful");
    let answers = std::thread::scope(|scope| {
        let all = ["liis", "rein", "anne"].map(|name| scope.spawn(move || passing(name)));
        all.map(|one| one.join().unwrap())
    });
    let sent = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(sent, 1, "one reviewer is enough, and the others are told that it is decided");
    let questions = ee.node.questions(&ee.ctx()).unwrap();
    assert_eq!(questions.len(), 1);
}

/// Estonia's message to the United States, as it is reported there, and what a hub is told.
fn reported(world: &World) -> GateNo {
    let (ee, us) = (&world.members[0], &world.members[1]);
    passed(ee, WHERE);
    world.carry(0, 1);
    let message = us.node.questions(&us.ctx()).unwrap()[0].message.clone().unwrap();
    let joe = analyst(us);
    assert!(us.node.report_message(&joe, &message, " ").is_err(), "a report says why");
    let report = us.node.report_message(&joe, &message, "It hunts a refugee.").unwrap();
    assert!(us.node.report_message(&joe, &message, "Again.").is_err(), "once");
    assert_eq!(us.node.message_received(&joe, &message).unwrap().reported, Some(report.no.clone()));
    world.carry(1, 0);
    report.no
}

#[test]
fn a_report_proves_what_was_sent_and_counts_when_it_is_upheld() {
    let world = world(&[("hub", PeerKind::Hub)]);
    world.connect(1, 2);
    let no = reported(&world);
    world.carry(1, 2);
    let [ee, us, hub] = [0, 1, 2].map(|at| &world.members[at]);
    let file = us.node.abuse_file(&analyst(us), &no).unwrap();
    let said = AbuseReport::read(file.report.said.as_bytes()).unwrap();
    assert_eq!(
        (said.why.as_str(), said.who.as_str(), said.against.as_str()),
        ("It hunts a refugee.", "mari", "ee-police")
    );
    assert!(said.message.contains(WHERE), "the words as they were signed");
    for member in [ee, hub] {
        let there = member.node.abuse_reports(&reviewer(member, "rein")).unwrap();
        assert_eq!((there.len(), &there[0].no, there[0].text.as_str()), (1, &no, WHERE));
    }
    // Who wrote it or let it go does not decide, and is not asked to.
    assert!(!ee.node.decides_report(&reviewer(ee, "liis"), &no).unwrap());
    assert!(ee.node.decides_report(&reviewer(ee, "rein"), &no).unwrap());
    assert_eq!(ee.node.waits_at_gate(&reviewer(ee, "liis")).unwrap(), 0);
    let judge = |name: &str| ee.node.judge_report(&reviewer(ee, name), &no, true, "It does.");
    assert_eq!((lawful(judge("mari")), lawful(judge("liis"))), ("own-report", "own-report"));
    assert!(matches!(us.node.judge_report(&reviewer(us, "joe"), &no, true, "x"), Err(NodeError::Refused(_))));
    let waits = |member: &Member| member.node.waits_at_gate(&reviewer(member, "rein")).unwrap();
    assert_eq!([ee, us, hub].map(waits), [1, 0, 0], "it waits where it is decided");
    let verdict = judge("rein").unwrap().verdict.unwrap();
    assert_eq!(waits(ee), 0);
    assert!(verdict.upheld && judge("rein").is_err(), "once");
    world.carry(0, 1);
    world.carry(0, 2);
    for member in [us, hub] {
        let there = member.node.abuse_reports(&reviewer(member, "x")).unwrap();
        assert_eq!(there[0].verdict.as_ref(), Some(&verdict));
    }
    let on_record = |member: &Member, what: &str| {
        records(member, EntryKind::Decision).iter().filter(|record| record.contains(what)).count()
    };
    for member in [ee, us, hub] {
        assert_eq!((on_record(member, "abuse reported"), on_record(member, "abuse upheld")), (1, 1), "{}", member.name);
    }
    // From now on two reviewers look at everything it sends, and whoever gets it asks for that.
    let no = held(ee, "Which port does the server listen on?");
    let shown = ee.node.message_under_review(&reviewer(ee, "liis"), &no).unwrap();
    assert_eq!(shown.needed(), Some(2));
    ee.node.pass_message(&reviewer(ee, "liis"), &no, "technical").unwrap();
    let sent = ee.node.pass_message(&reviewer(ee, "rein"), &no, "technical").unwrap();
    assert_eq!((sent.state, sent.agreed.len()), (MessageState::Sent, 2));
    world.carry(0, 1);
    assert_eq!(us.node.questions(&us.ctx()).unwrap().len(), 2);
}

#[test]
fn a_report_that_is_rejected_counts_nothing_and_is_told() {
    let world = world(&[]);
    let no = reported(&world);
    let (ee, us) = (&world.members[0], &world.members[1]);
    let shown = ee.node.judge_report(&reviewer(ee, "rein"), &no, false, "He is wanted for fraud.").unwrap();
    assert_eq!(shown.verdict.map(|verdict| verdict.upheld), Some(false));
    world.carry(0, 1);
    let there = us.node.abuse_report(&analyst(us), &no).unwrap().verdict.unwrap();
    assert_eq!((there.upheld, there.why.as_str()), (false, "He is wanted for fraud."));
    ask(ee, "Which port does the server listen on?").unwrap();
}

#[test]
fn nobody_reports_what_another_did_not_sign() {
    let world = world(&[("fi-police", PeerKind::Member)]);
    reported(&world);
    let [ee, us, fi] = [0, 1, 2].map(|at| &world.members[at]);
    let file = us.node.abuse_file(&analyst(us), &us.node.abuse_reports(&analyst(us)).unwrap()[0].no).unwrap();
    let told = |from: &Member, said: &AbuseReport| {
        let json = said.to_json();
        let report =
            serde_json::json!({"said": json, "key": from.key(), "signature": from.signature("abuse report", &json)});
        let body = serde_json::json!({"abuse": {"report": report}});
        let at = from.ctx().now().to_string();
        let text = serde_json::json!({"from": from.name, "to": ee.name, "at": at, "body": body}).to_string();
        refusal(ee.node.take_message(&ee.ctx(), &ee.peer(&from.name), &from.signed(&text)))
    };
    let said = AbuseReport::read(file.report.said.as_bytes()).unwrap();
    let invented = AbuseReport { message: said.message.replace("live", "hide"), ..said.clone() };
    assert!(told(us, &invented).contains("signature"), "words that were never signed");
    let stolen = AbuseReport { by: fi.name.clone(), ..said.clone() };
    assert!(told(fi, &stolen).contains("message from ee-police to us-police"), "it was for somebody else");
    assert!(told(fi, &said).contains("not signed by fi-police"), "it is somebody else's report");
    let own = Person::new(ee.name.clone(), "rein");
    assert_eq!(ee.node.abuse_reports(&reviewer(ee, &own.account)).unwrap().len(), 1);
}

/// Three years and a day.
const LONG: i64 = (3 * 365 + 2) * 86_400;

#[test]
fn words_of_messages_and_reports_are_forgotten_when_they_are_old_and_who_decided_what_stays() {
    let world = world(&[("hub", PeerKind::Hub)]);
    world.connect(1, 2);
    let no = reported(&world);
    world.carry(1, 2);
    let [ee, us, hub] = [0, 1, 2].map(|at| &world.members[at]);
    ee.node.judge_report(&reviewer(ee, "rein"), &no, true, "It does, says Rein.").unwrap();
    world.carry(0, 1);
    world.carry(0, 2);
    us.node.answer_question(&analyst(us), &ee.name, &us.node.questions(&us.ctx()).unwrap()[0].id, "Port 22.").unwrap();
    world.carry(1, 0);
    for member in [ee, us, hub] {
        assert!(!member.saying(WHERE).is_empty(), "{}", member.name);
        assert_eq!(member.node.end_retention(&member.ctx()).unwrap().words, 0, "nothing is old");
    }
    world.pass(LONG);
    // The message as it was held, the question, its answer and the report; what was received, the question and the report.
    for (member, things) in [(ee, 4), (us, 3), (hub, 1)] {
        assert_eq!(member.node.end_retention(&member.ctx()).unwrap().words, things, "{}", member.name);
        for words in [WHERE, "It hunts a refugee.", "says Rein", "checked against the file", "Tamm", "Port 22."] {
            assert_eq!(member.saying(words), Vec::<String>::new(), "{} {words}", member.name);
        }
        assert_eq!(member.node.end_retention(&member.ctx()).unwrap().words, 0, "once");
        let liis = reviewer(member, "liis");
        assert!(member.node.messages_under_review(&liis).unwrap().is_empty());
        assert!(member.node.messages_received(&liis).unwrap().is_empty());
        assert!(member.node.abuse_reports(&liis).unwrap().is_empty());
        assert!(matches!(member.node.abuse_file(&liis, &no), Err(NodeError::UnknownObject(_))));
        assert!(member.node.questions(&member.ctx()).unwrap().is_empty());
    }
    let no = held(ee, "Which port does the server listen on?");
    let shown = ee.node.message_under_review(&reviewer(ee, "liis"), &no).unwrap();
    assert_eq!(shown.needed(), Some(2), "a bad record is not forgotten with the words");
}

#[test]
fn words_about_an_object_go_with_it_but_not_a_report_or_what_is_held() {
    let world = world(&[]);
    let no = reported(&world);
    let (ee, us) = (&world.members[0], &world.members[1]);
    ee.node.judge_report(&reviewer(ee, "rein"), &no, true, "It does.").unwrap();
    let waiting = held(ee, "Where does he live? Locate him and his family.");
    let about = us.node.questions(&us.ctx()).unwrap()[0].about.clone();
    let because = |member: &Member| Ctx { reason: Some("by order of a court".into()), ..member.ctx() };
    ee.node.hold(&because(ee), &about).unwrap();
    us.node.recall(&because(us), &about, RecallReason::Legal, None).unwrap();
    world.sync(1, 0);
    for member in [ee, us] {
        member.node.end_retention(&member.ctx()).unwrap();
    }
    let is_reported = |member: &Member| member.saying(WHERE).iter().all(|key| key.starts_with("abuse-report/"));
    assert!(is_reported(us) && us.node.questions(&us.ctx()).unwrap().is_empty(), "nothing else says it there");
    assert!(!ee.saying("and his family").is_empty(), "a hold keeps it");
    ee.node.lift_hold(&because(ee), &about).unwrap();
    ee.node.end_retention(&ee.ctx()).unwrap();
    assert_eq!(ee.saying("and his family"), Vec::<String>::new());
    let liis = reviewer(ee, "liis");
    assert!(matches!(ee.node.message_under_review(&liis, &waiting), Err(NodeError::UnknownObject(_))));
    assert_eq!(ee.node.waits_at_gate(&liis).unwrap(), 0);
    assert!(is_reported(ee) && !ee.saying(WHERE).is_empty(), "what was reported stays reported");
    assert_eq!(ee.node.abuse_report(&reviewer(ee, "rein"), &no).unwrap().text, WHERE);
}
