//! Measures the index at ten million values and prints one line of JSON for each figure.
//!
//! `COMITY_BENCH_SCALE=0.01` shrinks everything a hundredfold; run as a test it is tiny. Single calls are timed one by one; what the timer itself
//! takes is printed as a figure and is contained in them.

use std::{
    error::Error,
    fs,
    hint::black_box,
    ops::ControlFlow,
    path::Path,
    time::{Duration, Instant},
};

use comity_base::Position;
use comity_index::{Column, Index, Options};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let asked = std::env::var("COMITY_BENCH_SCALE").ok().and_then(|scale| scale.parse().ok());
    let scale = asked.unwrap_or(if std::env::args().any(|argument| argument == "--bench") { 1.0 } else { 0.001 });
    let sizes =
        Sizes { values: scaled(10_000_000, scale), delta: scaled(1_000_000, scale), hot: scaled(1_000_000, scale) };
    let folder = tempfile::tempdir()?;
    let index = build(&sizes, &folder.path().join("values"))?;
    let timer = timer_overhead();
    print("timer", timer, "us", None);
    look_up(&index, &sizes, "with a part in memory")?;
    scan(&index, &sizes, "with a part in memory");
    index.flush()?;
    settle(&index);
    look_up(&index, &sizes, "all on disk")?;
    scan(&index, &sizes, "all on disk");
    reopen(index, &sizes, &folder.path().join("values"))?;
    hot(&sizes, &folder.path().join("hot"))?;
    column(&sizes, &folder.path().join("column"))
}

struct Sizes {
    values: u64,
    delta: u64,
    hot: u64,
}

impl Sizes {
    fn options(&self) -> Options {
        Options { delta_entries: self.delta, ..Options::new(1) }
    }
}

/// Every position brings a new value; every fifth also one that was seen before.
fn build(sizes: &Sizes, folder: &Path) -> Result<Index, Box<dyn Error>> {
    let index = Index::open(folder, sizes.options())?;
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let (mut position, mut worst, mut entries) = (0, Duration::ZERO, Vec::new());
    let mut postings = 0_u64;
    while position < sizes.values {
        entries.clear();
        let end = (position + 10_000).min(sizes.values);
        for new in position..end {
            entries.push((scramble(new), Position(new + 1)));
            if new % 5 == 4 {
                entries.push((scramble(scramble(new) % new), Position(new + 1)));
            }
        }
        position = end;
        postings += entries.len() as u64;
        let before = Instant::now();
        index.apply(&entries, Position(position))?;
        worst = worst.max(before.elapsed());
    }
    let applied = start.elapsed();
    settle(&index);
    let cpu = cpu_seconds() - cpu;
    print("build cpu", cpu, "s", None);
    print("build cpu per posting", cpu * 1e6 / postings as f64, "us", None);
    print("build rate", postings as f64 / applied.as_secs_f64() / 1e6, "M/s", None);
    print("build worst batch of 10000", worst.as_secs_f64() * 1e3, "ms", None);
    let stats = index.stats();
    eprintln!("{stats:?}");
    let in_segments = stats.bytes_on_disk as f64 / index.covered().0.max(1) as f64;
    print("bytes per value", in_segments, "B", Some((13.0, LOWER)));
    Ok(index)
}

fn look_up(index: &Index, sizes: &Sizes, state: &str) -> Outcome {
    let queries = 1_000_000.min(sizes.values);
    let hits: Vec<u64> = (0..queries).map(|number| scramble(scramble(number + 77) % sizes.values)).collect();
    let misses: Vec<u64> = (0..queries).map(|number| scramble(number + (1 << 40))).collect();
    for (name, queries, expected) in [("hit", &hits, true), ("miss", &misses, false)] {
        let mut times = Vec::with_capacity(queries.len());
        let mut right = 0;
        for query in queries {
            let before = Instant::now();
            let known = index.contains(black_box(*query));
            times.push(before.elapsed());
            right += usize::from(known == expected);
        }
        if right != queries.len() {
            return Err(format!("{right} right answers of {}", queries.len()).into());
        }
        times.sort_unstable();
        let target = Some((0.3, LOWER));
        print(&format!("known p50 {name}, {state}"), micros(&times, 0.5), "us", target);
        print(&format!("known p99 {name}, {state}"), micros(&times, 0.99), "us", Some((1.0, LOWER)));
        let mut known = Vec::new();
        let before = Instant::now();
        for batch in queries.chunks(1000) {
            index.contains_many(batch, &mut known);
            black_box(&known);
        }
        let rate = queries.len() as f64 / before.elapsed().as_secs_f64() / 1e6;
        print(&format!("known batched {name}, {state}"), rate, "M/s", Some((5.0, HIGHER)));
    }
    Ok(())
}

fn scan(index: &Index, sizes: &Sizes, state: &str) {
    let before = Instant::now();
    let mut found = 0_u64;
    index.scan_shared(2, 100, &mut |shared| {
        found += u64::from(!shared.positions.is_empty());
        ControlFlow::Continue(())
    });
    let entries = index.stats().entries.max(sizes.values);
    print(
        &format!("scan shared, {state}"),
        entries as f64 / before.elapsed().as_secs_f64() / 1e6,
        "M/s",
        Some((20.0, HIGHER)),
    );
    print(&format!("values held more than once, {state}"), found as f64, "values", None);
}

fn reopen(index: Index, sizes: &Sizes, folder: &Path) -> Outcome {
    drop(index);
    for (name, verify) in [("verified", true), ("not verified", false)] {
        let before = Instant::now();
        let index = Index::open(folder, Options { verify, ..sizes.options() })?;
        print(&format!("reopen {name}"), before.elapsed().as_secs_f64() * 1e3, "ms", None);
        if index.covered() != Position(sizes.values) {
            return Err("the index lost something".into());
        }
    }
    Ok(())
}

fn hot(sizes: &Sizes, folder: &Path) -> Outcome {
    let index = Index::open(folder, Options { delta_entries: sizes.hot * 2, ..Options::new(1) })?;
    let hot = scramble(1);
    let mut entries: Vec<(u64, Position)> = Vec::new();
    for position in 1..=sizes.hot {
        entries.push((hot, Position(position)));
        if position % 10 == 0 {
            entries.push((scramble(position), Position(position)));
        }
    }
    index.apply(&entries, Position(sizes.hot))?;
    for state in ["in memory", "on disk"] {
        let mut times = Vec::new();
        for _ in 0..100 {
            let before = Instant::now();
            let answer = (index.positions(black_box(hot), 100), index.count(black_box(hot)));
            times.push(before.elapsed());
            if (answer.0.len(), answer.1) != (100, sizes.hot) {
                return Err("the hot value was miscounted".into());
            }
        }
        times.sort_unstable();
        let value = micros(&times, 0.5) / 1e3;
        print(&format!("hot value: first 100 and count, {state}"), value, "ms", Some((1.0, LOWER)));
        index.flush()?;
    }
    let before = Instant::now();
    let all = index.positions(hot, usize::MAX).len();
    print("hot value: all positions", all as f64 / before.elapsed().as_secs_f64() / 1e6, "M/s", None);
    Ok(())
}

fn column(sizes: &Sizes, path: &Path) -> Outcome {
    let column = Column::open(path, 1)?;
    let before = Instant::now();
    for position in 0..sizes.values {
        column.set(Position(position), 3)?;
    }
    print("column set", before.elapsed().as_secs_f64() * 1e9 / sizes.values as f64, "ns", None);
    let before = Instant::now();
    let mut sum = 0;
    for number in 0..sizes.values {
        sum += u64::from(column.get(Position(scramble(number) % sizes.values)));
    }
    black_box(sum);
    print("column get at random", before.elapsed().as_secs_f64() * 1e9 / sizes.values as f64, "ns", None);
    Ok(())
}

const LOWER: &str = "lower";
const HIGHER: &str = "higher";

fn print(figure: &str, value: f64, unit: &str, target: Option<(f64, &str)>) {
    match target {
        Some((target, better)) => println!(
            r#"{{"figure":"{figure}","value":{value:.3},"unit":"{unit}","target":{target},"better":"{better}"}}"#
        ),
        None => println!(r#"{{"figure":"{figure}","value":{value:.3},"unit":"{unit}"}}"#),
    }
}

/// The value below which this part of the sorted times lies.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list of times")]
fn micros(sorted: &[Duration], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part) as usize;
    sorted.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

fn timer_overhead() -> f64 {
    let mut times: Vec<Duration> = (0..100_000).map(|_| Instant::now()).map(|before| before.elapsed()).collect();
    times.sort_unstable();
    micros(&times, 0.5)
}

/// Waits until the background has been idle for a while.
fn settle(index: &Index) {
    let mut before = cpu_seconds();
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = cpu_seconds();
        if now - before < 0.05 && index.stats().failure.is_none() {
            return;
        }
        before = now;
    }
}

/// User and system time of this process, all threads, from the kernel's count of hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rough number")]
fn scaled(number: u64, scale: f64) -> u64 {
    ((number as f64 * scale) as u64).max(1000)
}

/// A fixed scrambling of numbers, in place of a keyed hash.
fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
