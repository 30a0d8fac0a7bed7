use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::{hex, sha256, unhex};

/// The private half of an Ed25519 key (RFC 8032).
///
/// It signs messages within a *context*, a short constant that says what the message is, so that a signature
/// given for one purpose is worthless for any other.
#[derive(Clone)]
pub struct SigningKey {
    #[cfg_attr(not(feature = "node"), expect(dead_code, reason = "only a node keeps keys"))]
    seed: Zeroizing<[u8; 32]>,
    pair: Arc<Ed25519KeyPair>,
    public: PublicKey,
}

/// The public half of a [`SigningKey`]; its text form is 64 hexadecimal digits in lower case.
///
/// Any 32 bytes are one; whether they are a usable key shows in [`verify`](Self::verify).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// A signature; its text form is 128 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 64]);

/// The signature was not made with this key, for this message, in this context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not belong to this key and this message")]
pub struct BadSignature;

/// The text is not a key or signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {digits} hexadecimal digits")]
pub struct NotHex {
    /// How many digits there must be.
    pub digits: usize,
}

/// The seed is not a usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these 32 bytes are not a usable signing key")]
pub struct BadSeed;

impl SigningKey {
    /// The key that grows from this seed, which must be random and secret.
    ///
    /// # Errors
    /// When the library refuses the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, BadSeed> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| BadSeed)?;
        let public = pair.public_key().as_ref().try_into().map(PublicKey).map_err(|_| BadSeed)?;
        Ok(Self { seed: Zeroizing::new(*seed), pair: Arc::new(pair), public })
    }

    /// A new random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    #[cfg(feature = "node")]
    pub fn generate() -> Result<Self, crate::KeyError> {
        let seed = Zeroizing::new(crate::random_bytes()?);
        Ok(Self::from_seed(&seed)?)
    }

    /// Its public half.
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Signs a message. The context is a constant of ours without a zero byte.
    pub fn sign(&self, context: &str, message: &[u8]) -> Signature {
        signature(&self.pair, &framed(context, message))
    }

    #[cfg(feature = "node")]
    pub(crate) fn seed(&self) -> &[u8; 32] {
        &self.seed
    }
}

/// The private half of an Ed25519 key for texts that say themselves what they are: the signed notes and
/// cosignatures of transparency logs, whose form others have laid down. It signs the bytes as they stand, so a key
/// used here must be used for nothing else.
#[derive(Clone)]
pub struct NoteKey(SigningKey);

impl NoteKey {
    /// The key that grows from this seed, which must be random, secret, and used for this key alone.
    ///
    /// # Errors
    /// When the library refuses the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, BadSeed> {
        SigningKey::from_seed(seed).map(Self)
    }

    /// Its public half.
    pub fn public_key(&self) -> PublicKey {
        self.0.public
    }

    /// Signs these bytes, without a context of ours.
    pub fn sign(&self, message: &[u8]) -> Signature {
        signature(&self.0.pair, message)
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteKey(secret, public {})", self.0.public)
    }
}

fn signature(pair: &Ed25519KeyPair, message: &[u8]) -> Signature {
    let mut out = Signature([0; 64]);
    out.0.iter_mut().zip(pair.sign(message).as_ref()).for_each(|(to, from)| *to = *from);
    out
}

impl PublicKey {
    /// Whether the holder of this key signed this message in this context.
    ///
    /// # Errors
    /// When not, or when this is no key that could bind its holder to one message.
    pub fn verify(&self, context: &str, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        self.verify_note(&framed(context, message), signature)
    }

    /// Whether the holder of this [`NoteKey`] signed these bytes, without a context of ours.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_note(&self, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        if self.has_small_order() {
            return Err(BadSignature);
        }
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        key.verify(message, &signature.0).map_err(|_| BadSignature)
    }

    /// What two people compare on the phone: ten groups of four digits, 160 bits of the key's SHA-256.
    pub fn fingerprint(&self) -> String {
        let digits = hex(sha256(&self.0).first_chunk::<20>().unwrap_or(&[0; 20]));
        let mut out = String::with_capacity(digits.len() + digits.len() / 4);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                out.push(' ');
            }
            out.push(digit);
        }
        out
    }

    /// Whether this is a point for which one signature can be made to fit many messages, by someone who chose
    /// such a "key" in order to deny later what it signed. RFC 8032 lets a verifier accept them.
    fn has_small_order(&self) -> bool {
        let [rest @ .., last] = self.0;
        SMALL_ORDER.iter().any(|[bad @ .., bad_last]| *bad == rest && *bad_last == last & 0x7f)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(secret, public {})", self.public)
    }
}

/// `comity/v1/`, the context, a zero byte, the message. A zero byte in the context, which could move the border to
/// the message, is something else here.
fn framed(context: &str, message: &[u8]) -> Vec<u8> {
    [b"comity/v1/", context.replace('\0', "\u{fffd}").as_bytes(), &[0], message].concat()
}

/// Text, serde and debug forms of a newtype over bytes.
macro_rules! as_hex {
    ($name:ident, $bytes:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                unhex(text).map(Self).ok_or(NotHex { digits: 2 * $bytes })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_hex!(PublicKey, 32);
as_hex!(Signature, 64);

/// The encodings of the eight points whose order divides 8, without the sign bit, canonical and not.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    with_ends(1, 0, 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    with_ends(0xec, 0xff, 0x7f),
    with_ends(0xed, 0xff, 0x7f),
    with_ends(0xee, 0xff, 0x7f),
];

const fn with_ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed(&std::array::from_fn(|n| u8::try_from(n).unwrap())).unwrap()
    }

    /// Computed by an independent library (Python's cryptography).
    #[test]
    fn known_answers() {
        let key = key();
        assert_eq!(key.public_key().to_string(), "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
        assert_eq!(key.public_key().fingerprint(), "5647 5aa7 5463 474c 0285 df5d bf2b cab7 3da6 5135");
        assert_eq!(
            key.sign("test", b"message").to_string(),
            "0dcc260f8b9c680745e2eb562d59932b6488bba19cdb9fe4a99d8934ab2ab137\
             9ec1be9499304969d79a2088b559ea017d3c96b163eeee72eca21d71e15bfe07"
        );
    }

    #[test]
    fn a_signature_counts_for_its_key_context_and_message_only() {
        let (key, other) = (key(), SigningKey::generate().unwrap());
        let signature = key.sign("request", b"give me this");
        assert_eq!(key.public_key().verify("request", b"give me this", &signature), Ok(()));
        assert_eq!(other.public_key().verify("request", b"give me this", &signature), Err(BadSignature));
        assert_eq!(key.public_key().verify("answer", b"give me this", &signature), Err(BadSignature));
        assert_eq!(key.public_key().verify("request", b"give me that", &signature), Err(BadSignature));
        // The border between context and message cannot be moved.
        let signature = key.sign("request\0give", b"me");
        assert_eq!(key.public_key().verify("request\0give", b"me", &signature), Ok(()));
        assert_eq!(key.public_key().verify("request", b"give\0me", &signature), Err(BadSignature));
    }

    #[test]
    fn a_key_that_fits_every_message_is_refused() {
        let mut identity = PublicKey([0; 32]);
        identity.0[0] = 1;
        let mut signature = Signature([0; 64]);
        signature.0[0] = 1;
        let plain = UnparsedPublicKey::new(&ED25519, identity.0);
        assert!(plain.verify(b"anything", &signature.0).is_ok(), "the library accepts it, so we must not");
        for bytes in SMALL_ORDER {
            let mut negative = bytes;
            negative[31] |= 0x80;
            for bytes in [bytes, negative] {
                assert_eq!(PublicKey(bytes).verify("a", b"anything", &signature), Err(BadSignature));
                assert!(PublicKey(bytes).has_small_order());
            }
        }
        assert!(!key().public_key().has_small_order());
    }

    #[test]
    fn text_forms() {
        let (key, signature) = (key().public_key(), key().sign("a", b"b"));
        let json = serde_json::to_string(&(key, signature)).unwrap();
        assert_eq!(json, format!("[\"{key}\",\"{signature}\"]"));
        assert_eq!(serde_json::from_str::<(PublicKey, Signature)>(&json).unwrap(), (key, signature));
        assert_eq!("03".parse::<PublicKey>(), Err(NotHex { digits: 64 }));
        assert!(serde_json::from_str::<PublicKey>("\"03\"").is_err());
        let shown = format!("{:?}", super::SigningKey::from_seed(&[7; 32]).unwrap());
        assert!(!shown.contains("0707"), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_is_signed_verifies(seed: [u8; 32], context in "[a-z/]{0,20}", message: Vec<u8>, bit in 0_usize..512) {
            let key = SigningKey::from_seed(&seed).unwrap();
            let mut signature = key.sign(&context, &message);
            prop_assert_eq!(key.public_key().verify(&context, &message, &signature), Ok(()));
            signature.0[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(key.public_key().verify(&context, &message, &signature), Err(BadSignature));
        }

        #[test]
        fn anything_may_be_given_for_a_key(key: [u8; 32], signature: [u8; 32], other: [u8; 32], message: Vec<u8>) {
            let mut both = Signature([0; 64]);
            both.0[..32].copy_from_slice(&signature);
            both.0[32..].copy_from_slice(&other);
            prop_assert_eq!(PublicKey(key).verify("a", &message, &both), Err(BadSignature));
        }
    }
}
