use std::collections::{HashMap, VecDeque};

use comity_base::{Position, Timestamp};
use comity_store::{BatchId, LabelId, NewVersion, Outcome, StoreError};
use rusqlite::{Connection, Statement, TransactionBehavior, params};

use crate::batches::advance;
use crate::engine::{Doing as _, Engine, maybe_number, signed};
use crate::reading::{RESTORE, TOMBSTONE};
use crate::writer::Writer;

impl Engine {
    pub(crate) fn append(
        &self,
        writer: &mut Writer,
        batch: BatchId,
        versions: &[NewVersion],
    ) -> Result<Vec<Outcome>, StoreError> {
        let open = writer.open(batch)?;
        let what = || format!("append to batch {batch}");
        self.catch_up(&writer.db, open.last)?;
        let prepared = self.prepare(&writer.db, versions)?;
        let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
        let (outcomes, entries) = {
            let mut deduplicator = Deduplicator::new(self, &tx, versions, &prepared)?;
            let outcomes = deduplicator.sort_out(open.last)?;
            (outcomes, deduplicator.entries)
        };
        insert(&tx, versions, &prepared, &outcomes).doing(what)?;
        let last = open.last + entries.len() as u64;
        if last > open.last {
            advance(&tx, batch, last).doing(what)?;
        }
        writer.chunks.write(&tx).doing(what)?;
        tx.commit().doing(what)?;
        writer.chunks.written();
        if let Some(open) = &mut writer.open {
            open.last = last;
        }
        if let Some(head) = &self.head {
            head.set_last(last);
        }
        // The rows are kept already: an index that cannot follow now is caught up by the next call.
        let _ = self.ids.apply(&entries, last);
        self.train_when_due(writer);
        Ok(outcomes)
    }

    /// What is needed of every version before the transaction: small numbers for its type and owner, and its key.
    fn prepare(&self, db: &Connection, versions: &[NewVersion]) -> Result<Vec<Prepared>, StoreError> {
        let prepare = |new: &NewVersion| {
            let kind = self.names.intern_kind(db, &new.id.kind)?;
            let unknown = || StoreError::engine("append a version", format!("label {} was never interned", new.label));
            let owner = self.names.owner(new.label).ok_or_else(unknown)?;
            Ok(Prepared { kind, owner, key: self.key(&new.id) })
        };
        versions.iter().map(prepare).collect()
    }
}

struct Prepared {
    kind: u32,
    owner: u32,
    key: u64,
}

/// Finds out which versions are already there, in the log or earlier in the same call.
struct Deduplicator<'a> {
    engine: &'a Engine,
    db: &'a Connection,
    versions: &'a [NewVersion],
    prepared: &'a [Prepared],
    rows: Statement<'a>,
    bodies: Statement<'a>,
    /// For each key the newest version of this call that was accepted, and for each accepted one the one before it.
    newest: HashMap<u64, usize>,
    before: Vec<Option<usize>>,
    /// Positions of the accepted versions of this call.
    places: Vec<u64>,
    entries: Vec<(u64, Position)>,
}

/// One row that may be of the same line.
struct Row {
    position: u64,
    op: i64,
    target: u64,
    modified: Timestamp,
    label: LabelId,
    owner: Option<u32>,
}

enum Found {
    Fresh,
    Revised,
    Same(u64),
}

impl<'a> Deduplicator<'a> {
    fn new(
        engine: &'a Engine,
        db: &'a Connection,
        versions: &'a [NewVersion],
        prepared: &'a [Prepared],
    ) -> Result<Self, StoreError> {
        let what = || "look for versions already there".to_owned();
        Ok(Self {
            engine,
            db,
            versions,
            prepared,
            rows: db
                .prepare("SELECT kind, uuid, op, target, modified, label FROM object WHERE seq = ?1")
                .doing(what)?,
            bodies: db.prepare("SELECT dict, body FROM object WHERE seq = ?1").doing(what)?,
            newest: HashMap::with_capacity(versions.len()),
            before: vec![None; versions.len()],
            places: vec![0; versions.len()],
            entries: Vec::with_capacity(versions.len()),
        })
    }

    fn sort_out(&mut self, mut last: u64) -> Result<Vec<Outcome>, StoreError> {
        let keys: Vec<u64> = self.prepared.iter().map(|p| p.key).collect();
        let mut known = Vec::new();
        self.engine.ids.known(&keys, &mut known);
        let mut outcomes = Vec::with_capacity(self.versions.len());
        for (at, (key, known)) in keys.into_iter().zip(known).enumerate() {
            let earlier = self.newest.get(&key).copied();
            let found = if known || earlier.is_some() { self.look(at, earlier, known)? } else { Found::Fresh };
            let revised = match found {
                Found::Same(position) => {
                    outcomes.push(Outcome::Unchanged(Position(position)));
                    continue;
                }
                Found::Revised => true,
                Found::Fresh => false,
            };
            last += 1;
            let position = Position(last);
            self.newest.insert(key, at);
            if let (Some(before), Some(place)) = (self.before.get_mut(at), self.places.get_mut(at)) {
                (*before, *place) = (earlier, last);
            }
            self.entries.push((key, position));
            outcomes.push(Outcome::Added { position, revised });
        }
        Ok(outcomes)
    }

    /// Goes through the rows about the id, newest first, to the newest live one of the same owner and `modified`.
    fn look(&mut self, at: usize, earlier: Option<usize>, known: bool) -> Result<Found, StoreError> {
        let (Some(new), Some(prepared)) = (self.versions.get(at), self.prepared.get(at)) else {
            return Ok(Found::Fresh);
        };
        let mut any = false;
        let mut left = LOOKED_AT;
        let mut here = earlier;
        while let Some(other) = here.filter(|_| left > 0).and_then(|place| self.versions.get(place)) {
            left -= 1;
            if other.id == new.id {
                any = true;
                let owner = here.and_then(|place| self.prepared.get(place)).map(|p| p.owner);
                if owner == Some(prepared.owner) && other.modified == new.modified {
                    let same =
                        other.label == new.label && self.same_bytes(new, other.body.dictionary, &other.body.bytes)?;
                    let place = here.and_then(|place| self.places.get(place)).copied().unwrap_or_default();
                    return Ok(if same { Found::Same(place) } else { Found::Revised });
                }
            }
            here = here.and_then(|place| self.before.get(place).copied().flatten());
        }
        let mut decided: Vec<(u64, bool)> = Vec::new();
        let stored = if known { self.engine.ids.newest(prepared.key, left) } else { VecDeque::default() };
        for position in stored {
            let Some(row) = self.row(position, new, prepared.kind)? else { continue };
            any = true;
            if row.op != PUT {
                decided.push((row.target, row.op == RESTORE));
                continue;
            }
            let live = decided.iter().find(|(target, _)| *target == row.position).is_none_or(|(_, live)| *live);
            if live && row.owner == Some(prepared.owner) && row.modified == new.modified {
                let same = row.label == new.label && self.same_as_stored(new, row.position)?;
                return Ok(if same { Found::Same(row.position) } else { Found::Revised });
            }
        }
        Ok(if any { Found::Revised } else { Found::Fresh })
    }

    /// The row at a position when it is about this id.
    fn row(&mut self, position: u64, new: &NewVersion, kind: u32) -> Result<Option<Row>, StoreError> {
        let what = || format!("read row {position}");
        let mut rows = self.rows.query([signed(position)]).doing(what)?;
        let Some(row) = rows.next().doing(what)? else { return Ok(None) };
        let uuid = row.get_ref(1).doing(what)?.as_blob().map_err(|e| StoreError::engine(what(), e))?;
        if row.get::<_, u32>(0).doing(what)? != kind || uuid != new.id.uuid.as_bytes() {
            return Ok(None);
        }
        let label = LabelId(row.get(5).doing(what)?);
        Ok(Some(Row {
            position,
            op: row.get::<_, Option<i64>>(2).doing(what)?.unwrap_or(PUT),
            target: maybe_number(row, 3).doing(what)?.unwrap_or_default(),
            modified: Timestamp::from_micros(row.get(4).doing(what)?),
            label,
            owner: self.engine.names.owner(label),
        }))
    }

    fn same_as_stored(&mut self, new: &NewVersion, position: u64) -> Result<bool, StoreError> {
        let what = || format!("read the body at {position}");
        let (dictionary, bytes): (u32, Vec<u8>) =
            self.bodies.query_row([signed(position)], |row| Ok((row.get(0)?, row.get(1)?))).doing(what)?;
        self.same_bytes(new, dictionary, &bytes)
    }

    fn same_bytes(&self, new: &NewVersion, dictionary: u32, bytes: &[u8]) -> Result<bool, StoreError> {
        if dictionary == new.body.dictionary && bytes == new.body.bytes {
            return Ok(true);
        }
        let stored = self.engine.unpack(self.db, dictionary, bytes)?;
        Ok(stored == self.engine.unpack(self.db, new.body.dictionary, &new.body.bytes)?)
    }
}

fn insert(
    db: &Connection,
    versions: &[NewVersion],
    prepared: &[Prepared],
    outcomes: &[Outcome],
) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO object (seq, kind, uuid, modified, label, source, place, dict, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for ((new, prepared), outcome) in versions.iter().zip(prepared).zip(outcomes) {
        let Outcome::Added { position, .. } = outcome else { continue };
        statement.execute(params![
            signed(position.0),
            prepared.kind,
            new.id.uuid.as_bytes().as_slice(),
            new.modified.as_micros(),
            new.label.0,
            signed(new.source.0),
            signed(new.offset),
            new.body.dictionary,
            new.body.bytes,
        ])?;
    }
    Ok(())
}

/// An operation that is neither tombstone nor restoration.
const PUT: i64 = 0;
const _: () = assert!(PUT != TOMBSTONE && PUT != RESTORE, "three operations, three numbers");
/// Rows about one id that are looked at, newest first, before a version counts as new.
const LOOKED_AT: usize = 64;
