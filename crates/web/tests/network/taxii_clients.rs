//! The documented loop of each client (`reference/platforms.md` 6.2), over several polls with new data between and
//! during them: what the client may see arrives, each object once.

use std::collections::BTreeMap;

use comity_base::Timestamp;
use comity_node::PeerKind;
use serde_json::Value;

use super::common::*;

/// A client's memory, and its next run. What it fetched is appended.
trait Poll {
    fn run(&mut self, client: &Client, objects: &str, got: &mut Vec<String>, between: &mut dyn FnMut());
}

/// Polls, and lets new data come between and in the middle of polls, until nothing more comes.
fn arrives_once(mut poller: impl Poll, rounds: usize) {
    let host = Host::new();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let client = host.client(&secret);
    let (objects, mut got, mut next) = (readable(&client), Vec::new(), 0);
    let mut bring = |count: u64| {
        host.ingest(&mostly_hidden(next..next + count, 3));
        next += count;
        host.pass(1_000);
    };
    host.pass(1_000);
    for round in 0..rounds {
        bring([7, 400, 1, 90, 233][round % 5]);
        let mut during = [31_u64, 2].into_iter();
        poller.run(&client, &objects, &mut got, &mut || {
            if let Some(count) = during.next() {
                bring(count);
            }
        });
    }
    for _ in 0..40 {
        poller.run(&client, &objects, &mut got, &mut || {});
    }
    let expected = seen_of(0..next, 3);
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for id in &got {
        *counts.entry(id).or_default() += 1;
    }
    let lost: Vec<_> = expected.iter().filter(|id| !counts.contains_key(id)).collect();
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert!(lost.is_empty() && repeated.is_empty(), "lost {lost:?}, repeated {repeated:?}");
    assert_eq!(got.len(), expected.len());
}

/// OpenCTI's own ingester: one page a run; `next` and `added_after` together; the date cut to milliseconds after the last
/// page, its cursor cleared by an empty page with more.
#[derive(Default)]
struct OpenCti {
    next: Option<String>,
    added_after: Option<String>,
    limit: Option<usize>,
}

impl Poll for OpenCti {
    fn run(&mut self, client: &Client, objects: &str, got: &mut Vec<String>, between: &mut dyn FnMut()) {
        let limit = self.limit.map(|limit| limit.to_string());
        let said = [("next", &self.next), ("added_after", &self.added_after), ("limit", &limit)];
        let said = said.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        let query = said.collect::<Vec<_>>().join("&");
        let page = client.get(&format!("{objects}/?{query}"));
        let ids = page.ids();
        got.extend(ids.iter().cloned());
        between();
        if page.more() {
            assert!(!ids.is_empty(), "it would begin again");
            self.next = page.next();
            return;
        }
        self.next = None;
        if let Some(date) = page.header("x-taxii-date-added-last") {
            let cut = Timestamp::parse(date).unwrap().as_micros() / 1_000 * 1_000;
            self.added_after = Some(comity_taxii::date_added(cut));
        }
    }
}

#[test]
fn opencti_ingester() {
    arrives_once(OpenCti::default(), 8);
}

#[test]
fn opencti_ingester_with_a_limit() {
    arrives_once(OpenCti { limit: Some(60), ..OpenCti::default() }, 8);
}

/// Elastic `ti_custom`: follows `next` and never looks at `more`; keeps filters on following pages or, before 1.8.2, not.
struct Elastic {
    added_after: Option<String>,
    keeps_filters: bool,
}

impl Poll for Elastic {
    fn run(&mut self, client: &Client, objects: &str, got: &mut Vec<String>, between: &mut dyn FnMut()) {
        let from = self.added_after.as_ref().map(|date| format!("&added_after={date}")).unwrap_or_default();
        let mut query = format!("limit=50{from}");
        loop {
            let page = client.get(&format!("{objects}/?{query}"));
            got.extend(page.ids());
            between();
            if let Some(date) = page.header("x-taxii-date-added-last") {
                self.added_after = Some(date.to_owned());
            }
            let Some(next) = page.next() else { return };
            query = if self.keeps_filters { format!("limit=50{from}&next={next}") } else { format!("next={next}") };
        }
    }
}

#[test]
fn elastic() {
    arrives_once(Elastic { added_after: None, keeps_filters: true }, 6);
}

#[test]
fn elastic_before_1_8_2() {
    arrives_once(Elastic { added_after: None, keeps_filters: false }, 6);
}

/// `taxii2client`'s `as_pages`, as OpenCTI's connector and Splunk use it: a slash everywhere, loops while `more`, sends
/// `next` only, and makes its pages smaller when the first is short.
#[derive(Default)]
struct AsPages {
    added_after: Option<String>,
}

impl Poll for AsPages {
    fn run(&mut self, client: &Client, objects: &str, got: &mut Vec<String>, between: &mut dyn FnMut()) {
        let mut limit = 40;
        let from = self.added_after.as_ref().map(|date| format!("&added_after={date}")).unwrap_or_default();
        let mut page = client.get(&format!("{objects}/?limit={limit}{from}"));
        let first = page.ids().len();
        if page.more() && first < limit {
            limit = first;
        }
        assert!(!page.more() || limit == 40, "its pages shrink");
        loop {
            got.extend(page.ids());
            between();
            if let Some(date) = page.header("x-taxii-date-added-last") {
                self.added_after = Some(date.to_owned());
            }
            if !page.more() {
                return;
            }
            // With `more` and no `next` it asks for the first page for ever.
            let next = page.next().unwrap();
            page = client.get(&format!("{objects}/?limit={limit}&next={next}"));
        }
    }
}

#[test]
fn taxii2client_as_pages() {
    arrives_once(AsPages::default(), 6);
}

/// MISP: the raw key after `basic`, `next` sent empty at first, fifty a page.
#[derive(Default)]
struct Misp {
    added_after: String,
}

impl Poll for Misp {
    fn run(&mut self, client: &Client, objects: &str, got: &mut Vec<String>, between: &mut dyn FnMut()) {
        let mut next = String::new();
        let from = self.added_after.clone();
        loop {
            let page = client.get(&format!("{objects}/?limit=50&next={next}&added_after={from}"));
            got.extend(page.ids());
            between();
            if let Some(date) = page.header("x-taxii-date-added-last") {
                date.clone_into(&mut self.added_after);
            }
            match page.next() {
                Some(token) => next = token,
                None => return,
            }
        }
    }
}

#[test]
fn misp() {
    arrives_once(Misp::default(), 6);
}

/// Sentinel: a user and a password, the API root and a collection's id, no slash; asks from its last poll on.
/// EclecticIQ, Anomali and Taegis do the same with an alias or a hundred a page.
struct Plain {
    added_after: Option<String>,
    limit: usize,
}

impl Poll for Plain {
    fn run(&mut self, client: &Client, objects: &str, got: &mut Vec<String>, between: &mut dyn FnMut()) {
        let from = self.added_after.as_ref().map(|date| format!("&added_after={date}")).unwrap_or_default();
        let mut query = format!("limit={}{from}", self.limit);
        let mut last = self.added_after.clone();
        loop {
            let page = client.get(&format!("{objects}?{query}"));
            got.extend(page.ids());
            between();
            last = page.header("x-taxii-date-added-last").map(str::to_owned).or(last);
            match page.next() {
                Some(next) => query = format!("limit={}{from}&next={next}", self.limit),
                None => break,
            }
        }
        self.added_after = last;
    }
}

#[test]
fn sentinel() {
    arrives_once(Plain { added_after: None, limit: 1_000 }, 6);
}

#[test]
fn eclecticiq_a_hundred_a_run() {
    arrives_once(Plain { added_after: None, limit: 100 }, 6);
}

/// XSOAR: tries 2.0 and falls back on 406, finds the API root in the discovery, the collection by its title, and
/// adds `relationship` to the types it wants.
#[test]
fn xsoar() {
    let host = Host::new();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    host.ingest(&mostly_hidden(0..500, 2));
    host.pass(1_000);
    let old = host.client(&secret).with("Accept", "application/vnd.oasis.taxii+json; version=2.0");
    old.get("/taxii2/").assert_error(406);
    let client = host.client(&secret).without("Authorization").with("Authorization", &format!("Token {secret}"));
    let root = client.get("/taxii2/").json()["api_roots"][0].as_str().unwrap().to_owned();
    assert!(root.ends_with('/'), "it splits the name off at slashes: {root}");
    let root = root.split_once("/taxii2").map(|(_, rest)| format!("/taxii2{rest}")).unwrap();
    let collections = client.get(&format!("{root}collections/")).json();
    let named = |one: &&Value| one["title"] == "what is shared";
    let id = collections["collections"].as_array().unwrap().iter().find(named).unwrap()["id"].clone();
    let path = format!("{root}collections/{}/objects", id.as_str().unwrap());
    let (mut got, mut next) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}/?limit=100&match[type]=indicator,relationship{next}"));
        let ids = page.ids();
        assert!(!ids.is_empty(), "it stops at a page without objects");
        got.extend(ids);
        let Some(token) = page.next() else { break };
        next = format!("&next={token}");
    }
    assert_eq!(got, seen_of(0..500, 2));
}

/// OpenCTI's stream `taxii-post`: a bundle as STIX, one object a request. Splunk's `ctis-taxii` posts a grouping's bundle.
#[test]
fn opencti_taxii_post_and_splunk_ctis() {
    let host = Host::new();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let client = host.client(&secret);
    let inbox = writable(&client);
    let mut session = client.with("Content-Type", "application/stix+json; version=2.1").session();
    for number in 0..50 {
        let reply = session.send("POST", &format!("{inbox}/"), bundle(&[indicator(number, 0, "green")]).as_bytes());
        assert_eq!((reply.status, &reply.json()["success_count"]), (202, &1.into()), "{}", reply.text());
    }
    let refs: Vec<_> = (100..110).map(|number| format!("\"{}\"", indicator_id(number))).collect();
    let grouping = format!(
        r#"{{"type":"grouping","spec_version":"2.1","id":"grouping--00000001-0000-4000-8000-000000000000","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","context":"suspicious-activity","object_refs":[{}],"labels":["tlp:green"]}}"#,
        refs.join(",")
    );
    let all: Vec<_> = (100..110).map(|number| indicator(number, 0, "green")).chain([grouping]).collect();
    let reply = client.post(&inbox, TAXII, bundle(&all).as_bytes());
    assert_eq!((reply.status, &reply.json()["success_count"]), (202, &11.into()), "{}", reply.text());
    let again = client.post(&inbox, TAXII, bundle(&all).as_bytes());
    assert_eq!(again.json()["success_count"], 11, "sent again after a reply that was lost");
    host.pass(1_000);
    let own = host.client(&host.secret(HOST));
    let held = ids(&pages(&mut own.session(), &readable(&own), "limit=20"));
    assert_eq!(held.len(), 61, "each once");
}
