use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use comity_base::Position;
use comity_crypto::sha256;
use comity_names::{Facts, Register};
use comity_store::LabelId;

use super::table::{Bearer, Known, Table};
use crate::{Node, NodeError};

/// Where the names are kept between two starts, in the folder of what is derived.
#[derive(Debug)]
pub(super) struct Shelf {
    file: PathBuf,
    key_id: u64,
}

impl Shelf {
    pub(super) fn new(folder: &Path, key_id: u64) -> Self {
        Self { file: folder.join("persons"), key_id }
    }

    /// What was kept, if it is whole and of this node; up to where it had read. What is not is made anew from the log.
    pub(super) fn load(&self, visible: Position) -> Option<Table> {
        let bytes = fs::read(&self.file).ok()?;
        let (head, rest) = bytes.split_at_checked(HEAD)?;
        let (numbers, sum) = head.split_at_checked(8 * 4)?;
        let mut numbers = numbers.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
        let (magic, key_id, read, count) = (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?);
        if magic != MAGIC || key_id != self.key_id || read > visible.0 {
            return None;
        }
        let (bearers, register) = rest.split_at_checked(usize::try_from(count).ok()?.checked_mul(BEARER)?)?;
        if sha256(bearers) != *sum {
            return None;
        }
        let mut known = Known::default();
        let mut one = |bytes| {
            let (bearer, facts) = bearer(bytes)?;
            known.push(&facts);
            Some(bearer)
        };
        let bearers = bearers.as_chunks::<BEARER>().0.iter().map(&mut one).collect::<Option<Vec<Bearer>>>()?;
        let large = Arc::new(Register::read(register).ok()?);
        Some(Table { read: Position(read), bearers, known, large, ..Table::default() })
    }

    /// Writes what is in the large register, and whom it names.
    fn save(&self, table: &Table) -> std::io::Result<()> {
        let mut bearers = Vec::with_capacity(table.bearers.len() * BEARER);
        for (one, number) in table.bearers.iter().zip(0..) {
            bearers.extend(one.position.0.to_le_bytes());
            bearers.extend(one.label.0.to_le_bytes());
            bearers.extend(table.known.of(number).to_bytes());
        }
        let new = self.file.with_extension("new");
        let mut out = BufWriter::new(fs::File::create(&new)?);
        for number in [MAGIC, self.key_id, table.read.0, table.bearers.len() as u64] {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(&sha256(&bearers))?;
        out.write_all(&bearers)?;
        table.large.write(&mut out)?;
        out.into_inner()?.sync_all()?;
        fs::rename(&new, &self.file)
    }

    /// Removes what is kept: somebody whose name stands there was erased.
    fn clear(&self) -> std::io::Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Node {
    /// Writes the names down where that saves enough at the next start.
    pub(crate) fn keep_persons(&self) -> Result<(), NodeError> {
        if !self.derived.is_writable() {
            return Ok(());
        }
        let _one_at_a_time = self.persons.reading.lock();
        let is_worth = {
            let table = self.persons.table.read();
            table.bearers.len().saturating_sub(table.kept) > WORTH + table.kept / 8
        };
        if !is_worth {
            return Ok(());
        }
        self.merge_persons(true);
        let table = self.persons.table.read();
        self.shelf().save(&table).map_err(NodeError::io("writing the names of persons"))?;
        let count = table.bearers.len();
        drop(table);
        self.persons.table.write().kept = count;
        Ok(())
    }

    /// Erases what versions said. Their names are removed from disk at once, and from memory when names are read next.
    pub(crate) fn erase_for_good(&self, positions: &[Position]) -> Result<(), NodeError> {
        self.store.erase(positions)?;
        let _one_at_a_time = self.persons.reading.lock();
        self.shelf().clear().map_err(NodeError::io("removing the names of persons"))?;
        let mut table = self.persons.table.write();
        table.kept = 0;
        table.names_erased |= positions.iter().any(|position| table.numbered(*position).is_some());
        Ok(())
    }

    /// Forgets all names: they are read anew from the log.
    pub(crate) fn forget_persons(&self) -> Result<(), NodeError> {
        let _one_at_a_time = self.persons.reading.lock();
        self.shelf().clear().map_err(NodeError::io("removing the names of persons"))?;
        let mut table = self.persons.table.write();
        let made = (table.made.0 + 1, table.made.1 + 1);
        *table = Table { is_loaded: true, made, endings: u64::MAX, ..Table::default() };
        Ok(())
    }

    pub(super) fn shelf(&self) -> Shelf {
        Shelf::new(self.derived.folder(), self.derived.key_id())
    }
}

fn bearer(bytes: &[u8; BEARER]) -> Option<(Bearer, Facts)> {
    let (position, rest) = bytes.split_first_chunk::<8>()?;
    let (label, facts) = rest.split_first_chunk::<4>()?;
    let bearer =
        Bearer { position: Position(u64::from_le_bytes(*position)), label: LabelId(u32::from_le_bytes(*label)) };
    Some((bearer, Facts::from_bytes(facts.first_chunk()?)))
}

/// `CMPERS01`; the number grows when names are read or kept in another way.
const MAGIC: u64 = u64::from_le_bytes(*b"CMPERS01");
const HEAD: usize = 8 * 4 + 32;
const BEARER: usize = 8 + 4 + Facts::BYTES;
/// Persons that came since that are worth writing all down anew.
const WORTH: usize = 2_000;
