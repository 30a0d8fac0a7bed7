use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use comity_base::OrgName;
use comity_http::Site;
use comity_node::{Node, NodeError};
use comity_store::StoreError;
use comity_taxii::{Status, TaxiiError};

use super::reply::{Asking, Wrong, resource};

/// TAXII 2.1 section 4.3: what became of a request to add objects, for who made it.
pub(super) async fn status(
    State(site): State<Site>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Response, Wrong> {
    let not_found = || Wrong::from(TaxiiError::not_found("such status"));
    if id.len() > 64 || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(not_found());
    }
    let key = key(asking.organisation(), &id);
    let found = site.work(move |node| Ok(node.store().value(&key)?)).await?;
    let status: Option<Status> = found.and_then(|(_, bytes)| serde_json::from_slice(&bytes).ok());
    Ok(resource(StatusCode::OK, &status.filter(|status| status.id == id).ok_or_else(not_found)?))
}

/// Keeps a status, in place of an old one: a server may forget them (section 4.3), and thousands are posted a day.
pub(super) fn keep(node: &Node, organisation: &OrgName, status: &Status) -> Result<(), NodeError> {
    let (key, bytes) = (key(organisation, &status.id), serde_json::to_vec(status).unwrap_or_default());
    loop {
        let version = node.store().value(&key)?.map(|(version, _)| version);
        match node.store().put_soon(&key, version, &bytes) {
            // Another request had the same place at the same moment.
            Err(StoreError::Changed(_)) => {}
            put => return Ok(put.map(drop)?),
        }
    }
}

/// One of 4,096 places for each organisation, by the first digits of a random id.
fn key(organisation: &OrgName, id: &str) -> String {
    format!("taxii-status/{organisation}/{}", id.get(..3).unwrap_or_default())
}
