use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use comity_crypto::seal::Unlock;
use comity_ledger::EntryKind;
use comity_node::{Authority, Deed, Node};
use serde_json::json;

use crate::args::{Args, RestoreArgs};
use crate::backup::{Manifest, unpack};
use crate::config::Config;
use crate::desk::Desk;
use crate::exit::Code;
use crate::keys;
use crate::output::grouped;
use crate::place::{Access, Place};

/// Makes a node from a backup, or sees whether it would be whole.
pub(crate) fn run(desk: &Desk, args: &Args, command: &RestoreArgs) -> anyhow::Result<Code> {
    match &command.folder {
        Some(folder) => restore(desk, args, command, &desk.path(folder)),
        None => verify(desk, args, command),
    }
}

fn verify(desk: &Desk, args: &Args, command: &RestoreArgs) -> anyhow::Result<Code> {
    let file = desk.path(&command.file);
    let unlock = secret(&Place::folder(args))?;
    let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(".comity-verify-").tempdir_in(beside);
    let temporary = temporary.with_context(|| format!("making a temporary folder in {}", beside.display()))?;
    let folder = temporary.path().join("node");
    let manifest = unpack(&file, &unlock, keys_of(desk, args, command).as_deref(), &folder)?;
    let wrong = check(args, &folder, &unlock, &manifest)?;
    tell(desk, args, &manifest, &wrong, "Nothing was kept of what was unpacked.")
}

fn restore(desk: &Desk, args: &Args, command: &RestoreArgs, folder: &Path) -> anyhow::Result<Code> {
    let inside: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
    if inside.iter().any(|name| name != "unlock") {
        bail!("{} holds something else than `unlock`; nothing was written", folder.display());
    }
    let unlock = secret(folder)?;
    let keys = keys_of(desk, args, command);
    let unpacked = unpack(&desk.path(&command.file), &unlock, keys.as_deref(), folder);
    let manifest = unpacked.inspect_err(|_| {
        // What was unpacked of a backup that is not whole is not to be used.
        for left in ["comity.toml", "keys"] {
            drop(fs::remove_file(folder.join(left)));
        }
        for left in ["store", "rights", "checkpoints"] {
            drop(fs::remove_dir_all(folder.join(left)));
        }
    })?;
    let wrong = check(args, folder, &unlock, &manifest)?;
    if wrong.is_empty() {
        let place = Place::open_in(folder, args, Access::Settings)?;
        let ctx = place.ctx.acting_as(&place.ctx.actor, Authority::node());
        let about = json!({"backup_of": manifest.at.to_string(), "position": manifest.position});
        let deed = Deed { kind: EntryKind::Node, ..Deed::decision("restored from a backup", about) };
        place.node.record(&ctx, deed)?;
        place.close()?;
    }
    let next = "Then: comity retention run, as what ended since is in the backup; and docs/operators.md says what witnesses \
                ask of a node that went back.";
    tell(desk, args, &manifest, &wrong, next)
}

/// Where keys of backups lie that are kept apart: what is said, or what the node here says.
fn keys_of(desk: &Desk, args: &Args, command: &RestoreArgs) -> Option<PathBuf> {
    let here = || {
        let folder = Place::node_folder(args).ok()?;
        Config::load(&folder).ok()?.backup.folder(&folder)
    };
    command.keys.as_ref().map(|keys| desk.path(keys).into_owned()).or_else(here)
}

fn secret(folder: &Path) -> anyhow::Result<Unlock> {
    let Some((unlock, _)) = keys::unlock(folder)? else {
        bail!(
            "there is nothing to open the backup with: set COMITY_UNLOCK, COMITY_UNLOCK_FILE or COMITY_UNLOCK_COMMAND, or put `unlock` into {}",
            folder.display()
        )
    };
    Ok(unlock)
}

/// What is wrong with the node that a backup became.
fn check(args: &Args, folder: &Path, unlock: &Unlock, manifest: &Manifest) -> anyhow::Result<Vec<String>> {
    let place = Place::open_with(folder, args, unlock)?;
    let node = &place.node;
    let mut wrong = node.check()?;
    if node.position().0 < manifest.position {
        let (has, said) = (grouped(node.position().0), grouped(manifest.position));
        wrong.push(format!("The backup says that everything up to position {said} is in it, and there are {has}."));
    }
    wrong.extend(of_ledger(node, manifest)?);
    Ok(wrong)
}

/// The ledger has at least the entries that the backup names.
fn of_ledger(node: &Node, manifest: &Manifest) -> anyhow::Result<Vec<String>> {
    let heads = node.ledger_heads()?;
    let size = |log: u32| heads.iter().find(|head| head.log == log).map_or(0, |head| head.size);
    let short = manifest.logs.iter().filter(|(log, said)| size(*log) < *said);
    let say = |(log, said): &(u32, u64)| {
        let (name, has) = (comity_node::log_name(*log), size(*log));
        format!("The backup says that log {name} of the ledger has {said} entries, and there are {has}.")
    };
    Ok(short.map(say).collect())
}

fn tell(desk: &Desk, args: &Args, manifest: &Manifest, wrong: &[String], next: &str) -> anyhow::Result<Code> {
    if args.json {
        desk.line(&json!({"manifest": manifest, "wrong": wrong}))?;
    } else if wrong.is_empty() {
        desk.say(format_args!(
            "The backup of {} of {} is whole up to position {}: every object reads back, and the ledger is what was signed \
             for. {next}",
            manifest.organisation,
            manifest.at,
            grouped(manifest.position)
        ))?;
    } else {
        wrong.iter().try_for_each(|sentence| desk.say(sentence))?;
    }
    Ok(if wrong.is_empty() { Code::Done } else { Code::Failed })
}
