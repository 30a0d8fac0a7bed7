//! What people say of an event, and what of it is left out.

use super::*;

const OBJECT: &str = "695e7924-2518-4054-9cea-f82853d37410";
const ATTRIBUTE: &str = "91ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f";
const NOTE: &str = "31fc7048-9ede-4db9-a423-ef97670ed4c6";
const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// The notices of a reading, as code and count.
fn told(sink: &Collected) -> Vec<(&'static str, u64)> {
    sink.notices.iter().map(|n| (n.code, n.text.split(' ').next().unwrap().parse().unwrap())).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "the callers make it in place")]
fn remark(uuid: &str, members: Value) -> Value {
    let mut remark = json!({
        "uuid": uuid, "authors": "a@example.org", "created": "2024-06-12 12:49:45", "modified": "2024-06-12 12:51:41",
    });
    remark.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    remark
}

fn with(mut of: Value, name: &str, value: Value) -> Value {
    of[name] = value;
    of
}

fn odd_object() -> Value {
    json!({ "name": "odd", "uuid": OBJECT, "Attribute": [with(attribute("text", "x", false), "uuid", json!("5c764095-129c-4e81-956d-0e1a0a000299"))] })
}

#[test]
fn analyst_notes_become_notes_on_what_they_are_about() {
    let note = |uuid: &str, says: &str| json!([remark(uuid, json!({ "note": says, "language": "en" }))]);
    let indicator = with(
        attribute("domain", "example.com", true),
        "Note",
        note("31fc7048-9ede-4db9-a423-ef97670ed401", "attribute"),
    );
    let inner = &mut odd_object();
    inner["Note"] = note("31fc7048-9ede-4db9-a423-ef97670ed402", "object");
    inner["Attribute"][0]["Note"] = note("31fc7048-9ede-4db9-a423-ef97670ed403", "inside");
    let cluster = json!({ "uuid": "e042a41b-5ecf-4f3a-8f1f-1b528c534772", "value": "APT", "Note": note("31fc7048-9ede-4db9-a423-ef97670ed405", "cluster") });
    let galaxy = json!([{ "type": "threat-actor", "name": "Threat Actor", "GalaxyCluster": [cluster] }]);
    let report = json!([{ "uuid": "44ceb474-6493-48de-b753-bbd0470e0e54", "name": "Sum", "content": "text", "Note": note("31fc7048-9ede-4db9-a423-ef97670ed406", "report") }]);
    let whole = note("31fc7048-9ede-4db9-a423-ef97670ed404", "event");
    let sink = read(&event(
        json!({ "Attribute": [indicator], "Object": [inner], "Galaxy": galaxy, "EventReport": report, "Note": whole }),
    ));
    let objects = sink.json();
    for (says, about) in [
        ("attribute", format!("indicator--{ATTRIBUTE}")),
        ("object", format!("x-misp-object--{OBJECT}")),
        ("inside", format!("x-misp-object--{OBJECT}")),
        ("event", "grouping--a6ef17d6-91cb-4a05-b10b-2f045daf874c".to_owned()),
        ("cluster", "threat-actor--e042a41b-5ecf-4f3a-8f1f-1b528c534772".to_owned()),
        ("report", "note--44ceb474-6493-48de-b753-bbd0470e0e54".to_owned()),
        ("text", "grouping--a6ef17d6-91cb-4a05-b10b-2f045daf874c".to_owned()),
    ] {
        let note = of_type(&objects, "note").into_iter().find(|note| note["content"] == says).unwrap();
        assert_eq!(note["object_refs"], json!([about]), "{says}");
        assert!(objects.iter().any(|object| object["id"] == about), "{about} is there");
        if says != "text" {
            assert_eq!(
                (&note["created"], &note["modified"], &note["lang"], &note["authors"]),
                (
                    &json!("2024-06-12T12:49:45.000Z"),
                    &json!("2024-06-12T12:51:41.000Z"),
                    &json!("en"),
                    &json!(["a@example.org"])
                )
            );
            assert_eq!(note.get("created_by_ref"), None, "the event's creator did not say it");
        }
    }
    assert_eq!(told(&sink), []);
}

#[test]
fn analyst_opinions_take_the_five_values() {
    for (level, value) in [
        (json!(0), "strongly-disagree"),
        (json!("20"), "strongly-disagree"),
        (json!("21"), "disagree"),
        (json!(41), "neutral"),
        (json!("60"), "neutral"),
        (json!("61"), "agree"),
        (json!("80"), "agree"),
        (json!(81), "strongly-agree"),
        (json!("100"), "strongly-agree"),
    ] {
        let org = json!({ "name": "Lab", "uuid": "5c6983c8-3af8-4304-869c-4800d6c1883c" });
        let opinion = remark(NOTE, json!({ "opinion": level, "comment": "because", "Orgc": org, "distribution": "0" }));
        let objects = read(&event(
            json!({ "Attribute": [with(attribute("md5", &"ab".repeat(16), false), "Opinion", json!([opinion]))] }),
        ))
        .json();
        let opinion = of_type(&objects, "opinion")[0];
        assert_eq!((&opinion["opinion"], &opinion["explanation"]), (&json!(value), &json!("because")), "{level}");
        assert_eq!(opinion["created_by_ref"], "identity--5c6983c8-3af8-4304-869c-4800d6c1883c");
        assert!(opinion["labels"].as_array().unwrap().contains(&json!("misp:distribution=\"0\"")));
    }
}

#[test]
fn analyst_relationships_tie_what_is_in_the_event_wherever_it_stands() {
    let tie =
        |uuid: &str, to: &str| remark(uuid, json!({ "related_object_uuid": to, "relationship_type": "Similar to" }));
    let ties = json!([
        tie("5c764095-129c-4e81-956d-0e1a0a000201", OBJECT),
        tie("5c764095-129c-4e81-956d-0e1a0a000202", NOTE),
        tie("5c764095-129c-4e81-956d-0e1a0a000203", NOWHERE),
        tie("5c764095-129c-4e81-956d-0e1a0a000204", ATTRIBUTE),
    ]);
    let first = with(attribute("domain", "example.com", true), "Relationship", ties);
    let note = json!([remark(NOTE, json!({ "note": "later" }))]);
    let listed = with(tie("5c764095-129c-4e81-956d-0e1a0a000201", OBJECT), "object_uuid", json!(ATTRIBUTE));
    let only_here = with(
        tie("5c764095-129c-4e81-956d-0e1a0a000205", OBJECT),
        "object_uuid",
        json!("a6ef17d6-91cb-4a05-b10b-2f045daf874c"),
    );
    let foreign = with(tie("5c764095-129c-4e81-956d-0e1a0a000206", OBJECT), "object_uuid", json!(NOWHERE));
    let second = with(odd_object(), "RelationshipInbound", json!([listed, only_here, foreign]));
    let sink = read(&event(json!({ "Attribute": [first], "Object": [second], "Note": note })));
    let objects = sink.json();
    let indicator = format!("indicator--{ATTRIBUTE}");
    let found: BTreeSet<(&str, &str)> = of_type(&objects, "relationship")
        .iter()
        .map(|r| (r["source_ref"].as_str().unwrap(), r["target_ref"].as_str().unwrap()))
        .collect();
    let (odd, note) = (format!("x-misp-object--{OBJECT}"), format!("note--{NOTE}"));
    let grouping = "grouping--a6ef17d6-91cb-4a05-b10b-2f045daf874c";
    assert_eq!(
        found,
        BTreeSet::from([
            (indicator.as_str(), odd.as_str()),
            (indicator.as_str(), note.as_str()),
            (grouping, odd.as_str())
        ])
    );
    assert_eq!(of_type(&objects, "relationship").len(), 3, "what is listed at both ends is given once");
    assert_eq!(of_type(&objects, "relationship")[0]["relationship_type"], "similar-to");
    assert_eq!(told(&sink), [("misp-analyst-data-skipped", 1), ("misp-analyst-data-skipped", 2)]);
    assert!(sink.notices.iter().any(|n| n.text.ends_with("one end is not in the event.")));
}

#[test]
fn answers_are_about_what_they_answer_and_are_counted_with_it() {
    let answer = |of: Value| {
        with(of, "Opinion", json!([remark("31fc7048-9ede-4db9-a423-ef97670ed401", json!({ "opinion": 100 }))]))
    };
    let objects = read(&event(json!({ "Note": [answer(remark(NOTE, json!({ "note": "x" })))] }))).json();
    assert_eq!(of_type(&objects, "opinion")[0]["object_refs"], json!([format!("note--{NOTE}")]));
    let sink = read(&event(json!({ "Note": [answer(remark(NOTE, json!({ "note": " " })))] })));
    assert!(of_type(&sink.json(), "opinion").is_empty());
    assert_eq!(told(&sink), [("misp-analyst-data-skipped", 1), ("misp-analyst-data-skipped", 1)]);
}

#[test]
fn analyst_data_that_cannot_be_read_is_counted_by_reason() {
    let bad = json!([7, "x", remark(NOTE, json!({ "opinion": "101" })), remark(NOTE, json!({ "opinion": "much" }))]);
    let deleted = remark("31fc7048-9ede-4db9-a423-ef97670ed401", json!({ "note": "x", "deleted": true }));
    let sink = read(&event(json!({ "Opinion": bad, "Note": [deleted], "Relationship": "none" })));
    // The two opinions have one UUID and are about one thing: MISP says them once.
    let all: Vec<&str> = sink.notices.iter().map(|n| n.text.rsplit(": ").next().unwrap()).collect();
    assert_eq!(
        all,
        [
            "their opinion is no number from 0 to 100.",
            "they are deleted.",
            "they cannot be read; export the event again."
        ]
    );
    assert_eq!(told(&sink).iter().map(|(_, count)| count).collect::<Vec<_>>(), [&1, &1, &3]);
    assert!(told(&sink).iter().all(|(code, _)| *code == "misp-analyst-data-skipped"));
}

#[test]
fn an_opinion_is_as_closed_as_what_it_is_about_wherever_it_is_repeated() {
    let opinion = json!([remark(NOTE, json!({ "opinion": 10 }))]);
    let cluster = json!({ "uuid": "e042a41b-5ecf-4f3a-8f1f-1b528c534772", "value": "APT", "Opinion": opinion });
    let galaxy = json!([{ "type": "threat-actor", "GalaxyCluster": [cluster] }]);
    let mut closed = with(attribute("domain", "example.com", true), "Galaxy", galaxy.clone());
    closed["Tag"] = json!([{ "name": "tlp:red" }]);
    let objects = read(&event(json!({ "Attribute": [closed], "Galaxy": galaxy }))).json();
    let opinions = of_type(&objects, "opinion");
    assert_eq!(opinions.len(), 1);
    assert_eq!(opinions[0]["object_marking_refs"], json!(["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]));
}

#[test]
fn galaxies_that_cannot_be_read_are_counted() {
    let empty = json!({ "type": "tool", "name": "Tool" });
    let half = json!({ "type": "tool", "GalaxyCluster": [3, { "uuid": NOTE }, { "uuid": OBJECT, "value": "cmd" }] });
    let inside = with(attribute("domain", "example.com", true), "Galaxy", json!(["x"]));
    let sink = read(&event(json!({ "Galaxy": [7, empty, half], "Attribute": [inside] })));
    assert_eq!(of_type(&sink.json(), "tool").len(), 1);
    assert_eq!(
        told(&sink),
        [("misp-galaxy-unreadable", 3), ("misp-galaxy-unreadable", 1), ("misp-galaxy-unreadable", 1)]
    );
}

#[test]
fn reports_that_say_nothing_are_counted_with_what_is_said_of_them() {
    let deleted =
        json!({ "uuid": NOTE, "content": "x", "deleted": true, "Note": [remark(NOTE, json!({ "note": "x" }))] });
    let sink = read(&event(
        json!({ "EventReport": [deleted, { "uuid": OBJECT, "content": "" }, 5, { "uuid": ATTRIBUTE, "content": "kept" }] }),
    ));
    assert_eq!(of_type(&sink.json(), "note")[0]["id"], format!("note--{ATTRIBUTE}"));
    let mut codes = told(&sink);
    codes.sort_unstable();
    let report = ("misp-report-skipped", 1);
    assert_eq!(codes, [("misp-analyst-data-skipped", 1), report, report, report]);
}

#[test]
fn sightings_of_nothing_in_the_event_are_counted() {
    let of = |uuid: &str| json!({ "attribute_uuid": uuid, "type": "0", "date_sighting": "1603642925" });
    let link = with(attribute("link", "https://example.com/", false), "uuid", json!(OBJECT));
    let seen = json!([of(ATTRIBUTE), of(NOWHERE), { "type": "0" }, 1, of(OBJECT)]);
    let sink = read(&event(json!({ "Attribute": [attribute("domain", "example.com", true), link], "Sighting": seen })));
    assert_eq!(of_type(&sink.json(), "sighting").len(), 1);
    let mut counts = told(&sink);
    counts.sort_unstable();
    let code = "misp-sighting-skipped";
    assert_eq!(counts, [(code, 1), (code, 1), (code, 2)]);
}

#[test]
fn what_hangs_on_a_link_hangs_on_the_report() {
    let cluster = json!({ "uuid": "e042a41b-5ecf-4f3a-8f1f-1b528c534772", "value": "APT" });
    let mut link = attribute("link", "https://example.com/", false);
    link["Galaxy"] = json!([{ "type": "threat-actor", "GalaxyCluster": [cluster] }]);
    link["Note"] = json!([remark(NOTE, json!({ "note": "read this" }))]);
    link["ShadowAttribute"] = json!([{}]);
    let sink = read(&event(json!({ "Attribute": [link] })));
    let objects = sink.json();
    let grouping = of_type(&objects, "grouping")[0];
    assert_eq!(grouping["object_refs"], json!([of_type(&objects, "threat-actor")[0]["id"]]));
    assert_eq!(of_type(&objects, "note")[0]["object_refs"], json!([grouping["id"]]));
    assert_eq!(told(&sink), [("misp-proposals-skipped", 1)]);
}

#[test]
fn the_reference_converter_says_the_same_of_analyst_data() {
    let files = shared("misp-stix");
    let of = |name: &str| {
        files.iter().find(|(file, _)| file == name).map(|(_, bytes)| serde_json::from_slice::<Value>(bytes).unwrap())
    };
    let (Some(events), Some(golden)) = (of("misp_event_fixtures.json"), of("golden_misp_to_stix21.json")) else {
        return;
    };
    let sink = read(&events["event_with_analyst_data"].to_string());
    let ours = sink.json();
    let theirs = golden["event_with_analyst_data"]["bundle"]["objects"].as_array().unwrap();
    let said: Vec<&Value> = theirs.iter().filter(|o| o["type"] == "note" || o["type"] == "opinion").collect();
    assert_eq!(said.len(), 7);
    for their in said {
        let our = ours.iter().find(|our| our["id"] == their["id"]).unwrap();
        for member in ["created", "modified", "content", "opinion", "explanation", "authors", "lang"] {
            // Ours dates an event report from the event it is part of.
            if member != "created" || their["authors"].is_array() {
                assert_eq!(our.get(member), their.get(member), "{member} of {}", their["id"]);
            }
        }
    }
    assert!(!sink.notices.iter().any(|notice| notice.code == "misp-analyst-data-skipped"));
}

#[test]
fn every_report_of_the_public_events_is_accounted_for() {
    for (name, bytes) in shared("misp-events") {
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        let Some(event) = json.get("Event") else { continue };
        let reports = event["EventReport"].as_array().map_or(0, Vec::len);
        let sink = read(std::str::from_utf8(&bytes).unwrap());
        let skipped: u64 = told_of(&sink, "misp-report-skipped");
        let notes = of_type(&sink.json(), "note").iter().filter(|note| note.get("authors").is_none()).count();
        assert_eq!(notes as u64 + skipped, reports as u64, "{name}");
    }
}

fn told_of(sink: &Collected, code: &str) -> u64 {
    let notices = sink.notices.iter().filter(|notice| notice.code == code);
    notices.map(|notice| notice.text.split(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

#[test]
fn members_of_an_event_that_cannot_be_read_are_counted() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let text = event(
        json!({ "Sighting": "HERE", "Galaxy": ["HERE"], "EventReport": ["HERE"], "Note": "HERE", "extra": "HERE" }),
    );
    let sink = read(&text.replace("\"HERE\"", &deep));
    let mut codes = told(&sink);
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            ("misp-analyst-data-skipped", 1),
            ("misp-galaxy-unreadable", 1),
            ("misp-member-unreadable", 1),
            ("misp-report-skipped", 1),
            ("misp-sighting-skipped", 1)
        ]
    );
    assert_eq!(of_type(&sink.json(), "grouping").len(), 1);
}
