use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, Uri};
use axum::response::Response;
use comity_http::Site;
use comity_node::{Ctx, Group, Node, NodeError};
use serde_json::{Value, json};
use std::sync::Arc;

use super::ask::Ask;
use super::built::Head;
use super::desk::{Desk, Seen};
use super::reply::{Asked, Asking, JSON, Wrong, raw};
use super::search::{Answer, Search};

/// `restSearch` of attributes, by a body or by the path.
pub(super) async fn search_attributes(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
    uri: Uri,
    Asked(body): Asked,
) -> Result<Response, Wrong> {
    let ask = read(&site, &asking, &uri, &body)?;
    if !["json", "text", "values"].contains(&ask.format.as_str()) {
        return Err(Wrong::bad(format!("returnFormat {} is not offered: use json or text.", ask.format)));
    }
    let plain = ask.format != "json";
    let answer = run(&site, &desk, &asking, move |search| search.attributes(&ask)).await?;
    Ok(if plain {
        counted(&answer, (b"", b"\n"), "text/plain; charset=UTF-8")
    } else {
        counted(&answer, ATTRIBUTES, JSON)
    })
}

/// `restSearch` of events.
pub(super) async fn search_events(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
    uri: Uri,
    Asked(body): Asked,
) -> Result<Response, Wrong> {
    let ask = read(&site, &asking, &uri, &body)?;
    if ask.format != "json" {
        return Err(Wrong::bad(format!("returnFormat {} is not offered for events: use json.", ask.format)));
    }
    let answer = run(&site, &desk, &asking, move |search| search.events(&ask)).await?;
    Ok(counted(&answer, (b"{\"response\":[", b"]}"), JSON))
}

/// One event by its UUID or number.
pub(super) async fn view(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    Path(path): Path<String>,
    asking: Asking,
) -> Result<Response, Wrong> {
    let name = path.split('/').next().unwrap_or_default().trim_end_matches(".json").to_owned();
    let answer = run(&site, &desk, &asking, move |search| one(search, &name)).await?;
    if answer.count == 0 { Err(Wrong::no_event()) } else { Ok(raw(answer.texts, JSON)) }
}

/// An event as it stands, for whoever may see it.
pub(super) fn one(search: Search<'_>, name: &str) -> Result<Answer, NodeError> {
    search.answer(|seen, _| {
        let mut answer = Answer::default();
        let Some(at) = seen.find(name) else { return Ok(answer) };
        if let Some(built) = search.desk.built(search.node, search.ctx, seen, at)? {
            answer.add(&built.json, b"");
            answer.leave(seen.groups.all.get(at).into_iter().flat_map(Group::positions));
        }
        Ok(answer)
    })
}

/// The heads of all events; `minimal` for a MISP that decides what to fetch.
pub(super) async fn index(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
    uri: Uri,
    Asked(body): Asked,
) -> Result<Response, Wrong> {
    let ask = read(&site, &asking, &uri, &body)?;
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let minimal = said.get("minimal").is_some_and(|flag| flag != &json!(0) && flag != &json!(false))
        || uri.path().contains("minimal:1");
    let answer = run(&site, &desk, &asking, move |search| list(search, &ask, minimal)).await?;
    Ok(counted(&answer, (b"[", b"]"), JSON))
}

fn list(search: Search<'_>, ask: &Ask, minimal: bool) -> Result<Answer, NodeError> {
    search.answer(|seen, _| {
        let mut answer = Answer::default();
        let mut left = ask.skipped();
        for at in 0..seen.groups.all.len() {
            if minimal && !seen.is_offered(search.ctx, at) || ask.published == Some(false) {
                continue;
            }
            let Some(head) = search.desk.head(search.node, search.ctx, seen, at)? else { continue };
            if !super::search::is_listed(ask, seen, &head) {
                continue;
            }
            if left > 0 {
                left -= 1;
                continue;
            }
            if Some(answer.count) == ask.limit {
                break;
            }
            answer.leave(head.leaves);
            let entry = if minimal { least(seen, &head) } else { listed(seen, &head) };
            answer.add(entry.to_string().as_bytes(), b",");
        }
        Ok(answer)
    })
}

fn least(seen: &Seen, head: &Head) -> Value {
    let of = &head.of;
    json!({
        "id": seen.number(of.uuid).to_string(),
        "timestamp": of.timestamp.to_string(),
        "sighting_timestamp": "0",
        "published": true,
        "uuid": of.uuid.to_string(),
        "orgc_uuid": of.orgc.uuid.to_string(),
    })
}

fn listed(seen: &Seen, head: &Head) -> Value {
    let of = &head.of;
    let org = |org: &comity_formats::MispOrg| json!({ "id": seen.number(org.uuid).to_string(), "name": org.name, "uuid": org.uuid.to_string() });
    let tag = |tag: &comity_formats::MispTag<'_>| json!({ "Tag": { "name": tag.name } });
    let mut entry = least(seen, head);
    let more = json!({
        "info": of.info,
        "date": of.date,
        "analysis": of.analysis,
        "threat_level_id": of.threat_level,
        "publish_timestamp": of.publish_timestamp.to_string(),
        "distribution": of.distribution.number().to_string(),
        "sharing_group_id": "0",
        "attribute_count": head.attributes.to_string(),
        "org_id": seen.number(of.org.uuid).to_string(),
        "orgc_id": seen.number(of.orgc.uuid).to_string(),
        "Org": org(&of.org),
        "Orgc": org(&of.orgc),
        "EventTag": of.tags.iter().map(tag).collect::<Vec<_>>(),
    });
    if let (Some(entry), Value::Object(more)) = (entry.as_object_mut(), more) {
        entry.extend(more);
    }
    entry
}

/// An event without what it holds.
pub(super) fn head_of(json: &[u8]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(json).unwrap_or_default();
    if let Some(event) = value.get_mut("Event").and_then(Value::as_object_mut) {
        for name in ["Attribute", "Object", "EventReport", "Galaxy", "Note", "Opinion", "Relationship"] {
            event.remove(name);
        }
    }
    value.to_string().into_bytes()
}

/// What a request asks for: in its body, behind the action in its path, and behind `?`.
pub(super) fn read(site: &Site, asking: &Asking, uri: &Uri, body: &[u8]) -> Result<Ask, Wrong> {
    let path = uri.path().strip_prefix("/misp").unwrap_or(uri.path());
    let behind = path.splitn(4, '/').nth(3).unwrap_or_default();
    Ask::read(body, behind, uri.query().unwrap_or_default(), site.ctx(Some(&asking.0)).now())
}

/// Runs a search where it may block.
pub(super) async fn run(
    site: &Site,
    desk: &Arc<Desk>,
    asking: &Asking,
    work: impl FnOnce(Search<'_>) -> Result<Answer, NodeError> + Send + 'static,
) -> Result<Answer, Wrong> {
    let answer = with(site, desk, asking, work).await?;
    if answer.too_large {
        return Err(Wrong::bad("The answer would be too large; nothing was given. Ask with page and limit."));
    }
    Ok(answer)
}

pub(super) async fn with<T: Send + 'static>(
    site: &Site,
    desk: &Arc<Desk>,
    asking: &Asking,
    work: impl FnOnce(Search<'_>) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Wrong> {
    let (ctx, organisation, desk): (Ctx, _, _) =
        (site.ctx(Some(&asking.0)), asking.organisation().clone(), Arc::clone(desk));
    let work = move |node: &Node| work(Search { node, ctx: &ctx, desk: &desk, organisation: &organisation });
    Ok(site.work(work).await?)
}

fn counted(answer: &Answer, (head, tail): (&[u8], &[u8]), kind: &'static str) -> Response {
    let mut response = raw([head, &answer.texts, tail].concat(), kind);
    response.headers_mut().insert("x-result-count", HeaderValue::from(answer.count));
    response
}

const ATTRIBUTES: (&[u8], &[u8]) = (b"{\"response\":{\"Attribute\":[", b"]}}");
