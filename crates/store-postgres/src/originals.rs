use std::io::Write;

use crate::lanes::Transaction;
use comity_store::{BatchId, Original, OriginalId, OriginalPiece, Pieces, StoreError, unpack_piece};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::batches::{is_open, lock};
use crate::db::{Failure, number, signed, small};
use crate::engine::Engine;
use crate::names::take;
use crate::open::Open;
use crate::settings::clean;

impl Engine {
    pub(crate) async fn originals(&self, batch: BatchId) -> Result<Vec<Original>, StoreError> {
        let sql = "SELECT o.id, o.name, o.format, o.sha256, o.bytes, o.kept FROM original o \
                   JOIN batch b ON b.id = o.batch WHERE o.batch = $1 AND b.state IN (1, 2) ORDER BY o.id";
        let rows = self.db.rows("list originals", sql, &[&signed(batch.0)]).await?;
        let read = rows.iter().map(read).collect::<Result<_, _>>();
        read.map_err(|_| StoreError::Damaged("an original does not read back".into()))
    }

    pub(crate) async fn find_original(&self, owner: &str, sha256: &[u8; 32]) -> Result<Option<BatchId>, StoreError> {
        if *sha256 == [0; 32] {
            return Ok(None);
        }
        let sql = "SELECT b.id, o.id FROM original o JOIN batch b ON b.id = o.batch \
                   WHERE o.sha256 = $1 AND b.owner = $2 AND b.state = 1 ORDER BY b.id DESC";
        for row in self.db.rows("look for an original", sql, &[&sha256.as_slice(), &owner]).await? {
            let [batch, original] = [0, 1].map(|column| row.get::<_, i64>(column).cast_unsigned());
            let withdrawn = self.log.read().withdrawn_of(batch);
            let withdrawn = self.fetch(&withdrawn, false).await?;
            if !withdrawn.iter().flatten().any(|row| row.source.0 == original) {
                return Ok(Some(BatchId(batch)));
            }
        }
        Ok(None)
    }

    pub(crate) async fn read_original(&self, id: OriginalId, out: &mut dyn Write) -> Result<(), StoreError> {
        let sql = "SELECT 1 FROM original o JOIN batch b ON b.id = o.batch \
                   WHERE o.id = $1 AND o.kept AND b.state IN (1, 2)";
        if self.db.rows("read an original", sql, &[&signed(id.0)]).await?.is_empty() {
            return Err(StoreError::NoOriginal(id));
        }
        let sql = "SELECT number, length, content FROM original_chunk WHERE original = $1 AND number >= $2 \
                   ORDER BY number LIMIT 8";
        let mut next = 0_i32;
        loop {
            let rows = self.db.rows("read an original", sql, &[&signed(id.0), &next]).await?;
            for row in &rows {
                let damaged = |_| StoreError::Damaged(format!("a piece of original {id} does not read back"));
                let length = small(row, 1).map_err(damaged)?;
                if row.get::<_, i32>(0) != next {
                    return Err(StoreError::Damaged(format!("piece {next} of original {id} is missing")));
                }
                let plain = unpack_piece(id, length, row.get(2))?;
                out.write_all(&plain).map_err(|error| StoreError::engine(format!("copy original {id}"), error))?;
                next += 1;
            }
            if rows.len() < 8 {
                return Ok(());
            }
        }
    }

    pub(crate) async fn add_original(&self, batch: BatchId, original: &Original) -> Result<OriginalId, StoreError> {
        let mut open = self.open(batch).await?;
        let ordinal = i64::try_from(open.originals.len()).unwrap_or(i64::MAX);
        let (of, process) = (signed(batch.0), open.process.clone());
        let sha256 = Some(original.sha256.as_slice()).filter(|_| original.sha256 != [0; 32]);
        let (name, format) = (clean(&original.name), clean(&original.format));
        let bytes = signed(original.bytes);
        let id = self
            .db
            .transaction("register an original", async |tx, is_repeated| {
                is_open(batch, lock(tx, batch, &process).await?)?;
                let there = "SELECT id FROM original WHERE batch = $1 AND ordinal = $2";
                if is_repeated && let Some(row) = tx.query(there, &[&of, &ordinal]).await?.first() {
                    return number(row, 0);
                }
                let id = take(tx, "original").await?;
                let row: [&(dyn ToSql + Sync); 8] =
                    [&signed(id), &of, &ordinal, &name, &format, &sha256, &bytes, &original.kept];
                tx.execute(INSERT, &row).await?;
                Ok(id)
            })
            .await?;
        let id = OriginalId(id);
        open.originals.push(id);
        self.opens.add_original(id, batch);
        if original.kept {
            open.pieces.expect(id);
        }
        Ok(id)
    }

    pub(crate) async fn keep(&self, original: OriginalId, bytes: &[u8]) -> Result<(), StoreError> {
        let batch = self.opens.batch_of_original(original)?;
        let mut open = self.open(batch).await?;
        // One huge slice goes in pieces too, so that what waits for a transaction stays small.
        for part in bytes.chunks(Pieces::WAITING_BYTES) {
            open.pieces.add(original, part)?;
            if open.pieces.is_full() {
                self.write_pieces(&mut open).await?;
            }
        }
        Ok(())
    }

    async fn write_pieces(&self, open: &mut Open) -> Result<(), StoreError> {
        let (id, process, pieces) = (open.id, open.process.as_str(), open.pieces.ready());
        self.db
            .transaction("keep an original", async |tx, _| {
                is_open(id, lock(tx, id, process).await?)?;
                insert_pieces(tx, pieces).await
            })
            .await?;
        open.pieces.written();
        Ok(())
    }

    pub(crate) async fn seal_original(
        &self,
        original: OriginalId,
        sha256: &[u8; 32],
        bytes: u64,
    ) -> Result<(), StoreError> {
        let batch = self.opens.batch_of_original(original)?;
        let mut open = self.open(batch).await?;
        open.pieces.seal(original, bytes)?;
        let (process, of) = (open.process.clone(), signed(batch.0));
        let sql = "UPDATE original SET sha256 = $3, bytes = $4 WHERE id = $1 AND batch = $2";
        let changed = self
            .db
            .transaction("seal an original", async |tx, _| {
                is_open(batch, lock(tx, batch, &process).await?)?;
                tx.execute(sql, &[&signed(original.0), &of, &sha256.as_slice(), &signed(bytes)]).await
            })
            .await?;
        if changed == 0 { Err(StoreError::NoOriginal(original)) } else { Ok(()) }
    }
}

/// Writes pieces; those that are there already stay.
pub(crate) async fn insert_pieces(tx: &Transaction<'_>, pieces: &[OriginalPiece]) -> Result<(), Failure> {
    let sql = "INSERT INTO original_chunk (original, number, length, content) VALUES ($1, $2, $3, $4) \
               ON CONFLICT DO NOTHING";
    for piece in pieces {
        let (number, length) = (piece.number.cast_signed(), piece.length.cast_signed());
        tx.execute(sql, &[&signed(piece.original.0), &number, &length, &piece.content]).await?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<Original, Failure> {
    let sha256: Option<&[u8]> = row.try_get(3)?;
    Ok(Original {
        id: OriginalId(number(row, 0)?),
        name: row.try_get(1)?,
        format: row.try_get(2)?,
        sha256: sha256.and_then(|digest| digest.try_into().ok()).unwrap_or_default(),
        bytes: number(row, 4)?,
        kept: row.try_get(5)?,
    })
}

pub(crate) const INSERT: &str = "INSERT INTO original (id, batch, ordinal, name, format, sha256, bytes, kept) \
                                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
