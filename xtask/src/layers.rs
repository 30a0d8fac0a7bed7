use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The rooms from the ground up; a room may use rooms before it in its own line and in lines above.
const FLOORS: &[&[&str]] = &[
    &[
        "comity-base",
        "comity-crypto",
        "comity-ledger",
        "comity-stix",
        "comity-pattern",
        "comity-formats",
        "comity-policy",
        "comity-law",
        "comity-names",
        "comity-link",
    ],
    &[
        "comity-index",
        "comity-verify",
        "comity-store",
        "comity-store-sqlite",
        "comity-store-postgres",
        "comity-tls",
        "comity-oidc",
        "comity-taxii",
    ],
    &["comity-node"],
    &["comity-http", "comity-desk", "comity-web", "comity"],
];

/// Beside the house: may use everything; nothing of the house uses them but for tests.
const BESIDE: &[&str] = &["comity-testkit", "xtask"];

/// Fails with a list of every dependency that points up or to the right.
pub(crate) fn check() -> anyhow::Result<()> {
    let output = Command::new(env!("CARGO")).args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("reading cargo metadata")?;
    let places: BTreeMap<&str, (usize, usize)> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, rooms)| rooms.iter().enumerate().map(move |(room, name)| (*name, (floor, room))))
        .collect();
    let mut wrong = Vec::new();
    for package in list(&metadata, "packages") {
        let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
        if BESIDE.contains(&name) {
            continue;
        }
        let Some(place) = places.get(name) else {
            wrong.push(format!("{name} has no floor; give it one in xtask/src/layers.rs"));
            continue;
        };
        for dependency in list(package, "dependencies").iter().filter(|d| d.get("kind").is_none_or(Value::is_null)) {
            let other = dependency.get("name").and_then(Value::as_str).unwrap_or_default();
            if BESIDE.contains(&other) {
                wrong.push(format!("{name} uses {other}, which is for tests"));
            } else if places.get(other).is_some_and(|other| other >= place) {
                wrong.push(format!("{name} uses {other}, which stands above it or to its right"));
            }
        }
    }
    if !wrong.is_empty() {
        bail!("the floors are mixed up:\n  {}", wrong.join("\n  "));
    }
    println!("layers: {} rooms on {} floors, nothing points up", places.len(), FLOORS.len());
    Ok(())
}

fn list<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
