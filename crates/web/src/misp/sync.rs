//! What another MISP asks when it pulls from here or pushes to here (`app/Lib/Tools/ServerSyncTool.php` of MISP).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use comity_base::OrgName;
use comity_http::Site;
use comity_node::NodeError;
use comity_stix::ObjectId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::add::{bring, levels, sighting};
use super::ask::text;
use super::built::Found;
use super::desk::{Desk, Seen};
use super::events::with;
use super::reply::{Asking, Posted, Wrong, reply};
use super::search::Search;

/// Proposals and analyst data by themselves: there are none. What analysts say of events stands in the events.
pub(super) async fn nothing(_: Asking) -> Response {
    reply(&json!([]))
}

/// Clusters stand in the events.
pub(super) async fn no_clusters(_: Asking) -> Response {
    reply(&json!({ "response": [] }))
}

/// Sightings stand in the events.
pub(super) async fn no_sightings(_: Asking) -> Response {
    reply(&json!({ "response": [] }))
}

/// Not announced by `getVersion`, so no MISP brings it.
pub(super) async fn not_taken(_: Asking) -> Wrong {
    let why =
        "Clusters and analyst data are taken inside events only; nothing was kept. Publish the event they belong to.";
    Wrong::new(StatusCode::FORBIDDEN, why)
}

/// Whether a body comes through whole.
pub(super) async fn test(_: Asking, uri: Uri, Posted(body): Posted) -> Response {
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    reply(&json!({ "body": value, "success": true, "url": uri.path() }))
}

/// By what a pull may be narrowed.
pub(super) async fn rules(State(site): State<Site>, _: Asking) -> Response {
    reply(&json!({ "organisations": [site.organisation().to_string()], "tags": [] }))
}

/// Of events that a MISP offers, those that it has not brought yet in this version. Only what it brought itself is
/// looked at: what others have is none of its business.
pub(super) async fn wanted_events(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
    Posted(body): Posted,
) -> Result<Response, Wrong> {
    let offered: Vec<Value> =
        serde_json::from_slice(&body).map_err(|_| Wrong::bad("The body is no list of events."))?;
    let wanted = with(&site, &desk, &asking, move |search| {
        let mut wanted = Vec::new();
        for entry in &offered {
            let event = entry.get("Event").unwrap_or(entry);
            let uuid = event.get("uuid").and_then(Value::as_str).and_then(|uuid| Uuid::try_parse(uuid).ok());
            let changed = event.get("timestamp").and_then(text).and_then(|text| text.parse::<i64>().ok());
            let Some(uuid) = uuid else { continue };
            if newest(search, "report", uuid)?.max(newest(search, "grouping", uuid)?) < changed.or(Some(i64::MAX)) {
                wanted.push(uuid.to_string());
            }
        }
        Ok(wanted)
    })
    .await?;
    Ok(reply(&wanted))
}

/// When what the caller brought under an id changed last, in seconds.
fn newest(search: Search<'_>, kind: &str, uuid: Uuid) -> Result<Option<i64>, NodeError> {
    let Ok(id) = ObjectId::new(kind, uuid) else { return Ok(None) };
    let own = |(owner, _): &(OrgName, _)| owner == search.organisation;
    let versions = search.node.current_versions(&id)?;
    let of_caller = versions.iter().filter(|version| own(version));
    Ok(of_caller.map(|(_, version)| version.modified.as_micros().div_euclid(1_000_000)).max())
}

/// Of sightings that a MISP offers, those it has not brought yet.
pub(super) async fn wanted_sightings(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
    Path(_): Path<String>,
    Posted(body): Posted,
) -> Result<Response, Wrong> {
    let offered: Vec<String> =
        serde_json::from_slice(&body).map_err(|_| Wrong::bad("The body is no list of UUIDs."))?;
    let wanted = with(&site, &desk, &asking, move |search| {
        let mut wanted = Vec::new();
        for uuid in offered {
            let Ok(parsed) = Uuid::try_parse(&uuid) else { continue };
            if newest(search, "sighting", parsed)?.max(newest(search, "opinion", parsed)?).is_none() {
                wanted.push(uuid);
            }
        }
        Ok(wanted)
    })
    .await?;
    Ok(reply(&wanted))
}

/// Sightings of the attributes of one event.
pub(super) async fn save_sightings(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    Path(name): Path<String>,
    asking: Asking,
    Posted(body): Posted,
) -> Result<Response, Wrong> {
    let list: Vec<Value> =
        serde_json::from_slice(&body).map_err(|_| Wrong::bad("The body is no list of sightings; nothing was kept."))?;
    let taken = with(&site, &desk, &asking, move |search| {
        let seen = search.desk.seen(search.node, search.ctx, search.organisation)?;
        let Some(at) = seen.find(&name) else { return Ok(None) };
        let sources = sources(search, &seen, at)?;
        let mut done = BTreeSet::new();
        let mut objects = Vec::new();
        for entry in &list {
            let said = entry.get("Sighting").unwrap_or(entry);
            let of = said.get("attribute_uuid").and_then(Value::as_str).and_then(|uuid| sources.get(uuid));
            if let Some((of, marks)) = of {
                let object = sighting(search, said, (of, marks));
                if done.insert(object.to_string()) {
                    objects.push(object);
                }
            }
        }
        bring(search, &objects).map(Some)
    })
    .await?;
    let taken = taken.ok_or_else(Wrong::no_event)?;
    let message = format!("{taken} sightings added.");
    Ok(reply(&json!({ "saved": true, "success": true, "name": message, "message": message })))
}

/// From the UUID of each attribute to the id of the object it was made of, and what limits it.
fn sources(search: Search<'_>, seen: &Seen, at: usize) -> Result<HashMap<String, (String, Vec<String>)>, NodeError> {
    let Some(built) = search.desk.built(search.node, search.ctx, seen, at)? else { return Ok(HashMap::new()) };
    let source = |found: &Found| (found.uuid.to_string(), (found.source.clone(), levels(&built, found)));
    Ok(built.attributes.iter().map(source).collect())
}
