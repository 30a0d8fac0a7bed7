use axum::extract::{Request, State};
use axum::http::StatusCode;
use comity_http::{Problem, Site, body};

use super::caller::FromNode;

/// A peer's node tells something: an agreement, a suspension, receipts, new keys.
pub(crate) async fn message(
    State(site): State<Site>,
    FromNode(peer): FromNode,
    request: Request,
) -> Result<StatusCode, Problem> {
    let bytes = body(&site, request, MOST).await?.bytes;
    let ctx = site.ctx(None);
    site.work(move |node| node.take_message(&ctx, &peer, &bytes)).await?;
    Ok(StatusCode::NO_CONTENT)
}

const MOST: usize = 4 << 20;
