use comity_ledger::EntryKind;
use comity_node::{AuditQuery, Budget, NodeError, Role};

use crate::world::World;

const VALUE: &str = "198.51.100.7";

fn world() -> World {
    let world = World::new().opened(|node| node.with_budget(Budget { person: 10, program: 100, screening: 20 }));
    world.person("mari", &[Role::Analyst]);
    world.person("jaan", &[Role::Analyst]);
    world.ingest("ee-police", VALUE, &[]);
    world
}

fn look(world: &World, name: &str) -> Result<usize, NodeError> {
    world.node.look(&world.of(name), VALUE, 10).map(|look| look.known.len())
}

#[test]
fn an_account_asks_for_so_much_in_an_hour_and_is_told_when_it_goes_on() {
    let world = world();
    // At the beginning of an hour.
    world.pass(3_600 - (world.now().as_micros() / 1_000_000).rem_euclid(3_600));
    for _ in 0..10 {
        look(&world, "mari").unwrap();
    }
    let Err(NodeError::OverBudget { most, seconds }) = look(&world, "mari") else { panic!("it was answered") };
    assert!(most == 10 && (3_500..=3_600).contains(&seconds), "{most} {seconds}");
    // Lists that are screened are counted for themselves.
    let screen = |values: usize| {
        let many: Vec<_> = std::iter::repeat_with(|| world.node.values().guess(VALUE)).flatten().take(values).collect();
        world.node.look_brief(&world.of("mari"), &many)
    };
    assert_eq!(screen(20).unwrap().len(), 20);
    assert!(matches!(screen(1), Err(NodeError::OverBudget { most: 20, .. })));
    look(&world, "jaan").unwrap();
    let refused = world.audit(&AuditQuery { kind: Some(EntryKind::Refusal), ..AuditQuery::default() });
    assert_eq!(refused.len(), 2, "each refusal is on record");
    world.pass(i64::try_from(seconds).unwrap());
    look(&world, "mari").unwrap();
}

/// What counts is the account, in whichever process and however often it is begun anew.
#[test]
fn asking_many_at_once_or_in_many_processes_is_counted_all_the_same() {
    let world = world();
    world.pass(3_600 - (world.now().as_micros() / 1_000_000).rem_euclid(3_600));
    let list: Vec<_> = std::iter::repeat_with(|| world.node.values().guess(VALUE)).flatten().take(21).collect();
    assert!(matches!(world.node.look_brief(&world.of("mari"), &list), Err(NodeError::OverBudget { .. })));
    world.node.look_brief(&world.of("mari"), &list[..19]).unwrap();
    let world = world.reopened(|node| node.with_budget(Budget { person: 10, program: 100, screening: 20 }));
    world.node.look_brief(&world.of("mari"), &list[..1]).unwrap();
    assert!(matches!(world.node.look_brief(&world.of("mari"), &list[..1]), Err(NodeError::OverBudget { .. })));
}
