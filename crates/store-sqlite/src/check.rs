use comity_base::Position;
use comity_crypto::Sha256;
use comity_store::{BatchInfo, Faults, LabelId, Op, OriginalId, StoreError, Version};
use rusqlite::Connection;

use crate::engine::{Doing as _, Engine, number, signed};
use crate::withdraw::is_withdrawn;

impl Engine {
    /// Reads everything once and says in sentences what is wrong.
    pub(crate) fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = Faults::default();
        self.readers.with(|db| {
            engine(db, &mut faults)?;
            let visible = self.head(db)?.visible;
            self.catch_up(db, visible.0)?;
            self.check_rows(db, visible, &mut faults)
        })?;
        let mut before = None;
        loop {
            let page = self.batches(before, 500)?;
            let Some(oldest) = page.last() else { break };
            before = Some(oldest.id);
            for batch in &page {
                self.check_density(batch, &mut faults)?;
                self.check_originals(batch, &mut faults)?;
            }
        }
        Ok(faults.into_sentences())
    }

    fn check_rows(&self, db: &Connection, visible: Position, faults: &mut Faults) -> Result<(), StoreError> {
        let mut at = Position::START;
        loop {
            let page = self.rows(db, (at, visible), PAGE, false)?;
            let Some(last) = page.last() else { return Ok(()) };
            at = last.position;
            for row in &page {
                self.check_row(db, row, visible, faults)?;
                self.check_names(db, row, faults)?;
            }
        }
    }

    fn check_row(
        &self,
        db: &Connection,
        row: &Version,
        visible: Position,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let position = row.position;
        let what = || format!("read row {position}");
        match row.op {
            Op::Put => {
                let mut statement = db.prepare_cached("SELECT dict, body FROM object WHERE seq = ?1").doing(what)?;
                let packed = statement
                    .query_row([signed(position.0)], |r| Ok((r.get(0)?, r.get::<_, Option<Vec<u8>>>(1)?)))
                    .doing(what)?;
                match packed {
                    (dictionary, Some(bytes)) => {
                        if let Err(error) = self.unpack(db, dictionary, &bytes) {
                            faults.add(|| format!("The body at position {position} cannot be read: {error}."));
                        }
                    }
                    (_, None) if is_withdrawn(db, position, visible).doing(what)? => {}
                    (_, None) => faults.add(|| format!("Position {position} has no body.")),
                }
            }
            Op::Tombstone(target) | Op::Restore(target) | Op::Withdraw(target) => {
                let mut statement =
                    db.prepare_cached("SELECT uuid FROM object WHERE seq = ?1 AND op IS NULL").doing(what)?;
                let mut rows = statement.query([signed(target.0)]).doing(what)?;
                let uuid = rows.next().doing(what)?.map(|r| r.get::<_, Vec<u8>>(0)).transpose().doing(what)?;
                if uuid.as_deref() != Some(row.id.uuid.as_bytes().as_slice()) || target >= position {
                    faults.add(|| {
                        format!(
                            "Position {position} takes back, restores or withdraws {target}, which is not a version of {}.",
                            row.id
                        )
                    });
                }
            }
        }
        Ok(())
    }

    fn check_names(&self, db: &Connection, row: &Version, faults: &mut Faults) -> Result<(), StoreError> {
        let position = row.position;
        if row.label == LabelId(0) || self.names.owner(row.label).is_none() {
            self.load_names(db)?;
            if self.names.owner(row.label).is_none() {
                faults.add(|| format!("Position {position} names the unknown label {}.", row.label));
            }
        }
        if !self.ids.holds(self.key(&row.id), position.0) {
            faults.add(|| {
                format!(
                    "The index of ids does not find position {position}; delete the folder `ids` beside the database."
                )
            });
        }
        Ok(())
    }

    fn check_density(&self, batch: &BatchInfo, faults: &mut Faults) -> Result<(), StoreError> {
        let expected = batch.last.0.saturating_sub(batch.after.0);
        let sql = "SELECT count(*) FROM object WHERE seq > ?1 AND seq <= ?2";
        let what = || format!("count the rows of batch {}", batch.id);
        let found = self.readers.with(|db| {
            db.query_row(sql, [signed(batch.after.0), signed(batch.last.0)], |row| number(row, 0)).doing(what)
        })?;
        if found != expected {
            faults.add(|| format!("Batch {} has {found} rows where it should have {expected}.", batch.id));
        }
        Ok(())
    }

    fn check_originals(&self, batch: &BatchInfo, faults: &mut Faults) -> Result<(), StoreError> {
        for original in self.originals(batch.id)?.iter().filter(|o| o.kept && o.sha256 != [0; 32]) {
            faults.original(original, self.digest(original.id));
        }
        Ok(())
    }

    fn digest(&self, original: OriginalId) -> Result<[u8; 32], StoreError> {
        let mut digest = Sha256::new();
        self.read_original(original, &mut digest)?;
        Ok(digest.finish())
    }
}

fn engine(db: &Connection, faults: &mut Faults) -> Result<(), StoreError> {
    let what = || "check the database file".to_owned();
    let mut statement = db.prepare("PRAGMA integrity_check(20)").doing(what)?;
    let mut rows = statement.query([]).doing(what)?;
    while let Some(row) = rows.next().doing(what)? {
        let line: String = row.get(0).doing(what)?;
        if line != "ok" {
            faults.add(|| format!("The database file is damaged: {line}."));
        }
    }
    Ok(())
}

const PAGE: usize = 2_000;
