use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A file that pages use.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "desk.css" => ("text/css; charset=utf-8", include_str!("../../pages/assets/desk.css")),
        "desk.js" => ("text/javascript; charset=utf-8", include_str!("../../pages/assets/desk.js")),
        "graph.js" => ("text/javascript; charset=utf-8", include_str!("../../pages/assets/graph.js")),
        "icon.svg" => ("image/svg+xml", include_str!("../../pages/assets/icon.svg")),
        "icons.svg" => ("image/svg+xml", include_str!("../../pages/assets/icons.svg")),
        "world.svg" => ("image/svg+xml", include_str!("../../pages/assets/world.svg")),
        "passkey.js" => ("text/javascript; charset=utf-8", include_str!("../../pages/assets/passkey.js")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
