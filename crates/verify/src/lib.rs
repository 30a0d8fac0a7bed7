//! Checks what a node's ledger shows: a copy of a log, a proof that an entry stands in it, the growth from one
//! checkpoint to another, a statement; and a report of abuse, with the message that it proves. Nothing is asked of any network or node; what is believed is only the keys, or
//! the policy, that the caller gives.
//!
//! ```no_run
//! use comity_verify::{Outcome, Request};
//!
//! let key = "ee.comity/access/2027+0123abcd+AT...".parse().map_err(|_| "a key")?;
//! let request = Request { paths: vec!["ee-2027".into()], keys: vec![key], ..Request::default() };
//! assert_eq!(request.run(&mut |line| println!("{line}")), Outcome::Good);
//! # Ok::<(), &str>(())
//! ```

mod abuse;
mod folder;
mod proof;
mod reconcile;
mod statement;

use std::path::{Path, PathBuf};

use comity_crypto::PublicKey;
use comity_law::gate::AbuseFile;
use comity_ledger::{AddCheckpoint, Checkpoint, Note, NoteVerifier, Policy, ProofFile, Statement};

/// What is to be checked, and what is believed.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Copies of logs (folders), proof files, growth files, statements, reports of abuse.
    pub paths: Vec<PathBuf>,
    /// Keys of logs that are believed.
    pub keys: Vec<NoteVerifier>,
    /// Signing keys of nodes that are believed, for reports of abuse.
    pub signers: Vec<PublicKey>,
    /// Logs and witnesses that are believed, and how many of them are needed.
    pub policy: Option<Policy>,
    /// Checkpoints kept from before: the log must go on from each of them.
    pub earlier: Vec<Note>,
    /// The entry that a proof file is about.
    pub entry: Option<Vec<u8>>,
    /// Whether the copies of logs are compared with each other: what was sent must have been taken.
    pub reconcile: bool,
}

/// What came out, the worst of all paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything holds, under keys that are believed.
    Good,
    /// Everything holds under the keys that the file itself names; nobody vouched for them.
    Unvouched,
    /// Something does not hold.
    Bad,
}

/// Says one line.
pub(crate) type Say<'s> = &'s mut dyn FnMut(&str);

impl Request {
    /// Checks everything and says what was found, line by line.
    pub fn run(&self, say: Say<'_>) -> Outcome {
        let outcomes: Vec<Outcome> = self.paths.iter().map(|path| self.one(path, say)).collect();
        let outcome = outcomes.into_iter().max().unwrap_or(Outcome::Bad);
        let outcome = self.earlier.iter().filter(|note| !self.is_used(note)).fold(outcome, |_, note| {
            let of = note.text.lines().next().unwrap_or_default();
            bad(say, &format!("the earlier checkpoint of {of} was compared with nothing that was given"))
        });
        if self.reconcile { outcome.max(self.reconciled(say)) } else { outcome }
    }

    /// Whether an earlier checkpoint is of a log whose copy or growth is checked.
    fn is_used(&self, note: &Note) -> bool {
        let origin = |note: &Note| note.text.lines().next().map(str::to_owned);
        let of = |path: &PathBuf| {
            let bytes = read(&if path.is_dir() { path.join("checkpoint") } else { path.clone() }).ok()?;
            let is_growth = bytes.starts_with(b"old ");
            let note =
                if is_growth { AddCheckpoint::parse(&bytes).ok()?.checkpoint } else { Note::parse(&bytes).ok()? };
            (is_growth || path.is_dir()).then(|| origin(&note)).flatten()
        };
        self.key_of(note).is_ok() && self.paths.iter().any(|path| of(path) == origin(note))
    }

    fn one(&self, path: &Path, say: Say<'_>) -> Outcome {
        say(&format!("{}:", path.display()));
        if path.is_dir() {
            return self.copy(path, say);
        }
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(why) => return bad(say, &why),
        };
        if bytes.starts_with(b"comity-statement/1\n") {
            return match Statement::parse(&bytes) {
                Ok((statement, note)) => self.statement(&statement, &note, say),
                Err(error) => bad(say, &format!("the statement cannot be read: {error}")),
            };
        }
        if bytes.starts_with(b"c2sp.org/tlog-proof@") {
            return match ProofFile::parse(&bytes) {
                Ok(proof) => self.proof(&proof, say),
                Err(error) => bad(say, &format!("the proof cannot be read: {error}")),
            };
        }
        if bytes.starts_with(b"old ") {
            return match AddCheckpoint::parse(&bytes) {
                Ok(growth) => self.growth(&growth, say),
                Err(error) => bad(say, &format!("the growth cannot be read: {error}")),
            };
        }
        if bytes.trim_ascii_start().starts_with(b"{") {
            return match AbuseFile::read(&bytes) {
                Ok(file) => self.abuse(&file, say),
                Err(error) => bad(say, &format!("it is no report of abuse: {error}")),
            };
        }
        match Note::parse(&bytes) {
            Ok(note) => self.checkpoint(&note, say),
            Err(_) => bad(say, "neither a copy of a log nor a statement, a proof, a growth, a checkpoint or a report"),
        }
    }

    /// The key of a log that is believed.
    pub(crate) fn key(&self, origin: &str) -> Option<&NoteVerifier> {
        let listed = self.policy.as_ref().and_then(|policy| policy.log(origin));
        listed.or_else(|| self.keys.iter().find(|key| key.name() == origin))
    }

    /// The believed key of the log that signed a checkpoint.
    pub(crate) fn key_of(&self, note: &Note) -> Result<&NoteVerifier, String> {
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| error.to_string())?;
        self.key(&checkpoint.origin)
            .ok_or_else(|| format!("it is of {}, whose key was not given: use --key or --policy", checkpoint.origin))
    }

    /// Says who countersigned, where that is asked for.
    pub(crate) fn witnesses(&self, note: &Note, say: Say<'_>) -> Outcome {
        let Some(policy) = &self.policy else { return Outcome::Good };
        let seen = policy.cosigned(note);
        let who = if seen.witnesses.is_empty() { "nobody".to_owned() } else { seen.witnesses.join(", ") };
        if seen.meets_quorum {
            say(&format!("  countersigned by {who}: as many as the policy asks for"));
            Outcome::Good
        } else {
            bad(say, &format!("countersigned by {who}: not those the policy asks for"))
        }
    }

    fn checkpoint(&self, note: &Note, say: Say<'_>) -> Outcome {
        let opened = self.key_of(note).and_then(|key| Checkpoint::open(note, key).map_err(|error| error.to_string()));
        match opened {
            Ok(checkpoint) => {
                say(&format!("  {} signed for {} entries", checkpoint.origin, checkpoint.size));
                self.witnesses(note, say)
            }
            Err(why) => bad(say, &why),
        }
    }
}

/// Says what is wrong.
pub(crate) fn bad(say: Say<'_>, why: &str) -> Outcome {
    say(&format!("  WRONG: {why}"));
    Outcome::Bad
}

/// The bytes of a file of a size that is read.
///
/// # Errors
/// A sentence about why it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > MOST {
        return Err(format!("{length} bytes are too many"));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// The longest file that is read.
const MOST: u64 = 256 << 20;

#[cfg(test)]
mod tests {
    use comity_base::{OrgName, Timestamp};
    use comity_crypto::SigningKey;
    use comity_law::gate::{ABUSE_CONTEXT, AbuseReport, MESSAGE_CONTEXT};

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32]).unwrap()
    }

    fn file(text: &str, to: &str) -> String {
        let at = Timestamp::from_micros(1_793_000_000_000_000);
        let message = format!(
            r#"{{"from":"ee-police","to":"{to}","at":"{at}","body":{{"question":{{"id":"1","about":"indicator--1","text":"Where does he live?"}}}}}}"#
        );
        let signature = key(1).sign(MESSAGE_CONTEXT, message.as_bytes());
        let message = message.replace("Where does he live?", text);
        let report = AbuseReport {
            by: OrgName::parse("us-police").unwrap(),
            who: "joe".into(),
            at,
            why: "It hunts a refugee.".into(),
            against: OrgName::parse("ee-police").unwrap(),
            message: format!(r#"{{"message":{message},"key":"{}","signature":"{signature}"}}"#, key(1).public_key()),
        };
        let said = report.to_json();
        let signature = key(2).sign(ABUSE_CONTEXT, said.as_bytes()).to_string();
        let report = serde_json::json!({"said": said, "key": key(2).public_key(), "signature": signature});
        serde_json::to_string_pretty(&serde_json::json!({"abuse-report": report})).unwrap()
    }

    fn check(file: &str, signers: &[PublicKey]) -> (Outcome, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        std::fs::write(&path, file).unwrap();
        let request = Request { paths: vec![path], signers: signers.to_vec(), ..Request::default() };
        let mut said = String::new();
        let outcome = request.run(&mut |line| said.extend([line, "\n"]));
        (outcome, said)
    }

    #[test]
    fn a_report_proves_that_the_sender_signed_the_message() {
        let report = file("Where does he live?", "us-police");
        let (outcome, said) = check(&report, &[key(1).public_key()]);
        assert_eq!(outcome, Outcome::Good, "{said}");
        assert!(said.contains("text: Where does he live?") && said.contains("It hunts a refugee."), "{said}");
        assert_eq!(check(&report, &[]).0, Outcome::Unvouched, "nobody vouched for the key in the file");
        assert_eq!(check(&report, &[key(3).public_key()]).0, Outcome::Bad, "it is somebody else's key");
    }

    #[test]
    fn what_was_not_signed_proves_nothing() {
        for changed in [
            file("Where does she live?", "us-police"),
            file("Where does he live?", "fi-police"),
            file("Where does he live?", "us-police").replace("refugee", "robber"),
            r#"{"abuse-report":{}}"#.to_owned(),
        ] {
            assert_eq!(check(&changed, &[key(1).public_key()]).0, Outcome::Bad, "{changed}");
        }
    }
}
