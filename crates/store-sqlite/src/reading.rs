use std::sync::Arc;

use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;
use comity_store::{LabelId, Op, OriginalId, StoreError, Version};
use rusqlite::{Connection, Row};

use crate::engine::{Doing as _, Engine, maybe_number, number, signed};

impl Engine {
    pub(crate) fn scan(&self, after: Position, limit: usize, bodies: bool) -> Result<Vec<Version>, StoreError> {
        self.readers.with(|db| {
            let visible = self.head(db)?.visible;
            self.rows(db, (after, visible), limit, bodies)
        })
    }

    /// Rows after one position up to another, whatever their visibility.
    pub(crate) fn rows(
        &self,
        db: &Connection,
        (after, up_to): (Position, Position),
        limit: usize,
        bodies: bool,
    ) -> Result<Vec<Version>, StoreError> {
        if after >= up_to {
            return Ok(Vec::new());
        }
        let what = || format!("read rows after {after}");
        let mut statement = db.prepare_cached(if bodies { SCAN_WITH_BODIES } else { SCAN }).doing(what)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query([signed(after.0), signed(up_to.0), limit]).doing(what)?;
        let mut versions = Vec::new();
        while let Some(row) = rows.next().doing(what)? {
            versions.push(self.version(db, row, bodies)?);
        }
        Ok(versions)
    }

    pub(crate) fn get(&self, positions: &[Position]) -> Result<Vec<Option<Version>>, StoreError> {
        self.readers.with(|db| {
            let visible = self.head(db)?.visible;
            let mut found = Vec::with_capacity(positions.len());
            for run in positions.chunk_by(|one, next| one.next() == *next) {
                match run {
                    [first, .., last] if run.len() >= NEIGHBOURS => {
                        self.get_run(db, (*first, *last), visible, &mut found)?;
                    }
                    _ => self.get_each(db, run, visible, &mut found)?,
                }
            }
            Ok(found)
        })
    }

    /// Neighbours: one statement walks them all.
    fn get_run(
        &self,
        db: &Connection,
        (first, last): (Position, Position),
        visible: Position,
        found: &mut Vec<Option<Version>>,
    ) -> Result<(), StoreError> {
        let before = Position(first.0.saturating_sub(1));
        let count = usize::try_from(last.0 - first.0).unwrap_or(usize::MAX).saturating_add(1);
        let start = found.len();
        found.resize(start + count, None);
        for version in self.rows(db, (before, last.min(visible)), count, true)? {
            let at = usize::try_from(version.position.0 - first.0).unwrap_or(usize::MAX);
            if let Some(slot) = found.get_mut(start.saturating_add(at)) {
                *slot = Some(version);
            }
        }
        Ok(())
    }

    fn get_each(
        &self,
        db: &Connection,
        positions: &[Position],
        visible: Position,
        found: &mut Vec<Option<Version>>,
    ) -> Result<(), StoreError> {
        let mut statement = db.prepare_cached(GET).doing(|| "read rows".into())?;
        for position in positions {
            let what = || format!("read row {position}");
            if *position > visible {
                found.push(None);
                continue;
            }
            let mut rows = statement.query([signed(position.0)]).doing(what)?;
            found.push(rows.next().doing(what)?.map(|row| self.version(db, row, true)).transpose()?);
        }
        Ok(())
    }

    pub(crate) fn versions(&self, id: &ObjectId) -> Result<Vec<Version>, StoreError> {
        self.readers.with(|db| {
            let visible = self.head(db)?.visible;
            self.catch_up(db, visible.0)?;
            let what = || format!("read the versions of {id}");
            let mut statement = db.prepare_cached(GET_WITHOUT_BODY).doing(what)?;
            let mut versions = Vec::new();
            for position in self.ids.positions(self.key(id)) {
                if position > visible.0 {
                    break;
                }
                let mut rows = statement.query([signed(position)]).doing(what)?;
                if let Some(row) = rows.next().doing(what)? {
                    let version = self.version(db, row, false)?;
                    versions.extend((version.id == *id).then_some(version));
                }
            }
            Ok(versions)
        })
    }

    /// Makes the index know every row up to a position; it usually does.
    pub(crate) fn catch_up(&self, db: &Connection, up_to: u64) -> Result<(), StoreError> {
        if self.ids.applied() >= up_to {
            return Ok(());
        }
        if self.head.is_none() {
            self.ids.refresh()?;
        }
        let what = || "read ids for its index".to_owned();
        let mut statement = db.prepare_cached(IDS).doing(what)?;
        let mut entries = Vec::new();
        loop {
            let applied = self.ids.applied();
            if applied >= up_to {
                return Ok(());
            }
            entries.clear();
            let mut rows = statement.query([signed(applied), signed(up_to), REPLAYED_AT_ONCE]).doing(what)?;
            while let Some(row) = rows.next().doing(what)? {
                let id = self.id(db, row)?;
                entries.push((self.key(&id), Position(number(row, 0).doing(what)?)));
            }
            // A short page was the last one: what is missing behind it is void.
            let full = i64::try_from(entries.len()).unwrap_or(i64::MAX) == REPLAYED_AT_ONCE;
            let reached = entries.last().filter(|_| full).map_or(up_to, |(_, position)| position.0);
            self.ids.apply(&entries, reached)?;
        }
    }

    fn id(&self, db: &Connection, row: &Row<'_>) -> Result<ObjectId, StoreError> {
        let what = || "read a row's id".to_owned();
        let kind = self.kind(db, row.get(1).doing(what)?)?;
        let uuid = row.get_ref(2).doing(what)?.as_blob().map_err(|e| StoreError::engine(what(), e))?;
        let uuid =
            uuid::Uuid::from_slice(uuid).map_err(|_| StoreError::Damaged("a row's id has a wrong length".into()))?;
        Ok(ObjectId { kind, uuid })
    }

    /// Reads the columns of [`GET`], or without the last two, in their order.
    fn version(&self, db: &Connection, row: &Row<'_>, bodies: bool) -> Result<Version, StoreError> {
        let what = || "read a row".to_owned();
        let id = self.id(db, row)?;
        let op = op(row.get(5).doing(what)?, maybe_number(row, 6).doing(what)?)?;
        let raw = if bodies && op == Op::Put { self.body(db, row)? } else { Arc::default() };
        Ok(Version {
            position: Position(number(row, 0).doing(what)?),
            id,
            modified: Timestamp::from_micros(row.get(3).doing(what)?),
            label: LabelId(row.get(4).doing(what)?),
            op,
            source: OriginalId(number(row, 7).doing(what)?),
            offset: number(row, 8).doing(what)?,
            raw,
        })
    }

    fn body(&self, db: &Connection, row: &Row<'_>) -> Result<Arc<[u8]>, StoreError> {
        let what = || "read a body".to_owned();
        let dictionary: u32 = row.get(9).doing(what)?;
        // A body that was erased is not there.
        let bytes = row.get_ref(10).doing(what)?.as_blob_or_null().map_err(|e| StoreError::engine(what(), e))?;
        bytes.map_or_else(|| Ok(Arc::default()), |bytes| self.unpack(db, dictionary, bytes))
    }

    /// Unpacks a body, reading its dictionary first when another process trained it.
    pub(crate) fn unpack(&self, db: &Connection, dictionary: u32, bytes: &[u8]) -> Result<Arc<[u8]>, StoreError> {
        if !self.packer.knows(dictionary) {
            self.load_dictionaries(db)?;
        }
        self.packer.unpack_from(dictionary, bytes)
    }
}

/// What the columns `op` and `target` of a row say.
pub(crate) fn op(op: Option<i64>, target: Option<u64>) -> Result<Op, StoreError> {
    let target = target.map(Position).unwrap_or_default();
    match op {
        None => Ok(Op::Put),
        Some(TOMBSTONE) => Ok(Op::Tombstone(target)),
        Some(RESTORE) => Ok(Op::Restore(target)),
        Some(WITHDRAW) => Ok(Op::Withdraw(target)),
        Some(other) => Err(StoreError::Damaged(format!("a row says the unknown operation {other}"))),
    }
}

pub(crate) const TOMBSTONE: i64 = 1;
pub(crate) const RESTORE: i64 = 2;
pub(crate) const WITHDRAW: i64 = 3;

const SCAN: &str = "SELECT seq, kind, uuid, modified, label, op, target, source, place FROM object \
                    WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
const SCAN_WITH_BODIES: &str = "SELECT seq, kind, uuid, modified, label, op, target, source, place, dict, body FROM object \
                                WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
const GET: &str =
    "SELECT seq, kind, uuid, modified, label, op, target, source, place, dict, body FROM object WHERE seq = ?1";
const GET_WITHOUT_BODY: &str =
    "SELECT seq, kind, uuid, modified, label, op, target, source, place FROM object WHERE seq = ?1";
const IDS: &str = "SELECT seq, kind, uuid FROM object WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
/// Rows read at once for the index.
const REPLAYED_AT_ONCE: i64 = 20_000;
/// From so many neighbours on, one walk is cheaper than a search for each.
const NEIGHBOURS: usize = 4;
