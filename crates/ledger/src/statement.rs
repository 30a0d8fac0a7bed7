use std::fmt;

use comity_crypto::{base64, unbase64};

use crate::checkpoint::decimal;
use crate::{
    Checkpoint, CheckpointError, Cosigned, Entry, EntryError, Group, Hash, Note, NoteError, NoteSigner, NoteVerifier,
    Opened, Opening, Policy, verify_inclusion,
};

/// What a node shows of its ledger to somebody who has only this file: entries with what they say, the proof that each
/// stands in a log, and the log's checkpoint with its cosignatures; all of it signed.
///
/// It proves that what is shown was written then and not changed since. That nothing else was written it does not
/// prove: for that a whole copy of the log is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it answers, in words of whoever made it.
    pub question: String,
    /// When it was made, as the node says.
    pub made: String,
    /// What is shown, log by log.
    pub logs: Vec<StatedLog>,
}

/// What is shown of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedLog {
    /// Its key.
    pub key: NoteVerifier,
    /// The checkpoint that the proofs lead to.
    pub checkpoint: Note,
    /// The entries.
    pub entries: Vec<StatedEntry>,
}

/// One entry with what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedEntry {
    /// Where it stands.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
    /// The proof.
    pub path: Vec<Hash>,
    /// What it says, but for what was erased or is kept back.
    pub opening: Opening,
}

/// Why a statement proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It is no note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A line is not what stands there.
    #[error("line {0} is not what a statement has there")]
    Form(usize),
    /// It is not signed with the key of a log it shows.
    #[error("the statement bears no signature of {0}")]
    Unsigned(String),
    /// It shows nothing.
    #[error("the statement shows no log")]
    Empty,
    /// Its text cannot hold this: a line feed or another control character.
    #[error("{0} has characters that no line of a statement can hold")]
    Characters(&'static str),
    /// A checkpoint does not hold.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// What is shown of an entry is not what was written.
    #[error("entry {index} of {log}: {why}")]
    Entry {
        /// Which.
        index: u64,
        /// Of which log.
        log: String,
        /// Why.
        why: EntryError,
    },
    /// An entry is not in its log.
    #[error("entry {index}: the proof does not lead to the checkpoint of {log}")]
    Path {
        /// Which.
        index: u64,
        /// Of which log.
        log: String,
    },
}

impl Statement {
    /// The statement as a note, signed with the key of each log it shows.
    ///
    /// # Errors
    /// When something cannot be written as a line of text.
    pub fn sign(&self, by: &[&NoteSigner]) -> Result<Note, StatementError> {
        let line = |name, text: &str| {
            if text.chars().any(|c| c < ' ') { Err(StatementError::Characters(name)) } else { Ok(()) }
        };
        line("the question", &self.question)?;
        line("the time", &self.made)?;
        for entry in self.logs.iter().flat_map(|log| &log.entries) {
            for group in Group::ALL {
                let Some(opened) = entry.opening.group(group) else { continue };
                let text = std::str::from_utf8(&opened.said).map_err(|_| StatementError::Characters(group.name()))?;
                line(group.name(), text)?;
            }
        }
        Ok(Note::signed(&self.to_string(), by))
    }

    /// Reads a statement and its signatures; nothing of it is checked yet.
    ///
    /// # Errors
    /// When it is none, or over a limit.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Note), StatementError> {
        let note = Note::parse_within(bytes, MOST)?;
        let mut reader = Reader { lines: note.text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect() };
        reader.lines.reverse();
        let statement = reader.read()?;
        Ok((statement, note))
    }

    /// Checks everything: the signature, every checkpoint, every proof, and that what is shown was written. Says who
    /// countersigned each checkpoint, as this policy sees it.
    ///
    /// Whether the keys are the ones they claim to be must be known from elsewhere: from the policy, or by comparing.
    ///
    /// # Errors
    /// For the first thing that does not hold.
    pub fn verify(&self, note: &Note, policy: Option<&Policy>) -> Result<Vec<Cosigned>, StatementError> {
        if self.logs.is_empty() {
            return Err(StatementError::Empty);
        }
        let mut cosigned = Vec::new();
        for log in &self.logs {
            let name = log.key.name().to_owned();
            note.verify(&log.key)?.ok_or_else(|| StatementError::Unsigned(name.clone()))?;
            let checkpoint = Checkpoint::open(&log.checkpoint, &log.key)?;
            for shown in &log.entries {
                let index = shown.index;
                let why = |why| StatementError::Entry { index, log: name.clone(), why };
                shown.entry.check(&shown.opening).map_err(why)?;
                let leaf = shown.entry.leaf_hash();
                if !verify_inclusion(&leaf, index, checkpoint.size, &shown.path, &checkpoint.root) {
                    return Err(StatementError::Path { index, log: name });
                }
            }
            let none = || Cosigned { witnesses: Vec::new(), meets_quorum: false };
            cosigned.push(policy.map_or_else(none, |policy| policy.cosigned(&log.checkpoint)));
        }
        Ok(cosigned)
    }
}

/// The text that is signed.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}\nquestion {}\nmade {}", self.question, self.made)?;
        for log in &self.logs {
            writeln!(f, "log {}", log.key)?;
            writeln!(f, "checkpoint {}", base64(log.checkpoint.to_string().as_bytes()))?;
            for shown in &log.entries {
                writeln!(f, "entry {} {}", shown.index, base64(&shown.entry.to_bytes()))?;
                f.write_str("path")?;
                shown.path.iter().try_for_each(|hash| write!(f, " {}", base64(hash)))?;
                writeln!(f)?;
                for group in Group::ALL {
                    match shown.opening.group(group) {
                        Some(Opened { salt, said }) => {
                            writeln!(f, "{group} {} {}", base64(salt), String::from_utf8_lossy(said))?;
                        }
                        None => writeln!(f, "{group} withheld")?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// The lines that are left, the next one last.
struct Reader<'t> {
    lines: Vec<(usize, &'t str)>,
}

impl<'t> Reader<'t> {
    fn read(&mut self) -> Result<Statement, StatementError> {
        self.after(FIRST).ok_or_else(|| self.wrong())?;
        let question = self.after("question ").ok_or_else(|| self.wrong())?.to_owned();
        let made = self.after("made ").ok_or_else(|| self.wrong())?.to_owned();
        let mut logs = Vec::new();
        while !self.lines.is_empty() {
            let key = self.after("log ").and_then(|key| key.parse().ok()).ok_or_else(|| self.wrong())?;
            let checkpoint = self.after("checkpoint ").and_then(unbase64).ok_or_else(|| self.wrong())?;
            let checkpoint = Note::parse(&checkpoint)?;
            let mut entries = Vec::new();
            while let Some(line) = self.after("entry ") {
                entries.push(self.entry(line)?);
            }
            logs.push(StatedLog { key, checkpoint, entries });
        }
        Ok(Statement { question, made, logs })
    }

    fn entry(&mut self, line: &str) -> Result<StatedEntry, StatementError> {
        let read = line.split_once(' ').and_then(|(index, entry)| {
            let entry = Entry::parse(&unbase64(entry)?).ok()?;
            Some((decimal(index)?, entry))
        });
        let (index, entry) = read.ok_or_else(|| self.wrong())?;
        let path = self.after("path").ok_or_else(|| self.wrong())?;
        let hashes = path.split(' ').skip(1).take(65).map(|hash| unbase64(hash)?.try_into().ok());
        let path = hashes.collect::<Option<Vec<Hash>>>().ok_or_else(|| self.wrong())?;
        let mut opening = Opening::default();
        for group in Group::ALL {
            let said = self.after(group.name()).and_then(|said| said.strip_prefix(' ')).ok_or_else(|| self.wrong())?;
            if said != "withheld" {
                opening.set(group, Some(opened(said).ok_or_else(|| self.wrong())?));
            }
        }
        Ok(StatedEntry { index, entry, path, opening })
    }

    /// What stands behind this in the next line, which is then read.
    fn after(&mut self, start: &str) -> Option<&'t str> {
        let rest = self.lines.last().and_then(|(_, line)| line.strip_prefix(start))?;
        self.lines.pop();
        Some(rest)
    }

    fn wrong(&self) -> StatementError {
        StatementError::Form(self.lines.last().map_or(0, |(at, _)| *at))
    }
}

fn opened(line: &str) -> Option<Opened> {
    let (salt, said) = line.split_once(' ')?;
    Some(Opened { salt: unbase64(salt)?.try_into().ok()?, said: said.as_bytes().to_vec() })
}

const FIRST: &str = "comity-statement/1";
/// The longest statement that is read.
const MOST: usize = 256 << 20;
