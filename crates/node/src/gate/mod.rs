//! One gate for everything that targets a person: a free text to another node passes the same screen as a notice, on the
//! sender's node, and is screened again where it arrives. What reviewers must look at waits here; what should never have been
//! sent is reported with proof (`docs/gate.md`).

mod came;
mod held;
mod leaving;
mod number;
mod received;
mod report;
mod review;
mod said;
mod verdict;
mod words;

pub(crate) use came::Came;
pub use held::{MessageDeed, MessageShown};
pub(crate) use leaving::{Leaving, LeavingWhat, Left};
pub use number::GateNo;
pub use received::MessageReceived;
pub use report::{AbuseShown, AbuseVerdict};
pub(crate) use review::add_judgements;
pub use said::Said;
