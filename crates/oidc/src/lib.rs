//! OpenID Connect: people who log in at their organisation's own identity provider.
//!
//! The authorization code flow alone (OpenID Connect Core 1.0, section 3.1), with a proof key (RFC 7636, `S256`). What the
//! browser brings back counts only together with what the [`Flow`] kept, and what is believed in the end is an ID token
//! that the provider signed, read by [`Expected::identity`]. No token of the provider is kept, and nobody's data is asked
//! of it: only who they are and how they showed it.

mod error;
mod flow;
mod http;
mod identity;
mod metadata;
mod provider;

pub use error::ProviderError;
pub use flow::{Flow, Returned};
pub use identity::{Expected, Identity, Strength};
pub use metadata::Metadata;
pub use provider::{Provider, Settings};
