use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

/// Result name, package and benchmark target.
const BENCHES: &[(&str, &str, &str)] = &[
    ("pattern", "comity-pattern", "pattern"),
    ("text", "comity-formats", "text"),
    ("split", "comity-formats", "split"),
    ("misp", "comity-formats", "misp"),
    ("index", "comity-index", "index"),
    ("store", "comity-store-sqlite", "store"),
    ("intake", "comity-node", "intake"),
    ("lookup", "comity-node", "lookup"),
    ("hits", "comity-node", "hits"),
    ("taxii", "comity-web", "taxii"),
    ("taxii-followers", "comity-web", "followers"),
    ("pages", "comity-web", "pages"),
    ("web-audit", "comity", "audit"),
    ("names", "comity-names", "names"),
    ("search-names", "comity-names", "search"),
    ("search-persons", "comity-node", "search"),
    ("search-documents", "comity-node", "documents"),
    ("search-frontline", "comity-web", "frontline"),
    ("sync", "comity-web", "sync"),
    ("audience", "comity-policy", "audience"),
    ("trust-access", "comity-policy", "access"),
    ("ledger", "comity-ledger", "ledger"),
    ("ledger-durable", "comity-store-sqlite", "ledger"),
    ("postgres-node", "comity-node", "postgres"),
    ("postgres-soak", "comity-store-postgres", "soak"),
];

/// Runs the benchmarks named, or all. A benchmark is a program that prints one JSON object a figure.
pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    for name in names {
        if !BENCHES.iter().any(|(known, ..)| known == name) {
            let known = BENCHES.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
            bail!("there is no benchmark {name}; there are {known}");
        }
    }
    let chosen = BENCHES.iter().filter(|(name, ..)| names.is_empty() || names.iter().any(|asked| asked == name));
    for (name, package, target) in chosen {
        let figures = measure(package, target)?;
        publish(&sized(name), &figures)?;
    }
    Ok(())
}

/// Writes figures as a result, and prints them.
pub(crate) fn publish(name: &str, figures: &[Value]) -> anyhow::Result<()> {
    write(name, figures)?;
    table(name, figures);
    Ok(())
}

/// A run of another size than the usual million has a result of its own: `intake-10m`.
fn sized(name: &str) -> String {
    let set = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match set("COMITY_BENCH_OBJECTS").or_else(|| set("COMITY_BENCH_PERSONS")) {
        Some(objects) if objects != 1_000_000 && !name.ends_with("soak") => format!("{name}-{}m", objects / 1_000_000),
        _ => name.to_owned(),
    }
}

fn measure(package: &str, target: &str) -> anyhow::Result<Vec<Value>> {
    let output = Command::new(env!("CARGO"))
        .args(["bench", "--package", package, "--bench", target])
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("running the benchmark {target}"))?;
    if !output.status.success() {
        bail!("the benchmark {target} failed");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|v: &Value| v.get("figure").is_some())
        .collect())
}

fn write(name: &str, figures: &[Value]) -> anyhow::Result<()> {
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"]);
    let date = said("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"]);
    let result = json!({"name": name, "commit": commit, "date": date, "machine": machine(), "figures": figures});
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/results");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{name}.json")), format!("{}\n", serde_json::to_string_pretty(&result)?))?;
    Ok(())
}

fn table(name: &str, figures: &[Value]) {
    println!("\n{name}");
    for figure in figures {
        let text = |member: &str| figure.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |member: &str| figure.get(member).and_then(Value::as_f64);
        let value = number("value").unwrap_or(f64::NAN);
        let verdict = match (number("target"), text("better").as_str()) {
            (Some(target), "lower") if value > target => format!("MISSED, target {target}"),
            (Some(target), "higher") if value < target => format!("MISSED, target {target}"),
            (Some(target), _) => format!("target {target}"),
            (None, _) => String::new(),
        };
        println!("  {:<58} {:>14.3} {:<12} {verdict}", text("figure"), value, text("unit"));
    }
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores, {model}")
}

fn said(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
