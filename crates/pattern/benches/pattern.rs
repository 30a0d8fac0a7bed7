//! How fast patterns are parsed and their values taken: one JSON line per figure.

use std::hint::black_box;
use std::time::{Duration, Instant};

use comity_base::Limits;
use comity_pattern::{parse, values};

const PATTERNS: usize = 10_000;
const FOR: Duration = Duration::from_secs(2);

fn main() {
    let patterns = mix(PATTERNS);
    let single: Vec<String> =
        patterns.iter().filter(|text| !text.contains(" AND ") && !text.contains(" OR ")).cloned().collect();
    let limits = Limits::default();
    report("parse", "patterns/s", 300_000.0, rate(&patterns, |text| drop(black_box(parse(text, &limits)))));
    let take = |text: &str| drop(black_box(values(text, &mut |kind, text| drop(black_box((kind, text))))));
    report("values", "patterns/s", 300_000.0, rate(&patterns, take));
    report("values_of_single_comparisons", "patterns/s", 1_000_000.0, rate(&single, take));
}

fn report(figure: &str, unit: &str, target: f64, value: f64) {
    println!(r#"{{"figure":"{figure}","value":{value:.0},"unit":"{unit}","target":{target:.0},"better":"higher"}}"#);
}

/// How many patterns a second, over two seconds.
fn rate(patterns: &[String], mut each: impl FnMut(&str)) -> f64 {
    let start = Instant::now();
    let mut rounds = 0u32;
    while start.elapsed() < FOR {
        for text in patterns {
            each(black_box(text));
        }
        rounds += 1;
    }
    f64::from(rounds) * patterns.len() as f64 / start.elapsed().as_secs_f64()
}

/// Patterns in the shapes and about the proportions of published indicators.
fn mix(count: usize) -> Vec<String> {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    (0..count).map(|at| one(at % 20, &mut numbers)).collect()
}

fn one(shape: usize, numbers: &mut Numbers) -> String {
    let (a, b, c, d) = (numbers.hex(8), numbers.hex(4), numbers.below(256), numbers.below(256));
    match shape {
        0..=4 => format!("[file:hashes.'SHA-256' = '{}']", numbers.hex(64)),
        5..=6 => format!("[file:hashes.MD5 = '{}']", numbers.hex(32)),
        7..=9 => format!("[url:value = 'http://{a}.example/{b}/index.php?id={c}']"),
        10..=11 => format!("[domain-name:value = '{a}.{b}.example']"),
        12..=13 => format!("[ipv4-addr:value = '198.51.{c}.{d}']"),
        14 => {
            format!("[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.{c}.{d}']")
        }
        15 => format!("[email-message:from_ref.value = '{a}@{b}.example' AND email-message:subject = 'Invoice {c}']"),
        16 => format!(
            "[file:hashes.'SHA-1' = '{}' OR file:hashes.MD5 = '{}' OR file:name = '{a}.exe']",
            numbers.hex(40),
            numbers.hex(32)
        ),
        17 => format!(
            "([ipv4-addr:value = '198.51.{c}.{d}'] FOLLOWEDBY [domain-name:value = '{a}.example']) WITHIN 300 SECONDS"
        ),
        18 => format!(r"[windows-registry-key:key = 'HKEY_CURRENT_USER\\Software\\{a}\\Run' AND file:size > {c}]"),
        _ => format!(
            "[ipv4-addr:value IN ('198.51.100.{c}', '198.51.100.{d}') AND ipv4-addr:value NOT ISSUBSET '10.0.0.0/8'] START t'2026-01-01T00:00:00Z' STOP t'2026-12-31T00:00:00Z'"
        ),
    }
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(u32::try_from(self.below(16)).unwrap_or(0), 16).unwrap_or('0')).collect()
    }
}
