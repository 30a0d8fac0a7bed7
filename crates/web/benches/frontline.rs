//! Border systems that ask over TLS on this machine, with an embedded store and an entry in the ledger for each question.
//! `COMITY_BENCH_PERSONS` sets how many persons there are (1,000,000), `COMITY_BENCH_DOCUMENTS` how many documents (10,000,000).
//! Server and clients share the cores of the machine.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]

mod net;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use comity_node::intake::{Input, IntakeOptions};
use comity_node::{Act, NewAccount, NewKey, RightsChange, Role, SourceChange};
use comity_stix::ObjectId;
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::DocumentState;
use comity_testkit::{MadeUp, People, Random, stream};
use net::{Served, cpu_seconds, cpu_seconds_of, figure, org, percentile, scratch};
use uuid::Uuid;

fn main() {
    let persons = number("COMITY_BENCH_PERSONS", 1_000_000);
    let documents = number("COMITY_BENCH_DOCUMENTS", 10_000_000);
    let began = Instant::now();
    let folder = tempfile::tempdir_in(scratch()).expect("a folder");
    let served = Served::new("ee-police", folder.path());
    bring(&served, persons, documents);
    served.node.read_for_lists().expect("names");
    let each = (persons + documents) as f64 / began.elapsed().as_secs_f64();
    figure("persons and documents brought and made ready to be searched", each, "objects/s", None, "higher");
    let key = key(&served);
    all_are_there(&served, &key, documents);
    let questions = Arc::new(questions(persons, documents));
    // Few who wait for each answer, then as many booths at once as a country has.
    for clients in [4, 32, 128] {
        measure(&served, &key, &questions, clients);
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Seven of ten ask for a document, as at a border, three for a name; one of fifty is of somebody or something listed.
fn questions(persons: u64, documents: u64) -> Vec<String> {
    let listed: Vec<MadeUp> =
        People::new(1).take(usize::try_from(persons.min(100_000)).expect("fits")).step_by(31).collect();
    let strangers: Vec<MadeUp> = People::new(2).take(20_000).collect();
    let mut random = Random::new(9);
    let mut all = Vec::with_capacity(20_000);
    for _ in 0..20_000 {
        let is_known = random.below(50) == 0;
        if random.below(10) < 7 {
            let number = if is_known {
                spread(random.below(documents.max(1)))
            } else {
                format!("Z{:09}", random.below(1_000_000_000))
            };
            all.push(format!(r#"{{"document":"EST:P:{number}","reference":"booth 7"}}"#));
        } else {
            let one = random.pick(if is_known { &listed } else { &strangers });
            all.push(format!(r#"{{"name":"{}","born":"{}","nationality":"{}"}}"#, one.name, one.born, one.nationality));
        }
    }
    all
}

/// Of all documents, first to last, some are asked for, and found.
fn all_are_there(served: &Served, key: &str, documents: u64) {
    let mut client = client(served, key);
    for number in (0..documents).step_by(usize::try_from(documents / 50).unwrap_or(1).max(1)).chain([documents - 1]) {
        let asked = format!(r#"{{"document":"EST:P:{}","reference":"booth 7"}}"#, spread(number));
        let reply = client.post("/frontline/v1/search", asked.as_bytes());
        let text = String::from_utf8_lossy(&reply.body);
        assert!(reply.status == 200 && text.contains("stolen"), "{number}: {text}");
    }
}

fn client(served: &Served, key: &str) -> net::Client {
    served.connect().with(&format!("authorization: Bearer {key}\r\ncontent-type: application/json\r\n"))
}

fn measure(served: &Served, key: &str, questions: &Arc<Vec<String>>, clients: usize) {
    let (next, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (began, before) = (Instant::now(), cpu_seconds());
    let running: Vec<_> = (0..clients)
        .map(|_| {
            let mut client = client(served, key);
            let (next, stop, questions) = (Arc::clone(&next), Arc::clone(&stop), Arc::clone(questions));
            std::thread::spawn(move || {
                let mut took = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let at = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(0) % questions.len();
                    let asked = Instant::now();
                    let reply = client.post("/frontline/v1/search", questions[at].as_bytes());
                    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
                    took.push(asked.elapsed().as_secs_f64() * 1e3);
                }
                (took, cpu_seconds_of("thread-self"))
            })
        })
        .collect();
    std::thread::sleep(LASTS);
    stop.store(true, Ordering::Relaxed);
    let all: Vec<(Vec<f64>, f64)> = running.into_iter().map(|one| one.join().expect("a client")).collect();
    let of_server = cpu_seconds() - before - all.iter().map(|(_, worked)| worked).sum::<f64>();
    let mut took: Vec<f64> = all.into_iter().flat_map(|(took, _)| took).collect();
    let seconds = began.elapsed().as_secs_f64();
    let target = |wanted: f64| (clients == 32).then_some(wanted);
    let name = |what: &str| format!("{clients} booths at once: {what}");
    figure(&name("searches"), took.len() as f64 / seconds, "searches/s", target(5_000.0), "higher");
    figure(&name("p50"), percentile(&mut took, 0.5), "ms", None, "lower");
    figure(&name("p99"), percentile(&mut took, 0.99), "ms", target(20.0), "lower");
    // Two cores that had nothing else to do could answer 5,000 a second at so much.
    let each = of_server * 1e6 / took.len() as f64;
    figure(&name("processor time of the server, a search"), each, "us", target(400.0), "lower");
}

fn bring(served: &Served, persons: u64, documents: u64) {
    let mut random = Random::new(1);
    let mut people = People::new(1).take(usize::try_from(persons).expect("fits"));
    let lines = std::iter::from_fn(move || {
        let some: String = people.by_ref().take(1_000).map(|one| one.identity(&mut random) + "\n").collect();
        (!some.is_empty()).then_some(some)
    });
    take_in(served, Box::new(lines));
    let lines = (0..documents.div_ceil(1_000)).map(|piece| (0..1_000).map(|at| document(piece * 1_000 + at)).collect());
    take_in(served, Box::new(lines));
}

fn take_in(served: &Served, pieces: Box<dyn Iterator<Item = String> + Send>) {
    let change = SourceChange { country: Some("EE".into()), ..SourceChange::default() };
    let source = served.node.set_source(&served.ctx, &org("ee-police"), &change).expect("a source");
    let stop = AtomicBool::new(false);
    let input = Input { name: "made".into(), reader: stream(pieces) };
    let options = IntakeOptions::noted("bench", &stop);
    let report = served.node.intake(&served.ctx, &source, &mut std::iter::once(Ok(input)), &options).expect("in");
    assert_eq!(report.batch.expect("a batch").counts.rejected, 0);
}

fn document(number: u64) -> String {
    let uuid = Uuid::from_u128(u128::from(number) | 0x4000_8000_0000_0000_0000 << 32);
    let id = ObjectId::new(DOCUMENT_TYPE, uuid).expect("an id");
    let (kind, issuer, state) = ("P".into(), "EST".into(), DocumentState::Stolen);
    let time = "2026-01-01T00:00:00.000Z";
    let listed = ListedDocument { kind, issuer, number: spread(number), state, since: None };
    listed.to_object(&id, time, time).to_string() + "\n"
}

/// The number of a document: each another, spread over all there are.
fn spread(number: u64) -> String {
    format!("K{:09}", number.wrapping_mul(48_271_001) % 1_000_000_000)
}

/// The API key of a border system.
fn key(served: &Served) -> String {
    let (node, all) = (&served.node, (*served.ctx.authority).clone());
    let account = |name: &str| NewAccount { name: name.into(), full_name: name.into(), system: None };
    node.add_first_account(&served.ctx, &account("first")).expect("an account");
    let (first, boss) = (served.ctx.acting_as("first", all.clone()), served.ctx.acting_as("boss", all));
    node.add_account(&first, &account("booths")).expect("an account");
    let give = RightsChange { give: [Role::Service].into_iter().collect(), ..RightsChange::default() };
    node.change_rights(&boss, "booths", &give).expect("rights");
    let scope: BTreeSet<Act> = [Act::Search].into();
    let new = NewKey { account: "booths".into(), note: "bench".into(), scope, days: 30 };
    node.add_key(&first, &new).expect("a key").1
}

/// How long each run lasts.
const LASTS: Duration = Duration::from_secs(15);
