//! Saved queries as collections: a part of what a reader sees, and nothing besides.

use comity_node::{PeerKind, SavedQuery};
use comity_stix::Kind;

use super::common::*;

/// A node with 60 indicators, every third closed, half of them about a botnet; and two clients that may see the open
/// ones, of which one finds the collection.
fn saved() -> (Host, Client, Client) {
    let host = Host::new();
    let reader = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let other = host.tool("fi-police", PeerKind::Member, "FI", EVERYTHING);
    host.ingest(&(0..60).map(said).collect::<Vec<_>>());
    host.pass(3_000);
    let query = SavedQuery {
        readers: [org("us-police")].into(),
        types: ["indicator".to_owned()].into(),
        words: ["Botnet".to_owned()].into(),
        kinds: [Kind::Ipv4].into(),
        ..SavedQuery::new(&host.ctx(), org("botnets"), "Case 2041")
    };
    host.node.save_query(&host.ctx(), &query).unwrap();
    let (reader, other) = (host.client(&reader), host.client(&other));
    (host, reader, other)
}

fn said(number: u64) -> String {
    let tlp = if number.is_multiple_of(3) { "red" } else { "green" };
    let word = if number.is_multiple_of(2) { ",\"botnet\"" } else { "" };
    indicator_with(number, 0, &format!(r#","labels":["tlp:{tlp}"{word}]"#))
}

fn expected() -> Vec<String> {
    (0..60).filter(|number| number % 2 == 0 && number % 3 != 0).map(indicator_id).collect()
}

const OBJECTS: &str = "/taxii2/root/collections/botnets/objects";

fn titles(client: &Client) -> Vec<String> {
    let all = client.get("/taxii2/root/collections/").json();
    all["collections"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn its_readers_find_what_it_holds_of_what_they_may_see() {
    let (_host, reader, _) = saved();
    assert!(titles(&reader).contains(&"Case 2041".to_owned()));
    let pages = pages(&mut reader.session(), OBJECTS, "limit=7");
    assert_eq!(ids(&pages), expected());
    assert!(pages.iter().rev().skip(1).all(|page| page.objects().len() == 7), "every page but the last is full");
    let manifest = reader.get("/taxii2/root/collections/botnets/manifest/");
    assert_eq!(manifest.json()["objects"].as_array().unwrap().len(), expected().len());
    let seen = |path: &str| reader.get(path).status;
    assert_eq!(seen(&format!("{OBJECTS}/{}", indicator_id(2))), 200);
    for (number, why) in [(1, "it is not what was asked for"), (0, "it is closed")] {
        assert_eq!(seen(&format!("{OBJECTS}/{}", indicator_id(number))), 404, "{why}");
        assert_eq!(seen(&format!("{OBJECTS}/{}/versions", indicator_id(number))), 404, "{why}");
    }
    let list = String::from_utf8(reader.get("/lists/botnets/ipv4.txt").body).unwrap();
    assert_eq!(list.lines().count(), expected().len());
    let lines = String::from_utf8(reader.get("/ndjson/botnets").body).unwrap();
    assert_eq!(lines.lines().count(), expected().len() + 1);
}

/// A title may tell of a case.
#[test]
fn nobody_else_learns_that_there_is_one() {
    let (host, _, other) = saved();
    assert!(!titles(&other).contains(&"Case 2041".to_owned()));
    for path in [OBJECTS, "/lists/botnets/ipv4.txt", "/ndjson/botnets", "/stream/botnets"] {
        assert_eq!(other.get(path).status, 404, "{path}");
    }
    let own = host.client(&host.secret(HOST));
    assert_eq!(own.get(OBJECTS).ids().len(), 30, "this organisation's own tools find all of it");
}

#[test]
fn it_goes_with_what_comes_and_changes_and_ends_when_it_is_removed() {
    let (host, reader, _) = saved();
    assert_eq!(reader.get(OBJECTS).ids().len(), expected().len());
    // One that no longer is about a botnet, one that is new.
    host.ingest(&[indicator(2, 5, "green"), said(100)]);
    host.pass(3_000);
    let now = reader.get(OBJECTS).ids();
    assert_eq!(now.len(), expected().len());
    assert!(!now.contains(&indicator_id(2)) && now.contains(&indicator_id(100)));
    let wider = SavedQuery { words: ["botnet".into()].into(), ..SavedQuery::new(&host.ctx(), org("botnets"), "") };
    host.node
        .save_query(
            &host.ctx(),
            &SavedQuery { readers: [org("us-police")].into(), owners: [org(HOST)].into(), ..wider },
        )
        .unwrap();
    assert_eq!(reader.get(OBJECTS).ids().len(), now.len(), "saved anew it is read anew");
    host.node.remove_query(&host.ctx(), &org("botnets")).unwrap();
    assert_eq!(reader.get(OBJECTS).status, 404);
    assert!(host.node.remove_query(&host.ctx(), &org("botnets")).is_err());
}

#[test]
fn what_cannot_be_saved_is_refused_with_a_reason() {
    let (host, ..) = saved();
    let named = |name: &str| SavedQuery { words: ["x".into()].into(), ..SavedQuery::new(&host.ctx(), org(name), "") };
    let refused = |query: &SavedQuery| host.node.save_query(&host.ctx(), query).unwrap_err().to_string();
    assert!(refused(&named("inbox")).contains("another collection"));
    assert!(refused(&named("agreement-1234")).contains("another collection"));
    assert!(refused(&SavedQuery::new(&host.ctx(), org("all-of-it"), "")).contains("asks for something"));
    assert!(refused(&SavedQuery { readers: [org("xx")].into(), ..named("x") }).contains("xx"));
}
