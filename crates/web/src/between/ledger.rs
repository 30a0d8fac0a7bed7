use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use comity_crypto::{hex, sha256};
use comity_http::{Problem, Site, body};
use comity_ledger::Refusal;
use comity_node::{Witnessed, log_number};

use super::caller::FromNode;
use crate::readers::Reading;

/// The log of a peer wants its checkpoint countersigned (C2SP tlog-witness, `add-checkpoint`).
pub(crate) async fn add_checkpoint(
    State(site): State<Site>,
    FromNode(peer): FromNode,
    request: Request,
) -> Result<Response, Problem> {
    let bytes = body(&site, request, MOST).await?.bytes;
    let ctx = site.ctx(None);
    let witnessed = site.work(move |node| node.add_checkpoint(&ctx, &peer, &bytes)).await?;
    Ok(match witnessed {
        Witnessed::Signed(lines) => text(StatusCode::OK, lines, "text/plain; charset=utf-8"),
        Witnessed::Refused(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            match refusal {
                Refusal::Stale(size) => text(status, format!("{size}\n"), "text/x.tlog.size"),
                refusal => Problem::new(status, "not countersigned", refusal.to_string()).into_response(),
            }
        }
    })
}

/// The newest checkpoint of a log that was countersigned here, by the SHA-256 of the log's origin.
pub(crate) async fn witnessed(
    State(site): State<Site>,
    reading: Reading,
    Path(digest): Path<String>,
) -> Result<Response, Problem> {
    let ctx = site.ctx(Some(reading.principal()));
    let found = site.work(move |node| {
        for peer in node.peers()? {
            for key in &peer.ledger {
                let name = key.split('+').next().unwrap_or_default();
                if hex(&sha256(name.as_bytes())) == digest {
                    return node.witnessed(&ctx, name);
                }
            }
        }
        Ok(None)
    });
    let note = found.await?.ok_or_else(Problem::not_found)?;
    Ok(text(StatusCode::OK, note.to_string(), "text/plain; charset=utf-8"))
}

/// A file of a log of this node: its checkpoint, a tile, a bundle of entries (C2SP tlog-tiles). Nothing in it tells about
/// a person; how much goes on here it does tell, so it is for peers and their tools.
pub(crate) async fn file(
    State(site): State<Site>,
    _: Reading,
    Path((log, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let is_tile = path != "checkpoint";
    let log = log_number(&log).ok_or_else(Problem::not_found)?;
    let found = site.work(move |node| node.ledger_file(log, &path)).await?.ok_or_else(Problem::not_found)?;
    let kind = if is_tile { "application/octet-stream" } else { "text/plain; charset=utf-8" };
    let mut response = text(StatusCode::OK, found, kind);
    let kept = if is_tile { "private, max-age=31536000, immutable" } else { "no-store" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}

fn text(status: StatusCode, body: impl Into<axum::body::Body>, kind: &'static str) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The longest request to a witness.
const MOST: usize = 128 << 10;
