use std::collections::HashMap;
use std::path::Path;

use comity_store::StoreError;
use parking_lot::RwLock;

/// Where the rows about an id stand: derived from the log.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    map: RwLock<(HashMap<u64, Vec<u64>>, u64)>,
}

impl Ids {
    pub(crate) fn open(_dir: &Path, _key_id: u64) -> Result<Self, StoreError> {
        Ok(Self::default())
    }

    pub(crate) fn open_read_only(_dir: &Path, _key_id: u64) -> Result<Self, StoreError> {
        Ok(Self::default())
    }

    /// Every row up to here is known.
    pub(crate) fn applied(&self) -> u64 {
        self.map.read().1
    }

    pub(crate) fn clear(&self) -> Result<(), StoreError> {
        *self.map.write() = Default::default();
        Ok(())
    }

    pub(crate) fn apply(&self, entries: &[(u64, u64)], up_to: u64) {
        let mut map = self.map.write();
        for (key, position) in entries {
            map.0.entry(*key).or_default().push(*position);
        }
        map.1 = map.1.max(up_to);
    }

    /// Positions of rows that may be about this id, ascending.
    pub(crate) fn positions(&self, key: u64, into: &mut Vec<u64>) {
        into.clear();
        into.extend(self.map.read().0.get(&key).into_iter().flatten());
    }

    /// As [`Self::positions`], only the newest ones, newest first.
    pub(crate) fn newest(&self, key: u64, most: usize, into: &mut Vec<u64>) {
        into.clear();
        into.extend(self.map.read().0.get(&key).into_iter().flatten().rev().take(most));
    }

    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
