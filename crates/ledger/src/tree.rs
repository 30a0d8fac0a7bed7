use crate::{Hash, Nodes, empty, node_hash};

/// A tree with all its inner nodes, for proofs. It holds two hashes for each leaf.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The leaves, then each level above; none for an empty tree.
    levels: Vec<Vec<Hash>>,
    root: Hash,
}

impl Tree {
    /// The tree over these leaf hashes, in this order.
    #[must_use]
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = Vec::new();
        let mut level = leaves;
        while level.len() > 1 {
            let above = level.chunks(2).map(pair).collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        let root = level.first().copied().unwrap_or_else(empty);
        if !level.is_empty() {
            levels.push(level);
        }
        Self { levels, root }
    }

    /// What stands for the whole list. Of an empty one it is the hash of nothing.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// How many leaves there are.
    pub fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// The inclusion proof of one leaf: its siblings from the bottom to the top. None when there is no such leaf.
    pub fn proof(&self, index: usize) -> Option<Vec<Hash>> {
        if index >= self.size() {
            return None;
        }
        let siblings = self.levels.iter().enumerate().filter_map(|(height, level)| level.get((index >> height) ^ 1));
        Some(siblings.copied().collect())
    }
}

impl Nodes for &Tree {
    type Error = ();

    fn node(&mut self, height: u32, index: u64) -> Result<Hash, ()> {
        let is_full = (index + 1) << height <= self.size() as u64;
        let level = self.levels.get(height as usize).filter(|_| is_full).ok_or(())?;
        usize::try_from(index).ok().and_then(|index| level.get(index)).copied().ok_or(())
    }
}

fn pair(pair: &[Hash]) -> Hash {
    match pair {
        [left, right] => node_hash(left, right),
        // A last node without a sibling is its own parent.
        [only, ..] => *only,
        [] => empty(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{consistency, inclusion, leaf_hash, leaf_hash_of, root_of, verify_consistency, verify_inclusion};
    use comity_crypto::{hex, sha256};

    /// The definition of RFC 9162 section 2.1.1, word by word.
    fn mth(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                let joined = [&[1][..], &mth(left), &mth(right)].concat();
                sha256(&joined)
            }
        }
    }

    /// The definition of RFC 9162 section 2.1.3.1, word by word.
    fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() < 2 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        if index < left.len() {
            [path(index, left), vec![mth(right)]].concat()
        } else {
            [path(index - left.len(), right), vec![mth(left)]].concat()
        }
    }

    fn leaves(size: usize) -> Vec<Hash> {
        (0..size).map(|n| leaf_hash_of(&[b"leaf ", &n.to_be_bytes()])).collect()
    }

    /// The test vectors of the certificate-transparency project, computed anew by an independent program.
    #[test]
    fn known_answers_of_certificate_transparency() {
        let entries: [&[u8]; 8] = [
            b"",
            &[0],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        for (size, root) in roots.iter().enumerate() {
            assert_eq!(hex(&root_of(&leaves[..size])), *root);
            assert_eq!(hex(&Tree::new(leaves[..size].to_vec()).root()), *root);
        }
        let proof = Tree::new(leaves.clone()).proof(5).unwrap();
        assert_eq!(
            proof.iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
        assert_eq!(Tree::new(leaves[..3].to_vec()).proof(2).unwrap(), [root_of(&leaves[..2])]);
        assert_eq!(Tree::new(leaves[..1].to_vec()).proof(0), Some(Vec::new()));
        assert_eq!(Tree::new(Vec::new()).proof(0), None);
    }

    #[test]
    fn every_index_of_every_size_is_proved_as_defined() {
        for size in 0..=70 {
            let leaves = leaves(size);
            let tree = Tree::new(leaves.clone());
            let root = mth(&leaves);
            assert_eq!(tree.size(), size);
            assert_eq!((tree.root(), root_of(&leaves)), (root, root), "{size}");
            for (index, leaf) in leaves.iter().enumerate() {
                let proof = tree.proof(index).unwrap();
                assert_eq!(proof, path(index, &leaves), "{index} of {size}");
                assert!(verify_inclusion(leaf, index as u64, size as u64, &proof, &root), "{index} of {size}");
                for other in 0..size + 2 {
                    assert_eq!(
                        verify_inclusion(leaf, other as u64, size as u64, &proof, &root),
                        other == index,
                        "{index} as {other} of {size}"
                    );
                }
            }
            assert_eq!(tree.proof(size), None);
        }
    }

    #[test]
    fn proofs_from_nodes_are_those_of_the_tree_and_join_any_two_sizes() {
        let leaves = leaves(40);
        let tree = Tree::new(leaves.clone());
        for new in 0..=leaves.len() {
            let new_root = mth(&leaves[..new]);
            assert_eq!(crate::root(&mut &tree, new as u64), Ok(new_root));
            for index in 0..new {
                let proof = inclusion(&mut &tree, index as u64, new as u64).unwrap();
                assert_eq!(proof, Some(path(index, &leaves[..new])));
            }
            for old in 0..=new {
                let old_root = mth(&leaves[..old]);
                let proof = consistency(&mut &tree, old as u64, new as u64).unwrap().unwrap();
                let holds = verify_consistency(old as u64, new as u64, &old_root, &new_root, &proof);
                assert_eq!(holds, old > 0 || new == 0, "{old} {new}");
                if old > 0 && old < new {
                    assert!(!verify_consistency(old as u64, new as u64, &[0; 32], &new_root, &proof));
                    assert!(!verify_consistency(old as u64, new as u64, &old_root, &[0; 32], &proof));
                }
            }
        }
        assert_eq!(consistency(&mut &tree, 3, 2).unwrap(), None);
        assert!(inclusion(&mut &tree, 1, 41).is_err(), "what is not there is not made up");
    }

    #[test]
    fn parts_are_hashed_as_if_they_stood_together() {
        assert_eq!(leaf_hash_of(&[b"a", b"", b"bc"]), leaf_hash(b"abc"));
        assert_eq!(leaf_hash_of(&[&[7; 600]]), leaf_hash(&[7; 600]));
        assert_ne!(leaf_hash(b"abc"), sha256(b"abc"));
        let inner = node_hash(&[1; 32], &[2; 32]);
        assert_ne!(leaf_hash_of(&[&[1; 32], &[2; 32]]), inner, "a node is no leaf");
    }

    proptest! {
        #[test]
        fn a_changed_proof_proves_nothing(size in 1_usize..=70, index: prop::sample::Index, bit in 0_usize..256, place: prop::sample::Index) {
            let leaves = leaves(size);
            let index = index.index(size);
            let tree = Tree::new(leaves.clone());
            let (proof, root) = (tree.proof(index).unwrap(), tree.root());
            let flip = |hash: &Hash| { let mut hash = *hash; hash[bit / 8] ^= 1 << (bit % 8); hash };
            prop_assert!(!verify_inclusion(&flip(&leaves[index]), index as u64, size as u64, &proof, &root));
            prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &flip(&root)));
            prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, &[proof.clone(), vec![root]].concat(), &root));
            if let Some((last, shorter)) = proof.split_last() {
                prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, shorter, &root));
                prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, &[shorter, &[*last, *last]].concat(), &root));
                let mut changed = proof.clone();
                let place = place.index(changed.len());
                changed[place] = flip(&changed[place]);
                prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, &changed, &root));
            }
        }

        #[test]
        fn anything_may_be_given_for_a_proof(leaf: Hash, index: u64, size: u64, proof: Vec<Hash>, root: Hash) {
            prop_assert!(!verify_inclusion(&leaf, index, size, &proof, &root));
        }
    }
}
