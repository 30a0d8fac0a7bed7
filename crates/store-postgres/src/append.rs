use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::lanes::Transaction;
use comity_base::Position;
use comity_store::{
    BatchId, Body, Candidate, Deduplicator, Found, LabelId, NewVersion, Op, Outcome, Place, Rows, StoreError,
};
use tokio_postgres::types::ToSql;

use crate::batches::{is_open, lock};
use crate::db::{Failure, number, signed};
use crate::engine::Engine;
use crate::log::Stretch;
use crate::open::Open;
use crate::originals::insert_pieces;
use crate::reading::Fetched;
use crate::run::{chunk, pack_found, pack_keys, pack_labels};

impl Engine {
    pub(crate) async fn append(
        &self,
        batch: BatchId,
        versions: &[NewVersion],
        found: &Found<'_>,
    ) -> Result<Vec<Outcome>, StoreError> {
        let mut open = self.open(batch).await?;
        let visible = self.refresh().await?;
        self.catch_up(visible).await?;
        let mut kinds = Vec::with_capacity(versions.len());
        for new in versions {
            kinds.push(self.intern_kind(&new.id.kind).await?.cast_signed());
        }
        if versions.iter().any(|new| self.names.owner(new.label).is_none()) {
            self.load_names().await?;
        }
        let keys: Vec<u64> = versions.iter().map(|new| self.key(&new.id)).collect();
        let mut rows = self.candidates(&open, visible, versions, &keys).await?;
        let last = Place::Here(open.count);
        let (outcomes, entries) = Deduplicator::new(&mut rows, versions, &keys)?.sort_out(last)?;
        drop(rows);
        let new = Columns::new(batch, versions, &kinds, &outcomes);
        let run = Run::new(open.count, &keys, versions, &outcomes, found);
        self.store(&open, &new, &run).await?;
        open.pieces.written();
        open.count += entries.len() as u64;
        let count = open.count;
        open.ids.add(entries, count)?;
        self.train_when_due(&open, visible).await;
        Ok(outcomes)
    }

    pub(crate) async fn store(&self, open: &Open, new: &Columns<'_>, run: &Run) -> Result<(), StoreError> {
        let (before, after) = (signed(open.count), signed(open.count) + new.rows());
        let id = signed(open.id.0);
        self.db
            .transaction("append", async |tx, is_repeated| {
                is_open(open.id, lock(tx, open.id, &open.process).await?)?;
                let rows = tx.query("SELECT count FROM batch WHERE id = $1", &[&id]).await?;
                let count = rows.first().map(|row| number(row, 0)).transpose()?.unwrap_or_default();
                if is_repeated && count == after.cast_unsigned() && after > before {
                    return Ok(());
                }
                if count != before.cast_unsigned() {
                    let why = format!("has {count} versions in the store where this process counted {before}");
                    return Err(StoreError::BatchState { batch: open.id, why }.into());
                }
                if after > before {
                    tx.execute("UPDATE batch SET count = $2 WHERE id = $1", &[&id, &after]).await?;
                    new.insert(tx).await?;
                    run.insert(tx, open.id, after, self.key_id()).await?;
                }
                insert_pieces(tx, open.pieces.ready()).await
            })
            .await
    }

    /// What of the log these versions must be compared with, fetched at once.
    async fn candidates<'a>(
        &'a self,
        open: &'a Open,
        visible: u64,
        versions: &[NewVersion],
        keys: &[u64],
    ) -> Result<StoredRows<'a>, StoreError> {
        let mut rows = StoredRows { engine: self, open, visible, rows: HashMap::new(), bodies: HashMap::new() };
        let mut known = Vec::new();
        rows.known(keys, &mut known);
        let asked: HashSet<u64> = keys.iter().zip(&known).filter(|(_, known)| **known).map(|(key, _)| *key).collect();
        let mut places: Vec<Place> =
            asked.into_iter().flat_map(|key| rows.newest(key, Deduplicator::<StoredRows<'_>>::LOOKED_AT)).collect();
        if places.is_empty() {
            return Ok(rows);
        }
        places.sort_unstable_by_key(|place| (matches!(place, Place::Here(_)), place.number()));
        for (place, fetched) in self.at(open, &places, false).await? {
            rows.rows.insert(place, fetched);
        }
        let wanted = versions.iter().zip(keys).flat_map(|(new, key)| {
            let places = rows.newest(*key, Deduplicator::<StoredRows<'_>>::LOOKED_AT).into_iter();
            places.filter(|place| {
                let row = rows.rows.get(place);
                row.is_some_and(|row| row.uuid == new.id.uuid && row.modified == new.modified && row.label == new.label)
            })
        });
        let mut wanted: Vec<Place> = wanted.collect::<HashSet<_>>().into_iter().collect();
        wanted.sort_unstable_by_key(|place| (matches!(place, Place::Here(_)), place.number()));
        for (place, fetched) in self.at(open, &wanted, true).await? {
            let Some(body) = fetched.body else { continue };
            if !self.packer.knows(body.dictionary) {
                self.load_dictionaries().await?;
            }
            rows.bodies.insert(place, body);
        }
        Ok(rows)
    }

    /// The rows at these places, as far as they are there.
    async fn at(&self, open: &Open, places: &[Place], bodies: bool) -> Result<Vec<(Place, Fetched)>, StoreError> {
        let stretch = |place: &Place| match place {
            Place::At(position) => self.log.read().at(position.0),
            Place::Here(n) => Some(Stretch::puts(open.id.0, n - 1, *n, 0)),
        };
        let (places, stretches): (Vec<Place>, Vec<Stretch>) =
            places.iter().filter_map(|place| Some((*place, stretch(place)?))).unzip();
        let rows = self.fetch(&stretches, bodies).await?;
        Ok(places.into_iter().zip(rows).filter_map(|(place, rows)| Some((place, rows.into_iter().next()?))).collect())
    }
}

/// The log and the open batch as the deduplication looks into them; what it needs was fetched before.
struct StoredRows<'a> {
    engine: &'a Engine,
    open: &'a Open,
    visible: u64,
    rows: HashMap<Place, Fetched>,
    bodies: HashMap<Place, Body>,
}

impl Rows for StoredRows<'_> {
    fn known(&self, keys: &[u64], out: &mut Vec<bool>) {
        self.engine.ids.known(keys, out);
        self.open.ids.mark_known(keys, out);
    }

    fn newest(&self, key: u64, most: usize) -> Vec<Place> {
        let here = self.open.ids.newest(key, most).into_iter().map(Place::Here);
        let stored = self.engine.ids.newest(key, most).into_iter().filter(|at| *at <= self.visible);
        here.chain(stored.map(|at| Place::At(Position(at)))).take(most).collect()
    }

    fn row(&mut self, place: Place, new: &NewVersion) -> Result<Option<Candidate>, StoreError> {
        let Some(row) = self.rows.get(&place).filter(|row| row.uuid == new.id.uuid) else { return Ok(None) };
        if self.engine.names.kind_number(&new.id.kind) != Some(row.kind) {
            return Ok(None);
        }
        let (op, is_dead) = match place {
            Place::Here(_) => (Op::Put, false),
            Place::At(position) => {
                let log = self.engine.log.read();
                let Some(stretch) = log.at(position.0) else { return Ok(None) };
                (stretch.op(row.n), !log.counts(stretch.batch) || log.is_withdrawn(position.0))
            }
        };
        Ok(Some(Candidate { op, modified: row.modified, label: row.label, is_dead }))
    }

    fn body(&mut self, place: Place) -> Result<Body, StoreError> {
        let found = self.bodies.get(&place).cloned();
        found.ok_or_else(|| StoreError::Damaged(format!("the body at {place:?} is missing")))
    }

    fn unpack(&mut self, body: &Body) -> Result<Arc<[u8]>, StoreError> {
        self.engine.packer.unpack(body)
    }

    fn owner(&self, label: LabelId) -> Option<u32> {
        self.engine.names.owner(label)
    }
}

/// The new rows of `object`, column by column: one statement takes them all.
#[derive(Default)]
pub(crate) struct Columns<'a> {
    batch: i64,
    chunks: Vec<i64>,
    ns: Vec<i64>,
    kinds: Vec<i32>,
    uuids: Vec<uuid::Uuid>,
    modified: Vec<i64>,
    labels: Vec<i32>,
    sources: Vec<i64>,
    places: Vec<i64>,
    dicts: Vec<i32>,
    bodies: Vec<&'a [u8]>,
}

impl<'a> Columns<'a> {
    fn new(batch: BatchId, versions: &'a [NewVersion], kinds: &[i32], outcomes: &[Outcome]) -> Self {
        let mut columns = Self { batch: signed(batch.0), ..Self::default() };
        for ((new, kind), outcome) in versions.iter().zip(kinds).zip(outcomes) {
            if let Outcome::Added { place, .. } = outcome {
                columns.push(place.number(), new, *kind, &new.body);
            }
        }
        columns
    }

    /// Without rows yet.
    pub(crate) fn of(batch: BatchId) -> Self {
        Self { batch: signed(batch.0), ..Self::default() }
    }

    pub(crate) fn push(&mut self, n: u64, new: &NewVersion, kind: i32, body: &'a Body) {
        self.chunks.push(chunk(self.batch.cast_unsigned(), n));
        self.ns.push(signed(n));
        self.kinds.push(kind);
        self.uuids.push(new.id.uuid);
        self.modified.push(new.modified.as_micros());
        self.labels.push(new.label.0.cast_signed());
        self.sources.push(signed(new.source.0));
        self.places.push(signed(new.offset));
        self.dicts.push(body.dictionary.cast_signed());
        self.bodies.push(&body.bytes);
    }

    fn rows(&self) -> i64 {
        i64::try_from(self.ns.len()).unwrap_or(i64::MAX)
    }

    pub(crate) async fn insert(&self, tx: &Transaction<'_>) -> Result<(), Failure> {
        let row: [&(dyn ToSql + Sync); 11] = [
            &self.batch,
            &self.chunks,
            &self.ns,
            &self.kinds,
            &self.uuids,
            &self.modified,
            &self.labels,
            &self.sources,
            &self.places,
            &self.dicts,
            &self.bodies,
        ];
        tx.execute(INSERT, &row).await.map(drop)
    }
}

/// What an append leaves for followers.
pub(crate) struct Run {
    count: i32,
    ids: Vec<u8>,
    labels: Vec<u8>,
    reading: i64,
    found: Vec<u8>,
}

impl Run {
    fn new(before: u64, keys: &[u64], versions: &[NewVersion], outcomes: &[Outcome], found: &Found<'_>) -> Self {
        let stored: Vec<Option<u32>> = outcomes
            .iter()
            .map(|outcome| match outcome {
                Outcome::Added { place, .. } => u32::try_from(place.number() - before - 1).ok(),
                Outcome::Unchanged(_) => None,
            })
            .collect();
        let added = |at: &usize| stored.get(*at).is_some_and(Option::is_some);
        let places: Vec<usize> = (0..versions.len()).filter(added).collect();
        Self {
            count: i32::try_from(places.len()).unwrap_or(i32::MAX),
            ids: pack_keys(places.iter().filter_map(|at| keys.get(*at).copied())),
            labels: pack_labels(places.iter().filter_map(|at| versions.get(*at)).map(|new| new.label)),
            reading: signed(found.reading),
            found: pack_found(found, &stored),
        }
    }

    /// One for versions that are all stored.
    pub(crate) fn whole(keys: &[u64], labels: impl Iterator<Item = LabelId>, found: &Found<'_>) -> Self {
        let stored: Vec<Option<u32>> = (0..keys.len()).map(|at| u32::try_from(at).ok()).collect();
        Self {
            count: i32::try_from(keys.len()).unwrap_or(i32::MAX),
            ids: pack_keys(keys.iter().copied()),
            labels: pack_labels(labels),
            reading: signed(found.reading),
            found: pack_found(found, &stored),
        }
    }

    /// Inserts it as the one that ends with the `last`-th version of the batch.
    pub(crate) async fn insert(
        &self,
        tx: &Transaction<'_>,
        batch: BatchId,
        last: i64,
        key_id: i64,
    ) -> Result<(), Failure> {
        let sql = "INSERT INTO run (chunk, batch, last, count, key_id, ids, labels, reading, found) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
        let (at, batch) = (chunk(batch.0, 0), signed(batch.0));
        let row: [&(dyn ToSql + Sync); 9] =
            [&at, &batch, &last, &self.count, &key_id, &self.ids, &self.labels, &self.reading, &self.found];
        tx.execute(sql, &row).await.map(drop)
    }
}

const INSERT: &str = "INSERT INTO object (chunk, batch, n, kind, uuid, modified, label, source, place, dict, body) \
                      SELECT v.chunk, $1, v.n, v.kind, v.uuid, v.modified, v.label, v.source, v.place, v.dict, v.body \
                      FROM unnest($2::bigint[], $3::bigint[], $4::int[], $5::uuid[], $6::bigint[], $7::int[], \
                      $8::bigint[], $9::bigint[], $10::int[], $11::bytea[]) \
                      AS v(chunk, n, kind, uuid, modified, label, source, place, dict, body) ON CONFLICT DO NOTHING";
