//! The ten rules of `reference/platforms.md` 6.3, each played by the client that needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use comity_base::Timestamp;
use comity_node::PeerKind;
use serde_json::Value;

use super::common::*;

/// Objects of the large world, and of how many one may be seen.
const MANY: u64 = 24_000;
const EACH: u64 = 4;

/// A node with objects in bursts, most of them closed, and a client that may see the others.
fn large() -> (Host, Client) {
    let host = Host::on_disk();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let mut at = 0;
    for burst in [1, 7, 9_992, 40, 1_960, 11_000, 1_000] {
        host.pass(3_000);
        host.ingest(&mostly_hidden(at..at + burst, EACH));
        at += burst;
    }
    assert_eq!(at, MANY);
    host.pass(3_000);
    let client = host.client(&secret);
    (host, client)
}

fn small(objects: u64) -> (Host, Client) {
    let host = Host::new();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    // The first batch of a node has no time before it to be spread over.
    host.ingest(&[indicator(u64::from(u32::MAX), 0, "red")]);
    host.pass(3_000);
    host.ingest(&mostly_hidden(0..objects, EACH));
    host.pass(3_000);
    let client = host.client(&secret);
    (host, client)
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Anomali and every `requests` user lose their credentials at a redirect.
#[test]
fn rule_1_both_forms_of_an_address_without_redirect() {
    let (_host, client) = small(40);
    let objects = readable(&client);
    let one = collection_of(&objects);
    let id = indicator_id(0);
    let posted = client.post(&writable(&client), TAXII, envelope(&[indicator(900, 0, "green")]).as_bytes());
    let status = posted.json()["id"].as_str().unwrap().to_owned();
    for path in [
        "/taxii2".to_owned(),
        "/taxii2/root".into(),
        format!("/taxii2/root/status/{status}"),
        "/taxii2/root/collections".into(),
        one.clone(),
        format!("{one}/manifest"),
        objects.clone(),
        format!("{objects}/{id}"),
        format!("{objects}/{id}/versions"),
    ] {
        let (bare, slash) = (client.get(&path), client.get(&format!("{path}/")));
        assert_eq!(bare.status, 200, "{path}: {}", bare.text());
        assert_eq!((slash.status, &slash.body), (200, &bare.body), "{path}/");
        let query = client.get(&format!("{path}/?limit=100"));
        assert_eq!(query.body, bare.body, "{path}/?limit=100");
    }
    for path in [objects.clone(), format!("{objects}/")] {
        let inbox = path.replace(&objects, &writable(&client));
        assert_eq!(client.post(&inbox, TAXII, envelope(&[indicator(901, 0, "green")]).as_bytes()).status, 202);
    }
}

fn collection_of(objects: &str) -> String {
    objects.trim_end_matches("/objects").to_owned()
}

/// `taxii2client` refuses whatever is not of this type, errors too.
#[test]
fn rule_2_one_media_type_on_every_reply() {
    let (_host, client) = small(40);
    let (objects, inbox) = (readable(&client), writable(&client));
    for path in ["/taxii2/", "/taxii2/root/", "/taxii2/root/collections/", &objects] {
        client.get(path).assert_taxii();
    }
    let stranger = client.without("Authorization");
    for path in ["/taxii2/", "/taxii2/root/", "/taxii2/nothing/", &objects] {
        stranger.get(path).assert_error(401);
    }
    for path in [
        "/taxii2/nothing/".to_owned(),
        "/taxii2/root/nothing".into(),
        "/taxii2/root/collections/nothing/objects/".into(),
        "/taxii2/root/status/nothing/".into(),
        "/taxii2/root/status/%2e%2e%2f".into(),
        format!("{objects}/indicator--00000000-0000-4000-8000-00000000ffff/"),
        format!("{objects}/nothing/versions/"),
    ] {
        client.get(&path).assert_error(404);
    }
    for query in ["limit=0", "limit=x", "added_after=yesterday", "next=made-up", "match[id]=x", "match[version]=%ff"] {
        client.get(&format!("{objects}/?{query}")).assert_error(400);
    }
    client.get("/taxii2/root/collections/%ff%fe/objects/").assert_error(400);
    client.get(&format!("{objects}/%ff/")).assert_error(400);
    client.with("Accept", "application/vnd.oasis.taxii+json; version=2.0").get("/taxii2/").assert_error(406);
    for (method, path) in [("PUT", &objects), ("PATCH", &inbox), ("DELETE", &"/taxii2/".to_owned())] {
        client.session().send(method, path, b"").assert_error(405);
    }
    client.post(&objects, TAXII, b"{\"objects\":[]}").assert_error(403);
    client.post(&inbox, "text/html", b"<html>").assert_error(415);
    client.with("Content-Encoding", "compress").post(&inbox, TAXII, b"{\"objects\":[]}").assert_error(415);
    client.post(&inbox, TAXII, b"{\"objects\":[]}").assert_error(422);
    let known = client.get(&objects);
    let again = client.with("If-None-Match", known.header("etag").unwrap()).get(&objects);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let head = client.session().send("HEAD", &objects, b"");
    assert_eq!(head.status, 200);
    head.assert_taxii();
}

/// `XSOAR` asks for 2.0 first or falls back to it on 406, and only then.
#[test]
fn rule_3_what_clients_accept_is_matched_loosely() {
    let (_host, client) = small(4);
    for accept in [
        "application/taxii+json;version=2.1",
        "application/taxii+json; version=2.1",
        "application/taxii+json; version=2.1, application/stix+json; version=2.1",
        "application/taxii+json",
        "application/json",
        "application/json, text/plain, */*",
        "*/*",
        "application/vnd.oasis.taxii+json; version=2.0, application/taxii+json; version=2.1;q=0.1",
        "application/vnd.oasis.taxii+json; version=2.1",
    ] {
        let reply = client.with("Accept", accept).get("/taxii2/root/collections/");
        assert_eq!(reply.status, 200, "{accept}");
        reply.assert_taxii();
    }
    let silent = client.without("Accept").get("/taxii2/root/collections/");
    assert_eq!(silent.status, 200);
    silent.assert_taxii();
    for accept in ["application/vnd.oasis.taxii+json", "application/vnd.oasis.taxii+json; version=2.0"] {
        client.with("Accept", accept).get("/taxii2/").assert_error(406);
    }
}

/// Elastic follows `next` and ignores `more`, `taxii2client` the other way round, OpenCTI's connector asks for ever
/// where one is without the other.
#[test]
fn rule_4_next_exactly_when_there_is_more() {
    let (_host, client) = small(400);
    let objects = readable(&client);
    let manifest = format!("{}/manifest", collection_of(&objects));
    for path in [&objects, &manifest] {
        for limit in [1, 7, 50, 99, 100, 101, 5_000] {
            let all = pages(&mut client.session(), path, &format!("limit={limit}"));
            for page in &all {
                let body = page.json();
                assert!(body["objects"].is_array() && body["more"].is_boolean(), "{}", page.text());
                assert_eq!(body.get("next").is_some(), body["more"] == true, "{}", page.text());
            }
            assert_eq!(all.len(), 100_usize.div_ceil(limit));
            assert_eq!(ids(&all), seen_of(0..400, EACH));
        }
    }
    for query in ["added_after=2050-01-01T00:00:00Z", "match[type]=malware", "match[spec_version]=2.0"] {
        for path in [&objects, &manifest] {
            let reply = client.get(&format!("{path}/?{query}"));
            assert_eq!(reply.json(), serde_json::json!({ "objects": [], "more": false }), "{path}?{query}");
        }
    }
}

/// MISP sends `next` empty, OpenCTI sends it beside `added_after`, Elastic before 1.8.2 drops every filter.
#[test]
fn rule_5_the_token_is_complete_in_itself() {
    let (host, client) = small(400);
    let objects = readable(&client);
    let first = client.get(&format!("{objects}/?limit=10"));
    assert_eq!(client.get(&format!("{objects}/?limit=10&next=")).body, first.body, "MISP");
    let dates = dates(&client, &objects);
    let from = dates[&indicator_id(40)].clone();
    let query = format!("limit=10&added_after={from}&match[type]=indicator,malware&match[version]=all");
    let page = client.get(&format!("{objects}/?{query}"));
    let expected: Vec<_> = seen_of(0..400, EACH).into_iter().filter(|id| dates[id] > from).collect();
    assert_eq!(page.ids(), expected[..10]);
    let token = page.next().unwrap();
    let second = client.get(&format!("{objects}/?next={token}"));
    assert_eq!(second.ids(), expected[10..20], "alone: it knows page size, date and filters");
    // What is new meanwhile belongs to the next walk, so that a walk ends.
    host.ingest(&mostly_hidden(400..800, EACH));
    host.pass(3_000);
    for beside in [
        format!("added_after={from}"),
        "added_after=2050-01-01T00:00:00Z".into(),
        "match[type]=malware".into(),
        query.replace("limit=10&", ""),
    ] {
        assert_eq!(client.get(&format!("{objects}/?next={token}&{beside}")).body, second.body, "{beside}");
    }
    assert_eq!(client.get(&format!("{objects}/?next={token}&limit=3")).ids(), expected[10..13]);
    let rest = pages(&mut client.session(), &objects, &query);
    assert_eq!(ids(&rest).len(), expected.len() + 100, "a walk begun now has the new ones");
    let mut walk = vec![page];
    while let Some(next) = walk.last().and_then(Reply::next) {
        walk.push(client.get(&format!("{objects}/?next={next}")));
    }
    assert_eq!(ids(&walk), expected, "the walk begun before has not");
}

/// The date of every object as the manifest tells it, by id.
fn dates(client: &Client, objects: &str) -> BTreeMap<String, String> {
    let manifest = format!("{}/manifest", collection_of(objects));
    let pages = pages(&mut client.session(), &manifest, "");
    let records = pages.iter().flat_map(Reply::objects);
    let text = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
    records.map(|record| (text(&record, "id"), text(&record, "date_added"))).collect()
}

/// OpenCTI cuts dates to milliseconds and asks for what is later; others page by date alone.
#[test]
fn rule_6_dates_are_whole_milliseconds_in_order_and_few_share_one() {
    let (host, client) = large();
    let objects = readable(&client);
    let manifest = format!("{}/manifest", collection_of(&objects));
    let told: Vec<Value> = pages(&mut client.session(), &manifest, "").iter().flat_map(Reply::objects).collect();
    let mut of_moment: BTreeMap<String, usize> = BTreeMap::new();
    let mut last = String::new();
    for record in &told {
        let date = record["date_added"].as_str().unwrap().to_owned();
        assert!(last <= date, "{last} {date}");
        assert!(date.len() == "2026-10-26T00:00:00.000Z".len() && date.ends_with('Z'), "{date}");
        assert!(moment(&date) <= host.now());
        *of_moment.entry(date.clone()).or_default() += 1;
        last = date;
    }
    assert!(of_moment.values().all(|count| *count <= 50), "{:?}", of_moment.values().max());
    // By date alone: of what shares the last millisecond of a page the rest is found by looking one back.
    let (mut got, mut after, mut session) = (Vec::new(), String::new(), client.session());
    loop {
        let page = session.get(&format!("{objects}/?limit=700&added_after={after}"));
        let Some(date) = page.header("x-taxii-date-added-last") else { break };
        assert!(date > after.as_str(), "strictly later");
        got.extend(page.ids());
        if !page.more() {
            after = date.to_owned();
            break;
        }
        after = comity_taxii::date_added(moment(date).as_micros() - 1_000);
    }
    let distinct: BTreeSet<_> = got.iter().collect();
    assert_eq!(distinct.len(), told.len(), "nothing is lost");
    assert!(got.len() < told.len() + 50 * 9, "and no more is repeated than shares a millisecond");
    assert_eq!(told.len(), usize::try_from(MANY / EACH).unwrap());
    // Two bursts and no time between them: what is dated later than the clock waits for its time, and is not lost.
    host.ingest(&mostly_hidden(MANY..MANY + 400, EACH));
    host.ingest(&mostly_hidden(MANY + 400..MANY + 800, EACH));
    let mut new = Vec::new();
    for _ in 0..20 {
        let page = client.get(&format!("{objects}/?added_after={after}"));
        if let Some(date) = page.header("x-taxii-date-added-last") {
            assert!(page.header("x-taxii-date-added-first").unwrap() > after.as_str(), "a moment told gets no more");
            assert!(moment(date) <= host.now());
            after = date.to_owned();
        }
        new.extend(page.ids());
        host.pass(1);
    }
    assert_eq!(new, seen_of(MANY..MANY + 800, EACH));
}

/// EclecticIQ reads headers as strict RFC 3339; OpenCTI takes its own clock where one is missing after objects.
#[test]
fn rule_7_dates_of_the_first_and_last_object_in_headers() {
    let (_host, client) = small(800);
    let objects = readable(&client);
    let dates = dates(&client, &objects);
    for page in pages(&mut client.session(), &objects, "limit=30") {
        let ids = page.ids();
        let header = |name: &str| page.header(name).unwrap().to_owned();
        assert_eq!(header("x-taxii-date-added-first"), dates[&ids[0]]);
        assert_eq!(header("x-taxii-date-added-last"), dates[ids.last().unwrap()]);
    }
    let strict = |text: &str| {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        shape == "0000-00-00T00:00:00.000Z"
    };
    assert!(dates.values().all(|date| strict(date)), "{dates:?}");
    let id = indicator_id(0);
    for path in
        [format!("{}/manifest", collection_of(&objects)), format!("{objects}/{id}"), format!("{objects}/{id}/versions")]
    {
        let reply = client.get(&path);
        for name in ["x-taxii-date-added-first", "x-taxii-date-added-last"] {
            assert!(reply.header(name).is_some_and(strict), "{path} {name}");
        }
    }
    let empty = client.get(&format!("{objects}/?added_after=2050-01-01T00:00:00.000Z"));
    assert_eq!(empty.status, 200);
    assert!(empty.headers.iter().all(|(name, _)| !name.starts_with("x-taxii")), "{:?}", empty.headers);
}

/// OpenCTI begins again at an empty page with more, XSOAR stops, `taxii2client` makes its pages smaller.
#[test]
fn rule_8_pages_are_full_whatever_is_hidden() {
    let (_host, client) = large();
    let objects = readable(&client);
    let all = seen_of(0..MANY, EACH);
    for (query, size) in [("", 5_000), ("limit=100", 100), ("limit=1999", 1_999), ("limit=100000", 10_000)] {
        let began = Instant::now();
        let pages = pages(&mut client.session(), &objects, query);
        for page in &pages {
            let count = page.ids().len();
            assert!(count == size || !page.more() && count > 0, "{count} objects and more: {}", page.more());
        }
        assert_eq!(pages.len(), all.len().div_ceil(size));
        assert!(ids(&pages) == all, "all, each once, in order, by {query:?}");
        let each = began.elapsed() / u32::try_from(pages.len()).unwrap();
        assert!(each < Duration::from_secs(10), "a page takes {each:?}");
    }
    // Filters refill pages too.
    let wanted: Vec<_> = (0..100).map(|number| indicator_id(number * 8)).collect();
    let query = format!("limit=7&match[id]={}", wanted.join(","));
    let pages = pages(&mut client.session(), &objects, &query);
    assert!(pages.iter().all(|page| page.ids().len() == 7 || !page.more()));
    assert_eq!(ids(&pages), wanted);
}

/// Sentinel has a user and a password only, QRadar a token, MISP the raw key after `basic`, XSOAR headers of its own.
#[test]
fn rule_9_every_way_of_showing_a_secret_is_the_same_client() {
    let host = Host::new();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let client = host.client(&secret);
    let expected = client.get("/taxii2/root/collections/").body;
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    let none = client.without("Authorization");
    for (name, value) in [
        ("Authorization", basic(&format!("us-police:{secret}"))),
        ("Authorization", basic(&format!("anybody:{secret}"))),
        ("Authorization", basic(&format!(":{secret}"))),
        ("Authorization", format!("Bearer {secret}")),
        ("Authorization", format!("bearer {secret}")),
        ("Authorization", format!("Token {secret}")),
        ("Authorization", format!("basic {secret}")),
        ("Authorization", secret.clone()),
        ("X-API-Key", secret.clone()),
        ("X-MISP-AUTH", secret.clone()),
    ] {
        let reply = none.with(name, &value).get("/taxii2/root/collections/");
        assert_eq!((reply.status, &reply.body), (200, &expected), "{name}");
    }
    for (name, value) in [
        ("Authorization", basic("us-police:wrong-wrong-wrong-wrong")),
        ("Authorization", basic(&format!("{secret}:x"))),
        ("Authorization", format!("Bearer {secret}x")),
        ("Authorization", format!("Digest {secret}")),
        ("Authorization", "Basic".into()),
        ("X-API-Key", String::new()),
    ] {
        let reply = none.with(name, &value).get("/taxii2/root/collections/");
        reply.assert_error(401);
        assert!(reply.header("www-authenticate").unwrap().starts_with("Basic"), "{:?}", reply.headers);
        assert!(reply.header("location").is_none());
    }
    // A peer's node shows its TLS key and no secret.
    let theirs = identity();
    let pin = theirs.pin().to_string();
    let mut peer = host.node.known_peer(&org("us-police")).unwrap();
    peer.pins = vec![pin];
    let (version, _) = host.node.store().value("peer/us-police").unwrap().unwrap();
    host.node.store().put("peer/us-police", Some(version), &serde_json::to_vec(&peer).unwrap()).unwrap();
    let with_key = host.stranger_with(Some(&theirs)).with("Accept", TAXII);
    assert_eq!(with_key.get("/taxii2/root/collections/").body, expected);
    let other = host.stranger_with(Some(&identity())).with("Accept", TAXII);
    other.get("/taxii2/root/collections/").assert_error(401);
}

/// OpenCTI posts a bundle as STIX, Splunk an envelope, others compress; a status says what became of each object.
#[test]
fn rule_10_objects_are_taken_in_every_form_clients_send() {
    let host = Host::on_disk();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let client = host.client(&secret);
    let inbox = writable(&client);
    let packed = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let zipped = client.with("Content-Encoding", "gzip");
    let zstd = client.with("Content-Encoding", "zstd");
    let one = |number| [indicator(number, 0, "green")];
    let stix = "application/stix+json; version=2.1";
    let replies = [
        client.post(&inbox, TAXII, envelope(&one(1)).as_bytes()),
        client.post(&inbox, stix, bundle(&one(2)).as_bytes()),
        client.post(&inbox, TAXII, bundle(&one(3)).as_bytes()),
        client.post(&inbox, stix, envelope(&one(4)).as_bytes()),
        client.post(&inbox, "application/json", envelope(&one(5)).as_bytes()),
        client.post(&inbox, "application/taxii+json", one(6)[0].as_bytes()),
        zipped.post(&inbox, TAXII, &packed(envelope(&one(7)).as_bytes())),
        zstd.post(&inbox, stix, &zstd::encode_all(bundle(&one(8)).as_bytes(), 3).unwrap()),
        client.session().send("POST", &inbox, envelope(&one(9)).as_bytes()),
    ];
    for (number, reply) in (1..).zip(&replies) {
        assert_eq!(reply.status, 202, "{number}: {}", reply.text());
        reply.assert_taxii();
        let status = reply.json();
        assert_eq!((&status["status"], &status["success_count"]), (&"complete".into(), &1.into()), "{status}");
        let later = client.get(&format!("/taxii2/root/status/{}/", status["id"].as_str().unwrap()));
        assert_eq!(later.json(), status);
        let id = comity_stix::ObjectId::parse(&indicator_id(number)).unwrap();
        let kept = host.node.current_versions(&id).unwrap();
        assert_eq!(kept.len(), 1, "{number} is there");
        assert_eq!(kept[0].0, org("us-police"), "it is its sender's");
    }
    let mixed = envelope(&[indicator(10, 0, "green"), r#"{"type":"indicator","id":"x"}"#.into()]);
    let status = client.post(&inbox, TAXII, mixed.as_bytes()).json();
    assert_eq!((&status["success_count"], &status["failure_count"]), (&1.into(), &1.into()), "{status}");
    assert!(status["failures"][0]["message"].as_str().is_some_and(|text| text.len() > 10), "{status}");
    let again = client.post(&inbox, TAXII, mixed.as_bytes()).json();
    assert_eq!(again["success_count"], 1, "what is there already has arrived: {again}");
    let root = client.get("/taxii2/root/").json();
    assert!(root["max_content_length"].as_u64().is_some_and(|most| most >= 10 << 20), "{root}");
    // XSOAR picks a collection by its title, EclecticIQ by its alias.
    host.agree("us-police", "US", "what is shared", EVERYTHING);
    let all = client.get("/taxii2/root/collections/").json()["collections"].clone();
    let all = all.as_array().unwrap();
    for member in ["id", "title", "alias"] {
        let distinct: BTreeSet<_> = all.iter().map(|one| one[member].as_str().unwrap()).collect();
        assert_eq!(distinct.len(), 3, "{member}: {all:?}");
    }
    for one in all {
        let (id, alias) = (one["id"].as_str().unwrap(), one["alias"].as_str().unwrap());
        let path = |name: &str| format!("/taxii2/root/collections/{name}/");
        assert_eq!(client.get(&path(alias)).json(), client.get(&path(id)).json());
    }
}
