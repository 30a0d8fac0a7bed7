use comity_base::OrgName;
use comity_crypto::{NoteKey, hex, hmac_sha256, sha256};
use comity_ledger::{
    AddCheckpoint, Checkpoint, EntryKind, KeyKind, Note, NoteSigner, NoteVerifier, Peaks, Refusal, Seen, leaf_hash,
    read_signatures, root,
};
use comity_store::{Change, Put, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::checkpoints::{log_name, seconds, signed_at};
use super::deed::log_of;
use crate::{Act, Client, Ctx, Deed, LedgerTrouble, Node, NodeError, Ourselves, Peer};

/// The proof that a log is not what it should be: what its own key signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misconduct {
    /// Whose log.
    pub peer: OrgName,
    /// Which log.
    pub origin: String,
    /// What it did, as a sentence.
    pub what: String,
    /// When it was seen here, in seconds since 1970.
    pub at: u64,
    /// The checkpoint that was countersigned here before.
    pub before: String,
    /// The request that contradicts it.
    pub after: String,
}

/// Where a peer stands as a witness of this node, and this node as one of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessing {
    /// The peer.
    pub peer: OrgName,
    /// Up to which size it countersigned this node's newest log; none when it never did.
    pub countersigned: Option<u64>,
    /// The newest checkpoint of its newest log that this node countersigned: size, and when it says it was signed.
    pub seen: Option<(u64, Option<u64>)>,
}

/// A witness's answer to a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witnessed {
    /// Lines with its countersignatures.
    Signed(String),
    /// It does not countersign.
    Refused(Refusal),
}

impl Node {
    /// The keys that others verify this node's newest log and its countersignatures with.
    ///
    /// # Errors
    /// When this node has no identity.
    pub fn ledger_keys(&self, ctx: &Ctx) -> Result<Vec<String>, NodeError> {
        let newest = self.store.logs()?.last().map_or(0, |log| log.log);
        let log = self.log_signer(newest.max(log_of(ctx.now())))?;
        Ok([log, self.cosigner()?].iter().map(|signer| signer.verifier().to_string()).collect())
    }

    /// This node's organisation as it shows itself, with the keys of its ledger.
    pub(crate) fn shown(&self, ctx: &Ctx) -> Result<Ourselves, NodeError> {
        Ok(Ourselves { ledger: self.ledger_keys(ctx)?, ..self.ourselves()?.clone() })
    }

    /// The key this node countersigns with.
    pub(super) fn cosigner(&self) -> Result<NoteSigner, NodeError> {
        let name = format!("{}.comity/witness", self.ourselves()?.name);
        let bad = |why: String| NodeError::Ledger(format!("the key of {name}: {why}"));
        let key = NoteKey::from_seed(&hmac_sha256(&*self.ledger_key, name.as_bytes()));
        NoteSigner::cosigner(&name, key.map_err(|error| bad(error.to_string()))?)
            .map_err(|error| bad(error.to_string()))
    }

    /// Answers the log of a peer that wants its checkpoint countersigned (C2SP tlog-witness, `add-checkpoint`). What is
    /// countersigned is kept durably before it is answered. A log that contradicts what its key signed before is kept
    /// with the proof.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn add_checkpoint(&self, ctx: &Ctx, peer: &Peer, bytes: &[u8]) -> Result<Witnessed, NodeError> {
        let request = match AddCheckpoint::parse(bytes) {
            Ok(request) => request,
            Err(refusal) => return Ok(Witnessed::Refused(refusal)),
        };
        let origin = match request.origin() {
            Ok(origin) => origin,
            Err(refusal) => return Ok(Witnessed::Refused(refusal)),
        };
        // Nobody but its owner brings a log here: what it is accused of it has itself sent.
        let Some(log) = log_key(peer, &origin) else {
            return Ok(Witnessed::Refused(Refusal::UnknownLog(origin)));
        };
        loop {
            let key = seen_key(&origin);
            let (version, last) = self.seen(&key)?;
            let seen = match request.check(&log, last.as_ref()) {
                Ok(seen) => seen,
                Err(refusal) => {
                    self.suspect(ctx, (peer, &log), &request, (last.as_ref(), &refusal))?;
                    return Ok(Witnessed::Refused(refusal));
                }
            };
            let note = seen.note.to_string();
            let put = Put { key: &key, expected: version, value: note.as_bytes() };
            match self.store.write(&Change { puts: &[put], ..Change::default() }) {
                Ok(_) => {
                    let signature = self.cosigner()?.cosign(&seen.note.text, seconds(ctx.now()));
                    return Ok(Witnessed::Signed(format!("{signature}\n")));
                }
                // Another request was faster: this one is checked against what it left.
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The newest checkpoint of a log that was countersigned here, as monitors ask for it: with the countersignature.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn witnessed(&self, ctx: &Ctx, origin: &str) -> Result<Option<Note>, NodeError> {
        let (_, seen) = self.seen(&seen_key(origin))?;
        let Some(Seen { mut note, .. }) = seen else { return Ok(None) };
        let signature = self.cosigner()?.cosign(&note.text, seconds(ctx.now()));
        note.add(&[signature]);
        Ok(Some(note))
    }

    fn seen(&self, key: &str) -> Result<(Option<u64>, Option<Seen>), NodeError> {
        let Some((version, bytes)) = self.store.value(key)? else { return Ok((None, None)) };
        let damaged = |reason: String| NodeError::Setting { key: key.to_owned(), reason };
        let note = Note::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| damaged(error.to_string()))?;
        Ok((Some(version), Some(Seen { checkpoint, note })))
    }

    /// Keeps the proof when a log's own signatures contradict each other.
    fn suspect(
        &self,
        ctx: &Ctx,
        (peer, log): (&Peer, &NoteVerifier),
        request: &AddCheckpoint,
        (last, refusal): (Option<&Seen>, &Refusal),
    ) -> Result<(), NodeError> {
        let (Some(last), Ok(now)) = (last, Checkpoint::open(&request.checkpoint, log)) else { return Ok(()) };
        if !matches!(last.note.verify(log), Ok(Some(_))) {
            return Ok(());
        }
        let before = &last.checkpoint;
        let later = signed_at(&now) > signed_at(before);
        let (kind, what) = match refusal {
            Refusal::Fork { size, .. } => ("fork", format!("signed two different trees of {size} entries")),
            Refusal::Inconsistent { old, new } => (
                "rewritten",
                format!("could not show that its tree of {new} entries goes on from the {old} it signed for before"),
            ),
            Refusal::Stale(known) if now.size < *known && later => (
                "rolled-back",
                format!("signed for {} entries after it had signed for {known}: it was rolled back", now.size),
            ),
            _ => return Ok(()),
        };
        let (peer, origin, at) = (peer.name.clone(), now.origin, seconds(ctx.now()));
        let misconduct =
            Misconduct { peer, origin, what, at, before: last.note.to_string(), after: request.to_string() };
        // The first of each kind is kept: however often it happens, it takes no more room.
        let digest = hex(&sha256(misconduct.origin.as_bytes()));
        let key = format!("misconduct/{}/{}/{kind}", misconduct.peer, digest.get(..16).unwrap_or_default());
        if self.store.value(&key)?.is_some() {
            return Ok(());
        }
        let content = json!({"decided": "a log contradicts itself", "peer": misconduct.peer, "log": misconduct.origin, "what": misconduct.what});
        self.decide(ctx, &key, &misconduct, Deed::new(EntryKind::Decision, json!({}), content))?;
        self.keep_proof(&key, &misconduct)
    }

    /// The proof as a file, for whoever must be convinced without this node.
    fn keep_proof(&self, key: &str, misconduct: &Misconduct) -> Result<(), NodeError> {
        let Some(folder) = &self.remembered else { return Ok(()) };
        let path = folder.join(format!("{}.proof", key.replace('/', "-")));
        let Misconduct { origin, what, before, after, .. } = misconduct;
        let text =
            format!("{origin} {what}.\n\nIt signed first:\n\n{before}\nIt asked later to countersign:\n\n{after}");
        let doing = || format!("writing {}", path.display());
        std::fs::create_dir_all(folder).map_err(NodeError::io(doing()))?;
        std::fs::write(&path, text).map_err(NodeError::io(doing()))
    }

    /// Every contradiction of a peer's log that was seen here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn misconducts(&self) -> Result<Vec<Misconduct>, NodeError> {
        self.settings("misconduct/")
    }

    /// What to send to a peer so that it countersigns this node's newest checkpoint: none when it has done so, or is
    /// no witness of this node, being of the same country.
    ///
    /// # Errors
    /// When the store or the tree cannot be read.
    pub fn checkpoint_for(&self, peer: &Peer) -> Result<Option<(u32, Vec<u8>)>, NodeError> {
        let ourselves = self.ourselves()?;
        let is_own_country = peer.country.is_some() && peer.country == ourselves.country;
        if is_own_country || cosigner_of(peer).is_none() {
            return Ok(None);
        }
        for log in self.store.logs()?.iter().filter(|log| log.size > 0) {
            let Some((_, note)) = self.kept_checkpoint(log.log)? else { continue };
            let known: Option<Countersigned> = self.setting(&countersigned_key(log.log, &peer.name))?;
            if self.is_given_up(log.log)? || known.as_ref().is_some_and(|known| known.text == note.text) {
                continue;
            }
            let old = known.map_or(0, |known| known.size);
            return Ok(Some((log.log, self.growth_of(log.log, old)?.to_string().into_bytes())));
        }
        Ok(None)
    }

    /// Takes a witness's answer: lines with countersignatures of the checkpoint that was sent.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`] when they are not that peer's.
    pub fn countersigned(&self, peer: &Peer, log: u32, sent: &[u8], lines: &[u8]) -> Result<(), NodeError> {
        let refused = |why: &str| crate::exchange::refused(format!("{} did not countersign: {why}", peer.name));
        let sent = AddCheckpoint::parse(sent).map_err(|_| refused("nothing was sent"))?;
        let text = std::str::from_utf8(lines).map_err(|_| refused("its answer is no text"))?;
        let lines =
            read_signatures(text.trim_end_matches('\n')).map_err(|_| refused("its answer has no signatures"))?;
        let key = cosigner_of(peer).ok_or_else(|| refused("its key is not known"))?;
        let mut note = sent.checkpoint.clone();
        let own: Vec<_> = lines.into_iter().filter(|line| line.name == key.name() && line.id == key.id()).collect();
        note.add(&own);
        if !matches!(note.verify(&key), Ok(Some(_))) {
            return Err(refused("the signature is not its own"));
        }
        let size = Checkpoint::parse(&note.text).map_err(|error| refused(&error.to_string()))?.size;
        self.keep_setting(&countersigned_key(log, &peer.name), &Countersigned { size, text: note.text.clone() })?;
        self.add_countersignatures(log, &note, &own)
    }

    /// Adds countersignatures to the newest checkpoint, where it is still the same.
    fn add_countersignatures(
        &self,
        log: u32,
        signed: &Note,
        own: &[comity_ledger::NoteSignature],
    ) -> Result<(), NodeError> {
        loop {
            let Some((version, mut note)) = self.kept_checkpoint(log)? else { return Ok(()) };
            if note.text != signed.text {
                return Ok(());
            }
            note.add(own);
            let (key, text) = (super::checkpoints::key(log), note.to_string());
            match self.store.put(&key, Some(version), text.as_bytes()) {
                Ok(_) => return Ok(()),
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Takes a witness's answer that it knows another size of this node's log: from there it is proved next time.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`] when it is above what there is: then its word is not enough, and what this node
    /// itself signed must be [shown](Self::shown_by_witness).
    pub fn knows_another(&self, peer: &Peer, log: u32, size: u64) -> Result<(), NodeError> {
        let found = self.store.logs()?.iter().find(|of| of.log == log).map_or(0, |of| of.size);
        if size > found {
            let why = format!("{} says it has seen {size} entries of a log that has {found}", peer.name);
            return Err(crate::exchange::refused(why));
        }
        self.keep_setting(&countersigned_key(log, &peer.name), &Countersigned { size, text: String::new() })
    }

    /// Looks at the newest checkpoint of a log of this node that a witness has. When this node's own key signed it, and
    /// the log is not where it leads, entries are gone: nothing is signed any more until somebody says what happened.
    ///
    /// # Errors
    /// [`NodeError::Trouble`] then, and [`NodeError::Unacceptable`] when it is not this node's.
    pub fn shown_by_witness(&self, peer: &Peer, log: u32, note: &[u8]) -> Result<(), NodeError> {
        let foreign = || crate::exchange::refused(format!("{} shows no checkpoint of this node", peer.name));
        let note = Note::parse(note).map_err(|_| foreign())?;
        let signer = self.log_signer(log)?;
        let shown = Checkpoint::open(&note, signer.verifier()).map_err(|_| foreign())?;
        let of = self.store.logs()?.into_iter().find(|of| of.log == log);
        let found = of.map_or(0, |of| of.size);
        let continues = match of.filter(|of| of.size >= shown.size) {
            Some(of) => self.tree(&of, |tree| {
                Ok(root(&mut tree.nodes(shown.size), shown.size).is_ok_and(|root| root == shown.root))
            })?,
            None => false,
        };
        if continues {
            return self.keep_setting(
                &countersigned_key(log, &peer.name),
                &Countersigned { size: shown.size, text: String::new() },
            );
        }
        let lost = Lost { signed: shown.size, found, by: Some(peer.name.clone()), left: None };
        self.keep_setting(&lost_key(log), &lost)?;
        Err(self.lost(log)?.map_or(NodeError::Stage, NodeError::from))
    }

    /// What witnesses know of a log that is no longer there, as far as nobody has said that it is gone for good.
    pub(super) fn lost(&self, log: u32) -> Result<Option<LedgerTrouble>, NodeError> {
        let Some(Lost { signed, found, left: None, .. }) = self.setting(&lost_key(log))? else { return Ok(None) };
        let origin = self.log_origin(log)?;
        if signed > found {
            return Ok(Some(LedgerTrouble::RolledBack { origin, signed, found }));
        }
        Ok(Some(LedgerTrouble::Rewritten { origin, signed }))
    }

    /// What was left of a log when its loss was accepted: nothing more is signed of it.
    pub(super) fn left_of(&self, log: u32) -> Result<Option<Checkpoint>, NodeError> {
        let Some(Left { size, root }) = self.setting::<Lost>(&lost_key(log))?.and_then(|lost| lost.left) else {
            return Ok(None);
        };
        let root = comity_crypto::unhex(&root).unwrap_or_default();
        Ok(Some(Checkpoint { origin: self.log_origin(log)?, size, root, extensions: Vec::new() }))
    }

    /// Whether a log ended in a loss that was accepted.
    pub(super) fn is_given_up(&self, log: u32) -> Result<bool, NodeError> {
        Ok(self.left_of(log)?.is_some())
    }

    /// Takes it that entries of a log are gone that had been signed for, and says why, on record, with what is left of
    /// it. What witnesses and mirrors have proves what there was. The log is given up; where it was the newest, the next
    /// one begins with this decision. Gives the name of the log that has the decision.
    ///
    /// # Errors
    /// When the log is what was signed for, or no reason is given.
    pub fn accept_loss(&self, ctx: &Ctx, log: u32) -> Result<String, NodeError> {
        self.may(ctx, Act::Operate, json!({"log": log_name(log)}))?;
        let reason = ctx.reason.as_deref().unwrap_or_default().trim();
        if reason.is_empty() {
            return Err(NodeError::Refused("why the entries are gone must be said: --why".into()));
        }
        let none =
            || NodeError::Refused(format!("{} is what was signed for; there is nothing to accept", log_name(log)));
        let trouble = self.trouble_of(log)?.ok_or_else(none)?;
        let logs = self.store.logs()?;
        let (mut peaks, of) = (Peaks::default(), logs.iter().find(|of| of.log == log).copied());
        while let Some(of) = of.filter(|of| peaks.size() < of.size) {
            let left = usize::try_from(of.size - peaks.size()).unwrap_or(usize::MAX).min(10_000);
            let entries = self.store.entries(of.first + peaks.size(), left, false)?;
            if entries.is_empty() {
                break;
            }
            entries.iter().map(|kept| leaf_hash(&kept.leaf)).for_each(|leaf| peaks.push(leaf));
        }
        let left = Left { size: peaks.size(), root: hex(&peaks.root()) };
        let content = json!({"decided": "loss of entries accepted", "log": log_name(log), "trouble": trouble.to_string(), "left": left});
        let mut entry = Deed::new(EntryKind::Node, json!({}), content).entry(ctx)?;
        if logs.last().is_none_or(|newest| newest.log <= log) {
            entry.log = log + 1;
        }
        let before: Option<Lost> = self.setting(&lost_key(log))?;
        let (signed, found, by) = before.map_or((0, left.size, None), |lost| (lost.signed, lost.found, lost.by));
        let lost = Lost { signed, found, by, left: Some(left) };
        let value = serde_json::to_vec(&lost).map_err(NodeError::setting("lost"))?;
        let name = log_name(entry.log.max(logs.last().map_or(0, |newest| newest.log)));
        self.overwrite(&lost_key(log), &value, &[entry])?;
        self.announce(ctx)?;
        Ok(name)
    }

    /// Where every peer stands as a witness, and this node as one of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn witnessing(&self) -> Result<Vec<Witnessing>, NodeError> {
        let newest = self.store.logs()?.last().map(|log| log.log);
        let mut out = Vec::new();
        for peer in self.peers()?.into_iter().filter(is_neighbour) {
            let countersigned = match newest {
                Some(log) => self.setting::<Countersigned>(&countersigned_key(log, &peer.name))?.map(|one| one.size),
                None => None,
            };
            let keys = peer.ledger.iter().filter_map(|key| key.parse::<NoteVerifier>().ok());
            let origin = keys.into_iter().find(|key| key.kind() == KeyKind::Log).map(|key| key.name().to_owned());
            let seen = match origin {
                Some(origin) => self.seen(&seen_key(&origin))?.1,
                None => None,
            };
            let seen = seen.map(|seen| (seen.checkpoint.size, signed_at(&seen.checkpoint)));
            out.push(Witnessing { peer: peer.name, countersigned, seen });
        }
        Ok(out)
    }

    /// A policy for whoever checks this node's ledger: its logs, and as witnesses the peers of other countries, of
    /// whom more than half are needed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ledger_policy(&self) -> Result<String, NodeError> {
        let mut lines: Vec<String> = self.ledger_heads()?.iter().map(|head| format!("log {}", head.key)).collect();
        let own = self.ourselves()?.country.clone();
        let mut names = Vec::new();
        let mut known = Vec::new();
        let others = |peer: &Peer| is_neighbour(peer) && (peer.country.is_none() || peer.country != own);
        for peer in self.peers()?.into_iter().filter(others) {
            if let Some(key) = cosigner_of(&peer).filter(|key| !known.contains(&key.key())) {
                known.push(key.key());
                lines.push(format!("witness {} {key}", peer.name));
                names.push(peer.name.to_string());
            }
        }
        if names.is_empty() {
            lines.push("quorum none".into());
        } else {
            lines.push(format!("group witnesses {} {}", names.len() / 2 + 1, names.join(" ")));
            lines.push("quorum witnesses".into());
        }
        Ok(lines.join("\n") + "\n")
    }
}

/// Whether it has joined here itself with a node.
fn is_neighbour(peer: &Peer) -> bool {
    peer.client == Client::Node && peer.vouched_by.is_none()
}

/// The key of a peer's log of this name.
fn log_key(peer: &Peer, origin: &str) -> Option<NoteVerifier> {
    let mut keys = peer.ledger.iter().filter_map(|key| key.parse::<NoteVerifier>().ok());
    keys.find(|key| key.kind() == KeyKind::Log && key.name() == origin)
}

/// The key a peer countersigns with, when it has named one.
fn cosigner_of(peer: &Peer) -> Option<NoteVerifier> {
    let mut keys = peer.ledger.iter().filter_map(|key| key.parse::<NoteVerifier>().ok());
    keys.find(|key| key.kind() == KeyKind::Cosigner)
}

/// Up to where a witness countersigned one of this node's logs.
#[derive(Debug, Serialize, Deserialize)]
struct Countersigned {
    size: u64,
    /// The checkpoint's text.
    text: String,
}

/// Entries that a witness knows of and that are no longer there.
#[derive(Debug, Serialize, Deserialize)]
struct Lost {
    signed: u64,
    found: u64,
    /// Who told.
    by: Option<OrgName>,
    /// What was left, once somebody said that the rest is gone for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
}

/// The tree over what is left of a log.
#[derive(Debug, Serialize, Deserialize)]
struct Left {
    size: u64,
    root: String,
}

fn lost_key(log: u32) -> String {
    format!("ledger/lost/{log}")
}

fn seen_key(origin: &str) -> String {
    format!("witness/{}", hex(&sha256(origin.as_bytes())))
}

fn countersigned_key(log: u32, peer: &OrgName) -> String {
    format!("ledger/countersigned/{log}/{peer}")
}
