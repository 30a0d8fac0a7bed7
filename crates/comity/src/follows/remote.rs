use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use comity_node::{Follow, FollowKind, FollowSecret};
use comity_taxii::{Client, ClientOptions, Collection, Credentials, Failure, FailureKind};
use comity_tls::{Pin, client_config_pinned, client_config_public};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};

use super::step::failure;

/// A collection as it was found on its server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) root: String,
    pub(super) collection: String,
    pub(super) title: String,
    /// Most bytes of a request, as the API root says.
    pub(super) bytes: Option<u64>,
}

/// Reads a secret from where it is: a file, or `env:VARIABLE`. White space around it does not count.
pub(crate) fn secret(place: &str) -> anyhow::Result<String> {
    let text = match place.strip_prefix("env:") {
        Some(variable) => std::env::var(variable).with_context(|| format!("the environment holds no {variable}"))?,
        None => std::fs::read_to_string(place).with_context(|| format!("reading the secret in {place}"))?,
    };
    let text = text.trim();
    if text.is_empty() {
        bail!("the secret in {place} is empty");
    }
    Ok(text.to_owned())
}

/// What the server is shown.
pub(super) fn credentials(follow: &Follow) -> anyhow::Result<Credentials> {
    Ok(match &follow.secret {
        FollowSecret::None => Credentials::None,
        FollowSecret::Basic { user, place } => Credentials::Basic { user: user.clone(), password: secret(place)? },
        // A MISP wants its keys as they are.
        FollowSecret::Token { place } if matches!(follow.kind, FollowKind::Misp | FollowKind::MispFeed) => {
            Credentials::Header { name: "Authorization".into(), value: secret(place)? }
        }
        FollowSecret::Token { place } => Credentials::Bearer(secret(place)?),
        FollowSecret::Header { name, place } => Credentials::Header { name: name.clone(), value: secret(place)? },
    })
}

/// Whom to trust: a pinned key, authorities of a file, or those this machine trusts.
pub(super) fn tls(follow: &Follow) -> anyhow::Result<ClientConfig> {
    if !follow.pins.is_empty() {
        let pins = follow.pins.iter().map(|pin| pin.parse()).collect::<Result<Vec<Pin>, _>>()?;
        return Ok(client_config_pinned(None, &pins)?);
    }
    let Some(path) = &follow.ca else { return Ok(client_config_public(None)?) };
    let pem = std::fs::read(Path::new(path)).with_context(|| format!("reading the authorities in {path}"))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.with_context(|| format!("{path} holds a damaged certificate"))?;
        roots.add(certificate).with_context(|| format!("{path} holds a certificate that cannot be used"))?;
    }
    if roots.is_empty() {
        bail!("{path} holds no certificate");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// A client for a TAXII server. What is wrong with files and addresses is a failure of this side.
pub(super) fn taxii_client(follow: &Follow) -> Result<Client, Failure> {
    let local = |error: anyhow::Error| failure(FailureKind::Local, crate::output::causes(&error));
    let credentials = credentials(follow).map_err(local)?;
    let options = ClientOptions { credentials, allow_private: follow.allow_private, ..ClientOptions::default() };
    Client::new(&follow.url, tls(follow).map_err(local)?, options).map_err(|error| error.failure())
}

/// Finds the collection that is meant: by root and id where both are said, else by looking what the server has.
pub(super) async fn find(client: &Client, follow: &Follow) -> Result<Target, Failure> {
    let writes = follow.kind == FollowKind::Push;
    let mut found = Vec::new();
    let mut last = None;
    for root in roots(client, follow).await? {
        match client.collections(&root).await {
            Ok(all) => found.extend(all.collections.into_iter().map(|collection| (root.clone(), collection))),
            Err(error) => last = Some(error.failure()),
        }
    }
    if let (true, Some(failure)) = (found.is_empty(), last) {
        return Err(failure);
    }
    let may = |collection: &Collection| if writes { collection.can_write } else { collection.can_read };
    let wanted = |collection: &Collection| {
        follow.collection.as_ref().is_none_or(|wanted| {
            let named = [Some(&collection.id), Some(&collection.title), collection.alias.as_ref()];
            named.into_iter().flatten().any(|name| folded(name) == folded(wanted))
        })
    };
    let chosen: Vec<_> = found.iter().filter(|(_, collection)| may(collection) && wanted(collection)).collect();
    let [(root, collection)] = chosen.as_slice() else {
        return Err(failure(FailureKind::Unreadable, not_found(&found, follow)));
    };
    let about = client.api_root(root).await.ok();
    Ok(Target {
        root: root.clone(),
        collection: collection.id.clone(),
        title: collection.title.clone(),
        bytes: about.map(|about| about.max_content_length).filter(|most| *most > 0),
    })
}

/// The API roots to look into: the one said, those discovered, or the address itself.
async fn roots(client: &Client, follow: &Follow) -> Result<Vec<String>, Failure> {
    if let Some(root) = &follow.root {
        return Ok(vec![root.clone()]);
    }
    match client.discovery().await {
        Ok(discovery) => {
            let mut roots: Vec<String> = discovery.default.into_iter().collect();
            for root in discovery.api_roots {
                if !roots.contains(&root) && roots.len() < MOST_ROOTS {
                    roots.push(root);
                }
            }
            Ok(roots)
        }
        // The address may be an API root itself.
        Err(error) => match client.api_root(&follow.url).await {
            Ok(_) => Ok(vec![follow.url.clone()]),
            Err(_) => Err(error.failure()),
        },
    }
}

fn not_found(found: &[(String, Collection)], follow: &Follow) -> String {
    let what = if follow.kind == FollowKind::Push { "take objects from this account" } else { "this account may read" };
    let list: Vec<String> = found
        .iter()
        .filter(
            |(_, collection)| if follow.kind == FollowKind::Push { collection.can_write } else { collection.can_read },
        )
        .take(10)
        .map(|(root, collection)| format!("{} ({:?}, root {root})", collection.id, collection.title))
        .collect();
    let asked = follow.collection.as_deref().map_or_else(String::new, |wanted| format!(" {wanted:?}"));
    match list.as_slice() {
        [] => format!("the server shows no collections that {what}; ask its people for the right"),
        _ => format!("no single collection{asked} is meant; those that {what} are {}", list.join(", ")),
    }
}

/// A name as it is compared.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Checks an address as it was typed: `https`, a host, no credentials in it.
pub(crate) fn plain_address(text: &str) -> anyhow::Result<String> {
    let url = reqwest::Url::parse(text.trim()).with_context(|| format!("{text:?} is no address"))?;
    if url.scheme() != "https" {
        bail!("{text:?} must begin with https://: over anything else secrets and objects can be read on the way");
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!("credentials do not belong into the address; give them with --user and --password-file");
    }
    Ok(url.into())
}

const MOST_ROOTS: usize = 20;
