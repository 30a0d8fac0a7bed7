//! How a token sounds, in symbols that every way of writing it shares, and how far two are apart.

use crate::short::Short;

/// A sound: vowels, then consonants by where they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Sound {
    A,
    E,
    I,
    O,
    U,
    B,
    P,
    F,
    V,
    D,
    T,
    S,
    Z,
    /// `sh`.
    X,
    /// `zh`, `j`.
    J,
    /// `ch`, `ts`.
    C,
    K,
    G,
    /// `h`, `kh`.
    H,
    L,
    R,
    M,
    N,
}

use Sound::{A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, R, S, T, U, V, X, Z};

impl Sound {
    const COUNT: usize = 23;
    /// Every one, in order.
    const ALL: [Self; Self::COUNT] = [A, E, I, O, U, B, P, F, V, D, T, S, Z, X, J, C, K, G, H, L, R, M, N];

    pub(crate) const fn is_vowel(self) -> bool {
        (self as u8) < 5
    }

    /// Where it is made, a bit; none for what is often left out.
    const fn place(self) -> u32 {
        match self {
            A | E | I | O | U | H => 0,
            B | P | F | V => 1,
            D | T => 2,
            S | Z | X | J | C => 4,
            K | G => 8,
            L | R => 16,
            M | N => 32,
        }
    }

    /// Where sounds are made that are often written for it: `Diya` and `Ziya`, `Giorgi` and `Jorji`.
    const fn near(self) -> u32 {
        match self {
            Z => D.place(),
            J => G.place(),
            C => K.place() | T.place(),
            _ => 0,
        }
    }
}

/// What several letters stand for, the longest first.
const GROUPS: &[(&str, &[Sound])] = &[
    ("shch", &[X]),
    ("tsch", &[C]),
    ("dzh", &[J]),
    ("sch", &[X]),
    ("tch", &[C]),
    ("tsh", &[C]),
    ("dsh", &[J]),
    ("ch", &[C]),
    ("sh", &[X]),
    ("zh", &[J]),
    ("kh", &[H]),
    ("gh", &[G]),
    ("ph", &[F]),
    ("th", &[T]),
    ("dh", &[D]),
    ("bh", &[B]),
    ("dj", &[J]),
    ("dz", &[Z]),
    ("ts", &[C]),
    ("tz", &[C]),
    ("cz", &[C]),
    ("sz", &[X]),
    ("ck", &[K]),
    ("qu", &[K]),
    ("ou", &[U]),
    ("oo", &[U]),
    ("ee", &[I]),
    ("ij", &[I]),
    ("x", &[K, S]),
];

fn single(letter: u8, next: u8) -> Sound {
    match letter {
        b'a' => A,
        b'e' => E,
        b'i' | b'y' => I,
        b'o' => O,
        b'u' => U,
        b'b' => B,
        b'p' => P,
        b'f' => F,
        b'v' | b'w' => V,
        b'd' => D,
        b't' => T,
        b'c' if matches!(next, b'e' | b'i' | b'y') => S,
        b's' => S,
        b'z' => Z,
        b'j' => J,
        b'g' => G,
        b'h' => H,
        b'l' => L,
        b'r' => R,
        b'm' => M,
        b'n' => N,
        _ => K,
    }
}

/// Most sounds of a part that are kept.
pub(crate) const MOST: usize = 24;

/// The sounds of one part of a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sounds {
    pub(crate) heard: Short<Sound, MOST>,
    /// The consonants among them, a bit for each place where they are made, or where those are that are written for them.
    pub(crate) places: u32,
    /// How many consonants.
    pub(crate) consonants: u8,
}

impl Sounds {
    /// Whether a consonant of both is made at one place, or neither has any.
    pub(crate) const fn meet(&self, other: &Self) -> bool {
        self.places & other.places != 0 || self.places | other.places == 0
    }

    /// Of a part in small Latin letters; the same twice is said once.
    pub(crate) fn of(roman: &[u8]) -> Self {
        let mut heard = Vec::new();
        listen(roman, &mut heard);
        Self::from(heard)
    }

    /// Of sounds by their numbers; none where one is no sound, or there are too many.
    pub(crate) fn numbered(numbers: &[u8]) -> Option<Self> {
        let sounds: Option<Vec<Sound>> = numbers.iter().map(|at| Sound::ALL.get(usize::from(*at)).copied()).collect();
        sounds.filter(|sounds| sounds.len() <= MOST).map(Self::from)
    }

    /// Of parts that are said together.
    pub(crate) fn from(heard: impl IntoIterator<Item = Sound>) -> Self {
        let heard = Short::<_, MOST>::of(heard, A);
        let places = heard.iter().fold(0, |places, sound| places | sound.place() | sound.near());
        let consonants = heard.iter().map(|sound| u8::from(!sound.is_vowel())).sum();
        Self { heard, places, consonants }
    }
}

impl Sounds {
    /// Where the first sound is made; 0 for vowels and what is often left out.
    pub(crate) fn onset(&self) -> u32 {
        self.heard.first().map_or(0, |sound| sound.place())
    }

    /// Where its consonants are made, one after the other, the same twice said once.
    pub(crate) fn skeleton(&self) -> u64 {
        let places = self.heard.iter().map(|sound| u64::from(sound.place())).filter(|place| *place > 0);
        places
            .map(|place| u64::from(place.trailing_zeros()) + 1)
            .fold(0, |all, place| if all & 7 == place { all } else { all << 3 | place })
    }
}

fn listen(roman: &[u8], out: &mut Vec<Sound>) {
    let mut at = 0;
    while at < roman.len() && out.len() < MOST {
        let rest = roman.get(at..).unwrap_or_default();
        let begins = |letters: &str| letters.as_bytes().first() == rest.first() && rest.starts_with(letters.as_bytes());
        let group = GROUPS.iter().find(|(letters, _)| begins(letters));
        let before = out.len();
        if let Some((letters, sounds)) = group {
            out.extend_from_slice(sounds);
            at += letters.len();
        } else {
            out.push(single(rest.first().copied().unwrap_or_default(), rest.get(1).copied().unwrap_or_default()));
            at += 1;
        }
        if before > 0 && out.get(before - 1) == out.get(before) {
            out.remove(before);
        }
    }
}

/// Hundredths that each change of a sound costs.
#[derive(Debug)]
pub(crate) struct Costs {
    change: [[u8; Sound::COUNT]; Sound::COUNT],
    drop: [u8; Sound::COUNT],
}

impl Costs {
    /// Between ways of writing that each say their vowels.
    pub(crate) fn plain() -> Self {
        let mut costs = Self { change: [[100; Sound::COUNT]; Sound::COUNT], drop: [90; Sound::COUNT] };
        costs.drops(&[A, E, I, O, U], 50);
        costs.drops(&[H], 45);
        costs.near(&[A, E, I, O, U], 45);
        costs.near(&[A, E], 28);
        costs.near(&[I, E], 25);
        costs.near(&[O, U], 20);
        costs.near(&[O, A], 35);
        costs.near(&[B, P], 45);
        costs.near(&[B, V], 45);
        costs.near(&[F, V], 30);
        costs.near(&[P, F], 45);
        costs.near(&[D, T], 40);
        costs.near(&[S, Z], 25);
        costs.near(&[S, X], 35);
        costs.near(&[S, C], 45);
        costs.near(&[Z, J], 40);
        costs.near(&[Z, D], 50);
        costs.near(&[X, C], 40);
        costs.near(&[X, J], 55);
        costs.near(&[J, C], 45);
        costs.near(&[J, G], 40);
        costs.near(&[J, I], 45);
        costs.near(&[K, G], 40);
        costs.near(&[K, H], 40);
        costs.near(&[G, H], 45);
        costs.near(&[C, H], 45);
        costs.near(&[C, K], 45);
        costs.near(&[K, S], 75);
        costs.near(&[V, U], 40);
        costs.near(&[V, O], 60);
        costs.near(&[M, N], 60);
        costs.near(&[L, R], 75);
        for one in 0..Sound::COUNT {
            costs.set(one, one, 0);
        }
        costs
    }

    /// Between one that leaves vowels out and one that says them.
    pub(crate) fn without_vowels() -> Self {
        let mut costs = Self::plain();
        costs.drops(&[A, E, O], 10);
        // Long vowels are written: `Hasan` is not `Hussein`.
        costs.drops(&[I, U], 25);
        costs.drops(&[H], 25);
        costs.drops(&[V], 50);
        costs.near(&[A, E, I, O, U], 15);
        costs.near(&[A, I, U], 35);
        costs.near(&[I, O], 25);
        costs.near(&[I, E], 8);
        costs.near(&[U, O], 8);
        costs.near(&[V, U], 8);
        costs.near(&[V, O], 12);
        costs.near(&[B, P], 15);
        costs.near(&[B, V], 15);
        costs.near(&[P, F], 12);
        costs.near(&[F, V], 15);
        costs.near(&[J, G], 15);
        costs.near(&[K, G], 20);
        costs.near(&[K, H], 22);
        costs.near(&[K, C], 30);
        costs.near(&[S, X], 15);
        costs.near(&[S, Z], 12);
        costs.near(&[S, C], 25);
        costs.near(&[S, T], 60);
        costs.near(&[X, C], 20);
        costs.near(&[D, T], 20);
        costs.near(&[D, Z], 20);
        costs.near(&[T, C], 40);
        costs.near(&[A, H], 25);
        costs.near(&[J, I], 25);
        costs.near(&[V, I], 60);
        costs
    }

    /// Between one that is sounded out by syllables and one that is spelled.
    pub(crate) fn by_syllables() -> Self {
        let mut costs = Self::plain();
        costs.drops(&[A, E, I, O, U], 20);
        costs.drops(&[H], 25);
        costs.drops(&[R], 30);
        costs.drops(&[G, V], 55);
        costs.drops(&[N, T, L, S, K, D], 60);
        costs.near(&[A, E, I, O, U], 20);
        costs.near(&[L, R], 12);
        costs.near(&[B, V], 15);
        costs.near(&[B, P], 15);
        costs.near(&[F, P], 20);
        costs.near(&[F, V], 15);
        costs.near(&[F, H], 25);
        costs.near(&[D, T], 18);
        costs.near(&[G, K], 15);
        costs.near(&[K, H], 35);
        costs.near(&[S, Z], 12);
        costs.near(&[S, X], 15);
        costs.near(&[S, T], 35);
        costs.near(&[Z, J], 15);
        costs.near(&[X, J], 25);
        costs.near(&[J, C], 20);
        costs.near(&[X, C], 25);
        costs.near(&[C, T], 30);
        costs.near(&[J, D], 30);
        costs.near(&[J, G], 25);
        costs.near(&[C, K], 35);
        costs.near(&[V, U], 8);
        costs.near(&[V, O], 15);
        costs.near(&[V, H], 40);
        costs.near(&[M, N], 25);
        costs.near(&[S, C], 20);
        costs.near(&[H, C], 35);
        costs.near(&[H, J], 50);
        costs.near(&[K, J], 50);
        costs.near(&[V, P], 40);
        costs.near(&[L, U], 50);
        costs.near(&[R, O], 50);
        costs
    }

    fn set(&mut self, one: usize, other: usize, cost: u8) {
        if let Some(cell) = self.change.get_mut(one).and_then(|row| row.get_mut(other)) {
            *cell = cost;
        }
    }

    fn near(&mut self, all: &[Sound], cost: u8) {
        for one in all {
            for other in all.iter().filter(|other| *other != one) {
                self.set(*one as usize, *other as usize, cost);
            }
        }
    }

    fn drops(&mut self, all: &[Sound], cost: u8) {
        for one in all {
            if let Some(cell) = self.drop.get_mut(*one as usize) {
                *cell = cost;
            }
        }
    }

    fn dropped(&self, one: Sound) -> u16 {
        u16::from(self.drop.get(one as usize).copied().unwrap_or(100))
    }

    /// What it costs to leave all of it out.
    pub(crate) fn all(&self, sounds: &[Sound]) -> u16 {
        sounds.iter().map(|one| self.dropped(*one)).sum()
    }

    /// How alike two are, from 0 to 1; 0 where they share no consonant.
    pub(crate) fn alike(&self, one: &Sounds, other: &Sounds) -> f32 {
        self.alike_from(one, other, 0)
    }

    /// The same where they are at least so alike, in hundredths; otherwise anything below that.
    pub(crate) fn alike_from(&self, one: &Sounds, other: &Sounds, least: u16) -> f32 {
        if !one.meet(other) {
            return 0.0;
        }
        let (one, other): (&[Sound], &[Sound]) = (&one.heard, &other.heard);
        let (all, rest) = (self.all(one), self.all(other));
        let whole = all.max(rest);
        // What one has more than the other is left out at least.
        if whole == 0 || all.abs_diff(rest) > whole / 2 {
            return 0.0;
        }
        let most = u32::from(whole) * u32::from(100 - least.min(100)) / 100 + 1;
        let apart = self.apart(one, other, u16::try_from(most).unwrap_or(u16::MAX));
        (1.0 - f32::from(apart) / f32::from(whole)).max(0.0)
    }

    /// The least that turns one into the other: changes, drops, and neighbours that changed places. Anything above `most`
    /// where it is seen on the way that it is more.
    fn apart(&self, one: &[Sound], other: &[Sound], most: u16) -> u16 {
        let mut drops = [0_u16; MOST];
        let (mut before, mut last, mut here) = ([0_u16; MOST + 1], [0_u16; MOST + 1], [0_u16; MOST + 1]);
        let mut sum = 0;
        for ((sound, drop), cell) in other.iter().zip(&mut drops).zip(last.iter_mut().skip(1)) {
            *drop = self.dropped(*sound);
            sum += *drop;
            *cell = sum;
        }
        let (mut earlier, mut least) = (None, 0);
        for sound in one {
            let Some(row) = self.change.get(*sound as usize) else { continue };
            let gone = self.dropped(*sound);
            let mut left = last.first().copied().unwrap_or_default() + gone;
            if let Some(cell) = here.first_mut() {
                *cell = left;
            }
            let mut passed = None;
            let cells = other.iter().zip(&drops).zip(last.windows(2)).zip(here.iter_mut().skip(1)).zip(&before);
            // Of the row before the last, what stands two places back.
            let (mut two_back, mut fewest) = (0, left);
            for ((((beside, drop), above), cell), back) in cells {
                let (Some(corner), Some(over)) = (above.first(), above.get(1)) else { continue };
                let change = u16::from(row.get(*beside as usize).copied().unwrap_or(100));
                let mut best = (corner + change).min(over + gone).min(left + drop);
                if earlier == Some(*beside) && passed == Some(*sound) {
                    best = best.min(two_back + SWAPPED);
                }
                (*cell, left, passed, two_back) = (best, best, Some(*beside), *back);
                fewest = fewest.min(best);
            }
            // Every way leads through this row or the one before it.
            if fewest.min(least) > most {
                return u16::MAX;
            }
            least = fewest;
            earlier = Some(*sound);
            (before, last, here) = (last, here, before);
        }
        last.get(other.len()).copied().unwrap_or_default()
    }
}

/// Two neighbours that changed places.
const SWAPPED: u16 = 60;
