//! Persons and their documents: who is looked for, and what is known of a paper that somebody shows.

mod ask;
mod disk;
mod documents;
mod follow;
mod screen;
mod search;
mod states;
mod table;

pub use ask::{PartBeside, PersonAsk, PersonFound, PersonsFound, Why};
pub use documents::{DocumentFound, Listed};
pub use screen::ScreenedRow;
pub(crate) use table::Persons;
