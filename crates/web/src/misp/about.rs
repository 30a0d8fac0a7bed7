//! What a client asks before it begins: who is there, who it is, and what words are used.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::Response;
use comity_formats::describe_types;
use comity_http::Site;
use comity_node::NodeError;
use serde_json::{Value, json};

use super::desk::{Desk, Seen, org_of};
use super::events::with;
use super::reply::{Asking, JSON, Wrong, raw, reply};
use super::search::Search;

/// Clients and servers switch features by this version.
pub(super) const VERSION: &str = "2.5.34";

pub(super) async fn version(State(site): State<Site>, _: Asking) -> Response {
    reply(&json!({
        "version": VERSION,
        "pymisp_recommended_version": VERSION,
        "perm_sync": true,
        "perm_sighting": true,
        // Clusters and analyst data by themselves are not taken; those inside events are.
        "perm_galaxy_editor": false,
        "perm_analyst_data": false,
        "uuid": org_of(site.organisation()).uuid.to_string(),
        "request_encoding": ["gzip", "br"],
        "filter_sightings": true,
    }))
}

pub(super) async fn pymisp_version(_: Asking) -> Response {
    reply(&json!({ "version": VERSION }))
}

pub(super) async fn types(_: Asking) -> Response {
    raw(describe_types().as_bytes().to_vec(), JSON)
}

pub(super) async fn me(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
) -> Result<Response, Wrong> {
    let by = asking.0.by.clone();
    let value = with(&site, &desk, &asking, move |search| user(search, &by)).await?;
    Ok(reply(&value))
}

fn user(search: Search<'_>, by: &str) -> Result<Value, NodeError> {
    let seen = search.desk.seen(search.node, search.ctx, search.organisation)?;
    let org = org_of(search.organisation);
    let number = seen.number(org.uuid).to_string();
    let may_write = search.node.outlets(search.ctx, search.organisation)?.iter().any(|outlet| outlet.can_write);
    Ok(json!({
        "User": {
            "id": number, "org_id": number, "email": format!("{by}@{}", org.name), "autoalert": false,
            "role_id": "1", "disabled": false, "change_pw": "0", "termsaccepted": true, "server_id": "0",
        },
        "Role": {
            "id": "1", "name": "Peer", "perm_auth": true, "perm_add": may_write, "perm_modify": may_write,
            "perm_modify_org": may_write, "perm_publish": may_write, "perm_sync": may_write,
            "perm_sighting": may_write, "perm_tagger": may_write, "perm_admin": false, "perm_site_admin": false,
            "perm_delegate": false, "perm_audit": false, "perm_template": false, "perm_sharing_group": false,
            "perm_tag_editor": false, "perm_object_template": false, "perm_galaxy_editor": false,
            "perm_analyst_data": false, "perm_warninglist": false, "perm_regexp_access": false,
        },
        "UserSetting": {},
        "Organisation": { "id": number, "name": org.name, "uuid": org.uuid.to_string(), "local": true },
    }))
}

/// The tags of events the recipient may see.
pub(super) async fn tags(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    asking: Asking,
) -> Result<Response, Wrong> {
    let value = with(&site, &desk, &asking, |search| {
        let seen = search.desk.seen(search.node, search.ctx, search.organisation)?;
        let mut names = BTreeSet::new();
        for at in 0..seen.groups.all.len() {
            if let Some(head) = search.desk.head(search.node, search.ctx, &seen, at)? {
                names.extend(head.of.tags.iter().map(|tag| tag.name.to_string()));
            }
        }
        Ok(names.iter().map(|name| tag(&seen, name)).collect::<Vec<_>>())
    })
    .await?;
    Ok(reply(&json!({ "Tag": value })))
}

fn tag(seen: &Seen, name: &str) -> Value {
    let uuid = uuid::Uuid::new_v5(&super::desk::NAMESPACE, format!("tag {name}").as_bytes());
    json!({
        "id": seen.number(uuid).to_string(), "name": name, "colour": "#0088CC", "exportable": true,
        "org_id": "0", "user_id": "0", "hide_tag": false, "is_galaxy": name.starts_with("misp-galaxy:"),
        "is_custom_galaxy": false, "local_only": false,
    })
}

/// The taxonomies that this node reads labels from.
pub(super) async fn taxonomies(_: Asking) -> Response {
    let one = |(at, (name, about)): (usize, &(&str, &str))| {
        json!({
            "Taxonomy": {
                "id": (at + 1).to_string(), "namespace": name, "description": about, "version": "1",
                "enabled": true, "exclusive": *name == "tlp", "required": false, "highlighted": false,
            },
            "total_count": 0, "current_count": 0,
        })
    };
    reply(&TAXONOMIES.iter().enumerate().map(one).collect::<Vec<_>>())
}

pub(super) async fn galaxies(_: Asking) -> Response {
    reply(&json!([]))
}

pub(super) async fn warninglists(_: Asking) -> Response {
    reply(&json!({ "Warninglists": [] }))
}

const TAXONOMIES: &[(&str, &str)] = &[
    ("tlp", "The Traffic Light Protocol (FIRST TLP 2.0)"),
    ("PAP", "The Permissible Actions Protocol"),
    ("admiralty-scale", "The Admiralty Scale of source reliability and credibility of information"),
];
