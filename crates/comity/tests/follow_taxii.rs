//! Servers that are no nodes are followed and pushed to, over real sockets: what came in is there once, whatever the
//! server, the network or `kill -9` do.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use comity_base::Timestamp;
use comity_testkit::{Random, bundle};
use common::{Desk, command};
use parking_lot::Mutex;
use serde_json::{Value, json};

// ---- another Comity node as the server -------------------------------------------------------------------------

/// A node that serves, in a process of its own.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(desk: &Desk, network: &str) -> Self {
        let mut child = command(&desk.node())
            // A short silence: after a kill the next process takes the work over at once.
            .args(["serve", "--listen", "off", "--silence", "1", "--network", network])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(drop));
        let address = first.split("tools: ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        Self { child, address: address.to_owned() }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A node with so many objects, and a token for its own organisation's tools.
fn far_node(objects: usize) -> (Desk, Serving, String, String) {
    let far = Desk::new();
    let mut bytes = Vec::new();
    bundle(11, objects, &mut bytes).unwrap();
    let file = far.write("far.json", bytes);
    far.ok(&["ingest", "--as", "lab-north", file.to_str().unwrap()]);
    let pin = far.json(&["keys"])[0]["tls"][0]["pin"].as_str().unwrap().to_owned();
    let serving = Serving::start(&far, "127.0.0.1:0");
    let token = far.json(&["peer", "token", "ee"])[0]["secret"].as_str().unwrap().to_owned();
    (far, serving, pin, token)
}

fn follow(desk: &Desk, serving: &Serving, pin: &str, token: &str, more: &[&str]) {
    let file = desk.write("token", format!("{token}\n"));
    let url = format!("https://{}/", serving.address);
    let mut words = vec!["follow", "add", "far", "--as", "lab-north", "--taxii", &url, "--pin", pin];
    words.extend(["--token-file", file.to_str().unwrap(), "--allow-private"]);
    words.extend(more);
    desk.ok(&words);
}

#[test]
fn a_collection_of_another_node_comes_in_once_and_goes_on() {
    let (far, serving, pin, token) = far_node(2_500);
    let near = Desk::new();
    follow(&near, &serving, &pin, &token, &["--every", "1s"]);
    let said = near.ok(&["follow", "run", "far"]);
    assert!(said.contains("collection") && said.contains("1,000 stored"), "{said}");
    assert_eq!(stored(&near, "lab-north"), 2_500);
    let status = &near.json(&["follow", "list"])[0];
    assert_eq!((&status["objects"], &status["failures"], &status["trouble"]), (&json!(2_500), &json!(0), &Value::Null));
    let batches = near.json(&["batches"]).len();
    assert!(near.ok(&["follow", "run", "far"]).contains("nothing new"));
    assert_eq!(near.json(&["batches"]).len(), batches, "nothing new makes no batch");
    // From now on the serving process does it.
    let near_serving = Serving::start(&near, "off");
    let mut bytes = Vec::new();
    bundle(12, 300, &mut bytes).unwrap();
    let file = far.write("more.json", bytes);
    far.ok(&["ingest", "--as", "lab-north", file.to_str().unwrap()]);
    until("the new objects come", || stored(&near, "lab-north") == 2_800);
    near.ok(&["follow", "pause", "far"]);
    assert_eq!(near.json(&["follow", "list"])[0]["paused"], true);
    near.ok(&["follow", "resume", "far"]);
    near.ok(&["follow", "remove", "far"]);
    assert!(near.json(&["follow", "list"]).is_empty());
    near_serving.kill();
    assert!(!holds(&near, token.as_bytes()), "the secret is nowhere in the node's folder");
}

#[test]
fn a_process_killed_at_any_moment_loses_and_repeats_nothing() {
    const OBJECTS: u64 = 12_000;
    let (_far, serving, pin, token) = far_node(usize::try_from(OBJECTS).unwrap());
    let near = Desk::new();
    follow(&near, &serving, &pin, &token, &["--every", "1s"]);
    let mut random = Random::new(20_261_201);
    let mut partly = 0;
    for _ in 0..6 {
        let near_serving = Serving::start(&near, "off");
        let before = objects_of(&near, "far");
        if before < OBJECTS {
            until("a page comes", || objects_of(&near, "far") > before);
        }
        std::thread::sleep(Duration::from_millis(random.below(80)));
        near_serving.kill();
        let kept = stored(&near, "lab-north");
        assert_eq!(kept % 1_000, 0, "whole pages only");
        partly += u32::from(0 < kept && kept < OBJECTS);
    }
    assert!(partly > 0, "the moments chosen killed nothing in the middle");
    near.ok(&["follow", "run", "far"]);
    assert_eq!(stored(&near, "lab-north"), OBJECTS);
    assert_eq!(added(&near), OBJECTS, "nothing was stored twice");
    assert_eq!(near.json(&["check"])[0]["wrong"], json!([]));
}

#[test]
fn what_one_organisation_may_see_is_pushed_and_accounted_for() {
    let (far, serving, pin, token) = far_node(10);
    let near = Desk::new();
    let mut bytes = Vec::new();
    bundle(13, 1_200, &mut bytes).unwrap();
    let file = near.write("own.json", bytes);
    near.ok(&["ingest", "--as", "ee", file.to_str().unwrap()]);
    near.ok(&["peer", "add", "lab", "--name", "Lab North", "--kind", "partner", "--country", "FI"]);
    let token = near.write("token", token);
    let url = format!("https://{}/", serving.address);
    let words = ["follow", "push", "to-lab", "--to", "lab", "--taxii", &url, "--pin", &pin, "--allow-private"];
    near.ok(&[&words[..], &["--token-file", token.to_str().unwrap()]].concat());
    let said = near.run(&["follow", "run", "to-lab"]);
    assert!(said.code == 1 && said.err.contains("no agreement in force"), "{}{}", said.out, said.err);
    agree(&near);
    let said = near.ok(&["follow", "run", "to-lab"]);
    assert!(said.contains("500 pushed, 0 refused"), "{said}");
    let pushed = near.json(&["follow", "list"])[0]["objects"].as_u64().unwrap();
    assert!(pushed > 500, "{pushed}");
    assert_eq!(stored(&far, "ee"), pushed);
    let given = &near.json(&["deliveries", "lab"])[0]["deliveries"];
    assert_eq!((&given[0]["channel"], given[0]["objects"].as_u64()), (&json!("push"), Some(pushed)));
    assert!(near.ok(&["follow", "run", "to-lab"]).contains("nothing to push"));
    near.ok(&["peer", "suspend", "lab"]);
    assert!(near.run(&["follow", "run", "to-lab"]).err.contains("suspended"));
}

/// An agreement with the lab, which signed on paper.
fn agree(near: &Desk) {
    let agreement = near.write("agreement.toml", AGREEMENT);
    let made = near.json(&["agreement", "propose", "lab", "--file", agreement.to_str().unwrap()]);
    let id = made[0]["agreement"]["id"].as_str().or(made[0]["id"].as_str()).unwrap_or_default().to_owned();
    near.ok(&["agreement", "sign", &id, "--on-paper", "file 7"]);
}

const AGREEMENT: &str = r#"name = "push"
version = 1
valid_from = 2020-01-01
valid_until = 2040-01-01
[[flows]]
from = "ee"
to = "lab"
kinds = ["threat", "suspect", "contact", "account", "person"]
purposes = ["investigation", "prevention"]
tlp = "amber+strict"
handling = ["H0", "H1", "H2", "H3"]
onward = "label"
[queries]
per_day = 10
per_hour = 10
[receipts]
within_hours = 24
suspend_queries_when_overdue = true
"#;

// ---- servers that are odd ----------------------------------------------------------------------------------------

/// A server over TLS, on a port of its own, with a certificate of its own.
struct Web {
    url: String,
    pin: String,
    /// Its certificate, as a file for `--ca` holds it.
    pem: String,
    _runtime: tokio::runtime::Runtime,
}

struct Tls {
    listener: tokio::net::TcpListener,
    acceptor: tokio_rustls::TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = tokio_rustls::server::TlsStream<tokio::net::TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Web {
    fn start(router: Router) -> Self {
        let (from, until) = ("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
        let moment = |text| Timestamp::parse(text).unwrap();
        let identity = comity_tls::make_identity("odd", &["127.0.0.1".into()], moment(from), moment(until)).unwrap();
        let acceptor = Arc::new(comity_tls::server_config(&identity).unwrap()).into();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(Tls { listener, acceptor }, router).await });
        let der = base64::engine::general_purpose::STANDARD.encode(&identity.chain()[0]);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
        Self { url, pin: identity.pin().to_string(), pem, _runtime: runtime }
    }

    fn add(&self, desk: &Desk, name: &str, words: &[&str]) {
        let mut all = vec!["follow", "add", name, "--as", "odd", "--pin", &self.pin, "--allow-private"];
        all.extend(words);
        desk.ok(&all);
    }
}

fn taxii(body: impl Into<String>) -> Response {
    ([(header::CONTENT_TYPE, "application/taxii+json;version=2.1")], body.into()).into_response()
}

fn indicator(number: u32) -> Value {
    json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{number:08x}-0000-4000-8000-000000000000"),
        "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "pattern_type": "stix",
        "pattern": format!("[ipv4-addr:value = '198.51.100.{}']", number % 250), "valid_from": "2026-01-01T00:00:00Z"
    })
}

/// Every collection has its own way of being odd.
async fn objects(Path(collection): Path<String>, uri: Uri) -> Response {
    let url = reqwest::Url::parse(&format!("https://odd.example{uri}")).unwrap();
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    match collection.as_str() {
        "busy" => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "4000")]).into_response(),
        "login" => ([(header::CONTENT_TYPE, "text/html")], "<html>Please log in</html>").into_response(),
        "broken" => taxii(format!("{{\"objects\":[{}", indicator(1))),
        "away" => (StatusCode::FOUND, [(header::LOCATION, "https://192.0.2.1/elsewhere/")]).into_response(),
        // One page, and the same token for ever.
        "endless" => taxii(json!({"more": true, "next": "again", "objects": [indicator(2)]}).to_string()),
        // Neither type nor id, then one that is whole.
        "poison" => taxii(json!({"objects": [{"type": 7, "id": "../../x"}, 12, indicator(3)]}).to_string()),
        "silent" => std::future::pending().await,
        // It forgets its own tokens.
        "forgetful" if query.contains_key("next") => StatusCode::GONE.into_response(),
        "forgetful" => {
            let first = query.get("added_after").is_none_or(|after| after.as_str() < "2026-02-02T00:00:00.000");
            let page = if first {
                json!({"more": true, "next": "x", "objects": [indicator(4)]})
            } else {
                json!({"objects": [indicator(5)]})
            };
            let dated = if first { "2026-02-02T00:00:00.001000Z" } else { "2026-02-03T00:00:00.000000Z" };
            ([("X-TAXII-Date-Added-Last", dated)], taxii(page.to_string())).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn odd_server() -> Web {
    let names = ["busy", "login", "broken", "away", "endless", "poison", "forgetful", "silent"];
    let listed: Vec<_> = names
        .iter()
        .map(|name| json!({"id": name, "title": name.to_uppercase(), "can_read": true, "can_write": false}))
        .collect();
    let collections = json!({"collections": listed}).to_string();
    let router = Router::new()
        .route("/root/", get(|| async { taxii(json!({"title": "odd", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 1000}).to_string()) }))
        .route("/root/collections/", get(|| async move { taxii(collections) }))
        .route("/root/collections/{collection}/objects/", get(objects));
    Web::start(router)
}

#[test]
fn an_odd_server_does_no_harm_and_its_trouble_is_told() {
    let (web, desk) = (odd_server(), Desk::new());
    let root = format!("{}root/", web.url);
    for (name, words) in [
        ("busy", "429"),
        ("login", "not TAXII"),
        ("broken", "cannot be read"),
        ("away", "another server"),
        ("endless", "same next again"),
    ] {
        web.add(&desk, name, &["--taxii", &root, "--collection", name]);
        let said = desk.run(&["follow", "run", name]);
        assert!(said.code == 1 && said.err.contains(words), "{name}: {}{}", said.out, said.err);
    }
    let list = desk.json(&["follow", "list"]);
    let of = |name: &str| list.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(of("broken")["objects"], 0);
    assert_eq!(of("endless")["objects"], 1);
    let due = Timestamp::parse(of("busy")["next_due"].as_str().unwrap()).unwrap();
    let since = Timestamp::parse(of("busy")["trouble_since"].as_str().unwrap()).unwrap();
    assert!(due.as_micros() - since.as_micros() >= 3_990_000_000, "it is not asked before it wants to be");
    // Titles count too, whatever their case.
    web.add(&desk, "poison", &["--taxii", &root, "--collection", "Poison"]);
    desk.ok(&["follow", "run", "poison"]);
    let row = desk.json(&["follow", "list"]).into_iter().find(|row| row["name"] == "poison").unwrap();
    assert_eq!((&row["objects"], &row["set_aside"]), (&json!(1), &json!(2)));
    web.add(&desk, "forgetful", &["--taxii", &root, "--collection", "forgetful"]);
    desk.ok(&["follow", "run", "forgetful"]);
    assert_eq!(stored(&desk, "odd"), 4, "indicators 2 to 5");
    web.add(&desk, "which", &["--taxii", &root]);
    assert!(desk.run(&["follow", "run", "which"]).err.contains("FORGETFUL"), "it says which there are");
}

#[test]
fn a_server_that_says_nothing_keeps_no_process_from_ending() {
    let (web, desk) = (odd_server(), Desk::new());
    web.add(&desk, "silent", &["--taxii", &format!("{}root/", web.url), "--collection", "silent"]);
    web.add(&desk, "poison", &["--taxii", &format!("{}root/", web.url), "--collection", "poison"]);
    let mut serving = Serving::start(&desk, "off");
    until("the other one goes on", || stored(&desk, "odd") == 1);
    let pid = serving.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let asked = Instant::now();
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

/// Objects that were taken, and the one that never is.
#[derive(Default)]
struct Inbox {
    taken: Mutex<Vec<String>>,
    hated: Mutex<Option<String>>,
    asked: AtomicUsize,
}

/// Takes objects later, as the status says when it is asked for again; refuses whole batches for one of them.
async fn inbox(State(inbox): State<Arc<Inbox>>, body: Bytes) -> Response {
    let envelope: Value = serde_json::from_slice(&body).unwrap();
    let ids: Vec<String> = envelope["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["id"].as_str().unwrap().to_owned())
        .collect();
    let hated = inbox.hated.lock().get_or_insert_with(|| ids[ids.len() / 2].clone()).clone();
    if ids.contains(&hated) {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    inbox.taken.lock().extend(ids);
    (StatusCode::ACCEPTED, taxii(json!({"id": uuid(1), "status": "pending", "total_count": 1}).to_string()))
        .into_response()
}

async fn outcome(State(inbox): State<Arc<Inbox>>) -> Response {
    let done = inbox.asked.fetch_add(1, Ordering::Relaxed) > 0;
    taxii(json!({"id": uuid(1), "status": if done { "complete" } else { "pending" }, "total_count": 1}).to_string())
}

#[test]
fn one_object_that_a_server_refuses_keeps_no_other_back() {
    let (near, far) = (Desk::new(), Arc::new(Inbox::default()));
    let collections = json!({"collections": [{"id": "in", "title": "In", "can_read": false, "can_write": true}]});
    let router = Router::new()
        .route(
            "/root/",
            get(|| async { taxii(json!({"title": "odd", "versions": [], "max_content_length": 100_000}).to_string()) }),
        )
        .route("/root/collections/", get(|| async move { taxii(collections.to_string()) }))
        .route("/root/collections/in/objects/", post(inbox))
        .route("/root/status/{id}/", get(outcome))
        .with_state(Arc::clone(&far));
    let web = Web::start(router);
    let own = json!({"objects": (0..40).map(indicator).collect::<Vec<_>>()}).to_string();
    let file = near.write("own.json", own);
    near.ok(&["ingest", "--as", "ee", "--tlp", "green", file.to_str().unwrap()]);
    near.ok(&["peer", "add", "lab", "--name", "Lab North", "--kind", "partner", "--country", "FI"]);
    agree(&near);
    let url = format!("{}root/", web.url);
    near.ok(&["follow", "push", "in", "--to", "lab", "--taxii", &url, "--pin", &web.pin, "--allow-private"]);
    near.ok(&["follow", "run", "in"]);
    let row = &near.json(&["follow", "list"])[0];
    assert_eq!((&row["objects"], &row["set_aside"]), (&json!(39), &json!(1)), "{row}");
    let hated = far.hated.lock().clone().unwrap();
    let told = row["notices"].as_array().unwrap().iter().any(|text| text.as_str().unwrap().contains(&hated));
    assert!(told, "{row}");
    let mut taken = far.taken.lock().clone();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), far.taken.lock().len()), (39, 39), "each once");
}

#[test]
fn nobody_is_sent_inside_or_trusted_unknown() {
    let (web, desk) = (odd_server(), Desk::new());
    let root = format!("{}root/", web.url);
    for (name, server) in [("one", "--taxii"), ("two", "--misp-feed")] {
        desk.ok(&["follow", "add", name, "--as", "odd", server, &root, "--pin", &web.pin]);
        let said = desk.run(&["follow", "run", name]);
        assert!(said.err.contains("not a public address"), "{}", said.err);
    }
    let other = desk.write("other.pem", &Web::start(Router::new()).pem);
    let words = ["--taxii", &root, "--collection", "poison", "--allow-private", "--ca"];
    let add = |name: &str, ca: &str| desk.ok(&[&["follow", "add", name, "--as", "odd"], &words[..], &[ca]].concat());
    add("other", other.to_str().unwrap());
    assert!(desk.run(&["follow", "run", "other"]).err.contains("certificate"));
    add("own", desk.write("own.pem", &web.pem).to_str().unwrap());
    desk.ok(&["follow", "run", "own"]);
    let refused = desk.run(&["follow", "add", "plain", "--as", "odd", "--taxii", "http://taxii.example/"]);
    assert!(refused.err.contains("https://"), "{}", refused.err);
    let refused = desk.run(&["follow", "add", "own", "--as", "odd", "--taxii", "https://taxii.example/"]);
    assert!(refused.err.contains("already"), "{}", refused.err);
}

// ---- MISP ----------------------------------------------------------------------------------------------------------

/// A folder of files that a web server gives, and what was asked of it.
#[derive(Default)]
struct Feed {
    files: Mutex<BTreeMap<String, String>>,
    events: AtomicUsize,
    unchanged: AtomicUsize,
}

impl Feed {
    fn event(&self, number: u32, date: i64, value: &str) {
        let uuid = uuid(number);
        let mut files = self.files.lock();
        files.insert(format!("{uuid}.json"), json!({"Event": event(number, date, value)}).to_string());
        let mut manifest: Value =
            files.get("manifest.json").map_or_else(|| json!({}), |text| serde_json::from_str(text).unwrap());
        manifest[&uuid] =
            json!({"info": format!("event {number}"), "timestamp": date.to_string(), "date": "2026-01-01"});
        files.insert("manifest.json".into(), manifest.to_string());
    }
}

fn uuid(number: u32) -> String {
    format!("5a0b5f2e-1f0c-4b8e-9f0a-{number:012x}")
}

fn event(number: u32, date: i64, value: &str) -> Value {
    json!({
        "uuid": uuid(number), "info": format!("event {number}"), "date": "2026-01-01", "timestamp": date.to_string(),
        "publish_timestamp": date.to_string(), "published": true, "analysis": "2", "threat_level_id": "2",
        "Orgc": {"name": "ODD", "uuid": "55f6ea5e-2c60-40e5-964f-47a8950d210f"},
        "Attribute": [{
            "uuid": format!("6a0b5f2e-1f0c-4b8e-9f0a-{number:012x}"), "type": "domain", "category": "Network activity",
            "to_ids": true, "value": value, "timestamp": date.to_string()
        }]
    })
}

async fn file(State(feed): State<Arc<Feed>>, uri: Uri, headers: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches("/feed/").to_owned();
    if name != "manifest.json" {
        feed.events.fetch_add(1, Ordering::Relaxed);
    }
    let Some(text) = feed.files.lock().get(&name).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", comity_crypto::hex(&comity_crypto::sha256(text.as_bytes())));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        feed.unchanged.fetch_add(1, Ordering::Relaxed);
        return StatusCode::NOT_MODIFIED.into_response();
    }
    // So that there is a middle to be killed in.
    tokio::time::sleep(Duration::from_millis(4)).await;
    ([(header::CONTENT_TYPE, "application/json"), (header::ETAG, etag.as_str())], text).into_response()
}

#[test]
fn a_misp_feed_comes_in_and_only_what_is_new_is_fetched() {
    let (feed, desk) = (Arc::new(Feed::default()), Desk::new());
    for number in 0..60 {
        feed.event(number, 1_760_000_000 + i64::from(number), &format!("host-{number}.example"));
    }
    let web = Web::start(Router::new().fallback(file).with_state(Arc::clone(&feed)));
    let url = format!("{}feed/manifest.json", web.url);
    web.add(&desk, "feed", &["--misp-feed", &url, "--every", "1s"]);
    desk.ok(&["follow", "run", "feed"]);
    let known = |value: &str| desk.json(&["look", value])[0]["known"] == true;
    assert!(known("host-0.example") && known("host-59.example"));
    assert_eq!(feed.events.load(Ordering::Relaxed), 60);
    let before = desk.json(&["batches"]).len();
    assert!(desk.ok(&["follow", "run", "feed"]).contains("nothing new"));
    assert_eq!((feed.events.load(Ordering::Relaxed), feed.unchanged.load(Ordering::Relaxed)), (60, 1));
    assert_eq!(desk.json(&["batches"]).len(), before);
    // One changes, one is new with an old date, and one is listed without a file.
    feed.event(7, 1_760_001_000, "moved-7.example");
    feed.event(60, 1_700_000_000, "late-60.example");
    feed.event(61, 1_760_002_000, "gone-61.example");
    let gone = feed.files.lock().remove(&format!("{}.json", uuid(61))).unwrap();
    let said = desk.run(&["follow", "run", "feed"]);
    assert!(said.code == 1 && said.err.contains("1 of 3 new events"), "{}{}", said.out, said.err);
    assert!(known("moved-7.example") && known("late-60.example"));
    feed.files.lock().insert(format!("{}.json", uuid(61)), gone);
    desk.ok(&["follow", "run", "feed"]);
    assert!(known("gone-61.example"));
    assert_eq!(feed.events.load(Ordering::Relaxed), 64, "each once, and the missing one once more");
    // Names in a manifest become part of addresses.
    feed.files.lock().insert("manifest.json".into(), r#"{"../../secret": {"timestamp": 1}}"#.into());
    assert!(desk.run(&["follow", "run", "feed"]).err.contains("is no UUID"));
}

#[test]
fn a_feed_that_is_cut_off_by_a_kill_goes_on_where_it_was() {
    let (feed, desk) = (Arc::new(Feed::default()), Desk::new());
    for number in 0..400 {
        feed.event(number, 1_760_000_000 + i64::from(number), &format!("host-{number}.example"));
    }
    let web = Web::start(Router::new().fallback(file).with_state(Arc::clone(&feed)));
    web.add(&desk, "feed", &["--misp-feed", &format!("{}feed/", web.url), "--every", "1s"]);
    let mut random = Random::new(20_261_202);
    for _ in 0..5 {
        if feed.events.load(Ordering::Relaxed) > 300 {
            break;
        }
        let serving = Serving::start(&desk, "off");
        let before = objects_of(&desk, "feed");
        until("a part of the feed comes", || objects_of(&desk, "feed") > before);
        std::thread::sleep(Duration::from_millis(random.below(100)));
        serving.kill();
    }
    desk.ok(&["follow", "run", "feed"]);
    let fetched = feed.events.load(Ordering::Relaxed);
    assert!((400..=400 + 5 * 50).contains(&fetched), "{fetched}: at most two parts again for each kill");
    let whole = Desk::new();
    web.add(&whole, "feed", &["--misp-feed", &format!("{}feed/", web.url)]);
    whole.ok(&["follow", "run", "feed"]);
    assert_eq!(stored(&desk, "odd"), stored(&whole, "odd"));
    assert_eq!(added(&desk), added(&whole), "nothing was stored twice");
    assert_eq!(desk.json(&["check"])[0]["wrong"], json!([]));
}

/// Events with the moment each was published.
type Published = Arc<Mutex<Vec<(i64, Value)>>>;

/// Answers as a MISP does: events published since a moment, page by page.
async fn search(State(events): State<Published>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|key| key.as_bytes() != b"mispkey") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let number = |name: &str| usize::try_from(asked[name].as_u64().unwrap()).unwrap();
    let (page, limit, since) = (number("page"), number("limit"), asked["publish_timestamp"].as_i64().unwrap_or(0));
    let events = events.lock();
    let found = events.iter().filter(|(date, _)| *date >= since).skip((page - 1) * limit).take(limit);
    let response: Vec<Value> = found.map(|(_, event)| json!({"Event": event})).collect();
    ([(header::CONTENT_TYPE, "application/json")], json!({"response": response}).to_string()).into_response()
}

#[test]
fn a_misp_is_asked_for_what_it_published_since() {
    let desk = Desk::new();
    let dated = |number: u32| {
        let date = 1_760_000_000 + i64::from(number);
        (date, event(number, date, &format!("host-{number}.example")))
    };
    let events = Arc::new(Mutex::new((0..50).map(dated).collect::<Vec<_>>()));
    let web = Web::start(Router::new().route("/events/restSearch", post(search)).with_state(Arc::clone(&events)));
    let key = desk.write("key", "wrong");
    web.add(&desk, "misp", &["--misp", &web.url, "--token-file", key.to_str().unwrap()]);
    let said = desk.run(&["follow", "run", "misp"]);
    assert!(said.code == 1 && said.err.contains("403"), "{}", said.err);
    // The secret is read whenever it is used.
    desk.write("key", "mispkey\n");
    desk.ok(&["follow", "run", "misp"]);
    let known = |value: &str| desk.json(&["look", value])[0]["known"] == true;
    assert!(known("host-0.example") && known("host-49.example"));
    let before = (stored(&desk, "odd"), desk.json(&["batches"]).len());
    assert!(desk.ok(&["follow", "run", "misp"]).contains("nothing new"));
    assert_eq!((stored(&desk, "odd"), desk.json(&["batches"]).len()), before, "the last one came again in vain");
    events.lock().push(dated(50));
    desk.ok(&["follow", "run", "misp"]);
    assert!(known("host-50.example"));
}

// ---- common ----------------------------------------------------------------------------------------------------------

fn stored(desk: &Desk, owner: &str) -> u64 {
    let said = desk.run(&["--json", "audience", owner]);
    // Nothing came in yet: nobody of this name is known.
    if said.code == 6 {
        return 0;
    }
    assert_eq!(said.code, 0, "{}", said.err);
    let seen = common::records(&said.out);
    seen.iter().filter(|row| row["owner"] == owner).map(|row| row["admitted"].as_u64().unwrap()).sum()
}

/// Objects that came in, as the list says.
fn objects_of(desk: &Desk, name: &str) -> u64 {
    let list = desk.json(&["follow", "list"]);
    list.iter().find(|row| row["name"] == name).unwrap()["objects"].as_u64().unwrap()
}

/// Versions that batches stored.
fn added(desk: &Desk) -> u64 {
    let batches = desk.json(&["batches", "--limit", "10000"]);
    let done = batches.iter().filter(|row| row["state"] == "done" || row["batch"]["state"] == "done");
    done.map(|row| row["counts"]["added"].as_u64().or(row["batch"]["counts"]["added"].as_u64()).unwrap()).sum()
}

/// Whether any file of the node's folder holds these bytes.
fn holds(desk: &Desk, bytes: &[u8]) -> bool {
    let mut todo = vec![desk.node()];
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file() && std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            return true;
        }
    }
    false
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let asked = Instant::now();
    while !holds() {
        assert!(asked.elapsed() < Duration::from_mins(1), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
