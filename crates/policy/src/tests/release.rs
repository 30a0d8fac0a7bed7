use std::collections::BTreeSet;
use std::fmt::Write as _;

use comity_stix::label::{Pap, Tlp};

use super::*;
use crate::{DataKind, Onward};

struct Case {
    title: &'static str,
    label: &'static str,
    question: Question,
}

fn case(title: &'static str, label: &'static str) -> Case {
    Case { title, label, question: Question::finnish() }
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut Question)) -> Self {
        change(&mut self.question);
        self
    }

    fn agreed(self, change: impl FnOnce(&mut Agreement)) -> Self {
        self.with(|question| change(&mut question.agreement.as_mut().unwrap().0))
    }

    fn in_state(self, state: State) -> Self {
        self.with(|question| question.agreement.as_mut().unwrap().1 = state)
    }

    fn granted(self, kind: OrgKind, country: Option<&'static str>, onward: Onward) -> Self {
        self.with(|question| {
            question.grants = grants(move |_| OwnerGrant { kind, country: country.map(str::to_owned), onward });
        })
    }

    fn for_partner(self) -> Self {
        self.with(|question| *question = Question::partner())
    }

    fn for_owner(self) -> Self {
        self.granted(OrgKind::Member, Some("FI"), Onward::No)
    }
}

fn without_threat(agreement: &mut Agreement) {
    agreement.flows[0].kinds.retain(|kind| *kind != DataKind::Threat);
}

const SWEDISH: &str = r#""owner":"se-police","tlp":"green""#;
const SWEDISH_NAMED: &str = r#""owner":"se-police","tlp":"green","release_to":["org:fi-police"]"#;

fn of_the_label() -> Vec<Case> {
    vec![
        case("The agreement and the label both let it go", r#""tlp":"green""#),
        case("TLP:CLEAR", r#""tlp":"clear""#),
        case(
            "Not everybody within the organisation may see it",
            r#""tlp":"clear","need":["case:2041","level:secret"]"#,
        ),
        case(
            "Not everybody within may see it, and somebody named them",
            r#""tlp":"clear","need":["case:2041"],"release_to":["org:fi-police"]"#,
        ),
        case(
            "Listed by name, personal data of every kind that is named",
            r#""tlp":"amber+strict","release_to":["org:fi-police"],"personal":["suspect","account"]"#,
        ),
        case("Listed by country", r#""tlp":"amber","release_to":["country:FI"]"#),
        case("An agreement does not open TLP:AMBER without a list", r#""tlp":"amber""#),
        case("nor TLP:AMBER+STRICT", r#""tlp":"amber+strict","release_to":["country:FI"]"#),
        case("nor TLP:RED", r#""tlp":"red","release_to":["group:e5"]"#)
            .agreed(|agreement| agreement.flows[0].tlp = Tlp::Red),
        case("nor what says nothing", ""),
        case("nor a handling code that asks for naming", r#""tlp":"green","handling":["H2"]"#),
        case("nor the deny list, and then nothing else is said", r#""tlp":"red","deny":["group:e5"]"#),
        case("nor a deny list that may mean the recipient", r#""tlp":"green","deny":["country:RU"]"#)
            .with(|question| question.recipient.country = None),
        case("nor a release list", r#""tlp":"green","release_to":["org:lv-police"]"#),
        case(
            "nor a marking nobody here knows",
            r#""tlp":"green","markings":["marking-definition--20864905-06a0-47be-a04c-2164af17d635"]"#,
        ),
        case("A label that allows one of the agreed purposes", r#""tlp":"green","purposes":["prevention"]"#),
        case("A label that allows none of them", r#""tlp":"green","purposes":["protection"]"#),
        case("Kept until a moment that is to come", r#""tlp":"green","retain_until":"2027-06-15T00:00:00Z""#),
        case("Kept until a moment that has passed", r#""tlp":"green","retain_until":"2027-06-14T23:59:59Z""#),
        case("The recipient's own data comes back to it", r#""owner":"fi-police","tlp":"red""#).for_owner().agreed(
            |agreement| {
                agreement.flows[0].tlp = Tlp::Red;
                agreement.flows[0].countries = None;
            },
        ),
        case(
            "The recipient's own data, to be deleted",
            r#""owner":"fi-police","tlp":"green","retain_until":"2027-01-01T00:00:00Z""#,
        )
        .for_owner()
        .agreed(|agreement| agreement.flows[0].countries = None),
    ]
}

fn of_the_recipient() -> Vec<Case> {
    let green = r#""tlp":"green""#;
    vec![
        case("The recipient is suspended here", green).with(|question| question.standing.status = OrgStatus::Suspended),
        case("Nobody knows whether it takes part", green)
            .with(|question| question.standing.status = OrgStatus::Unknown),
        case("Nobody knows what it is", green).with(|question| question.standing.kind = OrgKind::Unknown),
        case("A hub takes part as others do", green).with(|question| question.standing.kind = OrgKind::Hub),
    ]
}

fn of_the_agreement() -> Vec<Case> {
    let green = r#""tlp":"green""#;
    let fi = || org("fi-police");
    vec![
        case("There is no agreement", green).with(|question| question.agreement = None),
        case("It lets nothing go this way", green).agreed(|agreement| drop(agreement.flows.remove(0))),
        case("Nobody signed it", green).in_state(State::Draft),
        case("One party signed it", green).in_state(State::Proposed { by: fi() }),
        case("Its time has not come", green).in_state(State::NotYet { from: at("2028-01-01T00:00:00Z") }),
        case("A party suspended it", green).in_state(State::Suspended {
            by: fi(),
            since: at("2027-06-01T00:00:00Z"),
            reason: "Receipts are overdue.".into(),
            until: None,
        }),
        case("Its time has passed", green).in_state(State::Ended { at: at("2027-01-31T23:59:59Z") }),
        case("It does not name victims", r#""tlp":"green","personal":["victim","account"]"#),
        case("It does not name technical data", green).agreed(without_threat),
        case("nor such as came along with personal data", r#""tlp":"green","personal":["account","threat"]"#)
            .agreed(without_threat),
        case("but personal data alone then goes", r#""tlp":"green","personal":["account"]"#).agreed(without_threat),
        case("Asked for what is not agreed", r#""tlp":"green","purposes":["prosecution"]"#)
            .with(|question| question.purposes = vec!["prosecution"]),
        case("Asked for one of what is agreed", r#""tlp":"green","purposes":["investigation"]"#)
            .with(|question| question.purposes = vec!["investigation"]),
        case("Asked for one, and the label allows another", r#""tlp":"green","purposes":["investigation"]"#)
            .with(|question| question.purposes = vec!["prevention"]),
        case("More closed than is agreed", r#""tlp":"red","release_to":["org:fi-police"]"#),
        case("No TLP counts as amber", r#""release_to":["org:fi-police"]"#)
            .agreed(|agreement| agreement.flows[0].tlp = Tlp::Green),
        case("A closer PAP than is agreed", r#""tlp":"green","pap":"red""#),
        case("Any PAP is agreed", r#""tlp":"green","pap":"red""#).agreed(|agreement| agreement.flows[0].pap = None),
        case("Within the PAP agreed", r#""tlp":"green","pap":"green""#)
            .agreed(|agreement| agreement.flows[0].pap = Some(Pap::Green)),
        case(
            "Handling codes that are accepted",
            r#""tlp":"green","handling":["H0","H1","H2"],"release_to":["org:fi-police"]"#,
        ),
        case("One that is not", r#""tlp":"green","handling":["H1","H3"],"release_to":["org:fi-police"]"#),
        case("An owner in another country than agreed", SWEDISH).granted(OrgKind::Member, Some("SE"), Onward::Label),
        case("An owner whose country is not known", SWEDISH).granted(OrgKind::Member, None, Onward::Label),
        case("Several things at once", r#""tlp":"red","pap":"red","handling":["H3"],"personal":["victim"]"#),
    ]
}

fn of_personal_data() -> Vec<Case> {
    let unnamed = r#""tlp":"green","personal":["victim"]"#;
    let of_lab = r#""owner":"lab-north","tlp":"green","personal":["victim"]"#;
    vec![
        case("A partner is given technical data", r#""tlp":"green""#).for_partner(),
        case(
            "A partner is given personal data whose categories are all named",
            r#""tlp":"green","personal":["suspect","account"]"#,
        )
        .for_partner(),
        case("but not a category that is not named", unnamed).for_partner(),
        case("nor when the agreement is not in force", unnamed).for_partner().in_state(State::Draft),
        case(
            "A partner's data from another partner is no police data",
            r#""owner":"lab-south","tlp":"green","personal":["victim"]"#,
        )
        .for_partner()
        .granted(OrgKind::Partner, Some("EE"), Onward::Label)
        .with(|question| question.holder_kind = OrgKind::Partner),
        case("Its own data comes back to a partner only as agreed", of_lab).for_partner().granted(
            OrgKind::Partner,
            Some("EE"),
            Onward::No,
        ),
    ]
}

fn of_others_data() -> Vec<Case> {
    let any = |agreement: &mut Agreement| agreement.flows[0].countries = None;
    let member = |case: Case, onward| case.granted(OrgKind::Member, Some("SE"), onward).agreed(any);
    vec![
        member(case("Its owner lets nothing be passed on", SWEDISH_NAMED), Onward::No),
        member(case("Its owner lets it go to those named, and this is one", SWEDISH_NAMED), Onward::Named),
        member(case("and this is none", SWEDISH), Onward::Named),
        member(case("Its owner lets it go as the label says", SWEDISH), Onward::Label),
        case("Nobody knows its owner", SWEDISH).agreed(any),
        case(
            "Made from data of two owners",
            r#""owner":"ee-police","tlp":"green","deny":["org:ee-police","org:se-police"]"#,
        ),
    ]
}

#[test]
fn over_the_network_the_rules_are_the_ones_written_down() {
    let policy = Policy::new().unwrap();
    let mut out = String::from(
        "# At a node of ee-police (EE), a member, on 2027-06-15, under examples/agreement.toml or a change of it.\n\
         # Written by tests/release.rs; run it with COMITY_GOLDEN=write to renew.\n",
    );
    let parts: [(&str, Vec<Case>); 5] = [
        ("What the label says", of_the_label()),
        ("Who the recipient is", of_the_recipient()),
        ("What the agreement says", of_the_agreement()),
        ("Personal data and partners", of_personal_data()),
        ("Data of others", of_others_data()),
    ];
    let mut said = BTreeSet::new();
    for (title, cases) in parts {
        write!(out, "\n== {title}\n").unwrap();
        for case in cases {
            let asker = case.question.asker(&policy);
            let label = label(case.label);
            let verdict = asker.explain(&label);
            assert_eq!(verdict.admitted, asker.admits(&label));
            said.extend(verdict.reasons.iter().map(|reason| reason.code.clone()));
            let (mark, name) = (if verdict.admitted { "yes" } else { "no" }, &case.question.recipient.name);
            write!(out, "\n{}\n  {} -> {name}\n", case.title, label.to_json()).unwrap();
            writeln!(out, "  {mark:<3} {}", lines(&verdict).join("\n      ")).unwrap();
        }
    }
    crate::golden("tests/golden/release.txt", &out);
    // `purpose` without a stated purpose cannot arise here: the agreement always states some.
    let unsaid: Vec<&str> = policy.codes().filter(|code| !said.contains(*code)).collect();
    assert_eq!(unsaid, Vec::<&str>::new(), "every rule is shown at work");
}
