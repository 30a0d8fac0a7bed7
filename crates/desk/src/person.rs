use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use comity_crypto::{hex, sha256};
use comity_http::arrived;
use comity_node::{Authority, Ctx, Node, NodeError, Signed};

use super::language::Words;
use super::reply::{Trouble, work};
use super::shell::Entry;
use super::why::Why;
use crate::desk::Desk;

/// Whoever is logged in with this browser.
pub(super) struct Person {
    /// They, for use cases.
    pub(super) ctx: Ctx,
    /// What shows it.
    pub(super) token: String,
    /// They showed who they are a moment ago: whoever finds a browser open changes nothing about how they log in.
    is_fresh: bool,
    /// The browser.
    pub(super) place: String,
    pub(super) words: Words,
    /// How close lines stand.
    pub(super) is_dense: bool,
    /// Where the page stands that they look at, for whoever opens it anew.
    pub(super) address: String,
    /// The pages that their rights open.
    pub(super) rail: Vec<Entry>,
}

/// A browser in which nobody is logged in, or may be.
pub(super) struct Visitor {
    /// Nobody, for use cases.
    pub(super) ctx: Ctx,
    /// The session that this browser was in, which ends when another begins.
    pub(super) before: Option<String>,
    pub(super) place: String,
    pub(super) words: Words,
}

impl FromRequestParts<Desk> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Response> {
        // Whoever comes too fast, or while there is no place, is not served here either.
        let words = Words::of(&parts.headers, parts.uri.query());
        arrived(parts).map_err(|problem| Trouble::from(problem).plain(words))?;
        let ctx = desk.site().ctx(None).acting_as("nobody known", Authority::nobody());
        Ok(Self { ctx, before: cookie(&parts.headers, SESSION), place: place(&parts.headers), words })
    }
}

impl FromRequestParts<Desk> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Response> {
        let Visitor { ctx, place, words, .. } = Visitor::from_request_parts(parts, desk).await?;
        let Some(token) = cookie(&parts.headers, SESSION) else { return Err(elsewhere()) };
        let (asked, at, now) = (token.clone(), place.clone(), ctx.now());
        let themselves = parts.uri.path() != super::live::PATH;
        let (here, visitor) = (desk.clone(), ctx.clone());
        let who = work(desk, move |node| {
            here.learn_countries();
            let since = node.last_shown(&asked)?;
            let who = if themselves {
                node.who_is_logged_in(&asked, &at, now)?
            } else {
                node.who_is_still_logged_in(&asked, &at, now)?
            };
            let Some(((name, authority), since)) = who.zip(since) else { return Ok(None) };
            let rail = Entry::offered(node, &visitor.acting_as(&name, authority.clone()))?;
            Ok(Some((name, authority, since, rail)))
        });
        match who.await.map_err(|trouble| trouble.plain(words))? {
            Some((name, authority, since, rail)) => {
                let is_fresh = now.as_micros().saturating_sub(since.as_micros()) < FRESH;
                let mut ctx = ctx.acting_as(&name, authority);
                Why::of(&parts.headers).apply(&mut ctx);
                let is_dense = cookie(&parts.headers, DENSITY).is_some_and(|density| density == "dense");
                let address = super::address::of(&parts.uri);
                Ok(Self { ctx, token, is_fresh, place, words, is_dense, address, rail })
            }
            None => Err(elsewhere()),
        }
    }
}

impl Person {
    /// Before they change how they log in, they log in.
    pub(super) fn must_be_fresh(&self) -> Result<(), Trouble> {
        if self.is_fresh { Ok(()) } else { Err(Trouble::LogInAgain) }
    }
}

/// A session that has begun, in place of the one this browser was in.
pub(super) fn instead(
    node: &Node,
    ctx: &Ctx,
    before: Option<&String>,
    signed: Result<Signed, NodeError>,
) -> Result<Signed, NodeError> {
    let signed = signed?;
    before.map_or(Ok(()), |before| node.log_out(ctx, before))?;
    Ok(signed)
}

/// Whoever is not logged in, or no more, does that first.
fn elsewhere() -> Response {
    Redirect::to("/desk/login").into_response()
}

/// Which browser: a token taken from it opens nothing in another that says it is something else.
fn place(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
    let told = std::str::from_utf8(agent).ok().map_or("", kind);
    format!("{told} {}", hex(&sha256(agent)).get(..8).unwrap_or_default())
}

/// What people call a browser.
fn kind(agent: &str) -> &'static str {
    let known = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    known.iter().find(|(mark, _)| agent.contains(mark)).map_or("browser", |(_, name)| name)
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// The cookie that says how close lines stand.
pub(super) const DENSITY: &str = "__Host-comity-density";
/// For so many microseconds after the log-in.
const FRESH: i64 = 15 * 60 * 1_000_000;
/// The cookie of a session: for this host alone, over TLS alone, for no script, and sent by no other desk.
pub(super) const SESSION: &str = "__Host-comity";
