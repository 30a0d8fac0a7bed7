//! The MISP dialect over real TLS sockets, each part played by the client that needs it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

#[path = "network/common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the tests of other dialects")]
mod common;

use std::collections::BTreeSet;

use comity_node::{Channel, PeerKind};
use common::{Client, EVERYTHING, Host, Reply, indicator, indicator_with, org};
use serde_json::{Value, json};

/// Of how many indicators one may be seen.
const EACH: u64 = 3;
const COUNT: u64 = 60;
const SECRET: &str = "nobody-else-may-know";

struct World {
    host: Host,
    us: Client,
    other: Client,
}

fn world() -> World {
    let host = Host::new();
    let us = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let other = host.tool("lab-north", PeerKind::Partner, "EE", EVERYTHING);
    host.ingest(&[indicator(1_000_000, 0, "red")]);
    host.pass(3_000);
    let mut objects: Vec<String> =
        (0..COUNT).map(|n| indicator(n, 0, if n % EACH == 0 { "green" } else { "red" })).collect();
    objects.push(report(1, "green", "A case", &[0, 1, 2, 3]));
    objects.push(report(2, "red", SECRET, &[4, 5, 6]));
    host.ingest(&objects);
    host.pass(3_000);
    let misp = |secret: &str| host.stranger().with("Authorization", secret).with("Accept", "application/json");
    let (us, other) = (misp(&us), misp(&other));
    World { host, us, other }
}

fn report(number: u64, tlp: &str, name: &str, holds: &[u64]) -> String {
    let refs: Vec<String> = holds.iter().map(|n| format!("\"{}\"", common::indicator_id(*n))).collect();
    format!(
        r#"{{"type":"report","spec_version":"2.1","id":"{}","created":"2026-01-02T00:00:00.000Z","modified":"2026-01-02T00:00:00.000Z","name":"{name}","published":"2026-01-02T00:00:00Z","labels":["tlp:{tlp}"],"object_refs":[{}]}}"#,
        format_args!("report--{}", report_uuid(number)),
        refs.join(",")
    )
}

fn report_uuid(number: u64) -> String {
    format!("{number:08x}-0000-4000-8000-00000000000f")
}

fn address(number: u64) -> String {
    format!("198.51.{}.{}", number / 200 % 200, 1 + number % 200)
}

fn search(client: &Client, path: &str, body: &Value) -> Reply {
    let reply = client.post(path, "application/json", body.to_string().as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

fn attributes(client: &Client, body: &Value) -> Vec<Value> {
    search(client, "/attributes/restSearch/", body).json()["response"]["Attribute"].as_array().unwrap().clone()
}

fn values(attributes: &[Value]) -> BTreeSet<String> {
    attributes.iter().map(|attribute| attribute["value"].as_str().unwrap().to_owned()).collect()
}

fn visible() -> BTreeSet<String> {
    (0..COUNT).filter(|number| number % EACH == 0).map(address).collect()
}

/// It asks page after page until one is empty, and names parameters that this node does not know.
#[test]
fn elastic_reads_everything_it_may_see_and_ends() {
    let world = world();
    let mut found = Vec::new();
    for page in 1.. {
        let body = json!({
            "page": page, "limit": 10, "returnFormat": "json", "timestamp": "2020-01-01", "order": "timestamp",
            "enforceWarninglist": true, "includeDecayScore": false, "includeContext": true,
        });
        let part = attributes(&world.us, &body);
        assert!(part.len() <= 10 && page < 100);
        if part.is_empty() {
            break;
        }
        found.extend(part);
    }
    assert_eq!(values(&found), visible());
    assert_eq!(found.len(), visible().len(), "nothing twice");
    for attribute in &found {
        assert_eq!(attribute["distribution"], "0", "never wider than said");
        assert!(attribute["Tag"].as_array().unwrap().iter().any(|tag| tag["name"] == "tlp:green"), "{attribute}");
    }
    let newest = found.iter().map(|attribute| attribute["timestamp"].as_str().unwrap()).max().unwrap();
    let later: i64 = newest.parse::<i64>().unwrap() + 1;
    let ask = json!({ "page": 1, "limit": 10, "timestamp": later });
    assert!(attributes(&world.us, &ask).is_empty());
    // What comes late has an old date of its own, and is found all the same.
    world.host.ingest(&[indicator(900, 0, "green")]);
    world.host.pass(3_000);
    assert_eq!(values(&attributes(&world.us, &ask)), BTreeSet::from([address(900)]));
}

#[test]
fn xsoar_chooses_by_type_and_tag() {
    let world = world();
    let ask = |kinds: Value, tags: Value| {
        attributes(&world.us, &json!({ "type": kinds, "tags": tags, "limit": 2_000, "page": 1, "from": "2020-01-01" }))
    };
    let green = json!({ "OR": ["tlp:green", "tlp:clear"] });
    assert_eq!(values(&ask(json!({ "OR": ["ip-dst", "ip-src"] }), green.clone())), visible());
    assert!(ask(json!({ "OR": ["url"] }), green).is_empty());
    assert!(ask(json!("ip-dst"), json!({ "NOT": ["tlp:green"] })).is_empty());
    assert!(ask(json!(["ip-dst"]), json!({ "OR": ["tlp:green"], "AND": ["tlp:red"] })).is_empty());
    assert!(ask(json!("!ip-dst"), json!(null)).is_empty());
}

/// What a client may not see answers exactly as what is not there, to the byte.
#[test]
fn wazuh_asks_for_one_value_in_the_path() {
    let world = world();
    let mut session = world.us.session();
    for at in ["", "/misp"] {
        let hit = session.get(&format!("{at}/attributes/restSearch/value:{}", address(3)));
        let found = hit.json()["response"]["Attribute"].as_array().unwrap().clone();
        assert_eq!(values(&found), BTreeSet::from([address(3)]));
        assert_eq!(found[0]["Event"]["info"], "A case");
        let hidden = session.get(&format!("{at}/attributes/restSearch/value:{}", address(1)));
        let absent = session.get(&format!("{at}/attributes/restSearch/value:{}", "203.0.113.250"));
        assert_eq!((hidden.status, &hidden.body), (200, &absent.body));
        let head = |reply: &Reply| {
            let dated = |(name, _): &(String, String)| name == "date";
            reply.headers.iter().filter(|header| !dated(header)).cloned().collect::<Vec<_>>()
        };
        assert_eq!(head(&hidden), head(&absent));
        let typed = session.get(&format!("{at}/attributes/restSearch/json/value:{}/type:url/limit:5", address(3)));
        assert_eq!(typed.json()["response"]["Attribute"], json!([]));
    }
}

#[test]
fn a_misp_pulls() {
    let world = world();
    let version = world.us.get("/servers/getVersion").json();
    assert!(version["version"].as_str().unwrap().starts_with("2.5."), "{version}");
    let me = world.us.get("/users/view/me.json").json();
    assert_eq!(me["Organisation"]["name"], "us-police");
    assert_eq!(me["Role"]["perm_sync"], true);
    let index = search(&world.us, "/events/index", &json!({ "minimal": 1, "published": 1 })).json();
    let index = index.as_array().unwrap();
    assert_eq!(index.len(), 2, "{index:?}");
    for entry in index {
        let uuid = entry["uuid"].as_str().unwrap();
        let path = format!("/events/view/{uuid}/deleted[]:0/deleted[]:1/excludeGalaxy:1/includeEventCorrelations:0");
        let event = world.us.get(&path).json();
        assert_eq!(event["Event"]["uuid"], uuid);
        assert_eq!(event["Event"]["timestamp"], entry["timestamp"]);
        assert_eq!(event["Event"]["distribution"], "0");
        assert_eq!(event["Event"]["Orgc"]["uuid"], entry["orgc_uuid"]);
    }
    let case = world.us.get(&format!("/events/view/{}", report_uuid(1))).json();
    let held = values(case["Event"]["Attribute"].as_array().unwrap());
    assert_eq!(held, BTreeSet::from([address(0), address(3)]));
    for (method, path) in [
        ("POST", "/shadow_attributes/index"),
        ("POST", "/analyst_data/indexMinimal"),
        ("POST", "/galaxy_clusters/restSearch"),
        ("POST", "/sightings/restSearch/event"),
    ] {
        let reply = world.us.session().send(method, path, b"{}");
        assert!(["[]", "{\"response\":[]}"].contains(&String::from_utf8_lossy(&reply.body).as_ref()), "{path}");
    }
    // Nothing of what it may not see stands anywhere it looked.
    for path in ["/events/index", "/events/restSearch", "/attributes/restSearch", "/tags", "/misp/feed/manifest.json"] {
        let text = String::from_utf8(world.us.get(path).body).unwrap();
        assert!(
            !text.contains(SECRET) && !text.contains("tlp:red") && !text.contains(&format!("\"{}\"", address(1))),
            "{path}"
        );
    }
    let hidden = world.us.get(&format!("/events/view/{}", report_uuid(2)));
    let absent = world.us.get(&format!("/events/view/{}", report_uuid(3)));
    assert_eq!((hidden.status, absent.status), (404, 404));
    assert_eq!(hidden.json()["message"], absent.json()["message"]);
}

#[test]
fn a_misp_pushes() {
    let world = world();
    let uuid = "5d0092c5-5f74-4287-9642-33f4c354e56d";
    let attribute = "6d0092c5-5f74-4287-9642-33f4c354e56d";
    let tested = search(&world.us, "/servers/postTest", &json!({ "testString": "abc" })).json();
    assert_eq!(tested["body"]["testString"], "abc");
    let offer = |timestamp: &str| {
        let offered = json!([{ "Event": { "uuid": uuid, "timestamp": timestamp } }]);
        search(&world.us, "/events/filterEventIdsForPush", &offered).json()
    };
    assert_eq!(offer("1790000000"), json!([uuid]));
    let event = |timestamp: &str, value: &str| {
        json!({ "Event": {
            "uuid": uuid, "info": "Pushed", "date": "2026-09-01", "timestamp": timestamp, "distribution": "1",
            "analysis": "2", "threat_level_id": "2", "published": true, "Tag": [{ "name": "tlp:green" }],
            "Orgc": { "name": "US", "uuid": "7d0092c5-5f74-4287-9642-33f4c354e56d" },
            "Attribute": [{
                "uuid": attribute, "type": "domain", "category": "Network activity", "value": value, "to_ids": true,
                "timestamp": timestamp, "distribution": "5",
            }],
        } })
    };
    let added = search(&world.us, "/events/add/metadata:1", &event("1790000000", "one.example")).json();
    assert_eq!((&added["Event"]["uuid"], &added["Event"]["Attribute"]), (&json!(uuid), &json!(null)));
    assert_eq!(offer("1790000000"), json!([]));
    assert_eq!(offer("1790000001"), json!([uuid]));
    let other = search(
        &world.other,
        "/events/filterEventIdsForPush",
        &json!([{ "Event": { "uuid": uuid, "timestamp": "1" } }]),
    );
    assert_eq!(other.json(), json!([uuid]), "what others brought is not told");
    search(&world.us, &format!("/events/edit/{uuid}/metadata:1"), &event("1790000100", "two.example"));
    world.host.pass(3_000);
    let back = world.us.get(&format!("/events/view/{uuid}")).json();
    assert_eq!(values(back["Event"]["Attribute"].as_array().unwrap()), BTreeSet::from(["two.example".to_owned()]));
    let seen = "8d0092c5-5f74-4287-9642-33f4c354e56d";
    let path = format!("/sightings/filterSightingUuidsForPush/{uuid}");
    assert_eq!(search(&world.us, &path, &json!([seen])).json(), json!([seen]));
    let sightings = json!([{ "uuid": seen, "attribute_uuid": attribute, "type": "0", "date_sighting": "1790000200", "source": "" }]);
    assert_eq!(search(&world.us, &format!("/sightings/bulkSaveSightings/{uuid}"), &sightings).json()["saved"], true);
    assert_eq!(search(&world.us, &path, &json!([seen])).json(), json!([]));
    world.host.pass(3_000);
    let back = world.us.get(&format!("/events/view/{uuid}")).json();
    assert_eq!(back["Event"]["Attribute"][0]["Sighting"][0]["uuid"], seen, "{back}");
    // It is not offered its own again.
    let index = search(&world.us, "/events/index", &json!({ "minimal": 1 })).json();
    assert!(index.as_array().unwrap().iter().all(|entry| entry["uuid"] != uuid));
    for (path, body) in [("/galaxies/pushCluster", "{}"), ("/analyst_data/pushAnalystData", "{}")] {
        assert_eq!(world.us.post(path, "application/json", body.as_bytes()).status, 403);
    }
    let broken = world.us.post("/events/add", "application/json", b"{\"Event\":");
    assert_eq!(broken.status, 400);
    assert_eq!(broken.json()["url"], "/events/add");
}

#[test]
fn a_feed_of_its_own_for_each() {
    let world = world();
    let manifest = world.us.get("/misp/feed/manifest.json");
    let events = manifest.json();
    assert_eq!(events.as_object().unwrap().len(), 2);
    let tag = manifest.header("etag").unwrap().to_owned();
    let again = |path: &str, tag: &str| world.us.with("If-None-Match", tag).get(path).status;
    assert_eq!(again("/misp/feed/manifest.json", &tag), 304);
    for (uuid, entry) in events.as_object().unwrap() {
        let path = format!("/misp/feed/{uuid}.json");
        let file = world.us.get(&path);
        assert_eq!(file.json()["Event"]["info"], entry["info"]);
        assert_eq!(again(&path, file.header("etag").unwrap()), 304);
    }
    let hashes = String::from_utf8(world.us.get("/misp/feed/hashes.csv").body).unwrap();
    assert_eq!(hashes.lines().count(), visible().len());
    // Something that it may not see changes nothing for it, and something that it may does.
    world.host.ingest(&[indicator(901, 0, "red")]);
    world.host.pass(3_000);
    assert_eq!(again("/misp/feed/manifest.json", &tag), 304);
    world.host.ingest(&[indicator(902, 0, "green")]);
    world.host.pass(3_000);
    assert_eq!(again("/misp/feed/manifest.json", &tag), 200);
    for file in [format!("{}.json", report_uuid(2)), format!("{}.json", report_uuid(9)), "x".into()] {
        assert_eq!(world.us.get(&format!("/misp/feed/{file}")).status, 404, "{file}");
    }
    let id = |client: &Client| client.get(&format!("/events/view/{}", report_uuid(1))).json()["Event"]["id"].clone();
    assert_ne!(id(&world.us), id(&world.other), "numbers of two recipients say nothing of each other");
    assert_eq!(world.us.get(&format!("/events/view/{}", id(&world.us).as_str().unwrap())).status, 200);
}

#[test]
fn what_leaves_is_accounted_and_what_is_closed_is_gone() {
    let world = world();
    // What was asked about ends a delivery: the newest one holds what left since.
    let given = || {
        let deliveries = world.host.node.deliveries(&org("us-police")).unwrap();
        assert!(deliveries.iter().all(|delivery| delivery.channel == Channel::Misp));
        deliveries.last().map_or(0, |delivery| delivery.objects)
    };
    world.us.get("/attributes/restSearch/value:203.0.113.250");
    assert_eq!(given(), 0);
    world.us.get(&format!("/attributes/restSearch/value:{}", address(3)));
    assert_eq!(given(), 2, "the indicator, and the report it stands in");
    world.us.get("/attributes/restSearch");
    assert_eq!(given(), visible().len() as u64 + 1);
    world.host.ingest(&[indicator_with(3, 1, r#","labels":["tlp:red"]"#)]);
    world.host.pass(3_000);
    for path in [
        format!("/attributes/restSearch/value:{}", address(3)),
        format!("/events/view/{}", report_uuid(1)),
        format!("/misp/feed/{}.json", report_uuid(1)),
        "/events/restSearch".to_owned(),
    ] {
        let reply = world.us.get(&path);
        assert_eq!(reply.status, 200);
        assert!(!String::from_utf8(reply.body).unwrap().contains(&format!("\"{}\"", address(3))), "{path}");
    }
    world.host.suspend("us-police");
    let none = world.us.get("/attributes/restSearch").json();
    assert_eq!(none["response"]["Attribute"], json!([]));
    assert_eq!(world.us.get(&format!("/events/view/{}", report_uuid(1))).status, 404);
}

#[test]
fn errors_are_those_of_a_misp() {
    let world = world();
    for path in ["/events/index", "/misp/attributes/restSearch", "/misp/feed/manifest.json", "/servers/getVersion"] {
        let reply = world.host.stranger().with("Authorization", &"x".repeat(40)).get(path);
        let body = reply.json();
        assert_eq!((reply.status, body["url"].as_str()), (403, Some(path)));
        assert!(body["name"].as_str().unwrap().starts_with("Authentication failed"));
        assert!(body["message"].is_string());
    }
    let raw = world.us.without("Authorization");
    let key = world.host.secret("us-police");
    for (name, value) in [("X-MISP-AUTH", key.clone()), ("Authorization", format!("Bearer {key}"))] {
        assert_eq!(raw.with(name, &value).get("/servers/getVersion/").status, 200);
    }
    assert_eq!(world.us.get("/misp/nothing/here").status, 404);
    assert_eq!(world.us.post("/attributes/restSearch", "application/json", b"{").status, 400);
    let bad = json!({ "returnFormat": "snort" }).to_string();
    assert_eq!(world.us.post("/attributes/restSearch", "application/json", bad.as_bytes()).status, 400);
    assert_eq!(world.us.session().send("DELETE", "/events/add", b"").status, 405);
    let packed = world.us.with("Accept-Encoding", "gzip").get("/attributes/describeTypes.json");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
}

/// A large event is not made for one value, and what is told of the value is the same.
#[test]
fn one_value_of_a_large_event_is_told_as_the_whole_tells_it() {
    let world = world();
    let numbers: Vec<u64> = (2_000..2_600).collect();
    let mut objects: Vec<String> = numbers.iter().map(|n| indicator(*n, 0, "green")).collect();
    objects.push(report(7, "green", "A large case", &numbers[..300]));
    let (from, to) = (common::indicator_id(2_005), "malware--00000004-0000-4000-8000-000000000000");
    let stamps = r#""spec_version":"2.1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","labels":["tlp:green"]"#;
    objects.push(format!(r#"{{"type":"malware","id":"{to}",{stamps},"name":"BadBot","is_family":true}}"#));
    objects.push(format!(
        r#"{{"type":"relationship","id":"relationship--00000005-0000-4000-8000-000000000000",{stamps},"relationship_type":"indicates","source_ref":"{from}","target_ref":"{to}"}}"#
    ));
    world.host.ingest(&objects);
    world.host.pass(3_000);
    for number in [2_005, 2_100, 2_500] {
        let part = attributes(&world.us, &json!({ "value": address(number) }));
        let all = attributes(&world.us, &json!({}));
        let same: Vec<_> = all.iter().filter(|attribute| attribute["value"] == address(number).as_str()).collect();
        assert_eq!((part.len(), same.len()), (1, 1));
        for name in ["uuid", "id", "event_id", "type", "category", "timestamp", "distribution", "to_ids", "Tag"] {
            assert_eq!(part[0][name], same[0][name], "{name} of {number}");
        }
    }
}
