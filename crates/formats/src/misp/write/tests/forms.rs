//! Every form in which events arrive holds the same.

use super::*;

/// The ids and types that an input becomes.
fn taken(text: &str) -> BTreeSet<String> {
    let mut sink = Collected::default();
    let flow = crate::read("pushed.json", &mut text.as_bytes(), &context(), &mut sink).unwrap();
    assert!(flow.is_continue());
    assert_eq!(sink.rejected.len(), 0, "{:?}", sink.rejected);
    assert_eq!(sink.notices.len(), 0, "{:?}", sink.notices);
    sink.json().iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
}

/// As a MISP pushes it to `/events/add`: reports, galaxies, sightings and sharing in it.
fn pushed() -> Value {
    let org = json!({ "id": "1", "name": "CERT", "uuid": "a0c22599-9e58-4da4-96ac-7051603fa951", "local": false });
    let cluster = json!({
        "uuid": "e042a41b-5ecf-4f3a-8f1f-1b528c534772", "type": "threat-actor", "value": "Sofacy", "local": false,
        "tag_name": "misp-galaxy:threat-actor=\"Sofacy\"", "meta": { "synonyms": ["APT28"] }, "GalaxyClusterRelation": [],
    });
    let galaxy = json!([{ "name": "Threat Actor", "type": "threat-actor", "GalaxyCluster": [cluster] }]);
    let sighting = json!([{
        "id": "3", "uuid": "5c764095-129c-4e81-956d-0e1a0a00020f", "type": "0", "date_sighting": "1603642925", "source": "",
        "attribute_uuid": "91ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f", "Organisation": org,
    }]);
    let report = json!([{
        "id": "9", "uuid": "5e384ae7-672c-4250-9cda-3b4da964451a", "name": "Summary", "content": "# All",
        "distribution": "5", "timestamp": "1603642920", "deleted": false,
    }]);
    let attribute = json!({
        "id": "5", "event_id": "2", "object_id": "0", "object_relation": null, "category": "Network activity",
        "type": "ip-dst", "value1": "203.0.113.7", "value2": "", "value": "203.0.113.7", "to_ids": true,
        "uuid": "91ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f", "timestamp": "1603642921", "distribution": "5",
        "sharing_group_id": "0", "comment": "", "deleted": false, "disable_correlation": false, "first_seen": null,
        "last_seen": null, "Galaxy": [], "ShadowAttribute": [], "Sighting": sighting,
    });
    json!({
        "id": "2", "uuid": "a6ef17d6-91cb-4a05-b10b-2f045daf874c", "info": "Pushed", "date": "2020-10-25",
        "timestamp": "1603642920", "publish_timestamp": "1603642930", "published": true, "analysis": "2",
        "threat_level_id": "1", "distribution": "1", "sharing_group_id": "0", "proposal_email_lock": false,
        "locked": true, "protected": null, "Org": org, "Orgc": org, "Attribute": [attribute], "Object": [],
        "ShadowAttribute": [], "RelatedEvent": [], "Galaxy": galaxy, "EventReport": report, "CryptographicKey": [],
        "Tag": [{ "name": "tlp:green", "colour": "#33FF00" }, { "name": "misp-galaxy:threat-actor=\"Sofacy\"" }],
    })
}

#[test]
fn every_envelope_is_opened() {
    let event = pushed();
    let all = taken(&json!({ "Event": event }).to_string());
    let kinds: BTreeSet<&str> = all.iter().filter_map(|id| id.split_once("--")).map(|(kind, _)| kind).collect();
    let expected =
        ["identity", "indicator", "ipv4-addr", "marking-definition", "note", "report", "sighting", "threat-actor"];
    assert_eq!(kinds, BTreeSet::from(expected));
    for envelope in [
        json!({ "response": [{ "Event": event }] }),
        json!({ "response": { "Event": event } }),
        json!([{ "Event": event }]),
        json!([event]),
        event,
    ] {
        assert_eq!(taken(&envelope.to_string()), all);
    }
}

#[test]
fn what_is_written_is_read_again() {
    let event = json!({ "Event": pushed() });
    let raw = |sink: Collected| sink.objects.into_iter().map(|(_, raw)| raw).collect::<Vec<_>>();
    let (once, account) = written(&raw(read(&event)), Distribution::AllCommunities);
    assert_eq!((account.missing, account.gaps().count()), (0, 0));
    assert_eq!(once["distribution"], "1");
    let (twice, _) = written(&raw(read(&json!({ "Event": once }))), Distribution::AllCommunities);
    assert_eq!(once, twice);
}

#[test]
fn odd_members_break_nothing() {
    let objects = read(&json!({ "Event": pushed() })).json();
    let odd = [json!(null), json!(7), json!("x"), json!([]), json!({}), json!(["x", 7]), json!("\u{0}é|é")];
    for (place, object) in objects.iter().enumerate() {
        for name in object.as_object().unwrap().keys().filter(|name| *name != "id" && *name != "type") {
            for value in &odd {
                let mut all = objects.clone();
                all[place][name] = value.clone();
                let raw: Vec<Vec<u8>> = all.iter().map(|object| object.to_string().into_bytes()).collect();
                written(&raw, Distribution::AllCommunities);
            }
        }
    }
}
