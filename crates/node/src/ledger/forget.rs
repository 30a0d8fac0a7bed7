use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use comity_base::Timestamp;
use comity_ledger::{Entry, EntryKind, Group, Opening};
use comity_stix::{Doc, ObjectId};
use comity_store::{Op, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Ctx, Deed, Node, NodeError};

/// How long the ledger's entries say what they are about. Afterwards the entries, and every proof, remain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerTerms {
    /// Years after which nobody learns any more whom or what an entry was about. Default 3, as for logs of the Schengen
    /// Information System: Regulation (EU) 2018/1862, Article 18(3).
    pub subject_years: u16,
    /// Years after which nobody learns any more who did what. Default 10.
    pub years: u16,
}

impl Default for LedgerTerms {
    fn default() -> Self {
        Self { subject_years: 3, years: 10 }
    }
}

impl LedgerTerms {
    /// Nobody learns any more whom or what that was about which is older than this.
    pub(crate) fn subjects_before(self, now: Timestamp) -> Timestamp {
        years_before(self.subject_years, now)
    }

    /// Nobody learns any more who did what before this.
    pub(crate) fn all_before(self, now: Timestamp) -> Timestamp {
        years_before(self.years, now)
    }
}

/// Whatever is set, nobody erases what they have just done.
fn years_before(years: u16, now: Timestamp) -> Timestamp {
    let span = i64::from(years.max(1)).saturating_mul(YEAR);
    Timestamp::from_micros(now.as_micros().saturating_sub(span))
}

/// What was erased from the store: entries that name it, and nothing that is still here, forget whom they were about.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    objects: HashSet<String>,
    /// The values it held, as `kind text`, with their fingerprints.
    values: HashMap<String, u64>,
}

/// How far the entries are forgotten by age: the number of the first that is not.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Forgotten {
    subject: u64,
    all: u64,
}

impl Node {
    /// Keeps what entries say as long as this organisation's rules let it.
    #[must_use]
    pub fn with_ledger_terms(mut self, ledger_terms: LedgerTerms) -> Self {
        self.ledger_terms = ledger_terms;
        self
    }

    /// Notes what is about to be erased; the versions with their bodies.
    pub(crate) fn note_gone(&self, versions: &[Version], gone: &mut Gone) {
        let mut scratch = String::new();
        for version in versions {
            gone.objects.insert(version.id.to_string());
            let Ok(doc) = Doc::parse(&version.raw, self.reader.depth()) else { continue };
            self.reader.each_value(doc.root(), &mut scratch, &mut |kind, text, _| {
                gone.values.insert(format!("{} {text}", kind.name()), self.reader.value_fingerprint(kind, text));
            });
        }
    }

    /// Erases what entries say they were about, where that is gone.
    pub(crate) fn forget_about(&self, ctx: &Ctx, gone: &Gone) -> Result<u64, NodeError> {
        if gone.objects.is_empty() {
            return Ok(0);
        }
        let forgotten = self.rewrite(0, None, &mut |_, opening| {
            let Some(subject) = opening.group(Group::Subject) else { return Ok(false) };
            let Ok(subject) = serde_json::from_slice::<Value>(&subject.said) else { return Ok(false) };
            let is_gone = self.is_about_gone(&subject, gone)?;
            if is_gone {
                opening.set(Group::Subject, None);
            }
            Ok(is_gone)
        })?;
        self.tell_forgotten(ctx, "whom entries were about, with what was erased", forgotten.0)?;
        Ok(forgotten.0)
    }

    /// Erases what entries say that are older than the terms of this node let them.
    pub(crate) fn forget_old(&self, ctx: &Ctx) -> Result<u64, NodeError> {
        let mut done: Forgotten = self.setting(FORGOTTEN)?.unwrap_or_default();
        let minute = |at: Timestamp| u32::try_from(at.as_micros().div_euclid(60_000_000)).unwrap_or_default();
        let (subjects_before, all_before) =
            (minute(self.ledger_terms.subjects_before(ctx.now())), minute(self.ledger_terms.all_before(ctx.now())));
        let (subjects, reached) = self.rewrite(done.subject, Some(subjects_before), &mut |_, opening| {
            let was_there = opening.group(Group::Subject).is_some();
            opening.set(Group::Subject, None);
            Ok(was_there)
        })?;
        done.subject = reached;
        let (all, reached) = self.rewrite(done.all, Some(all_before), &mut |_, opening| {
            let was_there = *opening != Opening::default();
            *opening = Opening::default();
            Ok(was_there)
        })?;
        done.all = reached;
        if subjects + all > 0 {
            self.keep_setting(FORGOTTEN, &done)?;
            self.tell_forgotten(ctx, "what old entries say", subjects + all)?;
        }
        Ok(subjects + all)
    }

    /// Walks the entries from a number on, as far as they are older than a minute, and keeps the openings that change.
    /// Returns how many did, and the number of the first entry that was not looked at.
    fn rewrite(
        &self,
        from: u64,
        before: Option<u32>,
        change: &mut dyn FnMut(&Entry, &mut Opening) -> Result<bool, NodeError>,
    ) -> Result<(u64, u64), NodeError> {
        let (mut at, mut changed) = (from, 0);
        loop {
            let entries = self.store.entries(at, PAGE, true)?;
            let mut openings = Vec::new();
            let mut is_over = entries.is_empty();
            for kept in &entries {
                let broken =
                    |why: comity_ledger::EntryError| NodeError::Ledger(format!("entry {}: {why}", kept.number));
                let entry = Entry::parse(&kept.leaf).map_err(broken)?;
                if before.is_some_and(|before| entry.minute >= before) {
                    is_over = true;
                    break;
                }
                let mut opening = Opening::parse(&kept.opening).map_err(broken)?;
                if change(&entry, &mut opening)? {
                    openings.push((kept.number, opening.to_bytes()));
                }
                at = kept.number + 1;
            }
            if !openings.is_empty() {
                changed += openings.len() as u64;
                self.store.set_openings(&openings)?;
            }
            if is_over {
                return Ok((changed, at));
            }
        }
    }

    fn tell_forgotten(&self, ctx: &Ctx, what: &str, entries: u64) -> Result<(), NodeError> {
        if entries == 0 {
            return Ok(());
        }
        let content = json!({"what": what, "entries": entries});
        self.record(ctx, Deed::new(EntryKind::Erasure, json!({}), content))
    }

    /// Whether something named is gone, and nothing named is here.
    fn is_about_gone(&self, subject: &Value, gone: &Gone) -> Result<bool, NodeError> {
        let mut named = Vec::new();
        texts(subject, &mut named);
        let mut any = false;
        for text in named {
            if let Ok(id) = ObjectId::parse(text) {
                if !gone.objects.contains(text) && self.has_content(&id)? {
                    return Ok(false);
                }
                any |= gone.objects.contains(text);
            } else if let Some(fingerprint) = gone.value(self, text) {
                if self.is_fingerprint_held(fingerprint) {
                    return Ok(false);
                }
                any = true;
            }
        }
        Ok(any)
    }

    fn has_content(&self, id: &ObjectId) -> Result<bool, NodeError> {
        self.any_content(&self.store.versions(id)?)
    }

    /// Whether any of these versions still has what it said.
    pub(crate) fn any_content(&self, rows: &[Version]) -> Result<bool, NodeError> {
        let positions: Vec<_> = rows.iter().filter(|row| row.op == Op::Put).map(|row| row.position).collect();
        Ok(self.store.get(&positions)?.into_iter().flatten().any(|row| !row.raw.is_empty()))
    }

    fn is_fingerprint_held(&self, fingerprint: u64) -> bool {
        let (visible, mut held) = (self.position(), false);
        self.derived.values.for_each(fingerprint, |position| {
            held = position <= visible && self.derived.current(position).is_some();
            if held { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        held
    }
}

impl Gone {
    /// The fingerprint of a value that is gone and that this text names, as it was asked or in its normal form.
    fn value(&self, node: &Node, text: &str) -> Option<u64> {
        if let Some(fingerprint) = self.values.get(text) {
            return Some(*fingerprint);
        }
        let guessed = node.values().guess(text);
        guessed.iter().find_map(|value| self.values.get(&format!("{} {}", value.kind().name(), value.text())).copied())
    }
}

fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(of) => of.iter().for_each(|value| texts(value, found)),
        Value::Object(of) => of.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// The length of a year, in microseconds.
const YEAR: i64 = 31_557_600_000_000;
const FORGOTTEN: &str = "ledger/forgotten";
const PAGE: usize = 5_000;
