use std::fs;
use std::path::Path;

use anyhow::Context as _;
use comity_node::{CopiedPerson, DocumentFound, FrontlineCopy, PersonAsk, PersonFound, PersonsFound};
use comity_stix::mrz::Mrz;
use comity_stix::{Kind, ObjectId};
use serde_json::json;

use super::{card, why};
use crate::args::{Args, SearchArgs};
use crate::desk::Desk;
use crate::exit::{Code, NotHere};
use crate::output::{percent, printable};
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &SearchArgs) -> anyhow::Result<Code> {
    if let (Some(copy), Some(key)) = (&command.copy, &command.key) {
        return in_copy(desk, args, command, (copy, key));
    }
    let access = if command.open_hit.is_some() { Access::Settings } else { Access::Read };
    let place = desk.open(args, access)?;
    if let Some(path) = &command.make_copy {
        let mut out = Vec::new();
        place.node.frontline_copy(&place.ctx, &mut out)?;
        let path = desk.path(path);
        fs::write(&path, out).with_context(|| format!("writing {}", path.display()))?;
        return Ok(Code::Done);
    }
    let ask = command.ask();
    let found = place.node.search_persons(&place.ctx, &ask)?;
    if args.json {
        tell_json(desk, &found)?;
    } else {
        tell(desk, &found)?;
    }
    if let Some(of) = &command.open_hit {
        open_hit(desk, args, &place, (&ask, &found, of), command)?;
    }
    // What was read of names the next command need not read.
    place.close()?;
    Ok(Code::Done)
}

/// Opens a hit of one of those that were found, so that the bureau checks it.
fn open_hit(
    desk: &Desk,
    args: &Args,
    place: &Place,
    (ask, found, of): (&PersonAsk, &PersonsFound, &ObjectId),
    command: &SearchArgs,
) -> anyhow::Result<()> {
    let Some(person) = found.persons.iter().find(|person| person.id == *of) else {
        return Err(NotHere(format!("{of} is not among those that were found, so no hit was opened")).into());
    };
    let told = (command.silent, command.reference.as_deref());
    let no = place.node.open_search_hit(&place.ctx, ask, person, told)?;
    if args.json {
        return desk.line(&json!({"found": "hit", "hit": no, "id": of.to_string()}));
    }
    desk.say(format_args!("Hit {no} is open. Somebody else compares a second identifier: comity hit check {no}"))
}

/// Searches a signed copy: no node and no network are needed, and its age is said.
fn in_copy(desk: &Desk, args: &Args, command: &SearchArgs, (path, key): (&Path, &str)) -> anyhow::Result<Code> {
    let path = desk.path(path);
    let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    let key = key.parse().context("reading the key")?;
    let copy = FrontlineCopy::read(&bytes, &key).map_err(anyhow::Error::msg)?;
    let now = crate::clock::system()();
    let found = copy.search(&command.ask(), now).map_err(anyhow::Error::msg)?;
    if args.json {
        desk.line(&json!({"copy": copy.head, "age_seconds": copy.age_seconds(now), "found": found}))?;
        return Ok(Code::Done);
    }
    let (by, at) = (&copy.head.made_by, copy.head.made_at);
    desk.say(format_args!("A copy of {by}, made {at}, {} hours ago.", copy.age_seconds(now) / 3_600))?;
    if let Some(kind) = found.misread {
        desk.say(misread(kind))?;
    }
    for one in &found.documents {
        let near = if one.exact { "" } else { " (a slip away from what was asked)" };
        desk.say(format_args!("!  {} is {}, says {}{near}", one.document, one.state, one.owner))?;
    }
    for CopiedPerson { owner, name, probability, held, notice } in &found.persons {
        let phone = notice.phone.as_deref().map_or_else(|| "the bureau".to_owned(), printable);
        let caution =
            if notice.caution.is_empty() { String::new() } else { format!("; {}", notice.caution.join(", ")) };
        let held = held.as_ref().map(|held| {
            let how = if held.exact { "theirs" } else { "theirs, and a slip away from what was asked" };
            format!("; {} is {how}", printable(&held.value))
        });
        desk.say(format_args!(
            "{} %  {}  [{owner}] {} notice{caution}{}; call {phone}",
            percent(*probability),
            printable(name),
            notice.colour,
            held.unwrap_or_default()
        ))?;
    }
    if found.documents.is_empty() && found.persons.is_empty() {
        return desk.say("Nobody and nothing like it is in the copy.").map(|()| Code::Done);
    }
    if !found.persons.is_empty() {
        desk.say(card::NO_WARRANT)?;
    }
    desk.say("A result is a reason to ask whoever holds it, never a reason to act.").map(|()| Code::Done)
}

fn tell_json(desk: &Desk, found: &PersonsFound) -> anyhow::Result<()> {
    if let Some(kind) = found.misread {
        desk.line(&json!({"found": "misread", "kind": kind.name()}))?;
    }
    if let Some(zone) = &found.zone {
        desk.line(&json!({
            "found": "zone",
            "document": format!("{}:{}:{}", zone.state, zone.kind, zone.number),
            "primary": zone.primary,
            "secondary": zone.secondary,
            "nationality": zone.nationality,
            "birth": zone.birth,
            "sex": zone.sex,
            "expiry": zone.expiry,
            "mended": zone.mended,
        }))?;
    }
    for document in &found.documents {
        desk.line(&json!({
            "found": "document",
            "id": document.id.to_string(),
            "owner": document.owner,
            "kind": document.kind.name(),
            "document": document.document,
            "exact": document.exact,
            "listed": document.listed,
            "name": document.name,
        }))?;
    }
    for person in &found.persons {
        desk.line(&json!({
            "found": "person",
            "id": person.id.to_string(),
            "owner": person.owner,
            "name": person.name,
            "calling": person.calling,
            "probability": person.probability,
            "why": person.why,
            "notice": person.notice,
        }))?;
    }
    Ok(())
}

fn tell(desk: &Desk, found: &PersonsFound) -> anyhow::Result<()> {
    if let Some(zone) = &found.zone {
        desk.say(read_as(zone))?;
    }
    if let Some(kind) = found.misread {
        desk.say(misread(kind))?;
    }
    if found.persons.is_empty() && found.documents.is_empty() {
        return desk.say("Nobody and nothing like it is known here.");
    }
    for document in found.documents.iter().filter(|document| document.listed.is_some()) {
        desk.say(listed(document))?;
    }
    for (number, person) in (1..).zip(&found.persons) {
        let by = found.documents.iter().find(|document| document.position == person.position);
        tell_person(desk, number, person, by.map(|document| document.kind))?;
    }
    let others = found.documents.iter().filter(|document| {
        document.listed.is_none() && !found.persons.iter().any(|person| person.position == document.position)
    });
    for document in others {
        let how = if document.exact { "names" } else { "names one that is a slip away," };
        desk.say(format_args!("   {} {how} {}: {}", document.owner, document.document, printable(&document.name)))?;
    }
    if found.persons.iter().any(|person| person.notice.is_some()) {
        desk.say(card::NO_WARRANT)?;
    }
    desk.say("A result is a reason to ask whoever holds it, never a reason to act.")
}

fn misread(kind: Kind) -> String {
    let (article, title) = (kind.article(), kind.title());
    format!("The check digits are wrong for {article} {title}: what a single slip could make of it was looked for.")
}

fn read_as(zone: &Mrz) -> String {
    let mended = match zone.mended.len() {
        0 => String::new(),
        1 => ", one character put right".to_owned(),
        more => format!(", {more} characters put right"),
    };
    let (state, kind, number) = (&zone.state, &zone.kind, &zone.number);
    format!(
        "Read: {state}:{kind}:{number}, {} {}, {}, born {}{mended}",
        zone.primary, zone.secondary, zone.nationality, zone.birth
    )
}

fn listed(document: &DocumentFound) -> String {
    let Some(listed) = document.listed else { return String::new() };
    let since = listed.since.map(|since| format!(" since {since}")).unwrap_or_default();
    let near = if document.exact { "" } else { " (not the number asked, but one that a slip could make of it)" };
    format!("!  {} is {}{since}, says {}{near}", document.document, listed.state, document.owner)
}

fn tell_person(desk: &Desk, number: usize, person: &PersonFound, by: Option<Kind>) -> anyhow::Result<()> {
    let name = if person.name == person.calling {
        printable(&person.name)
    } else {
        format!("{} ({})", printable(&person.name), printable(&person.calling))
    };
    desk.say(format_args!("{number}. {} %  {name}  [{}]  {}", percent(person.probability), person.owner, person.id))?;
    if let Some(notice) = &person.notice {
        desk.say(format_args!("      !  {}", card::line(notice)))?;
    }
    for line in why::reasons(&person.why, by) {
        desk.say(format_args!("      {line}"))?;
    }
    Ok(())
}
