//! How often others may ask this node: budgets of the agreements, and what an overdue receipt stops.

use std::collections::BTreeMap;

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Ctx, Node, NodeError};

/// Why a query is not answered. Following what the agreement lets flow goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// As many were asked as the agreement allows.
    #[error(
        "the agreement lets {who} ask {most} times in {span}, and so many were asked; nothing was looked up, ask again \
         after {again}. What the agreement lets flow can still be followed"
    )]
    Spent {
        /// Who asks.
        who: OrgName,
        /// The budget.
        most: u32,
        /// For how long it is: `an hour`, `a day`.
        span: &'static str,
        /// From when on one more is answered.
        again: Timestamp,
        /// Seconds until then.
        seconds: u64,
    },
    /// One request asks for more than the budget of an hour or a day.
    #[error(
        "{count} values or objects were named at once, and the agreement lets {who} ask for {most} in {span}; nothing was \
         looked up, name fewer"
    )]
    TooMany {
        /// Who asks.
        who: OrgName,
        /// How many were named.
        count: u32,
        /// The budget.
        most: u32,
        /// For how long it is.
        span: &'static str,
    },
    /// The agreement lets nobody ask.
    #[error("the agreement lets {0} ask nothing; what it lets flow can be followed")]
    NotAgreed(OrgName),
    /// Receipts of recalls are overdue, and the agreement stops queries until they are there.
    #[error(
        "{count} receipts of {who} are overdue since {since}: by the agreement its queries are answered again when its \
         node has carried the recalls out and said so. What the agreement lets flow can still be followed"
    )]
    Overdue {
        /// Who asks.
        who: OrgName,
        /// How many.
        count: usize,
        /// Since when the oldest is.
        since: Timestamp,
    },
}

/// How often an organisation has asked, by stretch of time.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Asked(BTreeMap<i64, u32>);

impl Asked {
    fn add(&mut self, now: i64, count: u32) {
        let this = now / STRETCH;
        self.0.retain(|stretch, _| *stretch >= this - DAY);
        *self.0.entry(this).or_default() += count;
    }

    /// From when on so many more may be asked, where `most` may be in so many stretches and the one that runs now;
    /// nothing when they may be at once.
    fn again(&self, now: i64, count: u32, most: u32, stretches: i64) -> Option<i64> {
        let first = now / STRETCH - stretches;
        let mut asked: u32 = self.0.range(first..).map(|(_, count)| count).sum();
        let fits = |asked: u32| asked.saturating_add(count) <= most;
        for (stretch, count) in self.0.range(first..) {
            if fits(asked) {
                break;
            }
            asked = asked.saturating_sub(*count);
            if fits(asked) {
                return Some((stretch + stretches + 1) * STRETCH);
            }
        }
        None
    }
}

impl Node {
    /// Counts queries of an organisation's tools: each value or object that a request names and looks for. Reading
    /// page by page what an agreement lets flow is none. A request is answered whole or not at all. This node's own organisation asks as it likes.
    ///
    /// Where several agreements are in force the most generous budget counts, and any of them may stop queries while
    /// receipts are overdue.
    ///
    /// # Errors
    /// [`NodeError::NotAnswered`] when it may not ask now; nothing is counted then.
    pub fn count_queries(&self, ctx: &Ctx, organisation: &OrgName, count: usize) -> Result<(), NodeError> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count == 0 || *organisation == ctx.organisation {
            return Ok(());
        }
        let agreed = self.in_force(ctx, &ctx.organisation, organisation)?;
        if agreed.iter().any(|standing| standing.agreement.receipts.suspend_queries_when_overdue) {
            self.none_overdue(ctx, organisation)?;
        }
        let budgets = || agreed.iter().map(|standing| standing.agreement.queries);
        let per_hour = budgets().map(|queries| queries.per_hour).max().unwrap_or_default();
        let per_day = budgets().map(|queries| queries.per_day).max().unwrap_or_default();
        self.spend(ctx, organisation, count, (per_hour, per_day))
    }

    fn none_overdue(&self, ctx: &Ctx, organisation: &OrgName) -> Result<(), NodeError> {
        let overdue = self.overdue(organisation, ctx.now())?;
        match overdue.iter().min() {
            None => Ok(()),
            Some(since) => {
                let (who, count) = (organisation.clone(), overdue.len());
                Err(NotAnswered::Overdue { who, count, since: *since }.into())
            }
        }
    }

    fn spend(&self, ctx: &Ctx, who: &OrgName, count: u32, (per_hour, per_day): (u32, u32)) -> Result<(), NodeError> {
        if per_hour == 0 || per_day == 0 {
            return Err(NotAnswered::NotAgreed(who.clone()).into());
        }
        for (most, span) in [(per_hour, "an hour"), (per_day, "a day")] {
            if count > most {
                return Err(NotAnswered::TooMany { who: who.clone(), count, most, span }.into());
            }
        }
        let now = ctx.now().as_micros() / 1_000_000;
        let spent = |asked: Option<Asked>| {
            let mut asked = asked.unwrap_or_default();
            for (most, span, stretches) in [(per_hour, "an hour", HOUR), (per_day, "a day", DAY)] {
                if let Some(then) = asked.again(now, count, most, stretches) {
                    let (who, seconds) = (who.clone(), u64::try_from(then - now).unwrap_or(1));
                    let again = Timestamp::from_micros(then * 1_000_000);
                    return Err(NotAnswered::Spent { who, most, span, again, seconds }.into());
                }
            }
            asked.add(now, count);
            Ok(asked)
        };
        self.change_setting(&format!("asked/{who}"), spent, &[]).map(drop)
    }
}

/// Seconds of one stretch.
const STRETCH: i64 = 300;
/// Stretches of an hour.
const HOUR: i64 = 12;
/// Stretches of a day.
const DAY: i64 = 288;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_the_budget_in_any_hour() {
        let mut asked = Asked::default();
        let mut times = Vec::new();
        for now in (0..4 * 3_600).step_by(7) {
            if asked.again(now, 1, 20, HOUR).is_none() {
                asked.add(now, 1);
                times.push(now);
            }
        }
        assert!(times.len() >= 60, "{}", times.len());
        for window in times.windows(21) {
            assert!(window[20] - window[0] >= 3_600, "{window:?}");
        }
    }

    #[test]
    fn says_truly_from_when_on_one_more_is_answered() {
        let mut asked = Asked::default();
        for now in [0, 10, 400, 900] {
            asked.add(now, 1);
        }
        let again = asked.again(1_000, 1, 3, HOUR).unwrap();
        assert!(asked.again(again - 1, 1, 3, HOUR).is_some());
        assert_eq!(asked.again(again, 1, 3, HOUR), None);
    }

    #[test]
    fn what_was_asked_more_than_a_day_ago_is_forgotten() {
        let mut asked = Asked::default();
        asked.add(0, 1);
        asked.add(2 * 86_400, 1);
        assert_eq!(asked.0.len(), 1);
    }
}
