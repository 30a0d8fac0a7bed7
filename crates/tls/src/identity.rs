use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use comity_base::Timestamp;
use comity_crypto::TlsSecret;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use rustls::pki_types::pem::{PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use x509_parser::parse_x509_certificate;

use crate::config::provider;
use crate::{Pin, TlsError, pin_of};

/// What a node shows of itself on the wire: a certificate, with those of its issuers where there are any, and its
/// private key.
///
/// Certificate and key belong together and can be used; that was checked.
#[derive(Clone)]
pub struct Identity {
    certified: Arc<CertifiedKey>,
    key: Arc<PrivateKeyDer<'static>>,
    pin: Pin,
}

/// From when to when a certificate says it is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub from: Timestamp,
    /// The last moment.
    pub until: Timestamp,
}

/// Makes a new key and a certificate signed with itself: ECDSA P-256, which every TLS client takes, for a server and
/// a client that is reached under these host names and IP addresses.
///
/// Peers that pin the key look neither at the names nor at the times; others do, and have to be told to trust this
/// certificate. Of the common name, at most 64 characters are taken.
///
/// # Errors
/// When a host is neither a name nor an address, or the times are out of order.
pub fn make_identity(
    common_name: &str,
    hosts: &[String],
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<Identity, TlsError> {
    if let Some(bad) = hosts.iter().find(|host| ServerName::try_from(host.as_str()).is_err()) {
        return Err(TlsError::BadHost(bad.clone()));
    }
    let mut params = CertificateParams::new(hosts)?;
    let bad_validity = || TlsError::BadValidity(not_before, not_after);
    if not_before >= not_after {
        return Err(bad_validity());
    }
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_epoch(not_before).ok_or_else(bad_validity)?;
    params.not_after = epoch + since_epoch(not_after).ok_or_else(bad_validity)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name.chars().take(64).collect::<String>());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = params.self_signed(&key)?;
    Identity::new(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
}

impl Identity {
    /// A certificate, followed by those of its issuers, and its private key.
    ///
    /// # Errors
    /// When they cannot be used or do not belong together.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, TlsError> {
        let provider = provider();
        let signer = provider.key_provider.load_private_key(key.clone_key()).map_err(TlsError::BadKey)?;
        let pin = pin_of(chain.first().ok_or(TlsError::NoCertificate)?)?;
        let certified = CertifiedKey::new(chain, signer);
        match certified.keys_match() {
            Ok(()) => Ok(Self { certified: Arc::new(certified), key: Arc::new(key), pin }),
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(owner(&certified)),
            Err(error) => Err(TlsError::BadKey(error)),
        }
    }

    /// Reads what an operator brings: a PEM file with the certificate and those of its issuers in this order, and one
    /// with the private key. They may be the same file.
    ///
    /// # Errors
    /// When something is missing, damaged, protected by a passphrase, or does not belong together.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let damaged = |what| move |error: rustls::pki_types::pem::Error| TlsError::Pem { what, why: error.to_string() };
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(certificates).collect::<Result<_, _>>().map_err(damaged("certificates"))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let protected = |marker: &str| key.windows(marker.len()).any(|window| window == marker.as_bytes());
        if protected("-----BEGIN ENCRYPTED PRIVATE KEY-----") || protected("Proc-Type: 4,ENCRYPTED") {
            return Err(TlsError::ProtectedKey);
        }
        let mut keys = Vec::new();
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(key) {
            let (kind, der) = section.map_err(damaged("private key"))?;
            keys.extend(PrivateKeyDer::from_pem(kind, der));
        }
        match (keys.pop(), keys.is_empty()) {
            (None, _) => Err(TlsError::NoKey),
            (Some(key), true) => Self::new(chain, key),
            (Some(_), false) => Err(TlsError::ManyKeys),
        }
    }

    /// What the node's ring of keys holds.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn from_secret(secret: &TlsSecret) -> Result<Self, TlsError> {
        let chain = vec![CertificateDer::from(secret.certificate_der.clone())];
        let key = PrivateKeyDer::try_from(secret.private_key_der.clone())
            .map_err(|why| TlsError::BadKey(Error::General(why.to_owned())))?;
        Self::new(chain, key)
    }

    /// For the node's ring of keys: the certificate without its issuers, and the key.
    pub fn to_secret(&self, created: Timestamp) -> TlsSecret {
        TlsSecret {
            certificate_der: self.certificate().to_vec(),
            private_key_der: self.key.secret_der().to_vec(),
            created,
        }
    }

    /// What peers know its key by.
    pub fn pin(&self) -> Pin {
        self.pin
    }

    /// The certificate and those of its issuers.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certified.cert
    }

    /// From when to when the certificate says it is valid. Peers that pin its key do not look at that.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn validity(&self) -> Result<Validity, TlsError> {
        let bad = |error: String| TlsError::BadCertificate(Error::General(error));
        let (_, parsed) = parse_x509_certificate(self.certificate()).map_err(|error| bad(error.to_string()))?;
        let moment =
            |time: x509_parser::time::ASN1Time| Timestamp::from_micros(time.timestamp().saturating_mul(SECOND));
        Ok(Validity { from: moment(parsed.validity().not_before), until: moment(parsed.validity().not_after) })
    }

    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }

    fn certificate(&self) -> &[u8] {
        self.chain().first().map_or(&[], |certificate| certificate)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.pin)
    }
}

/// Which certificate of a chain in the wrong order the key belongs to.
fn owner(certified: &CertifiedKey) -> TlsError {
    let spki = certified.key.public_key();
    let belongs = |certificate: &CertificateDer<'_>| {
        rustls::server::ParsedCertificate::try_from(certificate)
            .is_ok_and(|parsed| Some(parsed.subject_public_key_info()) == spki)
    };
    certified.cert.iter().position(belongs).map_or(TlsError::KeyOfAnother, |index| TlsError::KeyOfLater(index + 1))
}

/// The time since 1970, to the second, where a certificate can say it (RFC 5280 section 4.1.2.5).
fn since_epoch(at: Timestamp) -> Option<Duration> {
    let seconds = u64::try_from(at.as_micros() / SECOND).ok()?;
    (at.as_micros() >= 0 && seconds <= END_OF_9999).then(|| Duration::from_secs(seconds))
}

const SECOND: i64 = 1_000_000;
const END_OF_9999: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use comity_crypto::sha256;
    use rcgen::{BasicConstraints, Issuer};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn made(hosts: &[&str]) -> Result<Identity, TlsError> {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        make_identity("ee", &hosts, at("2026-11-01T00:00:00.75Z"), at("2051-01-02T03:04:05Z"))
    }

    /// The certificates of a node and of the authority that issued it, and the node's key.
    fn issued() -> (String, String, KeyPair) {
        let (authority, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = params.self_signed(&authority).unwrap();
        let issuer = Issuer::new(params, authority);
        let certificate =
            CertificateParams::new(vec!["node.example".into()]).unwrap().signed_by(&key, &issuer).unwrap();
        (certificate.pem(), own.pem(), key)
    }

    #[test]
    fn what_is_made_says_what_it_was_told() {
        let identity = made(&["node.police.example", "192.0.2.7", "2001:db8::7"]).unwrap();
        let validity = identity.validity().unwrap();
        assert_eq!(validity.from, at("2026-11-01T00:00:00Z"));
        assert_eq!(validity.until, at("2051-01-02T03:04:05Z"));
        let (rest, parsed) = parse_x509_certificate(identity.certificate()).unwrap();
        assert!(rest.is_empty());
        assert_eq!(parsed.subject().to_string(), "CN=ee");
        let names = parsed.subject_alternative_name().unwrap().unwrap().value.general_names.clone();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names[0].contains("node.police.example"), "{names:?}");
        // Another parser finds the same key.
        assert_eq!(identity.pin(), Pin(sha256(parsed.subject_pki.raw)));
        assert_ne!(made(&[]).unwrap().pin(), identity.pin());
        assert_eq!(format!("{identity:?}"), format!("Identity({})", identity.pin()));
    }

    #[test]
    fn what_cannot_be_a_host_is_refused() {
        for bad in ["", "node.example:7311", "https://node.example", "node example", "n\u{f6}de.example", "*.example"] {
            let error = made(&["good.example", bad]).unwrap_err();
            assert!(matches!(&error, TlsError::BadHost(host) if host == bad), "{bad}: {error}");
        }
        let times =
            [("2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("1969-01-01T00:00:00Z", "2026-01-01T00:00:00Z")];
        for (from, until) in times {
            let error = make_identity("ee", &[], at(from), at(until)).unwrap_err();
            assert!(matches!(error, TlsError::BadValidity(..)), "{error}");
        }
        assert!(make_identity("ee", &[], at("2026-01-01T00:00:00Z"), Timestamp::from_micros(i64::MAX)).is_err());
        let long = made(&[&"a".repeat(64)]).unwrap_err();
        assert!(matches!(long, TlsError::BadHost(_)));
        assert!(
            make_identity(&"\u{e4}".repeat(500), &[], at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).is_ok()
        );
    }

    #[test]
    fn what_an_operator_brings_is_read() {
        let (own, authority, key) = issued();
        let chain = format!("the node\n{own}\nits issuer\n{authority}");
        let identity = Identity::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes()).unwrap();
        assert_eq!(identity.chain().len(), 2);
        // All in one file, as some tools write it.
        let all = format!("{}{chain}", key.serialize_pem());
        assert_eq!(Identity::from_pem(all.as_bytes(), all.as_bytes()).unwrap().pin(), identity.pin());
        assert_eq!(Identity::from_pem(own.as_bytes(), all.as_bytes()).unwrap().pin(), identity.pin());
    }

    #[test]
    fn what_is_wrong_with_it_is_said() {
        let (own, authority, key) = issued();
        let key = key.serialize_pem();
        let error = |certificates: &str, key: &str| {
            Identity::from_pem(certificates.as_bytes(), key.as_bytes()).unwrap_err().to_string()
        };
        let other = KeyPair::generate().unwrap().serialize_pem();
        let damaged = own.replacen("MII", "M!I", 1);
        let cut = own.replace("-----END CERTIFICATE-----", "");
        let wrong_content = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let not_a_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let protected = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let old_protected = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
        for (certificates, key, expected) in [
            (&*format!("{authority}{own}"), &*key, "belongs to certificate number 2"),
            (&own, &other, "does not belong to the first certificate"),
            ("", &key, "no certificate"),
            (&key, &key, "no certificate"),
            (&own, "", "no private key"),
            (&own, &own, "no private key"),
            (&own, &format!("{key}{other}"), "more than one private key"),
            (&own, &protected, "protected by a passphrase"),
            (&own, old_protected, "protected by a passphrase"),
            (&damaged, &key, "the file with the certificates is damaged"),
            (&cut, &key, "the file with the certificates is damaged"),
            (wrong_content, &key, "the certificate cannot be used"),
            (&own, not_a_key, "the private key is not of a kind"),
        ] {
            let said = error(certificates, key);
            assert!(said.contains(expected), "expected {expected:?}: {said}");
        }
    }
}
