//! What the scorer tells apart on the development half of the benchmark (`../shared/data/names`), and what that costs. With
//! `COMITY_NAMES_NUMBERS` it writes the numbers that scores are made of to that file, for `tools/names/learn.py`.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

use std::collections::HashMap;
use std::time::Instant;

use comity_names::{Kind, Name, Rarity, Script, likelihood, likest, numbers, points, probability};

/// One pair of the benchmark.
struct Row {
    texts: [String; 2],
    one: Name,
    other: Name,
    /// Both in all their readings, where one has more than one.
    readings: Option<Box<[Vec<Name>; 2]>>,
    is_same: bool,
    kind: Kind,
    is_across: bool,
    category: String,
}

impl Row {
    fn likelihood(&self) -> f32 {
        match &self.readings {
            None => likelihood(&self.one, &self.other, self.kind),
            Some(both) => likest(&both[0], &both[1], self.kind).map_or(0.0, |(_, _, points)| probability(points)),
        }
    }

    fn names(&mut self) -> impl Iterator<Item = &mut Name> {
        let readings = self.readings.iter_mut().flat_map(|both| both.iter_mut().flatten());
        [&mut self.one, &mut self.other].into_iter().chain(readings)
    }
}

fn main() {
    let Some(mut rows) = rows() else {
        println!("skipped: ../shared/data absent");
        return;
    };
    let mut rarity = Rarity::default();
    for row in &mut rows {
        row.names().for_each(|name| rarity.add(name));
    }
    for row in &mut rows {
        row.names().for_each(|name| rarity.weigh(name));
    }
    let mut took: Vec<f64> = (0..5).map(|_| time(&rows)).collect();
    took.sort_by(f64::total_cmp);
    let scores: Vec<f32> = rows.iter().map(Row::likelihood).collect();
    let of = |is: &dyn Fn(&Row) -> bool| -> Vec<(f32, bool)> {
        rows.iter().zip(&scores).filter(|(row, _)| is(row)).map(|(row, score)| (*score, row.is_same)).collect()
    };
    let person = |row: &Row| row.kind == Kind::Person;
    figure("recall at 1 % false positives, all", recall(&of(&|_| true)), Some(0.92));
    figure("recall at 1 %, persons across scripts", recall(&of(&|row| person(row) && row.is_across)), Some(0.98));
    figure("recall at 1 %, persons in one script", recall(&of(&|row| person(row) && !row.is_across)), Some(0.94));
    figure("recall at 1 %, organisations", recall(&of(&|row| !person(row))), None);
    figure("best F1, all", best_f1(&of(&|_| true)), Some(0.96));
    figure("calibration error, all", calibration(&of(&|_| true)), None);
    tell("processor time a pair", took[2], "us", Some(2.0), "lower");
    if let Ok(path) = std::env::var("COMITY_NAMES_NUMBERS") {
        let line = |row: &Row| {
            let numbers: Vec<String> = numbers(&row.one, &row.other).iter().map(|one| format!("{one:.4}")).collect();
            format!("{}\t{}\t{}\t{}\n", u8::from(row.is_same), card(row), row.category, numbers.join("\t"))
        };
        let made = made_up(&rows, &rarity);
        std::fs::write(path, rows.iter().chain(&made).map(line).collect::<String>()).expect("numbers are written");
    }
}

fn rows() -> Option<Vec<Row>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/names/pairs.csv");
    let mut reader = csv::Reader::from_path(path).ok()?;
    let row = |record: csv::StringRecord| {
        let kind = if &record[4] == "Person" { Kind::Person } else { Kind::Organisation };
        let readings = [0, 1].map(|at| Name::readings(&record[at], kind));
        Row {
            texts: [record[0].to_owned(), record[1].to_owned()],
            one: Name::read(&record[0], kind),
            other: Name::read(&record[1], kind),
            readings: readings.iter().any(|all| all.len() > 1).then(|| Box::new(readings)),
            is_same: &record[2] == "1",
            category: record[3].to_owned(),
            kind,
            is_across: record[5] != record[6],
        }
    };
    Some(reader.records().map(|record| row(record.expect("a row"))).collect())
}

/// What a pair is scored by.
fn card(row: &Row) -> &'static str {
    let is_written = |is: fn(Script) -> bool| row.texts.iter().filter_map(|text| script(text)).any(is);
    match (row.is_across, row.kind) {
        (true, Kind::Person) if is_written(|script| script.leaves_vowels_out() || script.sounds_out()) => {
            "person-sounded"
        }
        (true, Kind::Person) => "person-across",
        (true, Kind::Organisation) => "organisation-across",
        (false, Kind::Person) => "person",
        (false, Kind::Organisation) => "organisation",
    }
}

/// Pairs that are not the same, for learning: names that have nothing to do with each other, the likeliest of many such, a
/// name beside its commonest part, and a name of which one part is another like it. A benchmark holds few of them, for they are easy, and
/// registers hold little else.
fn made_up(rows: &[Row], rarity: &Rarity) -> Vec<Row> {
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("small") % below
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for part in rows.iter().flat_map(|row| &row.texts).flat_map(|text| text.split(' ')) {
        *counts.entry(part.to_lowercase()).or_default() += 1;
    }
    let mut made = Vec::new();
    while made.len() < MADE {
        let (a, side) = (&rows[next(rows.len())], next(2));
        let one = &a.texts[side];
        let (category, text) = match next(4) {
            3 if !a.is_same => continue,
            3 => match kin(rows, a, 1 - side, &mut next) {
                Some(text) => ("made-kin", text),
                None => continue,
            },
            0 => ("made-others", another(rows, a, &mut next)),
            1 => {
                let all = (0..LIKELIEST).map(|_| another(rows, a, &mut next));
                let points =
                    |text: &String| points(&weighed(one, a.kind, rarity), &weighed(text, a.kind, rarity), a.kind);
                ("made-near", all.max_by(|x, y| points(x).total_cmp(&points(y))).expect("some"))
            }
            _ if !a.is_same => continue,
            _ => match commonest(&a.texts[1 - side], &counts) {
                Some(part) => ("made-part", part),
                None => continue,
            },
        };
        let (one, other) = (weighed(one, a.kind, rarity), weighed(&text, a.kind, rarity));
        // Two of all these names are the same by chance: how much that says, the benchmark tells.
        let is_by_chance = matches!(category, "made-others" | "made-near") && points(&one, &other, a.kind) > CHANCE;
        if one.is_empty() || other.is_empty() || is_by_chance {
            continue;
        }
        let is_across = script(&a.texts[side]) != script(&text);
        let (texts, category) = ([a.texts[side].clone(), text], category.to_owned());
        made.push(Row { texts, one, other, readings: None, is_same: false, kind: a.kind, is_across, category });
    }
    made
}

/// The part of a name, no small word, that stands in most names, where it stands in many.
fn commonest(text: &str, counts: &HashMap<String, usize>) -> Option<String> {
    let count = |part: &&str| counts.get(&part.to_lowercase()).copied().unwrap_or_default();
    let common = text.split(' ').filter(|part| *part != text && part.chars().count() > 2 && count(part) >= COMMON);
    common.max_by_key(count).map(ToOwned::to_owned)
}

/// A name that has nothing to do with a pair, across scripts where the pair is, whole or recombined of two.
fn another(rows: &[Row], a: &Row, next: &mut impl FnMut(usize) -> usize) -> String {
    loop {
        let (b, c) = (&rows[next(rows.len())], &rows[next(rows.len())]);
        let (one, other) = (&b.texts[next(2)], &c.texts[next(2)]);
        if b.kind == a.kind && (!a.is_across || script(one) != script(&a.texts[0])) {
            let (parts, others) = (one.split(' ').collect::<Vec<_>>(), other.split(' ').collect::<Vec<_>>());
            return if next(2) == 0 { one.clone() } else { joined(&parts, &others) };
        }
    }
}

/// A name of which one part is another, the likest of many at its place: a brother, a cousin, somebody of a like name.
fn kin(rows: &[Row], a: &Row, side: usize, next: &mut impl FnMut(usize) -> usize) -> Option<String> {
    let parts: Vec<&str> = a.texts[side].split(' ').collect();
    if parts.len() < 2 {
        return None;
    }
    let at = next(parts.len());
    let is_long = |part: &str| part.chars().count() > 2;
    let like = |part: &str| points(&Name::read(parts[at], a.kind), &Name::read(part, a.kind), a.kind);
    let mut best: Option<(f32, &str)> = None;
    for _ in 0..KIN {
        let b = &rows[next(rows.len())];
        let other: Vec<&str> = b.texts[next(2)].split(' ').collect();
        let Some(part) = other.get(at).filter(|part| other.len() == parts.len() && is_long(part)) else { continue };
        let is_other =
            b.kind == a.kind && script(part) == script(parts[at]) && part.to_lowercase() != parts[at].to_lowercase();
        let likely = like(part);
        if is_other && likely < SAME && best.is_none_or(|(most, _)| likely > most) {
            best = Some((likely, part));
        }
    }
    let (_, part) = best?;
    Some(parts.iter().enumerate().map(|(i, old)| if i == at { part } else { old }).collect::<Vec<_>>().join(" "))
}

/// The beginning of one and the end of the other.
fn joined(parts: &[&str], others: &[&str]) -> String {
    [&parts[..parts.len().div_ceil(2)], &others[others.len() / 2..]].concat().join(" ")
}

fn weighed(text: &str, kind: Kind, rarity: &Rarity) -> Name {
    let mut name = Name::read(text, kind);
    rarity.weigh(&mut name);
    name
}

fn script(text: &str) -> Option<Script> {
    text.chars().find_map(Script::of)
}

/// Microseconds a pair.
fn time(rows: &[Row]) -> f64 {
    let began = Instant::now();
    let sum: f32 = rows.iter().map(Row::likelihood).sum();
    assert!(sum > 0.0);
    began.elapsed().as_secs_f64() * 1e6 / rows.len() as f64
}

/// Of the pairs that are the same, how many score above all but one in a hundred of those that are not.
fn recall(all: &[(f32, bool)]) -> f64 {
    let mut others: Vec<f32> = all.iter().filter(|(_, is_same)| !is_same).map(|(score, _)| *score).collect();
    others.sort_by(|a, b| b.total_cmp(a));
    let threshold = others[others.len() / 100];
    let same: Vec<f32> = all.iter().filter(|(_, is_same)| *is_same).map(|(score, _)| *score).collect();
    same.iter().filter(|score| **score > threshold).count() as f64 / same.len() as f64
}

fn best_f1(all: &[(f32, bool)]) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let same = all.iter().filter(|(_, is_same)| *is_same).count() as f64;
    let (mut hits, mut best) = (0.0, 0.0_f64);
    for (at, (_, is_same)) in all.iter().enumerate() {
        hits += f64::from(u8::from(*is_same));
        best = best.max(2.0 * hits / (at as f64 + 1.0 + same));
    }
    best
}

/// How far scores are from how many of those with them are the same: the mean over ten steps, weighed by how many are in each.
fn calibration(all: &[(f32, bool)]) -> f64 {
    let mut steps = [(0.0_f64, 0.0_f64, 0.0_f64); 10];
    for (score, is_same) in all {
        let step = (0..9_u8).find(|step| *score < f32::from(step + 1) / 10.0).unwrap_or(9);
        let (count, sum, same) = &mut steps[usize::from(step)];
        *count += 1.0;
        *sum += f64::from(*score);
        *same += f64::from(u8::from(*is_same));
    }
    steps.iter().map(|(_, sum, same)| (sum - same).abs()).sum::<f64>() / all.len() as f64
}

fn figure(name: &str, value: f64, target: Option<f64>) {
    tell(name, value, "share", target, if name.starts_with("calibration") { "lower" } else { "higher" });
}

fn tell(name: &str, value: f64, unit: &str, target: Option<f64>, better: &str) {
    println!(
        "{}",
        serde_json::json!({"figure": name, "value": value, "unit": unit, "target": target, "better": better})
    );
}

/// How many pairs are made up.
const MADE: usize = 21_000;
/// Of so many pairs the likeliest is taken.
const LIKELIEST: usize = 60;
/// Of so many parts the likest is taken.
const KIN: usize = 240;
/// Points from which on two parts are one.
const SAME: f32 = 1.0;
/// A part that stands in so many names of the benchmark is common.
const COMMON: usize = 30;
/// Points from which on names that have nothing to do with each other are the same by chance.
const CHANCE: f32 = 3.0;
