use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use comity_base::OrgName;
use comity_http::{Principal, Problem, Site, arrived};
use comity_node::NodeError;
use serde::Serialize;
use serde_json::json;

/// What a MISP client is told when something is wrong: `{"name", "message", "url"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) status: StatusCode,
    pub(super) message: String,
    retry_after: Option<u64>,
}

/// A client that has shown who it is.
#[derive(Clone, Debug)]
pub(super) struct Asking(pub(super) Principal);

impl Asking {
    pub(super) fn organisation(&self) -> &OrgName {
        &self.0.organisation
    }
}

impl FromRequestParts<Site> for Asking {
    type Rejection = Wrong;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Wrong> {
        // A MISP answers a wrong key with 403, and clients tell it from other trouble by that.
        arrived(parts)?.map(Self).ok_or_else(|| Wrong::new(StatusCode::FORBIDDEN, NO_KEY))
    }
}

/// A body, once it is there whole.
pub(super) struct Posted(pub(super) comity_http::Posted);

impl FromRequest<Site> for Posted {
    type Rejection = Wrong;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Wrong> {
        Ok(Self(comity_http::body(site, request, MAX_BODY).await?))
    }
}

/// The body of a search, which is short.
pub(super) struct Asked(pub(super) comity_http::Posted);

impl FromRequest<Site> for Asked {
    type Rejection = Wrong;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Wrong> {
        Ok(Self(comity_http::body(site, request, MAX_ASKED).await?))
    }
}

impl Wrong {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after: None }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn no_event() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Invalid event")
    }
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Self {
        Self { status: problem.status, message: problem.detail, retry_after: problem.retry_after }
    }
}

impl From<NodeError> for Wrong {
    fn from(error: NodeError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // The address is known around the handler only.
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives what went wrong its text, which holds the address asked for.
pub(super) async fn tell(request: Request, next: Next) -> Response {
    let url = request.uri().path().to_owned();
    let response = next.run(request).await;
    let Some(wrong) = response.extensions().get::<Wrong>().cloned() else { return response };
    let body = json!({ "saved": false, "name": wrong.message, "message": wrong.message, "url": url });
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.to_string()))
}

pub(super) async fn nothing(_: Asking) -> Wrong {
    Wrong::new(StatusCode::NOT_FOUND, "Not Found")
}

pub(super) async fn not_allowed(_: Asking) -> Wrong {
    Wrong::new(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
}

/// A body that is JSON already.
pub(super) fn raw(body: Vec<u8>, kind: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // What one client may see is not for the next one.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

pub(super) fn reply(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => raw(body, JSON),
        Err(_) => Wrong::from(Problem::broken()).into_response(),
    }
}

pub(super) const JSON: &str = "application/json; charset=UTF-8";
/// Most bytes of what is asked, once unpacked: read as values it takes many times as much.
const MAX_ASKED: usize = 1 << 20;
/// Most bytes of a body, once unpacked.
const MAX_BODY: usize = 100 << 20;
const NO_KEY: &str = "Authentication failed. Please make sure you pass the API key of an API enabled user along in the \
                      Authorization header.";
