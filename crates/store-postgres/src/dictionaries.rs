use std::sync::atomic::Ordering;

use comity_store::{StoreError, Training};

use crate::db::signed;
use crate::engine::Engine;
use crate::log::{Says, Stretch};
use crate::names::take;
use crate::open::Open;

impl Engine {
    /// Reads the dictionaries trained so far, by whichever process.
    pub(crate) async fn load_dictionaries(&self) -> Result<(), StoreError> {
        let known = self.packer.trained().cast_signed();
        let sql = "SELECT id, content FROM dict WHERE id > $1 AND content IS NOT NULL ORDER BY id";
        for row in self.db.rows("read its dictionaries", sql, &[&known]).await? {
            self.packer.add(row.get::<_, i32>(0).cast_unsigned(), row.get(1))?;
        }
        Ok(())
    }

    /// Trains a dictionary when the log, with this batch, has grown enough for one. Failing costs space only,
    /// so nothing is reported.
    pub(crate) async fn train_when_due(&self, open: &Open, visible: u64) {
        let versions = visible + open.count;
        let trained = self.trained.load(Ordering::Relaxed);
        let due = Training::DUE_AT.into_iter().rfind(|due| trained < *due && *due <= versions);
        if let Some(due) = due {
            self.trained.store(due, Ordering::Relaxed);
            let _ = self.train(open, visible, due).await;
        }
    }

    async fn train(&self, open: &Open, visible: u64, due: u64) -> Result<(), StoreError> {
        let there = "SELECT 1 FROM dict WHERE due >= $1";
        if !self.db.rows("look for a dictionary", there, &[&signed(due)]).await?.is_empty() {
            return self.load_dictionaries().await;
        }
        let trained = Training::better_than(&self.packer, &self.samples(open, visible).await?);
        // Kept even when it is no better, so that nobody tries again. In use only once it is durable.
        self.db
            .transaction("keep a trained dictionary", async |tx, _| {
                let id = take(tx, "dict").await?;
                if tx.query(there, &[&signed(due)]).await?.is_empty() {
                    let sql = "INSERT INTO dict (id, due, content) VALUES ($1, $2, $3)";
                    let id = i32::try_from(id).unwrap_or(i32::MAX);
                    tx.execute(sql, &[&id, &signed(due), &trained]).await?;
                }
                Ok(())
            })
            .await?;
        self.load_dictionaries().await
    }

    /// Objects from the whole log and from the open batch, of every type.
    async fn samples(&self, open: &Open, visible: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let step = ((visible + open.count) / Training::CANDIDATES).max(1);
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        let here = |n: u64| Stretch::puts(open.id.0, n - 1, n, 0);
        let mut spread: Vec<Stretch> = {
            let log = self.log.read();
            // A dictionary holds fragments: none of what was withdrawn.
            let standing = (1..=visible).step_by(step).filter(|position| !log.is_withdrawn(*position));
            standing.filter_map(|position| log.at(position)).filter(|stretch| stretch.says == Says::Put).collect()
        };
        spread.extend((1..=open.count).step_by(step).map(here));
        let rows = self.fetch(&spread, false).await?;
        let candidates: Vec<(u32, usize)> =
            rows.iter().enumerate().filter_map(|(at, rows)| Some((rows.first()?.kind, at))).collect();
        let chosen: Vec<_> = Training::choose(&candidates, visible + open.count)
            .into_iter()
            .filter_map(|at| spread.get(at).cloned())
            .collect();
        let mut samples = Vec::new();
        for row in self.fetch(&chosen, true).await?.into_iter().flatten() {
            if let Some(body) = row.body {
                Training::collect(&mut samples, &self.unpack(&body).await?);
            }
        }
        Ok(samples)
    }
}
