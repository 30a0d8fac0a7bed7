//! What every room needs and no domain: positions, time, organisation names, limits.
//!
//! Nothing here reads a clock, draws randomness or touches a disk.

mod limits;
mod name;
mod position;
mod time;

pub use limits::{LimitExceeded, Limits};
pub use name::{NameError, OrgName};
pub use position::Position;
pub use time::{TimeError, Timestamp};
