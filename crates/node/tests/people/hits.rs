//! The queue of hits: what stands in it, for whom, and what people say of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comity_ledger::EntryKind;
use comity_node::hits::{HitAsk, HitKey, HitOptions, HitPage, HitRow, HitState, HitTotals, HitVerdict};
use comity_node::{AuditQuery, Authority, Budget, Ctx, Node, NodeError, RecallReason, RightsChange, Role};
use comity_stix::ObjectId;
use proptest::prelude::*;

use crate::world::{World, org};

fn address(number: u32) -> String {
    format!("198.51.{}.{}", number / 200, 1 + number % 200)
}

fn object(number: u32, version: u32) -> String {
    let value = address(number);
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{number:08x}-0000-4000-8000-000000000000","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:{version:02}.000Z","pattern":"[ipv4-addr:value = '{value}']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}}"#
    )
}

fn report(number: u32, version: u32, name: &str, of: &[u32]) -> String {
    let refs: Vec<String> =
        of.iter().map(|one| format!(r#""indicator--{one:08x}-0000-4000-8000-000000000000""#)).collect();
    format!(
        r#"{{"type":"report","spec_version":"2.1","id":"report--{number:08x}-0000-4000-8000-000000000000","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:{version:02}.000Z","name":"{name}","published":"2026-01-01T00:00:00Z","object_refs":[{}]}}"#,
        refs.join(",")
    )
}

/// An officer from whom nothing is hidden, another who may decide too, and one who only reads.
fn world() -> World {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    world.person("jaan", &[Role::Analyst]);
    world.person("olev", &[Role::Officer]);
    world
}

/// As many hits as asked for between the police here and a lab abroad, each of one more value than the one before.
fn hits(world: &World, count: u32) {
    for case in 0..count {
        let numbers: Vec<u32> = (0..=case).map(|n| case * 40 + n).collect();
        let mut own: Vec<String> = numbers.iter().map(|n| object(*n, 0)).collect();
        own.push(report(case, 0, &format!("Case {case}"), &numbers));
        world.bring(("ee-police", "EE"), &[], &own);
        let theirs: Vec<String> = numbers.iter().map(|n| object(*n, 0)).collect();
        world.bring(("us-lab", "US"), &[], &theirs);
    }
}

fn page(world: &World, name: &str, ask: &HitAsk) -> HitPage {
    world.node.hit_queue(&world.of(name), ask).unwrap()
}

fn all(world: &World, name: &str) -> Vec<HitRow> {
    page(world, name, &HitAsk::default()).rows
}

fn decide(world: &World, name: &str, key: &HitKey, verdict: &HitVerdict) {
    world.node.decide_hit(&world.of(name), key, verdict, "because", None).unwrap();
}

fn first(world: &World) -> HitRow {
    all(world, "mari").remove(0)
}

#[test]
fn the_queue_holds_what_a_look_finds() {
    let world = world();
    hits(&world, 5);
    let look = world.node.hits(&world.of("mari"), &HitOptions::default()).unwrap();
    let queue = page(&world, "mari", &HitAsk::default());
    assert_eq!((queue.rows.len(), look.hits.len(), queue.beyond), (5, 5, 0));
    assert_eq!(queue.totals, HitTotals { open: 5, ..HitTotals::default() });
    let told = |one: &comity_node::hits::Hit| {
        let sides: BTreeSet<String> = [&one.one, &one.other].iter().map(|side| side.id.clone()).collect();
        (one.score.points, one.values_total, one.score.reasons.len(), sides)
    };
    let (queued, found): (Vec<_>, Vec<_>) =
        (queue.rows.iter().map(|row| told(&row.hit)).collect(), look.hits.iter().map(told).collect());
    assert_eq!(queued, found);
    for row in &queue.rows {
        assert_eq!((row.hit.one.owner.as_str(), row.hit.other.owner.as_str()), ("ee-police", "us-lab"), "ours first");
        assert_eq!((row.country.as_deref(), row.other_country.as_deref()), (Some("EE"), Some("US")));
        assert!(row.found.is_some() && row.last.is_none() && !row.grown);
        assert_eq!(world.node.hit(&world.of("mari"), &row.key).unwrap().row.hit.values_total, row.hit.values_total);
    }
    assert_eq!(queue.pairs.len(), 1);
    assert_eq!((queue.pairs[0].country.as_deref(), queue.pairs[0].other.as_deref()), (Some("EE"), Some("US")));
    assert_eq!(queue.pairs[0].hits, 5);
}

#[test]
fn pages_give_every_row_once_and_their_places_are_of_one_account() {
    let world = world();
    hits(&world, 9);
    let mut ask = HitAsk { limit: 2, ..HitAsk::default() };
    let (mut keys, mut pages) = (Vec::new(), 0);
    loop {
        let page = page(&world, "mari", &ask);
        assert_eq!(page.totals.open, 9, "the same on every page");
        keys.extend(page.rows.iter().map(|row| row.key));
        pages += 1;
        ask.after = page.next;
        if ask.after.is_none() {
            break;
        }
    }
    let whole: Vec<_> = all(&world, "mari").iter().map(|row| row.key).collect();
    assert_eq!((pages, keys), (5, whole));
    let place = page(&world, "mari", &HitAsk { limit: 2, ..HitAsk::default() }).next.unwrap();
    for (name, place) in [("jaan", place.clone()), ("mari", place[1..].to_owned()), ("mari", String::new())] {
        let ask = HitAsk { after: Some(place), ..HitAsk::default() };
        assert!(matches!(world.node.hit_queue(&world.of(name), &ask), Err(NodeError::Refused(_))));
    }
}

#[test]
fn the_queue_is_asked_by_state_owner_country_and_points() {
    let world = world();
    hits(&world, 4);
    world.bring(("fi-police", "FI"), &[], &[object(0, 0)]);
    let rows = all(&world, "mari");
    assert_eq!(rows.len(), 6, "and the Finns with both others");
    decide(&world, "mari", &rows[0].key, &HitVerdict::Dismiss);
    decide(&world, "mari", &rows[1].key, &HitVerdict::Confirm);
    let count = |ask: HitAsk| page(&world, "mari", &ask).rows.len();
    let of = |state| count(HitAsk { state: Some(state), ..HitAsk::default() });
    assert_eq!(HitState::ALL.iter().map(|state| of(*state)).collect::<Vec<_>>(), [4, 0, 1, 1]);
    assert_eq!(count(HitAsk { owner: Some(org("fi-police")), ..HitAsk::default() }), 2);
    assert_eq!(count(HitAsk { country: Some("FI".into()), ..HitAsk::default() }), 2 - 1);
    assert_eq!(count(HitAsk { country: Some("XX".into()), ..HitAsk::default() }), 0);
    let least = rows[0].hit.score.points;
    let strong = page(&world, "mari", &HitAsk { least_points: least, ..HitAsk::default() });
    assert!(strong.rows.iter().all(|row| row.hit.score.points >= least));
    let totals = strong.totals;
    assert_eq!(totals.open + totals.asked + totals.confirmed + totals.dismissed, strong.rows.len() as u64);
}

/// What somebody lacks the need to know of shows in no row, count, score, reason, order or pair of countries, however fresh
/// what stands in memory is, and whoever asked before.
#[test]
fn what_is_for_others_shows_nowhere() {
    let open = world();
    hits(&open, 3);
    let expected = queue_without_keys(&open);

    let world = world();
    hits(&world, 3);
    let own: Vec<String> = (0..5).map(|n| object(n, 0)).collect();
    world.bring(("undercover", "LV"), &["case:2041"], &own);
    world.bring(("us-lab", "US"), &["unit:cyber"], &[object(500, 0)]);
    world.bring(("ee-police", "EE"), &[], &[object(500, 0)]);
    // The node itself and somebody who sees more have looked before.
    world.node.find_hits(&world.with(Authority::node())).unwrap();
    let rights =
        RightsChange { open: ["2041".into()].into(), join: ["cyber".into()].into(), ..RightsChange::default() };
    world.node.change_rights(&world.of("chief"), "jaan", &rights).unwrap();
    let more = all(&world, "jaan");
    assert!(more.len() > 3 && more.iter().any(|row| row.hit.other.owner == org("undercover")));
    assert_eq!(queue_without_keys(&world), expected);
    let hidden = more.iter().find(|row| row.hit.other.owner == org("undercover")).unwrap();
    for said in [
        world.node.hit(&world.of("mari"), &hidden.key).err(),
        world.node.decide_hit(&world.of("mari"), &hidden.key, &HitVerdict::Confirm, "", None).err(),
    ] {
        assert!(matches!(said, Some(NodeError::UnknownObject(_))), "{said:?}");
    }

    // Words of somebody who saw more are for those who see as much; what they said is not.
    let shared = more.iter().find(|row| row.hit.other.owner == org("us-lab")).unwrap();
    world.node.decide_hit(&world.of("jaan"), &hidden.key, &HitVerdict::Confirm, "the agent says so", None).unwrap();
    world.node.decide_hit(&world.of("jaan"), &shared.key, &HitVerdict::Confirm, "plain", None).unwrap();
    let said = format!("{:?}", page(&world, "mari", &HitAsk::default()));
    assert!(!said.contains("agent") && !said.contains("undercover") && !said.contains("LV"), "{said}");
}

/// Everything Mari is told, but for what differs between two nodes in any case.
fn queue_without_keys(world: &World) -> String {
    let page = page(world, "mari", &HitAsk::default());
    let mut told = format!("{:?} {:?} {} {}\n", page.totals, page.pairs, page.beyond, page.not_weighed);
    for row in page.rows {
        let reasons: Vec<_> = row
            .hit
            .score
            .reasons
            .iter()
            .map(|reason| format!("{} {:?}", reason.text, reason.args.get("owners")))
            .collect();
        writeln!(told, "{} {} {} {reasons:?}", row.hit.one.name, row.hit.values_total, row.hit.score.points).unwrap();
    }
    told
}

/// What stands in memory may be older than what ends: a row goes at once, and comes back with what brings it back.
#[test]
fn what_ends_leaves_the_queue_at_once() {
    let world = world();
    hits(&world, 2);
    let node = world.with(Authority::node());
    assert!(world.node.find_hits(&node).unwrap());
    assert!(!world.node.find_hits(&node).unwrap(), "nothing has changed");
    assert_eq!(page(&world, "mari", &HitAsk::default()).totals.open, 2);
    let batch = world.bring(("us-lab", "US"), &[], &[object(900, 0)]);
    world.bring(("ee-police", "EE"), &[], &[object(900, 0)]);
    assert_eq!(all(&world, "mari").len(), 2, "what is new waits for the next look");
    assert!(world.node.find_hits(&node).unwrap());
    assert_eq!(all(&world, "mari").len(), 3);

    let undone = world.node.undo(&world.with(Authority::alone()), batch).unwrap();
    let after = page(&world, "mari", &HitAsk::default());
    assert_eq!((after.rows.len(), after.totals.open, after.pairs[0].hits), (2, 2, 2));
    world.node.undo(&world.with(Authority::alone()), undone.by.id).unwrap();
    assert_eq!(all(&world, "mari").len(), 3, "what was undone may be restored");

    // One value of two is withdrawn: the hit is held together by the other, and weighs less.
    let two = all(&world, "mari").into_iter().find(|row| row.hit.values_total == 2).unwrap();
    withdraw(&world, 40);
    let one = all(&world, "mari").into_iter().find(|row| row.key == two.key).unwrap();
    assert_eq!(one.hit.values_total, 1);
    assert!(one.hit.score.points < two.hit.score.points && !format!("{one:?}").contains(&address(40)));
    withdraw(&world, 41);
    assert!(all(&world, "mari").iter().all(|row| row.key != two.key));
    assert!(matches!(world.node.hit(&world.of("mari"), &two.key), Err(NodeError::UnknownObject(_))));

    // A new version that only some may see closes the hit to the others, and the Estonian case ends with its report.
    world.bring(("us-lab", "US"), &["case:9"], &[object(0, 5)]);
    assert_eq!(all(&world, "mari").len(), 1);
    world.bring(("ee-police", "EE"), &[], &[object(900, 3)]);
    assert!(all(&world, "mari").is_empty(), "until it is looked at again");
    world.node.find_hits(&node).unwrap();
    assert_eq!(all(&world, "mari").len(), 1);
}

/// Takes the lab's version of an indicator back for good.
fn withdraw(world: &World, number: u32) {
    let id = ObjectId::parse(&format!("indicator--{number:08x}-0000-4000-8000-000000000000")).unwrap();
    let current = world.node.current_versions(&id).unwrap();
    let (owner, version) = current.into_iter().find(|(owner, _)| *owner == org("us-lab")).unwrap();
    let ctx = world.with(Authority::alone());
    let now = ctx.now();
    let start = comity_store::BatchStart { owner, note: "x".into(), now, fence: None, entries: Vec::new() };
    world.node.store().withdraw(&[version.position], &start, now).unwrap();
    world.node.catch_up().unwrap();
}

#[test]
fn a_recall_here_leaves_the_queue_at_once() {
    let world = world();
    world.bring(("ee", "EE"), &[], &[object(7, 0)]);
    world.bring(("us-lab", "US"), &[], &[object(7, 0)]);
    world.node.find_hits(&world.with(Authority::node())).unwrap();
    let row = first(&world);
    let id = ObjectId::parse("indicator--00000007-0000-4000-8000-000000000000").unwrap();
    world.node.recall(&world.with(Authority::alone()), &id, RecallReason::Incorrect, None).unwrap();
    assert!(all(&world, "mari").is_empty());
    let said = world.node.decide_hit(&world.of("mari"), &row.key, &HitVerdict::Confirm, "", None);
    assert!(matches!(said, Err(NodeError::UnknownObject(_))));
}

#[test]
fn every_decision_is_kept_and_can_be_reopened() {
    let world = world();
    hits(&world, 1);
    let key = first(&world).key;
    let reopened = world.node.decide_hit(&world.of("mari"), &key, &HitVerdict::Reopen, "", None);
    assert!(matches!(reopened, Err(NodeError::Refused(_))), "it is open");
    decide(&world, "mari", &key, &HitVerdict::Dismiss);
    decide(&world, "jaan", &key, &HitVerdict::Reopen);
    decide(&world, "jaan", &key, &HitVerdict::Confirm);
    let world = world.reopened(|node| node);
    let shown = world.node.hit(&world.of("olev"), &key).unwrap();
    let history: Vec<_> = shown.history.iter().map(|step| (step.state, step.by.as_str(), step.note.as_str())).collect();
    let (dismissed, open, confirmed) = (HitState::Dismissed, HitState::Open, HitState::Confirmed);
    assert_eq!(history, [(dismissed, "mari", "because"), (open, "jaan", "because"), (confirmed, "jaan", "because")]);
    assert_eq!((shown.row.state, shown.row.steps), (HitState::Confirmed, 3));
    let query = AuditQuery { kind: Some(EntryKind::Decision), account: Some("jaan".into()), ..AuditQuery::default() };
    let told: Vec<_> = world.audit(&query).into_iter().map(|asked| asked.content.unwrap()["decided"].clone()).collect();
    assert_eq!(told, ["hit reopened", "hit confirmed"]);
    let long = world.node.decide_hit(&world.of("mari"), &key, &HitVerdict::Dismiss, &"ä".repeat(2_001), None);
    assert!(matches!(long, Err(NodeError::Refused(_))));
    world.node.decide_hit(&world.of("mari"), &key, &HitVerdict::Dismiss, &"ä".repeat(2_000), None).unwrap();
}

#[test]
fn evidence_that_came_after_a_decision_is_told() {
    let world = world();
    hits(&world, 2);
    let row = all(&world, "mari").into_iter().find(|row| row.hit.values_total == 1).unwrap();
    decide(&world, "mari", &row.key, &HitVerdict::Dismiss);
    assert!(!world.node.hit(&world.of("mari"), &row.key).unwrap().row.grown);
    let totals = || {
        let shown = world.node.hit(&world.of("mari"), &row.key).unwrap().row;
        (shown.hit.values_total, shown.grown)
    };
    // The lab's file holds one value more that the case has too.
    world.bring(("ee-police", "EE"), &[], &[object(0, 0), report(0, 1, "Case 0", &[0, 40])]);
    assert_eq!(totals(), (1, false), "that one stands in another file of the lab");
    let with = |version: u32, of: &[u32]| {
        world.bring(("ee-police", "EE"), &[], &[report(0, version, "Case 0", of)]);
    };
    let second =
        all(&world, "mari").into_iter().find(|one| one.hit.one.name == "Case 0" && one.key != row.key).unwrap();
    decide(&world, "mari", &second.key, &HitVerdict::Confirm);
    let second = || {
        let shown = world.node.hit(&world.of("jaan"), &second.key).unwrap().row;
        (shown.hit.values_total, shown.grown)
    };
    assert_eq!(second(), (1, false));
    with(2, &[0, 40, 41]);
    assert_eq!(second(), (2, true));
    let key = all(&world, "mari").into_iter().find(|one| one.grown).unwrap().key;
    decide(&world, "jaan", &key, &HitVerdict::Confirm);
    assert_eq!(second(), (2, false));
    with(3, &[0, 40]);
    assert_eq!(second(), (1, false), "less is not more");
    with(4, &[0, 40, 41]);
    decide(&world, "mari", &key, &HitVerdict::Reopen);
    assert_eq!(second(), (2, false), "an open hit is looked at anyway");
}

/// Whoever decides on what they have before their eyes is told who was first.
#[test]
fn of_two_who_decide_at_once_the_second_is_told_of_the_first() {
    let world = world();
    hits(&world, 1);
    let key = first(&world).key;
    for round in 0..20_u32 {
        let barrier = std::sync::Barrier::new(2);
        let said: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = [("mari", HitVerdict::Confirm), ("jaan", HitVerdict::Dismiss)]
                .into_iter()
                .map(|(name, verdict)| {
                    let (world, barrier) = (&world, &barrier);
                    scope.spawn(move || {
                        let ctx = world.of(name);
                        barrier.wait();
                        (name, world.node.decide_hit(&ctx, &key, &verdict, "", Some(round)))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let winner = said.iter().find(|(_, said)| said.is_ok()).unwrap().0;
        let (_, second) = said.iter().find(|(_, said)| said.is_err()).unwrap();
        let Err(NodeError::DecidedBefore { by, state, .. }) = second else { panic!("{second:?}") };
        let state = state.parse::<HitState>().unwrap();
        let shown = world.node.hit(&world.of("mari"), &key).unwrap();
        assert_eq!((by.as_str(), state, shown.row.steps), (winner, shown.row.state, round + 1));
    }
}

/// Another process is told of what was decided, however much that was.
#[test]
fn every_process_knows_what_was_decided() {
    let world = world();
    hits(&world, 2);
    let (other, _folder) = world.again();
    let state = |node: &Node| node.hit_queue(&world.of("mari"), &HitAsk::default()).unwrap().totals;
    let key = first(&world).key;
    for round in 0..130 {
        let verdict = if round % 2 == 0 { HitVerdict::Dismiss } else { HitVerdict::Reopen };
        decide(&world, "mari", &key, &verdict);
        if round % 7 == 0 || round > 110 {
            assert_eq!(state(&other), state(&world.node));
        }
    }
    assert_eq!(state(&other), state(&world.node));
    for round in 0..65 {
        decide(&world, "jaan", &key, if round % 2 == 0 { &HitVerdict::Confirm } else { &HitVerdict::Reopen });
    }
    let (late, _folder) = world.again();
    assert_eq!(state(&late).confirmed, 1);
    assert_eq!(state(&other), state(&late));
}

#[test]
fn rows_shown_are_on_record_and_count_against_the_budget() {
    let world = world().opened(|node| node.with_budget(Budget { person: 5, program: 5, ..Budget::default() }));
    hits(&world, 4);
    assert_eq!(all(&world, "mari").len(), 4);
    let asked: Result<HitPage, NodeError> = world.node.hit_queue(&world.of("mari"), &HitAsk::default());
    assert!(matches!(asked, Err(NodeError::OverBudget { .. })));
    let query = AuditQuery { kind: Some(EntryKind::Query), account: Some("mari".into()), ..AuditQuery::default() };
    let told = world.audit(&query);
    assert_eq!(told.len(), 1, "what was not answered is no query: {told:?}");
    assert!(told[0].subject.as_ref().unwrap().to_string().contains("report--"));
}

/// What came and went, in an order that nobody planned.
#[derive(Clone, Debug)]
enum Event {
    Bring { owner: usize, objects: Vec<(u32, u32)>, report: Option<(u32, u32, Vec<u32>)>, tied: Option<(u32, u32)> },
    Undo(usize),
    Look,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let reports = proptest::option::of((0..3_u32, 0..9_u32, proptest::collection::vec(0..12_u32, 0..5)));
    let objects = proptest::collection::vec((0..12_u32, 0..9_u32), 0..6);
    let tied = proptest::option::of((0..12_u32, 0..3_u32));
    let bring = (0..3_usize, objects, reports, tied).prop_map(|(owner, objects, report, tied)| Event::Bring {
        owner,
        objects,
        report,
        tied,
    });
    let event = prop_oneof![6 => bring, 1 => (0..30_usize).prop_map(Event::Undo), 3 => Just(Event::Look)];
    proptest::collection::vec(event, 1..25)
}

/// A malware of this number, and that an indicator points to it.
fn tie((indicator, malware): (u32, u32)) -> [String; 2] {
    let id = format!("malware--{malware:08x}-0000-4000-8000-000000000000");
    let dates = r#""created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z""#;
    [
        format!(
            r#"{{"type":"malware","spec_version":"2.1","id":"{id}",{dates},"name":"M{malware}","is_family":true}}"#
        ),
        format!(
            r#"{{"type":"relationship","spec_version":"2.1","id":"relationship--{:08x}-0000-4000-8000-000000000000",{dates},"relationship_type":"indicates","source_ref":"indicator--{indicator:08x}-0000-4000-8000-000000000000","target_ref":"{id}"}}"#,
            indicator * 10 + malware
        ),
    ]
}

/// Everything a board says, in its order.
fn told(node: &Node, ctx: &Ctx) -> String {
    let page = node.hit_queue(ctx, &HitAsk { limit: 200, ..HitAsk::default() }).unwrap();
    let mut told = format!("{:?} {:?} {} {}\n", page.totals, page.pairs, page.beyond, page.not_weighed);
    for row in page.rows {
        writeln!(told, "{} {:?} {:?} {:?}", row.key, row.hit, row.state, row.found).unwrap();
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever came and went between two looks, the second finds what one that has read nothing before finds.
    #[test]
    fn a_look_that_remembers_finds_what_a_first_look_finds(events in events()) {
        let world = World::bare();
        let ctx = world.with(Authority::alone());
        let mut batches = Vec::new();
        for event in events {
            match event {
                Event::Bring { owner, objects, report: told, tied } => {
                    let mut all: Vec<String> = objects.iter().map(|(n, version)| object(*n, *version)).collect();
                    all.extend(told.iter().map(|(n, version, of)| report(*n, *version, &format!("R{n}.{version}"), of)));
                    all.extend(tied.into_iter().flat_map(tie));
                    if !all.is_empty() {
                        let owner = [("ee-police", "EE"), ("us-lab", "US"), ("fi-police", "FI")][owner];
                        batches.push(world.bring(owner, &[], &all));
                    }
                }
                Event::Undo(at) if !batches.is_empty() => {
                    // What was undone already stays so.
                    if let Ok(undone) = world.node.undo(&ctx, batches[at % batches.len()]) {
                        batches.push(undone.by.id);
                    }
                }
                Event::Undo(_) => {}
                Event::Look => {
                    world.node.find_hits(&ctx).unwrap();
                }
            }
        }
        world.node.find_hits(&ctx).unwrap();
        let (fresh, _folder) = world.again();
        prop_assert_eq!(told(&world.node, &ctx), told(&fresh, &ctx));
    }
}
