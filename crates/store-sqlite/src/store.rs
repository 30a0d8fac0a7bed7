use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use comity_base::{Position, Timestamp};
use comity_crypto::{Fingerprinter, hex};
use comity_stix::ObjectId;
use comity_store::{
    BatchId, BatchInfo, BatchRecord, BatchStart, Change, Counts, Found, Head, Ids, KeptEntry, LabelId, Log, Names,
    NewEntry, NewVersion, Original, OriginalId, Outcome, Packer, Piece, Rejected, Store, StoreError, Undone, Version,
    Written,
};
use parking_lot::{Mutex, MutexGuard};
use rusqlite::Connection;

use crate::connect::{self, Options, Readers, Recorder};
use crate::engine::{Doing as _, Engine, Published, stored_head};
use crate::lock::WriterLock;
use crate::writer::Writer;
use crate::{batches, erase, ledger, originals, schema, settings};

/// A store in one folder, kept by SQLite.
#[derive(Debug)]
pub struct SqliteStore {
    engine: Engine,
    /// None when opened for reading only. Closed after the readers: the last connection that may write folds the
    /// log into the database.
    writer: Option<Mutex<Writer>>,
    /// Adds to the ledger where nothing else is written.
    recorder: Recorder,
}

impl SqliteStore {
    /// Opens the store in a folder for reading and writing, and creates it when there is none.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process writes to it, [`StoreError::Newer`] when a newer
    /// program made it, and when the folder or its files cannot be used.
    pub fn open(dir: &Path, fingerprinter: Fingerprinter) -> Result<Self, StoreError> {
        Self::open_with(dir, fingerprinter, Options::default())
    }

    /// As [`Self::open`], with other options.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(dir: &Path, fingerprinter: Fingerprinter, options: Options) -> Result<Self, StoreError> {
        private_folder(dir).doing(|| format!("make the folder {}", dir.display()))?;
        let lock = WriterLock::take(&dir.join(LOCK))?;
        let mut db = connect::writer(&dir.join(FILE), options)?;
        schema::migrate(&mut db)?;
        batches::recover(&mut db)?;
        let engine = engine(dir, &db, fingerprinter, true)?;
        let head = stored_head(&db)?;
        if engine.ids.applied() > head.last.0 {
            // The database was put back to an earlier state than its index.
            engine.ids.clear()?;
        }
        engine.catch_up(&db, head.last.0)?;
        if let Some(published) = &engine.head {
            published.set_last(head.last.0);
            published.set_visible(head.visible.0);
        }
        let trained_at = db.query_row("SELECT ifnull(max(trained_at), 0) FROM dict", [], |row| row.get::<_, i64>(0));
        let mut writer = Writer::new(db, lock);
        writer.trained_at = trained_at.doing(|| "read its dictionaries".into())?.cast_unsigned();
        Ok(Self { writer: Some(Mutex::new(writer)), recorder: Recorder::new(dir.join(FILE)), engine })
    }

    /// Opens the store in a folder for reading only; another process may be writing to it meanwhile.
    ///
    /// # Errors
    /// When there is no store, or a newer program made it, or its files cannot be read.
    pub fn open_read_only(dir: &Path, fingerprinter: Fingerprinter) -> Result<Self, StoreError> {
        let readers = Readers::new(dir.join(FILE));
        let engine = readers.with(|db| {
            schema::check(db)?;
            engine(dir, db, fingerprinter, false)
        })?;
        Ok(Self { writer: None, recorder: Recorder::new(dir.join(FILE)), engine })
    }

    /// Copies the store in a folder, as it stands at one moment, into a new file; others may write to it meanwhile. The
    /// copy is a store of the same identity, without what was erased.
    ///
    /// # Errors
    /// When there is no store, the file exists, or it cannot be written.
    pub fn snapshot(dir: &Path, to: &Path) -> Result<(), StoreError> {
        connect::snapshot(&dir.join(FILE), to)
    }

    /// Sets the most bytes the database file may grow to, or lifts the limit; see [`Options::max_bytes`].
    ///
    /// # Errors
    /// When the store was opened for reading only.
    pub fn limit_bytes(&self, max_bytes: Option<u64>) -> Result<(), StoreError> {
        connect::limit(&self.writer()?.db, max_bytes)
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        self.writer.as_ref().map(Mutex::lock).ok_or(StoreError::ReadOnly)
    }
}

/// Makes a folder that only this account reads, where it is not there yet.
fn private_folder(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.recursive(true).create(dir)
}

fn engine(dir: &Path, db: &Connection, fingerprinter: Fingerprinter, writes: bool) -> Result<Engine, StoreError> {
    // Named after the store, so that the index of another one that stood here is never taken for its own.
    let id: Vec<u8> = db.query_row("SELECT id FROM store", [], |row| row.get(0)).doing(|| "read its id".into())?;
    let identity = hex(&id);
    let options = comity_index::Options::new(fingerprinter.key_id());
    let ids = Ids::open(&dir.join(IDS).join(&identity), options, writes)?;
    let head = writes.then(Published::default);
    let readers = Readers::new(dir.join(FILE));
    let names = Names::default();
    let engine = Engine { identity, fingerprinter, packer: Packer::new(), names, ids, readers, head };
    engine.load_names(db)?;
    engine.load_dictionaries(db)?;
    Ok(engine)
}

impl Store for SqliteStore {
    fn identity(&self) -> Result<String, StoreError> {
        Ok(self.engine.identity.clone())
    }

    fn head(&self) -> Result<Head, StoreError> {
        match &self.engine.head {
            Some(head) => Ok(head.read()),
            None => self.engine.readers.with(stored_head),
        }
    }

    fn scan(&self, after: Position, limit: usize, bodies: bool) -> Result<Vec<Version>, StoreError> {
        self.engine.scan(after, limit, bodies)
    }

    fn get(&self, positions: &[Position]) -> Result<Vec<Option<Version>>, StoreError> {
        self.engine.get(positions)
    }

    fn versions(&self, id: &ObjectId) -> Result<Vec<Version>, StoreError> {
        self.engine.versions(id)
    }

    fn position_at(&self, time: Timestamp) -> Result<Position, StoreError> {
        self.engine.position_at(time)
    }

    fn labels(&self, after: LabelId) -> Result<Vec<(LabelId, Arc<str>)>, StoreError> {
        if self.writer.is_none() {
            self.engine.readers.with(|db| self.engine.load_names(db))?;
        }
        Ok(self.engine.names.labels_after(after))
    }

    fn batches(&self, before: Option<BatchId>, limit: usize) -> Result<Vec<BatchInfo>, StoreError> {
        self.engine.batches(before, limit)
    }

    fn batch(&self, id: BatchId) -> Result<Option<BatchInfo>, StoreError> {
        self.engine.readers.with(|db| batches::info(db, id))
    }

    fn batch_of(&self, position: Position) -> Result<Option<BatchInfo>, StoreError> {
        self.engine.batch_of(position)
    }

    fn rejected(&self, batch: Option<BatchId>) -> Result<Vec<Rejected>, StoreError> {
        self.engine.rejected(batch)
    }

    fn originals(&self, batch: BatchId) -> Result<Vec<Original>, StoreError> {
        self.engine.originals(batch)
    }

    fn find_original(&self, owner: &str, sha256: &[u8; 32]) -> Result<Option<BatchId>, StoreError> {
        self.engine.find_original(owner, sha256)
    }

    fn read_original(&self, id: OriginalId, out: &mut dyn Write) -> Result<(), StoreError> {
        self.engine.read_original(id, out)
    }

    fn value(&self, key: &str) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        self.engine.value(key)
    }

    fn values(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.engine.values(prefix)
    }

    fn logs(&self) -> Result<Vec<Log>, StoreError> {
        self.engine.logs()
    }

    fn entries(&self, from: u64, limit: usize, openings: bool) -> Result<Vec<KeptEntry>, StoreError> {
        self.engine.entries(from, limit, openings)
    }

    fn packer(&self) -> Packer {
        self.engine.packer.clone()
    }

    fn intern_label(&self, label: &str) -> Result<LabelId, StoreError> {
        match self.engine.names.label_number(label) {
            Some(number) => Ok(number),
            None => self.engine.intern_label(&self.writer()?.db, label),
        }
    }

    fn begin(&self, start: &BatchStart) -> Result<BatchId, StoreError> {
        self.writer()?.with_the_next(|writer| self.engine.begin(writer, start, None))
    }

    fn add_original(&self, batch: BatchId, original: &Original) -> Result<OriginalId, StoreError> {
        self.writer()?.with_the_next(|writer| originals::add_original(writer, batch, original))
    }

    fn keep(&self, original: OriginalId, bytes: &[u8]) -> Result<(), StoreError> {
        originals::keep(&mut *self.writer()?, original, bytes)
    }

    fn seal_original(&self, original: OriginalId, sha256: &[u8; 32], bytes: u64) -> Result<(), StoreError> {
        originals::seal_original(&mut *self.writer()?, original, sha256, bytes)
    }

    fn append(&self, batch: BatchId, versions: &[NewVersion], _: Found<'_>) -> Result<Vec<Outcome>, StoreError> {
        self.engine.append(&mut *self.writer()?, batch, versions)
    }

    fn reject(&self, batch: BatchId, rejected: &[Rejected]) -> Result<(), StoreError> {
        settings::reject(&mut *self.writer()?, batch, rejected)
    }

    fn mark_repaired(&self, batch: BatchId, index: u64, by: BatchId) -> Result<(), StoreError> {
        settings::mark_repaired(&mut *self.writer()?, batch, index, by)
    }

    fn forget_rejected(&self, batch: BatchId) -> Result<u64, StoreError> {
        settings::forget_rejected(&mut *self.writer()?, batch)
    }

    fn finish(&self, batch: BatchId, counts: &Counts, now: Timestamp) -> Result<BatchInfo, StoreError> {
        self.engine.finish(&mut *self.writer()?, batch, counts, now)
    }

    fn abandon(&self, batch: BatchId) -> Result<(), StoreError> {
        batches::abandon(&mut *self.writer()?, batch)
    }

    fn undo(&self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        self.engine.undo(&mut *self.writer()?, batch, start, now)
    }

    fn withdraw(&self, targets: &[Position], start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        self.engine.withdraw(&mut *self.writer()?, targets, start, now)
    }

    fn erase(&self, positions: &[Position]) -> Result<u64, StoreError> {
        self.engine.erase(&mut *self.writer()?, positions)
    }

    fn forget_originals(&self, originals: &[OriginalId]) -> Result<u64, StoreError> {
        erase::forget_originals(&mut self.writer()?.db, originals)
    }

    fn note(&self, batch: BatchId, entries: &[NewEntry]) -> Result<(), StoreError> {
        self.writer()?.note(batch, entries)
    }

    fn write(&self, change: &Change<'_>) -> Result<Written, StoreError> {
        if self.writer.is_none() && (change.puts.is_empty() || change.beside) {
            return self.recorder.with(|db| ledger::write(db, change));
        }
        let mut writer = self.writer()?;
        if change.soon {
            return writer.with_the_next(|writer| ledger::write(&mut writer.db, change));
        }
        ledger::write(&mut writer.db, change)
    }

    fn set_openings(&self, openings: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        ledger::set_openings(&mut self.writer()?.db, openings)
    }

    fn forget_overwritten(&self) -> Result<(), StoreError> {
        erase::fold(&self.writer()?.db)
    }

    fn records(&self, after: BatchId, limit: usize) -> Result<Vec<BatchRecord>, StoreError> {
        self.engine.records(after, limit)
    }

    fn import(&self, piece: &Piece<'_>) -> Result<(), StoreError> {
        self.engine.import(&mut *self.writer()?, piece)
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.engine.check()
    }
}

const FILE: &str = "store.db";
const LOCK: &str = "writer.lock";
const IDS: &str = "ids";
