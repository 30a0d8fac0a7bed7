use comity_ledger::{Group, Note, StatedEntry, Statement};

use crate::{Outcome, Request, Say, bad};

impl Request {
    /// What a node shows of its ledger.
    pub(crate) fn statement(&self, statement: &Statement, note: &Note, say: Say<'_>) -> Outcome {
        say(&format!("  question: {}", shown(&statement.question)));
        say(&format!("  made: {}", shown(&statement.made)));
        if let Err(error) = statement.verify(note, None) {
            return bad(say, &error.to_string());
        }
        let mut outcome = Outcome::Good;
        for log in &statement.logs {
            let origin = log.key.name();
            let known = match self.key(origin) {
                Some(key) if *key == log.key => self.witnesses(&log.checkpoint, say),
                Some(_) => bad(say, &format!("{origin} is signed with another key than the one that is believed")),
                None => {
                    say(&format!("  the key of {origin} is the one the statement names; compare it: {}", log.key));
                    Outcome::Unvouched
                }
            };
            outcome = outcome.max(known);
            let size = log.checkpoint.text.lines().nth(1).unwrap_or_default();
            say(&format!("  {origin}: {} entries shown, each stands in the log of {size}", log.entries.len()));
            log.entries.iter().for_each(|entry| tell(entry, say));
        }
        outcome
    }
}

/// What a file says is shown as it is, but cannot move the cursor.
pub(crate) fn shown(text: &str) -> String {
    text.replace(|c: char| c.is_control(), "\u{fffd}")
}

fn tell(entry: &StatedEntry, say: Say<'_>) {
    let minutes = i64::from(entry.entry.minute);
    say(&format!("  - {} {}, minute {minutes} since 1970", entry.index, entry.entry.kind.name()));
    for group in Group::ALL {
        let said = entry.opening.group(group).map(|opened| String::from_utf8_lossy(&opened.said).into_owned());
        let said = said.map(|said| shown(&said));
        say(&format!("      {group}: {}", said.as_deref().unwrap_or("erased or withheld")));
    }
}
