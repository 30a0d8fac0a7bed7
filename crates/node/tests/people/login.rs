use comity_crypto::{TotpSecret, Zeroizing};
use comity_ledger::EntryKind;
use comity_node::{
    AccountState, Act, AuditQuery, Authority, Enrolled, LoginError, Means, NewKey, NodeError, Proof, Role, Session,
    Signed,
};
use comity_store::Store as _;

use crate::world::World;

const PASSWORD: &str = "a quiet winter morning";
const PLACE: &str = "terminal 7";

/// A node with Mari, who has set up her log-in.
fn world() -> (World, Enrolled) {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let code = world.node.invite_account(&world.of("first"), "mari").unwrap();
    let enrolled = world.node.enrol(&world.with(Authority::nobody()), "mari", &code, PASSWORD).unwrap();
    (world, enrolled)
}

/// The code that an authenticator would show now.
fn code(world: &World, enrolled: &Enrolled) -> String {
    let text = enrolled.authenticator.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let five = |letter: u8| if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
    let bits: Vec<String> = text.bytes().map(|letter| format!("{:05b}", five(letter))).collect();
    let bits = bits.concat();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap())
        .collect();
    let seconds = u64::try_from(world.now().as_micros() / 1_000_000).unwrap();
    format!("{:06}", TotpSecret::from_bytes(&bytes).code(seconds / 30))
}

fn log_in(world: &World, name: &str, password: &str, code: &str) -> Result<Signed, NodeError> {
    let proof =
        Proof::Password { password: Zeroizing::new(password.to_owned()), code: Zeroizing::new(code.to_owned()) };
    world.node.log_in(&world.with(Authority::nobody()), name, &proof, PLACE)
}

fn why(answer: Result<Signed, NodeError>) -> LoginError {
    match answer {
        Err(NodeError::Login(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_password_and_a_code_log_in_and_a_code_counts_once() {
    let (world, enrolled) = world();
    let shown = code(&world, &enrolled);
    let signed = log_in(&world, "mari", PASSWORD, &shown).unwrap();
    let (name, authority) = world.node.who_is_logged_in(&signed.token, PLACE, world.now()).unwrap().unwrap();
    assert_eq!((name.as_str(), authority.means, authority.roles.has(Role::Analyst)), ("mari", Means::Password, true));
    assert_eq!(why(log_in(&world, "mari", PASSWORD, &shown)), LoginError::Wrong, "somebody looked over her shoulder");
    world.pass(30);
    log_in(&world, "mari", PASSWORD, &code(&world, &enrolled)).unwrap();
}

#[test]
fn each_recovery_code_counts_once() {
    let (world, enrolled) = world();
    assert_eq!(enrolled.recovery.len(), 10);
    for recovery in &enrolled.recovery {
        log_in(&world, "mari", PASSWORD, recovery).unwrap();
    }
    assert_eq!(why(log_in(&world, "mari", PASSWORD, &enrolled.recovery[0])), LoginError::Wrong);
}

#[test]
fn nothing_tells_whether_there_is_such_an_account() {
    let (world, enrolled) = world();
    let shown = code(&world, &enrolled);
    let nobody = log_in(&world, "nobody", PASSWORD, &shown).unwrap_err().to_string();
    let wrong = log_in(&world, "mari", "another password", &shown).unwrap_err().to_string();
    let without = log_in(&world, "first", PASSWORD, &shown).unwrap_err().to_string();
    assert_eq!((&nobody, &nobody), (&wrong, &without));
    let attempts = AuditQuery { kind: Some(EntryKind::Login), ..AuditQuery::default() };
    assert_eq!(world.audit(&attempts).len(), 3, "each attempt is on record");
}

#[test]
fn a_password_that_is_tried_first_is_not_taken() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let code = world.node.invite_account(&world.of("first"), "mari").unwrap();
    for easy in
        ["passwordpassword", "qwertyuiop123", "mari mari mari", "Estonian bureau", "comity 2026!", "aaaaaaaaaaaaaaaa"]
    {
        let refused = world.node.enrol(&world.with(Authority::nobody()), "mari", &code, easy).unwrap_err();
        assert!(matches!(refused, NodeError::Login(LoginError::Guessable)), "{easy}: {refused}");
    }
    world.node.enrol(&world.with(Authority::nobody()), "mari", &code, PASSWORD).unwrap();
}

#[test]
fn a_password_is_changed_by_whoever_knows_the_old_one_and_every_session_ends() {
    let (world, enrolled) = world();
    let signed = log_in(&world, "mari", PASSWORD, &enrolled.recovery[0]).unwrap();
    let (name, authority) = world.node.who_is_logged_in(&signed.token, PLACE, world.now()).unwrap().unwrap();
    let mari = world.with(Authority::nobody()).acting_as(&name, authority);
    let new = "seven grey herons wading";
    let wrong = world.node.change_password(&mari, "another password", new).unwrap_err();
    assert!(matches!(wrong, NodeError::Login(LoginError::Wrong)), "{wrong}");
    world.node.change_password(&mari, PASSWORD, "short").unwrap_err();
    world.node.change_password(&mari, PASSWORD, new).unwrap();
    assert!(world.node.who_is_logged_in(&signed.token, PLACE, world.now()).unwrap().is_none());
    assert_eq!(why(log_in(&world, "mari", PASSWORD, &enrolled.recovery[1])), LoginError::Wrong);
    log_in(&world, "mari", new, &enrolled.recovery[1]).unwrap();
}

#[test]
fn an_account_is_in_a_few_places_at_once() {
    let (world, enrolled) = world();
    let first = log_in(&world, "mari", PASSWORD, &enrolled.recovery[0]).unwrap();
    for recovery in &enrolled.recovery[1..Session::MOST] {
        log_in(&world, "mari", PASSWORD, recovery).unwrap();
    }
    assert!(world.node.who_is_logged_in(&first.token, PLACE, world.now()).unwrap().is_some());
    log_in(&world, "mari", PASSWORD, &enrolled.recovery[Session::MOST]).unwrap();
    assert!(world.node.who_is_logged_in(&first.token, PLACE, world.now()).unwrap().is_none(), "the oldest ended");
}

#[test]
fn guessing_takes_longer_and_longer() {
    let (world, enrolled) = world();
    for _ in 0..5 {
        assert_eq!(why(log_in(&world, "mari", "guess", "000000")), LoginError::Wrong);
    }
    let right = code(&world, &enrolled);
    assert!(
        matches!(why(log_in(&world, "mari", PASSWORD, &right)), LoginError::Wait(1..=30)),
        "also with what is right"
    );
    world.pass(31);
    assert_eq!(why(log_in(&world, "mari", "guess", "000000")), LoginError::Wrong);
    assert!(matches!(why(log_in(&world, "mari", PASSWORD, &right)), LoginError::Wait(31..=60)));
    world.pass(61);
    log_in(&world, "mari", PASSWORD, &code(&world, &enrolled)).unwrap();
    assert_eq!(why(log_in(&world, "mari", "guess", "000000")), LoginError::Wrong, "and then it begins anew");
}

#[test]
fn a_name_that_is_no_account_waits_as_accounts_do() {
    let (world, _) = world();
    let tries = |name: &str| (0..7).map(|_| why(log_in(&world, name, "guess", "000000"))).collect::<Vec<_>>();
    let (known, unknown) = (tries("mari"), tries("nobody"));
    let is_wait = |error: &LoginError| matches!(error, LoginError::Wait(_));
    assert_eq!(known.iter().map(is_wait).collect::<Vec<_>>(), unknown.iter().map(is_wait).collect::<Vec<_>>());
    assert!(is_wait(&known[6]) && !is_wait(&known[4]));
}

#[test]
fn guesses_at_the_same_moment_are_as_many() {
    let (world, _) = world();
    let tried = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(|| why(log_in(&world, "mari", "guess", "000000")))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|error| *error == LoginError::Wrong).count()
    });
    assert_eq!(tried, 5);
}

#[test]
fn a_recovery_code_that_many_show_at_once_lets_one_in() {
    let (world, enrolled) = world();
    let let_in = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| log_in(&world, "mari", PASSWORD, &enrolled.recovery[0]).is_ok())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|is_in| *is_in).count()
    });
    assert_eq!(let_in, 1);
}

#[test]
fn wrong_invitations_keep_nobody_out() {
    let (world, enrolled) = world();
    for _ in 0..50 {
        assert!(world.node.enrol(&world.with(Authority::nobody()), "mari", "guess", "a long password").is_err());
    }
    log_in(&world, "mari", PASSWORD, &enrolled.recovery[0]).unwrap();
}

#[test]
fn a_session_counts_in_its_place_for_its_time_and_until_it_is_ended() {
    let (world, enrolled) = world();
    let mut recovery = enrolled.recovery.iter();
    let mut begin = || log_in(&world, "mari", PASSWORD, recovery.next().unwrap()).unwrap().token;
    let counts = |token: &str, place: &str| world.node.who_is_logged_in(token, place, world.now()).unwrap().is_some();
    let token = begin();
    assert!(counts(&token, PLACE) && !counts(&token, "terminal 8") && !counts("x", PLACE));
    world.pass(Session::IDLE_MINUTES * 60 - 5);
    assert!(counts(&token, PLACE), "used again in time");
    world.pass(Session::IDLE_MINUTES * 60 + 5);
    assert!(!counts(&token, PLACE), "left alone");
    let token = begin();
    for _ in 0..24 {
        world.pass(1_800);
        counts(&token, PLACE);
    }
    assert!(!counts(&token, PLACE), "twelve hours are the end");

    let (one, two) = (begin(), begin());
    world.node.log_out(&world.of("mari"), &one).unwrap();
    assert!(!counts(&one, PLACE) && counts(&two, PLACE));
    assert_eq!(world.node.sessions_of(&world.of("mari"), "mari").unwrap().len(), 1);
    assert!(world.node.sessions_of(&world.of("mari"), "first").is_err());
    assert_eq!(world.node.end_sessions(&world.of("first"), "mari").unwrap(), 1);
    assert!(!counts(&two, PLACE));
    let token = begin();
    world.node.set_account_state(&world.of("first"), "mari", AccountState::Suspended).unwrap();
    assert!(!counts(&token, PLACE));
    assert_eq!(why(log_in(&world, "mari", PASSWORD, &enrolled.recovery[9])), LoginError::Wrong);
}

#[test]
fn an_invitation_counts_once_for_three_days_and_ends_what_was_before() {
    let (world, enrolled) = world();
    let session = log_in(&world, "mari", PASSWORD, &enrolled.recovery[0]).unwrap();
    let enrol = |code: &str, password: &str| world.node.enrol(&world.with(Authority::nobody()), "mari", code, password);
    let late = world.node.invite_account(&world.of("first"), "mari").unwrap();
    world.pass(3 * 86_400 + 1);
    assert!(enrol(&late, "another good password").is_err());
    let good = world.node.invite_account(&world.of("first"), "mari").unwrap();
    assert!(enrol(&late, "another good password").is_err(), "only the newest counts");
    assert!(matches!(enrol(&good, "short"), Err(NodeError::Login(LoginError::Short(12)))));
    let new = NewKey { account: "mari".into(), note: String::new(), scope: [Act::Look].into(), days: 9 };
    let (_, thief) = world.node.add_key(&world.of("mari"), &new).unwrap();
    let again = enrol(&good, "another good password").unwrap();
    assert!(world.node.who_has_key(&thief, world.now()).unwrap().is_none(), "what a thief made is gone");
    assert!(enrol(&good, "a third good password").is_err(), "once");
    assert!(world.node.who_is_logged_in(&session.token, PLACE, world.now()).unwrap().is_none());
    assert_eq!(why(log_in(&world, "mari", PASSWORD, &enrolled.recovery[1])), LoginError::Wrong);
    log_in(&world, "mari", "another good password", &again.recovery[0]).unwrap();
    assert!(world.node.invite_account(&world.of("mari"), "first").is_err());
}

#[test]
fn no_secret_is_kept_in_the_clear() {
    let (world, enrolled) = world();
    let signed = log_in(&world, "mari", PASSWORD, &enrolled.recovery[0]).unwrap();
    let kept = world.settings();
    let entries: Vec<u8> =
        world.store.entries(0, usize::MAX, true).unwrap().into_iter().flat_map(|kept| kept.opening).collect();
    let secret = enrolled.authenticator.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    for clear in [PASSWORD, secret, &signed.token, enrolled.recovery[1].as_str()] {
        let bytes = clear.as_bytes();
        assert!(!kept.windows(bytes.len()).any(|part| part == bytes));
        assert!(!entries.windows(bytes.len()).any(|part| part == bytes));
    }
}
