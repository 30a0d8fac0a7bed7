//! The TAXII 2.1 server (OASIS TAXII 2.1): one API root, a collection for each agreement and direction.

mod add;
mod collections;
mod objects;
mod reply;
mod root;
mod status;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::get;
use comity_http::Site;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

/// The paths of the TAXII server. Each is served with and without a slash at its end, without a redirect, which would
/// lose the client's credentials.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/taxii2", get(root::discovery))
        .route("/taxii2/root", get(root::api_root))
        .route("/taxii2/root/status/{id}", get(status::status))
        .route("/taxii2/root/collections", get(collections::list))
        .route("/taxii2/root/collections/{collection}", get(collections::one))
        .route("/taxii2/root/collections/{collection}/manifest", get(objects::manifest))
        .route("/taxii2/root/collections/{collection}/objects", get(objects::list).post(add::add))
        .route("/taxii2/root/collections/{collection}/objects/{id}", get(objects::one).delete(add::delete))
        .route("/taxii2/root/collections/{collection}/objects/{id}/versions", get(objects::versions))
        .route("/taxii2/{*other}", get(root::nothing).fallback(root::nothing))
        .method_not_allowed_fallback(root::not_allowed)
        // A body is read by the handler, within its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(CompressionLayer::new())
        .layer(RequestDecompressionLayer::new())
        .layer(map_response(reply::in_taxii))
}
