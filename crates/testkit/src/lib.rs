//! Seeded builders for tests and benchmarks: the same seed gives the same world.

mod objects;
mod people;
#[cfg(unix)]
pub mod postgres;
mod random;
mod stream;

pub use objects::{Objects, bundle};
pub use people::{MadeUp, People};
pub use random::Random;
pub use stream::stream;
