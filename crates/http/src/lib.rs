//! What every answer over HTTP shares, whoever it is for: connections over TLS and what they cost, who asks, whose turn it
//! is, how often who may ask, bodies in bounded memory and time, problems in words, and headers that every answer carries.
//!
//! The rooms that answer, [`Site`] in hand, are others: the pages of the desk, and what nodes and tools ask.

mod body;
mod headers;
mod listen;
mod principal;
mod problem;
mod query;
mod rates;
mod site;
mod tag;
mod traffic;
mod turns;

pub use body::{Posted, body, body_within};
pub use headers::{same_site, strict};
pub use listen::{Caller, Limits, serve};
pub use principal::{Acting, Principal};
pub use problem::{Problem, tell};
pub use query::Query;
pub use rates::{Net, Rate, Rates};
pub use site::{Site, soon};
pub use tag::Tag;
pub use traffic::{Traffic, count};
pub use turns::{Arrived, Endless, arrive, arrived, arrived_by_key};
