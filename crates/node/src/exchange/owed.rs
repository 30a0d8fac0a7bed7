//! What each peer was told to delete, and what it has still to be told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::ObjectId;
use comity_store::{Op, Version};
use parking_lot::Mutex;
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

use super::recalls::KeptRecall;
use super::{Client, Peer, RecallReason, RecallStatement, Recalled};
use crate::{Ctx, Node, NodeError, View};

/// That a recipient has a recall to carry out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Who.
    pub peer: OrgName,
    /// The recall.
    pub recall: ObjectId,
    /// What is recalled.
    pub object: ObjectId,
    /// Whose it is.
    pub owner: OrgName,
    /// Why.
    pub reason: RecallReason,
    /// Since when.
    pub since: Timestamp,
    /// By when its receipt must be here.
    pub due: Timestamp,
    /// When its receipt came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Timestamp>,
}

impl Owed {
    /// Whether its receipt should be here by now.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.receipt.is_none() && self.due < now
    }
}

/// What was looked through for recalls, by peer.
#[derive(Debug, Default)]
pub(crate) struct Obligations {
    peers: Mutex<HashMap<OrgName, Known>>,
    /// What was recalled and when, by owner and object: versions that come later by a slower way are not taken any more.
    recalled: Mutex<Option<Recalls>>,
}

type Recalls = HashMap<(OrgName, ObjectId), Vec<(Recalled, Timestamp)>>;

#[derive(Debug, Default)]
struct Known {
    /// Ended positions that were looked at; none before the first look.
    seen: Option<RoaringTreemap>,
    /// Whether nothing was given when it was looked through: what ended by a change was passed over.
    closed: bool,
    /// Up to where the log was looked through for what was undone or withdrawn.
    read: Position,
    /// What is not receipted yet, by recall; read once.
    open: Option<BTreeMap<ObjectId, RecallStatement>>,
}

impl Obligations {
    pub(super) fn note(&self, kept: &KeptRecall) {
        let said = &kept.statement.said;
        if let Some(recalled) = &mut *self.recalled.lock() {
            let known = recalled.entry((said.owner.clone(), said.object.clone())).or_default();
            known.extend(said.versions.iter().map(|version| (version.clone(), said.at)));
            known.sort();
            known.dedup();
        }
    }

    /// What has just been entered as given may have ended before that, when somebody looked already.
    pub(crate) fn look_again(&self, peer: &OrgName, positions: &[Position]) {
        if let Some(seen) = self.peers.lock().get_mut(peer).and_then(|known| known.seen.as_mut()) {
            for position in positions {
                seen.remove(position.0);
            }
        }
    }

    /// Forgets what is kept in memory, where another process may have written.
    fn forget(&self) {
        self.peers.lock().clear();
        *self.recalled.lock() = None;
    }
}

impl Node {
    /// Looks at everything that was ever recalled here.
    pub(super) fn with_recalled<T>(&self, look: impl FnOnce(&Recalls) -> T) -> Result<T, NodeError> {
        let mut recalled = self.obligations.recalled.lock();
        if let Some(all) = &*recalled {
            return Ok(look(all));
        }
        let mut all = Recalls::new();
        for kept in self.settings::<KeptRecall>("recall/")? {
            let said = kept.statement.said;
            let versions = said.versions.into_iter().map(|version| (version, said.at));
            all.entry((said.owner, said.object)).or_default().extend(versions);
        }
        Ok(look(recalled.insert(all)))
    }

    /// Whether anything was ever recalled here.
    pub(crate) fn has_recalls(&self) -> Result<bool, NodeError> {
        self.with_recalled(|all| !all.is_empty())
    }

    /// The recalls that a peer's node has not receipted yet. Finds new ones among what it was given.
    pub(crate) fn recalls_for(&self, ctx: &Ctx, peer: &Peer, view: &View) -> Result<Vec<RecallStatement>, NodeError> {
        if self.shared {
            // Another process may have given something to this peer, taken its receipts, or ordered a recall.
            self.given.forget(&*self.store)?;
            self.obligations.forget();
        }
        let mut peers = self.obligations.peers.lock();
        let known = peers.entry(peer.name.clone()).or_default();
        if known.closed != view.closed {
            *known = Known { closed: view.closed, ..Known::default() };
        }
        if known.open.is_none() {
            known.open = Some(self.open_recalls(&peer.name)?);
        }
        let visible = self.position();
        let nothing = RoaringTreemap::new();
        let fresh = self.derived.ended_besides(known.seen.as_ref().unwrap_or(&nothing));
        let looked = |all: &RoaringTreemap, announced: &RoaringTreemap| {
            // At the first look every ended version that was given is looked at by itself.
            let first = known.seen.is_none().then(|| self.derived.ended_among(&(all | announced)));
            (all.clone(), announced.clone(), first)
        };
        let (all, announced, first) = self.given.with(&*self.store, &peer.name, true, looked)?;
        let given = &all | &announced;
        let due = match first {
            Some(first) => first,
            // Later the end of any version, given or not, asks anew about the others of its object.
            None if given.is_empty() => RoaringTreemap::new(),
            None => self.of_the_same(&fresh, &self.changed_between(known.read, visible)?, &given)?,
        };
        for position in due {
            let at = (Position(position), all.contains(position));
            if let Some(statement) = self.recall_at(ctx, peer, view, at)? {
                self.owe(ctx, peer, view, &statement)?;
                if let Some(open) = &mut known.open
                    && self.is_open(&peer.name, &statement)?
                {
                    open.insert(statement.said.id.clone(), statement);
                }
            }
        }
        let mut seen = known.seen.take().unwrap_or_default();
        seen |= fresh;
        known.seen = Some(self.derived.ended_among(&seen));
        known.read = visible;
        Ok(known.open.iter().flat_map(BTreeMap::values).take(RECALLS).cloned().collect())
    }

    /// The ended versions that were given, of these objects and of those whose versions stand at these positions.
    fn of_the_same(
        &self,
        fresh: &RoaringTreemap,
        changed: &[ObjectId],
        given: &RoaringTreemap,
    ) -> Result<RoaringTreemap, NodeError> {
        let mut ids: BTreeSet<ObjectId> = changed.iter().cloned().collect();
        let positions: Vec<Position> = fresh.iter().map(Position).collect();
        for positions in positions.chunks(PAGE) {
            ids.extend(self.store.get(positions)?.into_iter().flatten().map(|row| row.id));
        }
        let (ids, mut found) = (ids.into_iter().collect::<Vec<_>>(), RoaringTreemap::new());
        for ids in ids.chunks(PAGE) {
            for rows in self.store.versions_of(ids)? {
                found.extend(rows.iter().filter(|row| row.op == Op::Put).map(|row| row.position.0));
            }
        }
        Ok(self.derived.ended_among(&(found & given)))
    }

    /// What a recipient must be told about a version it was given that is not current any more; nothing when it
    /// still stands behind a newer one that it may see.
    fn recall_at(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        view: &View,
        (position, sure): (Position, bool),
    ) -> Result<Option<RecallStatement>, NodeError> {
        let Some(row) = self.store.get(&[position])?.into_iter().flatten().next() else { return Ok(None) };
        if row.op != Op::Put || !sure && !self.admits(view, row.label)? {
            return Ok(None);
        }
        let owner = self.owner_of(row.label)?;
        if owner == peer.name {
            // It was never sent what is its own, and it knows what it took back.
            return Ok(None);
        }
        let known = self.recalls_of(&owner, &row.id)?;
        // That it was closed to somebody else tells one who may see nothing that its owner goes on with it.
        let tells = |kept: &KeptRecall| !(view.closed && kept.statement.said.reason == RecallReason::Narrowed);
        if let Some(kept) = known.into_iter().rev().find(|kept| kept.positions.contains(&position) && tells(kept)) {
            return Ok(Some(kept.statement));
        }
        if owner != ctx.organisation {
            // Its owner has not taken it back; that it ended here is this node's own affair.
            return Ok(None);
        }
        self.end(ctx, view, &row, &owner)
    }

    /// Takes back what ended by a change or by an undo. The versions stay as they are here: they may stand again.
    fn end(
        &self,
        ctx: &Ctx,
        view: &View,
        row: &Version,
        owner: &OrgName,
    ) -> Result<Option<RecallStatement>, NodeError> {
        let rows = self.store.versions(&row.id)?;
        let mut stands = Vec::new();
        for line in crate::derived::standing(&*self.store, &self.labels, &rows)? {
            if let Some(last) = line.last()
                && self.owner_of(last.label)? == *owner
            {
                stands = line;
            }
        }
        let mut old = self.rows_of(owner, &row.id)?;
        let reason = match stands.last() {
            None => RecallReason::Withdrawn,
            // Nobody is told that an owner goes on with an object that it may not see; what it has is not wrong by that.
            Some(newest) if view.closed || self.admits(view, newest.label)? => {
                if stands.iter().any(|version| version.position == row.position) {
                    return Ok(None);
                }
                old.retain(|row| stands.iter().all(|version| version.position != row.position));
                RecallReason::Withdrawn
            }
            Some(newest) => {
                old.retain(|row| row.position != newest.position);
                RecallReason::Narrowed
            }
        };
        self.leave_out(&mut old, stands.last().map(|newest| newest.position))?;
        if old.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.order(ctx, &row.id, &old, (reason, None), true)?.statement))
    }

    /// The same text may stand at two positions; what counts now is not taken back because it was undone before.
    fn leave_out(&self, rows: &mut Vec<Version>, newest: Option<Position>) -> Result<(), NodeError> {
        let Some(newest) = newest else { return Ok(()) };
        let Some(newest) = self.store.get(&[newest])?.into_iter().flatten().next() else { return Ok(()) };
        let positions: Vec<_> = rows.iter().map(|row| row.position).collect();
        let same = |row: &Version| row.modified == newest.modified && row.raw == newest.raw;
        let same: Vec<_> =
            self.store.get(&positions)?.into_iter().flatten().filter(same).map(|row| row.position).collect();
        rows.retain(|row| !same.contains(&row.position));
        Ok(())
    }

    /// Notes what every peer's node has still to delete, so that a receipt becomes overdue also where the peer does not
    /// come to ask. Returns whose receipts are overdue, and how many.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn note_owed(&self, ctx: &Ctx) -> Result<Vec<(OrgName, usize)>, NodeError> {
        self.ready()?;
        let (mut late, mut failed) = (Vec::new(), None);
        for peer in self.peers()?.iter().filter(|peer| peer.client == Client::Node) {
            // What fails for one is tried again at the next look, and holds up none of the others.
            match self.note_owed_by(ctx, peer) {
                Ok(0) => {}
                Ok(overdue) => late.push((peer.name.clone(), overdue)),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(late), Err)
    }

    fn note_owed_by(&self, ctx: &Ctx, peer: &Peer) -> Result<usize, NodeError> {
        match self.view_even_closed(ctx, peer) {
            Ok(view) => self.recalls_for(ctx, peer, &view).map(drop)?,
            Err(NodeError::NoAgreement(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(self.overdue(&peer.name, ctx.now())?.len())
    }

    fn owe(&self, ctx: &Ctx, peer: &Peer, view: &View, statement: &RecallStatement) -> Result<(), NodeError> {
        let said = &statement.said;
        let key = format!("owed/{}/{}", peer.name, said.id);
        if self.store.value(&key)?.is_some() {
            return Ok(());
        }
        let hours = view.receipts_within_hours;
        let due = ctx.now().as_micros().saturating_add(i64::from(hours) * 3_600_000_000);
        let owed = Owed {
            peer: peer.name.clone(),
            recall: said.id.clone(),
            object: said.object.clone(),
            owner: said.owner.clone(),
            reason: said.reason,
            since: ctx.now(),
            due: Timestamp::from_micros(due),
            receipt: None,
        };
        self.keep_setting(&key, &owed)
    }

    fn is_open(&self, peer: &OrgName, statement: &RecallStatement) -> Result<bool, NodeError> {
        let owed = self.setting::<Owed>(&format!("owed/{peer}/{}", statement.said.id))?;
        Ok(owed.is_none_or(|owed| owed.receipt.is_none()))
    }

    fn open_recalls(&self, peer: &OrgName) -> Result<BTreeMap<ObjectId, RecallStatement>, NodeError> {
        let mut open = BTreeMap::new();
        for owed in self.owed_by(peer)?.into_iter().filter(|owed| owed.receipt.is_none()) {
            let kept = self.kept_recall(&owed.owner, &owed.object, &owed.recall)?;
            open.extend(kept.map(|kept| (owed.recall, kept.statement)));
        }
        Ok(open)
    }

    /// Every recall a peer was ever told to carry out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn owed_by(&self, peer: &OrgName) -> Result<Vec<Owed>, NodeError> {
        self.settings(&format!("owed/{peer}/"))
    }

    /// Since when each receipt that a peer should have given is overdue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn overdue(&self, peer: &OrgName, now: Timestamp) -> Result<Vec<Timestamp>, NodeError> {
        Ok(self.owed_by(peer)?.iter().filter(|owed| owed.is_overdue(now)).map(|owed| owed.due).collect())
    }

    /// Marks a recall as carried out by a peer's node.
    pub(crate) fn receipted(&self, peer: &OrgName, recall: &ObjectId, at: Timestamp) -> Result<(), NodeError> {
        let key = format!("owed/{peer}/{recall}");
        if let Some(mut owed) = self.setting::<Owed>(&key)? {
            owed.receipt.get_or_insert(at);
            self.keep_setting(&key, &owed)?;
        }
        let mut peers = self.obligations.peers.lock();
        if let Some(open) = peers.get_mut(peer).and_then(|known| known.open.as_mut()) {
            open.remove(recall);
        }
        Ok(())
    }
}

/// Most recalls in one page.
const RECALLS: usize = 1_000;
/// Positions read at once.
const PAGE: usize = 4_096;
