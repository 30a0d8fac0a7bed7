use std::collections::BTreeSet;

use comity_stix::label::{Handling, Pap, Tlp};

use super::{Agreement, DataKind, Flow, Onward, Purpose};

impl Agreement {
    /// What it says, in plain English sentences, one a line.
    pub fn explain(&self) -> String {
        let mut out = vec![
            format!("{:?}, version {}, is an agreement between {}.", self.name, self.version, self.between()),
            format!("It counts from {} up to and including {}.", self.valid_from, self.valid_until),
        ];
        if !self.legal_basis.is_empty() {
            out.push(format!("It rests on {}.", self.legal_basis.join("; ")));
        }
        for flow in &self.flows {
            out.push(String::new());
            out.extend(flow.explain());
        }
        out.push(String::new());
        if let [one] = self.flows.as_slice() {
            out.push(format!("Nothing goes from {} to {}.", one.to, one.from));
        }
        out.push(self.queries());
        out.push(self.receipts());
        out.push("Either party alone may suspend it at once, and only who suspended it lifts that.".to_owned());
        out.push("It opens nothing that the label of an object keeps back.".to_owned());
        out.push(self.signed());
        out.join("\n") + "\n"
    }

    pub(super) fn between(&self) -> String {
        let party = |party: &super::Signatory| format!("{} ({})", party.name, party.country);
        and(self.parties.iter().map(party))
    }

    pub(super) fn queries(&self) -> String {
        match (self.queries.per_day, self.queries.per_hour) {
            (0, _) | (_, 0) => "Neither may send queries to the other.".to_owned(),
            (day, hour) => {
                format!("Each may ask the other at most {hour} times in an hour and {day} times in 24 hours.")
            }
        }
    }

    pub(super) fn receipts(&self) -> String {
        let hours = self.receipts.within_hours;
        let overdue = if self.receipts.suspend_queries_when_overdue {
            "; the queries of a party whose receipt is overdue are not answered"
        } else {
            ""
        };
        format!("A correction or recall is answered with a signed receipt within {hours} hours{overdue}.")
    }

    fn signed(&self) -> String {
        if self.signatures.is_empty() {
            return "It carries no signature.".to_owned();
        }
        let names = and(self.signatures.iter().map(|signature| signature.party.to_string()));
        format!("It carries the signature of {names}; whether it verifies is not said here.")
    }
}

impl Flow {
    fn explain(&self) -> Vec<String> {
        let (from, to) = (&self.from, &self.to);
        let mut out = vec![format!("{from} may give {to}:")];
        out.extend(self.kinds.iter().map(|kind| format!("  - {}", of_kind(*kind))));
        out.push(format!("Only for {}.", purposes(&self.purposes)));
        out.push(format!(
            "At most {}.",
            [Some(tlp(self.tlp)), self.pap.map(pap)].into_iter().flatten().collect::<Vec<_>>().join(" and ")
        ));
        out.push(handling(&self.handling));
        out.push(countries(self.countries.as_ref()));
        out.push(self.onward_sentence());
        out.push(self.retention_sentence());
        out
    }

    pub(super) fn onward_sentence(&self) -> String {
        let (from, to) = (&self.from, &self.to);
        match self.onward {
            Onward::No => format!("{to} passes what {from} owns on to nobody."),
            Onward::Named => {
                format!("{to} passes what {from} owns on only to organisations that its release list names.")
            }
            Onward::Label => format!("{to} passes what {from} owns on to whom its label admits."),
        }
    }

    pub(super) fn retention_sentence(&self) -> String {
        let to = &self.to;
        match self.retention_days {
            Some(days) => format!("{to} deletes it after {days} days, or earlier where its label says so."),
            None => format!("{to} keeps it as long as its label says."),
        }
    }
}

pub(crate) fn of_kind(kind: DataKind) -> String {
    match kind {
        DataKind::Threat => kind.title().to_owned(),
        DataKind::Personal(category) => format!("data about {}", category.title()),
    }
}

pub(crate) fn purposes(purposes: &BTreeSet<Purpose>) -> String {
    and(purposes.iter().map(|purpose| purpose.name().to_owned()))
}

pub(crate) fn tlp(level: Tlp) -> String {
    level.marked().to_owned()
}

pub(crate) fn pap(level: Pap) -> String {
    level.marked().to_owned()
}

pub(super) fn handling(codes: &BTreeSet<Handling>) -> String {
    if codes.is_empty() {
        return "Nothing that has a handling code.".to_owned();
    }
    let codes = and(codes.iter().map(|code| code.name().to_owned()));
    format!("Without a handling code, or with {codes}; with another code it is not given.")
}

pub(super) fn countries(countries: Option<&BTreeSet<String>>) -> String {
    match countries {
        None => "Whatever the country of the data's owner.".to_owned(),
        Some(countries) => format!("Only data of owners in {}.", and(countries.iter().cloned())),
    }
}

/// `a, b and c`.
pub(crate) fn and(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
