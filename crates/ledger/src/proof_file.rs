use std::fmt;

use comity_crypto::{base64, unbase64};

use crate::checkpoint::decimal;
use crate::note::NOTE;
use crate::{Checkpoint, CheckpointError, Hash, Note, NoteVerifier, Policy, verify_inclusion};

/// A proof that an entry stands in a log, which can be checked without any network (C2SP tlog-proof v1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// What came along, which proves nothing by itself.
    pub extra: Option<Vec<u8>>,
    /// Where the entry stands.
    pub index: u64,
    /// Its siblings up to the root.
    pub path: Vec<Hash>,
    /// The checkpoint with its cosignatures.
    pub checkpoint: Note,
}

/// Why a proof file proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It is no proof file.
    #[error("line {0} is not what a proof file has there")]
    Form(usize),
    /// It is too long.
    #[error("a proof file of {0} bytes is too long")]
    Long(usize),
    /// Its checkpoint is none, or not signed as it must be.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Of no log that the policy knows.
    #[error("the checkpoint is of {0:?}, which the policy does not list")]
    UnknownLog(String),
    /// Too few witnesses.
    #[error("the checkpoint has the cosignatures of {}: not those the policy asks for", if .0.is_empty() { "nobody".into() } else { .0.join(", ") })]
    Quorum(Vec<String>),
    /// The path does not lead from the entry to the root.
    #[error("the path does not lead from this entry at index {index} to the root of the checkpoint of size {size}")]
    Path {
        /// The index.
        index: u64,
        /// The size.
        size: u64,
    },
}

impl ProofFile {
    /// Reads a proof file.
    ///
    /// # Errors
    /// When it is not one, or over a limit.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > MOST {
            return Err(ProofError::Long(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofError::Form(1))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Form(1))?;
        let mut lines = head.split('\n').enumerate().map(|(at, line)| (at + 1, line)).peekable();
        if lines.next().map(|(_, line)| line) != Some(FIRST) {
            return Err(ProofError::Form(1));
        }
        let mut extra = None;
        if let Some((at, line)) = lines.next_if(|(_, line)| line.starts_with("extra ")) {
            extra = Some(line.strip_prefix("extra ").and_then(unbase64).ok_or(ProofError::Form(at))?);
        }
        let (at, line) = lines.next().ok_or(ProofError::Form(2))?;
        let index = line.strip_prefix("index ").and_then(decimal).ok_or(ProofError::Form(at))?;
        let hash = |(at, line)| unbase64(line).and_then(|h| h.try_into().ok()).ok_or(ProofError::Form(at));
        let path: Vec<Hash> = lines.map(hash).collect::<Result<_, _>>()?;
        if path.len() > 64 {
            return Err(ProofError::Form(66));
        }
        let checkpoint = Note::parse(checkpoint.as_bytes()).map_err(CheckpointError::from)?;
        Ok(Self { extra, index, path, checkpoint })
    }

    /// Checks that this leaf stands in the log of this key; nothing about witnesses.
    ///
    /// # Errors
    /// When it does not follow from what is here.
    pub fn verify(&self, leaf: &Hash, log: &NoteVerifier) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, log)?;
        let (index, size) = (self.index, checkpoint.size);
        if !verify_inclusion(leaf, index, size, &self.path, &checkpoint.root) {
            return Err(ProofError::Path { index, size });
        }
        Ok(checkpoint)
    }

    /// Checks that this leaf stands in a log of the policy, at a checkpoint with the cosignatures it asks for.
    ///
    /// # Errors
    /// When it does not follow from what is here.
    pub fn verify_under(&self, leaf: &Hash, policy: &Policy) -> Result<Checkpoint, ProofError> {
        let origin = Checkpoint::parse(&self.checkpoint.text)?.origin;
        let log = policy.log(&origin).ok_or(ProofError::UnknownLog(origin))?;
        let checkpoint = self.verify(leaf, log)?;
        let seen = policy.cosigned(&self.checkpoint);
        if !seen.meets_quorum {
            return Err(ProofError::Quorum(seen.witnesses));
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

const FIRST: &str = "c2sp.org/tlog-proof@v1";
/// The longest proof file that is read: a note, a path, and some extra data.
const MOST: usize = 4 * NOTE;
