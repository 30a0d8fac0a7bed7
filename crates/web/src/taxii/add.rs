use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use comity_http::{Problem, Site, body};
use comity_node::BroughtItem;
use comity_stix::ObjectId;
use comity_taxii::{Progress, Status, StatusDetail, TaxiiError, media};

use super::collections::shelf;
use super::reply::{Asking, Wrong, resource, taxii};
use super::root::MAX_CONTENT;
use super::status::keep;

/// TAXII 2.1 section 5.5. The objects are durable when this answers; the status says what became of each.
pub(super) async fn add(
    State(site): State<Site>,
    Path(name): Path<String>,
    asking: Asking,
    request: Request,
) -> Result<Response, Wrong> {
    let shelf = shelf(&site, &asking, &name).await?;
    if !shelf.collection.can_write {
        return Err(TaxiiError::forbidden("This collection gives objects and takes none; post to the inbox.").into());
    }
    media::posted(request.headers())
        .map_err(|error| TaxiiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported", error.to_string()))?;
    let most = usize::try_from(MAX_CONTENT).unwrap_or(usize::MAX);
    // Said beforehand to be too large: not waited for.
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if said.is_some_and(|length: u64| length > MAX_CONTENT) {
        return Err(TaxiiError::too_large(MAX_CONTENT).into());
    }
    let posted = match body(&site, request, most).await {
        Err(problem) if problem.status == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(TaxiiError::too_large(MAX_CONTENT).into());
        }
        read => read?,
    };
    let (ctx, organisation) = (site.ctx(Some(&asking.0)), asking.organisation().clone());
    let status = site
        .work(move |node| {
            let (bytes, _memory) = posted.into_parts();
            let brought = node.bring(&ctx, &organisation, "posted over TAXII", bytes)?;
            let at = ctx.now();
            let status = Status {
                id: brought.id.to_string(),
                status: Progress::Complete,
                request_timestamp: Some(at),
                total_count: brought.taken + brought.refused.len() as u64,
                success_count: brought.taken,
                failure_count: brought.refused.len() as u64,
                failures: brought.refused.iter().take(DETAILS).map(detail).collect(),
                ..Status::default()
            };
            keep(node, &organisation, &status)?;
            Ok(status)
        })
        .await?;
    if status.total_count == 0 {
        let why = "The body holds no objects: send an envelope {\"objects\":[...]} or a bundle. Nothing was kept.";
        return Err(TaxiiError::unprocessable(why).into());
    }
    Ok(resource(StatusCode::ACCEPTED, &status))
}

fn detail(item: &BroughtItem) -> StatusDetail {
    StatusDetail { id: item.id.clone(), version: item.version.clone(), message: Some(item.why.clone()) }
}

/// TAXII 2.1 section 5.7: whoever brought an object takes it back; it is gone here and everywhere it was passed on to.
pub(super) async fn delete(
    State(site): State<Site>,
    Path((name, id)): Path<(String, String)>,
    asking: Asking,
) -> Result<Response, Wrong> {
    let shelf = shelf(&site, &asking, &name).await?;
    if !shelf.collection.can_write {
        return Err(
            TaxiiError::forbidden("Objects are deleted in the inbox they were brought to, by their owner.").into()
        );
    }
    let id = ObjectId::parse(&id).map_err(|_| Wrong::from(TaxiiError::not_found("such object")))?;
    let (ctx, organisation) = (site.ctx(Some(&asking.0)), asking.organisation().clone());
    let gone = site.work(move |node| node.take_back(&ctx, &organisation, &id)).await?;
    if gone == 0 {
        return Err(Problem::not_found().into());
    }
    Ok(taxii(StatusCode::OK, Vec::new()))
}

/// Most refused objects that a status names.
const DETAILS: usize = 1_000;
