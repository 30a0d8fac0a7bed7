use std::fmt;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use crate::{Fingerprinter, hmac_sha256};

/// The secrets of one node: its Ed25519 signing seed and one master key from which the keys of the
/// indexes and of keyed hashes are derived.
#[derive(Clone)]
pub struct NodeKeys {
    seed: [u8; 32],
    master: [u8; 32],
}

/// A key could not be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gave no randomness.
    #[error("the operating system gave no randomness for a new key")]
    NoRandomness,
    /// The stored form is damaged.
    #[error("the key file is damaged: it must hold two lines of 64 hexadecimal digits")]
    Damaged,
}

impl NodeKeys {
    /// New random keys.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let mut keys = Self { seed: [0; 32], master: [0; 32] };
        let random = SystemRandom::new();
        random.fill(&mut keys.seed).map_err(|_| KeyError::NoRandomness)?;
        random.fill(&mut keys.master).map_err(|_| KeyError::NoRandomness)?;
        Ok(keys)
    }

    /// The text form that is kept on disk, readable by the node's account only.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n", crate::hex(&self.seed), crate::hex(&self.master))
    }

    /// Reads [`Self::to_text`].
    ///
    /// # Errors
    /// When the text is damaged.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let mut lines = text.lines();
        let mut key = || lines.next().and_then(unhex).ok_or(KeyError::Damaged);
        Ok(Self { seed: key()?, master: key()? })
    }

    /// The public half of the signing key (RFC 8032), 32 bytes.
    ///
    /// # Errors
    /// When the stored seed is not a usable key.
    pub fn public_key(&self) -> Result<[u8; 32], KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&self.seed).map_err(|_| KeyError::Damaged)?;
        pair.public_key().as_ref().try_into().map_err(|_| KeyError::Damaged)
    }

    /// The node's fingerprint maker for its derived indexes.
    pub fn fingerprinter(&self) -> Fingerprinter {
        let derived = self.derive("index fingerprints");
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(derived) {
            *to = from;
        }
        Fingerprinter::new(key)
    }

    /// A key for one named use.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac_sha256(&self.master, purpose.as_bytes())
    }
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeKeys(secret)")
    }
}

fn unhex(line: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> =
        line.trim().chars().map(|c| c.to_digit(16)).map(|d| u8::try_from(d?).ok()).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, d| sum << 4 | d)).collect();
    bytes.try_into().ok().filter(|_| digits.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_text_form() {
        let keys = NodeKeys::generate().unwrap();
        let again = NodeKeys::from_text(&keys.to_text()).unwrap();
        assert_eq!(keys.public_key().unwrap(), again.public_key().unwrap());
        assert_eq!(keys.derive("a"), again.derive("a"));
        assert_ne!(keys.derive("a"), keys.derive("b"));
        assert_eq!(NodeKeys::from_text("zz").err(), Some(KeyError::Damaged));
    }
}
