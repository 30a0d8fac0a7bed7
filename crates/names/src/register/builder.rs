//! How registers come to be.

use std::collections::HashMap;

use super::parts::{Apart, Parts, written};
use super::rows::Rows;
use super::{Register, SPELLINGS, number};
use crate::name::{Name, Token};

/// Names that are to become a [`Register`].
#[derive(Debug, Default)]
pub struct Builder {
    known: HashMap<Apart, u32>,
    draft: Draft,
}

impl Builder {
    /// Adds a name of somebody. Its number among the names of that bearer is how many were added before. Of more than 268
    /// million ways to spell names the last in order are left out.
    pub fn add(&mut self, bearer: u32, name: &Name) {
        self.draft.begin(bearer, None);
        for token in &name.tokens {
            let part = *self.known.entry(Apart::of(token)).or_insert_with(|| self.draft.part(token));
            self.draft.spelled.all.push(part);
        }
        self.draft.spelled.end();
    }

    /// How many names there are, those included of which nothing could be read.
    pub fn len(&self) -> usize {
        self.draft.bearers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The register of these names.
    pub fn settle(mut self) -> Register {
        self.draft.count();
        self.draft.settle()
    }
}

impl Register {
    /// One register of several, with the bearers of each that are to be kept: the same as one that those names were added to.
    /// Where a bearer is kept of two, the names of both are.
    pub fn merged(all: &[(&Self, &dyn Fn(u32) -> bool)]) -> Self {
        let mut draft = Draft::default();
        let mut known: HashMap<Apart, u32> = HashMap::new();
        for (register, keeps) in all {
            let parts: Vec<u32> = register
                .parts
                .tokens
                .iter()
                .map(|token| *known.entry(Apart::of(token)).or_insert_with(|| draft.part(token)))
                .collect();
            for spelling in 0..number(register.spelled.len()) {
                for (bearer, order) in register.borne_by(spelling).filter(|(bearer, _)| keeps(*bearer)) {
                    draft.begin(bearer, Some(order));
                    let spelled = register.spelled.row(spelling).iter();
                    draft.spelled.all.extend(spelled.filter_map(|part| parts.get(*part as usize)));
                    draft.spelled.end();
                }
            }
        }
        draft.settle()
    }
}

/// Names in any order, of parts in any order.
#[derive(Debug, Default)]
struct Draft {
    tokens: Vec<Token>,
    spelled: Rows,
    bearers: Vec<u32>,
    /// Which of its bearer's names each is.
    orders: Vec<u16>,
}

impl Draft {
    fn part(&mut self, token: &Token) -> u32 {
        self.tokens.push(*token);
        number(self.tokens.len() - 1)
    }

    fn begin(&mut self, bearer: u32, order: Option<u16>) {
        self.bearers.push(bearer);
        self.orders.push(order.unwrap_or_default());
    }

    /// Numbers the names of each bearer in the order they stand in.
    fn count(&mut self) {
        let mut all: Vec<u32> = (0..number(self.bearers.len())).collect();
        let bearer = |at: &u32| self.bearers.get(*at as usize).copied();
        all.sort_by_key(bearer);
        let (mut last, mut order) = (None, 0_u16);
        for at in all {
            let bearer = self.bearers.get(at as usize).copied();
            order = if bearer == last { order.saturating_add(1) } else { 0 };
            last = bearer;
            if let Some(cell) = self.orders.get_mut(at as usize) {
                *cell = order;
            }
        }
    }

    fn settle(mut self) -> Register {
        let parts = self.in_order();
        let mut names: Vec<(u64, u32)> = self
            .spelled
            .iter()
            .zip(0_u32..)
            .filter(|(row, _)| !row.is_empty())
            .map(|(row, at)| (head(row), at))
            .collect();
        let whole = |at: u32| {
            let (bearer, order) = (self.bearers.get(at as usize), self.orders.get(at as usize));
            (self.spelled.row(at), bearer, order)
        };
        names.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| whole(*one).cmp(&whole(*other))));
        let mut spelled = Rows::with_room(names.len(), self.spelled.all.len());
        let mut bearers = Rows::with_room(names.len(), names.len());
        let mut orders = Vec::with_capacity(names.len());
        let mut last: &[u32] = &[];
        for (_, at) in &names {
            let (row, bearer, order) = whole(*at);
            if row != last {
                if spelled.len() == SPELLINGS {
                    break;
                }
                if !last.is_empty() {
                    bearers.end();
                }
                spelled.all.extend_from_slice(row);
                spelled.end();
                last = row;
            }
            bearers.all.extend(bearer);
            orders.extend(order);
        }
        if !last.is_empty() {
            bearers.end();
        }
        spelled.shrink();
        bearers.shrink();
        Register::of(Parts::of(parts), spelled, bearers, orders)
    }

    /// The parts that are borne, in order; and the names spelled in their numbers.
    fn in_order(&mut self) -> Vec<Token> {
        let mut borne = vec![false; self.tokens.len()];
        for part in &self.spelled.all {
            if let Some(is) = borne.get_mut(*part as usize) {
                *is = true;
            }
        }
        let mut all: Vec<(&Token, u32)> = self.tokens.iter().zip(0_u32..).collect();
        all.retain(|(_, part)| borne.get(*part as usize) == Some(&true));
        all.sort_by(|(one, _), (other, _)| written(one).cmp(&written(other)));
        let mut numbers = vec![0; self.tokens.len()];
        for ((_, part), number) in all.iter().zip(0_u32..) {
            if let Some(cell) = numbers.get_mut(*part as usize) {
                *cell = number;
            }
        }
        let tokens = all.into_iter().map(|(token, _)| *token).collect();
        for part in &mut self.spelled.all {
            *part = numbers.get(*part as usize).copied().unwrap_or_default();
        }
        tokens
    }
}

/// The first two parts of a name as one number in the same order.
fn head(row: &[u32]) -> u64 {
    let at = |at: usize| row.get(at).map_or(0, |part| u64::from(*part) + 1);
    at(0) << 32 | at(1)
}
