use std::collections::BTreeMap;

use comity_ledger::{
    AddCheckpoint, Checkpoint, Note, ProofFile, StatedEntry, StatedLog, Statement, consistency, inclusion,
};
use comity_store::Log;

use super::{Asked, log_name};
use crate::{Act, Ctx, Node, NodeError};
use serde_json::json;

impl Node {
    /// A signed statement that shows these entries, each with the proof that it stands in its log. Checkpoints are
    /// signed first, so that the newest entries can be proved too.
    ///
    /// # Errors
    /// When nothing is to be shown, the store cannot be read, or the ledger is in trouble.
    pub fn statement(&self, ctx: &Ctx, question: &str, entries: Vec<Asked>) -> Result<Note, NodeError> {
        self.may(ctx, Act::Statement, json!({"question": question}))?;
        if entries.is_empty() {
            return Err(NodeError::Refused("there is nothing to show".into()));
        }
        self.checkpoint(ctx)?;
        let mut by_log: BTreeMap<u32, Vec<Asked>> = BTreeMap::new();
        for asked in entries {
            by_log.entry(asked.log).or_default().push(asked);
        }
        let logs = self.store.logs()?;
        let (mut shown, mut signers) = (Vec::new(), Vec::new());
        for (log, entries) in by_log {
            let of = logs.iter().find(|of| of.log == log);
            let of = of.ok_or_else(|| NodeError::Ledger(format!("there is no log {}", log_name(log))))?;
            shown.push(self.stated(of, &entries)?);
            signers.push(self.log_signer(log)?);
        }
        let statement = Statement { question: question.to_owned(), made: ctx.now().to_string(), logs: shown };
        let signers: Vec<_> = signers.iter().collect();
        statement.sign(&signers).map_err(|error| NodeError::Refused(error.to_string()))
    }

    /// The proof that a log goes on from an earlier checkpoint of it to its newest.
    ///
    /// # Errors
    /// When it is none of this node's, or the ledger is in trouble.
    pub fn growth(&self, ctx: &Ctx, earlier: &Note) -> Result<AddCheckpoint, NodeError> {
        self.may(ctx, Act::Ledger, json!({}))?;
        self.checkpoint(ctx)?;
        let old = Checkpoint::parse(&earlier.text).map_err(|error| NodeError::Refused(error.to_string()))?;
        for log in self.store.logs()? {
            if self.log_origin(log.log)? == old.origin {
                return self.growth_of(log.log, old.size);
            }
        }
        Err(NodeError::Refused(format!("{} is no log of this node", old.origin)))
    }

    pub(super) fn growth_of(&self, log: u32, old: u64) -> Result<AddCheckpoint, NodeError> {
        let (checkpoint, size) = self.newest_checkpoint(log)?;
        let gone = || NodeError::Ledger(format!("there is no log {}", log_name(log)));
        let of = self.store.logs()?.into_iter().find(|of| of.log == log).ok_or_else(gone)?;
        let proof = self.tree(&of, |tree| {
            consistency(&mut tree.nodes(size), old, size).map_err(|error| NodeError::Ledger(error.to_string()))
        })?;
        let none = || NodeError::Refused(format!("the earlier checkpoint has {old} entries, the newest {size}"));
        Ok(AddCheckpoint { old, proof: proof.ok_or_else(none)?, checkpoint })
    }

    /// The proof that one entry stands in its log, with the entry itself.
    ///
    /// # Errors
    /// When there is no such entry, or the ledger is in trouble.
    pub fn prove_entry(&self, ctx: &Ctx, log: u32, index: u64) -> Result<ProofFile, NodeError> {
        self.may(ctx, Act::Ledger, json!({"entry": format!("{}#{index}", log_name(log))}))?;
        self.checkpoint(ctx)?;
        let none = || NodeError::Refused(format!("the ledger has no entry {}#{index}", log_name(log)));
        let of = self.store.logs()?.into_iter().find(|of| of.log == log && index < of.size).ok_or_else(none)?;
        let (checkpoint, size) = self.newest_checkpoint(log)?;
        let path = self.tree(&of, |tree| {
            inclusion(&mut tree.nodes(size), index, size).map_err(|error| NodeError::Ledger(error.to_string()))
        })?;
        let entry = self.store.entries(of.first + index, 1, false)?.into_iter().next().ok_or_else(none)?;
        Ok(ProofFile { extra: Some(entry.leaf), index, path: path.ok_or_else(none)?, checkpoint })
    }

    pub(super) fn newest_checkpoint(&self, log: u32) -> Result<(Note, u64), NodeError> {
        let none = || NodeError::Ledger(format!("the log {} has no checkpoint yet", log_name(log)));
        let (_, note) = self.kept_checkpoint(log)?.ok_or_else(none)?;
        let size = Checkpoint::parse(&note.text).map_err(|_| none())?.size;
        Ok((note, size))
    }

    fn stated(&self, log: &Log, entries: &[Asked]) -> Result<StatedLog, NodeError> {
        let key = self.log_signer(log.log)?.verifier().clone();
        let (checkpoint, size) = self.newest_checkpoint(log.log)?;
        let shown = self.tree(log, |tree| {
            let mut nodes = tree.nodes(size);
            let prove = |asked: &Asked| {
                let path = inclusion(&mut nodes, asked.index, size);
                let path = path.map_err(|error| NodeError::Ledger(error.to_string()))?;
                let path = path.ok_or_else(|| NodeError::Ledger("an entry is not under a checkpoint yet".into()))?;
                let (index, entry, opening) = (asked.index, asked.entry, asked.opening.clone());
                Ok(StatedEntry { index, entry, path, opening })
            };
            entries.iter().map(prove).collect::<Result<Vec<_>, NodeError>>()
        })?;
        Ok(StatedLog { key, checkpoint, entries: shown })
    }
}
