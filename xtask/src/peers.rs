use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::clients::{free_port, said, text, wait_for};
use crate::{bench, venv};

/// Puts the same work to public TAXII servers and to a node, one after the other on this machine, and writes what each
/// does in a second of its own processor time. They answer over plain HTTP; the node over TLS.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let scripts = root.join("../shared/bench/peers");
    if !scripts.join("taxii_bench.py").is_file() {
        println!("peers: skipped, as {} is not here", scripts.display());
        return Ok(());
    }
    let folder = root.join("target/peers");
    fs::create_dir_all(&folder)?;
    // Each its own: they want different versions of what they share.
    let environment = |name: &str, packages: &[&str]| {
        let folder = folder.join("venvs").join(name);
        fs::create_dir_all(&folder)?;
        venv::python(&folder, packages)
    };
    let medallion = environment("medallion", &["medallion==3.0.0"])?;
    let Some((python, medallion)) =
        environment("opentaxii", &["opentaxii==0.9.3", "gunicorn", "flask<2.3", "werkzeug<2.3", "sqlalchemy<2"])?
            .zip(medallion)
    else {
        println!("peers: skipped, as pip reaches no index here to install medallion and opentaxii");
        return Ok(());
    };
    let work = Work { scripts, folder, python, medallion };
    let medallion = work.peer("medallion", SMALL)?;
    let opentaxii = work.peer("opentaxii", OBJECTS)?;
    let node = Node::new(&root, &work)?;
    let post = node.measure(&["--phases", "post", "--batch", "100", "--collection", "inbox"], OBJECTS)?;
    let limits = ["1000"; ROUNDS].join(",");
    let before = node.cpu()?;
    node.measure(&["--phases", "page", "--limits", &limits, "--collection", "everything"], OBJECTS)?;
    let get = (OBJECTS * ROUNDS) as f64 / (node.cpu()? - before);
    let post = rate(&post, "/post/objects_per_cpu_s")?;
    let mut figures = Vec::new();
    for (name, of, objects) in [("OpenTAXII", &opentaxii, OBJECTS), ("medallion", &medallion, SMALL)] {
        let theirs = rate(of, "/post/objects_per_cpu_s")?;
        let wanted = if name == "medallion" { 8.0 } else { 100.0 };
        figures.push(figure(&format!("{name}: POST of 100, {objects} objects"), theirs, "objects/CPU-s", None));
        figures.push(figure(&format!("POST, times {name}"), post / theirs, "times", Some(wanted)));
        let theirs = rate(of, "/page_1000/objects_per_cpu_s")?;
        let wanted = (name == "OpenTAXII").then_some(30.0);
        figures.push(figure(&format!("{name}: GET pages of 1,000, {objects} objects"), theirs, "objects/CPU-s", None));
        figures.push(figure(&format!("GET, times {name}"), get / theirs, "times", wanted));
    }
    figures.push(figure("node, TLS, durable: POST of 100, 10,000 objects", post, "objects/CPU-s", None));
    figures.push(figure("node, TLS: GET pages of 1,000, 10,000 objects", get, "objects/CPU-s", None));
    bench::publish("taxii-peers", &figures)
}

/// Where the scripts are and what runs them.
struct Work {
    scripts: PathBuf,
    folder: PathBuf,
    /// The interpreter with OpenTAXII, which also runs the client.
    python: PathBuf,
    medallion: PathBuf,
}

impl Work {
    /// What a public server does with so many objects.
    fn peer(&self, name: &str, objects: usize) -> anyhow::Result<Value> {
        println!("peers: {name}, {objects} objects");
        let place = self.folder.join(name);
        drop(fs::remove_dir_all(&place));
        fs::create_dir_all(&place)?;
        let done = Command::new("bash")
            .arg(self.scripts.join(format!("run_{name}.sh")))
            .arg(objects.to_string())
            .envs([("VENV", self.environment(name)?), ("W", place.clone())])
            .env("PH", "post,page")
            .stdout(Stdio::null())
            .status()?;
        let result = place.join(format!("{name}-{objects}.json"));
        if !done.success() || !result.is_file() {
            bail!("{name} did not come to its end; its words are in {}", place.display());
        }
        Ok(serde_json::from_slice(&fs::read(result)?)?)
    }
}

impl Work {
    /// Where the scripts find a server's programs. They speak to newer versions than an index has.
    fn environment(&self, name: &str) -> anyhow::Result<PathBuf> {
        let (interpreter, programs) = match name {
            "medallion" => (&self.medallion, &[("medallion", OLDER_MEDALLION)][..]),
            _ => (&self.python, &[("opentaxii-add-api-root", OLDER_OPENTAXII), ("gunicorn", WRITES_UUIDS)][..]),
        };
        let shim = self.folder.join("shims").join(name);
        let bin = shim.join("bin");
        drop(fs::remove_dir_all(&bin));
        fs::create_dir_all(&bin)?;
        for entry in fs::read_dir(interpreter.parent().context("an interpreter lies in a folder")?)? {
            let path = entry?.path();
            symlink(&path, bin.join(path.file_name().unwrap_or_default()))?;
        }
        for (program, text) in programs {
            let program = bin.join(program);
            fs::remove_file(&program)?;
            fs::write(&program, format!("#!{}\n{text}", interpreter.display()))?;
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        }
        Ok(shim)
    }
}

/// A node that serves, with a secret of its own organisation.
struct Node {
    address: String,
    secret: String,
    serving: Child,
    client: PathBuf,
    data: PathBuf,
    python: PathBuf,
}

impl Node {
    fn new(root: &Path, work: &Work) -> anyhow::Result<Self> {
        let built =
            Command::new(env!("CARGO")).args(["build", "--release", "-p", "comity"]).current_dir(root).status()?;
        if !built.success() {
            bail!("comity does not build");
        }
        let home = work.folder.join("ee-police");
        drop(fs::remove_dir_all(&home));
        let program = root.join("target/release/comity");
        let comity = |place: &Path, words: &[&str]| said(Command::new(&program).current_dir(place).args(words));
        comity(&work.folder, &["init", "ee-police", "--country", "EE", "--name", "Estonian police"])?;
        let secret = text(&comity(&home, &["--json", "peer", "token", "ee-police"])?, "/secret")?;
        let network = format!("127.0.0.1:{}", free_port()?);
        let serving = Command::new(&program)
            .current_dir(&home)
            .args(["serve", "--network", &network, "--listen", "off"])
            .env("COMITY_NETWORK_REQUESTS_A_SECOND", "0")
            .env("COMITY_NETWORK_CONNECTIONS_A_SECOND", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("starting the node")?;
        wait_for(&network)?;
        let data = work.folder.join("opentaxii/data.jsonl");
        let (client, python) = (work.scripts.join("taxii_bench.py"), work.python.clone());
        Ok(Self { address: format!("https://{network}/taxii2/root/"), secret, serving, client, data, python })
    }

    /// The same client over TLS.
    fn measure(&self, words: &[&str], objects: usize) -> anyhow::Result<Value> {
        println!("peers: node, {}", words.join(" "));
        let (data, pid) = (self.data.to_string_lossy(), self.serving.id().to_string());
        let mut command = Command::new(&self.python);
        command
            .args(["-c", OVER_TLS])
            .arg(&self.client)
            .args(["--root", &self.address, "--user", "Bearer", "--password", &self.secret])
            .args(["--data", &data, "--n", &objects.to_string(), "--pid", &pid])
            .args(words)
            .stderr(Stdio::null());
        Ok(serde_json::from_str(&said(&mut command)?)?)
    }

    /// Processor seconds of the node so far.
    fn cpu(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.serving.id()))?;
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).map(str::parse::<u64>).sum::<Result<_, _>>()?;
        Ok(ticks as f64 / 100.0)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.serving.kill());
        drop(self.serving.wait());
    }
}

fn rate(of: &Value, pointer: &str) -> anyhow::Result<f64> {
    of.pointer(pointer).and_then(Value::as_f64).with_context(|| format!("no {pointer} in {of}"))
}

fn figure(name: &str, value: f64, unit: &str, target: Option<f64>) -> Value {
    json!({"figure": name, "value": value, "unit": unit, "target": target, "better": "higher"})
}

/// Objects for everyone but medallion, which needs seconds a page for so many.
const OBJECTS: usize = 10_000;
/// Objects for medallion.
const SMALL: usize = 1_000;
/// How often the node is read, so that its processor time can be told from nothing.
const ROUNDS: usize = 50;
/// Takes the words and the configuration of medallion 4 and gives them to medallion 3.
const OLDER_MEDALLION: &str = "\
import json, sys
path = sys.argv[sys.argv.index('-c') + 1]
config = json.load(open(path))
config['backend']['module'] = 'medallion.backends.memory_backend'
data = json.load(open(config['backend']['filename']))
data['discovery'] = data.pop('/discovery')
json.dump(data, open(config['backend']['filename'], 'w'))
json.dump(config, open(path, 'w'))
sys.argv = ['medallion', '--host', '127.0.0.1', '--port', '5001', '--log-level', 'ERROR', path]
from medallion.scripts.run import main
main()
";
/// Gives the first API root of OpenTAXII 0.9 the id and the openness that later versions are told beforehand.
const OLDER_OPENTAXII: &str = "\
import os, sqlite3, sys, yaml
wanted = sys.argv[sys.argv.index('--id') + 1].replace('-', '')
sys.argv = ['add', '-t', 'Default', '-d', 'd', '--default']
from opentaxii.cli.persistence import add_api_root
add_api_root()
config = yaml.safe_load(open(os.environ['OPENTAXII_CONFIG']))
path = config['taxii2']['persistence_api']['parameters']['db_connection'].removeprefix('sqlite:///')
with sqlite3.connect(path) as database:
    database.execute('update opentaxii_api_root set id = ?, is_public = 1', (wanted,))
";
/// OpenTAXII 0.9 answers a POST with 500 where it meets a UUID in its own answer.
const WRITES_UUIDS: &str = "\
import json, uuid
default = json.JSONEncoder.default
json.JSONEncoder.default = lambda self, o: str(o) if isinstance(o, uuid.UUID) else default(self, o)
from gunicorn.app.wsgiapp import run
run()
";
/// The client knows plain HTTP only; the node's certificate is its own.
const OVER_TLS: &str = "\
import functools, http.client, runpy, ssl, sys
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
http.client.HTTPConnection = functools.partial(http.client.HTTPSConnection, context=context)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name='__main__')
";
