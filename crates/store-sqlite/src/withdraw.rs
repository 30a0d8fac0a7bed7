use std::collections::BTreeSet;

use comity_base::{Position, Timestamp};
use comity_store::{BatchInfo, BatchStart, Counts, StoreError, Undone};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::batches::{abandon, check_fence, close, info};
use crate::engine::{Doing as _, Engine, signed};
use crate::reading::WITHDRAW;
use crate::writer::{Open, Writer};

impl Engine {
    pub(crate) fn withdraw(
        &self,
        writer: &mut Writer,
        targets: &[Position],
        start: &BatchStart,
        now: Timestamp,
    ) -> Result<Undone, StoreError> {
        let visible = self.head(&writer.db)?.visible;
        let targets = standing(&writer.db, targets, visible)?;
        let by = self.begin(writer, start, None)?;
        let open = writer.open(by)?;
        let result = self.write_withdrawal(writer, &open, &targets, now);
        if result.is_err() {
            // The first error says more; a batch that stays open here is voided at the next start.
            let _ = abandon(writer, by);
        }
        result
    }

    fn write_withdrawal(
        &self,
        writer: &mut Writer,
        open: &Open,
        targets: &[Position],
        now: Timestamp,
    ) -> Result<Undone, StoreError> {
        let what = || "withdraw versions".to_owned();
        let mut reached = open.after;
        for part in targets.chunks(AT_ONCE) {
            let first = reached + 1;
            reached += part.len() as u64;
            self.write_part(writer, open, reached, &what, |db| {
                let mut insert = db.prepare_cached(INSERT)?;
                for (position, target) in (first..).zip(part) {
                    insert.execute([signed(position), WITHDRAW, signed(target.0)])?;
                }
                Ok(())
            })?;
        }
        let open = Open { last: reached, ..open.clone() };
        let versions = reached - open.after;
        let counts = Counts { objects: versions, added: versions, ..Counts::default() };
        let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
        check_fence(&tx, open.fence.as_ref())?;
        close(&tx, &open, &counts, now).doing(what)?;
        tx.commit().doing(what)?;
        self.published(writer, &open);
        let by = info(&writer.db, open.id)?.ok_or(StoreError::NoBatch(open.id))?;
        Ok(Undone { by, versions })
    }
}

/// Whether the rows of a batch withdraw versions.
pub(crate) fn withdraws(db: &Connection, batch: &BatchInfo) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM object WHERE seq > ?1 AND seq <= ?2 AND op = ?3 LIMIT 1";
    let (first, last) = (signed(batch.after.0), signed(batch.after.next().min(batch.last).0));
    Ok(db.query_row(sql, [first, last, WITHDRAW], |_| Ok(())).optional()?.is_some())
}

/// Whether the version at a position was withdrawn by a row that is visible.
pub(crate) fn is_withdrawn(db: &Connection, target: Position, visible: Position) -> rusqlite::Result<bool> {
    let mut statement = db.prepare_cached("SELECT 1 FROM object WHERE op = 3 AND target = ?1 AND seq <= ?2 LIMIT 1")?;
    statement.exists([signed(target.0), signed(visible.0)])
}

/// These versions in order, each once, without those that are withdrawn already.
fn standing(db: &Connection, targets: &[Position], visible: Position) -> Result<Vec<Position>, StoreError> {
    let what = || "look for what to withdraw".to_owned();
    let mut put = db.prepare_cached("SELECT 1 FROM object WHERE seq = ?1 AND op IS NULL").doing(what)?;
    let mut standing = Vec::new();
    for target in targets.iter().copied().collect::<BTreeSet<_>>() {
        if target > visible || !put.exists([signed(target.0)]).doing(what)? {
            return Err(StoreError::NoVersion(target));
        }
        if !is_withdrawn(db, target, visible).doing(what)? {
            standing.push(target);
        }
    }
    Ok(standing)
}

const INSERT: &str = "INSERT INTO object (seq, kind, uuid, modified, label, op, target, source, place, dict) \
                      SELECT ?1, kind, uuid, modified, label, ?2, seq, 0, 0, 0 FROM object WHERE seq = ?3";
/// Rows written in one transaction.
const AT_ONCE: usize = 20_000;
