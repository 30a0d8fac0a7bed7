//! Derived indexes: memory-mapped segments of fingerprints, and one number per position.
//!
//! An [`Index`] maps 64-bit fingerprints (keyed hashes of ids, values or references) to the positions where they occur.
//! It follows the store: its owner applies batches of entries in the order of positions, and after a restart applies
//! again what lies after [`Index::covered`]. Nothing here is a record of truth: whatever is damaged or was made with
//! another key is dropped and must be rebuilt by the owner. Fingerprints are kept with their top 53 bits, so an answer
//! is a candidate: the owner compares the object itself. Postings are never removed; the owner filters them, usually
//! with a [`Column`].
//!
//! ```
//! use comity_base::Position;
//! use comity_index::{Index, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let index = Index::open(folder.path(), Options::new(1))?;
//! let fingerprint = 0x5EED_0000_0000_0000;
//! index.apply(&[(fingerprint, Position(7))], Position(10))?;
//! assert!(index.contains(fingerprint));
//! assert_eq!(index.positions(fingerprint, 100), [Position(7)]);
//! index.flush()?;
//! assert_eq!(index.covered(), Position(10));
//! # Ok(())
//! # }
//! ```

mod background;
mod builder;
mod checksum;
mod column;
mod delta;
mod error;
mod index;
mod layout;
mod manifest;
mod mapping;
mod merge;
mod postings;
mod segment;
mod shared;
mod view;

pub use column::Column;
pub use error::IndexError;
pub use index::{Index, Options, Stats, significant};
pub use shared::Shared;
