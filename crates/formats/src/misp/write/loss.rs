use std::collections::BTreeMap;
use std::fmt;

/// Why an object, or a part of one, is not in the event or says less there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MispGap {
    /// MISP has nothing that such an object could be.
    NoPlace,
    /// The object holds nothing that MISP could show.
    Empty,
    /// A card number is kept here as a keyed hash and its last four digits, which no MISP may take for the number.
    Card,
    /// What it speaks of is not among the objects given.
    ElsewhereOnly,
    /// It ties two things together that MISP cannot tie, such as two galaxy clusters.
    NoTie,
    /// It sights something that MISP takes no sightings of.
    NoSighting,
    /// Remarks on remarks beyond what a reader of events follows.
    TooDeep,
    /// Part of an object has no place, or is not there: a process's environment, an observable that was not given.
    Part,
    /// A tie is told as a tag, without its direction.
    Direction,
    /// A sighting that counts several is told as one.
    Count,
    /// A restriction that no MISP tag says; the distribution alone holds it.
    Restriction,
}

impl MispGap {
    /// Whether the object is missing from the event; otherwise it is there and says less.
    pub const fn is_missing(self) -> bool {
        matches!(
            self,
            Self::NoPlace
                | Self::Empty
                | Self::Card
                | Self::ElsewhereOnly
                | Self::NoTie
                | Self::NoSighting
                | Self::TooDeep
        )
    }
}

impl fmt::Display for MispGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPlace => "MISP has no place for such an object",
            Self::Empty => "it holds nothing that MISP could show",
            Self::Card => "card numbers are kept as keyed hashes only",
            Self::ElsewhereOnly => "what it speaks of is not in the event",
            Self::NoTie => "MISP cannot tie such things together",
            Self::NoSighting => "MISP takes no sightings of such a thing",
            Self::TooDeep => "remarks on remarks beyond the limit",
            Self::Part => "a part of it has no place in MISP",
            Self::Direction => "it is told as a tag, without a direction",
            Self::Count => "it is told as one sighting",
            Self::Restriction => "a restriction that no MISP tag says",
        })
    }
}

/// What became of the objects an event was made of: nothing is left out silently.
///
/// Every member is counted once in [`written`](Self::written), [`told`](Self::told) or
/// [`missing`](Self::missing).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MispAccount {
    /// Members that became an attribute, object, tag, reference, sighting or remark of their own.
    pub written: u64,
    /// Members that the event tells with another: the observable beside its indicator, an author, a marking.
    pub told: u64,
    /// Members that are not in the event.
    pub missing: u64,
    gaps: BTreeMap<(String, MispGap), u64>,
}

impl MispAccount {
    /// What is missing or says less, by STIX type and reason, with how often.
    pub fn gaps(&self) -> impl Iterator<Item = (&str, MispGap, u64)> {
        self.gaps.iter().map(|((kind, gap), count)| (kind.as_str(), *gap, *count))
    }

    /// Adds the account of another event.
    pub fn add(&mut self, other: &Self) {
        self.written += other.written;
        self.told += other.told;
        self.missing += other.missing;
        for ((kind, gap), count) in &other.gaps {
            *self.gaps.entry((kind.clone(), *gap)).or_default() += count;
        }
    }

    pub(super) fn gap(&mut self, kind: &str, gap: MispGap) {
        *self.gaps.entry((kind.to_owned(), gap)).or_default() += 1;
    }
}
