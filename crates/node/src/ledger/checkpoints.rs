use comity_base::Timestamp;
use comity_crypto::{NoteKey, hmac_sha256};
use comity_ledger::{Checkpoint, Entry, EntryError, Note, NoteSigner, NoteVerifier, Opening, Peaks, leaf_hash, root};
use comity_store::{Change, KeptEntry, Log, Put, StoreError};

use super::tree::Tree;
use crate::{Ctx, Node, NodeError};

/// The head of one of this node's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerHead {
    /// Its number, as [`log_name`] writes it.
    pub log: u32,
    /// Its name, which is also that of its key.
    pub origin: String,
    /// What verifies its checkpoints.
    pub key: NoteVerifier,
    /// How many entries it has.
    pub size: u64,
    /// Its newest checkpoint.
    pub checkpoint: Option<Note>,
}

/// The ledger is not what was signed for. Nothing is signed from then on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerTrouble {
    /// Entries were changed, dropped or moved.
    #[error(
        "the log {origin} was rewritten: its first {signed} entries are no longer those that were signed for. Somebody changed the store; keep it as it is, and look for who"
    )]
    Rewritten {
        /// Which.
        origin: String,
        /// How many were signed for.
        signed: u64,
    },
    /// Entries are missing at the end.
    #[error(
        "the log {origin} was rolled back: {signed} entries were signed for, and there are {found}. Was an old copy of the store put back? Put the newer one back, or say that it is gone with `comity ledger accept`"
    )]
    RolledBack {
        /// Which.
        origin: String,
        /// How many were signed for.
        signed: u64,
        /// How many there are.
        found: u64,
    },
    /// A checkpoint that is kept is not this node's.
    #[error("the checkpoint kept of {origin} is not one of this node: {why}")]
    Foreign {
        /// Which.
        origin: String,
        /// Why.
        why: String,
    },
}

impl Node {
    /// The name of a log of this node.
    ///
    /// # Errors
    /// When this node has no identity.
    pub fn log_origin(&self, log: u32) -> Result<String, NodeError> {
        Ok(format!("{}.comity/access/{}", self.ourselves()?.name, log_name(log)))
    }

    /// The key of a log of this node: each has its own, made from the node's master key.
    pub(super) fn log_signer(&self, log: u32) -> Result<NoteSigner, NodeError> {
        let origin = self.log_origin(log)?;
        let key = NoteKey::from_seed(&hmac_sha256(&*self.ledger_key, origin.as_bytes()));
        let bad = |why: String| NodeError::Ledger(format!("the key of {origin}: {why}"));
        let key = key.map_err(|error| bad(error.to_string()))?;
        NoteSigner::new(&origin, key).map_err(|error| bad(error.to_string()))
    }

    /// Every log of this node with its newest checkpoint.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ledger_heads(&self) -> Result<Vec<LedgerHead>, NodeError> {
        let mut heads = Vec::new();
        for Log { log, size, .. } in self.store.logs()? {
            let key = self.log_signer(log)?.verifier().clone();
            heads.push(LedgerHead {
                log,
                origin: key.name().to_owned(),
                key,
                size,
                checkpoint: self.kept_checkpoint(log)?.map(|(_, note)| note),
            });
        }
        Ok(heads)
    }

    /// Signs a checkpoint of every log that has grown since its last one, and of the newest also when that one is
    /// older than a minute. Says how many it signed.
    ///
    /// # Errors
    /// [`NodeError::Trouble`] when a log is not what was signed for before.
    pub fn checkpoint(&self, ctx: &Ctx) -> Result<usize, NodeError> {
        let logs = self.store.logs()?;
        let newest = logs.last().map(|log| log.log);
        let (mut signed, mut trouble) = (0, None);
        for log in &logs {
            if self.is_given_up(log.log)? {
                continue;
            }
            // What is wrong with one log does not keep the others from being signed.
            match self.checkpoint_of(ctx, log.log, newest == Some(log.log)) {
                Ok(done) => signed += usize::from(done),
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
        trouble.map_or(Ok(signed), Err)
    }

    fn checkpoint_of(&self, ctx: &Ctx, log: u32, is_newest: bool) -> Result<bool, NodeError> {
        if let Some(trouble) = self.lost(log)? {
            return Err(trouble.into());
        }
        let signer = self.log_signer(log)?;
        // What was signed is read before what there is: it can only have grown since.
        let (version, signed) = self.signed(&signer, log)?;
        let last = version.and(signed.first());
        let Some(log) = &self.store.logs()?.into_iter().find(|of| of.log == log) else { return Ok(false) };
        let now = ctx.now();
        let has_grown = last.is_none_or(|last| last.size != log.size);
        let is_old = || last.and_then(signed_at).is_none_or(|at| seconds(now).saturating_sub(at) >= HEARTBEAT);
        let is_due = has_grown || (is_newest && is_old());
        if !is_due {
            return Ok(false);
        }
        let text = self.tree(log, |tree| {
            must_continue(tree, &signed)?;
            let origin = signer.verifier().name().to_owned();
            // Never before the last one: a clock that is set back must not look like a log that is.
            let at = signed.iter().filter_map(signed_at).max().map_or(0, |last| last + 1).max(seconds(now));
            let extensions = vec![format!("{TIME}{at}")];
            Ok(Checkpoint { origin, size: tree.size(), root: tree.root(), extensions }.sign(&signer).to_string())
        })?;
        let key = key(log.log);
        let put = Put { key: &key, expected: version, value: text.as_bytes() };
        match self.store.write(&Change { puts: &[put], ..Change::default() }) {
            Ok(_) => {}
            // Another process has signed at the same moment, from the same entries.
            Err(StoreError::Changed(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        self.remember_checkpoint(log.log, &text)?;
        Ok(true)
    }

    /// The tree over a log. Where it does not fit what was signed, it is built anew from the entries once before that
    /// is believed: a file beside the store may be damaged, too.
    pub(super) fn tree<T>(&self, log: &Log, work: impl Fn(&Tree) -> Result<T, NodeError>) -> Result<T, NodeError> {
        match self.trees.with(&*self.store, log, &work) {
            Err(NodeError::Trouble(LedgerTrouble::Rewritten { .. }) | NodeError::Io { .. }) => {
                self.trees.clear()?;
                self.trees.with(&*self.store, log, &work)
            }
            done => done,
        }
    }

    /// What was signed of a log before: by the store, whose setting has this version, and then by the note outside it.
    fn signed(&self, signer: &NoteSigner, log: u32) -> Result<(Option<u64>, Vec<Checkpoint>), NodeError> {
        let mut signed = Vec::new();
        let kept = self.kept_checkpoint(log)?;
        let version = kept.as_ref().map(|(version, _)| *version);
        let kept = kept.map(|(_, note)| note);
        for note in kept.iter().chain(&self.remembered_checkpoint(signer)?) {
            signed.push(own(signer, note)?);
        }
        Ok((version, signed))
    }

    /// What is wrong with a log, as far as that shows without reading all of it.
    pub(super) fn trouble_of(&self, log: u32) -> Result<Option<LedgerTrouble>, NodeError> {
        if let Some(trouble) = self.lost(log)? {
            return Ok(Some(trouble));
        }
        let signer = self.log_signer(log)?;
        let signed = match self.signed(&signer, log) {
            Ok((_, signed)) => signed,
            Err(NodeError::Trouble(trouble)) => return Ok(Some(trouble)),
            Err(error) => return Err(error),
        };
        let Some(of) = self.store.logs()?.into_iter().find(|of| of.log == log) else {
            let gone = signed.first().filter(|signed| signed.size > 0);
            return Ok(gone.map(|gone| LedgerTrouble::RolledBack {
                origin: gone.origin.clone(),
                signed: gone.size,
                found: 0,
            }));
        };
        match self.tree(&of, |tree| must_continue(tree, &signed)) {
            Ok(()) => Ok(None),
            Err(NodeError::Trouble(trouble)) => Ok(Some(trouble)),
            Err(error) => Err(error),
        }
    }

    /// The newest checkpoint of a log in the store, with the version of the setting.
    pub(super) fn kept_checkpoint(&self, log: u32) -> Result<Option<(u64, Note)>, NodeError> {
        let key = key(log);
        let Some((version, bytes)) = self.store.value(&key)? else { return Ok(None) };
        let damaged = |error: comity_ledger::NoteError| NodeError::Setting { key, reason: error.to_string() };
        Ok(Some((version, Note::parse(&bytes).map_err(damaged)?)))
    }

    /// The newest checkpoint this machine has signed, kept outside the store: whoever puts an old store back forgets
    /// it there.
    fn remembered_checkpoint(&self, signer: &NoteSigner) -> Result<Option<Note>, NodeError> {
        let Some(folder) = &self.remembered else { return Ok(None) };
        let path = folder.join(file(signer.verifier().name()));
        match std::fs::read(&path) {
            Ok(bytes) => Note::parse(&bytes).map(Some).map_err(|why| {
                let origin = signer.verifier().name().to_owned();
                LedgerTrouble::Foreign { origin, why: format!("{}: {why}", path.display()) }.into()
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(NodeError::io(format!("reading {}", path.display()))(error)),
        }
    }

    fn remember_checkpoint(&self, log: u32, text: &str) -> Result<(), NodeError> {
        let Some(folder) = &self.remembered else { return Ok(()) };
        let path = folder.join(file(&self.log_origin(log)?));
        let new = path.with_extension(format!("new-{}", std::process::id()));
        let doing = || format!("writing {}", path.display());
        std::fs::create_dir_all(folder).map_err(NodeError::io(doing()))?;
        let written = std::fs::File::create(&new).and_then(|mut file| {
            std::io::Write::write_all(&mut file, text.as_bytes())?;
            file.sync_all()
        });
        written.and_then(|()| std::fs::rename(&new, &path)).map_err(NodeError::io(doing()))
    }

    /// Reads every entry of every log, compares them with what was signed for before and with what their openings say,
    /// and tells in sentences what is wrong.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn check_ledger(&self) -> Result<Vec<String>, NodeError> {
        let mut wrong = Vec::new();
        // What was signed is read before what there is: it can only have grown since.
        let mut all = Vec::new();
        for Log { log, .. } in self.store.logs()? {
            let signer = self.log_signer(log)?;
            let signed = match (self.left_of(log)?, self.signed(&signer, log)) {
                (Some(left), _) => vec![left],
                (None, Ok((_, signed))) => signed,
                (None, Err(NodeError::Trouble(trouble))) => {
                    wrong.push(format!("{trouble}."));
                    Vec::new()
                }
                (None, Err(error)) => return Err(error),
            };
            all.push((log, signed));
        }
        let now = self.store.logs()?;
        for (log, signed) in all {
            let Some(of) = now.iter().find(|of| of.log == log) else { continue };
            wrong.extend(self.lost(log)?.map(|trouble| format!("{trouble}.")));
            self.check_log(of, &signed, &mut wrong)?;
        }
        wrong.extend(self.missing_logs()?);
        Ok(wrong)
    }

    fn check_log(&self, log: &Log, signed: &[Checkpoint], wrong: &mut Vec<String>) -> Result<(), NodeError> {
        let mut peaks = Peaks::default();
        let compare = |peaks: &Peaks, wrong: &mut Vec<String>| {
            let here = signed.iter().filter(|one| one.size == peaks.size() && one.root != peaks.root());
            let trouble = here.map(|one| LedgerTrouble::Rewritten { origin: one.origin.clone(), signed: one.size });
            wrong.extend(trouble.map(|trouble| format!("{trouble}.")));
        };
        while peaks.size() < log.size {
            let left = usize::try_from(log.size - peaks.size()).unwrap_or(usize::MAX);
            let entries = self.store.entries(log.first + peaks.size(), left.min(PAGE), true)?;
            if entries.is_empty() {
                break;
            }
            for kept in &entries {
                compare(&peaks, wrong);
                if let Err(why) = opens(kept) {
                    wrong.push(format!("Entry {}#{}: {why}.", log_name(log.log), peaks.size()));
                }
                peaks.push(leaf_hash(&kept.leaf));
            }
        }
        compare(&peaks, wrong);
        let found = peaks.size();
        let ahead = signed.iter().filter(|one| one.size > found);
        let trouble =
            ahead.map(|one| LedgerTrouble::RolledBack { origin: one.origin.clone(), signed: one.size, found });
        wrong.extend(trouble.map(|trouble| format!("{trouble}.")));
        wrong.dedup();
        Ok(())
    }

    /// Logs that were signed for and are not there at all.
    fn missing_logs(&self) -> Result<Vec<String>, NodeError> {
        let there: Vec<String> =
            self.store.logs()?.iter().map(|log| self.log_origin(log.log)).collect::<Result<_, _>>()?;
        let entries = self.remembered.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let signed = entries.filter_map(|entry| Note::parse(&std::fs::read(entry.path()).ok()?).ok());
        let signed = signed.filter_map(|note| Checkpoint::parse(&note.text).ok()).filter(|one| one.size > 0);
        let gone = signed.filter(|one| !there.contains(&one.origin));
        let trouble = gone.map(|one| LedgerTrouble::RolledBack { origin: one.origin, signed: one.size, found: 0 });
        Ok(trouble.map(|trouble| format!("{trouble}.")).collect())
    }
}

/// Whether what is kept of an entry's opening is what the entry commits to.
fn opens(kept: &KeptEntry) -> Result<(), EntryError> {
    Entry::parse(&kept.leaf)?.check(&Opening::parse(&kept.opening)?)
}

/// Whether the tree goes on from everything that was signed before.
fn must_continue(tree: &Tree, signed: &[Checkpoint]) -> Result<(), NodeError> {
    for before in signed {
        let (origin, signed, found) = (before.origin.clone(), before.size, tree.size());
        if signed > found {
            return Err(LedgerTrouble::RolledBack { origin, signed, found }.into());
        }
        let then = root(&mut tree.nodes(signed), signed);
        if !then.is_ok_and(|then| then == before.root) {
            return Err(LedgerTrouble::Rewritten { origin, signed }.into());
        }
    }
    Ok(())
}

/// What a checkpoint says that must be of this log.
fn own(signer: &NoteSigner, note: &Note) -> Result<Checkpoint, NodeError> {
    Checkpoint::open(note, signer.verifier()).map_err(|why| {
        let origin = signer.verifier().name().to_owned();
        LedgerTrouble::Foreign { origin, why: why.to_string() }.into()
    })
}

/// A log's name among those of a node: its year, and behind a dot which one of the year when there are several because
/// one was lost.
pub fn log_name(log: u32) -> String {
    match log % LOGS_A_YEAR {
        0 => (log / LOGS_A_YEAR).to_string(),
        n => format!("{}.{n}", log / LOGS_A_YEAR),
    }
}

/// Reads [`log_name`].
pub fn log_number(name: &str) -> Option<u32> {
    let (year, n) = name.split_once('.').unwrap_or((name, "0"));
    let log = year.parse::<u32>().ok()?.checked_mul(LOGS_A_YEAR)?.checked_add(n.parse().ok()?)?;
    (log_name(log) == name).then_some(log)
}

/// When a checkpoint says it was signed, in seconds since 1970.
pub(super) fn signed_at(checkpoint: &Checkpoint) -> Option<u64> {
    checkpoint.extensions.iter().find_map(|line| line.strip_prefix(TIME)?.parse().ok())
}

pub(super) fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_micros().div_euclid(1_000_000)).unwrap_or_default()
}

pub(super) fn key(log: u32) -> String {
    format!("ledger/checkpoint/{log}")
}

fn file(origin: &str) -> String {
    format!("{}.checkpoint", origin.replace('/', "-"))
}

/// So many logs of one year are told apart.
pub(super) const LOGS_A_YEAR: u32 = 100;
/// Entries read at once.
const PAGE: usize = 5_000;
/// An idle log is signed anew after so many seconds: silence is a sign of trouble.
const HEARTBEAT: u64 = 50;
/// The line of a checkpoint that says when it was signed.
const TIME: &str = "comity-time ";
