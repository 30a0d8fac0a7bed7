//! What whoever typed a command shows who they are by.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use comity_node::{Authority, Ctx, Means, Node};
use serde::{Deserialize, Serialize};

use crate::desk;

/// What whoever typed a command shows who they are by, in the order in which it counts: a key, a session of this
/// terminal, the account of the operating system.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Shown {
    /// What the operating system calls them; for the record where there is nothing better.
    pub(crate) user: String,
    /// An API key, from COMITY_KEY.
    key: Option<String>,
    /// A session's token, as `comity login` left it for this terminal.
    session: Option<String>,
    /// Names this terminal.
    terminal: String,
}

impl Shown {
    /// Whoever typed the command that this process runs.
    pub(crate) fn here(folder: &Path) -> Self {
        let terminal = terminal();
        let session = fs::read_to_string(session_file(folder, &terminal)).ok();
        Self {
            user: user().unwrap_or_else(|| "unknown".to_owned()),
            key: std::env::var("COMITY_KEY").ok().filter(|key| !key.is_empty()),
            session: session.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()),
            terminal,
        }
    }

    /// Where a session of theirs counts.
    pub(crate) fn place(&self) -> String {
        format!("terminal {}", self.terminal)
    }

    /// The token of this terminal's session, when there is one.
    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Keeps a session's token for this terminal, readable by this account only; without one, forgets it.
    pub(crate) fn keep(&self, folder: &Path, token: Option<&str>) -> std::io::Result<()> {
        let file = session_file(folder, &self.terminal);
        let Some(token) = token else {
            return match fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        };
        fs::create_dir_all(folder.join(SESSIONS))?;
        write_private(&file, token)
    }

    /// The same context with who they are and what they may act with.
    pub(crate) fn act(&self, node: &Node, folder: &Path, ctx: Ctx) -> anyhow::Result<Ctx> {
        let (actor, authority) = self.who(node, folder, &ctx)?;
        Ok(Ctx { actor, authority: Arc::new(authority), ..ctx })
    }

    fn who(&self, node: &Node, folder: &Path, ctx: &Ctx) -> anyhow::Result<(String, Authority)> {
        if let Some(key) = &self.key {
            let Some(known) = node.who_has_key(key, ctx.now())? else {
                bail!("the key in COMITY_KEY is none of this node's, or counts no longer; nothing was done")
            };
            return Ok(known);
        }
        if let Some(token) = &self.session {
            let Some(known) = node.who_is_logged_in(token, &self.place(), ctx.now())? else {
                self.keep(folder, None)?;
                bail!("this terminal's session is over; log in again with `comity login`. Nothing was done")
            };
            return Ok(known);
        }
        match desk::system_account() {
            Some(system) => match node.account_of_system(&system)? {
                Some(account) => Ok((account.name.clone(), account.authority(Means::System))),
                None if node.has_accounts()? => Ok((format!("{} ({system})", self.user), Authority::nobody())),
                // Whoever can open the keys of a node that has no accounts makes the first.
                None => Ok((self.user.clone(), Authority::alone())),
            },
            None if node.has_accounts()? => Ok((self.user.clone(), Authority::nobody())),
            None => Ok((self.user.clone(), Authority::alone())),
        }
    }
}

/// What the operating system calls whoever runs this process.
fn user() -> Option<String> {
    let said = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok().filter(|name| !name.is_empty());
    said.or_else(|| {
        let uid = desk::system_account()?.strip_prefix("uid:")?.to_owned();
        let users = fs::read_to_string("/etc/passwd").ok()?;
        let of = |line: &str| -> Option<String> {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)? == uid).then(|| name.to_owned())
        };
        users.lines().find_map(of)
    })
}

fn session_file(folder: &Path, terminal: &str) -> PathBuf {
    // What a caller sends is no path.
    let name: String = terminal.chars().filter(|c| c.is_ascii_digit() || *c == '-').collect();
    folder.join(SESSIONS).join(name)
}

/// Names the login session this process belongs to: its leader's number, and when that began, as numbers are used again.
fn terminal() -> String {
    let stat = |process: &str| fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let field = |stat: &str, at: usize| -> Option<u64> {
        // The second field is a name in brackets and may hold anything.
        stat.rsplit_once(')')?.1.split_whitespace().nth(at - 2)?.parse().ok()
    };
    let leader = field(&stat("self"), 5).unwrap_or_default();
    let since = field(&stat(&leader.to_string()), 21).unwrap_or_default();
    format!("{leader}-{since}")
}

#[cfg(unix)]
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    drop(fs::remove_file(file));
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    fs::write(file, text)
}

const SESSIONS: &str = "sessions";
