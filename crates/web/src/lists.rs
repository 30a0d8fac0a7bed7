//! Lists of values for firewalls and reference sets: plain text, or CSV.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use comity_http::{Problem, Query, Site, Tag};
use comity_node::ListedValue;
use comity_stix::Kind;

use crate::readers::{Reading, outlet};

/// The paths of the lists.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/lists/{outlet}/{file}", get(list))
}

/// `/lists/all/ipv4.txt`, `/lists/all/domain.csv`, `/lists/all/indicators.txt?kind=ipv4&kind=url`: every value of these
/// kinds in what the reader may see, each once, sorted. Unchanged since the client's copy, it costs next to nothing.
async fn list(
    State(site): State<Site>,
    Path((name, file)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    reading: Reading,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let (stem, form) = file.rsplit_once('.').ok_or_else(Problem::not_found)?;
    if !matches!(form, "txt" | "csv") {
        return Err(Problem::not_found());
    }
    let kinds = kinds(stem, &query)?;
    let view = outlet(&site, &reading, &name).await?.view.ok_or_else(Problem::not_found)?;
    let ctx = site.ctx(Some(reading.principal()));
    let values = site.work(move |node| node.values_for(&ctx, &view, &kinds, MOST + 1)).await?;
    if values.len() > MOST {
        // A firewall would take a part for the whole.
        let detail = format!("the list has more than {MOST} values; ask for fewer kinds at once");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too long", detail));
    }
    let body = if form == "csv" { csv(&values) } else { text(&values) };
    let tag = Tag::of(site.tag_key(), body.as_bytes());
    let mut response = if tag.is_known(&headers) { tag.unchanged() } else { tag.on(body.into_response()) };
    let kind = if form == "csv" { "text/csv; charset=utf-8" } else { "text/plain; charset=utf-8" };
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // What it is called was compared with the names of kinds.
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{stem}.{form}\"")) {
        head.insert(header::CONTENT_DISPOSITION, name);
    }
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn kinds(stem: &str, query: &Query) -> Result<Vec<Kind>, Problem> {
    let asked: Vec<&str> = if stem == "values" { query.all("kind").collect() } else { vec![stem] };
    let find = |name: &str| Kind::ALL.iter().copied().find(|kind| kind.name() == name);
    let found: Option<Vec<Kind>> = asked.iter().map(|name| find(name)).collect();
    found.filter(|kinds| !kinds.is_empty()).ok_or_else(|| {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        let detail =
            format!("a list is called after a kind of value, like ipv4.txt; the kinds are {}", names.join(", "));
        Problem::new(StatusCode::NOT_FOUND, "no such kind of value", detail)
    })
}

fn text(values: &[ListedValue]) -> String {
    let mut out = String::new();
    for value in values {
        out.push_str(&value.text);
        out.push('\n');
    }
    out
}

/// RFC 4180. A text that a table program would take for a formula is quoted with an apostrophe.
fn csv(values: &[ListedValue]) -> String {
    let mut out = String::from("value,kind,object\r\n");
    for value in values {
        let apostrophe = if value.text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
        let text = value.text.replace('"', "\"\"");
        // Writing into a string cannot fail.
        let _ = write!(out, "\"{apostrophe}{text}\",{},{}\r\n", value.kind.name(), value.object);
    }
    out
}

/// Most values of one list.
const MOST: usize = 1_000_000;
