use std::collections::BTreeMap;

use comity_base::{OrgName, Timestamp};
use comity_stix::ObjectId;
use serde::Serialize;

use super::{Agreement, Suspension, Trust};

/// Where an agreement stands at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// Nobody has signed it.
    Draft,
    /// One party has signed it.
    Proposed {
        /// Who signed.
        by: OrgName,
    },
    /// Both have signed it, and its time has not come.
    NotYet {
        /// When it begins.
        from: Timestamp,
    },
    /// Both have signed it, and it counts.
    Active {
        /// The last moment at which it does, as far as is known now.
        until: Timestamp,
    },
    /// A party has suspended it.
    Suspended {
        /// Who.
        by: OrgName,
        /// Since when.
        since: Timestamp,
        /// Why, in the party's words.
        reason: String,
        /// From this moment on it is lifted, when that is known.
        until: Option<Timestamp>,
    },
    /// Its time has passed.
    Ended {
        /// The last moment at which it counted.
        at: Timestamp,
    },
}

impl Agreement {
    /// Where this version stands, given every statement about suspending the agreement. Statements that do not
    /// [count](Suspension::counts) are left aside; whether a higher version replaced this one is not asked.
    pub fn state(&self, suspensions: &[Suspension], trust: Trust<'_>, now: Timestamp) -> State {
        match self.signed_by(trust).as_slice() {
            [] => return State::Draft,
            [by] => return State::Proposed { by: (*by).clone() },
            _ => {}
        }
        if now > self.valid_until {
            return State::Ended { at: self.valid_until };
        }
        let standing = self.standing(suspensions, trust);
        if let Some(suspension) = standing.iter().find(|suspension| suspension.holds(now)) {
            return State::Suspended {
                by: suspension.party.clone(),
                since: suspension.since,
                reason: suspension.reason.clone(),
                until: suspension.lifted,
            };
        }
        if now < self.valid_from {
            return State::NotYet { from: self.valid_from };
        }
        let announced = standing.iter().map(|suspension| suspension.since).filter(|since| now < *since).min();
        let last = announced.map(|since| Timestamp::from_micros(since.as_micros().saturating_sub(1)));
        State::Active { until: last.map_or(self.valid_until, |last| last.min(self.valid_until)) }
    }

    /// Of each suspension the latest statement, the earliest suspension first. Two of one moment: the stricter.
    fn standing<'s>(&self, suspensions: &'s [Suspension], trust: Trust<'_>) -> Vec<&'s Suspension> {
        let mut latest: BTreeMap<(&OrgName, &ObjectId), &Suspension> = BTreeMap::new();
        for one in suspensions.iter().filter(|one| one.counts(self, trust)) {
            let rank = |one: &Suspension| (one.modified, one.lifted.is_none());
            let held = latest.entry((&one.party, &one.id)).or_insert(one);
            if rank(one) > rank(held) {
                *held = one;
            }
        }
        let mut all: Vec<_> = latest.into_values().collect();
        all.sort_by_key(|one| one.since);
        all
    }
}

impl State {
    /// Whether data may go under it.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active { .. })
    }

    /// The first moment at which it will be another by the passing of time alone; none when that takes a deed.
    pub fn next_change(&self) -> Option<Timestamp> {
        match self {
            Self::Draft | Self::Proposed { .. } | Self::Ended { .. } => None,
            Self::NotYet { from } => Some(*from),
            Self::Active { until } => Some(Timestamp::from_micros(until.as_micros().saturating_add(1))),
            Self::Suspended { until, .. } => *until,
        }
    }

    /// The same in an English sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Draft => "The agreement is a draft that nobody has signed.".to_owned(),
            Self::Proposed { by } => format!("The agreement is proposed: {by} has signed it, the other party has not."),
            Self::NotYet { from } => format!("The agreement is signed and begins on {from}."),
            Self::Active { until } => format!("The agreement is in force until {until}."),
            Self::Suspended { by, since, reason, until } => {
                let end = until.map_or(String::new(), |until| format!(" and until {until}"));
                let reason = reason.trim_end_matches(['.', ' ']);
                format!("The agreement is suspended by {by} since {since}{end}: {reason}.")
            }
            Self::Ended { at } => format!("The agreement ended on {at}."),
        }
    }
}
