use comity_base::OrgName;
use comity_stix::label::Party;

use super::{Agreement, AgreementError, Flow, Signatory};

/// Most bytes of an agreement, as text or object: they come from the network.
pub(super) const MOST_BYTES: usize = 256 << 10;

/// Something wrong with a field, before it is known in which text it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) problem: String,
}

impl Wrong {
    pub(super) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl From<Wrong> for AgreementError {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong { line: None, field: wrong.field, problem: wrong.problem }
    }
}

impl Agreement {
    /// What must hold whoever wrote it.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        words("name", &self.name, 200)?;
        for (at, basis) in self.legal_basis.iter().enumerate() {
            words(&format!("legal_basis[{at}]"), basis, 300)?;
        }
        if self.id.kind.as_str() != Self::TYPE {
            return Err(Wrong::new("id", format!("it must begin with {}--", Self::TYPE)));
        }
        if self.modified < self.created {
            return Err(Wrong::new("modified", "it is before created"));
        }
        if self.version == 0 {
            return Err(Wrong::new("version", "versions are counted from 1"));
        }
        parties(&self.parties)?;
        self.check_flows()?;
        if self.valid_until <= self.valid_from {
            return Err(Wrong::new("valid_until", format!("it ends at {} before it begins", self.valid_until)));
        }
        if self.queries.per_hour > self.queries.per_day {
            return Err(Wrong::new("queries.per_hour", "more in an hour than in a day"));
        }
        between("receipts.within_hours", self.receipts.within_hours, 1, 8_760)?;
        self.check_signatures()
    }

    fn check_flows(&self) -> Result<(), Wrong> {
        if self.flows.is_empty() || self.flows.len() > 2 {
            let problem =
                format!("there is one flow for each direction, one or two in all, and here are {}", self.flows.len());
            return Err(Wrong::new("flows", problem));
        }
        for (at, one) in self.flows.iter().enumerate() {
            let field = format!("flows[{at}]");
            for (end, name) in [("from", &one.from), ("to", &one.to)] {
                if self.party(name).is_none() {
                    let parties = list(self.parties.iter().map(|party| &party.name));
                    return Err(Wrong::new(
                        format!("{field}.{end}"),
                        format!("{name} is not a party; the parties are {parties}"),
                    ));
                }
            }
            if one.from == one.to {
                return Err(Wrong::new(format!("{field}.to"), "data goes from one party to the other"));
            }
            if self.flows.iter().take(at).any(|other| other.from == one.from) {
                let problem = format!("a second flow from {} to {}; put both into one", one.from, one.to);
                return Err(Wrong::new(format!("{field}.from"), problem));
            }
            flow(&field, one)?;
        }
        Ok(())
    }

    fn check_signatures(&self) -> Result<(), Wrong> {
        for (at, signature) in self.signatures.iter().enumerate() {
            let field = format!("signatures[{at}].party");
            if self.party(&signature.party).is_none() {
                return Err(Wrong::new(field, format!("{} is not a party", signature.party)));
            }
            if self.signatures.iter().take(at).any(|before| before.party >= signature.party) {
                return Err(Wrong::new(field, "there is one signature a party, sorted by party"));
            }
        }
        Ok(())
    }
}

fn parties(parties: &[Signatory]) -> Result<(), Wrong> {
    let [one, two] = parties else {
        return Err(Wrong::new(
            "parties",
            format!("an agreement has exactly two parties, and here are {}", parties.len()),
        ));
    };
    if one.name == two.name {
        return Err(Wrong::new("parties[1].name", format!("both parties are {}", one.name)));
    }
    if one.key == two.key {
        return Err(Wrong::new("parties[1].key", "both parties have the same key"));
    }
    country("parties[0].country", &one.country)?;
    country("parties[1].country", &two.country)
}

fn flow(field: &str, flow: &Flow) -> Result<(), Wrong> {
    if flow.kinds.is_empty() {
        return Err(Wrong::new(format!("{field}.kinds"), "name at least one kind of data"));
    }
    if flow.purposes.is_empty() {
        return Err(Wrong::new(format!("{field}.purposes"), "name at least one purpose"));
    }
    if flow.countries.as_ref().is_some_and(std::collections::BTreeSet::is_empty) {
        return Err(Wrong::new(format!("{field}.countries"), "name at least one country, or leave it out for any"));
    }
    for code in flow.countries.iter().flatten() {
        country(&format!("{field}.countries"), code)?;
    }
    flow.retention_days.map_or(Ok(()), |days| between(&format!("{field}.retention_days"), days, 1, 36_500))
}

/// A country by its code in capitals, as release lists have them.
fn country(field: &str, code: &str) -> Result<(), Wrong> {
    let known =
        code.len() == 2 && Party::parse(&format!("country:{code}")).is_ok_and(|party| party.as_str().ends_with(code));
    if known {
        Ok(())
    } else {
        Err(Wrong::new(field, format!("{code:?} is not a country; use two capital letters of ISO 3166-1, like EE")))
    }
}

fn between(field: &str, number: u32, least: u32, most: u32) -> Result<(), Wrong> {
    if (least..=most).contains(&number) {
        Ok(())
    } else {
        Err(Wrong::new(field, format!("{number} is not from {least} to {most}")))
    }
}

/// A text for people: something, not too long, without characters that could hide what it says.
pub(super) fn words(field: &str, text: &str, most: usize) -> Result<(), Wrong> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if text.trim().is_empty() || text.chars().count() > most {
        return Err(Wrong::new(field, format!("it has 1 to {most} characters")));
    }
    if text.contains(hidden) {
        return Err(Wrong::new(field, "it has characters that cannot be seen"));
    }
    Ok(())
}

fn list<'n>(names: impl Iterator<Item = &'n OrgName>) -> String {
    names.map(OrgName::as_str).collect::<Vec<_>>().join(" and ")
}
