use std::io::Cursor;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use comity_base::OrgName;
use comity_crypto::random_bytes;
use comity_ledger::EntryKind;
use comity_stix::{Doc, ObjectId};
use comity_store::BatchStart;
use serde_json::json;
use uuid::Uuid;

use crate::Deed;
use crate::intake::{Input, IntakeOptions};
use crate::{Ctx, Node, NodeError, SourceChange};

/// What became of data that an organisation's tool brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Names it.
    pub id: Uuid,
    /// Objects stored, or there already.
    pub taken: u64,
    /// Those that were set aside.
    pub refused: Vec<BroughtItem>,
}

/// One object that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtItem {
    /// Its id, as far as it can be read.
    pub id: String,
    /// Its `modified`, as far as it can be read.
    pub version: String,
    /// Why.
    pub why: String,
}

impl Node {
    /// Takes in what an organisation's tool brought, as that organisation's own. It is durable when this returns.
    ///
    /// # Errors
    /// When no agreement in force lets anything flow from it, or the store fails; then nothing is kept.
    pub fn bring(&self, ctx: &Ctx, owner: &OrgName, how: &str, bytes: Vec<u8>) -> Result<Brought, NodeError> {
        if self.peer(owner)?.is_some_and(|peer| !peer.is_active()) {
            return Err(NodeError::Refused(format!("the exchange with {owner} is suspended here; nothing was kept")));
        }
        if *owner != ctx.organisation && self.in_force(ctx, owner, &ctx.organisation)?.is_empty() {
            return Err(NodeError::NoAgreement(owner.clone()));
        }
        let source = self.keep_source(ctx, owner, &SourceChange::default())?;
        let stop = AtomicBool::new(false);
        // Whoever waits here keeps others from being served: while a large intake goes on it is told to come again.
        let options = IntakeOptions {
            patience: PATIENCE,
            objects_only: true,
            ..IntakeOptions::noted(format!("{how} by {owner}"), &stop)
        };
        let input = Input { name: how.to_owned(), reader: Box::new(Cursor::new(bytes)) };
        let report = self.intake(ctx, &source, &mut std::iter::once(Ok(input)), &options)?;
        let random = random_bytes::<16>().map_err(|error| NodeError::Refused(error.to_string()))?;
        let id = uuid::Builder::from_random_bytes(random).into_uuid();
        let Some(batch) = report.batch else { return Ok(Brought { id, taken: 0, refused: Vec::new() }) };
        let mut refused = Vec::new();
        if batch.counts.rejected > 0 {
            for item in self.store.rejected(Some(batch.id))? {
                let (id, version) = named(&item.item);
                refused.push(BroughtItem { id, version, why: item.reason });
            }
        }
        Ok(Brought { id, taken: batch.counts.added + batch.counts.unchanged, refused })
    }

    /// Takes back every version of an object that an organisation brought here. Its content is gone; those it was
    /// passed on to by this node are told by their owner. Returns how many versions that were.
    ///
    /// # Errors
    /// When the store fails.
    pub fn take_back(&self, ctx: &Ctx, owner: &OrgName, object: &ObjectId) -> Result<usize, NodeError> {
        let positions: Vec<_> = self.rows_of(owner, object)?.iter().map(|row| row.position).collect();
        if !positions.is_empty() {
            let note = format!("{object} taken back by {owner}");
            let content = json!({"what": "versions erased", "from": owner, "versions": positions.len()});
            let deed = Deed::new(EntryKind::Erasure, json!({"object": object.to_string()}), content);
            let start =
                BatchStart { owner: owner.clone(), note, now: ctx.now(), fence: None, entries: vec![deed.entry(ctx)?] };
            self.store.withdraw(&positions, &start, ctx.now())?;
            self.erase_for_good(&positions)?;
            self.catch_up()?;
        }
        Ok(positions.len())
    }
}

/// How long what is brought waits for a batch that is open.
const PATIENCE: Duration = Duration::from_secs(1);

fn named(raw: &[u8]) -> (String, String) {
    let doc = Doc::parse(raw, 64).ok();
    let member = |name: &str| doc.as_ref().and_then(|doc| doc.root().str(name)).unwrap_or_default().to_owned();
    (member("id"), Some(member("modified")).filter(|text| !text.is_empty()).unwrap_or_else(|| member("created")))
}
