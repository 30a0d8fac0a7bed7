use std::collections::{BTreeMap, HashMap};

use comity_base::Position;
use comity_store::{Op, Store};
use parking_lot::RwLock;

use crate::NodeError;

/// The type of the object at each position, a byte each, in memory: what makes a page of one type cost what it
/// holds. Read from the log when first asked for, and kept up from there.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// By position; 0 where nothing stands.
    of: Vec<u8>,
    names: HashMap<String, u8>,
    /// Types beyond the first 254 share the number 255 and are told apart by nobody: they always match.
    read: u64,
}

/// Which numbers of types are wanted.
pub(crate) struct Wanted([bool; 256]);

impl Kinds {
    /// Reads on up to a position.
    pub(crate) fn catch_up(&self, store: &dyn Store, up_to: Position) -> Result<&Self, NodeError> {
        while self.table.read().read < up_to.0 {
            let mut table = self.table.write();
            let from = Position(table.read);
            let rows = store.scan(from, PAGE, false)?;
            for row in &rows {
                let number = if row.op == Op::Put { table.number(row.id.kind.as_str()) } else { 0 };
                let at = usize::try_from(row.position.0).unwrap_or(usize::MAX);
                if table.of.len() <= at {
                    table.of.resize(at + 1, 0);
                }
                if let Some(cell) = table.of.get_mut(at) {
                    *cell = number;
                }
            }
            table.read = rows.last().map_or(up_to.0, |row| row.position.0);
        }
        Ok(self)
    }

    /// The numbers of the types a test accepts.
    pub(crate) fn numbers(&self, wants: impl Fn(&str) -> bool) -> Wanted {
        let table = self.table.read();
        let mut wanted = [false; 256];
        for (name, number) in &table.names {
            if let Some(cell) = wanted.get_mut(usize::from(*number)) {
                *cell |= wants(name);
            }
        }
        Wanted(wanted)
    }

    /// What each number stands for; types beyond those that have one of their own have none here.
    pub(crate) fn names(&self) -> BTreeMap<u8, String> {
        let table = self.table.read();
        let own = table.names.iter().filter(|(_, number)| **number < u8::MAX);
        own.map(|(name, number)| (*number, name.clone())).collect()
    }

    /// The numbers of the objects at so many positions from one on.
    pub(crate) fn with_numbers<T>(&self, from: Position, count: usize, look: impl FnOnce(&[u8]) -> T) -> T {
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        let table = self.table.read();
        let end = from.saturating_add(count).min(table.of.len());
        look(table.of.get(from.min(end)..end).unwrap_or_default())
    }

    /// Whether the object at a position is of one of these types.
    pub(crate) fn is_one_of(&self, position: Position, wanted: &Wanted) -> bool {
        let at = usize::try_from(position.0).unwrap_or(usize::MAX);
        let number = self.table.read().of.get(at).copied().unwrap_or_default();
        wanted.has(number)
    }
}

impl Wanted {
    /// Whether a number is one of them.
    pub(crate) fn has(&self, number: u8) -> bool {
        self.0.get(usize::from(number)).copied().unwrap_or_default()
    }
}

impl Table {
    fn number(&mut self, kind: &str) -> u8 {
        if let Some(number) = self.names.get(kind) {
            return *number;
        }
        let number = u8::try_from(self.names.len() + 1).unwrap_or(u8::MAX);
        // A store with so many types is made up; those beyond share one number.
        if self.names.len() < 100_000 {
            self.names.insert(kind.to_owned(), number);
        }
        number
    }
}

const PAGE: usize = 8_192;
