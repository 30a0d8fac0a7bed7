use std::collections::BTreeSet;

use comity_stix::label::Pap;

use super::explain::{and, countries, handling, of_kind, pap, purposes, tlp};
use super::{Agreement, Flow};

impl Agreement {
    /// What this version changes against an older one, in plain English sentences; none when nothing.
    pub fn changes_from(&self, old: &Self) -> Vec<String> {
        let mut out = Vec::new();
        let mut say = |holds: bool, sentence: String| out.extend(holds.then_some(sentence));
        say(self.version != old.version, format!("Version {} becomes version {}.", old.version, self.version));
        say(self.name != old.name, format!("It is now called {:?} instead of {:?}.", self.name, old.name));
        let basis = |agreement: &Self| match agreement.legal_basis.as_slice() {
            [] => "nothing that is named".to_owned(),
            basis => basis.join("; "),
        };
        say(self.legal_basis != old.legal_basis, format!("It now rests on {} instead of {}.", basis(self), basis(old)));
        say(
            self.valid_from != old.valid_from,
            format!("It begins on {} instead of {}.", self.valid_from, old.valid_from),
        );
        say(
            self.valid_until != old.valid_until,
            format!("It ends on {} instead of {}.", self.valid_until, old.valid_until),
        );
        self.parties_from(old, &mut out);
        self.flows_from(old, &mut out);
        let mut say =
            |holds: bool, before: String, now: String| out.extend(holds.then(|| format!("{now} Before: {before}")));
        say(self.queries != old.queries, old.queries(), self.queries());
        say(self.receipts != old.receipts, old.receipts(), self.receipts());
        out
    }

    fn parties_from(&self, old: &Self, out: &mut Vec<String>) {
        let names =
            |agreement: &Self| agreement.parties.iter().map(|party| party.name.clone()).collect::<BTreeSet<_>>();
        if names(self) != names(old) {
            out.push(format!("The parties are now {} instead of {}.", self.between(), old.between()));
            return;
        }
        for party in &self.parties {
            let Some(before) = old.party(&party.name) else { continue };
            if party.country != before.country {
                out.push(format!("{} is now in {} instead of {}.", party.name, party.country, before.country));
            }
            if party.key != before.key {
                let (new, gone) = (party.key.fingerprint(), before.key.fingerprint());
                out.push(format!("{} signs with another key: {new} instead of {gone}.", party.name));
            }
        }
    }

    fn flows_from(&self, old: &Self, out: &mut Vec<String>) {
        for flow in &self.flows {
            match old.flow(&flow.from, &flow.to) {
                Some(before) => flow.changes_from(before, out),
                None => out.push(format!(
                    "{} may now give {} data, which it could not before: {}.",
                    flow.from,
                    flow.to,
                    and(flow.kinds.iter().map(|kind| of_kind(*kind)))
                )),
            }
        }
        for gone in old.flows.iter().filter(|gone| self.flow(&gone.from, &gone.to).is_none()) {
            out.push(format!("{} may no longer give {} anything.", gone.from, gone.to));
        }
    }
}

impl Flow {
    fn changes_from(&self, old: &Self, out: &mut Vec<String>) {
        let way = format!("From {} to {}", self.from, self.to);
        for kind in self.kinds.difference(&old.kinds) {
            out.push(format!("{way}: {} may now go.", of_kind(*kind)));
        }
        for kind in old.kinds.difference(&self.kinds) {
            out.push(format!("{way}: {} may no longer go.", of_kind(*kind)));
        }
        let change = |what: &str, old: String, new: String| format!("{way}: {what} {new} instead of {old}.");
        if self.purposes != old.purposes {
            out.push(change("it may be used for", purposes(&old.purposes), purposes(&self.purposes)));
        }
        if self.tlp != old.tlp {
            let verb = if self.tlp > old.tlp { "rises" } else { "falls" };
            out.push(format!("{way}: the most that may be shared {verb} from {} to {}.", tlp(old.tlp), tlp(self.tlp)));
        }
        if self.pap != old.pap {
            // No limit is the highest.
            let rank = |level: Option<Pap>| (level.is_none(), level);
            let verb = if rank(self.pap) > rank(old.pap) { "rises" } else { "falls" };
            let named = |level: Option<Pap>| level.map_or("any PAP".to_owned(), pap);
            out.push(format!(
                "{way}: the most that may be shared {verb} from {} to {}.",
                named(old.pap),
                named(self.pap)
            ));
        }
        let mut say = |holds: bool, now: String, before: String| {
            out.extend(holds.then(|| format!("{way}: {now} Before: {before}")));
        };
        say(self.handling != old.handling, handling(&self.handling), handling(&old.handling));
        say(self.countries != old.countries, countries(self.countries.as_ref()), countries(old.countries.as_ref()));
        say(self.onward != old.onward, self.onward_sentence(), old.onward_sentence());
        say(self.retention_days != old.retention_days, self.retention_sentence(), old.retention_sentence());
    }
}
