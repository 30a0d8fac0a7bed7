use std::collections::HashMap;
use std::sync::Arc;

use comity_base::Timestamp;

use crate::{Body, LabelId, NewVersion, Op, Outcome, Place, StoreError};

/// One stored row that may be of the same line as a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it says.
    pub op: Op,
    /// Its `modified`.
    pub modified: Timestamp,
    /// Its label.
    pub label: LabelId,
    /// Whether it was taken back or withdrawn by rows that are not among the candidates.
    pub is_dead: bool,
}

/// How a [`Deduplicator`] looks into an engine.
pub trait Rows {
    /// For each key whether any row may be about it; `out` is replaced.
    fn known(&self, keys: &[u64], out: &mut Vec<bool>);

    /// Where rows with this key may stand, the newest up to `most`, newest first.
    fn newest(&self, key: u64, most: usize) -> Vec<Place>;

    /// The row at a place when it is about the same id as this version.
    ///
    /// # Errors
    /// When the engine fails.
    fn row(&mut self, place: Place, new: &NewVersion) -> Result<Option<Candidate>, StoreError>;

    /// The body of the row at a place.
    ///
    /// # Errors
    /// When the engine fails.
    fn body(&mut self, place: Place) -> Result<Body, StoreError>;

    /// The raw bytes of a body.
    ///
    /// # Errors
    /// When it is damaged.
    fn unpack(&mut self, body: &Body) -> Result<Arc<[u8]>, StoreError>;

    /// A number that labels of the same owner share.
    fn owner(&self, label: LabelId) -> Option<u32>;
}

/// Finds out which versions of one append are already there, in the log or earlier in the same call.
pub struct Deduplicator<'a, R> {
    rows: &'a mut R,
    versions: &'a [NewVersion],
    owners: Vec<u32>,
    keys: &'a [u64],
    /// For each key the newest version of this call that was accepted, and for each accepted one the one before it.
    newest: HashMap<u64, usize>,
    before: Vec<Option<usize>>,
    /// Places of the accepted versions of this call.
    places: Vec<Place>,
    /// (key, number of the place) of the accepted versions, in order.
    entries: Vec<(u64, u64)>,
}

/// (key of an id, number of the place where its new version stands), in order of places.
pub type Entries = Vec<(u64, u64)>;

enum Seen {
    Fresh,
    Revised,
    Same(Place),
}

impl<'a, R: Rows> Deduplicator<'a, R> {
    /// Rows about one id that are looked at, newest first, before a version counts as new.
    pub const LOOKED_AT: usize = 64;

    /// One for these versions, whose ids have these keys.
    ///
    /// # Errors
    /// When a label was never interned.
    pub fn new(rows: &'a mut R, versions: &'a [NewVersion], keys: &'a [u64]) -> Result<Self, StoreError> {
        let owner = |new: &NewVersion| {
            let unknown = || StoreError::engine("append a version", format!("label {} was never interned", new.label));
            rows.owner(new.label).ok_or_else(unknown)
        };
        let owners = versions.iter().map(owner).collect::<Result<_, _>>()?;
        Ok(Self {
            rows,
            versions,
            owners,
            keys,
            newest: HashMap::with_capacity(versions.len()),
            before: vec![None; versions.len()],
            places: vec![Place::Here(0); versions.len()],
            entries: Vec::with_capacity(versions.len()),
        })
    }

    /// What becomes of each version when the newest place so far is `last`; and the (key, number of the
    /// place) of those to store.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn sort_out(mut self, mut last: Place) -> Result<(Vec<Outcome>, Entries), StoreError> {
        let mut known = Vec::new();
        self.rows.known(self.keys, &mut known);
        let mut outcomes = Vec::with_capacity(self.versions.len());
        for (at, (key, known)) in self.keys.iter().copied().zip(known).enumerate() {
            let earlier = self.newest.get(&key).copied();
            let seen = if known || earlier.is_some() { self.look(at, earlier, known)? } else { Seen::Fresh };
            let revised = match seen {
                Seen::Same(place) => {
                    outcomes.push(Outcome::Unchanged(place));
                    continue;
                }
                Seen::Revised => true,
                Seen::Fresh => false,
            };
            let number = last.advance();
            self.newest.insert(key, at);
            if let (Some(before), Some(place)) = (self.before.get_mut(at), self.places.get_mut(at)) {
                (*before, *place) = (earlier, last);
            }
            self.entries.push((key, number));
            outcomes.push(Outcome::Added { place: last, revised });
        }
        Ok((outcomes, self.entries))
    }

    /// Goes through the rows about the id, newest first, to the newest live one of the same owner and `modified`.
    fn look(&mut self, at: usize, earlier: Option<usize>, known: bool) -> Result<Seen, StoreError> {
        let (Some(new), Some(owner)) = (self.versions.get(at), self.owners.get(at).copied()) else {
            return Ok(Seen::Fresh);
        };
        let mut any = false;
        let mut left = Self::LOOKED_AT;
        let mut here = earlier;
        while let Some(other) = here.filter(|_| left > 0).and_then(|place| self.versions.get(place)) {
            left -= 1;
            if other.id == new.id {
                any = true;
                let same_owner = here.and_then(|place| self.owners.get(place)).copied() == Some(owner);
                if same_owner && other.modified == new.modified {
                    let same = other.label == new.label && self.same_bytes(new, &other.body)?;
                    let place = here.and_then(|place| self.places.get(place)).copied().unwrap_or(Place::Here(0));
                    return Ok(if same { Seen::Same(place) } else { Seen::Revised });
                }
            }
            here = here.and_then(|place| self.before.get(place).copied().flatten());
        }
        let stored = match self.keys.get(at) {
            Some(key) if known => self.rows.newest(*key, left),
            _ => Vec::new(),
        };
        self.look_into_the_log(new, owner, &stored, any)
    }

    fn look_into_the_log(
        &mut self,
        new: &NewVersion,
        owner: u32,
        stored: &[Place],
        mut any: bool,
    ) -> Result<Seen, StoreError> {
        let (mut decided, mut withdrawn): (Vec<(u64, bool)>, Vec<u64>) = (Vec::new(), Vec::new());
        for place in stored.iter().copied() {
            let Some(row) = self.rows.row(place, new)? else { continue };
            any = true;
            let (target, counts) = match row.op {
                Op::Put => (None, false),
                Op::Tombstone(target) => (Some(target), false),
                Op::Restore(target) => (Some(target), true),
                Op::Withdraw(target) => {
                    withdrawn.push(target.0);
                    continue;
                }
            };
            if let Some(target) = target {
                decided.push((target.0, counts));
                continue;
            }
            let here = place.number();
            let stands = decided.iter().find(|(target, _)| *target == here).is_none_or(|(_, live)| *live);
            let live = !row.is_dead && stands && !withdrawn.contains(&here);
            if live && self.rows.owner(row.label) == Some(owner) && row.modified == new.modified {
                let same = row.label == new.label && {
                    let stored = self.rows.body(place)?;
                    self.same_bytes(new, &stored)?
                };
                return Ok(if same { Seen::Same(place) } else { Seen::Revised });
            }
        }
        Ok(if any { Seen::Revised } else { Seen::Fresh })
    }

    fn same_bytes(&mut self, new: &NewVersion, stored: &Body) -> Result<bool, StoreError> {
        Ok(*stored == new.body || self.rows.unpack(stored)? == self.rows.unpack(&new.body)?)
    }
}

impl Place {
    /// The number of the position or of the version in its batch.
    pub const fn number(self) -> u64 {
        match self {
            Self::At(position) => position.0,
            Self::Here(number) => number,
        }
    }

    fn advance(&mut self) -> u64 {
        let number = match self {
            Self::At(position) => &mut position.0,
            Self::Here(number) => number,
        };
        *number += 1;
        *number
    }
}
