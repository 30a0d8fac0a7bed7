use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use comity_base::OrgName;
use comity_ledger::{Checkpoint, Note};
use comity_node::{Act, log_name, log_number};
use serde_json::json;

use crate::args::{Args, LedgerAction, LedgerArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::mirror::{self, Mirror};
use crate::network;
use crate::output::grouped;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &LedgerArgs) -> anyhow::Result<Code> {
    match &command.action {
        LedgerAction::Status => status(desk, args),
        LedgerAction::Copy { folder, log } => copy(desk, args, folder, *log),
        LedgerAction::Mirror { peer, folder, log } => mirror(desk, args, (peer, *log), folder),
        LedgerAction::Policy => {
            let place = desk.open(args, Access::Read)?;
            place.may(Act::Ledger)?;
            desk.out().write_all(place.node.ledger_policy()?.as_bytes())?;
            Ok(Code::Done)
        }
        LedgerAction::Accept { log } => {
            let place = desk.open(args, Access::Settings)?;
            let next = place.node.accept_loss(&place.ctx, *log)?;
            desk.say(format_args!("It is on record, as the first entry of the log {next}."))?;
            Ok(Code::Done)
        }
        LedgerAction::Growth { earlier, file } => growth(desk, args, earlier, file),
        LedgerAction::Prove { entry, file } => prove(desk, args, entry, file),
    }
}

fn status(desk: &Desk, args: &Args) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    place.may(Act::Ledger)?;
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
    if !args.json {
        for one in place.node.witnessing()? {
            let by = one.countersigned.map_or_else(
                || "has countersigned nothing".into(),
                |size| format!("countersigned up to {}", grouped(size)),
            );
            let of = one.seen.map_or_else(
                || "none of its log seen".into(),
                |(size, _)| format!("its log seen up to {}", grouped(size)),
            );
            desk.say(format_args!("{}: {by}; {of}{}", one.peer, mirrored(&place, args, &one.peer)))?;
        }
    }
    for one in &place.node.misconducts()? {
        if args.json {
            desk.line(one)?;
        } else {
            desk.say(format_args!("WRONG: {} of {} {}.", one.origin, one.peer, one.what))?;
        }
    }
    for sentence in wrong.iter().filter(|_| !args.json) {
        desk.say(format_args!("WRONG: {sentence}"))?;
    }
    Ok(if wrong.is_empty() { Code::Done } else { Code::Failed })
}

/// How much of a peer's logs this node holds itself.
fn mirrored(place: &Place, args: &Args, peer: &OrgName) -> String {
    let Ok(known) = place.node.known_peer(peer) else { return String::new() };
    let folder = Place::folder(args);
    let sizes = mirror::logs_of(&known).into_iter().filter_map(|(log, _)| {
        let size = Mirror::size(&Mirror::place(&folder, peer, log))?;
        Some(format!("; {} entries of {} mirrored here", grouped(size), log_name(log)))
    });
    sizes.collect()
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

/// A peer's log, fetched tile by tile and checked as a whole at the end.
fn mirror(desk: &Desk, args: &Args, (peer, log): (&OrgName, Option<u32>), folder: &Path) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    place.may(Act::Ledger)?;
    let known = place.node.known_peer(peer)?;
    let found = mirror::logs_of(&known).into_iter().find(|(year, _)| log.is_none_or(|log| log == *year));
    let Some((log, key)) = found else { bail!("{peer} has named no key of such a log yet") };
    let identity = network::open_identity(&Place::folder(args), &place.config)?;
    let Some(client) = network::client_of(&known, &identity)? else { bail!("{peer} has no address") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let fetch = |path: &str| runtime.block_on(client.ledger_file(&log_name(log), path));
    let name = key.name().to_owned();
    let target = desk.path(folder).into_owned();
    let mirror = Mirror { folder: target.clone(), key, most: (target, u64::MAX) };
    let Some(size) = mirror.update(&fetch, &*desk.stop()?, &mut |line| drop(desk.say(line)))? else {
        bail!("stopped; the copy is not whole, run it again to go on")
    };
    desk.say(format_args!("{} entries of {name} are in {}.", grouped(size), folder.display()))?;
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
    let read = entry.split_once('#').and_then(|(log, index)| Some((log_number(log)?, index.parse().ok()?)));
    let Some((log, index)) = read else { bail!("{entry:?} is no entry; it must look like 2026#17") };
    let proof = place.node.prove_entry(&place.ctx, log, index)?;
    fs::write(desk.path(file), proof.to_string()).with_context(|| format!("writing {}", file.display()))?;
    desk.say(format_args!("Written to {}.", file.display()))?;
    Ok(Code::Done)
}

fn newest(place: &Place) -> anyhow::Result<Option<u32>> {
    Ok(place.node.ledger_heads()?.last().map(|head| head.log))
}
