//! What one look found, as it is kept: values with their places, and pairs of containers that share some of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use comity_base::{OrgName, Position};
use comity_link::{Evidence, Path, Rarity, Score, Strength, score};
use comity_stix::Value;
use roaring::RoaringTreemap;

use super::search::Seen;
use super::{Hit, Related, SharedValue};
use crate::labels::OwnerNo;
use crate::{Container, NodeError};

/// Values of one pair that are looked at again just before it is shown.
const CHECKED: usize = 1_000;
/// Values shown with one hit; all of them are counted.
const SHOWN: usize = 12;

/// What one look found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Pairs of containers, in no order.
    pub(super) pairs: Vec<Pair>,
    pub(super) crossings: Vec<Crossing>,
    pub(super) containers: Vec<Arc<Container>>,
    /// Whose each container is, by number among the owners.
    pub(super) owned: Vec<usize>,
    pub(super) owners: Vec<OrgName>,
    pub(super) objects: Vec<Arc<Seen>>,
    /// Values that two or more owners hold.
    pub(super) shared_values: u64,
    /// Of these, values that were not weighed because there are more than asked for.
    pub(super) not_weighed: u64,
}

/// Two containers of different owners that hold the same values.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) one: u32,
    pub(super) other: u32,
    /// What ties them, the rarest first.
    pub(super) crossings: Box<[u32]>,
    pub(super) points: u8,
}

/// A value that crosses a border, read back.
#[derive(Clone, Debug)]
pub(super) struct Crossing {
    pub(super) value: Value,
    pub(super) rarity: Rarity,
    /// Containers that hold it, with an object of each.
    pub(super) places: Vec<Place>,
    /// Where else it stood when it was looked for, besides the objects of its places.
    pub(super) elsewhere: RoaringTreemap,
}

/// One container that holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) container: u32,
    pub(super) object: u32,
    pub(super) owner: OwnerNo,
    /// Whether the container is only related to the object, one step away.
    pub(super) is_related: bool,
    /// Whether the value stands there only in detection patterns.
    pub(super) in_pattern: bool,
}

impl Found {
    pub(super) fn pair_up(&mut self) {
        let mut pairs: HashMap<(u32, u32), Vec<u32>> = HashMap::new();
        for (number, crossing) in (0..).zip(&self.crossings) {
            for (at, left) in crossing.places.iter().enumerate() {
                for right in crossing.places.iter().skip(at + 1).filter(|right| left.owner != right.owner) {
                    let pair = (left.container.min(right.container), left.container.max(right.container));
                    pairs.entry(pair).or_default().push(number);
                }
            }
        }
        let scored = |((one, other), crossings): ((u32, u32), Vec<u32>)| {
            let pair = Pair { one, other, crossings: crossings.into(), points: 0 };
            Pair { points: self.points(&pair), ..pair }
        };
        self.pairs = pairs.into_iter().map(scored).collect();
    }

    /// Both containers of a pair.
    pub(super) fn sides(&self, pair: &Pair) -> [Option<&Arc<Container>>; 2] {
        [pair.one, pair.other].map(|side| self.containers.get(side as usize))
    }

    /// The values that tie a pair, the rarest first.
    pub(super) fn shared<'f>(&'f self, pair: &'f Pair) -> impl Iterator<Item = &'f Crossing> {
        pair.crossings.iter().filter_map(|number| self.crossings.get(*number as usize))
    }

    /// How many points all of its evidence is.
    pub(super) fn points(&self, pair: &Pair) -> u8 {
        score(&self.shared(pair).map(|crossing| crossing.evidence(pair, self)).collect::<Vec<_>>()).points
    }

    /// The score with the reasons of its rarest values, as many as are asked for.
    fn score(&self, pair: &Pair, most: usize) -> Score {
        let evidence: Vec<_> = self.shared(pair).take(most).map(|crossing| crossing.evidence(pair, self)).collect();
        Score { points: pair.points, strength: Strength::of(pair.points), ..score(&evidence) }
    }

    /// The versions a pair rests on, as far as its values are looked at before it is shown. Each may come more than once.
    pub(super) fn rests<'f>(&'f self, pair: &'f Pair) -> impl Iterator<Item = Position> + 'f {
        let places = self.shared(pair).take(CHECKED).flat_map(|crossing| crossing.of(pair));
        let seen = places.filter_map(|place| self.objects.get(place.object as usize));
        seen.flat_map(|seen| seen.rests.iter().copied())
    }

    /// The containers of a pair, and the objects that hold the values shown with it.
    pub(super) fn ids<'f>(&'f self, pair: &'f Pair) -> impl Iterator<Item = &'f str> {
        let places = self.shared(pair).take(SHOWN).flat_map(|crossing| crossing.of(pair));
        let held = places.filter_map(|place| Some(self.objects.get(place.object as usize)?.id.as_str()));
        held.chain(self.sides(pair).into_iter().flatten().map(|side| side.id.as_str()))
    }

    /// The object on one side of a pair that holds the rarest value.
    pub(super) fn held_by(&self, pair: &Pair, side: &Container) -> Option<&Seen> {
        let is_side = |place: &&Place| {
            let container = self.containers.get(place.container as usize);
            container.is_some_and(|container| container.owner == side.owner && container.id == side.id)
        };
        let place = self.shared(pair).find_map(|crossing| crossing.of(pair).find(is_side))?;
        self.objects.get(place.object as usize).map(|seen| &**seen)
    }

    /// From where on both sides of a pair held the same value.
    pub(super) fn first(&self, pair: &Pair) -> Option<Position> {
        let at = |place: &Place| self.objects.get(place.object as usize).map(|seen| seen.position);
        self.shared(pair).filter_map(|crossing| crossing.of(pair).filter_map(at).max()).min()
    }

    /// The pair as it is shown, with the reasons of so many values at most.
    pub(super) fn hit(&self, pair: &Pair, reasons: usize) -> Result<Hit, NodeError> {
        let [Some(one), Some(other)] = self.sides(pair) else { return Err(NodeError::Stage) };
        let values = self
            .shared(pair)
            .take(SHOWN)
            .map(|crossing| SharedValue { kind: crossing.value.kind(), value: crossing.value.text().to_owned() });
        let places = self.shared(pair).take(SHOWN).flat_map(|crossing| crossing.of(pair));
        let related: BTreeSet<Related> = places
            .filter_map(|place| self.objects.get(place.object as usize))
            .flat_map(|seen| seen.related.iter().cloned())
            .collect();
        Ok(Hit {
            one: (**one).clone(),
            other: (**other).clone(),
            score: self.score(pair, reasons),
            values: values.collect(),
            values_total: pair.crossings.len() as u64,
            related: related.into_iter().collect(),
        })
    }
}

impl Crossing {
    /// Its places on either side of a pair.
    pub(super) fn of(&self, pair: &Pair) -> impl Iterator<Item = &Place> {
        let (one, other) = (pair.one, pair.other);
        self.places.iter().filter(move |place| place.container == one || place.container == other)
    }

    fn evidence(&self, pair: &Pair, found: &Found) -> Evidence {
        let place = |side: u32| self.places.iter().find(|place| place.container == side);
        let sides = [pair.one, pair.other];
        let related = sides.into_iter().find(|side| place(*side).is_some_and(|place| place.is_related));
        let in_pattern = sides.into_iter().any(|side| place(side).is_some_and(|place| place.in_pattern));
        let via = related.and_then(|side| found.containers.get(side as usize)).map(|container| container.name.clone());
        let object = place(pair.one).and_then(|place| found.objects.get(place.object as usize));
        Evidence {
            value: self.value.clone(),
            object: object.map_or_else(String::new, |object| object.id.clone()),
            rarity: self.rarity.clone(),
            path: match via {
                Some(via) => Path::Neighbour { steps: 1, via },
                None if in_pattern => Path::InPattern,
                None => Path::Direct,
            },
        }
    }
}
