use comity_base::LimitExceeded;
use comity_stix::Doc;
use serde::de::DeserializeOwned;

/// The text cannot be read as what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is larger than anything of its kind.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// It is not of the form it must have.
    #[error("cannot be read: {0}")]
    Form(String),
}

/// Reads JSON of others: bounded, without repeated or unknown members.
pub(crate) fn json<T: DeserializeOwned>(text: &[u8], most_bytes: usize) -> Result<T, ReadError> {
    if text.len() > most_bytes {
        return Err(LimitExceeded { what: "bytes", limit: most_bytes as u64 }.into());
    }
    // Two readers could read a repeated member differently.
    Doc::parse(text, DEPTH).map_err(|error| ReadError::Form(error.to_string()))?;
    serde_json::from_slice(text).map_err(|error| ReadError::Form(error.to_string()))
}

/// Deepest nesting of anything read here.
pub(crate) const DEPTH: usize = 12;
