//! Searching a register: the records of the benchmark (`../shared/data/names`), and as many made-up persons as
//! `COMITY_BENCH_PERSONS` says (1,000,000), whose names are recombined from those of the records.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

use std::time::Instant;

use comity_names::{Kind, Name, Register, Scratch, points};
use serde_json::Value;

struct Query {
    name: String,
    kind: Kind,
    expect: Vec<u32>,
}

fn main() {
    let Some(records) = lines("index.jsonl") else {
        println!("skipped: ../shared/data absent");
        return;
    };
    let numbers: std::collections::HashMap<&str, u32> =
        records.iter().zip(0_u32..).map(|(record, number)| (record["id"].as_str().expect("an id"), number)).collect();
    let names: Vec<(u32, &str)> = records
        .iter()
        .zip(0_u32..)
        .flat_map(|(record, number)| {
            record["names"].as_array().expect("names").iter().map(move |name| (number, name.as_str().expect("a name")))
        })
        .collect();
    let queries: Vec<Query> = lines("queries.jsonl")
        .expect("queries")
        .iter()
        .map(|query| Query {
            name: query["name"].as_str().expect("a name").to_owned(),
            kind: if query["schema"] == "Person" { Kind::Person } else { Kind::Organisation },
            expect: query["expect"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|id| numbers.get(id.as_str()?).copied())
                .collect(),
        })
        .collect();
    let mut register = Register::default();
    for (bearer, name) in &names {
        register.add(*bearer, &Name::read(name));
    }
    register.settle();
    quality(&register, &queries);
    drop(register);
    large(&names, &queries);
}

fn quality(register: &Register, queries: &[Query]) {
    let mut scratch = Scratch::default();
    let (mut first, mut ten, mut asked) = (0.0, 0.0, 0.0);
    let (mut best, mut empty) = (Vec::new(), Vec::new());
    for query in queries {
        let hits = search(register, &query.name, query.kind, 10, &mut scratch);
        let top = hits.first().map_or(0.0, |hit| hit.1);
        if query.expect.is_empty() {
            empty.push(top);
            continue;
        }
        asked += 1.0;
        first += f64::from(u8::from(hits.first().is_some_and(|hit| query.expect.contains(&hit.0))));
        ten += f64::from(u8::from(hits.iter().any(|hit| query.expect.contains(&hit.0))));
        best.push(hits.iter().filter(|hit| query.expect.contains(&hit.0)).map(|hit| hit.1).fold(0.0, f32::max));
    }
    figure("20,289 records: recall at 1", first / asked, "share", None, "higher");
    figure("20,289 records: recall at 10", ten / asked, "share", None, "higher");
    empty.sort_by(|a, b| b.total_cmp(a));
    let threshold = empty[empty.len() / 100];
    let found = best.iter().filter(|score| **score > threshold).count() as f64 / best.len() as f64;
    figure("20,289 records: recall where 1 % of empty searches alert", found, "share", None, "higher");
}

/// The bearers that are found, with how likely each is.
fn search(register: &Register, name: &str, kind: Kind, most: usize, scratch: &mut Scratch) -> Vec<(u32, f32)> {
    let mut name = Name::read(name);
    register.weigh(&mut name);
    register.search(&name, kind, most, scratch).iter().map(|hit| (hit.bearer, hit.points)).collect()
}

fn large(names: &[(u32, &str)], queries: &[Query]) {
    let persons: u32 =
        std::env::var("COMITY_BENCH_PERSONS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let before = resident();
    let mut register = Register::default();
    for (bearer, name) in names {
        register.add(*bearer, &Name::read(name));
    }
    let mut made: Vec<String> = names.iter().map(|(_, name)| (*name).to_owned()).collect();
    let mut state = 11_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("small") % below
    };
    let began = Instant::now();
    for person in 0..persons {
        for _ in 0..3 {
            let (one, other) = (names[next(names.len())].1, names[next(names.len())].1);
            let (a, b) = (one.split(' ').collect::<Vec<_>>(), other.split(' ').collect::<Vec<_>>());
            let name = [&a[..a.len().div_ceil(2)], &b[b.len() / 2..]].concat().join(" ");
            register.add(30_000 + person, &Name::read(&name));
            if made.len() < 40_000 {
                made.push(name);
            }
        }
    }
    register.settle();
    figure(
        "persons made up, names added a second",
        f64::from(persons) * 3.0 / began.elapsed().as_secs_f64(),
        "names/s",
        None,
        "higher",
    );
    figure("bytes a name", (resident() - before) / register.len() as f64, "B", Some(250.0), "lower");
    let asked: Vec<&Query> = queries.iter().step_by(queries.len() / 3_000).collect();
    let mut scratch = Scratch::default();
    let mut took = Vec::new();
    for query in &asked {
        let began = Instant::now();
        std::hint::black_box(search(&register, &query.name, query.kind, 10, &mut scratch));
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    figure("search among them: p50", took[took.len() / 2], "ms", Some(0.3), "lower");
    figure("search among them: p99", took[took.len() * 99 / 100], "ms", Some(2.0), "lower");
    scan(&register, &asked, &mut scratch);
}

/// How often the best that is found is the best there is.
fn scan(register: &Register, asked: &[&Query], scratch: &mut Scratch) {
    let (mut same, mut all) = (0.0, 0.0);
    for query in asked.iter().filter(|query| !query.expect.is_empty()).step_by(110).take(12) {
        let mut name = Name::read(&query.name);
        register.weigh(&mut name);
        let best = register.all().map(|other| points(&name, &other, query.kind)).fold(f32::NEG_INFINITY, f32::max);
        let found = register.search(&name, query.kind, 1, scratch).first().map_or(f32::NEG_INFINITY, |hit| hit.points);
        all += 1.0;
        same += f64::from(u8::from(found >= best - 1e-4));
    }
    figure("the best that is found is the best a scan finds", same / all, "share", Some(0.95), "higher");
}

fn lines(name: &str) -> Option<Vec<Value>> {
    let path = format!("{}/../../../shared/data/names/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or_default() * 4_096.0
}

fn figure(name: &str, value: f64, unit: &str, target: Option<f64>, better: &str) {
    println!(
        "{}",
        serde_json::json!({"figure": name, "value": value, "unit": unit, "target": target, "better": better})
    );
}
