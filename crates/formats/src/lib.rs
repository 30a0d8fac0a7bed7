//! Readers and writers of the formats the field uses.
//!
//! [`read`] takes an input, unpacks it, recognises what it is by its content, and hands every item to
//! a [`Sink`] as STIX 2.1 bytes with the place it came from. It never holds a whole large file, and a
//! bad item never stops the rest: it goes to [`Sink::rejected`]. [`BundleWriter`] writes objects out
//! again, byte for byte, and [`MispWriter`] makes MISP events of them.
//!
//! This room does not judge objects: what they must hold is `comity_stix`'s to say, what is done with
//! them the application's.

#[cfg(test)]
mod collect;
mod context;
mod csv;
mod encoding;
mod incoming;
mod list;
mod made;
mod misp;
mod open;
mod recognise;
mod stix;
pub mod text;

pub use context::{Context, Marked, PdfText, ReadError};
pub use csv::{TableReader, TableWriter};
pub use incoming::{ColumnMap, Dated, Flow, Format, Incoming, Notice, Sink, SourceFile, Unreadable};
pub use misp::write::{
    Distribution, MispAccount, MispAttribute, MispEvent, MispGap, MispHead, MispMember, MispObject, MispOrg,
    MispSource, MispTag, MispWriter, Numbers, attribute_json, describe_types, hash_lines, manifest_entry,
};
pub use open::read;
pub use stix::BundleWriter;
