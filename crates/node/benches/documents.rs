//! Numbers of documents in the index of a node, as it looks them up: read, keyed, found, one slip away too.
//! `COMITY_BENCH_DOCUMENTS` sets how many there are (100,000,000, each once).

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

#[path = "world/mod.rs"]
mod world;

use std::time::{Duration, Instant};

use comity_base::Position;
use comity_crypto::Fingerprinter;
use comity_index::{Index, Options};
use comity_stix::value::{Values, near};
use comity_stix::{Kind, Value};
use world::{anonymous_memory, figure, percentile};

fn main() {
    let count = std::env::var("COMITY_BENCH_DOCUMENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000_000);
    let folder = tempfile::tempdir_in(world::scratch()).expect("a folder");
    let reader = Reader { values: Values::new([7; 32]), keys: Fingerprinter::new([9; 16]) };
    let began = Instant::now();
    drop(built(&reader, folder.path(), count));
    figure(
        "documents made up and indexed a second",
        count as f64 / began.elapsed().as_secs_f64(),
        "1/s",
        None,
        "higher",
    );
    let (began, before) = (Instant::now(), anonymous_memory());
    let index = Index::open(folder.path(), Options::new(1)).expect("the index");
    figure("index ready after a restart", began.elapsed().as_secs_f64(), "s", Some(5.0), "lower");
    assert_eq!(index.covered(), Position(count), "all is on disk");
    figure(
        "bytes a document, in the index",
        index.stats().bytes_on_disk as f64 / count as f64,
        "B",
        Some(40.0),
        "lower",
    );
    let step = count / ASKED;
    let listed: Vec<String> = (0..ASKED).map(|at| document(at * step + at % step.max(1))).collect();
    // Each page of the index once.
    for text in &listed {
        reader.exact(&index, text);
    }
    let exact: Vec<f64> = listed.iter().map(|text| micros(|| reader.exact(&index, text) == 1)).collect();
    percentiles("a document, exactly", exact, 5.0);
    let unknown: Vec<f64> = (count..count + ASKED)
        .map(|at| format!("EST:P:Q{:09}", at % 1_000_000_000))
        .map(|text| micros(|| reader.exact(&index, &text) == 0))
        .collect();
    percentiles("a document that nobody lists", unknown, 5.0);
    let slips: Vec<String> = listed.iter().take(SLIPS).map(|text| slip(text)).collect();
    for text in &slips {
        reader.near(&index, text);
    }
    let slips = slips.iter().map(|text| micros(|| reader.near(&index, text) > 0)).collect();
    percentiles("a document, one slip away", slips, 50.0);
    let memory = (anonymous_memory() - before).max(0.0) * 1024.0 * 1024.0;
    figure("memory of the open index, a document", memory / count as f64, "B", None, "lower");
}

struct Reader {
    values: Values,
    keys: Fingerprinter,
}

impl Reader {
    fn fingerprint(&self, text: &str) -> u64 {
        self.keys.fingerprint(Kind::TravelDocument.number(), text.as_bytes()).0
    }

    fn read(&self, text: &str) -> Value {
        self.values.parse(Kind::TravelDocument, text).expect("a document")
    }

    /// How many entries there are of exactly this.
    fn exact(&self, index: &Index, text: &str) -> usize {
        index.positions(self.fingerprint(self.read(text).text()), 64).len()
    }

    /// How many there are of this, and of what is one slip away.
    fn near(&self, index: &Index, text: &str) -> usize {
        let document = self.read(text);
        let mut all = vec![self.fingerprint(document.text())];
        near(document.kind(), document.text(), &mut |text| all.push(self.fingerprint(text)));
        let mut known = Vec::new();
        index.contains_many(&all, &mut known);
        let known = all.iter().zip(&known).filter(|(_, is_known)| **is_known);
        known.map(|(fingerprint, _)| index.positions(*fingerprint, 64).len()).sum()
    }
}

fn built(reader: &Reader, folder: &std::path::Path, count: u64) -> Index {
    let index = Index::open(folder, Options::new(1)).expect("an index");
    for from in (0..count).step_by(PIECE) {
        let to = (from + PIECE as u64).min(count);
        let entries: Vec<(u64, Position)> =
            (from..to).map(|at| (reader.fingerprint(&document(at)), Position(at + 1))).collect();
        index.apply(&entries, Position(to)).expect("indexed");
    }
    index.flush().expect("written");
    // What is merged in the background is to be done.
    let (mut last, mut still) = (0, 0);
    while still < 4 {
        std::thread::sleep(Duration::from_millis(500));
        let now = index.stats().bytes_on_disk;
        still = if now == last && index.covered() == Position(count) { still + 1 } else { 0 };
        last = now;
    }
    index
}

/// Each another, spread over all there are.
fn document(at: u64) -> String {
    format!("EST:P:K{:09}", at.wrapping_mul(48_271_001) % 1_000_000_000)
}

/// The same with one digit wrong.
fn slip(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let last = bytes.len() - 1;
    bytes[last] = b'0' + (bytes[last] - b'0' + 1) % 10;
    String::from_utf8(bytes).expect("text")
}

fn micros(work: impl FnOnce() -> bool) -> f64 {
    let began = Instant::now();
    let is_right = work();
    let took = began.elapsed().as_secs_f64() * 1e6;
    assert!(is_right, "what is listed is found, and nothing else");
    took
}

fn percentiles(what: &str, mut took: Vec<f64>, p99: f64) {
    took.sort_by(f64::total_cmp);
    figure(&format!("{what}: p50"), percentile(&took, 0.5), "us", None, "lower");
    figure(&format!("{what}: p99"), percentile(&took, 0.99), "us", Some(p99), "lower");
}

/// Documents that are taken in at once.
const PIECE: usize = 100_000;
/// Documents that are looked up.
const ASKED: u64 = 100_000;
/// Those of them that are looked up with a slip.
const SLIPS: usize = 20_000;
