use std::sync::Arc;

use comity_base::{Position, Timestamp};
use comity_store::{BatchId, Body, Candidate, Deduplicator, LabelId, NewVersion, Outcome, Place, Rows, StoreError};
use rusqlite::{Connection, Statement, TransactionBehavior, params};

use crate::batches::advance;
use crate::engine::{Doing as _, Engine, maybe_number, signed};
use crate::originals::WritePieces as _;
use crate::reading::op;
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
        let kinds: Vec<u32> =
            versions.iter().map(|new| self.intern_kind(&writer.db, &new.id.kind)).collect::<Result<_, _>>()?;
        let keys: Vec<u64> = versions.iter().map(|new| self.key(&new.id)).collect();
        let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
        let (outcomes, entries) = {
            let mut rows = StoredRows::new(self, &tx)?;
            Deduplicator::new(&mut rows, versions, &keys)?.sort_out(Place::At(Position(open.last)))?
        };
        insert(&tx, versions, &kinds, &outcomes).doing(what)?;
        let last = open.last + entries.len() as u64;
        if last > open.last {
            advance(&tx, batch, last).doing(what)?;
        }
        writer.pieces.write(&tx).doing(what)?;
        tx.commit().doing(what)?;
        writer.pieces.written();
        if let Some(open) = &mut writer.open {
            open.last = last;
        }
        if let Some(head) = &self.head {
            head.set_last(last);
        }
        let entries: Vec<_> = entries.into_iter().map(|(key, position)| (key, Position(position))).collect();
        // The rows are kept already: an index that cannot follow now is caught up by the next call.
        let _ = self.ids.apply(&entries, last);
        self.train_when_due(writer);
        Ok(outcomes)
    }
}

/// The log as the deduplication looks into it, row by row.
struct StoredRows<'a> {
    engine: &'a Engine,
    db: &'a Connection,
    rows: Statement<'a>,
    bodies: Statement<'a>,
}

impl<'a> StoredRows<'a> {
    fn new(engine: &'a Engine, db: &'a Connection) -> Result<Self, StoreError> {
        let what = || "look for versions already there".to_owned();
        let rows = "SELECT kind, uuid, op, target, modified, label FROM object WHERE seq = ?1";
        Ok(Self {
            engine,
            db,
            rows: db.prepare(rows).doing(what)?,
            bodies: db.prepare("SELECT dict, body FROM object WHERE seq = ?1").doing(what)?,
        })
    }
}

impl Rows for StoredRows<'_> {
    fn known(&self, keys: &[u64], out: &mut Vec<bool>) {
        self.engine.ids.known(keys, out);
    }

    fn newest(&self, key: u64, most: usize) -> Vec<Place> {
        self.engine.ids.newest(key, most).into_iter().map(|at| Place::At(Position(at))).collect()
    }

    fn row(&mut self, place: Place, new: &NewVersion) -> Result<Option<Candidate>, StoreError> {
        let position = place.number();
        let what = || format!("read row {position}");
        let Some(kind) = self.engine.names.kind_number(&new.id.kind) else { return Ok(None) };
        let mut rows = self.rows.query([signed(position)]).doing(what)?;
        let Some(row) = rows.next().doing(what)? else { return Ok(None) };
        let uuid = row.get_ref(1).doing(what)?.as_blob().map_err(|e| StoreError::engine(what(), e))?;
        if row.get::<_, u32>(0).doing(what)? != kind || uuid != new.id.uuid.as_bytes() {
            return Ok(None);
        }
        Ok(Some(Candidate {
            op: op(row.get(2).doing(what)?, maybe_number(row, 3).doing(what)?)?,
            modified: Timestamp::from_micros(row.get(4).doing(what)?),
            label: LabelId(row.get(5).doing(what)?),
            is_dead: false,
        }))
    }

    fn body(&mut self, place: Place) -> Result<Body, StoreError> {
        let position = place.number();
        let read = |row: &rusqlite::Row<'_>| Ok(Body { dictionary: row.get(0)?, bytes: row.get(1)? });
        self.bodies.query_row([signed(position)], read).doing(|| format!("read the body at {position}"))
    }

    fn unpack(&mut self, body: &Body) -> Result<Arc<[u8]>, StoreError> {
        self.engine.unpack(self.db, body.dictionary, &body.bytes)
    }

    fn owner(&self, label: LabelId) -> Option<u32> {
        self.engine.names.owner(label)
    }
}

fn insert(db: &Connection, versions: &[NewVersion], kinds: &[u32], outcomes: &[Outcome]) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO object (seq, kind, uuid, modified, label, source, place, dict, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for ((new, kind), outcome) in versions.iter().zip(kinds).zip(outcomes) {
        let Outcome::Added { place, .. } = outcome else { continue };
        statement.execute(params![
            signed(place.number()),
            kind,
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
