use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, SigningKey, Succession};
use comity_ledger::NoteVerifier;
use comity_stix::label::Recipient;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::messages::{SUCCESSIONS, followed};
use crate::Deed;
use crate::{Act, Ctx, Node, NodeError, SourceChange};

/// What an organisation is in the alliance (`docs/policy.md`): it decides what it may be given at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerKind {
    /// A police bureau or a unit under it.
    Member,
    /// A vetted private organisation bound by an agreement.
    Partner,
    /// A node that routes and owns only what is published to it.
    Hub,
}

/// Whether anything is exchanged with a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerStatus {
    /// It is.
    Active,
    /// Nothing leaves for it and nothing is taken from it until somebody here says so.
    Suspended,
}

/// What runs at the other end: it decides whether a recall can be carried out there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// Another node.
    Node,
    /// A TAXII, MISP or plain HTTP client, which cannot recall.
    Tool,
}

/// An organisation connected with this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its short name, the same everywhere.
    pub name: OrgName,
    /// Its full name.
    pub full_name: String,
    /// Its country, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What it is.
    pub kind: PeerKind,
    /// Whether anything is exchanged.
    pub status: PeerStatus,
    /// What runs there.
    pub client: Client,
    /// Where its node answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its signing keys, newest first; older ones verify what was signed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<PublicKey>,
    /// Pins of its TLS keys, newest first: `sha256/...`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<String>,
    /// How its signing keys followed each other, as far as it said: whoever knows an older one can tell by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successions: Vec<Succession>,
    /// The keys of its logs and of its countersignatures, newest first, as notes are verified with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ledger: Vec<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it last renewed its keys and addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Timestamp>,
    /// When this node came to know of its newest signing key, where it had another before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Timestamp>,
    /// The organisation that vouched for its keys, when it did not join here itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched_by: Option<OrgName>,
}

/// This node's own organisation as it shows itself to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ourselves {
    /// Its short name.
    pub name: OrgName,
    /// Its full name.
    pub full_name: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What it is.
    pub kind: PeerKind,
    /// Where this node answers, as others reach it.
    pub url: Option<String>,
    /// Its signing keys, newest first.
    pub keys: Vec<PublicKey>,
    /// Pins of its TLS keys, newest first.
    pub pins: Vec<String>,
    /// How its signing keys followed each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successions: Vec<Succession>,
    /// The keys of its newest log and of its countersignatures, as notes are verified with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ledger: Vec<String>,
}

impl PeerKind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Partner => "partner",
            Self::Hub => "hub",
        }
    }
}

impl Peer {
    /// Whether something may pass.
    pub fn is_active(&self) -> bool {
        self.status == PeerStatus::Active
    }

    /// Whether what is signed with this key at this moment is the peer's word. A key that another has followed counts for
    /// what it signed before that was told, and a day more, as a process may still hold it: whoever finds it later speaks
    /// for nobody.
    pub(crate) fn speaks_by(&self, key: &PublicKey, at: Timestamp) -> bool {
        let told = self.replaced.or(self.renewed).unwrap_or(self.since).as_micros();
        self.keys.first() == Some(key) || (self.keys.contains(key) && at.as_micros() <= told.saturating_add(OVERLAP))
    }

    /// The keys that speak for it at this moment.
    pub(crate) fn keys_at(&self, at: Timestamp) -> Vec<PublicKey> {
        self.keys.iter().filter(|key| self.speaks_by(key, at)).copied().collect()
    }

    /// The peer as one that asks to see something.
    pub fn recipient(&self, groups: BTreeSet<String>) -> Recipient {
        Recipient { name: self.name.clone(), country: self.country.clone(), groups }
    }
}

impl Ourselves {
    /// As others keep it.
    pub(crate) fn as_peer(&self, since: Timestamp) -> Peer {
        Peer {
            name: self.name.clone(),
            full_name: self.full_name.clone(),
            country: self.country.clone(),
            kind: self.kind,
            status: PeerStatus::Active,
            client: Client::Node,
            url: self.url.clone(),
            keys: self.keys.clone(),
            pins: self.pins.clone(),
            successions: self.successions.iter().take(SUCCESSIONS).copied().collect(),
            ledger: ledger_keys(&self.name, &self.ledger, &[]),
            since,
            renewed: None,
            replaced: None,
            vouched_by: None,
        }
    }
}

impl Node {
    /// This node's own organisation.
    ///
    /// # Errors
    /// When the node was opened without one.
    pub fn ourselves(&self) -> Result<&Ourselves, NodeError> {
        let missing = || NodeError::Refused("this node was opened without its identity, so it talks to nobody".into());
        self.ourselves.as_ref().ok_or_else(missing)
    }

    /// The peer of this name, when known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn peer(&self, name: &OrgName) -> Result<Option<Peer>, NodeError> {
        self.setting(&key(name))
    }

    /// The peer of this name.
    ///
    /// # Errors
    /// [`NodeError::UnknownPeer`] when there is none.
    pub fn known_peer(&self, name: &OrgName) -> Result<Peer, NodeError> {
        self.peer(name)?.ok_or_else(|| NodeError::UnknownPeer(name.clone()))
    }

    /// Every peer, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn peers(&self) -> Result<Vec<Peer>, NodeError> {
        self.settings("peer/")
    }

    /// The peer whose TLS key has this pin.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn peer_of_pin(&self, pin: &str) -> Result<Option<Peer>, NodeError> {
        // A vouched key proves what was signed with it, but nobody connects with it before joining.
        Ok(self.peers()?.into_iter().find(|peer| peer.vouched_by.is_none() && peer.pins.iter().any(|own| own == pin)))
    }

    /// Whether no other organisation has one of these TLS keys or signing keys: whoever shows one is one organisation.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`] when another has.
    pub(crate) fn must_be_its_own(&self, new: &Ourselves) -> Result<(), NodeError> {
        let own = self.ourselves()?;
        let shares = |keys: &[PublicKey], pins: &[String]| {
            new.keys.iter().any(|key| keys.contains(key)) || new.pins.iter().any(|pin| pins.contains(pin))
        };
        let others = self.peers()?;
        let is_taken = others.iter().any(|peer| peer.name != new.name && shares(&peer.keys, &peer.pins));
        if is_taken || new.name != own.name && shares(&own.keys, &own.pins) {
            return Err(super::messages::refused(format!("{} names a key that another organisation has", new.name)));
        }
        Ok(())
    }

    /// Changes what is kept about a peer, or makes it known.
    pub(crate) fn change_peer(
        &self,
        ctx: &Ctx,
        (name, decided): (&OrgName, &str),
        change: impl Fn(Option<Peer>) -> Peer,
    ) -> Result<Peer, NodeError> {
        let deed = Deed::decision(decided, json!({})).and("peer", name.as_str());
        self.forget_views();
        let peer = self.change_setting(&key(name), |old| Ok(change(old)), &[deed.entry(ctx)?])?;
        self.forget_views();
        Ok(peer)
    }

    /// Keeps a peer that has joined, and makes its organisation known.
    pub(crate) fn keep_peer(&self, ctx: &Ctx, peer: Peer, decided: &str) -> Result<Peer, NodeError> {
        let change = SourceChange { country: peer.country.clone(), ..SourceChange::default() };
        self.keep_source(ctx, &peer.name, &change)?;
        self.change_peer(ctx, (&peer.name.clone(), decided), move |_| peer.clone())
    }

    /// Learns who others are from a peer that passes their words on. What is known of an organisation already, by
    /// its own joining or by an earlier word, stays: nobody can put other keys in its place, or beside them.
    pub(crate) fn learn_directory(&self, ctx: &Ctx, voucher: &Peer, others: &[Ourselves]) -> Result<(), NodeError> {
        for other in others.iter().filter(|other| other.name != ctx.organisation && other.name != voucher.name) {
            match self.peer(&other.name)? {
                // Whoever is here only as a source is nobody whom another may speak for.
                None if self.source(&other.name)?.is_some() => {}
                None => {
                    let (url, pins, vouched_by) = (None, Vec::new(), Some(voucher.name.clone()));
                    let peer = Peer { url, pins, vouched_by, ledger: Vec::new(), ..other.as_peer(ctx.now()) };
                    self.keep_peer(ctx, peer, "organisation known through a peer")?;
                }
                // New keys count when one that is known signed for them, whoever brings that.
                Some(known) if !followed(&known.keys, &other.successions).is_empty() => {
                    self.change_peer(ctx, (&other.name, "new keys of an organisation"), |old| {
                        let old = old.unwrap_or_else(|| known.clone());
                        let mut keys = followed(&old.keys, &other.successions);
                        keys.reverse();
                        keys.extend(&old.keys);
                        let leads = |one: &&Succession| keys.contains(&one.new);
                        let successions = other.successions.iter().filter(leads).take(SUCCESSIONS).copied().collect();
                        Peer { keys, successions, replaced: Some(ctx.now()), ..old }
                    })?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Suspends a peer, or resumes the exchange with it. Nothing is deleted on either side.
    ///
    /// # Errors
    /// When there is no such peer.
    pub fn set_peer_status(&self, ctx: &Ctx, name: &OrgName, status: PeerStatus) -> Result<Peer, NodeError> {
        self.may(ctx, Act::Invite, json!({"peer": name}))?;
        let peer = self.known_peer(name)?;
        let decided = match status {
            PeerStatus::Active => "exchange resumed",
            PeerStatus::Suspended => "exchange stopped",
        };
        self.change_peer(ctx, (name, decided), |old| Peer { status, ..old.unwrap_or_else(|| peer.clone()) })
    }

    /// Takes new keys of a peer that has lost its own, on the word of whoever asks: the TLS key, and the signing key where
    /// one is named. What its old keys signed stays signed; they sign nothing new.
    ///
    /// # Errors
    /// When there is no such node, or another organisation has one of these keys.
    pub fn introduce_peer(
        &self,
        ctx: &Ctx,
        name: &OrgName,
        pin: &str,
        key: Option<PublicKey>,
    ) -> Result<Peer, NodeError> {
        self.may(ctx, Act::Invite, json!({"peer": name}))?;
        let peer = self.known_peer(name)?;
        if peer.client != Client::Node || peer.vouched_by.is_some() {
            return Err(NodeError::Refused(format!("{name} has no node that is connected here")));
        }
        let new = Ourselves {
            name: name.clone(),
            keys: key.into_iter().collect(),
            pins: vec![pin.to_owned()],
            ..self.ourselves()?.clone()
        };
        self.must_be_its_own(&new)?;
        let replaced = key.map(|_| ctx.now()).or(peer.replaced);
        self.change_peer(ctx, (name, "keys of a peer taken by hand"), |old| {
            let old = old.unwrap_or_else(|| peer.clone());
            let mut keys = new.keys.clone();
            keys.extend(old.keys.iter().filter(|known| !new.keys.contains(known)).copied());
            let successions = if key.is_some() { Vec::new() } else { old.successions.clone() };
            Peer { keys, successions, pins: new.pins.clone(), replaced, ..old }
        })
    }

    /// The key that stands in the agreements of an organisation without a node: it says that this node's people hold
    /// that organisation's signature on paper. It never leaves this node.
    pub(crate) fn stand_in(&self, name: &OrgName) -> Result<SigningKey, NodeError> {
        let seed = self.derived_key(&format!("stands in for {name}"));
        SigningKey::from_seed(&seed).map_err(|error| NodeError::Refused(error.to_string()))
    }

    /// Makes an organisation known that has no node, only tools which read here or post here.
    ///
    /// # Errors
    /// When a peer of this name exists already.
    pub fn add_tool_peer(
        &self,
        ctx: &Ctx,
        name: &OrgName,
        full_name: &str,
        kind: PeerKind,
        country: Option<String>,
    ) -> Result<Peer, NodeError> {
        self.may(ctx, Act::Invite, json!({"peer": name}))?;
        if self.peer(name)?.is_some() {
            return Err(NodeError::Refused(format!("{name} is a peer already; nothing was changed")));
        }
        let peer = Peer {
            name: name.clone(),
            full_name: full_name.to_owned(),
            country,
            kind,
            status: PeerStatus::Active,
            client: Client::Tool,
            url: None,
            keys: vec![self.stand_in(name)?.public_key()],
            pins: Vec::new(),
            successions: Vec::new(),
            ledger: Vec::new(),
            since: ctx.now(),
            renewed: None,
            replaced: None,
            vouched_by: None,
        };
        self.keep_peer(ctx, peer, "organisation without a node connected")
    }
}

/// The keys an organisation names for its ledger, before those it named earlier. A key counts under the organisation's
/// own name only: nobody can speak for the log of another.
pub(crate) fn ledger_keys(name: &OrgName, new: &[String], old: &[String]) -> Vec<String> {
    let own = format!("{name}.comity/");
    let is_own = |key: &&String| key.parse::<NoteVerifier>().is_ok_and(|key| key.name().starts_with(&own));
    let mut keys: Vec<String> = Vec::new();
    for key in new.iter().take(LEDGER_KEYS).chain(old).filter(is_own) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys.truncate(LEDGER_KEYS);
    keys
}

fn key(name: &OrgName) -> String {
    format!("peer/{name}")
}

/// How long a signing key counts after another has followed it, in microseconds.
const OVERLAP: i64 = 24 * 3_600 * 1_000_000;
/// So many keys of a peer's ledger are kept: those of its logs of as many years, and of its countersignatures.
const LEDGER_KEYS: usize = 32;
