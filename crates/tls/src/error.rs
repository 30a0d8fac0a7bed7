/// An identity or a configuration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The text can stand in no certificate as a host.
    #[error("{0:?} is neither a host name nor an IP address; leave out any scheme, port and path")]
    BadHost(String),
    /// The times are in the wrong order or beyond what certificates can say.
    #[error("a certificate cannot be valid from {0} to {1}")]
    BadValidity(comity_base::Timestamp, comity_base::Timestamp),
    /// A new certificate could not be made.
    #[error("making a certificate")]
    Make(#[from] rcgen::Error),
    /// A file is not PEM.
    #[error("the file with the {what} is damaged: {why}")]
    Pem {
        /// What was looked for.
        what: &'static str,
        /// What stands in the way.
        why: String,
    },
    /// The file holds no certificate.
    #[error("there is no certificate in the file: expected -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    /// The file holds no private key.
    #[error("there is no private key in the file: expected -----BEGIN PRIVATE KEY-----")]
    NoKey,
    /// The file holds several private keys.
    #[error("there is more than one private key in the file; leave the one that belongs to the certificate")]
    ManyKeys,
    /// The private key is protected by a passphrase.
    #[error("the private key is protected by a passphrase; take that off (openssl pkey -in KEY -out PLAIN)")]
    ProtectedKey,
    /// The certificate cannot be used.
    #[error("the certificate cannot be used")]
    BadCertificate(#[source] rustls::Error),
    /// The private key cannot be used.
    #[error("the private key is not of a kind that can be used (ECDSA P-256, P-384, P-521, Ed25519, RSA)")]
    BadKey(#[source] rustls::Error),
    /// Key and certificate do not belong together.
    #[error("the private key does not belong to the first certificate in the file")]
    KeyOfAnother,
    /// Key and certificate do not belong together, but there is one the key belongs to.
    #[error(
        "the private key belongs to certificate number {0} in the file; that one must stand first, then its issuers"
    )]
    KeyOfLater(usize),
    /// The machine trusts no authority.
    #[error("this machine has no list of trusted authorities{0}; install one (ca-certificates), or set SSL_CERT_FILE")]
    NoRoots(String),
    /// `rustls` refuses the configuration.
    #[error("setting up TLS")]
    Setup(#[source] rustls::Error),
    /// The other side showed no certificate.
    #[error("the other side showed no certificate")]
    NoPeer,
}
