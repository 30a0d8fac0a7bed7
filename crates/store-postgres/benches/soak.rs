//! Four processes write and four read one store, with rollbacks, undos and kills, for ten minutes
//! (`COMITY_SOAK_SECONDS`): no reader may miss a version, see one twice, or see one out of order.
//!
//! The program starts itself as the writers and readers.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark fails loudly")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use comity_base::Position;
use comity_crypto::{Fingerprinter, Sha256, hex};
use comity_store::conformance::{label, new_version, start};
use comity_store::{Counts, Found, Op, Store};
use comity_store_postgres::{Options, PostgresStore};
use comity_testkit::Random;
use comity_testkit::postgres::Cluster;

const WRITERS: u64 = 4;
const READERS: u64 = 4;

fn main() {
    let said = |name: &str| std::env::var(name).ok();
    match (said("SOAK_ROLE").as_deref(), said("SOAK_ADDRESS"), said("SOAK_NUMBER").and_then(|n| n.parse().ok())) {
        (Some("writer"), Some(address), Some(number)) => write(&address, number),
        (Some("reader"), Some(address), Some(number)) => read(&address, number),
        _ => soak(),
    }
}

fn open(address: &str, name: &str) -> PostgresStore {
    let mut options = Options::parse(address, PathBuf::from(std::env::var("SOAK_CACHE").unwrap()).join(name)).unwrap();
    options.connections = 3;
    name.clone_into(&mut options.process);
    PostgresStore::open(options, Fingerprinter::new([5; 16])).unwrap()
}

/// Writes batches until it is killed; 2 % are rolled back, 4 % undone.
fn write(address: &str, number: u64) {
    let store = open(address, &format!("writer-{}", number % 100));
    let label = label(&store, "org-a", "green");
    let mut random = Random::new(number);
    let mut next = number * 1_000_000;
    loop {
        let batch = store.begin(&start(1)).unwrap();
        let first = next;
        for _ in 0..=random.below(3) {
            let versions: Vec<_> =
                (0..=random.below(120)).map(|n| new_version(&store, next + n, 1, label, n)).collect();
            store.append(batch, &versions, Found::default()).unwrap();
            next += versions.len() as u64;
        }
        if random.below(100) < 2 {
            store.abandon(batch).unwrap();
            continue;
        }
        let info = store.finish(batch, &Counts { objects: first, ..Counts::default() }, start(1).now).unwrap();
        tell(&format!("acknowledged {} {} {}", info.id, info.after, info.last));
        if random.below(100) < 4 {
            store.undo(info.id, &start(2), start(2).now).unwrap();
        }
    }
}

/// Follows the log from its beginning until it is told to stop, and says what was wrong with it.
fn read(address: &str, number: u64) {
    let store = open(address, &format!("reader-{number}"));
    let (mut at, mut digest) = (0_u64, Sha256::new());
    let (mut missed, mut twice, mut rows) = (0_u64, 0_u64, 0_u64);
    let mut last: Option<u64> = None;
    let stop = Path::new(&std::env::var("SOAK_CACHE").unwrap()).join("stop");
    loop {
        let goal = std::fs::read_to_string(&stop).ok().and_then(|text| text.parse::<u64>().ok());
        if goal.is_some_and(|goal| at >= goal) {
            break;
        }
        store.wait(Position(at), Duration::from_millis(500)).unwrap();
        for row in store.scan(Position(at), 800, rows.is_multiple_of(2)).unwrap() {
            let position = row.position.0;
            missed += position.saturating_sub(at + 1);
            twice += u64::from(position <= at);
            last = last.max(Some(position));
            digest.update(format!("{position} {} {:?}\n", row.id, row.op).as_bytes());
            at = position;
            rows += 1;
        }
    }
    let disordered = u64::from(last != Some(at));
    tell(&format!("read {rows} {missed} {twice} {disordered} {}", hex(&digest.finish())));
}

fn tell(line: &str) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
}

struct Worker {
    child: Child,
    lines: std::thread::JoinHandle<Vec<String>>,
}

fn start_worker(role: &str, number: u64, address: &str, cache: &Path) -> Worker {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env("SOAK_ROLE", role)
        .env("SOAK_NUMBER", number.to_string())
        .env("SOAK_ADDRESS", address)
        .env("SOAK_CACHE", cache)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    Worker { child, lines: std::thread::spawn(move || out.lines().map_while(Result::ok).collect()) }
}

impl Worker {
    /// Kills it; what it said.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.join().unwrap()
    }
}

fn soak() {
    let seconds = std::env::var("COMITY_SOAK_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(600);
    let folder = std::env::temp_dir().join(format!("comity-soak-{}", std::process::id()));
    let server = Cluster::start(&folder.join("server"), &[]).unwrap();
    let cache = folder.join("cache");
    std::fs::create_dir_all(&cache).unwrap();
    let address = server.address("soak");
    // The tables are made once, before eight processes would all try.
    drop(PostgresStore::open(Options::parse(&address, cache.join("first")).unwrap(), Fingerprinter::new([5; 16])));
    let began = Instant::now();
    let readers: Vec<_> = (0..READERS).map(|n| start_worker("reader", n, &address, &cache)).collect();
    let mut writers: Vec<_> = (0..WRITERS).map(|n| (n, start_worker("writer", n, &address, &cache))).collect();
    let mut random = Random::new(11);
    let (mut acknowledged, mut kills) = (Vec::new(), 0_u64);
    while began.elapsed() < Duration::from_secs(seconds) {
        std::thread::sleep(Duration::from_millis(500 + random.below(3_000)));
        let victim = usize::try_from(random.below(WRITERS)).unwrap();
        let (number, worker) = writers.remove(victim);
        acknowledged.extend(worker.kill());
        kills += 1;
        // Its next life writes other ids.
        let next = number + 100;
        writers.insert(victim, (next, start_worker("writer", next, &address, &cache)));
    }
    for (_, worker) in writers {
        acknowledged.extend(worker.kill());
    }
    report(&address, &cache, readers, &acknowledged, kills, began.elapsed());
    drop(server);
    drop(std::fs::remove_dir_all(&folder));
}

fn report(address: &str, cache: &Path, readers: Vec<Worker>, acknowledged: &[String], kills: u64, took: Duration) {
    let options = Options::parse(address, cache.join("last")).unwrap();
    let store = PostgresStore::open(options, Fingerprinter::new([5; 16])).unwrap();
    let visible = store.head().unwrap().visible.0;
    std::fs::write(cache.join("stop"), visible.to_string()).unwrap();
    let (mut totals, mut digests) = ([0_u64; 4], BTreeSet::new());
    for reader in readers {
        let Worker { mut child, lines } = reader;
        assert!(child.wait().unwrap().success(), "a reader failed");
        let lines = lines.join().unwrap();
        let words: Vec<&str> = lines.last().unwrap().split(' ').collect();
        for (total, word) in totals.iter_mut().zip(words.iter().skip(1)) {
            *total += word.parse::<u64>().unwrap();
        }
        digests.insert((*words.last().unwrap()).to_owned());
    }
    let lost = acknowledged.iter().filter(|line| !is_there(&store, line)).count();
    let undone = store.scan(Position::START, usize::MAX, false).unwrap();
    let undone = undone.iter().filter(|row| row.op != Op::Put).count();
    let [rows, missed, twice, disordered] = totals.map(|total| total as f64);
    figure("writing processes", WRITERS as f64, "", None);
    figure("reading processes", READERS as f64, "", None);
    figure("minutes", took.as_secs_f64() / 60.0, "min", None);
    figure("processes killed with -9", kills as f64, "", None);
    figure("batches acknowledged", acknowledged.len() as f64, "", None);
    figure("versions visible at the end", visible as f64, "", None);
    figure("of them tombstones", undone as f64, "", None);
    figure("versions read by all readers", rows, "", None);
    figure("versions missed", missed, "", Some(0.0));
    figure("versions seen twice", twice, "", Some(0.0));
    figure("versions out of order", disordered, "", Some(0.0));
    figure("acknowledged batches lost", lost as f64, "", Some(0.0));
    figure("different orders seen by the readers", digests.len() as f64 - 1.0, "", Some(0.0));
    figure("faults found by the check", store.check().unwrap().len() as f64, "", Some(0.0));
}

fn is_there(store: &PostgresStore, line: &str) -> bool {
    let words: Vec<u64> = line.split(' ').skip(1).filter_map(|word| word.parse().ok()).collect();
    let [id, after, last] = words.as_slice() else { return false };
    let info = store.batch(comity_store::BatchId(*id)).unwrap();
    info.is_some_and(|info| (info.after.0, info.last.0) == (*after, *last) && info.finished.is_some())
}

fn figure(name: &str, value: f64, unit: &str, target: Option<f64>) {
    let target = target.map_or_else(String::new, |target| format!("\"target\":{target},"));
    println!("{{\"figure\":\"{name}\",\"value\":{value:.4},\"unit\":\"{unit}\",{target}\"better\":\"lower\"}}");
}
