use std::collections::BTreeSet;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use comity_base::Position;
use comity_http::{Site, Tag};
use comity_node::{Channel, Item, Page, PageAsk, VersionFilter};
use comity_stix::{Doc, ObjectId};
use comity_taxii::{
    Cursor, FilterLimits, Filters, Manifest, ManifestRecord, Matches, Scope, TaxiiError, VersionMatch, Versions,
    date_added_headers, envelope, media,
};

use super::collections::{Shelf, shelf};
use super::reply::{Asking, Wrong, resource, taxii};

/// A page, and how to go on after it.
struct Found {
    page: Page,
    next: Option<String>,
    tag: Tag,
}

/// TAXII 2.1 section 5.4.
pub(super) async fn list(
    State(site): State<Site>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    asking: Asking,
) -> Result<Response, Wrong> {
    let shelf = shelf(&site, &asking, &name).await?;
    let filters = Filters::parse(query.as_deref().unwrap_or_default(), &FilterLimits::default())?;
    let found = find(&site, &asking, &shelf, &filters).await?;
    Ok(objects(&found, &headers))
}

/// TAXII 2.1 section 5.6.
pub(super) async fn one(
    State(site): State<Site>,
    Path((name, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    asking: Asking,
) -> Result<Response, Wrong> {
    let found = of_object(&site, &asking, (&name, &id), query.as_deref(), None).await?;
    Ok(objects(&found, &headers))
}

/// TAXII 2.1 section 5.3.
pub(super) async fn manifest(
    State(site): State<Site>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    asking: Asking,
) -> Result<Response, Wrong> {
    let shelf = shelf(&site, &asking, &name).await?;
    let filters = Filters::parse(query.as_deref().unwrap_or_default(), &FilterLimits::default())?;
    let found = find(&site, &asking, &shelf, &filters).await?;
    let record = |item: &Item| ManifestRecord {
        id: item.id.to_string(),
        date_added: item.added,
        version: version(item),
        media_type: Some(media::STIX.to_owned()),
    };
    // The token goes along although the specification forgot it here: without it nobody could go on.
    let manifest = Manifest { more: found.next.is_some(), objects: found.page.items.iter().map(record).collect() };
    let mut body = serde_json::to_value(&manifest).unwrap_or_default();
    if let (Some(members), Some(next)) = (body.as_object_mut(), &found.next) {
        members.insert("next".into(), next.clone().into());
    }
    Ok(dated(&found, &headers, || resource(StatusCode::OK, &body)))
}

/// TAXII 2.1 section 5.8.
pub(super) async fn versions(
    State(site): State<Site>,
    Path((name, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    asking: Asking,
) -> Result<Response, Wrong> {
    let found = of_object(&site, &asking, (&name, &id), query.as_deref(), Some(VersionMatch::All)).await?;
    let mut versions: Vec<String> = found.page.items.iter().map(version).collect();
    versions.dedup();
    let versions = Versions { more: found.next.is_some(), versions };
    Ok(dated(&found, &headers, || resource(StatusCode::OK, &versions)))
}

/// Everything asked for about one object; not found when there is nothing.
async fn of_object(
    site: &Site,
    asking: &Asking,
    (name, id): (&str, &str),
    query: Option<&str>,
    versions: Option<VersionMatch>,
) -> Result<Found, Wrong> {
    let shelf = shelf(site, asking, name).await?;
    let mut filters = Filters::parse(query.unwrap_or_default(), &FilterLimits::default())?;
    let id = ObjectId::parse(id).map_err(|_| Wrong::from(TaxiiError::not_found("such object")))?;
    filters.matches.ids = vec![id];
    filters.matches.versions.extend(versions);
    let filtered = filters.added_after.is_some() || filters.next.is_some();
    let found = find(site, asking, &shelf, &filters).await?;
    if found.page.items.is_empty() && !filtered {
        return Err(TaxiiError::not_found("such object").into());
    }
    Ok(found)
}

async fn find(site: &Site, asking: &Asking, shelf: &Shelf, filters: &Filters) -> Result<Found, Wrong> {
    let Some(view) = shelf.view.clone() else {
        return Err(TaxiiError::forbidden("This collection takes objects and gives none.").into());
    };
    let scope = Scope { collection: &shelf.collection.id, reader: asking.organisation().as_str() };
    let cursor = filters.next.as_deref().map(|token| Cursor::open(site.cursors(), scope, token)).transpose()?;
    let filters = cursor.as_ref().map_or_else(|| filters.clone(), |cursor| filters.resume(cursor));
    let limit = usize::try_from(filters.limit.unwrap_or(LIMIT).clamp(1, MOST)).unwrap_or(1);
    let ctx = site.ctx(Some(&asking.0));
    let (ask_for, walk, organisation) = (filters.clone(), cursor.clone(), asking.organisation().clone());
    let (page, snapshot) = site
        .work(move |node| {
            if walk.is_none() {
                node.count_queries(&ctx, &organisation, ask_for.matches.ids.len())?;
            }
            let after = match (&walk, ask_for.added_after) {
                (Some(cursor), _) => cursor.position,
                (None, Some(moment)) => node.added_up_to(moment)?,
                (None, None) => Position::START,
            };
            let until = walk.map_or_else(|| node.position(), |cursor| cursor.snapshot);
            let Some(ask) = page_ask(&ask_for.matches, (after, until), limit) else {
                return Ok((Page::default(), until));
            };
            Ok((node.page(&ctx, &view, Channel::Taxii, &ask)?, until))
        })
        .await?;
    let Filters { limit, added_after, matches, .. } = filters;
    let next = page
        .more
        .then(|| Cursor { position: page.reached, snapshot, limit, added_after, matches }.seal(site.cursors(), scope));
    let tag = tag(site, scope, &page, next.as_deref());
    Ok(Found { page, next, tag })
}

/// What the node is asked for; nothing when only versions of STIX are wanted that nothing is kept in.
fn page_ask(matches: &Matches, (after, until): (Position, Position), limit: usize) -> Option<PageAsk> {
    let specs = &matches.spec_versions;
    if !specs.is_empty() && !specs.iter().any(|version| version == "2.1") {
        return None;
    }
    let filter = |version: &VersionMatch| match version {
        VersionMatch::First => VersionFilter::First,
        VersionMatch::Last => VersionFilter::Last,
        VersionMatch::All => VersionFilter::All,
        VersionMatch::At(moment) => VersionFilter::At(*moment),
    };
    let mut versions: BTreeSet<_> = matches.versions.iter().map(filter).collect();
    if versions.is_empty() {
        versions.insert(VersionFilter::Last);
    }
    Some(PageAsk {
        after,
        until,
        limit,
        ids: (!matches.ids.is_empty()).then(|| matches.ids.clone()),
        types: (!matches.types.is_empty()).then(|| matches.types.iter().map(|kind| kind.as_str().to_owned()).collect()),
        versions,
    })
}

/// Changes exactly when the reply does, and tells nothing about what the reader may not see.
fn tag(site: &Site, scope: Scope<'_>, page: &Page, next: Option<&str>) -> Tag {
    let mut said = format!("{}\n{}\n{}\n", scope.collection, scope.reader, next.unwrap_or_default()).into_bytes();
    for item in &page.items {
        said.extend_from_slice(&item.position.0.to_le_bytes());
    }
    Tag::of(site.tag_key(), &said)
}

fn objects(found: &Found, headers: &HeaderMap) -> Response {
    let items = || found.page.items.iter().map(|item| &*item.raw);
    dated(found, headers, || taxii(StatusCode::OK, envelope::write(items(), found.next.as_deref())))
}

/// With the dates of the first and last object (section 3.2), when there are objects, and the entity tag. What the
/// client holds already is not written again.
fn dated(found: &Found, headers: &HeaderMap, write: impl FnOnce() -> Response) -> Response {
    let mut response = if found.tag.is_known(headers) {
        let mut response = found.tag.unchanged();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media::TAXII));
        response
    } else {
        write()
    };
    let items = &found.page.items;
    if let (Some(first), Some(last)) = (items.first(), items.last()) {
        response.headers_mut().extend(date_added_headers(first.added, last.added));
    }
    found.tag.on(response)
}

/// The object's `modified`, else `created`, as it writes it, else when it was added (section 5.3.1).
fn version(item: &Item) -> String {
    let written = Doc::parse(&item.raw, DEPTH).ok().and_then(|doc| {
        let root = doc.root();
        root.str("modified").or_else(|| root.str("created")).map(str::to_owned)
    });
    written.unwrap_or_else(|| comity_taxii::date_added(item.added.as_micros()))
}

/// Whoever asks for no limit gets a large page: some clients fetch one page on each run.
const LIMIT: u64 = 5_000;
/// The largest page.
const MOST: u64 = 10_000;
/// Objects were read within the node's own limit when they came in.
const DEPTH: usize = 256;
