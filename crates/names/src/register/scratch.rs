//! What a search needs beside the register, kept from one to the next.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use super::gather::Limits;
use super::view::{Seen, View};
use crate::align::Alignment;
use crate::ear::Heard;
use crate::name::{Name, Roman, Token};
use crate::script::Script;

/// What a search needs beside the register, kept from one to the next: room, and what was found for parts that were sought
/// before. One of its own for each thread; it works with any register and any view.
#[derive(Debug, Default)]
pub struct Scratch {
    /// For each spelling, what it has gathered.
    pub(super) points: Vec<u16>,
    /// The spellings that have any, and what they began with.
    pub(super) touched: Vec<(u32, u16)>,
    pub(super) table: Table,
    /// What was found for parts, by view; the latest last.
    found: Vec<Found>,
    /// The other name of a comparison, and how it lies beside the one.
    pub(super) other: Option<Name>,
    pub(super) room: Alignment,
    pub(super) begins: Vec<u32>,
    pub(super) beside: super::beside::Room,
    pub(super) limits: Limits,
}

/// Parts that are alike to one that is sought, and how much.
pub(super) type Alike = Arc<[(u32, f32)]>;

/// What finds the same parts: letters, script, the word of organisations, what is called so for short, and how alike they must be,
/// in hundredths.
type Sought = (Roman, Script, Option<u8>, u8, u16);

#[derive(Debug)]
struct Found {
    /// Held, so that no other view can stand where it stood.
    seen: Arc<Seen>,
    all: HashMap<Sought, Alike>,
    /// The same of what a part is split into.
    split: HashMap<(Roman, Script), Arc<[Alike]>>,
    /// How many parts are held.
    parts: usize,
}

impl Scratch {
    /// The spellings that were met, with their points.
    pub(super) fn met(&self) -> impl Iterator<Item = (u16, u32)> {
        let points = |spelling: u32| self.points.get(spelling as usize).copied().unwrap_or_default();
        self.touched.iter().map(move |(spelling, _)| (points(*spelling), *spelling))
    }

    /// The parts of a view that are alike to one, at least so much, as they were found before or are found now.
    pub(super) fn found(&mut self, view: &View, token: &Token, least: u16, find: impl FnOnce() -> Alike) -> Alike {
        let found = self.of(view);
        let alike =
            found.all.entry((token.roman, token.script, token.word, token.called, least)).or_insert_with(|| {
                let alike = find();
                found.parts += alike.len() + 8;
                alike
            });
        Arc::clone(alike)
    }

    /// What a part is split into, as it was found before or is found now.
    pub(super) fn split(&mut self, view: &View, token: &Token, find: impl FnOnce() -> Arc<[Alike]>) -> Arc<[Alike]> {
        let found = self.of(view);
        let split = found.split.entry((token.roman, token.script)).or_insert_with(|| {
            let split = find();
            found.parts += split.len() * 4 + 8;
            split
        });
        Arc::clone(split)
    }

    /// What was found in a view.
    fn of(&mut self, view: &View) -> &mut Found {
        let at = self.found.iter().position(|found| Arc::ptr_eq(&found.seen, &view.seen));
        if at.is_none() && self.found.len() == VIEWS {
            self.found.remove(0);
        }
        let found = match at {
            Some(at) => self.found.remove(at),
            None => Found::of(&view.seen),
        };
        let found = if found.parts > HELD { Found::of(&view.seen) } else { found };
        self.found.push_mut(found)
    }

    /// Forgets what was found for parts, and of which views.
    pub fn forget(&mut self) {
        self.found.clear();
    }
}

impl Found {
    fn of(seen: &Arc<Seen>) -> Self {
        Self { seen: Arc::clone(seen), all: HashMap::new(), split: HashMap::new(), parts: 0 }
    }
}

/// For parts of the register that a search met, how alike each part that is sought is to them.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// For each part of the register, its row and one; 0 where it has none.
    rows: Vec<u32>,
    /// The parts that have one.
    met: Vec<u32>,
    /// How many parts are sought.
    width: usize,
    /// In each row, how alike they are as far as they led to the part.
    found: Vec<f32>,
    /// In each row, how alike they sound by each of the three costs; not a number where nobody asked.
    heard: Vec<Cell<f32>>,
}

impl Table {
    /// Is empty again, for so many parts that are sought in a register of so many.
    pub(super) fn clear(&mut self, sought: usize, parts: usize) {
        for part in self.met.drain(..) {
            if let Some(row) = self.rows.get_mut(part as usize) {
                *row = 0;
            }
        }
        if self.rows.len() < parts {
            self.rows.resize(parts, 0);
        }
        self.found.clear();
        self.heard.clear();
        self.width = sought;
    }

    fn row(&mut self, part: u32) -> usize {
        let Some(row) = self.rows.get_mut(part as usize) else { return 0 };
        if *row == 0 {
            self.met.push(part);
            *row = super::number(self.met.len());
            self.found.resize(self.met.len() * self.width, 0.0);
            self.heard.resize(self.met.len() * self.width * 3, Cell::new(f32::NAN));
        }
        *row as usize - 1
    }

    /// A part that is sought led to a part.
    pub(super) fn find(&mut self, sought: usize, part: u32, alike: f32) {
        let at = self.row(part) * self.width + sought;
        if let Some(held) = self.found.get_mut(at) {
            *held = held.max(alike);
        }
    }

    /// How alike what is sought is to a part that it led to, one after the other; nothing where it led not there.
    pub(super) fn found(&self, part: u32) -> &[f32] {
        match self.rows.get(part as usize) {
            None | Some(0) => &[],
            Some(row) => {
                let from = (*row as usize - 1) * self.width;
                self.found.get(from..from + self.width).unwrap_or_default()
            }
        }
    }

    /// What has been heard of the parts of a spelling by one of the costs.
    pub(super) fn heard<'a>(&'a mut self, spelled: &[u32], costs: usize, begins: &'a mut Vec<u32>) -> Heard<'a> {
        begins.clear();
        for part in spelled {
            let row = self.row(*part);
            begins.push(super::number((row * 3 + costs) * self.width));
        }
        Heard { all: &self.heard, begins }
    }
}

/// Views of which it is kept what was found.
const VIEWS: usize = 4;
/// Parts that are kept for one view.
const HELD: usize = 1 << 20;
