//! The given TLS configuration decides whom to trust and which certificate to show.

use std::sync::{Arc, Mutex};

use comity_taxii::{Client, ClientError, ClientOptions, Discovery, Problem};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::server::{builder, provider, talk, taxii};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(authority: &Authority, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

fn roots(authority: &Authority) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    roots
}

/// A server at `localhost` that only speaks to clients with a certificate of the authority.
async fn serve(authority: &Authority) -> String {
    let (chain, key) = certificate(authority, "localhost");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(authority)), provider()).build().unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}/taxii2/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                let answer = |_: &crate::server::Request| taxii(200, r#"{"title":"Behind TLS","api_roots":[]}"#);
                tokio::spawn(talk(stream, Arc::new(answer), Arc::new(Mutex::new(Vec::new()))));
            }
        }
    });
    address
}

async fn discover(address: &str, tls: rustls::ClientConfig) -> Result<Discovery, ClientError> {
    let options = ClientOptions { allow_private: true, ..ClientOptions::default() };
    Client::new(address, tls, options).unwrap().discovery().await
}

#[tokio::test]
async fn a_client_certificate_is_shown_and_the_server_is_checked() {
    let authority = authority();
    let address = serve(&authority).await;
    let (chain, key) = certificate(&authority, "lab-north");
    let shown = builder().with_root_certificates(roots(&authority)).with_client_auth_cert(chain, key).unwrap();
    assert_eq!(discover(&address, shown).await.unwrap().title, "Behind TLS");

    let bare = builder().with_root_certificates(roots(&authority)).with_no_client_auth();
    let error = discover(&address, bare).await.unwrap_err();
    assert!(
        matches!(error.problem(), Problem::NoConnection(text) if text.contains("CertificateRequired")),
        "{error:?}"
    );

    let stranger = builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let error = discover(&address, stranger).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::NoConnection(text) if text.contains("certificate")), "{error:?}");
}
