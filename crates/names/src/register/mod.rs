//! Names that are searched without looking at all of them.

mod beside;
mod builder;
mod disk;
mod gather;
mod keys;
mod parts;
mod rows;
mod scratch;
mod search;
mod sign;
mod sought;
mod view;

pub use beside::{Also, Beside};
pub use builder::Builder;
pub use disk::Damaged;
pub use scratch::Scratch;
pub use search::{Hit, Query};
pub use view::View;

use std::sync::Arc;

use self::parts::Parts;
use self::rows::Rows;
use crate::name::Name;

/// Names that are searched: each part once, each spelling once, and who bears it. It does not change; [`Builder`] and
/// [`Register::merged`] make one, and a [`View`] says what of it somebody sees.
///
/// What is kept of a name is what it is compared by, not how it was written.
#[derive(Clone, Debug)]
pub struct Register {
    parts: Parts,
    /// The parts of each spelling; in order.
    spelled: Rows,
    /// Who bears each spelling: a bearer for each name, in order.
    bearers: Rows,
    /// Which of its bearer's names each name is.
    orders: Vec<u16>,
    /// The spellings that each part stands in, in order, each with how many parts it has: [`stands`].
    stands: Rows,
    /// Tells this from other registers.
    own: Arc<()>,
}

impl Default for Register {
    fn default() -> Self {
        Builder::default().settle()
    }
}

impl Register {
    fn of(parts: Parts, spelled: Rows, bearers: Rows, orders: Vec<u16>) -> Self {
        let once =
            |row: &'_ [u32], at: usize| row.get(at).is_some_and(|part| !row.iter().take(at).any(|one| one == part));
        let pairs = (0_u32..).zip(spelled.iter()).flat_map(|(spelling, row)| {
            let parts = row.iter().enumerate().filter(move |(at, _)| once(row, *at));
            parts.map(move |(_, part)| (*part, spelling << 4 | number(row.len() - 1) & 15))
        });
        let stands = Rows::sorted(parts.tokens.len(), pairs);
        Self { parts, spelled, bearers, orders, stands, own: Arc::new(()) }
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Who bears its names, somebody with several names as often.
    pub fn bearers(&self) -> impl Iterator<Item = u32> + '_ {
        self.bearers.all.iter().copied()
    }

    /// In how many ways they are spelled.
    pub fn spellings(&self) -> usize {
        self.spelled.len()
    }

    /// How many parts they are made of.
    pub fn parts(&self) -> usize {
        self.parts.tokens.len()
    }

    /// Each spelling that is seen, with what its parts tell there.
    pub fn all<'a>(&'a self, view: &'a View) -> impl Iterator<Item = Name> + 'a {
        (0..number(self.spelled.len())).filter(|spelling| view.sees(*spelling)).map(|spelling| {
            let parts = self.parts_of(spelling, view);
            let (tokens, weights) = parts.map(|(token, weight)| (*token, weight)).unzip();
            Name::made(tokens, weights)
        })
    }

    /// The parts of a spelling, with what each tells.
    fn parts_of<'a>(&'a self, spelling: u32, view: &'a View) -> impl Iterator<Item = (&'a crate::name::Token, f32)> {
        let parts = self.spelled.row(spelling).iter();
        parts.filter_map(|part| Some((self.parts.tokens.get(*part as usize)?, view.told(*part))))
    }

    /// Who bears a spelling, and which of their names it is.
    fn borne_by(&self, spelling: u32) -> impl Iterator<Item = (u32, u16)> {
        self.borne_in(self.bearers.span(spelling))
    }

    /// The same where it is known where they lie.
    fn borne_in(&self, span: std::ops::Range<usize>) -> impl Iterator<Item = (u32, u16)> {
        let orders = self.orders.get(span.clone()).unwrap_or_default();
        self.bearers.all.get(span).unwrap_or_default().iter().copied().zip(orders.iter().copied())
    }
}

/// A spelling that a part stands in, and how many parts it has.
const fn stands(stand: u32) -> (u32, usize) {
    (stand >> 4, (stand & 15) as usize + 1)
}

/// The most spellings of a register: so many can be told together with how many parts each has.
const SPELLINGS: usize = 1 << 28;

/// As a number of what is kept: no register holds more than fit.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
