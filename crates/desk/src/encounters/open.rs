use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_base::Position;

use super::super::forms::{Fields, Sent};
use super::super::person::Person;
use super::super::reply::{Trouble, work};
use super::super::shell::Shell;
use crate::desk::Desk;

/// Opens a hit of somebody that was found, and goes to it; whoever may search and not see hits stays where they are.
pub(crate) async fn open(State(desk): State<Desk>, Path(id): Path<String>, person: Person, body: Sent) -> Response {
    let shell = Shell::of(&desk, &person, "search");
    let fields = Fields::read(&body);
    let place = fields.get("place").parse().ok().map(Position);
    let search = desk.searches().find(&id, &person.ctx.actor, shell.now);
    let found = search.as_ref().zip(place).and_then(|(search, place)| search.one(place, &person.ctx, shell.words));
    let Some((ask, found)) = found else { return Trouble::NotFound.page(shell) };
    let (ctx, silent, reference) = (person.ctx.clone(), fields.get("silent") == "yes", fields.get("reference"));
    let opened = work(&desk, move |node| {
        let reference = Some(reference.trim()).filter(|reference| !reference.is_empty());
        let no = node.open_search_hit(&ctx, &ask, &found, (silent, reference))?;
        Ok((no, node.would_allow(&ctx, comity_node::Act::Hits)?))
    });
    match opened.await {
        Ok((no, true)) => Redirect::to(&format!("/desk/search-hits/{no}")).into_response(),
        Ok((_, false)) => Redirect::to(&format!("/desk/search/{id}")).into_response(),
        Err(trouble) => trouble.page(shell),
    }
}
