//! What a node tells over HTTP: for now how a serving process does, on this machine only.

mod status;

pub use status::{Status, serve};
