//! Values: one normalised observable each, typed by its [`Kind`].

mod kind;

use std::fmt;

pub use kind::Kind;

/// One observable in its normal form: two spellings of the same thing are equal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    kind: Kind,
    text: Box<str>,
}

/// The text is not a value of that kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {article} {kind}: {reason}", article = kind.article(), kind = kind.title())]
pub struct ValueError {
    /// The kind it was read as.
    pub kind: Kind,
    /// Why it is not one, in words that name no input.
    pub reason: &'static str,
}

impl Value {
    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The normal form: what is compared and fingerprinted.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.text)
    }
}

/// Reads texts as values. Holds the node's key for kinds that are kept only as a keyed hash.
#[derive(Clone)]
pub struct Values {
    card_key: [u8; 32],
}

impl Values {
    /// A reader that hashes card numbers under this key.
    pub fn new(card_key: [u8; 32]) -> Self {
        Self { card_key }
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values")
    }
}
