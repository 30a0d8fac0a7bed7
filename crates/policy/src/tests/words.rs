use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request, Schema};

use super::*;
use crate::facts::{Agreed, Covers, Fact, Facts, Level, Listed, OnwardFact, PurposeFit, uid};
use crate::rules::SCHEMA;
use crate::slice::{FORBID, PERMIT};

fn some() -> Facts {
    Facts {
        action: Action::Release,
        owns: false,
        denied: false,
        country_unclear: false,
        listed: Listed::NoList,
        kind: OrgKind::Member,
        status: OrgStatus::Active,
        tlp: Level::None,
        needs_naming: false,
        kept_close: false,
        expired: false,
        unknown_marking: false,
        purpose: PurposeFit::NotLimited,
        personal: false,
        police: false,
        several_owners: false,
        agreed: Agreed::Active,
        covers: Covers::NOTHING_ASKED,
        onward: OnwardFact::Own,
    }
}

/// Every change of one fact.
fn changes() -> Vec<Facts> {
    let mut all = vec![some()];
    let mut each = |change: &dyn Fn(&mut Facts)| {
        let mut facts = some();
        change(&mut facts);
        all.push(facts);
    };
    each(&|facts| facts.action = Action::Export);
    Listed::ALL.iter().skip(1).for_each(|one| each(&|facts| facts.listed = *one));
    OrgKind::ALL.iter().skip(1).for_each(|one| each(&|facts| facts.kind = *one));
    OrgStatus::ALL.iter().skip(1).for_each(|one| each(&|facts| facts.status = *one));
    Level::ALL.iter().skip(1).for_each(|one| each(&|facts| facts.tlp = *one));
    PurposeFit::ALL.iter().skip(1).for_each(|one| each(&|facts| facts.purpose = *one));
    Agreed::ALL.iter().filter(|one| **one != Agreed::Active).for_each(|one| each(&|facts| facts.agreed = *one));
    OnwardFact::ALL.iter().skip(1).for_each(|one| each(&|facts| facts.onward = *one));
    let turn: [fn(&mut Facts) -> &mut bool; 17] = [
        |facts| &mut facts.owns,
        |facts| &mut facts.denied,
        |facts| &mut facts.country_unclear,
        |facts| &mut facts.needs_naming,
        |facts| &mut facts.kept_close,
        |facts| &mut facts.expired,
        |facts| &mut facts.unknown_marking,
        |facts| &mut facts.personal,
        |facts| &mut facts.police,
        |facts| &mut facts.several_owners,
        |facts| &mut facts.covers.kinds,
        |facts| &mut facts.covers.each_category,
        |facts| &mut facts.covers.purpose,
        |facts| &mut facts.covers.tlp,
        |facts| &mut facts.covers.pap,
        |facts| &mut facts.covers.handling,
        |facts| &mut facts.covers.country,
    ];
    for of in turn {
        each(&|facts| *of(facts) = !*of(&mut some()));
    }
    all
}

#[test]
fn every_fact_and_word_is_in_the_schema() {
    let (schema, _) = Schema::from_cedarschema_str(SCHEMA).unwrap();
    for facts in changes() {
        let (who, what) = (uid("Organisation", "a").unwrap(), uid("Label", "label").unwrap());
        Request::new(
            who,
            uid("Action", facts.action.name()).unwrap(),
            what,
            facts.context(Fact::ALL).unwrap(),
            Some(&schema),
        )
        .unwrap();
    }
}

#[test]
fn different_facts_have_different_numbers() {
    let keys: std::collections::BTreeSet<[u64; 2]> = changes().iter().map(Facts::halves).collect();
    assert_eq!(keys.len(), changes().len());
    assert!(FORBID.iter().chain([&PERMIT]).all(|file| file.facts.len() * 3 <= 60));
}

#[test]
fn rules_of_this_crate_look_at_their_facts_only() {
    for file in FORBID.iter().chain([&PERMIT]) {
        let rule = |line: &&str| !line.trim_start().starts_with("//") && !line.starts_with('@');
        let code: String = file.text.lines().filter(rule).collect();
        assert!(
            !code.contains("principal.") && !code.contains("resource.") && !code.contains("principal =="),
            "{}",
            file.name
        );
    }
    let policy = Policy::new().unwrap();
    for facts in changes() {
        assert!(!policy.decide(&facts).failed, "{facts:?}");
    }
}

#[test]
fn what_no_rule_permits_is_refused() {
    let policy = Policy::new().unwrap();
    let mut facts = some();
    for (tlp, listed) in [(Level::Green, Listed::NoList), (Level::Red, Listed::Name)] {
        (facts.tlp, facts.listed) = (tlp, listed);
        facts.agreed = Agreed::Active;
        assert!(policy.admits(&facts));
        for agreed in Agreed::ALL.iter().filter(|agreed| **agreed != Agreed::Active) {
            facts.agreed = *agreed;
            let decision = policy.decide(&facts);
            assert!(!decision.admitted && !decision.rules.is_empty() && !policy.admits(&facts), "{agreed:?}");
        }
    }
}

/// Files are asked by themselves; Cedar asked about all rules and facts at once must say the same.
#[test]
fn files_together_decide_as_one_set() {
    let text: String = FORBID.iter().chain([&PERMIT]).map(|file| file.text).collect();
    let set: PolicySet = text.parse().unwrap();
    let policy = Policy::new().unwrap();
    let mut many = changes();
    for one in changes() {
        many.extend([Level::Green, Level::Clear].map(|tlp| Facts { tlp, ..one }));
        many.extend([Listed::Name, Listed::CountryOrGroup].map(|listed| Facts { listed, ..one }));
        many.extend([Agreed::NotYet, Agreed::None].map(|agreed| Facts { agreed, action: Action::Export, ..one }));
    }
    let mut admitted = 0;
    for facts in many {
        let (who, what) = (uid("Organisation", "a").unwrap(), uid("Label", "label").unwrap());
        let action = uid("Action", facts.action.name()).unwrap();
        let request = Request::new(who, action, what, facts.context(Fact::ALL).unwrap(), None).unwrap();
        let allowed = Authorizer::new().is_authorized(&request, &set, &Entities::empty()).decision() == Decision::Allow;
        assert_eq!(policy.admits(&facts), allowed, "{facts:?}");
        assert_eq!(policy.decide(&facts).admitted, allowed);
        admitted += usize::from(allowed);
    }
    assert!(admitted > 10);
}
