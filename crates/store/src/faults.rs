use comity_crypto::hex;

use crate::{Original, StoreError};

/// Sentences about what is wrong with a store, up to a limit: a damaged disk would give one per row.
#[derive(Debug, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    /// Sentences told at most.
    pub const MOST: usize = 1_000;

    /// Adds a sentence.
    pub fn add(&mut self, sentence: impl FnOnce() -> String) {
        if self.0.len() < Self::MOST {
            self.0.push(sentence());
        }
    }

    /// Adds a sentence when a kept original does not read back as it was sealed.
    pub fn original(&mut self, original: &Original, digest: Result<[u8; 32], StoreError>) {
        match digest {
            Ok(digest) if digest == original.sha256 => {}
            Ok(digest) => self.add(|| {
                format!("Original {} has the digest {}, not {}.", original.id, hex(&digest), hex(&original.sha256))
            }),
            Err(error) => self.add(|| format!("Original {} cannot be read: {error}.", original.id)),
        }
    }

    /// What was found.
    pub fn into_sentences(self) -> Vec<String> {
        self.0
    }
}
