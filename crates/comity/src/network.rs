//! What a node needs to talk to others: its identity, its address, and a client for each peer.

use std::path::Path;

use anyhow::{Context as _, bail};
use comity_crypto::NodeKeys;
use comity_crypto::passkey::RelyingParty;
use comity_node::{Ourselves, Peer};
use comity_taxii::PeerClient;
use comity_tls::{Identity, Pin, client_config_pinned};

use crate::clock;
use crate::config::Config;
use crate::keys::{self, NOTICE};

/// The certificate and key shown to others now: what the operator brought, or the node's own.
pub(crate) fn identity(folder: &Path, config: &Config, keys: &NodeKeys) -> anyhow::Result<Identity> {
    let network = &config.network;
    if let (Some(certificate), Some(key)) = (&network.certificate, &network.key) {
        let read = |path: &Path| {
            let path = folder.join(path);
            std::fs::read(&path).with_context(|| format!("reading {}", path.display()))
        };
        return Ok(Identity::from_pem(&read(certificate)?, &read(key)?)?);
    }
    let secret = keys.tls_to_present(clock::system()(), NOTICE);
    let secret = secret.context("the node has no TLS key; make one with `comity keys rotate --tls`")?;
    Ok(Identity::from_secret(secret)?)
}

/// Opens the keys and finds the identity.
pub(crate) fn open_identity(folder: &Path, config: &Config) -> anyhow::Result<Identity> {
    identity(folder, config, &keys::open(folder)?.keys)
}

/// The node as others see it.
pub(crate) fn ourselves(folder: &Path, config: &Config, keys: &NodeKeys) -> anyhow::Result<Ourselves> {
    let mut pins: Vec<String> = Vec::new();
    if config.network.certificate.is_some() {
        pins.push(identity(folder, config, keys)?.pin().to_string());
    }
    for secret in keys.tls() {
        pins.push(Identity::from_secret(secret)?.pin().to_string());
    }
    Ok(Ourselves {
        name: config.node.organisation.clone(),
        full_name: config.node.name.clone(),
        country: Some(config.node.country.clone()),
        kind: config.node.kind,
        url: config.network.address(),
        keys: keys.public_keys().iter().map(|record| record.key).collect(),
        pins,
        successions: Vec::new(),
        ledger: Vec::new(),
    })
}

/// A client for the node at this address, which shows one of these pins and no other.
pub(crate) fn client(url: &str, pins: &[String], identity: &Identity) -> anyhow::Result<PeerClient> {
    let pins: Vec<Pin> = pins.iter().filter_map(|pin| pin.parse().ok()).collect();
    if pins.is_empty() {
        bail!("no TLS key of {url} is known");
    }
    Ok(PeerClient::new(url, client_config_pinned(Some(identity), &pins)?)?)
}

/// A client for a peer's node, when it has one that can be reached.
pub(crate) fn client_of(peer: &Peer, identity: &Identity) -> anyhow::Result<Option<PeerClient>> {
    peer.url.as_deref().map(|url| client(url, &peer.pins, identity)).transpose()
}

/// Runs something that waits for the network, for a short command.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(future))
}

/// As whom this node takes passkeys: browsers bind them to the domain name in its address. An address of numbers has none.
pub(crate) fn party(config: &Config) -> Option<RelyingParty> {
    let address = config.network.address()?;
    let host = address.strip_prefix("https://")?.split('/').next()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_number = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
    let origin = format!("https://{}", host.strip_suffix(":443").unwrap_or(host));
    (!is_number && !name.is_empty()).then(|| RelyingParty {
        id: name.to_owned(),
        origin,
        name: config.node.name.clone(),
    })
}
