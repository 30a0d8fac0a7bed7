//! The TAXII server over TLS on this machine, with an embedded store. `COMITY_BENCH_OBJECTS` sets how many objects
//! (1,000,000).

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

mod net;

use std::time::Instant;

use comity_node::SourceChange;
use comity_node::intake::{Input, IntakeOptions};
use net::{Bundle, Client, Served, cpu_seconds, figure, indicator, objects, org, percentile, scratch};

fn main() {
    let count = objects();
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let served = Served::new("bench", folder.path());
    fill(&served, count);
    let all = served.tool("sees-all", "amber");
    let few = served.tool("sees-few", "clear");
    walk(&served, "everything", &all, count);
    walk(&served, "0.1 %", &few, count.div_ceil(1_000));
    by_date(&served, &all);
    by_id(&served, &all, count);
    posts(&served, &all, count);
}

fn fill(served: &Served, count: u64) {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let options = IntakeOptions::noted("bench", &stop);
    let source = served.node.set_source(&served.ctx, &org("bench"), &SourceChange::default()).expect("a source");
    let stream = Bundle::new(count, indicator);
    let input = Input { name: "bench".into(), reader: Box::new(stream) };
    let report = served.node.intake(&served.ctx, &source, &mut std::iter::once(Ok(input)), &options).expect("taken in");
    assert_eq!(report.batch.expect("a batch").counts.added, count);
}

fn collection(client: &mut Client) -> String {
    let reply = client.get("/taxii2/root/collections/");
    let read: serde_json::Value = serde_json::from_slice(&reply.body).expect("collections");
    let id = read["collections"].as_array().expect("a list").iter().find(|one| one["can_read"] == true).expect("one");
    format!("/taxii2/root/collections/{}", id["id"].as_str().expect("an id"))
}

fn authorised(served: &Served, secret: &str) -> Client {
    served.connect().with(&format!("authorization: Bearer {secret}\r\naccept: application/taxii+json;version=2.1\r\n"))
}

/// Everything, page by page, over one connection.
fn walk(served: &Served, who: &str, secret: &str, expected: u64) {
    let mut client = authorised(served, secret);
    let base = collection(&mut client);
    let (mut seen, mut next, mut times) = (0, String::new(), Vec::new());
    let (cpu, start) = (cpu_seconds(), Instant::now());
    loop {
        let begun = Instant::now();
        let reply = client.get(&format!("{base}/objects/?limit=1000{next}"));
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        seen += memchr_count(&reply.body);
        let tail = String::from_utf8_lossy(&reply.body[reply.body.len().saturating_sub(400)..]).into_owned();
        let Some((_, token)) = tail.rsplit_once("\"next\":\"") else { break };
        next = format!("&next={}", token.trim_end_matches("\"}"));
    }
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu;
    assert_eq!(seen, expected, "everything, and nothing twice");
    let rate = (who == "everything").then_some(300_000.0);
    figure(
        &format!("pages of 1,000, {who} seen: rate over one connection"),
        seen as f64 / wall,
        "objects/s",
        rate,
        "higher",
    );
    figure(
        &format!("pages of 1,000, {who} seen: CPU of server and client"),
        cpu * 1e6 / seen as f64,
        "us/object",
        None,
        "lower",
    );
    figure(&format!("pages of 1,000, {who} seen: p50"), percentile(&mut times, 0.5), "ms", None, "lower");
    figure(&format!("pages of 1,000, {who} seen: p99"), percentile(&mut times, 0.99), "ms", Some(50.0), "lower");
}

/// Objects of a page, without reading it.
fn memchr_count(body: &[u8]) -> u64 {
    memchr::memmem::find_iter(body, b"\"type\":\"indicator\"").count() as u64
}

/// A filter by date in the middle.
fn by_date(served: &Served, secret: &str) {
    let mut client = authorised(served, secret);
    let base = collection(&mut client);
    let half = comity_base::Position(objects() / 2);
    let date = served.node.date_added(half).expect("a date").expect("a date").to_string();
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        let reply = client.get(&format!("{base}/objects/?limit=10&added_after={date}"));
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(reply.status, 200);
    }
    figure("ten objects added after a date in the middle, p50", percentile(&mut times, 0.5), "ms", None, "lower");
    figure(
        "ten objects added after a date in the middle, p99",
        percentile(&mut times, 0.99),
        "ms",
        Some(50.0),
        "lower",
    );
}

fn by_id(served: &Served, secret: &str, count: u64) {
    let mut client = authorised(served, secret);
    let base = collection(&mut client);
    let mut times = Vec::new();
    for n in 0..500 {
        let number = n * 7_919 % count;
        let begun = Instant::now();
        let reply = client.get(&format!("{base}/objects/indicator--{number:08x}-0000-4000-8000-{number:012x}/"));
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(reply.status, 200);
    }
    figure("one object by its id, p50", percentile(&mut times, 0.5), "ms", None, "lower");
}

/// Envelopes of 1,000 objects, each durable before it is answered.
fn posts(served: &Served, secret: &str, count: u64) {
    let mut client = authorised(served, secret);
    let bodies: Vec<_> = (0..50).map(|batch| envelope(count + batch * 1_000)).collect();
    let (cpu, start) = (cpu_seconds(), Instant::now());
    for body in &bodies {
        let reply = client.post("/taxii2/root/collections/inbox/objects/", body);
        assert_eq!(reply.status, 202, "{}", String::from_utf8_lossy(&reply.body));
    }
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    figure("posts of 1,000 objects, durable", 50_000.0 / wall, "objects/s", Some(25_000.0), "higher");
    figure("posts of 1,000 objects, CPU of server and client", cpu * 1e6 / 50_000.0, "us/object", None, "lower");
}

fn envelope(first: u64) -> Vec<u8> {
    let objects: Vec<_> = (first..first + 1_000).map(indicator).collect();
    format!("{{\"objects\":[{}]}}", objects.join(",")).into_bytes()
}
