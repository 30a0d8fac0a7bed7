//! Readers and writers of the formats the field uses.
//!
//! A reader takes a stream, recognises what it is by its content, and hands every item to a
//! [`Sink`] as STIX 2.1 bytes with the place it came from. It never holds a whole large file, and a
//! bad item never stops the rest: it goes to [`Sink::rejected`].

#[cfg(test)]
mod collect;
mod context;
mod csv;
mod encoding;
mod made;
mod incoming;
mod misp;
mod list;
mod stix;
pub mod text;

pub use context::{Context, ReadError};
pub use incoming::{ColumnMap, Dated, Flow, Format, Incoming, Notice, Sink, SourceFile, Unreadable};
pub use stix::BundleWriter;
