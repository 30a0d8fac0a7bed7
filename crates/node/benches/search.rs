//! Searching persons and documents of a stored world, with its entry in the ledger. `COMITY_BENCH_PERSONS` sets how many persons
//! (1,000,000, made up, with two or three names and a passport each), `COMITY_BENCH_DOCUMENTS` how many documents are in the
//! register beside them (1,000,000).

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

#[path = "world/mod.rs"]
mod world;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Instant;

use comity_node::{Ctx, PersonAsk, Purpose, SourceChange};
use comity_stix::ObjectId;
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::{DocumentState, PartialDate};
use comity_testkit::{MadeUp, People, Random, stream};
use uuid::Uuid;
use world::{World, anonymous_memory, figure, percentile};

fn main() {
    let (persons, documents) = (number("COMITY_BENCH_PERSONS"), number("COMITY_BENCH_DOCUMENTS"));
    // What was made up by another program is made anew.
    let made_up = People::new(1).take(100).fold(DefaultHasher::new(), |mut all, one| {
        one.name.hash(&mut all);
        all
    });
    let folder = world::scratch().join(format!("search-{persons}-{documents}-{:x}", made_up.finish()));
    if !folder.join("ready").exists() {
        build(&folder, persons, documents);
    }
    let began = Instant::now();
    let world = World::open(&folder);
    let before = anonymous_memory();
    world.node.read_for_lists().expect("names");
    figure("index ready after a restart", began.elapsed().as_secs_f64(), "s", Some(5.0), "lower");
    let memory = (anonymous_memory() - before) * 1024.0 * 1024.0;
    figure("memory of the names and facts, a person", memory / persons as f64, "B", None, "lower");
    figure("memory of the names and facts, a name", memory / names_of(persons), "B", Some(250.0), "lower");
    let listed: Vec<MadeUp> =
        People::new(1).take(usize::try_from(persons).expect("fits")).step_by(97).take(3_000).collect();
    names(&world, &listed);
    known(&world, &listed);
    zones(&world, documents);
    screening(&world, persons);
    travellers(&world, persons);
    // Names that had to be read anew, because another version wrote them down, are there at the next start.
    world.node.settle().expect("derived indexes");
}

fn number(name: &str) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

fn build(folder: &std::path::Path, persons: u64, documents: u64) {
    drop(std::fs::remove_dir_all(folder));
    std::fs::create_dir_all(folder).expect("a folder");
    let world = World::create(folder);
    let mut random = Random::new(1);
    let mut people = People::new(1).take(usize::try_from(persons).expect("fits"));
    let began = Instant::now();
    let lines = std::iter::from_fn(move || {
        let some: String = people.by_ref().take(1_000).map(|one| one.identity(&mut random) + "\n").collect();
        (!some.is_empty()).then_some(some)
    });
    world.take_in_reader("ee-police", stream(lines), &|_| {});
    let ee = comity_base::OrgName::parse("ee-register").expect("a name");
    let country = SourceChange { country: Some("EE".into()), ..SourceChange::default() };
    world.node.set_source(&world.ctx, &ee, &country).expect("a source");
    let lines = (0..documents.div_ceil(1_000)).map(|piece| (0..1_000).map(|at| document(piece * 1_000 + at)).collect());
    world.take_in_reader("ee-register", stream(lines), &|_| {});
    figure(
        "persons and documents taken in",
        (persons + documents) as f64 / began.elapsed().as_secs_f64(),
        "objects/s",
        None,
        "higher",
    );
    let began = Instant::now();
    world.node.read_for_lists().expect("names");
    figure("names read for the first time", began.elapsed().as_secs_f64(), "s", None, "lower");
    world.node.settle().expect("derived indexes");
    std::fs::write(folder.join("ready"), "").expect("a mark");
}

fn document(number: u64) -> String {
    let id = ObjectId::new(DOCUMENT_TYPE, Uuid::from_u128(u128::from(number) | 0x4000_8000_0000_0000_0000 << 32))
        .expect("an id");
    let state = DocumentState::Stolen;
    let listed = ListedDocument { kind: "P".into(), issuer: "EST".into(), number: spread(number), state, since: None };
    let time = "2026-01-01T00:00:00.000Z";
    listed.to_object(&id, time, time).to_string() + "\n"
}

/// The number of a document: each another, spread over all there are.
fn spread(number: u64) -> String {
    format!("K{:09}", number.wrapping_mul(48_271_001) % 1_000_000_000)
}

fn ask(one: &MadeUp) -> PersonAsk {
    PersonAsk { name: Some(one.name.clone()), most: 5, ..PersonAsk::default() }
}

/// Names alone and with a birth date, in either script, each search with its entry.
fn names(world: &World, listed: &[MadeUp]) {
    let mut took = Vec::new();
    for (at, one) in listed.iter().enumerate() {
        let name = one.native.clone().filter(|_| at % 2 == 0).unwrap_or_else(|| one.name.clone());
        let born = PartialDate::parse(&one.born).ok().filter(|_| at % 3 == 0);
        let asked = PersonAsk { name: Some(name), born, ..ask(one) };
        took.push(timed(|| world.node.search_persons(&world.ctx, &asked).map(drop)));
    }
    took.sort_by(f64::total_cmp);
    figure("a search for a name with its entry: p50", percentile(&took, 0.5), "ms", None, "lower");
    figure("a search for a name with its entry: p99", percentile(&took, 0.99), "ms", None, "lower");
}

/// Of those who are listed, how many are found first by their name in either script and birth date.
fn known(world: &World, listed: &[MadeUp]) {
    let (mut found, mut all) = (0.0, 0.0);
    for one in listed.iter().filter(|one| one.native.is_some()).take(1_000) {
        let asked = PersonAsk { name: one.native.clone(), born: PartialDate::parse(&one.born).ok(), ..ask(one) };
        let answer = world.node.search_persons(&border(world), &asked).expect("an answer");
        all += 1.0;
        found += f64::from(u8::from(answer.persons.iter().any(|first| first.calling == one.name)));
    }
    figure(
        "listed persons found at a border by name in their own script and birth date",
        found / all,
        "share",
        None,
        "higher",
    );
}

fn zones(world: &World, documents: u64) {
    let (mut exact, mut near) = (Vec::new(), Vec::new());
    for at in 0..2_000 {
        let number = spread(at * 397 % documents.max(1));
        let wrong = format!("{}{}", &number[..9], (number.as_bytes()[9] - b'0' + 1) % 10);
        for (text, took) in [(number, &mut exact), (wrong, &mut near)] {
            let asked = PersonAsk { document: Some(format!("EST:P:{text}")), most: 5, ..PersonAsk::default() };
            took.push(timed(|| world.node.search_persons(&world.ctx, &asked).map(drop)));
        }
    }
    for (name, took) in [("exactly", &mut exact), ("a slip away", &mut near)] {
        took.sort_by(f64::total_cmp);
        figure(&format!("a document, {name}, with its entry: p50"), percentile(took, 0.5), "ms", None, "lower");
        figure(&format!("a document, {name}, with its entry: p99"), percentile(took, 0.99), "ms", None, "lower");
    }
}

/// Travellers who are on no list: each has the given name of one who is and the family name of another, and a birth date of their
/// own. Whoever has the very name of somebody listed is left out.
fn strangers(persons: u64, count: usize) -> Vec<PersonAsk> {
    let listed: Vec<MadeUp> = People::new(1).take(usize::try_from(persons).expect("fits")).collect();
    let names: HashSet<&str> = listed.iter().map(|one| one.name.as_str()).collect();
    let mut random = Random::new(5);
    let mut dates = People::new(2);
    let mut rows = Vec::with_capacity(count);
    while rows.len() < count {
        let (one, other) = (random.pick(&listed), random.pick(&listed));
        let Some(given) = one.name.strip_suffix(&one.family) else { continue };
        let name = format!("{given}{}", other.family);
        if one.nationality != other.nationality || names.contains(name.as_str()) {
            continue;
        }
        let born = dates.next().and_then(|made| PartialDate::parse(&made.born).ok());
        rows.push(PersonAsk {
            name: Some(name),
            born,
            nationality: Some(one.nationality.to_owned()),
            most: 5,
            ..PersonAsk::default()
        });
    }
    rows
}

fn screening(world: &World, persons: u64) {
    let rows = strangers(persons, 20_000);
    let began = Instant::now();
    for some in rows.chunks(1_000) {
        world.node.screen_persons(&border(world), some).expect("answers");
    }
    figure(
        "rows screened on one core",
        rows.len() as f64 / began.elapsed().as_secs_f64(),
        "rows/s",
        Some(3_000.0),
        "higher",
    );
}

fn travellers(world: &World, persons: u64) {
    let rows = strangers(persons, 40_000);
    let mut stopped = 0;
    for some in rows.chunks(1_000) {
        let found = world.node.screen_persons(&border(world), some).expect("answers");
        stopped += found.iter().filter(|row| row.found.as_ref().is_ok_and(|found| !found.persons.is_empty())).count();
    }
    figure("travellers stopped who are on no list", stopped as f64 / rows.len() as f64, "share", Some(0.0005), "lower");
}

fn border(world: &World) -> Ctx {
    Ctx { purpose: Purpose::Prevention, ..world.ctx.clone() }
}

fn timed<E: std::fmt::Debug>(work: impl FnOnce() -> Result<(), E>) -> f64 {
    let began = Instant::now();
    work().expect("an answer");
    began.elapsed().as_secs_f64() * 1e3
}

/// How many names so many made-up persons have ([`MadeUp::identity`]).
fn names_of(persons: u64) -> f64 {
    let people = People::new(1).take(usize::try_from(persons).expect("fits"));
    people.map(|one| if one.native.is_some() { 3.0 } else { 2.0 }).sum()
}
