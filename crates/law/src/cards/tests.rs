use comity_base::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::Country;
use crate::notice::tests::at;

fn now() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn card(text: &str) -> Result<RuleCards, CardError> {
    RuleCards::from_toml(&format!(
        "[[card]]\ncountry = \"EE\"\nversion = 1\nvalid_from = \"2026-01-01T00:00:00Z\"\n{text}"
    ))
}

fn red(effect: &str, verified: bool) -> RuleCards {
    card(&format!(
        "red_notice = {{ effect = \"{effect}\", rule = \"x\", address = \"https://a.example\", verified = {verified} }}"
    ))
    .unwrap()
}

#[test]
fn only_what_was_found_is_known() {
    let cards = RuleCards::known().unwrap();
    let usa = cards.red_notice(country("us"), now());
    assert_eq!(usa.answer, RedEffect::None);
    let cited = usa.cited.unwrap();
    assert!(cited.verified && cited.address.starts_with("https://"));
    let laws = [country("FI"), country("EU")];
    let travel = cards.telling(&laws, SearchPurpose::TravelAuthorisation, now());
    assert_eq!((travel.answer, travel.cited.unwrap().verified), (Telling::Silent, false));
    assert_eq!(cards.telling(&laws, SearchPurpose::Investigation, now()).answer, Telling::Unknown);
}

#[test]
fn without_a_card_nothing_coercive_follows() {
    let cards = RuleCards::known().unwrap();
    let unknown = cards.red_notice(country("FR"), now());
    assert_eq!((unknown.answer, unknown.cited), (RedEffect::Unknown, None));
    assert!(!RedEffect::Unknown.allows_arrest());
    assert_eq!(cards.red_notice(country("US"), at("2026-10-31T23:59:59Z")).answer, RedEffect::Unknown);
}

#[test]
fn what_nobody_verified_takes_nobodys_liberty() {
    assert_eq!(red("provisional-arrest", true).red_notice(country("EE"), now()).answer, RedEffect::ProvisionalArrest);
    let unverified = red("provisional-arrest", false).red_notice(country("EE"), now());
    assert_eq!(unverified.answer, RedEffect::Unknown);
    assert!(!unverified.cited.unwrap().verified, "people see why");
    assert_eq!(red("locate-only", false).red_notice(country("EE"), now()).answer, RedEffect::LocateOnly);
}

#[test]
fn of_several_laws_the_one_that_demands_silence_counts() {
    let told = |allowed: bool, verified: bool| {
        card(&format!(
            "owner_told = {{ allowed = {allowed}, rule = \"x\", address = \"https://a.example\", verified = {verified} }}"
        ))
        .unwrap()
    };
    let answer = |cards: &RuleCards| {
        cards.telling(&[country("EE"), country("EU")], SearchPurpose::TravelAuthorisation, now()).answer
    };
    assert_eq!(answer(&told(true, true)), Telling::Allowed);
    assert_eq!(answer(&told(true, false)), Telling::Unknown);
    assert_eq!(answer(&told(false, false)), Telling::Silent);
    let mut both = told(true, true);
    both.add(RuleCards::known().unwrap());
    assert_eq!(answer(&both), Telling::Silent);
}

#[test]
fn the_highest_version_that_holds_counts() {
    let text = r#"{"card":[
        {"country":"EE","version":1,"valid_from":"2026-01-01T00:00:00Z","red_notice":{"effect":"none","rule":"a","address":"https://a.example","verified":true}},
        {"country":"EE","version":2,"valid_from":"2026-06-01T00:00:00Z","valid_until":"2026-12-01T00:00:00Z","red_notice":{"effect":"locate-only","rule":"b","address":"https://a.example","verified":true}}]}"#;
    let cards = RuleCards::from_json(text.as_bytes()).unwrap();
    for (moment, effect) in [
        ("2026-05-31T23:59:59Z", RedEffect::None),
        ("2026-06-01T00:00:00Z", RedEffect::LocateOnly),
        ("2026-12-01T00:00:00Z", RedEffect::None),
    ] {
        assert_eq!(cards.red_notice(country("EE"), at(moment)).answer, effect, "{moment}");
    }
}

#[test]
fn a_card_without_sources_is_no_card() {
    let fact = |rule: &str, address: &str| {
        card(&format!(
            "red_notice = {{ effect = \"none\", rule = \"{rule}\", address = \"{address}\", verified = true }}"
        ))
    };
    assert!(fact("x", "https://a.example").is_ok());
    assert!(fact(" ", "https://a.example").is_err());
    assert!(fact("x", "").is_err());
    assert!(fact("x", "somewhere").is_err());
    assert!(fact(&"x".repeat(501), "https://a.example").is_err());
    assert!(card("arrest = true").is_err(), "what is not known is refused");
    assert!(card("valid_until = \"2026-01-01T00:00:00Z\"").is_err());
    assert!(card("[[card]]\ncountry = \"ee\"\nversion = 1\nvalid_from = \"2026-01-01T00:00:00Z\"").is_err(), "twice");
    assert!(RuleCards::from_toml(&" ".repeat((1 << 20) + 1)).is_err());
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let _ = RuleCards::from_toml(&text);
        let _ = RuleCards::from_json(text.as_bytes());
    }
}
