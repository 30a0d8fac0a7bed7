//! Organisations that each follow their stream of one node: what the node needs for them, and how soon a new object is at
//! all of them. They run in a process of their own. `COMITY_BENCH_OBJECTS` sets how many objects the node holds
//! (1,000,000), of which each may see one in a thousand; `COMITY_BENCH_FOLLOWERS` how many follow (200).

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

mod net;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use comity_node::SourceChange;
use comity_node::intake::{Input, IntakeOptions};
use net::{Client, Served, figure, indicator, objects, org, percentile, scratch};

fn main() {
    if let Ok(at) = std::env::var(FOLLOW) {
        return follow(&at);
    }
    let (count, followers) = (objects(), followers());
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let served = Served::new("bench", folder.path());
    for first in (0..count).step_by(100_000) {
        let all: Vec<_> = (first..count.min(first + 100_000)).map(indicator).collect();
        bring(&served, &all);
    }
    let secrets: Vec<_> = (0..followers).map(|number| served.tool(&format!("org-{number}"), "clear")).collect();
    let before = memory();
    let mut group = Group::start(&served, &secrets);
    group.told("ready");
    figure("memory of the node that they follow", memory().1, "MB", Some(500.0), "lower");
    figure("memory for each of them", (memory().1 - before.1) * 1e3 / followers as f64, "kB", None, "lower");
    let mut times: Vec<f64> = (0..20_u64)
        .map(|round| {
            let began = Instant::now();
            bring(&served, &[indicator((count / 1_000 + 1 + round) * 1_000)]);
            group.told(&format!("round {round}"));
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let of = |text: &str| format!("a new object, from its intake until {followers} followers have it{text}");
    figure(&of(", p50"), percentile(&mut times, 0.5), "ms", None, "lower");
    figure(&of(", slowest of 20"), percentile(&mut times, 1.0), "ms", Some(2_000.0), "lower");
    figure("most memory of the node at any time", memory().0, "MB", None, "lower");
}

fn followers() -> usize {
    std::env::var("COMITY_BENCH_FOLLOWERS").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

fn bring(served: &Served, objects: &[String]) {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let options = IntakeOptions::noted("bench", &stop);
    let source = served.node.set_source(&served.ctx, &org("bench"), &SourceChange::default()).expect("a source");
    let bundle = format!("{{\"objects\":[{}]}}", objects.join(",\n"));
    let input = Input { name: "bench".into(), reader: Box::new(std::io::Cursor::new(bundle.into_bytes())) };
    served.node.intake(&served.ctx, &source, &mut std::iter::once(Ok(input)), &options).expect("taken in");
}

/// The followers' process.
struct Group {
    child: Child,
    _told: ChildStdin,
    lines: BufReader<ChildStdout>,
}

impl Group {
    fn start(served: &Served, secrets: &[String]) -> Self {
        let program = std::env::current_exe().expect("a program");
        let mut child = Command::new(program)
            .env(FOLLOW, format!("{} {}", served.address, served.identity.pin()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("followers");
        let (mut told, lines) = (child.stdin.take().expect("a way in"), child.stdout.take().expect("a way out"));
        writeln!(told, "{}", secrets.join(" ")).expect("told");
        Self { child, _told: told, lines: BufReader::new(lines) }
    }

    fn told(&mut self, what: &str) {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        assert_eq!(line.trim(), what, "what the followers say");
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Follows every stream, and says when all have what they wait for.
fn follow(at: &str) {
    let (address, pin) = at.split_once(' ').expect("where and who");
    let (address, pin) = (address.parse().expect("an address"), pin.parse().expect("a pin"));
    let mut secrets = String::new();
    std::io::stdin().lock().read_line(&mut secrets).expect("secrets");
    let seen = objects().div_ceil(1_000);
    let (said, heard) = mpsc::channel();
    let secrets: Vec<_> = secrets.split_whitespace().map(str::to_owned).collect();
    for secret in &secrets {
        let head = format!("authorization: Bearer {secret}\r\n");
        let mut client = Client::to(address, pin, None).with(&head);
        let said = said.clone();
        let run = move || {
            client.listen("/stream/all");
            for _ in 0..seen {
                client.until(b"event: object");
            }
            said.send(()).expect("somebody who counts");
            loop {
                client.until(b"event: object");
                said.send(()).expect("somebody who counts");
            }
        };
        std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("a thread");
    }
    let all = || (0..secrets.len()).for_each(|_| heard.recv().expect("a follower"));
    all();
    println!("ready");
    for round in 0.. {
        all();
        println!("round {round}");
    }
}

/// Most memory so far, and that of this moment, in MB.
fn memory() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
        line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1e3
    };
    (of("VmHWM:"), of("VmRSS:"))
}

/// Set in the followers' process: where to follow.
const FOLLOW: &str = "COMITY_BENCH_FOLLOW";
