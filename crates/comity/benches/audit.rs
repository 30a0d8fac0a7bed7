//! What Lighthouse, an audit that others wrote, says of every page of the desk, in a real browser, on the screen and over
//! the line of a small bureau (`tools/lighthouse`).

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

#[path = "../tests/browser/bureau.rs"]
mod bureau;
#[path = "../tests/common/mod.rs"]
mod common;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/browser/driver.rs"]
mod driver;
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
#[path = "../tests/browser/persons.rs"]
mod persons;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/browser/station.rs"]
mod station;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/browser/tour.rs"]
mod tour;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::Desk;
use serde_json::{Value, json};
use tour::Tour;

fn main() {
    let folder = install();
    let desk = Desk::new();
    let tour = Tour::begin(&desk).expect("Debian's packages chromium and chromium-driver");
    // The gallery is for those who build pages, and stands in no release.
    let pages = tour.pages().into_iter().filter(|(name, _)| *name != "gallery");
    let pages: Vec<Value> = pages.map(|(name, path)| json!([name, tour.ee.url(&path)])).collect();
    audit(&folder, tour.browser.tools, &Value::from(pages), tell);
}

/// Tells what one page scored, and what cost it some.
fn tell(said: &Value) {
    let page = said["name"].as_str().unwrap();
    assert_ne!(said["pathname"], "/desk/login", "{page} was not seen");
    eprintln!("{page}: {} {}", said["scores"], said["costs"]);
    for (category, score) in said["scores"].as_object().unwrap() {
        let name = format!("{page}: {category}");
        println!("{}", json!({"figure": name, "value": score, "unit": "of 100", "target": 95, "better": "higher"}));
    }
}

/// Installs the audit, where it is not yet.
fn install() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("target/lighthouse");
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "package-lock.json", "audit.mjs"] {
        std::fs::copy(root.join("tools/lighthouse").join(file), folder.join(file)).unwrap();
    }
    if !folder.join("node_modules/lighthouse").is_dir() {
        let status =
            Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder).status();
        assert!(status.unwrap().success(), "npm installs what is in tools/lighthouse");
    }
    folder
}

/// Tells what it says of each of these pages, in a browser whose tools listen at this port.
fn audit(folder: &Path, port: u16, pages: &Value, tell: impl Fn(&Value)) {
    let mut child = Command::new("node")
        .args(["audit.mjs", &port.to_string()])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(pages.to_string().as_bytes()).unwrap();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        tell(&serde_json::from_str(&line.unwrap()).unwrap());
    }
    assert!(child.wait().unwrap().success(), "the audit came to an end");
}
