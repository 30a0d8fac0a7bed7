//! Logging in by a key of one's own device.

use comity_crypto::passkey::{RelyingParty, soft::SoftPasskey};
use comity_ledger::EntryKind;
use comity_node::{AccountState, Act, AuditQuery, Authority, Ctx, LoginError, Means, NewKey, NodeError, Role, Signed};

use crate::world::{World, code};

const ORIGIN: &str = "https://ee.example:7443";
const PLACE: &str = "browser 1";

/// A node that takes passkeys, with Mari, who has set one up on her device.
fn world() -> (World, SoftPasskey) {
    let party = RelyingParty { id: "ee.example".into(), origin: ORIGIN.into(), name: "Estonian bureau".into() };
    let world = World::new().opened(|node| node.with_passkeys(party));
    world.person("mari", &[Role::Analyst]);
    let device = SoftPasskey::new(ORIGIN).unwrap();
    enrol(&world, "mari", &device).unwrap();
    (world, device)
}

fn nobody(world: &World) -> Ctx {
    world.with(Authority::nobody())
}

fn enrol(world: &World, name: &str, device: &SoftPasskey) -> Result<(), NodeError> {
    let code = world.node.invite_account(&world.of("first"), name).unwrap();
    let asked = world.node.ask_to_enrol(&nobody(world), name, &code)?;
    world.node.enrol_passkey(&nobody(world), (name, &code), ("my key", &device.add(&asked))).map(drop)
}

fn log_in(world: &World, device: &mut SoftPasskey) -> Result<Signed, NodeError> {
    let asked = world.node.ask_to_log_in(&nobody(world)).unwrap();
    world.node.log_in_by_passkey(&nobody(world), &device.show(&asked), PLACE)
}

fn why<T: std::fmt::Debug>(answer: Result<T, NodeError>) -> LoginError {
    match answer {
        Err(NodeError::Login(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_passkey_logs_in_without_saying_who() {
    let (world, mut device) = world();
    let signed = log_in(&world, &mut device).unwrap();
    let (name, authority) = world.node.who_is_logged_in(&signed.token, PLACE, world.now()).unwrap().unwrap();
    assert_eq!((name.as_str(), authority.means, authority.roles.has(Role::Analyst)), ("mari", Means::Passkey, true));
    assert_eq!(world.node.who_is_logged_in(&signed.token, "browser 2", world.now()).unwrap(), None);
    let asked = world.node.ask_to_log_in(&nobody(&world)).unwrap().to_string();
    assert!(!asked.contains("mari"), "whoever asks learns of nobody: {asked}");
    assert!(world.node.passkeys_of(&world.of("mari"), "mari").unwrap()[0].last_used.is_some());
    let logins = AuditQuery { kind: Some(EntryKind::Login), ..AuditQuery::default() };
    assert_eq!(world.audit(&logins).len(), 1);
}

#[test]
fn an_answer_counts_once_and_for_five_minutes() {
    let (world, mut device) = world();
    let asked = world.node.ask_to_log_in(&nobody(&world)).unwrap();
    let answer = device.show(&asked);
    let log_in = |answer: &str| world.node.log_in_by_passkey(&nobody(&world), answer, PLACE);
    log_in(&answer).unwrap();
    assert_eq!(why(log_in(&answer)), LoginError::Wrong);
    let again = device.show(&asked);
    assert_eq!(why(log_in(&again)), LoginError::Wrong, "a question is answered once");
    let asked = world.node.ask_to_log_in(&nobody(&world)).unwrap();
    world.pass(5 * 60);
    assert_eq!(why(log_in(&device.show(&asked))), LoginError::Wrong, "too late");
    let refused = AuditQuery { kind: Some(EntryKind::Login), account: None, ..AuditQuery::default() };
    assert_eq!(world.audit(&refused).len(), 4, "each is on record");
}

#[test]
fn what_this_node_did_not_ask_is_not_answered_here() {
    let (world, mut device) = world();
    let (other, _) = self::world();
    let asked = other.node.ask_to_log_in(&nobody(&other)).unwrap();
    assert_eq!(why(world.node.log_in_by_passkey(&nobody(&world), &device.show(&asked), PLACE)), LoginError::Wrong);
    // What was asked for adding is no question for logging in.
    let asked = world.node.ask_to_add_passkey(&world.of("mari")).unwrap();
    let asked = serde_json::json!({"rpId": "ee.example", "challenge": asked["challenge"]});
    assert_eq!(why(world.node.log_in_by_passkey(&nobody(&world), &device.show(&asked), PLACE)), LoginError::Wrong);
    let mut stranger = SoftPasskey::new(ORIGIN).unwrap();
    assert_eq!(why(log_in(&world, &mut stranger)), LoginError::Wrong);
    for text in ["", "{}", "null", "[1,2", &"x".repeat(100_000)] {
        assert_eq!(why(world.node.log_in_by_passkey(&nobody(&world), text, PLACE)), LoginError::Wrong);
    }
}

#[test]
fn who_may_not_act_does_not_come_in() {
    let (world, mut device) = world();
    world.node.set_account_state(&world.of("first"), "mari", AccountState::Suspended).unwrap();
    assert_eq!(why(log_in(&world, &mut device)), LoginError::Wrong);
    world.node.set_account_state(&world.of("first"), "mari", AccountState::Active).unwrap();
    log_in(&world, &mut device).unwrap();
    // A device that stops asking for the finger.
    device.verifies = false;
    assert_eq!(why(log_in(&world, &mut device)), LoginError::Wrong);
}

#[test]
fn an_invitation_replaces_what_was_there_and_counts_once() {
    let (world, mut old) = world();
    let signed = log_in(&world, &mut old).unwrap();
    let key = NewKey { account: "mari".into(), note: String::new(), scope: [Act::Look].into(), days: 9 };
    let (_, secret) = world.node.add_key(&world.of("mari"), &key).unwrap();
    let mut new = SoftPasskey::new(ORIGIN).unwrap();
    let code = world.node.invite_account(&world.of("first"), "mari").unwrap();
    assert_eq!(why(world.node.ask_to_enrol(&nobody(&world), "mari", "guessed")), LoginError::Wrong);
    let asked = world.node.ask_to_enrol(&nobody(&world), "mari", &code).unwrap();
    let answer = new.add(&asked);
    log_in(&world, &mut old).unwrap();
    world.node.enrol_passkey(&nobody(&world), ("mari", &code), ("new", &answer)).unwrap();
    assert_eq!(why(world.node.enrol_passkey(&nobody(&world), ("mari", &code), ("new", &answer))), LoginError::Wrong);
    assert_eq!(why(log_in(&world, &mut old)), LoginError::Wrong);
    assert!(world.node.who_is_logged_in(&signed.token, PLACE, world.now()).unwrap().is_none());
    assert!(world.node.who_has_key(&secret, world.now()).unwrap().is_none());
    log_in(&world, &mut new).unwrap();
    // A password set up by an invitation replaces passkeys too.
    let code = world.node.invite_account(&world.of("first"), "mari").unwrap();
    world.node.enrol(&nobody(&world), "mari", &code, "a quiet winter morning").unwrap();
    assert_eq!(why(log_in(&world, &mut new)), LoginError::Wrong);
}

#[test]
fn people_add_and_remove_passkeys_of_their_own() {
    let (world, _) = world();
    let mut second = SoftPasskey::new(ORIGIN).unwrap();
    let asked = world.node.ask_to_add_passkey(&world.of("mari")).unwrap();
    assert_eq!(asked["excludeCredentials"].as_array().unwrap().len(), 1, "a device that has one makes no other");
    let answer = second.add(&asked);
    world.node.add_passkey(&world.of("mari"), "at home\u{202e}\n", &answer).unwrap();
    log_in(&world, &mut second).unwrap();
    world.person("juhan", &[Role::Analyst]);
    assert_eq!(code(world.node.passkeys_of(&world.of("juhan"), "mari")), "no-role");
    // What was made for one is not added by another.
    let stolen = world.node.add_passkey(&world.of("juhan"), "x", &answer);
    assert!(matches!(stolen, Err(NodeError::Login(_))));
    let all = world.node.passkeys_of(&world.of("mari"), "mari").unwrap();
    assert_eq!(all.len(), 2);
    let id = all[1].passkey.id.clone();
    assert_eq!(code(world.node.remove_passkey(&world.of("juhan"), "mari", &id)), "no-role");
    world.node.remove_passkey(&world.of("mari"), "mari", &id).unwrap();
    assert_eq!(why(log_in(&world, &mut second)), LoginError::Wrong);
    let authority = Authority { means: Means::Key, ..(*world.of("mari").authority).clone() };
    let by_key = world.of("mari").acting_as("mari", authority);
    assert!(world.node.ask_to_add_passkey(&by_key).is_err(), "what a stolen key could add would outlive it");
}
