//! What passes between this node and others: peers and their keys, agreements, signed pages, recalls and receipts.
//!
//! Nothing here knows how bytes travel. A page or a message is made here, carried by somebody, and taken by the same
//! code at the other end; each may come twice, late, or never.

mod acks;
mod agreements;
mod bring;
mod credentials;
mod cursor;
mod feed;
mod follows;
mod gate;
mod invitations;
mod messages;
mod outlets;
mod owed;
mod peers;
mod queries;
mod recalls;
mod receipts;
mod seals;
mod take;
mod trouble;

pub use acks::Acknowledged;
pub use agreements::Standing as StandingAgreement;
pub(crate) use agreements::Views;
pub use bring::{Brought, BroughtItem};
pub use credentials::Credential;
pub use follows::{Follow, FollowKind, FollowProgress, FollowSecret, PushPage};
pub use invitations::{Guest, Invitation};
pub use messages::Unacceptable;
pub(crate) use messages::{Body, MESSAGE, Signed, refused};
pub use outlets::Outlet;
pub(crate) use owed::Obligations;
pub use owed::Owed;
pub use peers::{Client, Ourselves, Peer, PeerKind, PeerStatus};
pub use queries::NotAnswered;
pub use recalls::{Recall, RecallReason, RecallStatement, Recalled};
pub use receipts::{Receipt, Receipted};
pub use take::{Fetched, Taken};
pub use trouble::Trouble;
