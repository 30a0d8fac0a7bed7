use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use comity_ledger::{Checkpoint, Note};
use serde_json::json;

use crate::args::{Args, LedgerAction, LedgerArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &LedgerArgs) -> anyhow::Result<Code> {
    match &command.action {
        LedgerAction::Status => status(desk, args),
        LedgerAction::Copy { folder, log } => copy(desk, args, folder, *log),
        LedgerAction::Growth { earlier, file } => growth(desk, args, earlier, file),
        LedgerAction::Prove { entry, file } => prove(desk, args, entry, file),
    }
}

fn status(desk: &Desk, args: &Args) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let heads = place.node.ledger_heads()?;
    let wrong = place.node.check_ledger()?;
    for head in &heads {
        let signed = head.checkpoint.as_ref().and_then(|note| Checkpoint::parse(&note.text).ok());
        let signed = signed.map(|signed| signed.size);
        if args.json {
            let checkpoint = head.checkpoint.as_ref().map(Note::to_string);
            let (log, key, size) = (&head.origin, head.key.to_string(), head.size);
            desk.line(&json!({"log": log, "key": key, "size": size, "signed": signed, "checkpoint": checkpoint}))?;
            continue;
        }
        let signed =
            signed.map_or_else(|| "none signed for yet".into(), |size| format!("{} signed for", grouped(size)));
        desk.say(format_args!("{}: {} entries, {signed}", head.origin, grouped(head.size)))?;
        desk.say(format_args!("  key {}", head.key))?;
    }
    if args.json {
        desk.line(&json!({"wrong": wrong}))?;
    } else if heads.is_empty() && wrong.is_empty() {
        desk.say("Nothing was written into the ledger yet.")?;
    }
    for sentence in wrong.iter().filter(|_| !args.json) {
        desk.say(format_args!("WRONG: {sentence}"))?;
    }
    Ok(if wrong.is_empty() { Code::Done } else { Code::Failed })
}

fn copy(desk: &Desk, args: &Args, folder: &Path, log: Option<u32>) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    let Some(log) = log.or(newest(&place)?) else { bail!("nothing was written into the ledger yet") };
    let stop = desk.stop()?;
    let Some(copied) = place.node.copy_log(&place.ctx, log, &desk.path(folder), &stop)? else {
        bail!("stopped; the copy is not whole, run it again to go on")
    };
    desk.say(format_args!("{} entries are in {}.", grouped(copied), folder.display()))?;
    if let Some(head) = place.node.ledger_heads()?.into_iter().find(|head| head.log == log) {
        desk.say(format_args!("Check it with: comity verify {} --key {}", folder.display(), head.key))?;
    }
    Ok(Code::Done)
}

fn growth(desk: &Desk, args: &Args, earlier: &Path, file: &Path) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    let bytes = fs::read(desk.path(earlier)).with_context(|| format!("reading {}", earlier.display()))?;
    let note = Note::parse(&bytes).with_context(|| format!("reading {}", earlier.display()))?;
    let growth = place.node.growth(&place.ctx, &note)?;
    fs::write(desk.path(file), growth.to_string()).with_context(|| format!("writing {}", file.display()))?;
    desk.say(format_args!("Written to {}.", file.display()))?;
    Ok(Code::Done)
}

fn prove(desk: &Desk, args: &Args, entry: &str, file: &Path) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    let read = entry.split_once('#').and_then(|(log, index)| Some((log.parse().ok()?, index.parse().ok()?)));
    let Some((log, index)) = read else { bail!("{entry:?} is no entry; it must look like 2026#17") };
    let proof = place.node.prove_entry(&place.ctx, log, index)?;
    fs::write(desk.path(file), proof.to_string()).with_context(|| format!("writing {}", file.display()))?;
    desk.say(format_args!("Written to {}.", file.display()))?;
    Ok(Code::Done)
}

fn newest(place: &Place) -> anyhow::Result<Option<u32>> {
    Ok(place.node.ledger_heads()?.last().map(|head| head.log))
}
