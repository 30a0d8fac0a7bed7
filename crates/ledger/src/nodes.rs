use crate::{Hash, node_hash};

/// Where the hashes of a tree are read: memory, tiles on disk, tiles from elsewhere.
pub trait Nodes {
    /// Why one could not be read.
    type Error;

    /// The root of the full subtree of this height (0: a leaf) that has so many of its kind on its left.
    ///
    /// # Errors
    /// When it cannot be read, or is not there.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root of the tree of this size.
///
/// # Errors
/// When a hash cannot be read.
pub fn root<N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(crate::empty()) } else { range(nodes, 0, size) }
}

/// The proof that a leaf stands at this index of the tree of this size: siblings from the bottom to the top. None when
/// there is no such leaf.
///
/// # Errors
/// When a hash cannot be read.
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The proof that the tree of the new size begins with that of the old one (RFC 9162 section 2.1.4.1). None when the
/// new one is smaller; empty where there is nothing to prove.
///
/// # Errors
/// When a hash cannot be read.
pub fn consistency<N: Nodes>(nodes: &mut N, old: u64, new: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if old > new {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let (mut start, mut end) = (0, new);
    let mut proof = Vec::new();
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    if start > 0 {
        // The old tree is not itself a node of the new one: the verifier needs what both have.
        proof.push(range(nodes, start, end)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The root over a stretch of leaves that begins where a full subtree of its width could.
fn range<N: Nodes>(nodes: &mut N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let mut parts = Vec::new();
    let mut at = start;
    while at < end {
        let height = (end - at).ilog2();
        parts.push(nodes.node(height, at >> height)?);
        at += 1 << height;
    }
    let mut parts = parts.into_iter().rev();
    let last = parts.next().unwrap_or_else(crate::empty);
    Ok(parts.fold(last, |right, left| node_hash(&left, &right)))
}

/// The greatest power of two below a count of at least two.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}
