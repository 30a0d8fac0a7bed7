use std::collections::{BTreeMap, VecDeque};

use comity_base::Timestamp;
use comity_law::hit::{End, Refutal};
use serde::{Deserialize, Serialize};

use super::file::File;
use crate::persons::ask::{Asked, usual_from};
use crate::{Node, NodeError, Purpose};

/// What became of the hits of each purpose: how likely each had seemed, and whether it was the one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcomes(BTreeMap<String, VecDeque<(f32, bool)>>);

/// From which probability on names count for a purpose: what is usual, raised where nearly all hits that seemed no likelier were
/// refuted.
pub(in crate::persons) struct Thresholds {
    purpose: Purpose,
    outcomes: VecDeque<(f32, bool)>,
}

impl Thresholds {
    /// That of a question, among so many names.
    pub(in crate::persons) fn of(&self, asked: &Asked, names: usize) -> f32 {
        raised(usual_from(self.purpose, asked.is_born(), names), &self.outcomes)
    }
}

impl Node {
    /// What is known of a purpose.
    pub(in crate::persons) fn thresholds(&self, purpose: Purpose) -> Result<Thresholds, NodeError> {
        let known: Option<Outcomes> = self.setting(OUTCOMES)?;
        let outcomes = known.and_then(|mut known| known.0.remove(purpose.name())).unwrap_or_default();
        Ok(Thresholds { purpose, outcomes })
    }

    /// Learns from a hit that was confirmed or refuted as another person; what ended otherwise says nothing of names.
    pub(super) fn learn_from(&self, file: &File, now: Timestamp) -> Result<(), NodeError> {
        let hit = file.hit(now);
        let was_the_one = match (hit.end(), hit.confirmed()) {
            (Some(End::Refuted(_, Refutal::OtherPerson)), _) => false,
            (None, Some(_)) => true,
            _ => return Ok(()),
        };
        let outcome = (file.probability, was_the_one);
        let add = |known: Option<Outcomes>| {
            let mut known = known.unwrap_or_default();
            let of = known.0.entry(file.purpose.name().to_owned()).or_default();
            of.push_back(outcome);
            while of.len() > REMEMBERED {
                of.pop_front();
            }
            Ok(known)
        };
        self.change_setting(OUTCOMES, add, &[]).map(drop)
    }
}

/// The least probability from which on not nearly all were refuted; where too few are known, the usual one.
fn raised(usual: f32, outcomes: &VecDeque<(f32, bool)>) -> f32 {
    let steps = (0..STEPS).map(|step| 1.0 - (1.0 - usual) * 0.5_f32.powi(step));
    let is_fine = |from: &f32| {
        let of: Vec<bool> = outcomes.iter().filter(|(seemed, _)| seemed >= from).map(|(_, right)| *right).collect();
        let refuted = of.iter().filter(|right| !**right).count();
        of.len() < ENOUGH || refuted * 10 <= of.len() * MOST_REFUTED
    };
    // Where even the likeliest are refuted, the highest step counts: nothing is switched off by hits alone.
    let highest = 1.0 - (1.0 - usual) * 0.5_f32.powi(STEPS - 1);
    steps.into_iter().find(is_fine).unwrap_or(highest)
}

const OUTCOMES: &str = "search-outcomes";
/// Outcomes of one purpose that are remembered.
const REMEMBERED: usize = 400;
/// So many must be known before anything is changed.
const ENOUGH: usize = 20;
/// Of ten hits, at most so many may be refuted.
const MOST_REFUTED: usize = 8;
/// How often the distance to certainty may be halved.
const STEPS: i32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(of: &[(f32, bool, usize)]) -> VecDeque<(f32, bool)> {
        of.iter().flat_map(|(seemed, right, times)| std::iter::repeat_n((*seemed, *right), *times)).collect()
    }

    #[test]
    fn refuted_hits_raise_the_threshold_and_confirmed_ones_keep_it() {
        let usual = 0.9;
        assert!((raised(usual, &outcomes(&[(0.92, false, 19)])) - usual).abs() < 1e-6, "too few to tell");
        assert!((raised(usual, &outcomes(&[(0.92, false, 20), (0.92, true, 10)])) - usual).abs() < 1e-6);
        let risen = raised(usual, &outcomes(&[(0.92, false, 60), (0.99, true, 10)]));
        assert!((0.93..0.96).contains(&risen), "{risen}");
    }

    #[test]
    fn however_many_are_refuted_something_is_still_found() {
        let risen = raised(0.9, &outcomes(&[(0.9999, false, 400)]));
        assert!(risen < 0.995, "{risen}");
    }
}
