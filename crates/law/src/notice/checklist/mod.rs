//! What a draft must say, by its colour.

mod others;
mod red;
#[cfg(test)]
pub(crate) mod tests;

pub use red::{LEAST_MAXIMUM_MONTHS, LEAST_SENTENCE_MONTHS};
use serde::Serialize;

use super::facts::said;
use super::{Colour, Extract, Facts};
use crate::reason::Given;
use crate::words::words;
use crate::{Reason, Rule, Source, source};

words! {
    /// Whether a demand is met.
    ItemState {
        /// It is met.
        Met "met",
        /// It is not met, and must be.
        Missing "missing",
        /// It need not be met here.
        NotNeeded "not-needed",
    }
}

words! {
    /// What an item belongs to; pages show the items group by group.
    Group {
        /// Whether it may be about this person at all, and what care they need.
        Person "person",
        /// Who the person is.
        Identity "identity",
        /// The case.
        Case "case",
        /// The warrant.
        Warrant "warrant",
        /// The penalty or sentence.
        Penalty "penalty",
        /// The assurances about extradition.
        Assurances "assurances",
        /// The event, the place.
        Event "event",
        /// The threat.
        Threat "threat",
        /// The method.
        Method "method",
        /// The assets.
        Assets "assets",
        /// The list of the United Nations.
        Listing "listing",
        /// What the public is shown.
        Publication "publication",
    }
}

/// One demand, and whether it is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it belongs to.
    pub group: Group,
    /// Whether it is met.
    pub state: ItemState,
    /// The demand: code, sentence, source and whether that is verified.
    pub demand: Reason,
}

/// Everything a draft of one colour must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checklist {
    /// The colour.
    pub colour: Colour,
    /// The demands, group by group.
    pub items: Vec<Item>,
}

impl Checklist {
    /// The checklist of a draft.
    pub fn of(colour: Colour, facts: &Facts) -> Self {
        let mut list = Self { colour, items: Vec::new() };
        list.person(facts);
        match colour {
            Colour::Red => list.red(facts),
            Colour::Blue => list.blue(facts),
            Colour::Green => list.green(facts),
            Colour::Yellow => list.yellow(facts),
            Colour::Black => list.black(facts),
            Colour::Orange => list.orange(facts),
            Colour::Purple => list.purple(facts),
            Colour::Silver => list.silver(facts),
            Colour::UnitedNations => list.united_nations(facts),
        }
        list.publication(facts);
        list
    }

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// What is missing.
    pub fn missing(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.state == ItemState::Missing)
    }

    /// Whether what is said is not serious enough; what is not said is missing instead.
    pub fn is_below_threshold(&self) -> bool {
        self.missing().any(|item| red::THRESHOLDS.iter().any(|rule| rule.code == item.demand.code))
    }

    fn person(&mut self, facts: &Facts) {
        let subjects = self.colour.law().subjects;
        let given = vec![
            ("status", facts.status.iter().map(ToString::to_string).collect()),
            ("colour", vec![self.colour.to_string()]),
            ("allowed", subjects.iter().map(ToString::to_string).collect()),
        ];
        let fits = facts.status.is_some_and(|status| self.colour.may_be_about(status));
        let rule = Rule { source: self.colour.law().source, ..STATUS };
        self.put(Group::Person, &rule, if_needed(!subjects.is_empty(), fits), given);
        let living = !subjects.is_empty() && self.colour != Colour::Black;
        self.put(Group::Person, &MINOR, if_needed(living, facts.minor.is_some()), Given::new());
    }

    fn publication(&mut self, facts: &Facts) {
        let wished = facts.public_extract == Some(true);
        let never = self.colour.law().extract == Extract::Never;
        self.put(
            Group::Publication,
            &EXTRACT,
            if_needed(wished && never, false),
            vec![("colour", vec![self.colour.to_string()])],
        );
    }

    /// A colour that must be about somebody who can be recognised, by whatever there is.
    fn recognisable(&mut self, facts: &Facts) {
        let who = &facts.identity;
        let met = [&who.family_name, &who.forename, &who.description, &who.other_identifier]
            .into_iter()
            .any(|text| said(text.as_ref()))
            || who.photo.is_some()
            || who.has_document()
            || who.has_biometrics();
        self.need(Group::Identity, &RECOGNISABLE, met);
    }

    fn need(&mut self, group: Group, rule: &Rule, met: bool) {
        self.put(group, rule, if_needed(true, met), Given::new());
    }

    fn put(&mut self, group: Group, rule: &Rule, state: ItemState, given: Given) {
        self.items.push(Item { group, state, demand: rule.with(given) });
    }
}

const fn if_needed(needed: bool, met: bool) -> ItemState {
    match (needed, met) {
        (false, _) => ItemState::NotNeeded,
        (true, true) => ItemState::Met,
        (true, false) => ItemState::Missing,
    }
}

const STATUS: Rule = Rule::new(
    "status-fits",
    "A {colour} notice may be about a person who is: {allowed}. This person is: {status}.",
    Source::house(),
);
const MINOR: Rule = Rule::new(
    "minor-said",
    "It must be said whether the person is a minor, who need particular care.",
    Source::unverified("RPD Art. 40-42", source::RPD),
);
const RECOGNISABLE: Rule = Rule::new(
    "person-recognisable",
    "There must be something by which the person can be recognised: a name, a document, a photograph, fingerprints, DNA \
     or a description.",
    Source::house(),
);
const EXTRACT: Rule = Rule::new(
    "no-extract",
    "Nothing of a {colour} notice is published; the wish for an extract must be taken back.",
    Source::read("Silver Notice pilot", source::SILVER),
);

/// Every demand of every colour.
pub fn demands() -> Vec<&'static Rule> {
    let mut rules = vec![&STATUS, &MINOR, &RECOGNISABLE, &EXTRACT];
    rules.extend(red::RULES);
    rules.extend(others::RULES);
    rules
}
