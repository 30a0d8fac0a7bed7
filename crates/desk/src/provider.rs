use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use comity_base::Timestamp;
use comity_crypto::{base64url, unbase64url};
use comity_http::{Caller, Query};
use comity_node::{Node, NodeError, Signed};
use comity_oidc::{Flow, Identity, ProviderError, Returned};
use serde::{Deserialize, Serialize};

use super::forms::{Fields, Sent};
use super::language::Words;
use super::login;
use super::person::{Visitor, cookie, instead};
use super::reply::{Trouble, in_session, page as shown, with_cookie, work};
use crate::desk::Desk;

/// What a browser keeps, sealed, while somebody is at the provider.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The flow's secret.
    flow: String,
    /// Until when it counts, in microseconds.
    until: i64,
    /// The language of whoever sits there.
    language: String,
    /// The session that the browser was in, which ends when another begins: what comes back from elsewhere does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// The account and the invitation of whoever sets up a log-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrols: Option<(String, String)>,
}

/// A page that leads elsewhere by itself.
#[derive(Template)]
#[template(path = "going.html")]
struct Going {
    words: Words,
    bureau: String,
    trouble: String,
    provider: String,
    to: String,
}

/// Sends somebody to the provider, to log in; with `again`, to show it anew who they are.
pub(super) async fn begin(State(desk): State<Desk>, RawQuery(query): RawQuery, visitor: Visitor) -> Response {
    let Visitor { ctx, words, before, .. } = visitor;
    let again = Query::parse(query.as_deref().unwrap_or_default()).all("again").next().is_some();
    match sent(&desk, words, (ctx.now(), again), (before, None)).await {
        Ok((address, kept)) => with_cookie(Redirect::to(&address).into_response(), &kept),
        Err(trouble) => login::told(&desk, words, Some(&trouble)),
    }
}

/// Sends somebody with an invitation to the provider, to log in there from now on.
pub(super) async fn enrol(State(desk): State<Desk>, visitor: Visitor, body: Sent) -> Response {
    let Visitor { ctx, words, before, .. } = visitor;
    let fields = Fields::read(&body);
    let (name, invitation) = (fields.get("account").trim().to_owned(), fields.get("invitation").trim().to_owned());
    let (now, kept) = (ctx.now(), (name.clone(), invitation.clone()));
    let checked = work(&desk, move |node| node.check_invitation(&ctx, &name, &invitation)).await;
    let account = kept.0.clone();
    let begun = match checked {
        Ok(()) => sent(&desk, words, (now, true), (before, Some(kept))).await,
        Err(trouble) => Err(trouble),
    };
    match begun {
        // A form leads to this node only; a page leads on.
        Ok((address, kept)) => with_cookie(leading_on(&desk, words, &address), &kept),
        Err(trouble) => super::enrol::told(&desk, words, super::enrol::Whose::of(account), Some(&trouble)),
    }
}

/// Logs in whoever comes back from the provider.
pub(super) async fn back(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    caller: Option<Extension<Caller>>,
    visitor: Visitor,
) -> Response {
    let Visitor { ctx, place, words, .. } = visitor;
    let now = ctx.now();
    let Some(kept) = cookie(&headers, FLOW).and_then(|sealed| open(&desk, &sealed, now)) else {
        return forgotten(login::told(&desk, words, Some(&Trouble::NotFromProvider)));
    };
    let words = Words::named(&kept.language).unwrap_or(words);
    // Whoever comes back makes this node ask the provider.
    if caller.is_some_and(|Extension(caller)| !desk.may_come_back(caller.address.ip())) {
        return login::told(&desk, words, Some(&Trouble::Busy));
    }
    let flow = Flow::kept(&kept.flow);
    let identity = match ended(&desk, &flow, query.as_deref().unwrap_or_default(), now).await {
        Ok(identity) => identity,
        Err(trouble) => return forgotten(login::told(&desk, words, Some(&trouble))),
    };
    let come_in = move |node: &Node| -> Result<Signed, NodeError> {
        let who = (identity.issuer.as_str(), identity.subject.as_str());
        if let Some((name, invitation)) = &kept.enrols {
            node.enrol_by_provider(&ctx, (name, invitation), who)?;
        }
        let signed = node.log_in_by_provider(&ctx, who, (&place, identity.shown));
        instead(node, &ctx, kept.before.as_ref(), signed)
    };
    let response = match work(&desk, come_in).await {
        // The cookie of a session goes with no request that another site began, and this one did.
        Ok(signed) => in_session(leading_on(&desk, words, "/desk"), &signed.token),
        Err(trouble) => login::told(&desk, words, Some(&trouble)),
    };
    forgotten(response)
}

/// Where to, and what the browser keeps meanwhile.
async fn sent(
    desk: &Desk,
    words: Words,
    (now, again): (Timestamp, bool),
    (before, enrols): (Option<String>, Option<(String, String)>),
) -> Result<(String, String), Trouble> {
    let provider = desk.provider().ok_or(Trouble::NotFromProvider)?;
    let flow = Flow::new().map_err(|error| trouble(&error))?;
    let address = provider.begin(&flow, again).await.map_err(|error| trouble(&error))?;
    let until = now.as_micros().saturating_add(i64::from(MINUTES) * 60_000_000);
    let kept = Kept { flow: flow.secret().to_owned(), until, language: words.code().to_owned(), before, enrols };
    let kept = serde_json::to_vec(&kept).map_err(|_| Trouble::Failed)?;
    let sealed = base64url(&desk.flow_key().seal(&[PLACE], &kept));
    Ok((address, format!("{FLOW}={sealed}{LAX}; Max-Age={}", MINUTES * 60)))
}

fn open(desk: &Desk, sealed: &str, now: Timestamp) -> Option<Kept> {
    let kept = desk.flow_key().open(&[PLACE], &unbase64url(sealed)?)?;
    serde_json::from_slice::<Kept>(&kept).ok().filter(|kept| now.as_micros() < kept.until)
}

async fn ended(desk: &Desk, flow: &Flow, query: &str, now: Timestamp) -> Result<Identity, Trouble> {
    let provider = desk.provider().ok_or(Trouble::NotFromProvider)?;
    let query = Query::parse(query);
    let only = |name: &str| query.all(name).next().map(str::to_owned).filter(|value| value.len() <= LONGEST);
    let returned = Returned { code: only("code"), state: only("state"), issuer: only("iss"), error: only("error") };
    provider.end(flow, &returned, now).await.map_err(|error| trouble(&error))
}

fn trouble(error: &ProviderError) -> Trouble {
    tracing::warn!(error = %error, "somebody did not come in by the identity provider");
    match error {
        ProviderError::Away { .. } | ProviderError::Settings(_) => Trouble::ProviderAway,
        ProviderError::Refused(_) => Trouble::ProviderRefused,
        ProviderError::Weak(_) => Trouble::ProviderWeak,
        ProviderError::Elsewhere | ProviderError::Signature(_) | ProviderError::Statement(_) => {
            Trouble::NotFromProvider
        }
        ProviderError::Random(_) => Trouble::Failed,
    }
}

fn leading_on(desk: &Desk, words: Words, to: &str) -> Response {
    let provider = desk.provider_name();
    let going = Going { words, bureau: desk.bureau(), trouble: String::new(), provider, to: to.to_owned() };
    shown(&going, None, words)
}

/// What the browser kept is used up.
fn forgotten(response: Response) -> Response {
    with_cookie(response, &format!("{FLOW}={LAX}; Max-Age=0"))
}

/// It comes back with the browser when the provider sends it, so it is not as strict as that of a session.
const FLOW: &str = "__Host-comity-provider";
const LAX: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";
const PLACE: &[u8] = b"provider";
/// How long somebody may take at the provider.
const MINUTES: u32 = 10;
/// Characters of what comes back.
const LONGEST: usize = 2_048;
