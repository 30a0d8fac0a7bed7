use comity_base::Timestamp;
use comity_ledger::{Entry, EntryKind, Handle, Opening};
use comity_store::NewEntry;
use serde_json::{Value, json};

use crate::ledger::checkpoints::LOGS_A_YEAR;
use crate::{Ctx, Node, NodeError};

/// Something that was done, as the ledger is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// What kind of thing.
    pub kind: EntryKind,
    /// Who or what it was about: can be erased by itself.
    pub subject: Value,
    /// What was done, and with which outcome.
    pub content: Value,
    /// Of what crosses a border, the handle that the entry on the other side has too; a random one otherwise.
    pub handle: Option<Handle>,
}

impl Deed {
    /// A deed within this node.
    pub fn new(kind: EntryKind, subject: Value, content: Value) -> Self {
        Self { kind, subject, content, handle: None }
    }

    /// A question of an officer.
    pub fn query(what: &str, subject: Value) -> Self {
        Self::new(EntryKind::Query, subject, json!({"asked": what}))
    }

    /// A decision.
    pub fn decision(what: &str, subject: Value) -> Self {
        Self::new(EntryKind::Decision, subject, json!({"decided": what}))
    }

    /// One side of a crossing: the other has the same handle.
    #[must_use]
    pub fn with_handle(mut self, handle: Handle) -> Self {
        self.handle = Some(handle);
        self
    }

    /// More of what was done.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(content) = self.content.as_object_mut() {
            content.insert(name.to_owned(), value.into());
        }
        self
    }

    /// The entry: commitments under fresh random salts, and what opens them.
    pub(crate) fn entry(self, ctx: &Ctx) -> Result<NewEntry, NodeError> {
        let Self { kind, subject, mut content, handle } = self;
        if let Some(content) = content.as_object_mut() {
            content.insert("purpose".into(), ctx.purpose.name().into());
            content.insert("at".into(), ctx.now().to_string().into());
            for (name, said) in [("case", &ctx.case), ("reason", &ctx.reason)] {
                if let Some(said) = said {
                    content.insert(name.into(), said.clone().into());
                }
            }
        }
        let actor = json!({"account": ctx.actor, "organisation": ctx.organisation});
        let random = comity_crypto::random_bytes::<128>();
        let random = random.map_err(|error| NodeError::io("drawing salts")(std::io::Error::other(error)))?;
        let ([a, b, c, d], []) = (random.as_chunks::<32>().0, random.as_chunks::<32>().1) else {
            return Err(NodeError::Refused("no salts could be drawn".into()));
        };
        let said = [&subject, &actor, &content].map(|value| value.to_string().into_bytes());
        let opening = Opening::new([*a, *b, *c], said);
        let entry = Entry::new(kind, minute(ctx.now()), handle.unwrap_or(*d), &opening);
        Ok(NewEntry { log: log_of(ctx.now()), leaf: entry.to_bytes().to_vec(), opening: opening.to_bytes() })
    }
}

impl Node {
    /// Writes into the ledger, durably: what was done is on record when this returns.
    ///
    /// # Errors
    /// When the store cannot be written. Then it must not be done, and no answer given.
    pub fn record(&self, ctx: &Ctx, deed: Deed) -> Result<(), NodeError> {
        let entry = deed.entry(ctx)?;
        self.recorder.record(&*self.store, entry)
    }
}

fn minute(at: Timestamp) -> u32 {
    u32::try_from(at.as_micros().div_euclid(60_000_000)).unwrap_or_default()
}

/// The first log of the year of a moment, in UTC.
pub(super) fn log_of(at: Timestamp) -> u32 {
    let year: u32 = at.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    year * LOGS_A_YEAR
}
