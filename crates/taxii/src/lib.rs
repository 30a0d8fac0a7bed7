//! TAXII 2.1: wire types and client.
//!
//! The pure part is shared by server and client and does no I/O: media types ([`media`]), resources ([`resource`]),
//! the query of a request ([`Filters`]), the `next` token ([`Cursor`]), envelopes written without reading their
//! objects ([`envelope`]), and the state machines that follow a remote collection ([`FollowState`]) or push to one
//! ([`PushState`]). [`Client`] speaks to any TAXII 2.1 server.
//!
//! Objects are never parsed here: what a server sends goes to the node's intake as it is.
//!
//! ```no_run
//! use comity_taxii::{Client, ClientOptions, Credentials, FollowAction, FollowOptions, FollowState};
//!
//! # async fn turn(tls: rustls::ClientConfig, mut state: FollowState, now: comity_base::Timestamp)
//! # -> Result<(), comity_taxii::ClientError> {
//! let credentials = Credentials::Basic { user: "lab-north".into(), password: "secret".into() };
//! let client = Client::new("https://taxii.example/", tls, ClientOptions { credentials, ..ClientOptions::default() })?;
//! let options = FollowOptions::default();
//! if let FollowAction::Fetch(request) = state.plan(&options, now) {
//!     let mut body = Vec::new();
//!     let notices = match client.objects("/api1/", "high-value-indicators", &request, &mut body).await {
//!         // The intake takes the body in; only when that is durable:
//!         Ok(page) => state.succeeded(&options, &request, &page, now),
//!         Err(error) => state.failed(&options, &request, &error.failure(), now),
//!     };
//!     for notice in notices {
//!         println!("{notice}");
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod cursor;
pub mod envelope;
mod filter;
mod follow;
pub mod fuzzing;
pub mod media;
mod peer;
mod push;
mod query;
pub mod resource;
mod retry;
mod scan;
mod wire;

pub use client::guard::{Inside, PublicOnly, check_literal};
pub use client::{Client, ClientError, ClientOptions, Credentials, Problem};
pub use cursor::{Cursor, CursorError, CursorKey, Scope};
pub use filter::{FilterError, FilterLimits, Filters, Matches, VersionMatch};
pub use follow::{FollowAction, FollowOptions, FollowState, Notice, Page, PageRequest, Round};
pub use peer::{Countersigning, PeerClient, PeerError};
pub use push::{Batch, ObjectFailure, Open, PushAction, PushNotice, PushOptions, PushReport, PushState};
pub use resource::{
    ApiRoot, Collection, Collections, Discovery, Manifest, ManifestRecord, Progress, Status, StatusDetail, TaxiiError,
    Versions,
};
pub use retry::{Backoff, Failure, FailureKind, RetryAfter};
pub use scan::{PageMarks, PageScan, ScanError, scan};
pub use wire::{DATE_ADDED_FIRST, DATE_ADDED_LAST, WWW_AUTHENTICATE, date_added, date_added_headers};
