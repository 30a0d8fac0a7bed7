use std::ops::Range;

use comity_base::LimitExceeded;

use crate::ast::{ObservationExpression, Pattern, Qualifier};
use crate::error::{MatchError, shortened};
use crate::evaluate::{Condition, Work};
use crate::flow::{Bounds, Demand, Slot, assign};
use crate::moment::{self, Moment};
use crate::observation::Observation;

/// Steps of work [`matches()`] allows: some seconds at most.
pub const DEFAULT_WORK: u64 = 50_000_000;

/// Most demands and most decisions one pattern may unfold to through REPEATS.
const MAX_DEMANDS: usize = 4096;
const MAX_DECISIONS: usize = 256;

/// A way in which observations fulfil a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Positions in the list of observations, ascending, each once.
    pub observations: Vec<usize>,
}

/// Holds a pattern against observations: `None` when they do not fulfil it (STIX 2.1 section 9).
///
/// Each observation expression takes its own observation; one with `number_observed` n can be taken
/// n times. WITHIN, FOLLOWEDBY and START/STOP hold when some moment between first and last seen
/// can be chosen for each. NOT negates the test of each value, so an absent property passes neither
/// way. MATCHES finds its expression anywhere in the value and `.` does not find a line end;
/// ISSUBSET and ISSUPERSET are false for what is no IP address.
///
/// # Errors
/// When the pattern has no meaning (a day that never was, a set of mixed types, zero seconds), when
/// the data cannot be compared to it, or when more than [`DEFAULT_WORK`] steps would be needed.
pub fn matches(pattern: &Pattern<'_>, observations: &[Observation<'_, '_>]) -> Result<Option<Match>, MatchError> {
    matches_within(pattern, observations, DEFAULT_WORK)
}

/// [`matches()`] with another limit on work, in steps of some ten nanoseconds.
///
/// # Errors
/// As [`matches()`].
pub fn matches_within(
    pattern: &Pattern<'_>,
    observations: &[Observation<'_, '_>],
    work: u64,
) -> Result<Option<Match>, MatchError> {
    let mut work = Work::new(work);
    let mut outline = Outline { conditions: Vec::new(), regexes: 0 };
    let mut root = outline.part(&pattern.root)?;
    let mut leaves = Vec::with_capacity(outline.conditions.len());
    for condition in &outline.conditions {
        let mut candidates = Vec::new();
        for (at, observation) in observations.iter().enumerate() {
            work.spend(1)?;
            if condition.holds(observation, &mut work)? {
                candidates.push(at);
            }
        }
        leaves.push(candidates);
    }
    merge_alternatives(&mut root, &mut leaves, &mut work)?;
    let slot = |seen: &Observation<'_, '_>| Slot { first: seen.first, last: seen.last, count: seen.count };
    let slots: Vec<Slot> = observations.iter().map(slot).collect();
    let total = slots.iter().fold(0u64, |sum, slot| sum.saturating_add(slot.count));
    let mut choices = Choices::default();
    loop {
        choices.rewind();
        let mut draft = Draft { demands: Vec::new(), decisions: Vec::new(), possible: true, total, choices };
        draft.add(&root, 1, Bounds::ALL)?;
        if draft.possible {
            let mut solver =
                Solver { draft: &draft, leaves: &leaves, slots: &slots, work: &mut work, chosen: Vec::new() };
            if let Some(observations) = solver.search(&draft.demands)? {
                return Ok(Some(Match { observations }));
            }
        }
        work.spend(1 + draft.demands.len())?;
        choices = draft.choices;
        if !choices.next() {
            return Ok(None);
        }
    }
}

/// A pattern's observation expressions, parentheses removed.
enum Part {
    /// Number of a list of candidates.
    Leaf(usize),
    All(Vec<Self>),
    Any(Vec<Self>),
    Then(Vec<Self>),
    Within(Moment, Box<Self>),
    Repeats(u64, Box<Self>),
    /// `None` when START is not before STOP: nothing lies between them.
    Between(Option<Bounds>, Box<Self>),
}

struct Outline<'p> {
    conditions: Vec<Condition<'p>>,
    regexes: usize,
}

impl<'p> Outline<'p> {
    fn part(&mut self, expression: &'p ObservationExpression<'p>) -> Result<Part, MatchError> {
        let mut list = |parts: &'p [ObservationExpression<'p>]| {
            parts.iter().map(|part| self.part(part)).collect::<Result<Vec<_>, _>>()
        };
        match expression {
            ObservationExpression::Group(inner) => self.part(inner),
            ObservationExpression::And(parts) => list(parts).map(Part::All),
            ObservationExpression::Or(parts) => list(parts).map(Part::Any),
            ObservationExpression::FollowedBy(parts) => list(parts).map(Part::Then),
            ObservationExpression::Simple(comparison) => {
                self.conditions.push(Condition::new(comparison, &mut self.regexes)?);
                Ok(Part::Leaf(self.conditions.len() - 1))
            }
            ObservationExpression::Qualified { expression, qualifiers } => {
                let mut part = self.part(expression)?;
                for qualifier in qualifiers {
                    part = bounded(part, qualifier)?;
                }
                Ok(part)
            }
        }
    }
}

fn bounded(part: Part, qualifier: &Qualifier<'_>) -> Result<Part, MatchError> {
    let inner = Box::new(part);
    match qualifier {
        Qualifier::Within(seconds) if *seconds <= 0.0 => {
            Err(MatchError::Pattern("WITHIN must be more than 0 seconds".into()))
        }
        Qualifier::Repeats(0) => Err(MatchError::Pattern("REPEATS must be at least 1 time".into())),
        // One observation is always within any time.
        Qualifier::Within(_) if matches!(*inner, Part::Leaf(_)) => Ok(*inner),
        Qualifier::Within(seconds) => Ok(Part::Within(moment::duration(*seconds), inner)),
        Qualifier::Repeats(times) => Ok(Part::Repeats(*times, inner)),
        Qualifier::StartStop { start, stop } => {
            let read = |literal: &crate::ast::Literal<'_>| {
                let (crate::ast::Literal::Time(text) | crate::ast::Literal::Text(text)) = literal else { return None };
                moment::read(text)
            };
            let missing = || {
                let bounds = format!("START {start} STOP {stop}");
                MatchError::Pattern(format!("{} is not a pair of timestamps", shortened(&bounds)))
            };
            let (start, stop) = (read(start).ok_or_else(missing)?, read(stop).ok_or_else(missing)?);
            let bounds = Bounds { first_at_most: stop - 1, last_at_least: start };
            Ok(Part::Between((start < stop).then_some(bounds), inner))
        }
    }
}

/// Makes one leaf of the alternatives that are leaves: then no choice between them is left to try.
fn merge_alternatives(part: &mut Part, leaves: &mut Vec<Vec<usize>>, work: &mut Work) -> Result<(), MatchError> {
    match part {
        Part::Leaf(_) => {}
        Part::All(parts) | Part::Then(parts) => {
            for part in parts {
                merge_alternatives(part, leaves, work)?;
            }
        }
        Part::Within(_, inner) | Part::Repeats(_, inner) | Part::Between(_, inner) => {
            merge_alternatives(inner, leaves, work)?;
        }
        Part::Any(parts) => {
            let mut merged = Vec::new();
            let mut rest = Vec::new();
            for mut part in parts.drain(..) {
                merge_alternatives(&mut part, leaves, work)?;
                match part {
                    Part::Leaf(leaf) => merged.extend(leaves.get(leaf).into_iter().flatten().copied()),
                    part => rest.push(part),
                }
            }
            work.spend(merged.len() + 1)?;
            merged.sort_unstable();
            merged.dedup();
            leaves.push(merged);
            let leaf = Part::Leaf(leaves.len() - 1);
            if rest.is_empty() {
                *part = leaf;
            } else {
                rest.insert(0, leaf);
                *part = Part::Any(rest);
            }
        }
    }
    Ok(())
}

impl Part {
    /// Whether nothing is to be decided in it, so that repeating it only multiplies its demands.
    fn is_plain(&self) -> bool {
        match self {
            Self::Leaf(_) => true,
            Self::All(parts) => parts.iter().all(Self::is_plain),
            Self::Repeats(_, inner) | Self::Between(_, inner) => inner.is_plain(),
            Self::Any(_) | Self::Then(_) | Self::Within(..) => false,
        }
    }

    fn has_choice(&self) -> bool {
        match self {
            Self::Leaf(_) => false,
            Self::Any(_) => true,
            Self::All(parts) | Self::Then(parts) => parts.iter().any(Self::has_choice),
            Self::Within(_, inner) | Self::Repeats(_, inner) | Self::Between(_, inner) => inner.has_choice(),
        }
    }
}

/// Which alternative each OR takes, counted through like the digits of a number.
#[derive(Default)]
struct Choices {
    digits: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    fn rewind(&mut self) {
        self.at = 0;
    }

    fn pick(&mut self, alternatives: usize) -> usize {
        if self.at == self.digits.len() {
            self.digits.push((0, alternatives));
        }
        let picked = self.digits.get(self.at).map_or(0, |(picked, _)| *picked);
        self.at += 1;
        picked
    }

    fn next(&mut self) -> bool {
        while let Some((picked, alternatives)) = self.digits.pop() {
            if picked + 1 < alternatives {
                self.digits.push((picked + 1, alternatives));
                return true;
            }
        }
        false
    }
}

/// The demands under one set of choices, and what must still be decided about their times.
struct Draft {
    demands: Vec<Demand>,
    decisions: Vec<Decision>,
    possible: bool,
    /// How many observations there are in all.
    total: u64,
    choices: Choices,
}

/// Times that some moment must separate or begin. Deciding on the moment leaves bounds on each demand.
struct Decision {
    kind: Kind,
    /// An equal part repeated before this one: its moment need never be later, for equal parts can swap.
    twin: Option<usize>,
}

enum Kind {
    /// From the decided moment, the earliest "last seen", no "first seen" is further than this.
    Within(Moment, Range<usize>),
    /// The decided moment is the latest "first seen" before it; every "last seen" after it is no earlier.
    Then { before: Range<usize>, after: Range<usize> },
}

impl Draft {
    fn add(&mut self, part: &Part, times: u64, bounds: Bounds) -> Result<(), MatchError> {
        if self.demands.len() >= MAX_DEMANDS || self.decisions.len() > MAX_DECISIONS {
            let limit = u64::try_from(MAX_DEMANDS).unwrap_or(u64::MAX);
            return Err(LimitExceeded { what: "observation expressions after unfolding REPEATS", limit }.into());
        }
        match part {
            Part::Leaf(leaf) => self.demands.push(Demand { leaf: *leaf, times, bounds }),
            Part::All(parts) => {
                for part in parts {
                    self.add(part, times, bounds)?;
                }
            }
            Part::Any(parts) => {
                let picked = self.choices.pick(parts.len());
                if let Some(part) = parts.get(picked) {
                    self.add(part, times, bounds)?;
                }
            }
            Part::Between(None, _) => self.possible = false,
            Part::Between(Some(own), inner) => self.add(inner, times, bounds.both(*own))?,
            Part::Within(length, inner) => {
                let start = self.demands.len();
                self.add(inner, times, bounds)?;
                let kind = Kind::Within(*length, start..self.demands.len());
                self.decisions.push(Decision { kind, twin: None });
            }
            Part::Then(parts) => self.add_in_order(parts, times, bounds)?,
            Part::Repeats(count, inner) => self.add_repeated(*count, inner, times, bounds)?,
        }
        Ok(())
    }

    fn add_in_order(&mut self, parts: &[Part], times: u64, bounds: Bounds) -> Result<(), MatchError> {
        let start = self.demands.len();
        for part in parts {
            let middle = self.demands.len();
            self.add(part, times, bounds)?;
            if start < middle {
                let kind = Kind::Then { before: start..middle, after: middle..self.demands.len() };
                self.decisions.push(Decision { kind, twin: None });
            }
        }
        Ok(())
    }

    fn add_repeated(&mut self, count: u64, inner: &Part, times: u64, bounds: Bounds) -> Result<(), MatchError> {
        let Some(all) = count.checked_mul(times).filter(|all| *all <= self.total) else {
            self.possible = false;
            return Ok(());
        };
        if inner.is_plain() {
            return self.add(inner, all, bounds);
        }
        let mut twin = None;
        for _ in 0..all {
            let first = self.decisions.len();
            self.add(inner, 1, bounds)?;
            if let Some(decision) = self.decisions.get_mut(first).filter(|_| !inner.has_choice()) {
                decision.twin = twin;
                twin = Some(first);
            }
        }
        Ok(())
    }
}

struct Solver<'s> {
    draft: &'s Draft,
    leaves: &'s [Vec<usize>],
    slots: &'s [Slot],
    work: &'s mut Work,
    /// The moments decided on so far.
    chosen: Vec<Moment>,
}

impl Solver<'_> {
    /// Decides one moment after the other. The flow without the decisions still open is a bound:
    /// where it fails, no way of deciding them can succeed.
    fn search(&mut self, demands: &[Demand]) -> Result<Option<Vec<usize>>, MatchError> {
        let used = assign(demands, self.leaves, self.slots, self.work)?;
        let Some(decision) = self.draft.decisions.get(self.chosen.len()).filter(|_| used.is_some()) else {
            return Ok(used);
        };
        let earliest = decision.twin.and_then(|twin| self.chosen.get(twin).copied()).unwrap_or(Moment::MIN);
        for moment in self.moments(decision, demands)? {
            if moment < earliest {
                continue;
            }
            self.work.spend(demands.len())?;
            let mut narrowed = demands.to_vec();
            decision.kind.narrow(&mut narrowed, moment);
            self.chosen.push(moment);
            let found = self.search(&narrowed)?;
            self.chosen.pop();
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The moments worth deciding on: each is some candidate's "last seen" (WITHIN) or "first seen" (FOLLOWEDBY).
    fn moments(&mut self, decision: &Decision, demands: &[Demand]) -> Result<Vec<Moment>, MatchError> {
        let (range, moment): (_, fn(&Slot) -> Moment) = match &decision.kind {
            Kind::Within(_, range) => (range, |slot| slot.last),
            Kind::Then { before, .. } => (before, |slot| slot.first),
        };
        let mut moments = Vec::new();
        for demand in demands.get(range.clone()).unwrap_or_default() {
            let leaf = self.leaves.get(demand.leaf).map_or(&[][..], Vec::as_slice);
            self.work.spend(leaf.len() + 1)?;
            let slots = leaf.iter().filter_map(|&slot| self.slots.get(slot));
            moments.extend(slots.filter(|slot| demand.bounds.allow(slot)).map(moment));
        }
        moments.sort_unstable();
        moments.dedup();
        Ok(moments)
    }
}

impl Kind {
    fn narrow(&self, demands: &mut [Demand], moment: Moment) {
        let mut narrow = |range: &Range<usize>, bounds: Bounds| {
            for demand in demands.get_mut(range.clone()).unwrap_or_default() {
                demand.bounds = demand.bounds.both(bounds);
            }
        };
        match self {
            Self::Within(length, range) => {
                narrow(range, Bounds { first_at_most: moment.saturating_add(*length), last_at_least: moment });
            }
            Self::Then { before, after } => {
                narrow(before, Bounds { first_at_most: moment, ..Bounds::ALL });
                narrow(after, Bounds { last_at_least: moment, ..Bounds::ALL });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use comity_base::{Limits, Timestamp};
    use comity_stix::Doc;

    use super::*;

    /// One observation per second, of `a` objects with `n` counting up, each seen `count` times.
    fn seen(text: &str, observations: i64, count: u64) -> Result<Option<Match>, MatchError> {
        let objects: Vec<String> = (0..observations).map(|n| format!(r#"{{"type":"a","n":{n}}}"#)).collect();
        let json = format!("[{}]", objects.join(","));
        let doc = Doc::parse(json.as_bytes(), 8).unwrap();
        let time = |n: usize| Timestamp::from_micros(i64::try_from(n).unwrap() * 1_000_000);
        let one = |(n, node)| Observation::new(time(n), time(n), count, vec![node], []).unwrap();
        let list: Vec<_> = doc.root().items().enumerate().map(one).collect();
        matches(&crate::parse(text, &Limits::default()).unwrap(), &list)
    }

    #[test]
    fn each_expression_takes_its_own_observation() {
        assert_eq!(seen("[a:n = 1] AND [a:n < 9]", 2, 1).unwrap().unwrap().observations, [0, 1]);
        assert_eq!(seen("[a:n = 1] AND [a:n < 2]", 1, 1), Ok(None));
        assert!(seen("[a:n = 0] AND [a:n < 2]", 1, 2).unwrap().is_some());
        let nine = ["[a:n < 9]"; 9].join(" AND ");
        assert_eq!(seen(&nine, 8, 1), Ok(None));
        assert!(seen(&nine, 9, 1).unwrap().is_some());
    }

    #[test]
    fn order_and_time_hold_together() {
        assert!(seen("[a:n = 1] FOLLOWEDBY [a:n = 3]", 5, 1).unwrap().is_some());
        assert_eq!(seen("[a:n = 3] FOLLOWEDBY [a:n = 1]", 5, 1), Ok(None));
        assert_eq!(seen("[a:n = 1] FOLLOWEDBY [a:n > 0] FOLLOWEDBY [a:n < 2]", 5, 1), Ok(None));
        assert!(seen("([a:n = 0] FOLLOWEDBY [a:n > 2]) WITHIN 3 SECONDS", 5, 1).unwrap().is_some());
        assert_eq!(seen("([a:n = 0] FOLLOWEDBY [a:n > 2]) WITHIN 2.5 SECONDS", 5, 1), Ok(None));
        assert!(seen("([a:n < 20] FOLLOWEDBY [a:n > 5]) REPEATS 10 TIMES", 20, 1).unwrap().is_some());
        assert_eq!(seen("([a:n < 9] FOLLOWEDBY [a:n > 5]) REPEATS 10 TIMES", 20, 1), Ok(None));
        assert_eq!(seen("([a:n > 4] FOLLOWEDBY [a:n < 5]) REPEATS 2 TIMES", 20, 1), Ok(None));
        assert_eq!(seen("[a:n < 9] REPEATS 4 TIMES WITHIN 2 SECONDS", 20, 1), Ok(None));
        assert!(seen("[a:n < 9] REPEATS 3 TIMES WITHIN 2 SECONDS", 20, 1).unwrap().is_some());
    }

    #[test]
    fn alternatives_are_all_tried() {
        let text =
            "([a:n = 90] AND [a:n = 1] OR [a:n = 0] AND [a:n = 91] OR [a:n = 2] AND [a:n = 3]) FOLLOWEDBY [a:n = 4]";
        assert_eq!(seen(text, 5, 1).unwrap().unwrap().observations, [2, 3, 4]);
        assert!(seen("([a:n = 9] OR [a:n = 1] AND [a:n = 2]) REPEATS 2 TIMES", 3, 2).unwrap().is_some());
        assert_eq!(seen("([a:n = 9] OR [a:n = 1] AND [a:n = 2]) REPEATS 3 TIMES", 3, 2), Ok(None));
    }

    #[test]
    fn great_numbers_cost_nothing() {
        assert!(seen("[a:n = 0] REPEATS 500000000 TIMES WITHIN 1 SECONDS", 2, 1_000_000_000).unwrap().is_some());
        assert_eq!(seen("[a:n = 0] REPEATS 9000000000000000000 TIMES REPEATS 9000000000 TIMES", 2, u64::MAX), Ok(None));
    }

    #[test]
    fn what_asks_too_much_is_a_limit_not_a_hang() {
        let text = "([a:n < 9] FOLLOWEDBY [a:n > 5]) REPEATS 1000000 TIMES";
        assert!(matches!(seen(text, 20, 1_000_000), Err(MatchError::Limit(_))));
        let either = ["([a:n = 1] AND [a:n = 90] OR [a:n = 1] AND [a:n = 91])"; 40].join(" AND ");
        let either = format!("[a:n = 0] AND {either}");
        assert!(matches!(seen(&either, 3, 100), Err(MatchError::Limit(_))));
    }

    #[test]
    fn bounds_that_contradict_are_never_met() {
        let text = "[a:n < 9] START t'1970-01-01T00:00:05Z' STOP t'1970-01-01T00:00:05Z'";
        assert_eq!(seen(text, 9, 1), Ok(None));
        assert!(matches!(seen("[a:n = 1] WITHIN 0 SECONDS", 2, 1), Err(MatchError::Pattern(_))));
        assert!(matches!(seen("[a:n = 1] REPEATS 0 TIMES", 2, 1), Err(MatchError::Pattern(_))));
    }
}
