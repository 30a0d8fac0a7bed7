//! Throwaway PostgreSQL servers for tests and benchmarks.
//!
//! [`shared`] gives an address that all tests of one checkout use, each with a schema of its own; the first to
//! ask starts the server, `cargo xtask postgres stop` ends it. [`Cluster`] is a server of one's own, to be
//! restarted, killed and filled up.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// One server, stopped and deleted when this is dropped, unless it was told to stay.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    settings: String,
    stays: bool,
}

impl Cluster {
    /// Makes and starts a server in an empty folder that this user, or `postgres` where this is root, may reach.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the text says what it said.
    pub fn start(folder: &Path, settings: &[(&str, &str)]) -> io::Result<Self> {
        let programs = programs().ok_or_else(|| io::Error::other("PostgreSQL is not installed"))?;
        fs::create_dir_all(folder)?;
        if let Some((uid, gid)) = other_user() {
            chown(folder, Some(uid), Some(gid))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut text = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\nmax_connections = 200\n\
             logging_collector = off\nlog_min_messages = warning\ntimezone = UTC\n",
            folder.display()
        );
        for (name, value) in settings {
            text.extend([name, " = '", value, "'\n"]);
        }
        let cluster = Self { folder: folder.to_owned(), programs, port, settings: text, stays: false };
        let data = cluster.data();
        if !data.exists() {
            cluster.run("initdb", &["-D", path(&data)?, "-U", "comity", "-A", "trust", "-E", "UTF8", "-N"])?;
        }
        let file = data.join("postgresql.auto.conf");
        fs::write(&file, &cluster.settings)?;
        if let Some((uid, gid)) = other_user() {
            chown(&file, Some(uid), Some(gid))?;
        }
        cluster.up()?;
        Ok(cluster)
    }

    /// Starts the server again after [`Self::down`].
    ///
    /// # Errors
    /// When it does not start.
    pub fn up(&self) -> io::Result<()> {
        let (data, log) = (self.data(), self.folder.join("log"));
        self.run("pg_ctl", &["-D", path(&data)?, "-l", path(&log)?, "-w", "-t", "60", "start"])
    }

    /// Stops it: `fast` in good order, `immediate` as if its power had been cut.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn down(&self, mode: &str) -> io::Result<()> {
        self.run("pg_ctl", &["-D", path(&self.data())?, "-w", "-t", "60", "-m", mode, "stop"])
    }

    /// The address of a schema in its one database.
    pub fn address(&self, schema: &str) -> String {
        format!("{}?schema={schema}", self.base())
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets it run on when this is dropped.
    #[must_use]
    pub fn stay(mut self) -> Self {
        self.stays = true;
        self
    }

    /// Runs statements with the server's own client; what it prints, bare.
    ///
    /// # Errors
    /// When a statement fails.
    pub fn sql(&self, text: &str) -> io::Result<String> {
        let psql = self.programs.join("psql");
        let output = Command::new(psql).args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text, &self.base()]).output()?;
        if output.status.success() {
            return Ok(said(&output));
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// CPU seconds of all its processes so far, those that ended included.
    pub fn cpu_seconds(&self) -> f64 {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let postmaster: u32 = pid.lines().next().and_then(|line| line.parse().ok()).unwrap_or(0);
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let rest: Vec<u64> =
                stat.rsplit(')').next()?.split_whitespace().skip(1).map(|n| n.parse().unwrap_or(0)).collect();
            let own = rest.get(10)? + rest.get(11)?;
            if entry.file_name().to_str()?.parse() == Ok(postmaster) {
                // Of those that ended, it keeps the account.
                return Some(own + rest.get(12)? + rest.get(13)?);
            }
            (rest.first() == Some(&u64::from(postmaster))).then_some(own)
        });
        processes.sum::<u64>() as f64 / 100.0
    }

    fn base(&self) -> String {
        format!("postgres://comity@127.0.0.1:{}/postgres", self.port)
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn run(&self, program: &str, words: &[&str]) -> io::Result<()> {
        let mut command = Command::new(self.programs.join(program));
        command.args(words).current_dir(&self.folder).stdin(Stdio::null());
        if let Some((uid, gid)) = other_user() {
            command.uid(uid).gid(gid);
        }
        // A server keeps what it inherits: files, not pipes, or whoever reads those waits for ever.
        let out = self.folder.join(format!("{program}.out"));
        let output = File::create(&out)?;
        let status = command.stdout(output.try_clone()?).stderr(output).status()?;
        if status.success() {
            return Ok(());
        }
        let said = fs::read_to_string(&out).unwrap_or_default();
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(io::Error::other(format!("{program} failed: {said}\n{log}")))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.stays {
            drop(self.down("immediate"));
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// The name of a schema that nothing on a shared server has, also where it has run for days: process numbers come again.
pub fn fresh(name: &str) -> String {
    // The keys of its hashes are the one thing that the standard library draws at random.
    format!("{name}_{:016x}", RandomState::new().build_hasher().finish())
}

/// The address of the server all tests share, without a schema; started now when it does not run. `None`, and a
/// line that says so, where PostgreSQL is not installed. `COMITY_TEST_POSTGRES` names another server to use.
///
/// # Panics
/// When it is installed but does not start.
#[expect(clippy::expect_used, reason = "a test that cannot begin fails")]
pub fn shared() -> Option<String> {
    if let Ok(address) = std::env::var("COMITY_TEST_POSTGRES") {
        return Some(address);
    }
    if programs().is_none() {
        println!("skipped: PostgreSQL is not installed");
        return None;
    }
    let folder = shared_folder();
    fs::create_dir_all(&folder).expect("a folder for the shared server");
    let lock = File::create(folder.with_extension("lock")).expect("a lock for the shared server");
    lock.lock().expect("the lock of the shared server");
    let noted = folder.with_extension("address");
    if let Ok(address) = fs::read_to_string(&noted)
        && is_up(&address)
    {
        return Some(address);
    }
    stop_shared();
    let settings = [("fsync", "off"), ("full_page_writes", "off"), ("shared_buffers", "256MB")];
    let cluster = Cluster::start(&folder, &settings).expect("the shared server").stay();
    fs::write(&noted, cluster.base()).expect("the address of the shared server");
    Some(cluster.base())
}

/// Stops the shared server and deletes what it holds.
pub fn stop_shared() {
    let folder = shared_folder();
    if let Some(programs) = programs() {
        let cluster = Cluster { folder: folder.clone(), programs, port: 0, settings: String::new(), stays: false };
        drop(cluster);
    }
    drop(fs::remove_file(folder.with_extension("address")));
}

fn is_up(address: &str) -> bool {
    let port = address.rsplit(':').next().and_then(|rest| rest.split('/').next()).and_then(|port| port.parse().ok());
    port.is_some_and(|port: u16| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())
}

/// Outside the checkout, since `postgres` may not be allowed to look into it; named after it.
fn shared_folder() -> PathBuf {
    let checkout = env!("CARGO_MANIFEST_DIR").bytes();
    let name = checkout.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    std::env::temp_dir().join(format!("comity-postgres-{name:016x}"))
}

/// The folder of PostgreSQL's programs, the newest version there is.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = versions.map(|version| version.join("bin")).collect();
    found.sort_by_key(|path| path.parent().and_then(|v| v.file_name()?.to_str()?.parse::<u32>().ok()));
    let asked = Command::new("pg_config").arg("--bindir").output().ok().map(|output| said(&output)).map(PathBuf::from);
    found.into_iter().rev().chain(asked).find(|path| path.join("initdb").is_file() && path.join("pg_ctl").is_file())
}

/// PostgreSQL refuses to run as root: then it runs as the user its package made.
fn other_user() -> Option<(u32, u32)> {
    let id = |words: &[&str]| Command::new("id").args(words).output().ok().map(|output| said(&output))?.parse().ok();
    let own: u32 = id(&["-u"])?;
    (own == 0).then(|| Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?))).flatten()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn path(path: &Path) -> io::Result<&str> {
    path.to_str().ok_or_else(|| io::Error::other("a path is no text"))
}
