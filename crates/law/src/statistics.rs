//! Yearly counts of notices and diffusions: what parliaments and data protection officers ask for.

use std::collections::BTreeMap;

use comity_base::{OrgName, Timestamp};
use serde::Serialize;

use crate::gate::History;
use crate::notice::{Colour, Ground, Lifecycle, State};

/// What happened in one year, of one source, in one colour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Submitted for review.
    pub submitted: u64,
    /// Published for the first time.
    pub issued: u64,
    /// Refused, by ground.
    pub refused: BTreeMap<Ground, u64>,
    /// Ended because the source did not answer.
    pub lapsed: u64,
    /// Suspended, each time.
    pub suspended: u64,
    /// Cancelled by a reviewer, by ground.
    pub cancelled: BTreeMap<Ground, u64>,
    /// Taken back by the source after it was published.
    pub withdrawn: u64,
    /// Taken back by the source before.
    pub dropped: u64,
    /// Ended because the purpose was achieved.
    pub executed: u64,
    /// Ended because its time was over.
    pub expired: u64,
}

/// Counts by year, source and colour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Statistics {
    /// The years, in UTC.
    pub years: BTreeMap<u16, BTreeMap<OrgName, BTreeMap<Colour, Counts>>>,
}

impl Counts {
    /// All that were refused.
    pub fn all_refused(&self) -> u64 {
        self.refused.values().sum()
    }

    /// All that were cancelled.
    pub fn all_cancelled(&self) -> u64 {
        self.cancelled.values().sum()
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.submitted += other.submitted;
        self.issued += other.issued;
        for (ground, count) in &other.refused {
            *self.refused.entry(*ground).or_default() += count;
        }
        self.lapsed += other.lapsed;
        self.suspended += other.suspended;
        for (ground, count) in &other.cancelled {
            *self.cancelled.entry(*ground).or_default() += count;
        }
        self.withdrawn += other.withdrawn;
        self.dropped += other.dropped;
        self.executed += other.executed;
        self.expired += other.expired;
    }
}

impl Statistics {
    /// Counts lifecycles as they stand at a moment.
    pub fn of<'l>(lifecycles: impl IntoIterator<Item = &'l Lifecycle>, now: Timestamp) -> Self {
        let mut statistics = Self::default();
        for lifecycle in lifecycles {
            statistics.count(lifecycle, now);
        }
        statistics
    }

    /// The sum of a year over those sources and colours that are asked for.
    pub fn sum(&self, year: u16, wanted: impl Fn(&OrgName, Colour) -> bool) -> Counts {
        let mut sum = Counts::default();
        for (source, colours) in self.years.get(&year).into_iter().flatten() {
            for (_, counts) in colours.iter().filter(|(colour, _)| wanted(source, **colour)) {
                sum.add(counts);
            }
        }
        sum
    }

    /// A source's history for the gate: its last three calendar years, with the reports of abuse that were upheld in them.
    pub fn history(&self, source: &OrgName, now: Timestamp, abuse_upheld: u32) -> History {
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let mut sum = Counts::default();
        let year = year(now);
        for year in year.saturating_sub(HISTORY_YEARS - 1)..=year {
            sum.add(&self.sum(year, |name, _| name == source));
        }
        History {
            issued: small(sum.issued),
            refused: sum.refused.iter().map(|(ground, count)| (*ground, small(*count))).collect(),
            cancelled: small(sum.all_cancelled()),
            abuse_upheld,
        }
    }

    fn count(&mut self, lifecycle: &Lifecycle, now: Timestamp) {
        let Some(head) = lifecycle.head() else { return };
        let mut at = |moment: Timestamp, count: &dyn Fn(&mut Counts)| {
            if moment <= now {
                let sources = self.years.entry(year(moment)).or_default();
                count(sources.entry(head.source.clone()).or_default().entry(head.colour).or_default());
            }
        };
        if let Some(moment) = lifecycle.submitted() {
            at(moment, &|counts| counts.submitted += 1);
        }
        if let Some(moment) = lifecycle.published() {
            at(moment, &|counts| counts.issued += 1);
        }
        for moment in lifecycle.suspensions() {
            at(*moment, &|counts| counts.suspended += 1);
        }
        let published = lifecycle.published().is_some();
        if let Some(ending) = lifecycle.ending(now) {
            let ground = ending.ground.unwrap_or(Ground::Other);
            at(ending.at, &|counts| ended(counts, ending.state, ground, published));
        }
    }
}

fn ended(counts: &mut Counts, state: State, ground: Ground, published: bool) {
    match state {
        State::Refused => *counts.refused.entry(ground).or_default() += 1,
        State::Cancelled => *counts.cancelled.entry(ground).or_default() += 1,
        State::Lapsed => counts.lapsed += 1,
        State::Withdrawn if published => counts.withdrawn += 1,
        State::Withdrawn => counts.dropped += 1,
        State::Executed => counts.executed += 1,
        State::Expired => counts.expired += 1,
        State::Draft
        | State::Submitted
        | State::UnderReview
        | State::InfoRequested
        | State::Published
        | State::Suspended => {}
    }
}

/// The year of a moment in UTC; 0 for moments before the year 1 and after 9999.
fn year(moment: Timestamp) -> u16 {
    moment.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default()
}

/// How many calendar years a history goes back, the present one among them.
const HISTORY_YEARS: u16 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Record;
    use crate::notice::tests::{at, event, folded, published, reviewer, source};
    use crate::notice::{Act, Event};

    fn notice(colour: Colour, more: Option<Event>) -> Lifecycle {
        let mut events = published(colour);
        events.extend(more);
        folded(&events)
    }

    fn refused(ground: Ground) -> Lifecycle {
        let mut events = published(Colour::Red)[..3].to_vec();
        events.push(event(at("2026-12-31T23:59:59Z"), reviewer("lawyer"), Act::Refuse { ground }));
        folded(&events)
    }

    #[test]
    fn each_thing_is_counted_in_its_year_once() {
        let later = at("2027-02-01T12:00:00Z");
        let all = [
            notice(Colour::Red, None),
            notice(Colour::Red, Some(event(later, source("chief"), Act::Withdraw {}))),
            notice(Colour::Blue, Some(event(later, reviewer("lawyer"), Act::Cancel { ground: Ground::Article3 }))),
            notice(Colour::Red, Some(event(later, reviewer("lawyer"), Act::Suspend {}))),
            refused(Ground::Article2),
            refused(Ground::Incomplete),
            folded(&published(Colour::Green)[..2]),
            Lifecycle::default(),
        ];
        let statistics = Statistics::of(&all, at("2028-12-01T00:00:00Z"));
        let first = statistics.sum(2026, |_, _| true);
        assert_eq!((first.submitted, first.issued, first.all_refused()), (7, 4, 2));
        assert_eq!(first.refused, BTreeMap::from([(Ground::Article2, 1), (Ground::Incomplete, 1)]));
        let second = statistics.sum(2027, |_, _| true);
        assert_eq!((second.withdrawn, second.all_cancelled(), second.suspended, second.issued), (1, 1, 1, 0));
        assert_eq!(statistics.sum(2027, |_, colour| colour == Colour::Red).all_cancelled(), 0);
        assert_eq!(statistics.sum(2028, |_, _| true).expired, 2, "the one left alone and the suspended one");
        assert_eq!(statistics.sum(2026, |source, _| source.as_str() == "fi-police"), Counts::default());
        let before = Statistics::of(&all, at("2026-12-01T00:00:00Z"));
        assert_eq!(before.sum(2026, |_, _| true).all_refused(), 0, "nothing is counted before it happened");
    }

    #[test]
    fn counts_become_the_history_the_gate_weighs() {
        let all: Vec<_> = (0..3).map(|_| refused(Ground::Article3)).collect();
        let statistics = Statistics::of(&all, at("2027-06-01T00:00:00Z"));
        let source = OrgName::parse("ee-police").unwrap();
        let history = |now: &str, abuse| statistics.history(&source, at(now), abuse);
        assert_eq!(history("2027-06-01T00:00:00Z", 0).record(), Record::Bad);
        assert_eq!(history("2028-12-31T00:00:00Z", 0).record(), Record::Bad);
        assert_eq!(history("2029-01-01T00:00:00Z", 0).record(), Record::Good, "three years are over");
        assert_eq!(history("2029-01-01T00:00:00Z", 1).record(), Record::Bad);
    }

    #[test]
    fn counts_are_plain_data() {
        let statistics = Statistics::of([&notice(Colour::Red, None)], at("2027-01-01T00:00:00Z"));
        let json = serde_json::to_value(&statistics).unwrap();
        assert_eq!(json["2026"]["ee-police"]["red"]["issued"], 1);
    }
}
