use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use cedar_policy::{Effect, Entities, Schema};

use super::facts::{Facts, Reasoned};
use super::{Act, Authority, Means};
use crate::cache::{Recent, Table};
use crate::rules::{Outcome, Rules};
use crate::sentence::{Blank as _, blanks, fill, places};
use crate::{PolicyError, Reason};

/// Decides what people and programs of the own organisation may do. Cheap to clone; clones share what was answered.
#[derive(Clone, Debug)]
pub struct Access(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bounds: Rules<Blanks>,
    roles: Rules<Blanks>,
    /// The groups of acts, which rules name.
    groups: Entities,
    recent: Recent,
    answers: RwLock<Table<Arc<[Outcome; 2]>>>,
}

/// What is asked for, and why.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Who asks, by account.
    pub account: &'a str,
    /// What they act with.
    pub authority: &'a Authority,
    /// What they want to do.
    pub act: Act,
    /// Whom it is about.
    pub about: About,
    /// Why, as the purposes of queries are called.
    pub purpose: Reasoned,
    /// The purpose needs the number of a case, and there is none.
    pub case_missing: bool,
    /// The purpose needs a reason in words, and there is none.
    pub reason_missing: bool,
}

/// Whom an act is about, where that matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The account itself, or one that it added.
    pub own: bool,
    /// Nobody else here could do it.
    pub alone: bool,
}

/// Somebody may not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join(" "))]
pub struct Denied {
    /// What they may not do.
    pub act: Act,
    /// Why; never empty.
    pub reasons: Vec<Reason>,
}

places! {
    /// What can be filled into a sentence about people.
    Blanks {
        /// Who asks.
        Account "account",
        /// What their key may do.
        Scope "scope",
        /// Why they ask.
        Purpose "purpose",
    }
}

const SCHEMA: &str = include_str!("../../access/facts.cedarschema");
const BOUNDS: &str = include_str!("../../access/1-bounds.cedar");
const ROLES: &str = include_str!("../../access/2-roles.cedar");

impl Access {
    /// The rules of this crate.
    ///
    /// # Errors
    /// When one cannot be read; the tests of this crate read them all.
    pub fn new() -> Result<Self, PolicyError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(PolicyError::unexpected)?;
        Ok(Self(Arc::new(Shared {
            bounds: Rules::under(SCHEMA, "1-bounds.cedar", BOUNDS, Effect::Forbid, false)?,
            roles: Rules::under(SCHEMA, "2-roles.cedar", ROLES, Effect::Permit, false)?,
            groups: schema.action_entities().map_err(PolicyError::unexpected)?,
            recent: Recent::new(),
            answers: RwLock::default(),
        })))
    }

    /// The rules of this crate as all of a process share them, read when first asked for.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn shared() -> Result<Self, PolicyError> {
        static SHARED: OnceLock<Access> = OnceLock::new();
        if let Some(access) = SHARED.get() {
            return Ok(access.clone());
        }
        let access = Self::new()?;
        Ok(SHARED.get_or_init(|| access).clone())
    }

    /// Whether somebody may do something.
    ///
    /// # Errors
    /// [`Denied`], with the reasons.
    pub fn may(&self, asking: &Asking<'_>) -> Result<(), Denied> {
        let facts = asking.facts();
        let key = facts.key();
        let allowed = self.0.recent.get(key).unwrap_or_else(|| {
            let allowed = is_allowed(&self.answer(&facts));
            self.0.recent.put(key, allowed);
            allowed
        });
        if allowed { Ok(()) } else { Err(self.refusal(asking, &facts)) }
    }

    fn answer(&self, facts: &Facts) -> Arc<[Outcome; 2]> {
        let key = facts.key();
        if let Some(known) = self.0.answers.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(known);
        }
        let outcome = Arc::new(self.ask(facts));
        self.0.answers.write().unwrap_or_else(PoisonError::into_inner).put(key, Arc::clone(&outcome));
        outcome
    }

    fn ask(&self, facts: &Facts) -> [Outcome; 2] {
        let Ok(request) = facts.request() else { return [Outcome::failed(), Outcome::failed()] };
        [self.0.bounds.ask(&request, &self.0.groups), self.0.roles.ask(&request, &self.0.groups)]
    }

    fn refusal(&self, asking: &Asking<'_>, facts: &Facts) -> Denied {
        let [bounds, _] = &*self.answer(facts);
        let rules: Vec<_> = bounds.rules.iter().filter_map(|place| self.0.bounds.rule(*place)).collect();
        let rules = match rules.iter().position(|rule| rule.alone) {
            Some(alone) => rules.get(alone..=alone).unwrap_or_default().to_vec(),
            None => rules,
        };
        let mut reasons: Vec<Reason> = rules
            .iter()
            .map(|rule| Reason {
                code: rule.code.clone(),
                text: fill(&rule.sentence, |blank| asking.word(blank)),
                given: blanks(&rule.sentence).map(|blank| (blank.name(), vec![asking.word(blank)])).collect(),
            })
            .collect();
        if reasons.is_empty() {
            let roles = asking.authority.roles;
            let has = if roles.is_empty() { "has no role here".to_owned() } else { format!("is {roles}") };
            let text = format!("{} {has}, and that does not allow `{}`.", asking.account, asking.act.name());
            reasons.push(Reason::new("no-role", text));
        }
        Denied { act: asking.act, reasons }
    }

    /// The codes of all rules.
    #[cfg(test)]
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.bounds.codes().chain(self.0.roles.codes())
    }

    /// The rules that decide, by code, as Cedar answers now.
    #[cfg(test)]
    pub(super) fn deciding(&self, asking: &Asking<'_>) -> Vec<String> {
        let [bounds, roles] = self.ask(&asking.facts());
        let code = |rules: &Rules<Blanks>, place: &usize| rules.rule(*place).map(|rule| rule.code.clone());
        let against = bounds.rules.iter().filter_map(|place| code(&self.0.bounds, place));
        against.chain(roles.rules.iter().filter_map(|place| code(&self.0.roles, place))).collect()
    }
}

impl Asking<'_> {
    fn facts(&self) -> Facts {
        let Self { authority, act, about, purpose, case_missing, reason_missing, .. } = *self;
        Facts {
            act,
            active: authority.active,
            roles: authority.roles,
            own: about.own,
            alone: about.alone,
            by_key: authority.means == Means::Key,
            in_scope: authority.scope.as_ref().is_none_or(|scope| scope.contains(&act)),
            purpose,
            case_missing,
            reason_missing,
        }
    }

    fn word(&self, blank: Blanks) -> String {
        match blank {
            Blanks::Account => self.account.to_owned(),
            Blanks::Scope => {
                let scope = self.authority.scope.iter().flatten().map(|act| act.name()).collect::<Vec<_>>();
                if scope.is_empty() { "do nothing".to_owned() } else { scope.join(", ") }
            }
            Blanks::Purpose => self.purpose.name().to_owned(),
        }
    }
}

/// Nothing forbids, and something permits. Where a rule could not be asked, nothing is allowed.
fn is_allowed([bounds, roles]: &[Outcome; 2]) -> bool {
    !bounds.failed && bounds.rules.is_empty() && !roles.failed && !roles.rules.is_empty()
}
