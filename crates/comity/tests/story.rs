//! The main job, through the command line: three organisations bring a piece each, the links are
//! found, anything can be taken back.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use common::{Desk, example, records};
use serde_json::Value;

/// A node that holds the three pieces of the story.
fn filled() -> Desk {
    let desk = Desk::new();
    desk.ok(&["ingest", "--as", "ee-police", "--country", "EE", "--tlp", "amber", &example("case-2041.misp.json")]);
    desk.ok(&[
        "ingest",
        "--as",
        "lab-north",
        "--tlp",
        "green",
        &example("quietparcel.stix.json"),
        &example("field-notes.txt"),
    ]);
    desk.ok(&[
        "ingest",
        "--as",
        "us-bank",
        "--tlp",
        "amber",
        "--release-to",
        "us-secret-service",
        &example("bank-transfers.csv"),
    ]);
    desk
}

fn owners(hit: &Value) -> [&str; 2] {
    ["one", "other"].map(|side| hit[side]["owner"].as_str().unwrap())
}

#[test]
fn the_same_case_is_found_on_both_sides_of_the_border_with_reasons() {
    let desk = filled();
    let hits = desk.json(&["hits"]);
    let best = &hits[0];
    assert!(best["points"].as_u64().unwrap() >= 85, "{best}");
    assert_ne!(owners(best)[0], owners(best)[1]);
    let bank = hits
        .iter()
        .find(|hit| owners(hit).contains(&"us-bank") && owners(hit).contains(&"ee-police"))
        .expect("the account ties them");
    let text = bank["reasons"].to_string();
    assert!(text.contains("EE382200221020145685"), "{text}");
    let everywhere =
        hits.iter().find(|hit| hit["reasons"].to_string().contains("8.8.8.8")).expect("a common value is not dropped");
    assert!(
        everywhere["reasons"].to_string().contains("counts little")
            || everywhere["reasons"].to_string().contains("list"),
        "{everywhere}"
    );
    assert!(hits.is_sorted_by(|a, b| a["points"].as_u64() >= b["points"].as_u64()));
    assert!(
        hits.iter().any(|hit| hit["related"].to_string().contains("QuietParcel")),
        "the family behind an indicator is named"
    );
}

#[test]
fn people_say_what_a_hit_is_and_can_take_that_back() {
    let desk = filled();
    let queue = |words: &[&str]| {
        let mut rows = desk.json(&[&["hits", "--queue"], words].concat());
        let last = rows.pop().unwrap();
        (rows, last)
    };
    let (rows, last) = queue(&[]);
    assert_eq!(last["totals"]["open"], rows.len());
    assert_eq!(rows[0]["points"], desk.json(&["hits"])[0]["points"]);
    assert_eq!(owners(&rows[0])[0], "ee-police", "the own side first");
    let key = rows[0]["key"].as_str().unwrap();
    let said = desk.ok(&["hit", key, "--confirm", "--note", "the same gang"]);
    assert!(said.contains("confirmed") && said.contains("the same gang"), "{said}");
    assert_eq!(queue(&["--state", "confirmed"]).0[0]["last"]["note"], "the same gang");
    let (open, last) = queue(&["--state", "open", "--limit", "1"]);
    assert_ne!(open[0]["key"], rows[0]["key"]);
    let (next, _) = queue(&["--state", "open", "--limit", "1", "--after", last["next"].as_str().unwrap()]);
    assert_ne!(next[0]["key"], open[0]["key"]);
    let nowhere = desk.run(&["hits", "--queue", "--after", "-3cO1rcNdwH9Flk"]);
    assert!(nowhere.err.contains("no place in this queue"), "a place may begin with a hyphen: {}", nowhere.err);
    desk.ok(&["hit", key, "--reopen"]);
    let shown = &desk.json(&["hit", key])[0];
    assert_eq!((shown["state"].as_str(), shown["history"].as_array().unwrap().len()), (Some("open"), 2));
    let asked = desk.run(&["hit", key, "--ask", "Who is it?"]);
    assert_eq!(asked.code, 1, "nobody is connected");
    assert!(asked.err.contains("not connected"), "{}", asked.err);
    assert_eq!(desk.run(&["hit", key, "--confirm", "--dismiss"]).code, 2);
    assert_eq!(desk.run(&["hit", &key[1..]]).code, 2);
    assert_eq!(desk.run(&["hit", &"0".repeat(32), "--dismiss"]).code, 6);
    assert_eq!(desk.ok(&["questions"]), "Nobody was asked, and nobody asks.\n");
    assert_eq!(desk.run(&["questions", "--answer", &format!("fi-police/{key}"), "Yes."]).code, 6);
}

#[test]
fn a_value_is_found_in_any_spelling() {
    let desk = filled();
    for spelling in [
        "parcel-fee.example",
        "PARCEL-FEE[.]example",
        "hxxps://parcel-fee[.]example/pay/confirm.php",
        "domain:parcel-fee.example.",
    ] {
        let found = desk.json(&["look", spelling]);
        assert!(found.iter().any(|record| record["known"] == true), "{spelling}: {found:?}");
    }
    let wallet = desk.json(&["look", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"]);
    let holders: std::collections::BTreeSet<_> =
        wallet[0]["holdings"].as_array().unwrap().iter().map(|h| h["owner"].as_str().unwrap()).collect();
    assert_eq!(holders.into_iter().collect::<Vec<_>>(), ["ee-police", "lab-north", "us-bank"]);
    assert_eq!(desk.json(&["look", "185.220.101.5"])[0]["known"], false);
    assert_eq!(desk.json(&["look", "no value at all"])[0]["known"], false);
}

#[test]
fn many_values_are_answered_from_a_file() {
    let desk = filled();
    let list = desk.write("list.txt", "185.220.101.4\n\nEE38 2200 2210 2014 5685\n192.0.2.99\nnothing\n");
    let answers = desk.json(&["look", "--file", list.to_str().unwrap()]);
    let known: Vec<_> = answers
        .iter()
        .filter(|answer| answer["known"] == true)
        .map(|answer| answer["value"].as_str().unwrap())
        .collect();
    assert_eq!(known, ["185.220.101.4", "EE382200221020145685"]);
}

#[test]
fn an_undo_takes_everything_back_and_can_itself_be_undone() {
    let desk = filled();
    let before = desk.json(&["hits"]);
    desk.ok(&["undo", "1"]);
    assert!(desk.json(&["hits"]).iter().all(|hit| !owners(hit).contains(&"ee-police")));
    let look = desk.json(&["look", "EE382200221020145685"]);
    assert!(look[0]["holdings"].as_array().unwrap().iter().all(|holding| holding["owner"] != "ee-police"));
    let again = desk.run(&["undo", "1"]);
    assert_eq!(again.code, 1, "{}", again.err);
    assert!(again.err.contains("undone"), "{}", again.err);
    desk.ok(&["undo", "4"]);
    assert_eq!(desk.json(&["hits"]), before);
}

#[test]
fn the_same_files_again_change_nothing() {
    let desk = filled();
    let before = desk.json(&["hits"]);
    for (owner, file) in [
        ("ee-police", "case-2041.misp.json"),
        ("lab-north", "quietparcel.stix.json"),
        ("lab-north", "field-notes.txt"),
        ("us-bank", "bank-transfers.csv"),
    ] {
        let report = &desk.json(&["ingest", "--as", owner, &example(file)])[0];
        assert_eq!(report["batch"]["counts"]["added"], 0, "{file}: {report}");
    }
    assert_eq!(desk.json(&["hits"]), before);
}

#[test]
fn an_object_is_shown_as_it_stood_then() {
    let desk = Desk::new();
    let object = |day: u32, name: &str| {
        format!(
            r#"{{"type":"identity","spec_version":"2.1","id":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-{day:02}T00:00:00.000Z","name":"{name}","x_kept":  [1.50, "ü"]}}"#
        )
    };
    for (day, name) in [(1, "first"), (3, "third"), (2, "late")] {
        let said = desk.feed(&["ingest", "--as", "ee-police", "-"], object(day, name).as_bytes());
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    }
    let id = "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
    let name = |words: &[&str]| desk.json(words)[0]["object"]["name"].as_str().unwrap().to_owned();
    assert_eq!(name(&["show", id]), "third", "the newest by its own date, not by arrival");
    assert_eq!(name(&["show", id, "--as-of", "1"]), "first");
    assert_eq!(desk.json(&["show", id, "--all"]).len(), 3);
    let raw = desk.ok(&["--json", "show", id]);
    assert!(raw.contains(r#""x_kept":  [1.50, "ü"]"#), "bytes are kept as they came: {raw}");
    assert_eq!(desk.run(&["show", id, "--as-of", "2020-01-01"]).code, 6);
}

#[test]
fn what_cannot_be_used_is_set_aside_and_can_be_repaired() {
    let desk = Desk::new();
    let good = r#"{"type":"domain-name","spec_version":"2.1","id":"domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5","value":"example.com"}"#;
    let bad = r#"{"type":"domain-name","spec_version":"2.1","id":"3c10e93f","value":"example.net"}"#;
    let bundle =
        format!(r#"{{"type":"bundle","id":"bundle--3c10e93f-798e-4a26-a0c1-08156efab7f5","objects":[{bad},{good}]}}"#);
    let file = desk.write("mixed.json", &bundle);
    let said = desk.run(&["ingest", "--as", "lab-north", file.to_str().unwrap()]);
    assert_eq!(said.code, 4, "{}{}", said.out, said.err);
    let aside = desk.json(&["batches", "--rejected"]);
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0]["offset"], bundle.find(bad).unwrap(), "{aside:?}");
    let repaired = desk
        .write("repaired.json", bad.replace("\"3c10e93f\"", "\"domain-name--ecb120bf-2694-4902-a737-62b74539a41b\""));
    desk.ok(&["retry", "1.0", "--with", repaired.to_str().unwrap()]);
    assert_eq!(desk.json(&["look", "example.net"])[0]["known"], true);
    assert_eq!(desk.json(&["batches", "--rejected"])[0]["repaired_by"], 2);
    assert_eq!(desk.run(&["retry", "1.0"]).code, 1);
}

#[test]
fn an_export_holds_what_the_recipient_may_see_and_nothing_else() {
    let desk = filled();
    let refused = desk.run(&["export", "--for", "us-secret-service"]);
    assert_eq!(refused.code, 6, "{}", refused.err);
    desk.ok(&["source", "us-secret-service", "--country", "US", "--group", "community"]);
    let bundle: Value =
        serde_json::from_str(&desk.ok(&["export", "--for", "us-secret-service", "--format", "stix"])).unwrap();
    let text = bundle.to_string();
    assert!(text.contains("QuietParcel") && text.contains("DE89370400440532013000"));
    desk.ok(&["source", "stranger"]);
    let bundle = desk.ok(&["export", "--for", "stranger"]);
    assert!(!bundle.contains("DE89370400440532013000"), "the bank's rows are for one recipient only");
    let seen = desk.json(&["audience", "stranger"]);
    let bank = seen.iter().find(|row| row["owner"] == "us-bank").unwrap();
    assert_eq!(bank["admitted"], 0);
    assert!(!bank["reasons"].as_object().unwrap().is_empty());
}

#[test]
fn two_things_are_the_same_only_by_somebodys_word_which_can_be_taken_back() {
    let desk = filled();
    let hit = &desk.json(&["hits"])[0];
    let [one, other] = ["one", "other"].map(|side| hit[side]["id"].as_str().unwrap().to_owned());
    assert_eq!(desk.run(&["same-as", &one, &one, "--as", "ee-police", "--because", "x"]).code, 1);
    let report = &desk.json(&["same-as", &one, &other, "--as", "ee-police", "--because", "same panel, same wallet"])[0];
    let batch = report["batch"]["id"].to_string();
    for id in [&one, &other] {
        assert_eq!(desk.json(&["show", id]).len(), 1, "both stay what they were");
    }
    desk.ok(&["undo", &batch]);
}

#[test]
fn errors_say_what_to_do() {
    let desk = Desk::new();
    let nowhere = Desk::run_in(desk.path(), &["hits"]);
    assert_eq!(nowhere.code, 3);
    assert!(nowhere.err.contains("--data") && nowhere.err.contains("ee"), "{}", nowhere.err);
    let missing = desk.run(&["ingest", "--as", "ee-police", "missing.json"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("nothing was taken in"), "{}", missing.err);
    assert_eq!(desk.run(&["undo", "77"]).code, 6);
    assert_eq!(desk.run(&["no-such-command"]).code, 2);
    let twice = Desk::run_in(desk.path(), &["init", "ee", "--country", "EE", "--name", "again"]);
    assert_eq!(twice.code, 1);
    assert!(twice.err.contains("nothing was changed"), "{}", twice.err);
}

#[test]
fn the_demo_tells_the_story() {
    let desk = Desk::new();
    let told = desk.ok(&["demo"]);
    for part in [
        "WHAT EACH TOOK IN",
        "HOW THEY CONNECT",
        "WHAT FLOWS, AND WHAT DOES NOT",
        "WHAT IS LINKED",
        "us-police",
        "ee-police",
        "lab-north",
        "EE382200221020145685",
        "not given",
        "WHAT IS TAKEN BACK",
        "us-police deleted 1 version(s) and signed for it",
    ] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}

#[test]
fn every_record_of_every_reading_command_is_one_line_of_json() {
    let desk = filled();
    desk.ok(&["warninglists", "add", desk.write("lists/list.json", r#"{"name":"ours","type":"string","version":1,"description":"d","list":["parcel-fee.example"],"matching_attributes":["domain"]}"#).parent().unwrap().to_str().unwrap()]);
    for words in [
        &["--json", "batches"][..],
        &["--json", "source"],
        &["--json", "check"],
        &["--json", "audience", "ee-police"],
        &["--json", "look", "parcel-fee.example"],
    ] {
        assert!(!records(&desk.ok(words)).is_empty(), "{words:?}");
    }
    assert!(desk.json(&["look", "parcel-fee.example"])[0]["lists"].to_string().contains("ours"));
    assert_eq!(desk.json(&["check"])[0]["wrong"], serde_json::json!([]));
}

#[test]
fn rules_of_a_nodes_own_law_forbid_and_say_so() {
    let desk = filled();
    let admitted = |desk: &Desk| -> u64 {
        desk.json(&["audience", "us-secret-service"]).iter().map(|row| row["admitted"].as_u64().unwrap()).sum()
    };
    let config = desk.node().join("comity.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let rule = "@id(\"own-data-stays\")\n@sentence(\"{owner}: no data goes to {recipient}.\")\nforbid (principal, \
                action, resource) when { principal.name == \"us-secret-service\" };\n";
    desk.ok(&["source", "us-secret-service", "--country", "US"]);
    let before = admitted(&desk);
    assert!(before > 0);
    std::fs::write(&config, text.replace("# rules =", "rules =")).unwrap();
    let missing = desk.run(&["audience", "us-secret-service"]);
    assert!(missing.code != 0 && missing.err.contains("rules.cedar"));
    std::fs::write(desk.node().join("rules.cedar"), rule).unwrap();
    assert_eq!(admitted(&desk), 0);
    let said = desk.ok(&["audience", "us-secret-service"]);
    assert!(said.contains("no data goes to us-secret-service"), "{said}");
    std::fs::write(desk.node().join("rules.cedar"), rule.replace("forbid", "permit")).unwrap();
    let refused = desk.run(&["audience", "us-secret-service"]);
    let told = refused.err.clone();
    assert!(refused.code != 0 && told.contains("own-data-stays"), "{told}");
}

#[test]
fn a_query_is_saved_listed_and_removed() {
    let desk = filled();
    desk.ok(&["collection", "save", "addresses", "--type", "indicator", "--kind", "ipv4", "--title", "Addresses"]);
    let listed = desk.json(&["collection", "list"]);
    assert_eq!((listed.len(), &listed[0]["name"]), (1, &"addresses".into()));
    assert_ne!(desk.run(&["collection", "save", "x", "--kind", "planet"]).code, 0);
    assert_ne!(desk.run(&["collection", "save", "x", "--word", "y", "--reader", "nobody"]).code, 0);
    desk.ok(&["collection", "remove", "addresses"]);
    assert!(desk.json(&["collection", "list"]).is_empty());
}
