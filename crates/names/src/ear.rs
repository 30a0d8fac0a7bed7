//! How alike parts sound, each two heard once.

use std::cell::Cell;

use crate::sound::{Costs, Sounds};

/// Says how alike the parts of two names sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ear<'a> {
    pub(crate) costs: &'a Costs,
    /// What has been heard already.
    pub(crate) heard: Option<Heard<'a>>,
}

/// How alike the parts of the one name are to parts of others, as far as that has been asked before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    /// For parts of others one after the other, how alike each part of the one is to it; not a number where nobody asked.
    pub(crate) all: &'a [Cell<f32>],
    /// Where in `all` the parts of the other name begin.
    pub(crate) begins: &'a [u32],
}

impl<'a> Ear<'a> {
    /// One that has heard nothing.
    pub(crate) const fn new(costs: &'a Costs) -> Self {
        Self { costs, heard: None }
    }

    /// How alike a part of the one is to a part of the other, each with its place: [`Costs::alike`].
    pub(crate) fn alike(&self, (i, one): (usize, &Sounds), (j, other): (usize, &Sounds)) -> f32 {
        let Some(heard) = self.heard else { return self.costs.alike(one, other) };
        let cell = heard.begins.get(j).and_then(|begin| heard.all.get(*begin as usize + i));
        let known = cell.map_or(f32::NAN, Cell::get);
        if !known.is_nan() {
            return known;
        }
        let alike = self.costs.alike(one, other);
        if let Some(cell) = cell {
            cell.set(alike);
        }
        alike
    }
}
