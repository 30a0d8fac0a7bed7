//! Life and death of processes: each renews a lease, and whoever sees one fall silent gives up what its
//! process left open. Only monotonic clocks and compare-and-set are used, so no clock that jumps matters.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use comity_store::{LEASES, StoreError, Tenure, lease_key};
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::db::{Db, Failure};
use crate::engine::Engine;

/// This process as the others see it.
pub(crate) struct Life {
    description: String,
    silence: Duration,
    scratch: PathBuf,
    held: Mutex<Option<Held>>,
    registering: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Held {
    name: String,
    version: u64,
    tenure: Tenure,
}

/// When a lease was last seen to change.
struct Seen {
    version: u64,
    since: Instant,
}

impl Life {
    pub(crate) fn new(description: String, silence: Duration, scratch: PathBuf) -> Self {
        Self { description, silence, scratch, held: Mutex::default(), registering: tokio::sync::Mutex::default() }
    }

    /// The folder for what open batches need.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.scratch.clone()
    }

    /// The name under which this process writes; empty before it began anything.
    pub(crate) fn name(&self) -> String {
        self.held.lock().as_ref().map(|held| held.name.clone()).unwrap_or_default()
    }

    /// Takes a lease of its own, once, and again under a new name after it was lost.
    pub(crate) async fn register(&self, db: &Db) -> Result<String, StoreError> {
        let _one_at_a_time = self.registering.lock().await;
        if let Some(held) = self.held.lock().as_ref() {
            return Ok(held.name.clone());
        }
        #[expect(clippy::disallowed_methods, reason = "it tells processes apart, nothing is derived from it")]
        let name = format!("{PROCESSES}{}", uuid::Uuid::new_v4().simple());
        let tenure = Tenure::first(&self.description);
        let (key, value) = (lease_key(&name), tenure.to_bytes());
        let version = db
            .transaction("register a process", async |tx, is_repeated| {
                crate::settings::put(tx, &key, (None, 1), &value, is_repeated).await
            })
            .await?;
        *self.held.lock() = Some(Held { name: name.clone(), version, tenure });
        Ok(name)
    }

    /// Says that this process lives. Whoever took its lease over has given up its batches: it begins anew.
    async fn renew(&self, db: &Db) -> Result<(), StoreError> {
        let Some(held) = self.held.lock().clone() else { return Ok(()) };
        let tenure = held.tenure.renewed();
        let (key, value) = (lease_key(&held.name), tenure.to_bytes());
        let next = held.version + 1;
        let renewed = db
            .transaction("renew a process", async |tx, _| {
                // An attempt that was given up half-way may have written just this.
                crate::settings::put(tx, &key, (Some(held.version), next), &value, true).await
            })
            .await;
        match renewed {
            Ok(version) => *self.held.lock() = Some(Held { version, tenure, ..held }),
            Err(StoreError::Changed(_)) => *self.held.lock() = None,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Engine {
    /// This process as one that writes.
    pub(crate) fn life(&self) -> Result<&Life, StoreError> {
        self.life.as_deref().ok_or(StoreError::ReadOnly)
    }

    /// Ends in good order: what is open is given up, and nobody needs to wait for this process.
    pub(crate) async fn leave(&self) -> Result<(), StoreError> {
        for batch in self.opens.ids() {
            self.abandon(batch).await?;
        }
        let Some(held) = self.life()?.held.lock().take() else { return Ok(()) };
        let key = lease_key(&held.name);
        self.db
            .transaction("leave", async |tx, _| tx.execute("DELETE FROM setting WHERE key = $1", &[&key]).await)
            .await
            .map(drop)
    }

    /// Takes over the lease of a process that is gone and gives up what it left open.
    pub(crate) async fn bury(&self, name: &str) -> Result<(), StoreError> {
        let key = lease_key(name);
        let description = self.life()?.description.clone();
        self.db
            .transaction("give up what a process left", async |tx, _| {
                let rows = tx.query("SELECT version, value FROM setting WHERE key = $1 FOR UPDATE", &[&key]).await?;
                let Some(row) = rows.first() else { return Ok(()) };
                // With the token changed, nothing it may still send is taken; then its batches are void.
                let tenure = Tenure::from_bytes(row.try_get(1)?)?.next(&description);
                let sql = "UPDATE setting SET version = version + 1, value = $2 WHERE key = $1";
                tx.execute(sql, &[&key, &tenure.to_bytes()]).await?;
                tx.execute("UPDATE batch SET state = 3 WHERE process = $1 AND state = 0", &[&name]).await?;
                tx.execute("DELETE FROM setting WHERE key = $1", &[&key]).await?;
                Ok::<_, Failure>(())
            })
            .await?;
        self.sweep().await
    }
}

/// The thread that renews this process and watches the others.
pub(crate) struct Keeper {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(crate) fn start(engine: Arc<Engine>, life: Arc<Life>) -> std::io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("keeper".into()).spawn(move || {
            let mut seen = HashMap::new();
            let (flag, changed) = &*stopped;
            let mut is_stopped = flag.lock();
            while !*is_stopped {
                changed.wait_for(&mut is_stopped, life.silence / 4);
                if !*is_stopped {
                    MutexGuard::unlocked(&mut is_stopped, || {
                        // Failing is noticed by the next call that matters, and tried again here before long.
                        drop(engine.db.lanes.run(beat(&engine, &life, &mut seen)));
                    });
                }
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        *self.stop.0.lock() = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn beat(engine: &Engine, life: &Life, seen: &mut HashMap<String, Seen>) -> Result<(), StoreError> {
    let late = |_| StoreError::Unreachable { reason: "no answer in time".into() };
    let renewed = tokio::time::timeout(life.silence / 2, life.renew(&engine.db)).await.map_err(late);
    tokio::time::timeout(life.silence, watch(engine, life, seen)).await.map_err(late)??;
    renewed?
}

async fn watch(engine: &Engine, life: &Life, seen: &mut HashMap<String, Seen>) -> Result<(), StoreError> {
    let prefix = format!("{LEASES}{PROCESSES}");
    let own = life.name();
    let sql = "SELECT key, version FROM setting WHERE key >= $1 AND key < $2";
    let rows = engine.db.rows("watch processes", sql, &[&prefix, &format!("{prefix}~")]).await?;
    let mut silent = Vec::new();
    let mut present = HashMap::new();
    for row in &rows {
        let key: String = row.get(0);
        let version: i64 = row.get(1);
        let version = version.cast_unsigned();
        let name = key.strip_prefix(LEASES).unwrap_or_default().to_owned();
        if name == own {
            continue;
        }
        let before = seen.remove(&name).filter(|before| before.version == version);
        let before = before.unwrap_or_else(|| Seen { version, since: Instant::now() });
        if before.since.elapsed() >= life.silence {
            silent.push(name.clone());
        }
        present.insert(name, before);
    }
    *seen = present;
    for name in silent {
        engine.bury(&name).await?;
    }
    Ok(())
}

/// What the names of processes begin with.
pub(crate) const PROCESSES: &str = "process/";
