//! How parts are spelled: who mistypes a name strikes one letter or two, whatever it sounds like, and two people whose names sound alike
//! differ by more.

use crate::align::Alignment;
use crate::bits::Pattern;
use crate::name::Name;
use crate::short::Short;

/// How alike in letters those parts of two names are, from 0 to 1, that are least alike: of the parts that are not the same, each beside
/// the one it is most alike.
pub(crate) fn least(one: &Name, other: &Name, found: &Alignment) -> f32 {
    let mut least = beside(one, other, found);
    let (rest, of_other) = (left(one, found.seen.0), left(other, found.seen.1));
    match (&*rest, &*of_other) {
        ([], _) | (_, []) => return least,
        ([part], [beside]) => return least.min(alike(part, beside)),
        _ => {}
    }
    let mut apart = Table::of(&rest, &of_other);
    while let Some(share) = apart.take_nearest() {
        least = least.min(1.0 - share);
    }
    least
}

/// The same of parts that lie beside each other.
fn beside(one: &Name, other: &Name, found: &Alignment) -> f32 {
    let parts = found.pairs.iter().filter_map(|pair| pair.single(one, other));
    let others = parts.filter(|(part, beside)| part.roman != beside.roman);
    others.map(|(part, beside)| alike(&part.roman, &beside.roman)).fold(1.0, f32::min)
}

fn alike(part: &[u8], other: &[u8]) -> f32 {
    1.0 - Pattern::of(part).apart(other) as f32 / part.len().max(other.len()).max(1) as f32
}

/// Parts that lie beside nothing.
fn left(name: &Name, seen: u32) -> Rest<'_> {
    let parts = name.tokens.iter().enumerate().filter(|(at, _)| seen & (1 << at) == 0);
    Short::of(parts.map(|(_, part)| &*part.roman), &[])
}

/// The shares of their letters by which parts of one side are apart from those of the other.
struct Table {
    shares: [[f32; REST]; REST],
    rows: usize,
    columns: usize,
}

impl Table {
    fn of(rest: &Rest<'_>, of_other: &Rest<'_>) -> Self {
        let mut table = Self { shares: [[TAKEN; REST]; REST], rows: rest.len(), columns: of_other.len() };
        for (part, row) in rest.iter().zip(&mut table.shares) {
            let pattern = Pattern::of(part);
            for (other, cell) in of_other.iter().zip(row) {
                *cell = pattern.apart(other) as f32 / part.len().max(other.len()).max(1) as f32;
            }
        }
        table
    }

    /// Takes of the parts that are left the two that are most alike.
    fn take_nearest(&mut self) -> Option<f32> {
        let (mut best, mut row, mut column) = (TAKEN, 0, 0);
        for (i, shares) in self.shares.iter().enumerate().take(self.rows) {
            for (j, share) in shares.iter().enumerate().take(self.columns) {
                if *share < best {
                    (best, row, column) = (*share, i, j);
                }
            }
        }
        if best >= TAKEN {
            return None;
        }
        *self.shares.get_mut(row)? = [TAKEN; REST];
        self.shares.iter_mut().filter_map(|shares| shares.get_mut(column)).for_each(|share| *share = TAKEN);
        Some(best)
    }
}

type Rest<'n> = Short<&'n [u8], REST>;

/// Parts that are left over which are looked at on each side.
const REST: usize = 4;
/// More than any share of letters.
const TAKEN: f32 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::costs;
    use crate::compare::COSTS;
    use crate::ear::Ear;
    use crate::name::Manner;
    use crate::score::Kind;

    fn least_of(one: &str, other: &str) -> f32 {
        let [one, other] = [one, other].map(|name| Name::read(name, Kind::Person));
        let found = Alignment::of(&one, &other, &Ear::new(costs(Manner::Spelled, &COSTS)));
        least(&one, &other, &found)
    }

    #[test]
    fn the_parts_least_alike_in_letters_count() {
        for (one, other, alike) in [
            ("Mari Kask", "Kask Mari", 1.0),
            // What lies beside nothing is not judged here.
            ("Mari Kask", "Mari", 1.0),
            ("Mari Kask", "Mari Kaks", 0.75),
            // Each beside the one it is most alike.
            ("Jaan Tamm", "Jan Tam", 0.75),
            ("Jaan Tamm", "Tamn Jann", 0.75),
            ("Magomed Ibragimov", "Alimagomed Ibragimov", 0.7),
        ] {
            assert!((least_of(one, other) - alike).abs() < 0.001, "{one} {other}");
        }
    }
}
