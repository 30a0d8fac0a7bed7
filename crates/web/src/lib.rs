//! What a node tells over HTTP: on this machine how it does, and to others, over TLS, what they may see.
//!
//! A handler takes typed input, calls one use case of the node, and maps the result.

mod between;
mod headers;
mod listen;
mod lists;
mod misp;
mod network;
mod pages;
mod principal;
mod problem;
mod query;
mod rates;
mod readers;
mod site;
mod status;
mod stream;
mod tag;
mod taxii;
mod traffic;
mod turns;

pub use listen::Limits;
pub use network::Network;
pub use status::{Status, serve};
pub use traffic::Traffic;
