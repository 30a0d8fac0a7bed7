//! The node's keys at rest: sealed in the node's folder, opened with a secret that is kept elsewhere.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use comity_base::Timestamp;
use comity_crypto::seal::{self, Unlock, UnlockKey};
use comity_crypto::{NodeKeys, Zeroizing};
use comity_tls::{Identity, make_identity};

use crate::config::Config;

/// How long peers are told of a new TLS key before it is presented to them.
pub(crate) const NOTICE: Duration = Duration::from_hours(7 * 24);

/// The keys as they were found.
pub(crate) struct Opened {
    pub(crate) keys: NodeKeys,
    /// What they were opened with; none when they lie there in the clear, as the first version wrote them.
    pub(crate) with: Option<Source>,
}

/// Where the secret comes from that opens the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The passphrase in the environment.
    Environment,
    /// What the command that the environment names prints: of a token, a TPM, a key service.
    Command,
    /// The file that the environment names.
    Named(PathBuf),
    /// The file in the node's folder, which `init` writes when nothing else is given.
    Beside(PathBuf),
}

/// A secret that opens keys.
pub(crate) struct Found {
    pub(crate) source: Source,
    unlock: Unlock,
}

/// What the environment says about the secret.
#[derive(Default)]
struct Said {
    passphrase: Option<String>,
    command: Option<String>,
    file: Option<PathBuf>,
}

/// Opens the node's keys.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Opened> {
    open_said(folder, Said::here()?)
}

/// Opens sealed keys with this secret.
pub(crate) fn open_with(folder: &Path, unlock: &Unlock) -> anyhow::Result<NodeKeys> {
    let path = folder.join(FILE);
    let text = Zeroizing::new(fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?);
    let opened = seal::open(unlock, BELONGS, &text).with_context(|| format!("opening {}", path.display()))?;
    let text = std::str::from_utf8(&opened).ok().with_context(|| format!("{} holds no text", path.display()))?;
    NodeKeys::from_text(text).with_context(|| path.display().to_string())
}

/// Makes the keys of a new node, with an identity for TLS, unless there are some: an `init` that was cut off made them,
/// or somebody brought them.
pub(crate) fn create(folder: &Path, organisation: &str, now: Timestamp) -> anyhow::Result<Opened> {
    if folder.join(FILE).exists() {
        return open(folder);
    }
    let found = found_or_made(folder, Said::here()?)?;
    let mut keys = NodeKeys::generate_at(now)?;
    keys.add_tls(new_tls(organisation, &[], now)?.to_secret(now));
    write(folder, &keys, &found)?;
    Ok(Opened { keys, with: Some(found.source) })
}

/// What opens the keys of the node in a folder, to seal or open something else of the node's with; none where its keys lie
/// there in the clear and nothing else is said.
pub(crate) fn unlock(folder: &Path) -> anyhow::Result<Option<(Unlock, Source)>> {
    Ok(find(folder, Said::here()?)?.map(|found| (found.unlock, found.source)))
}

/// Changes the keys; one process at a time does. They are sealed afterwards, whatever they were before.
pub(crate) fn change<T>(
    folder: &Path,
    change: impl FnOnce(&mut NodeKeys) -> anyhow::Result<T>,
) -> anyhow::Result<(T, Source)> {
    let lock = lock(folder)?;
    let Opened { mut keys, .. } = open(folder)?;
    let result = change(&mut keys)?;
    let found = found_or_made(folder, Said::here()?)?;
    write(folder, &keys, &found)?;
    drop(lock);
    Ok((result, found.source))
}

/// Seals the keys anew, so that only the secret in this file opens them from now on.
pub(crate) fn reseal(folder: &Path, with: &Path) -> anyhow::Result<()> {
    let lock = lock(folder)?;
    let Opened { keys, .. } = open(folder)?;
    write(folder, &keys, &Found::read(Source::Named(with.to_owned()), with)?)?;
    drop(lock);
    Ok(())
}

/// A new identity for TLS; without hosts it is for this machine.
pub(crate) fn new_tls(organisation: &str, hosts: &[String], now: Timestamp) -> anyhow::Result<Identity> {
    let mut hosts = hosts.to_vec();
    if hosts.is_empty() {
        hosts.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        let name = fs::read_to_string("/etc/hostname").unwrap_or_default().trim().to_ascii_lowercase();
        let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        hosts.extend(Some(name).filter(|name| is_plain && !name.is_empty()));
    }
    // Clocks differ; and a certificate that is valid for longer is refused by some clients.
    let (start, end) = (now.as_micros().saturating_sub(HOUR), now.as_micros().saturating_add(800 * 24 * HOUR));
    Ok(make_identity(organisation, &hosts, Timestamp::from_micros(start), Timestamp::from_micros(end))?)
}

impl Said {
    fn here() -> anyhow::Result<Self> {
        let passphrase = match std::env::var_os(PASSPHRASE).filter(|words| !words.is_empty()) {
            Some(words) => Some(words.into_string().ok().with_context(|| format!("{PASSPHRASE} is not UTF-8"))?),
            None => None,
        };
        let command = std::env::var(COMMAND).ok().filter(|command| !command.trim().is_empty());
        Ok(Self {
            passphrase,
            command,
            file: std::env::var_os(NAMED).filter(|path| !path.is_empty()).map(PathBuf::from),
        })
    }
}

impl Found {
    fn read(source: Source, path: &Path) -> anyhow::Result<Self> {
        let what = || format!("reading the passphrase or unlock key in {}", path.display());
        let text = Zeroizing::new(fs::read_to_string(path).with_context(what)?);
        Self::said(source, &text)
    }

    /// What a program prints that keeps the secret where files do not: it asks for a PIN at this terminal if it must.
    fn printed(command: &str) -> anyhow::Result<Self> {
        let mut shell = std::process::Command::new(if cfg!(windows) { "cmd" } else { "sh" });
        shell.args([if cfg!(windows) { "/C" } else { "-c" }, command]).stderr(std::process::Stdio::inherit());
        let output =
            shell.stdin(std::process::Stdio::inherit()).output().with_context(|| format!("running {COMMAND}"))?;
        let printed = Zeroizing::new(output.stdout);
        if !output.status.success() {
            bail!("the command in {COMMAND} failed ({}), so there is nothing to open the keys with", output.status);
        }
        let text = std::str::from_utf8(&printed).ok().with_context(|| format!("{COMMAND} prints no text"))?;
        Self::said(Source::Command, text)
    }

    fn said(source: Source, text: &str) -> anyhow::Result<Self> {
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            bail!("{source} holds no passphrase or unlock key: it is empty");
        }
        Ok(Self { unlock: Unlock::from_text(secret), source })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => write!(f, "the passphrase in {PASSPHRASE}"),
            Self::Command => write!(f, "what the command in {COMMAND} prints"),
            Self::Named(path) => write!(f, "{} ({NAMED})", path.display()),
            Self::Beside(path) => write!(f, "{}", path.display()),
        }
    }
}

fn open_said(folder: &Path, said: Said) -> anyhow::Result<Opened> {
    let path = folder.join(FILE);
    let shown = path.display();
    let text =
        Zeroizing::new(fs::read_to_string(&path).with_context(|| format!("reading the node's keys in {shown}"))?);
    if !seal::is_sealed(&text) {
        return Ok(Opened { keys: NodeKeys::from_text(&text).with_context(|| shown.to_string())?, with: None });
    }
    let Some(found) = find(folder, said)? else {
        bail!(
            "the keys in {shown} are sealed, and there is nothing to open them with: set {PASSPHRASE} to their \
             passphrase, {NAMED} to the file with their unlock key, or {COMMAND} to what prints either, or put that file \
             back as {}",
            folder.join(BESIDE).display()
        )
    };
    let opened = seal::open(&found.unlock, BELONGS, &text)
        .with_context(|| format!("opening the keys in {shown} with {}", found.source))?;
    let text = std::str::from_utf8(&opened).ok().with_context(|| format!("{shown} holds no text"))?;
    Ok(Opened { keys: NodeKeys::from_text(text).with_context(|| shown.to_string())?, with: Some(found.source) })
}

/// The secret, in the order in which it is looked for.
fn find(folder: &Path, said: Said) -> anyhow::Result<Option<Found>> {
    if let Some(words) = said.passphrase {
        let words = Zeroizing::new(words);
        return Ok(Some(Found { source: Source::Environment, unlock: Unlock::from_text(&words) }));
    }
    if let Some(command) = said.command {
        return Found::printed(&command).map(Some);
    }
    if let Some(path) = said.file {
        return Found::read(Source::Named(path.clone()), &path).map(Some);
    }
    let path = folder.join(BESIDE);
    if path.exists() { Found::read(Source::Beside(path.clone()), &path).map(Some) } else { Ok(None) }
}

/// The secret, or a new one in the node's folder.
fn found_or_made(folder: &Path, said: Said) -> anyhow::Result<Found> {
    if let Some(found) = find(folder, said)? {
        return Ok(found);
    }
    let (path, key) = (folder.join(BESIDE), UnlockKey::generate()?);
    write_secret(&path, &format!("{}\n", &*key.to_text()))?;
    Ok(Found { source: Source::Beside(path), unlock: Unlock::Key(key) })
}

fn write(folder: &Path, keys: &NodeKeys, found: &Found) -> anyhow::Result<()> {
    write_secret(&folder.join(FILE), &seal::seal(&found.unlock, BELONGS, keys.to_text().as_bytes())?)
}

/// Writes a file that only the node's account reads, as a whole or not at all.
fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    let new = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        #[cfg(unix)]
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    written().with_context(|| format!("writing {}", path.display()))
}

/// Held while the keys are changed. The configuration serves as the lock: it is there, and never replaced by us.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join(Config::FILE);
    let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
    file.lock().with_context(|| format!("locking {}", path.display()))?;
    Ok(file)
}

const FILE: &str = "keys";
const BESIDE: &str = "unlock";
const PASSPHRASE: &str = "COMITY_UNLOCK";
const COMMAND: &str = "COMITY_UNLOCK_COMMAND";
const NAMED: &str = "COMITY_UNLOCK_FILE";
/// What sealed keys are bound to, so that no other sealed secret of the node can stand in their place.
const BELONGS: &[u8] = b"comity node keys";
const HOUR: i64 = 3_600 * 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_793_000_000_000_000);

    fn passphrase(words: &str) -> Said {
        Said { passphrase: Some(words.to_owned()), ..Said::default() }
    }

    fn named(path: &Path) -> Said {
        Said { file: Some(path.to_owned()), ..Said::default() }
    }

    fn error(folder: &Path, said: Said) -> String {
        format!("{:#}", open_said(folder, said).err().unwrap())
    }

    #[test]
    fn the_secret_is_looked_for_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(find(folder, Said::default()).unwrap().is_none());
        let made = found_or_made(folder, Said::default()).unwrap();
        assert_eq!(made.source, Source::Beside(folder.join("unlock")));
        assert_eq!(find(folder, Said::default()).unwrap().unwrap().source, made.source);
        let file = folder.join("elsewhere");
        fs::write(&file, "correct horse\r\n").unwrap();
        let found = find(folder, named(&file)).unwrap().unwrap();
        assert_eq!(found.source, Source::Named(file.clone()));
        assert!(matches!(&found.unlock, Unlock::Passphrase(words, _) if **words == "correct horse"));
        let both = Said { passphrase: Some("words".into()), file: Some(file), ..Said::default() };
        assert_eq!(find(folder, both).unwrap().unwrap().source, Source::Environment);
        // What is named must be there; nothing else is tried then.
        assert!(find(folder, named(&folder.join("absent"))).is_err());
        fs::write(folder.join("empty"), "\n").unwrap();
        assert!(find(folder, named(&folder.join("empty"))).is_err());
    }

    #[test]
    fn keys_open_with_their_secret_only() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let keys = NodeKeys::generate_at(NOW).unwrap();
        write(folder, &keys, &found_or_made(folder, Said::default()).unwrap()).unwrap();
        let opened = open_said(folder, Said::default()).unwrap();
        assert_eq!(opened.keys.to_text(), keys.to_text());
        assert_eq!(opened.with, Some(Source::Beside(folder.join("unlock"))));
        assert!(
            error(folder, passphrase("words")).contains("an unlock key of 64 hexadecimal digits, and a passphrase")
        );
        assert!(
            error(folder, passphrase(&"0".repeat(64)))
                .contains("with the passphrase in COMITY_UNLOCK: the passphrase or unlock key is wrong")
        );
        fs::rename(folder.join("unlock"), folder.join("moved")).unwrap();
        assert!(error(folder, Said::default()).contains("nothing to open them with"));
        assert_eq!(open_said(folder, named(&folder.join("moved"))).unwrap().keys.to_text(), keys.to_text());
        // Another sealed secret of the same node is no key file.
        let found = find(folder, named(&folder.join("moved"))).unwrap().unwrap();
        fs::write(folder.join("keys"), seal::seal(&found.unlock, b"other", keys.to_text().as_bytes()).unwrap())
            .unwrap();
        assert!(error(folder, named(&folder.join("moved"))).contains("was changed"));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_may_keep_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let keys = NodeKeys::generate_at(NOW).unwrap();
        let by = |command: &str| Said { command: Some(command.to_owned()), ..Said::default() };
        write(folder, &keys, &found_or_made(folder, by("echo correct horse")).unwrap()).unwrap();
        assert!(!folder.join("unlock").exists(), "nothing is written beside the keys");
        let opened = open_said(folder, by("printf 'correct horse'")).unwrap();
        assert_eq!((opened.keys.to_text(), opened.with), (keys.to_text(), Some(Source::Command)));
        assert!(error(folder, by("echo wrong")).contains("the passphrase or unlock key is wrong"));
        let failed = error(folder, by("echo secret; exit 3"));
        assert!(failed.contains("failed") && !failed.contains("secret"), "{failed}");
        assert!(error(folder, by("true")).contains("it is empty"));
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_for_one_account_and_written_as_a_whole() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        // What an earlier attempt left behind does not stand in the way.
        fs::write(folder.path().join("keys.new"), "half").unwrap();
        write_secret(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!folder.path().join("keys.new").exists());
        assert!(write_secret(&folder.path().join("absent").join("keys"), "x").is_err());
    }

    #[test]
    fn a_certificate_is_for_this_machine_unless_told_otherwise() {
        let identity = new_tls("ee", &[], NOW).unwrap();
        let validity = identity.validity().unwrap();
        assert!(validity.from < NOW && validity.until > NOW);
        assert!(new_tls("ee", &["node.example".into()], NOW).is_ok());
        assert!(new_tls("ee", &["https://node.example".into()], NOW).is_err());
    }
}
