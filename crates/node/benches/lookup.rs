//! Look-ups over a stored world. `COMITY_BENCH_OBJECTS` sets its size (1,000,000). The node is built
//! once and kept in `target/bench`.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

#[path = "world/mod.rs"]
mod world;

use std::hint::black_box;
use std::io::{Cursor, Read};
use std::time::Instant;

use comity_stix::Value;
use world::{World, figure, percentile};

const HOT: &str = "198.18.7.7";

fn main() {
    let objects = world::objects();
    let folder = world::scratch().join(format!("lookup-{objects}"));
    if !folder.join("ready").exists() {
        build(&folder, objects);
    }
    let start = Instant::now();
    let world = World::open(&folder);
    figure("start: answering", start.elapsed().as_secs_f64(), "s", Some(2.0), "lower");
    let sample = world::sample(&world, objects, 60_000);
    read_back(&world, &sample);
    many(&world, &sample);
    worst(&world);
    undo(&world);
}

fn build(folder: &std::path::Path, objects: u64) {
    drop(std::fs::remove_dir_all(folder));
    std::fs::create_dir_all(folder).expect("a folder");
    let world = World::create(folder);
    world.take_in("lab-north", &world::bundle_file(objects), &|_| {});
    world.take_in_reader("ee-police", hot(1_000_000), &|_| {});
    world.node.settle().expect("derived indexes");
    std::fs::write(folder.join("ready"), "").expect("a mark");
}

/// Indicators that all look for one address, as JSON lines.
fn hot(count: u64) -> Box<dyn Read> {
    let line = |n: u64| {
        format!(
            "{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--{n:08x}-0000-4000-8000-{n:012x}\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"pattern\":\"[ipv4-addr:value = '{HOT}']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"}}\n"
        )
    };
    let pieces = (0..count / 1_000).map(move |piece| (0..1_000).map(|n| line(piece * 1_000 + n)).collect::<String>());
    comity_testkit::stream(pieces)
}

fn read_back(world: &World, sample: &[Value]) {
    for value in sample.iter().take(5_000) {
        black_box(world.node.objects(&world.ctx, value, 10).expect("an answer"));
    }
    let mut times = Vec::new();
    for value in sample.iter().cycle().take(20_000) {
        let start = Instant::now();
        let found = world.node.objects(&world.ctx, value, 10).expect("an answer");
        times.push(start.elapsed().as_secs_f64() * 1e6);
        assert!(!found.is_empty(), "{value:?} is known");
        black_box(found);
    }
    times.sort_by(f64::total_cmp);
    figure("value to objects with JSON, p50", percentile(&times, 0.5), "us", Some(15.0), "lower");
    figure("value to objects with JSON, p99", percentile(&times, 0.99), "us", None, "lower");
}

fn many(world: &World, sample: &[Value]) {
    let texts: Vec<String> = sample
        .iter()
        .take(50_000)
        .map(|value| value.text().to_owned())
        .chain((0..50_000_u64).map(|n| format!("{:064x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
        .collect();
    let start = Instant::now();
    let values: Vec<Value> = texts.iter().flat_map(|text| world.node.values().guess(text)).collect();
    let briefs = world.node.look_brief(&world.ctx, &values).expect("an answer");
    let took = start.elapsed().as_secs_f64();
    let known = briefs.iter().filter(|brief| !brief.owners.is_empty()).count();
    assert!(known >= texts.len() / 2 - 1_000, "{known} of {} known", texts.len());
    figure("look for 100,000 values at once", took * 1e5 / texts.len() as f64, "s", Some(1.0), "lower");
}

fn worst(world: &World) {
    let mut times = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        let value = world.node.values().guess(HOT).remove(0);
        let found = world.node.objects(&world.ctx, &value, 100).expect("an answer");
        let count = world.node.look_brief(&world.ctx, &[value]).expect("an answer");
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!((found.len(), count[0].postings), (100, 1_000_000));
    }
    times.sort_by(f64::total_cmp);
    figure("value with 1 M postings: first 100 and exact count", percentile(&times, 0.5), "ms", Some(20.0), "lower");
}

fn undo(world: &World) {
    let report = {
        let mut bundle = Vec::new();
        comity_testkit::bundle(world.node.store().head().expect("a head").last.0, 77_000, &mut bundle)
            .expect("a world");
        world.take_in_reader("us-bank", Box::new(Cursor::new(bundle)), &|_| {})
    };
    let batch = report.batch.expect("a batch");
    assert_eq!(batch.counts.added, 77_000);
    let start = Instant::now();
    let undone = world.node.undo(&world.ctx, batch.id).expect("an undo");
    figure("undo of a batch of 77,000 objects", start.elapsed().as_secs_f64(), "s", Some(2.0), "lower");
    assert_eq!(undone.versions, 77_000);
    world.node.settle().expect("derived indexes");
}
