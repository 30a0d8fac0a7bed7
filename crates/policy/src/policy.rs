use std::fmt::Display;
use std::sync::{Arc, OnceLock};

use cedar_policy::{Effect, EntityUid, Request};

use crate::facts::{Action, Fact, Facts, uid};
use crate::rules::{Rule, Rules};
use crate::slice::{FORBID, PERMIT, Slice};
use crate::{Ask, Asker};

/// The rules that decide who may see what, with what they answered so far. Cheap to clone; clones share both.
#[derive(Clone, Debug)]
pub struct Policy {
    shared: Arc<Shared>,
    local: Option<Arc<Rules>>,
}

/// The rules of this crate, file by file, in the order their reasons are given in.
#[derive(Debug)]
struct Shared {
    forbid: Vec<Slice>,
    permit: Slice,
}

/// Rules that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A file of rules is not right.
    #[error("{file}: {problem}")]
    Rules {
        /// The file, `local` for local rules.
        file: String,
        /// What is wrong, with the line where that is known.
        problem: String,
    },
    /// The engine refused something that should always work.
    #[error("the policy engine failed: {0}")]
    Engine(String),
}

impl PolicyError {
    pub(crate) fn unexpected(error: impl Display) -> Self {
        Self::Engine(error.to_string())
    }

    pub(crate) fn rule(file: &str, id: &str, problem: impl Display) -> Self {
        Self::Rules { file: file.to_owned(), problem: format!("rule {id:?}: {problem}") }
    }
}

impl Policy {
    /// The rules of this crate.
    ///
    /// # Errors
    /// When one cannot be read; the tests of this crate read them all.
    pub fn new() -> Result<Self, PolicyError> {
        let forbid = FORBID.iter().map(|file| Slice::read(file, Effect::Forbid)).collect::<Result<_, _>>()?;
        let permit = Slice::read(&PERMIT, Effect::Permit)?;
        Ok(Self { shared: Arc::new(Shared { forbid, permit }), local: None })
    }

    /// The rules of this crate as all of a process share them, read when first asked for: what they answered for one
    /// holds for all.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn shared() -> Result<Self, PolicyError> {
        static SHARED: OnceLock<Policy> = OnceLock::new();
        if let Some(policy) = SHARED.get() {
            return Ok(policy.clone());
        }
        let policy = Self::new()?;
        Ok(SHARED.get_or_init(|| policy).clone())
    }

    /// The same with further rules of this node's own law. They can only forbid, and they may look at who the
    /// recipient and the owner are: `docs/policy.md` shows how they are written. Local rules of before are replaced.
    ///
    /// # Errors
    /// When the text is not Cedar, names what `policies/facts.cedarschema` does not have, permits anything, or a
    /// rule has no id or sentence; in Cedar's own words, with the line.
    pub fn with_local(&self, text: &str) -> Result<Self, PolicyError> {
        let rules = Rules::read("local", text, Effect::Forbid, true)?;
        Ok(Self { shared: Arc::clone(&self.shared), local: Some(Arc::new(rules)) })
    }

    /// Someone who asks about labels for one recipient.
    pub fn asker(&self, ask: &Ask<'_>) -> Asker {
        Asker::new(self.clone(), ask)
    }

    /// Whether nothing forbids and something permits. What forbids in one file holds whatever stands in others, so
    /// each file is asked by itself, with the facts it looks at: far fewer tuples arise than of all facts together.
    pub(crate) fn admits(&self, facts: &Facts) -> bool {
        let Shared { forbid, permit } = &*self.shared;
        forbid.iter().all(|slice| !slice.holds(facts)) && permit.holds(facts)
    }

    /// The same with the rules that decide; `failed` when one could not be asked.
    pub(crate) fn decide(&self, facts: &Facts) -> Decision<'_> {
        let Shared { forbid, permit } = &*self.shared;
        let (against, failed) = together(forbid, facts);
        if failed || !against.is_empty() {
            return Decision { admitted: false, rules: against, failed };
        }
        let (grounds, failed) = together(std::slice::from_ref(permit), facts);
        let admitted = !failed && !grounds.is_empty();
        Decision { admitted, rules: grounds, failed }
    }

    pub(crate) fn local(&self) -> Option<&Rules> {
        self.local.as_deref()
    }

    /// The codes of all rules of this crate.
    #[cfg(test)]
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.shared.forbid.iter().chain([&self.shared.permit]).flat_map(|slice| slice.rules.codes())
    }
}

/// What the rules of this crate say.
pub(crate) struct Decision<'p> {
    pub(crate) admitted: bool,
    /// What admits, or everything that forbids.
    pub(crate) rules: Vec<&'p Rule>,
    pub(crate) failed: bool,
}

/// The rules of several files that hold, or the one that wants to stand alone.
fn together<'p>(slices: &'p [Slice], facts: &Facts) -> (Vec<&'p Rule>, bool) {
    let (mut rules, mut failed) = (Vec::new(), false);
    for slice in slices {
        let outcome = slice.answer(facts);
        failed |= outcome.failed;
        rules.extend(outcome.rules.iter().filter_map(|place| slice.rules.rule(*place)));
    }
    if let Some(alone) = rules.iter().position(|rule| rule.alone) {
        rules = rules.split_off(alone);
        rules.truncate(1);
    }
    (rules, failed)
}

/// A question with these of the facts.
pub(crate) fn request(
    recipient: EntityUid,
    facts: &Facts,
    of: &[Fact],
    label: EntityUid,
) -> Result<Request, PolicyError> {
    let action = uid(Action::WORDS.0, facts.action.name())?;
    Request::new(recipient, action, label, facts.context(of)?, None).map_err(PolicyError::unexpected)
}

impl Action {
    /// Whether it goes over the network, under an agreement.
    pub(crate) const fn is_release(self) -> bool {
        matches!(self, Self::Release)
    }
}
