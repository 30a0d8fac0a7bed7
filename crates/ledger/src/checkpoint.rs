use std::fmt;

use comity_crypto::{base64, unbase64};

use crate::{Hash, Note, NoteError, NoteSigner, NoteVerifier};

/// The head of a log: what a checkpoint's note says (C2SP tlog-checkpoint v1.0.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// What else the log says, a line each; nobody need understand it.
    pub extensions: Vec<String>,
}

/// What is not a checkpoint, or not one of this log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note is no checkpoint.
    #[error("the note is no checkpoint: a line with the log's origin, one with its size, one with its root")]
    Form,
    /// It is of another log.
    #[error("the checkpoint is of {found:?}, not of {wanted:?}")]
    Origin {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// The log's key signed nothing here.
    #[error("the checkpoint bears no signature of {0}")]
    Unsigned(String),
}

impl Checkpoint {
    /// Reads the text of a checkpoint's note.
    ///
    /// # Errors
    /// When it is no checkpoint.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Form);
        };
        let extensions: Vec<_> = lines.map(str::to_owned).collect();
        if origin.is_empty() || extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Form);
        }
        let size = decimal(size).ok_or(CheckpointError::Form)?;
        let root = unbase64(root).and_then(|root| root.try_into().ok()).ok_or(CheckpointError::Form)?;
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// Reads a checkpoint that must be of the log of this key, and signed by it.
    ///
    /// # Errors
    /// When it is not.
    pub fn open(note: &Note, log: &NoteVerifier) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(&note.text)?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::Origin { found: checkpoint.origin, wanted: log.name().to_owned() });
        }
        note.verify(log)?.ok_or_else(|| CheckpointError::Unsigned(log.name().to_owned()))?;
        Ok(checkpoint)
    }

    /// The checkpoint as a note signed by its log.
    pub fn sign(&self, log: &NoteSigner) -> Note {
        Note::signed(&self.to_string(), &[log])
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, base64(&self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A number in decimal, written in the one way there is.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number = text.parse::<u64>().ok()?;
    (number.to_string() == text).then_some(number)
}
