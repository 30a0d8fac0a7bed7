use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use comity_http::{Problem, Site, body};
use serde::Deserialize;
use serde_json::json;

use super::ask::bad;
use crate::readers::Reading;

/// What an airline or a bank gives: which document, and nothing of its holder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    issuer: String,
    number: String,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

/// Whether a document is listed as stolen, lost or revoked: yes or no.
pub(super) async fn document(
    State(site): State<Site>,
    reading: Reading,
    request: Request,
) -> Result<Response, Problem> {
    let posted = body(&site, request, BODY).await?;
    let shown: Shown =
        serde_json::from_slice(&posted).map_err(|error| bad(format!("the question cannot be read: {error}")))?;
    let (ctx, organisation) = (site.ctx(Some(reading.principal())), reading.organisation().clone());
    let text = format!("{}:{}:{}", shown.issuer, shown.kind.as_deref().unwrap_or("P"), shown.number);
    let listed = site.work(move |node| node.is_listed(&ctx, &organisation, &text)).await?;
    let answer = json!({"listed": listed}).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], answer).into_response())
}

/// Bytes of one question.
const BODY: usize = 4 << 10;
