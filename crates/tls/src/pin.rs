use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use comity_crypto::{base64url, sha256, unbase64url};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::TlsError;

/// What a peer's TLS key is known by: the SHA-256 of its SubjectPublicKeyInfo (RFC 5280 section 4.1).
///
/// It stays when a certificate is renewed with the same key. Its text form is `sha256/` and 43 characters of
/// base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pin(pub [u8; 32]);

/// The text is not a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a pin of the form sha256/ and 43 characters")]
pub struct NotAPin;

/// The pin of a certificate's key.
///
/// # Errors
/// When the certificate is not one that `rustls` can use.
pub fn pin_of(certificate: &CertificateDer<'_>) -> Result<Pin, TlsError> {
    // The same parser as for the signature of the handshake: no certificate can show one key to each of them.
    let parsed = ParsedCertificate::try_from(certificate).map_err(TlsError::BadCertificate)?;
    Ok(Pin(sha256(&parsed.subject_public_key_info())))
}

/// The pin of the other side of a connection, from the certificates it showed: only the first is proven to be its own.
///
/// # Errors
/// When it showed none, or none that can be read.
pub fn peer_pin(certificates: &[CertificateDer<'_>]) -> Result<Pin, TlsError> {
    certificates.first().ok_or(TlsError::NoPeer).and_then(pin_of)
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", base64url(&self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

impl FromStr for Pin {
    type Err = NotAPin;

    fn from_str(text: &str) -> Result<Self, NotAPin> {
        let bytes = text.strip_prefix(PREFIX).and_then(unbase64url).ok_or(NotAPin)?;
        bytes.try_into().map(Self).map_err(|_| NotAPin)
    }
}

impl Serialize for Pin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

const PREFIX: &str = "sha256/";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_pins_are_pins() {
        let good = format!("sha256/{}", "A".repeat(43));
        assert_eq!(good.parse(), Ok(Pin([0; 32])));
        for bad in ["", "sha256/", &good[7..], &good[..49], &format!("{good}="), &good.replace('A', "+"), "sha1/AAAA"] {
            assert_eq!(bad.parse::<Pin>(), Err(NotAPin), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn pins_survive_their_text_form(bytes: [u8; 32]) {
            let pin = Pin(bytes);
            prop_assert_eq!(pin.to_string().parse(), Ok(pin));
            let json = serde_json::to_string(&pin).unwrap();
            prop_assert_eq!(serde_json::from_str::<Pin>(&json).unwrap(), pin);
        }

        #[test]
        fn anything_may_be_given_for_a_certificate(bytes: Vec<u8>) {
            prop_assert!(pin_of(&CertificateDer::from(bytes)).is_err());
        }
    }
}
