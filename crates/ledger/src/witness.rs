use std::fmt;

use comity_crypto::{base64, unbase64};

use crate::checkpoint::decimal;
use crate::note::NOTE;
use crate::{Checkpoint, CheckpointError, Hash, Note, NoteVerifier, verify_consistency};

/// What a log sends to a witness: a new checkpoint, and the proof that it goes on from the one the witness knows (C2SP
/// tlog-witness v1.0.0, `add-checkpoint`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the checkpoint the witness countersigned last; 0 when none.
    pub old: u64,
    /// The consistency proof from there, at most 63 hashes.
    pub proof: Vec<Hash>,
    /// The checkpoint, signed by its log.
    pub checkpoint: Note,
}

/// All that a witness keeps of a log: the newest checkpoint it countersigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it said.
    pub checkpoint: Checkpoint,
    /// The note with the log's signature, for whoever must be convinced.
    pub note: Note,
}

/// Why a witness does not countersign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What was sent cannot be read (400).
    #[error("line {0} is not what a request has there")]
    Form(usize),
    /// The checkpoint cannot be read (400), or is not the log's (403).
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The witness does not follow this log (404).
    #[error("this witness does not follow the log {0:?}")]
    UnknownLog(String),
    /// The old size is above the new one (400).
    #[error("the old size {old} is above the new one, {new}")]
    Backwards {
        /// The old one.
        old: u64,
        /// The new one.
        new: u64,
    },
    /// The witness knows a checkpoint of another size (409, with that size).
    #[error("the checkpoint countersigned last has {0} entries")]
    Stale(u64),
    /// The log signed two different trees of one size (409). Both notes together prove it.
    #[error("two different trees of {size} entries are signed by {origin:?}")]
    Fork {
        /// Whose.
        origin: String,
        /// Of what size.
        size: u64,
    },
    /// The proof does not lead from the known checkpoint to the new one (422).
    #[error("the proof does not lead from the tree of {old} entries to that of {new}")]
    Inconsistent {
        /// The known one.
        old: u64,
        /// The new one.
        new: u64,
    },
}

impl Refusal {
    /// Its HTTP status by the specification.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Checkpoint(CheckpointError::Unsigned(_) | CheckpointError::Note(_)) => 403,
            Self::Form(_) | Self::Backwards { .. } | Self::Checkpoint(_) => 400,
            Self::UnknownLog(_) => 404,
            Self::Stale(_) | Self::Fork { .. } => 409,
            Self::Inconsistent { .. } => 422,
        }
    }
}

impl AddCheckpoint {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is not one, or over a limit.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MOST {
            return Err(Refusal::Form(1));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Form(1))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(Refusal::Form(1))?;
        let mut lines = head.split('\n').enumerate();
        let old = lines.next().and_then(|(_, line)| line.strip_prefix("old ")).and_then(decimal);
        let old = old.ok_or(Refusal::Form(1))?;
        let hash = |(at, line)| unbase64(line).and_then(|h| h.try_into().ok()).ok_or(Refusal::Form(at + 1));
        let proof: Vec<Hash> = lines.map(hash).collect::<Result<_, _>>()?;
        if proof.len() > PROOF {
            return Err(Refusal::Form(PROOF + 2));
        }
        let checkpoint = Note::parse(checkpoint.as_bytes()).map_err(|_| Refusal::Form(proof.len() + 3))?;
        Ok(Self { old, proof, checkpoint })
    }

    /// Which log it is of, unchecked.
    ///
    /// # Errors
    /// When the checkpoint is none.
    pub fn origin(&self) -> Result<String, Refusal> {
        Ok(Checkpoint::parse(&self.checkpoint.text)?.origin)
    }

    /// Checks the request of the log with this key against what was countersigned last, and gives what the witness
    /// must now keep, durably and before it answers.
    ///
    /// # Errors
    /// When it must not countersign.
    pub fn check(&self, log: &NoteVerifier, last: Option<&Seen>) -> Result<Seen, Refusal> {
        let checkpoint = Checkpoint::open(&self.checkpoint, log)?;
        let (old, new) = (self.old, checkpoint.size);
        if old > new {
            return Err(Refusal::Backwards { old, new });
        }
        let (known, root) = last.map_or((0, crate::empty()), |seen| (seen.checkpoint.size, seen.checkpoint.root));
        if known == new && last.is_some() && root != checkpoint.root {
            return Err(Refusal::Fork { origin: checkpoint.origin, size: new });
        }
        if old != known {
            return Err(Refusal::Stale(known));
        }
        let follows = match old {
            0 if new > 0 => self.proof.is_empty(),
            _ => verify_consistency(old, new, &root, &checkpoint.root, &self.proof),
        };
        if !follows {
            return Err(Refusal::Inconsistent { old, new });
        }
        let mut note = self.checkpoint.clone();
        note.signatures.retain(|signature| signature.name == log.name() && signature.id == log.id());
        Ok(Seen { checkpoint, note })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The most hashes of a consistency proof.
const PROOF: usize = 63;
/// The longest request that is read.
const MOST: usize = NOTE + 64 * 45;
