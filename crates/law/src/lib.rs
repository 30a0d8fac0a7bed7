//! The law of acts that target persons: notices and diffusions, the gate they pass, hits and what may follow from them.
//!
//! People lose their liberty by these acts. So each is a list of events that is folded into a state by one table, each
//! refusal and each demand is a [`Reason`] with a code, a source and whether that source was verified, and nothing here
//! reads a clock or does anything: a node asks, and acts.

pub mod cards;
mod country;
pub mod gate;
pub mod hit;
pub mod notice;
mod person;
mod read;
mod reason;
mod source;
pub mod statistics;
mod words;

pub use country::{Country, CountryError};
pub use person::{Person, Status};
pub use read::ReadError;
pub use reason::{Given, Reason, Rule};
pub use source::Source;
