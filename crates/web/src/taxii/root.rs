use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use comity_http::Site;
use comity_taxii::{ApiRoot, Discovery, TaxiiError};

use super::reply::{Asking, Wrong, resource};

/// TAXII 2.1 section 4.1.
pub(super) async fn discovery(State(site): State<Site>, _: Asking) -> Response {
    let title = format!("Comity node of {}", site.organisation());
    let root = ROOT.to_owned();
    let discovery = Discovery { title, default: Some(root.clone()), api_roots: vec![root], ..Discovery::default() };
    resource(StatusCode::OK, &discovery)
}

/// TAXII 2.1 section 4.2.
pub(super) async fn api_root(State(site): State<Site>, _: Asking) -> Response {
    let title = format!("What {} shares", site.organisation());
    resource(StatusCode::OK, &ApiRoot { title, max_content_length: MAX_CONTENT, ..ApiRoot::default() })
}

pub(super) async fn nothing(_: Asking) -> Wrong {
    TaxiiError::not_found("such address").into()
}

pub(super) async fn not_allowed(_: Asking) -> Wrong {
    TaxiiError::new(StatusCode::METHOD_NOT_ALLOWED, "Not allowed", "This address does not take this method.").into()
}

const ROOT: &str = "/taxii2/root/";
/// Most bytes of a posted body, once unpacked.
pub(super) const MAX_CONTENT: u64 = 100 << 20;
