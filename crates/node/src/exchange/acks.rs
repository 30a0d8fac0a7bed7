use comity_base::{OrgName, Position, Timestamp};
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

use super::cursor::Cursor;
use crate::{Node, NodeError};

/// Up to where a peer has said it holds what it was offered, by the cursors it came back with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Names what it may see.
    pub(crate) epoch: u64,
    /// Everything offered up to here since then it holds.
    pub(crate) at: Position,
    /// The cursor it came with when what it may see last changed; it comes with it again if the answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Cursor>,
    /// When it last said something new.
    pub when: Timestamp,
}

/// What a peer holds: since what it may see last changed, and from before.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) said: Acknowledged,
    before: RoaringTreemap,
    /// What it was given before that and may have lost, and was not offered since: what it says of a stretch of the
    /// log it says of what it was offered there.
    doubt: RoaringTreemap,
}

impl Held {
    /// Everything it holds, among what it was given.
    pub(crate) fn among(&self, given: &RoaringTreemap) -> RoaringTreemap {
        let mut since = given - &self.doubt;
        if self.said.at < Position::END {
            since.remove_range(self.said.at.0 + 1..);
        }
        since |= &self.before;
        since
    }

    /// Whether it holds a position from before, so that it is not sent again while the log is looked through anew.
    pub(crate) fn has_from_before(&self, position: Position) -> bool {
        self.before.contains(position.0)
    }
}

impl Node {
    /// When a peer last acknowledged something.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn acknowledged(&self, peer: &OrgName) -> Result<Acknowledged, NodeError> {
        Ok(self.held(peer)?.said)
    }

    /// What a peer holds.
    pub(crate) fn held(&self, peer: &OrgName) -> Result<Held, NodeError> {
        let said = self.setting(&key(peer))?.unwrap_or_default();
        let (before, doubt) = (self.positions(before_key(peer))?, self.positions(doubt_key(peer))?);
        Ok(Held { said, before, doubt })
    }

    fn positions(&self, key: String) -> Result<RoaringTreemap, NodeError> {
        let Some((_, bytes)) = self.store.value(&key)? else { return Ok(RoaringTreemap::new()) };
        let damaged = |error: std::io::Error| NodeError::Setting { key, reason: error.to_string() };
        RoaringTreemap::deserialize_from(bytes.as_slice()).map_err(damaged)
    }

    fn keep_positions(&self, key: &str, positions: &RoaringTreemap) -> Result<(), NodeError> {
        let mut bytes = Vec::new();
        positions.serialize_into(&mut bytes).map_err(NodeError::io("writing what a peer holds"))?;
        self.overwrite(key, &bytes, &[])
    }

    /// Notes what a page offers.
    pub(crate) fn offered(&self, peer: &OrgName, held: &Held, positions: &[Position]) -> Result<(), NodeError> {
        let offered: RoaringTreemap = positions.iter().map(|position| position.0).collect();
        if held.doubt.is_disjoint(&offered) {
            return Ok(());
        }
        self.keep_positions(&doubt_key(peer), &(&held.doubt - offered))
    }

    /// Notes that a peer came back with a cursor, and finds where to go on for it.
    ///
    /// A cursor further back than before says that the peer lost what came after, and is believed; so does one that
    /// is not known: then everything is offered again, which costs time and changes nothing. When what the peer may
    /// see has changed, the log is looked through from its beginning for what it does not hold yet.
    pub(crate) fn resume(
        &self,
        peer: &OrgName,
        cursor: Option<Cursor>,
        epoch: u64,
        now: Timestamp,
    ) -> Result<Held, NodeError> {
        let mut held = self.held(peer)?;
        let old = held.said.clone();
        let at = match cursor {
            Some(cursor) if cursor.epoch == old.epoch => Some(cursor.at),
            Some(cursor) if old.from == Some(cursor) => Some(Position::START),
            _ => None,
        };
        let mut forgotten = false;
        if at.is_none() && !(cursor.is_none() && old.at == Position::START && old.from.is_none()) {
            held.before = RoaringTreemap::new();
            forgotten = true;
        }
        held.said.at = at.unwrap_or_default();
        let changed = old.epoch != epoch;
        if changed || forgotten {
            let given = self.given.all(&*self.store, peer, true)?;
            if changed {
                held.before = held.among(&given);
                held.said = Acknowledged { epoch, at: Position::START, from: cursor, when: now };
            }
            held.doubt = given - &held.before;
            // Doubt first: cut off between the two, more is offered and nothing is missed.
            self.keep_positions(&doubt_key(peer), &held.doubt)?;
            self.keep_positions(&before_key(peer), &held.before)?;
        }
        if held.said != old {
            held.said.when = now;
            let key = key(peer);
            self.keep_setting(&key, &held.said)?;
        }
        Ok(held)
    }
}

fn key(peer: &OrgName) -> String {
    format!("acknowledged/{peer}")
}

fn before_key(peer: &OrgName) -> String {
    format!("acknowledged-before/{peer}")
}

fn doubt_key(peer: &OrgName) -> String {
    format!("acknowledged-doubt/{peer}")
}
