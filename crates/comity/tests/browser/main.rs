//! What people do with a browser, in a real one, and how each page looks: in every language, direction and theme.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod bureau;
#[path = "../common/mod.rs"]
mod common;
mod driver;
mod hostile;
mod pages;
mod persons;
mod provider;
mod station;
mod story;
mod tour;
mod wanted;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use common::Desk;
use driver::Browser;
use station::at;

/// A node that serves pages, with Mari, who has been invited.
struct Serving {
    desk: Desk,
    child: Child,
    url: String,
    pin: String,
}

impl Serving {
    fn new() -> Self {
        Self::with(|_, _| String::new())
    }

    /// With what is added to its settings, once its address is known.
    fn with(settings: impl FnOnce(&Desk, &str) -> String) -> Self {
        let desk = Desk::new();
        desk.ok(&["account", "add", "mari", "--name", "Mari Tamm"]);
        desk.ok(&["account", "grant", "mari", "--role", "analyst", "--unit", "cyber", "--on-case", "2041"]);
        let keys = desk.ok(&["keys"]);
        let pin = keys.split("sha256/").nth(1).unwrap().split_whitespace().next().unwrap();
        let pin = comity_crypto::base64(&comity_crypto::unbase64url(pin).unwrap());
        // Free a moment ago, and most likely still.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("https://localhost:{port}");
        let file = desk.node().join("comity.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let added = settings(&desk, &url);
        std::fs::write(&file, text.replace("[provider]\n", &format!("[provider]\n{added}\n"))).unwrap();
        let mut child = common::command(&desk.node())
            .args(["serve", "--listen", "off", "--network", &format!("127.0.0.1:{port}")])
            .env("COMITY_NETWORK_URL", &url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("Serving"), "{line}");
        Self { desk, child, url, pin }
    }

    /// A code with which Mari sets up her log-in.
    fn invitation(&self) -> String {
        self.desk.ok(&["account", "invite", "mari"]).lines().next().unwrap().to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn somebody_sets_up_a_passkey_comes_in_and_leaves() {
    let node = Serving::new();
    let Some(browser) = Browser::start(&node.pin) else { return };
    browser.plug_in_device();
    browser.open(&format!("{}/desk", node.url));
    browser.until("who is not logged in is asked to", &at("/desk/login"));
    browser.click("main > p > a");
    browser.until("the page for those with an invitation", &at("/desk/enrol"));
    browser.type_in("#account", "mari");
    browser.type_in("#invitation", "guessed");
    browser.click("[data-passkey]");
    browser.until("a guess is refused", "return !document.getElementById('trouble').hidden");
    assert!(browser.text().contains("Nothing more is said"), "{}", browser.text());
    browser.open(&format!("{}/desk/enrol?account=mari", node.url));
    browser.type_in("#invitation", &node.invitation());
    browser.type_in("#label", "office laptop");
    browser.click("[data-passkey]");
    browser.until("the passkey is set up", &at("/desk/login"));
    browser.click("[data-passkey]");
    browser.until("she is in", &at("/desk"));
    browser.open(&format!("{}/desk/me", node.url));
    let text = browser.text();
    for told in ["Mari Tamm", "Analyst", "cyber", "2041", "passkey", "office laptop", "here, now"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    browser.click("form[action='/desk/passkeys/remove'] button");
    browser.until("the passkey is removed", "return document.body.innerText.includes('no passkey yet')");
    browser.click("form[action='/desk/logout'] button");
    browser.until("she is out", &at("/desk/login"));
    browser.click("[data-passkey]");
    browser.until("what was removed opens nothing", "return !document.getElementById('trouble').hidden");
    browser.open(&format!("{}/desk", node.url));
    browser.until("the session is over", &at("/desk/login"));
    // What happened is on record.
    let audit = node.desk.ok(&["audit", "--limit", "100"]);
    for told in ["passkey added", "logged in", "passkey removed"] {
        assert!(audit.contains(told), "{told}: {audit}");
    }
}

#[test]
fn every_page_is_readable_in_every_language_and_theme() {
    let node = Serving::with(|_, _| "issuer = \"https://localhost:1\"\nname = \"Politsei SSO\"".to_owned());
    let Some(browser) = Browser::start(&node.pin) else { return };
    browser.plug_in_device();
    // With both a password and a passkey, so that everything there is shows.
    let password = "a quiet winter morning";
    let typed = format!("{}\n{password}\n{password}\n", node.invitation());
    let enrolled = common::records(&node.desk.feed(&["--json", "enrol", "mari"], typed.as_bytes()).out).remove(0);
    browser.open(&format!("{}/desk/login", node.url));
    for (field, text) in
        [("#account", "mari"), ("#password", password), ("#code", enrolled["recovery"][0].as_str().unwrap())]
    {
        browser.type_in(field, text);
    }
    browser.click("form[action='/desk/login'] button");
    browser.until("she is in", &at("/desk"));
    browser.open(&format!("{}/desk/me", node.url));
    browser.type_in("#label", "office laptop");
    browser.click("#add [data-passkey]");
    browser.until("the passkey is there", "return document.body.innerText.includes('office laptop')");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    for (page, path) in [("login", "/desk/login"), ("enrol", "/desk/enrol"), ("me", "/desk/me")] {
        for language in ["en", "fr", "es", "ar", "de"] {
            for (scheme, contrast) in
                [("light", "no-preference"), ("dark", "no-preference"), ("light", "more"), ("dark", "more")]
            {
                browser.theme(scheme, contrast);
                for (width, height) in [(1366, 768), (360, 740)] {
                    browser.size(width, height);
                    browser.open(&format!("{}{path}?lang={language}", node.url));
                    browser.run("for (const more of document.querySelectorAll('details')) more.open = true;");
                    let name = format!("{page}-{language}-{scheme}-{contrast}-{width}");
                    browser.screenshot(&folder.join(format!("{name}.png")));
                    let wrong = browser.run(WRONG);
                    assert_eq!(wrong, serde_json::json!([]), "{name}");
                }
            }
        }
    }
    // What is looked for would be found.
    browser.theme("light", "no-preference");
    browser
        .run("document.querySelector('h1').style.color = '#ddd'; document.querySelector('dl').style.width = '200rem';");
    assert_eq!(browser.run(WRONG).as_array().unwrap().len(), 2);
    println!("screenshots: {}", folder.display());
}

/// What is wrong with how a page looks and reads: WCAG 2.2 criteria 1.3.1, 1.4.3, 1.4.10, 2.4.2, 2.4.6, 2.5.8, 3.1.1.
const WRONG: &str = r#"
const wrong = [];
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) wrong.push(`wider than the window: ${root.scrollWidth} > ${root.clientWidth}`);
if (root.dir !== (root.lang === "ar" ? "rtl" : "ltr")) wrong.push("direction");
if (!document.title || document.querySelectorAll("h1").length !== 1) wrong.push("title or heading");
const seen = (e) => e.getClientRects().length > 0;
for (const field of document.querySelectorAll("input:not([type=hidden])")) {
  if (seen(field) && !field.labels?.length && !field.ariaLabel) wrong.push(`no label: ${field.id}`);
}
for (const target of document.querySelectorAll("button, main a, nav a, summary")) {
  // A picture has the same as a list beside it (2.5.8, equivalent).
  if (target.closest("svg")) continue;
  const box = target.getBoundingClientRect();
  if (seen(target) && (box.width < 24 || box.height < 24)) wrong.push(`small: ${target.textContent} ${box.width}x${box.height}`);
}
const parts = (color) => color.match(/[\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const of = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  return 0.2126 * of(r) + 0.7152 * of(g) + 0.0722 * of(b);
};
const ground = (e) => {
  for (; e; e = e.parentElement) {
    const color = parts(getComputedStyle(e).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode, e = text.parentElement;
  if (!text.textContent.trim() || !seen(e) || ["NOSCRIPT", "SCRIPT"].includes(e.tagName)) continue;
  const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) wrong.push(`faint: ${text.textContent.trim()} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
}
return wrong;
"#;
