use crate::{Hash, empty, node_hash};

/// A growing tree, of which only the roots of its greatest full subtrees are kept: enough to go on and to tell the
/// root, at most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    /// The greatest first: one for each bit of the size that is set.
    roots: Vec<Hash>,
}

impl Peaks {
    /// The tree of this size whose greatest full subtrees have these roots; none when there are not as many as the
    /// size has bits set.
    pub fn new(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (u32::try_from(roots.len()).ok()? == size.count_ones()).then_some(Self { size, roots })
    }

    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_, _| ());
    }

    /// As [`Self::push`], and tells every full subtree that this leaf completes, the leaf itself first: its height
    /// and its hash.
    pub fn push_with(&mut self, leaf: Hash, mut completed: impl FnMut(u32, &Hash)) {
        let mut hash = leaf;
        completed(0, &hash);
        for height in 1..=self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                hash = node_hash(&left, &hash);
                completed(height, &hash);
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the whole.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return empty() };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}
