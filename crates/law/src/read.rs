use comity_base::LimitExceeded;
use comity_stix::{Doc, canonical};
use serde::Serialize;
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
    /// A member has a value it cannot have.
    #[error("{place}: {problem}")]
    Value {
        /// Which member.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl ReadError {
    pub(crate) fn value(place: &str, problem: impl Into<String>) -> Self {
        Self::Value { place: place.to_owned(), problem: problem.into() }
    }
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

/// The canonical JSON (RFC 8785) of something of ours.
pub(crate) fn canonical_json(content: &impl Serialize) -> String {
    // INVARIANT: text keys and values that print themselves cannot fail to be written to memory.
    let plain = serde_json::to_string(content).unwrap_or_default();
    let mut out = String::with_capacity(plain.len());
    if let Ok(doc) = Doc::parse(plain.as_bytes(), DEPTH) {
        canonical(doc.root(), &mut out);
    }
    out
}

/// Deepest nesting of anything read here.
pub(crate) const DEPTH: usize = 12;
