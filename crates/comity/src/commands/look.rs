use std::fs;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use comity_node::{Known, Look};
use comity_stix::Value;
use serde_json::json;

use crate::args::{Args, LookArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &LookArgs) -> anyhow::Result<Code> {
    if command.values.is_empty() && command.file.is_none() {
        bail!("name the values to look for, or a file of them with --file");
    }
    let place = desk.open(args, Access::Read)?;
    for text in &command.values {
        let look = place.node.look(&place.ctx, text, command.limit)?;
        if args.json { tell_json(desk, &look)? } else { tell(desk, &look)? }
    }
    if let Some(path) = &command.file {
        many(desk, args, &place, path)?;
    }
    Ok(Code::Done)
}

fn tell_json(desk: &Desk, look: &Look) -> anyhow::Result<()> {
    if look.known.is_empty() {
        desk.line(&json!({"asked": look.asked, "kind": null, "known": false}))?;
    }
    for known in &look.known {
        desk.line(&json!({
            "asked": look.asked,
            "kind": known.value.kind(),
            "value": known.value.text(),
            "known": !known.holdings.is_empty(),
            "postings": known.postings,
            "lists": known.lists,
            "more": known.more,
            "holdings": known.holdings,
        }))?;
    }
    Ok(())
}

fn tell(desk: &Desk, look: &Look) -> anyhow::Result<()> {
    if look.known.is_empty() {
        return desk.say(format_args!(
            "{}: not a value of any kind known here; put its kind in front, like phone:+372...",
            printable(&look.asked)
        ));
    }
    let held: Vec<&Known> = look.known.iter().filter(|known| !known.holdings.is_empty()).collect();
    if held.is_empty() {
        let kinds: Vec<_> = look.known.iter().map(|known| known.value.kind().title()).collect();
        return desk.say(format_args!(
            "{}: nobody here knows it (looked for as {})",
            printable(&look.asked),
            kinds.join(", ")
        ));
    }
    for known in held {
        let lists = if known.lists.is_empty() {
            String::new()
        } else {
            format!("; stands on the list {}", known.lists.join(", "))
        };
        desk.say(format_args!(
            "{} ({}), {} mentions{lists}",
            known.value.display(),
            known.value.kind().title(),
            grouped(known.postings)
        ))?;
        let rows = known.holdings.iter().map(|holding| {
            let containers: Vec<_> = holding.containers.iter().map(|container| printable(&container.name)).collect();
            vec![
                holding.owner.to_string(),
                holding.how.to_owned(),
                holding.id.to_string(),
                printable(&holding.name),
                holding.tlp.clone(),
                containers.join("; "),
            ]
        });
        desk.table(&["owner", "how", "object", "name", "tlp", "in"], rows)?;
        if known.more {
            desk.say("  more objects hold it; raise --limit to see them")?;
        }
    }
    Ok(())
}

/// Many values at once, answered without reading any object.
fn many(desk: &Desk, args: &Args, place: &Place, path: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    if path == Path::new("-") {
        desk.input().read_to_string(&mut text).context("reading standard input")?;
    } else {
        text = fs::read_to_string(desk.path(path)).with_context(|| format!("reading {}", path.display()))?;
    }
    let mut asked: Vec<&str> = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut strange = 0_u64;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let guesses = place.node.values().guess(line);
        strange += u64::from(guesses.is_empty());
        for value in guesses {
            asked.push(line);
            values.push(value);
        }
    }
    let briefs = place.node.look_brief(&place.ctx, &values)?;
    let mut known = 0_u64;
    let mut out = BufWriter::new(desk.out());
    for ((asked, value), brief) in asked.iter().zip(&values).zip(&briefs) {
        let is_known = !brief.owners.is_empty();
        known += u64::from(is_known);
        if args.json {
            let record = json!({"asked": asked, "kind": value.kind(), "value": value.text(), "known": is_known, "postings": brief.postings, "owners": brief.owners});
            serde_json::to_writer(&mut out, &record)?;
            out.write_all(b"\n")?;
        } else if is_known {
            let owners: Vec<_> = brief.owners.iter().map(ToString::to_string).collect();
            writeln!(out, "{}\t{}\t{}\t{}", printable(asked), value.kind(), brief.postings, owners.join(","))?;
        }
    }
    out.flush()?;
    drop(out);
    if !args.json {
        desk.say(format_args!(
            "{} of {} values are known; {} lines are no value.",
            grouped(known),
            grouped(values.len() as u64),
            grouped(strange)
        ))?;
    }
    Ok(())
}
