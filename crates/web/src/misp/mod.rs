//! The MISP dialect: a feed for each recipient, the part of the REST interface that clients use, and what another
//! MISP asks that pulls from here or pushes to here.

mod about;
mod add;
mod ask;
mod built;
mod choice;
mod desk;
mod events;
mod feed;
mod reply;
mod search;
mod sync;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use axum::{Extension, Router, middleware};
use comity_http::Site;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

use desk::Desk;

/// The paths of the MISP dialect: under `/misp`, and at the root for clients that take a host only.
pub(crate) fn routes() -> Router<Site> {
    let feed = Router::new().route("/misp/feed/{file}", get(feed::file));
    feed.merge(rest(""))
        .merge(rest("/misp"))
        .route("/misp/{*other}", any(reply::nothing))
        .method_not_allowed_fallback(reply::not_allowed)
        .layer(Extension(Arc::new(Desk::default())))
        // A body is read by the handler, within its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(reply::tell))
        .layer(CompressionLayer::new())
        .layer(RequestDecompressionLayer::new())
}

fn rest(at: &str) -> Router<Site> {
    let mut router = Router::new();
    let mut add = |paths: &[&str], method: axum::routing::MethodRouter<Site>| {
        for path in paths {
            router = std::mem::take(&mut router).route(&format!("{at}{path}"), method.clone());
        }
    };
    add(&["/servers/getVersion", "/servers/getVersion.json"], get(about::version));
    add(&["/servers/getPyMISPVersion", "/servers/getPyMISPVersion.json"], get(about::pymisp_version));
    add(&["/users/view/me", "/users/view/me.json"], get(about::me));
    add(&["/attributes/describeTypes", "/attributes/describeTypes.json"], get(about::types));
    let search = ["/attributes/restSearch", "/attributes/restSearch.json", "/attributes/restSearch/{*asked}"];
    add(&search, get(events::search_attributes).post(events::search_attributes));
    let search = ["/events/restSearch", "/events/restSearch.json", "/events/restSearch/{*asked}"];
    add(&search, get(events::search_events).post(events::search_events));
    add(&["/events/view/{*event}"], get(events::view));
    let index = ["/events", "/events/index", "/events/index.json", "/events/index/{*asked}"];
    add(&index, get(events::index).post(events::index));
    add(&["/events/add", "/events/add.json", "/events/add/{*how}"], post(add::add));
    add(&["/events/edit/{*event}"], post(add::edit).put(add::edit));
    add(&["/sightings/add", "/sightings/add.json", "/sightings/add/{*of}"], post(add::sight));
    let sightings = ["/sightings/restSearch", "/sightings/restSearch/{*asked}"];
    add(&sightings, get(sync::no_sightings).post(sync::no_sightings));
    add(&["/tags", "/tags/index", "/tags.json"], get(about::tags));
    add(&["/taxonomies", "/taxonomies/index", "/taxonomies.json"], get(about::taxonomies));
    add(&["/galaxies", "/galaxies/index", "/galaxies.json"], get(about::galaxies));
    add(&["/warninglists", "/warninglists/index", "/warninglists.json"], get(about::warninglists));
    add(&["/shadow_attributes/index", "/shadow_attributes/index/{*asked}"], any(sync::nothing));
    add(&["/galaxy_clusters/restSearch", "/galaxy_clusters/restSearch/{*asked}"], any(sync::no_clusters));
    add(&["/analyst_data/indexMinimal", "/analyst_data/filterAnalystDataForPush"], any(sync::nothing));
    add(&["/analyst_data/pushAnalystData", "/galaxies/pushCluster"], post(sync::not_taken));
    add(&["/servers/postTest"], post(sync::test));
    add(&["/servers/getAvailableSyncFilteringRules"], get(sync::rules));
    add(&["/events/filterEventIdsForPush"], post(sync::wanted_events));
    add(&["/sightings/filterSightingUuidsForPush/{event}"], post(sync::wanted_sightings));
    add(&["/sightings/bulkSaveSightings/{event}"], post(sync::save_sightings));
    router
}
