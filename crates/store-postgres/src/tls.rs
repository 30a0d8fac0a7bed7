use std::path::Path;
use std::sync::Arc;

use comity_store::StoreError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// TLS that checks the server's certificate and name against the system's roots, or those in a file.
pub(crate) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let mut store = RootCertStore::empty();
    if let Some(path) = roots {
        add_file(&mut store, path)?;
    } else {
        let found = rustls_native_certs::load_native_certs();
        store.add_parsable_certificates(found.certs);
    }
    if store.is_empty() {
        let reason = "no trusted certificate was found; name a file of them with sslrootcert=";
        return Err(StoreError::engine("check the server's certificate", reason));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::engine("prepare TLS", error))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn add_file(store: &mut RootCertStore, path: &Path) -> Result<(), StoreError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        StoreError::engine(format!("read the certificates in {}", path.display()), error)
    };
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(error.into()))? {
        let certificate = certificate.map_err(|error| failed(error.into()))?;
        store.add(certificate).map_err(|error| failed(error.into()))?;
    }
    Ok(())
}
