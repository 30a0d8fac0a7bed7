//! Persons at the command line: who is searched for and told of, hits that are opened and what becomes of them, and lists that
//! are screened whatever wrote them.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use comity_base::Timestamp;
use comity_law::gate::FactorKind;
use comity_stix::person::EXTENSION;
use common::{Desk, in_own_session, records};
use serde_json::{Value, json};

const MARI: &str = "identity--5b2e6d34-0a1c-4f7e-9d55-3c1f7e2a9b10";
const JAAN: &str = "identity--0c9a1f52-6a58-4b1d-8d1c-7e60aa12f001";
const PASSWORD: &str = "a quiet winter morning";
const ZONE: [&str; 2] =
    ["P<ESTKASK<<MARI<LIIS<<<<<<<<<<<<<<<<<<<<<<<<", "KB01234568EST8403054F3001019<<<<<<<<<<<<<<04"];

fn person(id: &str, name: &str, born: &str, number: &str) -> String {
    let told = json!({"extension_type": "property-extension", "names": [{"name": name, "kind": "true", "script": "Latn"}], "births": [{"date": born}],
        "nationalities": [{"country": "EE"}], "documents": [{"type": "P", "issuer": "EST", "number": number}],
        "identifiers": [{"kind": "phone", "value": "+3725551234"}, {"kind": "plate", "value": "EE:123ABC"}]});
    json!({"type": "identity", "spec_version": "2.1", "id": id, "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-10-02T00:00:00.000Z", "name": name, "identity_class": "individual", "extensions": {EXTENSION: told}})
    .to_string()
}

/// A node that knows two persons.
fn desk() -> Desk {
    let desk = Desk::new();
    let all = [
        person(MARI, "Mari-Liis Kask", "1984-03-05", "KB0123456"),
        person(JAAN, "Jaan Tamm", "1979-11-20", "KB7654321"),
    ];
    let file = desk.write("known.json", format!("[{}]", all.join(",")));
    desk.ok(&["ingest", "--as", "ee", file.to_str().unwrap()]);
    desk
}

#[test]
fn documents_come_first_and_what_was_put_right_is_told_by_its_place() {
    let desk = desk();
    // A camera read O for 0 in the number.
    let second = ZONE[1].replacen("KB0", "KBO", 1);
    let all = desk.json(&["search", "--mrz", ZONE[0], &second]);
    let kinds: Vec<&str> = all.iter().map(|one| one["found"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["zone", "document", "person"], "{all:?}");
    assert_eq!(all[0]["mended"], json!([46]));
    assert_eq!(all[1]["document"], "EST:P:KB0123456");
}

#[test]
fn what_is_no_document_is_not_called_one_and_what_is_none_is_told_as_what_it_is() {
    let desk = desk();
    let said = desk.ok(&["search", "--value", "plate:EE:I23ABC"]);
    assert!(said.contains("vehicle plate that is a slip away") && !said.contains("document"), "{said}");
    for (value, why) in [
        ("EE3822002210201456", "bank account (IBAN)"),
        ("iban:EE3822002210201456", "check digits"),
        ("KB0123456", "travel document"),
        ("phone:12", "phone number"),
    ] {
        let said = desk.run(&["search", "--document", value]);
        assert!(said.code == 2 && said.err.contains(why), "{value}: {}", said.err);
        assert!(value.starts_with("KB") || !said.err.contains("issuing"), "{value}: {}", said.err);
    }
    let misread = desk.ok(&["search", "--value", "EE38 2200 2210 2O14 5685"]);
    assert!(misread.contains("check digits are wrong for a bank account (IBAN)"), "{misread}");
    for wrong in [&["search", "x", "--limit", "0"][..], &["search", "x", "--nationality", "ZZ"], &["search"]] {
        assert_eq!(desk.run(wrong).code, 2, "{wrong:?}");
    }
}

/// Somebody of the bureau who has set up how they log in, at one terminal after the other.
struct Colleague<'d> {
    desk: &'d Desk,
    name: &'static str,
    codes: Vec<String>,
}

impl<'d> Colleague<'d> {
    fn new(desk: &'d Desk, name: &'static str) -> Self {
        let code = desk.json(&["account", "invite", name])[0]["invitation"].as_str().unwrap().to_owned();
        let enrolled = desk.feed(&["--json", "enrol", name], format!("{code}\n{PASSWORD}\n{PASSWORD}\n").as_bytes());
        let codes = serde_json::from_value(records(&enrolled.out)[0]["recovery"].clone()).unwrap();
        Self { desk, name, codes }
    }

    /// What somebody says to a command.
    fn does(&mut self, words: &[&str]) -> String {
        let code = self.codes.pop().unwrap();
        let said = self.desk.feed(&["login", self.name], format!("{PASSWORD}\n{code}\n").as_bytes());
        assert_eq!(said.code, 0, "{}", said.err);
        let said = self.desk.ok(words);
        self.desk.ok(&["logout"]);
        said
    }
}

/// What a red notice says, beside the person.
fn complete(text: &str) -> Value {
    let mut text: Value = serde_json::from_str(text).unwrap();
    let facts = &mut text["facts"];
    facts["status"] = "charged".into();
    facts["minor"] = false.into();
    facts["identity"]["sex"] = "female".into();
    facts["identity"]["description"] = "A scar over the left eye.".into();
    facts["offence"] = json!({"charge": "Computer fraud", "summary": "Emptied accounts of a bank through a botnet.",
        "when": "2026-05", "place": "Tallinn", "role": "Ran the servers", "article": "Penal Code section 213"});
    facts["penalty"] = json!({"wanted_for": "prosecution", "maximum_months": 60});
    facts["warrant"] = json!({"reference": "4-26-117", "authority": "Harju county court", "date": "2026-06-01"});
    facts["assurances"] = json!({"competent": true, "consulted": true, "will_request": true, "countries": ["LV"]});
    text["caution"] = json!(["armed"]);
    text["contact"] = json!({"phone": "+372 600 0000"});
    text
}

/// A text is handed in by another, and a reviewer puts it out.
fn put_out(no: &str, second: &mut Colleague<'_>, lawyer: &mut Colleague<'_>) {
    second.does(&["notice", "submit", no, "--why", "complete"]);
    lawyer.does(&["notice", "review", no, "--take-up"]);
    lawyer.does(&["notice", "judge", no, "--category", "serious-ordinary-crime", "--why", "Large damage."]);
    let factors = FactorKind::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    lawyer.does(&["notice", "judge", no, "--factor", &factors, "--finding", "clears", "--why", "Nothing of it."]);
    lawyer.does(&["notice", "review", no, "--publish", &until(), "--why", "Checked against the file."]);
}

/// A day within a year.
fn until() -> String {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    let now = Timestamp::from_micros(i64::try_from(now).unwrap());
    now.plus_months(6).to_string().get(..10).unwrap().to_owned()
}

#[test]
fn a_notice_is_told_to_whoever_searches_and_a_hit_tells_all_that_was_done_to_it() {
    if !in_own_session() {
        return;
    }
    let desk = desk();
    assert_eq!(desk.json(&["hit", "list"]), Vec::<Value>::new());
    assert!(desk.ok(&["hit", "list"]).contains("no hits"), "the same with and without --json");
    let people = [("mari", "analyst"), ("jaan", "analyst"), ("liis", "legal-reviewer")];
    for (name, role) in people {
        desk.ok(&["account", "add", name, "--name", name]);
        desk.ok(&["account", "grant", name, "--role", role]);
    }
    let [mut mari, mut jaan, mut liis] = people.map(|(name, _)| Colleague::new(&desk, name));
    let no = desk.json(&["notice", "draft", "red", "--from", MARI])[0]["notice"].as_str().unwrap().to_owned();
    let mut text = complete(&desk.ok(&["notice", "edit", &no, "--print"]));
    let written = |text: &Value| desk.write("notice.json", text.to_string()).to_str().unwrap().to_owned();
    desk.ok(&["notice", "edit", &no, "--with", &written(&text)]);
    put_out(&no, &mut mari, &mut liis);
    told_to_whoever_searches(&desk);
    hit(&desk, &mut mari, &mut jaan);

    let found = || desk.ok(&["search", "Mari-Liis Kask", "--born", "1984-03-05"]);
    // Another contact counts at once, and nothing else of the file is taken.
    text["contact"]["phone"] = "+372 622 2222".into();
    text["caution"] = json!(["armed", "dangerous"]);
    let contact = ["notice", "amend", &no, "--changes", "contact", "--why", "moved"];
    desk.ok(&[&contact[..], &["--with", &written(&text)]].concat());
    assert!(found().contains("red notice; armed; call +372 622 2222"), "{}", found());
    let again = desk.run(&[&contact[..], &["--with", &written(&text)]].concat());
    assert!(again.code != 0 && again.err.contains("no other contact"), "{}", again.err);

    // A new version says what it is to say, once it was reviewed.
    text["contact"]["phone"] = "+372 611 1111".into();
    text["caution"] = json!(["armed", "escape-risk"]);
    let changes = ["notice", "amend", &no, "--changes", "caution,contact", "--why", "moved"];
    desk.ok(&[&changes[..], &["--with", &written(&text)]].concat());
    assert!(found().contains("call +372 622 2222"), "before it was reviewed: {}", found());
    put_out(&no, &mut mari, &mut liis);
    assert!(found().contains("red notice; armed, escape-risk; call +372 611 1111"), "{}", found());
}

fn told_to_whoever_searches(desk: &Desk) {
    let said = desk.ok(&["search", "Mari-Liis Kask", "--born", "1984-03-05", "--sex", "F"]);
    assert!(said.contains("red notice; armed; call +372 600 0000"), "{said}");
    assert!(said.contains("no warrant"), "{said}");
    let found = desk.json(&["search", "Mari-Liis Kask", "--born", "1984-03-05"]);
    let notices = found.iter().filter(|one| one["notice"]["colour"] == "red" && one["notice"]["caution"][0] == "armed");
    assert_eq!(notices.count(), 1, "{found:?}");
    let other = desk.ok(&["search", "Jaan Tamm", "--born", "1979"]);
    assert!(!other.contains("notice") && !other.contains("warrant"), "of whom nobody looks for: {other}");
    let list = desk.write("booth.csv", "Name;Born\nMari-Liis Kask;1984-03-05\n");
    let table = desk.ok(&["screen", list.to_str().unwrap(), "--map", "name=Name,born=Born"]);
    assert!(table.contains("red notice; armed; call +372 600 0000"), "{table}");
}

fn hit(desk: &Desk, mari: &mut Colleague<'_>, jaan: &mut Colleague<'_>) {
    let search = ["search", "Mari-Liis Kask", "--born", "1984-03-05"];
    let found = desk.json(&search);
    let wanted = found.iter().find(|one| one["notice"].is_object()).unwrap()["id"].as_str().unwrap();
    let nobody = desk.run(&[&search[..], &["--open-hit", JAAN]].concat());
    assert_eq!(nobody.code, 6, "who was not found: {}", nobody.err);
    let opened = desk.json(&[&search[..], &["--open-hit", wanted, "--reference", "booth 7"]].concat());
    let no = opened.last().unwrap()["hit"].as_str().unwrap();
    let said = desk.ok(&["hit", "show", no]);
    assert!(said.contains("booth 7") && said.contains("red notice; armed") && !said.contains("is to answer"), "{said}");
    assert!(said.contains("a red notice here:"), "{said}");
    mari.does(&["hit", "check", no, "photo", "--same", "--why", "the same face"]);
    let asked = mari.does(&["hit", "ask", no, "--urgent", "--why", "she waits"]);
    assert!(asked.contains("its owner is to answer by"), "{asked}");
    let confirmed = jaan.does(&["hit", "confirm", no, "locate", "--why", "it is her"]);
    assert!(confirmed.contains("jaan of ee confirmed, locate: it is her"), "{confirmed}");
    let closed = mari.does(&["hit", "close", no, "located", "--why", "told her address"]);
    for part in ["compared photo: the same person: the same face", "asked its owner, urgently", "closed, located"] {
        assert!(closed.contains(part), "{part}: {closed}");
    }
    assert!(!closed.contains("is to answer by"), "{closed}");
    let elsewhere = desk.run(&["hit", "show", &format!("fi-police/{no}")]);
    assert_eq!(elsewhere.code, 6, "{}", elsewhere.err);
    assert_eq!(desk.run(&["hit", "show", "fi-police/x"]).code, 2);
}

/// What a list is answered: exit code, the rows of the table with its headings, and what is told beside it.
fn screened(desk: &Desk, list: impl AsRef<[u8]>, words: &[&str]) -> (i32, Vec<Vec<String>>, String) {
    let file = desk.write("list.csv", list);
    let said = desk.run(&[&["screen", file.to_str().unwrap()], words].concat());
    let rows = said.out.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    (said.code, rows, said.err)
}

#[test]
fn a_list_is_screened_whatever_wrote_it() {
    let desk = desk();
    let list = "Name;Born;Doc\nMari-Liis Kask;1984-03-05;EST:KB0123456\nNobody Atall;1990;\n";
    let map = ["--map", "name=1,born=2,doc=3", "--purpose", "prevention"];
    let (code, plain, told) = screened(&desk, list, &map);
    assert_eq!((code, told.contains("taken for headings")), (0, true), "{told}");
    assert!(plain.iter().all(|row| row.len() == plain[0].len()), "{plain:?}");
    assert_eq!(
        (plain[1][0].as_str(), plain[1][2].as_str(), plain[2][2].as_str()),
        ("1", "document", "person"),
        "{plain:?}"
    );
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(list.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(screened(&desk, utf16, &map).1, plain);
    let latin = b"M\xe4ri Kask;1984-03-05;x\nJaan Tamm;1979-11-20;EST:KB7654321\n";
    let (code, rows, told) = screened(&desk, latin, &map);
    assert!(code == 4 && told.contains("not UTF-8: 1 rows") && told.contains("iconv"), "{told}");
    let (not_asked, cells) = (&rows[1], rows[0].len());
    assert_eq!(
        (not_asked[2].as_str(), not_asked.len(), not_asked[cells - 1].as_str()),
        ("not asked", cells, "the row is not UTF-8")
    );
    assert!(rows.iter().any(|row| row[0] == "2" && row[2] == "person"), "{rows:?}");
}

#[test]
fn a_row_that_is_not_whole_is_asked_as_far_as_it_goes_and_ends_nothing() {
    let desk = desk();
    let long = "x".repeat(100_000);
    let list = format!(
        "name,born,doc\nMari-Liis Kask,31/31/84,KB0123456\n{long},1984,\n\"Nobody Atall,1990,\nJaan Tamm,1979-11-20,EST:KB7654321\n"
    );
    let map = ["--map", "name=name,born=born,doc=doc"];
    let (code, rows, told) = screened(&desk, &list, &map);
    let of = |row: &str| rows.iter().filter(|cells| cells[0] == row).collect::<Vec<_>>();
    assert_eq!(code, 4);
    let (found, last) = (&of("1")[0], rows[0].len() - 1);
    assert_eq!((found[2].as_str(), found[5].as_str()), ("person", MARI), "{rows:?}");
    assert!(of("1")[0][last..].concat().contains("born"), "what was left out is told: {rows:?}");
    assert_eq!((of("2")[0][2].as_str(), of("2")[0][last].as_str()), ("not asked", "the row is longer than 64 KiB"));
    assert!(of("4").iter().any(|cells| cells[5] == JAAN), "an open quotation mark swallowed a row: {rows:?}");
    assert!(told.contains("1 rows have quotation marks that do not pair") && told.contains("first is row 3"), "{told}");
    let (_, on, _) = screened(&desk, &list, &[&map[..], &["--skip", "3"]].concat());
    assert!(on[1..].iter().all(|cells| cells[0] == "4") && on.len() > 1, "{on:?}");
    let (code, _, beyond) = screened(&desk, &list, &[&map[..], &["--skip", "9"]].concat());
    assert!(code == 2 && beyond.contains("has 4 rows"), "{beyond}");
    let (code, _, column) = screened(&desk, &list, &["--map", "name=9"]);
    assert!(code == 2 && column.contains("the rows have 3"), "{column}");
}
