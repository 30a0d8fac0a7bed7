use std::io::Write;

use comity_store::{BatchId, Original, OriginalId, OriginalPiece, Pieces, StoreError, unpack_piece};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::engine::{Doing as _, Engine, number, signed};
use crate::writer::Writer;

/// Writes pieces that are ready.
pub(crate) trait WritePieces {
    fn write(&self, db: &Connection) -> rusqlite::Result<()>;
}

impl WritePieces for Pieces {
    fn write(&self, db: &Connection) -> rusqlite::Result<()> {
        self.ready().iter().try_for_each(|piece| insert_piece(db, piece))
    }
}

pub(crate) fn insert_piece(db: &Connection, piece: &OriginalPiece) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO original_chunk (original, number, length, content) VALUES (?1, ?2, ?3, ?4)";
    let row = params![signed(piece.original.0), piece.number, piece.length, piece.content];
    db.prepare_cached(sql)?.execute(row).map(drop)
}

impl Engine {
    pub(crate) fn originals(&self, batch: BatchId) -> Result<Vec<Original>, StoreError> {
        let what = || format!("list the originals of batch {batch}");
        self.readers.with(|db| {
            let mut statement = db
                .prepare_cached(
                    "SELECT o.id, o.name, o.format, o.sha256, o.bytes, o.kept FROM original o JOIN batch b ON b.id = o.batch \
                     WHERE o.batch = ?1 AND b.state IN (1, 2) ORDER BY o.id",
                )
                .doing(what)?;
            let rows = statement.query_map([signed(batch.0)], read).doing(what)?;
            rows.collect::<rusqlite::Result<_>>().doing(what)
        })
    }

    pub(crate) fn find_original(&self, owner: &str, sha256: &[u8; 32]) -> Result<Option<BatchId>, StoreError> {
        let what = || "look for an original".to_owned();
        if *sha256 == [0; 32] {
            return Ok(None);
        }
        self.readers.with(|db| {
            let mut statement = db
                .prepare_cached(
                    "SELECT b.id FROM original o JOIN batch b ON b.id = o.batch \
                     WHERE o.sha256 = ?1 AND b.owner = ?2 AND b.state = 1 AND NOT EXISTS \
                     (SELECT 1 FROM object w JOIN object v ON v.seq = w.target WHERE w.op = 3 AND w.target > b.after \
                      AND w.target <= b.last AND w.seq <= (SELECT visible FROM store) AND v.source = o.id) \
                     ORDER BY b.id DESC LIMIT 1",
                )
                .doing(what)?;
            let found =
                statement.query_row(params![sha256.as_slice(), owner], |row| number(row, 0)).optional().doing(what)?;
            Ok(found.map(BatchId))
        })
    }

    pub(crate) fn read_original(&self, id: OriginalId, out: &mut dyn Write) -> Result<(), StoreError> {
        let what = || format!("read original {id}");
        self.readers.with(|db| {
            let known = "SELECT 1 FROM original o JOIN batch b ON b.id = o.batch WHERE o.id = ?1 AND o.kept AND b.state IN (1, 2)";
            let known = db.query_row(known, [signed(id.0)], |_| Ok(())).optional().doing(what)?;
            known.ok_or(StoreError::NoOriginal(id))?;
            let sql = "SELECT length, content FROM original_chunk WHERE original = ?1 ORDER BY number";
            let mut statement = db.prepare_cached(sql).doing(what)?;
            let mut rows = statement.query([signed(id.0)]).doing(what)?;
            while let Some(row) = rows.next().doing(what)? {
                let plain = unpack_piece(id, row.get(0).doing(what)?, row.get(1).doing(what)?)?;
                out.write_all(&plain).doing(what)?;
            }
            Ok(())
        })
    }
}

pub(crate) fn add_original(writer: &mut Writer, batch: BatchId, original: &Original) -> Result<OriginalId, StoreError> {
    writer.open(batch)?;
    let what = || format!("register {:?}", original.name);
    let sha256 = Some(original.sha256.as_slice()).filter(|_| original.sha256 != [0; 32]);
    let row = params![signed(batch.0), original.name, original.format, sha256, signed(original.bytes), original.kept];
    let sql = "INSERT INTO original (batch, name, format, sha256, bytes, kept) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    writer.db.execute(sql, row).doing(what)?;
    let id = OriginalId(writer.db.last_insert_rowid().cast_unsigned());
    if original.kept {
        writer.pieces.expect(id);
    }
    Ok(id)
}

pub(crate) fn keep(writer: &mut Writer, original: OriginalId, bytes: &[u8]) -> Result<(), StoreError> {
    // One huge slice goes in pieces too, so that what waits for a transaction stays small.
    for part in bytes.chunks(Pieces::WAITING_BYTES) {
        writer.pieces.add(original, part)?;
        if writer.pieces.is_full() {
            write_pieces(writer, original)?;
        }
    }
    Ok(())
}

fn write_pieces(writer: &mut Writer, original: OriginalId) -> Result<(), StoreError> {
    let what = || format!("keep original {original}");
    let tx = writer.db.transaction().doing(what)?;
    writer.pieces.write(&tx).doing(what)?;
    tx.commit().doing(what)?;
    writer.pieces.written();
    Ok(())
}

pub(crate) fn seal_original(
    writer: &mut Writer,
    id: OriginalId,
    sha256: &[u8; 32],
    bytes: u64,
) -> Result<(), StoreError> {
    let what = || format!("seal original {id}");
    let open = writer.open.as_ref().ok_or(StoreError::NoOriginal(id))?.id;
    writer.pieces.seal(id, bytes)?;
    let sql = "UPDATE original SET sha256 = ?3, bytes = ?4 WHERE id = ?1 AND batch = ?2";
    let changed =
        writer.db.execute(sql, params![signed(id.0), signed(open.0), sha256.as_slice(), signed(bytes)]).doing(what)?;
    if changed == 0 { Err(StoreError::NoOriginal(id)) } else { Ok(()) }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Original> {
    Ok(Original {
        id: OriginalId(number(row, 0)?),
        name: row.get(1)?,
        format: row.get(2)?,
        sha256: row.get::<_, Option<[u8; 32]>>(3)?.unwrap_or_default(),
        bytes: number(row, 4)?,
        kept: row.get(5)?,
    })
}
