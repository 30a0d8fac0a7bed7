//! What nodes ask each other.

mod feed;
mod join;
mod message;

use axum::Router;
use axum::routing::{get, post};

use crate::site::Site;

/// The paths of the node protocol.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/comity/v1/join", post(join::join))
        .route("/comity/v1/feed", get(feed::feed))
        .route("/comity/v1/messages", post(message::message))
}
