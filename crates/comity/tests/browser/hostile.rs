//! What others wrote to break pages, and pages without scripts.

use std::time::Duration;

use comity_stix::person::EXTENSION;
use serde_json::Value;

use super::WRONG;
use super::common::Desk;
use super::driver::Browser;
use super::pages::findings;
use super::station::{Station, at, come_in, until};

/// Two owners whose cases hold the same address, and whose texts are made to break pages.
fn hostile(desk: &Desk, ee: &Station) {
    let texts = [
        "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>".to_owned(),
        "\"><svg onload=window.ran=1> javascript:window.ran=1 {{7*7}} ${window.ran=1}".to_owned(),
        "\u{202e}exe.fdp \u{2066}\u{2067}\u{feff} p\u{430}ypal.com \u{0}\u{1b}[31m".to_owned(),
        "A".repeat(1 << 20),
        "\u{1f468}\u{200d}\u{1f469}".repeat(5_000),
    ];
    for (number, text) in texts.iter().enumerate() {
        for owner in ["us-police", "lv-police"] {
            let id = format!("0000000{number}-0000-4000-8000-00000000000{}", owner.len() % 10);
            let address = "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4";
            let about = serde_json::json!({"spec_version": "2.1", "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"});
            let with = |mut object: Value| {
                object.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
                object
            };
            let bundle = serde_json::json!({"type": "bundle", "id": format!("bundle--{id}"), "objects": [
                {"type": "ipv4-addr", "spec_version": "2.1", "id": address, "value": "198.51.100.3"},
                with(serde_json::json!({"type": "report", "id": format!("report--{id}"), "name": text, "description": text,
                    "published": "2026-01-01T00:00:00Z", "object_refs": [address], "labels": [text],
                    "external_references": [{"source_name": text, "url": "javascript:window.ran=1"}]})),
                with(serde_json::json!({"type": "identity", "id": format!("identity--{id}"), "name": text, "identity_class": "individual",
                    "extensions": {EXTENSION: {"extension_type": "property-extension", "names": [{"name": text, "kind": "true"},
                        {"name": "Toomas Vahtrapuu", "kind": "alias", "source": text, "parts": [{"part": "given", "text": text}, {"part": "family", "text": text}]}],
                    "births": [{"date": "1984", "place": text}, {"date": "1990", "source": text}], "features": [{"feature": text, "value": text}],
                    "identifiers": [{"kind": text, "value": text}], "places": [{"place": text, "as_what": text}]}}})),
            ]});
            let file = desk.write(&format!("hostile-{number}.json"), bundle.to_string());
            ee.ok(&["ingest", "--as", owner, "--tlp", "green", file.to_str().unwrap()]);
        }
    }
}

/// Where each of the hostile persons opens, found by another name that each of them has.
fn persons(browser: &Browser, ee: &Station) -> Vec<String> {
    browser.open(&ee.url("/desk/search"));
    browser.type_in("#name", "Toomas Vahtrapuu");
    browser.click("form.asking > button");
    browser.until("persons", "return document.querySelectorAll('.persons .peek').length === 10");
    let opened = "return [...document.querySelectorAll('.persons .peek')].map((one) => one.getAttribute('href'))";
    let opened = browser.run(opened);
    opened.as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_others_wrote_stays_in_its_place() {
    let desk = Desk::new();
    let ee = Station::new(&desk, "ee-police", "EE", "Estonian cyber unit");
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    hostile(&desk, &ee);
    until("hits", || ee.ok(&["hits", "--queue"]).contains("points"));
    come_in(&browser, &ee);
    let hits = ee.json(&["hits", "--queue"]);
    let keys: Vec<&str> = hits.iter().filter_map(|row| row["key"].as_str()).take(4).collect();
    assert!(!keys.is_empty());
    let mut paths: Vec<String> = [
        "/desk",
        "/desk/objects",
        "/desk/hits",
        "/desk/find?q=198.51.100.3",
        "/desk/find?q=script",
        "/desk/intake",
        "/desk/ledger",
    ]
    .map(str::to_owned)
    .into();
    paths.push(format!("/desk/find?q={}", "%3Cscript%3Ewindow.ran%3D1%3C%2Fscript%3E%E2%80%AE"));
    paths.extend(persons(&browser, &ee));
    for key in keys {
        paths.extend([
            format!("/desk/hits/{key}"),
            format!("/desk/graph?hit={key}"),
            format!("/desk/graph?hit={key}&as=list"),
        ]);
    }
    for number in 0..5 {
        let id = format!("report--0000000{number}-0000-4000-8000-000000000009");
        for view in ["read", "ties", "timeline", "versions", "raw"] {
            paths.push(format!("/desk/object/{id}?view={view}"));
        }
        paths.push(format!("/desk/graph?seed={id}"));
        paths.push(format!("/desk/object/identity--0000000{number}-0000-4000-8000-000000000009"));
    }
    for path in paths {
        browser.open(&ee.url(&path));
        let found = browser.run(
            "return [window.ran ?? 0, document.querySelectorAll('main script, main img, main [onerror], main [onload], [href^=javascript]').length, \
             document.documentElement.outerHTML.length, document.querySelectorAll('h1').length]",
        );
        assert_eq!((&found[0], &found[1], &found[3]), (&0.into(), &0.into(), &1.into()), "{path}");
        assert!(found[2].as_u64().unwrap() < 400_000, "{path} is large: {}", found[2]);
        let wrong = findings(&browser, WRONG);
        assert!(wrong.is_empty(), "{path}: {wrong:?}");
    }
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
    // What is looked for would be found.
    browser.run(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')",
    );
    browser.until("a policy stops it", "return document.querySelectorAll('main img').length === 1");
    assert_eq!(browser.run("return window.ran ?? 0"), 0, "the policy of the page lets no such text run");
}

#[test]
fn pages_read_without_scripts_and_are_quicker_with_them() {
    let desk = Desk::new();
    let ee = Station::new(&desk, "ee-police", "EE", "Estonian cyber unit");
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    hostile(&desk, &ee);
    come_in(&browser, &ee);
    // The palette goes anywhere, keys go along lists, and what is new is told.
    browser.press_with(CONTROL, 'k');
    browser.until("the palette", "return document.querySelector('.palette').open");
    browser.press("198.51.100.3");
    browser.press(&ENTER.to_string());
    browser.until("what was looked for", &at("/desk/find"));
    browser.open(&ee.url("/desk/objects"));
    browser.press("jjj");
    let third = "return document.activeElement === document.querySelectorAll('[data-row]')[2].querySelector('a')";
    browser.until("the third line", third);
    browser.press(&ENTER.to_string());
    browser.until(
        "it opens beside the list",
        "return !!document.querySelector('.drawer') && location.search.includes('open=')",
    );
    browser.until("the same line", third);
    browser.press(&ESCAPE.to_string());
    browser.until("it closes", "return !document.querySelector('.drawer')");
    browser.until("the same line", third);
    browser.press(&[TAB, ENTER].iter().collect::<String>());
    browser.until("what it leads to", "return location.pathname.startsWith('/desk/object/')");
    browser.run("history.back()");
    browser.until("back", &at("/desk/objects"));
    let news = desk.write("news.txt", "New: 203.0.113.77 and 203.0.113.78.");
    std::thread::sleep(Duration::from_secs(1));
    ee.ok(&["ingest", "--as", "ee-police", news.to_str().unwrap()]);
    browser.until("what is new is told", "return !document.querySelector('.live').hidden");
    browser.scripts(false);
    for (path, told) in [
        ("/desk", "Situation"),
        ("/desk/objects", "203.0.113.77"),
        ("/desk/find?q=198.51.100.3", "us-police"),
        ("/desk/hits", "Hits"),
        ("/desk/intake", "Paste a report"),
        ("/desk/ledger", "Log-in"),
    ] {
        browser.open(&ee.url(path));
        let mut source = String::new();
        let is_there = (0..100).any(|_| {
            source = browser.source();
            std::thread::sleep(Duration::from_millis(50));
            source.contains(told)
        });
        assert!(is_there, "{path} without scripts: {}", source.chars().take(2_000).collect::<String>());
    }
    browser.click(".list tbody a, .rail a[href='/desk/network']");
    browser.scripts(true);
}

const CONTROL: char = '\u{e009}';
const ESCAPE: char = '\u{e00c}';

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
