//! A terminal that does not show what is typed.

use crate::args::Command;

/// While it lives, the terminal of standard input shows nothing of what is typed: for passwords.
pub(crate) struct Quiet {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Quiet {
    /// For a command that asks for secrets; none where standard input is no terminal.
    pub(crate) fn during(command: &Command) -> Option<Self> {
        match command {
            Command::Login(_) | Command::Enrol(_) => Self::new(),
            _ => None,
        }
    }

    #[cfg(unix)]
    fn new() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let input = std::io::stdin();
        let before = tcgetattr(&input).ok()?;
        let mut quiet = before.clone();
        // Without signals: a process that Ctrl-C ends would leave the terminal so.
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        tcsetattr(&input, OptionalActions::Flush, &quiet).ok()?;
        Some(Self { before })
    }

    #[cfg(not(unix))]
    fn new() -> Option<Self> {
        None
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // A terminal that is gone needs nothing back.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.before);
    }
}
