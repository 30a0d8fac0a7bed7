use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use comity_http::{Problem, Site};
use comity_node::Purpose;

use super::Program;

/// The signed copy for where there is no network: who is looked for by a notice, and the register of documents.
pub(super) async fn copy(State(site): State<Site>, Program(acting): Program) -> Result<Response, Problem> {
    let ctx = site.ctx_of(&acting, Purpose::Prevention);
    let copy = site
        .work(move |node| {
            let mut out = Vec::new();
            node.frontline_copy(&ctx, &mut out)?;
            Ok(out)
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "private, no-store")], copy)
        .into_response())
}
