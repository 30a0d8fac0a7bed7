//! How much one organisation may ask and take up, so that others are served.

use std::io::{BufReader, Write as _};
use std::time::{Duration, Instant};

use comity_node::PeerKind;

use super::common::*;

/// A node, and a client of an organisation that may ask so often in an hour.
fn asking(per_hour: u32) -> (Host, Client) {
    let host = Host::new();
    host.node.add_tool_peer(&host.ctx(), &org("us-police"), "US", PeerKind::Member, Some("US".into())).unwrap();
    host.agree_asking("us-police", "US", ("what is shared", EVERYTHING), per_hour);
    host.ingest(&(0..40).map(|number| indicator(number, 0, "green")).collect::<Vec<_>>());
    host.pass(3_000);
    let client = host.client(&host.secret("us-police"));
    (host, client)
}

fn by_id(client: &Client, number: u64) -> Reply {
    client.get(&format!("{}/?match[id]={}", readable(client), indicator_id(number)))
}

#[test]
fn who_asks_more_often_than_agreed_is_told_when_to_ask_again() {
    let (host, client) = asking(3);
    for number in 0..3 {
        assert_eq!(by_id(&client, number).ids(), [indicator_id(number)]);
    }
    let refused = by_id(&client, 3);
    refused.assert_error(429);
    let seconds: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((3_000..=3_900).contains(&seconds), "{seconds}");
    let told = refused.json()["description"].as_str().unwrap().to_owned();
    assert!(told.contains("3 times in an hour") && told.contains("followed"), "{told}");
    let one = format!("{}/{}", readable(&client), indicator_id(3));
    client.get(&one).assert_error(429);
    client.get(&format!("{one}/versions/")).assert_error(429);
    // What the agreement lets flow flows on.
    assert_eq!(client.get(&readable(&client)).ids().len(), 40);
    assert_eq!(client.get(&format!("{}/?match[type]=indicator", readable(&client))).ids().len(), 40);
    host.pass((seconds - 1) * 1_000);
    by_id(&client, 3).assert_error(429);
    host.pass(2_000);
    assert_eq!(by_id(&client, 3).ids(), [indicator_id(3)]);
}

/// What a tool asks is asked for the purpose that its secret was given for.
#[test]
fn what_a_tool_asks_stands_on_record_with_its_purpose() {
    let (host, _) = asking(100);
    let ctx = comity_node::Ctx { purpose: comity_node::Purpose::Prevention, ..host.ctx() };
    let (_, secret) = host.node.add_credential(&ctx, &org("us-police"), "duty room", None).unwrap();
    let client = host.client(&secret);
    assert_eq!(client.get(&readable(&client)).ids().len(), 40);
    by_id(&client, 1);
    let query = comity_node::AuditQuery { peer: Some(org("us-police")), ..Default::default() };
    let mut purposes = std::collections::BTreeSet::new();
    let mut take = |asked: comity_node::Asked| {
        if asked.entry.kind == comity_ledger::EntryKind::Release {
            purposes.insert(asked.content.unwrap()["purpose"].as_str().unwrap().to_owned());
        }
        std::ops::ControlFlow::Continue(())
    };
    host.node.audit(&host.ctx(), &query, &mut take).unwrap();
    assert_eq!(purposes.into_iter().collect::<Vec<_>>(), ["prevention"]);
}

/// The twin has the same settings and nothing in memory.
#[test]
fn a_restart_gives_nobody_a_new_budget() {
    let (host, client) = asking(2);
    by_id(&client, 0);
    by_id(&client, 1);
    let secret = host.secret("us-police");
    by_id(&host.twin().client(&secret), 2).assert_error(429);
}

#[test]
fn a_value_searched_in_the_misp_way_counts_and_reading_on_does_not() {
    let (host, _) = asking(3);
    let misp = host.stranger().with("Authorization", &host.secret("us-police"));
    let search = |body: &str| misp.post("/misp/attributes/restSearch", "application/json", body.as_bytes());
    assert_eq!(search(r#"{"value":"192.0.2.1","limit":10}"#).status, 200);
    for page in 1..5 {
        assert_eq!(search(&format!(r#"{{"limit":10,"page":{page}}}"#)).status, 200);
    }
    assert_eq!(search(r#"{"value":["192.0.2.2","192.0.2.3"]}"#).status, 200, "each one named counts");
    let refused = search(r#"{"value":"192.0.2.1"}"#);
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    // Not by a later page of a search that nobody began, nor by a sighting of it.
    for page in [2, 3] {
        let body = format!(r#"{{"value":["192.0.2.1","192.0.2.9"],"limit":1,"page":{page}}}"#);
        assert_eq!(search(&body).status, 429);
    }
    assert_eq!(search(r#"{"value":"192.0.2.1","limit":9223372036854775808,"page":3}"#).status, 429);
    let sighting = misp.post("/misp/sightings/add", "application/json", br#"{"value":"192.0.2.1"}"#);
    assert_eq!(sighting.status, 429, "{}", sighting.text());
    let many = (0..9).map(|n| format!("\"192.0.2.{n}\"")).collect::<Vec<_>>().join(",");
    let refused = search(&format!(r#"{{"value":[{many}]}}"#));
    assert_eq!(refused.status, 403, "more than the agreement lets ask at all: {}", refused.text());
}

#[test]
fn who_may_ask_nothing_is_told_so_and_may_follow() {
    let (_host, client) = asking(0);
    by_id(&client, 0).assert_error(403);
    assert_eq!(client.get(&readable(&client)).ids().len(), 40);
}

/// Requests that never come to their end take up the places of their organisation, and of no other.
#[test]
fn one_organisation_cannot_take_every_place() {
    let (host, client) = asking(10);
    let other = host.tool("fi-police", PeerKind::Member, "FI", EVERYTHING);
    let head = client.with("Content-Type", TAXII).head("POST", &writable(&client), Some(1_000));
    let mut slow: Vec<_> = (0..8).map(|_| client.connect().unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(b"{\"objects\":[").unwrap();
        stream.flush().unwrap();
    }
    std::thread::sleep(Duration::from_millis(300));
    let waiting = std::thread::spawn({
        let client = client.clone();
        move || client.get("/taxii2/")
    });
    for _ in 0..10 {
        host.assert_alive(&other);
    }
    let refused = waiting.join().unwrap();
    refused.assert_error(429);
    assert!(refused.header("retry-after").is_some());
    drop(slow);
    let began = Instant::now();
    while client.get("/taxii2/").status != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "its places are free again");
    }
}

#[test]
fn streams_are_so_many_and_no_more() {
    let (_host, client) = asking(10);
    let open = || {
        let mut stream = BufReader::new(client.connect().unwrap());
        stream.get_mut().write_all(client.head("GET", "/stream/all", None).as_bytes()).unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stream, &mut line).unwrap();
        (line.contains(" 200 "), stream)
    };
    let mut streams: Vec<_> = (0..32).map(|_| open()).collect();
    assert!(streams.iter().all(|(opened, _)| *opened));
    let refused = client.get("/stream/all");
    assert_eq!(refused.status, 429, "{}", refused.text());
    streams.pop();
    let began = Instant::now();
    while !open().0 {
        assert!(began.elapsed() < Duration::from_secs(30), "its place is free again");
        std::thread::sleep(Duration::from_millis(200));
    }
}
