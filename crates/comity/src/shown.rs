//! What whoever typed a command shows who they are by.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use comity_node::{Authority, Ctx, Means, Node};
use serde::{Deserialize, Serialize};

use crate::args::Command;
use crate::desk;
use crate::exit::NotLetIn;

/// What whoever typed a command shows who they are by, in the order in which it counts: a key, a session of this
/// terminal, the account of the operating system.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Shown {
    /// What the operating system calls them; for the record where there is nothing better.
    pub(crate) user: String,
    /// What stands in COMITY_KEY, an API key; none only where there is no such variable.
    key: Option<String>,
    /// A session's token, as `comity login` left it for this terminal.
    session: Option<String>,
    /// Names this terminal, where it has a name.
    terminal: Option<String>,
    /// The node's folder, as it is found from anywhere.
    folder: PathBuf,
}

impl Shown {
    /// Whoever typed the command that this process runs.
    pub(crate) fn here(folder: &Path) -> Self {
        let terminal = terminal();
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let session = terminal.as_deref().and_then(|terminal| fs::read_to_string(session_file(&folder, terminal)).ok());
        Self {
            user: user().unwrap_or_else(|| "unknown".to_owned()),
            // Empty or no text, it is a key that counts for nothing, and never as if nothing had been shown.
            key: std::env::var_os("COMITY_KEY").map(|key| key.to_string_lossy().into_owned()),
            session: session.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()),
            terminal,
            folder,
        }
    }

    /// Where a session of theirs counts.
    pub(crate) fn place(&self) -> anyhow::Result<String> {
        let Some(terminal) = &self.terminal else {
            bail!("this terminal cannot be told from others here, so nobody can log in in it; use an API key")
        };
        Ok(format!("terminal {terminal}"))
    }

    /// The token of this terminal's session, when there is one.
    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Keeps a session's token for this terminal, readable by this account only; without one, forgets it.
    pub(crate) fn keep(&self, token: Option<&str>) -> anyhow::Result<()> {
        self.place()?;
        let file = session_file(&self.folder, self.terminal.as_deref().unwrap_or_default());
        let done = match token {
            Some(token) => fs::create_dir_all(self.folder.join(SESSIONS)).and_then(|()| write_private(&file, token)),
            None => fs::remove_file(&file).or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            }),
        };
        done.with_context(|| format!("keeping this terminal's session in {}", file.display()))
    }

    /// The same context with who they are and what they may act with. Whoever is about to log in or out is not held up by
    /// a session that is over.
    pub(crate) fn act(&self, node: &Node, command: &Command, ctx: Ctx) -> anyhow::Result<Ctx> {
        let begins = matches!(command, Command::Login(_) | Command::Enrol(_) | Command::Logout);
        let (actor, authority) = self.who(node, begins, &ctx)?;
        Ok(Ctx { actor, authority: Arc::new(authority), ..ctx })
    }

    fn who(&self, node: &Node, begins: bool, ctx: &Ctx) -> anyhow::Result<(String, Authority)> {
        if let Some(key) = &self.key {
            return holder(node, key, ctx);
        }
        if let Some(token) = &self.session {
            if let Some(known) = node.who_is_logged_in(token, &self.place()?, ctx.now())? {
                return Ok(known);
            }
            // It does not become somebody else's terminal by itself.
            if !begins {
                bail!(
                    "this terminal's session is over: `comity login` begins another, `comity logout` ends it. Nothing was done"
                );
            }
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

/// Who has a key. Whoever shows one is nobody else where it counts for nothing.
fn holder(node: &Node, key: &str, ctx: &Ctx) -> anyhow::Result<(String, Authority)> {
    if key.trim().is_empty() {
        return Err(NotLetIn(
            "COMITY_KEY is set and holds no key: whoever shows one acts by it alone. Unset it to act as your own account",
        )
        .into());
    }
    let known = node.who_has_key(key, ctx.now())?;
    known.ok_or_else(|| NotLetIn("the key in COMITY_KEY is none of this node's, or counts no longer").into())
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
fn terminal() -> Option<String> {
    let stat = |process: &str| fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let field = |stat: &str, at: usize| -> Option<u64> {
        // The second field is a name in brackets and may hold anything.
        stat.rsplit_once(')')?.1.split_whitespace().nth(at - 2)?.parse().ok()
    };
    let leader = field(&stat("self"), 5).filter(|leader| *leader > 0)?;
    let since = field(&stat(&leader.to_string()), 21)?;
    Some(format!("{leader}-{since}"))
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
