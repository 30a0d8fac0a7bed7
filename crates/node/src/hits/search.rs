//! One look for hits: what values cross a border, and between which containers.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use comity_base::{OrgName, Position};
use comity_index::{Shared, significant};
use comity_link::Rarity;
use comity_stix::{Doc, Value};
use roaring::RoaringTreemap;

use super::Related;
use super::found::{Crossing, Found, Place};
use crate::labels::OwnerNo;
use crate::neighbours::{Container, Sight, Trail};
use crate::reading::Held;
use crate::{Node, NodeError};

/// Postings of one value looked at; the count stays exact beyond it.
const POSTINGS: usize = 1_000;
/// Objects of one owner read for one value.
const OBJECTS: usize = 24;

/// A current object that was read.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) position: Position,
    pub(super) id: String,
    owner: OwnerNo,
    /// What groups it, and whether it is only related to that.
    containers: Box<[(Arc<Container>, bool)]>,
    pub(super) related: Box<[Related]>,
    /// The values it holds, by what the index keeps of their fingerprint, in order.
    values: Box<[(u64, Held)]>,
    /// The versions that say all this, its own too.
    pub(super) rests: Box<[Position]>,
    /// The ids that were asked about for it, by fingerprint.
    pub(super) asked: Box<[u64]>,
}

/// What was read before, and may be used again as long as it stands.
#[derive(Debug, Default)]
pub(super) struct Memo {
    pub(super) objects: HashMap<Position, Arc<Seen>>,
    /// Values that crossed a border, by fingerprint.
    pub(super) values: HashMap<u64, Value>,
}

/// A value that crosses a border, before anything is read. There may be millions.
struct Candidate {
    /// Current versions that hold it: exact.
    count: u64,
    fingerprint: u64,
}

/// Where a value currently stands.
#[derive(Default)]
struct Holders {
    /// Current versions that hold it.
    all: RoaringTreemap,
    /// The first of them of each owner.
    by_owner: BTreeMap<OwnerNo, Vec<Position>>,
}

/// What one run has read so far.
struct Search<'n> {
    node: &'n Node,
    sight: Sight<'n>,
    /// Current objects in all.
    current: u64,
    found: Found,
    containers: HashMap<(OrgName, String), u32>,
    /// Objects by position; `None` where nothing can be read.
    numbers: HashMap<Position, Option<u32>>,
    /// The containers of each object.
    grouped: Vec<Box<[(u32, bool)]>>,
    wanted: HashSet<u64>,
    memo: &'n mut Memo,
}

impl Node {
    /// Looks for everything that crosses a border, as far as the sight reaches. What the memo holds must still stand.
    pub(super) fn search(&self, sight: Sight<'_>, values: usize, memo: &mut Memo) -> Result<Found, NodeError> {
        let mut candidates = self.candidates(sight)?;
        let shared_values = candidates.len() as u64;
        candidates.sort_unstable_by_key(|candidate| (candidate.count, candidate.fingerprint));
        candidates.truncate(values);
        let not_weighed = shared_values - candidates.len() as u64;
        let mut search = Search {
            node: self,
            sight,
            current: self.count_met(sight)?,
            found: Found { shared_values, not_weighed, ..Found::default() },
            containers: HashMap::new(),
            numbers: HashMap::new(),
            grouped: Vec::new(),
            wanted: candidates.iter().map(|candidate| candidate.fingerprint).collect(),
            memo,
        };
        search.read(candidates)?;
        let Search { mut found, wanted, memo, .. } = search;
        let used: HashSet<Position> = found.objects.iter().map(|seen| seen.position).collect();
        memo.objects.retain(|position, _| used.contains(position));
        memo.values.retain(|fingerprint, _| wanted.contains(fingerprint));
        found.pair_up();
        Ok(found)
    }

    /// How many current objects somebody may see.
    fn count_met(&self, sight: Sight<'_>) -> Result<u64, NodeError> {
        let mut count = 0;
        for (label, objects) in self.derived.count_by_label(sight.visible) {
            count += if self.meets(sight.authority, label)? { objects } else { 0 };
        }
        Ok(count)
    }

    fn candidates(&self, sight: Sight<'_>) -> Result<Vec<Candidate>, NodeError> {
        let mut out = Vec::new();
        let mut error = None;
        self.derived.values.scan_shared(2, POSTINGS, &mut |shared| {
            match self.candidate(&shared, sight) {
                Ok(candidate) => out.extend(candidate),
                Err(failure) => {
                    error = Some(failure);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        error.map_or(Ok(out), Err)
    }

    /// A value that two or more owners hold now. The postings of a common value are walked to their end: the second owner
    /// may come last.
    fn candidate(&self, shared: &Shared<'_>, sight: Sight<'_>) -> Result<Option<Candidate>, NodeError> {
        let (mut count, mut first, mut crosses) = (0, None, false);
        let mut take = |position: Position| -> Result<(), NodeError> {
            if let Some(owner) = self.holder(position, sight)? {
                count += 1;
                crosses |= *first.get_or_insert(owner) != owner;
            }
            Ok(())
        };
        if shared.count > shared.positions.len() as u64 {
            self.each_posting(shared.fingerprint, &mut take)?;
        } else {
            shared.positions.iter().copied().try_for_each(take)?;
        }
        Ok(crosses.then_some(Candidate { count, fingerprint: shared.fingerprint }))
    }

    /// Current positions of a value by owner.
    fn holders(&self, fingerprint: u64, sight: Sight<'_>) -> Result<Holders, NodeError> {
        let mut holders = Holders::default();
        self.each_posting(fingerprint, &mut |position| {
            if let Some(owner) = self.holder(position, sight)? {
                holders.all.insert(position.0);
                let held = holders.by_owner.entry(owner).or_default();
                if held.len() < OBJECTS {
                    held.push(position);
                }
            }
            Ok(())
        })?;
        Ok(holders)
    }

    /// Whose version at a position counts, as far as the sight reaches.
    fn holder(&self, position: Position, sight: Sight<'_>) -> Result<Option<OwnerNo>, NodeError> {
        let label = self.derived.current(position).filter(|_| position <= sight.visible);
        match label {
            Some(label) if self.meets(sight.authority, label)? => Ok(Some(self.labels.owner_no(&*self.store, label)?)),
            _ => Ok(None),
        }
    }

    fn each_posting(
        &self,
        fingerprint: u64,
        take: &mut dyn FnMut(Position) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        let mut error = None;
        self.derived.values.for_each(fingerprint, |position| match take(position) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                error = Some(failure);
                ControlFlow::Break(())
            }
        });
        error.map_or(Ok(()), Err)
    }

    /// Reads a current object with what stands around it.
    fn see(
        &self,
        position: Position,
        (sight, wanted): (Sight<'_>, &HashSet<u64>),
        values: &mut HashMap<u64, Value>,
    ) -> Result<Option<Seen>, NodeError> {
        let trail = Trail::default();
        let sight = Sight { trail: Some(&trail), ..sight };
        let Some(standing) = self.standing_at(position, sight)? else { return Ok(None) };
        let around = self.around(&standing, sight)?;
        let owner = self.owner(standing.owner)?;
        let mut held = Vec::new();
        // A posting counts only when the object really holds the value.
        if let Ok(doc) = Doc::parse(&standing.version.raw, self.reader.depth()) {
            self.reader.each_value(doc.root(), &mut String::new(), &mut |kind, text, how| {
                let fingerprint = significant(self.reader.value_fingerprint(kind, text));
                held.push((fingerprint, how));
                if wanted.contains(&fingerprint)
                    && let std::collections::hash_map::Entry::Vacant(place) = values.entry(fingerprint)
                    && let Ok(value) = self.values().parse(kind, text)
                {
                    place.insert(value);
                }
            });
        }
        let related = around.related.into_iter().map(|thing| Related {
            owner: owner.clone(),
            kind: thing.kind,
            name: thing.name,
        });
        let related = related.collect();
        let (rests, asked) = trail.into_parts();
        // Of a value that it holds in several ways, the first counts.
        held.sort_by_key(|(fingerprint, _)| *fingerprint);
        held.dedup_by_key(|(fingerprint, _)| *fingerprint);
        Ok(Some(Seen {
            position,
            id: standing.version.id.to_string(),
            owner: standing.owner,
            containers: around
                .containers
                .into_iter()
                .map(|(container, related)| (Arc::new(container), related))
                .collect(),
            related,
            values: held.into(),
            rests,
            asked,
        }))
    }
}

impl Search<'_> {
    fn read(&mut self, candidates: Vec<Candidate>) -> Result<(), NodeError> {
        let lists = self.node.lists()?;
        for Candidate { fingerprint, .. } in candidates {
            let holders = self.node.holders(fingerprint, self.sight)?;
            let mut places: Vec<Place> = Vec::new();
            for position in holders.by_owner.values().flatten() {
                let Some(object) = self.object(*position)? else { continue };
                self.place(object, fingerprint, &mut places);
            }
            let owners: BTreeSet<_> = places.iter().map(|place| place.owner).collect();
            let Some(value) = self.value(fingerprint, &places)?.filter(|_| owners.len() > 1) else { continue };
            let rarity = Rarity {
                owners: small(owners.len()),
                cases: small(places.len()),
                objects: holders.all.len(),
                total_objects: self.current,
                lists: lists.matching(value.kind(), value.text()).into_iter().map(str::to_owned).collect(),
            };
            let mut elsewhere = holders.all;
            for seen in places.iter().filter_map(|place| self.found.objects.get(place.object as usize)) {
                elsewhere.remove(seen.position.0);
            }
            self.found.crossings.push(Crossing { value, rarity, places, elsewhere });
        }
        Ok(())
    }

    /// Adds the containers of an object to the places of a value, when it really holds it.
    fn place(&self, object: u32, fingerprint: u64, places: &mut Vec<Place>) {
        let seen = self.found.objects.get(object as usize);
        let Some(seen) = seen else { return };
        let found = seen.values.binary_search_by_key(&fingerprint, |(held, _)| *held);
        let Some((_, held)) = found.ok().and_then(|at| seen.values.get(at)) else { return };
        let in_pattern = *held == Held::Pattern;
        for (container, is_related) in self.grouped.get(object as usize).iter().flat_map(|all| all.iter().copied()) {
            match places.iter_mut().find(|place| place.container == container) {
                Some(place) => place.in_pattern &= in_pattern,
                None => places.push(Place { container, object, owner: seen.owner, is_related, in_pattern }),
            }
        }
    }

    /// What the fingerprint stands for: read from an object that holds it, where it was read before others asked for it.
    fn value(&mut self, fingerprint: u64, places: &[Place]) -> Result<Option<Value>, NodeError> {
        if let Some(value) = self.memo.values.get(&fingerprint) {
            return Ok(Some(value.clone()));
        }
        let Some(seen) = places.first().and_then(|place| self.found.objects.get(place.object as usize)) else {
            return Ok(None);
        };
        let rows = self.node.store.get(&[seen.position])?;
        let Some(row) = rows.into_iter().flatten().next() else { return Ok(None) };
        let Ok(doc) = Doc::parse(&row.raw, self.node.reader.depth()) else { return Ok(None) };
        let value = self.node.reader.value_by_fingerprint(doc.root(), fingerprint).map(|(value, _)| value);
        self.memo.values.extend(value.clone().map(|value| (fingerprint, value)));
        Ok(value)
    }

    /// A current object with its containers; read once.
    fn object(&mut self, position: Position) -> Result<Option<u32>, NodeError> {
        if let Some(known) = self.numbers.get(&position) {
            return Ok(*known);
        }
        let known = self.memo.objects.get(&position).map(Arc::clone);
        let seen = match known {
            Some(seen) => Some(seen),
            None => {
                self.node.see(position, (self.sight, &self.wanted), &mut self.memo.values)?.map(|seen| self.keep(seen))
            }
        };
        let number = seen.map(|seen| {
            let containers =
                seen.containers.iter().map(|(container, is_related)| (self.number(container), *is_related)).collect();
            self.grouped.push(containers);
            self.found.objects.push(seen);
            small(self.found.objects.len() - 1)
        });
        self.numbers.insert(position, number);
        Ok(number)
    }

    /// Keeps an object that was read; its containers are kept once.
    fn keep(&mut self, mut seen: Seen) -> Arc<Seen> {
        for (container, _) in &mut seen.containers {
            let number = self.number(container);
            if let Some(known) = self.found.containers.get(number as usize).filter(|known| ***known == **container) {
                *container = Arc::clone(known);
            }
        }
        let seen = Arc::new(seen);
        self.memo.objects.insert(seen.position, Arc::clone(&seen));
        seen
    }

    fn number(&mut self, container: &Arc<Container>) -> u32 {
        let name = (container.owner.clone(), container.id.clone());
        if let Some(number) = self.containers.get(&name) {
            return *number;
        }
        let known = self.found.owners.iter().position(|owner| *owner == container.owner);
        let owner = known.unwrap_or_else(|| {
            self.found.owners.push(container.owner.clone());
            self.found.owners.len() - 1
        });
        self.found.owned.push(owner);
        self.found.containers.push(Arc::clone(container));
        let number = small(self.found.containers.len() - 1);
        self.containers.insert(name, number);
        number
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
