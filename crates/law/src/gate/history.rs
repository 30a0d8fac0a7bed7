use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::notice::Ground;
use crate::words::words;

/// What became of a source's acts in the last three years.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// Acts that were released.
    pub issued: u32,
    /// Acts that were refused, by ground.
    pub refused: BTreeMap<Ground, u32>,
    /// Acts that a reviewer cancelled after they were released.
    pub cancelled: u32,
    /// Reports of abuse that were upheld.
    pub abuse_upheld: u32,
}

/// One upheld report of abuse makes a bad record.
pub const BAD_ABUSE: u32 = 1;
/// Three refusals on human rights or neutrality make one, when they are also [`BAD_PRINCIPLE_PERCENT`] of all.
pub const BAD_PRINCIPLE: u32 = 3;
/// Five of a hundred acts refused on human rights or neutrality.
pub const BAD_PRINCIPLE_PERCENT: u64 = 5;
/// Nine of a hundred acts refused or cancelled, twice the mean of 4.5 that was told for all wanted alerts of 2017 to 2021.
pub const BAD_PERCENT: u64 = 9;
/// The share says nothing before so many acts.
pub const BAD_PERCENT_FROM: u64 = 20;

words! {
    /// How a source's record is.
    Record {
        /// Nothing speaks against it.
        Good "good",
        /// More is demanded: two reviewers, and nothing passes without them.
        Bad "bad",
    }
}

impl History {
    /// How the record is, by the thresholds stated here.
    pub fn record(&self) -> Record {
        let refused: u64 = self.refused.values().map(|count| u64::from(*count)).sum();
        let decided = u64::from(self.issued) + refused;
        let principle = self.on(Ground::Article2).saturating_add(self.on(Ground::Article3));
        let failed = refused + u64::from(self.cancelled);
        let abuse = self.abuse_upheld >= BAD_ABUSE;
        let principles = principle >= BAD_PRINCIPLE && u64::from(principle) * 100 >= decided * BAD_PRINCIPLE_PERCENT;
        let share = decided >= BAD_PERCENT_FROM && failed * 100 >= decided * BAD_PERCENT;
        if abuse || principles || share { Record::Bad } else { Record::Good }
    }

    fn on(&self, ground: Ground) -> u32 {
        self.refused.get(&ground).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(issued: u32, refused: &[(Ground, u32)], cancelled: u32, abuse_upheld: u32) -> Record {
        History { issued, refused: refused.iter().copied().collect(), cancelled, abuse_upheld }.record()
    }

    #[test]
    fn a_record_is_bad_from_each_threshold_on() {
        assert_eq!(history(0, &[], 0, 0), Record::Good, "who never sent anything has no record");
        assert_eq!(history(10_000, &[], 0, 1), Record::Bad);
        assert_eq!(history(40, &[(Ground::Article2, 1), (Ground::Article3, 1)], 0, 0), Record::Good);
        assert_eq!(history(57, &[(Ground::Article2, 1), (Ground::Article3, 2)], 0, 0), Record::Bad);
        assert_eq!(history(1_000, &[(Ground::Article3, 3)], 0, 0), Record::Good, "three of a thousand");
        assert_eq!(history(91, &[(Ground::Incomplete, 9)], 0, 0), Record::Bad);
        assert_eq!(history(92, &[(Ground::Incomplete, 8)], 0, 0), Record::Good);
        assert_eq!(history(92, &[(Ground::Incomplete, 8)], 1, 0), Record::Bad, "cancelled ones count too");
        assert_eq!(history(17, &[(Ground::Incomplete, 2)], 0, 0), Record::Good, "too few to tell");
        assert_eq!(history(u32::MAX, &[(Ground::Article2, u32::MAX), (Ground::Article3, 9)], 9, 0), Record::Bad);
    }
}
