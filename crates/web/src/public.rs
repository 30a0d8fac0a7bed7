//! What anybody may read: notices that were released with an extract, because their source wishes it.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use comity_http::{Problem, Query, Site, Tag};
use comity_node::{NoticeNo, PublicNotice};
use serde_json::{Value, json};

/// The paths of what is public.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/public/v1/notices", get(notices)).route("/public/v1/notices/{no}", get(notice))
}

/// `?colour=red&nationality=EE&name=tamm&forename=mari&page=1&resultPerPage=20`: those that are all of this, a page of them.
async fn notices(State(site): State<Site>, RawQuery(query): RawQuery, headers: HeaderMap) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let number = |name: &str, usual: usize| query.first(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (page, most) = (number("page", 1).max(1), number("resultPerPage", USUAL).clamp(1, MOST));
    let ctx = site.ctx(None);
    let mut all = site.work(move |node| node.public_notices(&ctx)).await?;
    all.retain(|notice| is_asked(notice, &query));
    let shown = all.iter().skip((page - 1).saturating_mul(most)).take(most).collect::<Vec<_>>();
    Ok(answer(&site, &headers, &json!({"total": all.len(), "page": page, "notices": shown})))
}

/// One, by its number; what is not in force any more is not there.
async fn notice(State(site): State<Site>, Path(no): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let no = no.parse::<NoticeNo>().map_err(|_| Problem::not_found())?;
    let ctx = site.ctx(None);
    let notice = site.work(move |node| node.public_notice(&ctx, no)).await?;
    Ok(answer(&site, &headers, &json!(notice.ok_or_else(Problem::not_found)?)))
}

fn is_asked(notice: &PublicNotice, query: &Query) -> bool {
    let has = |name: &str, what: Option<&str>| {
        let asked = query.first(name).unwrap_or_default().to_lowercase();
        what.unwrap_or_default().to_lowercase().contains(&asked)
    };
    let is_of = |asked: &str| notice.nationalities.iter().any(|country| country.eq_ignore_ascii_case(asked));
    has("name", notice.name.as_deref())
        && has("forename", notice.forename.as_deref())
        && query.first("colour").is_none_or(|asked| notice.colour == asked)
        && query.first("nationality").is_none_or(is_of)
}

fn answer(site: &Site, headers: &HeaderMap, said: &Value) -> Response {
    let body = said.to_string();
    let tag = Tag::of(site.tag_key(), body.as_bytes());
    let mut response = if tag.is_known(headers) { tag.unchanged() } else { tag.on(body.into_response()) };
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // A page of another site may show it: it is for everybody. What is over is to be gone at once, so nobody keeps it.
    head.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Notices of a page: usually, and at most.
const USUAL: usize = 20;
const MOST: usize = 160;
