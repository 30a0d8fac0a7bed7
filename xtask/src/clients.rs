use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::venv;

/// Plays the real clients of others against a real node: taxii2-client, stix2, PyMISP.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let folder = root.join("target/clients");
    fs::create_dir_all(&folder)?;
    let Some(python) = venv::python(&folder, PACKAGES)? else {
        println!("clients: skipped, as pip reaches no index here to install {}", PACKAGES.join(", "));
        return Ok(());
    };
    let stand = Stand::new(&root, &folder)?;
    let mut failed = Vec::new();
    for check in ["taxii_check.py", "pymisp_check.py"] {
        let script = root.join("tools/clients").join(check);
        if !script.is_file() {
            println!("clients: there is no {check}");
            continue;
        }
        println!("clients: {check}");
        let status = Command::new(&python)
            .arg(&script)
            .args([&stand.address, &stand.token])
            .env("REQUESTS_CA_BUNDLE", &stand.certificate)
            .status()?;
        if !status.success() {
            failed.push(check);
        }
    }
    if !failed.is_empty() {
        bail!("{} found a mismatch; the node's words are in target/clients/node.log", failed.join(" and "));
    }
    Ok(())
}

/// A node that serves, with a tool that may read and bring.
struct Stand {
    address: String,
    token: String,
    certificate: PathBuf,
    node: Child,
}

impl Stand {
    fn new(root: &Path, folder: &Path) -> anyhow::Result<Self> {
        let built =
            Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "comity"]).current_dir(root).status()?;
        if !built.success() {
            bail!("comity does not build");
        }
        let home = folder.join("ee-police");
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        let program = root.join("target/debug/comity");
        let comity = |place: &Path, words: &[&str]| said(Command::new(&program).current_dir(place).args(words));
        comity(folder, &["init", "ee-police", "--country", "EE", "--name", "Estonian police"])?;
        let examples = ["quietparcel.stix.json", "case-2041.misp.json"].map(|name| root.join("examples").join(name));
        let [stix, misp] = examples.each_ref().map(|path| path.to_string_lossy());
        comity(&home, &["ingest", "--as", "ee-police", &stix, &misp])?;
        comity(&home, &["peer", "add", "duty-room", "--name", "Duty room", "--kind", "member", "--country", "SE"])?;
        fs::write(home.join("agreement.toml"), AGREEMENT)?;
        let made = comity(&home, &["--json", "agreement", "propose", "duty-room", "--file", "agreement.toml"])?;
        let id = text(&made, "/agreement/id")?;
        comity(&home, &["agreement", "sign", &id, "--on-paper", "drawer 4"])?;
        let token = text(&comity(&home, &["--json", "peer", "token", "duty-room"])?, "/secret")?;
        let [network, health] = [free_port()?, free_port()?].map(|port| format!("127.0.0.1:{port}"));
        let log = fs::File::create(folder.join("node.log"))?;
        let node = Command::new(&program)
            .current_dir(&home)
            .args(["serve", "--network", &network, "--listen", &health])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting the node")?;
        let port = network.rsplit(':').next().unwrap_or_default();
        let stand =
            Self { address: format!("https://localhost:{port}"), token, certificate: folder.join("node.pem"), node };
        wait_for(&network)?;
        fs::write(&stand.certificate, certificate(&network)?)?;
        Ok(stand)
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        drop(self.node.kill());
        drop(self.node.wait());
    }
}

/// What a command printed.
pub(crate) fn said(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("running {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(crate) fn text(json: &str, at: &str) -> anyhow::Result<String> {
    let value: Value = serde_json::from_str(json).with_context(|| format!("reading {json}"))?;
    value.pointer(at).and_then(Value::as_str).map(str::to_owned).with_context(|| format!("no {at} in {json}"))
}

pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub(crate) fn wait_for(address: &str) -> anyhow::Result<()> {
    for _ in 0..300 {
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(100));
    }
    bail!("the node does not listen on {address}; its words are in target/clients/node.log, or above")
}

/// The certificate the node shows.
fn certificate(address: &str) -> anyhow::Result<String> {
    let mut asked = Command::new("openssl");
    asked.args(["s_client", "-connect", address, "-servername", "localhost"]).stdin(Stdio::null());
    let told = said(&mut asked)?;
    let begin = told.find(BEGIN).context("openssl shows no certificate")?;
    let rest = told.get(begin..).unwrap_or_default();
    let end = rest.find(END).context("openssl shows half a certificate")? + END.len();
    Ok(format!("{}\n", rest.get(..end).unwrap_or_default()))
}

const PACKAGES: &[&str] = &["taxii2-client==2.3.0", "stix2==3.0.2", "pymisp==2.5.34.4"];
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const AGREEMENT: &str = r#"name = "Estonia and a duty room"
version = 1
valid_from = 2026-01-01
valid_until = 2040-12-31
[[flows]]
from = "ee-police"
to = "duty-room"
kinds = ["threat", "account", "contact"]
purposes = ["investigation", "prevention"]
tlp = "amber"
handling = ["H0", "H1"]
onward = "no"
[[flows]]
from = "duty-room"
to = "ee-police"
kinds = ["threat", "account", "contact"]
purposes = ["investigation", "prevention"]
tlp = "amber"
handling = ["H0", "H1"]
onward = "no"
[queries]
per_day = 5000
per_hour = 1000
[receipts]
within_hours = 24
suspend_queries_when_overdue = true
"#;
