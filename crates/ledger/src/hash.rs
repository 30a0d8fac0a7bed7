use comity_crypto::sha256;

/// The hash of a leaf, of a node or of a whole tree: SHA-256 as in RFC 6962 section 2.1.
pub type Hash = [u8; 32];

/// The hash of one entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    // What is hashed stands in one piece: the library's cost is by the call.
    let mut small = [0; SMALL];
    if let Some(place) = small.get_mut(1..=entry.len()) {
        place.copy_from_slice(entry);
        return sha256(small.get(..=entry.len()).unwrap_or_default());
    }
    sha256(&[&[LEAF], entry].concat())
}

/// The hash of one entry, given in parts that are hashed as if they stood together.
///
/// Parts are not told apart: the caller frames what could be read in two ways.
pub fn leaf_hash_of(parts: &[&[u8]]) -> Hash {
    let mut hash = comity_crypto::Sha256::new();
    hash.update(&[LEAF]);
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// The hash of a node over its two children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [NODE; 65];
    let (_, children) = bytes.split_at_mut(1);
    let (l, r) = children.split_at_mut(32);
    l.copy_from_slice(left);
    r.copy_from_slice(right);
    sha256(&bytes)
}

/// The hash of the empty tree: that of nothing.
pub fn empty() -> Hash {
    sha256(b"")
}

/// The root over the hashes of leaves, or of full subtrees of one height, with memory for one path only.
pub fn root_of(hashes: &[Hash]) -> Hash {
    let mut peaks = crate::Peaks::default();
    for hash in hashes {
        peaks.push(*hash);
    }
    peaks.root()
}

const LEAF: u8 = 0;
const NODE: u8 = 1;
/// Entries below this many bytes are hashed without memory of their own.
const SMALL: usize = 512;
