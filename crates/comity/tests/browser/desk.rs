//! What an officer works in all day: the whole way of a case with a mouse and with keys alone, and how every page looks.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::common::{Desk, command, records};
use super::driver::Browser;
use super::{WRONG, at};

/// A node of an organisation, served.
struct Station {
    folder: PathBuf,
    port: u16,
    child: Child,
    /// Where the first log-in is set up.
    first: String,
}

impl Station {
    fn new(desk: &Desk, name: &str, country: &str, full_name: &str) -> Self {
        let said = Desk::run_in(desk.path(), &["init", name, "--country", country, "--name", full_name]);
        assert_eq!(said.code, 0, "{}", said.err);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = desk.path().join(name);
        let mut child =
            Self::at(&folder, port).args(["serve", "--listen", "off"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = || lines.next().unwrap().unwrap();
        let (serving, first) = (told(), told());
        assert!(serving.starts_with("Serving") && first.starts_with("Nobody can log in yet."), "{serving} {first}");
        let told = first.split_once("https://").map(|(_, url)| format!("https://{url}"));
        // It goes on telling, and must not wait for somebody to read.
        std::thread::spawn(move || lines.for_each(drop));
        Self { folder, port, child, first: told.unwrap() }
    }

    fn at(folder: &Path, port: u16) -> Command {
        let mut command = command(folder);
        command.env("COMITY_NETWORK_LISTEN", format!("127.0.0.1:{port}"));
        command.env("COMITY_NETWORK_URL", format!("https://localhost:{port}")).env("USER", "root");
        command
    }

    fn ok(&self, words: &[&str]) -> String {
        let output = Self::at(&self.folder, self.port).args(words).stdin(Stdio::null()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{words:?}: {out}{err}");
        out.into_owned()
    }

    fn json(&self, words: &[&str]) -> Vec<Value> {
        let mut with = vec!["--json"];
        with.extend_from_slice(words);
        records(&self.ok(&with))
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    fn knows(&self, value: &str) -> bool {
        self.json(&["look", value]).iter().any(|reading| reading["known"] == true)
    }

    /// What a browser is told to trust.
    fn pin(&self) -> String {
        let keys = self.ok(&["keys"]);
        let pin = keys.split("sha256/").nth(1).unwrap().split_whitespace().next().unwrap();
        comity_crypto::base64(&comity_crypto::unbase64url(pin).unwrap())
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Asks until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "{what} has not happened");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A police unit and a lab that have agreed; the lab has given what it knows of a panel.
fn world(desk: &Desk) -> (Station, Station) {
    let ee = Station::new(desk, "ee-police", "EE", "Estonian cyber unit");
    let lab = Station::new(desk, "lab-north", "SE", "Lab North");
    let invited = &ee.json(&["peer", "invite", "--name", "Lab North", "--kind", "partner"])[0];
    lab.ok(&["peer", "accept", invited["invitation"].as_str().unwrap()]);
    let flow = |from: &str, to: &str| {
        format!(
            "[[flows]]\nfrom = \"{from}\"\nto = \"{to}\"\nkinds = [\"threat\", \"contact\", \"account\"]\npurposes = \
             [\"investigation\"]\ntlp = \"green\"\nhandling = [\"H0\"]\nonward = \"no\"\n"
        )
    };
    let text = format!(
        "name = \"Cybercrime\"\nversion = 1\nvalid_from = 2026-01-01\nvalid_until = 2099-12-31\n{}{}[queries]\nper_day = \
         1\nper_hour = 1\n[receipts]\nwithin_hours = 24\nsuspend_queries_when_overdue = true\n",
        flow("ee-police", "lab-north"),
        flow("lab-north", "ee-police")
    );
    let file = desk.write("agreement.toml", text);
    ee.ok(&["agreement", "propose", "lab-north", "--file", file.to_str().unwrap()]);
    until("the proposal", || !lab.json(&["agreement", "list"]).is_empty());
    let id = lab.json(&["agreement", "list"])[0]["agreement"]["id"].as_str().unwrap().to_owned();
    lab.ok(&["agreement", "sign", &id]);
    let known = desk.write(
        "panel.txt",
        "A rented panel at 185.220.101.4 pays out to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4.\n",
    );
    lab.ok(&["ingest", "--as", "lab-north", "--tlp", "green", known.to_str().unwrap()]);
    until("what the lab gave", || ee.ok(&["look", "185.220.101.4"]).contains("lab-north"));
    (ee, lab)
}

/// How somebody works.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hands {
    Mouse,
    /// Keys alone: whatever is wanted is reached by Tab.
    Keys,
}

struct Officer<'b> {
    browser: &'b Browser,
    hands: Hands,
}

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

impl Officer<'_> {
    fn click(&self, css: &str) {
        match self.hands {
            Hands::Mouse => self.browser.click(css),
            Hands::Keys => {
                self.reach(css);
                self.browser.press(&ENTER.to_string());
            }
        }
    }

    fn type_in(&self, css: &str, text: &str) {
        match self.hands {
            Hands::Mouse => self.browser.type_in(css, text),
            Hands::Keys => {
                self.reach(css);
                self.browser.press(text);
            }
        }
    }

    /// Sets a mark in a box.
    fn check(&self, css: &str) {
        match self.hands {
            Hands::Mouse => self.browser.click(css),
            Hands::Keys => {
                self.reach(css);
                self.browser.press(" ");
            }
        }
    }

    /// Goes on with Tab until something is focused, and sees that it shows.
    fn reach(&self, css: &str) {
        let is_there = format!("return document.activeElement === document.querySelector(`{css}`)");
        let is_reached = (0..200).any(|_| {
            let is_reached = self.browser.run(&is_there) == true;
            if !is_reached {
                self.browser.press(&TAB.to_string());
            }
            is_reached
        });
        assert!(is_reached, "{css} is not reached with Tab: {}", self.browser.text());
        let shows = "const s = getComputedStyle(document.activeElement); \
                     return s.outlineStyle !== 'none' || document.activeElement.matches('svg a')";
        assert_eq!(self.browser.run(shows), true, "the focus on {css} cannot be seen");
    }

    fn until(&self, what: &str, script: &str) {
        self.browser.until(what, script);
    }

    fn says(&self, text: &str) {
        self.browser
            .until(&format!("the page says {text}"), &format!("return document.body.innerText.includes(`{text}`)"));
    }
}

const REPORT: &str = "Parcel-fee phishing. The server at 185[.]220[.]101[.]4 was seized in Tallinn. Payments went to \
                      bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 and to EE382200221020145685. Ask 8.8.8.8.";

/// The whole way: the first log-in, a report pasted, the hit, the graph, the audience before and after, shared, recalled.
fn story(hands: Hands) {
    let desk = Desk::new();
    let (ee, lab) = world(&desk);
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    browser.plug_in_device();
    browser.size(1366, 768);
    let officer = Officer { browser: &browser, hands };
    browser.open(&ee.first);
    officer.says("first log-in");
    officer.click("[data-passkey]");
    officer.until("the passkey is set up", &at("/desk/login"));
    officer.click("[data-passkey]");
    officer.until("in", &at("/desk"));
    intake(&officer);
    let report = hit(&officer, &ee);
    graph(&officer);
    share(&officer, (&ee, &lab), &report);
    recall(&officer, (&ee, &lab), &report);
    let complaints: Vec<String> =
        browser.complaints().into_iter().filter(|line| !line.contains("status of 4")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

fn intake(officer: &Officer<'_>) {
    officer.click(".rail a[href='/desk/intake']");
    officer.until("intake", &at("/desk/intake"));
    officer.type_in("#text", REPORT);
    officer.type_in("#title", "Case 2041");
    officer.click("form[action='/desk/intake'] > button");
    officer.says("Nothing of this is kept yet");
    // What it holds, who knows it already, what is harmless, and who would be given it.
    for told in ["185.220.101.4", "EE382200221020145685", "lab-north", "8.8.8.8", "Common and harmless"] {
        officer.says(told);
    }
    officer.check("input[name=keep][value='ipv4:8.8.8.8']");
    officer.click("button[formaction$='/commit']");
    officer.says("Take this batch back");
}

fn hit(officer: &Officer<'_>, ee: &Station) -> String {
    until("the hit", || ee.ok(&["hits", "--queue"]).contains("points"));
    officer.click(".rail a[href='/desk/hits']");
    officer.until("hits", &at("/desk/hits"));
    officer.says("Case 2041");
    officer.says("Both hold the");
    assert!(!ee.knows("8.8.8.8"), "what was unmarked is not kept");
    officer.click(".hits a.over");
    officer.says("Why they are linked");
    officer.type_in("#note", "Same panel.");
    officer.click("button[value=confirm]");
    officer.says("Same panel.");
    officer.says("confirmed");
    officer.click("button[value=reopen]");
    officer.until("open again", "return !!document.querySelector('.mark.state-open')");
    let report = officer.browser.run("return document.querySelector('.two .card .thing a').getAttribute('href')");
    report.as_str().unwrap().to_owned()
}

fn graph(officer: &Officer<'_>) {
    officer.click(".acts a[href^='/desk/graph']");
    officer.until("the graph", "return document.querySelectorAll('.graph .node').length >= 4");
    officer.click(".tabs a[href$='as=list']");
    officer.until("as a list", "return document.querySelectorAll('table.list tbody tr').length >= 4");
    officer.click(".tabs a[href$='as=timeline']");
    officer.until("as a timeline", "return !!document.querySelector('table.spans')");
}

fn share(officer: &Officer<'_>, (ee, lab): (&Station, &Station), report: &str) {
    assert!(!lab.knows("EE382200221020145685"), "nothing was given yet");
    officer.browser.open(&ee.url(report));
    officer.says("Nobody outside may see it.");
    officer.click("a[href$='/share']");
    officer.says("With everything of ours that it holds");
    officer.check("input[name=to][value='org:lab-north'], input[name=to][value='lab-north']");
    officer.browser.run("document.getElementById('tlp').value = 'TLP:GREEN'");
    officer.click("button[name=do][value='']");
    officer.says("all of it");
    officer.click("button[name=do][value=yes]");
    officer.says("One organisation may see it");
    until("the lab has it", || lab.knows("EE382200221020145685"));
    until("on record as given", || {
        ee.json(&["deliveries"])[0]["deliveries"].as_array().is_some_and(|all| !all.is_empty())
    });
}

fn recall(officer: &Officer<'_>, (ee, lab): (&Station, &Station), report: &str) {
    officer.browser.open(&ee.url(report));
    officer.click("a[href$='/recall']");
    officer.click("form[action$='/recall'] button");
    until("the receipt", || {
        let recalls = ee.json(&["deliveries"])[0]["recalls"].clone();
        recalls
            .as_array()
            .is_some_and(|all| !all.is_empty() && all.iter().all(|one| !one["recall"]["receipt"].is_null()))
    });
    officer.browser.open(&ee.url("/desk/network/lab-north"));
    officer.says("deleted there, receipt of");
    let id = report.rsplit('/').next().unwrap();
    let gone = Station::at(&lab.folder, lab.port).args(["show", id]).output().unwrap();
    assert!(!String::from_utf8_lossy(&gone.stdout).contains("Case 2041"), "the lab has deleted it");
}

#[test]
fn a_case_goes_its_whole_way_with_a_mouse() {
    story(Hands::Mouse);
}

#[test]
fn a_case_goes_its_whole_way_with_keys_alone() {
    story(Hands::Keys);
}

/// Every page of the desk, and what stands on it.
fn pages(ee: &Station) -> Vec<(&'static str, String)> {
    // The first side of a hit in the queue is the own one.
    let hit = ee.json(&["hits", "--queue"]).into_iter().find(|row| row["key"].is_string()).unwrap();
    let report = hit["one"]["id"].as_str().unwrap().to_owned();
    let key = hit["key"].as_str().unwrap().to_owned();
    let agreement = ee.json(&["agreement", "list"])[0]["agreement"]["id"].as_str().unwrap().to_owned();
    let object = |view: &str| format!("/desk/object/{report}?view={view}");
    vec![
        ("situation", "/desk".into()),
        ("find", "/desk/find?q=185.220.101.4".into()),
        ("find-name", "/desk/find?q=parcel".into()),
        ("find-list", "/desk/find?q=185.220.101.4%0Anothing%20known%0A8.8.4.4".into()),
        ("objects", "/desk/objects".into()),
        ("objects-opened", format!("/desk/objects?open={report}")),
        ("object-read", object("read")),
        ("object-ties", object("ties")),
        ("object-timeline", object("timeline")),
        ("object-versions", object("versions")),
        ("object-audience", object("audience")),
        ("object-raw", object("raw")),
        ("share", format!("/desk/object/{report}/share")),
        ("recall", format!("/desk/object/{report}/recall")),
        ("screening", "/desk/screening".into()),
        ("hits", "/desk/hits".into()),
        ("hit", format!("/desk/hits/{key}")),
        ("graph", format!("/desk/graph?hit={key}")),
        ("graph-list", format!("/desk/graph?hit={key}&as=list")),
        ("graph-timeline", format!("/desk/graph?seed={report}&as=timeline")),
        ("intake", "/desk/intake".into()),
        ("batch", "/desk/intake/2".into()),
        ("network", "/desk/network".into()),
        ("peer", "/desk/network/lab-north".into()),
        ("agreement", format!("/desk/network/agreement/{agreement}")),
        ("ledger", "/desk/ledger".into()),
        ("witnesses", "/desk/ledger/witnesses".into()),
        ("accounts", "/desk/ledger/accounts".into()),
        ("keeping", "/desk/ledger/keeping".into()),
        ("me", "/desk/me".into()),
        ("missing", "/desk/object/indicator--00000000-0000-4000-8000-000000000000".into()),
        ("gallery", "/gallery".into()),
        ("about", "/about".into()),
    ]
}

/// What is looked for in every page beside [`WRONG`]: texts that were cut off, and words that are missing.
const CUT: &str = r#"
const wrong = [];
for (const e of document.querySelectorAll("h1, h2, h3, th, td, dt, dd, label, summary, button, .button, .mark, .rail a span, .tabs a, p")) {
  if (!e.getClientRects().length || e.closest("details:not([open]) > :not(summary), .unseen, dialog, .find, .raw")) continue;
  const s = getComputedStyle(e);
  if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && s.overflowX !== "auto" && s.display !== "inline" && s.textOverflow !== "ellipsis") wrong.push(`cut: ${e.tagName} ${e.textContent.trim().slice(0, 60)} ${e.scrollWidth}>${e.clientWidth}`);
}
if (/\b(kind|property|policy|way|entry|role|purpose|strength)-[a-z]/.test(document.querySelector("main").innerText.replace(/[\w-]+--[\w-]+|property-extension/g, ""))) wrong.push("a message without words");
return wrong;
"#;

#[test]
fn every_page_of_the_desk_is_readable_for_everybody() {
    let desk = Desk::new();
    let (ee, _lab) = world(&desk);
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    let file = desk.write("case.txt", REPORT);
    ee.ok(&["ingest", "--as", "ee-police", "--tlp", "green", file.to_str().unwrap()]);
    until("the hit", || ee.ok(&["hits", "--queue"]).contains("points"));
    come_in(&browser, &ee);
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/axe/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(axe).ok();
    if axe.is_none() {
        println!("skipped: no rules of accessibility here (`./test` installs them into target/axe where there is npm)");
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    let mut wrong = Vec::new();
    browser.open(&ee.url("/desk/intake"));
    browser.type_in("#text", REPORT);
    browser.click("form[action='/desk/intake'] > button");
    browser.until("the draft", "return location.pathname.startsWith('/desk/intake/draft/')");
    let draft = browser.run("return location.pathname").as_str().unwrap().to_owned();
    for (page, path) in pages(&ee).into_iter().chain([("draft", draft)]) {
        for language in ["en", "fr", "es", "ar", "de"] {
            browser.size(1366, 768);
            let mark = if path.contains('?') { '&' } else { '?' };
            browser.open(&ee.url(&format!("{path}{mark}lang={language}")));
            for (theme, scheme, contrast) in
                [("dark", "dark", "no-preference"), ("contrast", "light", "more"), ("light", "light", "no-preference")]
            {
                browser.theme(scheme, contrast);
                let name = format!("desk-{page}-{language}-{theme}");
                browser.screenshot(&folder.join(format!("{name}.png")));
                let mut found = findings(&browser, WRONG);
                found.extend(findings(&browser, CUT));
                // The rules know nothing of languages but the direction they are written in.
                if let Some(axe) = axe.as_ref().filter(|_| matches!(language, "en" | "ar")) {
                    found.extend(violations(&browser, axe));
                }
                wrong.extend(found.into_iter().map(|found| format!("{name}: {found}")));
            }
            browser.size(360, 740);
            let narrow = findings(&browser, WRONG);
            wrong.extend(narrow.into_iter().map(|found| format!("desk-{page}-{language}-360: {found}")));
            if language == "en" || language == "ar" {
                browser.screenshot(&folder.join(format!("desk-{page}-{language}-360.png")));
            }
        }
    }
    let complaints: Vec<String> =
        browser.complaints().into_iter().filter(|line| !line.contains("status of 404")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    println!("screenshots: {}", folder.display());
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

fn findings(browser: &Browser, script: &str) -> Vec<String> {
    browser.run(script).as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// What breaks a rule of axe-core on the page.
fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    if browser.run("return !window.axe") == true {
        browser.run(axe);
    }
    let script = "const told = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then((r) => told(r.violations.map((v) => \
                  `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 3).join(' | ')}`)));";
    browser.wait_for(script).as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Comes in as the first account.
fn come_in(browser: &Browser, ee: &Station) {
    browser.plug_in_device();
    browser.size(1366, 768);
    browser.open(&ee.first);
    browser.click("[data-passkey]");
    browser.until("the passkey is set up", &at("/desk/login"));
    browser.click("[data-passkey]");
    browser.until("in", &at("/desk"));
}

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
            ]});
            let file = desk.write(&format!("hostile-{number}.json"), bundle.to_string());
            ee.ok(&["ingest", "--as", owner, "--tlp", "green", file.to_str().unwrap()]);
        }
    }
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
        assert!(browser.source().contains(told), "{path} without scripts");
    }
    browser.click(".list tbody a, .rail a[href='/desk/network']");
    browser.scripts(true);
}

const CONTROL: char = '\u{e009}';
const ESCAPE: char = '\u{e00c}';
