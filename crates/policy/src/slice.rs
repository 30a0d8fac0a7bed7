//! The files of rules, each with the facts it looks at.

use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::{Effect, Entities};

use crate::PolicyError;
use crate::cache::{Recent, Table};
use crate::facts::{Fact, Facts, uid};
use crate::policy::request;
use crate::rules::{Outcome, Rules};

/// A file of rules. A rule that looks at a fact which is not in the list fails when it is asked, and so refuses;
/// a test asks them all.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) facts: &'static [Fact],
}

/// The rules of one file with what they answered.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) rules: Rules,
    facts: &'static [Fact],
    /// Whether any rule holds, by the key of the facts.
    recent: Recent,
    answers: RwLock<Table<Arc<Outcome>>>,
    when_failed: bool,
}

impl Slice {
    pub(crate) fn read(file: &File, effect: Effect) -> Result<Self, PolicyError> {
        Ok(Self {
            rules: Rules::read(file.name, file.text, effect, false)?,
            facts: file.facts,
            recent: Recent::new(),
            answers: RwLock::default(),
            when_failed: effect == Effect::Forbid,
        })
    }

    /// Whether any of its rules holds. Where one cannot be asked, forbidding rules hold and permitting ones do not.
    pub(crate) fn holds(&self, facts: &Facts) -> bool {
        let key = facts.key(self.facts);
        self.recent.get(key).unwrap_or_else(|| {
            let outcome = self.answer(facts);
            let holds = if outcome.failed { self.when_failed } else { !outcome.rules.is_empty() };
            self.recent.put(key, holds);
            holds
        })
    }

    /// The rules that hold; Cedar is asked once for each tuple of facts.
    pub(crate) fn answer(&self, facts: &Facts) -> Arc<Outcome> {
        let key = facts.key(self.facts);
        if let Some(outcome) = self.answers.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(outcome);
        }
        let outcome = Arc::new(self.ask(facts).unwrap_or_else(|_| Outcome::failed()));
        self.answers.write().unwrap_or_else(PoisonError::into_inner).put(key, Arc::clone(&outcome));
        outcome
    }

    fn ask(&self, facts: &Facts) -> Result<Outcome, PolicyError> {
        // The rules of this crate look at facts only, so anyone stands for recipient and label.
        let (recipient, label) = (uid("Organisation", "recipient")?, uid("Label", "label")?);
        Ok(self.rules.ask(&request(recipient, facts, self.facts, label)?, &Entities::empty()))
    }
}

/// What forbids, in the order it is told in.
pub(crate) const FORBID: [File; 5] = [
    File {
        name: "1-label.cedar",
        text: include_str!("../policies/1-label.cedar"),
        facts: &[
            Fact::Action,
            Fact::Owns,
            Fact::Denied,
            Fact::CountryUnclear,
            Fact::Listed,
            Fact::Tlp,
            Fact::NeedsNaming,
            Fact::KeptClose,
            Fact::Expired,
            Fact::UnknownMarking,
            Fact::Purpose,
        ],
    },
    File {
        name: "3-recipient.cedar",
        text: include_str!("../policies/3-recipient.cedar"),
        facts: &[Fact::Action, Fact::Kind, Fact::Status],
    },
    File {
        name: "4-agreement.cedar",
        text: include_str!("../policies/4-agreement.cedar"),
        facts: &[
            Fact::Action,
            Fact::Agreed,
            Fact::CoversKinds,
            Fact::CoversPurpose,
            Fact::CoversTlp,
            Fact::CoversPap,
            Fact::AcceptsHandling,
            Fact::CoversCountry,
        ],
    },
    File {
        name: "5-personal.cedar",
        text: include_str!("../policies/5-personal.cedar"),
        facts: &[Fact::Action, Fact::Kind, Fact::Personal, Fact::Police, Fact::NamesEachCategory],
    },
    File {
        name: "6-onward.cedar",
        text: include_str!("../policies/6-onward.cedar"),
        facts: &[Fact::Action, Fact::Listed, Fact::Onward, Fact::SeveralOwners],
    },
];

/// What permits.
pub(crate) const PERMIT: File = File {
    name: "2-grounds.cedar",
    text: include_str!("../policies/2-grounds.cedar"),
    facts: &[
        Fact::Action,
        Fact::Owns,
        Fact::Listed,
        Fact::Tlp,
        Fact::Agreed,
        Fact::CoversKinds,
        Fact::CoversPurpose,
        Fact::CoversTlp,
        Fact::CoversPap,
        Fact::AcceptsHandling,
        Fact::CoversCountry,
    ],
};
