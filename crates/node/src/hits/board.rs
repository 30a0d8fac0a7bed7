//! What was found, kept in memory for those who see the same.
//!
//! A board rests on versions that stood when it was made. Before anything of it is shown, each of these is looked at in
//! the column again: what has ended since then, because it was recalled, hidden, replaced or closed, takes every value
//! with it that rested on it, and every pair that is held together by nothing else.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use comity_base::{Position, Timestamp};
use comity_store::Op;
use parking_lot::Mutex;

use super::HitKey;
use super::found::{Found, Pair};
use super::search::Memo;
use crate::neighbours::Sight;
use crate::reading::ObjectReader;
use crate::{Authority, Ctx, Node, NodeError};

/// Hits kept; those beyond it are counted.
pub(super) const KEPT: usize = 50_000;
/// Values weighed for a board, the rarest first.
const VALUES: usize = 100_000;
/// Boards kept for people from whom something is hidden.
const CLASSES: usize = 4;
/// Most new versions for which what was read before is looked through, instead of reading all of it again.
const NEW: u64 = 50_000;
const PAGE: usize = 4_096;

/// What one class of people may see of the hits, as of one position.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) found: Found,
    /// The best pairs, best first.
    ranked: Arc<Vec<Ranked>>,
    /// The same without what has ended since, and as of which count of endings.
    live: Mutex<Option<(u64, Arc<Vec<Ranked>>)>>,
    /// Pairs beyond those kept.
    pub(super) beyond: u64,
    /// Up to where the log was looked through.
    pub(super) at: Position,
    /// When.
    pub(super) looked: Timestamp,
}

/// A pair with its name.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) key: HitKey,
    pub(super) pair: Pair,
}

/// Where a pair stands among others: the best first, and of equals the one whose key is less.
pub(super) type Rank = (Reverse<u8>, Reverse<u64>, HitKey);

/// The boards of this process.
#[derive(Default)]
pub(crate) struct Boards {
    slots: Mutex<Vec<Slot>>,
    /// Held by whoever looks, with what was read for the board of those who see everything, and up to where.
    looking: Mutex<Option<(Memo, Position)>>,
    /// Whether a thread of this process looks again and again, so that whoever asks need not.
    is_kept: AtomicBool,
}

struct Slot {
    class: Class,
    /// Of the last one of the class who asked.
    authority: Arc<Authority>,
    board: Arc<Board>,
    /// Whether anybody asked since it was last made.
    is_asked: bool,
}

/// The labels with needs that somebody does not meet, by number: people of one class see the same.
type Class = Vec<u32>;

impl Ranked {
    pub(super) fn rank(&self) -> Rank {
        (Reverse(self.pair.points), Reverse(self.pair.crossings.len() as u64), self.key)
    }
}

impl Boards {
    /// What decides about scores has changed: everything is looked at again.
    pub(crate) fn forget(&self) {
        self.slots.lock().clear();
    }

    fn of(&self, class: &Class) -> Option<Arc<Board>> {
        Some(Arc::clone(&self.slots.lock().iter().find(|slot| slot.class == *class)?.board))
    }

    /// Keeps a board; of those from whom something is hidden, the ones that were made or asked for last.
    fn keep(&self, class: Class, authority: &Arc<Authority>, board: &Arc<Board>) {
        let mut slots = self.slots.lock();
        slots.retain(|slot| slot.class != class);
        let (authority, board) = (Arc::clone(authority), Arc::clone(board));
        slots.insert(0, Slot { class, authority, board, is_asked: false });
        let mut others = 0;
        slots.retain(|slot| {
            others += usize::from(!slot.class.is_empty());
            slot.class.is_empty() || others <= CLASSES
        });
    }

    fn asked(&self, class: &Class, authority: &Arc<Authority>) {
        let mut slots = self.slots.lock();
        if let Some(at) = slots.iter().position(|slot| slot.class == *class) {
            let slot = slots.remove(at);
            slots.insert(0, Slot { authority: Arc::clone(authority), is_asked: true, ..slot });
        }
    }
}

impl Node {
    /// Looks for hits again when the log has moved since the last look, for everybody who asked lately. Says whether it
    /// did. Once this was called, whoever asks for hits is shown what the last look found.
    ///
    /// # Errors
    /// When the store or an index cannot be read.
    pub fn find_hits(&self, ctx: &Ctx) -> Result<bool, NodeError> {
        if !self.is_ready() {
            return Ok(false);
        }
        self.boards.is_kept.store(true, Ordering::Relaxed);
        let everything = Arc::new(Authority::node());
        let mut stale = vec![(Class::new(), everything)];
        for slot in self.boards.slots.lock().iter().filter(|slot| slot.is_asked && !slot.class.is_empty()) {
            stale.push((slot.class.clone(), Arc::clone(&slot.authority)));
        }
        let mut looked = false;
        for (class, authority) in stale {
            // What they may see may have become less since they asked.
            if self.labels.unmet(&authority) == class
                && self.boards.of(&class).is_none_or(|board| board.at < self.position())
            {
                self.look_for_hits(ctx, class.clone(), &authority)?;
                looked = true;
            }
            // What has ended since then is left out now, and not when somebody asks.
            if let Some(board) = self.boards.of(&class) {
                board.live(self);
            }
        }
        Ok(looked)
    }

    /// The board of whoever asks.
    pub(super) fn board(&self, ctx: &Ctx) -> Result<Arc<Board>, NodeError> {
        let position = self.ready()?;
        let class = self.labels.unmet(&ctx.authority);
        let is_kept = self.boards.is_kept.load(Ordering::Relaxed);
        let known = self.boards.of(&class).filter(|board| is_kept || board.at >= position);
        if let Some(board) = known {
            self.boards.asked(&class, &ctx.authority);
            return Ok(board);
        }
        self.look_for_hits(ctx, class, &ctx.authority)
    }

    /// Makes a board, one at a time; whoever waited for somebody else to make it takes that one.
    fn look_for_hits(&self, ctx: &Ctx, class: Class, authority: &Arc<Authority>) -> Result<Arc<Board>, NodeError> {
        let mut looking = self.boards.looking.lock();
        let at = self.ready()?;
        if let Some(board) = self.boards.of(&class).filter(|board| board.at >= at) {
            return Ok(board);
        }
        let mut memo = Memo::default();
        if class.is_empty()
            && let Some((known, since)) = looking.take()
        {
            memo = known;
            self.look_through(&mut memo, since, at)?;
        }
        let found = self.search(Sight::new(at, authority), VALUES, &mut memo)?;
        if class.is_empty() {
            *looking = Some((memo, at));
        }
        let board = Arc::new(Board::new(found, at, ctx.now()));
        // A label that came in meanwhile is met or not, and was looked at accordingly.
        if self.labels.unmet(authority) == class {
            self.boards.keep(class, authority, &board);
        }
        Ok(board)
    }

    /// Leaves of what was read before only what would be read just so again: what rests on versions that still stand, and
    /// asked about nothing that any new version is about or refers to.
    fn look_through(&self, memo: &mut Memo, since: Position, at: Position) -> Result<(), NodeError> {
        let mut changed = HashSet::new();
        let mut reached = since;
        while reached < at {
            let rows = if at.0 - since.0 > NEW { Vec::new() } else { self.store.scan(reached, PAGE, true)? };
            // What was taken back may count again, with all it refers to.
            let Some(last) = rows.last().filter(|_| rows.iter().all(|row| row.op == Op::Put)) else {
                *memo = Memo::default();
                return Ok(());
            };
            reached = last.position;
            for row in &rows {
                changed.insert(self.reader.reference_fingerprint(&row.id.to_string()));
                let Ok(doc) = comity_stix::Doc::parse(&row.raw, self.reader.depth()) else { continue };
                ObjectReader::each_reference(doc.root(), &mut |id| {
                    changed.insert(self.reader.reference_fingerprint(id));
                });
            }
        }
        memo.objects.retain(|_, seen| {
            seen.asked.iter().all(|id| !changed.contains(id)) && seen.rests.iter().all(|at| self.stands(*at))
        });
        Ok(())
    }

    pub(super) fn stands(&self, position: Position) -> bool {
        self.derived.current(position).is_some()
    }
}

impl Board {
    fn new(mut found: Found, at: Position, looked: Timestamp) -> Self {
        let pairs = std::mem::take(&mut found.pairs);
        let all = pairs.len();
        let mut ranked: Vec<Ranked> = pairs.into_iter().filter_map(|pair| found.ranked(pair)).collect();
        ranked.sort_unstable_by_key(Ranked::rank);
        ranked.truncate(KEPT);
        ranked.shrink_to_fit();
        let beyond = (all - ranked.len()) as u64;
        Self { found, ranked: Arc::new(ranked), live: Mutex::default(), beyond, at, looked }
    }

    /// The pairs that still stand, best first.
    pub(super) fn live(&self, node: &Node) -> Arc<Vec<Ranked>> {
        let endings = node.derived.endings();
        let mut live = self.live.lock();
        if let Some((_, known)) = live.as_ref().filter(|(as_of, _)| *as_of == endings) {
            return Arc::clone(known);
        }
        let dead = self.dead(node);
        let standing =
            if dead.iter().any(|dead| *dead) { Arc::new(self.without(&dead)) } else { Arc::clone(&self.ranked) };
        *live = Some((endings, Arc::clone(&standing)));
        standing
    }

    /// Of each value, whether anything it rests on has ended.
    fn dead(&self, node: &Node) -> Vec<bool> {
        let objects: Vec<bool> =
            self.found.objects.iter().map(|seen| !seen.rests.iter().all(|at| node.stands(*at))).collect();
        let is_dead = |object: u32| objects.get(object as usize).copied().unwrap_or(true);
        let crossings = self.found.crossings.iter().map(|crossing| {
            crossing.places.iter().any(|place| is_dead(place.object))
                || !crossing.elsewhere.iter().all(|at| node.stands(Position(at)))
        });
        crossings.collect()
    }

    fn without(&self, dead: &[bool]) -> Vec<Ranked> {
        let is_dead = |crossing: &u32| dead.get(*crossing as usize).copied().unwrap_or(true);
        let mut left = Vec::with_capacity(self.ranked.len());
        for one in &*self.ranked {
            if !one.pair.crossings.iter().any(is_dead) {
                left.push(one.clone());
                continue;
            }
            let crossings: Box<[u32]> = one.pair.crossings.iter().copied().filter(|one| !is_dead(one)).collect();
            if !crossings.is_empty() {
                let pair = Pair { crossings, ..one.pair.clone() };
                let points = self.found.points(&pair);
                left.push(Ranked { key: one.key, pair: Pair { points, ..pair } });
            }
        }
        left.sort_unstable_by_key(Ranked::rank);
        left
    }
}

impl Found {
    fn ranked(&self, pair: Pair) -> Option<Ranked> {
        let [Some(one), Some(other)] = self.sides(&pair) else { return None };
        Some(Ranked { key: HitKey::of(one, other), pair })
    }
}
