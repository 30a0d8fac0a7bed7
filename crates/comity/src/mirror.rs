//! Whole copies of peers' ledgers: what a node signed for it can then neither hide nor change.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use comity_base::OrgName;
use comity_ledger::{Checkpoint, KeyKind, Note, NoteVerifier, TILE, Tile};
use comity_node::{Peer, log_number};
use comity_taxii::PeerError;
use comity_verify::{Outcome, Request};
use serde::{Deserialize, Serialize};

/// Whose ledgers a serving process copies by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MirrorConfig {
    /// Peers whose ledgers are copied and checked, in the folder `mirrors`; `*` for all. Default: none.
    pub(crate) peers: Vec<String>,
    /// Most a copy of one log may take, in GiB. Default 20.
    pub(crate) gib: u64,
    /// Minutes between two looks. Default 30.
    pub(crate) minutes: u64,
}

impl Default for MirrorConfig {
    fn default() -> Self {
        Self { peers: Vec::new(), gib: 20, minutes: 30 }
    }
}

impl MirrorConfig {
    /// Whether a peer's ledger is copied.
    pub(crate) fn names(&self, peer: &OrgName) -> bool {
        self.peers.iter().any(|name| name == "*" || name == peer.as_str())
    }
}

/// Asks for one file of a log.
pub(crate) type Fetch<'f> = &'f dyn Fn(&str) -> Result<Option<Vec<u8>>, PeerError>;

/// A copy of one log of a peer.
pub(crate) struct Mirror {
    pub(crate) folder: PathBuf,
    /// The key that signs it.
    pub(crate) key: NoteVerifier,
    /// Bytes it may take.
    pub(crate) most: u64,
}

impl Mirror {
    /// Where a node keeps its copies.
    pub(crate) fn place(node: &Path, peer: &OrgName, log: u32) -> PathBuf {
        node.join(MIRRORS).join(peer.as_str()).join(log.to_string())
    }

    /// Entries that the copy in a folder holds.
    pub(crate) fn size(folder: &Path) -> Option<u64> {
        let note = Note::parse(&fs::read(folder.join("checkpoint")).ok()?).ok()?;
        Checkpoint::parse(&note.text).ok().map(|checkpoint| checkpoint.size)
    }

    /// Fetches what is missing and looks through all of it. Says how many entries it holds; nothing when it was stopped.
    ///
    /// # Errors
    /// When the other side gives less than it signed for, or the copy does not hold.
    pub(crate) fn update(
        &self,
        fetch: Fetch<'_>,
        stop: &AtomicBool,
        say: &mut dyn FnMut(&str),
    ) -> anyhow::Result<Option<u64>> {
        // What was mirrored before must be where the new one leads to; where it is not, both are kept.
        let earlier = fs::read(self.folder.join("checkpoint")).ok().and_then(|bytes| Note::parse(&bytes).ok());
        let Some(size) = self.fetch(fetch, stop)? else { return Ok(None) };
        let request = Request {
            paths: vec![self.folder.clone()],
            keys: vec![self.key.clone()],
            earlier: earlier.into_iter().collect(),
            ..Request::default()
        };
        let mut wrong = String::new();
        let outcome = request.run(&mut |line| {
            say(line);
            line.clone_into(&mut wrong);
        });
        if outcome != Outcome::Good {
            bail!("the copy in {} does not hold: {wrong}", self.folder.display());
        }
        Ok(Some(size))
    }

    /// Fetches what is missing of a copy; the checkpoint is written last.
    fn fetch(&self, fetch: Fetch<'_>, stop: &AtomicBool) -> anyhow::Result<Option<u64>> {
        let folder = &self.folder;
        let note = fetch("checkpoint")?.context("the other side has no checkpoint of it yet")?;
        let size = Checkpoint::open(&Note::parse(&note)?, &self.key)?.size;
        if let Ok(old) = fs::read(folder.join("checkpoint")) {
            let signed = Checkpoint::open(&Note::parse(&old)?, &self.key)?.size;
            put(folder, &format!("checkpoint.{signed}"), &old)?;
            if size < signed {
                put(folder, &format!("checkpoint.{size}"), &note)?;
                bail!(
                    "the log was rolled back: it signed for {signed} entries, and now for {size}. Both checkpoints are kept \
                     beside the copy, which was left as it is"
                );
            }
        }
        let mut held = bytes_in(folder);
        for tile in Tile::all(size) {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let mut paths = vec![tile.path()];
            if tile.level == 0 {
                paths.push(tile.entries_path());
            }
            for path in paths.iter().filter(|path| u64::from(tile.width) < TILE || !folder.join(path).is_file()) {
                let bytes = fetch(path)?
                    .with_context(|| format!("it signed for {size} entries, and the other side has no {path}"))?;
                if !path.starts_with("tile/entries") && bytes.len() != usize::from(tile.width) * 32 {
                    bail!("{path} has {} bytes: it is no such tile", bytes.len());
                }
                held += bytes.len() as u64;
                if held > self.most {
                    bail!("the copy would take more than {} bytes; `gib` under [mirror] says how many", self.most);
                }
                put(folder, path, &bytes)?;
            }
        }
        put(folder, "checkpoint", &note)?;
        Ok(Some(size))
    }
}

/// The logs that a peer has named keys of, by year.
pub(crate) fn logs_of(peer: &Peer) -> Vec<(u32, NoteVerifier)> {
    let keys = peer.ledger.iter().filter_map(|key| key.parse::<NoteVerifier>().ok());
    let year = |key: &NoteVerifier| key.name().rsplit('/').next().and_then(log_number);
    keys.filter(|key| key.kind() == KeyKind::Log).filter_map(|key| Some((year(&key)?, key))).collect()
}

fn bytes_in(folder: &Path) -> u64 {
    let Ok(files) = fs::read_dir(folder) else { return 0 };
    files
        .flatten()
        .map(|file| match file.metadata() {
            Ok(meta) if meta.is_dir() => bytes_in(&file.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
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

/// The folder of copies that a serving process keeps by itself.
const MIRRORS: &str = "mirrors";
