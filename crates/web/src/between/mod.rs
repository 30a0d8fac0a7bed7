//! What nodes ask each other.

mod caller;
mod feed;
mod join;
mod ledger;
mod message;

use axum::Router;
use axum::routing::{get, post};
use comity_http::Site;

/// The paths of the node protocol.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/comity/v1/join", post(join::join))
        .route("/comity/v1/feed", get(feed::feed))
        .route("/comity/v1/messages", post(message::message))
        .route("/comity/v1/witness/add-checkpoint", post(ledger::add_checkpoint))
        .route("/comity/v1/witness/{digest}/checkpoint", get(ledger::witnessed))
        .route("/comity/v1/ledger/{log}/{*path}", get(ledger::file))
}
