use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, base64url, hex, random_token, sha256, unbase64url};
use serde::{Deserialize, Serialize};

use super::messages::{Message, Signed, refused};
use super::{Client, Peer, PeerKind};
use crate::{Act, Ctx, Node, NodeError, Ourselves};
use serde_json::json;

/// How one organisation lets another connect: carried over by people, single use, expires.
///
/// It names the inviting node's address, the pin of its TLS key and its signing key, so that whoever accepts
/// it talks to that node and no other, whatever happens on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Where the inviting node answers.
    pub url: String,
    /// Who invites.
    pub from: OrgName,
    /// Who is invited, by the name it must have.
    pub to: OrgName,
    /// Pins of the inviting node's TLS keys.
    pub pins: Vec<String>,
    /// The inviting node's signing key.
    pub key: PublicKey,
    /// Until when.
    pub expires: Timestamp,
    /// The secret that may be used once.
    pub token: String,
}

/// What the inviting node remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Invited {
    to: OrgName,
    full_name: String,
    kind: PeerKind,
    expires: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<Timestamp>,
}

/// The wish to join, and the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    ourselves: Ourselves,
}

/// Whom to invite.
#[derive(Clone, Debug)]
pub struct Guest<'a> {
    /// Its full name.
    pub full_name: &'a str,
    /// What it will be here.
    pub kind: PeerKind,
    /// Its short name; made from the full one when not given.
    pub name: Option<OrgName>,
    /// For how many microseconds the invitation counts.
    pub lasts: i64,
}

impl Invitation {
    /// As people carry it: an address with everything after the `#`, which no server is ever sent.
    pub fn to_url(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("{}/join#{}", self.url.trim_end_matches('/'), base64url(&json))
    }

    /// Reads [`Self::to_url`], or its part after the `#`.
    ///
    /// # Errors
    /// When it is none, or a piece of it was lost on the way.
    pub fn parse(text: &str) -> Result<Self, NodeError> {
        let text = text.trim();
        let code = text.rsplit('#').next().unwrap_or(text);
        let bytes = unbase64url(code).filter(|bytes| !bytes.is_empty() && bytes.len() < 16 << 10);
        let whole = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let lost =
            "this is not an invitation, or a piece of it was lost on the way; it ends after the # with one long word";
        whole.ok_or_else(|| NodeError::Refused(lost.to_owned()))
    }
}

/// A short name made of a full one: `Lab North` is `lab-north`.
fn short(full_name: &str) -> Result<OrgName, NodeError> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let mut name = String::new();
    for c in full_name.chars().map(plain) {
        if c != '-' || !(name.is_empty() || name.ends_with('-')) {
            name.push(c);
        }
    }
    let unfit = |_| NodeError::Refused(format!("no short name can be made of {full_name:?}; give one with --as"));
    OrgName::parse(name.trim_end_matches('-')).map_err(unfit)
}

impl Node {
    /// Makes an invitation.
    ///
    /// # Errors
    /// When this node has no address, or who is invited is a node's peer already.
    pub fn invite(&self, ctx: &Ctx, guest: &Guest<'_>) -> Result<Invitation, NodeError> {
        self.may(ctx, Act::Invite, json!({"guest": guest.full_name}))?;
        let ourselves = self.ourselves()?;
        let no_url = "this node has no address others could reach: set `url` under [network] in comity.toml";
        let url = ourselves.url.clone().ok_or_else(|| NodeError::Refused(no_url.into()))?;
        let to = guest.name.clone().map_or_else(|| short(guest.full_name), Ok)?;
        self.may_join(&to)?;
        let token = random_token().map_err(|error| NodeError::Refused(error.to_string()))?;
        let expires = Timestamp::from_micros(ctx.now().as_micros().saturating_add(guest.lasts));
        let full_name = guest.full_name.to_owned();
        let invited = Invited { to: to.clone(), full_name, kind: guest.kind, expires, used: None };
        let key = invited_key(&token);
        let bytes = serde_json::to_vec(&invited).map_err(NodeError::setting(&key))?;
        self.store.put(&key, None, &bytes)?;
        let pins = ourselves.pins.clone();
        Ok(Invitation { url, from: ourselves.name.clone(), to, pins, key: self.signer.public_key(), expires, token })
    }

    /// The wish to join, to be sent to `<url>/comity/v1/join` of the invitation.
    ///
    /// # Errors
    /// When the invitation has expired, or is for somebody else.
    pub fn join_request(&self, ctx: &Ctx, invitation: &Invitation) -> Result<Vec<u8>, NodeError> {
        self.may(ctx, Act::Invite, json!({"host": invitation.from}))?;
        let ourselves = self.ourselves()?;
        if invitation.to != ourselves.name {
            let (to, own) = (&invitation.to, &ourselves.name);
            return Err(NodeError::Refused(format!("the invitation is for {to}, and this node is {own}")));
        }
        if invitation.expires <= ctx.now() {
            let when = invitation.expires;
            return Err(NodeError::Refused(format!("the invitation expired at {when}; ask for another one")));
        }
        self.may_join(&invitation.from)?;
        let join = Join { token: Some(invitation.token.clone()), ourselves: self.shown(ctx)? };
        self.sign(ctx, JOIN, &invitation.from, join)
    }

    /// Takes somebody's wish to join, who showed this TLS pin. Returns the new peer and the answer to send.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`] when the invitation is not known, used, expired, or for somebody else.
    pub fn admit(&self, ctx: &Ctx, bytes: &[u8], pin: Option<&str>) -> Result<(Peer, Vec<u8>), NodeError> {
        let signed = Signed::parse(bytes)?;
        let message: Message<Join> = signed.open(JOIN, &[signed.key])?;
        let guest = message.body.ourselves;
        if message.to != ctx.organisation || guest.name != message.from || !guest.keys.contains(&signed.key) {
            return Err(refused("the wish to join is not for this node, or does not name who signed it".into()));
        }
        if !pin.is_some_and(|pin| guest.pins.iter().any(|own| own == pin)) {
            return Err(refused("the connection was not made with the TLS key that the new peer names".into()));
        }
        self.must_be_its_own(&guest)?;
        let invited = self.use_invitation(ctx, message.body.token.as_deref().unwrap_or_default(), &guest)?;
        let peer = Peer { kind: invited.kind, ..guest.as_peer(ctx.now()) };
        let peer = self.keep_peer(ctx, peer, "organisation joined")?;
        let answer = self.sign(ctx, JOIN, &peer.name, Join { token: None, ourselves: self.shown(ctx)? })?;
        Ok((peer, answer))
    }

    /// Takes the inviting node's answer and keeps it as a peer.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`] when it is not signed with the key that the invitation names.
    pub fn joined(&self, ctx: &Ctx, invitation: &Invitation, answer: &[u8]) -> Result<Peer, NodeError> {
        let message: Message<Join> = Signed::parse(answer)?.open(JOIN, &[invitation.key])?;
        let host = message.body.ourselves;
        if message.from != invitation.from || host.name != invitation.from || message.to != ctx.organisation {
            return Err(refused("the answer is not from the node that invited, or not for this one".into()));
        }
        self.must_be_its_own(&host)?;
        self.keep_peer(ctx, host.as_peer(ctx.now()), "joined an organisation")
    }

    fn use_invitation(&self, ctx: &Ctx, token: &str, guest: &Ourselves) -> Result<Invited, NodeError> {
        let key = invited_key(token);
        let unknown = || refused("the invitation is not known here; ask for a new one".into());
        let (version, bytes) = self.store.value(&key)?.ok_or_else(unknown)?;
        let mut invited: Invited = serde_json::from_slice(&bytes).map_err(NodeError::setting(&key))?;
        if let Some(used) = invited.used {
            return Err(refused(format!("the invitation was used at {used}; ask for a new one")));
        }
        if invited.expires <= ctx.now() {
            return Err(refused(format!("the invitation expired at {}; ask for a new one", invited.expires)));
        }
        if invited.to != guest.name {
            return Err(refused(format!("the invitation is for {}, not for {}", invited.to, guest.name)));
        }
        self.may_join(&guest.name)?;
        invited.used = Some(ctx.now());
        let bytes = serde_json::to_vec(&invited).map_err(NodeError::setting(&key))?;
        match self.store.put(&key, Some(version), &bytes) {
            Ok(_) => Ok(invited),
            Err(comity_store::StoreError::Changed(_)) => {
                Err(refused("the invitation was used at this very moment; ask for a new one".into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A node that is connected already keeps its keys: somebody with an invitation cannot take its place.
    fn may_join(&self, name: &OrgName) -> Result<(), NodeError> {
        if *name == self.ourselves()?.name {
            return Err(NodeError::Refused(format!("{name} is this node itself")));
        }
        match self.peer(name)? {
            Some(peer) if peer.client == Client::Node && peer.vouched_by.is_none() => Err(NodeError::Refused(format!(
                "{name} is connected already since {}; it renews its keys by itself, without an invitation",
                peer.since
            ))),
            _ => Ok(()),
        }
    }
}

fn invited_key(token: &str) -> String {
    format!("invitation/{}", hex(&sha256(token.as_bytes())))
}

/// What signatures of joining nodes are made in.
const JOIN: &str = "join";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_become_short_ones() {
        assert_eq!(short("Lab North").unwrap().as_str(), "lab-north");
        assert_eq!(short(" Keskkriminaalpolitsei (EE) ").unwrap().as_str(), "keskkriminaalpolitsei-ee");
        assert!(short("警察").is_err());
    }
}
