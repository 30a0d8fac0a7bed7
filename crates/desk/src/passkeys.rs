use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::forms::{self, Sent};
use super::person::{Person, Visitor, instead};
use super::reply::{Said, logged_in_by_script, work};
use crate::desk::Desk;

/// The answer of a device, and what its owner calls it.
#[derive(Deserialize)]
struct Answered {
    answer: String,
    #[serde(default)]
    label: String,
}

/// What the device of somebody who wants to log in is asked.
pub(super) async fn ask(State(desk): State<Desk>, visitor: Visitor) -> Response {
    let Visitor { ctx, words, .. } = visitor;
    match work(&desk, move |node| node.ask_to_log_in(&ctx)).await {
        Ok(asked) => Said(asked).into_response(),
        Err(trouble) => trouble.of_passkeys().plain(words),
    }
}

/// Logs in by what the device answered.
pub(super) async fn log_in(State(desk): State<Desk>, visitor: Visitor, body: Sent) -> Response {
    let Visitor { ctx, before, place, words } = visitor;
    let answered: Answered = match forms::json(&body) {
        Ok(answered) => answered,
        Err(trouble) => return trouble.plain(words),
    };
    match work(&desk, move |node| {
        instead(node, &ctx, before.as_ref(), node.log_in_by_passkey(&ctx, &answered.answer, &place))
    })
    .await
    {
        Ok(signed) => logged_in_by_script(&signed.token),
        Err(trouble) => trouble.plain(words),
    }
}

/// What the device of somebody who is logged in is asked, to add a passkey.
pub(super) async fn ask_to_add(State(desk): State<Desk>, person: Person) -> Response {
    if let Err(trouble) = person.must_be_fresh() {
        return trouble.plain(person.words);
    }
    let Person { ctx, words, .. } = person;
    match work(&desk, move |node| node.ask_to_add_passkey(&ctx)).await {
        Ok(asked) => Said(asked).into_response(),
        Err(trouble) => trouble.of_passkeys().plain(words),
    }
}

/// Adds it.
pub(super) async fn add(State(desk): State<Desk>, person: Person, body: Sent) -> Response {
    if let Err(trouble) = person.must_be_fresh() {
        return trouble.plain(person.words);
    }
    let Person { ctx, words, .. } = person;
    let answered: Answered = match forms::json(&body) {
        Ok(answered) => answered,
        Err(trouble) => return trouble.plain(words),
    };
    match work(&desk, move |node| node.add_passkey(&ctx, &answered.label, &answered.answer)).await {
        Ok(_) => Said(json!({"to": "/desk/me"})).into_response(),
        Err(trouble) => trouble.plain(words),
    }
}
