use axum::body::Bytes;
use serde::de::DeserializeOwned;

use super::reply::Trouble;
use crate::query::Query;

/// The fields of a form as a browser sends them.
pub(super) struct Fields(Query);

impl Fields {
    pub(super) fn read(body: &Bytes) -> Self {
        Self(Query::parse(&String::from_utf8_lossy(body.get(..LONGEST.min(body.len())).unwrap_or_default())))
    }

    /// A field, empty where it is not there, and no longer than any that is meant.
    pub(super) fn get(&self, name: &str) -> String {
        self.0.all(name).next().unwrap_or_default().chars().take(MOST).collect()
    }
}

/// What a script sent.
pub(super) fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Trouble> {
    if body.len() > LONGEST_JSON {
        return Err(Trouble::Failed);
    }
    serde_json::from_slice(body).map_err(|_| Trouble::Failed)
}

/// Characters of a field.
const MOST: usize = 1_024;
const LONGEST: usize = 16 << 10;
const LONGEST_JSON: usize = 128 << 10;
