//! Persons and their documents: who is looked for, and what is known of a paper that somebody shows.

mod ask;
mod card;
mod copy;
mod disk;
mod documents;
mod follow;
mod hits;
mod listed;
mod screen;
mod search;
mod states;
mod table;

pub use ask::{PartBeside, PersonAsk, PersonFound, PersonsFound, Why, usual_from};
pub use card::NoticeCard;
pub use copy::{CopiedDocument, CopiedNotice, CopiedPerson, CopyFound, CopyHead, FrontlineCopy, Held};
pub use documents::{DocumentFound, Listed};
pub use hits::{HitAnswer, HitAsked, SearchHitDeed, SearchHitNo, SearchHitShown};
pub use screen::ScreenedRow;
pub(crate) use table::Persons;
