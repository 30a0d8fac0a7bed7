//! STIX 2.1 objects: reading, identity, validation, labels, and the values they hold.
//!
//! Nothing here does I/O. An object is its bytes; [`Doc`] is a borrowed view of them, and every
//! answer (header, label, values, findings) is read from that view.

mod canonical;
mod doc;
mod header;
mod id;
mod identity;
pub mod label;
pub mod listed;
pub mod mrz;
pub mod person;
pub mod validate;
pub mod value;

pub use canonical::canonical;
pub use doc::{Doc, DocError, Node, Shape};
pub use header::{Class, Header, callings, refs};
pub use id::{IdError, ObjectId, TypeName};
pub use identity::{SCO_NAMESPACE, sco_id};
pub use label::Label;
pub use value::{Found, Kind, Role, Value, ValueError, Values, extract};
