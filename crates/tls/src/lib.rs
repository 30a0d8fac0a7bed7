//! Certificates and pinned keys of nodes on the wire.
//!
//! Nodes know each other by the [`Pin`] of their TLS key, told once by people who trust each other, and not by names
//! or authorities. A node proves its [`Identity`] in both directions with the same key: as a server, and as a client
//! with a client certificate. Anyone may connect with any certificate or none; the handshake proves possession of
//! the key, and whoever handles the request looks up who has that [pin](peer_pin). This room makes and reads
//! identities and builds configurations for `rustls`; it opens no connection.
//!
//! ```
//! use comity_base::Timestamp;
//! use comity_tls::{client_config_pinned, make_identity, server_config};
//!
//! let (now, later) = (Timestamp::parse("2026-11-01T00:00:00Z")?, Timestamp::parse("2028-11-01T00:00:00Z")?);
//! let ours = make_identity("ee", &["node.police.example".to_owned()], now, later)?;
//! let theirs = make_identity("lab-north", &["192.0.2.7".to_owned()], now, later)?;
//! let server = server_config(&theirs)?;
//! // Only the lab may answer, and it will see our pin.
//! let client = client_config_pinned(Some(&ours), &[theirs.pin()])?;
//! # let _ = (server, client);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod error;
mod identity;
mod pin;
mod verify;

pub use config::{client_config_pinned, client_config_public, server_config};
pub use error::TlsError;
pub use identity::{Identity, Validity, make_identity};
pub use pin::{NotAPin, Pin, peer_pin, pin_of};
pub use verify::WrongPin;
