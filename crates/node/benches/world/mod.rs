//! What the node's benchmarks share: a world of objects on disk, a node over it, measuring.

#![expect(dead_code, reason = "each benchmark uses its part")]

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use std::time::Instant;

use comity_base::{OrgName, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::intake::{Input, IntakeOptions, IntakeReport, Progress};
use comity_node::{Ctx, Node, NodeOptions, Purpose, SourceChange};
use comity_stix::Value;
use comity_store::Store;
use comity_store_sqlite::SqliteStore;
use comity_testkit::Objects;

pub(crate) struct World {
    pub(crate) node: Node,
    pub(crate) ctx: Ctx,
}

impl World {
    pub(crate) fn create(folder: &Path) -> Self {
        let keys = NodeKeys::generate().expect("keys");
        fs::write(folder.join("keys"), keys.to_text()).expect("keys are written");
        Self::open(folder)
    }

    pub(crate) fn open(folder: &Path) -> Self {
        let keys = NodeKeys::from_text(&fs::read_to_string(folder.join("keys")).expect("keys")).expect("keys");
        let store = SqliteStore::open(&folder.join("store"), keys.fingerprinter()).expect("a store");
        let world = Self::behind(Arc::new(store), &keys, folder);
        world.node.catch_up().expect("indexes");
        world
    }

    /// A node over this store, whose indexes are as the folder holds them.
    pub(crate) fn behind(store: Arc<dyn Store>, keys: &NodeKeys, folder: &Path) -> Self {
        let options = NodeOptions {
            derived: folder.join("derived"),
            remembered: None,
            writable: true,
            limits: comity_base::Limits::default(),
            workers: std::thread::available_parallelism().map_or(2, usize::from),
        };
        let node = Node::open_behind(store, keys, &options).expect("a node");
        let ctx = Ctx {
            actor: "bench".into(),
            authority: std::sync::Arc::new(comity_node::Authority::alone()),
            organisation: OrgName::parse("bench").expect("a name"),
            purpose: Purpose::Investigation,
            case: None,
            reason: None,
            clock: Arc::new(|| Timestamp::from_micros(1_793_000_000_000_000)),
        };
        Self { node, ctx }
    }

    pub(crate) fn take_in(&self, owner: &str, path: &Path, progress: &dyn Fn(Progress)) -> IntakeReport {
        let file = File::open(path).expect("the world's file");
        self.take_in_reader(owner, Box::new(file), progress)
    }

    pub(crate) fn take_in_reader(
        &self,
        owner: &str,
        reader: Box<dyn std::io::Read>,
        progress: &dyn Fn(Progress),
    ) -> IntakeReport {
        let source = self
            .node
            .set_source(&self.ctx, &OrgName::parse(owner).expect("a name"), &SourceChange::default())
            .expect("a source");
        let stop = AtomicBool::new(false);
        let options = IntakeOptions { progress, ..IntakeOptions::noted("bench", &stop) };
        let input = Input { name: "world.json".into(), reader };
        self.node.intake(&self.ctx, &source, &mut std::iter::once(Ok(input)), &options).expect("an intake")
    }
}

/// How many objects: `COMITY_BENCH_OBJECTS` or a million.
pub(crate) fn objects() -> u64 {
    std::env::var("COMITY_BENCH_OBJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

/// A folder for large files that stays between runs.
pub(crate) fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    fs::create_dir_all(&folder).expect("a folder for the benchmark");
    folder
}

/// The bundle of so many objects, made once.
pub(crate) fn bundle_file(objects: u64) -> PathBuf {
    let path = scratch().join(format!("world-{objects}.json"));
    if !path.exists() {
        let part = path.with_extension("part");
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&part).expect("the world's file"));
        comity_testkit::bundle(1, usize::try_from(objects).expect("fits"), &mut out).expect("a world");
        drop(out);
        fs::rename(part, &path).expect("the world's file");
    }
    path
}

/// Prints one figure as the benchmark runner reads it.
pub(crate) fn figure(name: &str, value: f64, unit: &str, target: Option<f64>, better: &str) {
    let target = target.map_or_else(String::new, |target| format!("\"target\":{target},"));
    println!("{{\"figure\":\"{name}\",\"value\":{value:.4},\"unit\":\"{unit}\",{target}\"better\":\"{better}\"}}");
}

/// CPU seconds of this process so far, all threads.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// The most anonymous and mapped memory this process held, in MB. Mapped index files that the system
/// may drop at any time are part of it.
pub(crate) fn peak_memory() -> f64 {
    status("VmHWM:") / 1024.0
}

/// The anonymous memory this process holds now, in MB: what the system cannot take back.
pub(crate) fn anonymous_memory() -> f64 {
    status("RssAnon:") / 1024.0
}

fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or(f64::NAN)
}

/// Bytes that the files below a folder take.
pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                folder_bytes(&entry.path())
            } else {
                entry.metadata().map_or(0, |meta| meta.len())
            }
        })
        .sum()
}

/// The value at a share of the sorted list.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let above = sorted.len() as f64 * (1.0 - share);
    let at = sorted.iter().rev().scan(0.0, |seen, value| {
        *seen += 1.0;
        Some((*seen, *value))
    });
    at.filter(|(seen, _)| *seen >= above).map(|(_, value)| value).next().unwrap_or(f64::NAN)
}

/// The rate of the last tenth over that of the first.
pub(crate) fn bend(marks: &[(u64, Instant)]) -> f64 {
    let tenth = (marks.len() / 10).max(1);
    let rate = |part: &[(u64, Instant)]| match part {
        [first, .., last] => (last.0 - first.0) as f64 / (last.1 - first.1).as_secs_f64(),
        _ => f64::NAN,
    };
    rate(&marks[marks.len() - tenth - 1..]) / rate(&marks[..=tenth])
}

/// Hashes that the world holds, spread over it.
pub(crate) fn sample(world: &World, objects: u64, most: usize) -> Vec<Value> {
    // One object in nine is an indicator of a SHA-256.
    let every = usize::try_from((objects / 12 / most as u64).max(1)).expect("fits");
    let mut values = Vec::new();
    let mut seen = 0_usize;
    for object in Objects::new(1).take(usize::try_from(objects).expect("fits")) {
        let hash = object.split("file:hashes.'SHA-256' = '").nth(1).and_then(|rest| rest.get(..64));
        seen += usize::from(hash.is_some());
        if let Some(hash) = hash.filter(|_| seen.is_multiple_of(every)) {
            values.extend(world.node.values().guess(hash).into_iter().next());
            if values.len() >= most {
                break;
            }
        }
    }
    values
}
