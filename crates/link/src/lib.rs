//! What shared values are worth as evidence that two cases belong together, in points with reasons.
//!
//! Two containers (cases, reports, files) that hold the same value may concern the same people, or may
//! both mention a public name server. [`weigh`] says how many bits of evidence one shared value is, by its
//! kind, by how many others hold it, and by how it stands in the containers; [`score`] adds the evidence of
//! one pair up to 0 to 100 points. Every number comes with a sentence, because people decide by it: a link
//! is a reason to ask, never a finding.
//!
//! Nothing is dropped here: a value everybody holds weighs little, and the reason says so.
//!
//! ```
//! use comity_link::{Evidence, Path, Rarity, Strength, score};
//! use comity_stix::Kind;
//! use comity_stix::value::Values;
//!
//! let value = Values::new([0; 32]).parse(Kind::Iban, "EE38 2200 2210 2014 5685")?;
//! let rarity = Rarity { owners: 2, cases: 2, objects: 3, total_objects: 5_000, lists: vec![] };
//! let link = score(&[Evidence { value, object: String::new(), rarity, path: Path::Direct }]);
//! assert_eq!(link.strength, Strength::Strong);
//! assert_eq!(link.reasons[0].text, "Both hold the bank account (IBAN) EE382200221020145685; only 2 cases hold it.");
//! # Ok::<(), comity_stix::ValueError>(())
//! ```

mod group;
mod reason;
mod score;
pub mod warninglist;
mod weigh;

pub use group::{Hit, Link, group};
pub use reason::Reason;
pub use score::{Evidence, Score, Strength, score};
pub use weigh::{Path, Rarity, Weight, base_bits, weigh};
