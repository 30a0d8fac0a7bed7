use comity_store::{Packer, StoreError, Training};
use rusqlite::{Connection, params};

use crate::engine::{Doing as _, Engine, signed};
use crate::writer::Writer;

impl Engine {
    /// Reads the dictionaries trained so far.
    pub(crate) fn load_dictionaries(&self, db: &Connection) -> Result<(), StoreError> {
        let what = || "read its dictionaries".to_owned();
        let mut statement =
            db.prepare_cached("SELECT id, content FROM dict WHERE content IS NOT NULL ORDER BY id").doing(what)?;
        let mut rows = statement.query([]).doing(what)?;
        while let Some(row) = rows.next().doing(what)? {
            let number: u32 = row.get(0).doing(what)?;
            if !self.packer.knows(number) {
                self.packer.add(number, &row.get::<_, Vec<u8>>(1).doing(what)?)?;
            }
        }
        Ok(())
    }

    /// Trains a dictionary when the log has grown enough for one. Failing costs space only, so nothing is reported.
    pub(crate) fn train_when_due(&self, writer: &mut Writer) {
        let last = writer.open.as_ref().map_or(0, |open| open.last);
        if Training::DUE_AT.iter().any(|due| writer.trained_at < *due && *due <= last) {
            writer.trained_at = last;
            let _ = self.train(&writer.db, last);
        }
    }

    fn train(&self, db: &Connection, last: u64) -> Result<(), StoreError> {
        let what = || "keep a trained dictionary".to_owned();
        let trained = Training::better_than(&self.packer, &self.samples(db, last)?);
        let number: u32 = db
            .query_row("SELECT ifnull(max(id), ?1) + 1 FROM dict", [Packer::BUILT_IN], |row| row.get(0))
            .doing(what)?;
        // Kept even when it is no better, so that it is not tried at every start.
        let row = params![number, signed(last), trained];
        db.execute("INSERT INTO dict (id, trained_at, content) VALUES (?1, ?2, ?3)", row).doing(what)?;
        // In use only once it is durable: no body may outlive its dictionary.
        trained.map_or(Ok(()), |dictionary| self.packer.add(number, &dictionary))
    }

    /// Objects from the whole log, of every type.
    fn samples(&self, db: &Connection, last: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let what = || "choose samples for a dictionary".to_owned();
        let mut candidates = Vec::new();
        // A dictionary holds fragments: none of what was withdrawn.
        let kind = "SELECT kind FROM object v WHERE seq = ?1 AND op IS NULL AND NOT EXISTS \
                    (SELECT 1 FROM object w WHERE w.op = 3 AND w.target = v.seq)";
        let mut statement = db.prepare(kind).doing(what)?;
        let step = (last / Training::CANDIDATES).max(1);
        for seq in (1..=last).step_by(usize::try_from(step).unwrap_or(usize::MAX)).map(signed) {
            let mut rows = statement.query([seq]).doing(what)?;
            if let Some(row) = rows.next().doing(what)? {
                candidates.push((row.get(0).doing(what)?, seq));
            }
        }
        let mut statement = db.prepare("SELECT dict, body FROM object WHERE seq = ?1").doing(what)?;
        let mut samples = Vec::new();
        for seq in Training::choose(&candidates, last) {
            let mut rows = statement.query([seq]).doing(what)?;
            let Some(row) = rows.next().doing(what)? else { continue };
            let packed: Vec<u8> = row.get(1).doing(what)?;
            Training::collect(&mut samples, &self.unpack(db, row.get(0).doing(what)?, &packed)?);
        }
        Ok(samples)
    }
}
