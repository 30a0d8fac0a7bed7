//! What this node fetches from servers that are no nodes, and what it pushes to them: what the operator set up, and
//! how far it is. How a server is spoken to is not known here.

use comity_base::{OrgName, Position, Timestamp};
use comity_store::{Fence, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::json;

use crate::Deed;
use crate::release::{Channel, Page, PageAsk};
use crate::{Act, Ctx, Node, NodeError};

/// What kind of server is followed or pushed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FollowKind {
    /// A collection of a TAXII 2.1 server; its objects come in.
    Taxii,
    /// A MISP feed: a manifest and a file for each event, on any web server.
    MispFeed,
    /// A MISP, asked through its API.
    Misp,
    /// A collection of a TAXII 2.1 server to which is pushed what one organisation may see.
    Push,
}

impl FollowKind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taxii => "taxii",
            Self::MispFeed => "misp-feed",
            Self::Misp => "misp",
            Self::Push => "push",
        }
    }
}

/// How this node shows a server who it is. Secrets are not kept, only where they are: a file, or `env:VARIABLE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FollowSecret {
    /// It does not.
    #[default]
    None,
    /// A user name, and where its password is.
    Basic {
        /// The user.
        user: String,
        /// Where the password is.
        place: String,
    },
    /// Where a token is, in the form that kind of server expects.
    Token {
        /// Where it is.
        place: String,
    },
    /// A header of the server's own, and where its whole value is.
    Header {
        /// The header's name.
        name: String,
        /// Where the value is.
        place: String,
    },
}

/// One server that is followed or pushed to, as the operator set it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// What people call it; unique.
    pub name: String,
    /// What it is.
    pub kind: FollowKind,
    /// Whose data comes in, or who may see what is pushed.
    pub organisation: OrgName,
    /// The server's address.
    pub url: String,
    /// The API root, when it is not to be found by discovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The collection: its id, title or alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// From the begin of one round to the next.
    pub every_seconds: u64,
    /// Begin with what is newer than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Who this node is there.
    #[serde(default)]
    pub secret: FollowSecret,
    /// A file with the authorities to trust (PEM), instead of those this machine trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Pins of the server's TLS key, instead of authorities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<String>,
    /// Whether the server may stand in a private network.
    #[serde(default)]
    pub allow_private: bool,
    /// Whether it rests.
    #[serde(default)]
    pub paused: bool,
    /// When it was set up: what is kept of its progress belongs to this.
    pub since: Timestamp,
}

/// How far a [`Follow`] is, and how it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowProgress {
    /// The [`Follow::since`] it belongs to.
    pub of: Timestamp,
    /// Where it stands, for whoever speaks to the server.
    pub state: Value,
    /// When the server last gave what it was asked for.
    pub last_success: Option<Timestamp>,
    /// When something new last came in or left.
    pub last_new: Option<Timestamp>,
    /// Objects that came and are stored, or that left and were taken.
    pub objects: u64,
    /// Objects that came and were there already.
    pub unchanged: u64,
    /// Objects that were set aside here, or refused there.
    pub set_aside: u64,
    /// Failures in a row.
    pub failures: u32,
    /// Nothing is done before.
    pub next_due: Timestamp,
    /// What does not work, in words.
    pub trouble: Option<String>,
    /// Since when.
    pub trouble_since: Option<Timestamp>,
    /// What was odd, the latest last.
    pub notices: Vec<String>,
}

/// What is to be pushed next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushPage {
    /// The objects; entered in the account as given.
    pub page: Page,
    /// After which position they were looked for: the beginning, when what the recipient may see has changed.
    pub after: Position,
    /// Names what the recipient may see. To be given with the next call.
    pub view: u64,
}

impl FollowProgress {
    /// Notes something odd; only the latest are kept.
    pub fn notice(&mut self, text: String) {
        if self.notices.last() != Some(&text) {
            self.notices.push(text);
            let surplus = self.notices.len().saturating_sub(MOST_NOTICES);
            self.notices.drain(..surplus);
        }
    }
}

impl Node {
    /// Sets up a server to follow or to push to.
    ///
    /// # Errors
    /// When the name is taken or not allowed.
    pub fn add_follow(&self, ctx: &Ctx, follow: &Follow) -> Result<(), NodeError> {
        // Whoever says what comes in as whose, or where it goes, answers for the data and not for the machine.
        let act = if matches!(follow.kind, FollowKind::Push) { Act::Export } else { Act::Sources };
        self.may(ctx, Act::Follows, json!({"follow": follow.name}))?;
        self.may(ctx, act, json!({"follow": follow.name}))?;
        let name = &follow.name;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 60 || !name.chars().all(allowed) {
            let text = format!("{name:?} is no name for it; use lower-case letters, digits and hyphens");
            return Err(NodeError::Refused(text));
        }
        if self.follow_named(name)?.is_some() {
            let text = format!("there is {name} already; remove it first (comity follow remove {name})");
            return Err(NodeError::Refused(text));
        }
        self.keep_follow(ctx, follow, "server followed")
    }

    /// Everything that is followed or pushed to, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn follows(&self) -> Result<Vec<Follow>, NodeError> {
        let rows = self.store.values(SETTINGS)?;
        // What was removed left an empty value behind.
        let standing = rows.iter().filter(|(_, bytes)| !bytes.is_empty());
        standing.map(|(key, bytes)| serde_json::from_slice(bytes).map_err(NodeError::setting(key))).collect()
    }

    /// The one of this name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn follow_named(&self, name: &str) -> Result<Option<Follow>, NodeError> {
        let key = format!("{SETTINGS}{name}");
        let Some((_, bytes)) = self.store.value(&key)?.filter(|(_, bytes)| !bytes.is_empty()) else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(NodeError::setting(&key))
    }

    /// The one of this name, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn known_follow(&self, name: &str) -> Result<Follow, NodeError> {
        let unknown = || NodeError::Refused(format!("nothing called {name} is followed; see `comity follow list`"));
        self.follow_named(name)?.ok_or_else(unknown)
    }

    /// Lets it rest, or go on.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn pause_follow(&self, ctx: &Ctx, name: &str, paused: bool) -> Result<Follow, NodeError> {
        self.may(ctx, Act::Follows, json!({"follow": name}))?;
        let follow = Follow { paused, ..self.known_follow(name)? };
        self.keep_follow(ctx, &follow, if paused { "following paused" } else { "following resumed" })?;
        Ok(follow)
    }

    /// Forgets it. What came in stays.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn remove_follow(&self, ctx: &Ctx, name: &str) -> Result<Follow, NodeError> {
        self.may(ctx, Act::Follows, json!({"follow": name}))?;
        let follow = self.known_follow(name)?;
        let deed = Deed::decision("following ended", json!({"follow": name}));
        self.overwrite(&format!("{SETTINGS}{name}"), b"", &[deed.entry(ctx)?])?;
        Ok(follow)
    }

    fn keep_follow(&self, ctx: &Ctx, follow: &Follow, decided: &str) -> Result<(), NodeError> {
        let deed = Deed::decision(decided, json!({"follow": follow.name}));
        self.decide(ctx, &format!("{SETTINGS}{}", follow.name), follow, deed)
    }

    /// How far it is, and the version to give to [`Self::keep_progress`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn follow_progress(&self, follow: &Follow) -> Result<(Option<u64>, FollowProgress), NodeError> {
        let fresh = || FollowProgress { of: follow.since, ..FollowProgress::default() };
        let key = format!("{PROGRESS}{}", follow.name);
        let Some((version, bytes)) = self.store.value(&key)? else { return Ok((None, fresh())) };
        let kept: FollowProgress = serde_json::from_slice(&bytes).map_err(NodeError::setting(&key))?;
        // One of this name was removed and set up anew.
        let kept = Some(kept).filter(|kept| kept.of == follow.since).unwrap_or_else(fresh);
        Ok((Some(version), kept))
    }

    /// Keeps how far it is, when nobody else did since it was read. Returns the new version; `None` when somebody did,
    /// or the lease was lost: then what was done is done again by whoever goes on, and stored once.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn keep_progress(
        &self,
        fence: Option<&Fence>,
        name: &str,
        version: Option<u64>,
        progress: &FollowProgress,
    ) -> Result<Option<u64>, NodeError> {
        let key = format!("{PROGRESS}{name}");
        let bytes = serde_json::to_vec(progress).map_err(NodeError::setting(&key))?;
        match self.store.put_under(fence, &key, version, &bytes) {
            Ok(version) => Ok(Some(version)),
            Err(StoreError::Changed(_) | StoreError::Fenced { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What an organisation may see and was not pushed yet, entered in the account before it is returned. What it may
    /// see changes with agreements: then everything is offered from the beginning, since older objects may have
    /// become visible.
    ///
    /// # Errors
    /// When it is no active peer, no agreement lets anything flow to it, or the store fails.
    pub fn push_page(
        &self,
        ctx: &Ctx,
        organisation: &OrgName,
        (view, after): (u64, Position),
        limit: usize,
    ) -> Result<PushPage, NodeError> {
        let peer = self.known_peer(organisation)?;
        if !peer.is_active() {
            let text = format!("{organisation} is suspended here: nothing leaves for it");
            return Err(NodeError::Refused(text));
        }
        let seen = self.view_of_peer(ctx, &peer)?;
        let after = if seen.epoch == view { after } else { Position::START };
        let page = self.page(ctx, &seen, Channel::Push, &PageAsk::after(after, limit))?;
        Ok(PushPage { page, after, view: seen.epoch })
    }
}

const SETTINGS: &str = "follow/";
const PROGRESS: &str = "followed-to/";
const MOST_NOTICES: usize = 10;
