//! Searching a register.

use std::ops::Range;

use super::beside::Also;
use super::gather::Gathered;
use super::scratch::{Scratch, Table};
use super::sought::Sought;
use super::view::View;
use super::{Register, number};
use crate::align::{costs, manner};
use crate::compare::COSTS;
use crate::ear::Ear;
use crate::name::{MOST, Name};
use crate::score::{Kind, most_points, points_heard};

/// A name that is sought.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// The name, weighed in the view that is searched ([`Register::weigh`]).
    pub name: &'a Name,
    /// What it is of.
    pub kind: Kind,
    /// How many bearers are to be found at most.
    pub most: usize,
    /// From which total on a bearer is found at all: who cannot reach it need not be compared.
    pub from: f32,
    /// What else is known of bearers.
    pub also: Option<Also<'a>>,
    /// Whether a bearer counts at all; none where all do. It is asked for bearers alone that are seen, and the likely ones.
    pub counts: Option<&'a dyn Fn(u32) -> bool>,
}

/// A name that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Whose it is, as it was added.
    pub bearer: u32,
    /// Which of the names of its bearer, in the order they were added, from 0.
    pub name: u16,
    /// How likely the name is of the one that is sought, in [`points`](crate::points()).
    pub points: f32,
    /// The same with what else is known of the bearer.
    pub total: f32,
}

impl<'a> Query<'a> {
    /// A name of something of a kind, of whose bearers so many are to be found, however unlikely.
    pub const fn new(name: &'a Name, kind: Kind, most: usize) -> Self {
        Self { name, kind, most, from: f32::NEG_INFINITY, also: None, counts: None }
    }

    /// What a bearer must have beside the name, however much that is worth.
    pub(super) fn lacks(&self) -> f32 {
        self.from - most_points(self.name, self.kind)
    }

    /// Of what the name can be worth at most, the share that it must be, whatever else is known.
    pub(super) fn least(&self) -> f32 {
        let most = most_points(self.name, self.kind);
        (self.from - self.also.map_or(0.0, |also| also.most)).max(0.0) / most
    }

    /// Whether more than the name says whom to find.
    pub(super) const fn knows_more(&self) -> bool {
        self.also.is_some() || self.counts.is_some()
    }

    pub(super) fn counts(&self, bearer: u32) -> bool {
        self.counts.is_none_or(|counts| counts(bearer))
    }

    fn also(&self, bearer: u32) -> f32 {
        self.also.map_or(0.0, |also| also.points.points(bearer))
    }
}

impl Register {
    /// The likeliest names that are seen, the best of each bearer, the best first. No name is looked at that shares no part
    /// with the one that is sought, or one that sounds like it. Nothing is found in a view of another register.
    pub fn search(&self, view: &View, query: &Query<'_>, scratch: &mut Scratch) -> Vec<Hit> {
        if !view.is_of(self) || query.most == 0 {
            return Vec::new();
        }
        if query.least() > 1.0 {
            return Vec::new();
        }
        let sought = self.sought(view, query, scratch);
        let gathered = self.gather(view, query, &sought, scratch);
        scratch.table.clear(query.name.tokens.len(), self.parts.tokens.len());
        for one in &sought {
            remember(one, &mut scratch.table);
        }
        let close = self.close(view, query, &gathered, scratch);
        let mut hits = Vec::new();
        self.hits(view, query, &close, (&mut hits, scratch));
        best(hits, query.most)
    }

    /// The same by looking at every name that is seen: what [`search`](Self::search) is measured by.
    pub fn scan(&self, view: &View, query: &Query<'_>, scratch: &mut Scratch) -> Vec<Hit> {
        if !view.is_of(self) || query.most == 0 {
            return Vec::new();
        }
        scratch.table.clear(query.name.tokens.len(), self.parts.tokens.len());
        let (mut hits, all) = (Vec::new(), (0..number(self.spelled.len())).collect::<Vec<_>>());
        all.chunks(SCANNED).for_each(|some| self.hits(view, query, some, (&mut hits, scratch)));
        best(hits, query.most)
    }

    /// Of spellings those that are likeliest by the parts that led to them.
    fn close(&self, view: &View, query: &Query<'_>, spellings: &[Gathered], scratch: &Scratch) -> Vec<u32> {
        let (table, most) = (&scratch.table, scratch.limits.for_query(query).compared);
        let total = query.name.weights.iter().sum::<f32>().max(LITTLE);
        let rows = self.spelled.picked(spellings.iter().map(|one| one.spelling));
        let worth = |(one, parts): (&Gathered, &[u32])| {
            (cover(view, query, parts, table, total) * STEEP + one.known, one.spelling)
        };
        let mut all: Vec<(f32, u32)> = spellings.iter().zip(rows.iter()).map(worth).collect();
        if all.len() > most {
            all.select_nth_unstable_by(most, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.truncate(most);
        }
        all.into_iter().map(|(_, spelling)| spelling).collect()
    }

    /// Who bears a spelling and is seen, and which of their names it is.
    pub(super) fn seen_by(&self, view: &View, spelling: u32) -> impl Iterator<Item = (u32, u16)> {
        self.seen_in(view, self.bearers.span(spelling))
    }

    /// The same where it is known where they lie.
    pub(super) fn seen_in(&self, view: &View, span: Range<usize>) -> impl Iterator<Item = (u32, u16)> {
        let names = span.clone().zip(self.borne_in(span));
        names.filter(|(at, _)| view.sees_name(*at)).map(|(_, borne)| borne)
    }

    /// Compares spellings in full.
    fn hits(&self, view: &View, query: &Query<'_>, all: &[u32], (hits, scratch): (&mut Vec<Hit>, &mut Scratch)) {
        let spans = self.bearers.spans(all.iter().copied());
        for (spelling, span) in all.iter().zip(spans).filter(|(spelling, _)| view.sees(**spelling)) {
            let points = self.points(view, query, *spelling, scratch);
            for (bearer, name) in self.seen_in(view, span) {
                let total = points + query.also(bearer);
                if total >= query.from && query.counts(bearer) {
                    hits.push(Hit { bearer, name, points, total });
                }
            }
        }
    }

    /// How likely a spelling is of the name that is sought.
    fn points(&self, view: &View, query: &Query<'_>, spelling: u32, scratch: &mut Scratch) -> f32 {
        let Scratch { other, table, room, begins, .. } = scratch;
        let other = other.get_or_insert_with(Name::nothing);
        other.become_of(self.parts_of(spelling, view));
        let manner = manner(query.name, other);
        let heard = table.heard(self.spelled.row(spelling), manner as usize, begins);
        let ear = Ear { costs: costs(manner, &COSTS), heard: Some(heard) };
        points_heard(query.name, other, query.kind, &ear, room)
    }
}

/// How much of both names is found again in the other, from 0 to 2, by the parts that led to it.
fn cover(view: &View, query: &Query<'_>, parts: &[u32], table: &Table, total: f32) -> f32 {
    let mut best = [0.0_f32; MOST];
    let (mut other, mut all) = (0.0, 0.0);
    for part in parts {
        let told = view.told(*part);
        all += told;
        let mut most = 0.0_f32;
        for (alike, best) in table.found(*part).iter().zip(&mut best) {
            most = most.max(*alike);
            *best = best.max(*alike);
        }
        other += told * most;
    }
    let one: f32 = query.name.weights.iter().zip(&best).map(|(weight, alike)| weight * alike).sum();
    one / total + other / all.max(LITTLE)
}

/// The best hit of each bearer, the best first.
fn best(mut all: Vec<Hit>, most: usize) -> Vec<Hit> {
    let order = |a: &Hit, b: &Hit| {
        b.total
            .total_cmp(&a.total)
            .then(b.points.total_cmp(&a.points))
            .then((a.bearer, a.name).cmp(&(b.bearer, b.name)))
    };
    all.sort_unstable_by(order);
    let mut hits: Vec<Hit> = Vec::new();
    for hit in all {
        if hits.len() == most {
            break;
        }
        if !hits.iter().any(|known| known.bearer == hit.bearer) {
            hits.push(hit);
        }
    }
    hits
}

/// Notes how alike a part that is sought is to those it led to.
fn remember(one: &Sought, table: &mut Table) {
    for (part, alike) in one.parts.iter() {
        for at in one.of.0..one.of.1 {
            table.find(at, *part, *alike);
        }
    }
}

/// Spellings that a scan compares at once.
const SCANNED: usize = 1_024;
/// Points that a share of both names is about worth.
const STEEP: f32 = 12.0;
/// What a name tells at least.
const LITTLE: f32 = 0.01;
