//! What the node writes into its ledger about itself, and how that is shown and proved.
//!
//! Every crossing, query and decision leaves one [`Deed`] in the log of the year, in the transaction of what it is
//! about. What everybody may see of it are commitments ([`comity_ledger::Entry`]); what it says stays here, can be
//! [looked up](crate::Node::audit), [shown with proofs](crate::Node::statement), and erased.

mod audit;
mod checkpoints;
mod copy;
mod deed;
mod forget;
mod page;
mod recorder;
mod statement;
mod tree;
mod unusual;
mod witness;

pub use audit::{Asked, AuditQuery};
pub use checkpoints::{LedgerHead, LedgerTrouble, log_name, log_number};
pub use deed::Deed;
pub(crate) use forget::Gone;
pub use forget::LedgerTerms;
pub(crate) use page::pack;
pub(crate) use recorder::Recorder;
pub(crate) use tree::Trees;
pub use unusual::{Pattern, Unusual};
pub use witness::{Misconduct, Witnessed, Witnessing};
