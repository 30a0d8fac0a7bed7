//! How fast values are found in report text. Prints one JSON line per figure.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use comity_formats::text::scan;
use comity_stix::value::Values;

fn main() {
    measure("scan", &made(50 << 20));
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti/ioc-texts"));
    let mut real = String::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        real.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()));
    }
    if real.is_empty() {
        eprintln!("skipped: ../shared/data absent");
    } else {
        // Lists rather than prose: a value every 50 bytes or so.
        measure("scan-indicator-lists", &real.repeat(8));
    }
}

fn measure(figure: &str, text: &str) {
    let values = Values::new([0; 32]);
    let mut best = f64::INFINITY;
    let mut count = 0usize;
    for _ in 0..3 {
        count = 0;
        let start = Instant::now();
        let _ = scan(text, &values, &mut |spot| {
            count += 1;
            black_box(&spot.value);
            ControlFlow::Continue(())
        });
        best = best.min(start.elapsed().as_secs_f64());
    }
    let speed = text.len() as f64 / 1e6 / best;
    println!(r#"{{"figure":"{figure}","value":{speed:.1},"unit":"MB/s","target":100,"better":"higher"}}"#);
    eprintln!("{figure}: {} bytes, {count} values, one every {} bytes", text.len(), text.len() / count.max(1));
}

/// Report-like prose with a value about every 300 bytes.
fn made(size: usize) -> String {
    let mut text = String::with_capacity(size + 1_024);
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    while text.len() < size {
        let sentence_end = text.len() + 280;
        while text.len() < sentence_end {
            let word = WORDS.get(usize::try_from(draw() % 64).unwrap_or(0) % WORDS.len()).copied().unwrap_or("the");
            text.push_str(word);
            text.push_str(match draw() % 12 {
                0 => ". ",
                1 => ", ",
                2 => "\n",
                _ => " ",
            });
        }
        let (a, b, c) = (draw(), draw(), draw());
        let value = match draw() % 10 {
            0 => format!("{}[.]{}.{}.{} ", a % 223 + 1, b % 256, c % 256, a % 255),
            1 => format!("{a:016x}{b:016x} "),
            2 => format!("{a:016x}{b:016x}{c:016x}{:016x} ", a ^ b),
            3 => format!("hxxps://host{}[.]example{}.com/path/{b:x}.php?id={} ", a % 9_999, b % 99, c % 100_000),
            4 => format!("c2-{}[.]evil{}[.]net ", a % 9_999, b % 999),
            5 => format!("user{}@mail{}.org ", a % 9_999, b % 999),
            6 => format!("invoice_{}.docx ", a % 99_999),
            7 => "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq ".to_owned(),
            8 => "EE38 2200 2210 2014 5685 ".to_owned(),
            _ => format!("2001:db8::{:x}:{:x} ", a % 65_536, b % 65_536),
        };
        text.push_str(&value);
    }
    text
}

const WORDS: &[&str] = &[
    "the",
    "actor",
    "used",
    "a",
    "loader",
    "to",
    "deliver",
    "the",
    "final-stage",
    "payload",
    "on",
    "compromised",
    "hosts",
    "which",
    "then",
    "connected",
    "with",
    "infrastructure",
    "observed",
    "in",
    "2026",
    "e.g.",
    "persistence",
    "via",
    "scheduled",
    "task",
    "(T1053.005)",
    "and",
    "credential",
    "dumping",
    "we",
    "assess",
    "moderate",
    "confidence",
    "that",
    "campaign",
    "targeted",
    "\"finance\"",
    "organisations",
    "across",
    "Europe",
    "between",
    "March",
    "September",
    "version",
    "3.2",
];
