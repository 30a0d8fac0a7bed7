use axum::extract::{Request, State};
use axum::response::Response;
use comity_http::{Arrived, Caller, Problem, Site, body};

use super::caller::json;

/// A node that was invited introduces itself.
pub(crate) async fn join(State(site): State<Site>, request: Request) -> Result<Response, Problem> {
    // Together as many as one organisation.
    request.extensions().get::<Arrived>().cloned().unwrap_or(Ok(None))?;
    let pin = request.extensions().get::<Caller>().and_then(|caller| caller.pin).map(|pin| pin.to_string());
    let bytes = body(&site, request, MOST).await?.bytes;
    let ctx = site.ctx(None);
    let (_, answer) = site.work(move |node| node.admit(&ctx, &bytes, pin.as_deref())).await?;
    Ok(json(answer))
}

const MOST: usize = 64 << 10;
