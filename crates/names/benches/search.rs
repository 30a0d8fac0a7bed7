//! Searching a register: the records of the benchmark (`../shared/data/names`), persons and organisations each in one of their own,
//! and as many made-up persons as `COMITY_BENCH_PERSONS` says (1,000,000), whose names are recombined from those of the records.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use comity_names::{Also, Born, Builder, Facts, Hit, Kind, Name, Register, Scratch, View};
use serde_json::Value;

struct Query {
    name: String,
    kind: Kind,
    /// What else is said, where it is.
    facts: Facts,
    expect: Vec<u32>,
}

fn main() {
    let Some(records) = lines("index.jsonl") else {
        println!("skipped: ../shared/data absent");
        return;
    };
    let numbers: HashMap<&str, u32> =
        records.iter().zip(0_u32..).map(|(record, number)| (record["id"].as_str().expect("an id"), number)).collect();
    let names = |kind: Kind| -> Vec<(u32, &str)> {
        let of_kind = records.iter().zip(0_u32..).filter(|(record, _)| kind_of(record) == kind);
        let names = of_kind.flat_map(|(record, number)| list(&record["names"]).iter().map(move |name| (number, name)));
        names.map(|(number, name)| (number, name.as_str().expect("a name"))).collect()
    };
    let queries: Vec<Query> = lines("queries.jsonl")
        .expect("queries")
        .iter()
        .map(|query| Query {
            name: query["name"].as_str().expect("a name").to_owned(),
            kind: kind_of(query),
            facts: facts(std::slice::from_ref(&query["dob"]), std::slice::from_ref(&query["nat"])),
            expect: query["expect"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|id| numbers.get(id.as_str()?).copied())
                .collect(),
        })
        .collect();
    let of_kind = |kind: Kind| {
        let mut builder = Builder::default();
        for (bearer, name) in names(kind) {
            for name in Name::readings(name, kind) {
                builder.add(bearer, &name);
            }
        }
        Searched::of(builder.settle())
    };
    let (persons, organisations) = (of_kind(Kind::Person), of_kind(Kind::Organisation));
    quality(&[&persons, &organisations], &queries);
    let known: Vec<Facts> = records.iter().map(|record| facts(list(&record["dob"]), list(&record["nat"]))).collect();
    travellers(&persons, &queries, &known);
    let asked: Vec<&Query> = queries.iter().filter(|query| query.kind == Kind::Person).collect();
    let asked: Vec<&Query> = asked.iter().step_by((asked.len() / 3_000).max(1)).copied().collect();
    let names = names(Kind::Person);
    let persons = std::env::var("COMITY_BENCH_PERSONS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    small(&names, &asked, persons.min(100_000));
    large(&names, &asked, persons);
}

fn kind_of(record: &Value) -> Kind {
    if record["schema"] == "Person" { Kind::Person } else { Kind::Organisation }
}

/// A register with a view of all of it.
struct Searched {
    register: Register,
    view: View,
}

impl Searched {
    fn of(register: Register) -> Self {
        let view = register.view(&|_| true);
        Self { register, view }
    }

    fn search(&self, name: &str, kind: Kind, most: usize, scratch: &mut Scratch) -> Vec<Hit> {
        let mut hits = Vec::new();
        for mut name in Name::readings(name, kind) {
            self.register.weigh(&self.view, &mut name);
            let query = comity_names::Query::new(&name, kind, most);
            hits.extend(self.register.search(&self.view, &query, scratch));
        }
        hits.sort_by(|a, b| b.total.total_cmp(&a.total));
        let mut seen = HashSet::new();
        hits.retain(|hit| seen.insert(hit.bearer));
        hits.truncate(most);
        hits
    }

    fn weighed(&self, name: &str, kind: Kind) -> Name {
        let mut name = Name::read(name, kind);
        self.register.weigh(&self.view, &mut name);
        name
    }
}

fn quality([persons, organisations]: &[&Searched; 2], queries: &[Query]) {
    let mut scratch = Scratch::default();
    let (mut first, mut ten, mut asked) = (0.0, 0.0, 0.0);
    let (mut best, mut empty) = (Vec::new(), Vec::new());
    for query in queries {
        let searched = if query.kind == Kind::Person { persons } else { organisations };
        let hits = searched.search(&query.name, query.kind, 10, &mut scratch);
        let top = hits.first().map_or(0.0, |hit| hit.points);
        if query.expect.is_empty() {
            empty.push(top);
            continue;
        }
        let is_right = |hit: &&Hit| query.expect.contains(&hit.bearer);
        asked += 1.0;
        first += f64::from(u8::from(hits.first().as_ref().is_some_and(is_right)));
        ten += f64::from(u8::from(hits.iter().any(|hit| is_right(&hit))));
        best.push(hits.iter().filter(is_right).map(|hit| hit.points).fold(0.0, f32::max));
    }
    figure("20,289 records: recall at 1", first / asked, "share", None, "higher");
    figure("20,289 records: recall at 10", ten / asked, "share", None, "higher");
    empty.sort_by(|a, b| b.total_cmp(a));
    let threshold = empty[empty.len() / 100];
    let found = best.iter().filter(|score| **score > threshold).count() as f64 / best.len() as f64;
    figure("20,289 records: recall where 1 % of empty searches alert", found, "share", None, "higher");
}

/// Who is stopped at a border by name, birth date and nationality: of those who are on no list, and of those who are.
fn travellers(searched: &Searched, queries: &[Query], known: &[Facts]) {
    let mut scratch = Scratch::default();
    let none = Facts::default();
    let [mut strangers, mut stopped, mut listed, mut found] = [0.0; 4];
    for query in queries.iter().filter(|query| !query.facts.is_empty() && query.kind == Kind::Person) {
        let name = searched.weighed(&query.name, query.kind);
        let also = |bearer: u32| query.facts.points(known.get(bearer as usize).unwrap_or(&none));
        let asked = comity_names::Query {
            from: AT_A_BORDER,
            also: Some(Also { points: &also, most: query.facts.most_points() }),
            ..comity_names::Query::new(&name, query.kind, 5)
        };
        let hits = searched.register.search(&searched.view, &asked, &mut scratch);
        if query.expect.is_empty() {
            strangers += 1.0;
            stopped += share_of(!hits.is_empty());
        } else {
            listed += 1.0;
            found += share_of(hits.iter().any(|hit| query.expect.contains(&hit.bearer)));
        }
    }
    figure(
        "20,289 records: travellers on no list stopped at a border",
        stopped / strangers,
        "share",
        Some(0.0005),
        "lower",
    );
    figure("20,289 records: travellers on a list found at a border", found / listed, "share", None, "higher");
}

/// Log odds from which on a border is told where so many names are known (`comity_node::usual_from`).
const AT_A_BORDER: f32 = 6.9;

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn facts(births: &[Value], nations: &[Value]) -> Facts {
    let mut facts = Facts::default();
    for birth in births.iter().filter_map(Value::as_str) {
        let mut parts = birth.split('-').map(|part| part.parse::<u16>().unwrap_or_default());
        let mut next = || parts.next().unwrap_or_default();
        let small = |number: u16| u8::try_from(number).unwrap_or_default();
        facts.add_birth(Born { year: next(), month: small(next()), day: small(next()), spread: 0 });
    }
    nations.iter().filter_map(Value::as_str).for_each(|nation| facts.add_nation(nation));
    facts
}

/// The names of the records, and three of each of so many persons, the beginning of one name with the end of another.
fn each(names: &[(u32, &str)], persons: u32, mut add: impl FnMut(u32, &str)) {
    for (bearer, name) in names {
        add(*bearer, name);
    }
    let mut state = 11_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("small") % below
    };
    for person in 0..persons {
        for _ in 0..3 {
            let (one, other) = (names[next(names.len())].1, names[next(names.len())].1);
            let (a, b) = (one.split(' ').collect::<Vec<_>>(), other.split(' ').collect::<Vec<_>>());
            add(30_000 + person, &[&a[..a.len().div_ceil(2)], &b[b.len() / 2..]].concat().join(" "));
        }
    }
}

fn made_up(names: &[(u32, &str)], persons: u32) -> Register {
    let mut builder = Builder::default();
    each(names, persons, |bearer, name| builder.add(bearer, &Name::read(name, Kind::Person)));
    builder.settle()
}

fn large(names: &[(u32, &str)], asked: &[&Query], persons: u32) {
    let began = Instant::now();
    let register = made_up(names, persons);
    let added = register.len() as f64 / began.elapsed().as_secs_f64();
    figure("persons made up, names added a second", added, "names/s", None, "higher");
    let mut written = Vec::new();
    register.write(&mut written).expect("memory is written to");
    figure("bytes a name, written", written.len() as f64 / register.len() as f64, "B", None, "lower");
    drop(register);
    let before = resident();
    let began = Instant::now();
    let register = Register::read(&written).expect("what was written");
    figure("ready after a restart", began.elapsed().as_secs_f64(), "s", Some(2.0), "lower");
    let began = Instant::now();
    let searched = Searched::of(register);
    figure("a view of all of it", began.elapsed().as_secs_f64() * 1e3, "ms", None, "lower");
    let held = (resident() - before) / searched.register.len() as f64;
    figure("bytes a name, with a view", held, "B", Some(80.0), "lower");
    drop(written);
    let fresh = made_up(names, 1_000);
    let began = Instant::now();
    let merged =
        Register::merged(&[(&searched.register, &|bearer| bearer % 100 != 0), (&fresh, &|bearer| bearer % 100 == 0)]);
    figure("names merged a second", merged.len() as f64 / began.elapsed().as_secs_f64(), "names/s", None, "higher");
    drop((merged, fresh));
    timed(&searched, asked, if persons > 1_000_000 { (None, Some(8.0)) } else { (Some(0.3), Some(2.0)) });
    // Of more, each scan takes half a minute.
    if persons <= 1_000_000 {
        scan(&searched, asked, 150, "among all");
    }
}

/// How long searches take: by themselves, and of a list of names that is screened, where parts come again. All are made three
/// times over, and of each the middle one counts: others work on this machine too.
fn timed(searched: &Searched, asked: &[&Query], targets: (Option<f64>, Option<f64>)) {
    for screens in [false, true] {
        let mut took = vec![[0.0_f64; 3]; asked.len()];
        for round in 0..3 {
            let mut scratch = Scratch::default();
            for (query, took) in asked.iter().zip(&mut took) {
                if !screens {
                    scratch.forget();
                }
                let began = Instant::now();
                std::hint::black_box(searched.search(&query.name, query.kind, 10, &mut scratch));
                took[round] = began.elapsed().as_secs_f64() * 1e3;
            }
        }
        let mut middle: Vec<f64> = took
            .iter_mut()
            .map(|three| {
                three.sort_by(f64::total_cmp);
                three[1]
            })
            .collect();
        middle.sort_by(f64::total_cmp);
        let (what, (p50, p99)) = if screens { ("of a list", (None, None)) } else { ("among them", targets) };
        figure(&format!("search {what}: p50"), middle[middle.len() / 2], "ms", p50, "lower");
        figure(&format!("search {what}: p99"), middle[middle.len() * 99 / 100], "ms", p99, "lower");
    }
}

/// How often a search finds what a scan does, where both are done a few hundred times.
fn small(names: &[(u32, &str)], asked: &[&Query], persons: u32) {
    scan(&Searched::of(made_up(names, persons)), asked, 400, "among 100,000 persons");
}

/// Of so many searches: where a scan puts somebody first who is sought, how many put one first; how many find the best of a scan;
/// the same where that is likely; and where it is.
fn scan(searched: &Searched, asked: &[&Query], most: usize, among: &str) {
    let mut scratch = Scratch::default();
    let [mut all, mut found, mut likely, mut likely_found, mut right, mut right_found, mut sought] = [0.0; 7];
    for asked in asked.iter().step_by((asked.len() / most).max(1)).take(most) {
        let name = searched.weighed(&asked.name, asked.kind);
        let query = comity_names::Query::new(&name, asked.kind, 10);
        let points = |hits: &[Hit]| hits.first().map_or(f32::NEG_INFINITY, |hit| hit.points);
        let is_right = |hits: &[Hit]| share_of(hits.first().is_some_and(|hit| asked.expect.contains(&hit.bearer)));
        let scanned = searched.register.scan(&searched.view, &query, &mut scratch);
        let searched = searched.register.search(&searched.view, &query, &mut scratch);
        let best = points(&scanned);
        let (is_found, is_likely) = (share_of(points(&searched) >= best), share_of(best >= 6.0));
        all += 1.0;
        found += is_found;
        likely += is_likely;
        likely_found += is_found * is_likely;
        right += is_right(&scanned);
        right_found += is_right(&searched);
        sought += share_of(!asked.expect.is_empty());
    }
    let share = |what: &str, value: f64, target| figure(&format!("{among}, {what}"), value, "share", target, "higher");
    share("recall at 1 of a scan", right / sought, None);
    share("recall at 1 as a share of a scan's", right_found / right, Some(0.95));
    share("a scan finds one of 6 points and more", likely / all, None);
    share("where it does, the best found is the best of a scan", likely_found / likely, Some(0.95));
    share("the best found is the best of a scan, whoever it is", found / all, None);
}

fn share_of(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
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
