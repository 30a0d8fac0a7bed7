//! What notices of the other colours must say.

use super::{Checklist, Group};
use crate::notice::Facts;
use crate::notice::facts::{Photo, said};
use crate::{Rule, Source, source};

impl Checklist {
    pub(super) fn blue(&mut self, facts: &Facts) {
        self.recognisable(facts);
        self.need(Group::Case, &BLUE_SOUGHT, said(facts.sought.as_ref()));
        self.need(Group::Case, &BLUE_CASE, said(facts.offence.summary.as_ref()));
    }

    pub(super) fn green(&mut self, facts: &Facts) {
        self.recognisable(facts);
        self.need(Group::Threat, &GREEN_ASSESSMENT, said(facts.assessment.as_ref()));
        self.need(Group::Threat, &GREEN_THREAT, said(facts.threat.as_ref()));
    }

    pub(super) fn yellow(&mut self, facts: &Facts) {
        let who = &facts.identity;
        self.need(Group::Case, &YELLOW_REPORT, facts.police_report == Some(true));
        self.need(Group::Event, &YELLOW_DATE, said(facts.event_date.as_ref()));
        self.need(Group::Event, &YELLOW_PLACE, said(facts.event_place.as_ref()));
        self.need(Group::Identity, &YELLOW_DESCRIPTION, said(who.description.as_ref()));
        self.need(Group::Identity, &YELLOW_PARENTS, said(who.father.as_ref()) || said(who.mother.as_ref()));
    }

    pub(super) fn black(&mut self, facts: &Facts) {
        self.need(Group::Event, &BLACK_DATE, said(facts.event_date.as_ref()));
        self.need(Group::Event, &BLACK_PLACE, said(facts.event_place.as_ref()));
        let met = facts.identity.has_biometrics() || facts.identity.photo == Some(Photo::Good);
        self.need(Group::Identity, &BLACK_BIOMETRICS, met);
    }

    pub(super) fn orange(&mut self, facts: &Facts) {
        self.need(Group::Threat, &ORANGE_IMMINENT, facts.imminent == Some(true));
        self.need(Group::Threat, &ORANGE_THREAT, said(facts.threat.as_ref()));
        self.need(Group::Event, &ORANGE_TIME, said(facts.event_date.as_ref()));
        self.need(Group::Event, &ORANGE_PLACE, said(facts.event_place.as_ref()));
        self.need(Group::Threat, &ORANGE_MEASURES, said(facts.measures.as_ref()));
    }

    pub(super) fn purple(&mut self, facts: &Facts) {
        self.need(Group::Method, &PURPLE_METHOD, said(facts.modus_operandi.as_ref()));
    }

    pub(super) fn silver(&mut self, facts: &Facts) {
        self.recognisable(facts);
        let offence = said(facts.offence.summary.as_ref()) || said(facts.offence.charge.as_ref());
        self.need(Group::Case, &SILVER_OFFENCE, offence);
        self.need(Group::Assets, &SILVER_ASSETS, !facts.assets.is_empty());
    }

    pub(super) fn united_nations(&mut self, facts: &Facts) {
        self.need(Group::Listing, &UN_REFERENCE, said(facts.un_reference.as_ref()));
        self.need(Group::Listing, &UN_RESOLUTION, said(facts.un_resolution.as_ref()));
    }
}

const fn known(code: &'static str, sentence: &'static str, article: &'static str) -> Rule {
    Rule::new(code, sentence, Source::unverified(article, source::RPD))
}

const BLUE_SOUGHT: Rule =
    known("blue-sought", "What is sought: to locate, to identify, or which information.", "RPD Art. 88");
const BLUE_CASE: Rule = known("blue-case", "Enough of the case for others to act.", "RPD Art. 88");
const GREEN_ASSESSMENT: Rule = known(
    "green-assessment",
    "The national assessment, and the conviction or other reasonable grounds it rests on.",
    "RPD Art. 89",
);
const GREEN_THREAT: Rule = known("green-threat", "The nature of the threat.", "RPD Art. 89");
const YELLOW_REPORT: Rule =
    Rule::new("yellow-report", "There must be a report to the police.", Source::read("RPD Art. 90", source::RPD));
const YELLOW_DATE: Rule = known("yellow-date", "The date of the event.", "RPD Art. 90");
const YELLOW_PLACE: Rule = known("yellow-place", "The place of the event.", "RPD Art. 90");
const YELLOW_DESCRIPTION: Rule = known("yellow-description", "A physical description.", "RPD Art. 90");
const YELLOW_PARENTS: Rule = known("yellow-parents", "The name of a parent.", "RPD Art. 90");
const BLACK_DATE: Rule = known("black-date", "The date on which the body was found.", "RPD Art. 91");
const BLACK_PLACE: Rule = known("black-place", "The place where the body was found.", "RPD Art. 91");
const BLACK_BIOMETRICS: Rule =
    known("black-biometrics", "Fingerprints, DNA or a photograph of good quality.", "RPD Art. 91");
const ORANGE_IMMINENT: Rule =
    Rule::new("orange-imminent", "The threat must be imminent.", Source::read("RPD Art. 93", source::RPD));
const ORANGE_THREAT: Rule = known("orange-threat", "The threat.", "RPD Art. 93");
const ORANGE_TIME: Rule = known("orange-time", "When it is expected.", "RPD Art. 93");
const ORANGE_PLACE: Rule = known("orange-place", "Where it is expected.", "RPD Art. 93");
const ORANGE_MEASURES: Rule = known("orange-measures", "The measures that are wanted.", "RPD Art. 93");
const PURPLE_METHOD: Rule = known("purple-method", "The description of the method.", "RPD Art. 92");
const SILVER_OFFENCE: Rule = Rule::new(
    "silver-offence",
    "The offence the assets are tied to.",
    Source::read("Silver Notice pilot", source::SILVER),
);
const SILVER_ASSETS: Rule = Rule::new(
    "silver-assets",
    "The classes of assets that are sought.",
    Source::read("Silver Notice pilot", source::SILVER),
);
const UN_REFERENCE: Rule =
    Rule::new("un-reference", "The reference on the list.", Source::read("UN notices", source::EXTRACT));
const UN_RESOLUTION: Rule =
    Rule::new("un-resolution", "The number of the resolution.", Source::read("UN notices", source::EXTRACT));

pub(super) const RULES: &[&Rule] = &[
    &BLUE_SOUGHT,
    &BLUE_CASE,
    &GREEN_ASSESSMENT,
    &GREEN_THREAT,
    &YELLOW_REPORT,
    &YELLOW_DATE,
    &YELLOW_PLACE,
    &YELLOW_DESCRIPTION,
    &YELLOW_PARENTS,
    &BLACK_DATE,
    &BLACK_PLACE,
    &BLACK_BIOMETRICS,
    &ORANGE_IMMINENT,
    &ORANGE_THREAT,
    &ORANGE_TIME,
    &ORANGE_PLACE,
    &ORANGE_MEASURES,
    &PURPLE_METHOD,
    &SILVER_OFFENCE,
    &SILVER_ASSETS,
    &UN_REFERENCE,
    &UN_RESOLUTION,
];
