use uuid::Uuid;

use super::*;
use crate::Doc;

fn person(json: &str) -> Option<Person> {
    Person::read(Doc::parse(json.as_bytes(), 16).unwrap().root())
}

fn extended(statements: &str) -> Person {
    let json = format!(
        r#"{{"type":"identity","name":"Jaan Tamm","identity_class":"individual","extensions":{{"{EXTENSION}":{statements}}}}}"#
    );
    person(&json).unwrap()
}

#[test]
fn an_individual_is_a_person_and_an_organisation_is_none() {
    let plain = person(r#"{"type":"identity","identity_class":"individual","name":"Jaan Tamm"}"#).unwrap();
    assert_eq!(plain.calling().map(|name| name.name.as_str()), Some("Jaan Tamm"));
    for other in [
        r#"{"type":"identity","identity_class":"organization","name":"Tamm OÜ"}"#,
        r#"{"type":"identity","name":"Tamm"}"#,
        r#"{"type":"malware","name":"Jaan Tamm"}"#,
    ] {
        assert_eq!(person(other), None, "{other}");
    }
}

#[test]
fn statements_that_contradict_stand_side_by_side_with_who_made_them() {
    let read = extended(
        r#"{"births":[{"date":"1984-03-05","source":"civil register","grading":"a1","basis":"fact","stated":"2026-01-02T00:00:00Z"},
            {"date":"1986","about":true,"source":"informant","grading":"E4","basis":"opinion"}]}"#,
    );
    let shown: Vec<String> = read.births.iter().map(|birth| birth.what.date.unwrap().to_string()).collect();
    assert_eq!(shown, ["1984-03-05", "1986"]);
    assert_eq!(read.births[0].grading.as_deref(), Some("admiralty-scale:A1"));
    assert_eq!((read.births[0].basis, read.births[1].basis), (Some(Basis::Fact), Some(Basis::Opinion)));
    assert!(read.births[1].what.about && !read.births[0].what.about);
    assert_eq!(read.unread, 0);
}

#[test]
fn the_name_of_the_identity_is_one_unless_a_statement_says_it() {
    let read = extended(
        r#"{"names":[{"name":"Jaan Tamm","kind":"alias"},{"name":"Яан Тамм","kind":"spelling","script":"Cyrl"}]}"#,
    );
    let names: Vec<(&str, NameKind)> =
        read.names.iter().map(|name| (name.what.name.as_str(), name.what.kind)).collect();
    assert_eq!(names, [("Jaan Tamm", NameKind::Alias), ("Яан Тамм", NameKind::Spelling)]);
    let parts = extended(r#"{"names":[{"parts":[{"part":"family","text":"Kask"},{"part":"given","text":"Mari"}]}]}"#);
    assert_eq!(parts.names[1].what.name, "Kask Mari");
}

#[test]
fn a_statement_that_cannot_be_read_is_counted_and_the_rest_is_read() {
    let read = extended(
        r#"{"births":[{"date":"tomorrow"},{"date":"1984"}],"documents":[{"type":"P","issuer":"EST"}],"names":7,
            "statuses":[{"status":"guilty"},{"status":"suspect"}],"nationalities":[{"country":"Estonia"}],"unheard-of":[]}"#,
    );
    assert_eq!((read.births.len(), read.statuses.len(), read.documents.len()), (1, 1, 0));
    assert_eq!(read.unread, 5);
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let read = extended(
        r#"{"names":[{"name":"Tamm, Jaan","kind":"true","script":"Latn","parts":[{"part":"family","text":"Tamm"}],"source":"s","basis":"fact"}],
            "births":[{"date":"1984-03","until":"1985","place":"Tartu","country":"EE"}],"nationalities":[{"country":"ee"}],
            "sexes":[{"sex":"male"}],"documents":[{"type":"p","issuer":"EST","number":"AB 123","expires":"2030-01-01","state":"stolen"}],
            "places":[{"country":"ES","as_what":"lives"}],"features":[{"feature":"height-cm","value":"181"}],
            "photos":[{"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","good":true}],
            "identifiers":[{"kind":"phone","value":"+3725551234"}],"statuses":[{"status":"charged"}]}"#,
    );
    let time = "2026-11-26T00:00:00.000Z";
    let written = read.to_identity(Uuid::from_u128(0x3f6c_1d1c_6f0e_4f0e_9b7e_2d6c_0a5f_4b99), time, time).to_string();
    let mut again = person(&written).unwrap();
    assert_eq!(again.unread, 0);
    // The identity is called by its first true name.
    assert_eq!(again.names[0].what.name, "Jaan Tamm");
    again.names.retain(|name| read.names.contains(name));
    assert_eq!(again, read);
    let doc = Doc::parse(written.as_bytes(), 16).unwrap();
    let mut findings = Vec::new();
    crate::validate::check(doc.root(), &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn persons_of_misp_are_read() {
    let read = person(
        r#"{"type":"x-misp-object","x_misp_name":"person","x_misp_attributes":[
            {"type":"first-name","object_relation":"first-name","value":"Jaan"},
            {"type":"last-name","object_relation":"last-name","value":"Tamm"},
            {"type":"date-of-birth","object_relation":"date-of-birth","value":"1984-03-05T00:00:00.000000+0000"},
            {"type":"text","object_relation":"alias","value":"Juku"},
            {"type":"passport-number","object_relation":"passport-number","value":"KB0000001"},
            {"type":"passport-country","object_relation":"passport-country","value":"EE"},
            {"type":"text","object_relation":"role","value":"Suspect"}]}"#,
    )
    .unwrap();
    let names: Vec<&str> = read.names.iter().map(|name| name.what.name.as_str()).collect();
    assert_eq!(names, ["Jaan Tamm", "Juku"]);
    assert_eq!(read.births[0].what.date.unwrap().to_string(), "1984-03-05");
    assert_eq!((read.documents[0].what.issuer.as_str(), read.statuses[0].what.status), ("EE", Status::Suspect));
}

#[test]
fn a_list_without_end_is_cut_and_said_to_be() {
    let many = format!("[{}]", vec![r#"{"status":"victim"}"#; 300].join(","));
    let read = extended(&format!(r#"{{"statuses":{many}}}"#));
    assert_eq!((read.statuses.len(), read.unread), (256, 44));
}
