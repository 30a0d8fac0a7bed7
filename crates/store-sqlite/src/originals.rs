use std::collections::BTreeMap;
use std::io::Write;

use comity_store::{BatchId, Original, OriginalId, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::engine::{Doing as _, Engine, number, signed};
use crate::writer::Writer;

/// The bytes of originals on their way into the database: they travel with the next transaction.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    kept: BTreeMap<u64, Kept>,
    ready: Vec<Chunk>,
}

#[derive(Debug, Default)]
struct Kept {
    buffer: Vec<u8>,
    next: i64,
    total: u64,
}

#[derive(Debug)]
struct Chunk {
    original: u64,
    number: i64,
    length: usize,
    content: Vec<u8>,
}

impl Chunks {
    fn add(&mut self, original: OriginalId, mut bytes: &[u8]) -> Result<(), StoreError> {
        let kept = self.kept.get_mut(&original.0).ok_or(StoreError::NoOriginal(original))?;
        kept.total += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = CHUNK_BYTES.saturating_sub(kept.buffer.len()).min(bytes.len());
            let (part, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            kept.buffer.extend_from_slice(part);
            bytes = rest;
            if kept.buffer.len() >= CHUNK_BYTES {
                kept.end(original.0, &mut self.ready);
            }
        }
        Ok(())
    }

    /// Ends every original that is still growing.
    pub(crate) fn end_all(&mut self) {
        for (original, kept) in &mut self.kept {
            kept.end(*original, &mut self.ready);
        }
    }

    /// Writes what is ready; [`Self::written`] follows once the transaction is through.
    pub(crate) fn write(&self, db: &Connection) -> rusqlite::Result<()> {
        for chunk in &self.ready {
            let sql = "INSERT INTO original_chunk (original, number, length, content) VALUES (?1, ?2, ?3, ?4)";
            let length = i64::try_from(chunk.length).unwrap_or(i64::MAX);
            db.prepare_cached(sql)?.execute(params![signed(chunk.original), chunk.number, length, chunk.content])?;
        }
        Ok(())
    }

    pub(crate) fn written(&mut self) {
        self.ready.clear();
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Kept {
    fn end(&mut self, original: u64, ready: &mut Vec<Chunk>) {
        if self.buffer.is_empty() {
            return;
        }
        // Packing a buffer in memory fails for lack of memory only; the bytes themselves do as well.
        let content =
            zstd::bulk::compress(&self.buffer, CHUNK_LEVEL).ok().filter(|packed| packed.len() < self.buffer.len());
        let length = self.buffer.len();
        let content = content.unwrap_or_else(|| self.buffer.clone());
        ready.push(Chunk { original, number: self.next, length, content });
        self.next += 1;
        self.buffer.clear();
    }
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
                     WHERE o.sha256 = ?1 AND b.owner = ?2 AND b.state = 1 ORDER BY b.id DESC LIMIT 1",
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
                let length = usize::try_from(row.get::<_, i64>(0).doing(what)?).unwrap_or_default();
                let content: Vec<u8> = row.get(1).doing(what)?;
                let plain = if content.len() == length { content } else { unpack(id, &content, length)? };
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
        writer.chunks.kept.insert(id.0, Kept::default());
    }
    Ok(id)
}

pub(crate) fn keep(writer: &mut Writer, original: OriginalId, bytes: &[u8]) -> Result<(), StoreError> {
    // One huge slice goes in pieces too, so that what waits for a transaction stays small.
    for part in bytes.chunks(WAITING_BYTES) {
        writer.chunks.add(original, part)?;
        if writer.chunks.ready.iter().map(|chunk| chunk.length).sum::<usize>() >= WAITING_BYTES {
            write_chunks(writer, original)?;
        }
    }
    Ok(())
}

fn write_chunks(writer: &mut Writer, original: OriginalId) -> Result<(), StoreError> {
    let what = || format!("keep original {original}");
    let tx = writer.db.transaction().doing(what)?;
    writer.chunks.write(&tx).doing(what)?;
    tx.commit().doing(what)?;
    writer.chunks.written();
    Ok(())
}

pub(crate) fn seal_original(
    writer: &mut Writer,
    id: OriginalId,
    sha256: &[u8; 32],
    bytes: u64,
) -> Result<(), StoreError> {
    let what = || format!("seal original {id}");
    let open = writer.open.ok_or(StoreError::NoOriginal(id))?;
    if let Some(kept) = writer.chunks.kept.get_mut(&id.0) {
        if kept.total != bytes {
            return Err(StoreError::Damaged(format!(
                "original {id} was sealed at {bytes} bytes, {} were kept",
                kept.total
            )));
        }
        kept.end(id.0, &mut writer.chunks.ready);
    }
    let sql = "UPDATE original SET sha256 = ?3, bytes = ?4 WHERE id = ?1 AND batch = ?2";
    let changed = writer
        .db
        .execute(sql, params![signed(id.0), signed(open.id.0), sha256.as_slice(), signed(bytes)])
        .doing(what)?;
    if changed == 0 { Err(StoreError::NoOriginal(id)) } else { Ok(()) }
}

fn unpack(id: OriginalId, content: &[u8], length: usize) -> Result<Vec<u8>, StoreError> {
    let plain = zstd::bulk::decompress(content, length.min(CHUNK_BYTES)).ok();
    plain
        .filter(|plain| plain.len() == length)
        .ok_or_else(|| StoreError::Damaged(format!("a piece of original {id} cannot be unpacked")))
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

/// Bytes of an original that are packed together.
const CHUNK_BYTES: usize = 1 << 20;
/// Bytes that wait in memory for the next transaction.
const WAITING_BYTES: usize = 8 << 20;
const CHUNK_LEVEL: i32 = 3;
