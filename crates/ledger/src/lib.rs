//! The tamper-evident log.
//!
//! One append-only Merkle tree (RFC 6962, RFC 9162) for each node and year, kept and published as C2SP tlog-tiles with
//! signed checkpoints that other nodes countersign. What is here is pure: trees, [proofs](verify_inclusion),
//! [tiles](Tile), [notes](Note), [checkpoints](Checkpoint), [cosignatures](NoteSigner::cosign), [policies](Policy),
//! [proof files](ProofFile), what a [witness](AddCheckpoint) checks, the [entries](Entry) of our own log with their salted
//! commitments, and the [verification](verify_copy) of a whole copy. Reading files and talking to others is done
//! elsewhere.
//!
//! ```
//! use comity_ledger::{Peaks, Tree, leaf_hash, verify_inclusion};
//!
//! let leaves: Vec<_> = [&b"one"[..], b"two", b"three"].into_iter().map(leaf_hash).collect();
//! let tree = Tree::new(leaves.clone());
//! let mut peaks = Peaks::default();
//! leaves.iter().for_each(|leaf| peaks.push(*leaf));
//! assert_eq!(peaks.root(), tree.root());
//! let proof = tree.proof(1).expect("there is a second leaf");
//! assert!(verify_inclusion(&leaves[1], 1, 3, &proof, &tree.root()));
//! ```

mod checkpoint;
mod copy;
mod entries;
mod entry;
mod hash;
mod levels;
mod nodes;
mod note;
mod peaks;
mod policy;
mod proof;
mod proof_file;
mod statement;
mod tile;
mod tree;
mod witness;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use copy::{Files, Verified, Wrong, verify_copy, verify_growth};
pub use entries::{BundleError, read_entries, write_entry};
pub use entry::{ENTRY, Entry, EntryError, EntryKind, Group, Handle, Opened, Opening};
pub use hash::{Hash, empty, leaf_hash, leaf_hash_of, node_hash, root_of};
pub use levels::Levels;
pub use nodes::{Nodes, consistency, inclusion, root};
pub use note::{
    KeyId, KeyKind, Note, NoteError, NoteSignature, NoteSigner, NoteVerifier, Signed, is_name, read_signatures,
};
pub use peaks::Peaks;
pub use policy::{Cosigned, Policy, PolicyError, PolicyWitness};
pub use proof::{
    is_subtree, verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};
pub use proof_file::{ProofError, ProofFile};
pub use statement::{StatedEntry, StatedLog, Statement, StatementError};
pub use tile::{NotATile, ReadTile, TILE, Tile, TileError, TileNodes};
pub use tree::Tree;
pub use witness::{AddCheckpoint, Refusal, Seen};
