use std::collections::HashMap;

use comity_base::Timestamp;
use comity_ledger::EntryKind;
use comity_policy::access::{Means, Role};
use comity_store::{Change, Put, StoreError};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Ctx, Deed, Node, NodeError};

/// How many values and objects one account may ask for within an hour of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// A person, in an hour. Default 100,000.
    pub person: u64,
    /// A program, in an hour. Default 10,000,000.
    pub program: u64,
    /// Values that a person may screen in an hour besides: lists they hold already, of which they learn who knows them and
    /// are shown no object. Default 2,000,000.
    pub screening: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { person: 100_000, program: 10_000_000, screening: 2_000_000 }
    }
}

/// What an account has asked for in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The hour, counted from 1970.
    hour: i64,
    /// Values and objects; some may be set aside for what a process is still to ask.
    values: u64,
}

/// What this process has set aside of the budgets of accounts, and not used yet; by what it is for and by account.
#[derive(Debug, Default)]
pub(crate) struct Purses(Mutex<HashMap<(&'static str, String), Purse>>);

#[derive(Clone, Copy, Debug, Default)]
struct Purse {
    hour: i64,
    left: u64,
    /// Taken in this hour so far.
    taken: u64,
}

impl Node {
    /// Holds accounts to how much they may ask for.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Counts what somebody is about to ask for, before it is answered.
    ///
    /// # Errors
    /// [`NodeError::OverBudget`] when it is more than their account may ask for within this hour; that is on record.
    pub(crate) fn within_budget(&self, ctx: &Ctx, values: usize, subject: Value) -> Result<(), NodeError> {
        self.within(ctx, values, subject, ASKED)
    }

    /// As [`Self::within_budget`], for lists of values of which only is told who knows them.
    pub(crate) fn within_screening(&self, ctx: &Ctx, values: usize, subject: Value) -> Result<(), NodeError> {
        let is_program = ctx.authority.roles.has(Role::Service);
        self.within(ctx, values, subject, if is_program { ASKED } else { SCREENED })
    }

    fn within(&self, ctx: &Ctx, values: usize, subject: Value, of: &'static str) -> Result<(), NodeError> {
        let Some(most) = self.most_of(ctx, of) else { return Ok(()) };
        let (hour, values) = (ctx.now().as_micros().div_euclid(HOUR), values as u64);
        // One account asks at one moment: what it sets aside is set aside once.
        let mut purses = self.purses.0.lock();
        let purse = purses.entry((of, ctx.actor.clone())).or_default();
        if purse.hour != hour {
            *purse = Purse { hour, ..Purse::default() };
        }
        if purse.left < values {
            // Whoever goes on asking gets more at a time, so that not each question is a write of its own.
            let more = (values - purse.left).max(purse.taken.min(AT_ONCE));
            let needed = values - purse.left;
            let Some(got) = self.set_aside(&format!("{of}{}", ctx.actor), hour, (needed, more), most)? else {
                drop(purses);
                let content = json!({"asked": "look", "refused": ["over-budget"], "most": most});
                self.record(ctx, Deed::new(EntryKind::Refusal, subject, content))?;
                return Err(NodeError::OverBudget { most, seconds: left_of(ctx.now()) });
            };
            (purse.left, purse.taken) = (purse.left + got, purse.taken + got);
        }
        purse.left -= values;
        purses.retain(|_, purse| purse.hour == hour);
        Ok(())
    }

    /// None for those who are counted elsewhere, as peers are, or act for nobody but the node itself.
    fn most_of(&self, ctx: &Ctx, of: &str) -> Option<u64> {
        let budget = self.budget.filter(|_| !matches!(ctx.authority.means, Means::Node | Means::Peer))?;
        Some(match of {
            SCREENED => budget.screening,
            _ if ctx.authority.roles.has(Role::Service) => budget.program,
            _ => budget.person,
        })
    }

    /// Takes at least `needed` and at best `wished` of what an account has left in an hour.
    fn set_aside(
        &self,
        key: &str,
        hour: i64,
        (needed, wished): (u64, u64),
        most: u64,
    ) -> Result<Option<u64>, NodeError> {
        loop {
            let known = self.store.value(key)?;
            let version = known.as_ref().map(|(version, _)| *version);
            let asked: Option<Asked> =
                known.map(|(_, bytes)| serde_json::from_slice(&bytes).map_err(NodeError::setting(key))).transpose()?;
            let used = asked.filter(|asked| asked.hour == hour).map_or(0, |asked| asked.values);
            let got = wished.min(most.saturating_sub(used));
            if got < needed {
                return Ok(None);
            }
            let asked = Asked { hour, values: used + got };
            let value = serde_json::to_vec(&asked).map_err(NodeError::setting(key))?;
            let puts = [Put { key, expected: version, value: &value }];
            match self.store.write(&Change { puts: &puts, beside: true, ..Change::default() }) {
                Ok(_) => return Ok(Some(got)),
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Seconds until the next hour begins.
fn left_of(now: Timestamp) -> u64 {
    let left = HOUR - now.as_micros().rem_euclid(HOUR);
    u64::try_from(left.div_euclid(1_000_000) + 1).unwrap_or_default()
}

const ASKED: &str = "asked/";
const SCREENED: &str = "screened/";
const HOUR: i64 = 3_600 * 1_000_000;
/// Most that a process sets aside at once beyond what is asked.
const AT_ONCE: u64 = 256;
