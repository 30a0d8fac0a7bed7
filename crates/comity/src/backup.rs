//! The file that a backup is.
//!
//! A line that names the version, a line with the number of bytes of what follows: the key of this file, sealed with the
//! secret that opens the node's keys. Or, where keys of backups are kept apart, a line with the number of its key: the
//! backup dies with that key, wherever copies of it lie. Then a stream sealed under that key, which unsealed is a tar archive: `manifest.json`
//! first, then the node's files.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use comity_base::{OrgName, Timestamp};
use comity_crypto::seal::{self, Unlock};
use comity_crypto::{OpenReader, SealWriter, Zeroizing, hex, random_bytes};
use serde::{Deserialize, Serialize};

use crate::place::private_folder;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Of the program that wrote it.
    pub(crate) version: String,
    /// Whose node it is.
    pub(crate) organisation: OrgName,
    /// When it was begun.
    pub(crate) at: Timestamp,
    /// The position up to which everything was visible then; the copy may hold more.
    pub(crate) position: u64,
    /// Each log of the ledger with the number of its entries then.
    pub(crate) logs: Vec<(u32, u64)>,
}

/// What a backup's key is sealed with, and where it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Sealing<'u> {
    pub(crate) unlock: &'u Unlock,
    /// The folder it is kept in, apart from the backup, and until when; in the backup itself where there is none.
    pub(crate) apart: Option<(PathBuf, Timestamp)>,
}

/// Writes a backup of these files, by their names in it.
pub(crate) fn pack(
    to: &Path,
    sealing: &Sealing<'_>,
    manifest: &Manifest,
    files: &[(String, PathBuf)],
) -> anyhow::Result<()> {
    let file = private(to).with_context(|| format!("making {}", to.display()))?;
    let write = || -> anyhow::Result<File> {
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let key = Zeroizing::new(random_bytes::<32>()?);
        out.write_all(head(sealing, &key)?.as_bytes())?;
        let mut archive = tar::Builder::new(SealWriter::new(out, &key)?);
        let said = serde_json::to_vec(manifest)?;
        archive.append_data(&mut header(said.len() as u64, manifest.at), MANIFEST, said.as_slice())?;
        for (name, path) in files {
            let mut content = File::open(path).with_context(|| format!("opening {}", path.display()))?;
            let size = content.metadata()?.len();
            archive.append_data(&mut header(size, manifest.at), name, (&mut content).take(size))?;
        }
        Ok(archive.into_inner()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?)
    };
    let written = write().and_then(|file| Ok(file.sync_all()?)).with_context(|| format!("writing {}", to.display()));
    if written.is_err() {
        // A part of a backup is none; that it cannot be removed changes nothing.
        drop(fs::remove_file(to));
    }
    written
}

/// The first lines of a backup under this key; a key that is kept apart is kept before anything is sealed with it.
fn head(sealing: &Sealing<'_>, key: &[u8; 32]) -> anyhow::Result<String> {
    let Some((folder, until)) = &sealing.apart else {
        let sealed = seal::seal(sealing.unlock, BELONGS, key)?;
        return Ok(format!("{MAGIC}\n{}\n{sealed}", sealed.len()));
    };
    let number = hex(&random_bytes::<8>()?);
    let sealed = seal::seal(sealing.unlock, &belongs(&number), key)?;
    private_folder(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    let path = folder.join(format!("{number}.{KEY}"));
    let mut file = private(&path).with_context(|| format!("making {}", path.display()))?;
    write!(file, "{KEY_MAGIC}\n{until}\n{sealed}").and_then(|()| file.sync_all())?;
    File::open(folder)?.sync_all()?;
    Ok(format!("{MAGIC}\n{APART}{number}\n"))
}

/// Destroys the keys of backups whose time is over: whatever copies there are can be read by nobody any more. Says how
/// many.
pub(crate) fn expire(folder: &Path, now: Timestamp) -> anyhow::Result<usize> {
    let mut gone = 0;
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != KEY) {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let until = text.lines().nth(1).and_then(|until| Timestamp::parse(until).ok());
        if until.is_some_and(|until| until <= now) {
            // On disks that write elsewhere than before this reaches nothing; then the sealing protects what is left.
            let mut file = fs::OpenOptions::new().write(true).open(&path)?;
            file.write_all(&vec![0; text.len()]).and_then(|()| file.sync_all())?;
            fs::remove_file(&path).with_context(|| format!("destroying {}", path.display()))?;
            gone += 1;
        }
    }
    if gone > 0 {
        File::open(folder)?.sync_all()?;
    }
    Ok(gone)
}

/// Unpacks a backup into a folder. Nothing of it is to be used when this fails. `keys` is where keys that are kept apart
/// lie.
pub(crate) fn unpack(from: &Path, unlock: &Unlock, keys: Option<&Path>, into: &Path) -> anyhow::Result<Manifest> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(from).with_context(|| from.display().to_string())?);
    let key = key_of(&mut file, unlock, keys).with_context(|| from.display().to_string())?;
    let mut archive = tar::Archive::new(OpenReader::new(file, &key)?);
    let mut manifest = None;
    for entry in archive.entries()? {
        let mut entry = entry.context("reading the backup")?;
        let name = entry.path()?.into_owned();
        if !is_ours(&name) || !entry.header().entry_type().is_file() {
            bail!("the backup holds {}, which belongs to no node", name.display());
        }
        if name == Path::new(MANIFEST) {
            let mut text = Vec::new();
            (&mut entry).take(1 << 20).read_to_end(&mut text)?;
            manifest = Some(serde_json::from_slice(&text).context("reading what the backup says of itself")?);
            continue;
        }
        let path = into.join(&name);
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let mut out = private(&path).with_context(|| format!("making {}", path.display()))?;
        io::copy(&mut entry, &mut out).with_context(|| format!("writing {}", path.display()))?;
        out.sync_all()?;
    }
    // What follows the archive's end is sealed too: only now is it known that nothing was cut off.
    io::copy(&mut archive.into_inner(), &mut io::sink()).context("reading the end of the backup")?;
    manifest.context("the backup says nothing of itself")
}

/// The key of a file, which stands sealed at its beginning, or elsewhere.
fn key_of(file: &mut impl Read, unlock: &Unlock, keys: Option<&Path>) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let none = "this is no backup of a node, or one of a later version";
    let (magic, place) = (line(file)?, line(file)?);
    if magic != MAGIC {
        bail!(none);
    }
    if let Some(number) = place.strip_prefix(APART) {
        return key_apart(number, unlock, keys);
    }
    let length: usize = place.parse().ok().filter(|length| *length <= LONGEST_KEY).context(none)?;
    let mut sealed = vec![0; length];
    file.read_exact(&mut sealed).context(none)?;
    let sealed = String::from_utf8(sealed).ok().context(none)?;
    opened(unlock, BELONGS, &sealed)
}

/// A key that is kept apart from its backup.
fn key_apart(number: &str, unlock: &Unlock, keys: Option<&Path>) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    if number.len() != 16 || !number.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("this is no backup of a node, or one of a later version");
    }
    let Some(folder) = keys else {
        bail!("its key is kept apart from it: name the folder that holds {number}.{KEY} with --keys");
    };
    let path = folder.join(format!("{number}.{KEY}"));
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("its key, {}, is gone: where its time is over, so is what was in it", path.display())
        }
        read => read.with_context(|| path.display().to_string())?,
    };
    let sealed = text.strip_prefix(KEY_MAGIC).and_then(|rest| rest.strip_prefix('\n')?.split_once('\n'));
    let (_, sealed) = sealed.with_context(|| format!("{} is no key of a backup", path.display()))?;
    opened(unlock, &belongs(number), sealed)
}

fn opened(unlock: &Unlock, belongs: &[u8], sealed: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let opened = Zeroizing::new(seal::open(unlock, belongs, sealed).context("opening the backup")?);
    let key: [u8; 32] = opened.as_slice().try_into().ok().context("the key of the backup is damaged")?;
    Ok(Zeroizing::new(key))
}

fn belongs(number: &str) -> Vec<u8> {
    [BELONGS, b" ", number.as_bytes()].concat()
}

fn line(from: &mut impl Read) -> anyhow::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < 64 && from.read(&mut byte)? == 1 && byte != *b"\n" {
        line.extend(byte);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Whether a file of this name may stand in a backup. What a name could lead out of the folder with is no such name.
fn is_ours(name: &Path) -> bool {
    let parts: Option<Vec<&str>> = name
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    let is_plain = |part: &&str| part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    match parts.as_deref() {
        Some([name]) => [MANIFEST, "comity.toml", "keys"].contains(name),
        Some(["store", name] | ["rights", "store", name]) => *name == "store.db",
        Some(["checkpoints", rest @ ..]) => !rest.is_empty() && rest.len() <= 3 && rest.iter().all(is_plain),
        _ => false,
    }
}

fn header(size: u64, at: Timestamp) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(at.as_micros().div_euclid(1_000_000)).unwrap_or_default());
    header
}

/// A new file that only this account reads.
pub(crate) fn private(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

const MAGIC: &str = "comity-backup-v1";
/// What stands before the number of a key that is kept apart.
const APART: &str = "apart ";
const KEY: &str = "key";
const KEY_MAGIC: &str = "comity-backup-key-v1";
const MANIFEST: &str = "manifest.json";
const BELONGS: &[u8] = b"comity backup";
const LONGEST_KEY: usize = 4_096;

#[cfg(test)]
mod tests {
    use comity_crypto::seal::UnlockKey;

    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            version: "1".into(),
            organisation: OrgName::parse("ee").unwrap(),
            at: Timestamp::from_micros(1_793_000_000_000_000),
            position: 7,
            logs: vec![(202_600, 9)],
        }
    }

    fn within(unlock: &Unlock) -> Sealing<'_> {
        Sealing { unlock, apart: None }
    }

    #[test]
    fn a_backup_dies_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let (config, file, keys) = (folder.path().join("c"), folder.path().join("b"), folder.path().join("keys"));
        fs::write(&config, b"[node]").unwrap();
        let unlock = Unlock::Key(UnlockKey::new([7; 32]));
        let at = |days: i64| Timestamp::from_micros(1_793_000_000_000_000 + days * 86_400_000_000);
        let sealing = Sealing { unlock: &unlock, apart: Some((keys.clone(), at(30))) };
        pack(&file, &sealing, &manifest(), &[("comity.toml".to_owned(), config)]).unwrap();
        let out = |name: &str| folder.path().join(name);
        let without = unpack(&file, &unlock, None, &out("a")).unwrap_err();
        assert!(without.to_string().contains("--keys") || format!("{without:#}").contains("--keys"), "{without:#}");
        assert_eq!(expire(&keys, at(29)).unwrap(), 0);
        assert_eq!(unpack(&file, &unlock, Some(&keys), &out("b1")).unwrap(), manifest());
        // A key of another backup is none of this one.
        let name = fs::read_dir(&keys).unwrap().next().unwrap().unwrap().path();
        let other = Sealing { unlock: &unlock, apart: Some((out("others"), at(30))) };
        pack(&out("b2"), &other, &manifest(), &[]).unwrap();
        let foreign = fs::read_dir(out("others")).unwrap().next().unwrap().unwrap().path();
        fs::copy(&foreign, out("others").join(name.file_name().unwrap())).unwrap();
        assert!(unpack(&file, &unlock, Some(&out("others")), &out("c1")).is_err());
        assert_eq!(expire(&keys, at(30)).unwrap(), 1);
        let gone = format!("{:#}", unpack(&file, &unlock, Some(&keys), &out("d")).unwrap_err());
        assert!(gone.contains("is gone"), "{gone}");
        assert_eq!(expire(&out("absent"), at(99)).unwrap(), 0);
    }

    #[test]
    fn a_backup_reads_back_with_its_secret_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (config, file, out) = (folder.path().join("c"), folder.path().join("b"), folder.path().join("out"));
        fs::write(&config, b"[node]").unwrap();
        let unlock = Unlock::Key(UnlockKey::new([7; 32]));
        let files = [("comity.toml".to_owned(), config.clone()), ("checkpoints/2026/note".to_owned(), config.clone())];
        pack(&file, &within(&unlock), &manifest(), &files).unwrap();
        assert_eq!(unpack(&file, &unlock, None, &out).unwrap(), manifest());
        assert_eq!(fs::read(out.join("checkpoints/2026/note")).unwrap(), b"[node]");
        assert!(pack(&file, &within(&unlock), &manifest(), &files).is_err(), "what is there is not written over");
        assert!(file.exists());
        let other = Unlock::Key(UnlockKey::new([8; 32]));
        assert!(unpack(&file, &other, None, &folder.path().join("x")).is_err());
        let whole = fs::read(&file).unwrap();
        for (name, bytes) in [("cut", &whole[..whole.len() - 1]), ("empty", &[][..]), ("text", b"hello\n".as_slice())] {
            fs::write(folder.path().join(name), bytes).unwrap();
            assert!(
                unpack(&folder.path().join(name), &unlock, None, &folder.path().join("y").join(name)).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for good in
            ["keys", "store/store.db", "rights/store/store.db", "checkpoints/2026", "checkpoints/misconduct/a-1.txt"]
        {
            assert!(is_ours(Path::new(good)), "{good}");
        }
        for bad in [
            "../keys",
            "/keys",
            "store/../keys",
            "unlock",
            "checkpoints",
            "checkpoints/../x",
            "checkpoints/a b",
            "store/ids",
            "rights/store.db",
        ] {
            assert!(!is_ours(Path::new(bad)), "{bad}");
        }
    }
}
