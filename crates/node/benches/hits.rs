//! Looking for hits, and showing them. A lab's world of objects (`COMITY_BENCH_OBJECTS`, 1,000,000), and the cases of two
//! others who share some of its values (`COMITY_BENCH_SHARED`, 6,000). The node is built once and kept in `target/bench`.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

#[path = "world/mod.rs"]
mod world;

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Cursor;
use std::time::Instant;

use comity_node::hits::{HitAsk, HitOptions, HitVerdict};
use comity_stix::Value;
use world::{World, figure, percentile};

/// Shared values in one case.
const IN_A_CASE: usize = 3;

fn main() {
    let objects = world::objects();
    let shared = std::env::var("COMITY_BENCH_SHARED").ok().and_then(|text| text.parse().ok()).unwrap_or(6_000);
    let folder = world::scratch().join(format!("hits-{objects}-{shared}"));
    if !folder.join("ready").exists() {
        build(&folder, objects, shared);
    }
    let world = World::open(&folder);
    let before = world::anonymous_memory();
    let start = Instant::now();
    assert!(world.node.find_hits(&world.ctx).expect("a look"));
    figure("first look", start.elapsed().as_secs_f64(), "s", None, "lower");
    figure("memory of what was found", world::anonymous_memory() - before, "MB", None, "lower");
    let start = Instant::now();
    let found = world.node.hits(&world.ctx, &HitOptions { values: 200_000, ..HitOptions::default() }).expect("hits");
    figure("all anew, as `comity hits` does", start.elapsed().as_secs_f64(), "s", None, "lower");
    println!("{} values shared, {} hits", found.shared_values, found.not_shown + found.hits.len() as u64);
    drop(found);
    again(&world, objects);
    pages(&world);
    drop(world);
    real();
}

/// Real sources, each an owner, where `../shared/data` is there.
fn real() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cti");
    if !data.is_dir() {
        println!("skipped: ../shared/data absent");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::create(folder.path());
    for owner in ["attack", "mobile-stix", "misp-events", "ioc-texts", "talos-stix"] {
        let entries = std::fs::read_dir(data.join(owner)).expect("a folder").flatten();
        for path in entries.map(|entry| entry.path()).filter(|path| path.is_file()) {
            world.take_in(owner, &path, &|_| {});
        }
    }
    let start = Instant::now();
    world.node.find_hits(&world.ctx).expect("a look");
    figure("real data: first look", start.elapsed().as_secs_f64(), "s", None, "lower");
    let start = Instant::now();
    let page = world.node.hit_queue(&world.ctx, &HitAsk::default()).expect("a page");
    figure("real data: page of 50 hits", start.elapsed().as_secs_f64() * 1e3, "ms", None, "lower");
    println!("{:?}, {} beyond, {} objects", page.totals, page.beyond, world.node.position().0);
}

fn build(folder: &std::path::Path, objects: u64, shared: usize) {
    drop(std::fs::remove_dir_all(folder));
    std::fs::create_dir_all(folder).expect("a folder");
    let world = World::create(folder);
    world.take_in("lab-north", &world::bundle_file(objects), &|_| {});
    let sample = world::sample(&world, objects, shared);
    for (owner, part) in [("ee-police", &sample[..]), ("us-bank", sample.get(..shared / 3).unwrap_or(&sample))] {
        world.take_in_reader(owner, Box::new(Cursor::new(cases(owner, part).into_bytes())), &|_| {});
    }
    world.node.settle().expect("derived indexes");
    std::fs::write(folder.join("ready"), "").expect("a mark");
}

/// Reports that each hold some of these hashes, as JSON lines.
fn cases(owner: &str, hashes: &[Value]) -> String {
    let dates = r#""spec_version":"2.1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z""#;
    let salt = owner.len();
    let mut text = String::new();
    for (case, hashes) in hashes.chunks(IN_A_CASE).enumerate() {
        let mut refs = Vec::new();
        for (n, hash) in hashes.iter().enumerate() {
            let id = format!("indicator--{case:08x}-{n:04x}-4000-8000-{salt:012x}");
            let pattern = format!("[file:hashes.'SHA-256' = '{}']", hash.text());
            writeln!(text, r#"{{"type":"indicator","id":"{id}",{dates},"pattern":"{pattern}","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}}"#).expect("text");
            refs.push(format!("\"{id}\""));
        }
        let refs = refs.join(",");
        writeln!(text, r#"{{"type":"report","id":"report--{case:08x}-0000-4000-8000-{salt:012x}",{dates},"name":"Case {case}","published":"2026-01-01T00:00:00Z","object_refs":[{refs}]}}"#).expect("text");
    }
    text
}

/// A batch of a hundred objects comes in, and what is new is looked for.
fn again(world: &World, objects: u64) {
    let mut times = Vec::new();
    let sample = world::sample(world, objects, 400);
    for (round, part) in sample.chunks(100).enumerate() {
        let owner = format!("lab-{round}");
        world.take_in_reader(&owner, Box::new(Cursor::new(cases(&owner, part).into_bytes())), &|_| {});
        let start = Instant::now();
        world.node.find_hits(&world.ctx).expect("a look");
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    figure("look again after 100 new objects", percentile(&times, 0.5), "s", None, "lower");
    let batches = world.node.store().batches(None, times.len()).expect("batches");
    for batch in batches {
        world.node.undo(&world.ctx, batch.id).expect("an undo");
    }
    let start = Instant::now();
    world.node.hit_queue(&world.ctx, &HitAsk::default()).expect("a page");
    figure("first page after what was undone", start.elapsed().as_secs_f64() * 1e3, "ms", None, "lower");
    world.node.find_hits(&world.ctx).expect("a look");
}

fn pages(world: &World) {
    let first = world.node.hit_queue(&world.ctx, &HitAsk::default()).expect("a page");
    for row in first.rows.iter().take(20) {
        world.node.decide_hit(&world.ctx, &row.key, &HitVerdict::Dismiss, "a benchmark", None).expect("a decision");
    }
    let (mut times, mut ask, mut rows) = (Vec::new(), HitAsk::default(), 0);
    loop {
        let start = Instant::now();
        let page = world.node.hit_queue(&world.ctx, &ask).expect("a page");
        times.push(start.elapsed().as_secs_f64() * 1e3);
        rows += page.rows.len();
        ask.after.clone_from(&page.next);
        if black_box(&page).next.is_none() {
            println!("{rows} rows in {} pages, {} beyond", times.len(), page.beyond);
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    figure("page of 50 hits, p50", percentile(&times, 0.5), "ms", Some(20.0), "lower");
    figure("page of 50 hits, p99", percentile(&times, 0.99), "ms", None, "lower");
    for row in first.rows.iter().take(20) {
        world.node.decide_hit(&world.ctx, &row.key, &HitVerdict::Reopen, "", None).expect("a decision");
    }
}
