use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme};

use crate::{Pin, pin_of};

/// The server's key is none of those that are pinned. It is the reason inside `rustls`'s error of the handshake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server showed a key with the pin {found}, and {}", expected(.pinned))]
pub struct WrongPin {
    /// The key the server showed, and proved to hold only if the handshake had gone on.
    pub found: Pin,
    /// The keys that would have been accepted.
    pub pinned: Vec<Pin>,
}

fn expected(pinned: &[Pin]) -> String {
    match pinned {
        [] => "no key is accepted".to_owned(),
        [pin] => format!("{pin} was expected"),
        pins => format!("one of {} was expected", pins.iter().map(Pin::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// A server is who it should be when it holds a pinned key; its names, issuers and dates say nothing.
pub(crate) struct PinnedServer {
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

/// A client may hold any key, and proves that it does. Who has that key is looked up later.
pub(crate) struct AnyClient {
    provider: Arc<CryptoProvider>,
}

impl PinnedServer {
    pub(crate) fn new(pins: &[Pin], provider: Arc<CryptoProvider>) -> Self {
        Self { pins: pins.to_vec(), provider }
    }
}

impl AnyClient {
    pub(crate) fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider }
    }
}

impl ServerCertVerifier for PinnedServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = pin(end_entity)?;
        if self.pins.contains(&found) {
            return Ok(ServerCertVerified::assertion());
        }
        let wrong = WrongPin { found, pinned: self.pins.clone() };
        Err(CertificateError::Other(OtherError(Arc::new(wrong))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// No hints: a client shows what it has.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // Whatever gets past here has a pin.
        pin(end_entity).map(|_| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for PinnedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinnedServer({:?})", self.pins)
    }
}

impl fmt::Debug for AnyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyClient")
    }
}

fn pin(certificate: &CertificateDer<'_>) -> Result<Pin, Error> {
    pin_of(certificate).map_err(|_| CertificateError::BadEncoding.into())
}
