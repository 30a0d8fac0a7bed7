use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use comity_crypto::NodeKeys;
use comity_node::{Move, Moved, move_store};
use comity_store::Store;

use crate::args::{Args, CheckArgs, StoreAction, StoreArgs};
use crate::config::Config;
use crate::desk::Desk;
use crate::engine::{Engine, embedded, without_password};
use crate::exit::Code;
use crate::output::grouped;
use crate::place::{Access, Place, keys};
use crate::progress::Steps;

pub(crate) fn run(desk: &Desk, args: &Args, command: &StoreArgs) -> anyhow::Result<Code> {
    match &command.action {
        StoreAction::Move { from, to } => moved(desk, args, from, to),
        StoreAction::Check => super::check::run(desk, args, &CheckArgs { rebuild: false }),
    }
}

/// One side of a move.
enum Side {
    Folder(PathBuf),
    Address(String),
}

impl Side {
    fn parse(text: &str) -> Self {
        if text.contains("://") { Self::Address(text.to_owned()) } else { Self::Folder(PathBuf::from(text)) }
    }

    /// The node's folder, when this is one.
    fn node(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder.as_path()).filter(|folder| folder.join(Config::FILE).is_file()),
            Self::Address(_) => None,
        }
    }

    fn open(&self, keys: &NodeKeys, cache: &Path, config: &Config) -> anyhow::Result<Arc<dyn Store>> {
        match self {
            Self::Folder(folder) => {
                let store = if self.node().is_some() { folder.join("store") } else { folder.clone() };
                embedded(&store, keys.fingerprinter(), Access::Write)
            }
            Self::Address(address) => {
                let engine = Engine { address: address.clone(), store: config.store.clone() };
                engine.open(cache, keys.fingerprinter(), cache, Access::Write)
            }
        }
    }
}

fn moved(desk: &Desk, args: &Args, from: &str, to: &str) -> anyhow::Result<Code> {
    let (from_side, to_side) = (Side::parse(from), Side::parse(to));
    let here = Place::folder(args);
    let here = Some(here.as_path()).filter(|folder| folder.join(Config::FILE).is_file());
    let node = from_side.node().or(to_side.node()).or(here).context(
        "the keys of the node are needed for a move: name the node's folder, or run this inside it, or use --data",
    )?;
    let (keys, config) = (keys(node)?, Config::load(node)?);
    let cache = node.join("derived").join("move");
    let source = from_side.open(&keys, &cache.join("from"), &config)?;
    let target = to_side.open(&keys, &cache.join("to"), &config)?;
    let stop = desk.stop()?;
    let steps = Steps::new(desk);
    let of = Move {
        from: &*source,
        to: &*target,
        stop: &stop,
        progress: &|moved| steps.show(moved.copied + moved.compared, 2 * moved.versions, step(&moved)),
    };
    let moved = move_store(&keys, config.limits(), &of)?;
    drop(steps);
    drop((source, target));
    // What the move indexed on its way serves no process afterwards.
    drop(std::fs::remove_dir_all(&cache));
    tell(desk, args, &moved, [from, to])
}

fn step(moved: &Moved) -> &'static str {
    if moved.compared > 0 { "comparing" } else { "copying" }
}

fn tell(desk: &Desk, args: &Args, moved: &Moved, [from, to]: [&str; 2]) -> anyhow::Result<Code> {
    if args.json {
        desk.line(moved)?;
    } else if moved.stopped {
        desk.say(format_args!(
            "Stopped: {} of {} versions are copied. Run the same command again to go on.",
            grouped(moved.copied),
            grouped(moved.versions)
        ))?;
    } else {
        desk.say(format_args!(
            "{} versions in {} batches are in {}, and every one was compared. {} is as it was.\n\
             To use the new store, set `address` under [store] in comity.toml.",
            grouped(moved.compared),
            grouped(moved.batches),
            without_password(to),
            without_password(from)
        ))?;
    }
    Ok(if moved.stopped { Code::Partly } else { Code::Done })
}
