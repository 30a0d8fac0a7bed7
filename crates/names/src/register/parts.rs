//! The parts of all names, each once.

use super::keys::{keys, sound};
use super::number;
use super::sign::Sign;
use crate::name::{Roman, Token};
use crate::script::Script;
use crate::tag::Tag;

/// What makes parts the same here: what they are compared by. In this order they lie in a register.
pub(super) type Written<'a> = (&'a [u8], Script, bool, Tag, Option<u8>, u8);

/// Parts in order, and how they are found.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) tokens: Vec<Token>,
    /// For each part, which group of parts that sound the same it is in.
    pub(super) groups: Vec<u32>,
    /// The fingerprint of each group, in order.
    pub(super) sounds: Vec<u32>,
    /// Fingerprints of the parts that are sought by themselves, in order.
    pub(super) heard: Vec<Echo>,
    /// Where in `heard` the fingerprints begin that begin with the same bits.
    heads: Vec<u32>,
}

/// A part and one of its fingerprints, with what is seen of it at a glance, so that most need not be looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Echo {
    pub(super) key: u32,
    pub(super) part: u32,
    pub(super) sign: Sign,
}

pub(super) fn written(token: &Token) -> Written<'_> {
    (&token.roman, token.script, token.is_loud, token.tag, token.word, token.called)
}

impl Parts {
    /// Of parts that are in order.
    pub(super) fn of(tokens: Vec<Token>) -> Self {
        let sounds: Vec<u32> = tokens.iter().map(sound).collect();
        let mut heard = Vec::new();
        for (token, part) in tokens.iter().zip(0_u32..).filter(|(token, _)| token.tag.is_sought()) {
            let sign = Sign::of(token);
            heard.extend(keys(token).into_iter().map(|key| Echo { key, part, sign }));
        }
        heard.sort_unstable_by_key(|echo| (echo.key, echo.part));
        heard.shrink_to_fit();
        Self::with(tokens, &sounds, heard)
    }

    /// Of parts that are in order, the fingerprint of how each sounds, and all fingerprints, in order.
    pub(super) fn with(tokens: Vec<Token>, all: &[u32], heard: Vec<Echo>) -> Self {
        let mut sounds = all.to_vec();
        sounds.sort_unstable();
        sounds.dedup();
        sounds.shrink_to_fit();
        let groups = all.iter().map(|sound| number(sounds.partition_point(|known| known < sound))).collect();
        let heads = heads(&heard);
        Self { tokens, groups, sounds, heard, heads }
    }

    /// The parts with a fingerprint.
    pub(super) fn heard(&self, key: u32) -> &[Echo] {
        with(key, self.near(key))
    }

    /// The parts with each of these fingerprints: where each lies is looked up before the first is looked through, so that the
    /// lookups do not wait for each other.
    pub(super) fn heard_all<'a>(&'a self, keys: &'a [u32]) -> impl Iterator<Item = (u32, &'a [Echo])> {
        let near: Vec<&[Echo]> = keys.iter().map(|key| self.near(*key)).collect();
        keys.iter().zip(near).map(|(key, near)| (*key, with(*key, near)))
    }

    /// Parts among which are those with a fingerprint.
    fn near(&self, key: u32) -> &[Echo] {
        let head = (u64::from(key) * (self.heads.len().max(2) as u64 - 1)) >> 32;
        let head = usize::try_from(head).ok().and_then(|head| self.heads.get(head..));
        match head {
            Some([from, to, ..]) => self.heard.get(*from as usize..*to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The group of parts that sound like this.
    pub(super) fn group(&self, token: &Token) -> Option<usize> {
        self.sounds.binary_search(&sound(token)).ok()
    }
}

/// Of parts in order, those with a fingerprint.
fn with(key: u32, near: &[Echo]) -> &[Echo] {
    let near = near.get(near.partition_point(|echo| echo.key < key)..).unwrap_or_default();
    near.get(..near.partition_point(|echo| echo.key == key)).unwrap_or_default()
}

/// Heads for fingerprints in order: they are spread evenly, so that each is a few steps from its head.
fn heads(heard: &[Echo]) -> Vec<u32> {
    let count = (heard.len() / EACH + 1) as u64;
    let mut heads = Vec::with_capacity(heard.len() / EACH + 2);
    for (echo, at) in heard.iter().zip(0_u32..) {
        let head = (u64::from(echo.key) * count) >> 32;
        while (heads.len() as u64) <= head {
            heads.push(at);
        }
    }
    while (heads.len() as u64) <= count {
        heads.push(number(heard.len()));
    }
    heads
}

/// What names parts apart while they are gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Apart(Roman, Script, bool, Tag, Option<u8>, u8);

impl Apart {
    pub(super) fn of(token: &Token) -> Self {
        Self(token.roman, token.script, token.is_loud, token.tag, token.word, token.called)
    }
}

/// Fingerprints to a head.
const EACH: usize = 4;
