use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use comity_base::OrgName;
use comity_ledger::{Checkpoint, KeyKind, Note, NoteVerifier, TILE, Tile};
use comity_node::{Act, log_name, log_number};
use comity_taxii::PeerError;
use comity_verify::{Outcome, Request};
use serde_json::json;

use crate::args::{Args, LedgerAction, LedgerArgs};
use crate::desk::Desk;
use crate::exit::Code;
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
            desk.say(format_args!("{}: {by}; {of}", one.peer))?;
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
    let keys: Vec<NoteVerifier> = known.ledger.iter().filter_map(|key| key.parse().ok()).collect();
    let year = |key: &NoteVerifier| key.name().rsplit('/').next().and_then(log_number);
    let mut of = keys.into_iter().filter(|key| key.kind() == KeyKind::Log).filter_map(|key| Some((year(&key)?, key)));
    let Some((year, key)) = of.find(|(year, _)| log.is_none_or(|log| log == *year)) else {
        bail!("{peer} has named no key of such a log yet")
    };
    let identity = network::open_identity(&Place::folder(args), &place.config)?;
    let Some(client) = network::client_of(&known, &identity)? else { bail!("{peer} has no address") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stop = desk.stop()?;
    let target = desk.path(folder);
    // What was mirrored before must be where the new one leads to; where it is not, both are kept.
    let earlier = fs::read(target.join("checkpoint")).ok().and_then(|bytes| Note::parse(&bytes).ok());
    let fetch = |path: &str| runtime.block_on(client.ledger_file(&log_name(year), path));
    let Some(size) = mirrored(&fetch, &target, &key, &stop)? else {
        bail!("stopped; the copy is not whole, run it again to go on")
    };
    desk.say(format_args!("{} entries of {} are in {}.", grouped(size), key.name(), folder.display()))?;
    let earlier = earlier.into_iter().collect();
    let request = Request { paths: vec![target.into_owned()], keys: vec![key], earlier, ..Request::default() };
    let outcome = request.run(&mut |line| drop(desk.say(line)));
    Ok(if outcome == Outcome::Good { Code::Done } else { Code::Failed })
}

/// Asks for one file of a log.
type Fetch<'f> = &'f dyn Fn(&str) -> Result<Option<Vec<u8>>, PeerError>;

/// Fetches what is missing of a copy; the checkpoint is written last.
fn mirrored(fetch: Fetch<'_>, folder: &Path, key: &NoteVerifier, stop: &AtomicBool) -> anyhow::Result<Option<u64>> {
    let note = fetch("checkpoint")?.context("the other side has no checkpoint of it yet")?;
    let size = Checkpoint::open(&Note::parse(&note)?, key)?.size;
    if let Ok(old) = fs::read(folder.join("checkpoint")) {
        let signed = Checkpoint::open(&Note::parse(&old)?, key)?.size;
        put(folder, &format!("checkpoint.{signed}"), &old)?;
        if size < signed {
            put(folder, &format!("checkpoint.{size}"), &note)?;
            bail!(
                "the log was rolled back: it signed for {signed} entries, and now for {size}. Both checkpoints are kept \
                 beside the copy, which was left as it is"
            );
        }
    }
    for tile in Tile::all(size) {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut paths = vec![tile.path()];
        if tile.level == 0 {
            paths.push(tile.entries_path());
        }
        for path in paths.iter().filter(|path| u64::from(tile.width) < TILE || !folder.join(path).is_file()) {
            let bytes = fetch(path)?.with_context(|| format!("the other side has no {path}"))?;
            if !path.starts_with("tile/entries") && bytes.len() != usize::from(tile.width) * 32 {
                bail!("{path} has {} bytes: it is no such tile", bytes.len());
            }
            put(folder, path, &bytes)?;
        }
    }
    put(folder, "checkpoint", &note)?;
    Ok(Some(size))
}

/// Writes a file of a copy: whole or not at all.
fn put(folder: &Path, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(path);
    let failed = || format!("writing {}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(folder)).with_context(failed)?;
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let written = fs::File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()
    });
    written.and_then(|()| fs::rename(&new, &path)).with_context(failed)
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
