use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Ctx, Node, NodeError};

/// What does not work with a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What happened, in words.
    pub text: String,
    /// Since when it is so.
    pub since: Timestamp,
}

impl Node {
    /// Notes what does not work with a peer; an empty text means that all is well again.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn note_trouble(&self, ctx: &Ctx, peer: &OrgName, text: &str) -> Result<(), NodeError> {
        let known = self.trouble(peer)?;
        if known.as_ref().map_or("", |known| known.text.as_str()) == text {
            return Ok(());
        }
        let since = known.filter(|known| !known.text.is_empty()).map_or_else(|| ctx.now(), |known| known.since);
        let trouble = Trouble { text: text.to_owned(), since };
        self.keep_setting(&key(peer), &trouble)
    }

    /// What does not work with a peer, when something does not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn trouble(&self, peer: &OrgName) -> Result<Option<Trouble>, NodeError> {
        Ok(self.setting::<Trouble>(&key(peer))?.filter(|trouble| !trouble.text.is_empty()))
    }
}

fn key(peer: &OrgName) -> String {
    format!("trouble/{peer}")
}
