//! The frontline over real TLS: a border system with its key, an airline with its secret, and everybody else.

use std::collections::BTreeSet;

use comity_node::{Act, NewAccount, NewKey, PeerKind, RightsChange, Role};
use comity_stix::ObjectId;
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::DocumentState;
use comity_testkit::{MadeUp, People, Random};
use serde_json::{Value, json};
use uuid::Uuid;

use super::common::*;

const JSON: &str = "application/json";

/// A node with some persons and a stolen passport, and the API key of a border system.
fn border() -> (Host, Vec<MadeUp>, String) {
    let host = Host::new();
    let people: Vec<MadeUp> = People::new(71).take(300).collect();
    let mut random = Random::new(1);
    host.ingest(&people.iter().map(|one| one.identity(&mut random)).collect::<Vec<_>>());
    let id = ObjectId::new(DOCUMENT_TYPE, Uuid::from_u128(0x3f6c_1d1c_6f0e_4f0e_9b7e_2d6c_0a5f_4b99)).unwrap();
    let state = DocumentState::Stolen;
    let document =
        ListedDocument { kind: "P".into(), issuer: "EST".into(), number: "KB0123456".into(), state, since: None };
    let time = "2026-01-01T00:00:00.000Z";
    let clear = document.to_object(&id, time, time).to_string().replacen('{', r#"{"labels":["tlp:clear"],"#, 1);
    host.ingest(&[clear]);
    let key = key(&host, &[Act::Search]);
    (host, people, key)
}

fn key(host: &Host, may: &[Act]) -> String {
    let first = NewAccount { name: "first".into(), full_name: "First".into(), system: None };
    drop(host.node.add_first_account(&host.ctx(), &first));
    let ctx = host.acting_as("first");
    let name = format!("booths-{}", may.len());
    host.node.add_account(&ctx, &NewAccount { name: name.clone(), full_name: "Booths".into(), system: None }).unwrap();
    let give = RightsChange { give: [Role::Service].into_iter().collect(), ..RightsChange::default() };
    let boss = host.acting_as("boss");
    host.node.change_rights(&boss, &name, &give).unwrap();
    let scope: BTreeSet<Act> = may.iter().copied().collect();
    host.node.add_key(&ctx, &NewKey { account: name, note: "test".into(), scope, days: 30 }).unwrap().1
}

/// The body as it came.
fn said(reply: &Reply) -> String {
    assert_eq!(reply.status, 200);
    String::from_utf8(reply.body.clone()).unwrap()
}

fn ask(client: &Client, question: &Value) -> Reply {
    client.post("/frontline/v1/search", JSON, question.to_string().as_bytes())
}

#[test]
fn a_border_system_gets_one_answer_in_one_call() {
    let (host, people, key) = border();
    let client = host.client(&key);
    let one = people.iter().find(|one| one.native.is_some()).unwrap();
    let answer = ask(&client, &json!({"name": one.native, "born": one.born, "nationality": one.nationality})).json();
    assert_eq!((&answer["answer"], &answer["persons"][0]["name"]), (&json!("possible"), &json!(one.native)));
    assert_eq!(answer["persons"][0]["why"], json!(["name", "birth-day", "nationality"]));
    assert!(answer["rule"].as_str().unwrap().contains("no coercive step"));
    let nothing = ask(&client, &json!({"name": "Zzyzx Qwertopolous", "born": "1950-01-01"})).json();
    assert_eq!((&nothing["answer"], nothing["persons"].as_array().unwrap().len()), (&json!("nothing"), 0));
    let stolen = ask(&client, &json!({"document": "EST:KBO123456"})).json();
    assert_eq!((&stolen["documents"][0]["state"], &stolen["documents"][0]["exact"]), (&json!("stolen"), &json!(false)));
    for text in [one.passport.as_str(), "status", "suspect"] {
        assert!(!answer.to_string().contains(text), "no file: {text} in {answer}");
    }
}

#[test]
fn a_question_that_cannot_be_read_is_answered_with_what_is_wrong() {
    let (host, _, key) = border();
    let client = host.client(&key);
    for (question, said) in [
        (json!({}), "nothing to look for"),
        (json!({"name": "X", "born": "yesterday"}), "yesterday"),
        (json!({"name": "X", "nation": "EE"}), "nation"),
        (json!({"name": "X", "purpose": "curiosity"}), "curiosity"),
        (json!({"zone": "P<EST"}), "zone"),
        (json!({"name": 7}), "cannot be read"),
    ] {
        let reply = ask(&client, &question);
        assert_eq!(reply.status, 400, "{question}");
        assert!(reply.json()["detail"].as_str().unwrap().contains(said), "{question}: {}", reply.json());
    }
    let huge = client.post("/frontline/v1/search", JSON, &vec![b' '; 100_000]);
    assert_eq!(huge.status, 413);
}

#[test]
fn nobody_asks_without_a_key_with_that_scope_and_the_key_opens_nothing_else() {
    let (host, people, border_key) = border();
    let question = json!({"name": people[0].name});
    assert_eq!(ask(&host.stranger(), &question).status, 401);
    let looks = key(&host, &[Act::Look, Act::Show]);
    let refused = ask(&host.client(&looks), &question);
    assert_eq!(refused.status, 403, "{:?}", refused.json());
    let partner = host.tool("air-one", PeerKind::Partner, "FI", EVERYTHING);
    assert_eq!(ask(&host.client(&partner), &question).status, 401, "an airline asks for documents only");
    let client = host.client(&border_key);
    for path in ["/taxii2/", "/lists/all/ipv4.txt", "/stream/all", "/servers/getVersion"] {
        assert!(matches!(client.get(path).status, 401 | 403), "{path}");
    }
}

#[test]
fn an_airline_learns_yes_or_no_and_nothing_else() {
    let (host, people, _) = border();
    let client = host.client(&host.tool("air-one", PeerKind::Partner, "FI", DOCUMENTS));
    let listed = |issuer: &str, number: &str| {
        let question = json!({"issuer": issuer, "number": number}).to_string();
        client.post("/frontline/v1/document", JSON, question.as_bytes())
    };
    host.pass(3_000);
    assert_eq!(said(&listed("EST", "KB0123456")), r#"{"listed":true}"#);
    assert_eq!(said(&listed("EE", "KB 0123456")), r#"{"listed":true}"#);
    assert_eq!(said(&listed("EST", "KB0123457")), r#"{"listed":false}"#, "exactly that number");
    let held = people.iter().find(|one| one.nationality == "EE").unwrap();
    assert_eq!(said(&listed("EE", &held.passport)), r#"{"listed":false}"#, "whose holder is known is no register");
}

#[test]
fn a_list_is_answered_line_by_line_and_says_when_it_is_over() {
    let (host, people, key) = border();
    let client = host.client(&key);
    let mut list = String::new();
    for one in people.iter().take(40) {
        list.push_str(&(json!({"name": one.name, "born": one.born}).to_string() + "\n"));
        list.push_str("{\"name\":\"Zzyzx Qwertopolous\",\"born\":\"1950\"}\nnot a question\n");
    }
    let reply = client.post("/frontline/v1/screen", "application/x-ndjson", list.as_bytes());
    let lines: Vec<Value> = said(&reply).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap(), &json!({"asked": 120, "found": 40, "over": true}));
    assert_eq!(lines.iter().filter(|line| line["wrong"].is_string()).count(), 40);
    let found: Vec<u64> =
        lines.iter().filter(|line| line["answer"] == "possible").filter_map(|line| line["line"].as_u64()).collect();
    assert_eq!(found, (0..40).map(|at| at * 3 + 1).collect::<Vec<_>>());
}

#[test]
fn a_list_is_asked_for_the_reason_of_its_first_question() {
    let (host, people, key) = border();
    let client = host.client(&key);
    let mut list = json!({"name": "Zzyzx Qwertopolous", "purpose": "prosecution", "case": "7-26"}).to_string() + "\n";
    for _ in 0..600 {
        list.push_str("{\"name\":\"Zzyzx Qwertopolous\"}\n");
    }
    list.push_str(&(json!({"name": people[0].name, "purpose": "investigation"}).to_string() + "\n"));
    list.push_str(&(json!({"name": people[0].name, "purpose": "prosecution", "case": "7-26"}).to_string() + "\n"));
    let reply = client.post("/frontline/v1/screen", "application/x-ndjson", list.as_bytes());
    let lines: Vec<Value> = said(&reply).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |number: u64| lines.iter().find(|line| line["line"] == number).unwrap_or(&Value::Null);
    assert!(of(602)["wrong"].as_str().is_some_and(|why| why.contains("first question")), "{}", of(602));
    assert_eq!(of(603)["answer"], "possible");
    for (question, why) in [("[\"Jaan\"]", "object"), ("{\"name\":\"Jaan\",\"limit\":0}", "from 1 to 20")] {
        let reply = client.post("/frontline/v1/search", JSON, question.as_bytes());
        assert_eq!(reply.status, 400);
        assert!(String::from_utf8_lossy(&reply.body).contains(why), "{question}");
    }
}

#[test]
fn the_description_is_what_is_answered() {
    let (host, people, key) = border();
    let described = host.client(&key).get("/frontline/v1/openapi.json").json();
    let known = |schema: &str| -> BTreeSet<String> {
        described["components"]["schemas"][schema]["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let answer = ask(&host.client(&key), &json!({"name": people[0].name})).json();
    let told: BTreeSet<String> = answer.as_object().unwrap().keys().cloned().collect();
    assert!(told.is_subset(&known("Answer")), "{told:?}");
    let all = json!({"name": "X", "born": "1984", "nationality": "EE", "sex": "F", "document": "EST:P:KB0123456", "purpose": "prevention",
        "case": "1", "reason": "x", "silent": true, "reference": "booth 7", "limit": 3, "zone": null});
    assert_eq!(all.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>(), known("Question"));
    assert_eq!(ask(&host.client(&key), &all).status, 200);
}

const DOCUMENTS: &str = r#"kinds = ["document"]
purposes = ["investigation"]
tlp = "green"
handling = ["H0"]
onward = "no""#;
