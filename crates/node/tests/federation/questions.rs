//! Questions about what one gave the other: the owner learns which object is meant, and nothing of what it was found by.

use std::collections::BTreeSet;
use std::sync::Arc;

use comity_ledger::EntryKind;
use comity_node::hits::{HitAsk, HitKey, HitState, HitVerdict, Question};
use comity_node::{AuditQuery, Authority, Ctx, NodeError, PeerKind, PeerStatus, Role, SourceChange};
use comity_stix::Label;
use comity_stix::label::{Need, Tlp};

use crate::world::{EVERYTHING, Member, World, indicator, indicator_id, org};

/// Number 40,001 and so on look for the same addresses as 1 and so on.
const SAME: u64 = 40_000;

/// Estonia holds what the United States gave it: one hit.
fn two() -> World {
    let world = World::new(&[("ee-police", PeerKind::Member), ("us-police", PeerKind::Member)]);
    world.connect(0, 1);
    world.agree(0, 1, EVERYTHING);
    world.members[1].ingest(&[indicator(1, 0, "green")]);
    world.sync(1, 0);
    world.members[0].ingest(&[indicator(SAME + 1, 0, "red")]);
    world
}

fn only_hit(member: &Member) -> HitKey {
    let page = member.node.hit_queue(&member.ctx(), &HitAsk::default()).unwrap();
    assert_eq!(page.rows.len(), 1);
    page.rows[0].key
}

fn ask(member: &Member, key: &HitKey, text: &str) -> Result<Vec<Question>, NodeError> {
    let verdict = HitVerdict::Ask(text.into());
    Ok(member.node.decide_hit(&member.ctx(), key, &verdict, "for us only", None)?.questions)
}

/// Somebody who has a role and no need to know of anything.
fn analyst(member: &Member) -> Ctx {
    let authority = Authority { active: true, roles: [Role::Analyst].into_iter().collect(), ..Authority::nobody() };
    Ctx { actor: "mari".into(), authority: Arc::new(authority), ..member.ctx() }
}

fn decisions(member: &Member) -> Vec<(String, [u8; 32])> {
    let mut all = Vec::new();
    let query = AuditQuery { kind: Some(EntryKind::Decision), ..AuditQuery::default() };
    let mut take = |asked: comity_node::Asked| {
        let decided = asked.content.unwrap()["decided"].as_str().unwrap_or_default().to_owned();
        all.push((decided, asked.entry.handle));
        std::ops::ControlFlow::Continue(())
    };
    member.node.audit(&member.ctx(), &query, &mut take).unwrap();
    all
}

#[test]
fn a_question_reaches_its_owner_and_the_answer_stands_with_the_hit() {
    let mut world = two();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let key = only_hit(ee);
    let asked = ask(ee, &key, "Who rents it?").unwrap();
    assert_eq!((asked.len(), &asked[0].about, asked[0].answer.is_none()), (1, &indicator_id(1), true));
    assert_eq!(ee.node.hit(&ee.ctx(), &key).unwrap().row.state, HitState::Asked);
    world.carry(0, 1);
    let there = us.node.questions(&us.ctx()).unwrap();
    assert_eq!(there.len(), 1);
    let one = &there[0];
    assert_eq!((one.peer.as_str(), one.is_ours, one.text.as_str()), ("ee-police", false, "Who rents it?"));
    assert_eq!((&one.about, one.name.is_some(), &one.hit, &one.by), (&indicator_id(1), true, &None, &None));
    us.node.answer_question(&us.ctx(), &one.peer, &one.id, "A customer of the bank in our case 77.").unwrap();
    let again = us.node.answer_question(&us.ctx(), &one.peer, &one.id, "Nobody.");
    assert!(matches!(again, Err(NodeError::Refused(_))), "once");
    world.carry(1, 0);
    world.members[0].restart();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let shown = ee.node.hit(&ee.ctx(), &key).unwrap();
    assert_eq!(shown.questions[0].answer.as_ref().unwrap().text, "A customer of the bank in our case 77.");
    assert_eq!(ee.node.questions(&ee.ctx()).unwrap(), shown.questions);
    let handle =
        |member: &Member, decided: &str| decisions(member).into_iter().find(|(what, _)| what == decided).unwrap().1;
    assert_eq!(handle(ee, "question sent"), handle(us, "question received"), "one crossing, in both ledgers");
    assert_eq!(handle(us, "question answered"), handle(ee, "answer received"));
}

#[test]
fn the_owner_is_told_its_own_object_and_the_words_and_nothing_else() {
    let world = two();
    let ee = &world.members[0];
    let key = only_hit(ee);
    let hit = ee.node.hit(&ee.ctx(), &key).unwrap().row.hit;
    ask(ee, &key, "Who rents it?").unwrap();
    let sent: Vec<String> = ee
        .node
        .outbox(&org("us-police"))
        .unwrap()
        .into_iter()
        .map(|(_, bytes)| String::from_utf8(bytes).unwrap())
        .collect();
    let question = sent.iter().find(|text| text.contains("Who rents it?")).unwrap();
    let message: serde_json::Value = serde_json::from_str(question).unwrap();
    let body = message["message"]["body"]["question"].as_object().unwrap();
    assert_eq!(body.keys().map(String::as_str).collect::<BTreeSet<_>>(), ["about", "attestation", "id", "text"].into());
    assert_eq!(body["about"], indicator_id(1).to_string());
    for ours in [hit.one.id.as_str(), &key.to_string(), hit.values[0].value.as_str(), "for us only", "\"test\""] {
        assert!(!question.contains(ours), "{ours} in {question}");
    }
    assert!(!question.contains(&indicator_id(SAME + 1).to_string()));
}

#[test]
fn a_question_that_comes_twice_counts_once_and_an_unknown_object_is_not_told_from_a_known_one() {
    let world = two();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let key = only_hit(ee);
    ask(ee, &key, "Who rents it?").unwrap();
    let waiting = ee.node.outbox(&us.name).unwrap();
    let deliver = || {
        for (_, bytes) in &waiting {
            us.node.take_message(&us.ctx(), &us.peer(&ee.name), bytes).unwrap();
        }
    };
    deliver();
    deliver();
    assert_eq!(us.node.questions(&us.ctx()).unwrap().len(), 1);

    // The owner takes its object back; the other side has not heard of it yet, and asks.
    let gone = World::new(&[("ee-police", PeerKind::Member), ("us-police", PeerKind::Member)]);
    gone.connect(0, 1);
    gone.agree(0, 1, EVERYTHING);
    let (ee, us) = (&gone.members[0], &gone.members[1]);
    // An object that is said to be of the United States, and that they never had.
    let source = ee.node.set_source(&ee.ctx(), &us.name, &SourceChange::default()).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let input = comity_node::intake::Input {
        name: "paper.json".into(),
        reader: Box::new(std::io::Cursor::new(indicator(5, 0, "green").into_bytes())),
    };
    let options = comity_node::intake::IntakeOptions::noted("paper", &stop);
    ee.node.intake(&ee.ctx(), &source, &mut std::iter::once(Ok(input)), &options).unwrap();
    ee.ingest(&[indicator(SAME + 5, 0, "red")]);
    ask(ee, &only_hit(ee), "Is it yours?").unwrap();
    gone.carry(0, 1);
    let there = us.node.questions(&us.ctx()).unwrap();
    assert_eq!((there.len(), &there[0].name), (1, &None), "kept, and not known here");
}

#[test]
fn only_a_node_under_an_agreement_in_force_is_asked() {
    let world = two();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let key = only_hit(ee);
    let why = || match ask(ee, &key, "Who rents it?") {
        Err(NodeError::Refused(why)) => why,
        other => panic!("not refused: {other:?}"),
    };
    for (text, expected) in [("  ", "no words"), (&*"x".repeat(2_001), "2000 characters")] {
        let said = ask(ee, &key, text);
        assert!(matches!(&said, Err(NodeError::Refused(why)) if why.contains(expected)), "{said:?}");
    }
    let agreement = ee.node.agreements(&ee.ctx()).unwrap()[0].agreement.id.to_string();
    ee.node.suspend(&ee.ctx(), &agreement, "an inquiry").unwrap();
    assert!(why().contains("no agreement"), "{}", why());
    ee.node.lift(&ee.ctx(), &agreement).unwrap();
    ee.node.set_peer_status(&ee.ctx(), &us.name, PeerStatus::Suspended).unwrap();
    assert!(why().contains("stopped"));
    ee.node.set_peer_status(&ee.ctx(), &us.name, PeerStatus::Active).unwrap();
    let shown = ee.node.hit(&ee.ctx(), &key).unwrap();
    assert_eq!((shown.row.state, shown.history.len()), (HitState::Open, 0), "what could not be sent is no decision");
    assert!(
        ee.node.outbox(&us.name).unwrap().iter().all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains("rents"))
    );
    ask(ee, &key, "Who rents it?").unwrap();

    // Who is known as a source only cannot be asked, and a question is taken under an agreement only.
    let bank = ee.node.set_source(&ee.ctx(), &org("us-bank"), &SourceChange::default()).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let input = comity_node::intake::Input {
        name: "bank.json".into(),
        reader: Box::new(std::io::Cursor::new(indicator(9, 0, "green").into_bytes())),
    };
    let options = comity_node::intake::IntakeOptions::noted("bank", &stop);
    ee.node.intake(&ee.ctx(), &bank, &mut std::iter::once(Ok(input)), &options).unwrap();
    ee.ingest(&[indicator(SAME + 9, 0, "red")]);
    let bank = HitAsk { owner: Some(org("us-bank")), ..HitAsk::default() };
    let bank = ee.node.hit_queue(&ee.ctx(), &bank).unwrap().rows[0].key;
    let said = ask(ee, &bank, "Whose account is it?");
    assert!(matches!(&said, Err(NodeError::Refused(why)) if why.contains("not connected")), "{said:?}");
    us.node.suspend(&us.ctx(), &agreement, "an inquiry").unwrap();
    let (_, bytes) = ee.node.outbox(&us.name).unwrap().pop().unwrap();
    let taken = us.node.take_message(&us.ctx(), &us.peer(&ee.name), &bytes);
    assert!(matches!(taken, Err(NodeError::Unacceptable(_))));
    assert!(us.node.questions(&us.ctx()).unwrap().is_empty());
}

#[test]
fn nobody_floods_another() {
    let world = two();
    let ee = &world.members[0];
    let key = only_hit(ee);
    for number in 0..100 {
        ask(ee, &key, &format!("Question {number}")).unwrap();
    }
    let said = ask(ee, &key, "One more");
    assert!(matches!(&said, Err(NodeError::Refused(why)) if why.contains("100 questions")), "{said:?}");
    world.carry(0, 1);
    let us = &world.members[1];
    let all = us.node.questions(&us.ctx()).unwrap();
    assert_eq!(all.len(), 100);
    us.node.answer_question(&us.ctx(), &all[0].peer, &all[0].id, "Yes.").unwrap();
    world.carry(1, 0);
    ask(ee, &key, "One more").unwrap();
}

/// Whoever may not see the object asked about, or of an own question what it was found by, does not see the question.
#[test]
fn a_question_is_for_those_who_may_see_its_object() {
    let world = two();
    let (ee, us) = (&world.members[0], &world.members[1]);
    let key = only_hit(ee);
    ask(ee, &key, "Who rents it?").unwrap();
    world.carry(0, 1);
    assert_eq!(us.node.questions(&analyst(us)).unwrap().len(), 1);
    close(us, &indicator(1, 1, "green"));
    assert!(us.node.questions(&analyst(us)).unwrap().is_empty());
    let all = us.node.questions(&us.ctx()).unwrap();
    let said = us.node.answer_question(&analyst(us), &all[0].peer, &all[0].id, "Nobody.");
    assert!(matches!(said, Err(NodeError::UnknownObject(_))));

    assert_eq!(ee.node.questions(&analyst(ee)).unwrap().len(), 1);
    close(ee, &indicator(SAME + 1, 1, "red"));
    assert!(ee.node.hit(&analyst(ee), &key).is_err());
    assert!(ee.node.questions(&analyst(ee)).unwrap().is_empty(), "what it was found by is closed");
    ask(ee, &only_hit(ee), "By the agent of case 9: who rents it?").unwrap();
    assert!(ee.node.questions(&analyst(ee)).unwrap().is_empty());
    assert_eq!(ee.node.questions(&ee.ctx()).unwrap().len(), 2);
}

/// A new version that only some people of this organisation may see.
fn close(member: &Member, object: &str) {
    let mut label = Label::defaults(member.name.clone());
    label.tlp = Some(Tlp::Green);
    label.need = [Need::parse("level:secret").unwrap()].into();
    let change = SourceChange { defaults: Some(label), ..SourceChange::default() };
    member.node.set_source(&member.ctx(), &member.name, &change).unwrap();
    member.ingest(&[object.to_owned()]);
}
