use std::collections::VecDeque;
use std::fs;
use std::ops::ControlFlow;

use anyhow::{Context as _, bail};
use comity_ledger::Group;
use comity_node::{Asked, AuditQuery, Unusual, log_name};
use serde_json::{Value, json};

use crate::args::{Args, AuditArgs, GroupArg};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::printable;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &AuditArgs) -> anyhow::Result<Code> {
    let query = query(command);
    for (group, named) in [(GroupArg::Actor, command.account.is_some()), (GroupArg::Subject, command.object.is_some())]
    {
        if named && command.statement.is_some() && command.withhold.contains(&group) {
            bail!("a statement about one of them shows who or what it is by its question; ask without naming it");
        }
    }
    let access = if command.statement.is_some() { Access::Settings } else { Access::Read };
    let place = desk.open(args, access)?;
    if command.unusual {
        return unusual(desk, args, &place, &query);
    }
    if let Some(most) = command.sample {
        let sample = place.node.sample(&place.ctx, &query, most)?;
        place.node.audited(&place.ctx, &query, sample.len())?;
        return show(desk, args, &sample);
    }
    let (mut found, mut more) = (VecDeque::new(), 0_u64);
    place.node.audit(&place.ctx, &query, &mut |asked| {
        found.push_back(asked);
        if found.len() > command.limit.max(1) {
            found.pop_front();
            more += 1;
        }
        ControlFlow::Continue(())
    })?;
    place.node.audited(&place.ctx, &query, found.len())?;
    if found.is_empty() {
        desk.note("comity: the ledger says nothing of it");
        return Ok(Code::Unknown);
    }
    let found: Vec<Asked> = found.into();
    show(desk, args, &found)?;
    if more > 0 {
        desk.note(format_args!("comity: {more} older entries fit too; raise --limit to see them"));
    }
    if let Some(path) = &command.statement {
        let shown = found.into_iter().map(|asked| withheld(asked, command)).collect();
        let note = place.node.statement(&place.ctx, &question(command), shown)?;
        fs::write(desk.path(path), note.to_string()).with_context(|| format!("writing {}", path.display()))?;
        desk.note(format_args!("comity: the statement is in {0}; check it with `comity verify {0}`", path.display()));
    }
    Ok(Code::Done)
}

fn show(desk: &Desk, args: &Args, found: &[Asked]) -> anyhow::Result<Code> {
    if args.json {
        found.iter().try_for_each(|asked| desk.line(&record(asked)))?;
    } else {
        desk.table(&["entry", "at", "kind", "who", "what", "about"], found.iter().map(row))?;
    }
    Ok(Code::Done)
}

fn unusual(desk: &Desk, args: &Args, place: &Place, query: &AuditQuery) -> anyhow::Result<Code> {
    let mut all = place.node.unusual(&place.ctx, query.since, query.until)?;
    all.retain(|one| query.account.as_ref().is_none_or(|account| one.account == *account));
    place.node.audited(&place.ctx, query, all.len())?;
    if args.json {
        all.iter().try_for_each(|one| desk.line(one))?;
    } else if all.is_empty() {
        desk.say("Nothing unusual was asked.")?;
    } else {
        let row = |one: &Unusual| vec![printable(&one.account), printable(&one.what), one.entries.join(" ")];
        desk.table(&["who", "what", "entries"], all.iter().map(row))?;
    }
    Ok(Code::Done)
}

fn query(command: &AuditArgs) -> AuditQuery {
    AuditQuery {
        object: command.object.clone(),
        account: command.account.clone(),
        peer: command.to.clone(),
        agreement: command.agreement.clone(),
        kind: command.kind,
        since: command.since,
        until: command.until,
    }
}

/// The question in words, for the statement.
fn question(command: &AuditArgs) -> String {
    let mut parts = Vec::new();
    let mut say = |name: &str, value: Option<String>| parts.extend(value.map(|value| format!("{name} {value}")));
    say("object", command.object.as_ref().map(ToString::to_string));
    say("account", command.account.clone());
    say("to or from", command.to.as_ref().map(ToString::to_string));
    say("under agreement", command.agreement.clone());
    say("kind", command.kind.map(|kind| kind.name().to_owned()));
    say("since", command.since.map(|since| since.to_string()));
    say("until", command.until.map(|until| until.to_string()));
    let text = if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") };
    printable(&format!("{text}; the newest {} at most", command.limit))
}

fn withheld(mut asked: Asked, command: &AuditArgs) -> Asked {
    for group in &command.withhold {
        asked.opening.set(Group::from(*group), None);
    }
    asked
}

fn record(asked: &Asked) -> Value {
    json!({
        "log": log_name(asked.log), "index": asked.index, "kind": asked.entry.kind.name(), "minute": asked.entry.minute,
        "handle": comity_crypto::hex(&asked.entry.handle),
        "subject": asked.subject, "actor": asked.actor, "content": asked.content,
    })
}

fn row(asked: &Asked) -> Vec<String> {
    let text = |of: &Option<Value>, name: &str| {
        of.as_ref().and_then(|of| of.get(name)).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    let who = text(&asked.actor, "account");
    vec![
        format!("{}#{}", log_name(asked.log), asked.index),
        text(&asked.content, "at").get(..16).unwrap_or_default().replace('T', " "),
        asked.entry.kind.name().to_owned(),
        if asked.actor.is_none() { "(erased)".to_owned() } else { printable(&who) },
        printable(&short(asked.content.as_ref(), &["at", "root"])),
        printable(&short(asked.subject.as_ref(), &["positions"])),
    ]
}

/// What a part says, in one line.
fn short(part: Option<&Value>, without: &[&str]) -> String {
    let Some(mut line) = Asked::in_a_line(part, without, usize::MAX) else { return "(erased)".to_owned() };
    if line.chars().count() > WIDE {
        line = line.chars().take(WIDE).chain(['…']).collect();
    }
    line
}

const WIDE: usize = 120;
