use std::collections::BTreeSet;

use comity_stix::ObjectId;
use comity_stix::label::{Categories, Category, Handling, Pap, Party, Tlp};
use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::{DataKind, Onward, Purpose};

fn names<T: Ord + Clone + std::fmt::Debug + 'static>(
    all: &[T],
    most: usize,
) -> impl Strategy<Value = BTreeSet<T>> + use<T> {
    btree_set(select(all.to_vec()), 0..=most)
}

fn parties(most: usize) -> impl Strategy<Value = BTreeSet<Party>> {
    let all = ["country:EE", "country:FI", "org:fi-police", "org:se-police", "group:e5", "group:community"];
    names(&all.map(|text| Party::parse(text).unwrap()), most)
}

prop_compose! {
    fn any_label()(
        owner in select(vec!["ee-police", "se-police", "fi-police", "lab-south"]),
        tlp in option::weighted(0.8, select(Tlp::ALL.to_vec())),
        pap in option::weighted(0.2, select(Pap::ALL.to_vec())),
        handling in names(&Handling::ALL, 1),
        release_to in option::weighted(0.5, parties(4)),
        deny in prop_oneof![3 => Just(BTreeSet::new()), 1 => parties(2)],
        purposes in option::weighted(0.3, names(&["investigation", "prevention", "protection"].map(String::from), 2)),
        retain_until in option::weighted(0.2, select(vec![at("2027-06-01T00:00:00Z"), at("2027-07-01T00:00:00Z")])),
        personal in names(&[Category::Suspect, Category::Victim, Category::Account], 2),
        unknown in prop::bool::weighted(0.1),
    ) -> Label {
        let marking = ObjectId::parse("marking-definition--20864905-06a0-47be-a04c-2164af17d635").unwrap();
        let personal: Categories = personal.into_iter().collect();
        let mut label = Label::defaults(org(owner)).with_personal(personal);
        (label.tlp, label.pap, label.handling, label.release_to, label.deny) = (tlp, pap, handling, release_to, deny);
        (label.purposes, label.retain_until) = (purposes, retain_until);
        label.markings.extend(unknown.then_some(marking));
        label
    }
}

prop_compose! {
    fn any_agreement()(
        kinds in names(&DataKind::ALL, 6),
        purposes in names(&Purpose::ALL, 3),
        tlp in select(Tlp::ALL.to_vec()),
        pap in option::of(select(Pap::ALL.to_vec())),
        handling in names(&Handling::ALL, 4),
        countries in option::weighted(0.3, names(&["EE", "SE", "FI"].map(String::from), 2)),
    ) -> Agreement {
        let mut agreement = signed();
        let flow = &mut agreement.flows[0];
        (flow.kinds, flow.purposes, flow.tlp, flow.pap, flow.handling, flow.countries) = (kinds, purposes, tlp, pap, handling, countries);
        agreement
    }
}

prop_compose! {
    fn any_question()(
        agreement in any_agreement(),
        active in prop::bool::weighted(0.9),
        kind in select(OrgKind::ALL.to_vec()),
        holder_kind in select(OrgKind::ALL.to_vec()),
        status in prop_oneof![9 => Just(OrgStatus::Active), 1 => Just(OrgStatus::Suspended)],
        country in option::weighted(0.8, select(vec!["FI", "EE"])),
        groups in names(&["e5", "community"], 2),
        purposes in names(&["investigation", "prevention"], 2),
        onward in select(Onward::ALL.to_vec()),
        partner in any::<bool>(),
    ) -> (Question, Onward) {
        let mut question = Question::finnish();
        let state = if active { State::Active { until: agreement.valid_until } } else { State::Draft };
        question.agreement = Some((agreement, state));
        question.recipient = recipient("fi-police", country, &groups.into_iter().collect::<Vec<_>>());
        question.standing = Standing { kind, status };
        question.holder_kind = holder_kind;
        question.purposes = purposes.into_iter().collect();
        question.grants = grants(move |owner| OwnerGrant {
            kind: if partner && *owner == org("lab-south") { OrgKind::Partner } else { OrgKind::Member },
            country: (*owner == org("se-police")).then(|| "SE".to_owned()),
            onward,
        });
        (question, onward)
    }
}

fn policy() -> Policy {
    static POLICY: std::sync::OnceLock<Policy> = std::sync::OnceLock::new();
    POLICY.get_or_init(|| Policy::new().unwrap()).clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(400), ..ProptestConfig::default() })]

    /// Making a label stricter never admits more recipients.
    ///
    /// One exception stays: where an owner lets data go on to named organisations only, and of two of its labels
    /// one has a list and the other, TLP:CLEAR or GREEN, has none, their joint label has the list.
    #[test]
    fn over_the_network_a_stricter_label_admits_nobody_more((question, onward) in any_question(), one in any_label(), two in any_label()) {
        prop_assume!(onward != Onward::Named || one.release_to.is_some() == two.release_to.is_some());
        let asker = question.asker(&policy());
        let joined = one.join(&two);
        if asker.admits(&joined) {
            prop_assert!(asker.admits(&one), "{:?}", asker.explain(&one));
            prop_assert!(asker.admits(&two), "{:?}", asker.explain(&two));
        }
    }

    #[test]
    fn by_hand_a_stricter_label_admits_nobody_more((question, _) in any_question(), one in any_label(), two in any_label()) {
        let holder = org("ee-police");
        let asker = policy().asker(&Ask::export(&question.recipient, &holder, Some(&"investigation"), now()));
        if asker.admits(&one.join(&two)) {
            prop_assert!(asker.admits(&one) && asker.admits(&two));
        }
    }

    /// The network gives nothing that could not be handed over by hand for one of the agreed purposes.
    #[test]
    fn an_agreement_only_narrows((question, _) in any_question(), label in any_label()) {
        let asker = question.asker(&policy());
        if asker.admits(&label) {
            let (agreement, _) = question.agreement.as_ref().unwrap();
            let by_hand = agreement.flows[0].purposes.iter().any(|purpose| {
                let holder = org("ee-police");
                policy().asker(&Ask::export(&question.recipient, &holder, Some(&purpose.name()), now())).admits(&label)
            });
            prop_assert!(by_hand);
            prop_assert!(agreement.flows[0].covers(label.personal));
        }
    }

    #[test]
    fn answers_and_explanations_agree((question, _) in any_question(), label in any_label()) {
        let asker = question.asker(&policy());
        let verdict = asker.explain(&label);
        prop_assert_eq!(verdict.admitted, asker.admits(&label));
        prop_assert!(!verdict.reasons.is_empty());
        prop_assert!(verdict.reasons.iter().all(|reason| !reason.code.is_empty() && !reason.text.contains('{')), "{:?}", verdict);
        prop_assert!(verdict.reasons.iter().all(|reason| reason.code != "no-rule"), "every refusal has a reason: {:?}", label);
    }

    #[test]
    fn by_hand_for_any_purpose_a_join_never_widens((question, _) in any_question(), one in any_label(), two in any_label(), purpose in option::of(select(vec!["investigation", "prevention"]))) {
        let (policy, holder) = (policy(), org("ee-police"));
        let asker = policy.asker(&Ask::export(&question.recipient, &holder, purpose.as_ref(), now()));
        prop_assert!(!asker.admits(&one.join(&two)) || asker.admits(&one) && asker.admits(&two));
    }

    #[test]
    fn a_further_statement_never_widens_what_had_spoken((question, _) in any_question(), mut one in any_label(), two in any_label()) {
        one.tlp = one.tlp.or(Some(Tlp::Green));
        one.release_to = one.release_to.or(Some(BTreeSet::new()));
        let (policy, holder) = (policy(), org("ee-police"));
        let asker = policy.asker(&Ask::export(&question.recipient, &holder, None, now()));
        prop_assert!(!asker.admits(&one.said(&two.statement())) || asker.admits(&one));
    }
}

#[test]
fn answers_change_when_the_asker_says() {
    let question = Question::finnish();
    let asker = question.asker(&policy());
    let agreement_ends = asker.next_change().unwrap();
    assert_eq!(agreement_ends, at("2029-01-01T00:00:00Z"));
    assert!(!asker.admits(&label(r#""tlp":"red","retain_until":"2027-07-01T00:00:00Z""#)));
    assert_eq!(asker.next_change(), Some(agreement_ends), "what is refused does not open by time");
    assert!(asker.admits(&label(r#""tlp":"green","retain_until":"2027-08-01T00:00:00Z""#)));
    assert_eq!(asker.next_change(), Some(at("2027-08-01T00:00:00.000001Z")));
    let mut later = question;
    later.agreement.as_mut().unwrap().1 = State::NotYet { from: at("2027-07-01T00:00:00Z") };
    assert_eq!(later.asker(&policy()).next_change(), Some(at("2027-07-01T00:00:00Z")));
    let (fi, holder) = (recipient("fi-police", None, &[]), org("ee-police"));
    let asker = policy().asker(&Ask::export(&fi, &holder, None, now()));
    assert!(asker.admits(&label(r#""owner":"fi-police","retain_until":"2027-01-01T00:00:00Z""#)), "its own, by hand");
    assert_eq!(asker.next_change(), None, "what has passed already changes nothing");
}

#[test]
fn an_asker_may_be_sent_and_shared() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Asker>();
    shared::<Policy>();
}
