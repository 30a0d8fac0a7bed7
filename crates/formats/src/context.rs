use std::collections::BTreeSet;

use comity_base::{LimitExceeded, Limits};
use comity_stix::Value;
use comity_stix::value::Values;

use crate::{ColumnMap, Dated};

/// What every reader is told.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who brings the stream and when.
    pub dated: Dated,
    /// What one stream may cost.
    pub limits: Limits,
    /// Take STIX and MISP only, and nothing packed: what others send over the network is that, or is refused.
    pub objects_only: bool,
    /// Columns named by the user; they win over the guess.
    pub columns: ColumnMap,
    /// Reads and normalises values.
    pub values: Values,
    /// Reads the text of a PDF document.
    pub pdf: PdfText,
    /// What a person said of the values of a report.
    pub marked: Marked,
}

/// What a person said of the values of a report, where reading alone would say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// What to call it; its own heading where nothing is said.
    pub title: Option<String>,
    /// What looks like a value and is none that matters: an example, the reporter's own address.
    pub not: BTreeSet<Value>,
    /// Values that stand in it in another form, or in a picture.
    pub also: Vec<Value>,
}

/// Reads the text of a PDF document; why there is none otherwise.
pub type PdfText = fn(&[u8]) -> Result<String, String>;

/// The stream itself failed; what was read before stands.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Reading or decompressing failed.
    #[error("{name}: reading failed at byte {offset}: {source}")]
    Io {
        /// The stream.
        name: String,
        /// How far it was read.
        offset: u64,
        /// What the system or the decompressor said.
        source: std::io::Error,
    },
    /// The content is of no format this reader knows.
    #[error("{name}: not a format that can be read ({why})")]
    Unknown {
        /// The stream.
        name: String,
        /// What it looks like.
        why: String,
    },
    /// A limit was reached.
    #[error("{name}: {source}")]
    Limit {
        /// The stream.
        name: String,
        /// Which limit.
        source: LimitExceeded,
    },
}

impl ReadError {
    /// The error for a failed read; a limit that was met while reading stays one. The offset is filled in by
    /// [`crate::read`], which knows how far the input was read.
    pub(crate) fn from_io(name: &str, source: std::io::Error) -> Self {
        let name = name.to_owned();
        match source.get_ref().and_then(|inner| inner.downcast_ref::<LimitExceeded>()) {
            Some(limit) => Self::Limit { name, source: *limit },
            None => Self::Io { name, offset: 0, source },
        }
    }
}
