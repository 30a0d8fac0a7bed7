//! Fingerprints: what parts that are alike have in common.

use crate::name::Token;

/// The fingerprint of how a part sounds: parts that share it are counted together.
pub(super) fn sound(token: &Token) -> u32 {
    fingerprint(b'=', token.key().as_bytes(), None)
}

/// The fingerprints of how a part sounds and how it is written, and of both with one letter left out where it is long: two
/// that differ in one letter share one.
pub(super) fn keys(token: &Token) -> Vec<u32> {
    let (key, roman) = (token.key(), &*token.roman);
    let key = key.as_bytes();
    let mut all = vec![fingerprint(b'=', key, None)];
    if key.len() >= LONG {
        all.push(fingerprint(b'-', key, None));
        all.extend((0..key.len()).map(|at| fingerprint(b'-', key, Some(at))));
    }
    if (4..=12).contains(&roman.len()) {
        all.push(fingerprint(b'.', roman, None));
        all.extend((0..roman.len()).map(|at| fingerprint(b'.', roman, Some(at))));
    }
    all.sort_unstable();
    all.dedup();
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
