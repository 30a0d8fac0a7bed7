use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, Ticketer, kx_group};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::verify::{AnyClient, PinnedServer};
use crate::{Identity, Pin, TlsError};

/// A server with this identity, for HTTP/2 and HTTP/1.1 over TLS 1.3 and 1.2.
///
/// It asks for a client certificate and goes on without one. It takes any that can be read, from any issuer or none:
/// the handshake fails unless the client proves to hold its key, and nothing else is said about who the client is.
/// Look the [pin](crate::peer_pin) up for every connection, also for a resumed one: it stays what it was.
///
/// # Errors
/// When `rustls` refuses the configuration.
pub fn server_config(identity: &Identity) -> Result<ServerConfig, TlsError> {
    let provider = provider();
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .with_client_cert_verifier(Arc::new(AnyClient::new(provider)))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified())));
    config.alpn_protocols = http();
    config.ticketer = Ticketer::new().map_err(TlsError::Setup)?;
    Ok(config)
}

/// A client that talks to holders of these keys and nobody else, and shows this identity when it is asked to.
///
/// Names, issuers and dates in the server's certificate are not looked at. Without pins it talks to nobody. While a
/// peer changes its key, give both pins.
///
/// # Errors
/// When `rustls` refuses the configuration.
pub fn client_config_pinned(identity: Option<&Identity>, pins: &[Pin]) -> Result<ClientConfig, TlsError> {
    let provider = provider();
    let verifier = PinnedServer::new(pins, Arc::clone(&provider));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    Ok(match identity {
        Some(identity) => ready(builder.with_client_cert_resolver(shown(identity))),
        None => ready(builder.with_no_client_auth()),
    })
}

/// A client that trusts the authorities this machine trusts, and shows this identity to servers that ask.
///
/// # Errors
/// When the machine has no such list, or `rustls` refuses the configuration.
pub fn client_config_public(identity: Option<&Identity>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(native.certs);
    if added == 0 {
        let why = native.errors.first().map(|error| format!(" ({error})"));
        return Err(TlsError::NoRoots(why.unwrap_or_default()));
    }
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .with_root_certificates(roots);
    Ok(match identity {
        Some(identity) => ready(builder.with_client_cert_resolver(shown(identity))),
        None => ready(builder.with_no_client_auth()),
    })
}

fn ready(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = http();
    config
}

fn shown(identity: &Identity) -> Arc<SingleCertAndKey> {
    Arc::new(SingleCertAndKey::from(identity.certified()))
}

/// The primitives. First of all key exchanges comes the one that also holds when someone records today and has a
/// quantum computer later: what police exchange stays secret for longer than that may take.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    let kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];
    Arc::new(CryptoProvider { kx_groups, ..aws_lc_rs::default_provider() })
}

fn http() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec()]
}
