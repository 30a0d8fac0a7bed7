//! Two nodes with embedded stores that exchange over TLS on this machine. `COMITY_BENCH_OBJECTS` sets how many objects
//! (1,000,000).

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

mod net;

use std::time::Instant;

use comity_node::SourceChange;
use comity_node::intake::{Input, IntakeOptions};
use net::{Served, cpu_seconds, figure, indicator, objects, org, scratch};

fn main() {
    let count = objects();
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let giver = Served::new("giver", &folder.path().join("giver"));
    let taker = Served::new("taker", &folder.path().join("taker"));
    giver.befriend(&taker, "amber");
    for first in (0..count).step_by(50_000) {
        fill(&giver, first, 50_000.min(count - first));
    }
    let (cpu, start) = (cpu_seconds(), Instant::now());
    let stored = fetch(&giver, &taker);
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    assert_eq!(stored, count, "everything arrives");
    let per_million = 1e6 / count as f64;
    figure("first sync, for a million objects", wall * per_million, "s", Some(60.0), "lower");
    figure("first sync, CPU of both", cpu * 1e6 / count as f64, "us/object", None, "lower");
    let (mut times, bytes): (Vec<f64>, Vec<u64>) = (0..20).map(|_| nothing_new(&giver, &taker)).unzip();
    let bytes = bytes.into_iter().max().unwrap_or_default() as f64;
    figure("sync with nothing new, new connection: most bytes both ways", bytes, "bytes", Some(10_000.0), "lower");
    figure("sync with nothing new, new connection, p50", net::percentile(&mut times, 0.5), "ms", Some(100.0), "lower");
}

fn fill(served: &Served, first: u64, count: u64) {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let options = IntakeOptions::noted("bench", &stop);
    let objects: Vec<_> = (first..first + count).map(indicator).collect();
    let bundle = format!("{{\"objects\":[{}]}}", objects.join(",\n"));
    let source = served.node.set_source(&served.ctx, &org("giver"), &SourceChange::default()).expect("a source");
    let input = Input { name: "bench".into(), reader: Box::new(std::io::Cursor::new(bundle.into_bytes())) };
    served.node.intake(&served.ctx, &source, &mut std::iter::once(Ok(input)), &options).expect("taken in");
}

fn fetch(giver: &Served, taker: &Served) -> u64 {
    let mut client = giver.connect_as(taker);
    let peer = taker.node.known_peer(&org("giver")).expect("a peer");
    let mut stored = 0;
    loop {
        let cursor = taker.node.fetched(&peer.name).expect("a cursor").map(|fetched| fetched.cursor);
        let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let reply = client.get(&format!("/comity/v1/feed?limit=5000{cursor}"));
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        let taken = taker.node.take_page(&taker.ctx, &peer, &reply.body).expect("taken");
        stored += taken.stored;
        if !taken.more {
            return stored;
        }
    }
}

fn nothing_new(giver: &Served, taker: &Served) -> (f64, u64) {
    let start = Instant::now();
    let mut client = giver.connect_as(taker);
    let cursor = taker.node.fetched(&org("giver")).expect("a cursor").expect("a cursor").cursor;
    let reply = client.get(&format!("/comity/v1/feed?limit=5000&cursor={cursor}"));
    let took = start.elapsed().as_secs_f64() * 1e3;
    assert_eq!(reply.status, 200);
    (took, client.bytes())
}
