use comity_base::{OrgName, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::notice::checklist::tests::{some, wanted};
use crate::notice::tests::{at, person};
use crate::notice::{Colour, Facts, Form, Ground, demands};
use crate::reason::tests::{complete, well_made};
use crate::{Country, Person, Status};

fn now() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

fn judgement(by: Person) -> Judgement {
    Judgement { by, at: at("2026-11-19T12:00:00Z"), why: "read the file".into() }
}

fn lawyer() -> Person {
    person("hub", "lawyer")
}

fn factor(kind: FactorKind, finding: Finding, by: Person) -> Factor {
    Factor { factor: kind, finding, protected_by: None, fled_from: None, judged: judgement(by) }
}

fn category(category: Category, by: Person) -> Categorised {
    Categorised { category, tied_to_serious_crime: false, judged: judgement(by) }
}

/// Everything judged by somebody outside, and nothing against it.
fn clear() -> Judged {
    Judged {
        categories: vec![category(Category::SeriousOrdinaryCrime, lawyer())],
        factors: FactorKind::ALL.iter().map(|kind| factor(*kind, Finding::Clears, lawyer())).collect(),
    }
}

fn refugee(finding: Finding, from: Option<&str>, by: Person) -> Factor {
    let country = |code: &str| Country::parse(code).unwrap();
    Factor {
        protected_by: Some(country("SE")),
        fled_from: from.map(country),
        ..factor(FactorKind::Refugee, finding, by)
    }
}

fn screen_of(act: &Targeting, facts: &Facts, judged: &Judged, history: &History) -> Screen {
    let source = OrgName::parse("ee-police").unwrap();
    let screening = Screening {
        act,
        source: &source,
        country: Some(Country::parse("EE").unwrap()),
        facts,
        judged,
        history,
        text: "",
    };
    let screen = Screen::of(&screening, now());
    let rules: Vec<_> = GATE_RULES.iter().copied().chain(demands()).collect();
    for weighed in &screen.reasons {
        complete(&weighed.reason, &rules);
    }
    screen
}

fn screen(act: &Targeting, facts: &Facts, judged: &Judged) -> Screen {
    screen_of(act, facts, judged, &History::default())
}

fn codes(screen: &Screen) -> Vec<&'static str> {
    screen.reasons.iter().filter(|w| w.effect != Effect::Tells).map(|w| w.reason.code).collect()
}

fn red() -> Targeting {
    Targeting::Notice { colour: Colour::Red, form: Form::Notice }
}

fn locate() -> Targeting {
    Targeting::Request { aim: Aim::Locate }
}

fn blue_facts() -> Facts {
    Facts { sought: some("where he lives"), ..wanted() }
}

const ONE: Answer = Answer::NeedsReview { reviewers: 1 };
const TWO: Answer = Answer::NeedsReview { reviewers: 2 };

#[test]
fn the_rules_are_well_made() {
    let rules: Vec<_> = GATE_RULES.iter().copied().chain(demands()).collect();
    well_made(&rules);
}

#[test]
fn a_clear_red_notice_still_needs_a_reviewer() {
    let screen = screen(&red(), &wanted(), &clear());
    assert_eq!((screen.answer, codes(&screen)), (ONE, vec!["always-reviewed"]));
    let diffusion = Targeting::Notice { colour: Colour::Red, form: Form::Diffusion };
    assert_eq!(super::tests::screen(&diffusion, &wanted(), &clear()), screen, "a diffusion is a notice to fewer");
}

#[test]
fn a_clear_request_to_locate_passes_and_one_to_arrest_is_reviewed() {
    assert_eq!(screen(&locate(), &blue_facts(), &clear()).answer, Answer::Pass {});
    for aim in [Aim::Arrest, Aim::HandOver] {
        assert_eq!(screen(&Targeting::Request { aim }, &wanted(), &clear()).answer, ONE);
    }
}

#[test]
fn what_is_not_judged_is_asked() {
    let screen = screen(&red(), &wanted(), &Judged::default());
    let asked: Vec<_> = screen.questions().map(|reason| reason.code).collect();
    assert_eq!(asked.iter().filter(|code| **code == "factor-not-judged").count(), FactorKind::ALL.len());
    assert!(asked.contains(&"category-not-judged"));
}

#[test]
fn the_source_judging_itself_answers_nothing() {
    let own = person("ee-police", "chief");
    let mut judged = clear();
    judged.categories = vec![category(Category::SeriousOrdinaryCrime, own.clone())];
    judged.factors.iter_mut().for_each(|factor| factor.judged.by = own.clone());
    let asked = codes(&screen(&locate(), &blue_facts(), &judged));
    assert_eq!(asked.len(), 1 + FactorKind::ALL.len(), "{asked:?}");
}

#[test]
fn a_judgement_without_a_reason_a_name_or_a_past_counts_for_nothing() {
    type Change = fn(&mut Judgement);
    let changes: [Change; 3] =
        [|j| j.why = " \u{200b}".into(), |j| j.by.account.clear(), |j| j.at = at("2026-11-20T12:00:00.000001Z")];
    for change in changes {
        let mut judged = clear();
        change(&mut judged.categories[0].judged);
        assert_eq!(codes(&screen(&locate(), &blue_facts(), &judged)), ["category-not-judged"]);
    }
}

#[test]
fn a_refugee_is_never_reached_for_the_state_they_fled() {
    for aim in [Aim::Arrest, Aim::HandOver, Aim::Locate, Aim::Watch, Aim::Identify, Aim::Inform] {
        let mut judged = clear();
        judged.factors.push(refugee(Finding::Raises, Some("ee"), person("se-police", "asylum.officer")));
        // Whatever the source says against it.
        judged.factors.push(refugee(Finding::Clears, Some("ee"), person("ee-police", "chief")));
        let screen = screen(&Targeting::Request { aim }, &blue_facts(), &judged);
        assert_eq!(screen.answer, Answer::Refused { ground: Ground::Article2 }, "{aim}");
        assert_eq!(screen.reasons[0].reason.code, "refugee-protected");
        assert_eq!(screen.screened().refused, Some(Ground::Article2));
    }
    for act in [red(), Targeting::Message { aims: [Aim::Locate].into() }] {
        let mut judged = clear();
        judged.factors.push(refugee(Finding::Raises, Some("EE"), lawyer()));
        assert_eq!(screen(&act, &blue_facts(), &judged).answer, Answer::Refused { ground: Ground::Article2 });
    }
}

#[test]
fn a_flag_that_says_too_little_still_protects_by_asking_two() {
    let unsigned = Factor {
        judged: Judgement { by: lawyer(), at: now(), why: String::new() },
        ..refugee(Finding::Raises, None, lawyer())
    };
    for flag in [
        refugee(Finding::Unclear, Some("EE"), lawyer()),
        refugee(Finding::Raises, None, lawyer()),
        refugee(Finding::Raises, Some("RU"), lawyer()),
        unsigned,
    ] {
        let mut judged = clear();
        judged.factors.push(flag);
        let screen = screen(&locate(), &blue_facts(), &judged);
        assert_eq!((screen.answer, codes(&screen)), (TWO, vec!["refugee-perhaps"]));
    }
    let mut judged = clear();
    judged.factors.push(refugee(Finding::Raises, Some("EE"), lawyer()));
    let (source, facts, history) = (OrgName::parse("ee-police").unwrap(), blue_facts(), History::default());
    let act = locate();
    let nowhere = Screening {
        act: &act,
        source: &source,
        country: None,
        facts: &facts,
        judged: &judged,
        history: &history,
        text: "",
    };
    assert_eq!(Screen::of(&nowhere, now()).answer, TWO, "a source of no known country is asked about");
}

#[test]
fn politics_war_religion_and_race_are_refused_in_every_colour() {
    for kind in [Category::Political, Category::Military, Category::Religious, Category::Racial] {
        for colour in Colour::ALL {
            let mut judged = clear();
            judged.categories.push(category(kind, lawyer()));
            let act = Targeting::Notice { colour: *colour, form: Form::Notice };
            let screen = screen(&act, &wanted(), &judged);
            assert_eq!(screen.answer, Answer::Refused { ground: Ground::Article3 }, "{kind} {colour}");
        }
    }
}

#[test]
fn nobody_is_wanted_for_a_family_matter_and_a_lost_child_is_still_looked_for() {
    for kind in Category::ALL.iter().copied().filter(|kind| kind.is_excluded()) {
        let mut judged = clear();
        judged.categories = vec![category(kind, lawyer())];
        assert_eq!(screen(&red(), &wanted(), &judged).answer, Answer::Refused { ground: Ground::Threshold });
        judged.categories[0].tied_to_serious_crime = true;
        let tied = screen(&red(), &wanted(), &judged);
        assert_eq!((tied.answer, codes(&tied)), (ONE, vec!["excluded-offence-tied", "always-reviewed"]));
    }
    let mut judged = clear();
    judged.categories = vec![category(Category::FamilyOrPrivate, lawyer())];
    let mut child = Facts {
        status: Some(Status::Missing),
        police_report: Some(true),
        event_date: some("2026-11-01"),
        event_place: some("Tartu"),
        minor: Some(true),
        ..Facts::default()
    };
    child.identity.description = some("red coat");
    child.identity.mother = some("Mari");
    let yellow = Targeting::Notice { colour: Colour::Yellow, form: Form::Notice };
    let screen = screen(&yellow, &child, &judged);
    assert_eq!((screen.answer, codes(&screen)), (ONE, vec!["care-needed", "always-reviewed"]));
}

#[test]
fn what_is_missing_is_refused_in_whatever_form_it_is_asked() {
    let mut facts = wanted();
    facts.warrant.reference = None;
    for act in [red(), Targeting::Request { aim: Aim::Arrest }, Targeting::Message { aims: [Aim::Arrest].into() }] {
        let screen = screen(&act, &facts, &clear());
        assert_eq!(screen.answer, Answer::Refused { ground: Ground::Incomplete });
        assert_eq!(screen.reasons[0].reason.code, "warrant-reference");
        assert!(!screen.reasons[0].reason.source.verified);
    }
    facts.penalty.maximum_months = Some(12);
    assert_eq!(screen(&red(), &facts, &clear()).answer, Answer::Refused { ground: Ground::Threshold });
}

#[test]
fn who_the_person_is_may_demand_two_reviewers() {
    for kind in FactorKind::ALL.iter().copied().filter(|kind| *kind != FactorKind::Refugee) {
        let mut judged = clear();
        judged.factors.push(factor(kind, Finding::Raises, lawyer()));
        let expected = if kind.is_of_person() { TWO } else { ONE };
        assert_eq!(screen(&locate(), &blue_facts(), &judged).answer, expected, "{kind}");
    }
    let mut judged = clear();
    judged.factors.push(factor(FactorKind::Context, Finding::Unclear, lawyer()));
    assert_eq!(screen(&locate(), &blue_facts(), &judged).answer, ONE);
}

#[test]
fn with_a_bad_record_nothing_passes_without_two() {
    let bad = History { abuse_upheld: 1, ..History::default() };
    for act in [locate(), Targeting::Message { aims: [].into() }] {
        let screen = screen_of(&act, &blue_facts(), &clear(), &bad);
        assert_eq!((screen.answer, codes(&screen)), (TWO, vec!["bad-record"]));
    }
}

fn message(text: &str, facts: &Facts, judged: &Judged) -> Screen {
    let (source, history) = (OrgName::parse("ee-police").unwrap(), History::default());
    let act = Targeting::Message { aims: [].into() };
    let country = Country::parse("EE").ok();
    Screen::of(&Screening { act: &act, source: &source, country, facts, judged, history: &history, text }, now())
}

#[test]
fn what_a_message_is_found_to_ask_counts_whatever_is_stated() {
    let ordinary = "The server at 203.0.113.7 sent the invoice.";
    assert_eq!(message(ordinary, &Facts::default(), &Judged::default()).answer, Answer::Pass {});
    let arrest = message("Please arrest Mart Tamm on arrival.", &Facts::default(), &clear());
    assert_eq!(arrest.answer, Answer::Refused { ground: Ground::Incomplete }, "it must say what a red notice must");
    let asked = message("Please arrest Mart Tamm on arrival.", &wanted(), &clear());
    assert_eq!((asked.answer, codes(&asked)), (ONE, vec!["always-reviewed"]));
    let mut judged = clear();
    judged.factors.push(refugee(Finding::Raises, Some("EE"), lawyer()));
    let found = message("Where does he live?", &blue_facts(), &judged);
    assert_eq!(found.answer, Answer::Refused { ground: Ground::Article2 });
    assert_eq!(found.aims, [Aim::Locate].into());
    let hidden = message("Nothing but a journalist a r r e s t e d", &wanted(), &clear());
    assert_eq!((hidden.answer, codes(&hidden)), (TWO, vec!["text-mark", "always-reviewed", "text-disguised"]));
}

#[test]
fn what_a_draft_speaks_of_is_asked_about_and_names_mean_nothing() {
    let mut facts = wanted();
    facts.identity.family_name = some("Church");
    assert_eq!(codes(&screen(&red(), &facts, &clear())), ["always-reviewed"]);
    facts.offence.summary = some("as a journalist he insulted the regime");
    assert_eq!(codes(&screen(&red(), &facts, &clear())), ["text-mark", "text-mark", "always-reviewed"]);
}

#[test]
fn a_refugee_who_is_reported_missing_is_not_found_for_the_state_they_fled() {
    let mut judged = clear();
    judged.factors.push(refugee(Finding::Raises, Some("EE"), lawyer()));
    let yellow = Targeting::Notice { colour: Colour::Yellow, form: Form::Notice };
    assert_eq!(screen(&yellow, &wanted(), &judged).answer, Answer::Refused { ground: Ground::Article2 });
    let asked = codes(&screen(&yellow, &wanted(), &Judged::default()));
    assert!(asked.contains(&"factor-not-judged"), "{asked:?}");
}

#[test]
fn a_threat_or_method_that_tells_of_somebody_is_weighed_as_a_warning() {
    for colour in [Colour::Orange, Colour::Purple, Colour::UnitedNations] {
        let act = Targeting::Notice { colour, form: Form::Notice };
        let asked = |facts: &Facts| codes(&screen(&act, facts, &Judged::default())).contains(&"category-not-judged");
        assert!(asked(&wanted()), "{colour}");
        assert!(!asked(&Facts { modus_operandi: some("a stealer"), ..Facts::default() }), "{colour}");
    }
}

#[test]
fn a_message_that_asks_nothing_passes() {
    let screen = screen(&Targeting::Message { aims: [].into() }, &Facts::default(), &Judged::default());
    assert_eq!(screen.answer, Answer::Pass {});
    assert_eq!(screen.reasons[0].reason.code, "no-person-targeted");
}

#[test]
fn judgements_travel_as_json() {
    let mut judged = clear();
    judged.factors.push(refugee(Finding::Raises, Some("EE"), lawyer()));
    let json = serde_json::to_string(&judged).unwrap();
    assert_eq!(Judged::read(json.as_bytes()).unwrap(), judged);
    assert!(Judged::read(json.replacen("raises", "overridden", 1).as_bytes()).is_err());
    assert!(Judged::read(json.replacen(r#""factor""#, r#""weight":0,"factor""#, 1).as_bytes()).is_err());
    judged.factors[0].judged.why = "x".repeat(2_001);
    assert!(Judged::read(serde_json::to_string(&judged).unwrap().as_bytes()).is_err());
}

const DIGEST: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

#[test]
fn an_attestation_stands_for_one_message_of_one_node() {
    let node = OrgName::parse("ee-police").unwrap();
    let screen = screen(&red(), &wanted(), &clear());
    assert_eq!(Attestation::of(&screen, &node, DIGEST, vec![]), Err(Mismatch::Reviewers));
    let made = Attestation::of(&screen, &node, DIGEST, vec![lawyer()]).unwrap();
    assert_eq!(made.stands_for(DIGEST, &node, now()), Ok(()));
    assert_eq!(made.stands_for(&DIGEST.replacen('0', "1", 1), &node, now()), Err(Mismatch::Digest));
    assert_eq!(made.stands_for(DIGEST, &OrgName::parse("x").unwrap(), now()), Err(Mismatch::Node));
    assert_eq!(made.stands_for(DIGEST, &node, at("2026-11-20T11:59:59Z")), Err(Mismatch::Time));
    let newer = Attestation { rules: RULES_VERSION + 1, ..made.clone() };
    assert_eq!(newer.stands_for(DIGEST, &node, now()), Err(Mismatch::Rules));
    let twice = Attestation { answer: TWO, reviewers: vec![lawyer(), person("hub", "Lawyer")], ..made.clone() };
    assert_eq!(twice.stands_for(DIGEST, &node, now()), Err(Mismatch::Reviewers));
    let refused = Attestation { answer: Answer::Refused { ground: Ground::Other }, ..made.clone() };
    assert_eq!(refused.stands_for(DIGEST, &node, now()), Err(Mismatch::Refused));
    let json = made.to_json();
    assert_eq!(Attestation::read(json.as_bytes()).unwrap(), made);
    assert!(Attestation::read(format!(" {json}").as_bytes()).is_err(), "one spelling is signed");
    assert!(Attestation::read(json.replace(r#""rules":1"#, r#""quiet":1,"rules":1"#).as_bytes()).is_err());
}

#[test]
fn the_recipient_sees_what_the_sender_did_not_say() {
    let node = OrgName::parse("ee-police").unwrap();
    let sent = Attestation::of(&screen(&locate(), &blue_facts(), &clear()), &node, DIGEST, vec![]).unwrap();
    let mut judged = clear();
    judged.factors.push(refugee(Finding::Raises, Some("EE"), lawyer()));
    let own = screen(&locate(), &blue_facts(), &judged);
    assert_eq!(sent.unsaid(&own), ["refugee-protected"]);
    assert!(sent.unsaid(&screen(&locate(), &blue_facts(), &clear())).is_empty());
}

fn any_judged() -> impl Strategy<Value = Judged> {
    let by = prop::sample::select(vec![lawyer(), person("ee-police", "chief")]);
    let country =
        prop::option::of(prop::sample::select(vec!["EE", "RU"]).prop_map(|code| Country::parse(code).unwrap()));
    let factor = (prop::sample::select(FactorKind::ALL), prop::sample::select(Finding::ALL), country, by.clone())
        .prop_map(|(kind, finding, fled_from, by)| Factor { fled_from, ..factor(kind, finding, by) });
    let category = (prop::sample::select(Category::ALL), any::<bool>(), by)
        .prop_map(|(kind, tied, by)| Categorised { tied_to_serious_crime: tied, ..category(kind, by) });
    (prop::collection::vec(category, 0..4), prop::collection::vec(factor, 0..12))
        .prop_map(|(categories, factors)| Judged { categories, factors })
}

proptest! {
    #[test]
    fn nothing_the_source_adds_makes_it_milder(judged in any_judged(), added in any_judged(), aim in prop::sample::select(Aim::ALL)) {
        let act = Targeting::Request { aim };
        let facts = blue_facts();
        let before = screen(&act, &facts, &judged).answer;
        let mut more = judged;
        let own = |judgement: &mut Judgement| judgement.by = person("ee-police", "chief");
        more.factors.extend(added.factors.into_iter().map(|mut factor| { own(&mut factor.judged); factor }));
        more.categories.extend(added.categories.into_iter().map(|mut category| { own(&mut category.judged); category }));
        let after = screen(&act, &facts, &more).answer;
        let rank = |answer: Answer| match answer {
            Answer::Pass {} => 0,
            Answer::NeedsReview { reviewers } => u32::from(reviewers),
            Answer::Refused { .. } => 100,
        };
        prop_assert!(rank(after) >= rank(before), "{before:?} {after:?}");
    }

    #[test]
    fn the_order_of_judgements_changes_nothing(judged in any_judged()) {
        let mut turned = judged.clone();
        turned.factors.reverse();
        turned.categories.reverse();
        let (one, two) = (screen(&red(), &wanted(), &judged), screen(&red(), &wanted(), &turned));
        prop_assert_eq!((one.answer, one.codes()), (two.answer, two.codes()));
    }
}
