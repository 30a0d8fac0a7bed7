use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use comity_base::OrgName;
use comity_stix::Label;
use comity_stix::label::{Clearance, Need};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::access::facts::Reasoned;

fn with(roles: impl IntoIterator<Item = Role>) -> Authority {
    Authority { active: true, roles: roles.into_iter().collect(), ..Authority::nobody() }
}

fn asking(authority: &Authority, act: Act) -> Asking<'_> {
    Asking {
        account: "mari",
        authority,
        act,
        about: About::default(),
        purpose: Reasoned::Investigation,
        case_missing: false,
        reason_missing: false,
    }
}

fn access() -> Access {
    Access::shared().unwrap()
}

/// What must never be read by whoever only runs the machine: content, and what people asked.
const CONTENT: &[Act] = &[
    Act::Look,
    Act::Show,
    Act::Search,
    Act::Notices,
    Act::ReviewNotices,
    Act::Hits,
    Act::DecideHits,
    Act::Batches,
    Act::Export,
    Act::Audience,
    Act::Deliveries,
    Act::Audit,
    Act::Statement,
    Act::RetentionPlan,
    Act::Rights,
];

/// Every role with every act, as people read it.
#[test]
fn roles_and_acts() {
    let mut text = String::from(
        "What each role alone may do. D: for the purpose data-protection only. O: about its own only.\n\n",
    );
    let roles = Role::ALL;
    for act in Act::ALL {
        write!(text, "{:<15}", act.name()).unwrap();
        for role in roles {
            let mut authority = with([*role]);
            if *role == Role::Service {
                authority.means = Means::Key;
                authority.scope = Some(Act::ALL.iter().copied().collect());
            }
            let plain = asking(&authority, *act);
            let data_protection = Asking { purpose: Reasoned::DataProtection, ..plain };
            let own = Asking { about: About { own: true, alone: false }, ..plain };
            let may = |asking: &Asking<'_>| access().may(asking).is_ok();
            let cell = match (may(&plain), may(&data_protection), may(&own)) {
                (true, true, true) => "yes",
                (true, true, false) => "yes*",
                (false, true, _) => "D",
                (false, false, true) => "O",
                (false, false, false) => "-",
                other => panic!("{other:?} of {role:?} and {act:?}"),
            };
            write!(text, " {cell:<5}").unwrap();
        }
        text = text.trim_end().to_owned() + "\n";
    }
    let heads: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    writeln!(text, "\ncolumns: {}\nyes*: but not to themselves or to an account they added", heads.join(", ")).unwrap();
    crate::golden("access/golden/roles.txt", &text);
}

#[test]
fn refusals_say_why() {
    let mut key = with([Role::Service]);
    key.means = Means::Key;
    key.scope = Some([Act::Look].into());
    let analyst = with([Role::Analyst]);
    let operator = with([Role::Operator]);
    let gone = Authority { active: false, ..with([Role::Supervisor]) };
    let cases = [
        ("an analyst signs", asking(&analyst, Act::Sign)),
        ("an operator looks", asking(&operator, Act::Look)),
        ("nobody looks", asking(&gone, Act::Look)),
        ("a key shows", asking(&key, Act::Show)),
        ("no case", Asking { case_missing: true, purpose: Reasoned::Prosecution, ..asking(&analyst, Act::Look) }),
        (
            "no reason",
            Asking { reason_missing: true, purpose: Reasoned::DataProtection, ..asking(&analyst, Act::Show) },
        ),
    ];
    let supervisor = with([Role::Supervisor]);
    let own = Asking { about: About { own: true, alone: false }, ..asking(&supervisor, Act::Grant) };
    let mut text = String::new();
    for (title, asking) in cases.iter().copied().chain([("a supervisor raises themselves", own)]) {
        let denied = access().may(&asking).unwrap_err();
        let codes: Vec<&str> = denied.reasons.iter().map(|reason| reason.code.as_str()).collect();
        writeln!(text, "{title}\n  {}: {denied}", codes.join(", ")).unwrap();
    }
    assert!(access().may(&Asking { about: About { own: true, alone: true }, ..own }).is_ok(), "a bureau of one");
    crate::golden("access/golden/refusals.txt", &text);
}

/// Every rule decides something; none is there for nothing.
#[test]
fn every_rule_is_met() {
    let mut met: BTreeSet<String> = BTreeSet::new();
    for authority in authorities() {
        for act in Act::ALL {
            for purpose in &[Reasoned::Investigation, Reasoned::DataProtection] {
                for bits in [0_u8, 1, 4, 8] {
                    let about = About { own: bits & 1 != 0, alone: bits & 2 != 0 };
                    let (case_missing, reason_missing) = (bits & 4 != 0, bits & 8 != 0);
                    let plain = asking(&authority, *act);
                    let asking = Asking { about, purpose: *purpose, case_missing, reason_missing, ..plain };
                    met.extend(access().deciding(&asking));
                }
            }
        }
    }
    let all: BTreeSet<String> = access().codes().map(str::to_owned).collect();
    assert_eq!(met, all);
}

fn authorities() -> Vec<Authority> {
    let mut all: Vec<Authority> = Role::ALL.iter().map(|role| with([*role])).collect();
    all.push(Authority::nobody());
    all.push(Authority { means: Means::Key, scope: Some([Act::Look].into()), ..with([Role::Service]) });
    all
}

fn label(needs: &[&str]) -> Label {
    let mut label = Label::defaults(OrgName::parse("ee").unwrap());
    label.need = needs.iter().map(|need| Need::parse(need).unwrap()).collect();
    label
}

/// Clearance, unit and case are asked for one by one, and all of them.
#[test]
fn whoever_lacks_anything_sees_nothing() {
    let mut mari = with([Role::Analyst]);
    mari.clearance = Clearance::Confidential;
    mari.units = ["cyber".to_owned()].into();
    mari.cases = ["2041".to_owned()].into();
    let sees: BTreeMap<&str, bool> = [
        ("", true),
        ("level:restricted", true),
        ("level:confidential", true),
        ("level:secret", false),
        ("unit:cyber", true),
        ("unit:fraud", false),
        ("case:2041", true),
        ("case:2042", false),
        ("level:restricted unit:cyber case:2041", true),
        ("level:restricted unit:cyber case:2042", false),
        ("unit:cyber unit:fraud", false),
    ]
    .into();
    for (needs, expected) in sees {
        let needs: Vec<&str> = needs.split_whitespace().collect();
        assert_eq!(mari.meets(&label(&needs)), expected, "{needs:?}");
        assert!(Authority::node().meets(&label(&needs)));
    }
    let secret = label(&["level:secret", "unit:cyber"]);
    let lacks: Vec<String> = mari.lacks(&secret).map(ToString::to_string).collect();
    assert_eq!(lacks, ["level:secret"]);
    assert!(!with(Role::OF_PEOPLE.iter().copied()).meets(&label(&["case:1"])), "no role replaces the need to know");
}

fn roles() -> impl Strategy<Value = Roles> {
    proptest::collection::vec(select(Role::OF_PEOPLE.to_vec()), 0..7).prop_map(Roles::from_iter)
}

proptest! {
    /// More roles never take anything away, and what several may together one of them may alone.
    #[test]
    fn roles_only_add(roles in roles(), act in select(Act::ALL.to_vec()), own: bool) {
        let about = About { own, alone: false };
        let all = with(roles.iter());
        let together = access().may(&Asking { about, ..asking(&all, act) }).is_ok();
        let each = roles.iter().any(|role| access().may(&Asking { about, ..asking(&with([role]), act) }).is_ok());
        let none = access().may(&Asking { about, ..asking(&with([]), act) }).is_ok();
        prop_assert_eq!(together, each || none);
    }

    /// Whoever only runs the machine reads nothing, whatever they say they want it for.
    #[test]
    fn an_operator_reads_nothing(
        act in select(CONTENT.to_vec()),
        purpose in select(Reasoned::ALL.to_vec()),
        means in select(vec![Means::System, Means::Password, Means::Passkey, Means::Provider, Means::Key]),
        alone: bool,
    ) {
        let operator = Authority { means, ..with([Role::Operator]) };
        let about = About { own: false, alone };
        let answer = access().may(&Asking { about, purpose, ..asking(&operator, act) });
        prop_assert!(answer.is_err());
    }

    /// Without a role, or when an account is no longer active, nothing is allowed but to see one's own doings.
    #[test]
    fn nothing_is_allowed_by_default(act in select(Act::ALL.to_vec()), roles in roles()) {
        prop_assert!(access().may(&asking(&with([]), act)).is_err());
        let gone = Authority { active: false, ..with(roles.iter()) };
        let about = About { own: true, alone: true };
        let answer = access().may(&Asking { about, ..asking(&gone, act) });
        prop_assert!(answer.is_err());
    }

    /// A key never changes rights, agreements or who is connected, whoever's it is.
    #[test]
    fn a_key_changes_no_rights(roles in roles(), act in select(vec![
        Act::Grant, Act::AccountChange, Act::Keys, Act::Sign, Act::Propose, Act::Suspend, Act::Invite, Act::Tools,
    ])) {
        let scope = Some(Act::ALL.iter().copied().collect());
        let key = Authority { means: Means::Key, scope, ..with(roles.iter().chain([Role::Service])) };
        let about = About { own: true, alone: true };
        let answer = access().may(&Asking { about, ..asking(&key, act) });
        prop_assert!(answer.is_err());
    }
}
