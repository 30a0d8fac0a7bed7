use std::ops::Range;

/// Which machine-readable zone (ICAO 9303).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Cards, three lines of 30 (part 5).
    Td1,
    /// Cards of the older size, two lines of 36 (part 6).
    Td2,
    /// Passports, two lines of 44 (part 4).
    Td3,
    /// Visas of the size of a passport's page, two lines of 44 (part 7).
    MrvA,
    /// Smaller visas, two lines of 36 (part 7).
    MrvB,
}

/// Where everything stands, by its place in all lines joined.
pub(super) struct Layout {
    pub(super) state: Range<usize>,
    pub(super) names: Range<usize>,
    /// Without its check digit, which follows.
    pub(super) number: Range<usize>,
    pub(super) nationality: Range<usize>,
    pub(super) birth: Range<usize>,
    pub(super) sex: usize,
    pub(super) expiry: Range<usize>,
    pub(super) optional: Range<usize>,
    /// The check digit of the optional data, where it has one.
    pub(super) optional_digit: Option<usize>,
    /// The composite check digit, and what it is made of.
    pub(super) composite: Option<(usize, &'static [Range<usize>])>,
}

impl Format {
    /// By how long the zone is, and whether it begins like a visa's.
    pub(super) fn of(length: usize, is_visa: bool) -> Option<Self> {
        match (length, is_visa) {
            (90, false) => Some(Self::Td1),
            (72, false) => Some(Self::Td2),
            (88, false) => Some(Self::Td3),
            (88, true) => Some(Self::MrvA),
            (72, true) => Some(Self::MrvB),
            _ => None,
        }
    }

    /// Characters of a line.
    pub const fn width(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }

    pub(super) fn layout(self) -> Layout {
        if self == Self::Td1 {
            return Layout {
                state: 2..5,
                number: 5..14,
                optional: 15..30,
                birth: 30..36,
                sex: 37,
                expiry: 38..44,
                nationality: 45..48,
                names: 60..90,
                optional_digit: None,
                composite: Some((59, &[5..30, 30..37, 38..45, 48..59])),
            };
        }
        let second = self.width();
        let at = |range: Range<usize>| second + range.start..second + range.end;
        Layout {
            state: 2..5,
            names: 5..second,
            number: at(0..9),
            nationality: at(10..13),
            birth: at(13..19),
            sex: second + 20,
            expiry: at(21..27),
            optional: match self {
                Self::Td3 => at(28..42),
                Self::Td2 => at(28..35),
                _ => at(28..second),
            },
            optional_digit: (self == Self::Td3).then_some(second + 42),
            composite: match self {
                Self::Td3 => Some((87, &[44..54, 57..64, 65..87])),
                Self::Td2 => Some((71, &[36..46, 49..56, 57..71])),
                _ => None,
            },
        }
    }
}
