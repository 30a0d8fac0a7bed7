//! Report text: finding values in running prose, and reading reports as a whole.

mod atoms;
mod colon;
mod host;
mod lex;
mod mail;
mod names;
mod scan;
mod url;

pub use scan::{Spot, scan};

#[cfg(test)]
mod tests;
