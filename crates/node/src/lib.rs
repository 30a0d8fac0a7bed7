//! The use cases of a node, one file per noun. Everything that enters goes through [`intake`],
//! everything that leaves through `release`; every call runs inside a [`Ctx`].
//!
//! The node knows the [`Store`](comity_store::Store) contract, never an engine. What it derives from the log (value and
//! reference indexes, the column of current labels) lives beside the store, can be deleted at any
//! time, and is rebuilt from the log.

mod access;
mod around;
mod assertions;
mod batches;
mod check;
mod clock;
mod ctx;
mod derived;
mod error;
mod exchange;
mod follow;
mod gate;
mod graph;
mod heavy;
pub mod hits;
pub mod intake;
mod labels;
mod leases;
mod ledger;
mod moving;
mod neighbours;
mod node;
mod notices;
mod objects;
mod people;
mod persons;
mod query;
mod reading;
mod relabel;
mod release;
mod retention;
mod retry;
mod rights;
mod rules;
mod settings;
mod sources;
mod titles;
mod warninglists;

pub use access::Demands;
pub use around::{Thing, Tie, TiePlace, Ties};
pub use assertions::SameAs;
pub use batches::Listing;
pub use clock::ClockDoubt;
pub use comity_formats::Marked;
pub use comity_policy::Reason;
pub use comity_policy::access::{Act, Authority, Denied, Means, Role, Roles};
pub use ctx::{Clock, Ctx, Purpose};
pub use error::NodeError;
pub use exchange::{
    Acknowledged, Brought, BroughtItem, Client, Credential, Fetched, Guest, Invitation, Ourselves, Outlet, Owed, Peer,
    PeerKind, PeerStatus, Recall, RecallReason, RecallStatement, Recalled, Receipt, Receipted, StandingAgreement,
    Taken, Trouble, Unacceptable,
};
pub use exchange::{Follow, FollowKind, FollowProgress, FollowSecret, NotAnswered, PushPage};
pub use follow::Following;
pub use gate::{AbuseShown, AbuseVerdict, GateNo, MessageDeed, MessageReceived, MessageShown, Said};
pub use graph::{Face, Graph, GraphAsk, GraphEdge, GraphNode};
pub use labels::Standing;
pub use leases::{Lease, Turns};
pub use ledger::{
    Asked, AuditQuery, Deed, LedgerHead, LedgerTerms, LedgerTrouble, Misconduct, Pattern, Unusual, Witnessed,
    Witnessing, log_name, log_number,
};
pub use moving::{Move, Moved};
pub use neighbours::Container;
pub use node::{Node, NodeOptions, move_store};
pub use notices::{
    JudgementSaid, NoticeDeed, NoticeNo, NoticeReleased, NoticeRow, NoticeShown, NoticeText, PublicMissing,
    PublicNotice, PublicWarrant,
};
pub use objects::{Row, Rows, Which};
pub use people::{
    Account, AccountPasskey, AccountState, ApiKey, Budget, Enrolled, LoginError, NewAccount, NewKey, Proof,
    ProviderLink, RightsChange, Session, Signed,
};
pub use persons::{
    CopiedDocument, CopiedNotice, CopiedPerson, CopyFound, CopyHead, DocumentFound, FrontlineCopy, Held, HitAnswer,
    HitAsked, Listed, NoticeCard, PartBeside, PersonAsk, PersonFound, PersonsFound, ScreenedRow, SearchHitDeed,
    SearchHitNo, SearchHitShown, Why, usual_from,
};
pub use query::{AsOf, Brief, Holding, Known, Look, Shown};
pub use relabel::Relabelling;
pub use release::{
    Channel, Delivery, Exported, Group, Groups, Item, ListedValue, Outline, Page, PageAsk, SavedQuery, Seen, Seer,
    VersionFilter, View, Withheld,
};
pub use retention::{Ended, Ending, EndsBy, LegalHold, RetentionPlan};
pub use rights::{
    Consulted, FoundObject, FoundState, Language, Opening, Outcome, Person, RightsDesk, RightsEvent, RightsKind,
    RightsRequest, RightsTerms, Says, Sender, Stage, Waiting,
};
pub use sources::{Source, SourceChange};
pub use warninglists::ListsAdded;
