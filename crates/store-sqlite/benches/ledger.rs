//! What it costs to put things on record durably: many at once, and one at a time beside what the disk needs for its own
//! part. One JSON line per figure.

#![expect(clippy::expect_used, reason = "a benchmark fails loudly")]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use comity_crypto::Fingerprinter;
use comity_store::{NewEntry, Store};
use comity_store_sqlite::SqliteStore;

fn main() {
    // `cargo test` builds and starts benches too; that is not the time to measure.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("store"), Fingerprinter::new([7; 16])).expect("a store");
    batched(&store);
    single(&store, folder.path());
}

/// As long as a look with a purpose, a case and a few objects.
fn entry(n: u64) -> NewEntry {
    let mut leaf = vec![0_u8; 146];
    if let Some(place) = leaf.last_chunk_mut::<8>() {
        *place = n.to_be_bytes();
    }
    NewEntry { log: 202_600, leaf, opening: vec![b'x'; 420] }
}

fn batched(store: &dyn Store) {
    const ENTRIES: u64 = 1_000_000;
    const AT_ONCE: u64 = 10_000;
    let mut waits = Vec::new();
    let began = Instant::now();
    for first in (0..ENTRIES / AT_ONCE).map(|n| n * AT_ONCE) {
        let entries: Vec<NewEntry> = (first..first + AT_ONCE).map(entry).collect();
        let asked = Instant::now();
        store.log(&entries).expect("room");
        waits.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    report("durable_append_batched", "entries/s", ENTRIES as f64 / began.elapsed().as_secs_f64(), "200000");
    report("durable_append_batched_p99", "ms", part(&mut waits, 99), "null");
}

/// Taken in turns, as the disk is not the same from one second to the next.
fn single(store: &dyn Store, folder: &Path) {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("plain")).expect("a file");
    let (mut entries, mut plain) = (Vec::new(), Vec::new());
    for n in 0..2_000 {
        let one = [entry(n)];
        let asked = Instant::now();
        store.log(&one).expect("room");
        entries.push(asked.elapsed().as_secs_f64() * 1e3);
        let asked = Instant::now();
        file.write_all(&[0; 4_096]).and_then(|()| file.sync_data()).expect("room");
        plain.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    for (name, percent) in [("p50", 50), ("p99", 99)] {
        let (ours, disk) = (part(&mut entries, percent), part(&mut plain, percent));
        report(&format!("single_durable_append_{name}"), "ms", ours, "null");
        report(&format!("one_fdatasync_{name}"), "ms", disk, "null");
        let target = if percent == 99 { "2" } else { "null" };
        report(&format!("single_durable_append_by_fdatasync_{name}"), "times", ours / disk, target);
    }
}

fn part(of: &mut [f64], percent: usize) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() * percent / 100).copied().unwrap_or_default()
}

fn report(figure: &str, unit: &str, value: f64, target: &str) {
    let better = if unit.ends_with("/s") { "higher" } else { "lower" };
    println!(r#"{{"figure":"{figure}","value":{value:.3},"unit":"{unit}","target":{target},"better":"{better}"}}"#);
}
