//! What of a register somebody sees.

use std::sync::Arc;

use super::keys::keyed;
use super::{Register, number};
use crate::name::{Name, Token};
use crate::ordinary;
use crate::rarity::{rarest, told};

/// What of one register somebody sees, and how much its parts tell among all that they see. A search in a view is what it
/// would be if nothing else were there.
#[derive(Clone, Debug)]
pub struct View {
    pub(super) seen: Arc<Seen>,
    /// How much each part tells.
    parts: Arc<[f32]>,
}

/// The names that are seen.
#[derive(Debug)]
pub(super) struct Seen {
    /// A bit for each name, and for each spelling.
    names: Vec<u64>,
    spellings: Vec<u64>,
    /// Whether all are.
    is_whole: bool,
    /// How many names are.
    count: u32,
    /// For each part, in how many of them it stands; and for each group of parts, the same of all.
    borne: Vec<u32>,
    groups: Vec<u32>,
    /// The register they are in.
    own: Arc<()>,
}

impl Register {
    /// What somebody sees of it who sees these bearers.
    pub fn view(&self, sees: &dyn Fn(u32) -> bool) -> View {
        let seen = Arc::new(Seen::of(self, sees));
        View::weighed(self, seen, &[])
    }

    /// The same view, its parts weighed among what is seen of other registers too: all that are searched together are to be
    /// viewed beside all others.
    pub fn view_beside(&self, view: &View, others: &[(&Self, &View)]) -> View {
        View::weighed(self, Arc::clone(&view.seen), others)
    }

    /// Weighs a name by how many bear its parts among what is seen.
    pub fn weigh(&self, view: &View, name: &mut Name) {
        Self::weigh_among(&[(self, view)], name);
    }

    /// Weighs a name that is sought in several registers by how many bear its parts among what is seen of all.
    pub fn weigh_among(all: &[(&Self, &View)], name: &mut Name) {
        let count = all.iter().map(|(_, view)| view.seen.count).fold(0, u32::saturating_add);
        let bearers = |token: &Token| {
            let known = |(register, view): &(&Self, &View)| {
                register.parts.group(token).and_then(|group| view.seen.groups.get(group)).copied().unwrap_or_default()
            };
            all.iter().map(known).fold(0, u32::saturating_add)
        };
        for (token, weight) in name.tokens.iter().zip(&mut name.weights) {
            *weight = told(count, bearers(token), ordinary::bearers(&token.key())) * token.tag.weight();
        }
        name.nats = rarest(count);
        name.as_kept();
    }
}

impl View {
    /// How many names are seen.
    pub fn len(&self) -> usize {
        self.seen.count as usize
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.seen.count == 0
    }

    /// Whether it is a view of this register.
    pub(super) fn is_of(&self, register: &Register) -> bool {
        Arc::ptr_eq(&self.seen.own, &register.own)
    }

    /// How much a part tells.
    pub(super) fn told(&self, part: u32) -> f32 {
        self.parts.get(part as usize).copied().unwrap_or_default()
    }

    /// In how many names that are seen a part stands.
    pub(super) fn borne(&self, part: u32) -> u32 {
        self.seen.borne.get(part as usize).copied().unwrap_or_default()
    }

    /// Whether a name that is seen has a part.
    pub(super) fn bears(&self, part: u32) -> bool {
        self.seen.is_whole || self.borne(part) > 0
    }

    /// Whether a spelling is seen, by any name.
    pub(super) fn sees(&self, spelling: u32) -> bool {
        self.seen.is_whole || has(&self.seen.spellings, spelling as usize)
    }

    /// Whether a name is seen.
    pub(super) fn sees_name(&self, name: usize) -> bool {
        self.seen.is_whole || has(&self.seen.names, name)
    }

    fn weighed(register: &Register, seen: Arc<Seen>, others: &[(&Register, &Self)]) -> Self {
        let count = others.iter().map(|(_, view)| view.seen.count).fold(seen.count, u32::saturating_add);
        let mut known = seen.groups.clone();
        for (other, view) in others {
            add(&mut known, &register.parts.sounds, &other.parts.sounds, &view.seen.groups);
        }
        let mut ordinary = vec![0; known.len()];
        for (key, bearers) in ordinary::all() {
            let group = register.parts.sounds.binary_search(&keyed(key)).ok();
            if let Some(cell) = group.and_then(|group| ordinary.get_mut(group)) {
                *cell = bearers.max(*cell);
            }
        }
        let groups: Vec<f32> =
            known.iter().zip(&ordinary).map(|(bearers, ordinary)| told(count, *bearers, *ordinary)).collect();
        let weight = |(token, group): (&Token, &u32)| {
            groups.get(*group as usize).copied().unwrap_or_default() * token.tag.weight()
        };
        let parts = register.parts.tokens.iter().zip(&register.parts.groups).map(weight).collect();
        Self { seen, parts }
    }
}

impl Seen {
    fn of(register: &Register, sees: &dyn Fn(u32) -> bool) -> Self {
        let mut names = vec![0; register.len().div_ceil(64)];
        let mut spellings = vec![0; register.spelled.len().div_ceil(64)];
        let mut borne = vec![0_u32; register.parts.tokens.len()];
        let mut count = 0_u32;
        for spelling in 0..number(register.spelled.len()) {
            let before = count;
            let span = register.bearers.span(spelling);
            for (at, bearer) in span.clone().zip(register.bearers.all.get(span).unwrap_or_default()) {
                if sees(*bearer) {
                    set(&mut names, at);
                    count += 1;
                }
            }
            if count == before {
                continue;
            }
            set(&mut spellings, spelling as usize);
            let row = register.spelled.row(spelling);
            for (at, part) in row.iter().enumerate() {
                if !row.iter().take(at).any(|one| one == part)
                    && let Some(bearers) = borne.get_mut(*part as usize)
                {
                    *bearers += count - before;
                }
            }
        }
        let mut groups = vec![0_u32; register.parts.sounds.len()];
        for (group, bearers) in register.parts.groups.iter().zip(&borne) {
            if let Some(sum) = groups.get_mut(*group as usize) {
                *sum = sum.saturating_add(*bearers);
            }
        }
        let is_whole = count as usize == register.len();
        Self { names, spellings, is_whole, count, borne, groups, own: Arc::clone(&register.own) }
    }
}

/// Adds what is counted of other fingerprints to that of the same here; both lie in order.
fn add(counts: &mut [u32], keys: &[u32], others: &[u32], theirs: &[u32]) {
    let mut here = keys.iter().zip(counts).peekable();
    for (other, more) in others.iter().zip(theirs) {
        while here.peek().is_some_and(|(key, _)| *key < other) {
            here.next();
        }
        match here.peek_mut() {
            Some((key, count)) if *key == other => **count = count.saturating_add(*more),
            Some(_) => {}
            None => return,
        }
    }
}

fn has(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}
