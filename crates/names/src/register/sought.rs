//! What the parts that are sought lead to.

use super::Register;
use std::sync::Arc;

use super::keys::{calls, leads, loose, sound};
use super::scratch::{Alike, Scratch};
use super::search::Query;
use super::sign::Sign;
use super::view::View;
use crate::align::{CALLED, costs_between};
use crate::compare::COSTS;
use crate::name::Token;

/// Parts of a register that are alike to one that is sought, or to two that may be written as one.
pub(super) struct Sought {
    /// The parts, the most alike first.
    pub(super) parts: Alike,
    /// What it tells.
    pub(super) weight: f32,
    /// Which parts of the name it is, from and up to.
    pub(super) of: (usize, usize),
}

impl Sought {
    /// What finding a part is worth that is so alike.
    pub(super) fn points(&self, view: &View, part: u32, alike: f32) -> f32 {
        alike * alike * self.weight.min(view.told(part).max(self.weight * 0.5))
    }
}

impl Register {
    /// For each part that is sought, and for each two beside each other, the parts that sound like it.
    pub(super) fn sought(&self, view: &View, query: &Query<'_>, scratch: &mut Scratch) -> Vec<Sought> {
        let (mut all, name) = (Vec::new(), query.name);
        let least = if query.least() > MUCH { ALIKE_IF_MUCH } else { ALIKE };
        let weight = |at: usize| name.weights.get(at).copied().unwrap_or_default();
        let mut add = |parts: Alike, weight: f32, of: (usize, usize)| {
            if !parts.is_empty() {
                all.push(Sought { parts, weight, of });
            }
        };
        for (at, token) in name.tokens.iter().enumerate() {
            if token.tag.is_sought() || name.tokens.len() == 1 {
                let parts = scratch.found(view, token, least, || self.alike(view, token, least));
                add(parts, weight(at), (at, at + 1));
            }
            if let Some(next) = name.tokens.get(at + 1) {
                let joined = token.with(next);
                let parts = scratch.found(view, &joined, least, || self.alike(view, &joined, least));
                add(parts, weight(at) + weight(at + 1), (at, at + 2));
            }
        }
        for (at, token) in name.tokens.iter().enumerate() {
            for parts in scratch.split(view, token, || self.split(view, token)).iter() {
                add(Arc::clone(parts), weight(at), (at, at + 1));
            }
        }
        all
    }

    /// A long part that nobody bears, as two that somebody does.
    fn split(&self, view: &View, token: &Token) -> Arc<[Alike]> {
        let length = token.roman.len();
        if length < 2 * SHORTEST || !token.tag.is_sought() || !self.written_as(view, token).is_empty() {
            return Arc::default();
        }
        let halves = |at: usize| {
            let (one, other) = token.roman.split_at_checked(at)?;
            let (one, other) = (std::str::from_utf8(one).ok()?, std::str::from_utf8(other).ok()?);
            let one = self.written_as(view, &Token::of(one));
            let other = if one.is_empty() { one.clone() } else { self.written_as(view, &Token::of(other)) };
            (!other.is_empty()).then_some([one, other])
        };
        (SHORTEST..=length - SHORTEST).filter_map(halves).flatten().collect()
    }

    /// The parts that are exactly these letters.
    fn written_as(&self, view: &View, token: &Token) -> Alike {
        let is = |part: &u32| self.parts.tokens.get(*part as usize).is_some_and(|one| one.roman == token.roman);
        let heard = self.parts.heard(sound(token)).iter().map(|echo| echo.part);
        let seen = heard.filter(|part| view.bears(*part));
        seen.filter(is).map(|part| (part, 1.0)).collect()
    }

    /// The parts that sound like one, at least so much.
    fn alike(&self, view: &View, token: &Token, least: u16) -> Alike {
        if view.is_empty() {
            return Arc::default();
        }
        let (loose, mut parts, sign) = (loose(token), Vec::new(), Sign::of(token));
        for (key, heard) in self.parts.heard_all(&leads(token)) {
            let before = parts.len();
            let heard = heard.iter().filter(|echo| sign.may_be_like(echo.sign));
            parts.extend(heard.map(|echo| echo.part).filter(|part| view.bears(*part)));
            if parts.len() > before + MANY && loose.contains(&key) {
                parts.truncate(before);
            }
        }
        let called = calls(token).flat_map(|key| self.parts.heard(key)).map(|echo| echo.part);
        parts.extend(called.filter(|part| view.bears(*part)));
        parts.sort_unstable();
        parts.dedup();
        // Each is looked up in full before the first is compared: so the lookups do not wait for each other.
        let may_be = |other: &Token| {
            (other.roman == token.roman) | token.sounds.meet(&other.sounds)
                || token.is_word(other)
                || token.is_called(other)
        };
        parts.retain(|part| self.parts.tokens.get(*part as usize).is_some_and(may_be));
        let alike = |part: u32| {
            let other = self.parts.tokens.get(part as usize)?;
            let is_same = other.roman == token.roman;
            let alike = if is_same || token.is_word(other) {
                1.0
            } else {
                let heard = costs_between(token, other, &COSTS).alike_from(&token.sounds, &other.sounds, least);
                if token.is_called(other) { heard.max(CALLED) } else { heard }
            };
            (alike * 100.0 >= f32::from(least)).then_some((part, alike))
        };
        let mut found: Vec<(u32, f32)> = parts.into_iter().filter_map(alike).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.into()
    }
}

/// Parts less alike than this, in hundredths, are not the one that is sought.
const ALIKE: u16 = 60;
/// The same where a name must be worth more than a share of what it can be.
const ALIKE_IF_MUCH: u16 = 75;
const MUCH: f32 = 0.4;
/// Where more parts that are seen share a loose fingerprint, none of them is looked at for it.
const MANY: usize = 200;
/// Letters of a part that another is split into.
const SHORTEST: usize = 3;
