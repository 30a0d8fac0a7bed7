//! Which spellings may be the one that is sought.

use super::scratch::Scratch;
use super::search::Query;
use super::sought::Sought;
use super::view::View;
use super::{Register, stands};
use crate::name::{MOST, Name};

impl Register {
    /// Gives points to spellings in which parts stand that are sought, the rarest first, until what is left could not by
    /// itself be better. A part that is left gives points to those that have some already.
    pub(super) fn gather(
        &self,
        view: &View,
        query: &Query<'_>,
        sought: &[Sought],
        scratch: &mut Scratch,
    ) -> Vec<Gathered> {
        let (limits, length) = (scratch.limits.for_query(query), query.name.tokens.len());
        if scratch.points.len() < self.spelled.len() {
            scratch.points.resize(self.spelled.len(), 0);
        }
        let leads = leads(view, sought);
        let (mut visited, mut best, mut passed_over) = (0, 0.0_f32, 0.0);
        for (at, lead) in leads.iter().enumerate() {
            let rest = leads.get(at..).unwrap_or_default();
            let is_much = at > 0 && visited + lead.names > limits.room;
            let others = reach(rest.iter());
            // One that was met may be better with it than all it leads to, where the name alone says whom to find.
            let lifts = || !query.knows_more() && self.lifts(view, lead, others, scratch);
            let is_beaten =
                || others < best && (query.counts.is_none() || self.best_counts(view, query, scratch.met()));
            if at > 0 && (is_much && (is_beaten() || lifts()) || visited > limits.most) {
                let raises = scratch.touched.len() > limits.closer;
                if raises {
                    self.raise(view, rest.iter().filter(|lead| lead.is_close), scratch);
                }
                passed_over = reach(rest.iter().filter(|lead| !raises || !lead.is_close));
                break;
            }
            visited += lead.names;
            best = best.max(self.give(view, lead, length, scratch));
        }
        let (all_found, lacks, least) = (query.name.weights.iter().sum::<f32>(), query.lacks(), query.least());
        // Parts that tell a share of all have at least its square of all points.
        let least = steps(all_found * least * least - passed_over - unsought(query.name)).saturating_sub(ROUNDED);
        let (mut all, best) = gathered(scratch, least);
        if query.counts.is_none() || self.best_counts(view, query, all.iter().copied()) {
            let least = far_fewer(best, steps(all_found));
            all.retain(|(points, _)| u32::from(*points) >= least);
        }
        self.likely(view, query, lacks, all, scratch)
    }

    /// Of spellings with points, those with the most that can be found, and what is known of those who bear them.
    fn likely(
        &self,
        view: &View,
        query: &Query<'_>,
        lacks: f32,
        mut all: Vec<(u16, u32)>,
        scratch: &mut Scratch,
    ) -> Vec<Gathered> {
        let most = scratch.limits.for_query(query).closer;
        // Where much is lacking that few have, it is looked up before the most are chosen; otherwise of these alone.
        if lacks < LITTLE_KNOWN {
            likeliest(&mut all, most, |(points, spelling)| (*points, *spelling));
        }
        let known = query
            .knows_more()
            .then(|| self.known(view, query, lacks, all.iter().map(|(_, spelling)| *spelling), &mut scratch.beside));
        let known = known.into_iter().flatten().chain(std::iter::repeat(0.0));
        let mut all: Vec<(u16, Gathered)> = all
            .iter()
            .zip(known)
            .filter(|(_, known)| lacks < LITTLE_KNOWN || *known >= lacks)
            .map(|((points, spelling), known)| (*points, Gathered { spelling: *spelling, known }))
            .collect();
        likeliest(&mut all, most, |(points, one)| (*points, one.spelling));
        all.into_iter().map(|(_, one)| one).collect()
    }

    /// Whether somebody counts who bears the spelling with the most points of these, and is seen.
    #[cold]
    fn best_counts(&self, view: &View, query: &Query<'_>, all: impl Iterator<Item = (u16, u32)>) -> bool {
        let counts = |(_, spelling)| self.seen_by(view, spelling).any(|(bearer, _)| query.counts(bearer));
        all.max().is_some_and(counts)
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
                    // What a name has more or less than what is sought speaks against it, a little.
                    sum = BASE - STRAY * u16::try_from(parts.abs_diff(length).min(8)).unwrap_or_default();
                    touched.push((spelling, sum));
                }
                *held = sum.saturating_add(points);
                best = best.max(*held);
            }
        }
        (f32::from(best) - f32::from(BASE)) / STEPS
    }

    /// Whether the points of parts would lift a spelling that has some above so many.
    fn lifts(&self, view: &View, lead: &Lead<'_>, above: f32, scratch: &Scratch) -> bool {
        let above = u32::from(steps(above)) + u32::from(BASE);
        lead.parts.iter().any(|(part, alike)| {
            let more = u32::from(steps(lead.sought.points(view, *part, *alike)));
            let held = |stand: &u32| scratch.points.get(stands(*stand).0 as usize).copied().unwrap_or_default();
            self.stands.row(*part).iter().any(|stand| held(stand) > 0 && u32::from(held(stand)) + more > above)
        })
    }

    /// Gives the points of close common parts to spellings that have some already, where these are too many to look at each.
    fn raise<'l>(&self, view: &View, rest: impl Iterator<Item = &'l Lead<'l>>, scratch: &mut Scratch) {
        for lead in rest {
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

/// A spelling that may be the one that is sought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered {
    pub(super) spelling: u32,
    /// The most that is known for one who bears it.
    pub(super) known: f32,
}

/// The spellings with points enough, and the most that one has; and the scratch as it was before.
fn gathered(Scratch { points, touched, .. }: &mut Scratch, at_least: u16) -> (Vec<(u16, u32)>, u16) {
    let mut all: Vec<(u16, u32)> = Vec::with_capacity(touched.len());
    let mut best = 0;
    for (spelling, begun) in touched.drain(..) {
        if let Some(points) = points.get_mut(spelling as usize) {
            let held = std::mem::take(points);
            best = best.max(held);
            if held.saturating_sub(begun) >= at_least {
                all.push((held, spelling));
            }
        }
    }
    (all, best)
}

/// Points below which a spelling is not the best in full either, the more surely the more of the name the best has.
fn far_fewer(best: u16, all_found: u16) -> u32 {
    let best = u32::from(best.saturating_sub(BASE));
    u32::from(BASE) + best * best.min(u32::from(all_found)) / (ENOUGH * u32::from(all_found).max(1))
}

/// Keeps as many of those with the most points.
fn likeliest<T>(all: &mut Vec<T>, most: usize, of: impl Fn(&T) -> (u16, u32)) {
    if all.len() > most {
        all.select_nth_unstable_by_key(most, |one| {
            let (points, spelling) = of(one);
            (std::cmp::Reverse(points), spelling)
        });
        all.truncate(most);
    }
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
        Self { room: 2_000, most: 50_000, closer: 600, compared: 120 }
    }
}

impl Limits {
    /// Enough to choose from for so many hits, and for what else is known to choose by.
    pub(super) fn for_query(self, query: &Query<'_>) -> Self {
        let times = if query.knows_more() { 4 } else { 1 };
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
    let worth = |lead: &Lead<'_>| lead.names as f32 / (lead.alike * lead.alike * lead.sought.weight).max(0.01);
    leads.sort_by(|a, b| worth(a).total_cmp(&worth(b)));
    leads
}

/// The points that a spelling can have to which only these lead.
fn reach<'l>(rest: impl Iterator<Item = &'l Lead<'l>>) -> f32 {
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
/// What the parts of a name tell that lead nowhere by themselves.
fn unsought(name: &Name) -> f32 {
    let parts = name.tokens.iter().zip(&name.weights);
    parts.filter(|(token, _)| !token.tag.is_sought()).map(|(_, weight)| weight).sum()
}

/// Steps that are lost where each of several points is rounded down.
const ROUNDED: u16 = 20;
/// Steps of a point.
const STEPS: f32 = 2_048.0;
/// Steps that a spelling has that was met, so that it never has none.
const BASE: u16 = 4_096;
/// Steps that a part costs which the other name does not have.
const STRAY: u16 = 205;
/// Where less is lacking, nearly everybody has it: what contradicts costs less.
const LITTLE_KNOWN: f32 = -5.0;
/// A spelling needs so many times fewer points than the best not to be compared in full, where the best has all.
const ENOUGH: u32 = 2;
