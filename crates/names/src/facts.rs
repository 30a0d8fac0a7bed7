/// What is known of somebody beside the name, as far as it helps to tell two people apart: small enough to be kept in memory for
/// millions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    births: [Born; BIRTHS],
    nations: [u16; NATIONS],
    sex: Option<Sex>,
}

/// A birth date as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Born {
    /// The year, or the first that it may be; 0 where nothing is known.
    pub year: u16,
    /// 1 to 12; 0 where it is not known.
    pub month: u8,
    /// 1 to 31; 0 where it is not known.
    pub day: u8,
    /// How many years later it may also be.
    pub spread: u8,
}

/// The sexes that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// How one fact of two people compares, and what that is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// What was compared, and how it came out: `birth-day`, `nationality-other`. Stable.
    pub code: &'static str,
    /// What it is worth, in [`crate::points`]: log odds that both are the same.
    pub points: f32,
}

impl Facts {
    /// Adds a birth date; beyond three none is kept.
    pub fn add_birth(&mut self, born: Born) {
        let is_new = born.year > 0 && !self.births.contains(&born);
        if let Some(free) = self.births.iter_mut().find(|one| is_new && one.year == 0) {
            *free = born;
        }
    }

    /// Adds a nationality, by a code of one to three letters, the same for every record; beyond four none is kept.
    pub fn add_nation(&mut self, code: &str) {
        let packed = packed(code);
        let is_new = packed > 0 && !self.nations.contains(&packed);
        if let Some(free) = self.nations.iter_mut().find(|one| is_new && **one == 0) {
            *free = packed;
        }
    }

    /// Sets the sex; where both are said, none is kept.
    pub fn add_sex(&mut self, sex: Sex, is_first: bool) {
        self.sex = if is_first || self.sex == Some(sex) { Some(sex) } else { None };
    }

    /// As they are written down.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = Vec::with_capacity(Self::BYTES);
        for born in self.births {
            out.extend(born.year.to_le_bytes());
            out.extend([born.month, born.day, born.spread]);
        }
        out.extend(self.nations.into_iter().flat_map(u16::to_le_bytes));
        out.push(match self.sex {
            None => 0,
            Some(Sex::Female) => 1,
            Some(Sex::Male) => 2,
        });
        out.try_into().unwrap_or([0; Self::BYTES])
    }

    /// Read back from what was written down.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut facts = Self::default();
        let (births, rest) = bytes.split_at(BIRTHS * 5);
        for (born, part) in facts.births.iter_mut().zip(births.as_chunks::<5>().0) {
            let [low, high, month, day, spread] = *part;
            *born = Born { year: u16::from_le_bytes([low, high]), month, day, spread };
        }
        for (nation, part) in facts.nations.iter_mut().zip(rest.as_chunks::<2>().0) {
            *nation = u16::from_le_bytes(*part);
        }
        facts.sex = match rest.last() {
            Some(1) => Some(Sex::Female),
            Some(2) => Some(Sex::Male),
            _ => None,
        };
        facts
    }

    /// In eight bytes, where they are what they are of most: one birth date or none, one nationality or none.
    pub fn packed(&self) -> Option<u64> {
        let ([born, ..], [nation, ..]) = (self.births, self.nations);
        let sex = self.sex.map_or(0, |sex| 1 + u64::from(sex == Sex::Male));
        let packed = u64::from(born.year) << 32
            | u64::from(born.month) << 28
            | u64::from(born.day) << 20
            | u64::from(nation) << 4
            | sex;
        (Self::unpacked(packed) == *self).then_some(packed)
    }

    /// Read back from what was packed.
    pub fn unpacked(packed: u64) -> Self {
        let part = |from: u32, bits: u32| u16::try_from(packed >> from & ((1 << bits) - 1)).unwrap_or_default();
        let small = |from, bits| u8::try_from(part(from, bits)).unwrap_or_default();
        let mut facts = Self::default();
        let ([born, ..], [nation, ..]) = (&mut facts.births, &mut facts.nations);
        *born = Born { year: part(32, 16), month: small(28, 4), day: small(20, 8), spread: 0 };
        *nation = part(4, 16);
        facts.sex = match part(0, 4) {
            1 => Some(Sex::Female),
            2 => Some(Sex::Male),
            _ => None,
        };
        facts
    }

    /// How many bytes they are written in.
    pub const BYTES: usize = BIRTHS * 5 + NATIONS * 2 + 1;

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The birth dates, as far as they are kept.
    pub fn born(&self) -> impl Iterator<Item = Born> {
        self.births.into_iter().take_while(|born| born.year > 0)
    }

    /// What they can be worth at most, whatever they are compared with.
    pub fn most_points(&self) -> f32 {
        self.points(self)
    }

    /// What all facts together are worth.
    pub fn points(&self, other: &Self) -> f32 {
        self.told(other).iter().flatten().map(|told| told.points).sum()
    }

    /// What each fact is worth that is known on both sides: birth, nationality, sex.
    pub fn told(&self, other: &Self) -> [Option<Told>; 3] {
        [self.birth(other), self.nation(other), self.sexes(other)]
    }

    /// Of several dates said of each, the two that agree best.
    fn birth(&self, other: &Self) -> Option<Told> {
        let pairs = self.born().flat_map(|one| other.born().map(move |two| one.beside(two)));
        pairs.max_by(|a, b| a.points.total_cmp(&b.points))
    }

    fn nation(&self, other: &Self) -> Option<Told> {
        let is_known = |facts: &Self| facts.nations.first().is_some_and(|nation| *nation > 0);
        if !is_known(self) || !is_known(other) {
            return None;
        }
        let shares = self.nations.iter().any(|nation| *nation > 0 && other.nations.contains(nation));
        Some(if shares { told("nationality", 0.4) } else { told("nationality-other", -1.8) })
    }

    fn sexes(&self, other: &Self) -> Option<Told> {
        let (one, two) = (self.sex?, other.sex?);
        Some(if one == two { told("sex", 0.1) } else { told("sex-other", -2.5) })
    }
}

impl Born {
    /// How two dates compare. What each is worth was counted on pairs of lists that name the same people, and on people who
    /// share a part of their name.
    fn beside(self, other: Self) -> Told {
        let apart = self.years_apart(other);
        let is_whole = |born: Self| born.day > 0 && born.spread == 0;
        if !is_whole(self) || !is_whole(other) {
            return match apart {
                0 if self.contradicts(other) => told("birth-month-other", -1.2),
                0 if self.spread + other.spread > 0 => told("birth-about", 1.5),
                0 if self.month > 0 && self.month == other.month => told("birth-month", 4.3),
                0 => told("birth-year", 3.0),
                1 => told("birth-near", -1.5),
                2 | 3 => told("birth-near", -2.2),
                _ => told("birth-other", -5.0),
            };
        }
        let is_same_day = (self.month, self.day) == (other.month, other.day);
        match apart {
            0 if is_same_day => told("birth-day", 5.0),
            0 if (self.month, self.day) == (other.day, other.month) => told("birth-swapped", 4.0),
            _ if self.is_a_digit_from(other) => told("birth-digit", 2.2),
            0 => told("birth-day-other", -1.3),
            _ if is_same_day => told("birth-year-other", -1.4),
            1 => told("birth-near", -3.5),
            _ => told("birth-other", -5.0),
        }
    }

    /// Years between the two, none where the times in which they may be meet.
    fn years_apart(self, other: Self) -> u16 {
        let (first, second) = if self.year <= other.year { (self, other) } else { (other, self) };
        second.year.saturating_sub(first.year + u16::from(first.spread))
    }

    /// Whether both months are known, and are not the same.
    const fn contradicts(self, other: Self) -> bool {
        self.month > 0 && other.month > 0 && self.month != other.month && self.spread == 0 && other.spread == 0
    }

    /// Whether both differ in one digit, written out.
    fn is_a_digit_from(self, other: Self) -> bool {
        // Most differ in more than one of the three, which needs no counting.
        let differ = [self.year != other.year, self.month != other.month, self.day != other.day];
        if differ.into_iter().filter(|differs| *differs).count() != 1 {
            return false;
        }
        let digits = |born: Self| {
            let number = u32::from(born.year) * 10_000 + u32::from(born.month) * 100 + u32::from(born.day);
            (0..8).map(move |place| number / 10_u32.pow(place) % 10)
        };
        digits(self).zip(digits(other)).filter(|(one, two)| one != two).count() == 1
    }
}

const fn told(code: &'static str, points: f32) -> Told {
    Told { code, points }
}

/// One to three letters in a number; 0 for anything else.
fn packed(code: &str) -> u16 {
    let is_code = (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphabetic());
    if is_code { code.bytes().fold(0, |all, b| all * 32 + u16::from(b & 31)) } else { 0 }
}

/// Birth dates that are kept of one person.
const BIRTHS: usize = 3;
/// Nationalities that are kept.
const NATIONS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn born(year: u16, month: u8, day: u8) -> Facts {
        let mut facts = Facts::default();
        facts.add_birth(Born { year, month, day, spread: 0 });
        facts
    }

    fn code(one: &Facts, other: &Facts) -> Option<&'static str> {
        let there = one.told(other)[0].map(|told| told.code);
        assert_eq!(there, other.told(one)[0].map(|told| told.code), "which comes first does not matter");
        there
    }

    #[test]
    fn birth_dates_say_how_they_agree() {
        let whole = born(1984, 3, 5);
        for (other, expected) in [
            (born(1984, 3, 5), "birth-day"),
            (born(1984, 5, 3), "birth-swapped"),
            (born(1984, 3, 6), "birth-digit"),
            (born(1994, 3, 5), "birth-digit"),
            (born(1984, 11, 20), "birth-day-other"),
            (born(1975, 3, 5), "birth-year-other"),
            (born(1985, 7, 12), "birth-near"),
            (born(1960, 7, 12), "birth-other"),
            (born(1984, 0, 0), "birth-year"),
            (born(1984, 3, 0), "birth-month"),
            (born(1984, 4, 0), "birth-month-other"),
            (born(1986, 0, 0), "birth-near"),
            (born(1990, 0, 0), "birth-other"),
        ] {
            assert_eq!(code(&whole, &other), Some(expected), "{other:?}");
        }
        let mut about = Facts::default();
        about.add_birth(Born { year: 1980, month: 0, day: 0, spread: 5 });
        assert_eq!(code(&whole, &about), Some("birth-about"));
        assert_eq!(code(&whole, &Facts::default()), None);
    }

    #[test]
    fn of_several_statements_the_best_counts() {
        let mut two = born(1990, 1, 1);
        two.add_birth(Born { year: 1984, month: 3, day: 5, spread: 0 });
        assert_eq!(code(&born(1984, 3, 5), &two), Some("birth-day"));
    }

    #[test]
    fn what_is_packed_is_unpacked_and_what_is_more_is_not_packed() {
        let mut facts = born(1984, 12, 31);
        facts.add_nation("ZZZ");
        facts.add_sex(Sex::Male, true);
        for facts in [facts, born(1984, 0, 0), Facts::default()] {
            assert_eq!(facts.packed().map(Facts::unpacked), Some(facts));
        }
        let mut about = Facts::default();
        about.add_birth(Born { year: 1980, month: 0, day: 0, spread: 5 });
        facts.add_nation("EST");
        assert_eq!((facts.packed(), about.packed()), (None, None));
    }

    #[test]
    fn what_is_written_down_is_read_back() {
        let mut facts = born(1984, 3, 5);
        facts.add_birth(Born { year: 1980, month: 0, day: 0, spread: 5 });
        facts.add_nation("EST");
        facts.add_sex(Sex::Female, true);
        assert_eq!(Facts::from_bytes(&facts.to_bytes()), facts);
        assert_eq!(Facts::from_bytes(&Facts::default().to_bytes()), Facts::default());
    }

    #[test]
    fn more_agreement_is_worth_more() {
        let whole = born(1984, 3, 5);
        let worth = |other: &Facts| whole.points(other);
        let falling = [
            born(1984, 3, 5),
            born(1984, 5, 3),
            born(1984, 0, 0),
            born(1984, 3, 6),
            born(1984, 11, 20),
            born(1960, 1, 1),
        ];
        assert!(falling.is_sorted_by(|a, b| worth(a) > worth(b)));
    }

    #[test]
    fn nationality_and_sex_speak_for_and_against() {
        let with = |nations: &[&str], sex| {
            let mut facts = Facts::default();
            for nation in nations {
                facts.add_nation(nation);
            }
            facts.add_sex(sex, true);
            facts
        };
        let one = with(&["EST", "RUS"], Sex::Male);
        assert!(one.points(&with(&["rus"], Sex::Male)) > 0.0);
        assert!(one.points(&with(&["FIN"], Sex::Male)) < -1.0);
        assert!(one.points(&with(&["EST"], Sex::Female)) < -2.0);
        assert!(one.points(&Facts::default()).abs() < f32::EPSILON);
        let mut both = with(&[], Sex::Male);
        both.add_sex(Sex::Female, false);
        assert_eq!(both.sexes(&one), None, "who is said to be both contradicts nobody");
    }
}
