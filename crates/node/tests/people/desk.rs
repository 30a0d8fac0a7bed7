//! What the web desk asks: lists, counts, ties, names, graphs and news tell of nothing that somebody may not see.

use comity_node::{GraphAsk, RightsChange, Role, TiePlace, Which};
use comity_stix::ObjectId;

use crate::world::{World, org};

const AT: &str = r#""spec_version":"2.1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z""#;

fn malware(number: u32, name: &str) -> (String, String) {
    let id = format!("malware--{number:08}-0000-4000-8000-000000000000");
    let object = format!(
        r#"{{"type":"malware",{AT},"id":"{id}","name":"{name}","is_family":true,"aliases":["Alias of {name}"]}}"#
    );
    (id, object)
}

fn tie(number: u32, from: &str, to: &str) -> String {
    let id = format!("relationship--{number:08}-0000-4000-8000-000000000000");
    format!(
        r#"{{"type":"relationship",{AT},"id":"{id}","relationship_type":"variant-of","source_ref":"{from}","target_ref":"{to}"}}"#
    )
}

/// Two pieces of malware that Mari may see, tied to each other, and one of a case of others, tied to the first.
fn world() -> (World, [ObjectId; 3]) {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let (open, other, secret) = (malware(1, "QuietParcel"), malware(2, "QuietLetter"), malware(3, "QuietSecret"));
    let objects = [open.1.clone(), other.1, tie(4, &open.0, &other.0)];
    world.bring(("lab", "SE"), &[], &objects);
    world.bring(("lab", "SE"), &["case:2041"], &[secret.1, tie(5, &secret.0, &open.0)]);
    let id = |text: &str| ObjectId::parse(text).unwrap();
    let ids = [id(&open.0), id(&other.0), id(&secret.0)];
    (world, ids)
}

fn graph(world: &World, id: &ObjectId) -> Option<String> {
    let ask = GraphAsk { seeds: vec![id.clone()], most: 300, ..GraphAsk::default() };
    world.node.graph(&world.of("mari"), &ask).ok().map(|graph| format!("{graph:?}"))
}

#[test]
fn the_desk_tells_of_nothing_that_is_for_others() {
    let (world, [open, _, secret]) = world();
    let mari = || world.of("mari");
    let rows = |which: &Which| world.node.rows(&mari(), which, None, 50).unwrap();
    let all = rows(&Which::default());
    assert_eq!((all.total, all.rows.len()), (3, 3));
    assert_eq!((all.kinds["malware"], all.kinds["relationship"], all.owners[&org("lab")]), (2, 1, 3));
    let case = Which { case: Some("2041".into()), ..Which::default() };
    assert_eq!(rows(&case).total, 0, "that there is such a case is not told");
    let ties = world.node.ties(&mari(), &open, TiePlace::default(), 10).unwrap();
    assert_eq!((ties.ties.len(), ties.naming), (1, 1));
    assert!(world.node.ties(&mari(), &secret, TiePlace::default(), 10).is_err());
    assert_eq!(world.node.named(&mari(), "quiet", 10).unwrap().len(), 2);
    assert!(world.node.named(&mari(), "alias of quietsecret", 10).unwrap().is_empty());
    let drawn = graph(&world, &open).unwrap();
    assert!(drawn.contains("QuietLetter") && !drawn.contains("QuietSecret") && !drawn.contains("00000003"), "{drawn}");
    assert_eq!(graph(&world, &secret), None);
    // What is not for them is no news.
    let pulse = world.node.pulse(&mari()).unwrap();
    world.bring(("lab", "SE"), &["case:2041"], &[malware(6, "QuietOther").1]);
    assert_eq!(world.node.pulse(&mari()).unwrap(), pulse);

    let rights = RightsChange { open: ["2041".into()].into(), ..RightsChange::default() };
    world.node.change_rights(&world.of("chief"), "mari", &rights).unwrap();
    assert_eq!((rows(&Which::default()).total, rows(&case).total), (6, 3));
    assert_eq!(world.node.ties(&mari(), &open, TiePlace::default(), 10).unwrap().naming, 2);
    assert_eq!(world.node.named(&mari(), "quiet", 10).unwrap().len(), 4);
    assert!(graph(&world, &open).unwrap().contains("QuietSecret"));
    assert_ne!(world.node.pulse(&mari()).unwrap(), pulse);
}

#[test]
fn lists_go_on_where_they_stopped_and_count_exactly() {
    let (world, _) = world();
    let names: Vec<String> =
        (0..25).map(|number| world.ingest("ee-police", &format!("198.51.100.{number}"), &[])).collect();
    let which = Which { owner: Some(org("ee-police")), ..Which::default() };
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = world.node.rows(&world.of("mari"), &which, before, 10).unwrap();
        assert_eq!((page.total, page.kinds["ipv4-addr"], page.owners[&org("lab")]), (25, 25, 3));
        seen.extend(page.rows.iter().map(|row| row.id.to_string()));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let newest_first: Vec<String> = names.iter().rev().cloned().collect();
    assert_eq!(seen, newest_first);
    // A new version takes the place of the one before, and counts once.
    world.ingest_changed("ee-police", "198.51.100.3", &[]);
    let page = world.node.rows(&world.of("mari"), &which, None, 10).unwrap();
    assert_eq!((page.total, page.rows[0].id.to_string()), (25, names[3].clone()));
    // What is taken back counts no more, and comes again with it.
    let batch = world.node.batches(&world.of("first"), 1).unwrap()[0].batch.id;
    world.node.undo(&world.of("first"), batch).unwrap();
    assert_eq!(world.node.rows(&world.of("mari"), &which, None, 10).unwrap().total, 25);
}

#[test]
fn a_name_is_found_as_long_as_its_version_counts() {
    let (world, [open, ..]) = world();
    // What the lab brings is for this case from now on.
    let rights = RightsChange { open: ["2041".into()].into(), ..RightsChange::default() };
    world.node.change_rights(&world.of("chief"), "mari", &rights).unwrap();
    let found = |text: &str| world.node.named(&world.of("mari"), text, 10).unwrap().len();
    assert_eq!((found("quietparcel"), found("loudparcel")), (1, 0));
    let newer = malware(1, "LoudParcel").1.replace("\"modified\":\"2026-01-01", "\"modified\":\"2026-02-01");
    world.bring(("lab", "SE"), &[], &[newer]);
    assert_eq!((found("quietparcel"), found("loudparcel")), (0, 1), "{open}");
    let batch = world.node.batches(&world.of("first"), 1).unwrap()[0].batch.id;
    world.node.undo(&world.of("first"), batch).unwrap();
    assert_eq!((found("quietparcel"), found("loudparcel")), (1, 0));
}

#[test]
fn ties_go_on_where_they_stopped() {
    let (world, [open, other, _]) = world();
    let many: Vec<String> = (0..40).map(|number| tie(number + 60, &other.to_string(), &open.to_string())).collect();
    // What a source says of who needs to know holds for all it brings from then on.
    world.bring(("cert", "SE"), &[], &many);
    let (mut place, mut seen) = (TiePlace::default(), 0);
    loop {
        let ties = world.node.ties(&world.of("mari"), &open, place, 7).unwrap();
        assert_eq!(ties.naming, 41);
        seen += ties.ties.len();
        match ties.next {
            Some(next) => place = next,
            None => break,
        }
    }
    assert_eq!(seen, 41);
    let drawn = graph(&world, &open).unwrap();
    assert!(!drawn.contains("Fold"), "many ties to one thing are one thing: {drawn}");
}

#[test]
fn what_is_long_is_told_the_same_the_second_time() {
    let world = World::new();
    world.person("mari", &[Role::Analyst]);
    let member = world.ingest("ee-police", "198.51.100.1", &[]);
    let others: Vec<String> =
        (0..6_000).map(|number| format!("\"indicator--{number:08}-0000-4000-8000-000000000000\"")).collect();
    let report = format!(
        r#"{{"type":"report",{AT},"id":"report--00000001-0000-4000-8000-000000000000","name":"Long","published":"2026-01-01T00:00:00Z","report_types":["threat-report"],"object_refs":[{},"{member}"]}}"#,
        others.join(",")
    );
    let batch = world.bring(("ee-police", "EE"), &[], &[report]);
    let member = ObjectId::parse(&member).unwrap();
    let told = || {
        let mari = world.of("mari");
        let rows = world.node.rows(&mari, &Which::default(), None, 10).unwrap();
        let rows: Vec<_> = rows.rows.iter().map(|row| (row.id.to_string(), row.name.clone(), row.modified)).collect();
        let ties = world.node.ties(&mari, &member, TiePlace::default(), 10).unwrap().ties;
        let look = world.node.look(&mari, "198.51.100.1", 10).unwrap();
        format!("{rows:?} {ties:?} {look:?}")
    };
    let first = told();
    assert!(first.contains("Long") && first.contains("object_refs"), "{first}");
    assert_eq!(told(), first);
    assert_eq!(told(), first);
    world.node.undo(&world.of("first"), batch).unwrap();
    assert!(!told().contains("Long"), "what is taken back is not told from memory");
}
