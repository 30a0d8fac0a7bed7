use std::fmt::Write as _;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use comity_crypto::Zeroizing;
use comity_http::Query;
use comity_node::Enrolled;
use serde::Deserialize;
use serde_json::json;

use super::forms::{self, Fields, Sent};
use super::language::Words;
use super::person::Visitor;
use super::reply::{Said, Trouble, hash, page as shown, work};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "enrol.html")]
struct Enrol {
    words: Words,
    bureau: String,
    trouble: String,
    account: String,
    /// The code, where the address that was followed holds it.
    invitation: String,
    /// Whether it is the first log-in of the node.
    is_first: bool,
    /// The organisation's own identity provider, empty where there is none.
    provider: String,
}

/// Whose log-in is set up, as far as the address says.
#[derive(Default)]
pub(super) struct Whose {
    account: String,
    invitation: String,
    is_first: bool,
}

impl Whose {
    pub(super) fn of(account: String) -> Self {
        Self { account, ..Self::default() }
    }
}

#[derive(Template)]
#[template(path = "enrolled.html")]
struct Done {
    words: Words,
    bureau: String,
    trouble: String,
    qr: String,
    qr_size: usize,
    secret: Zeroizing<String>,
    recovery: Vec<Zeroizing<String>>,
}

/// Who sets up a passkey, by which invitation.
#[derive(Deserialize)]
struct Asked {
    account: String,
    invitation: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    answer: String,
}

/// How to set up a log-in.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, visitor: Visitor) -> Response {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let text = |name: &str| query.first(name).unwrap_or_default().chars().take(128).collect();
    let is_first = query.first("first").is_some();
    told(&desk, visitor.words, Whose { account: text("account"), invitation: text("invitation"), is_first }, None)
}

/// Sets up a password and one-time codes.
pub(super) async fn by_password(State(desk): State<Desk>, visitor: Visitor, body: Sent) -> Response {
    let Visitor { ctx, words, .. } = visitor;
    let fields = Fields::read(&body);
    let (name, invitation) = (fields.get("account").trim().to_owned(), Zeroizing::new(fields.get("invitation")));
    let (account, password) = (name.clone(), Zeroizing::new(fields.get("password")));
    let enrolled = hash(&desk, move |node| node.enrol(&ctx, &name, &invitation, &password)).await;
    match enrolled {
        Ok(enrolled) => shown(&done(&desk, words, enrolled), None, words),
        Err(trouble) => told(&desk, words, Whose::of(account), Some(&trouble)),
    }
}

/// What the device of somebody with an invitation is asked.
pub(super) async fn ask(State(desk): State<Desk>, visitor: Visitor, body: Sent) -> Response {
    let Visitor { ctx, words, .. } = visitor;
    let asked: Asked = match forms::json(&body) {
        Ok(asked) => asked,
        Err(trouble) => return trouble.plain(words),
    };
    match work(&desk, move |node| node.ask_to_enrol(&ctx, asked.account.trim(), &asked.invitation)).await {
        Ok(asked) => Said(asked).into_response(),
        Err(trouble) => trouble.of_passkeys().plain(words),
    }
}

/// Sets up a passkey.
pub(super) async fn by_passkey(State(desk): State<Desk>, visitor: Visitor, body: Sent) -> Response {
    let Visitor { ctx, words, .. } = visitor;
    let asked: Asked = match forms::json(&body) {
        Ok(asked) => asked,
        Err(trouble) => return trouble.plain(words),
    };
    let enrol = move |node: &comity_node::Node| {
        let who = (asked.account.trim(), asked.invitation.as_str());
        node.enrol_passkey(&ctx, who, (&asked.label, &asked.answer))
    };
    match work(&desk, enrol).await {
        Ok(_) => Said(json!({"to": "/desk/login"})).into_response(),
        Err(trouble) => trouble.plain(words),
    }
}

pub(super) fn told(desk: &Desk, words: Words, whose: Whose, trouble: Option<&Trouble>) -> Response {
    let text = trouble.map_or_else(String::new, |trouble| trouble.words(words));
    let provider = desk.provider_name();
    let Whose { account, invitation, is_first } = whose;
    let page = Enrol { words, bureau: desk.bureau(), trouble: text, account, invitation, is_first, provider };
    shown(&page, trouble, words)
}

fn done(desk: &Desk, words: Words, enrolled: Enrolled) -> Done {
    let (qr, qr_size) = squares(&enrolled.authenticator);
    let secret = enrolled.authenticator.split("secret=").nth(1).and_then(|rest| rest.split('&').next());
    let secret = Zeroizing::new(secret.unwrap_or_default().to_owned());
    let recovery = enrolled.recovery;
    Done { words, bureau: desk.bureau(), trouble: String::new(), qr, qr_size, secret, recovery }
}

/// A QR code as one path of squares, and how many there are on a side, with the quiet zone.
fn squares(text: &str) -> (String, usize) {
    let Ok(code) = fast_qr::QRBuilder::new(text).build() else { return (String::new(), 1) };
    let mut path = String::new();
    let rows = code.data.chunks(code.size).take(code.size);
    for (row, squares) in rows.enumerate() {
        for (column, _) in squares.iter().enumerate().filter(|(_, square)| square.value()) {
            // Writing into a string cannot fail.
            let _ = write!(path, "M{} {}h1v1h-1z", column + QUIET, row + QUIET);
        }
    }
    (path, code.size + 2 * QUIET)
}

const QUIET: usize = 4;
