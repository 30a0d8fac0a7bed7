//! What a node tells over HTTP: on this machine how it does, and to others, over TLS, what they may see.
//!
//! A handler takes typed input, calls one use case of the node, and maps the result.

mod between;
mod frontline;
mod lists;
mod misp;
mod network;
mod public;
mod readers;
mod status;
mod stream;
mod taxii;

pub use comity_http::{Limits, Traffic};
pub use network::Network;
pub use status::{Status, serve};
