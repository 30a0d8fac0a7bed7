use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use comity_crypto::NoteKey;
use comity_ledger::{Checkpoint, Files, Levels, Note, NoteSigner, Tile, leaf_hash, write_entry};

/// Public test data, when it is there.
pub(crate) fn data() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ledger"));
    if path.is_dir() {
        return Some(path.to_owned());
    }
    println!("skipped: ../shared/data absent");
    None
}

/// A log with all its entries.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) levels: Levels,
    pub(crate) signer: NoteSigner,
}

impl Log {
    pub(crate) fn new(name: &str) -> Self {
        let signer = signer(name);
        Self { entries: Vec::new(), levels: Levels::default(), signer }
    }

    pub(crate) fn of(size: usize) -> Self {
        let mut log = Self::new("ee.example/access/2027");
        (0..size).for_each(|n| log.push(format!("entry {n}").into_bytes()));
        log
    }

    pub(crate) fn push(&mut self, entry: Vec<u8>) {
        self.levels.push(leaf_hash(&entry));
        self.entries.push(entry);
    }

    pub(crate) fn size(&self) -> u64 {
        self.levels.peaks().size()
    }

    pub(crate) fn checkpoint(&self) -> Note {
        let origin = self.signer.verifier().name().to_owned();
        let (size, root) = (self.size(), self.levels.peaks().root());
        Checkpoint { origin, size, root, extensions: Vec::new() }.sign(&self.signer)
    }

    /// Every file of a copy.
    pub(crate) fn copy(&self) -> Copy {
        let mut files = BTreeMap::from([("checkpoint".to_owned(), self.checkpoint().to_string().into_bytes())]);
        for tile in Tile::all(self.size()) {
            let start = usize::try_from(tile.index * 256).unwrap();
            let hashes = &self.levels.level(tile.level)[start..start + usize::from(tile.width)];
            files.insert(tile.path(), hashes.concat());
            if tile.level == 0 {
                let mut bundle = Vec::new();
                for entry in &self.entries[start..start + usize::from(tile.width)] {
                    write_entry(&mut bundle, entry).unwrap();
                }
                files.insert(tile.entries_path(), bundle);
            }
        }
        Copy(files)
    }
}

pub(crate) fn signer(name: &str) -> NoteSigner {
    NoteSigner::new(name, key(name)).unwrap()
}

pub(crate) fn key(name: &str) -> NoteKey {
    NoteKey::from_seed(&comity_crypto::sha256(name.as_bytes())).unwrap()
}

/// Files in memory.
#[derive(Clone)]
pub(crate) struct Copy(pub(crate) BTreeMap<String, Vec<u8>>);

impl Files for Copy {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).cloned())
    }
}

/// Files in a folder.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}
