//! Persons and documents: who is found, and that no name stands in an address.

use std::time::Duration;

use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::{DocumentState, EXTENSION};
use comity_testkit::{MadeUp, People, Random};

use super::common::Desk;
use super::driver::Browser;
use super::station::{Station, at, come_in};

/// Persons of two owners, one of whom several say different things of, and two entries of the register of documents.
pub(crate) fn persons(desk: &Desk, ee: &Station) {
    let mut random = Random::new(7);
    let like = |name: &str, born: &str, nationality, is_male| MadeUp {
        name: name.into(),
        family: String::new(),
        native: None,
        born: born.into(),
        nationality,
        is_male,
        passport: format!("X{}", born.replace('-', "")),
    };
    let alike = [
        like("Mary Kaask", "1985-03-05", "LV", false),
        like("Kask Mari", "1984-11-20", "EE", false),
        like("Mari Kaski", "1960-01-01", "FI", true),
    ];
    let many: Vec<String> = People::new(7).take(60).chain(alike).map(|one| one.identity(&mut random)).collect();
    let mari = serde_json::json!({"names": [
            {"name": "Mari-Liis Kask", "kind": "true", "script": "Latn", "parts": [{"part": "given", "text": "Mari-Liis"}, {"part": "family", "text": "Kask"}],
             "source": "civil register", "grading": "a1", "basis": "fact", "stated": "2026-10-02T00:00:00Z"},
            {"name": "\u{41c}\u{430}\u{440}\u{438} \u{41b}\u{438}\u{439}\u{441} \u{41a}\u{430}\u{441}\u{43a}", "kind": "spelling", "script": "Cyrl"},
            {"name": "\u{645}\u{627}\u{631}\u{64a} \u{643}\u{627}\u{633}\u{643}", "kind": "spelling", "script": "Arab", "source": "airline", "grading": "c3", "basis": "opinion"},
            {"name": "Liisu", "kind": "alias", "source": "informant", "grading": "e4", "basis": "opinion"}],
        "births": [{"date": "1984-03-05", "place": "Tartu", "country": "EE", "source": "civil register", "grading": "a1", "basis": "fact"},
            {"date": "1986", "about": true, "source": "informant", "grading": "e4", "basis": "opinion"}, {"date": "1985-05-03", "source": "airline"}],
        "nationalities": [{"country": "EE"}], "sexes": [{"sex": "female"}],
        "documents": [{"type": "P", "issuer": "EST", "number": "KB0123456", "issued": "2020-01-01", "expires": "2030-01-01", "state": "stolen", "source": "border guard"},
            {"type": "I", "issuer": "EST", "number": "AA0000001", "state": "valid"}],
        "statuses": [{"status": "suspect", "source": "prosecutor", "basis": "opinion"}, {"status": "guilty"}],
        "places": [{"place": "Tartu", "country": "EE", "as_what": "lives"}], "features": [{"feature": "height-cm", "value": "171"}],
        "identifiers": [{"kind": "phone", "value": "+3725551234"}]});
    let made = ("2026-01-01T00:00:00.000Z", "2026-10-02T00:00:00.000Z");
    let mari = serde_json::json!({"type": "identity", "spec_version": "2.1", "id": PERSON, "created": made.0, "modified": made.1,
        "name": "Mari-Liis Kask", "identity_class": "individual", "extensions": {EXTENSION: mari}});
    let listed = |number: &str, state, id: &str| {
        let document = ListedDocument {
            kind: "P".into(),
            issuer: "EST".into(),
            number: number.into(),
            state,
            since: "2026-10-01".parse().ok(),
        };
        let id = comity_stix::ObjectId::parse(&format!("{DOCUMENT_TYPE}--{id}")).unwrap();
        document.to_object(&id, made.0, made.1).to_string()
    };
    let own = [
        mari.to_string(),
        listed("KB0123456", DocumentState::Stolen, "3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4c01"),
        listed("KB0123546", DocumentState::Lost, "3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4c02"),
    ];
    for (owner, objects) in [("ee-police", &own[..]), ("lv-police", &many)] {
        let bundle = format!(
            r#"{{"type":"bundle","id":"bundle--3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4c0{}","objects":[{}]}}"#,
            owner.len() % 10,
            objects.join(",")
        );
        let file = desk.write(&format!("{owner}.json"), bundle);
        ee.ok(&["ingest", "--as", owner, "--tlp", "green", file.to_str().unwrap()]);
    }
}

/// Their passport, in the register.
pub(crate) const LISTED: &str = "comity-document--3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4c01";
/// Somebody made up, of whom several say different things.
pub(crate) const PERSON: &str = "identity--3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4b99";
/// The passport of that person, of which a camera misread two places.
pub(crate) const ZONE: &str =
    "P<ESTK4SK<<MARI<LIIS<<<<<<<<<<<<<<<<<<<<<<<<\nKB01234568EST84O3054F3001019<<<<<<<<<<<<<<04";

const CONTROL: char = '\u{e009}';
const ENTER: char = '\u{e007}';
const FOUND: &str = "return location.pathname.startsWith('/desk/search/')";

/// Nothing that was asked stands where somebody could read it who comes after.
fn no_name_in(browser: &Browser) {
    let address = browser.run("return decodeURIComponent(location.href) + document.title");
    let address = address.as_str().unwrap().to_lowercase();
    assert!(!address.contains("kask") && !address.contains("kb0123456"), "{address}");
}

/// Waits until a page that runs no scripts says something.
fn shows(browser: &Browser, text: &str) {
    let mut source = String::new();
    let is_there = (0..200).any(|_| {
        source = browser.source();
        std::thread::sleep(Duration::from_millis(50));
        source.contains(text)
    });
    assert!(is_there, "{text}: {source}");
}

#[test]
fn a_person_is_found_without_scripts_and_no_name_stands_in_an_address() {
    let desk = Desk::new();
    let ee = Station::new(&desk, "ee-police", "EE", "Estonian cyber unit");
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    persons(&desk, &ee);
    come_in(&browser, &ee);
    browser.scripts(false);
    browser.open(&ee.url("/desk/search"));
    for (field, text) in
        [("#name", "Kask, Mari-Liis"), ("#born", "05.03.1984"), ("#nationality", "Narnia"), ("#number", "KB0123456")]
    {
        browser.type_in(field, text);
    }
    browser.click("form.asking > button");
    shows(&browser, "is no state known here");
    assert!(browser.source().contains("Kask, Mari-Liis"), "what was filled in stays");
    browser.clear("#nationality");
    browser.type_in("#nationality", "estonia");
    browser.type_in("#state", "EST");
    browser.click("form.asking > button");
    shows(&browser, "never a reason to act");
    shows(&browser, "is stolen since");
    shows(&browser, "Near: not the number that was asked");
    browser.click(".persons a.peek");
    shows(&browser, "These statements cannot all be true.");
    shows(&browser, "civil register");
    browser.scripts(true);
    no_name_in(&browser);
    browser.click(".drawer h2 a");
    browser.until("the object", &at(&format!("/desk/object/{PERSON}")));
    // What was asked and shown is on record.
    let audit = ee.ok(&["audit", "--limit", "20"]);
    assert!(audit.contains("Kask, Mari-Liis") && audit.contains(PERSON), "{audit}");
}

/// An account with a letter for a digit is none; what it was meant to be is looked for, and the page says so.
#[test]
fn an_account_that_was_mistyped_is_told_as_that_and_what_it_was_meant_to_be_is_found() {
    let desk = Desk::new();
    let ee = Station::new(&desk, "ee-police", "EE", "Estonian cyber unit");
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    let file = desk.write("accounts.txt", "EE38 2200 2210 2014 5685\n");
    ee.ok(&["ingest", "--as", "ee-police", "--tlp", "green", file.to_str().unwrap()]);
    come_in(&browser, &ee);
    browser.scripts(false);
    browser.open(&ee.url("/desk/search"));
    browser.type_in("#value", "some name");
    browser.click("form.asking > button");
    shows(&browser, "is no phone, account, wallet, handle or plate");
    browser.clear("#value");
    browser.type_in("#value", "EE38 2200 2210 2O14 5685");
    browser.click("form.asking > button");
    shows(&browser, "The check digits of what was asked are wrong");
    shows(&browser, "EE382200221020145685");
    shows(&browser, ", a slip away, is named in");
}

#[test]
fn the_search_box_and_the_palette_lead_to_the_search() {
    let desk = Desk::new();
    let ee = Station::new(&desk, "ee-police", "EE", "Estonian cyber unit");
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    persons(&desk, &ee);
    come_in(&browser, &ee);
    let finds = |what: &str| {
        browser.until(what, FOUND);
        browser.until("Mari", &format!("return !!document.querySelector('.persons h3 a[href$=\"{PERSON}\"]')"));
        no_name_in(&browser);
    };
    browser.press_with(CONTROL, 'k');
    browser.until("the palette", "return document.querySelector('.palette').open");
    browser.press("mari kask");
    browser.press("\u{e015}");
    browser.press(&ENTER.to_string());
    finds("the palette searches");
    // A zone that was pasted.
    browser.run(&format!(
        "document.getElementById('q').value = `{ZONE}`; document.querySelector('.find').requestSubmit()"
    ));
    finds("a zone in the search box");
    assert!(browser.text().contains("was put right to"), "{}", browser.text());
    browser.open(&ee.url("/desk/find?q=%D0%9C%D0%B0%D1%80%D0%B8%20%D0%9A%D0%B0%D1%81%D0%BA"));
    browser.click("main form[action='/desk/search'] button");
    finds("a name in the search box");
    browser.open(&ee.url("/desk/find?q=EST:P:KB0123456"));
    browser.click("main form[action='/desk/search'] button");
    finds("a document in the search box");
    let complaints: Vec<String> = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}
