use comity_ledger::EntryKind;
use comity_node::{AccountState, Act, AuditQuery, Authority, Means, NewKey, NodeError, RightsChange, Role};

use crate::world::{World, account, code, give};

#[test]
fn a_bureau_of_one_may_do_everything_until_there_are_others() {
    let world = World::new();
    let raised = RightsChange { open: ["2041".into()].into(), ..RightsChange::default() };
    world.node.change_rights(&world.of("first"), "first", &raised).unwrap();
    world.node.add_account(&world.of("first"), &account("mari")).unwrap();
    world.node.change_rights(&world.of("first"), "mari", &give(&[Role::Supervisor])).unwrap();
    // Now there is somebody else who could, and nobody raises themselves or their own creations any more.
    let more = RightsChange { open: ["2042".into()].into(), ..RightsChange::default() };
    assert_eq!(code(world.node.change_rights(&world.of("first"), "first", &more)), "own-rights");
    assert_eq!(code(world.node.change_rights(&world.of("mari"), "mari", &more)), "own-rights");
    world.node.add_account(&world.of("first"), &account("puppet")).unwrap();
    assert_eq!(code(world.node.change_rights(&world.of("first"), "puppet", &give(&[Role::Analyst]))), "own-rights");
    world.node.change_rights(&world.of("mari"), "first", &more).unwrap();
    // To have less, nobody needs another.
    let less = RightsChange { close: ["2041".into(), "2042".into()].into(), ..RightsChange::default() };
    assert!(world.node.change_rights(&world.of("first"), "first", &less).unwrap().cases.is_empty());
}

#[test]
fn whoever_runs_the_machine_cannot_make_themselves_a_reader() {
    let world = World::new();
    world.person("oper", &[Role::Operator]);
    let oper = world.of("oper");
    assert_eq!(code(world.node.look(&oper, "198.51.100.1", 1)), "no-role");
    assert_eq!(code(world.node.change_rights(&oper, "oper", &give(&[Role::Analyst]))), "own-rights");
    world.node.add_account(&oper, &account("puppet")).unwrap();
    assert_eq!(code(world.node.change_rights(&oper, "puppet", &give(&[Role::Analyst]))), "own-rights");
    assert_eq!(code(world.node.change_rights(&oper, "chief", &give(&[Role::Auditor]))), "no-role");
    // A log-in of somebody else is no way either without that being on record and their sessions ending.
    world.node.invite_account(&oper, "chief").unwrap();
    let role = AuditQuery { kind: Some(EntryKind::Role), account: Some("oper".into()), ..AuditQuery::default() };
    let decided: Vec<_> =
        world.audit(&role).into_iter().map(|asked| asked.content.unwrap()["decided"].clone()).collect();
    assert_eq!(decided, ["account added", "invited to set up a log-in"]);
}

#[test]
fn nobody_is_rid_of_the_second_pair_of_eyes() {
    let world = World::new();
    world.person("mari", &[Role::Supervisor]);
    let take = RightsChange { take: [Role::Supervisor].into_iter().collect(), ..RightsChange::default() };
    world.node.change_rights(&world.of("mari"), "chief", &take).unwrap();
    assert_eq!(code(world.node.change_rights(&world.of("mari"), "first", &take)), "own-rights", "the last other one");
    // Nor by suspending them: a week goes by in which somebody would notice.
    world.node.set_account_state(&world.of("first"), "mari", AccountState::Suspended).unwrap();
    let more = RightsChange { open: ["9".into()].into(), ..RightsChange::default() };
    assert_eq!(code(world.node.change_rights(&world.of("first"), "first", &more)), "own-rights");
    world.pass(8 * 86_400);
    world.node.change_rights(&world.of("first"), "first", &more).unwrap();
}

#[test]
fn of_two_changes_at_the_same_moment_one_is_refused() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let (world, unit) = (&world, format!("unit {n}"));
                scope.spawn(move || {
                    let join = RightsChange { join: [unit].into(), ..RightsChange::default() };
                    world.node.change_rights(&world.of("chief"), "mari", &join).is_ok()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|done| *done).count()
    });
    assert_eq!(world.node.account("mari").unwrap().unwrap().units.len(), done, "what was answered is what stands");
}

#[test]
fn a_node_stays_with_somebody_who_runs_it_and_somebody_who_gives_rights() {
    let world = World::new();
    let supervisor = RightsChange { take: [Role::Supervisor].into_iter().collect(), ..RightsChange::default() };
    let refused = world.node.change_rights(&world.of("first"), "first", &supervisor).unwrap_err();
    assert!(matches!(&refused, NodeError::Refused(why) if why.contains("give rights")), "{refused}");
    let suspended = world.node.set_account_state(&world.of("first"), "first", AccountState::Suspended);
    assert!(suspended.is_err());
    world.person("oper", &[Role::Operator]);
    world.node.set_account_state(&world.of("oper"), "first", AccountState::Suspended).unwrap();
    assert_eq!(code(world.node.look(&world.of("first"), "198.51.100.1", 1)), "not-active");
    assert!(world.node.account_of_system("uid:1000").unwrap().is_some(), "names and accounts are not used again");
    assert!(world.node.add_account(&world.of("oper"), &account("first")).is_err());
}

#[test]
fn every_change_of_rights_is_on_record_with_what_was_before() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let role = AuditQuery { kind: Some(EntryKind::Role), ..AuditQuery::default() };
    let last = world.audit(&role).pop().unwrap();
    assert_eq!(last.actor.unwrap()["account"], "chief");
    assert_eq!(last.subject.unwrap()["roles"], serde_json::json!(["analyst"]));
    assert_eq!(last.content.unwrap()["before"]["roles"], serde_json::json!([]));
}

#[test]
fn a_key_does_what_its_scope_says_while_it_counts_and_its_account_may() {
    let world = World::new();
    world.person("splunk", &[Role::Service]);
    let new = NewKey { account: "splunk".into(), note: "duty room".into(), scope: [Act::Look].into(), days: 30 };
    let (key, secret) = world.node.add_key(&world.of("first"), &new).unwrap();
    let acting = || {
        let known = world.node.who_has_key(&secret, world.now()).unwrap();
        known.map(|(name, authority)| world.of("first").acting_as(&name, authority))
    };
    let ctx = acting().unwrap();
    world.node.look(&ctx, "198.51.100.1", 1).unwrap();
    assert_eq!(code(world.node.hits(&ctx, &comity_node::hits::HitOptions::default())), "out-of-scope");
    assert_eq!(code(world.node.accounts(&ctx)), "out-of-scope");
    let used = world.node.keys_of_account(&world.of("first"), "splunk").unwrap().remove(0).last_used.unwrap();
    assert!(used <= world.now());
    assert!(!String::from_utf8_lossy(&world.settings()).contains(&secret), "only its digest is kept");
    assert!(world.node.who_has_key("another", world.now()).unwrap().is_none());

    world.node.set_account_state(&world.of("first"), "splunk", AccountState::Suspended).unwrap();
    assert_eq!(code(world.node.look(&acting().unwrap(), "198.51.100.1", 1)), "not-active");
    world.node.set_account_state(&world.of("first"), "splunk", AccountState::Active).unwrap();
    world.node.revoke_key(&world.of("first"), &key.id).unwrap();
    assert!(acting().is_none());
    let (_, secret) = world.node.add_key(&world.of("first"), &new).unwrap();
    world.pass(31 * 86_400);
    assert!(world.node.who_has_key(&secret, world.now()).unwrap().is_none(), "its time is over");
}

/// Whoever adds an account and makes a key for it before it becomes a person's has a key that opens nothing.
#[test]
fn a_key_made_for_a_program_does_not_act_as_a_person() {
    let world = World::new();
    world.person("mari", &[]);
    let new = NewKey { account: "mari".into(), note: String::new(), scope: [Act::Look].into(), days: 1 };
    let (_, secret) = world.node.add_key(&world.of("first"), &new).unwrap();
    assert!(world.node.who_has_key(&secret, world.now()).unwrap().is_some());
    world.node.change_rights(&world.of("chief"), "mari", &give(&[Role::Analyst])).unwrap();
    assert!(world.node.who_has_key(&secret, world.now()).unwrap().is_none());
    assert!(
        world.node.change_rights(&world.of("chief"), "mari", &give(&[Role::Service])).is_err(),
        "a person is no program"
    );
}

#[test]
fn a_key_touches_no_sessions_and_no_other_keys() {
    let world = World::new();
    world.person("splunk", &[Role::Service]);
    let new = NewKey { account: "splunk".into(), note: String::new(), scope: [Act::Look].into(), days: 1 };
    let (key, secret) = world.node.add_key(&world.of("first"), &new).unwrap();
    let (name, authority) = world.node.who_has_key(&secret, world.now()).unwrap().unwrap();
    let ctx = world.of("first").acting_as(&name, authority);
    assert_eq!(code(world.node.keys_of_account(&ctx, "splunk")), "out-of-scope");
    assert_eq!(code(world.node.revoke_key(&ctx, &key.id)), "out-of-scope");
    assert_eq!(code(world.node.end_sessions(&ctx, "splunk")), "out-of-scope");
    assert!(matches!(world.node.revoke_key(&world.of("first"), ""), Err(NodeError::Refused(_))), "which one?");
}

#[test]
fn nobody_makes_a_key_for_somebody_else_and_no_key_makes_keys() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    world.person("jaan", &[Role::Supervisor, Role::Operator]);
    let new = |name: &str| NewKey { account: name.into(), note: String::new(), scope: [Act::Look].into(), days: 1 };
    assert_eq!(code(world.node.add_key(&world.of("jaan"), &new("mari"))), "no-role");
    assert_eq!(code(world.node.add_key(&world.of("first"), &new("mari"))), "no-role", "not even whoever added Mari");
    world.node.add_key(&world.of("mari"), &new("mari")).unwrap();
    let by_key = Authority { means: Means::Key, ..world.node.account("mari").unwrap().unwrap().authority(Means::Key) };
    let ctx = world.of("mari").acting_as("mari", by_key);
    assert_eq!(code(world.node.add_key(&ctx, &new("mari"))), "not-by-key");
    for bad in [
        NewKey { scope: [].into(), ..new("mari") },
        NewKey { days: 0, ..new("mari") },
        NewKey { days: 400, ..new("mari") },
    ] {
        assert!(matches!(world.node.add_key(&world.of("mari"), &bad), Err(NodeError::Refused(_))));
    }
}
