use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use comity_crypto::Fingerprinter;
use comity_stix::ObjectId;
use comity_store::{Ids, Names, Packer, StoreError, id_key};
use parking_lot::RwLock;

use crate::db::{Db, number};
use crate::follow::Bell;
use crate::keeper::Life;
use crate::log::{Finished, Log};
use crate::open::Opens;

/// What all calls share.
pub(crate) struct Engine {
    pub(crate) db: Db,
    /// Names this store and no other.
    pub(crate) identity: String,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) packer: Packer,
    pub(crate) names: Names,
    pub(crate) ids: Ids,
    /// Held by whoever brings the index of ids up to date.
    pub(crate) catching_up: tokio::sync::Mutex<()>,
    pub(crate) log: RwLock<Log>,
    pub(crate) opens: Opens,
    /// The newest dictionary threshold this process has dealt with.
    pub(crate) trained: AtomicU64,
    /// This process as the others see it; `None` when it only reads.
    pub(crate) life: Option<Arc<Life>>,
    pub(crate) bell: Bell,
}

impl Engine {
    /// The key of an id in the index.
    pub(crate) fn key(&self, id: &ObjectId) -> u64 {
        id_key(&self.fingerprinter, id)
    }

    /// The key of the fingerprints, as a column keeps it.
    pub(crate) fn key_id(&self) -> i64 {
        self.fingerprinter.key_id().cast_signed()
    }

    /// The last position this process knows to be visible.
    pub(crate) fn visible(&self) -> u64 {
        self.log.read().visible()
    }

    /// Learns what became visible since the last time. Returns the last visible position.
    pub(crate) async fn refresh(&self) -> Result<u64, StoreError> {
        loop {
            let known = self.log.read().known();
            // One statement, so that head and batches are of one moment.
            let rows = self.db.rows("read its head", REFRESH, &[&known.cast_signed(), &AT_ONCE]).await?;
            let Some(head) = rows.first() else {
                return Err(StoreError::Damaged("its head row is missing".into()));
            };
            let read = || {
                let (visible, imported) = (number(head, 0)?, number(head, 1)?);
                let mut finished = Vec::with_capacity(rows.len());
                for row in rows.iter().filter(|row| row.try_get::<_, Option<i64>>(2).is_ok_and(|id| id.is_some())) {
                    let root: Option<i64> = row.try_get(5)?;
                    let (batch, after, last) = (number(row, 2)?, number(row, 3)?, number(row, 4)?);
                    let targets: Option<Vec<i64>> = row.try_get(6)?;
                    let targets = targets.map(|targets| targets.into_iter().map(i64::cast_unsigned).collect());
                    finished.push(Finished { batch, after, last, root: root.map(i64::cast_unsigned), targets });
                }
                Ok::<_, crate::db::Failure>((visible, imported, finished))
            };
            let (visible, imported, finished) =
                read().map_err(|_| StoreError::Damaged("its head row does not read back".into()))?;
            let mut log = self.log.write();
            log.learn(&finished, visible, imported)?;
            if log.known() >= visible || finished.is_empty() {
                return Ok(log.visible());
            }
        }
    }
}

const REFRESH: &str = "SELECT s.visible, s.imported, b.id, b.after, b.last, b.root, b.targets FROM store s LEFT JOIN \
                       (SELECT id, after, last, root, targets FROM batch WHERE last > $1 AND last > after AND state IN (1, 2) \
                        ORDER BY last LIMIT $2) b ON true ORDER BY b.last";
/// Batches learned in one statement.
const AT_ONCE: i64 = 20_000;
