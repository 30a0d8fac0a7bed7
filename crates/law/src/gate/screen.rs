use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use super::rules::{self, RULES_VERSION};
use super::text::{Findings, What};
use super::{Aim, Category, Factor, FactorKind, Finding, History, Judged, Judgement, Record, Targeting};
use crate::notice::{Checklist, Colour, Facts, Ground, Screened};
use crate::{Country, Person, Reason, Status};

/// What is screened.
#[derive(Clone, Copy, Debug)]
pub struct Screening<'a> {
    /// The act.
    pub act: &'a Targeting,
    /// Whose act it is.
    pub source: &'a OrgName,
    /// The source's country, when known.
    pub country: Option<Country>,
    /// What is said of the person and the case.
    pub facts: &'a Facts,
    /// What people judged.
    pub judged: &'a Judged,
    /// What became of the source's acts before.
    pub history: &'a History,
    /// Free text that goes with it; of a message, the message. What it is found to ask is asked, whatever is stated.
    pub text: &'a str,
}

/// What a reason does to the act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It is refused on this ground.
    Refuses(Ground),
    /// A reviewer must answer it; where it is graver, two must agree.
    Asks {
        /// How many must agree.
        reviewers: u8,
    },
    /// It is told and changes nothing.
    Tells,
}

/// One reason of a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// What it does.
    pub effect: Effect,
    /// The reason.
    pub reason: Reason,
}

/// What the gate answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// It may go.
    Pass {},
    /// It may go when so many reviewers agree.
    NeedsReview {
        /// How many.
        reviewers: u8,
    },
    /// It may not go.
    Refused {
        /// On which ground.
        ground: Ground,
    },
}

/// The screen of one act that targets a person, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Screen {
    /// The version of the rules.
    pub rules: u32,
    /// When it was made.
    pub at: Timestamp,
    /// What the act asks, as stated and as found; it targets nobody when that is nothing.
    pub aims: BTreeSet<Aim>,
    /// What is answered.
    pub answer: Answer,
    /// Why: what refuses first, then what asks, then what is told.
    pub reasons: Vec<Weighed>,
}

impl Screen {
    /// Screens an act, with everything that is said in it. One gate for notices, diffusions, requests and free text: nothing is asked less in one form than
    /// in another, since what is refused in one would be sent in the other.
    pub fn of(screening: &Screening<'_>, now: Timestamp) -> Self {
        let found = Findings::of(screening.text);
        let mut gate = Gate { screening, aims: aims(screening, &found), now, reasons: Vec::new() };
        gate.facts();
        gate.texts(&found);
        gate.category();
        gate.refuge();
        gate.factors();
        gate.care();
        gate.record();
        gate.always();
        gate.done()
    }

    /// What must be on record before it goes out, whoever agrees, judged by somebody who had no hand in it: of what is about an
    /// offence, which kind it is, and each factor; of somebody missing, whether they are a refugee. What was judged before the text
    /// was changed last (`since`) was judged of another text. None where nothing is due.
    pub fn due(&self, judged: &Judged, since: Timestamp, had_a_hand: impl Fn(&Person) -> bool) -> Option<Reason> {
        let counts = |judged: &Judgement| judged.counts(self.at) && judged.at >= since && !had_a_hand(&judged.by);
        if is_about_offence(&self.aims) && !judged.categories.iter().any(|one| counts(&one.judged)) {
            return Some(rules::CATEGORY_DUE.plain());
        }
        let is_due = |kind: &FactorKind| !judged.factors.iter().any(|one| one.factor == *kind && counts(&one.judged));
        let due = weighed(&self.aims).filter(is_due).map(|kind| kind.to_string()).collect::<Vec<_>>();
        (!due.is_empty()).then(|| rules::FACTORS_DUE.with(vec![("factor", due)]))
    }

    /// What a reviewer is asked.
    pub fn questions(&self) -> impl Iterator<Item = &Reason> {
        let asks = |weighed: &&Weighed| matches!(weighed.effect, Effect::Asks { .. });
        self.reasons.iter().filter(asks).map(|weighed| &weighed.reason)
    }

    /// The answer as the publication of a notice states it.
    pub fn screened(&self) -> Screened {
        match self.answer {
            Answer::Refused { ground } => Screened::refused(ground),
            Answer::NeedsReview { reviewers } => Screened::by(reviewers),
            Answer::Pass {} => Screened::by(1),
        }
    }

    /// The codes of its reasons.
    pub fn codes(&self) -> BTreeSet<String> {
        self.reasons.iter().map(|weighed| weighed.reason.code.to_owned()).collect()
    }

    fn settle(&mut self) {
        self.reasons.sort_by_key(|weighed| weighed.effect);
        let mut reviewers = 0;
        let mut refused: Option<Ground> = None;
        for weighed in &self.reasons {
            match weighed.effect {
                // Grounds are in the order of their gravity.
                Effect::Refuses(ground) => refused = Some(refused.map_or(ground, |other| other.min(ground))),
                Effect::Asks { reviewers: more } => reviewers = reviewers.max(more),
                Effect::Tells => {}
            }
        }
        self.answer = match (refused, reviewers) {
            (Some(ground), _) => Answer::Refused { ground },
            (None, 0) => Answer::Pass {},
            (None, reviewers) => Answer::NeedsReview { reviewers },
        };
    }
}

/// What an act asks: as stated, as found in its text, and beware of whoever is told of where nobody need be.
fn aims(screening: &Screening<'_>, found: &Findings) -> BTreeSet<Aim> {
    let mut aims = screening.act.aims();
    aims.extend(found.aims());
    let nobody = aims.iter().all(|aim| matches!(aim, Aim::ShareMethod | Aim::ApplySanctions));
    if nobody && !aims.is_empty() && screening.facts.tell_of_somebody() {
        aims.insert(Aim::Warn);
    }
    aims
}

/// Which factors are weighed of an act.
fn weighed(aims: &BTreeSet<Aim>) -> impl Iterator<Item = FactorKind> + use<> {
    let (is_about_offence, missed) = (is_about_offence(aims), aims.contains(&Aim::FindMissing));
    let is = move |kind: &FactorKind| is_about_offence || (missed && *kind == FactorKind::Refugee);
    FactorKind::ALL.iter().copied().filter(is)
}

/// Whether an act is about an offence: somebody missing or dead is looked for whatever happened.
fn is_about_offence(aims: &BTreeSet<Aim>) -> bool {
    let is = |aim: &Aim| aim.reaches_person() || matches!(aim, Aim::Warn | Aim::TraceAssets);
    aims.iter().any(is)
}

struct Gate<'g, 'a> {
    screening: &'g Screening<'a>,
    aims: BTreeSet<Aim>,
    now: Timestamp,
    reasons: Vec<Weighed>,
}

impl<'a> Gate<'_, 'a> {
    fn refuse(&mut self, ground: Ground, reason: Reason) {
        self.reasons.push(Weighed { effect: Effect::Refuses(ground), reason });
    }

    fn ask(&mut self, reviewers: u8, reason: Reason) {
        self.reasons.push(Weighed { effect: Effect::Asks { reviewers }, reason });
    }

    fn tell(&mut self, reason: Reason) {
        self.reasons.push(Weighed { effect: Effect::Tells, reason });
    }

    fn done(self) -> Screen {
        let mut screen = Screen {
            rules: RULES_VERSION,
            at: self.now,
            aims: self.aims,
            answer: Answer::Pass {},
            reasons: self.reasons,
        };
        screen.settle();
        screen
    }

    fn reaches_person(&self) -> bool {
        self.aims.iter().any(|aim| aim.reaches_person())
    }

    fn is_about_offence(&self) -> bool {
        is_about_offence(&self.aims)
    }

    fn facts(&mut self) {
        let mut told = BTreeSet::new();
        let colours: BTreeSet<Colour> = match self.screening.act {
            Targeting::Notice { colour, .. } => [*colour].into(),
            Targeting::Request { .. } | Targeting::Message { .. } => self.aims.iter().map(|aim| aim.colour()).collect(),
        };
        for colour in colours {
            let list = Checklist::of(colour, self.screening.facts);
            let below = list.is_below_threshold();
            for item in list.items.iter().filter(|item| item.state == crate::notice::ItemState::Missing) {
                // The demands of two colours may be the same.
                if !told.insert((item.demand.code, item.demand.text.clone())) {
                    continue;
                }
                let threshold = below && item.demand.code.ends_with("-threshold");
                let ground = if threshold { Ground::Threshold } else { Ground::Incomplete };
                self.refuse(ground, item.demand.clone());
            }
        }
    }

    /// What the texts speak of: the message, and what is said in the draft but for names and numbers.
    fn texts(&mut self, found: &Findings) {
        self.reasons.extend(found.questions(self.screening.text));
        for (_, text) in self.screening.facts.texts().into_iter().filter(|(name, _)| !Facts::NAMES.contains(name)) {
            let mut found = Findings::of(text);
            // What a draft asks is said by its colour; that it tells of a person is what it is for.
            found.spots.retain(|spot| matches!(spot.what, What::Mark(_)));
            self.reasons.extend(found.questions(text));
        }
    }

    fn category(&mut self) {
        let (screening, now) = (self.screening, self.now);
        let mut seen_outside = false;
        let mut told: BTreeSet<(Category, bool)> = BTreeSet::new();
        for judged in screening.judged.categories.iter().filter(|judged| judged.judged.counts(now)) {
            seen_outside |= !judged.judged.is_by(screening.source);
            if !told.insert((judged.category, judged.tied_to_serious_crime)) {
                continue;
            }
            let category = judged.category;
            if category.is_forbidden() {
                self.refuse(Ground::Article3, rules::FORBIDDEN.one("category", category));
            } else if category.is_excluded() && self.reaches_person() {
                self.excluded(category, judged.tied_to_serious_crime);
            }
        }
        if !seen_outside && self.is_about_offence() {
            self.ask(1, rules::CATEGORY_OPEN.plain());
        }
    }

    /// Nobody is wanted for it; whether somebody may be looked for because of it is asked.
    fn excluded(&mut self, category: Category, tied: bool) {
        let coercive = self.aims.iter().any(|aim| aim.is_coercive());
        if tied || !coercive {
            self.ask(1, rules::EXCLUDED_TIED.one("category", category));
        } else {
            self.refuse(Ground::Threshold, rules::EXCLUDED.one("category", category));
        }
    }

    /// A refugee is never reached for the state they fled. No other judgement outweighs it, the source's least of all: it
    /// ends when whoever recorded it takes it back.
    fn refuge(&mut self) {
        let factors = self.screening.judged.factors.iter();
        let flags = factors.filter(|factor| factor.factor == FactorKind::Refugee && factor.finding != Finding::Clears);
        for flag in flags {
            let word = |country: Option<Country>| country.iter().map(ToString::to_string).collect::<Vec<_>>();
            let given = vec![("from", word(flag.fled_from)), ("by", word(flag.protected_by))];
            let fled_here = flag.fled_from.is_some() && flag.fled_from == self.screening.country;
            if flag.finding == Finding::Raises && fled_here && self.aims.iter().any(|aim| aim.finds_person()) {
                self.refuse(Ground::Article2, rules::REFUGEE.with(given));
            } else {
                self.ask(2, rules::REFUGEE_MAYBE.with(given));
            }
        }
    }

    fn factors(&mut self) {
        let screening = self.screening;
        let weighed: Vec<FactorKind> = weighed(&self.aims).collect();
        for kind in FactorKind::ALL.iter().copied() {
            let of_kind = screening.judged.factors.iter().filter(|factor| factor.factor == kind);
            let judged: Vec<&'a Factor> = of_kind.filter(|factor| factor.judged.counts(self.now)).collect();
            for factor in judged.iter().filter(|_| kind != FactorKind::Refugee) {
                self.factor(factor);
            }
            let outside = judged.iter().any(|factor| !factor.judged.is_by(screening.source));
            if !outside && weighed.contains(&kind) {
                self.ask(1, rules::FACTOR_OPEN.one("factor", kind));
            }
        }
    }

    fn factor(&mut self, factor: &Factor) {
        let given = vec![("person", vec![factor.judged.by.to_string()]), ("factor", vec![factor.factor.to_string()])];
        match factor.finding {
            Finding::Raises => {
                let reviewers = if factor.factor.is_of_person() { 2 } else { 1 };
                self.ask(reviewers, rules::FACTOR_RAISES.with(given));
            }
            Finding::Unclear => self.ask(1, rules::FACTOR_UNCLEAR.with(given)),
            Finding::Clears => self.tell(rules::FACTOR_CLEARED.with(given)),
        }
    }

    fn care(&mut self) {
        let facts = self.screening.facts;
        let mut who = Vec::new();
        if facts.minor == Some(true) {
            who.push("minor".to_owned());
        }
        if facts.victim == Some(true) || facts.status == Some(Status::Victim) {
            who.push("victim".to_owned());
        }
        if facts.status == Some(Status::Witness) {
            who.push("witness".to_owned());
        }
        if !who.is_empty() && !self.aims.is_empty() {
            self.ask(1, rules::CARE.with(vec![("who", who)]));
        }
    }

    fn record(&mut self) {
        let history = self.screening.history;
        if history.record() == Record::Good {
            return;
        }
        let refused: u64 = history.refused.values().map(|count| u64::from(*count)).sum();
        let on = |ground| u64::from(history.refused.get(&ground).copied().unwrap_or_default());
        let given = vec![
            ("abuse", vec![history.abuse_upheld.to_string()]),
            ("principle", vec![(on(Ground::Article2) + on(Ground::Article3)).to_string()]),
            ("failed", vec![(refused + u64::from(history.cancelled)).to_string()]),
            ("decided", vec![(refused + u64::from(history.issued)).to_string()]),
        ];
        self.ask(2, rules::RECORD.with(given));
    }

    fn always(&mut self) {
        let notice = matches!(self.screening.act, Targeting::Notice { .. });
        if notice || self.aims.iter().any(|aim| aim.is_coercive()) {
            self.ask(1, rules::ALWAYS_REVIEWED.plain());
        }
        if self.aims.is_empty() {
            self.tell(rules::NO_TARGET.plain());
        }
    }
}
