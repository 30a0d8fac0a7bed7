//! Which spellings may be the one that is sought.

use super::scratch::Scratch;
use super::search::Query;
use super::sought::Sought;
use super::view::View;
use super::{Register, stands};
use crate::name::MOST;

impl Register {
    /// Gives points to spellings in which parts stand that are sought, the rarest first, until what is left could not by
    /// itself be better. A part that is left gives points to those that have some already.
    pub(super) fn gather(&self, view: &View, query: &Query<'_>, sought: &[Sought], scratch: &mut Scratch) -> Vec<u32> {
        let (limits, length) = (scratch.limits.for_query(query), query.name.tokens.len());
        if scratch.points.len() < self.spelled.len() {
            scratch.points.resize(self.spelled.len(), 0);
        }
        let leads = leads(view, sought);
        let (mut visited, mut best) = (0, 0.0_f32);
        for (at, lead) in leads.iter().enumerate() {
            let rest = leads.get(at..).unwrap_or_default();
            let is_enough = visited + lead.names > limits.room && reach(rest) < best;
            if at > 0 && (is_enough || visited > limits.most) {
                if scratch.touched.len() > limits.closer {
                    self.raise(view, rest, scratch);
                }
                break;
            }
            visited += lead.names;
            best = best.max(self.give(view, lead, length, scratch));
        }
        gathered(scratch, limits.closer, steps(query.name.weights.iter().sum()))
    }

    /// Gives the points of parts to every spelling they stand in, and says how many the best has then.
    fn give(&self, view: &View, lead: &Lead<'_>, length: usize, scratch: &mut Scratch) -> f32 {
        let Scratch { points: all, touched, .. } = scratch;
        let mut best = 0;
        for (part, alike) in lead.parts {
            let points = steps(lead.sought.points(view, *part, *alike));
            for stand in self.stands.row(*part) {
                let (spelling, parts) = stands(*stand);
                if !view.sees(spelling) {
                    continue;
                }
                let Some(held) = all.get_mut(spelling as usize) else { continue };
                let mut sum = *held;
                if sum == 0 {
                    touched.push(spelling);
                    // What a name has more or less than what is sought speaks against it, a little.
                    sum = BASE - STRAY * u16::try_from(parts.abs_diff(length).min(8)).unwrap_or_default();
                }
                *held = sum.saturating_add(points);
                best = best.max(*held);
            }
        }
        (f32::from(best) - f32::from(BASE)) / STEPS
    }

    /// Gives the points of common parts to spellings that have some already, where these are too many to look at each.
    fn raise(&self, view: &View, rest: &[Lead<'_>], scratch: &mut Scratch) {
        for lead in rest.iter().filter(|lead| lead.is_close) {
            for (part, alike) in lead.parts {
                let more = steps(lead.sought.points(view, *part, *alike));
                for stand in self.stands.row(*part) {
                    if let Some(points) = scratch.points.get_mut(stands(*stand).0 as usize)
                        && *points > 0
                    {
                        *points = points.saturating_add(more);
                    }
                }
            }
        }
    }
}

/// The spellings with the most points, and the scratch as it was before.
fn gathered(Scratch { points, touched, .. }: &mut Scratch, most: usize, all_found: u16) -> Vec<u32> {
    let mut all: Vec<(u16, u32)> = Vec::with_capacity(touched.len());
    let mut best = 0;
    for spelling in touched.drain(..) {
        if let Some(points) = points.get_mut(spelling as usize) {
            let held = std::mem::take(points);
            best = best.max(held);
            all.push((held, spelling));
        }
    }
    // What has far fewer points than the best is not the best in full either, the more surely the more of the name the best has.
    let best = u32::from(best.saturating_sub(BASE));
    let least = u32::from(BASE) + best * best.min(u32::from(all_found)) / (ENOUGH * u32::from(all_found).max(1));
    all.retain(|(points, _)| u32::from(*points) >= least);
    if all.len() > most {
        all.select_nth_unstable_by(most, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(most);
    }
    all.into_iter().map(|(_, spelling)| spelling).collect()
}

/// Points in steps.
fn steps(points: f32) -> u16 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let steps = (points * STEPS) as u16;
    steps
}

/// How much is looked at in a search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Names behind parts that are looked at without asking whether they can be better.
    pub(super) room: u64,
    /// Names behind parts beyond which no further part is looked at by itself.
    pub(super) most: u64,
    /// Spellings that are looked at more closely.
    pub(super) closer: usize,
    /// Spellings that are compared in full.
    pub(super) compared: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { room: 4_000, most: 50_000, closer: 700, compared: 150 }
    }
}

impl Limits {
    /// Enough to choose from for so many hits, and for what else is known to choose by.
    pub(super) fn for_query(self, query: &Query<'_>) -> Self {
        let times = if query.also.is_some() { 4 } else { 1 };
        let compared = self.compared.saturating_mul(times).max(query.most.saturating_mul(4));
        Self { closer: self.closer.saturating_mul(times).max(compared), compared, ..self }
    }
}

/// Parts that one that is sought led to, the close ones or the others.
struct Lead<'s> {
    sought: &'s Sought,
    parts: &'s [(u32, f32)],
    is_close: bool,
    /// In how many names that are seen they stand.
    names: u64,
    /// How alike the best of them is.
    alike: f32,
}

/// What led somewhere, in the order it is followed: close parts before others, and the rarest first.
fn leads<'s>(view: &View, sought: &'s [Sought]) -> Vec<Lead<'s>> {
    let mut leads = Vec::with_capacity(sought.len() * 2);
    for one in sought {
        let close = one.parts.partition_point(|(_, alike)| *alike >= CLOSE);
        let (near, far) = one.parts.split_at_checked(close).unwrap_or_default();
        for (parts, is_close) in [(near, true), (far, false)] {
            if let Some((_, alike)) = parts.first() {
                let names = parts.iter().map(|(part, _)| u64::from(view.borne(*part))).sum();
                leads.push(Lead { sought: one, parts, is_close, names, alike: *alike });
            }
        }
    }
    leads.sort_by_key(|lead| (!lead.is_close, lead.names));
    leads
}

/// The points that a spelling can have to which only these lead.
fn reach(rest: &[Lead<'_>]) -> f32 {
    let mut parts = [0.0_f32; MOST];
    for lead in rest {
        let (from, to) = lead.sought.of;
        let points = lead.alike * lead.alike * lead.sought.weight / (to - from).max(1) as f32;
        for part in parts.get_mut(from..to).unwrap_or_default() {
            *part = part.max(points);
        }
    }
    parts.iter().sum()
}

/// Parts at least so alike are looked for first.
const CLOSE: f32 = 0.8;
/// Steps of a point.
const STEPS: f32 = 2_048.0;
/// Steps that a spelling has that was met, so that it never has none.
const BASE: u16 = 4_096;
/// Steps that a part costs which the other name does not have.
const STRAY: u16 = 205;
/// A spelling needs so many times fewer points than the best not to be compared in full, where the best has all.
const ENOUGH: u32 = 2;
