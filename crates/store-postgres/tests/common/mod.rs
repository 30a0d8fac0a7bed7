//! A schema of one's own on the shared server.

#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses its part, some of them all")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use comity_crypto::Fingerprinter;
use comity_store::Store;
use comity_store::conformance::Subject;
use comity_store_postgres::{Options, PostgresStore};

pub(crate) fn fingerprinter() -> Fingerprinter {
    Fingerprinter::new([5; 16])
}

/// A schema, dropped at the end, and folders for the caches of the processes that use it.
pub(crate) struct Place {
    pub(crate) base: String,
    pub(crate) schema: String,
    folder: tempfile::TempDir,
    caches: AtomicU32,
    newest: Option<Arc<PostgresStore>>,
}

impl Place {
    /// `None` where there is no server; the test says so and ends.
    pub(crate) fn new() -> Option<Self> {
        Some(Self::on(&comity_testkit::postgres::shared()?))
    }

    pub(crate) fn on(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            schema: comity_testkit::postgres::fresh("test"),
            folder: tempfile::tempdir().unwrap(),
            caches: AtomicU32::new(0),
            newest: None,
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("{}?schema={}", self.base, self.schema)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The options of a process of its own.
    pub(crate) fn options(&self) -> Options {
        let cache = self.folder.path().join(self.caches.fetch_add(1, Ordering::Relaxed).to_string());
        self.options_with(&cache)
    }

    fn options_with(&self, cache: &Path) -> Options {
        let mut options = Options::parse(&self.address(), cache.to_owned()).unwrap();
        options.connections = 6;
        options
    }

    pub(crate) fn open(&self) -> PostgresStore {
        PostgresStore::open(self.options(), fingerprinter()).unwrap()
    }

    /// Runs statements beside the engine.
    pub(crate) fn sql(&self, text: &str) -> Vec<tokio_postgres::SimpleQueryMessage> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.base, tokio_postgres::NoTls).await.unwrap();
            let driver = tokio::spawn(connection);
            let path = format!("SET search_path = {}; {text}", self.schema);
            let said = client.simple_query(&path).await.unwrap();
            drop(client);
            drop(driver.await);
            said
        })
    }

    fn newest(&mut self, store: PostgresStore) -> Arc<dyn Store> {
        let store = Arc::new(store);
        self.newest = Some(Arc::clone(&store));
        store
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.newest = None;
        self.sql(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema));
    }
}

impl Subject for Place {
    fn create(&mut self) -> Arc<dyn Store> {
        let store = self.open();
        self.newest(store)
    }

    fn reopen(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        self.newest = None;
        drop(store);
        let store = self.open();
        self.newest(store)
    }

    /// Its process is buried while it still stands: what it left is given up as after a kill.
    fn crash(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let next = self.open();
        if let Some(gone) = self.newest.take() {
            next.bury(&gone.process()).unwrap();
        }
        drop(store);
        self.newest(next)
    }

    fn another(&mut self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(self.open()))
    }

    fn side_by_side(&self) -> bool {
        true
    }
}

/// The first column of the first row.
pub(crate) fn first(said: &[tokio_postgres::SimpleQueryMessage]) -> String {
    let row = said.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    row.unwrap().to_owned()
}
