use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use comity_base::{OrgName, Timestamp};
use comity_crypto::sha256;
use comity_node::{Authority, Credential, Node, NodeError, Peer, Purpose};
use parking_lot::Mutex;

use crate::listen::Caller;
use crate::problem::Problem;
use crate::rates::Rates;

/// Who asks, however it showed itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The organisation.
    pub organisation: OrgName,
    /// The number of the credential, or `tls` for a key of its own.
    pub by: String,
    /// Why what it asks is asked.
    pub purpose: Purpose,
    /// The peer, when it is its node that connected, with its own TLS key.
    pub node: Option<Peer>,
    /// The account of this organisation that an API key acts for. It is nobody to what others ask here.
    pub account: Option<Acting>,
}

/// An account of this organisation, by an API key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Its name.
    pub name: String,
    /// What it acts with, within the scope of the key.
    pub authority: Arc<Authority>,
}

/// Credentials that were checked lately, so that one costs a hash and a look into memory.
#[derive(Debug, Default)]
pub(crate) struct Doorman {
    known: Mutex<HashMap<[u8; 32], (Instant, Principal)>>,
}

impl Doorman {
    /// Whether what a request shows may be looked up now. What is remembered costs no look.
    pub(crate) fn check(&self, headers: &HeaderMap, caller: Option<&Caller>, rates: &Rates) -> Result<(), Problem> {
        let secrets = secrets(headers);
        let Some(caller) = caller.filter(|_| !secrets.is_empty()) else { return Ok(()) };
        // What was somebody's a while ago is looked up again, and is no guess.
        let digests = secrets.iter().map(|secret| sha256(secret.as_bytes()));
        if digests.into_iter().any(|digest| self.known.lock().contains_key(&digest)) {
            return Ok(());
        }
        rates.check_unknown(caller.address.ip())
    }

    fn remembered(&self, digest: &[u8; 32]) -> Option<Principal> {
        let known = self.known.lock();
        known.get(digest).filter(|(since, _)| since.elapsed() < REMEMBERED).map(|(_, principal)| principal.clone())
    }

    /// Who a request comes from; nobody when it shows nothing that counts.
    ///
    /// One principal is reached by the peer's TLS key, or by its secret as the password of Basic, as a Bearer or
    /// `Token`, raw after `basic` as some MISP versions send it, or in a header of its own.
    pub(crate) fn recognise(
        &self,
        node: &Node,
        headers: &HeaderMap,
        caller: Option<&Caller>,
        (own, now): (&OrgName, Timestamp),
    ) -> Result<Option<Principal>, NodeError> {
        for secret in secrets(headers) {
            if let Some(principal) = self.holder(node, (&secret, own), now)? {
                return Ok(Some(principal));
            }
        }
        let Some(pin) = caller.and_then(|caller| caller.pin) else { return Ok(None) };
        let peer = node.peer_of_pin(&pin.to_string())?;
        Ok(peer.map(|peer| Principal {
            organisation: peer.name.clone(),
            by: "tls".into(),
            purpose: Purpose::default(),
            node: Some(peer),
            account: None,
        }))
    }

    fn holder(
        &self,
        node: &Node,
        (secret, own): (&str, &OrgName),
        now: Timestamp,
    ) -> Result<Option<Principal>, NodeError> {
        let digest = sha256(secret.as_bytes());
        if let Some(principal) = self.remembered(&digest) {
            return Ok(Some(principal));
        }
        let Some(principal) = looked_up(node, secret, own, now)? else { return Ok(None) };
        let mut known = self.known.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digest, (Instant::now(), principal.clone()));
        Ok(Some(principal))
    }
}

/// Whose a secret is: a peer's tool's, or an account's of this organisation.
fn looked_up(node: &Node, secret: &str, own: &OrgName, now: Timestamp) -> Result<Option<Principal>, NodeError> {
    if let Some(Credential { organisation, id: by, purpose, .. }) = node.who_holds(secret, now)? {
        return Ok(Some(Principal { organisation, by, purpose, node: None, account: None }));
    }
    let acting = node.who_has_key(secret, now)?;
    Ok(acting.map(|(name, authority)| Principal {
        organisation: own.clone(),
        by: format!("key of {name}"),
        purpose: Purpose::default(),
        node: None,
        account: Some(Acting { name, authority: Arc::new(authority) }),
    }))
}

/// Every text of the request that could be a secret of ours.
fn secrets(headers: &HeaderMap) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(text) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) {
        out.extend(from_authorization(text.trim()));
    }
    for name in HEADERS {
        if let Some(text) = headers.get(*name).and_then(|value| value.to_str().ok()) {
            out.push(text.trim().to_owned());
        }
    }
    out.retain(|secret| (16..=256).contains(&secret.len()));
    out
}

fn from_authorization(text: &str) -> Vec<String> {
    let Some((scheme, rest)) = text.split_once(' ') else { return vec![text.to_owned()] };
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(rest).ok();
            let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            // The user's name is for the reader of logs: the secret alone says who it is. Without a colon it
            // may be the raw key.
            let password =
                pair.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, password)| password.to_owned());
            password.into_iter().chain([rest.to_owned()]).collect()
        }
        "bearer" | "token" | "apikey" => vec![rest.to_owned()],
        _ => Vec::new(),
    }
}

/// Headers some tools send a key in.
const HEADERS: &[&str] = &["x-api-key", "x-misp-auth", "x-auth-token", "api-key"];
/// A credential that was taken back may open the door for so long still.
const REMEMBERED: Duration = Duration::from_secs(5);
/// Most credentials remembered.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "k3y-of-thirty-two-bytes-or-so-xx";

    fn with(name: &'static str, value: &str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        secrets(&headers)
    }

    #[test]
    fn every_way_of_showing_a_key_shows_the_same_key() {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("anyone:{KEY}"));
        for value in [
            format!("Basic {basic}"),
            format!("basic {KEY}"),
            format!("Bearer {KEY}"),
            format!("Token {KEY}"),
            KEY.into(),
        ] {
            assert!(with("authorization", &value).contains(&KEY.to_owned()), "{value}");
        }
        for name in HEADERS {
            assert_eq!(with(name, KEY), [KEY]);
        }
        assert!(with("authorization", "Digest username=x").is_empty());
        assert!(with("authorization", "Bearer short").is_empty());
    }
}
