use std::collections::HashMap;

use comity_base::Position;
use comity_crypto::Sha256;
use comity_stix::ObjectId;
use comity_store::{BatchId, BatchInfo, BatchState, Faults, Op, OriginalId, StoreError};

use crate::db::signed;
use crate::engine::Engine;
use crate::log::{Says, Stretch};
use crate::reading::Fetched;
use crate::run::{chunk, unpack_keys, unpack_labels};

impl Engine {
    /// Reads everything once and says in sentences what is wrong.
    pub(crate) async fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = Faults::default();
        let visible = self.refresh().await?;
        self.catch_up(visible).await?;
        self.load_names().await?;
        let mut before = None;
        loop {
            let page = self.batches(before, 500).await?;
            let Some(oldest) = page.last() else { break };
            before = Some(oldest.id);
            for batch in page.iter().filter(|batch| batch.last.0 <= visible) {
                self.check_order(batch, &mut faults).await?;
                if batch.undoes.is_none() {
                    self.check_rows(batch, &mut faults).await?;
                    self.check_runs(batch, &mut faults).await?;
                }
                self.check_originals(batch.id, &mut faults).await?;
            }
        }
        Ok(faults.into_sentences())
    }

    /// Every position of a batch leads to it and to nothing else.
    async fn check_order(&self, batch: &BatchInfo, faults: &mut Faults) -> Result<(), StoreError> {
        if batch.last == batch.after {
            return Ok(());
        }
        for position in [batch.after.next(), batch.last] {
            let found = self.batch_of(position).await?.map(|found| found.id);
            if found != Some(batch.id) || self.log.read().at(position.0).is_none() {
                faults.add(|| format!("Position {position} should belong to batch {}, not to {found:?}.", batch.id));
            }
        }
        if batch.state == BatchState::Done && batch.undoes.is_none() && !self.log.read().counts(batch.id.0) {
            faults.add(|| format!("Batch {} is called done, but its undos say that it is taken back.", batch.id));
        }
        Ok(())
    }

    async fn check_rows(&self, batch: &BatchInfo, faults: &mut Faults) -> Result<(), StoreError> {
        // One that holds nothing is not there, any other was told to be there or not when its order was checked.
        let Some(all) = self.log.read().all_of(batch.id.0) else { return Ok(()) };
        let mut lo = 0;
        while lo < all.hi {
            let hi = all.hi.min(lo + PAGE);
            let stretch = Stretch { lo, hi, ..all.clone() };
            lo = hi;
            match self.fetch(std::slice::from_ref(&stretch), true).await {
                Ok(rows) => {
                    let rows: Vec<_> = rows.into_iter().flatten().collect();
                    if matches!(stretch.says, Says::Withdraw(_)) {
                        self.check_targets(&stretch, &rows, faults).await?;
                    }
                    self.check_page(&stretch, rows, faults).await?;
                }
                Err(StoreError::Damaged(why)) => {
                    faults.add(|| format!("{}.", capital(&why)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn check_page(&self, stretch: &Stretch, rows: Vec<Fetched>, faults: &mut Faults) -> Result<(), StoreError> {
        for row in rows {
            let position = stretch.after + row.n;
            self.check_body(stretch, &row, faults).await?;
            if self.names.owner(row.label).is_none() {
                faults.add(|| format!("Position {position} names the unknown label {}.", row.label));
            }
            let Ok(kind) = self.kind(row.kind).await else {
                faults.add(|| format!("Position {position} names the unknown type {}.", row.kind));
                continue;
            };
            if !self.ids.holds(self.key(&ObjectId { kind, uuid: row.uuid }), position) {
                faults.add(|| {
                    format!("The index of ids does not find position {position}; delete this process's cache folder.")
                });
            }
        }
        Ok(())
    }

    /// A version has a body that reads back, unless it was withdrawn.
    async fn check_body(&self, stretch: &Stretch, row: &Fetched, faults: &mut Faults) -> Result<(), StoreError> {
        let position = stretch.after + row.n;
        if let Some(body) = row.body.as_ref().filter(|body| !body.bytes.is_empty()) {
            if let Err(error) = self.unpack(body).await {
                faults.add(|| format!("The body at position {position} cannot be read: {error}."));
            }
        } else if stretch.op(row.n) == Op::Put && !self.log.read().is_withdrawn(position) {
            faults.add(|| format!("Position {position} has no body."));
        }
        Ok(())
    }

    /// What withdraws a version is about the same object and has no body.
    async fn check_targets(&self, stretch: &Stretch, rows: &[Fetched], faults: &mut Faults) -> Result<(), StoreError> {
        let versions: Vec<Stretch> = {
            let log = self.log.read();
            rows.iter().filter_map(|row| log.at(row.offset)).collect()
        };
        let targets: HashMap<u64, Fetched> = versions
            .iter()
            .map(|version| version.after + version.hi)
            .zip(self.fetch(&versions, false).await?.into_iter().flatten())
            .collect();
        for row in rows {
            let told = stretch.op(row.n) == Op::Withdraw(Position(row.offset));
            let same = targets.get(&row.offset).is_some_and(|other| other.uuid == row.uuid && other.kind == row.kind);
            if !told || !same || row.body.as_ref().is_some_and(|body| !body.bytes.is_empty()) {
                let position = stretch.after + row.n;
                faults.add(|| {
                    format!("Position {position} should withdraw a version, but its row is about something else.")
                });
            }
        }
        Ok(())
    }

    /// What appends left for followers says the same as the rows.
    async fn check_runs(&self, batch: &BatchInfo, faults: &mut Faults) -> Result<(), StoreError> {
        let (at, id) = (chunk(batch.id.0, 0), signed(batch.id.0));
        let sql = "SELECT last, count, key_id, ids, labels FROM run WHERE chunk = $1 AND batch = $2 ORDER BY last";
        for row in self.db.rows("read what was told", sql, &[&at, &id]).await? {
            let (last, count): (i64, i32) = (row.get(0), row.get(1));
            if row.get::<_, i64>(2) != self.key_id() {
                continue;
            }
            let (last, count) = (last.cast_unsigned(), u64::from(count.cast_unsigned()));
            let stretch = Stretch::puts(batch.id.0, last.saturating_sub(count), last, batch.after.0);
            let keys: Vec<u64> = unpack_keys(row.get(3)).collect();
            let labels = unpack_labels(row.get(4), keys.len());
            let rows = self.fetch(&[stretch], false).await.unwrap_or_default().into_iter().flatten();
            let mut same = labels.is_ok();
            for ((row, key), label) in rows.zip(&keys).zip(labels.unwrap_or_default()) {
                let id = ObjectId { kind: self.kind(row.kind).await?, uuid: row.uuid };
                same &= self.key(&id) == *key && row.label == label;
            }
            if !same || keys.len() as u64 != count {
                faults.add(|| {
                    format!("What batch {} left for followers up to its {last}-th version is wrong; delete it from the table run.", batch.id)
                });
            }
        }
        Ok(())
    }

    async fn check_originals(&self, batch: BatchId, faults: &mut Faults) -> Result<(), StoreError> {
        for original in self.originals(batch).await?.iter().filter(|o| o.kept && o.sha256 != [0; 32]) {
            faults.original(original, self.digest(original.id).await);
        }
        Ok(())
    }

    async fn digest(&self, original: OriginalId) -> Result<[u8; 32], StoreError> {
        let mut digest = Sha256::new();
        self.read_original(original, &mut digest).await?;
        Ok(digest.finish())
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

const PAGE: u64 = 4_096;
