use std::collections::BTreeSet;

use comity_stix::Doc;
use comity_stix::validate::{Severity, accept, check};
use serde_json::{Value, json};

use crate::collect::{Collected, context, shared};
use crate::{Format, SourceFile};

fn read(text: &str) -> Collected {
    let mut sink = Collected::default();
    let file = SourceFile { name: "test", format: Format::MispEvent };
    let flow = super::read_misp(&mut text.as_bytes(), file, &context(), &mut sink).unwrap();
    assert!(flow.is_continue());
    for (offset, raw) in &sink.objects {
        assert!(*offset < text.len() as u64);
        valid(raw);
    }
    sink
}

fn valid(raw: &[u8]) {
    let doc = Doc::parse(raw, 64).unwrap();
    let shown = String::from_utf8_lossy(raw);
    accept(doc.root()).unwrap_or_else(|finding| panic!("{finding:?} in {shown}"));
    let mut findings = Vec::new();
    check(doc.root(), &mut findings);
    findings.retain(|finding| finding.severity != Severity::Should);
    assert_eq!(findings, [], "{shown}");
}

#[expect(clippy::needless_pass_by_value, reason = "the callers make it in place")]
fn event(members: Value) -> String {
    let mut event = json!({
        "uuid": "a6ef17d6-91cb-4a05-b10b-2f045daf874c", "info": "Test", "date": "2020-10-25", "timestamp": "1603642920",
        "Orgc": { "name": "CERT", "uuid": "a0c22599-9e58-4da4-96ac-7051603fa951" },
    });
    event.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "Event": event }).to_string()
}

fn attribute(kind: &str, value: &str, to_ids: bool) -> Value {
    json!({ "uuid": "91ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f", "type": kind, "category": "Other", "value": value, "to_ids": to_ids, "timestamp": "1603642921" })
}

fn of_type<'v>(objects: &'v [Value], kind: &str) -> Vec<&'v Value> {
    objects.iter().filter(|object| object["type"] == kind).collect()
}

#[test]
fn an_attribute_to_detect_becomes_an_indicator_and_its_observable() {
    let objects =
        read(&event(json!({ "published": true, "Attribute": [attribute("ip-dst", "203.0.113.7", true)] }))).json();
    let indicator = of_type(&objects, "indicator")[0];
    assert_eq!(indicator["id"], "indicator--91ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f");
    assert_eq!(indicator["pattern"], "[ipv4-addr:value = '203.0.113.7']");
    assert_eq!(indicator["created"], "2020-10-25T00:00:00.000Z");
    assert_eq!(indicator["modified"], "2020-10-25T16:22:01.000Z");
    let report = of_type(&objects, "report")[0];
    assert_eq!(report["id"], "report--a6ef17d6-91cb-4a05-b10b-2f045daf874c");
    assert_eq!(report["created_by_ref"], "identity--a0c22599-9e58-4da4-96ac-7051603fa951");
    for kind in ["indicator", "ipv4-addr"] {
        assert!(report["object_refs"].as_array().unwrap().contains(&of_type(&objects, kind)[0]["id"]));
    }
}

#[test]
fn an_attribute_seen_becomes_observed_data() {
    let objects =
        read(&event(json!({ "Attribute": [attribute("domain|ip", "Example.COM|203.0.113.7", false)] }))).json();
    let observed = of_type(&objects, "observed-data")[0];
    assert_eq!(observed["object_refs"].as_array().unwrap().len(), 2);
    let domain = of_type(&objects, "domain-name")[0];
    assert_eq!(domain["value"], "example.com");
    assert_eq!(domain["resolves_to_refs"][0], of_type(&objects, "ipv4-addr")[0]["id"]);
    assert_eq!(of_type(&objects, "grouping").len(), 1);
}

#[test]
fn patterns_escape_their_literals() {
    for (kind, value, pattern) in [
        ("mutex", r"a'b\c", r"[mutex:name = 'a\'b\\c']"),
        ("filename", r"C:\x'y.exe", r"[file:name = 'C:\\x\'y.exe']"),
        (
            "ip-dst|port",
            "203.0.113.7|443",
            "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 443]",
        ),
        ("sha512/256", &"A".repeat(64), &format!("[file:hashes.'SHA-512-256' = '{}']", "a".repeat(64))),
        (
            "iban",
            "DE89 3704 0044 0532 0130 00",
            "[comity-value:kind = 'iban' AND comity-value:value = 'DE89370400440532013000']",
        ),
        ("AS", "AS64500", "[autonomous-system:number = 64500]"),
    ] {
        let objects = read(&event(json!({ "Attribute": [attribute(kind, value, true)] }))).json();
        assert_eq!(of_type(&objects, "indicator")[0]["pattern"], pattern);
    }
}

#[test]
fn what_has_no_place_in_stix_is_kept_as_it_is() {
    let sink = read(&event(
        json!({ "Attribute": [attribute("text", "some words", false), attribute("md5", "not a hash", true)] }),
    ));
    let objects = sink.json();
    let kept = of_type(&objects, "x-misp-attribute");
    assert_eq!(kept[0]["x_misp_value"], "some words");
    assert_eq!(kept[1]["x_misp_type"], "md5");
    assert_eq!(sink.notices[0].code, "value-invalid");
    assert!(sink.rejected.is_empty());
}

#[test]
fn a_bad_attribute_is_set_aside_where_it_stands_and_the_event_goes_on() {
    let text =
        event(json!({ "Attribute": [{"uuid": "x", "type": "md5"}, 7, attribute("domain", "example.com", false)] }));
    let sink = read(&text);
    let bad = text
        .find(r#"{"type":"md5""#)
        .or_else(|| text.find(r#"{"uuid":"x""#))
        .or_else(|| text.find(r#"{"type":"md5","uuid":"x""#))
        .unwrap();
    assert_eq!(
        sink.rejected.iter().map(|(offset, code, _)| (*offset, *code)).collect::<Vec<_>>()[0],
        (bad as u64, "misp-attribute-invalid")
    );
    assert_eq!(sink.rejected.len(), 2);
    assert_eq!(of_type(&sink.json(), "domain-name").len(), 1);
}

#[test]
fn card_numbers_are_not_kept() {
    let number = "4111111111111111";
    let card = json!({ "name": "credit-card", "uuid": "695e7924-2518-4054-9cea-f82853d37410", "Attribute": [attribute("cc-number", number, true)] });
    let sink = read(&event(
        json!({ "Attribute": [attribute("cc-number", number, true), attribute("cc-number", "4111-x", false)], "Object": [card] }),
    ));
    assert!(sink.objects.iter().all(|(_, raw)| memchr::memmem::find(raw, number.as_bytes()).is_none()));
}

#[test]
fn the_stricter_marking_and_distribution_win() {
    let mut inner = attribute("domain", "example.com", true);
    inner["Tag"] = json!([{ "name": "tlp:green" }, { "name": "admiralty-scale:source-reliability=\"b\"" }]);
    inner["distribution"] = "5".into();
    let mut closed = attribute("md5", "d41d8cd98f00b204e9800998ecf8427e", true);
    closed["distribution"] = "0".into();
    closed["Tag"] = json!([{ "name": "tlp:red" }]);
    let tags = json!([{ "name": "tlp:amber" }, { "name": "PAP:GREEN" }]);
    let group = json!({ "uuid": "5f6e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "name": "Friends" });
    let objects =
        read(&event(json!({ "Tag": tags, "distribution": "4", "SharingGroup": group, "Attribute": [inner, closed] })))
            .json();
    let has = |object: &Value, label: &str| object["labels"].as_array().unwrap().iter().any(|l| l == label);
    let domain = of_type(&objects, "domain-name")[0];
    assert_eq!(domain["object_marking_refs"], json!(["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]));
    for label in [
        "admiralty-scale:source-reliability=\"b\"",
        "PAP:GREEN",
        "misp:distribution=\"4\"",
        "misp:sharing-group=\"5f6e2d2b-17d4-4cbf-938f-98ee46b3cd3f\"",
    ] {
        assert!(has(domain, label), "{label} in {domain}");
    }
    let file = of_type(&objects, "file")[0];
    assert_eq!(file["object_marking_refs"], json!(["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]));
    assert!(has(file, "misp:distribution=\"0\""));
    assert_eq!(of_type(&objects, "marking-definition").len(), 2);
}

#[test]
fn objects_galaxies_references_and_sightings_are_tied_together() {
    let cluster = json!({ "uuid": "e042a41b-5ecf-4f3a-8f1f-1b528c534772", "value": "Access Token Manipulation - T1134", "meta": { "external_id": "T1134", "kill_chain": ["mitre-attack:defense-evasion"] } });
    let galaxy = json!([{ "type": "mitre-attack-pattern", "name": "Attack Pattern", "GalaxyCluster": [cluster] }]);
    let mut hash = attribute("sha256", &"ab".repeat(32), true);
    hash["Galaxy"] = galaxy.clone();
    hash["Sighting"] = json!([{ "uuid": "5c764095-129c-4e81-956d-0e1a0a00020f", "type": "0", "date_sighting": "1603642925", "Organisation": { "name": "Lab", "uuid": "5c6983c8-3af8-4304-869c-4800d6c1883c" } }]);
    let reference = |to: &str| json!([{ "uuid": "5c764095-129c-4e81-956d-0e1a0a000201", "referenced_uuid": to, "relationship_type": "Dropped by " }]);
    let file = json!({ "name": "file", "uuid": "5e384ae7-672c-4250-9cda-3b4da964451a", "Attribute": [hash, attribute("filename", "a.exe", false)], "ObjectReference": reference("695e7924-2518-4054-9cea-f82853d37410") });
    let other = json!({ "name": "odd", "uuid": "695e7924-2518-4054-9cea-f82853d37410", "Attribute": [attribute("text", "x", false)], "ObjectReference": reference("00000000-0000-4000-8000-000000000000") });
    let sink = read(&event(json!({ "Object": [file, other], "Galaxy": galaxy })));
    let objects = sink.json();
    let indicator = of_type(&objects, "indicator")[0];
    assert_eq!(indicator["id"], "indicator--5e384ae7-672c-4250-9cda-3b4da964451a");
    assert_eq!(indicator["x_misp_attributes"].as_array().unwrap().len(), 2);
    let technique = of_type(&objects, "attack-pattern")[0];
    assert_eq!(
        (&technique["name"], &technique["external_references"][0]["external_id"]),
        (&json!("Access Token Manipulation"), &json!("T1134"))
    );
    let kinds: BTreeSet<&str> =
        of_type(&objects, "relationship").iter().map(|r| r["relationship_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["dropped-by", "indicates"]));
    assert_eq!(of_type(&objects, "sighting")[0]["sighting_of_ref"], indicator["id"]);
    assert_eq!(sink.notices.iter().map(|n| n.code).collect::<Vec<_>>(), ["misp-reference-unknown"]);
}

#[test]
fn attributes_of_a_search_stand_by_themselves() {
    let text = json!({ "response": { "Attribute": [attribute("domain", "example.com", true), attribute("link", "https://example.com/", false)] } }).to_string();
    let objects = read(&text).json();
    assert_eq!(of_type(&objects, "indicator").len(), 1);
    assert_eq!(of_type(&objects, "x-misp-attribute")[0]["x_misp_type"], "link");
    assert!(of_type(&objects, "grouping").is_empty());
}

/// Counted from the MISP JSON without the reader.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    single: usize,
    in_objects: usize,
    deleted: usize,
    plain: BTreeSet<(String, String)>,
}

fn is_deleted(json: &Value) -> bool {
    json["deleted"] == true || json["deleted"] == "1" || json["deleted"] == 1
}

impl Counted {
    fn walk(&mut self, json: &Value) {
        match json {
            Value::Array(list) => list.iter().for_each(|item| self.walk(item)),
            Value::Object(map) if map.contains_key("Event") && !map.contains_key("value") => self.walk(&map["Event"]),
            Value::Object(map) if map.contains_key("response") => self.walk(&map["response"]),
            Value::Object(map) if map.contains_key("value") && map.contains_key("type") => self.attribute(json, false),
            _ => {
                json["Attribute"].as_array().into_iter().flatten().for_each(|a| self.attribute(a, false));
                for object in json["Object"].as_array().into_iter().flatten() {
                    for attribute in object["Attribute"].as_array().into_iter().flatten() {
                        if is_deleted(object) { self.deleted += 1 } else { self.attribute(attribute, true) }
                    }
                }
            }
        }
    }

    fn attribute(&mut self, attribute: &Value, inside: bool) {
        if is_deleted(attribute) {
            self.deleted += 1;
            return;
        }
        *(if inside { &mut self.in_objects } else { &mut self.single }) += 1;
        let (kind, value) =
            (attribute["type"].as_str().unwrap_or_default(), attribute["value"].as_str().unwrap_or_default());
        let hex = |digits: usize| value.len() == digits && value.bytes().all(|b| b.is_ascii_hexdigit());
        let member = match kind {
            "md5" if hex(32) => "MD5",
            "sha1" if hex(40) => "SHA-1",
            "sha256" if hex(64) => "SHA-256",
            "ip-src" | "ip-dst" if value.parse::<std::net::Ipv4Addr>().is_ok() => "ipv4-addr",
            "domain" | "hostname" if value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') => {
                "domain-name"
            }
            "url" if value.starts_with("http://") || value.starts_with("https://") => "url",
            _ => return,
        };
        if !inside {
            self.plain.insert((member.to_owned(), plain(member, value)));
        }
    }
}

/// URLs have several normal forms; only host and path without their ends are compared.
fn plain(member: &str, value: &str) -> String {
    let value = value.trim().to_ascii_lowercase();
    if member != "url" {
        return value.trim_end_matches('.').to_owned();
    }
    let rest = value.split_once("://").map_or(value.as_str(), |(_, rest)| rest);
    rest.replace("%20", " ")
        .replace(":80/", "/")
        .replace(":443/", "/")
        .trim_end_matches(":80")
        .trim_end_matches(":443")
        .trim_end_matches('/')
        .to_owned()
}

fn produced(objects: &[Value]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for object in objects {
        let kind = object["type"].as_str().unwrap();
        if ["ipv4-addr", "domain-name", "url"].contains(&kind) {
            found.insert((kind.to_owned(), plain(kind, object["value"].as_str().unwrap())));
        }
        for (name, hash) in object["hashes"].as_object().into_iter().flatten() {
            found.insert((name.clone(), hash.as_str().unwrap().to_owned()));
        }
    }
    found
}

fn balance(name: &str, bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).unwrap();
    let sink = read(text);
    let json: Value = serde_json::from_slice(bytes).unwrap();
    let mut counted = Counted::default();
    counted.walk(&json);
    let objects = sink.json();
    let labelled = |object: &&Value| {
        object["labels"].as_array().is_some_and(|l| l.iter().any(|l| l.as_str().unwrap().starts_with("misp:type=")))
    };
    let single = objects.iter().filter(labelled).count();
    let links: usize = objects
        .iter()
        .filter_map(|o| o["external_references"].as_array())
        .flatten()
        .filter(|r| r["source_name"] == "misp-link")
        .count();
    let inside: usize = objects.iter().filter_map(|o| o["x_misp_attributes"].as_array()).map(Vec::len).sum();
    let deleted: usize = sink
        .notices
        .iter()
        .filter(|n| n.code == "misp-deleted-skipped")
        .map(|n| n.text.split(' ').next().unwrap().parse::<usize>().unwrap())
        .sum();
    let rejected = sink.rejected.len();
    assert_eq!(
        single + links + inside + rejected + deleted,
        counted.single + counted.in_objects + counted.deleted,
        "{name}: {:?}",
        sink.rejected
    );
    assert_eq!(deleted, counted.deleted, "{name}");
    let events = text.matches("\"Event\"").count().min(1);
    let reports = of_type(&objects, "report").len() + of_type(&objects, "grouping").len();
    assert!(
        reports
            >= events.min(usize::from(
                counted.single + counted.in_objects > 1 && !text.contains("{\"response\":{\"Attribute\"")
            )),
        "{name}"
    );
    let found = produced(&objects);
    let missing: Vec<_> = counted.plain.difference(&found).collect();
    assert!(missing.is_empty(), "{name}: {missing:?}");
    let lower = json.to_string().to_ascii_lowercase();
    for (member, value) in
        found.iter().filter(|(member, _)| ["MD5", "SHA-1", "SHA-256", "ipv4-addr"].contains(&member.as_str()))
    {
        assert!(lower.contains(value), "{name}: {member} {value} was not in the event");
    }
    counted.single + counted.in_objects
}

#[test]
fn every_public_event_is_read_and_every_attribute_accounted_for() {
    let files = shared("misp-events");
    let attributes: usize = files.iter().map(|(name, bytes)| balance(name, bytes)).sum();
    if !files.is_empty() {
        assert!(attributes > 3000, "{attributes}");
    }
}

#[test]
fn every_fixture_of_the_reference_converter_is_read() {
    for (name, bytes) in shared("misp-stix").into_iter().filter(|(name, _)| name == "misp_event_fixtures.json") {
        let fixtures: serde_json::Map<String, Value> = serde_json::from_slice(&bytes).unwrap();
        for (fixture, json) in fixtures.iter().filter(|(_, json)| json.is_object()) {
            balance(&format!("{name}/{fixture}"), json.to_string().as_bytes());
        }
    }
}

#[path = "tests_analyst.rs"]
mod analyst;
