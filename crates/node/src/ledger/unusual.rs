use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use comity_base::Timestamp;
use comity_crypto::sha256;
use comity_ledger::EntryKind;
use serde::Serialize;
use serde_json::Value;

use super::{Asked, AuditQuery, log_name};
use crate::{Ctx, Node, NodeError};

/// Something in what was asked that a supervisor should look at. It accuses nobody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unusual {
    /// Whose account.
    pub account: String,
    /// What is unusual about it.
    pub pattern: Pattern,
    /// In words.
    pub what: String,
    /// The entries, as `comity audit` names them; the first twenty.
    pub entries: Vec<String>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// Very many values within an hour.
    Bulk,
    /// The account's own name.
    OwnName,
    /// The same again and again, over days, without a case.
    Again,
    /// A value on a list of protected persons.
    Protected,
    /// One person again and again within a day.
    OnePerson,
}

/// What one account asked.
#[derive(Default)]
struct Account {
    by_hour: BTreeMap<u32, (u64, Vec<String>)>,
    /// What was asked without a case, on which days.
    without_case: BTreeMap<String, (BTreeSet<u32>, Vec<String>)>,
    /// The minutes in which each person was asked for or shown, with the entry.
    persons: BTreeMap<String, Vec<(u32, String)>>,
    found: Vec<Unusual>,
}

impl Node {
    /// Patterns in what was asked between two moments that somebody should look at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unusual(
        &self,
        ctx: &Ctx,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<Unusual>, NodeError> {
        self.may_audit(ctx, &AuditQuery::default())?;
        let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
        let query = AuditQuery { kind: Some(EntryKind::Query), since, until, ..AuditQuery::default() };
        self.walk(&query, &mut |asked| {
            if let Some(name) = text(asked.actor.as_ref(), "account") {
                accounts.entry(name.clone()).or_default().take(&name, &asked);
            }
            ControlFlow::Continue(())
        })?;
        let mut all: Vec<Unusual> = accounts.into_iter().flat_map(|(name, account)| account.unusual(&name)).collect();
        all.sort();
        Ok(all)
    }

    /// So many questions to review, drawn from all between two moments by the newest checkpoint: nobody who asked could
    /// know which they would be, and whoever has the checkpoint can draw them again.
    ///
    /// # Errors
    /// When the store cannot be read, or nothing was signed yet.
    pub fn sample(&self, ctx: &Ctx, query: &AuditQuery, most: usize) -> Result<Vec<Asked>, NodeError> {
        self.may_audit(ctx, &AuditQuery::default())?;
        let newest = self.ledger_heads()?.into_iter().rev().find_map(|head| head.checkpoint);
        let none = || NodeError::Refused("no checkpoint was signed yet, and the sample is drawn by one".into());
        let seed = newest.ok_or_else(none)?.text;
        let mut drawn: BTreeMap<[u8; 32], Asked> = BTreeMap::new();
        let query = AuditQuery { kind: Some(EntryKind::Query), ..query.clone() };
        self.walk(&query, &mut |asked| {
            // Each entry draws its lot; the lowest are taken.
            drawn.insert(sha256(format!("{seed}{}#{}", log_name(asked.log), asked.index).as_bytes()), asked);
            if drawn.len() > most {
                drawn.pop_last();
            }
            ControlFlow::Continue(())
        })?;
        let mut sample: Vec<Asked> = drawn.into_values().collect();
        sample.sort_by_key(|asked| (asked.log, asked.index));
        Ok(sample)
    }
}

impl Account {
    fn take(&mut self, name: &str, asked: &Asked) {
        let entry = format!("{}#{}", log_name(asked.log), asked.index);
        let content = asked.content.as_ref();
        let values = content.and_then(|content| content.get("values")).and_then(Value::as_u64).unwrap_or(1);
        let hour = self.by_hour.entry(asked.entry.minute / 60).or_default();
        hour.0 += values;
        note(&mut hour.1, &entry);
        for said in texts(asked.subject.as_ref()) {
            if names(&said, name) {
                self.add(name, Pattern::OwnName, format!("asked for its own name: {said}"), &entry);
            }
            if text(content, "case").is_none() {
                let known = self.without_case.entry(said).or_default();
                known.0.insert(asked.entry.minute / (24 * 60));
                note(&mut known.1, &entry);
            }
        }
        for person in persons(asked.subject.as_ref()).into_iter().chain(screened(content)) {
            self.persons.entry(person).or_default().push((asked.entry.minute, entry.clone()));
        }
        let lists = content.and_then(|content| content.get("lists")).and_then(Value::as_array);
        for list in lists.into_iter().flatten().filter_map(Value::as_str) {
            if list.to_lowercase().contains("protected") {
                self.add(name, Pattern::Protected, format!("asked for what stands on the list {list:?}"), &entry);
            }
        }
    }

    fn add(&mut self, account: &str, pattern: Pattern, what: String, entry: &str) {
        self.found.push(Unusual { account: account.to_owned(), pattern, what, entries: vec![entry.to_owned()] });
    }

    fn unusual(self, account: &str) -> Vec<Unusual> {
        let mut found = self.found;
        let mut add = |pattern, what: String, entries| {
            found.push(Unusual { account: account.to_owned(), pattern, what, entries });
        };
        for (values, entries) in self.by_hour.into_values().filter(|(values, _)| *values > BULK) {
            add(Pattern::Bulk, format!("asked for {values} values within an hour"), entries);
        }
        for (said, (days, entries)) in self.without_case {
            if days.len() >= AGAIN {
                add(Pattern::Again, format!("asked for {said} on {} days without a case", days.len()), entries);
            }
        }
        for (person, mut times) in self.persons {
            times.sort();
            if let Some((count, entries)) = busiest_day(&times) {
                add(Pattern::OnePerson, format!("asked for {person} {count} times within a day"), entries);
            }
        }
        found
    }
}

/// The day of 24 hours with most look-ups, where there were many in one, with the entries that are named.
fn busiest_day(times: &[(u32, String)]) -> Option<(usize, Vec<String>)> {
    let (mut from, mut best) = (0, (0, 0));
    for (at, (minute, _)) in times.iter().enumerate() {
        while times.get(from).is_some_and(|(begin, _)| minute.saturating_sub(*begin) >= DAY) {
            from += 1;
        }
        best = best.max((at + 1 - from, from));
    }
    let (count, from) = best;
    let entries = || times.iter().skip(from).take(count.min(NAMED)).map(|(_, entry)| entry.clone()).collect();
    (count > FLOOD).then(|| (count, entries()))
}

/// Whom an entry is about: each person's object that was shown by itself, and each name that was asked for, in one spelling.
fn persons(subject: Option<&Value>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let object = text(subject, "object").filter(|id| id.starts_with("identity--"));
    all.extend(object);
    // What is looked for among all names is a person's where it has several parts.
    let asked = text(subject, "asked").map(|asked| spelled(&asked)).filter(|asked| asked.contains(' '));
    all.extend(asked.into_iter().chain(text(subject, "name").map(|name| spelled(&name))));
    // Whoever knows somebody's passport asks for them by it.
    all.extend(["document", "zone"].iter().filter_map(|name| text(subject, name)));
    all.remove("");
    all
}

/// Whom a list showed, each as often as it did: what stood on the list is not on record.
fn screened(content: Option<&Value>) -> Vec<String> {
    let is_list = text(content, "asked").as_deref() == Some("screen");
    let shown = content.and_then(|content| content.get("shown")).and_then(Value::as_array).filter(|_| is_list);
    let shown = shown.into_iter().flatten().filter_map(Value::as_str);
    shown.filter(|id| id.starts_with("identity--")).map(str::to_owned).collect()
}

/// A name in small letters without marks between them, its parts in order: two spellings of one name are one.
fn spelled(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let parts: BTreeSet<String> = parts.map(str::to_lowercase).collect();
    parts.into_iter().collect::<Vec<_>>().join(" ")
}

/// The texts that were asked for.
fn texts(subject: Option<&Value>) -> Vec<String> {
    let Some(subject) = subject else { return Vec::new() };
    let asked = ["asked", "object"].iter().filter_map(|name| subject.get(*name));
    let each = asked.flat_map(|value| match value {
        Value::Array(all) => all.iter().collect::<Vec<_>>(),
        one => vec![one],
    });
    each.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a text holds a part of an account's name that is long enough to mean it.
fn names(said: &str, account: &str) -> bool {
    let said = said.to_lowercase();
    let parts = account.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= 4);
    parts.into_iter().any(|part| said.contains(&part.to_lowercase()))
}

fn text(of: Option<&Value>, name: &str) -> Option<String> {
    of.and_then(|of| of.get(name)).and_then(Value::as_str).map(str::to_owned)
}

fn note(entries: &mut Vec<String>, entry: &str) {
    if entries.len() < NAMED {
        entries.push(entry.to_owned());
    }
}

/// More values than this in an hour are many for a person.
const BULK: u64 = 1_000;
/// The same on so many days without a case is looked at.
const AGAIN: usize = 3;
/// More look-ups than this on one person within a day are many.
const FLOOD: usize = 20;
/// Minutes.
const DAY: u32 = 24 * 60;
/// Entries that are named.
const NAMED: usize = 20;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn times(minutes: impl IntoIterator<Item = u32>) -> Vec<(u32, String)> {
        minutes.into_iter().map(|minute| (minute, format!("2026#{minute}"))).collect()
    }

    #[test]
    fn whom_a_list_shows_is_asked_for_as_often() {
        let shown =
            |asked: &str| json!({"asked": asked, "shown": ["identity--1", "identity--1", "comity-document--2"]});
        assert_eq!(screened(Some(&shown("screen"))), ["identity--1", "identity--1"]);
        assert!(screened(Some(&shown("search"))).is_empty(), "a search is counted by what was asked");
    }

    #[test]
    fn a_day_is_any_24_hours() {
        assert_eq!(busiest_day(&times((0..20).map(|n| n * 10))), None, "twenty are not many");
        let (count, entries) = busiest_day(&times((0..21).map(|n| 1_400 + n * 10))).unwrap();
        assert_eq!((count, entries.len(), entries[0].as_str()), (21, 20, "2026#1400"), "over midnight too");
        assert_eq!(busiest_day(&times((0..21).map(|n| n * 72))), None, "the last is a day after the first");
        assert!(busiest_day(&times((0..21).map(|n| n * 71))).is_some());
        assert_eq!(busiest_day(&[]), None);
    }

    #[test]
    fn one_person_is_one_by_object_and_by_name_in_any_spelling() {
        let of = |subject: Value| persons(Some(&subject)).into_iter().collect::<Vec<_>>();
        assert_eq!(of(json!({"name": "TAMM, Jaan", "born": "1984"})), of(json!({"name": "jaan  tamm"})));
        assert_eq!(of(json!({"asked": "Jaan Tamm"})), ["jaan tamm"]);
        assert_eq!(of(json!({"object": "identity--1"})), ["identity--1"]);
        assert_eq!(of(json!({"document": "EST:P:KB0123456"})), ["EST:P:KB0123456"]);
        for other in [json!({"object": "indicator--1"}), json!({"asked": "evil"}), json!({"name": " - "}), json!({})] {
            assert!(of(other.clone()).is_empty(), "{other}");
        }
    }
}
