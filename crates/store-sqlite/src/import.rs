//! Taking over another store's log, piece by piece; every piece may come twice.

use comity_base::Position;
use comity_store::{
    BatchId, BatchInfo, BatchRecord, BatchState, LabelId, Op, Original, OriginalPiece, Piece, StoreError, Version,
};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::batches::{COLUMNS, DONE, UNDONE, read};
use crate::engine::{Doing as _, Engine, maybe_number, signed};
use crate::erase::{drop_original, empty, fold};
use crate::originals::insert_piece;
use crate::reading::{RESTORE, TOMBSTONE, WITHDRAW};
use crate::settings::insert_rejected;
use crate::withdraw::withdraws;
use crate::writer::Writer;

impl Engine {
    pub(crate) fn records(&self, after: BatchId, limit: usize) -> Result<Vec<BatchRecord>, StoreError> {
        let what = || "list batches".to_owned();
        let sql = format!("SELECT {COLUMNS}, root FROM batch WHERE id > ?1 AND state > 0 ORDER BY id LIMIT ?2");
        self.readers.with(|db| {
            let mut statement = db.prepare_cached(&sql).doing(what)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map([signed(after.0), limit], |row| Ok((read(row), maybe_number(row, 18)?)));
            let records = rows.doing(what)?.map(|row| {
                let (info, root) = row.doing(what)?;
                let info = info?;
                let withdraws = withdraws(db, &info).doing(what)?;
                Ok(BatchRecord { info, root: root.map(BatchId), withdraws })
            });
            records.collect()
        })
    }

    pub(crate) fn import(&self, writer: &mut Writer, piece: &Piece<'_>) -> Result<(), StoreError> {
        let what = || "take a piece of another store".to_owned();
        let db = &mut writer.db;
        match piece {
            Piece::Labels(labels) => labels.iter().try_for_each(|(id, text)| self.import_label(db, *id, text)),
            Piece::Versions(_, versions, _) => self.import_versions(db, versions),
            Piece::Original(batch, original) => {
                import_original(db, *batch, original).doing(what)?;
                if original.kept { Ok(()) } else { drop_original(db, original.id).doing(what) }
            }
            Piece::OriginalBytes(original, number, bytes) => {
                insert_piece(db, &OriginalPiece::pack(*original, *number, bytes)).doing(what)
            }
            Piece::Rejected(items) => {
                let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
                items.iter().try_for_each(|item| insert_rejected(&tx, item.batch, item)).doing(what)?;
                tx.commit().doing(what)
            }
            Piece::Batch(record) => import_batch(db, record).doing(what),
            Piece::Entries(entries) => crate::ledger::import(db, entries).doing(what),
            Piece::Setting(key, value) => {
                let sql = "INSERT INTO setting (key, version, value) VALUES (?1, 1, ?2) \
                           ON CONFLICT (key) DO UPDATE SET value = ?2";
                db.execute(sql, params![key, value]).map(drop).doing(what)
            }
            Piece::Head(head) => {
                // What is in the open transaction log is found by id before anybody sees it.
                self.catch_up(db, head.last.0)?;
                let sql = "UPDATE store SET visible = ?1, last = ?2";
                db.execute(sql, [signed(head.visible.0), signed(head.last.0)]).doing(what)?;
                if let Some(published) = &self.head {
                    published.set_last(head.last.0);
                    published.set_visible(head.visible.0);
                }
                Ok(())
            }
            Piece::Erased(positions) => {
                empty(db, positions).doing(what)?;
                fold(db)
            }
        }
    }

    fn import_label(&self, db: &Connection, id: LabelId, text: &str) -> Result<(), StoreError> {
        match self.intern_label(db, text)? {
            given if given == id => Ok(()),
            given => Err(StoreError::Damaged(format!("label {id} of the other store would become {given} here"))),
        }
    }

    fn import_versions(&self, db: &mut Connection, versions: &[Version]) -> Result<(), StoreError> {
        let what = || "take over versions".to_owned();
        let mut rows = Vec::with_capacity(versions.len());
        for version in versions {
            rows.push((version, self.intern_kind(db, &version.id.kind)?));
        }
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).doing(what)?;
        for (version, kind) in rows {
            let (op, target) = match version.op {
                Op::Put => (None, None),
                Op::Tombstone(target) => (Some(TOMBSTONE), Some(signed(target.0))),
                Op::Restore(target) => (Some(RESTORE), Some(signed(target.0))),
                Op::Withdraw(target) => (Some(WITHDRAW), Some(signed(target.0))),
            };
            // What was erased there has no body here either.
            let body = (!version.raw.is_empty()).then(|| self.packer.pack(&version.raw));
            let (dictionary, bytes) = body.map_or((0, None), |body| (body.dictionary, Some(body.bytes)));
            let row = params![
                signed(version.position.0),
                kind,
                version.id.uuid.as_bytes().as_slice(),
                version.modified.as_micros(),
                version.label.0,
                op,
                target,
                signed(version.source.0),
                signed(version.offset),
                dictionary,
                bytes,
            ];
            tx.prepare_cached(INSERT).doing(what)?.execute(row).doing(what)?;
        }
        tx.commit().doing(what)?;
        let entries: Vec<_> = versions.iter().map(|version| (self.key(&version.id), version.position)).collect();
        // A store that is moved in the order of positions is indexed on the way; the rest is caught up at the end.
        if let (Some(first), Some(last)) = (versions.first(), versions.last())
            && first.position == Position(self.ids.applied() + 1)
        {
            let _ = self.ids.apply(&entries, last.position.0);
        }
        Ok(())
    }
}

fn import_original(db: &Connection, batch: BatchId, original: &Original) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO original (id, batch, name, format, sha256, bytes, kept) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let sha256 = Some(original.sha256.as_slice()).filter(|_| original.sha256 != [0; 32]);
    let (id, batch, bytes) = (signed(original.id.0), signed(batch.0), signed(original.bytes));
    db.execute(sql, params![id, batch, original.name, original.format, sha256, bytes, original.kept]).map(drop)
}

fn import_batch(db: &Connection, record: &BatchRecord) -> rusqlite::Result<()> {
    let BatchInfo { id, owner, note, state, began, finished, after, last, undone_by, undoes, counts } = &record.info;
    let state = match state {
        BatchState::Done => DONE,
        BatchState::Undone => UNDONE,
        BatchState::Open | BatchState::Void => 3,
    };
    let maybe = |id: &Option<BatchId>| id.map(|id| signed(id.0));
    let sql = format!(
        "INSERT OR REPLACE INTO batch ({COLUMNS}, root, swept) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 1)"
    );
    let row = params![
        signed(id.0),
        owner.as_str(),
        note,
        state,
        began.as_micros(),
        finished.map(comity_base::Timestamp::as_micros),
        signed(after.0),
        signed(last.0),
        maybe(undone_by),
        maybe(undoes),
        signed(counts.files),
        signed(counts.objects),
        signed(counts.added),
        signed(counts.unchanged),
        signed(counts.rejected),
        signed(counts.warnings),
        signed(counts.values),
        signed(counts.bytes),
        maybe(&record.root),
    ];
    db.execute(&sql, row).map(drop)
}

const INSERT: &str = "INSERT OR IGNORE INTO object (seq, kind, uuid, modified, label, op, target, source, place, dict, body) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
