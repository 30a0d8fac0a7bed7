//! What people and programs of the own organisation may do here.
//!
//! An [`Authority`] is what somebody may act with: their roles, clearance, units and cases, and how they showed who they
//! are. [`Access`] decides by the rules in this crate's folder `access` whether an authority may do an [`Act`], and what
//! of the organisation's data it may see. Nothing is allowed that no rule allows, and every refusal has its sentences.

mod act;
mod authority;
mod decide;
mod facts;
mod role;

pub use act::Act;
pub use authority::{Authority, Means};
pub use decide::{About, Access, Asking, Denied};
pub use facts::Reasoned;
pub use role::{Role, Roles};

#[cfg(test)]
mod tests;
