//! People and their own data: found whoever may see it, hidden at once, decided in time, and nobody else learns who asked.

use std::sync::Arc;

use comity_base::Timestamp;
use comity_node::hits::{HitAsk, HitVerdict};
use comity_node::{
    Act, AsOf, AuditQuery, Authority, Ctx, Language, NodeError, Opening, Outcome, Person, RightsDesk, RightsKind,
    RightsTerms, Role, Says, Sender, Stage, Waiting,
};
use comity_stix::ObjectId;
use comity_store::Store;
use comity_store::conformance::MemoryStore;

use crate::world::{World, code, org};

const MAIL: &str = "203.0.113.9";
const SECRET: &str = "203.0.113.10";

struct Case {
    world: World,
    store: Arc<MemoryStore>,
}

impl Case {
    /// A bureau with a rights desk, an analyst, and two objects about somebody, one of them for a few only.
    fn new() -> Self {
        let world = World::new();
        world.person("desk", &[Role::RightsDesk]);
        world.person("mari", &[Role::Analyst]);
        world.ingest("police", MAIL, &[]);
        world.ingest("unit", SECRET, &["level:secret"]);
        Self { world, store: Arc::new(MemoryStore::default()) }
    }

    fn desk(&self) -> RightsDesk<'_> {
        self.with(RightsTerms { authority: "Data Protection Inspectorate".into(), ..RightsTerms::default() })
    }

    fn with(&self, terms: RightsTerms) -> RightsDesk<'_> {
        self.world.node.rights_desk(Arc::clone(&self.store) as Arc<dyn Store>, terms)
    }

    fn ctx(&self) -> Ctx {
        self.world.of("desk")
    }

    fn admitted(&self, kind: RightsKind) -> String {
        let number = self.desk().open(&self.ctx(), &opening(kind)).unwrap().number;
        self.desk().admit(&self.ctx(), &number).unwrap();
        number
    }

    fn find(&self, number: &str) -> usize {
        self.desk().find(&self.ctx(), number, &[MAIL.into(), SECRET.into()]).unwrap().found.len()
    }

    /// How many objects an analyst finds.
    fn seen(&self) -> usize {
        self.world
            .node
            .look(&self.world.of("mari"), MAIL, 10)
            .unwrap()
            .known
            .iter()
            .map(|known| known.holdings.len())
            .sum()
    }

    fn letter(&self, number: &str) -> String {
        let sender = Sender { organisation: "Estonian bureau".into() };
        self.desk().letter(&self.ctx(), number, &sender).unwrap()
    }
}

fn opening(kind: RightsKind) -> Opening {
    let person = Person {
        name: "Zephyrine Quillfeather".into(),
        born: Some("1980-01-31".into()),
        contact: "a lawyer".into(),
        about: String::new(),
        language: Language::En,
    };
    Opening { kind, person, received: None }
}

#[test]
fn only_the_desk_has_to_do_with_requests() {
    let case = Case::new();
    let number = case.admitted(RightsKind::Access);
    case.world.person("boss", &[Role::Supervisor]);
    case.world.person("dpo", &[Role::DataProtectionOfficer]);
    for name in ["mari", "boss", "dpo"] {
        let ctx = case.world.of(name);
        assert_eq!(code(case.desk().requests(&ctx, true)), "no-role", "{name}");
        assert_eq!(code(case.desk().request(&ctx, &number)), "no-role");
        assert_eq!(code(case.desk().run(&ctx)), "no-role");
    }
    // And the desk has nothing to do with investigations.
    for act in [Act::Look, Act::Show, Act::Hits, Act::Audit, Act::Batches, Act::Export] {
        assert!(case.world.node.may(&case.ctx(), act, serde_json::json!({})).is_err(), "{act:?}");
    }
}

#[test]
fn who_asked_about_themselves_stands_nowhere_among_police_data() {
    let case = Case::new();
    let number = case.admitted(RightsKind::Deletion);
    let with_reason = Ctx { reason: Some("Quillfeather writes".into()), ..case.ctx() };
    assert_eq!(case.desk().find(&with_reason, &number, &[MAIL.into()]).unwrap().found.len(), 1);
    case.desk().block(&with_reason, &number, &[]).unwrap();
    case.desk().decide(&with_reason, &number, Outcome::Deleted, false).unwrap();
    let told = format!("{:?}", case.world.audit(&AuditQuery::default()));
    assert!(told.contains("request decided") && told.contains(&number));
    for word in ["Quillfeather", "lawyer"] {
        assert!(!told.contains(word));
        let is_in = |bytes: &[u8]| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(!is_in(&case.world.settings()));
        let own: Vec<u8> = case.store.values("").unwrap().into_iter().flat_map(|(_, value)| value).collect();
        assert!(!is_in(&own), "sealed at the desk too");
    }
    // Nothing says for whose sake the objects are gone, either.
    assert!(!told.contains("Zephyrine"));
}

#[test]
fn the_clock_runs_from_the_day_a_request_is_admitted() {
    let case = Case::new();
    for (kind, months) in [(RightsKind::Access, 4), (RightsKind::Correction, 9), (RightsKind::Deletion, 9)] {
        let number = case.desk().open(&case.ctx(), &opening(kind)).unwrap().number;
        assert_eq!(case.desk().request(&case.ctx(), &number).unwrap().due, None);
        let request = case.desk().admit(&case.ctx(), &number).unwrap();
        assert_eq!(request.due, Some(request.admitted.unwrap().plus_months(months)));
        assert!(case.desk().admit(&case.ctx(), &number).is_err(), "the clock is not set back");
    }
    case.world.pass(123 * 86_400);
    let waiting = case.desk().waiting(case.world.now()).unwrap();
    assert_eq!(waiting, Waiting { open: 3, overdue: 1, silent: 0 }, "the request for access is late");
    let first = &case.desk().requests(&case.ctx(), false).unwrap()[0];
    assert!(first.is_overdue(case.world.now()) && first.kind == RightsKind::Access, "what is late comes first");
    let end = Timestamp::parse("2026-10-31T10:00:00Z").unwrap().plus_months(4);
    assert_eq!(end.to_string(), "2027-02-28T10:00:00.000Z", "a month without such a day ends with its last");
}

#[test]
fn everything_is_found_whoever_may_see_it() {
    let case = Case::new();
    let number = case.admitted(RightsKind::Access);
    assert_eq!(case.find(&number), 2, "also what only a few may see");
    assert_eq!(case.find(&number), 2, "once each");
    let request = case.desk().request(&case.ctx(), &number).unwrap();
    let mut owners: Vec<_> = request.found.iter().map(|object| object.owner.as_str()).collect();
    owners.sort_unstable();
    assert_eq!(owners, ["police", "unit"]);
    assert!(case.desk().find(&case.ctx(), &number, &[String::new()]).is_err());
}

#[test]
fn what_is_blocked_is_gone_at_once_and_comes_back_as_it_was() {
    let case = Case::new();
    let number = case.admitted(RightsKind::Correction);
    let id = ObjectId::parse(&case.world.ingest("lab", MAIL, &[])).unwrap();
    case.find(&number);
    assert_eq!(case.seen(), 2);
    case.desk().block(&case.ctx(), &number, &[]).unwrap();
    assert_eq!(case.seen(), 0);
    let show = || case.world.node.show(&case.world.of("mari"), &id, AsOf::Now);
    assert!(matches!(show(), Err(NodeError::UnknownObject(_))), "its past is hidden too");
    // It comes in again, changed, while it is hidden.
    case.world.ingest_changed("police", MAIL, &[]);
    case.world.ingest("lab", MAIL, &[]);
    assert_eq!(case.seen(), 0);
    assert!(case.world.node.check().unwrap().is_empty());
    case.desk().decide(&case.ctx(), &number, Outcome::Kept, false).unwrap();
    assert_eq!(case.seen(), 2);
    let standing = show().unwrap().into_iter().filter(|version| version.current).map(|version| version.raw);
    assert!(standing.into_iter().any(|raw| raw.windows(6).any(|part| part == b"x_seen")), "with what came meanwhile");
    assert!(case.world.node.look(&case.world.of("mari"), SECRET, 10).unwrap().known[0].holdings.is_empty());
    assert!(case.world.node.check().unwrap().is_empty());
}

/// A hit that was found before leaves the queue with what is hidden, and comes back with it.
#[test]
fn what_is_blocked_leaves_the_queue_of_hits_at_once() {
    let case = Case::new();
    let (world, number) = (&case.world, case.admitted(RightsKind::Correction));
    world.ingest("lab", MAIL, &[]);
    let node = world.with(Authority::node());
    world.node.find_hits(&node).unwrap();
    let queue = || world.node.hit_queue(&world.of("mari"), &HitAsk::default()).unwrap();
    let key = queue().rows[0].key;
    case.find(&number);
    case.desk().block(&case.ctx(), &number, &[]).unwrap();
    let left = queue();
    assert_eq!((left.rows.len(), left.totals.open, left.pairs.len()), (0, 0, 0));
    let said = world.node.decide_hit(&world.of("mari"), &key, &HitVerdict::Confirm, "", None);
    assert!(matches!(said, Err(NodeError::UnknownObject(_))));
    case.desk().decide(&case.ctx(), &number, Outcome::Kept, false).unwrap();
    world.node.find_hits(&node).unwrap();
    assert_eq!(queue().totals.open, 1);
}

#[test]
fn what_is_deleted_is_gone_for_good_and_does_not_come_back() {
    let case = Case::new();
    let number = case.admitted(RightsKind::Deletion);
    case.find(&number);
    case.desk().block(&case.ctx(), &number, &[]).unwrap();
    let request = case.desk().decide(&case.ctx(), &number, Outcome::Deleted, false).unwrap();
    assert!(request.events.last().unwrap().what.contains("police"), "whose copies are elsewhere must be told");
    let left = || case.world.store.scan(comity_base::Position::START, usize::MAX, true).unwrap();
    let holds = |word: &str| left().iter().any(|row| row.raw.windows(word.len()).any(|part| part == word.as_bytes()));
    assert!(!holds(MAIL) && !holds(SECRET));
    case.world.ingest_changed("police", MAIL, &[]);
    assert!(case.seen() == 0 && !holds(MAIL), "it came in again, and went again");
    assert!(case.desk().decide(&case.ctx(), &number, Outcome::Kept, false).is_err(), "what is decided is decided");
}

#[test]
fn a_legal_hold_stops_deleting_and_not_hiding() {
    let case = Case::new();
    let number = case.admitted(RightsKind::Deletion);
    let id = ObjectId::parse(&case.world.ingest("police", MAIL, &[])).unwrap();
    let judge = Ctx { reason: Some("court".into()), ..case.world.with(comity_node::Authority::alone()) };
    case.world.node.hold(&judge, &id).unwrap();
    case.find(&number);
    case.desk().block(&case.ctx(), &number, &[]).unwrap();
    assert_eq!(case.seen(), 0);
    let refused = case.desk().decide(&case.ctx(), &number, Outcome::Deleted, false).unwrap_err();
    assert!(refused.to_string().contains("legal hold"), "{refused}");
    assert_eq!(case.desk().request(&case.ctx(), &number).unwrap().stage, Stage::Admitted);
}

/// What is answered does not say whether something is held, where that is not told.
#[test]
fn the_neutral_answer_is_the_same_to_the_letter() {
    let letters = [Outcome::Nothing, Outcome::Withheld, Outcome::Kept, Outcome::Deleted].map(|outcome| {
        let case = Case::new();
        let kind = if outcome == Outcome::Nothing { RightsKind::Access } else { RightsKind::Deletion };
        let number = case.admitted(kind);
        if outcome != Outcome::Nothing {
            case.find(&number);
        }
        case.desk().decide(&case.ctx(), &number, outcome, true).unwrap();
        case.letter(&number)
    });
    assert!(letters.iter().all(|letter| *letter == letters[0]), "{letters:#?}");
    assert!(letters[0].contains("Zephyrine Quillfeather") && letters[0].contains("Data Protection Inspectorate"));
}

#[test]
fn what_is_told_is_told_in_the_persons_language() {
    let case = Case::new();
    let person = Person { language: Language::Fr, ..opening(RightsKind::Access).person };
    let opening = Opening { person, ..opening(RightsKind::Access) };
    let number = case.desk().open(&case.ctx(), &opening).unwrap().number;
    case.desk().admit(&case.ctx(), &number).unwrap();
    assert!(case.letter(&number).contains("recevable"));
    case.find(&number);
    assert!(case.desk().decide(&case.ctx(), &number, Outcome::Deleted, false).is_err(), "that is not what was asked");
    assert!(case.desk().decide(&case.ctx(), &number, Outcome::Nothing, false).is_err(), "something was found");
    case.desk().decide(&case.ctx(), &number, Outcome::Disclosed, false).unwrap();
    let letter = case.letter(&number);
    assert!(letter.contains(MAIL) && letter.contains("Les données suivantes") && !letter.contains('{'), "{letter}");
}

#[test]
fn silence_means_what_the_terms_say() {
    let case = Case::new();
    let number = case.admitted(RightsKind::Deletion);
    case.desk().find(&case.ctx(), &number, &[MAIL.into()]).unwrap();
    assert!(case.desk().consult(&case.ctx(), &number, &org("nobody")).is_err());
    case.desk().consult(&case.ctx(), &number, &org("police")).unwrap();
    assert_eq!(case.desk().run(&case.ctx()).unwrap(), [""; 0], "there is time yet");
    case.world.pass(31 * 86_400);
    let kept = case.with(RightsTerms { silence: Says::Keep, ..RightsTerms::default() });
    let done = case.desk().run(&case.ctx()).unwrap();
    assert!(done.len() == 2 && done[0].contains("delete"), "{done:?}");
    assert_eq!(case.desk().request(&case.ctx(), &number).unwrap().outcome, Some(Outcome::Deleted));
    assert_eq!(case.seen(), 0);
    assert!(kept.run(&case.ctx()).unwrap().is_empty(), "what is decided is left alone");

    let access = case.admitted(RightsKind::Access);
    case.world.ingest("lab", MAIL, &[]);
    assert_eq!(case.desk().find(&case.ctx(), &access, &[MAIL.into()]).unwrap().found.len(), 1);
    case.desk().consult(&case.ctx(), &access, &org("lab")).unwrap();
    case.world.pass(31 * 86_400);
    case.desk().run(&case.ctx()).unwrap();
    let request = case.desk().request(&case.ctx(), &access).unwrap();
    assert_eq!((request.consulted[0].says, request.stage), (Some(Says::Withhold), Stage::Admitted));

    let answered = case.admitted(RightsKind::Deletion);
    case.find(&answered);
    case.desk().consult(&case.ctx(), &answered, &org("lab")).unwrap();
    case.desk().reply(&case.ctx(), &answered, &org("lab"), Says::Keep).unwrap();
    case.world.pass(31 * 86_400);
    assert!(case.desk().run(&case.ctx()).unwrap().is_empty(), "who answers is heard, and people decide");
}
