//! The pages of the desk over TLS on this machine, with an embedded store, as somebody who is logged in gets them.
//! `COMITY_BENCH_OBJECTS` sets how many objects (1,000,000).

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

mod net;

use std::time::Instant;

use comity_crypto::{Zeroizing, hex, sha256};
use comity_node::hits::{HitAsk, HitRow};
use comity_node::intake::{Input, IntakeOptions};
use comity_node::{NewAccount, Proof, SourceChange};
use net::{Bundle, Client, Served, figure, indicator, objects, org, percentile, scratch};

fn main() {
    let count = objects();
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let served = Served::new("bench", folder.path());
    bring(&served, "bench", count, indicator);
    bring(&served, "other", SHARED, |number| indicator(number * 7));
    bring(&served, "bench", 1, |_| container("350", MEMBERS.min(objects())));
    bring(&served, "bench", 1, |_| container("100", 10_000.min(objects())));
    served.node.find_hits(&served.ctx).expect("hits");
    served.tool("fi-police", "green");
    let mut officer = officer(&served);
    for (name, path) in pages(&served, count) {
        measure(&mut officer, name, &path, Some(50.0), 200);
    }
    let first = |uuid: &str| format!("/desk/object/report--00000{uuid}-0000-4000-8000-000000000000");
    measure(&mut officer, "a container of 350,000: what it says", &|_| first("350"), Some(500.0), 20);
    measure(&mut officer, "a container of 350,000: its ties", &|_| first("350") + "?view=ties", Some(500.0), 20);
    let graph = |_| "/desk/graph?seed=report--00000100-0000-4000-8000-000000000000".to_owned();
    measure(&mut officer, "a graph of 10,000 things, folded", &graph, Some(1_000.0), 20);
    screening(&mut officer, count);
    weight(&mut officer);
}

/// A million values, pasted: of every other one somebody knows something.
fn screening(officer: &mut Client, count: u64) {
    let value = |number: u64| {
        format!("c{}.{}", number % count, if number.is_multiple_of(2) { "evil.example" } else { "other.example" })
    };
    let list: Vec<String> = (0..1_000_000).map(value).collect();
    let body = format!("--x\r\ncontent-disposition: form-data; name=\"q\"\r\n\r\n{}\r\n--x--\r\n", list.join("\n"));
    let began = Instant::now();
    let reply = officer.post("/desk/screening", body.as_bytes());
    figure("screening a million values", began.elapsed().as_secs_f64(), "s", None, "lower");
    assert_eq!(reply.status, 303, "{}", String::from_utf8_lossy(&reply.body));
}

fn bring(served: &Served, owner: &str, count: u64, make: fn(u64) -> String) {
    let change = SourceChange { country: Some("US".into()), ..SourceChange::default() };
    let source = served.node.set_source(&served.ctx, &org(owner), &change).expect("a source");
    let stop = std::sync::atomic::AtomicBool::new(false);
    let input = Input { name: "made".into(), reader: Box::new(Bundle::new(count, make)) };
    let options = IntakeOptions::noted("bench", &stop);
    let report = served.node.intake(&served.ctx, &source, &mut std::iter::once(Ok(input)), &options).expect("in");
    assert_eq!(report.batch.expect("a batch").counts.rejected, 0);
}

/// A report that holds the first so many indicators.
fn container(uuid: &str, members: u64) -> String {
    let refs: Vec<String> =
        (0..members).map(|number| format!("\"indicator--{number:08x}-0000-4000-8000-{number:012x}\"")).collect();
    format!(
        r#"{{"type":"report","spec_version":"2.1","id":"report--00000{uuid}-0000-4000-8000-000000000000","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"A long report","published":"2026-01-01T00:00:00Z","report_types":["threat-report"],"object_refs":[{}]}}"#,
        refs.join(",")
    )
}

/// Somebody logged in, with a browser that keeps one connection.
fn officer(served: &Served) -> Client {
    let node = &served.node;
    let account = NewAccount { name: "mari".into(), full_name: "Mari".into(), system: None };
    node.add_first_account(&served.ctx, &account).expect("an account");
    let ctx = served.ctx.acting_as("mari", (*served.ctx.authority).clone());
    let code = node.invite_account(&ctx, "mari").expect("an invitation");
    let password = "a quiet winter morning";
    let enrolled = node.enrol(&ctx, "mari", &code, password).expect("enrolled");
    let code = Zeroizing::new(enrolled.recovery[0].to_string());
    let proof = Proof::Password { password: Zeroizing::new(password.into()), code };
    let place = format!("browser {}", &hex(&sha256(b"bench"))[..8]);
    let signed = node.log_in(&ctx, "mari", &proof, &place).expect("logged in");
    let form = "sec-fetch-site: same-origin\r\ncontent-type: multipart/form-data; boundary=x\r\n";
    served.connect().with(&format!("user-agent: bench\r\ncookie: __Host-comity={}\r\n{form}", signed.token))
}

type Path = Box<dyn Fn(u64) -> String>;

fn pages(served: &Served, count: u64) -> Vec<(&'static str, Path)> {
    let spread = move |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % count;
    let object = move |number: u64| {
        let one = spread(number);
        format!("/desk/object/indicator--{one:08x}-0000-4000-8000-{one:012x}")
    };
    let fixed = |path: &str| -> Path {
        let path = path.to_owned();
        Box::new(move |_| path.clone())
    };
    let queue = served.node.hit_queue(&served.ctx, &HitAsk { limit: 50, ..HitAsk::default() }).expect("hits");
    let is_heavy = |row: &&HitRow| row.hit.one.id.contains("--00000350-") || row.hit.other.id.contains("--00000350-");
    let hit = queue.rows.iter().find(|row| !is_heavy(row)).expect("a hit").key;
    let agreement = served.node.agreements(&served.ctx).expect("agreements").remove(0).agreement.id;
    vec![
        ("situation", fixed("/desk")),
        ("objects, newest", fixed("/desk/objects")),
        ("objects, somewhere", Box::new(move |number| format!("/desk/objects?before={}", spread(number) + 60))),
        ("objects of a rare type", fixed("/desk/objects?type=report")),
        ("objects of a rare type, further back", fixed("/desk/objects?type=report&before=5000")),
        ("objects of one owner", fixed("/desk/objects?owner=other")),
        ("objects, one opened", Box::new(move |number| object(number).replace("/desk/object/", "/desk/objects?open="))),
        ("object: what it says", Box::new(object)),
        ("object: ties", Box::new(move |number| object(number) + "?view=ties")),
        ("object: timeline", Box::new(move |number| object(number) + "?view=timeline")),
        ("object: who may see it", Box::new(move |number| object(number) + "?view=audience")),
        ("object: to share", Box::new(move |number| object(number) + "/share")),
        ("object: versions", Box::new(move |number| object(number) + "?view=versions")),
        ("object: raw", Box::new(move |number| object(number) + "?view=raw")),
        ("search for a value", Box::new(move |number| format!("/desk/find?q=c{}.evil.example", spread(number)))),
        ("search for a common value", fixed("/desk/find?q=10.0.0.0")),
        ("search for a name", fixed("/desk/find?q=long+report")),
        ("hits", fixed("/desk/hits")),
        ("hits, one opened", fixed(&format!("/desk/hits?open={hit}"))),
        ("a hit", fixed(&format!("/desk/hits/{hit}"))),
        (
            "graph around an object",
            Box::new(move |number| object(number).replace("/desk/object/", "/desk/graph?seed=")),
        ),
        ("intake", fixed("/desk/intake")),
        ("network", fixed("/desk/network")),
        ("a peer", fixed("/desk/network/fi-police")),
        ("an agreement", fixed(&format!("/desk/network/agreement/{agreement}"))),
        ("ledger", fixed("/desk/ledger")),
        ("witnesses", fixed("/desk/ledger/witnesses")),
        ("accounts", fixed("/desk/ledger/accounts")),
        ("keeping", fixed("/desk/ledger/keeping")),
        ("settings", fixed("/desk/ledger/settings")),
        ("me", fixed("/desk/me")),
    ]
}

fn measure(officer: &mut Client, name: &str, path: &dyn Fn(u64) -> String, target: Option<f64>, times: u64) {
    let mut took = Vec::new();
    let first = Instant::now();
    assert_eq!(officer.get(&path(0)).status, 200, "{name}");
    let first = first.elapsed().as_secs_f64() * 1_000.0;
    for number in 1..=times {
        let began = Instant::now();
        let reply = officer.get(&path(number));
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(reply.status, 200, "{name}");
    }
    figure(&format!("{name}: p50"), percentile(&mut took, 0.5), "ms", None, "lower");
    figure(&format!("{name}: p99"), percentile(&mut took, 0.99), "ms", target, "lower");
    figure(&format!("{name}: the first time"), first, "ms", None, "lower");
}

/// What the heaviest first page weighs with everything it loads, as it goes over the wire.
fn weight(officer: &mut Client) {
    let assets = ["desk.css", "desk.js", "icons.svg", "icon.svg", "world.svg", "graph.js"];
    let shared: usize = assets.iter().map(|name| officer.get(&format!("/desk/assets/{name}")).body.len()).sum();
    let mut heaviest = 0;
    for path in [
        "/desk",
        "/desk/objects",
        "/desk/hits",
        "/desk/graph?seed=report--00000100-0000-4000-8000-000000000000",
        "/desk/intake",
    ] {
        heaviest = heaviest.max(officer.get(path).body.len());
    }
    figure(
        "first load of the heaviest page, not compressed",
        (shared + heaviest) as f64 / 1_000.0,
        "kB",
        Some(300.0),
        "lower",
    );
}

/// Values that another owner holds too.
const SHARED: u64 = 500;
/// Members of the large container.
const MEMBERS: u64 = 350_000;
