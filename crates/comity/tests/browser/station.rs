//! Nodes of organisations that are served, and somebody who comes in.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::common::{Desk, command, records};
use super::driver::Browser;

/// A node of an organisation, served.
pub(crate) struct Station {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    child: Child,
    /// Where the first log-in is set up.
    pub(crate) first: String,
}

impl Station {
    pub(crate) fn new(desk: &Desk, name: &str, country: &str, full_name: &str) -> Self {
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

    pub(crate) fn at(folder: &Path, port: u16) -> Command {
        let mut command = command(folder);
        command.env("COMITY_NETWORK_LISTEN", format!("127.0.0.1:{port}"));
        command.env("COMITY_NETWORK_URL", format!("https://localhost:{port}")).env("USER", "root");
        command
    }

    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let output = Self::at(&self.folder, self.port).args(words).stdin(Stdio::null()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{words:?}: {out}{err}");
        out.into_owned()
    }

    pub(crate) fn json(&self, words: &[&str]) -> Vec<Value> {
        let mut with = vec!["--json"];
        with.extend_from_slice(words);
        records(&self.ok(&with))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub(crate) fn knows(&self, value: &str) -> bool {
        self.json(&["look", value]).iter().any(|reading| reading["known"] == true)
    }

    /// What a browser is told to trust.
    pub(crate) fn pin(&self) -> String {
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
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "{what} has not happened");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A police unit and a lab that have agreed; the lab has given what it knows of a panel.
pub(crate) fn world(desk: &Desk) -> (Station, Station) {
    let ee = Station::new(desk, "ee-police", "EE", "Estonian cyber unit");
    let lab = Station::new(desk, "lab-north", "SE", "Lab North");
    let terms = "kinds = [\"threat\", \"contact\", \"account\"]\npurposes = [\"investigation\"]\ntlp = \"green\"\nhandling = [\"H0\"]";
    agree(desk, (&ee, "ee-police"), (&lab, "lab-north"), ("partner", terms));
    let known = desk.write(
        "panel.txt",
        "A rented panel at 185.220.101.4 pays out to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4.\n",
    );
    lab.ok(&["ingest", "--as", "lab-north", "--tlp", "green", known.to_str().unwrap()]);
    until("what the lab gave", || ee.ok(&["look", "185.220.101.4"]).contains("lab-north"));
    (ee, lab)
}

/// Connects two, as peers of a kind, and has them agree that whatever meets these terms goes both ways.
pub(crate) fn agree(desk: &Desk, one: (&Station, &str), other: (&Station, &str), (kind, terms): (&str, &str)) {
    let invited = &one.0.json(&["peer", "invite", "--name", other.1, "--kind", kind])[0];
    other.0.ok(&["peer", "accept", invited["invitation"].as_str().unwrap()]);
    let flow =
        |from: &str, to: &str| format!("[[flows]]\nfrom = \"{from}\"\nto = \"{to}\"\n{terms}\nonward = \"no\"\n");
    let text = format!(
        "name = \"Cybercrime\"\nversion = 1\nvalid_from = 2026-01-01\nvalid_until = 2099-12-31\n{}{}[queries]\nper_day = \
         1\nper_hour = 1\n[receipts]\nwithin_hours = 24\nsuspend_queries_when_overdue = true\n",
        flow(one.1, other.1),
        flow(other.1, one.1)
    );
    let file = desk.write("agreement.toml", text);
    one.0.ok(&["agreement", "propose", other.1, "--file", file.to_str().unwrap()]);
    until("the proposal", || !other.0.json(&["agreement", "list"]).is_empty());
    let id = other.0.json(&["agreement", "list"])[0]["agreement"]["id"].as_str().unwrap().to_owned();
    other.0.ok(&["agreement", "sign", &id]);
}

/// Comes in as the first account.
pub(crate) fn come_in(browser: &Browser, ee: &Station) {
    browser.plug_in_device();
    browser.size(1366, 768);
    browser.open(&ee.first);
    browser.click("[data-passkey]");
    browser.until("the passkey is set up", &at("/desk/login"));
    browser.click("[data-passkey]");
    browser.until("in", &at("/desk"));
}

/// Says of a page that it is there.
pub(crate) fn at(path: &str) -> String {
    format!("return location.pathname === '{path}' && document.readyState === 'complete'")
}

/// What somebody pastes.
pub(crate) const REPORT: &str = "Parcel-fee phishing. The server at 185[.]220[.]101[.]4 was seized in Tallinn. Payments went to \
                      bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 and to EE382200221020145685. Ask 8.8.8.8.";
