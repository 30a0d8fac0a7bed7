use askama::Template;
use axum::extract::State;
use axum::response::Response;
use comity_crypto::Zeroizing;
use comity_node::Proof;

use super::forms::{Fields, Sent};
use super::language::Words;
use super::person::{Person, Visitor, instead};
use super::reply::{Trouble, hash, logged_in, logged_out, page as shown, work};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    words: Words,
    bureau: String,
    trouble: String,
    /// The organisation's own identity provider, empty where there is none.
    provider: String,
}

/// How to log in.
pub(super) async fn page(State(desk): State<Desk>, visitor: Visitor) -> Response {
    told(&desk, visitor.words, None)
}

/// Logs in by password and one-time code.
pub(super) async fn by_password(State(desk): State<Desk>, visitor: Visitor, body: Sent) -> Response {
    let Visitor { ctx, before, place, words } = visitor;
    let fields = Fields::read(&body);
    let (name, password, code) = (fields.get("account"), Zeroizing::new(fields.get("password")), fields.get("code"));
    let proof = Proof::Password { password, code: Zeroizing::new(code) };
    let signed =
        hash(&desk, move |node| instead(node, &ctx, before.as_ref(), node.log_in(&ctx, name.trim(), &proof, &place)))
            .await;
    match signed {
        Ok(signed) => logged_in(&signed.token),
        Err(trouble) => told(&desk, words, Some(&trouble)),
    }
}

/// Ends the session of this browser.
pub(super) async fn log_out(State(desk): State<Desk>, person: Person) -> Response {
    let Person { ctx, token, words, .. } = person;
    match work(&desk, move |node| node.log_out(&ctx, &token)).await {
        Ok(()) => logged_out(),
        Err(trouble) => trouble.plain(words),
    }
}

pub(super) fn told(desk: &Desk, words: Words, trouble: Option<&Trouble>) -> Response {
    let text = trouble.map_or_else(String::new, |trouble| trouble.words(words));
    let provider = desk.provider_name();
    shown(&Login { words, bureau: desk.bureau(), trouble: text, provider }, trouble, words)
}
