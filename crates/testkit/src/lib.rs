//! Seeded builders for tests and benchmarks: the same seed gives the same world.

#[cfg(unix)]
pub mod postgres;
mod objects;
mod random;

pub use objects::{Objects, bundle};
pub use random::Random;
