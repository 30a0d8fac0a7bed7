use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use comity_base::{Position, Timestamp};
use comity_crypto::{Fingerprinter, hex};
use comity_stix::ObjectId;
use comity_store::{
    BatchId, BatchInfo, BatchRecord, BatchStart, Change, Counts, Found, Head, Ids, KeptEntry, LabelId, Log as Year,
    Names, NewEntry, NewVersion, Original, OriginalId, Outcome, Packer, Piece, Rejected, Store, StoreError, Traces,
    TransactionMetrics, Undone, Version, Written,
};
use parking_lot::RwLock;

use crate::Options;
use crate::db::Db;
use crate::engine::Engine;
use crate::follow::Bell;
use crate::keeper::{Keeper, Life};
use crate::log::Log;
use crate::open::Opens;
use crate::schema::{MIGRATIONS, Migration, check, migrate};

/// A store in PostgreSQL, as one process sees it.
pub struct PostgresStore {
    keeper: Option<Keeper>,
    engine: Arc<Engine>,
    options: Options,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresStore({})", self.engine.identity)
    }
}

impl PostgresStore {
    /// Opens the store for reading and writing, and makes its tables when there are none. Any number of
    /// processes may do so.
    ///
    /// # Errors
    /// When the server cannot be reached, a newer program changed the schema so that this one must not use it,
    /// or the cache folder cannot be used.
    pub fn open(options: Options, fingerprinter: Fingerprinter) -> Result<Self, StoreError> {
        Self::open_as(options, fingerprinter, true, MIGRATIONS)
    }

    /// Opens the store for reading only.
    ///
    /// # Errors
    /// As [`Self::open`], and when there is no store.
    pub fn open_read_only(options: Options, fingerprinter: Fingerprinter) -> Result<Self, StoreError> {
        Self::open_as(options, fingerprinter, false, MIGRATIONS)
    }

    pub(crate) fn open_as(
        options: Options,
        fingerprinter: Fingerprinter,
        writes: bool,
        migrations: &[Migration],
    ) -> Result<Self, StoreError> {
        let engine = Arc::new(prepare(&options, fingerprinter, writes, migrations)?);
        let keeper = engine.life.clone().map(|life| Keeper::start(Arc::clone(&engine), life));
        let keeper = keeper.transpose().map_err(|error| StoreError::engine("start its threads", error))?;
        Ok(Self { keeper, engine, options })
    }

    /// The name under which this process writes; empty before it began anything.
    pub fn process(&self) -> String {
        self.engine.life.as_ref().map(|life| life.name()).unwrap_or_default()
    }

    /// Gives up at once what a process left open that is known to be gone, instead of waiting until it has been
    /// silent for long enough. A process that is not gone finds its batches given up.
    ///
    /// # Errors
    /// When the store fails.
    pub fn bury(&self, process: &str) -> Result<(), StoreError> {
        self.block(self.engine.bury(process))
    }

    fn block<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.engine.db.lanes.run(work)
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        drop(self.keeper.take());
        // What cannot be said now, the other processes find out by this one's silence.
        if self.engine.life.is_some() {
            let late = |_| StoreError::Unreachable { reason: "no answer in time".into() };
            let leave = async { tokio::time::timeout(LEAVE, self.engine.leave()).await.map_err(late)? };
            drop(self.block(leave));
        }
    }
}

fn prepare(
    options: &Options,
    fingerprinter: Fingerprinter,
    writes: bool,
    migrations: &[Migration],
) -> Result<Engine, StoreError> {
    let db = Db::new(options);
    let (identity, works) = db.lanes.run(async {
        if writes {
            migrate(&db, &options.schema, migrations).await?;
        } else {
            check(&db, migrations).await?;
        }
        let works = db.rows("ask for notifications", "SELECT to_regproc('pg_notify') IS NOT NULL", &[]).await;
        let works = works.is_ok_and(|rows| rows.first().is_some_and(|row| row.get(0)));
        Ok((identity(&db, writes).await?, works))
    })?;
    let cache = options.cache.join(&identity);
    let index = comity_index::Options::new(fingerprinter.key_id());
    let ids = Ids::open(&cache.join("ids"), index, options.owns_cache)?;
    let life =
        writes.then(|| Arc::new(Life::new(options.process.clone(), options.silence, options.cache.join("open"))));
    let engine = Engine {
        bell: Bell::new(&identity, works),
        db,
        identity,
        fingerprinter,
        packer: Packer::new(),
        names: Names::default(),
        ids,
        catching_up: tokio::sync::Mutex::default(),
        log: RwLock::new(Log::default()),
        opens: Opens::default(),
        trained: AtomicU64::new(0),
        life,
    };
    let visible = engine.db.lanes.run(async {
        engine.load_names().await?;
        engine.load_dictionaries().await?;
        engine.refresh().await
    })?;
    if engine.ids.applied() > visible {
        // The database was put back to an earlier state than this process's index.
        engine.ids.clear()?;
    }
    Ok(engine)
}

/// The store's own name, given to it when it is made.
async fn identity(db: &Db, writes: bool) -> Result<String, StoreError> {
    #[expect(clippy::disallowed_methods, reason = "it tells stores apart, nothing is derived from it")]
    let fresh = uuid::Uuid::new_v4();
    let fresh = fresh.as_bytes().get(..8).unwrap_or_default();
    // A millisecond before 1970, so that the first batch may be finished at any time since.
    let sql =
        "INSERT INTO store (one, id, visible, finished, imported) VALUES (1, $1, 0, -1000, 0) ON CONFLICT DO NOTHING";
    db.transaction("read its name", async |tx, _| {
        if writes {
            tx.execute(sql, &[&fresh]).await?;
        }
        let rows = tx.query("SELECT id FROM store", &[]).await?;
        let row = rows.first().ok_or_else(|| StoreError::Damaged("its head row is missing".into()))?;
        Ok(hex(row.try_get::<_, &[u8]>(0)?))
    })
    .await
}

impl Store for PostgresStore {
    fn identity(&self) -> Result<String, StoreError> {
        Ok(self.engine.identity.clone())
    }

    fn head(&self) -> Result<Head, StoreError> {
        let visible = Position(self.block(self.engine.refresh())?);
        Ok(Head { visible, last: visible })
    }

    fn wait(&self, after: Position, most: Duration) -> Result<Head, StoreError> {
        self.engine.bell.listen(&self.options);
        let asked = Instant::now();
        loop {
            let times = self.engine.bell.times();
            let head = self.head()?;
            let left = most.saturating_sub(asked.elapsed());
            if head.visible > after || left.is_zero() {
                return Ok(head);
            }
            self.engine.bell.wait(times, left);
        }
    }

    fn traces(&self, after: Position, reading: u64) -> Result<Option<Traces>, StoreError> {
        self.block(self.engine.traces(after, reading)).map(Some)
    }

    fn scan(&self, after: Position, limit: usize, bodies: bool) -> Result<Vec<Version>, StoreError> {
        self.block(self.engine.scan(after, limit, bodies))
    }

    fn get(&self, positions: &[Position]) -> Result<Vec<Option<Version>>, StoreError> {
        self.block(self.engine.get(positions))
    }

    fn versions(&self, id: &ObjectId) -> Result<Vec<Version>, StoreError> {
        Ok(self.versions_of(std::slice::from_ref(id))?.pop().unwrap_or_default())
    }

    fn versions_of(&self, ids: &[ObjectId]) -> Result<Vec<Vec<Version>>, StoreError> {
        self.block(self.engine.versions_of(ids))
    }

    fn position_at(&self, time: Timestamp) -> Result<Position, StoreError> {
        self.block(self.engine.position_at(time))
    }

    fn labels(&self, after: LabelId) -> Result<Vec<(LabelId, Arc<str>)>, StoreError> {
        self.block(self.engine.load_names())?;
        Ok(self.engine.names.labels_after(after))
    }

    fn batches(&self, before: Option<BatchId>, limit: usize) -> Result<Vec<BatchInfo>, StoreError> {
        self.block(self.engine.batches(before, limit))
    }

    fn batch(&self, id: BatchId) -> Result<Option<BatchInfo>, StoreError> {
        self.block(self.engine.batch(id))
    }

    fn batch_of(&self, position: Position) -> Result<Option<BatchInfo>, StoreError> {
        self.block(self.engine.batch_of(position))
    }

    fn rejected(&self, batch: Option<BatchId>) -> Result<Vec<Rejected>, StoreError> {
        self.block(self.engine.rejected(batch))
    }

    fn originals(&self, batch: BatchId) -> Result<Vec<Original>, StoreError> {
        self.block(self.engine.originals(batch))
    }

    fn find_original(&self, owner: &str, sha256: &[u8; 32]) -> Result<Option<BatchId>, StoreError> {
        self.block(self.engine.find_original(owner, sha256))
    }

    fn read_original(&self, id: OriginalId, out: &mut dyn Write) -> Result<(), StoreError> {
        self.block(self.engine.read_original(id, out))
    }

    fn value(&self, key: &str) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        self.block(self.engine.value(key))
    }

    fn values(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.block(self.engine.values(prefix))
    }

    fn logs(&self) -> Result<Vec<Year>, StoreError> {
        self.block(self.engine.logs())
    }

    fn entries(&self, from: u64, limit: usize, openings: bool) -> Result<Vec<KeptEntry>, StoreError> {
        self.block(self.engine.entries(from, limit, openings))
    }

    fn packer(&self) -> Packer {
        self.engine.packer.clone()
    }

    fn intern_label(&self, label: &str) -> Result<LabelId, StoreError> {
        if let Some(number) = self.engine.names.label_number(label) {
            Ok(number)
        } else {
            self.engine.life()?;
            self.block(self.engine.intern_label(label))
        }
    }

    fn begin(&self, start: &BatchStart) -> Result<BatchId, StoreError> {
        self.block(self.engine.begin(start, None))
    }

    fn add_original(&self, batch: BatchId, original: &Original) -> Result<OriginalId, StoreError> {
        self.block(self.engine.add_original(batch, original))
    }

    fn keep(&self, original: OriginalId, bytes: &[u8]) -> Result<(), StoreError> {
        self.block(self.engine.keep(original, bytes))
    }

    fn seal_original(&self, original: OriginalId, sha256: &[u8; 32], bytes: u64) -> Result<(), StoreError> {
        self.block(self.engine.seal_original(original, sha256, bytes))
    }

    fn append(&self, batch: BatchId, versions: &[NewVersion], found: Found<'_>) -> Result<Vec<Outcome>, StoreError> {
        self.block(self.engine.append(batch, versions, &found))
    }

    fn reject(&self, batch: BatchId, rejected: &[Rejected]) -> Result<(), StoreError> {
        self.block(self.engine.reject(batch, rejected))
    }

    fn mark_repaired(&self, batch: BatchId, index: u64, by: BatchId) -> Result<(), StoreError> {
        self.engine.life()?;
        self.block(self.engine.mark_repaired(batch, index, by))
    }

    fn forget_rejected(&self, batch: BatchId) -> Result<u64, StoreError> {
        self.engine.life()?;
        self.block(self.engine.forget_rejected(batch))
    }

    fn finish(&self, batch: BatchId, counts: &Counts, now: Timestamp) -> Result<BatchInfo, StoreError> {
        self.block(self.engine.finish(batch, counts, now))
    }

    fn abandon(&self, batch: BatchId) -> Result<(), StoreError> {
        self.block(self.engine.abandon(batch))
    }

    fn undo(&self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        self.block(self.engine.undo(batch, start, now))
    }

    fn withdraw(&self, targets: &[Position], start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        self.block(self.engine.withdraw(targets, start, now))
    }

    /// PostgreSQL keeps the version of a row that an update replaced until a plain `VACUUM` of the tables `object`,
    /// `original_chunk` and `setting`, autovacuum's or the administrator's; its transaction log and backups keep it for as
    /// long as they are kept. Until then it is out of this store's reach, not off the disk.
    fn erase(&self, positions: &[Position]) -> Result<u64, StoreError> {
        self.block(self.engine.erase(positions))
    }

    fn forget_originals(&self, originals: &[OriginalId]) -> Result<u64, StoreError> {
        self.engine.life()?;
        self.block(self.engine.forget_originals(originals))
    }

    fn note(&self, batch: BatchId, entries: &[NewEntry]) -> Result<(), StoreError> {
        self.block(async {
            self.engine.open(batch).await?.entries.extend_from_slice(entries);
            Ok(())
        })
    }

    fn write(&self, change: &Change<'_>) -> Result<Written, StoreError> {
        if !change.puts.is_empty() && !change.beside {
            self.engine.life()?;
        }
        self.block(self.engine.write(change))
    }

    fn set_openings(&self, openings: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        self.block(self.engine.set_openings(openings))
    }

    fn records(&self, after: BatchId, limit: usize) -> Result<Vec<BatchRecord>, StoreError> {
        self.block(self.engine.records(after, limit))
    }

    fn import(&self, piece: &Piece<'_>) -> Result<(), StoreError> {
        self.block(self.engine.import(piece))
    }

    fn transactions(&self) -> Vec<TransactionMetrics> {
        self.engine.db.metrics()
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.block(self.engine.check())
    }
}

/// How long a process that ends waits to say so.
const LEAVE: Duration = Duration::from_secs(5);
