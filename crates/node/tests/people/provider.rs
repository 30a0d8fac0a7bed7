use comity_base::Timestamp;
use comity_node::{AccountState, Authority, LoginError, NodeError, Role};

use crate::world::World;

const PLACE: &str = "Chrome 1234abcd";
const SHE: (&str, &str) = ("https://login.example", "4711");

fn world() -> World {
    let world = World::new().opened(|node| node.with_provider(Some(SHE.0.to_owned())));
    world.person("mari", &[Role::Analyst]);
    world
}

/// Links an account with what the provider calls somebody.
fn link(world: &World, name: &str, who: (&str, &str)) -> Result<(), NodeError> {
    let code = world.node.invite_account(&world.of("first"), name).unwrap();
    world.node.enrol_by_provider(&world.with(Authority::nobody()), (name, &code), who).map(drop)
}

fn log_in(world: &World, who: (&str, &str), shown: Timestamp) -> Result<String, NodeError> {
    world.node.log_in_by_provider(&world.with(Authority::nobody()), who, (PLACE, shown)).map(|signed| signed.token)
}

#[test]
fn whom_the_provider_names_comes_in_once_they_are_linked() {
    let world = world();
    assert!(matches!(log_in(&world, SHE, world.now()), Err(NodeError::Login(LoginError::Wrong))));
    link(&world, "mari", SHE).unwrap();
    let token = log_in(&world, SHE, world.now()).unwrap();
    let (name, authority) = world.node.who_is_logged_in(&token, PLACE, world.now()).unwrap().unwrap();
    assert_eq!((name.as_str(), authority.means), ("mari", comity_node::Means::Provider));
    for other in [("https://login.example", "4712"), ("https://evil.example", "4711")] {
        log_in(&world, other, world.now()).unwrap_err();
    }
    // Invited anew, in another way: the link is gone.
    let code = world.node.invite_account(&world.of("first"), "mari").unwrap();
    world.node.enrol(&world.with(Authority::nobody()), "mari", &code, "a quiet winter morning").unwrap();
    log_in(&world, SHE, world.now()).unwrap_err();
}

/// What counts before somebody changes how they log in is when they showed who they are, not when they came back.
#[test]
fn a_provider_that_remembers_somebody_does_not_make_them_fresh() {
    let world = world();
    link(&world, "mari", SHE).unwrap();
    let morning = world.now();
    world.pass(7 * 3_600);
    let token = log_in(&world, SHE, morning).unwrap();
    assert_eq!(world.node.last_shown(&token).unwrap(), Some(morning));
}

#[test]
fn nobody_takes_a_name_that_opens_another_account_and_a_suspended_one_holds_none() {
    let world = world();
    world.person("jaan", &[Role::Analyst]);
    link(&world, "mari", SHE).unwrap();
    assert!(matches!(link(&world, "jaan", SHE), Err(NodeError::Login(LoginError::Wrong))));
    world.node.set_account_state(&world.of("first"), "mari", AccountState::Suspended).unwrap();
    log_in(&world, SHE, world.now()).unwrap_err();
    link(&world, "jaan", SHE).unwrap();
    let token = log_in(&world, SHE, world.now()).unwrap();
    assert_eq!(world.node.who_is_logged_in(&token, PLACE, world.now()).unwrap().unwrap().0, "jaan");
}
