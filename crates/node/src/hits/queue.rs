//! The hits that wait for people, and those they have decided, page by page.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{base64url, unbase64url};
use comity_stix::ObjectId;
use serde::Serialize;
use serde_json::json;

use super::board::{Board, Rank, Ranked};
use super::decisions::Said;
use super::{Hit, HitKey, HitState, HitStep, Question};
use crate::{Act, Container, Ctx, Deed, Node, NodeError};

/// Which hits are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitAsk {
    /// In this state only.
    pub state: Option<HitState>,
    /// With a side of this owner only.
    pub owner: Option<OrgName>,
    /// Whose other side is of this country only, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Fewest points, 0 to 100.
    pub least_points: u8,
    /// After the last row of another page: its `next`.
    pub after: Option<String>,
    /// Most rows, up to 200.
    pub limit: usize,
}

impl Default for HitAsk {
    fn default() -> Self {
        Self { state: None, owner: None, country: None, least_points: 0, after: None, limit: 50 }
    }
}

/// Hits, best first, and how many there are.
#[derive(Clone, Debug, Serialize)]
pub struct HitPage {
    /// The rows.
    pub rows: Vec<HitRow>,
    /// What asks for the page after this one; nothing when this is the last.
    pub next: Option<String>,
    /// How many there are in each state, with the same owner, country and points.
    pub totals: HitTotals,
    /// Between which countries they are, of those asked for; the most first.
    pub pairs: Vec<CountryPair>,
    /// Hits that are weaker than all that are kept, and in no total.
    pub beyond: u64,
    /// Shared values that were not weighed, because there are so many.
    pub not_weighed: u64,
    /// When the log was last looked through.
    pub looked: Timestamp,
}

/// One hit in the queue. Its first side is the own organisation's or country's, where one is.
#[derive(Clone, Debug, Serialize)]
pub struct HitRow {
    /// What names it.
    pub key: HitKey,
    /// Both sides, the score with its reasons, and the values.
    #[serde(flatten)]
    pub hit: Hit,
    /// Where it stands.
    pub state: HitState,
    /// How many steps led there.
    pub steps: u32,
    /// What was said last.
    pub last: Option<HitStep>,
    /// Whether there is more evidence than when that was said.
    pub grown: bool,
    /// Since when both sides hold something that ties them.
    pub found: Option<Timestamp>,
    /// The country of the first side.
    pub country: Option<String>,
    /// The country of the other.
    pub other_country: Option<String>,
}

/// One hit with its whole history.
#[derive(Clone, Debug, Serialize)]
pub struct HitShown {
    /// The hit.
    #[serde(flatten)]
    pub row: HitRow,
    /// What was said, oldest first.
    pub history: Vec<HitStep>,
    /// What its owners were asked, and what they answered; oldest first.
    pub questions: Vec<Question>,
}

/// How many hits are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HitTotals {
    /// Nobody has said anything, or they were reopened.
    pub open: u64,
    /// Their owner was asked.
    pub asked: u64,
    /// Confirmed.
    pub confirmed: u64,
    /// Dismissed.
    pub dismissed: u64,
}

/// How many hits there are between two countries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountryPair {
    /// Of the first side, as a rule the own one.
    pub country: Option<String>,
    /// Of the other.
    pub other: Option<String>,
    /// How many.
    pub hits: u64,
}

/// The owners of what stands on a board, in its order.
pub(super) struct Owners(Vec<Owner>);

struct Owner {
    country: Option<String>,
    /// 0 for the own organisation, 1 for others of the own country, 2 for all others.
    distance: u8,
    name: OrgName,
}

/// Both sides of a hit, the own one first.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    one: usize,
    other: usize,
    /// Whether they stand the other way round on the board.
    is_turned: bool,
}

/// What is counted while the queue is walked.
#[derive(Default)]
struct Counted {
    totals: HitTotals,
    /// By the owners of both sides.
    pairs: HashMap<(usize, usize), u64>,
}

impl HitTotals {
    fn of(&mut self, state: HitState) -> &mut u64 {
        match state {
            HitState::Open => &mut self.open,
            HitState::Asked => &mut self.asked,
            HitState::Confirmed => &mut self.confirmed,
            HitState::Dismissed => &mut self.dismissed,
        }
    }
}

impl Node {
    /// A page of the hits that whoever asks may see, the best first. What stands in memory is shown, as [`Self::find_hits`]
    /// found it; what has ended since then is not.
    ///
    /// # Errors
    /// When `after` is no cursor of this account's, the account has asked for too much, or the store cannot be read.
    pub fn hit_queue(&self, ctx: &Ctx, ask: &HitAsk) -> Result<HitPage, NodeError> {
        self.may(ctx, Act::Hits, json!({"queue": true}))?;
        let after = ask.after.as_deref().map(|text| self.open_cursor(ctx, text)).transpose()?;
        let (board, decided) = (self.board(ctx)?, self.decided()?);
        let owners = self.owners(ctx, &board)?;
        let limit = ask.limit.min(LIMIT);
        let (mut counted, mut rows, mut more) = (Counted::default(), Vec::new(), false);
        for one in board.live(self).iter() {
            let state = decided.get(&one.key).map(|said| said.state()).unwrap_or_default();
            let Some(sides) = owners.sides(&board, one).filter(|sides| ask.takes(one, sides, &owners)) else {
                continue;
            };
            let is_asked = ask.state.is_none_or(|wanted| wanted == state);
            if is_asked && after.is_none_or(|after| one.rank() > after) {
                if rows.len() == limit {
                    more = true;
                } else if self.still(ctx, &board, one)? {
                    rows.push(self.row(ctx, (&board, one), decided.get(&one.key), (&owners, sides))?);
                } else {
                    continue;
                }
            }
            *counted.totals.of(state) += 1;
            if is_asked {
                *counted.pairs.entry((sides.one, sides.other)).or_default() += 1;
            }
        }
        let shown = shown(&rows);
        self.within_budget(ctx, rows.len(), json!({"shown": shown}))?;
        self.record(ctx, Deed::query("hits", json!({"shown": shown})).and("hits", rows.len()))?;
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| self.seal_cursor(ctx, row));
        let pairs = owners.pairs(&counted.pairs);
        let (beyond, not_weighed, looked) = (board.beyond, board.found.not_weighed, board.looked);
        Ok(HitPage { rows, next, totals: counted.totals, pairs, beyond, not_weighed, looked })
    }

    /// One hit with everything that was said of it.
    ///
    /// # Errors
    /// [`NodeError::UnknownObject`] when whoever asks may not see it, or it stands no longer.
    pub fn hit(&self, ctx: &Ctx, key: &HitKey) -> Result<HitShown, NodeError> {
        self.may(ctx, Act::Hits, json!({"hit": key}))?;
        self.within_budget(ctx, 1, json!({"hit": key}))?;
        let (board, one) = self.seen_hit(ctx, key)?;
        let shown = self.shown_hit(ctx, (&board, &one))?;
        let sides = self::shown(std::slice::from_ref(&shown.row));
        self.record(ctx, Deed::query("hit", json!({"hit": key, "shown": sides})).and("hits", 1))?;
        Ok(shown)
    }

    /// A hit that whoever asks may see, with the board it stands on.
    pub(super) fn seen_hit(&self, ctx: &Ctx, key: &HitKey) -> Result<(Arc<Board>, Ranked), NodeError> {
        let board = self.board(ctx)?;
        let known = board.live(self).iter().find(|one| one.key == *key).cloned();
        match known {
            Some(one) if self.still(ctx, &board, &one)? => Ok((board, one)),
            _ => Err(NodeError::UnknownObject(format!("a hit {key}"))),
        }
    }

    pub(super) fn shown_hit(&self, ctx: &Ctx, (board, one): (&Board, &Ranked)) -> Result<HitShown, NodeError> {
        let (decided, owners) = (self.decided()?, self.owners(ctx, board)?);
        let said = decided.get(&one.key);
        let sides = owners.sides(board, one).ok_or(NodeError::Stage)?;
        let row = self.row(ctx, (board, one), said, (&owners, sides))?;
        let steps = said.iter().flat_map(|said| &said.steps);
        let history = steps.map(|step| step.shown(self, &ctx.authority)).collect::<Result<_, _>>()?;
        let asked: BTreeSet<OrgName> =
            said.iter().flat_map(|said| &said.steps).flat_map(|step| step.asked.clone()).collect();
        let questions = self.questions_of(ctx, (&one.key, &asked))?;
        Ok(HitShown { row, history, questions })
    }

    fn row(
        &self,
        ctx: &Ctx,
        (board, one): (&Board, &Ranked),
        said: Option<&Arc<Said>>,
        (owners, sides): (&Owners, Sides),
    ) -> Result<HitRow, NodeError> {
        let mut hit = board.found.hit(&one.pair, WEIGHED)?;
        if sides.is_turned {
            std::mem::swap(&mut hit.one, &mut hit.other);
        }
        let last = said.and_then(|said| said.steps.last());
        let first = board.found.first(&one.pair);
        let batch = first.map(|position| self.store.batch_of(position)).transpose()?.flatten();
        Ok(HitRow {
            key: one.key,
            hit,
            state: said.map(|said| said.state()).unwrap_or_default(),
            steps: said.map_or(0, |said| u32::try_from(said.steps.len()).unwrap_or(u32::MAX)),
            last: last.map(|step| step.shown(self, &ctx.authority)).transpose()?,
            grown: last.map_or(Ok(false), |step| step.has_grown(self, &ctx.authority, (board, one)))?,
            found: batch.and_then(|batch| batch.finished),
            country: owners.country(sides.one),
            other_country: owners.country(sides.other),
        })
    }

    /// Whether everything a row rests on stands at this moment and may be seen by whoever asks, and neither side is hidden.
    fn still(&self, ctx: &Ctx, board: &Board, one: &Ranked) -> Result<bool, NodeError> {
        for position in board.found.rests(&one.pair) {
            let label = self.derived.current(position);
            if !label.map_or(Ok(false), |label| self.meets(&ctx.authority, label))? {
                return Ok(false);
            }
        }
        for side in board.found.sides(&one.pair).into_iter().flatten() {
            if let Ok(id) = ObjectId::parse(&side.id)
                && self.is_hidden(&id, &side.owner)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where the owners of what stands on a board sit, as it is known now.
    pub(super) fn owners(&self, ctx: &Ctx, board: &Board) -> Result<Owners, NodeError> {
        let mut known = HashMap::new();
        known.extend(self.peers()?.into_iter().filter_map(|peer| Some((peer.name, peer.country?))));
        known.extend(self.sources()?.into_iter().filter_map(|source| Some((source.name, source.country?))));
        if let Some(country) = self.ourselves.as_ref().and_then(|own| own.country.clone()) {
            known.insert(ctx.organisation.clone(), country);
        }
        let own = known.get(&ctx.organisation).cloned();
        let owner = |name: &OrgName| {
            let country = known.get(name).cloned();
            let is_near = own.is_some() && own == country;
            let distance = if *name == ctx.organisation { 0 } else { 2 - u8::from(is_near) };
            Owner { country, distance, name: name.clone() }
        };
        Ok(Owners(board.found.owners.iter().map(owner).collect()))
    }

    fn seal_cursor(&self, ctx: &Ctx, row: &HitRow) -> String {
        let mut plain = vec![row.hit.score.points];
        plain.extend_from_slice(&row.hit.values_total.to_le_bytes());
        plain.extend_from_slice(&row.key.bytes());
        base64url(&self.cursor_key.seal(&[CURSOR, ctx.actor.as_bytes()], &plain))
    }

    fn open_cursor(&self, ctx: &Ctx, text: &str) -> Result<Rank, NodeError> {
        let open = || {
            let plain = self.cursor_key.open(&[CURSOR, ctx.actor.as_bytes()], &unbase64url(text)?)?;
            let (points, rest) = plain.split_first()?;
            let (values, key) = rest.split_first_chunk::<8>()?;
            let key = HitKey::from_bytes(key.try_into().ok()?);
            Some((Reverse(*points), Reverse(u64::from_le_bytes(*values)), key))
        };
        open().ok_or_else(|| NodeError::Refused("that is no place in this queue; begin at its first page".into()))
    }
}

impl HitAsk {
    fn takes(&self, one: &Ranked, sides: &Sides, owners: &Owners) -> bool {
        let is_owner = |wanted: &OrgName, side: usize| owners.0.get(side).is_some_and(|owner| owner.name == *wanted);
        one.pair.points >= self.least_points
            && self.owner.as_ref().is_none_or(|owner| is_owner(owner, sides.one) || is_owner(owner, sides.other))
            && self.country.as_deref().is_none_or(|wanted| {
                owners.0.get(sides.other).and_then(|owner| owner.country.as_deref()) == Some(wanted)
            })
    }
}

impl Owners {
    fn country(&self, owner: usize) -> Option<String> {
        self.0.get(owner)?.country.clone()
    }

    pub(super) fn sides(&self, board: &Board, one: &Ranked) -> Option<Sides> {
        let [left, right] = [one.pair.one, one.pair.other].map(|side| board.found.owned.get(side as usize).copied());
        let place = |side: usize| self.0.get(side).map(|owner| (owner.distance, owner.name.as_str()));
        let (left, right) = (left?, right?);
        let is_turned = place(right)? < place(left)?;
        let (one, other) = if is_turned { (right, left) } else { (left, right) };
        Some(Sides { one, other, is_turned })
    }

    /// The containers of others in a hit, that of the other side first; where neither side is one's own, both.
    pub(super) fn others<'b>(&self, board: &'b Board, one: &Ranked) -> Vec<&'b Container> {
        let Some(sides) = self.sides(board, one) else { return Vec::new() };
        let mut both = board.found.sides(&one.pair);
        if sides.is_turned {
            both.reverse();
        }
        let is_own = self.0.get(sides.one).is_some_and(|owner| owner.distance < 2);
        let [own, other] = both;
        [other, own.filter(|_| !is_own)].into_iter().flatten().map(|side| &**side).collect()
    }

    fn pairs(&self, counted: &HashMap<(usize, usize), u64>) -> Vec<CountryPair> {
        let mut by_country: BTreeMap<_, u64> = BTreeMap::new();
        for ((one, other), hits) in counted {
            *by_country.entry((self.country(*one), self.country(*other))).or_default() += hits;
        }
        let pair = |((country, other), hits)| CountryPair { country, other, hits };
        let mut pairs: Vec<CountryPair> = by_country.into_iter().map(pair).collect();
        pairs.sort_by_key(|pair| Reverse(pair.hits));
        pairs
    }
}

/// The sides of these hits, as they go on record.
fn shown(rows: &[HitRow]) -> BTreeSet<String> {
    let sides = rows.iter().flat_map(|row| [&row.hit.one, &row.hit.other]);
    sides.map(|side| format!("{} {}", side.owner, side.id)).collect()
}

/// Values of one hit whose reasons are told.
const WEIGHED: usize = 300;
/// Most rows of a page.
const LIMIT: usize = 200;
const CURSOR: &[u8] = b"hit queue";
