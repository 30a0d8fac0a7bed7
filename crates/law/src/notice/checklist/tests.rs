use super::*;
use crate::Status;
use crate::notice::facts::{Assurances, Birth, Document, Identity, Offence, Penalty, Photo, Sex, WantedFor, Warrant};
use crate::reason::tests::{complete, well_made};

pub(crate) fn some(text: &str) -> Option<String> {
    text.to_owned().into()
}

/// A red notice with everything, identified by names.
pub(crate) fn wanted() -> Facts {
    Facts {
        status: Some(Status::Charged),
        minor: Some(false),
        identity: Identity {
            family_name: some("Tamm"),
            forename: some("Mart"),
            sex: Some(Sex::Male),
            birth: Some(Birth { year: 1980, month: None, day: None }),
            fingerprints: Some(true),
            ..Identity::default()
        },
        offence: Offence {
            charge: some("computer fraud"),
            summary: some("took 2 million from accounts with a stealer"),
            when: some("2026"),
            place: some("Tallinn"),
            role: some("wrote the program"),
            article: some("213"),
        },
        penalty: Penalty { maximum_months: Some(60), ..Penalty::default() },
        warrant: Warrant {
            reference: some("1-26-77"),
            authority: some("Harju County Court"),
            date: some("2026-10-01"),
            copy: None,
        },
        assurances: Assurances {
            competent: Some(true),
            consulted: Some(true),
            will_request: Some(true),
            ..Assurances::default()
        },
        ..Facts::default()
    }
}

fn missing(colour: Colour, facts: &Facts) -> Vec<&'static str> {
    Checklist::of(colour, facts).missing().map(|item| item.demand.code).collect()
}

#[test]
fn demands_are_well_made_and_every_item_is_filled() {
    let rules = demands();
    well_made(&rules);
    for colour in Colour::ALL {
        for facts in [Facts::default(), wanted()] {
            for item in Checklist::of(*colour, &facts).items {
                complete(&item.demand, &rules);
            }
        }
    }
}

#[test]
fn an_empty_draft_is_complete_in_no_colour() {
    for colour in Colour::ALL {
        assert!(!Checklist::of(*colour, &Facts::default()).is_complete(), "{colour}");
    }
}

#[test]
fn a_red_notice_with_everything_is_complete() {
    assert_eq!(missing(Colour::Red, &wanted()), [""; 0]);
}

#[test]
fn each_thing_that_must_be_said_is_missed() {
    type Taken = (&'static str, fn(&mut Facts));
    let taken: [Taken; 14] = [
        ("status-fits", |f| f.status = Some(Status::Suspect)),
        ("minor-said", |f| f.minor = None),
        ("facts-summary", |f| f.offence.summary = some(" ")),
        ("facts-when", |f| f.offence.when = None),
        ("facts-where", |f| f.offence.place = None),
        ("facts-role", |f| f.offence.role = None),
        ("charge", |f| f.offence.charge = None),
        ("law-article", |f| f.offence.article = None),
        ("warrant-reference", |f| f.warrant.reference = None),
        ("warrant-authority", |f| f.warrant.authority = None),
        ("maximum-penalty", |f| f.penalty.maximum_months = None),
        ("assurance-competent", |f| f.assurances.competent = Some(false)),
        ("assurance-consulted", |f| f.assurances.consulted = None),
        ("assurance-request", |f| f.assurances.will_request = None),
    ];
    for (code, take) in taken {
        let mut facts = wanted();
        take(&mut facts);
        assert_eq!(missing(Colour::Red, &facts), [code]);
    }
}

#[test]
fn a_person_is_identified_in_one_of_two_ways() {
    let mut facts = wanted();
    facts.identity =
        Identity { photo: Some(Photo::Good), other_identifier: some("calls himself zorg"), ..Identity::default() };
    let list = Checklist::of(Colour::Red, &facts);
    assert!(list.is_complete());
    let state = |code: &str| list.items.iter().find(|item| item.demand.code == code).unwrap().state;
    assert_eq!(state("identity-family-name"), ItemState::NotNeeded);
    facts.identity.photo = Some(Photo::Poor);
    let codes = missing(Colour::Red, &facts);
    assert!(codes.contains(&"identity") && codes.contains(&"identity-photo") && codes.contains(&"identity-sex"));

    let mut facts = wanted();
    facts.identity.fingerprints = None;
    assert_eq!(missing(Colour::Red, &facts), ["identity", "identity-one-more", "identity-photo", "identity-extra"]);
    facts.identity.documents = vec![Document { kind: "passport".into(), number: " ".into(), country: None }];
    assert!(!Checklist::of(Colour::Red, &facts).is_complete(), "a document without a number is none");
    facts.identity.documents[0].number = "KE0123456".into();
    assert!(Checklist::of(Colour::Red, &facts).is_complete());
    facts.identity.sex = Some(Sex::Unknown);
    assert!(!Checklist::of(Colour::Red, &facts).is_complete());
}

#[test]
fn the_thresholds_are_two_years_for_a_trial_and_six_months_for_a_sentence() {
    let mut facts = wanted();
    for (months, below) in [(23, true), (24, false)] {
        facts.penalty.maximum_months = Some(months);
        let list = Checklist::of(Colour::Red, &facts);
        assert_eq!((list.is_below_threshold(), list.is_complete()), (below, !below), "{months}");
    }
    facts.status = Some(Status::Convicted);
    assert_eq!(missing(Colour::Red, &facts), ["sentence"], "a convicted person is wanted for the sentence");
    assert!(!Checklist::of(Colour::Red, &facts).is_below_threshold(), "what is not said is missing");
    for (imposed, remaining, below) in [(5, None, true), (6, None, false), (48, Some(5), true), (48, Some(6), false)] {
        facts.penalty.imposed_months = Some(imposed);
        facts.penalty.remaining_months = remaining;
        assert_eq!(Checklist::of(Colour::Red, &facts).is_below_threshold(), below, "{imposed} {remaining:?}");
    }
    facts.penalty.wanted_for = Some(WantedFor::Prosecution);
    assert!(Checklist::of(Colour::Red, &facts).is_complete());
}

#[test]
fn what_was_not_verified_is_shown() {
    let list = Checklist::of(Colour::Red, &wanted());
    let verified = |code: &str| list.items.iter().find(|item| item.demand.code == code).unwrap().demand.source.verified;
    assert!(verified("maximum-penalty-threshold"));
    for code in ["identity", "warrant-reference", "assurance-request"] {
        assert!(!verified(code), "{code}");
    }
}

#[test]
fn the_other_colours_demand_what_they_are_for() {
    let full = Facts {
        sought: some("where he lives"),
        assessment: some("convicted twice"),
        threat: some("sells stealers"),
        imminent: Some(true),
        measures: some("warn banks"),
        modus_operandi: some("a stealer in an invoice"),
        event_date: some("2026-10-01"),
        event_place: some("Tallinn"),
        police_report: Some(true),
        assets: [crate::notice::AssetClass::Account].into(),
        un_reference: some("QDi.1"),
        un_resolution: some("1267"),
        ..wanted()
    };
    let cases = [
        (Colour::Blue, Status::Suspect, vec!["blue-sought"]),
        (Colour::Green, Status::Convicted, vec!["green-assessment", "green-threat"]),
        (
            Colour::Yellow,
            Status::Missing,
            vec!["yellow-report", "yellow-date", "yellow-place", "yellow-description", "yellow-parents"],
        ),
        (Colour::Black, Status::Dead, vec!["black-date", "black-place"]),
        (
            Colour::Orange,
            Status::Unknown,
            vec!["orange-imminent", "orange-threat", "orange-time", "orange-place", "orange-measures"],
        ),
        (Colour::Purple, Status::Unknown, vec!["purple-method"]),
        (Colour::Silver, Status::Charged, vec!["silver-assets"]),
        (Colour::UnitedNations, Status::Unknown, vec!["un-reference", "un-resolution"]),
    ];
    for (colour, status, codes) in cases {
        let bare = Facts { status: Some(status), ..wanted() };
        assert_eq!(missing(colour, &bare), codes, "{colour}");
        let mut full = Facts { status: Some(status), ..full.clone() };
        full.identity.description = some("tall");
        full.identity.mother = some("Mari");
        assert!(Checklist::of(colour, &full).is_complete(), "{colour}");
        full.identity.dna = None;
    }
    let nobody = Facts { identity: Identity::default(), status: Some(Status::Suspect), ..full };
    assert_eq!(missing(Colour::Blue, &nobody), ["person-recognisable"]);
}

#[test]
fn nobody_may_wish_an_extract_of_a_silver_notice() {
    let facts = Facts { public_extract: Some(true), assets: [crate::notice::AssetClass::Company].into(), ..wanted() };
    assert_eq!(missing(Colour::Silver, &facts), ["no-extract"]);
    assert!(Checklist::of(Colour::Red, &facts).is_complete());
}
