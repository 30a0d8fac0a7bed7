use std::collections::BTreeMap;

use comity_ledger::{Note, StatedEntry, StatedLog, Statement, inclusion};
use comity_store::Log;

use super::Asked;
use crate::{Ctx, Node, NodeError};

impl Node {
    /// A signed statement that shows these entries, each with the proof that it stands in its log. Checkpoints are
    /// signed first, so that the newest entries can be proved too.
    ///
    /// # Errors
    /// When nothing is to be shown, the store cannot be read, or the ledger is in trouble.
    pub fn statement(&self, ctx: &Ctx, question: &str, entries: Vec<Asked>) -> Result<Note, NodeError> {
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
            let of = of.ok_or_else(|| NodeError::Ledger(format!("there is no log of {log}")))?;
            shown.push(self.stated(of, &entries)?);
            signers.push(self.log_signer(log)?);
        }
        let statement = Statement { question: question.to_owned(), made: ctx.now().to_string(), logs: shown };
        let signers: Vec<_> = signers.iter().collect();
        statement.sign(&signers).map_err(|error| NodeError::Refused(error.to_string()))
    }

    fn stated(&self, log: &Log, entries: &[Asked]) -> Result<StatedLog, NodeError> {
        let key = self.log_signer(log.log)?.verifier().clone();
        let none = || NodeError::Ledger(format!("{} has no checkpoint yet", key.name()));
        let (_, checkpoint) = self.kept_checkpoint(log.log)?.ok_or_else(none)?;
        let size = comity_ledger::Checkpoint::open(&checkpoint, &key).map_err(|_| none())?.size;
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
