use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use minicbor::Decoder;
use minicbor::data::Type;
use serde::{Deserialize, Serialize};

use super::PasskeyError;
use super::authdata::skip;
use crate::{hex, unhex};

/// The public key of a passkey, of a kind that is taken here (COSE, RFC 9053).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasskeyKey {
    /// ECDSA on P-256 with SHA-256: both coordinates, hexadecimal.
    Es256(String, String),
    /// Ed25519, hexadecimal.
    Eddsa(String),
    /// RSA PKCS #1 v1.5 with SHA-256: modulus and exponent, hexadecimal.
    Rs256(String, String),
}

impl PasskeyKey {
    /// Their numbers, the best first: Ed25519, P-256, RSA for the devices that know no other.
    pub(super) const ALGORITHMS: [i32; 3] = [EDDSA, ES256, RS256];

    /// Reads a `COSE_Key`: a map of small numbers.
    pub(super) fn read(cbor: &mut Decoder<'_>) -> Result<Self, PasskeyError> {
        let broken = |_| PasskeyError::Unreadable;
        let entries = cbor.map().map_err(broken)?.filter(|entries| *entries <= 16).ok_or(PasskeyError::Unreadable)?;
        let (mut kind, mut algorithm, mut curve) = (None, None, None);
        let (mut first, mut second, mut third) = (None, None, None);
        for _ in 0..entries {
            let label = cbor.i64().map_err(broken)?;
            match (label, cbor.datatype().map_err(broken)?) {
                (1, _) => kind = Some(cbor.i32().map_err(broken)?),
                (3, _) => algorithm = Some(cbor.i32().map_err(broken)?),
                (-1, Type::Bytes) => first = Some(cbor.bytes().map_err(broken)?),
                (-1, _) => curve = Some(cbor.i32().map_err(broken)?),
                (-2, Type::Bytes) => second = Some(cbor.bytes().map_err(broken)?),
                (-3, Type::Bytes) => third = Some(cbor.bytes().map_err(broken)?),
                _ => skip(cbor, 0)?,
            }
        }
        match (kind, algorithm, curve, first, second, third) {
            (Some(2), Some(ES256), Some(1), None, Some(x), Some(y)) if x.len() == 32 && y.len() == 32 => {
                Ok(Self::Es256(hex(x), hex(y)))
            }
            (Some(1), Some(EDDSA), Some(6), None, Some(x), None) if x.len() == 32 => Ok(Self::Eddsa(hex(x))),
            (Some(3), Some(RS256), None, Some(n), Some(e), None)
                if (256..=1_024).contains(&n.len()) && e.len() <= 8 =>
            {
                Ok(Self::Rs256(hex(n), hex(e)))
            }
            _ => Err(PasskeyError::Unsupported),
        }
    }

    /// Whether it signed this.
    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        let verified = match self {
            Self::Es256(x, y) => {
                let point = [&[4][..], &bytes::<32>(x)?, &bytes::<32>(y)?].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(signed, signature)
            }
            Self::Eddsa(x) => UnparsedPublicKey::new(&ED25519, bytes::<32>(x)?).verify(signed, signature),
            Self::Rs256(n, e) => {
                let (n, e) = (long(n).ok_or(PasskeyError::Wrong)?, long(e).ok_or(PasskeyError::Wrong)?);
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            }
        };
        verified.map_err(|_| PasskeyError::Wrong)
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], PasskeyError> {
    unhex(text).ok_or(PasskeyError::Wrong)
}

fn long(text: &str) -> Option<Vec<u8>> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

const ES256: i32 = -7;
const EDDSA: i32 = -8;
const RS256: i32 = -257;
