//! What people wrote beside the objects: it is forgotten once it is of no use any more. That there was something, when, between
//! whom and how it ended stays.

use std::collections::BTreeSet;

use comity_base::Timestamp;
use comity_ledger::EntryKind;
use comity_stix::ObjectId;
use comity_store::Op;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{Ctx, Deed, Node, NodeError};

/// Something that is kept with words of people about somebody: a question, a message, a report, a hit, a notice.
pub(crate) trait Words: Serialize + DeserializeOwned {
    /// Whether the words go with the object that they are about, however young they are.
    const GOES_WITH_OBJECT: bool;

    /// The object that it is about, where that is known. A legal hold of it keeps the words.
    fn about(&self) -> Option<&ObjectId>;

    /// When something was last done to it.
    fn last(&self) -> Timestamp;

    /// When the words were forgotten.
    fn forgotten(&self) -> Option<Timestamp>;

    /// Forgets them.
    fn forget(&mut self, now: Timestamp);
}

/// Which words are old.
pub(crate) struct Old {
    pub(crate) now: Timestamp,
    /// Of no use any more is what nothing was done to since.
    pub(crate) before: Timestamp,
    held: BTreeSet<ObjectId>,
}

impl Node {
    /// Forgets the words of people that are of no use any more. Returns of how many things. What is cut off in between is
    /// finished by the next run.
    pub(super) fn forget_words(&self, ctx: &Ctx) -> Result<u64, NodeError> {
        let (now, held) = (ctx.now(), self.on_hold()?.0);
        let old = Old { now, before: self.ledger_terms.subjects_before(now), held };
        let forgotten = self.forget_questions(&old)?
            + self.forget_messages(&old)?
            + self.forget_search_hits(&old)?
            + self.forget_notices(&old)?;
        if forgotten > 0 {
            self.store.forget_overwritten()?;
            let content = json!({"what": "words of people", "things": forgotten});
            self.record(ctx, Deed::new(EntryKind::Erasure, json!({}), content))?;
        }
        Ok(forgotten)
    }

    /// Forgets the words of everything under a prefix that is old, unless something keeps it.
    pub(crate) fn forget_each<W: Words>(
        &self,
        prefix: &str,
        old: &Old,
        is_kept: impl Fn(&W) -> bool,
    ) -> Result<u64, NodeError> {
        let mut forgotten = 0;
        for (key, bytes) in self.store.values(prefix)? {
            let known: W = serde_json::from_slice(&bytes).map_err(NodeError::setting(&key))?;
            if !self.is_over(&known, old, &is_kept)? {
                continue;
            }
            let less = |kept: Option<W>| {
                let mut kept = kept.ok_or(NodeError::Stage)?;
                // Somebody may have done something with it at this moment.
                if self.is_over(&kept, old, &is_kept)? {
                    kept.forget(old.now);
                }
                Ok(kept)
            };
            forgotten += u64::from(self.change_setting(&key, less, &[])?.forgotten().is_some());
        }
        Ok(forgotten)
    }

    fn is_over<W: Words>(&self, words: &W, old: &Old, is_kept: impl Fn(&W) -> bool) -> Result<bool, NodeError> {
        let about = words.about();
        if words.forgotten().is_some() || is_kept(words) || about.is_some_and(|about| old.held.contains(about)) {
            return Ok(false);
        }
        match about.filter(|_| W::GOES_WITH_OBJECT) {
            _ if words.last() < old.before => Ok(true),
            Some(about) => self.was_erased(about),
            None => Ok(false),
        }
    }

    /// Whether an object was here, and nothing of its content is any more.
    fn was_erased(&self, object: &ObjectId) -> Result<bool, NodeError> {
        let rows = self.store.versions(object)?;
        let mut put = rows.iter().filter(|row| row.op == Op::Put);
        if rows.is_empty() || put.any(|row| self.derived.current(row.position).is_some()) {
            return Ok(false);
        }
        Ok(!self.any_content(&rows)?)
    }
}

/// Stands for a reason that was forgotten, where the law asks for one.
pub(crate) const REASON: &str = "(forgotten)";
