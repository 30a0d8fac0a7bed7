//! Which spellings may be the one that is sought.

use super::Register;
use super::scratch::Scratch;
use super::sought::Sought;
use super::view::View;

impl Register {
    /// Gives points to spellings in which parts stand that are sought, the rarest first, until what is left could not by
    /// itself be better.
    pub(super) fn gather(&self, view: &View, sought: &[Sought], scratch: &mut Scratch) {
        if scratch.points.len() < self.spelled.len() {
            scratch.points.resize(self.spelled.len(), 0.0);
        }
        let mut visited = 0;
        let mut common = Vec::new();
        for one in sought {
            if visited + one.names <= ROOM {
                visited += one.names;
                self.give(view, one, scratch);
            } else {
                common.push(one);
            }
        }
        let mut common = common.into_iter();
        while let Some(one) = common.next() {
            let best =
                scratch.touched.iter().filter_map(|at| scratch.points.get(*at as usize)).copied().fold(0.0, f32::max);
            if reach(common.as_slice(), Some(one)) < best || visited > MOST {
                self.raise(view, std::iter::once(one).chain(common), scratch);
                return;
            }
            visited += one.names;
            self.give(view, one, scratch);
        }
    }

    /// Gives the points of a part to every spelling it stands in.
    fn give(&self, view: &View, one: &Sought, scratch: &mut Scratch) {
        for (part, alike) in one.parts.iter() {
            let points = one.points(view, *part, *alike);
            for spelling in self.stands.row(*part) {
                if view.sees(*spelling) {
                    scratch.give(*spelling, points);
                }
            }
        }
    }

    /// Gives the points of common parts to spellings that have some already, where these are too many to look at each.
    fn raise<'s>(&self, view: &View, common: impl Iterator<Item = &'s Sought>, scratch: &mut Scratch) {
        if scratch.touched.len() <= CLOSER {
            return;
        }
        for one in common {
            for (part, alike) in one.parts.iter() {
                let more = one.points(view, *part, *alike);
                for spelling in self.stands.row(*part) {
                    if let Some(points) = scratch.points.get_mut(*spelling as usize)
                        && *points > 0.0
                    {
                        *points += more;
                    }
                }
            }
        }
    }

    /// The spellings with the most points, and the scratch as it was before.
    pub(super) fn gathered(&self, sought: usize, Scratch { points, touched, .. }: &mut Scratch) -> Vec<u32> {
        let mut all: Vec<(f32, u32)> = Vec::with_capacity(touched.len());
        for spelling in touched.drain(..) {
            if let Some(points) = points.get_mut(spelling as usize) {
                // What a name has more or less than what is sought speaks against it, a little.
                let more = self.spelled.span(spelling).len().abs_diff(sought).min(8) as f32;
                all.push((std::mem::take(points) - more * STRAY, spelling));
            }
        }
        // What has far fewer points than the best is not the best in full either.
        let least = all.iter().map(|(points, _)| *points).fold(0.0, f32::max) * ENOUGH;
        all.retain(|(points, _)| *points >= least);
        if all.len() > CLOSER {
            all.select_nth_unstable_by(CLOSER, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.truncate(CLOSER);
        }
        all.into_iter().map(|(_, spelling)| spelling).collect()
    }
}

/// What a spelling can have that only what is left leads to.
fn reach(rest: &[&Sought], one: Option<&Sought>) -> f32 {
    let mut parts: Vec<&Sought> = rest.iter().copied().chain(one).collect();
    parts.sort_by_key(|sought| std::cmp::Reverse(sought.of.1 - sought.of.0));
    let mut seen = 0_u32;
    let mut sum = 0.0;
    for sought in parts {
        let bits = (1_u32 << sought.of.1) - (1_u32 << sought.of.0);
        if seen & bits == 0 {
            seen |= bits;
            sum += sought.weight;
        }
    }
    sum
}

/// Names behind parts that are looked at without asking whether they can be better.
const ROOM: u64 = 20_000;
/// Names behind parts beyond which no further part is looked at by itself.
const MOST: u64 = 400_000;
/// Spellings that are looked at more closely.
const CLOSER: usize = 2_000;
/// Points that a part costs which the other name does not have.
const STRAY: f32 = 0.1;
/// Of the points of the best, what a name needs to be compared in full.
const ENOUGH: f32 = 0.5;
