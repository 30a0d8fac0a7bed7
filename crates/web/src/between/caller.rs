use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use comity_http::{Problem, Site, arrived};
use comity_node::Peer;

/// The peer whose node sent the request, over a connection made with its own TLS key.
pub(super) struct FromNode(pub(super) Peer);

impl FromRequestParts<Site> for FromNode {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        let peer = arrived(parts)?.and_then(|principal| principal.node).ok_or_else(Problem::not_a_node)?;
        if !peer.is_active() {
            return Err(Problem::suspended(&peer.name));
        }
        Ok(Self(peer))
    }
}

/// JSON of a node's own API.
pub(super) fn json(bytes: Vec<u8>) -> Response {
    let mut response = Response::new(axum::body::Body::from(bytes));
    let json = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, json);
    response
}
