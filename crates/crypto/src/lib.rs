//! The only room that touches cryptographic libraries.
//!
//! It offers digests, keyed fingerprints for the indexes, keyed hashes for values that must not be
//! kept in the clear, and the node's signing key. It does no I/O; randomness for new keys comes from
//! the operating system through the library.

mod digest;
mod fingerprint;
mod keys;

pub use digest::{Sha256, hex, hmac_sha256, keccak256, sha1, sha3_256, sha256};
pub use fingerprint::{Fingerprint, Fingerprinter};
pub use keys::{KeyError, NodeKeys};
