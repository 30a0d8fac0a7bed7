use crate::{Hash, empty, node_hash};

/// Whether a leaf stands at this index of the tree with this size and root (RFC 9162 section 2.1.3.2).
///
/// Size and root must come from someone trusted, say out of a signed checkpoint; leaf, index and proof need not.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    verify_subtree_inclusion(leaf, index, 0, size, proof, root)
}

/// Whether a leaf stands at this index of the log, in its subtree of the leaves from `start` up to and without `end`.
///
/// A subtree is full at its left border: `start` is a multiple of the least power of two that holds it.
pub fn verify_subtree_inclusion(leaf: &Hash, index: u64, start: u64, end: u64, proof: &[Hash], root: &Hash) -> bool {
    if !is_subtree(start, end) || index < start || index >= end {
        return false;
    }
    let (mut at, mut last) = (index - start, end - start - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            // A last node without a sibling rises until it has one on its left.
            let levels = at.trailing_zeros();
            (at, last) = (at >> levels, last >> levels);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the tree of the first size is where the tree of the second began (RFC 9162 section 2.1.4.2).
///
/// Everything goes on from the empty tree, so there is nothing to prove: asking about it is answered with no, but for
/// the empty tree itself.
pub fn verify_consistency(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) -> bool {
    let is_said = if old == new { old_root == new_root } else { old > 0 };
    is_said && verify_subtree_consistency(0, old, new, old_root, new_root, proof)
}

/// Whether the subtree of the leaves from `start` up to and without `end` belongs to the tree of this size
/// (draft-ietf-plants-merkle-tree-certs, subtree consistency proofs).
pub fn verify_subtree_consistency(
    start: u64,
    end: u64,
    size: u64,
    subtree_root: &Hash,
    root: &Hash,
    proof: &[Hash],
) -> bool {
    if start == end {
        // Nothing belongs to everything.
        return end <= size && proof.is_empty() && *subtree_root == empty();
    }
    if !is_subtree(start, end) || end > size {
        return false;
    }
    let (mut first, mut last, mut edge) = (start, end - 1, size - 1);
    // Up to where the subtree's last node is itself a node of the tree.
    while first != last && (last == edge || last & 1 == 1) {
        (first, last, edge) = (first >> 1, last >> 1, edge >> 1);
    }
    let mut rest = proof.iter();
    let seed = if first == last { Some(subtree_root) } else { rest.next() };
    let Some(seed) = seed else { return false };
    let (mut subtree, mut whole) = (*seed, *seed);
    for sibling in rest {
        if edge == 0 {
            return false;
        }
        if last & 1 == 1 || last == edge {
            if first < last {
                subtree = node_hash(sibling, &subtree);
            }
            whole = node_hash(sibling, &whole);
            let levels = last.trailing_zeros().min(63);
            (first, last, edge) = (first >> levels, last >> levels, edge >> levels);
        } else {
            whole = node_hash(&whole, sibling);
        }
        (first, last, edge) = (first >> 1, last >> 1, edge >> 1);
    }
    edge == 0 && subtree == *subtree_root && whole == *root
}

/// Whether these borders are those of a subtree.
pub fn is_subtree(start: u64, end: u64) -> bool {
    start < end && (end - start).checked_next_power_of_two().is_some_and(|width| start.is_multiple_of(width))
}
