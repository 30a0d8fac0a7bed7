//! People and their own data: access, correction, deletion (Directive (EU) 2016/680, Articles 12 to 16; INTERPOL Rules
//! on the Processing of Data, Article 18), with the clocks of the law.
//!
//! The desk keeps its requests in a store of its own, sealed under a key of its own: who asked about themselves stands
//! nowhere among police data. The ledger is told that something was decided, and of whom not. What is hidden or deleted
//! goes from the log by the same means as a recall, and nothing there says why.

mod clock;
mod consult;
mod decide;
mod desk;
mod find;
mod hidden;
mod letter;
mod request;

pub use clock::RightsTerms;
pub use desk::{RightsDesk, Waiting};
pub use letter::{Language, Sender};
pub use request::{
    Consulted, FoundObject, FoundState, Opening, Outcome, Person, RightsEvent, RightsKind, RightsRequest, Says, Stage,
};
