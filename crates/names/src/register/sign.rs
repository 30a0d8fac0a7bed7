//! What is seen of a part at a glance.

use crate::name::{Manner, Token};

/// Which sounds a part has, how many, and how it is written down: enough to pass over most that are not alike without looking
/// at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign(u32);

impl Sign {
    pub(super) fn of(token: &Token) -> Self {
        let heard = &token.sounds.heard;
        let sounds = heard.iter().fold(0, |sounds, sound| sounds | 1 << *sound as u32);
        let manner = match Manner::of(token.script) {
            Manner::Spelled => 0,
            Manner::Syllables => 1,
            Manner::Consonants => NO_VOWELS,
        };
        Self(sounds | super::number(heard.len()).min(31) << LENGTH | manner << MANNER)
    }

    /// Whether two may be alike: few sounds stand in one of them only, and one is little longer. More may where one is not
    /// spelled by letters that say vowels too; where one leaves vowels out, they and the length do not count.
    pub(super) const fn may_be_like(self, other: Self) -> bool {
        let manners = (self.0 | other.0) >> MANNER;
        let is_bare = manners & NO_VOWELS != 0;
        let counted = if is_bare { CONSONANTS } else { SOUNDS };
        let most = if manners == 0 { 2 } else { 3 };
        let longer = (self.0 >> LENGTH & 31).abs_diff(other.0 >> LENGTH & 31);
        (is_bare || longer <= most)
            && !has_more(self.0 & !other.0 & counted, most)
            && !has_more(other.0 & !self.0 & counted, most)
    }
}

/// Whether more bits than two or three are set: the lowest is taken away as often, which is faster than counting.
const fn has_more(bits: u32, most: u32) -> bool {
    let bits = bits & bits.wrapping_sub(1);
    let bits = bits & bits.wrapping_sub(1);
    let third = bits & bits.wrapping_sub(1);
    (if most == 2 { bits } else { third }) != 0
}

const SOUNDS: u32 = (1 << 23) - 1;
const VOWELS: u32 = (1 << 5) - 1;
const CONSONANTS: u32 = SOUNDS & !VOWELS;
/// Where the length stands, and how it is written down.
const LENGTH: u32 = 23;
const MANNER: u32 = 28;
const NO_VOWELS: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;
    use crate::score::Kind;

    fn may(one: &str, other: &str) -> bool {
        let sign = |text: &str| Sign::of(&Name::read(text, Kind::Person).tokens[0]);
        sign(one).may_be_like(sign(other))
    }

    #[test]
    fn what_is_alike_looks_alike_at_a_glance() {
        for (one, other) in [("smirnov", "smirnof"), ("mohammed", "muhamad"), ("schmidt", "smit"), ("محمد", "muhammad")]
        {
            assert!(may(one, other) && may(other, one), "{one} {other}");
        }
        for (one, other) in [("smirnov", "petrenko"), ("tamm", "kallas"), ("konstantinopolski", "konstantin")] {
            assert!(!may(one, other) && !may(other, one), "{one} {other}");
        }
    }
}
