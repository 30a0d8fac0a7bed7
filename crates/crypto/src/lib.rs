//! The only room that touches cryptographic libraries.
//!
//! It offers digests, keyed fingerprints for the indexes, keyed hashes for values that must not be
//! kept in the clear, signatures, [sealing](seal) of small secrets, tokens, and the ring of a
//! node's keys, [`NodeKeys`]. It does no I/O; randomness comes from the operating system through the library,
//! time is an argument.
//!
//! ```
//! use comity_base::Timestamp;
//! use comity_crypto::NodeKeys;
//!
//! let mut keys = NodeKeys::generate()?;
//! let signature = keys.signing_key().sign("greeting", b"good morning");
//! let first = keys.public_key();
//! let succession = keys.rotate_signing(Timestamp::from_micros(1_793_000_000_000_000))?;
//! // A peer that knows the first key learns the second, and what the first one signed still counts.
//! succession.check()?;
//! assert_eq!((succession.old, succession.new), (first, keys.public_key()));
//! first.verify("greeting", b"good morning", &signature)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod digest;
#[cfg(feature = "node")]
mod fingerprint;
#[cfg(feature = "node")]
mod jwt;
#[cfg(feature = "node")]
mod keccak;
#[cfg(feature = "node")]
mod keys;
#[cfg(feature = "node")]
pub mod passkey;
#[cfg(feature = "node")]
mod password;
mod random;
#[cfg(feature = "node")]
pub mod seal;
mod sign;
#[cfg(feature = "node")]
mod stream;
mod text;
#[cfg(feature = "node")]
mod token;
#[cfg(feature = "node")]
mod totp;

pub use digest::{Sha256, hmac_sha256, sha1, sha256};
#[cfg(feature = "node")]
pub use fingerprint::{Fingerprint, Fingerprinter};
#[cfg(feature = "node")]
pub use jwt::{JwtError, signed_claims};
#[cfg(feature = "node")]
pub use keccak::{keccak256, sha3_256};
#[cfg(feature = "node")]
pub use keys::{KeyError, KeyRecord, NodeKeys, Succession, TlsSecret};
#[cfg(feature = "node")]
pub use password::PasswordHash;
pub use random::{NoRandomness, random_bytes, random_token, same_secret};
pub use sign::{BadSeed, BadSignature, NotHex, NoteKey, PublicKey, Signature, SigningKey};
#[cfg(feature = "node")]
pub use stream::{OpenReader, SealWriter};
pub use text::{base64, base64url, hex, unbase64, unbase64url, unhex};
#[cfg(feature = "node")]
pub use token::TokenKey;
#[cfg(feature = "node")]
pub use totp::TotpSecret;
/// Wipes the secret it holds when it is dropped.
pub use zeroize::Zeroizing;
