//! Seeded builders for tests and benchmarks: the same seed gives the same world.

mod objects;
#[cfg(unix)]
pub mod postgres;
mod random;

pub use objects::{Objects, bundle};
pub use random::Random;
