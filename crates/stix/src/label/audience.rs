use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use serde::Serialize;

use super::{Label, Party, PartyKind, Tlp};

/// An organisation that would receive something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its short name.
    pub name: OrgName,
    /// Its country, ISO 3166-1 alpha-2, when known.
    pub country: Option<String>,
    /// The groups this node counts it to: `community`, `e5`.
    pub groups: BTreeSet<String>,
}

/// Whether a recipient may see something, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it may.
    pub admitted: bool,
    /// What admits it, or everything that stands against it.
    pub reasons: Vec<Reason>,
}

/// One ground of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// A name for programs that does not change: `tlp-red`.
    pub code: &'static str,
    /// The same for people, an English sentence.
    pub text: String,
}

impl Label {
    /// Whether this label lets a recipient see the object for a purpose, as long as no agreement says more.
    ///
    /// In this order: the deny list wins over everything; the owner sees its own; then everything that
    /// stands against the recipient is listed: retention passed, markings nobody here knows, a purpose that
    /// is not among the allowed ones, a handling code or TLP level that asks for naming, the release list.
    /// TLP CLEAR and GREEN admit every organisation the node knows within the release list; AMBER and
    /// no TLP admit those the list names by organisation, group or country; AMBER+STRICT, RED, H2 and H3
    /// admit organisations the list names themselves. PAP and H0, H1 restrict use, not who may see.
    pub fn admits(&self, recipient: &Recipient, purpose: Option<&str>, now: Timestamp) -> Verdict {
        if let Some(party) = self.deny.iter().find(|party| party.covers(recipient)) {
            return refused(vec![reason("denied", format!("The deny list has {party}."))]);
        }
        if recipient.name == self.owner {
            return admitted(reason("owner", format!("{} owns it.", self.owner)));
        }
        let mut against = Vec::new();
        against.extend(self.country_unknown(recipient));
        against.extend(self.against_time(now));
        against.extend(self.against_markings());
        against.extend(self.against_purpose(purpose));
        let listed = self.listed(recipient);
        against.extend(self.against_handling(listed));
        against.extend(self.against_tlp(recipient, listed));
        if !against.is_empty() {
            return refused(against);
        }
        admitted(self.ground(recipient))
    }

    /// A list that denies a country cannot be shown to let through a recipient of unknown country.
    fn country_unknown(&self, recipient: &Recipient) -> Option<Reason> {
        let by_country = self.deny.iter().any(|party| matches!(party.kind(), PartyKind::Country(_)));
        let text = || format!("The deny list names a country, and the country of {} is not known.", recipient.name);
        (by_country && recipient.country.is_none()).then(|| reason("country-unknown", text()))
    }

    fn against_time(&self, now: Timestamp) -> Option<Reason> {
        let end = self.retain_until.filter(|end| now > *end)?;
        Some(reason("retention-passed", format!("It was to be kept until {end}.")))
    }

    fn against_markings(&self) -> Option<Reason> {
        let marking = self.markings.first()?;
        let more = if self.markings.len() > 1 { " and others" } else { "" };
        Some(reason("unknown-marking", format!("The meaning of {marking}{more} is not known here.")))
    }

    fn against_purpose(&self, purpose: Option<&str>) -> Option<Reason> {
        let allowed = self.purposes.as_ref()?;
        match purpose {
            Some(purpose) if allowed.contains(purpose) => None,
            Some(purpose) => Some(reason("purpose", format!("It may not be used for {purpose}."))),
            None => {
                Some(reason("purpose", "It may be used for certain purposes only, and none was stated.".to_owned()))
            }
        }
    }

    fn against_handling(&self, listed: Listed) -> Option<Reason> {
        let code = self.handling.iter().find(|code| code.needs_naming())?;
        let text = || {
            format!(
                "Handling code {code} asks for the owner's consent, and the release list does not name the organisation."
            )
        };
        (listed != Listed::ByName).then(|| reason("handling", text()))
    }

    fn against_tlp(&self, recipient: &Recipient, listed: Listed) -> Option<Reason> {
        let name = &recipient.name;
        let level = match self.tlp {
            None => "No TLP was given".to_owned(),
            Some(tlp) => format!("TLP:{}", tlp.name().to_ascii_uppercase()),
        };
        let unnamed =
            || format!("{level}: only those the owner named may see it, and the release list does not have {name}.");
        let itself = || {
            format!(
                "{level}: only organisations the owner named may see it, and the release list does not name {name} itself."
            )
        };
        match (self.tlp, listed) {
            (_, Listed::ByName)
            | (Some(Tlp::Clear | Tlp::Green), Listed::NoList)
            | (None | Some(Tlp::Clear | Tlp::Green | Tlp::Amber), Listed::ByCountryOrGroup) => None,
            (Some(Tlp::Clear | Tlp::Green), Listed::Not) => {
                Some(reason("not-listed", format!("The release list does not have {name}.")))
            }
            (Some(Tlp::Amber), _) => Some(reason("tlp-amber", unnamed())),
            (Some(Tlp::AmberStrict), _) => Some(reason("tlp-amber-strict", itself())),
            (Some(Tlp::Red), _) => Some(reason("tlp-red", itself())),
            (None, _) => Some(reason("no-tlp", unnamed())),
        }
    }

    fn listed(&self, recipient: &Recipient) -> Listed {
        let Some(list) = &self.release_to else { return Listed::NoList };
        if list.iter().any(|party| party.names(&recipient.name)) {
            Listed::ByName
        } else if list.iter().any(|party| party.covers(recipient)) {
            Listed::ByCountryOrGroup
        } else {
            Listed::Not
        }
    }

    /// What admits a recipient against whom nothing stands.
    fn ground(&self, recipient: &Recipient) -> Reason {
        let list = self.release_to.iter().flatten();
        let by_name = |party: &&Party| party.names(&recipient.name);
        let party = list.clone().find(by_name).or_else(|| list.clone().find(|party| party.covers(recipient)));
        match (party, self.tlp) {
            (Some(party), _) => reason("listed", format!("The release list has {party}.")),
            (None, Some(Tlp::Clear)) => reason("tlp-clear", "TLP:CLEAR may be shown to anyone.".to_owned()),
            (None, _) => reason("tlp-green", "TLP:GREEN may be shown to the community.".to_owned()),
        }
    }
}

/// How the release list has a recipient.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listed {
    /// There is no list.
    NoList,
    /// Not at all.
    Not,
    /// Through its country or a group.
    ByCountryOrGroup,
    /// Itself.
    ByName,
}

fn reason(code: &'static str, text: String) -> Reason {
    Reason { code, text }
}

fn admitted(reason: Reason) -> Verdict {
    Verdict { admitted: true, reasons: vec![reason] }
}

fn refused(reasons: Vec<Reason>) -> Verdict {
    Verdict { admitted: false, reasons }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Label, then the purpose asked for.
    const CASES: &[(&str, Option<&str>)] = &[
        (r#""tlp":"clear""#, None),
        (r#""tlp":"clear","release_to":["group:e5"]"#, None),
        (r#""tlp":"clear","deny":["country:FI","org:lab-north"]"#, None),
        (r#""tlp":"green""#, None),
        (r#""tlp":"green","release_to":["country:FI"]"#, None),
        (r#""tlp":"amber""#, None),
        (r#""tlp":"amber","release_to":["org:lab-north","group:e5","country:FI"]"#, None),
        (r#""tlp":"amber","release_to":["country:FI"],"deny":["org:fi-police"]"#, None),
        (r#""tlp":"amber+strict","release_to":["group:e5"]"#, None),
        (r#""tlp":"amber+strict","release_to":["org:lab-north","country:FI"]"#, None),
        (r#""tlp":"red""#, None),
        (r#""tlp":"red","release_to":["org:fi-police","group:e5"]"#, None),
        ("", None),
        (r#""release_to":["org:lab-north","country:FI"]"#, None),
        (r#""tlp":"green","pap":"red","handling":["H0","H1"]"#, None),
        (r#""tlp":"green","handling":["H2"]"#, None),
        (r#""tlp":"green","handling":["H3"],"release_to":["org:fi-police","country:FI","group:e5"]"#, None),
        (r#""tlp":"green","purposes":["investigation"]"#, None),
        (r#""tlp":"green","purposes":["investigation"]"#, Some("investigation")),
        (r#""tlp":"green","purposes":["investigation"]"#, Some("border-check")),
        (r#""tlp":"clear","retain_until":"2026-11-30T23:59:59.999999Z""#, None),
        (r#""tlp":"clear","retain_until":"2026-10-31T23:59:59.999999Z""#, None),
        (r#""tlp":"clear","markings":["marking-definition--20864905-06a0-47be-a04c-2164af17d635"]"#, None),
        (r#""tlp":"clear","deny":["org:ee-police"]"#, None),
    ];

    fn recipients() -> Vec<Recipient> {
        let make = |name: &str, country: Option<&str>, groups: &[&str]| Recipient {
            name: OrgName::parse(name).unwrap(),
            country: country.map(str::to_owned),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        };
        vec![
            make("ee-police", Some("EE"), &["e5"]),
            make("fi-police", Some("FI"), &["e5"]),
            make("lab-north", Some("SE"), &[]),
            make("lv-police", Some("LV"), &["e5"]),
            make("stranger", None, &[]),
        ]
    }

    fn table() -> String {
        let now = Timestamp::parse("2026-11-15T00:00:00Z").unwrap();
        let mut out = String::from(
            "# Owner ee-police (EE, e5). Written by the test beside audience.rs; run it with COMITY_GOLDEN=write to renew.\n",
        );
        for (members, purpose) in CASES {
            let comma = if members.is_empty() { "" } else { "," };
            let label = Label::from_json(&format!(r#"{{"owner":"ee-police"{comma}{members}}}"#)).unwrap();
            let asked = purpose.map_or(String::new(), |purpose| format!("  for {purpose}"));
            write!(out, "\n{}{asked}\n", label.to_json()).unwrap();
            for recipient in recipients() {
                let verdict = label.admits(&recipient, *purpose, now);
                let mark = if verdict.admitted { "yes" } else { "no " };
                let reasons: Vec<_> =
                    verdict.reasons.iter().map(|reason| format!("{}: {}", reason.code, reason.text)).collect();
                writeln!(out, "  {mark} {:<9} {}", recipient.name, reasons.join(" | ")).unwrap();
            }
        }
        out
    }

    #[test]
    fn the_rule_is_the_one_written_down() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/label/golden/audience.txt");
        let table = table();
        if std::env::var_os("COMITY_GOLDEN").is_some() {
            std::fs::write(path, &table).unwrap();
        }
        let golden = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(table, golden, "the audience of a label has changed; when that is meant, renew {path}");
    }
}
