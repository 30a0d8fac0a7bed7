use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use comity_base::OrgName;
use comity_http::Site;
use comity_node::{Ctx, Node, NodeError, Outlet, View};
use comity_taxii::{Collection, Collections, TaxiiError, media};

use super::reply::{Asking, Wrong, resource};

/// A collection with what stands behind it.
#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) collection: Collection,
    /// What is read in it; nothing in an inbox.
    pub(super) view: Option<Arc<View>>,
}

/// TAXII 2.1 section 5.1.
pub(super) async fn list(State(site): State<Site>, asking: Asking) -> Result<Response, Wrong> {
    let collections = shelves(&site, &asking).await?.into_iter().map(|shelf| shelf.collection).collect();
    Ok(resource(StatusCode::OK, &Collections { collections }))
}

/// TAXII 2.1 section 5.2.
pub(super) async fn one(State(site): State<Site>, Path(name): Path<String>, asking: Asking) -> Result<Response, Wrong> {
    Ok(resource(StatusCode::OK, &shelf(&site, &asking, &name).await?.collection))
}

/// The collection of this id or alias.
pub(super) async fn shelf(site: &Site, asking: &Asking, name: &str) -> Result<Shelf, Wrong> {
    let found = shelves(site, asking).await?.into_iter().find(|shelf| shelf.collection.is_named(name));
    found.ok_or_else(|| TaxiiError::not_found("such collection").into())
}

async fn shelves(site: &Site, asking: &Asking) -> Result<Vec<Shelf>, Wrong> {
    let (ctx, organisation) = (site.ctx(Some(&asking.0)), asking.organisation().clone());
    Ok(site.work(move |node| of(node, &ctx, &organisation)).await?)
}

fn of(node: &Node, ctx: &Ctx, organisation: &OrgName) -> Result<Vec<Shelf>, NodeError> {
    let mut shelves: Vec<Shelf> = Vec::new();
    for outlet in node.outlets(ctx, organisation)? {
        let Outlet { id, title, alias, description, view, can_write, .. } = outlet;
        // Some clients choose a collection by its title.
        let taken = shelves.iter().any(|shelf| shelf.collection.title == title);
        let title = if taken { format!("{title} ({alias})") } else { title };
        let collection = Collection {
            id: id.to_string(),
            title,
            description: Some(description),
            alias: Some(alias),
            can_read: view.is_some(),
            can_write,
            media_types: vec![media::STIX.to_owned()],
        };
        shelves.push(Shelf { collection, view });
    }
    Ok(shelves)
}
