//! Taking over another store's log, piece by piece; every piece may come twice.

use comity_base::Position;
use comity_store::{
    BatchId, BatchInfo, BatchRecord, BatchState, Body, Found, Head, LabelId, NewVersion, Op, Original, OriginalPiece,
    Piece, StoreError, Version,
};
use tokio_postgres::types::ToSql;

use crate::append::{Columns, Run};
use crate::batches::{COLUMNS, DONE, UNDONE, VOID, info};
use crate::db::{maybe_number, signed};
use crate::engine::Engine;
use crate::log::Stretch;
use crate::originals::{INSERT as INSERT_ORIGINAL, insert_pieces};
use crate::settings::{clean, insert_rejected};

impl Engine {
    pub(crate) async fn records(&self, after: BatchId, limit: usize) -> Result<Vec<BatchRecord>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, root, targets IS NOT NULL FROM batch WHERE id > $1 AND state > 0 ORDER BY id LIMIT $2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.db.rows("list batches", &sql, &[&signed(after.0), &limit]).await?;
        let read = |row: &tokio_postgres::Row| {
            let root = maybe_number(row, 18).map_err(|_| StoreError::Damaged("a batch does not read back".into()))?;
            Ok(BatchRecord { info: info(row)?, root: root.map(BatchId), withdraws: row.get(19) })
        };
        rows.iter().map(read).collect()
    }

    pub(crate) async fn import(&self, piece: &Piece<'_>) -> Result<(), StoreError> {
        self.life()?;
        match piece {
            Piece::Labels(labels) => {
                for (id, text) in *labels {
                    self.import_label(*id, text).await?;
                }
                Ok(())
            }
            Piece::Versions(record, versions, found) => self.import_versions(record, versions, found).await,
            Piece::Original(batch, original) => self.import_original(*batch, original).await,
            Piece::OriginalBytes(original, number, bytes) => {
                let piece = [OriginalPiece::pack(*original, *number, bytes)];
                self.db.transaction("take over a piece", async |tx, _| insert_pieces(tx, &piece).await).await
            }
            Piece::Rejected(items) => {
                self.db
                    .transaction("take over what was set aside", async |tx, _| insert_rejected(tx, None, items).await)
                    .await
            }
            Piece::Batch(record) => self.import_batch(record).await,
            Piece::Entries(entries) => self.import_entries(entries).await,
            Piece::Setting(key, value) => {
                let (sql, key) = (
                    "INSERT INTO setting (key, version, value) VALUES ($1, 1, $2) \
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    clean(key),
                );
                self.db
                    .transaction("take over a setting", async |tx, _| tx.execute(sql, &[&key, value]).await)
                    .await
                    .map(drop)
            }
            Piece::Head(head) => self.import_head(head).await,
            Piece::Erased(positions) => {
                self.refresh().await?;
                self.empty(positions).await.map(drop)
            }
        }
    }

    async fn import_label(&self, id: LabelId, text: &str) -> Result<(), StoreError> {
        match self.intern_label(text).await? {
            given if given == id => Ok(()),
            given => Err(StoreError::Damaged(format!("label {id} of the other store would become {given} here"))),
        }
    }

    async fn import_versions(
        &self,
        record: &BatchRecord,
        versions: &[Version],
        found: &Found<'_>,
    ) -> Result<(), StoreError> {
        let (batch, after) = (record.info.id, record.info.after.0);
        if let Some(root) = record.root {
            return self.is_mirrored(root, after, versions).await;
        }
        let mut rows = Vec::with_capacity(versions.len());
        for version in versions {
            let Version { modified, label, source, offset, .. } = *version;
            let offset = match version.op {
                Op::Put if !record.withdraws => offset,
                Op::Withdraw(target) if record.withdraws => target.0,
                _ => {
                    return Err(StoreError::Damaged(format!("batch {batch} is of one kind and holds rows of another")));
                }
            };
            let kind = self.intern_kind(&version.id.kind).await?.cast_signed();
            let body = self.packer.pack(&version.raw);
            let empty = Body { dictionary: 0, bytes: Vec::new() };
            let new = NewVersion { id: version.id.clone(), modified, label, source, offset, body: empty };
            rows.push((version.position.0 - after, new, kind, body));
        }
        let mut columns = Columns::of(batch);
        for (n, new, kind, body) in &rows {
            columns.push(*n, new, *kind, body);
        }
        let keys: Vec<u64> = versions.iter().map(|version| self.key(&version.id)).collect();
        let run = Run::whole(&keys, versions.iter().map(|version| version.label), found);
        let last = rows.last().map_or(0, |(n, ..)| signed(*n));
        self.db
            .transaction("take over versions", async |tx, _| {
                columns.insert(tx).await?;
                run.insert(tx, batch, last, self.key_id()).await
            })
            .await
    }

    /// An undo has no rows here: those of the other store must say just what its root batch implies.
    async fn is_mirrored(&self, root: BatchId, after: u64, versions: &[Version]) -> Result<(), StoreError> {
        let root = self.batch(root).await?.ok_or(StoreError::NoBatch(root))?;
        for version in versions {
            let expected = Position(root.after.0 + (version.position.0 - after));
            if !matches!(version.op, Op::Tombstone(target) | Op::Restore(target) if target == expected) {
                return Err(StoreError::Damaged(format!(
                    "position {} of the other store should take back or restore {expected}",
                    version.position
                )));
            }
        }
        Ok(())
    }

    async fn import_original(&self, batch: BatchId, original: &Original) -> Result<(), StoreError> {
        let sha256 = Some(original.sha256.as_slice()).filter(|_| original.sha256 != [0; 32]);
        let (id, batch, bytes) = (signed(original.id.0), signed(batch.0), signed(original.bytes));
        let (name, format) = (clean(&original.name), clean(&original.format));
        // Its own number serves as its ordinal: it is one of a kind in its batch too.
        let row: [&(dyn ToSql + Sync); 8] = [&id, &batch, &id, &name, &format, &sha256, &bytes, &original.kept];
        self.db
            .transaction("take over an original", async |tx, _| {
                tx.execute(INSERT_ORIGINAL, &row).await?;
                tx.execute(RAISE, &[&"original", &id]).await
            })
            .await?;
        if original.kept { Ok(()) } else { self.drop_original(original.id).await }
    }

    /// What the rows of a batch that were given say they withdraw; nothing for a batch of another kind.
    async fn imported_targets(&self, record: &BatchRecord) -> Result<Option<Vec<i64>>, StoreError> {
        if !record.withdraws {
            return Ok(None);
        }
        let (batch, count) = (record.info.id.0, record.info.last.0 - record.info.after.0);
        let rows = self.fetch(&[Stretch::puts(batch, 0, count, 0)], false).await?;
        Ok(Some(rows.into_iter().flatten().map(|row| signed(row.offset)).collect()))
    }

    async fn import_batch(&self, record: &BatchRecord) -> Result<(), StoreError> {
        let targets = self.imported_targets(record).await?;
        let BatchInfo { id, owner, note, state, began, finished, after, last, undone_by, undoes, counts } =
            &record.info;
        let state = match state {
            BatchState::Done => DONE,
            BatchState::Undone => UNDONE,
            BatchState::Open | BatchState::Void => VOID,
        };
        let maybe = |id: Option<BatchId>| id.map(|id| signed(id.0));
        let (number, count) = (signed(id.0), signed(last.0 - after.0));
        let nonce = uuid::Uuid::from_u128(u128::from(id.0));
        let (owner, note, began) = (owner.as_str(), clean(note), began.as_micros());
        let finished = finished.map(comity_base::Timestamp::as_micros);
        let [after, last] = [after.0, last.0].map(signed);
        let (undone_by, undoes, root) = (maybe(*undone_by), maybe(*undoes), maybe(record.root));
        let [files, objects, added, unchanged] =
            [counts.files, counts.objects, counts.added, counts.unchanged].map(signed);
        let [rejected, warnings, values, bytes] =
            [counts.rejected, counts.warnings, counts.values, counts.bytes].map(signed);
        let row: [&(dyn ToSql + Sync); 22] = [
            &number, &owner, &note, &state, &began, &finished, &after, &last, &undone_by, &undoes, &files, &objects,
            &added, &unchanged, &rejected, &warnings, &values, &bytes, &root, &nonce, &count, &targets,
        ];
        let sql = format!(
            "INSERT INTO batch ({COLUMNS}, root, nonce, count, targets, process, swept) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, \
             $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, '', true) \
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, undone_by = excluded.undone_by"
        );
        self.db
            .transaction("take over a batch", async |tx, _| {
                tx.execute(&sql, &row).await?;
                tx.execute(RAISE, &[&"batch", &number]).await
            })
            .await
            .map(drop)
    }

    async fn import_head(&self, head: &Head) -> Result<(), StoreError> {
        let visible = signed(head.visible.0);
        let sql = "UPDATE store SET visible = $1, imported = $1, \
                   finished = greatest(finished, (SELECT max(finished) FROM batch))";
        self.db
            .transaction("end the move", async |tx, _| {
                tx.execute(sql, &[&visible]).await?;
                self.bell.ring(tx).await
            })
            .await?;
        self.refresh().await.map(drop)
    }
}

/// A counter never falls behind a number that was brought along.
const RAISE: &str = "UPDATE counter SET value = greatest(value, $2) WHERE name = $1";
