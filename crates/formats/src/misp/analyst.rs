//! Analyst data: the notes, opinions and relationships that people add to what others have shared.

use std::collections::{BTreeMap, VecDeque};

use comity_base::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::event::{Event, organisation};
use super::marks::Marks;
use super::members::{made, moment, objects, own_uuid, read_uuid, tag, text, truth, unfit, uuid};
use super::object::relationship_type;
use super::out::{Draft, Out};
use super::skipped::{Part, UNREADABLE};
use crate::Flow;

/// The members that hold analyst data, which may hold answers under the same names.
pub(super) const NAMES: [&str; 4] = ["Note", "Opinion", "Relationship", "RelationshipInbound"];

/// The analyst data of an event that is yet to be converted: relationships need both ends to be known.
#[derive(Default)]
pub(super) struct Remarks {
    list: Vec<Remark>,
    /// How many were taken from the list before.
    taken: usize,
    /// Where a remark about something stands, counting those taken: MISP repeats it with what it is about.
    at: BTreeMap<(String, Uuid), usize>,
}

struct Remark {
    kind: Kind,
    json: Map<String, Value>,
    /// The id of what it is about.
    about: String,
    /// The id of a relationship's other end, when it is known from where the relationship stands.
    target: Option<String>,
    marks: Marks,
    offset: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Note,
    Opinion,
    Relationship,
    /// A relationship listed at its target.
    Inbound,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Note, Self::Opinion, Self::Relationship, Self::Inbound];
}

/// Remembers the analyst data of something that became the object `about`.
pub(super) fn collect(json: &Map<String, Value>, about: &str, marks: &Marks, event: &mut Event, offset: u64) {
    for (name, kind) in NAMES.into_iter().zip(Kind::ALL) {
        event.skipped.add(Part::Analyst, UNREADABLE, unfit(json, name));
        for inner in objects(json, name) {
            let remark = Remark {
                kind,
                json: inner.clone(),
                about: about.to_owned(),
                target: None,
                marks: marks.with(&visibility(inner)),
                offset,
            };
            event.remarks.add(remark);
        }
    }
}

/// Counts the analyst data of something that has no object of its own.
pub(super) fn skip(json: &Map<String, Value>, why: &'static str, event: &mut Event) {
    event.skipped.add(Part::Analyst, why, count(json));
}

/// Gives out what was remembered: notes and opinions first, then relationships, which may point to them.
pub(super) fn give(event: &mut Event, out: &mut Out<'_>) -> Flow {
    let (mut said, mut tied, mut inbound) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
    loop {
        for remark in event.remarks.take() {
            match remark.kind {
                Kind::Note | Kind::Opinion => said.push_back(remark),
                Kind::Relationship => tied.push_back(remark),
                Kind::Inbound => inbound.push_back(remark),
            }
        }
        let next = said.pop_front().or_else(|| tied.pop_front()).or_else(|| inbound.pop_front());
        let Some(mut remark) = next else { return Flow::Continue(()) };
        if remark.kind == Kind::Inbound && !turn(&mut remark, event) {
            continue;
        }
        match draft(&remark, event) {
            Ok(draft) => one(&remark, draft, event, out)?,
            Err(why) => {
                event.skipped.add(Part::Analyst, why, 1);
                skip(&remark.json, "what they answer was left out", event);
            }
        }
    }
}

impl Remarks {
    /// Adds a remark, unless it is there already: then the stricter marks win.
    fn add(&mut self, remark: Remark) {
        if let Some(uuid) = own_uuid(&remark.json).filter(|_| remark.kind != Kind::Inbound) {
            let next = self.taken + self.list.len();
            let at = *self.at.entry((remark.about.clone(), uuid)).or_insert(next);
            if at != next {
                let there = at.checked_sub(self.taken).and_then(|at| self.list.get_mut(at));
                return there.into_iter().for_each(|there| there.marks.and(&remark.marks));
            }
        }
        self.list.push(remark);
    }

    fn take(&mut self) -> Vec<Remark> {
        self.taken += self.list.len();
        std::mem::take(&mut self.list)
    }
}

/// Looks at a relationship from its source; `false` when it is listed there too.
fn turn(remark: &mut Remark, event: &mut Event) -> bool {
    let source = text(&remark.json, "object_uuid").and_then(|uuid| read_uuid(&uuid));
    let Some(source) = source.and_then(|source| event.id_of(source)).cloned() else {
        event.skipped.add(Part::Analyst, ELSEWHERE, 1);
        skip(&remark.json, "what they answer was left out", event);
        return false;
    };
    if own_uuid(&remark.json).is_some_and(|uuid| event.remarks.at.contains_key(&(source.clone(), uuid))) {
        return false;
    }
    remark.target = Some(std::mem::replace(&mut remark.about, source));
    true
}

fn one(remark: &Remark, mut draft: Draft, event: &mut Event, out: &mut Out<'_>) -> Flow {
    let json = &remark.json;
    match json.get("Orgc").and_then(Value::as_object).and_then(|org| Some((org, text(org, "name")?))) {
        Some((org, name)) => {
            let uuid = own_uuid(org).unwrap_or_else(|| made(&format!("organisation {name}")));
            let by = organisation(uuid, &name, &remark.marks, remark.offset, out)?;
            draft.set("created_by_ref", by);
        }
        // Who else shared the event did not say this.
        None => draft.set_some("x_misp_orgc_uuid", text(json, "orgc_uuid")),
    }
    if let Some(uuid) = own_uuid(json) {
        event.also_named(uuid, &draft.id);
    }
    collect(json, &draft.id, &remark.marks, event, remark.offset);
    let layer = match remark.kind {
        Kind::Note => "Analyst Note",
        Kind::Opinion => "Analyst Opinion",
        Kind::Relationship | Kind::Inbound => "Analyst Relationship",
    };
    out.give(draft.object, &remark.marks, vec![tag("context-layer", layer)], remark.offset)
}

/// The object a remark becomes.
///
/// # Errors
/// The reason when it cannot become one.
fn draft(remark: &Remark, event: &Event) -> Result<Draft, &'static str> {
    let json = &remark.json;
    if truth(json, "deleted") {
        return Err("they are deleted");
    }
    let mut draft = match remark.kind {
        Kind::Note => {
            let content = text(json, "note").ok_or("they say nothing")?;
            let mut draft = start("note", remark, &content, event);
            draft.set("content", content);
            if let Some(language) = text(json, "language") {
                let name = if is_language(&language) { "lang" } else { "x_misp_language" };
                draft.set(name, language);
            }
            draft
        }
        Kind::Opinion => {
            let level = text(json, "opinion").and_then(|level| level.trim().parse::<u8>().ok());
            let level = level.filter(|level| *level <= 100).ok_or("their opinion is no number from 0 to 100")?;
            let mut draft = start("opinion", remark, &level.to_string(), event);
            draft.set("opinion", agreement(level));
            draft.set_some("explanation", text(json, "comment"));
            draft.set("x_misp_opinion", level);
            draft
        }
        Kind::Relationship | Kind::Inbound => return relationship(remark, event),
    };
    draft.set_some("authors", text(json, "authors").map(|authors| json!([authors])));
    draft.set("object_refs", json!([remark.about]));
    Ok(draft)
}

fn relationship(remark: &Remark, event: &Event) -> Result<Draft, &'static str> {
    let json = &remark.json;
    let named = || text(json, "related_object_uuid").and_then(|uuid| read_uuid(&uuid));
    let named = || named().and_then(|uuid| event.id_of(uuid)).cloned();
    let target = remark.target.clone().or_else(named).ok_or(ELSEWHERE)?;
    // STIX 2.1 section 5.1 lets nothing relate to a relationship.
    if [&remark.about, &target].iter().any(|end| end.starts_with("relationship--")) {
        return Err("one end is itself a relationship");
    }
    if remark.about == target {
        return Err("both ends are parts of one object here");
    }
    let kind = text(json, "relationship_type").unwrap_or_default();
    let mut draft = start("relationship", remark, &format!("{kind} {target}"), event);
    let written = relationship_type(&kind);
    if !kind.is_empty() && written != kind {
        draft.set("x_misp_relationship_type", kind);
    }
    draft.set("relationship_type", written);
    draft.set("source_ref", remark.about.as_str());
    draft.set("target_ref", target);
    draft.set_some("x_misp_authors", text(json, "authors"));
    Ok(draft)
}

fn start(kind: &str, remark: &Remark, says: &str, event: &Event) -> Draft {
    let json = &remark.json;
    let id = uuid(json, &format!("{} {kind} {says} {:?}", remark.about, text(json, "created")));
    let modified = when(json, "modified").or_else(|| when(json, "created")).unwrap_or(event.modified);
    let created = when(json, "created").unwrap_or(modified).min(modified);
    Draft::new(kind, id, created, modified)
}

/// A moment as analyst data writes it: `2024-06-12 12:49:45`, in UTC.
fn when(json: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let written = || Timestamp::parse(&format!("{}Z", text(json, name)?.trim().replacen(' ', "T", 1))).ok();
    moment(json, name).or_else(written)
}

/// The five values of STIX 2.1 section 4.15 for MISP's 0 to 100, divided as misp-stix divides them.
fn agreement(level: u8) -> &'static str {
    match level {
        0..=20 => "strongly-disagree",
        21..=40 => "disagree",
        41..=60 => "neutral",
        61..=80 => "agree",
        _ => "strongly-agree",
    }
}

/// `en`, `fil` or `pt-BR`: MISP takes any text for a language.
fn is_language(text: &str) -> bool {
    let (language, region) = text.split_once('-').map_or((text, None), |(language, region)| (language, Some(region)));
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    (2..=3).contains(&language.len()) && letters(language) && region.is_none_or(|text| text.len() == 2 && letters(text))
}

fn visibility(json: &Map<String, Value>) -> Map<String, Value> {
    let kept = ["distribution", "SharingGroup", "sharing_group_id"];
    kept.iter().filter_map(|name| Some(((*name).to_owned(), json.get(*name)?.clone()))).collect()
}

/// How many remarks something holds, answers included.
fn count(json: &Map<String, Value>) -> u64 {
    let (mut count, mut open) = (0, vec![json]);
    while let Some(json) = open.pop() {
        for name in NAMES {
            count += unfit(json, name);
            for inner in objects(json, name) {
                count += 1;
                open.push(inner);
            }
        }
    }
    count
}

const ELSEWHERE: &str = "one end is not in the event";
