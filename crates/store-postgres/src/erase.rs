use std::collections::{BTreeMap, BTreeSet};

use crate::lanes::Transaction;
use comity_base::Position;
use comity_store::{Found, Op, OriginalId, StoreError};

use crate::db::{Failure, number, signed};
use crate::engine::Engine;
use crate::log::Stretch;
use crate::run::{chunk, chunk_end, pack_found, unpack_found};

/// The numbers of versions by the chunk and batch they stand in.
type Places = BTreeMap<(i64, i64), Vec<i64>>;

impl Engine {
    pub(crate) async fn erase(&self, positions: &[Position]) -> Result<u64, StoreError> {
        self.life()?;
        self.refresh().await?;
        {
            let log = self.log.read();
            if let Some(other) = positions.iter().find(|position| !log.is_withdrawn(position.0)) {
                return Err(StoreError::NotWithdrawn(*other));
            }
        }
        let (erased, sources) = self.empty(positions).await?;
        for (batch, original) in sources {
            if !self.is_needed(batch, original).await? {
                self.drop_original(original).await?;
            }
        }
        Ok(erased)
    }

    /// Takes the bodies at these positions away, and what followers are told of them. Says how many were there, and
    /// which originals of which batches they came from.
    pub(crate) async fn empty(&self, positions: &[Position]) -> Result<(u64, BTreeSet<(u64, OriginalId)>), StoreError> {
        let positions: BTreeSet<Position> = positions.iter().copied().collect();
        let versions: Vec<Stretch> = {
            let log = self.log.read();
            let there = positions.iter().filter_map(|position| log.at(position.0));
            there.filter(|stretch| stretch.op(stretch.hi) == Op::Put).collect()
        };
        let (mut erased, mut sources) = (0, BTreeSet::new());
        for part in versions.chunks(AT_ONCE) {
            let mut places = Places::new();
            for (version, row) in part.iter().zip(self.fetch(part, true).await?.into_iter().flatten()) {
                if row.body.is_some_and(|body| !body.bytes.is_empty()) {
                    erased += 1;
                }
                if row.source != OriginalId(0) {
                    sources.insert((version.batch, row.source));
                }
                let place = (chunk(version.batch, row.n), signed(version.batch));
                places.entry(place).or_default().push(signed(row.n));
            }
            self.db.transaction("erase versions", async |tx, _| empty_rows(tx, &places).await).await?;
        }
        Ok((erased, sources))
    }

    /// Whether an original holds a version that was not withdrawn.
    async fn is_needed(&self, batch: u64, original: OriginalId) -> Result<bool, StoreError> {
        let Some(all) = self.log.read().all_of(batch) else { return Ok(false) };
        let sql = "SELECT n FROM object WHERE chunk = $1 AND batch = $2 AND source = $3";
        let mut n = 0;
        while n < all.hi {
            let (at, of, source) = (chunk(batch, n + 1), signed(batch), signed(original.0));
            let rows = self.db.rows("look what an original holds", sql, &[&at, &of, &source]).await?;
            let log = self.log.read();
            if rows.iter().any(|row| !log.is_withdrawn(all.after + row.get::<_, i64>(0).cast_unsigned())) {
                return Ok(true);
            }
            n = chunk_end(n + 1);
        }
        Ok(false)
    }

    /// Takes the bytes of originals away where there are any.
    pub(crate) async fn forget_originals(&self, originals: &[OriginalId]) -> Result<u64, StoreError> {
        let ids: Vec<i64> = originals.iter().map(|original| signed(original.0)).collect();
        let sql = "SELECT id FROM original WHERE id = ANY($1) AND kept";
        let kept = self.db.rows("look for originals", sql, &[&ids]).await?;
        for row in &kept {
            self.drop_original(OriginalId(row.get::<_, i64>(0).cast_unsigned())).await?;
        }
        Ok(kept.len() as u64)
    }

    /// Takes the bytes of an original away; it is no longer kept.
    pub(crate) async fn drop_original(&self, original: OriginalId) -> Result<(), StoreError> {
        let id = signed(original.0);
        self.db
            .transaction("drop an original", async |tx, _| {
                tx.execute("UPDATE original SET kept = false, sha256 = NULL WHERE id = $1 AND kept", &[&id]).await?;
                tx.execute("DELETE FROM original_chunk WHERE original = $1", &[&id]).await
            })
            .await
            .map(drop)
    }
}

async fn empty_rows(tx: &Transaction<'_>, places: &Places) -> Result<(), Failure> {
    let sql = "UPDATE object SET dict = 0, body = '' WHERE chunk = $1 AND batch = $2 AND n = ANY($3) AND body <> ''";
    let mut by_batch: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for ((chunk, batch), ns) in places {
        tx.execute(sql, &[chunk, batch, ns]).await?;
        by_batch.entry(*batch).or_default().extend(ns);
    }
    for (batch, ns) in by_batch {
        empty_runs(tx, batch, ns).await?;
    }
    Ok(())
}

/// Takes what was found in these versions of a batch out of what appends left for followers.
async fn empty_runs(tx: &Transaction<'_>, batch: i64, mut ns: BTreeSet<i64>) -> Result<(), Failure> {
    let at = chunk(batch.cast_unsigned(), 0);
    let sql = "SELECT last, count, found FROM run WHERE chunk = $1 AND batch = $2 AND last >= $3 \
               ORDER BY last LIMIT 1 FOR UPDATE";
    while let Some(first) = ns.first().copied() {
        let rows = tx.query(sql, &[&at, &batch, &first]).await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let (last, count): (i64, i32) = (row.try_get(0)?, row.try_get(1)?);
        let later = ns.split_off(&(last + 1));
        let here = std::mem::replace(&mut ns, later);
        let before = number(row, 0)?.saturating_sub(u64::from(count.cast_unsigned()));
        let is_told = |(place, _): &(u32, u64)| !here.contains(&signed(before + 1 + u64::from(*place)));
        let Ok((values, references)) = unpack_found(row.try_get(2)?, count.cast_unsigned()) else {
            // Without it followers read the bodies.
            let sql = "DELETE FROM run WHERE chunk = $1 AND batch = $2 AND last = $3";
            tx.execute(sql, &[&at, &batch, &last]).await?;
            continue;
        };
        let values: Vec<_> = values.into_iter().filter(is_told).collect();
        let references: Vec<_> = references.into_iter().filter(is_told).collect();
        let stored: Vec<_> = (0..count.cast_unsigned()).map(Some).collect();
        let found = pack_found(&Found { reading: 0, values: &values, references: &references }, &stored);
        let sql = "UPDATE run SET found = $4 WHERE chunk = $1 AND batch = $2 AND last = $3";
        tx.execute(sql, &[&at, &batch, &last, &found]).await?;
    }
    Ok(())
}

/// Versions whose bodies are taken away in one transaction: they are looked at before.
const AT_ONCE: usize = 500;
