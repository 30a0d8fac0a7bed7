//! How fast the store alone takes objects in and gives them back. One JSON line per figure.
//!
//! `COMITY_BENCH_OBJECTS` sets how many objects (default 1,000,000), `COMITY_BENCH_BATCH` how many
//! per append (default 10,000), `COMITY_BENCH_PAGE` the bytes of a database page.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::Fingerprinter;
use comity_stix::ObjectId;
use comity_store::{BatchStart, Counts, Found, LabelId, NewVersion, OriginalId, Packer, Store};
use comity_store_sqlite::{Options, SqliteStore};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo test` builds and starts benches too; that is not the time to measure.
    if !std::env::args().any(|a| a == "--bench") {
        return Ok(());
    }
    let objects = setting("COMITY_BENCH_OBJECTS", 1_000_000);
    let dir = tempfile::tempdir()?;
    let page_bytes = u32::try_from(setting("COMITY_BENCH_PAGE", 8_192))?;
    let options = Options { page_bytes, ..Options::default() };
    let store = SqliteStore::open_with(dir.path(), Fingerprinter::new([3; 16]), options)?;
    let raw_bytes = take_in(&store, objects)?;
    again(&store, objects.min(200_000))?;
    read_back(&store, objects)?;
    undo(&store, 77_000)?;
    drop(store);
    let per_object = |bytes: u64| bytes as f64 / (objects + 77_000) as f64;
    figure("raw bytes per object", raw_bytes as f64 / objects as f64, "bytes", None, "lower");
    figure("bytes at rest per object, all files", per_object(size(dir.path())), "bytes", Some(300.0), "lower");
    figure(
        "bytes at rest per object, database",
        per_object(std::fs::metadata(dir.path().join("store.db"))?.len()),
        "bytes",
        Some(225.0),
        "lower",
    );
    Ok(())
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// Packs in one thread and appends in another, as the intake does.
fn take_in(store: &SqliteStore, objects: u64) -> Result<u64, Box<dyn std::error::Error>> {
    let label = store.intern_label(r#"{"owner":"org-a","tlp":"green"}"#)?;
    let per_append = setting("COMITY_BENCH_BATCH", 10_000);
    let batch = store.begin(&start())?;
    let (send, receive) = sync_channel::<Vec<NewVersion>>(2);
    let packer = store.packer();
    let begun = Instant::now();
    let begun_cpu = cpu();
    let (mut append_time, mut slowest) = (Duration::ZERO, Duration::ZERO);
    let raw_bytes = std::thread::scope(|scope| {
        let packing = scope.spawn(move || {
            let (mut pack_time, mut raw_bytes) = (Duration::ZERO, 0);
            for first in (0..objects).step_by(usize::try_from(per_append).unwrap_or(1)) {
                let raws: Vec<_> = (first..objects.min(first + per_append)).map(indicator).collect();
                let start = Instant::now();
                let versions: Vec<_> = raws.iter().map(|(id, raw)| version(&packer, id, raw, label)).collect();
                pack_time += start.elapsed();
                raw_bytes += raws.iter().map(|(_, raw)| raw.len() as u64).sum::<u64>();
                let _ = send.send(versions);
            }
            (pack_time, raw_bytes)
        });
        while let Ok(versions) = receive.recv() {
            let start = Instant::now();
            if let Err(error) = store.append(batch, &versions, Found::default()) {
                eprintln!("{error}");
            }
            append_time += start.elapsed();
            slowest = slowest.max(start.elapsed());
        }
        let (pack_time, raw_bytes) = packing.join().unwrap_or_default();
        figure("pack", micros(pack_time) / objects as f64, "us/object", Some(7.0), "lower");
        raw_bytes
    });
    store.finish(batch, &Counts::default(), Timestamp::from_micros(1))?;
    let seconds = begun.elapsed().as_secs_f64();
    figure("store-only", objects as f64 / seconds, "objects/s", Some(50_000.0), "higher");
    figure(
        "store-only CPU, with making the objects",
        (cpu() - begun_cpu) / objects as f64,
        "us/object",
        Some(20.0),
        "lower",
    );
    figure("append", micros(append_time) / objects as f64, "us/object", Some(6.0), "lower");
    figure("slowest append", slowest.as_secs_f64() * 1000.0, "ms", None, "lower");
    Ok(raw_bytes)
}

/// Everything once more: nothing is stored.
fn again(store: &SqliteStore, objects: u64) -> Result<(), Box<dyn std::error::Error>> {
    let label = store.intern_label(r#"{"owner":"org-a","tlp":"green"}"#)?;
    let packer = store.packer();
    let batch = store.begin(&start())?;
    let mut time = Duration::ZERO;
    for first in (0..objects).step_by(10_000) {
        let versions: Vec<_> = (first..objects.min(first + 10_000))
            .map(indicator)
            .map(|(id, raw)| version(&packer, &id, &raw, label))
            .collect();
        let start = Instant::now();
        store.append(batch, &versions, Found::default())?;
        time += start.elapsed();
    }
    let info = store.finish(batch, &Counts::default(), Timestamp::from_micros(2))?;
    if info.last != info.after {
        eprintln!("{} versions were stored twice", info.last.0 - info.after.0);
    }
    figure("append of what is there", micros(time) / objects as f64, "us/object", None, "lower");
    Ok(())
}

fn read_back(store: &SqliteStore, objects: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % objects
    };
    let mut times = Vec::new();
    for _ in 0..20_000 {
        let position = Position(next() + 1);
        let start = Instant::now();
        store.get(&[position])?;
        times.push(start.elapsed());
    }
    figure("get by position p50", median(&mut times), "us", Some(10.0), "lower");
    times.clear();
    for _ in 0..20_000 {
        let (id, _) = indicator(next());
        let start = Instant::now();
        store.versions(&id)?;
        times.push(start.elapsed());
    }
    figure("versions by id p50", median(&mut times), "us", Some(10.0), "lower");
    let (mut at, mut read, begun) = (Position::START, 0, Instant::now());
    while read < 300_000 {
        let page = store.scan(at, 1_000, true)?;
        let Some(last) = page.last() else { break };
        (at, read) = (last.position, read + page.len());
    }
    figure("scan with bodies", read as f64 / begun.elapsed().as_secs_f64(), "objects/s", Some(200_000.0), "higher");
    Ok(())
}

fn undo(store: &SqliteStore, versions: u64) -> Result<(), Box<dyn std::error::Error>> {
    let label = store.intern_label(r#"{"owner":"org-a","tlp":"green"}"#)?;
    let packer = store.packer();
    let batch = store.begin(&start())?;
    for first in (0..versions).step_by(10_000) {
        let made = (first..versions.min(first + 10_000)).map(|n| indicator(1 << 40 | n));
        let versions: Vec<_> = made.map(|(id, raw)| version(&packer, &id, &raw, label)).collect();
        store.append(batch, &versions, Found::default())?;
    }
    store.finish(batch, &Counts::default(), Timestamp::from_micros(3))?;
    let begun = Instant::now();
    store.undo(batch, &start(), Timestamp::from_micros(4))?;
    figure("undo of 77,000", begun.elapsed().as_secs_f64(), "s", Some(2.0), "lower");
    Ok(())
}

fn version(packer: &Packer, id: &ObjectId, raw: &[u8], label: LabelId) -> NewVersion {
    let modified = Timestamp::from_micros(1_767_225_600_000_000);
    NewVersion { id: id.clone(), modified, label, source: OriginalId(1), offset: 1_000_000, body: packer.pack(raw) }
}

fn start() -> BatchStart {
    let owner = OrgName::parse("org-a").unwrap_or_else(|_| unreachable!());
    BatchStart { owner, note: "bench".into(), now: Timestamp::from_micros(0), fence: None, entries: Vec::new() }
}

/// An indicator of about 750 bytes; one part in three each of file hashes, addresses and host names.
fn indicator(n: u64) -> (ObjectId, Vec<u8>) {
    let words = [mix(n), mix(n ^ 0xa5a5), mix(n ^ 0x5a5a), mix(n ^ 0xffff)];
    let uuid = uuid::Uuid::from_u64_pair(words[0], words[1]);
    let creator = mix(n % 50);
    let (kind, value, name) = match n % 3 {
        0 => (
            "file:hashes.'SHA-256'",
            format!("{:016x}{:016x}{:016x}{:016x}", words[0], words[1], words[2], words[3]),
            "Malicious file",
        ),
        1 => (
            "ipv4-addr:value",
            format!("{}.{}.{}.{}", words[2] >> 56, words[2] & 255, words[3] >> 56, words[3] & 255),
            "Command and control server",
        ),
        _ => (
            "domain-name:value",
            format!("{:x}-{}.example.net", words[2] >> 24, if words[3].is_multiple_of(2) { "login" } else { "update" }),
            "Phishing host",
        ),
    };
    let day = 1 + words[2] % 28;
    let (hour, minute, second) = (words[3] % 24, words[2] % 60, words[1] % 60);
    let when = format!("2026-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}", 1 + words[0] % 12);
    let raw = format!(
        "{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--{uuid}\",\
         \"created_by_ref\":\"identity--{}\",\"created\":\"{when}.{:03}Z\",\"modified\":\"{when}.{:03}Z\",\
         \"name\":\"{name}\",\"description\":\"{name} seen in campaign {} by sensor {}\",\"indicator_types\":[\"malicious-activity\"],\
         \"pattern\":\"[{kind} = '{value}']\",\"pattern_type\":\"stix\",\"pattern_version\":\"2.1\",\"valid_from\":\"{when}Z\",\
         \"confidence\":{},\"kill_chain_phases\":[{{\"kill_chain_name\":\"lockheed-martin-cyber-kill-chain\",\"phase_name\":\"delivery\"}}],\
         \"labels\":[\"malicious-activity\",\"source:honeypot\"],\
         \"object_marking_refs\":[\"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb\"]}}",
        uuid::Uuid::from_u64_pair(creator, creator),
        words[1] % 1000,
        words[1] % 1000,
        words[0] % 500,
        words[1] % 40,
        words[3] % 100,
    );
    let id = ObjectId::new("indicator", uuid).unwrap_or_else(|_| unreachable!());
    (id, raw.into_bytes())
}

fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn figure(name: &str, value: f64, unit: &str, target: Option<f64>, better: &str) {
    let target = target.map_or(String::new(), |t| format!("\"target\":{t},"));
    println!("{{\"figure\":\"{name}\",\"value\":{value:.3},\"unit\":\"{unit}\",{target}\"better\":\"{better}\"}}");
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |t| micros(*t))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Processor time of this process so far, in microseconds (user and system; /proc counts in hundredths of a second).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks * 10_000.0
}

fn size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}
