//! `kill -9` at any moment: what was acknowledged is there, what was not is not, and the same command
//! brings it in afterwards.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::process::Stdio;
use std::time::Duration;

use comity_testkit::{Random, bundle};
use common::{Desk, command};

const OBJECTS: u64 = 4_000;

#[test]
fn a_killed_intake_leaves_nothing_half_done() {
    let desk = Desk::new();
    let mut first = Vec::new();
    bundle(1, 500, &mut first).unwrap();
    let first = desk.write("first.json", first);
    desk.ok(&["ingest", "--as", "lab-north", first.to_str().unwrap()]);
    let mut big = Vec::new();
    bundle(2, usize::try_from(OBJECTS).unwrap(), &mut big).unwrap();
    let big = desk.write("big.json", big);
    let mut random = Random::new(20_261_123);
    let mut killed = 0;
    for _ in 0..12 {
        let wait = Duration::from_millis(random.below(900));
        let mut child = command(&desk.node())
            .args(["--json", "ingest", "--as", "ee-police", big.to_str().unwrap()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(wait);
        child.kill().unwrap();
        let acknowledged = !child.wait_with_output().unwrap().stdout.is_empty();
        killed += u32::from(!acknowledged);
        let kept = stored(&desk, "ee-police");
        assert!(kept == 0 || kept == OBJECTS, "{kept} of {OBJECTS} objects after {wait:?}");
        assert!(!acknowledged || kept == OBJECTS, "an acknowledged batch was lost");
        assert_eq!(stored(&desk, "lab-north"), 500);
    }
    assert!(killed > 0, "the moments chosen killed nothing");
    desk.ok(&["ingest", "--as", "ee-police", big.to_str().unwrap()]);
    assert_eq!(stored(&desk, "ee-police"), OBJECTS);
    assert_eq!(desk.json(&["check"])[0]["wrong"], serde_json::json!([]));
}

fn stored(desk: &Desk, owner: &str) -> u64 {
    let seen = desk.json(&["audience", owner]);
    seen.iter().filter(|row| row["owner"] == owner).map(|row| row["admitted"].as_u64().unwrap()).sum()
}
