//! Each role with each use case, on a real node: what the rules refuse is refused, and nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use comity_base::Timestamp;
use comity_law::gate::Category;
use comity_law::hit::Measure;
use comity_law::notice::{Colour, Facts, Form, Ground};
use comity_ledger::EntryKind;
use comity_node::hits::{HitAsk, HitOptions, HitVerdict};
use comity_node::intake::IntakeOptions;
use comity_node::{
    AccountState, Act, AsOf, AuditQuery, Ctx, GateNo, Guest, HitAnswer, JudgementSaid, NewKey, NodeError, NoticeDeed,
    NoticeNo, PeerKind, PeerStatus, PersonAsk, Purpose, RecallReason, RightsChange, Role, SameAs, SearchHitDeed,
    SourceChange,
};
use comity_stix::ObjectId;
use comity_store::BatchId;

use crate::world::{World, account, org};

const KEY: &str = "00112233445566778899aabbccddeeff";
const MARK: &str = "203.0.113.77";

/// What a use case says, as text, or its error.
type Said = Result<String, NodeError>;

type Run = dyn Fn(&World, &Ctx, &ObjectId) -> Said;

struct Case {
    act: Act,
    run: Box<Run>,
}

fn case<T: std::fmt::Debug>(act: Act, run: impl Fn(&World, &Ctx, &ObjectId) -> Result<T, NodeError> + 'static) -> Case {
    Case { act, run: Box::new(move |world, ctx, id| run(world, ctx, id).map(|said| format!("{said:?}"))) }
}

/// Every use case that asks whether it may, with one that asks for nothing else.
fn cases() -> Vec<Case> {
    [of_content(), of_others(), of_supervision()].into_iter().flatten().collect()
}

fn notice_no() -> NoticeNo {
    "3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4b99".parse().unwrap()
}

fn gate_no() -> GateNo {
    KEY.parse().unwrap()
}

fn political() -> JudgementSaid {
    JudgementSaid::Category { category: Category::Political, tied_to_serious_crime: false }
}

fn person() -> PersonAsk {
    PersonAsk { name: Some("Jaan Tamm".into()), most: 5, ..PersonAsk::default() }
}

fn of_content() -> Vec<Case> {
    vec![
        case(Act::Look, |w, ctx, _| w.node.look(ctx, MARK, 10)),
        case(Act::Look, |w, ctx, _| w.node.look_brief(ctx, &w.node.values().guess(MARK))),
        case(Act::Search, |w, ctx, _| w.node.search_persons(ctx, &person())),
        case(Act::Search, |w, ctx, _| w.node.screen_persons(ctx, &[person()])),
        case(Act::Show, |w, ctx, id| w.node.show(ctx, id, AsOf::Now)),
        case(Act::Hits, |w, ctx, _| w.node.hits(ctx, &HitOptions::default())),
        case(Act::Hits, |w, ctx, _| w.node.hit_queue(ctx, &HitAsk::default())),
        case(Act::Hits, |w, ctx, _| w.node.hit(ctx, &KEY.parse().unwrap())),
        case(Act::Hits, |w, ctx, _| w.node.questions(ctx)),
        case(Act::Hits, |w, ctx, _| w.node.search_hits(ctx)),
        case(Act::Hits, |w, ctx, _| w.node.search_hit(ctx, &KEY.parse().unwrap())),
        case(Act::Hits, |w, ctx, _| w.node.hits_asked(ctx)),
        case(Act::DecideHits, |w, ctx, _| {
            w.node.act_on_search_hit(ctx, &KEY.parse().unwrap(), &SearchHitDeed::Escalate, "x")
        }),
        case(Act::DecideHits, |w, ctx, _| {
            let answer = HitAnswer::Confirm(Measure::Locate);
            w.node.answer_hit(ctx, (&org("none"), &KEY.parse().unwrap()), answer, "x")
        }),
        case(Act::DecideHits, |w, ctx, _| {
            w.node.decide_hit(ctx, &KEY.parse().unwrap(), &HitVerdict::Confirm, "", None)
        }),
        case(Act::DecideHits, |w, ctx, _| w.node.answer_question(ctx, &org("none"), KEY, "x")),
        case(Act::Notices, |w, ctx, _| w.node.draft_notice(ctx, (Colour::Blue, Form::Notice, false), None)),
        case(Act::Notices, |w, ctx, _| w.node.act_on_notice(ctx, notice_no(), &NoticeDeed::Submit, "x")),
        case(Act::ReviewNotices, |w, ctx, _| w.node.act_on_notice(ctx, notice_no(), &NoticeDeed::TakeUp, "x")),
        case(Act::DecideHits, |w, ctx, _| w.node.own_messages(ctx)),
        case(Act::ReviewNotices, |w, ctx, _| w.node.messages_under_review(ctx)),
        case(Act::ReviewNotices, |w, ctx, _| w.node.judge_message(ctx, &gate_no(), &[political()], "x")),
        case(Act::ReviewNotices, |w, ctx, _| w.node.pass_message(ctx, &gate_no(), "x")),
        case(Act::ReviewNotices, |w, ctx, _| w.node.refuse_message(ctx, &gate_no(), Ground::Article3, "x")),
        case(Act::ReviewNotices, |w, ctx, _| w.node.judge_report(ctx, &gate_no(), true, "x")),
        case(Act::Batches, |w, ctx, _| w.node.batches(ctx, 10)),
        case(Act::Batches, |w, ctx, _| w.node.rejected(ctx, None)),
        case(Act::Ingest, |w, ctx, _| w.node.set_source(ctx, &org("new"), &SourceChange::default())),
        case(Act::Ingest, |w, ctx, _| {
            let source = w.node.source(&org("police")).unwrap().unwrap();
            let stop = AtomicBool::new(false);
            w.node.intake(ctx, &source, &mut std::iter::empty(), &IntakeOptions::noted("x", &stop))
        }),
        case(Act::Sources, |w, ctx, _| {
            let change = SourceChange { country: Some("FI".into()), ..SourceChange::default() };
            w.node.set_source(ctx, &org("police"), &change)
        }),
        case(Act::SameAs, |w, ctx, id| {
            let source = w.node.source(&org("police")).unwrap().unwrap();
            let stop = AtomicBool::new(false);
            let same = SameAs { one: id.clone(), other: id.clone(), because: "x".into() };
            w.node.assert_same(ctx, &source, &same, &IntakeOptions::noted("x", &stop))
        }),
        case(Act::Lists, |w, ctx, _| w.node.add_lists(ctx, &mut std::iter::empty())),
        case(Act::Collections, |w, ctx, _| w.node.remove_query(ctx, &org("none"))),
        case(Act::Undo, |w, ctx, _| w.node.undo(ctx, BatchId(99))),
        case(Act::Follows, |w, ctx, _| w.node.pause_follow(ctx, "none", true)),
    ]
}

fn of_others() -> Vec<Case> {
    vec![
        case(Act::Export, |w, ctx, _| {
            let mut out = Vec::new();
            w.node.export(ctx, &org("police"), &mut out)?;
            Ok(String::from_utf8(out).unwrap())
        }),
        case(Act::Recall, |w, ctx, id| w.node.recall(ctx, id, RecallReason::Incorrect, None)),
        case(Act::Audience, |w, ctx, id| w.node.audience_of(ctx, id)),
        case(Act::Audience, |w, ctx, _| w.node.seen_by(ctx, &org("police"))),
        case(Act::Agreements, |w, ctx, _| w.node.agreements(ctx).map(|all| all.len())),
        case(Act::Propose, |w, ctx, _| w.node.propose(ctx, &org("fi"), "").map(|_| ())),
        case(Act::Sign, |w, ctx, _| w.node.sign_agreement(ctx, "none").map(|_| ())),
        case(Act::Suspend, |w, ctx, _| w.node.suspend(ctx, "none", "x").map(|_| ())),
        case(Act::Invite, |w, ctx, _| {
            let guest = Guest { full_name: "Lab", name: Some(org("lab")), kind: PeerKind::Partner, lasts: 1_000_000 };
            w.node.invite(ctx, &guest)
        }),
        case(Act::Invite, |w, ctx, _| w.node.set_peer_status(ctx, &org("none"), PeerStatus::Suspended)),
        case(Act::Tools, |w, ctx, _| w.node.add_credential(ctx, &org("none"), "x", None).map(|_| ())),
    ]
}

fn of_supervision() -> Vec<Case> {
    vec![
        case(Act::Audit, |w, ctx, _| {
            let mut all = Vec::new();
            let mut take = |asked| {
                all.push(asked);
                ControlFlow::Continue(())
            };
            w.node.audit(ctx, &AuditQuery::default(), &mut take)?;
            Ok(format!("{all:?}"))
        }),
        case(Act::Audit, |w, ctx, _| w.node.unusual(ctx, None, None)),
        case(Act::Audit, |w, ctx, _| w.node.sample(ctx, &AuditQuery::default(), 3)),
        case(Act::Statement, |w, ctx, _| w.node.statement(ctx, "x", Vec::new()).map(|_| ())),
        case(Act::RetentionPlan, |w, ctx, _| w.node.retention_plan(ctx, Timestamp::default())),
        case(Act::RetentionRun, |w, ctx, _| w.node.end_retention(ctx)),
        case(Act::Hold, |w, ctx, id| w.node.hold(ctx, id)),
        case(Act::Rights, |w, ctx, _| {
            let store = std::sync::Arc::new(comity_store::conformance::MemoryStore::default());
            w.node.rights_desk(store, comity_node::RightsTerms::default()).requests(ctx, true)
        }),
        case(Act::Operate, |w, ctx, _| w.node.rebuild(ctx)),
        case(Act::Ledger, |w, ctx, _| w.node.prove_entry(ctx, 202_600, 0).map(|_| ())),
        case(Act::Accounts, |w, ctx, _| w.node.accounts(ctx)),
        case(Act::Accounts, |w, ctx, _| w.node.keys_of_account(ctx, "first")),
        case(Act::Accounts, |w, ctx, _| w.node.sessions_of(ctx, "first")),
        case(Act::AccountChange, |w, ctx, _| w.node.add_account(ctx, &account("another"))),
        case(Act::AccountChange, |w, ctx, _| w.node.set_account_state(ctx, "spare", AccountState::Suspended)),
        case(Act::AccountChange, |w, ctx, _| w.node.invite_account(ctx, "spare").map(|_| ())),
        case(Act::Grant, |w, ctx, _| w.node.change_rights(ctx, "spare", &RightsChange::default())),
        case(Act::Keys, |w, ctx, _| {
            let new = NewKey { account: "spare".into(), note: String::new(), scope: [Act::Look].into(), days: 1 };
            w.node.add_key(ctx, &new).map(|_| ())
        }),
    ]
}

/// Acts that are asked for at the edge, by commands that read how things stand.
const AT_THE_EDGE: &[Act] = &[Act::Deliveries, Act::Peers];

/// A fresh node with one object in it and an account of one role.
fn world(role: Role) -> (World, ObjectId) {
    let world = World::new();
    world.person("spare", &[]);
    world.person("it", &[role]);
    let id = ObjectId::parse(&world.ingest("police", MARK, &[])).unwrap();
    (world, id)
}

#[test]
fn each_use_case_asks_the_rules_and_nothing_else_refuses() {
    let mut met: BTreeSet<Act> = AT_THE_EDGE.iter().copied().collect();
    for role in Role::OF_PEOPLE {
        for case in cases() {
            let (world, id) = world(*role);
            let ctx = world.of("it");
            let allowed = world.node.may(&ctx, case.act, serde_json::json!({})).is_ok();
            let refusals =
                || world.audit(&AuditQuery { kind: Some(EntryKind::Refusal), ..AuditQuery::default() }).len();
            let before = refusals();
            let answer = (case.run)(&world, &ctx, &id);
            let denied = matches!(answer, Err(NodeError::Denied(_)));
            assert_eq!(allowed, !denied, "{role:?} and {:?}: {answer:?}", case.act);
            assert_eq!(refusals() - before, usize::from(denied), "each refusal is on record once");
            met.insert(case.act);
        }
    }
    let all: BTreeSet<Act> = Act::ALL.iter().copied().collect();
    assert_eq!(met, all, "every act has its use case here");
}

/// What either reviewers or those who send messages may do, and nobody else.
#[test]
fn messages_are_for_reviewers_and_for_those_who_send_them() {
    for role in Role::OF_PEOPLE {
        let (world, _) = world(*role);
        let ctx = world.of("it");
        let may = |act| world.node.would_allow(&ctx, act).unwrap();
        let (node, no) = (&world.node, gate_no());
        let all: [Result<(), NodeError>; 8] = [
            node.message_under_review(&ctx, &no).map(drop),
            node.fill_message(&ctx, &no, &Facts::default(), "x").map(drop),
            node.messages_received(&ctx).map(drop),
            node.message_received(&ctx, &no).map(drop),
            node.report_message(&ctx, &no, "x").map(drop),
            node.abuse_reports(&ctx).map(drop),
            node.abuse_report(&ctx, &no).map(drop),
            node.abuse_file(&ctx, &no).map(drop),
        ];
        let allowed = may(Act::ReviewNotices) || may(Act::DecideHits);
        for (number, answer) in all.into_iter().enumerate() {
            assert_eq!(allowed, !matches!(answer, Err(NodeError::Denied(_))), "{role:?} and {number}: {answer:?}");
        }
    }
}

/// Whoever only runs the machine is told nothing of what it holds, by any use case, error or record of theirs.
#[test]
fn an_operator_is_told_nothing_of_content() {
    let (world, id) = world(Role::Operator);
    world.person("mari", &[Role::Analyst]);
    world.node.look(&world.of("mari"), MARK, 10).unwrap();
    let mut said = String::new();
    for purpose in [Purpose::Investigation, Purpose::DataProtection] {
        let ctx = Ctx { purpose, reason: Some("I am curious".into()), ..world.of("it") };
        for case in cases() {
            match (case.run)(&world, &ctx, &id) {
                Ok(text) => writeln!(said, "{text}").unwrap(),
                Err(error) => writeln!(said, "{error} {error:?}").unwrap(),
            }
        }
        let own = AuditQuery { account: Some("it".into()), ..AuditQuery::default() };
        // What they asked about themselves stands there in their own words; what others hold does not.
        world.node.audit(&ctx, &own, &mut |_| ControlFlow::Continue(())).unwrap();
        writeln!(said, "{:?} {:?}", world.node.ledger_heads().unwrap(), world.node.witnessing().unwrap()).unwrap();
        writeln!(said, "{:?} {:?}", world.node.check().unwrap(), world.node.accounts(&ctx).unwrap()).unwrap();
    }
    assert!(!said.contains(MARK) && !said.contains("police") && said.len() > 1_000, "{said}");
}
