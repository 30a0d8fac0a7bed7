//! Fingerprints: what parts that are alike have in common.

use crate::name::Token;
use crate::nick::{is_short, line};
use crate::script::Script;
use crate::sound::Sound;

/// The fingerprint of how a part sounds: parts that share it are counted together.
pub(super) fn sound(token: &Token) -> u32 {
    keyed(&token.key())
}

/// The same of a part with this key.
pub(super) fn keyed(key: &str) -> u32 {
    fingerprint(b'=', key.as_bytes(), None)
}

/// The fingerprints of how a part sounds and how it is written, and of both with one letter left out where it is long: two
/// that differ in one letter share one.
pub(super) fn keys(token: &Token) -> Vec<u32> {
    let (said, roman) = (token.key(), &*token.roman);
    let key = said.as_bytes();
    let mut all = vec![fingerprint(b'=', key, None)];
    if key.len() >= LONG {
        all.push(fingerprint(b'-', key, None));
        all.extend((0..key.len()).map(|at| fingerprint(b'-', key, Some(at))));
    }
    if (4..=12).contains(&roman.len()) {
        all.push(fingerprint(b'.', roman, None));
        all.extend((0..roman.len()).map(|at| fingerprint(b'.', roman, Some(at))));
    }
    if token.script == Script::Arabic {
        // Letters that one language says as `th` and `d`, and another as `s` and `z`: `Othman` and `Osman`, `Ridha` and `Reza`.
        // The first vowel may not be written.
        let soft = said_softly(&said);
        all.extend([b'=', b'-'].map(|kind| fingerprint(kind, soft.as_bytes(), None)));
    }
    if matches!(token.script, Script::Han | Script::Hangul) {
        // As it is written where it is spelled: `Xiu` is said otherwise by who does not know.
        all.push(keyed(&Token::of(&String::from_utf8_lossy(roman)).key()));
        // What English says as `sh`, Russian writes as `s`: `Сяомин`.
        all.push(keyed(&said.replace('c', "s")));
    }
    all.extend(coarse(token, if token.script.sounds_out() { b'~' } else { b'^' }));
    all.extend(called(token.called, is_short(token.called)));
    all.sort_unstable();
    all.dedup();
    all
}

/// A key with every `d` and `t` as `s`, the same twice said once.
fn said_softly(key: &str) -> String {
    let mut soft = String::with_capacity(key.len());
    for class in key.chars().map(|class| if class == 't' { 's' } else { class }) {
        if !soft.ends_with(class) {
            soft.push(class);
        }
    }
    soft
}

/// The fingerprint of what people of a name are called for short, or of the names they bear.
fn called(called: u8, is_short: bool) -> Option<u32> {
    (called != 0).then(|| fingerprint(if is_short { b'+' } else { b'*' }, &[line(called)], None))
}

/// The fingerprints that lead from a name to what people who bear it are called for short, and from that to both.
pub(super) fn calls(token: &Token) -> impl Iterator<Item = u32> {
    let full = called(token.called, false).filter(|_| is_short(token.called));
    called(token.called, true).into_iter().chain(full)
}

/// The fingerprints that lead from a part to parts like it: those it has itself, but for the coarse ones, which lead from what
/// is only sounded out to what is spelled, and back.
pub(super) fn leads(token: &Token) -> Vec<u32> {
    let mut all = keys(token);
    let (own, others) = if token.script.sounds_out() { (b'~', b'^') } else { (b'^', b'~') };
    let own = coarse(token, own);
    let called = called(token.called, is_short(token.called));
    all.retain(|key| !own.contains(key) && Some(*key) != called);
    all.extend(coarse(token, others));
    all
}

/// Of these, those of a part that says its vowels by which others are found that differ in a consonant and in any vowels: where
/// many share one, they have little in common.
pub(super) fn loose(token: &Token) -> Vec<u32> {
    let key = token.key();
    let key = key.as_bytes();
    if key.len() < LONG
        || !(4..=12).contains(&token.roman.len())
        || token.script.sounds_out()
        || token.script.leaves_vowels_out()
    {
        return Vec::new();
    }
    (0..key.len()).map(|at| fingerprint(b'-', key, Some(at))).collect()
}

/// Fingerprints of what is left of a part when it is sounded out by syllables in another script.
fn coarse(token: &Token, kind: u8) -> Vec<u32> {
    let mut key = Vec::new();
    for sound in token.sounds.heard.iter() {
        let class = match sound {
            sound if sound.is_vowel() => continue,
            Sound::H | Sound::V => continue,
            Sound::B | Sound::P | Sound::F => b'b',
            Sound::K | Sound::G => b'k',
            Sound::L | Sound::R => b'l',
            Sound::M | Sound::N => b'n',
            _ => b't',
        };
        if key.last() != Some(&class) {
            key.push(class);
        }
    }
    if key.len() < COARSE {
        return Vec::new();
    }
    let mut all = vec![fingerprint(kind, &key, None)];
    if key.len() > COARSE {
        all.extend((0..key.len()).map(|at| fingerprint(kind, &key, Some(at))));
    }
    all
}

/// FNV-1a of a key of some kind with one letter left out: keys are short and not secret, and what is found is looked at.
fn fingerprint(kind: u8, key: &[u8], without: Option<usize>) -> u32 {
    let kept = key.iter().enumerate().filter(|(at, _)| Some(*at) != without).map(|(_, byte)| *byte);
    let sum = std::iter::once(kind)
        .chain(kept)
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    #[expect(clippy::cast_possible_truncation, reason = "half of it is a fingerprint too")]
    let half = (sum ^ (sum >> 32)) as u32;
    half
}

/// Consonants from which on one may be left out.
const LONG: usize = 4;
/// Consonants that a part has at least to be found by what is left of it.
const COARSE: usize = 3;
