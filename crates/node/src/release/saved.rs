//! Saved queries: a part of what readers may see anyway, kept under a name as a collection of its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::{Doc, Kind};
use comity_store::{Op, Version};
use parking_lot::{Mutex, MutexGuard, RwLock};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Deed;
use crate::{Act, Ctx, Node, NodeError};

/// What a collection of its own holds. Every condition that is set must be met, by one of what it names.
///
/// It opens nothing: a reader finds in it what the policy lets it see besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedQuery {
    /// Its name in addresses: written like an organisation's short name.
    pub name: OrgName,
    /// What people call it.
    pub title: String,
    /// Whose tools find it besides this organisation's own. The title may tell of a case: nobody else is told.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub readers: BTreeSet<OrgName>,
    /// Types of objects: `indicator`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub types: BTreeSet<String>,
    /// Kinds of values that the object holds: `ipv4`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kinds: BTreeSet<Kind>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub owners: BTreeSet<OrgName>,
    /// Words in the object's `labels`, whole and in any case: `botnet`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub words: BTreeSet<String>,
    /// The least `confidence`, 0 to 100 (STIX 2.1 section 3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// Who saved it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Since when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Timestamp>,
}

impl SavedQuery {
    /// A query of this name that holds everything.
    pub fn new(ctx: &Ctx, name: OrgName, title: &str) -> Self {
        Self {
            title: if title.trim().is_empty() { name.to_string() } else { title.trim().to_owned() },
            name,
            readers: BTreeSet::new(),
            types: BTreeSet::new(),
            kinds: BTreeSet::new(),
            owners: BTreeSet::new(),
            words: BTreeSet::new(),
            confidence: None,
            by: ctx.actor.clone(),
            at: ctx.now(),
            removed: None,
        }
    }

    /// Whether an object's body must be read to tell.
    fn reads_bodies(&self) -> bool {
        !self.kinds.is_empty() || !self.words.is_empty() || self.confidence.is_some()
    }

    /// Whether it asks for the same, whoever may read it.
    fn asks_the_same(&self, other: &Self) -> bool {
        let asked = |query: &Self| {
            (query.types.clone(), query.kinds.clone(), query.owners.clone(), query.words.clone(), query.confidence)
        };
        asked(self) == asked(other)
    }
}

/// The saved queries that were read, with what they hold.
#[derive(Debug, Default)]
pub(crate) struct Saved(Mutex<HashMap<OrgName, Arc<Matches>>>);

/// The positions of what one saved query holds, of any version: a bit a position, read from the log as far as it
/// was asked for.
#[derive(Debug)]
pub(crate) struct Matches {
    query: SavedQuery,
    found: RwLock<Bits>,
    /// Held by whoever reads on.
    reading: Mutex<()>,
}

#[derive(Debug, Default)]
struct Bits {
    words: Vec<u64>,
    read: Position,
}

impl Bits {
    fn add(&mut self, position: Position) {
        let at = usize::try_from(position.0 / 64).unwrap_or(usize::MAX);
        if self.words.len() <= at {
            self.words.resize(at + 1, 0);
        }
        if let Some(word) = self.words.get_mut(at) {
            *word |= 1 << (position.0 % 64);
        }
    }

    fn has(&self, position: Position) -> bool {
        let word = usize::try_from(position.0 / 64).ok().and_then(|at| self.words.get(at));
        word.is_some_and(|word| word & 1 << (position.0 % 64) != 0)
    }

    /// The next position after one, at most `until`.
    fn next(&self, after: Position, until: Position) -> Option<Position> {
        let first = after.0 + 1;
        let mut at = usize::try_from(first / 64).ok()?;
        let mut word = self.words.get(at)? & u64::MAX << (first % 64);
        while word == 0 {
            at += 1;
            word = *self.words.get(at)?;
        }
        let found = Position(at as u64 * 64 + u64::from(word.trailing_zeros()));
        (found <= until).then_some(found)
    }
}

impl Matches {
    pub(crate) fn has(&self, position: Position) -> bool {
        self.found.read().has(position)
    }

    /// The positions it holds after one, in order, at most `until` and so many.
    pub(crate) fn some(&self, after: Position, until: Position, most: usize) -> Vec<Position> {
        let bits = self.found.read();
        std::iter::successors(bits.next(after, until), |last| bits.next(*last, until)).take(most).collect()
    }
}

impl Node {
    /// Saves a query under its name, in place of one that was there.
    ///
    /// # Errors
    /// When the name is taken by something else, a reader is no peer, or it asks for nothing in particular.
    pub fn save_query(&self, ctx: &Ctx, query: &SavedQuery) -> Result<(), NodeError> {
        self.may(ctx, Act::Collections, json!({"query": query.name}))?;
        let name = query.name.as_str();
        if RESERVED.contains(&name) || name.starts_with("agreement-") {
            return Err(NodeError::Refused(format!("{name} is the name of another collection; choose another")));
        }
        let nothing = query.types.is_empty() && query.owners.is_empty() && !query.reads_bodies();
        if nothing {
            let why = "a saved query asks for something: types, kinds of values, owners, words or a confidence";
            return Err(NodeError::Refused(why.into()));
        }
        query.readers.iter().try_for_each(|reader| self.known_peer(reader).map(drop))?;
        self.decide(ctx, &key(&query.name), query, Deed::decision("query saved", json!({"query": query})))
    }

    /// Every saved query, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn saved_queries(&self) -> Result<Vec<SavedQuery>, NodeError> {
        let mut all: Vec<SavedQuery> = self.settings(PREFIX)?;
        all.retain(|query| query.removed.is_none());
        Ok(all)
    }

    /// Takes a saved query away: nobody finds its collection any more.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn remove_query(&self, ctx: &Ctx, name: &OrgName) -> Result<(), NodeError> {
        self.may(ctx, Act::Collections, json!({"query": name}))?;
        let known = self.setting::<SavedQuery>(&key(name))?.filter(|query| query.removed.is_none());
        let Some(mut query) = known else {
            let why = format!("there is no saved query {name}; list them with `comity collection list`");
            return Err(NodeError::Refused(why));
        };
        query.removed = Some(ctx.now());
        self.saved.0.lock().remove(name);
        let deed = Deed::decision("saved query removed", json!({"query": query}));
        self.decide(ctx, &key(name), &query, deed)
    }

    /// What a saved query holds, as far as it was read.
    pub(crate) fn matches(&self, query: &SavedQuery) -> Arc<Matches> {
        let mut known = self.saved.0.lock();
        if let Some(matches) = known.get(&query.name).filter(|matches| matches.query.asks_the_same(query)) {
            return Arc::clone(matches);
        }
        let matches = Matches { query: query.clone(), found: RwLock::default(), reading: Mutex::default() };
        let matches = Arc::new(matches);
        known.insert(query.name.clone(), Arc::clone(&matches));
        matches
    }

    /// Reads the log on for every saved query, a bounded piece at a time, so that whoever reads the collections finds
    /// them ready. Returns whether there is more to read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn read_for_saved(&self) -> Result<bool, NodeError> {
        let mut more = false;
        for query in self.saved_queries()? {
            let matches = self.matches(&query);
            let reading = matches.reading.lock();
            more |= !self.read_piece(&matches, self.position(), PIECE, &reading)?;
        }
        Ok(more)
    }

    /// Sees to it that everything up to a position was read.
    ///
    /// # Errors
    /// [`NodeError::Behind`] when there is more to read than a request waits for: asked again, it goes on from there.
    pub(crate) fn matched_up_to(&self, matches: &Matches, until: Position) -> Result<(), NodeError> {
        if matches.found.read().read >= until {
            return Ok(());
        }
        // Where somebody reads a long way on, nobody stands behind him and keeps others from being served.
        if let Some(reading) = matches.reading.try_lock_for(PATIENCE)
            && self.read_piece(matches, until, SHORT, &reading)?
        {
            return Ok(());
        }
        Err(NodeError::Behind { position: matches.found.read().read, goal: until })
    }

    /// Reads at most so many positions on. Whether it has reached the position.
    fn read_piece(
        &self,
        matches: &Matches,
        until: Position,
        most: usize,
        _reading: &MutexGuard<'_, ()>,
    ) -> Result<bool, NodeError> {
        let mut left = most;
        loop {
            let from = matches.found.read().read;
            if from >= until {
                return Ok(true);
            }
            if left == 0 {
                return Ok(false);
            }
            let rows = self.store.scan(from, PAGE, matches.query.reads_bodies())?;
            let mut found = Vec::new();
            for row in &rows {
                if self.matches_query(&matches.query, row)? {
                    found.push(row.position);
                }
            }
            let mut bits = matches.found.write();
            for position in found {
                bits.add(position);
            }
            bits.read = if rows.len() < PAGE { until } else { rows.last().map_or(until, |row| row.position) };
            left = left.saturating_sub(PAGE);
        }
    }

    fn matches_query(&self, query: &SavedQuery, row: &Version) -> Result<bool, NodeError> {
        if row.op != Op::Put || !named(&query.types, row.id.kind.as_str()) {
            return Ok(false);
        }
        if !query.owners.is_empty() && !query.owners.contains(&self.owner_of(row.label)?) {
            return Ok(false);
        }
        if !query.reads_bodies() {
            return Ok(true);
        }
        // What was erased holds nothing.
        let Ok(doc) = Doc::parse(&row.raw, self.reader.depth()) else { return Ok(false) };
        let root = doc.root();
        let confident =
            |least: u8| root.get("confidence").and_then(comity_stix::Node::as_i64) >= Some(i64::from(least));
        if !query.confidence.is_none_or(confident) {
            return Ok(false);
        }
        let mut labels = root.get("labels").into_iter().flat_map(comity_stix::Node::items);
        let said = |label: &str| query.words.iter().any(|word| word.eq_ignore_ascii_case(label));
        if !query.words.is_empty() && !labels.any(|label| label.as_str().is_some_and(said)) {
            return Ok(false);
        }
        let mut holds = query.kinds.is_empty();
        if !holds {
            let mut scratch = String::new();
            self.reader.each_value(root, &mut scratch, &mut |kind, _, _| holds |= query.kinds.contains(&kind));
        }
        Ok(holds)
    }
}

fn named(names: &BTreeSet<String>, name: &str) -> bool {
    names.is_empty() || names.contains(name)
}

fn key(name: &OrgName) -> String {
    format!("{PREFIX}{name}")
}

const PREFIX: &str = "saved/";
/// Names of other collections.
const RESERVED: &[&str] = &["all", "everything", "inbox"];
/// Positions read at once.
const PAGE: usize = 4_096;
/// Positions that are read in one piece beside requests.
const PIECE: usize = 16 * PAGE;
/// Most positions that one request reads on.
const SHORT: usize = 4 * PAGE;
/// How long a request waits for somebody else who reads.
const PATIENCE: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_give_back_what_was_added_in_order() {
        let mut bits = Bits::default();
        let added = [1, 63, 64, 65, 1_000, 70_000].map(Position);
        for position in added {
            bits.add(position);
        }
        let walk = |after: u64, until: u64| {
            let (after, until) = (Position(after), Position(until));
            std::iter::successors(bits.next(after, until), |last| bits.next(*last, until)).collect::<Vec<_>>()
        };
        assert_eq!(walk(0, u64::MAX), added);
        assert_eq!(walk(1, 999), [63, 64, 65].map(Position));
        assert_eq!(walk(70_000, u64::MAX), []);
        assert!(bits.has(Position(64)) && !bits.has(Position(62)) && !bits.has(Position(1 << 40)));
    }
}
