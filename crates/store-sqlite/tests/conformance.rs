//! The suite of the `Store` contract, run on this engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use comity_crypto::Fingerprinter;
use comity_store::Store;
use comity_store::conformance::Subject;
use comity_store_sqlite::SqliteStore;

/// A store in a temporary folder. A crash is played by opening a copy of its files, taken while it is
/// open: that is what the disk holds when a process is killed.
struct Folder {
    root: tempfile::TempDir,
    crashes: u32,
}

impl Folder {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), crashes: 0 }
    }

    fn path(&self) -> PathBuf {
        self.root.path().join(self.crashes.to_string())
    }

    fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.path(), Fingerprinter::new([5; 16])).unwrap())
    }
}

impl Subject for Folder {
    fn create(&mut self) -> Arc<dyn Store> {
        self.open()
    }

    fn reopen(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        drop(store);
        self.open()
    }

    fn crash(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let from = self.path();
        self.crashes += 1;
        copy(&from, &self.path());
        drop(store);
        self.open()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_none_or(|e| e != "db-shm") {
            fs::copy(&path, &target).unwrap();
        }
    }
}

comity_store::conformance_tests!(Folder::new());
