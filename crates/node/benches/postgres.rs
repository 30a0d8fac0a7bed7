//! The engine for several processes on a server of its own, which shares this machine: intake, look-ups, pages,
//! start, moving. `COMITY_BENCH_OBJECTS` sets the size (1,000,000). The database is made once and kept.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

#[path = "world/mod.rs"]
mod world;

use std::cell::{Cell, RefCell};
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use comity_base::{Limits, Position};
use comity_crypto::NodeKeys;
use comity_node::intake::Progress;
use comity_node::{Move, move_store};
use comity_stix::Value;
use comity_store::Store;
use comity_store_postgres::{Options, PostgresStore};
use comity_store_sqlite::SqliteStore;
use comity_testkit::Random;
use comity_testkit::postgres::Cluster;
use world::{World, cpu_seconds, figure, percentile};

/// As docs/scale.md advises for a machine of this size.
const SETTINGS: &[(&str, &str)] =
    &[("shared_buffers", "2GB"), ("max_wal_size", "8GB"), ("checkpoint_timeout", "15min"), ("wal_compression", "on")];

fn main() {
    let objects = world::objects();
    // Where the server's user may go.
    let folder = std::env::temp_dir().join(format!("comity-bench-{objects}"));
    let is_made = folder.join("ready").exists();
    if !is_made {
        drop(fs::remove_dir_all(&folder));
    }
    let server = Cluster::start(&folder.join("server"), SETTINGS).expect("PostgreSQL").stay();
    let bench = Bench { server, folder: folder.clone(), objects };
    if !is_made {
        bench.intake();
        fs::write(folder.join("ready"), "").expect("a mark");
    }
    bench.start();
    bench.look();
    bench.move_there_and_back();
    bench.server.down("fast").expect("the server stops");
}

struct Bench {
    server: Cluster,
    folder: PathBuf,
    objects: u64,
}

impl Bench {
    fn keys(&self) -> NodeKeys {
        let path = self.folder.join("keys");
        if !path.exists() {
            fs::write(&path, NodeKeys::generate().expect("keys").to_text()).expect("keys are written");
        }
        NodeKeys::from_text(&fs::read_to_string(path).expect("keys")).expect("keys")
    }

    fn store(&self, schema: &str, derived: &Path) -> PostgresStore {
        let options = Options::parse(&self.server.address(schema), derived.join("store")).expect("an address");
        PostgresStore::open(options, self.keys().fingerprinter()).expect("a store")
    }

    /// A node as a process of its own would open it, without catching up.
    fn behind(&self, name: &str) -> World {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        World::behind(Arc::new(self.store("bench", &folder)), &self.keys(), &folder)
    }

    fn intake(&self) {
        let path = world::bundle_file(self.objects);
        let world = self.behind("one");
        let marks: RefCell<Vec<(u64, Instant)>> = RefCell::new(Vec::new());
        let anonymous = Cell::new(0.0_f64);
        let watch = |progress: Progress| {
            let mut marks = marks.borrow_mut();
            if marks.last().is_none_or(|(objects, _)| progress.objects >= objects + 50_000) {
                marks.push((progress.objects, Instant::now()));
                anonymous.set(anonymous.get().max(world::anonymous_memory()));
            }
        };
        let (cpu, server, start) = (cpu_seconds(), self.server.cpu_seconds(), Instant::now());
        let report = world.take_in("lab-north", &path, &watch);
        let wall = start.elapsed().as_secs_f64();
        let (cpu, server) = (cpu_seconds() - cpu, self.server.cpu_seconds() - server);
        let objects = self.objects as f64;
        assert_eq!(report.batch.expect("a batch").counts.added, self.objects, "every object is stored");
        assert!(world.node.is_ready());
        let read = marks.borrow().last().map_or(wall, |(_, at)| at.duration_since(start).as_secs_f64());
        figure(
            "intake, everything on, indexes of this process included",
            objects / wall,
            "objects/s",
            Some(20_000.0),
            "higher",
        );
        figure("of it appending", objects / read, "objects/s", None, "higher");
        figure("of it catching up at the end", wall - read, "s", None, "lower");
        figure("CPU of the process", cpu * 1e6 / objects, "us/object", None, "lower");
        figure("CPU of the server", server * 1e6 / objects, "us/object", None, "lower");
        figure(
            "rate of the last tenth over the first tenth",
            world::bend(&marks.borrow()),
            "ratio",
            Some(0.8),
            "higher",
        );
        figure("anonymous memory of the process, peak", anonymous.get(), "MB", None, "lower");
        world.node.settle().expect("derived indexes");
        drop(world);
        let derived = world::folder_bytes(&self.folder.join("one")) as f64 / objects;
        figure("bytes at rest: derived indexes of one process", derived, "bytes/object", None, "lower");
        figure(
            "bytes at rest: tables and their keys",
            self.table_bytes("bench") / objects,
            "bytes/object",
            None,
            "lower",
        );
    }

    fn table_bytes(&self, schema: &str) -> f64 {
        let sql = format!(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relnamespace = '{schema}'::regnamespace \
             AND relkind = 'r'"
        );
        self.server.sql(&sql).expect("a size").trim().parse().expect("a number")
    }

    /// How soon a process answers, with nothing of its own and with the indexes it left.
    fn start(&self) {
        let fresh = "fresh";
        drop(fs::remove_dir_all(self.folder.join(fresh)));
        let start = Instant::now();
        let world = self.behind(fresh);
        let head = world.node.store().head().expect("a head");
        let page = world.node.store().scan(Position(head.visible.0 / 2), 100, true).expect("a page");
        assert_eq!(page.len(), 100);
        figure(
            "start of a new process: pages and objects by position",
            start.elapsed().as_secs_f64(),
            "s",
            Some(2.0),
            "lower",
        );
        world.node.catch_up().expect("indexes");
        figure(
            "start of a new process: all indexes caught up",
            start.elapsed().as_secs_f64(),
            "s",
            Some(30.0),
            "lower",
        );
        world.node.settle().expect("derived indexes");
        let sample = world::sample(&world, self.objects, 1);
        drop(world);
        let start = Instant::now();
        let world = self.behind(fresh);
        world.node.catch_up().expect("indexes");
        assert!(!world.node.objects(&world.ctx, &sample[0], 1).expect("an answer").is_empty());
        figure(
            "start with the indexes it left: everything answered",
            start.elapsed().as_secs_f64(),
            "s",
            Some(2.0),
            "lower",
        );
    }

    fn look(&self) {
        let world = self.behind("fresh");
        world.node.catch_up().expect("indexes");
        let sample = world::sample(&world, self.objects, 20_000);
        known(&world, &sample);
        let mut times = Vec::new();
        for value in sample.iter().cycle().take(3 * sample.len()) {
            let start = Instant::now();
            let found = world.node.objects(&world.ctx, value, 10).expect("an answer");
            times.push(start.elapsed().as_secs_f64() * 1e6);
            assert!(!black_box(found).is_empty(), "{value:?} is known");
        }
        // The first round warms the server's cache and the connection's statements.
        let mut times = times.split_off(sample.len());
        times.sort_by(f64::total_cmp);
        figure("value to objects with JSON, p50", percentile(&times, 0.5), "us", Some(150.0), "lower");
        figure("value to objects with JSON, p99", percentile(&times, 0.99), "us", None, "lower");
        pages(&world);
        undo(&world);
    }

    fn move_there_and_back(&self) {
        let objects = self.objects.min(1_000_000);
        let old = self.folder.join("embedded");
        if !old.join("ready").exists() {
            fs::create_dir_all(&old).expect("a folder");
            fs::write(old.join("keys"), self.keys().to_text()).expect("keys");
            let world = World::open(&old);
            world.take_in("lab-north", &world::bundle_file(objects), &|_| {});
            world.node.settle().expect("derived indexes");
            fs::write(old.join("ready"), "").expect("a mark");
        }
        self.server.sql("DROP SCHEMA IF EXISTS moved CASCADE").expect("an empty schema");
        let cache = self.folder.join("moving");
        drop(fs::remove_dir_all(&cache));
        let keys = self.keys();
        let embedded = SqliteStore::open(&old.join("store"), keys.fingerprinter()).expect("a store");
        let postgres = self.store("moved", &cache);
        moved("move from the embedded engine, every object compared", &embedded, &postgres, &keys, Some(15_000.0));
        drop(embedded);
        let back = self.folder.join("back");
        drop(fs::remove_dir_all(&back));
        let embedded = SqliteStore::open(&back, keys.fingerprinter()).expect("a store");
        moved("move back, every object compared", &postgres, &embedded, &keys, None);
        drop(fs::remove_dir_all(&back));
    }
}

fn moved(name: &str, from: &dyn Store, to: &dyn Store, keys: &NodeKeys, target: Option<f64>) {
    let start = Instant::now();
    let stop = AtomicBool::new(false);
    let done = move_store(keys, Limits::default(), &Move { from, to, stop: &stop, progress: &|_| {} }).expect("a move");
    assert_eq!(done.compared, from.head().expect("a head").visible.0);
    figure(name, done.compared as f64 / start.elapsed().as_secs_f64(), "objects/s", target, "higher");
}

/// Known or not, through the node, one value at a time: no call leaves the process.
fn known(world: &World, sample: &[Value]) {
    let strange: Vec<Value> = (0..20_000_u64)
        .flat_map(|n| world.node.values().guess(&format!("{:064x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
        .collect();
    for (name, values, is_known) in [("hit", sample, true), ("miss", &strange, false)] {
        let ask = |value: &Value| world.node.is_held(value).expect("an answer");
        timed(&format!("known value? {name}"), Some(2.0), values, &|value| assert_eq!(black_box(ask(value)), is_known));
        let owners = |value: &Value| world.node.look_brief(&world.ctx, std::slice::from_ref(value)).expect("an answer");
        timed(&format!("known value, and to whom? {name}"), None, values, &|value| {
            assert_eq!(!black_box(owners(value))[0].owners.is_empty(), is_known);
        });
    }
}

fn timed(name: &str, target: Option<f64>, values: &[Value], ask: &dyn Fn(&Value)) {
    let mut times = Vec::new();
    for value in values.iter().cycle().take(200_000) {
        let start = Instant::now();
        ask(value);
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    figure(&format!("{name}, p50"), percentile(&times, 0.5), "us", None, "lower");
    figure(&format!("{name}, p99"), percentile(&times, 0.99), "us", target, "lower");
}

/// Pages of 1,000 objects with their bytes, at any depth.
fn pages(world: &World) {
    let store = world.node.store();
    let visible = store.head().expect("a head").visible.0;
    let mut random = Random::new(7);
    let mut times = Vec::new();
    for round in 0..1_200 {
        let after = Position(random.below(visible - 1_000));
        let start = Instant::now();
        let page = store.scan(after, 1_000, true).expect("a page");
        if round >= 200 {
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        assert_eq!(page.len(), 1_000);
        black_box(page);
    }
    times.sort_by(f64::total_cmp);
    figure("page of 1,000 objects at any depth, p50", percentile(&times, 0.5), "ms", None, "lower");
    figure("page of 1,000 objects at any depth, p99", percentile(&times, 0.99), "ms", Some(20.0), "lower");
}

fn undo(world: &World) {
    let mut bundle = Vec::new();
    let seed = world.node.store().head().expect("a head").visible.0;
    comity_testkit::bundle(seed, 77_000, &mut bundle).expect("a world");
    let report = world.take_in_reader("us-bank", Box::new(std::io::Cursor::new(bundle)), &|_| {});
    let batch = report.batch.expect("a batch");
    assert_eq!(batch.counts.added, 77_000);
    let start = Instant::now();
    let undone = world.node.undo(&world.ctx, batch.id).expect("an undo");
    figure("undo of a batch of 77,000 objects", start.elapsed().as_secs_f64(), "s", Some(2.0), "lower");
    assert_eq!(undone.versions, 77_000);
    world.node.settle().expect("derived indexes");
    std::thread::sleep(Duration::from_millis(10));
}
