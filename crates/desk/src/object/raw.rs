use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use comity_http::Query;
use comity_node::AsOf;
use comity_stix::ObjectId;

use super::super::person::Person;
use super::super::reply::{Trouble, work};
use super::super::shell::Shell;
use crate::desk::Desk;

/// Exactly the bytes of one version, as a file.
pub(crate) async fn raw(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Response {
    let shell = Shell::of(&desk, &person, "object");
    let at = Query::parse(query.as_deref().unwrap_or_default()).number("at");
    let Ok(id) = ObjectId::parse(&id) else { return Trouble::NotFound.page(shell) };
    let (ctx, name) = (person.ctx.clone(), format!("attachment; filename=\"{id}.json\""));
    match work(&desk, move |node| node.show(&ctx, &id, AsOf::Now)).await {
        Ok(versions) => {
            let mut versions = versions.into_iter().rev();
            let one = match at {
                Some(at) => versions.find(|one| one.position.0 == at as u64),
                None => versions.find(|one| one.current),
            };
            let Some(one) = one else { return Trouble::NotFound.page(shell) };
            let headers = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)];
            (headers, one.raw.to_vec()).into_response()
        }
        Err(trouble) => trouble.page(shell),
    }
}
