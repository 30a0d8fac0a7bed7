//! Hits: links that cross an organisation's border, and what people say of them.
//!
//! `search` looks for them: the value index is read once in fingerprint order; each value that current objects of two or
//! more owners hold is read back, weighed by kind and rarity, and counted for every pair of containers (case, report,
//! file) that hold it on both sides. `board` keeps in memory what was found, for each class of people who see the same;
//! `queue` shows it. What people decide about a pair, and what they ask its owner, is kept in the store under the pair's
//! [`HitKey`] (`decisions`, `questions`): pairs themselves are never stored.

mod board;
mod decisions;
mod found;
mod key;
mod known;
mod questions;
mod queue;
mod search;
mod words;

use comity_link::Score;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) use board::Boards;
pub(crate) use decisions::Decided;
pub use decisions::{HitState, HitStep, HitVerdict};
pub use key::{HitKey, HitKeyError};
pub(crate) use known::Named;
pub(crate) use questions::AskedOf;
pub use questions::{Answer, Question};
pub use queue::{CountryPair, HitAsk, HitPage, HitRow, HitShown, HitTotals};

use crate::neighbours::{Container, Sight};
use crate::{Act, Ctx, Deed, Node, NodeError};
use found::Pair;
use search::Memo;

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub struct HitOptions {
    /// Most hits returned.
    pub limit: usize,
    /// Fewest points of a hit, 0 to 100.
    pub least_points: u8,
    /// Most shared values weighed; the rarest are weighed first.
    pub values: usize,
}

impl Default for HitOptions {
    fn default() -> Self {
        Self { limit: 50, least_points: 0, values: 50_000 }
    }
}

/// The hits found and what was left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hits {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Hits beyond the limit or below the least points.
    pub not_shown: u64,
    /// Values that two or more owners hold.
    pub shared_values: u64,
    /// Of these, values that were not weighed because there are more than asked for.
    pub not_weighed: u64,
}

/// Two containers of different owners that hold the same values.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// One side.
    pub one: Container,
    /// The other.
    pub other: Container,
    /// 0 to 100, with its reasons in plain words, the weightiest first.
    #[serde(flatten)]
    pub score: Score,
    /// What ties them, the rarest first, up to a dozen.
    pub values: Vec<SharedValue>,
    /// How many values tie them in all.
    pub values_total: u64,
    /// Malware, tools and actors that either side ties to these values.
    pub related: Vec<Related>,
}

/// One value that both sides hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedValue {
    /// Its kind.
    pub kind: comity_stix::Kind,
    /// Its normal form.
    pub value: String,
}

/// Something a side's own relationships tie to a shared value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Related {
    /// Whose statement it is.
    pub owner: comity_base::OrgName,
    /// Type of the thing.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl Node {
    /// The cross-owner hits, best first.
    ///
    /// # Errors
    /// When the store or an index cannot be read.
    pub fn hits(&self, ctx: &Ctx, options: &HitOptions) -> Result<Hits, NodeError> {
        self.may(ctx, Act::Hits, json!({}))?;
        let found = self.search(Sight::new(self.ready()?, &ctx.authority), options.values, &mut Memo::default())?;
        let mut best: Vec<&Pair> = found.pairs.iter().collect();
        best.sort_by(|a, b| {
            let best = (b.points, b.crossings.len()).cmp(&(a.points, a.crossings.len()));
            best.then_with(|| found.sides(a).cmp(&found.sides(b)))
        });
        let all = best.len();
        best.retain(|pair| pair.points >= options.least_points);
        best.truncate(options.limit);
        let hits = best.into_iter().map(|pair| found.hit(pair, usize::MAX)).collect::<Result<Vec<_>, _>>()?;
        let not_shown = (all - hits.len()) as u64;
        let sides = hits.iter().flat_map(|hit| [&hit.one, &hit.other]);
        let shown: BTreeSet<String> = sides.map(|side| format!("{} {}", side.owner, side.id)).collect();
        self.record(ctx, Deed::query("hits", json!({"shown": shown})).and("hits", hits.len()))?;
        Ok(Hits { hits, not_shown, shared_values: found.shared_values, not_weighed: found.not_weighed })
    }
}
