//! Report text: finding values in running prose, and reading reports as a whole.

mod atoms;
mod colon;
mod host;
mod html;
mod lex;
mod mail;
mod names;
mod pdf;
mod report;
mod scan;
mod url;

pub use pdf::pdf_text;
pub(crate) use report::read_text;
pub use scan::{Spot, scan};

#[cfg(test)]
mod tests;
