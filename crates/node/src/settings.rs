use comity_store::{Change, NewEntry, Put, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Ctx, Deed, Node, NodeError};

/// A setting that is written together with others, all or none.
pub(crate) struct Write {
    pub(crate) key: String,
    /// The version it replaces; nothing where there was none.
    pub(crate) expected: Option<u64>,
    pub(crate) value: Vec<u8>,
}

impl Write {
    pub(crate) fn of(key: String, expected: Option<u64>, setting: &impl Serialize) -> Result<Self, NodeError> {
        let value = serde_json::to_vec(setting).map_err(NodeError::setting(&key))?;
        Ok(Self { key, expected, value })
    }

    pub(crate) fn put(&self) -> Put<'_> {
        Put { key: &self.key, expected: self.expected, value: &self.value }
    }
}

/// What the node keeps beside the log, as JSON under a key.
impl Node {
    /// The setting of this key, when there is one.
    pub(crate) fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, NodeError> {
        let Some((_, bytes)) = self.store.value(key)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(NodeError::setting(key))
    }

    /// Every setting whose key begins with this, by key.
    pub(crate) fn settings<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>, NodeError> {
        let rows = self.store.values(prefix)?;
        rows.iter().map(|(key, bytes)| serde_json::from_slice(bytes).map_err(NodeError::setting(key))).collect()
    }

    /// Keeps a setting, whatever stood there.
    pub(crate) fn keep_setting(&self, key: &str, setting: &impl Serialize) -> Result<(), NodeError> {
        self.overwrite(key, &serde_json::to_vec(setting).map_err(NodeError::setting(key))?, &[])
    }

    /// As [`Self::keep_setting`], with what the ledger is told of it.
    pub(crate) fn decide(&self, ctx: &Ctx, key: &str, setting: &impl Serialize, deed: Deed) -> Result<(), NodeError> {
        let value = serde_json::to_vec(setting).map_err(NodeError::setting(key))?;
        self.overwrite(key, &value, &[deed.entry(ctx)?])
    }

    /// Makes a new setting of the old one; of a newer one where somebody else wrote at the same moment. An error of
    /// `change` leaves it as it is.
    pub(crate) fn change_setting<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        change: impl Fn(Option<T>) -> Result<T, NodeError>,
        entries: &[NewEntry],
    ) -> Result<T, NodeError> {
        loop {
            let known = self.store.value(key)?;
            let before = known.as_ref().map(|(_, bytes)| bytes.clone());
            let version = known.as_ref().map(|(version, _)| *version);
            let old = known.map(|(_, bytes)| serde_json::from_slice(&bytes).map_err(NodeError::setting(key)));
            let new = change(old.transpose()?)?;
            let bytes = serde_json::to_vec(&new).map_err(NodeError::setting(key))?;
            if !entries.is_empty() && before.as_ref() == Some(&bytes) {
                return Ok(new);
            }
            let put = Put { key, expected: version, value: &bytes };
            match self.store.write(&Change { puts: &[put], entries, ..Change::default() }) {
                Ok(_) => return Ok(new),
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Changes what is kept of whoever asks, also where the store was opened for reading. What somebody else wrote at the
    /// same moment stays.
    pub(crate) fn note_setting(&self, key: &str, (version, setting): (u64, &impl Serialize)) -> Result<(), NodeError> {
        let value = serde_json::to_vec(setting).map_err(NodeError::setting(key))?;
        let puts = [Put { key, expected: Some(version), value: &value }];
        match self.store.write(&Change { puts: &puts, beside: true, ..Change::default() }) {
            Ok(_) | Err(StoreError::Changed(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The setting of this key with its version.
    pub(crate) fn versioned<T: DeserializeOwned>(&self, key: &str) -> Result<Option<(u64, T)>, NodeError> {
        let Some((version, bytes)) = self.store.value(key)? else { return Ok(None) };
        Ok(Some((version, serde_json::from_slice(&bytes).map_err(NodeError::setting(key))?)))
    }

    /// Writes a setting whatever stood there: its newest writer knows best.
    pub(crate) fn overwrite(&self, key: &str, value: &[u8], entries: &[NewEntry]) -> Result<(), NodeError> {
        loop {
            let known = self.store.value(key)?;
            // What is decided again, because a message came twice, is decided once.
            if !entries.is_empty() && known.as_ref().is_some_and(|(_, known)| known == value) {
                return Ok(());
            }
            let version = known.map(|(version, _)| version);
            let put = Put { key, expected: version, value };
            match self.store.write(&Change { puts: &[put], entries, ..Change::default() }) {
                Ok(_) => return Ok(()),
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
