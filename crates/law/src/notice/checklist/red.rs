//! What a red notice must say: identity, judicial data, thresholds, assurances.

use super::{Checklist, Group, ItemState, if_needed};
use crate::notice::Facts;
use crate::notice::facts::{Identity, Photo, Sex, WantedFor, said};
use crate::reason::Given;
use crate::{Rule, Source, source};

/// The highest penalty must be two years or more where somebody is to be tried.
pub const LEAST_MAXIMUM_MONTHS: u32 = 24;
/// Six months or more must have been imposed, or be left, where somebody is to serve a sentence.
pub const LEAST_SENTENCE_MONTHS: u32 = 6;

impl Checklist {
    pub(super) fn red(&mut self, facts: &Facts) {
        self.identity(&facts.identity);
        self.judicial(facts);
        self.penalty(facts);
        self.assurances(facts);
    }

    /// Either names, sex, year of birth and one thing more; or a good photograph and one thing more.
    fn identity(&mut self, who: &Identity) {
        let one_more = said(who.description.as_ref()) || who.has_biometrics() || who.has_document();
        let sex = who.sex.is_some_and(|sex| sex != Sex::Unknown);
        let names = [
            (&FAMILY_NAME, said(who.family_name.as_ref())),
            (&FORENAME, said(who.forename.as_ref())),
            (&SEX, sex),
            (&BIRTH_YEAR, who.birth.is_some()),
            (&ONE_MORE, one_more),
        ];
        let parents = said(who.father.as_ref()) || said(who.mother.as_ref());
        let extra = who.has_document() || who.has_biometrics() || said(who.other_identifier.as_ref()) || parents;
        let picture = [(&PHOTO, who.photo == Some(Photo::Good)), (&EXTRA, extra)];
        let by_names = names.iter().all(|(_, met)| *met);
        let by_picture = picture.iter().all(|(_, met)| *met);
        self.need(Group::Identity, &IDENTITY, by_names || by_picture);
        let alternatives = names.into_iter().map(|part| (part, by_picture)).chain(picture.map(|part| (part, by_names)));
        for ((rule, met), other_way) in alternatives {
            let state = if_needed(met || !other_way, met);
            self.put(Group::Identity, rule, state, Given::new());
        }
    }

    fn judicial(&mut self, facts: &Facts) {
        let (offence, warrant) = (&facts.offence, &facts.warrant);
        for (rule, text) in [
            (&SUMMARY, &offence.summary),
            (&WHEN, &offence.when),
            (&WHERE, &offence.place),
            (&ROLE, &offence.role),
            (&CHARGE, &offence.charge),
            (&ARTICLE, &offence.article),
        ] {
            self.need(Group::Case, rule, said(text.as_ref()));
        }
        for (rule, text) in
            [(&WARRANT, &warrant.reference), (&AUTHORITY, &warrant.authority), (&WARRANT_DATE, &warrant.date)]
        {
            self.need(Group::Warrant, rule, said(text.as_ref()));
        }
        // Where possible: its absence stops nothing.
        let copy = warrant.copy == Some(true);
        self.put(Group::Warrant, &COPY, if_needed(copy, copy), Given::new());
    }

    fn penalty(&mut self, facts: &Facts) {
        let penalty = facts.penalty;
        let trial = facts.wanted_for() == WantedFor::Prosecution;
        let served = penalty.remaining_months.or(penalty.imposed_months);
        self.months((&MAXIMUM, &MAXIMUM_THRESHOLD), LEAST_MAXIMUM_MONTHS, trial, penalty.maximum_months);
        self.months((&SENTENCE, &SENTENCE_THRESHOLD), LEAST_SENTENCE_MONTHS, !trial, served);
    }

    fn months(&mut self, (say, enough): (&Rule, &Rule), least: u32, needed: bool, months: Option<u32>) {
        self.put(Group::Penalty, say, if_needed(needed, months.is_some()), Given::new());
        if let Some(months) = months.filter(|_| needed) {
            let given = vec![("months", vec![months.to_string()]), ("least", vec![least.to_string()])];
            self.put(Group::Penalty, enough, if_needed(true, months >= least), given);
        }
    }

    fn assurances(&mut self, facts: &Facts) {
        let given = &facts.assurances;
        self.need(Group::Assurances, &COMPETENT, given.competent == Some(true));
        self.need(Group::Assurances, &CONSULTED, given.consulted == Some(true));
        self.need(Group::Assurances, &WILL_REQUEST, given.will_request == Some(true));
        let countries = given.countries.iter().map(ToString::to_string).collect();
        let state = if given.countries.is_empty() { ItemState::NotNeeded } else { ItemState::Met };
        self.put(Group::Assurances, &COUNTRIES, state, vec![("countries", countries)]);
    }
}

const fn identity(code: &'static str, sentence: &'static str) -> Rule {
    Rule::new(code, sentence, Source::unverified("RPD Art. 83(2)", source::RPD))
}

const fn judicial(code: &'static str, sentence: &'static str) -> Rule {
    Rule::new(code, sentence, Source::unverified("RPD Art. 83(2)", source::PRACTICE))
}

const fn assurance(code: &'static str, sentence: &'static str) -> Rule {
    Rule::new(code, sentence, Source::unverified("RPD Art. 84", source::RPD))
}

const IDENTITY: Rule = identity(
    "identity",
    "The person must be identified, either by names, sex, year of birth and one thing more, or by a good photograph and \
     one thing more.",
);
const FAMILY_NAME: Rule = identity("identity-family-name", "The family name.");
const FORENAME: Rule = identity("identity-forename", "The forename.");
const SEX: Rule = identity("identity-sex", "The sex.");
const BIRTH_YEAR: Rule = identity("identity-birth-year", "At least the year of birth.");
const ONE_MORE: Rule =
    identity("identity-one-more", "One of: physical description, DNA, fingerprints, identity document.");
const PHOTO: Rule = identity("identity-photo", "A photograph of good quality.");
const EXTRA: Rule =
    identity("identity-extra", "One of: identity document, fingerprints, DNA, a parent's name, another identifier.");

const SUMMARY: Rule = judicial("facts-summary", "A clear summary of what happened.");
const WHEN: Rule = judicial("facts-when", "When it happened.");
const WHERE: Rule = judicial("facts-where", "Where it happened.");
const ROLE: Rule = judicial("facts-role", "What the person did in it.");
const CHARGE: Rule = judicial("charge", "The charge.");
const ARTICLE: Rule = judicial("law-article", "The article of the law.");
const WARRANT: Rule = judicial("warrant-reference", "The reference of a valid warrant.");
const AUTHORITY: Rule = judicial("warrant-authority", "The authority that issued the warrant.");
const WARRANT_DATE: Rule = judicial("warrant-date", "The date of the warrant.");
const COPY: Rule = judicial("warrant-copy", "A copy of the warrant, where possible.");
const MAXIMUM: Rule = judicial("maximum-penalty", "The highest penalty the law allows, in months.");
const SENTENCE: Rule = judicial("sentence", "The sentence imposed or what is left of it, in months.");

const MAXIMUM_THRESHOLD: Rule = Rule::new(
    "maximum-penalty-threshold",
    "The highest penalty must be {least} months or more; it is {months}.",
    Source::read("RPD Art. 83(1)", source::THRESHOLD),
);
const SENTENCE_THRESHOLD: Rule = Rule::new(
    "sentence-threshold",
    "{least} months or more must be left of the sentence, or have been imposed where what is left is not said; it is {months}.",
    Source::unverified("RPD Art. 83(1)", source::THRESHOLD),
);

const COMPETENT: Rule = assurance("assurance-competent", "The assurance that the issuing authority is competent.");
const CONSULTED: Rule =
    assurance("assurance-consulted", "The assurance that the authority for extradition has been consulted.");
const WILL_REQUEST: Rule =
    assurance("assurance-request", "The assurance that extradition will be requested when the person is arrested.");
const COUNTRIES: Rule = Rule::new(
    "assurance-countries",
    "Extradition will be requested from: {countries}.",
    Source::read("practice", source::PRACTICE),
);

/// Those by which something is not serious enough.
pub(super) const THRESHOLDS: &[&Rule] = &[&MAXIMUM_THRESHOLD, &SENTENCE_THRESHOLD];

pub(super) const RULES: &[&Rule] = &[
    &IDENTITY,
    &FAMILY_NAME,
    &FORENAME,
    &SEX,
    &BIRTH_YEAR,
    &ONE_MORE,
    &PHOTO,
    &EXTRA,
    &SUMMARY,
    &WHEN,
    &WHERE,
    &ROLE,
    &CHARGE,
    &ARTICLE,
    &WARRANT,
    &AUTHORITY,
    &WARRANT_DATE,
    &COPY,
    &MAXIMUM,
    &SENTENCE,
    &MAXIMUM_THRESHOLD,
    &SENTENCE_THRESHOLD,
    &COMPETENT,
    &CONSULTED,
    &WILL_REQUEST,
    &COUNTRIES,
];
