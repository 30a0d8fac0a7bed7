//! Distance between short texts, 64 letters in one machine word (Hyyrö, "A bit-vector algorithm for computing Levenshtein
//! and Damerau edit distances", 2003).

/// A text to compare many others with: for each letter, where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    places: [u64; 32],
    length: u32,
}

impl Pattern {
    /// Of letters below 32; what is beyond 64 is left out.
    pub(crate) fn of(letters: &[u8]) -> Self {
        let mut places = [0_u64; 32];
        for (at, letter) in letters.iter().take(64).enumerate() {
            if let Some(place) = places.get_mut(usize::from(*letter & 31)) {
                *place |= 1 << at;
            }
        }
        Self { places, length: u32::try_from(letters.len().min(64)).unwrap_or(64) }
    }

    /// Insertions, deletions, changes, and neighbours that changed places (optimal string alignment).
    pub(crate) fn apart(&self, text: &[u8]) -> u32 {
        if self.length == 0 {
            return u32::try_from(text.len()).unwrap_or(u32::MAX);
        }
        let (mut up, mut down, mut diagonal, mut swaps) = (u64::MAX, 0_u64, 0_u64, 0_u64);
        let (mut apart, last) = (self.length, 1_u64 << (self.length - 1));
        for letter in text.iter().take(64) {
            let here = self.places.get(usize::from(*letter & 31)).copied().unwrap_or_default();
            let swap = (((!diagonal) & here) << 1) & swaps;
            diagonal = (((here & up).wrapping_add(up)) ^ up) | here | down | swap;
            let mut rise = down | !(diagonal | up);
            let mut fall = diagonal & up;
            apart += u32::from(rise & last != 0);
            apart -= u32::from(fall & last != 0);
            rise = (rise << 1) | 1;
            fall <<= 1;
            up = fall | !(diagonal | rise);
            down = rise & diagonal;
            swaps = here;
        }
        apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(one: &[u8], other: &[u8]) -> u32 {
        let mut rows = vec![vec![0_u32; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                rows[i][j] = if i == 0 || j == 0 {
                    u32::try_from(i + j).unwrap()
                } else {
                    let change = rows[i - 1][j - 1] + u32::from(one[i - 1] != other[j - 1]);
                    let mut best = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                        best = best.min(rows[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        rows[one.len()][other.len()]
    }

    #[test]
    fn a_word_of_bits_says_what_a_table_says() {
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..5_000 {
            let mut text = || (0..next(20)).map(|_| u8::try_from(next(4)).unwrap()).collect::<Vec<u8>>();
            let (one, other) = (text(), text());
            assert_eq!(Pattern::of(&one).apart(&other), plain(&one, &other), "{one:?} {other:?}");
        }
    }
}
