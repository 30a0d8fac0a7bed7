use std::collections::HashMap;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature, SigningKey};
use comity_ledger::{leaf_hash_of, root_of, verify_inclusion};
use comity_store::{BatchId, Version};
use serde::{Deserialize, Serialize};

use crate::{Node, NodeError};

pub(crate) type Hash = [u8; 32];

/// An owner's word for a list of objects with their labels: one signature over the root of their Merkle tree.
///
/// It travels on with any of them, so that an object proves who owns it, and under which label, whoever relays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seal {
    /// Who owns them.
    pub(crate) owner: OrgName,
    /// The key it was signed with.
    pub(crate) key: PublicKey,
    /// Root of the tree (RFC 9162) over [`leaf`]s.
    #[serde(with = "hashes::one")]
    pub(crate) root: Hash,
    /// How many.
    pub(crate) size: u64,
    /// When it was signed.
    pub(crate) at: Timestamp,
    /// The signature.
    pub(crate) signature: Signature,
}

/// The place of one object among those that a [`Seal`] covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    /// Which object of the page.
    pub(crate) object: u32,
    /// Its place among the sealed.
    pub(crate) leaf: u64,
    /// The way from there to the root.
    #[serde(with = "hashes::many")]
    pub(crate) path: Vec<Hash>,
}

/// A seal kept here, with what it covers, so that single objects can be relayed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) seal: Seal,
    /// Everything it covers, when it came from the owner itself.
    #[serde(with = "hashes::many")]
    pub(crate) leaves: Vec<Hash>,
    /// Otherwise the proofs of those that were passed on, by leaf.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub(crate) paths: HashMap<String, Proof>,
}

impl Kept {
    /// Whether it covers an object.
    pub(crate) fn has(&self, leaf: &Hash) -> bool {
        self.leaves.contains(leaf) || self.paths.contains_key(&comity_crypto::hex(leaf))
    }
}

/// What is sealed of one object: its label, then its bytes.
pub(crate) fn leaf(label: &str, raw: &[u8]) -> Hash {
    let length = u32::try_from(label.len()).unwrap_or(u32::MAX).to_be_bytes();
    leaf_hash_of(&[&length, label.as_bytes(), raw])
}

impl Seal {
    pub(crate) fn new(owner: &OrgName, signer: &SigningKey, leaves: &[Hash], at: Timestamp) -> Self {
        let (root, size) = (root_of(leaves), leaves.len() as u64);
        let signature = signer.sign(SEAL, &said(owner, &root, size, at));
        Self { owner: owner.clone(), key: signer.public_key(), root, size, at, signature }
    }

    /// Whether one of these keys of the owner signed it.
    pub(crate) fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        let said = said(&self.owner, &self.root, self.size, self.at);
        keys.contains(&self.key) && self.key.verify(SEAL, &said, &self.signature).is_ok()
    }

    /// Whether it covers exactly these.
    pub(crate) fn covers_all(&self, leaves: &[Hash]) -> bool {
        self.size == leaves.len() as u64 && self.root == root_of(leaves)
    }

    /// Whether it covers this one.
    pub(crate) fn covers(&self, leaf: &Hash, proof: &Proof) -> bool {
        verify_inclusion(leaf, proof.leaf, self.size, &proof.path, &self.root)
    }
}

fn said(owner: &OrgName, root: &Hash, size: u64, at: Timestamp) -> Vec<u8> {
    let mut said = format!("{owner}\n{size}\n{}\n", at.as_micros()).into_bytes();
    said.extend_from_slice(root);
    said
}

impl Node {
    /// Keeps the seals that came with a batch, for relaying; beside those that are kept already.
    pub(crate) fn keep_seals(&self, batch: BatchId, kept: Vec<Kept>) -> Result<(), NodeError> {
        let key = key(batch);
        let mut all = self.seals(batch)?;
        all.extend(kept);
        self.keep_setting(&key, &all)
    }

    /// When its owner last gave its word for an object, as far as that is kept here.
    pub(crate) fn sealed_at(&self, version: &Version) -> Result<Option<Timestamp>, NodeError> {
        let Some(batch) = self.store.batch_of(version.position)? else { return Ok(None) };
        let leaf = leaf(&self.labels.get(&*self.store, version.label)?.told_json(), &version.raw);
        let kept = self.seals(batch.id)?;
        Ok(kept.iter().filter(|kept| kept.has(&leaf)).map(|kept| kept.seal.at).max())
    }

    /// The seals that came with a batch.
    pub(crate) fn seals(&self, batch: BatchId) -> Result<Vec<Kept>, NodeError> {
        Ok(self.setting(&key(batch))?.unwrap_or_default())
    }
}

fn key(batch: BatchId) -> String {
    format!("seals/{batch}")
}

/// What signatures of seals are made in.
const SEAL: &str = "seal";

/// Hashes as hexadecimal text.
mod hashes {
    use comity_crypto::{hex, unhex};
    use serde::{Deserialize, Deserializer, de::Error};

    fn read<E: Error>(text: &str) -> Result<[u8; 32], E> {
        unhex(text).ok_or_else(|| E::custom("a hash has 64 hexadecimal digits"))
    }

    pub(super) mod one {
        use super::{Deserialize, Deserializer, hex, read};

        pub(crate) fn serialize<S: serde::Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&hex(hash))
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
            read(&std::borrow::Cow::<str>::deserialize(deserializer)?)
        }
    }

    pub(super) mod many {
        use super::{Deserialize, Deserializer, hex, read};

        /// One text of all digits: a page holds thousands of them.
        pub(crate) fn serialize<S: serde::Serializer>(hashes: &[[u8; 32]], serializer: S) -> Result<S::Ok, S::Error> {
            let mut text = String::with_capacity(hashes.len() * 64);
            for hash in hashes {
                text.push_str(&hex(hash));
            }
            serializer.serialize_str(&text)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; 32]>, D::Error> {
            let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
            let mut rest: &str = &text;
            let mut hashes = Vec::with_capacity(rest.len() / 64);
            while !rest.is_empty() {
                let Some((digits, more)) = rest.split_at_checked(64) else { return read("").map(|hash| vec![hash]) };
                hashes.push(read(digits)?);
                rest = more;
            }
            Ok(hashes)
        }
    }
}
