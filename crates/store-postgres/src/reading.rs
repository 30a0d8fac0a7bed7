use std::sync::Arc;
use std::time::Duration;

use crate::lanes::Connection;
use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;
use comity_store::{Body, LabelId, Op, OriginalId, StoreError, Version};
use futures_util::future::try_join_all;
use tokio_postgres::Row;

use crate::db::{Failure, number, small};
use crate::engine::Engine;
use crate::log::Stretch;
use crate::run::{chunk, chunk_end};

/// One row as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) n: u64,
    pub(crate) kind: u32,
    pub(crate) uuid: uuid::Uuid,
    pub(crate) modified: Timestamp,
    pub(crate) label: LabelId,
    pub(crate) source: OriginalId,
    pub(crate) offset: u64,
    /// Present when bodies were asked for.
    pub(crate) body: Option<Body>,
}

/// The part of a stretch that lies in one chunk.
#[derive(Clone, Copy, Debug)]
struct Piece {
    chunk: i64,
    batch: i64,
    lo: i64,
    hi: i64,
    stretch: usize,
}

impl Engine {
    pub(crate) async fn scan(&self, after: Position, limit: usize, bodies: bool) -> Result<Vec<Version>, StoreError> {
        let most = u64::try_from(limit).unwrap_or(u64::MAX);
        let mut visible = self.visible();
        if after.0.saturating_add(most) > visible {
            visible = self.refresh().await?;
        }
        let stretches = self.log.read().after(after.0, visible, most);
        self.versions_in(&stretches, bodies).await
    }

    pub(crate) async fn get(&self, positions: &[Position]) -> Result<Vec<Option<Version>>, StoreError> {
        let newest = positions.iter().map(|position| position.0).max().unwrap_or(0);
        if newest > self.visible() {
            self.refresh().await?;
        }
        let stretches: Vec<Option<Stretch>> = {
            let log = self.log.read();
            positions.iter().map(|position| log.at(position.0)).collect()
        };
        let there: Vec<Stretch> = stretches.iter().flatten().cloned().collect();
        let mut versions = self.versions_in(&there, true).await?.into_iter();
        Ok(stretches.into_iter().map(|stretch| stretch.and_then(|_| versions.next())).collect())
    }

    pub(crate) async fn versions_of(&self, ids: &[ObjectId]) -> Result<Vec<Vec<Version>>, StoreError> {
        let visible = self.visible();
        self.catch_up(visible).await?;
        let (mut stretches, mut owners) = (Vec::new(), Vec::new());
        {
            let log = self.log.read();
            for (at, id) in ids.iter().enumerate() {
                for position in self.ids.positions(self.key(id)).into_iter().take_while(|p| *p <= visible) {
                    let Some(version) = log.at(position) else { continue };
                    let about = log.about(&version);
                    stretches.push(version);
                    stretches.extend(about);
                    owners.resize(stretches.len(), at);
                }
            }
        }
        let mut found = vec![Vec::new(); ids.len()];
        for (version, at) in self.versions_in(&stretches, false).await?.into_iter().zip(owners) {
            if ids.get(at).is_some_and(|id| *id == version.id)
                && let Some(found) = found.get_mut(at)
            {
                found.push(version);
            }
        }
        for versions in &mut found {
            versions.sort_by_key(|version| version.position);
        }
        Ok(found)
    }

    /// The versions of these stretches, in order.
    pub(crate) async fn versions_in(&self, stretches: &[Stretch], bodies: bool) -> Result<Vec<Version>, StoreError> {
        let mut versions = Vec::new();
        for (stretch, rows) in stretches.iter().zip(self.fetch(stretches, bodies).await?) {
            for row in rows {
                versions.push(self.version(stretch, row).await?);
            }
        }
        Ok(versions)
    }

    async fn version(&self, stretch: &Stretch, row: Fetched) -> Result<Version, StoreError> {
        let op = stretch.op(row.n);
        let is_put = op == Op::Put;
        let raw = match row.body.filter(|_| is_put) {
            Some(body) => self.unpack(&body).await?,
            None => Arc::default(),
        };
        Ok(Version {
            position: Position(stretch.after + row.n),
            id: ObjectId { kind: self.kind(row.kind).await?, uuid: row.uuid },
            modified: row.modified,
            label: row.label,
            op,
            source: if is_put { row.source } else { OriginalId(0) },
            offset: if is_put { row.offset } else { 0 },
            raw,
        })
    }

    /// The rows of each stretch. A visible row that is not there yet, as a distributed engine may have it for
    /// a moment, is waited for: positions are dense, so it is missed by counting.
    pub(crate) async fn fetch(&self, stretches: &[Stretch], bodies: bool) -> Result<Vec<Vec<Fetched>>, StoreError> {
        let mut waits = 0;
        loop {
            let found = self.fetch_once(stretches, bodies).await?;
            let hole = stretches.iter().zip(&found).find(|(stretch, rows)| stretch.len() != rows.len() as u64);
            let Some((stretch, rows)) = hole else { return Ok(found) };
            if waits == HOLE_WAITS {
                return Err(StoreError::Damaged(format!(
                    "batch {} has {} rows where it should have {} (after the {}-th)",
                    stretch.batch,
                    rows.len(),
                    stretch.len(),
                    stretch.lo
                )));
            }
            waits += 1;
            tokio::time::sleep(Duration::from_millis(10 * waits)).await;
        }
    }

    async fn fetch_once(&self, stretches: &[Stretch], bodies: bool) -> Result<Vec<Vec<Fetched>>, StoreError> {
        let pieces: Vec<Piece> = stretches.iter().enumerate().flat_map(|(at, stretch)| pieces(at, stretch)).collect();
        let mut found = vec![Vec::new(); stretches.len()];
        if pieces.is_empty() {
            return Ok(found);
        }
        let rows = self
            .db
            .read("read versions", async |client| {
                if pieces.len() <= SINGLY {
                    return try_join_all(pieces.iter().map(|piece| singly(client, piece, bodies))).await;
                }
                let mut all = Vec::new();
                for group in pieces.chunks(TOGETHER) {
                    all.push(together(client, group, bodies).await?);
                }
                Ok(all)
            })
            .await?;
        for (stretch, row) in rows.into_iter().flatten() {
            if let Some(found) = found.get_mut(stretch) {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// Unpacks a body, reading its dictionary first when another process trained it.
    pub(crate) async fn unpack(&self, body: &Body) -> Result<Arc<[u8]>, StoreError> {
        if !self.packer.knows(body.dictionary) {
            self.load_dictionaries().await?;
        }
        self.packer.unpack(body)
    }
}

fn pieces(at: usize, stretch: &Stretch) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lo = stretch.lo;
    while lo < stretch.hi {
        let hi = stretch.hi.min(chunk_end(lo + 1));
        pieces.push(Piece {
            chunk: chunk(stretch.batch, lo + 1),
            batch: stretch.batch.cast_signed(),
            lo: lo.cast_signed(),
            hi: hi.cast_signed(),
            stretch: at,
        });
        lo = hi;
    }
    pieces
}

/// One chunk by one statement: a distributed engine asks one worker only.
async fn singly(client: &Connection, piece: &Piece, bodies: bool) -> Result<Vec<(usize, Fetched)>, Failure> {
    let sql = if bodies { ONE_WITH_BODIES } else { ONE };
    let rows = client.query(sql, &[&piece.chunk, &piece.batch, &piece.lo, &piece.hi]).await?;
    rows.iter().map(|row| Ok((piece.stretch, fetched(row, 0, bodies)?))).collect()
}

/// Many pieces by one statement.
async fn together(client: &Connection, pieces: &[Piece], bodies: bool) -> Result<Vec<(usize, Fetched)>, Failure> {
    let column = |of: fn(&Piece) -> i64| pieces.iter().map(of).collect::<Vec<i64>>();
    let (chunks, batches) = (column(|p| p.chunk), column(|p| p.batch));
    let (los, his) = (column(|p| p.lo), column(|p| p.hi));
    let sql = if bodies { MANY_WITH_BODIES } else { MANY };
    let rows = client.query(sql, &[&chunks, &batches, &los, &his]).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let at = usize::try_from(row.try_get::<_, i64>(0)? - 1).unwrap_or(usize::MAX);
        if let Some(piece) = pieces.get(at) {
            found.push((piece.stretch, fetched(row, 1, bodies)?));
        }
    }
    Ok(found)
}

fn fetched(row: &Row, first: usize, bodies: bool) -> Result<Fetched, Failure> {
    let body = |column| {
        Ok::<_, Failure>(Body { dictionary: small(row, column)?, bytes: row.try_get::<_, Vec<u8>>(column + 1)? })
    };
    Ok(Fetched {
        n: number(row, first)?,
        kind: small(row, first + 1)?,
        uuid: row.try_get(first + 2)?,
        modified: Timestamp::from_micros(row.try_get(first + 3)?),
        label: LabelId(small(row, first + 4)?),
        source: OriginalId(number(row, first + 5)?),
        offset: number(row, first + 6)?,
        body: if bodies { Some(body(first + 7)?) } else { None },
    })
}

const ONE: &str = "SELECT n, kind, uuid, modified, label, source, place FROM object \
                   WHERE chunk = $1 AND batch = $2 AND n > $3 AND n <= $4 ORDER BY n";
const ONE_WITH_BODIES: &str = "SELECT n, kind, uuid, modified, label, source, place, dict, body FROM object \
                               WHERE chunk = $1 AND batch = $2 AND n > $3 AND n <= $4 ORDER BY n";
const MANY: &str = "SELECT s.i, o.n, o.kind, o.uuid, o.modified, o.label, o.source, o.place \
                    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) \
                    WITH ORDINALITY AS s(chunk, batch, lo, hi, i) \
                    JOIN object o ON o.chunk = s.chunk AND o.batch = s.batch AND o.n > s.lo AND o.n <= s.hi \
                    ORDER BY s.i, o.n";
const MANY_WITH_BODIES: &str = "SELECT s.i, o.n, o.kind, o.uuid, o.modified, o.label, o.source, o.place, o.dict, o.body \
                                FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) \
                                WITH ORDINALITY AS s(chunk, batch, lo, hi, i) \
                                JOIN object o ON o.chunk = s.chunk AND o.batch = s.batch AND o.n > s.lo AND o.n <= s.hi \
                                ORDER BY s.i, o.n";
/// Pieces that are asked for one by one, in one go.
const SINGLY: usize = 4;
/// Pieces asked for in one statement.
const TOGETHER: usize = 4_096;
/// How often a visible row that is not there is looked for again; the waits add up to about two seconds.
const HOLE_WAITS: u64 = 20;
