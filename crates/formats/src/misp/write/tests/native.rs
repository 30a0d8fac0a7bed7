//! Native STIX as MISP events.

use super::*;

const REPORT: &str = "report--a6ef17d6-91cb-4a05-b10b-2f045daf874c";

fn id(kind: &str, number: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{number:012}")
}

#[expect(clippy::needless_pass_by_value, reason = "the callers make it in place")]
fn sdo(kind: &str, number: u32, members: Value) -> Value {
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": id(kind, number),
        "created": "2026-05-01T10:00:00.000Z", "modified": "2026-05-02T10:00:00.000Z",
    });
    object.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    object
}

fn indicator(number: u32, pattern: &str) -> Value {
    let members = json!({ "pattern": pattern, "pattern_type": "stix", "valid_from": "2026-05-02T10:00:00.000Z" });
    sdo("indicator", number, members)
}

fn tie(number: u32, source: &Value, kind: &str, target: &Value) -> Value {
    let members = json!({ "relationship_type": kind, "source_ref": source["id"], "target_ref": target["id"] });
    sdo("relationship", number, members)
}

/// The event of a report that refers to these objects.
fn event(objects: &[Value]) -> (Value, MispAccount) {
    let refs: Vec<&Value> = objects.iter().map(|object| &object["id"]).collect();
    let mut report =
        sdo("report", 1, json!({ "name": "Campaign", "published": "2026-05-03T00:00:00Z", "object_refs": refs }));
    report["id"] = REPORT.into();
    let all: Vec<Vec<u8>> = objects.iter().chain([&report]).map(|object| object.to_string().into_bytes()).collect();
    written(&all, Distribution::OwnOrganisation)
}

fn told(event: &Value) -> Vec<String> {
    let show = |attribute: &Value| {
        let text = |name: &str| attribute[name].as_str().unwrap_or_default().to_owned();
        let detects = if attribute["to_ids"] == true { " ids" } else { "" };
        format!("{} {}{detects}", text("type"), text("value"))
    };
    let inside = event["Object"].as_array().unwrap().iter().flat_map(|object| {
        let name = object["name"].as_str().unwrap().to_owned();
        object["Attribute"].as_array().unwrap().iter().map(move |attribute| format!("{name}/{}", show(attribute)))
    });
    event["Attribute"].as_array().unwrap().iter().map(show).chain(inside).collect()
}

fn names(of: &Value) -> Vec<&str> {
    of["Tag"].as_array().into_iter().flatten().map(|tag| tag["name"].as_str().unwrap()).collect()
}

#[test]
fn a_report_is_an_event_with_its_indicators_and_actors() {
    let bad = indicator(2, "[domain-name:value = 'c2.example']");
    let same =
        json!({ "type": "domain-name", "spec_version": "2.1", "id": id("domain-name", 9), "value": "C2.example." });
    let seen = json!({ "type": "ipv4-addr", "spec_version": "2.1", "id": id("ipv4-addr", 8), "value": "203.0.113.7" });
    let malware = sdo("malware", 3, json!({ "name": "Loader", "is_family": true }));
    let numbered = json!([{ "source_name": "mitre-attack", "external_id": "T1566" }]);
    let technique = sdo("attack-pattern", 4, json!({ "name": "Phishing", "external_references": numbered }));
    let ties =
        [tie(5, &bad, "indicates", &malware), tie(6, &bad, "based-on", &same), tie(7, &malware, "uses", &technique)];
    let mut all = vec![bad, same, seen, malware, technique];
    all.extend(ties);
    let (event, account) = event(&all);
    assert_eq!(event["uuid"], "a6ef17d6-91cb-4a05-b10b-2f045daf874c");
    assert_eq!(
        (&event["info"], &event["date"], &event["published"]),
        (&json!("Campaign"), &json!("2026-05-01"), &json!(true))
    );
    assert_eq!((&event["timestamp"], &event["publish_timestamp"]), (&json!("1777716000"), &json!("1777766400")));
    assert_eq!(
        (&event["distribution"], &event["threat_level_id"], &event["analysis"]),
        (&json!("0"), &json!("4"), &json!("2"))
    );
    assert_eq!(event["Orgc"]["name"], "Owner");
    assert_eq!(told(&event), ["domain c2.example ids", "ip-dst 203.0.113.7"]);
    let attribute = &event["Attribute"][0];
    assert_eq!(attribute["uuid"], "00000000-0000-4000-8000-000000000002");
    assert_eq!(names(attribute), ["misp-galaxy:stix-2.1-malware=\"Loader\""]);
    assert_eq!(attribute["Galaxy"][0]["GalaxyCluster"][0]["value"], "Loader");
    assert_eq!(
        names(&event),
        ["misp-galaxy:stix-2.1-malware=\"Loader\"", "misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\""]
    );
    let cluster = &event["Galaxy"][1]["GalaxyCluster"][0];
    assert_eq!(cluster["Relationship"][0]["relationship_type"], "uses");
    assert_eq!(cluster["Relationship"][0]["related_object_type"], "GalaxyCluster");
    assert_eq!(account.gaps().count(), 0);
    assert_eq!((account.written, account.told, account.missing), (6, 2, 0));
}

#[test]
fn kinds_that_police_exchange_have_their_types() {
    let value = |number, kind: &str, text: &str| json!({ "type": "comity-value", "spec_version": "2.1", "id": id("comity-value", number), "kind": kind, "value": text });
    let (event, account) = event(&[
        indicator(2, "[comity-value:kind = 'iban' AND comity-value:value = 'DE89370400440532013000']"),
        indicator(3, "[comity-value:kind = 'ethereum-address' AND comity-value:value = '0xab']"),
        value(4, "phone", "+3725551234"),
        value(5, "bitcoin-address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        value(6, "plate", "EE:123ABC"),
        value(7, "travel-document", "EST:P:AB1234567"),
        value(8, "handle", "telegram:someone"),
        value(9, "card", "0123456789abcdef0123456789abcdef:1111"),
        value(10, "bic", "LHVBEE22"),
    ]);
    assert_eq!(
        told(&event),
        [
            "iban DE89370400440532013000 ids",
            "phone-number +3725551234",
            "btc 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "bic LHVBEE22",
            "coin-address/text 0xab ids",
            "coin-address/text ETH",
            "vehicle/text 123ABC",
            "vehicle/text Registered in EE",
            "person/passport-number AB1234567",
            "person/passport-country EST",
            "telegram-account/text someone",
        ]
    );
    assert_eq!(account.gaps().collect::<Vec<_>>(), [("comity-value", MispGap::Card, 1)]);
    assert_eq!(account.missing, 1);
    assert!(!event.to_string().contains("0123456789abcdef"));
}

#[test]
fn markings_become_tags_and_what_is_closed_stays_closed() {
    let amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
    let red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
    let mut one = indicator(2, "[url:value = 'http://a.example/']");
    one["object_marking_refs"] = json!([amber]);
    let mut two = indicator(3, "[url:value = 'http://b.example/']");
    two["object_marking_refs"] = json!([red]);
    two["labels"] = json!(["PAP:AMBER", "phishing", "misp:distribution=\"0\""]);
    let mut three = indicator(4, "[url:value = 'http://c.example/']");
    three["object_marking_refs"] = json!([amber, "marking-definition--11111111-1111-4111-8111-111111111111"]);
    let mut report = sdo("report", 1, json!({ "name": "x", "object_refs": [one["id"]], "labels": ["PAP:GREEN"] }));
    report["object_marking_refs"] = json!([amber]);
    let mut sighting = sdo("sighting", 5, json!({ "sighting_of_ref": one["id"] }));
    sighting["object_marking_refs"] = json!([red]);
    let of = |objects: &[&Value], distribution| {
        let all: Vec<Vec<u8>> = objects.iter().map(|object| object.to_string().into_bytes()).collect();
        written(&all, distribution)
    };
    let (event, account) = of(&[&one, &two, &three, &report], Distribution::AllCommunities);
    assert_eq!(names(&event), ["tlp:amber", "PAP:GREEN"]);
    assert_eq!(event["distribution"], "3");
    let attributes = event["Attribute"].as_array().unwrap();
    assert_eq!(names(&attributes[0]), Vec::<&str>::new());
    assert_eq!(names(&attributes[1]), ["tlp:red", "PAP:AMBER", "phishing"]);
    let levels: Vec<&str> = attributes.iter().map(|attribute| attribute["distribution"].as_str().unwrap()).collect();
    assert_eq!(levels, ["3", "0", "3"]);
    assert_eq!(account.gaps().collect::<Vec<_>>(), [("indicator", MispGap::Restriction, 1)]);
    // A sighting has no tags: what it is on is marked as strictly.
    let (event, _) = of(&[&one, &report, &sighting], Distribution::OwnOrganisation);
    assert_eq!(names(&event["Attribute"][0]), ["tlp:red"]);
    assert_eq!(event["Attribute"][0]["Sighting"].as_array().unwrap().len(), 1);
    report["labels"] = json!(["misp:distribution=\"1\""]);
    let (event, _) = of(&[&one, &report], Distribution::AllCommunities);
    assert_eq!((&event["distribution"], &event["Attribute"][0]["distribution"]), (&json!("1"), &json!("1")));
}

#[test]
fn objects_of_no_container_are_an_event_of_a_day() {
    let amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
    let mut one = indicator(2, "[url:value = 'http://a.example/']");
    one["object_marking_refs"] = json!([amber]);
    let two = indicator(3, "[url:value = 'http://b.example/']");
    let make = |objects: &[&Value]| {
        let all: Vec<Vec<u8>> = objects.iter().map(|object| object.to_string().into_bytes()).collect();
        written(&all, Distribution::OwnOrganisation).0
    };
    let event = make(&[&one, &two]);
    assert_eq!((&event["info"], &event["date"]), (&json!("Objects of Owner, 2026-11-01"), &json!("2026-11-01")));
    assert_eq!(names(&event), ["tlp:amber"]);
    assert_eq!(names(&event["Attribute"][0]), ["tlp:amber"]);
    assert_eq!(names(&event["Attribute"][1]), Vec::<&str>::new());
    assert_eq!(event["uuid"], make(&[&two])["uuid"], "the same day is the same event");
}

#[test]
fn an_object_in_several_events_has_a_uuid_in_each() {
    let object = indicator(2, "[url:value = 'http://a.example/']").to_string();
    let doc = Doc::parse(object.as_bytes(), 16).unwrap();
    let uuid = |day: &str, elsewhere| {
        let members = [MispMember { object: doc.root(), elsewhere }];
        let source = MispSource {
            container: None,
            members: &members,
            owner: &org("Owner"),
            day: Timestamp::parse(&format!("{day}T00:00:00Z")).unwrap(),
        };
        writer().event(&source, Distribution::OwnOrganisation).attributes[0].uuid
    };
    assert_eq!(uuid("2026-11-01", false), uuid("2026-11-02", false));
    assert_eq!(uuid("2026-11-01", true), uuid("2026-11-01", true));
    assert_ne!(uuid("2026-11-01", true), uuid("2026-11-02", true));
}

#[test]
fn what_people_say_of_it_comes_along() {
    let bad = indicator(2, "[url:value = 'http://a.example/']");
    let on_report = sdo("note", 3, json!({ "abstract": "Summary", "content": "# All", "object_refs": [REPORT] }));
    let on_part = sdo("note", 4, json!({ "content": "Sinkholed", "object_refs": [bad["id"]] }));
    let against = sdo("opinion", 5, json!({ "opinion": "disagree", "explanation": "CDN", "object_refs": [bad["id"]] }));
    let lab = sdo("identity", 6, json!({ "name": "Lab", "identity_class": "organization" }));
    let seen = sdo(
        "sighting",
        7,
        json!({ "sighting_of_ref": bad["id"], "last_seen": "2026-05-04T00:00:00Z", "count": 3, "where_sighted_refs": [lab["id"]] }),
    );
    let nowhere = sdo("note", 8, json!({ "content": "x", "object_refs": [id("indicator", 99)] }));
    let (event, account) = event(&[bad, on_report, on_part, against, lab, seen, nowhere]);
    assert_eq!(event["EventReport"][0]["name"], "Summary");
    assert_eq!(told(&event), ["url http://a.example/ ids", "comment Sinkholed", "comment Opinion: disagree: CDN"]);
    assert_eq!(event["Attribute"][1]["comment"], "On http://a.example/");
    let sighting = &event["Attribute"][0]["Sighting"][0];
    assert_eq!((&sighting["date_sighting"], &sighting["type"]), (&json!("1777852800"), &json!("0")));
    assert_eq!(sighting["Organisation"]["name"], "Lab");
    assert_eq!(
        account.gaps().collect::<Vec<_>>(),
        [("note", MispGap::ElsewhereOnly, 1), ("sighting", MispGap::Count, 1)]
    );
}

#[test]
fn remarks_that_go_round_or_too_deep_are_counted() {
    let layer = |kind: &str| json!([format!("misp:context-layer=\"Analyst {kind}\"")]);
    let note = |number, about: &str| {
        sdo("note", number, json!({ "content": "x", "object_refs": [about], "labels": layer("Note") }))
    };
    let bad = indicator(2, "[url:value = 'http://a.example/']");
    let mut all = vec![bad, note(3, &id("indicator", 2))];
    all.extend((4..20).map(|number| note(number, &id("note", number - 1))));
    all.extend([note(30, &id("note", 31)), note(31, &id("note", 30))]);
    let (event, account) = event(&all);
    assert_eq!(account.gaps().map(|(kind, _, count)| (kind, count)).collect::<Vec<_>>().len(), 2);
    assert_eq!((account.written, account.missing), (9, 11));
    assert_eq!(event["Attribute"][0]["Note"][0]["Note"][0]["uuid"], "00000000-0000-4000-8000-000000000004");
}

#[test]
fn ties_between_attributes_are_references_or_analyst_data() {
    let file = json!({ "type": "file", "spec_version": "2.1", "id": id("file", 2), "name": "a.exe", "size": 7, "hashes": { "MD5": "b".repeat(32) } });
    let bad = indicator(3, "[url:value = 'http://a.example/']");
    let all = [tie(4, &file, "downloaded-from", &bad), tie(5, &bad, "drops", &file), file, bad];
    let (event, account) = event(&all);
    let reference = &event["Object"][0]["ObjectReference"][0];
    assert_eq!(reference["relationship_type"], "downloaded-from");
    assert_eq!(reference["referenced_uuid"], "00000000-0000-4000-8000-000000000003");
    let remark = &event["Attribute"][0]["Relationship"][0];
    assert_eq!((&remark["relationship_type"], &remark["related_object_type"]), (&json!("drops"), &json!("Object")));
    assert_eq!(account.missing, 0);
}

#[test]
fn revoked_objects_are_withdrawn() {
    let mut bad = indicator(2, "[url:value = 'http://a.example/']");
    bad["revoked"] = true.into();
    let (event, _) = event(&[bad]);
    assert_eq!((&event["Attribute"][0]["deleted"], &event["Attribute"][0]["to_ids"]), (&json!(true), &json!(false)));
}

#[test]
fn feeds_and_searches_have_their_own_forms() {
    let object = indicator(2, "[file:name = 'a.exe' AND file:hashes.MD5 = 'aa']").to_string();
    let doc = Doc::parse(object.as_bytes(), 16).unwrap();
    let members = [MispMember { object: doc.root(), elsewhere: false }];
    let source = MispSource { container: None, members: &members, owner: &org("Owner"), day: day() };
    let event = writer().event(&source, Distribution::OwnOrganisation);
    let uuid = event.head.uuid;
    let mut out = Vec::new();
    hash_lines(&event, &mut out).unwrap();
    let hashes =
        ["d2da190c5fb56fbdab5dd7280d2fdb78", "2c3ccd32927839768639b88829a5c04a", "4124bc0a9335c27f086f24ba207a4912"];
    assert_eq!(String::from_utf8(out).unwrap(), hashes.map(|hash| format!("{hash},{uuid}\n")).concat());
    let mut out = b"{".to_vec();
    manifest_entry(&event.head, &mut out).unwrap();
    out.push(b'}');
    let manifest: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(manifest[uuid.to_string()]["Orgc"]["name"], "Owner");
    assert_eq!(manifest[uuid.to_string()]["timestamp"], "1793491200");
    let numbers = |_: Uuid| 7;
    let mut out = Vec::new();
    attribute_json(&event.attributes[0], None, &event.head, true, &numbers, &mut out).unwrap();
    let found: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&found["id"], &found["event_id"], &found["object_id"]), (&json!("7"), &json!("7"), &json!("0")));
    assert_eq!((&found["value"], &found["Event"]["id"]), (&json!("a.exe|aa"), &json!("7")));
    let mut out = Vec::new();
    event.write_numbered(&numbers, &mut out).unwrap();
    let whole: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&whole["Event"]["id"], &whole["Event"]["Orgc"]["id"]), (&json!("7"), &json!("7")));
}

fn objects_in(json: Value, all: &mut Vec<Value>) {
    match json {
        Value::Array(list) => list.into_iter().for_each(|item| objects_in(item, all)),
        Value::Object(mut map) if map.contains_key("objects") && map["objects"].is_array() => {
            objects_in(map["objects"].take(), all);
        }
        Value::Object(map) if map.contains_key("id") && map.contains_key("type") => all.push(Value::Object(map)),
        _ => {}
    }
}

#[test]
fn every_object_of_real_bundles_is_accounted_for() {
    let mut total = MispAccount::default();
    let mut attributes = 0;
    for folder in ["talos-stix", "cti-docs-examples", "elevator-2.1", "mobile-stix"] {
        for (name, bytes) in shared(folder) {
            let Ok(json) = serde_json::from_slice(&bytes) else { continue };
            let mut all = Vec::new();
            objects_in(json, &mut all);
            let mut seen = BTreeSet::new();
            all.retain(|object| seen.insert(object["id"].to_string()));
            let raw: Vec<Vec<u8>> = all.iter().map(|object| object.to_string().into_bytes()).collect();
            let (event, account) = written(&raw, Distribution::OwnOrganisation);
            assert_eq!(event["distribution"], "0", "{name}");
            attributes += told(&event).len();
            total.add(&account);
        }
    }
    println!("{attributes} attributes; written {}, told {}, missing {}", total.written, total.told, total.missing);
    for (kind, gap, count) in total.gaps() {
        println!("{kind}: {gap}: {count}");
    }
}
