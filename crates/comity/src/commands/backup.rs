use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use comity_node::{Act, Deed};
use comity_store_sqlite::SqliteStore;
use serde_json::json;

use crate::args::{Args, BackupArgs};
use crate::backup::{Manifest, Sealing, pack};
use crate::desk::Desk;
use crate::exit::Code;
use crate::keys;
use crate::output::grouped;
use crate::place::{Access, Place};

/// Writes everything of the node that cannot be made again into one sealed file.
pub(crate) fn run(desk: &Desk, args: &Args, command: &BackupArgs) -> anyhow::Result<Code> {
    let (folder, file) = (Place::node_folder(args)?, desk.path(&command.file));
    if file.exists() {
        bail!("{} exists; nothing was written", file.display());
    }
    let place = desk.open(args, Access::Read)?;
    place.may(Act::Operate)?;
    if !place.is_embedded() {
        bail!("this node keeps its log in PostgreSQL: back that up by PostgreSQL's own means (docs/operators.md)");
    }
    let Some((unlock, source)) = keys::unlock(&folder)? else {
        bail!(
            "the node's keys are not sealed, so there is no secret to seal the backup with: `comity keys seal` first"
        );
    };
    let logs = place.node.ledger_heads()?.into_iter().map(|head| (head.log, head.size)).collect();
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        organisation: place.ctx.organisation.clone(),
        at: place.ctx.now(),
        position: place.node.position().0,
        logs,
    };
    // First, so that it stands in the backup too.
    let made = Deed::decision("backup made", json!({"position": manifest.position}));
    place.node.record(&place.ctx, made)?;
    let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(".comity-backup-").tempdir_in(beside);
    let temporary = temporary.with_context(|| format!("making a temporary folder in {}", beside.display()))?;
    desk.note("comity: copying the store; the node may go on meanwhile");
    let files = files(&folder, temporary.path())?;
    desk.note("comity: sealing it");
    let new = temporary.path().join("backup");
    let sealing = Sealing { unlock: &unlock, apart: place.config.backup.apart(&folder, manifest.at) };
    pack(&new, &sealing, &manifest, &files)?;
    let bytes = fs::metadata(&new)?.len();
    // A hard link fails where somebody else has made the file meanwhile; renaming would write over it.
    fs::hard_link(&new, &file)
        .or_else(|_| fs::copy(&new, &file).map(drop))
        .context("putting the backup in its place")?;
    if args.json {
        desk.line(&json!({"file": command.file, "bytes": bytes, "manifest": manifest}))?;
    } else {
        desk.say(format_args!(
            "{}: {} bytes, up to position {}. {source} opens it: keep that apart from it. \
             See whether it is whole with `comity restore --verify {}`",
            command.file.display(),
            grouped(bytes),
            grouped(manifest.position),
            command.file.display()
        ))?;
    }
    Ok(Code::Done)
}

/// What a backup holds, by the names in it; the stores are copied first.
fn files(folder: &Path, temporary: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let copy = temporary.join("store.db");
    SqliteStore::snapshot(&folder.join("store"), &copy)?;
    let mut files = vec![
        ("comity.toml".to_owned(), folder.join("comity.toml")),
        ("keys".to_owned(), folder.join("keys")),
        ("store/store.db".to_owned(), copy),
    ];
    if folder.join(RIGHTS).is_dir() {
        let copy = temporary.join("rights.db");
        SqliteStore::snapshot(&folder.join(RIGHTS), &copy)?;
        files.push((format!("{RIGHTS}/store.db"), copy));
    }
    checkpoints(folder, Path::new("checkpoints"), &mut files)?;
    Ok(files)
}

/// The files of a folder of checkpoints, by their names in the backup.
fn checkpoints(folder: &Path, name: &Path, files: &mut Vec<(String, PathBuf)>) -> anyhow::Result<()> {
    let Ok(inside) = fs::read_dir(folder.join(name)) else { return Ok(()) };
    for entry in inside {
        let entry = entry?;
        let name = name.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            checkpoints(folder, &name, files)?;
        } else if let Some(text) = name.to_str() {
            files.push((text.to_owned(), entry.path()));
        }
    }
    Ok(())
}

/// Where the rights desk keeps its requests, when it does so here.
const RIGHTS: &str = "rights/store";
