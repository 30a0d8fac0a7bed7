use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_http::Tag;

use crate::desk::Desk;

/// A file that pages use. A browser that holds it is told that it has not changed.
pub(super) async fn asset(State(desk): State<Desk>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (kind, text) = match name.as_str() {
        "desk.css" => ("text/css; charset=utf-8", include_str!("../pages/assets/desk.css")),
        "desk.js" => ("text/javascript; charset=utf-8", include_str!("../pages/assets/desk.js")),
        "graph.js" => ("text/javascript; charset=utf-8", include_str!("../pages/assets/graph.js")),
        "icon.svg" => ("image/svg+xml", include_str!("../pages/assets/icon.svg")),
        "icons.svg" => ("image/svg+xml", include_str!("../pages/assets/icons.svg")),
        "world.svg" => ("image/svg+xml", include_str!("../pages/assets/world.svg")),
        "passkey.js" => ("text/javascript; charset=utf-8", include_str!("../pages/assets/passkey.js")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let tag = Tag::of(desk.site().tag_key(), text.as_bytes());
    let reply = if tag.is_known(&headers) {
        tag.unchanged()
    } else {
        tag.on(([(header::CONTENT_TYPE, kind)], text).into_response())
    };
    ([(header::CACHE_CONTROL, "no-cache")], reply).into_response()
}
