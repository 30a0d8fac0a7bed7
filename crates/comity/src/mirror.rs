//! Whole copies of peers' ledgers: what a node signed for it can then neither hide nor change.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use comity_base::OrgName;
use comity_crypto::{hex, sha256};
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
    /// Most the copies of one peer's logs may take, in GiB. Default 20.
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
    /// Bytes that a folder may hold: that of the copy, or the one with all copies of a peer.
    pub(crate) most: (PathBuf, u64),
}

impl Mirror {
    /// Where a node keeps its copies.
    pub(crate) fn place(node: &Path, peer: &OrgName, log: u32) -> PathBuf {
        node.join(MIRRORS).join(peer.as_str()).join(log.to_string())
    }

    /// Entries that the copy in a folder holds.
    pub(crate) fn size(folder: &Path) -> Option<u64> {
        let note = Note::parse(&fs::read(folder.join(NEWEST)).ok()?).ok()?;
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
        fs::create_dir_all(&self.folder).with_context(|| format!("making {}", self.folder.display()))?;
        let lock = fs::File::create(self.folder.join("lock")).context("locking the copy")?;
        if lock.try_lock().is_err() {
            // Another is at it.
            return Ok(None);
        }
        // What was mirrored before must be where the new one leads to; where it is not, both are kept.
        let earlier = fs::read(self.folder.join(NEWEST)).ok();
        let mut fetched = Vec::new();
        let Some(size) = self.fetch(fetch, stop, &mut fetched)? else { return Ok(None) };
        let mut wrong = String::new();
        let request = Request {
            paths: vec![self.folder.clone()],
            keys: vec![self.key.clone()],
            earlier: earlier.iter().filter_map(|bytes| Note::parse(bytes).ok()).collect(),
            ..Request::default()
        };
        let outcome = request.run(&mut |line| {
            say(line);
            line.clone_into(&mut wrong);
        });
        if outcome == Outcome::Good {
            return Ok(Some(size));
        }
        // What is believed stays what it was, so that this is told again as long as it is so; what came now is asked for anew.
        for path in fetched {
            drop(fs::remove_file(self.folder.join(path)));
        }
        if let Some(earlier) = earlier {
            put(&self.folder, NEWEST, &earlier)?;
        }
        bail!("the copy in {} does not hold: {wrong} What was signed is kept beside it", self.folder.display())
    }

    /// Keeps what the other side signed for good, under a name of its own.
    fn keep(&self, size: u64, note: &[u8]) -> anyhow::Result<()> {
        let digest = hex(&sha256(note));
        let name = format!("{NEWEST}.{size}-{}", digest.get(..16).unwrap_or_default());
        if self.folder.join(&name).is_file() {
            return Ok(());
        }
        put(&self.folder, &name, note)
    }

    /// Fetches what is missing of a copy; the checkpoint is written last.
    fn fetch(&self, fetch: Fetch<'_>, stop: &AtomicBool, fetched: &mut Vec<String>) -> anyhow::Result<Option<u64>> {
        let folder = &self.folder;
        let note = fetch("checkpoint")?.context("the other side has no checkpoint of it yet")?;
        let size = Checkpoint::open(&Note::parse(&note)?, &self.key)?.size;
        if let Ok(old) = fs::read(folder.join(NEWEST)) {
            let before = Checkpoint::open(&Note::parse(&old)?, &self.key)?;
            let signed = before.size;
            let now = Checkpoint::open(&Note::parse(&note)?, &self.key)?;
            if (now.size, now.root) != (before.size, before.root) {
                self.keep(signed, &old)?;
                self.keep(size, &note)?;
            }
            if size < signed {
                bail!(
                    "the log was rolled back: it signed for {signed} entries, and now for {size}. Both checkpoints are kept \
                     beside the copy, which was left as it is"
                );
            }
        }
        let mut held = bytes_in(&self.most.0);
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
                if held > self.most.1 {
                    bail!("the copy would take more than {} bytes; `gib` under [mirror] says how many", self.most.1);
                }
                put(folder, path, &bytes)?;
                fetched.push(path.clone());
            }
        }
        put(folder, NEWEST, &note)?;
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

const NEWEST: &str = "checkpoint";
/// The folder of copies that a serving process keeps by itself.
const MIRRORS: &str = "mirrors";

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use comity_crypto::NoteKey;
    use comity_ledger::{NoteSigner, leaf_hash, root_of, write_entry};

    use super::*;

    type Served = HashMap<String, Vec<u8>>;

    fn signer() -> NoteSigner {
        NoteSigner::new("ee.comity/access/2026", NoteKey::from_seed(&[7; 32]).unwrap()).unwrap()
    }

    /// What a peer gives of a log with these entries.
    fn log(leaves: &[&str]) -> Served {
        let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf.as_bytes())).collect();
        let size = leaves.len() as u64;
        let checkpoint = Checkpoint {
            origin: signer().verifier().name().to_owned(),
            size,
            root: root_of(&hashes),
            extensions: Vec::new(),
        };
        let mut entries = Vec::new();
        for leaf in leaves {
            write_entry(&mut entries, leaf.as_bytes()).unwrap();
        }
        let tile = Tile::all(size).next().unwrap();
        HashMap::from([
            (NEWEST.to_owned(), checkpoint.sign(&signer()).to_string().into_bytes()),
            (tile.path(), hashes.concat()),
            (tile.entries_path(), entries),
        ])
    }

    fn update(folder: &Path, served: &Served) -> Result<Option<u64>, String> {
        let mirror =
            Mirror { folder: folder.to_owned(), key: signer().verifier().clone(), most: (folder.to_owned(), 1 << 20) };
        let fetch = |path: &str| Ok(served.get(path).cloned());
        mirror.update(&fetch, &AtomicBool::new(false), &mut |_| ()).map_err(|error| format!("{error:#}"))
    }

    /// The notes that are kept beside the newest.
    fn kept(folder: &Path) -> usize {
        let files = fs::read_dir(folder).unwrap().flatten();
        files.filter(|file| file.file_name().to_string_lossy().starts_with("checkpoint.")).count()
    }

    #[test]
    fn a_copy_grows_with_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(update(folder, &log(&["a", "b", "c"])), Ok(Some(3)));
        assert_eq!(update(folder, &log(&["a", "b", "c", "d"])), Ok(Some(4)));
        assert_eq!(Mirror::size(folder), Some(4));
        let whole =
            Mirror { folder: folder.to_owned(), key: signer().verifier().clone(), most: (folder.to_owned(), 1) };
        let longer = log(&["a", "b", "c", "d", "e"]);
        let full = whole.update(&|path| Ok(longer.get(path).cloned()), &AtomicBool::new(false), &mut |_| ());
        assert!(full.unwrap_err().to_string().contains("more than 1 bytes"));
    }

    #[test]
    fn a_fork_is_told_again_and_again_and_what_was_signed_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        update(folder, &log(&["a", "b", "c"])).unwrap();
        let first = fs::read(folder.join(NEWEST)).unwrap();
        for _ in 0..3 {
            let told = update(folder, &log(&["a", "b", "x"])).unwrap_err();
            assert!(told.contains("does not hold"), "{told}");
            assert_eq!(fs::read(folder.join(NEWEST)).unwrap(), first, "what was believed");
            assert_eq!(kept(folder), 2, "both");
        }
        // A longer log that does not go on from it.
        assert!(update(folder, &log(&["a", "b", "x", "d"])).unwrap_err().contains("does not hold"));
        // Set right again, it goes on.
        assert_eq!(update(folder, &log(&["a", "b", "c", "d"])), Ok(Some(4)));
    }

    #[test]
    fn what_was_rolled_back_or_is_kept_back_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        update(folder, &log(&["a", "b", "c"])).unwrap();
        assert!(update(folder, &log(&["a", "b"])).unwrap_err().contains("rolled back"));
        assert_eq!(Mirror::size(folder), Some(3));
        let mut hiding = log(&["a", "b", "c", "d"]);
        hiding.retain(|path, _| !path.starts_with("tile/entries"));
        assert!(update(folder, &hiding).unwrap_err().contains("signed for 4 entries, and the other side has no"));
        let mut changed = log(&["a", "b", "c", "d"]);
        for bytes in changed.values_mut().filter(|bytes| bytes.len() < 20) {
            *bytes.last_mut().unwrap() ^= 1;
        }
        assert!(update(folder, &changed).unwrap_err().contains("does not hold"));
    }
}
