use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use comity_ledger::{ReadTile as _, TILE, Tile, write_entry};
use comity_store::Log;

use super::log_name;
use crate::{Act, Ctx, Node, NodeError};
use serde_json::json;

impl Node {
    /// Writes a copy of a log into a folder, as C2SP tlog-tiles: what an auditor keeps, or a web server serves. Full
    /// tiles that are there already are left alone, so a copy is brought up to date quickly; the checkpoint comes last.
    /// Says how many entries the copy has; none when it was stopped.
    ///
    /// # Errors
    /// When the folder cannot be written, or the ledger is in trouble.
    pub fn copy_log(&self, ctx: &Ctx, log: u32, folder: &Path, stop: &AtomicBool) -> Result<Option<u64>, NodeError> {
        self.may(ctx, Act::Ledger, json!({"log": log_name(log)}))?;
        self.checkpoint(ctx)?;
        let none = || NodeError::Refused(format!("this node has no log {}", log_name(log)));
        let (note, size) = self.newest_checkpoint(log)?;
        let of = self.store.logs()?.into_iter().find(|of| of.log == log).ok_or_else(none)?;
        for tile in Tile::all(size) {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let is_full = u64::from(tile.width) == TILE;
            if is_full && folder.join(tile.path()).is_file() {
                continue;
            }
            // The entries first: where a tile stands, they stand too.
            if tile.level == 0 {
                write(folder, &tile.entries_path(), &self.bundle(&of, tile)?)?;
            }
            let hashes = self.tree(&of, |tree| tree.read(tile).map_err(NodeError::io("reading the ledger's tree")))?;
            write(folder, &tile.path(), &hashes.concat())?;
        }
        write(folder, "checkpoint", note.to_string().as_bytes())?;
        Ok(Some(size))
    }

    /// One file of a log as its copies have it, by its path: the checkpoint, a tile, a bundle of entries. None when there
    /// is none: only what a checkpoint covers is shown.
    ///
    /// # Errors
    /// When the store or the tree cannot be read.
    pub fn ledger_file(&self, log: u32, path: &str) -> Result<Option<Vec<u8>>, NodeError> {
        let Ok((note, size)) = self.newest_checkpoint(log) else { return Ok(None) };
        let Some(of) = self.store.logs()?.into_iter().find(|of| of.log == log) else { return Ok(None) };
        if path == "checkpoint" {
            return Ok(Some(note.to_string().into_bytes()));
        }
        let is_there =
            |tile: &Tile| Tile::of(tile.level, tile.index, size).is_some_and(|there| tile.width <= there.width);
        if let Some(tile) = path.strip_prefix("tile/entries/").and_then(|text| Tile::parse(0, text).ok()) {
            return if is_there(&tile) { self.bundle(&of, tile).map(Some) } else { Ok(None) };
        }
        let Some(tile) = path.parse::<Tile>().ok().filter(is_there) else { return Ok(None) };
        let read = |tree: &super::tree::Tree| tree.read(tile).map_err(NodeError::io("reading the ledger's tree"));
        self.tree(&of, read).map(|hashes| Some(hashes.concat()))
    }

    fn bundle(&self, log: &Log, tile: Tile) -> Result<Vec<u8>, NodeError> {
        let entries = self.store.entries(log.first + tile.index * TILE, usize::from(tile.width), false)?;
        let mut bundle = Vec::new();
        for entry in &entries {
            write_entry(&mut bundle, &entry.leaf).map_err(|error| NodeError::Ledger(error.to_string()))?;
        }
        Ok(bundle)
    }
}

fn write(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), NodeError> {
    let path = folder.join(path);
    let doing = || format!("writing {}", path.display());
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(NodeError::io(doing()))?;
    }
    let new = path.with_extension("new");
    std::fs::write(&new, bytes).and_then(|()| std::fs::rename(&new, &path)).map_err(NodeError::io(doing()))
}
