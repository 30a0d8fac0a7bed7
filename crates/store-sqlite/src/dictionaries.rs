use std::collections::BTreeMap;

use comity_store::{Packer, StoreError};
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
        let last = writer.open.map_or(0, |open| open.last);
        if DUE_AT.iter().any(|due| writer.trained_at < *due && *due <= last) {
            writer.trained_at = last;
            let _ = self.train(&writer.db, last);
        }
    }

    fn train(&self, db: &Connection, last: u64) -> Result<(), StoreError> {
        let what = || "keep a trained dictionary".to_owned();
        let samples = self.samples(db, last)?;
        let (held_out, taught): (Vec<_>, Vec<_>) = samples.iter().enumerate().partition(|(at, _)| at % 8 == 0);
        let taught: Vec<_> = taught.into_iter().map(|(_, sample)| sample).collect();
        let held_out: Vec<_> = held_out.into_iter().map(|(_, sample)| sample.as_slice()).collect();
        let trained = Packer::train(&taught).filter(|dictionary| self.is_better(dictionary, &held_out));
        let number: u32 = db
            .query_row("SELECT ifnull(max(id), ?1) + 1 FROM dict", [Packer::BUILT_IN], |row| row.get(0))
            .doing(what)?;
        // Kept even when it is no better, so that it is not tried at every start.
        let row = params![number, signed(last), trained];
        db.execute("INSERT INTO dict (id, trained_at, content) VALUES (?1, ?2, ?3)", row).doing(what)?;
        // In use only once it is durable: no body may outlive its dictionary.
        trained.map_or(Ok(()), |dictionary| self.packer.add(number, &dictionary))
    }

    /// Whether it saves at least a thirtieth over the present one on objects it was not trained on.
    fn is_better(&self, dictionary: &[u8], held_out: &[&[u8]]) -> bool {
        let new = Packer::new();
        if new.add(u32::MAX, dictionary).is_err() {
            return false;
        }
        let size = |packer: &Packer| held_out.iter().map(|raw| packer.pack(raw).bytes.len()).sum::<usize>();
        size(&new).saturating_mul(30) < size(&self.packer).saturating_mul(29)
    }

    /// Objects from the whole log, of every type; the common types get more, but less than their share.
    fn samples(&self, db: &Connection, last: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let what = || "choose samples for a dictionary".to_owned();
        let mut by_kind: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
        let mut statement = db.prepare("SELECT kind FROM object WHERE seq = ?1 AND op IS NULL").doing(what)?;
        let step = (last / CANDIDATES).max(1);
        for seq in (1..=last).step_by(usize::try_from(step).unwrap_or(usize::MAX)).map(signed) {
            let mut rows = statement.query([seq]).doing(what)?;
            if let Some(row) = rows.next().doing(what)? {
                by_kind.entry(row.get(0).doing(what)?).or_default().push(seq);
            }
        }
        let weight = |found: &Vec<i64>| found.len().isqrt();
        let total = by_kind.values().map(weight).sum::<usize>().max(1);
        let mut statement = db.prepare("SELECT dict, body FROM object WHERE seq = ?1").doing(what)?;
        let (mut samples, mut bytes) = (Vec::new(), 0);
        for found in by_kind.values() {
            let share = (SAMPLES * weight(found) / total).max(1);
            for seq in found.iter().step_by((found.len() / share).max(1)).take(share) {
                let mut rows = statement.query([seq]).doing(what)?;
                let Some(row) = rows.next().doing(what)? else { continue };
                let packed: Vec<u8> = row.get(1).doing(what)?;
                let raw = self.unpack(db, row.get(0).doing(what)?, &packed)?;
                if raw.len() <= LARGEST_SAMPLE && bytes + raw.len() <= SAMPLE_BYTES {
                    bytes += raw.len();
                    samples.push(raw.to_vec());
                }
            }
        }
        Ok(samples)
    }
}

/// How many rows the log has when a dictionary is trained: once early, once when it knows its data.
const DUE_AT: [u64; 2] = [20_000, 1_000_000];
const CANDIDATES: u64 = 12_000;
const SAMPLES: usize = 4_000;
const LARGEST_SAMPLE: usize = 64 << 10;
const SAMPLE_BYTES: usize = 6 << 20;
