use crate::error::MatchError;
use crate::evaluate::Work;
use crate::moment::Moment;

/// One demand: so many observations out of these candidates, within these bounds.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// Which list of candidates.
    pub(crate) leaf: usize,
    pub(crate) times: u64,
    pub(crate) bounds: Bounds,
}

/// Observations first seen no later than one moment and last seen no earlier than another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) first_at_most: Moment,
    pub(crate) last_at_least: Moment,
}

impl Bounds {
    pub(crate) const ALL: Self = Self { first_at_most: Moment::MAX, last_at_least: Moment::MIN };

    pub(crate) fn both(self, other: Self) -> Self {
        Self {
            first_at_most: self.first_at_most.min(other.first_at_most),
            last_at_least: self.last_at_least.max(other.last_at_least),
        }
    }

    pub(crate) fn allow(self, slot: &Slot) -> bool {
        slot.first <= self.first_at_most && slot.last >= self.last_at_least
    }
}

/// An observation as something that can be used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) first: Moment,
    pub(crate) last: Moment,
    pub(crate) count: u64,
}

/// Gives each demand distinct observations, if that is possible at all: a bipartite flow.
///
/// Returns which slots are used, in order.
pub(crate) fn assign(
    demands: &[Demand],
    leaves: &[Vec<usize>],
    slots: &[Slot],
    work: &mut Work,
) -> Result<Option<Vec<usize>>, MatchError> {
    work.spend(slots.len())?;
    let left = slots.iter().map(|slot| slot.count).collect();
    let mut flow = Flow { demands, leaves, slots, left, taken: vec![Vec::new(); slots.len()] };
    for demand in 0..demands.len() {
        if !flow.fill(demand, work)? {
            return Ok(None);
        }
    }
    let used = flow.taken.iter().enumerate().filter(|(_, taken)| taken.iter().any(|(_, amount)| *amount > 0));
    Ok(Some(used.map(|(slot, _)| slot).collect()))
}

struct Flow<'f> {
    demands: &'f [Demand],
    leaves: &'f [Vec<usize>],
    slots: &'f [Slot],
    /// What is left of each slot.
    left: Vec<u64>,
    /// Who took how much of each slot.
    taken: Vec<Vec<(usize, u64)>>,
}

impl Flow<'_> {
    fn candidates(&self, demand: usize) -> impl Iterator<Item = usize> {
        let demand = self.demands.get(demand);
        let leaf = demand.and_then(|demand| self.leaves.get(demand.leaf)).map_or(&[][..], Vec::as_slice);
        let bounds = demand.map_or(Bounds::ALL, |demand| demand.bounds);
        leaf.iter().copied().filter(move |&slot| self.slots.get(slot).is_some_and(|slot| bounds.allow(slot)))
    }

    fn fill(&mut self, demand: usize, work: &mut Work) -> Result<bool, MatchError> {
        let mut need = self.demands.get(demand).map_or(0, |demand| demand.times);
        let candidates: Vec<usize> = self.candidates(demand).collect();
        let leaf = self.demands.get(demand).and_then(|demand| self.leaves.get(demand.leaf)).map_or(0, Vec::len);
        work.spend(leaf + 1)?;
        for slot in candidates {
            let amount = self.left.get(slot).copied().unwrap_or(0).min(need);
            self.take(demand, slot, amount);
            need -= amount;
            if need == 0 {
                return Ok(true);
            }
        }
        while need > 0 {
            let amount = self.augment(demand, need, work)?;
            if amount == 0 {
                return Ok(false);
            }
            need -= amount;
        }
        Ok(true)
    }

    fn take(&mut self, demand: usize, slot: usize, amount: u64) {
        if amount == 0 {
            return;
        }
        if let Some(left) = self.left.get_mut(slot) {
            *left -= amount;
        }
        self.shift(demand, slot, amount);
    }

    /// Books `amount` more of a slot for a demand, without touching what is left.
    fn shift(&mut self, demand: usize, slot: usize, amount: u64) {
        let Some(taken) = self.taken.get_mut(slot) else { return };
        match taken.iter_mut().find(|(holder, _)| *holder == demand) {
            Some((_, held)) => *held += amount,
            None => taken.push((demand, amount)),
        }
    }

    fn held(&self, demand: usize, slot: usize) -> u64 {
        let taken = self.taken.get(slot).map_or(&[][..], Vec::as_slice);
        taken.iter().find(|(holder, _)| *holder == demand).map_or(0, |(_, held)| *held)
    }

    fn release(&mut self, demand: usize, slot: usize, amount: u64) {
        let taken = self.taken.get_mut(slot).map_or(&mut [][..], Vec::as_mut_slice);
        if let Some((_, held)) = taken.iter_mut().find(|(holder, _)| *holder == demand) {
            *held -= amount;
        }
    }

    /// Frees observations for one demand by moving others to their alternatives; says how many.
    fn augment(&mut self, demand: usize, need: u64, work: &mut Work) -> Result<u64, MatchError> {
        // For each slot reached: the demand it was reached from. For each demand: the slot it would give up.
        let mut slot_from: Vec<Option<usize>> = vec![None; self.slots.len()];
        let mut gives: Vec<Option<usize>> = vec![None; self.demands.len()];
        let mut queue = vec![demand];
        let mut next = 0;
        work.spend(self.slots.len() + self.demands.len())?;
        while let Some(&asking) = queue.get(next) {
            next += 1;
            work.spend(1)?;
            let reached: Vec<usize> = self.candidates(asking).collect();
            for slot in reached {
                let holders = self.taken.get(slot).map_or(&[][..], Vec::as_slice);
                work.spend(1 + holders.len())?;
                let Some(from @ None) = slot_from.get_mut(slot) else { continue };
                *from = Some(asking);
                if self.left.get(slot).is_some_and(|&left| left > 0) {
                    return Ok(self.push(demand, slot, need, &slot_from, &gives));
                }
                for &(holder, held) in holders {
                    if held > 0
                        && holder != demand
                        && let Some(give @ None) = gives.get_mut(holder)
                    {
                        *give = Some(slot);
                        queue.push(holder);
                    }
                }
            }
        }
        Ok(0)
    }

    /// Moves as much as the path to a free slot carries.
    fn push(&mut self, demand: usize, end: usize, need: u64, from: &[Option<usize>], gives: &[Option<usize>]) -> u64 {
        let mut path = Vec::new();
        let mut slot = end;
        while let Some(&Some(asking)) = from.get(slot) {
            path.push((asking, slot));
            if asking == demand {
                break;
            }
            let Some(&Some(given)) = gives.get(asking) else { return 0 };
            slot = given;
        }
        let mut amount = need.min(self.left.get(end).copied().unwrap_or(0));
        for &(asking, _) in &path {
            if let Some(&Some(given)) = gives.get(asking).filter(|_| asking != demand) {
                amount = amount.min(self.held(asking, given));
            }
        }
        if let Some(left) = self.left.get_mut(end) {
            *left -= amount;
        }
        for (asking, slot) in path {
            self.shift(asking, slot, amount);
            if let Some(&Some(given)) = gives.get(asking).filter(|_| asking != demand) {
                self.release(asking, given, amount);
            }
        }
        amount
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn possible(times: &[u64], leaves: &[Vec<usize>], counts: &[u64]) -> bool {
        let demand = |(leaf, &times)| Demand { leaf, times, bounds: Bounds::ALL };
        let demands: Vec<_> = times.iter().enumerate().map(demand).collect();
        let slots: Vec<_> = counts.iter().map(|&count| Slot { first: 0, last: 0, count }).collect();
        assign(&demands, leaves, &slots, &mut Work::new(1_000_000)).unwrap().is_some()
    }

    #[test]
    fn an_earlier_choice_is_undone_when_needed() {
        assert!(possible(&[1, 1], &[vec![0, 1], vec![0]], &[1, 1]));
        assert!(possible(&[3, 2], &[vec![0, 1], vec![0]], &[2, 3]));
        assert!(!possible(&[1, 1], &[vec![0], vec![0]], &[1]));
        assert!(possible(&[1_000_000, 999], &[vec![0, 1], vec![0]], &[1_000, 1_000_000]));
    }

    /// Hall's condition, by trying every set of demands.
    fn by_hall(times: &[u64], leaves: &[Vec<usize>], counts: &[u64]) -> bool {
        (0u32..1 << times.len()).all(|set| {
            let chosen = |demand: &usize| set >> demand & 1 == 1;
            let need: u64 = (0..times.len()).filter(chosen).map(|demand| times[demand]).sum();
            let offers = |slot: &usize| (0..times.len()).filter(chosen).any(|demand| leaves[demand].contains(slot));
            let offer: u64 = (0..counts.len()).filter(offers).map(|slot| counts[slot]).sum();
            need <= offer
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn the_flow_agrees_with_halls_condition(
            demands in prop::collection::vec((1u64..4, prop::collection::btree_set(0usize..5, 0..5)), 0..6),
            counts in prop::collection::vec(0u64..4, 5),
        ) {
            let times: Vec<_> = demands.iter().map(|(times, _)| *times).collect();
            let leaves: Vec<Vec<usize>> = demands.iter().map(|(_, leaf)| leaf.iter().copied().collect()).collect();
            prop_assert_eq!(possible(&times, &leaves, &counts), by_hall(&times, &leaves, &counts));
        }
    }
}
