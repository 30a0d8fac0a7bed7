use std::ops::ControlFlow;

use comity_base::{OrgName, Timestamp};
use comity_ledger::{Entry, EntryKind, Group, Opening};
use comity_policy::access::About;
use comity_stix::ObjectId;
use comity_store::{KeptEntry, Log};
use roaring::RoaringTreemap;
use serde_json::{Value, json};

use super::page::unpack;
use crate::{Act, Ctx, Deed, Node, NodeError};

/// What is asked of the ledger. Everything that is named must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Who was given this object, or has seen it, or has done something about it.
    pub object: Option<ObjectId>,
    /// What this account did.
    pub account: Option<String>,
    /// What was given to, or came from, this organisation.
    pub peer: Option<OrgName>,
    /// Only under this agreement.
    pub agreement: Option<String>,
    /// Only this kind of thing.
    pub kind: Option<EntryKind>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
}

/// An entry of the ledger with what it says, as far as that was not erased.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its log.
    pub log: u32,
    /// Its place in the log.
    pub index: u64,
    /// What everybody may see.
    pub entry: Entry,
    /// What it says, as it was written.
    pub opening: Opening,
    /// Who or what it was about.
    pub subject: Option<Value>,
    /// Who did it.
    pub actor: Option<Value>,
    /// What was done.
    pub content: Option<Value>,
}

impl Asked {
    /// What a part of an entry says, in one line without some of its members, and with so many items of each list; none
    /// where it was erased.
    pub fn in_a_line(part: Option<&Value>, without: &[&str], most: usize) -> Option<String> {
        let Some(Value::Object(part)) = part else { return None };
        let said = part.iter().filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_null());
        let said: Vec<String> = said.map(|(name, value)| format!("{name} {}", plain(value, most))).collect();
        Some(said.join(", "))
    }
}

fn plain(value: &Value, most: usize) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(of) => of.iter().take(most).map(|one| plain(one, most)).collect::<Vec<_>>().join(" "),
        Value::Object(of) => of.get("id").map_or_else(|| value.to_string(), |id| plain(id, most)),
        _ => value.to_string(),
    }
}

/// An audit question with what is known beforehand about what it asks for.
struct Sought<'q> {
    query: &'q AuditQuery,
    /// Every position of the object's versions.
    positions: RoaringTreemap,
    object: Option<String>,
}

impl Node {
    /// Walks through the entries that fit a question, oldest first, until told to stop.
    ///
    /// # Errors
    /// When the store cannot be read, or holds what is no entry.
    pub fn audit(
        &self,
        ctx: &Ctx,
        query: &AuditQuery,
        found: &mut dyn FnMut(Asked) -> ControlFlow<()>,
    ) -> Result<(), NodeError> {
        self.may_audit(ctx, query)?;
        self.walk(query, found)
    }

    /// Everybody may see what they did themselves; what others did, those whose role it is.
    pub(super) fn may_audit(&self, ctx: &Ctx, query: &AuditQuery) -> Result<(), NodeError> {
        let about = About { own: query.account.as_ref() == Some(&ctx.actor), alone: false };
        self.may_about(ctx, Act::Audit, about, json!({"account": query.account, "peer": query.peer}))
    }

    /// As [`Self::audit`], for callers that have asked whether it may be.
    pub(super) fn walk(
        &self,
        query: &AuditQuery,
        found: &mut dyn FnMut(Asked) -> ControlFlow<()>,
    ) -> Result<(), NodeError> {
        let sought = self.sought(query)?;
        let logs = self.store.logs()?;
        let mut at = 0;
        loop {
            let entries = self.store.entries(at, PAGE, true)?;
            let Some(last) = entries.last() else { return Ok(()) };
            at = last.number + 1;
            for kept in &entries {
                if let Some(asked) = sought.fits(kept, &logs)?
                    && found(asked).is_break()
                {
                    return Ok(());
                }
            }
        }
    }

    /// The newest entries before one that fit a question, newest first, as far as one look reaches; with the number of
    /// the entry before which to go on, where there may be more.
    ///
    /// # Errors
    /// As [`Self::audit`].
    pub fn audit_back(
        &self,
        ctx: &Ctx,
        query: &AuditQuery,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Asked>, Option<u64>), NodeError> {
        self.may_audit(ctx, query)?;
        let sought = self.sought(query)?;
        let logs = self.store.logs()?;
        let end = logs.last().map_or(0, |log| log.first + log.size);
        let mut at = before.unwrap_or(end).min(end);
        let lowest = at.saturating_sub(LOOK_BACK);
        let mut found = Vec::new();
        while at > lowest {
            let from = at.saturating_sub(PAGE_BACK).max(lowest);
            let entries = self.store.entries(from, usize::try_from(at - from).unwrap_or(PAGE), true)?;
            for kept in entries.iter().rev() {
                if let Some(asked) = sought.fits(kept, &logs)? {
                    found.push(asked);
                    if found.len() == limit {
                        self.audited(ctx, query, found.len())?;
                        return Ok((found, (kept.number > 0).then_some(kept.number)));
                    }
                }
            }
            at = from;
        }
        self.audited(ctx, query, found.len())?;
        Ok((found, (at > 0).then_some(at)))
    }

    /// Puts on record that the ledger was asked, and what.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn audited(&self, ctx: &Ctx, query: &AuditQuery, found: usize) -> Result<(), NodeError> {
        let subject = json!({
            "object": query.object.as_ref().map(ToString::to_string),
            "account": query.account,
            "peer": query.peer,
            "agreement": query.agreement,
        });
        self.record(ctx, Deed::query("audit", subject).and("found", found))
    }

    fn sought<'q>(&self, query: &'q AuditQuery) -> Result<Sought<'q>, NodeError> {
        let mut positions = RoaringTreemap::new();
        if let Some(id) = &query.object {
            positions.extend(self.store.versions(id)?.into_iter().map(|row| row.position.0));
        }
        Ok(Sought { query, positions, object: query.object.as_ref().map(ToString::to_string) })
    }
}

impl Sought<'_> {
    fn fits(&self, kept: &KeptEntry, logs: &[Log]) -> Result<Option<Asked>, NodeError> {
        let broken = |why: comity_ledger::EntryError| NodeError::Ledger(format!("entry {}: {why}", kept.number));
        let entry = Entry::parse(&kept.leaf).map_err(broken)?;
        let minute = |at: Timestamp| at.as_micros().div_euclid(60_000_000);
        let at = i64::from(entry.minute);
        if self.query.kind.is_some_and(|kind| kind != entry.kind)
            || self.query.since.is_some_and(|since| at < minute(since))
            || self.query.until.is_some_and(|until| at > minute(until))
        {
            return Ok(None);
        }
        let opening = Opening::parse(&kept.opening).map_err(broken)?;
        let said = |group| opening.group(group).and_then(|opened| serde_json::from_slice(&opened.said).ok());
        let (subject, actor, content) = (said(Group::Subject), said(Group::Actor), said(Group::Content));
        let first = logs.iter().find(|log| log.log == kept.log).map_or(0, |log| log.first);
        let index = kept.number.saturating_sub(first);
        let asked = Asked { log: kept.log, index, entry, opening, subject, actor, content };
        Ok(self.is_about(&asked).then_some(asked))
    }

    fn is_about(&self, asked: &Asked) -> bool {
        let text = |of: &Option<Value>, name: &str| {
            of.as_ref().and_then(|of| of.get(name)).and_then(Value::as_str).map(str::to_owned)
        };
        let account =
            self.query.account.as_ref().is_none_or(|wanted| text(&asked.actor, "account").as_ref() == Some(wanted));
        let peer = self.query.peer.as_ref().is_none_or(|wanted| {
            ["to", "from", "peer"].iter().any(|name| text(&asked.content, name).as_deref() == Some(wanted.as_str()))
        });
        let agreement = self.query.agreement.as_ref().is_none_or(|wanted| {
            let of = asked.content.as_ref().and_then(|content| content.get("agreement"));
            of.and_then(|of| of.get("id")).and_then(Value::as_str) == Some(wanted)
        });
        account && peer && agreement && self.object.as_ref().is_none_or(|id| self.names(asked.subject.as_ref(), id))
    }

    /// Whether what an entry is about is, or holds, the object.
    fn names(&self, subject: Option<&Value>, id: &str) -> bool {
        let Some(subject) = subject else { return false };
        let packed = subject.get("positions").and_then(Value::as_str).and_then(unpack);
        packed.is_some_and(|given| !given.is_disjoint(&self.positions)) || says(subject, id)
    }
}

/// Whether this text stands anywhere in a value.
fn says(value: &Value, text: &str) -> bool {
    match value {
        Value::String(said) => said == text,
        Value::Array(of) => of.iter().any(|value| says(value, text)),
        Value::Object(of) => of.values().any(|value| says(value, text)),
        _ => false,
    }
}

/// Entries that one look back reaches.
const LOOK_BACK: u64 = 50_000;
/// Entries read at once when looking back.
const PAGE_BACK: u64 = 256;
const PAGE: usize = 5_000;
