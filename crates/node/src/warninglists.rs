use std::sync::Arc;

use comity_crypto::{hex, sha256};
use comity_ledger::EntryKind;
use comity_link::warninglist::Lists;
use serde::Serialize;
use serde_json::json;

use crate::{Act, Ctx, Deed};
use crate::{Node, NodeError};

/// What adding warning lists did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListsAdded {
    /// Lists stored, by name, with the number of their entries.
    pub added: Vec<(String, usize)>,
    /// Files that are no warning list, with the reason.
    pub refused: Vec<(String, String)>,
}

impl Node {
    /// Stores warning lists in the MISP form; a list of the same name is replaced.
    ///
    /// # Errors
    /// When the store fails.
    pub fn add_lists(
        &self,
        ctx: &Ctx,
        files: &mut dyn Iterator<Item = (String, Vec<u8>)>,
    ) -> Result<ListsAdded, NodeError> {
        self.may(ctx, Act::Lists, json!({}))?;
        let mut done = ListsAdded::default();
        for (file, bytes) in files {
            let mut probe = Lists::empty();
            match probe.add(&bytes) {
                Ok(added) => {
                    let subject = json!({"list": added.name, "entries": added.entries, "digest": hex(&sha256(&bytes))});
                    let deed = Deed { kind: EntryKind::Rule, ..Deed::decision("warning list added", subject) };
                    self.overwrite(&format!("warninglist/{}", added.name), &bytes, &[deed.entry(ctx)?])?;
                    done.added.push((added.name, added.entries));
                }
                Err(error) => done.refused.push((file, error.to_string())),
            }
        }
        *self.lists.lock() = None;
        self.boards.forget();
        Ok(done)
    }

    /// The lists built in and those that were added.
    pub(crate) fn lists(&self) -> Result<Arc<Lists>, NodeError> {
        let mut cached = self.lists.lock();
        if let Some(lists) = &*cached {
            return Ok(lists.clone());
        }
        let mut lists = Lists::builtin();
        for (key, bytes) in self.store.values("warninglist/")? {
            lists.add(&bytes).map_err(|error| NodeError::Setting { key, reason: error.to_string() })?;
        }
        let lists = Arc::new(lists);
        *cached = Some(lists.clone());
        Ok(lists)
    }
}
