use std::fs;
use std::path::Path;

use anyhow::Context as _;
use comity_node::{DocumentFound, FrontlineCopy, PersonFound, PersonsFound, Why};
use comity_stix::mrz::Mrz;
use serde_json::json;

use crate::args::{Args, SearchArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{percent, printable};
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &SearchArgs) -> anyhow::Result<Code> {
    if let (Some(copy), Some(key)) = (&command.copy, &command.key) {
        return in_copy(desk, args, command, (copy, key));
    }
    let place = desk.open(args, Access::Read)?;
    if let Some(path) = &command.make_copy {
        let mut out = Vec::new();
        place.node.frontline_copy(&place.ctx, &mut out)?;
        let path = desk.path(path);
        fs::write(&path, out).with_context(|| format!("writing {}", path.display()))?;
        return Ok(Code::Done);
    }
    let found = place.node.search_persons(&place.ctx, &command.ask())?;
    if args.json {
        tell_json(desk, &found)?;
    } else {
        tell(desk, &found)?;
    }
    // What was read of names the next command need not read.
    place.close()?;
    Ok(Code::Done)
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
    for (owner, document, state, exact) in &found.documents {
        let near = if *exact { "" } else { " (a slip away from what was asked)" };
        desk.say(format_args!("!  {document} is {state}, says {owner}{near}"))?;
    }
    for (owner, name, probability, notice) in &found.persons {
        let phone = notice.phone.as_deref().unwrap_or("the bureau");
        let caution =
            if notice.caution.is_empty() { String::new() } else { format!("; {}", notice.caution.join(", ")) };
        desk.say(format_args!(
            "{} %  {}  [{owner}] {} notice{caution}; call {phone}",
            percent(*probability),
            printable(name),
            notice.colour
        ))?;
    }
    if found.documents.is_empty() && found.persons.is_empty() {
        return desk.say("Nobody and nothing like it is in the copy.").map(|()| Code::Done);
    }
    desk.say("A result is a reason to ask whoever holds it, never a reason to act.").map(|()| Code::Done)
}

fn tell_json(desk: &Desk, found: &PersonsFound) -> anyhow::Result<()> {
    for person in &found.persons {
        desk.line(&json!({
            "found": "person",
            "id": person.id.to_string(),
            "owner": person.owner,
            "name": person.name,
            "calling": person.calling,
            "probability": person.probability,
            "why": person.why,
        }))?;
    }
    for document in &found.documents {
        desk.line(&json!({
            "found": "document",
            "id": document.id.to_string(),
            "owner": document.owner,
            "document": document.document,
            "exact": document.exact,
            "listed": document.listed,
            "name": document.name,
        }))?;
    }
    Ok(())
}

fn tell(desk: &Desk, found: &PersonsFound) -> anyhow::Result<()> {
    if let Some(zone) = &found.zone {
        desk.say(read_as(zone))?;
    }
    if found.persons.is_empty() && found.documents.is_empty() {
        return desk.say("Nobody and nothing like it is known here.");
    }
    for document in found.documents.iter().filter(|document| document.listed.is_some()) {
        desk.say(listed(document))?;
    }
    for (number, person) in (1..).zip(&found.persons) {
        tell_person(desk, number, person)?;
    }
    let others = found.documents.iter().filter(|document| {
        document.listed.is_none() && !found.persons.iter().any(|person| person.position == document.position)
    });
    for document in others {
        let how = if document.exact { "names" } else { "names one that is a slip away," };
        desk.say(format_args!("   {} {how} {}: {}", document.owner, document.document, printable(&document.name)))?;
    }
    desk.say("A result is a reason to ask whoever holds it, never a reason to act.")
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

fn tell_person(desk: &Desk, number: usize, person: &PersonFound) -> anyhow::Result<()> {
    let name = if person.name == person.calling {
        printable(&person.name)
    } else {
        format!("{} ({})", printable(&person.name), printable(&person.calling))
    };
    desk.say(format_args!("{number}. {} %  {name}  [{}]  {}", percent(person.probability), person.owner, person.id))?;
    for line in reasons(&person.why) {
        desk.say(format_args!("      {line}"))?;
    }
    Ok(())
}

/// Why somebody was found, a line for each reason.
fn reasons(why: &Why) -> Vec<String> {
    let mut lines = Vec::new();
    for part in &why.parts {
        let how = if part.alike > 0.995 { "is".to_owned() } else { format!("{:.0} % like", part.alike * 100.0) };
        let rare = if part.tells < 0.35 { ", a common one" } else { "" };
        lines.push(format!("{} {how} {}{rare}", printable(&part.asked), printable(&part.found)));
    }
    if !why.missing.is_empty() {
        lines.push(format!("nothing there for {}", printable(&why.missing.join(", "))));
    }
    if !why.extra.is_empty() {
        lines.push(format!("there also {}", printable(&why.extra.join(", "))));
    }
    let facts = why.facts.iter().map(|(code, points)| format!("{} ({points:+.1})", fact(code)));
    lines.extend(why.name.map(|points| format!("the names together ({points:+.1})")));
    lines.extend(facts);
    lines
}

fn fact(code: &str) -> &str {
    match code {
        "birth-day" => "born the same day",
        "birth-swapped" => "day and month of birth changed round",
        "birth-digit" => "one digit of the birth date differs",
        "birth-month" => "born the same month",
        "birth-year" => "born the same year",
        "birth-about" => "born about that time",
        "birth-day-other" => "born another day of the same year",
        "birth-month-other" => "born in another month of the same year",
        "birth-year-other" => "born the same day of another year",
        "birth-near" => "born some years apart",
        "birth-other" => "born at another time",
        "nationality" => "of the same nationality",
        "nationality-other" => "of another nationality",
        "sex" => "of the same sex",
        "sex-other" => "of the other sex",
        "document" => "holds this document",
        "identifier" => "this is theirs",
        "document-near" => "holds a document that is a slip away",
        other => other,
    }
}
