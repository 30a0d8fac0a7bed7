//! What a client or another MISP brings: events, and sightings of what it was shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::Response;
use comity_base::Timestamp;
use comity_crypto::random_bytes;
use comity_http::Site;
use comity_node::{Brought, NodeError};
use comity_stix::Kind;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::ask::text;
use super::built::{Built, Found};
use super::choice::moment;
use super::desk::{Desk, Seen};
use super::events::{head_of, one, with};
use super::reply::{Asking, JSON, Posted, Wrong, raw, reply};
use super::search::Search;

/// A new event, as the caller's own.
pub(super) async fn add(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
    uri: Uri,
    Posted(body): Posted,
) -> Result<Response, Wrong> {
    take(&site, &desk, &asking, &uri, (None, &body)).await
}

/// A newer version of an event that the caller brought.
pub(super) async fn edit(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    Path(path): Path<String>,
    asking: Asking,
    uri: Uri,
    Posted(body): Posted,
) -> Result<Response, Wrong> {
    let name = path.split('/').next().unwrap_or_default().trim_end_matches(".json").to_owned();
    take(&site, &desk, &asking, &uri, (Some(name), &body)).await
}

async fn take(
    site: &Site,
    desk: &Arc<Desk>,
    asking: &Asking,
    uri: &Uri,
    (name, body): (Option<String>, &[u8]),
) -> Result<Response, Wrong> {
    let mut event = read(body)?;
    let random = random_bytes::<16>().map_err(|error| Wrong::bad(error.to_string()))?;
    let fresh = uuid::Builder::from_random_bytes(random).into_uuid();
    let head_only = uri.path().contains("metadata:1");
    let result = with(site, desk, asking, move |search| {
        let Some(uuid) = name_event(search, name.as_deref(), &mut event, fresh)? else { return Ok(None) };
        let body = json!({ "Event": event }).to_string().into_bytes();
        let brought = search.node.bring(search.ctx, search.organisation, "posted as a MISP event", body)?;
        search.desk.forget(search.organisation);
        if brought.taken == 0 {
            return Ok(Some((brought, Vec::new())));
        }
        let answer = one(search, &uuid)?;
        // Where its agreement does not let it read back what it brought, it is told what it said.
        let text = if answer.count > 0 { answer.texts } else { json!({ "Event": event }).to_string().into_bytes() };
        Ok(Some((brought, text)))
    })
    .await?;
    let (brought, text) = result.ok_or_else(Wrong::no_event)?;
    if brought.taken == 0 {
        return Err(Wrong::bad(format!("Could not add Event: {}", whys(&brought))));
    }
    let mut response = raw(if head_only { head_of(&text) } else { text }, JSON);
    response.headers_mut().insert("x-set-aside", HeaderValue::from(brought.refused.len()));
    Ok(response)
}

fn whys(brought: &Brought) -> String {
    let whys: Vec<_> = brought.refused.iter().take(5).map(|item| format!("{}: {}", item.id, item.why)).collect();
    if whys.is_empty() { "it holds nothing that is an event".into() } else { whys.join("; ") }
}

fn read(body: &[u8]) -> Result<Map<String, Value>, Wrong> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Wrong::bad(format!("The body is no JSON ({error}); nothing was kept.")))?;
    let Value::Object(mut members) = value else { return Err(Wrong::bad("The body is no event; nothing was kept.")) };
    match members.remove("Event") {
        Some(Value::Object(event)) => Ok(event),
        Some(_) => Err(Wrong::bad("The body is no event; nothing was kept.")),
        None => Ok(members),
    }
}

/// Gives an event what the reader of events goes by: its UUID, its day, when it changed. None when it is to replace
/// one that the caller does not see.
fn name_event(
    search: Search<'_>,
    name: Option<&str>,
    event: &mut Map<String, Value>,
    fresh: Uuid,
) -> Result<Option<String>, NodeError> {
    let said = event.get("uuid").and_then(Value::as_str).filter(|uuid| Uuid::try_parse(uuid).is_ok());
    let uuid = match name {
        Some(name) if Uuid::try_parse(name).is_err() => {
            let seen = search.desk.seen(search.node, search.ctx, search.organisation)?;
            match seen.find(name).and_then(|at| seen.uuids.get(at)) {
                Some(uuid) => uuid.to_string(),
                None => return Ok(None),
            }
        }
        Some(name) => name.to_owned(),
        None => said.map_or_else(|| fresh.to_string(), str::to_owned),
    };
    event.insert("uuid".into(), uuid.clone().into());
    let now = search.ctx.now();
    let seconds = now.as_micros().div_euclid(1_000_000).to_string();
    if event.get("timestamp").is_none_or(Value::is_null) {
        event.insert("timestamp".into(), seconds.into());
    }
    if event.get("date").is_none_or(Value::is_null) {
        event.insert("date".into(), now.to_string().get(..10).unwrap_or_default().into());
    }
    Ok(Some(uuid))
}

/// Sightings of attributes by their value, UUID or number.
pub(super) async fn sight(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
    uri: Uri,
    Posted(body): Posted,
) -> Result<Response, Wrong> {
    let mut said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let behind = uri.path().rsplit_once("/add/").map(|(_, name)| name.to_owned());
    if let (Some(name), Some(members)) = (behind, said.as_object_mut()) {
        let member = if Uuid::try_parse(&name).is_ok() { "uuid" } else { "id" };
        members.insert(member.into(), name.into());
    }
    let taken = with(&site, &desk, &asking, move |search| {
        let seen = search.desk.seen(search.node, search.ctx, search.organisation)?;
        let found = sighted(search, &seen, &said)?;
        let objects: Vec<Value> = found.iter().map(|(of, marks)| sighting(search, &said, (of, marks))).collect();
        bring(search, &objects)
    })
    .await?;
    if taken == 0 {
        return Err(Wrong::new(StatusCode::NOT_FOUND, "No valid attributes found that match the criteria."));
    }
    let message = format!("{taken} Sighting{} successfully added.", if taken == 1 { "" } else { "s" });
    Ok(reply(&json!({ "saved": true, "success": true, "name": message, "message": message, "url": "/sightings/add" })))
}

/// The ids of the objects that are sighted, with the levels they are tagged with.
fn sighted(search: Search<'_>, seen: &Seen, said: &Value) -> Result<BTreeMap<String, Vec<String>>, NodeError> {
    let texts = |name: &str| match said.get(name) {
        Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
        Some(one) => text(one).into_iter().collect(),
        None => Vec::new(),
    };
    let (mut values, uuids, numbers): (Vec<String>, Vec<_>, Vec<_>) = (texts("values"), texts("uuid"), texts("id"));
    values.extend(texts("value"));
    // Whether something is found tells that it is known.
    let asked = values.len() + uuids.len() + numbers.len();
    search.node.count_queries(search.ctx, search.organisation, asked)?;
    let mut places: BTreeSet<usize> = BTreeSet::new();
    for value in &values {
        let mut guessed = search.node.values().guess(value);
        guessed.retain(|value| value.kind() != Kind::Mutex || values.len() == 1);
        for position in search.node.positions_of(search.ctx, &seen.views, &guessed, POSTINGS)? {
            places.extend(seen.groups.of(position).iter().filter_map(|at| usize::try_from(*at).ok()));
        }
    }
    if values.is_empty() {
        places.extend(0..seen.groups.all.len());
    }
    let wanted = |found: &Found| {
        values.iter().any(|value| found.texts().any(|text| text.eq_ignore_ascii_case(value)))
            || uuids.contains(&found.uuid.to_string())
            || !numbers.is_empty() && numbers.contains(&seen.number(found.uuid).to_string())
    };
    let mut ids = BTreeMap::new();
    for at in places {
        let Some(built) = search.desk.built(search.node, search.ctx, seen, at)? else { continue };
        let found = built.attributes.iter().filter(|found| wanted(found));
        ids.extend(found.map(|found| (found.source.clone(), levels(&built, found))));
    }
    Ok(ids)
}

/// What limits an attribute, by itself or with its event: it limits what is said of it as much.
pub(super) fn levels(built: &Built, found: &Found) -> Vec<String> {
    let of_event = built.head.of.tags.iter().map(|tag| &*tag.name);
    let all = found.tags.iter().map(String::as_str).chain(of_event);
    let is_level = |tag: &&str| ["tlp:", "pap:"].iter().any(|space| tag.to_ascii_lowercase().starts_with(space));
    all.filter(is_level).map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A sighting (0), or an opinion against (1, false positive; 2, no longer valid), as the reader of MISP events makes it.
pub(super) fn sighting(search: Search<'_>, said: &Value, (of, marks): (&str, &[String])) -> Value {
    let member = |name: &str| said.get(name).and_then(text).filter(|text| !text.is_empty());
    let now = search.ctx.now();
    let when = ["timestamp", "date_sighting"].iter().find_map(|name| moment(said.get(*name)?, now));
    let at = when.map_or(now, |seconds| Timestamp::from_micros(seconds.saturating_mul(1_000_000))).min(now);
    let kind = member("type").unwrap_or_else(|| "0".into());
    let told = format!("sighting {} {of} {kind} {at} {:?}", search.organisation, member("source"));
    let own =
        member("uuid").and_then(|uuid| Uuid::try_parse(&uuid).ok()).filter(|_| said.get("attribute_uuid").is_some());
    let uuid = own.unwrap_or_else(|| Uuid::new_v5(&super::desk::NAMESPACE, told.as_bytes()));
    let stamp = at.to_string();
    let mut object = json!({ "spec_version": "2.1", "created": stamp, "modified": stamp, "labels": marks });
    let more = match kind.as_str() {
        "0" => json!({
            "type": "sighting", "id": format!("sighting--{uuid}"), "sighting_of_ref": of,
            "first_seen": stamp, "last_seen": stamp, "count": 1,
        }),
        other => json!({
            "type": "opinion", "id": format!("opinion--{uuid}"), "object_refs": [of],
            "opinion": if other == "1" { "strongly-disagree" } else { "disagree" },
            "explanation": if other == "1" { "False positive." } else { "No longer valid." },
        }),
    };
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
        if marks.is_empty() {
            object.remove("labels");
        }
        if let Some(source) = member("source").filter(|_| kind == "0") {
            object.insert("description".into(), source.into());
        }
    }
    object
}

/// Takes STIX objects in as the caller's own; how many were kept.
pub(super) fn bring(search: Search<'_>, objects: &[Value]) -> Result<u64, NodeError> {
    if objects.is_empty() {
        return Ok(0);
    }
    let id = Uuid::new_v5(&super::desk::NAMESPACE, json!(objects).to_string().as_bytes());
    let bundle = json!({ "type": "bundle", "id": format!("bundle--{id}"), "objects": objects });
    let how = "posted as MISP sightings";
    let brought = search.node.bring(search.ctx, search.organisation, how, bundle.to_string().into_bytes())?;
    search.desk.forget(search.organisation);
    Ok(brought.taken)
}

/// Most postings read for one value.
const POSTINGS: usize = 10_000;
