use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_base::OrgName;
use comity_node::{NodeError, NotAnswered};
use serde::Serialize;

/// What went wrong, for the other side: what happened, what was kept, what to do (RFC 9457). What only concerns this
/// side stays here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its status.
    pub status: StatusCode,
    /// What happened, in a few words that do not change.
    pub title: &'static str,
    /// What happened, what was kept, and what to do.
    pub detail: String,
    /// After so many seconds it may be asked again.
    pub retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    /// Any problem.
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), retry_after: None }
    }

    /// The node cannot serve it now.
    pub fn busy() -> Self {
        let detail = "the node has more to do than it can at this moment; nothing was kept, ask again";
        Self { retry_after: Some(2), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail) }
    }

    /// So many of these are going on for one organisation already.
    pub fn too_many(most: usize, what: &str) -> Self {
        let detail = format!(
            "{most} {what} of your organisation are going on at this moment, and no more are served at once; nothing \
             was kept, ask again when one has come to its end"
        );
        Self { retry_after: Some(2), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many at once", detail) }
    }

    /// It comes faster than it is served.
    pub fn too_fast(seconds: u64) -> Self {
        let detail = "requests come faster than this node serves one key or one organisation; nothing was kept, ask again \
                      after the time in Retry-After";
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too fast", detail) }
    }

    /// Something failed inside the node.
    pub fn broken() -> Self {
        let detail = "something failed inside the node; its log says more. What was acknowledged is kept";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", detail)
    }

    /// Nobody showed who they are.
    pub fn unauthorized() -> Self {
        let detail = "show who you are: a secret of `comity peer token` as the password of Basic, as Bearer or Token, or \
                      in X-API-Key; or connect with the TLS key of a peer's node";
        Self::new(StatusCode::UNAUTHORIZED, "not recognised", detail)
    }

    /// Only nodes of peers may ask this.
    pub fn not_a_node() -> Self {
        let detail =
            "only the node of a peer may ask this, connected with its own TLS key; peers join by an invitation";
        Self::new(StatusCode::FORBIDDEN, "not a peer's node", detail)
    }

    /// The exchange with this organisation is suspended here.
    pub fn suspended(name: &OrgName) -> Self {
        let detail = format!("the exchange with {name} is suspended here; nothing is given and nothing is taken");
        Self::new(StatusCode::FORBIDDEN, "suspended", detail)
    }

    /// There is nothing, or nothing they may see.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found", "there is nothing here, or nothing that you may see")
    }

    /// Where to go on is no place this node gave.
    pub fn unknown_place() -> Self {
        let detail = "where to go on is not a place this node gave to you; begin again without it";
        Self::new(StatusCode::BAD_REQUEST, "unknown place", detail)
    }

    /// The body is larger than so many bytes.
    pub fn too_large(most: usize) -> Self {
        let detail = format!("the body is larger than {most} bytes once unpacked; nothing was kept, send it in parts");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too large", detail)
    }

    /// The body broke off, or cannot be unpacked.
    pub fn broken_body(why: &str) -> Self {
        let detail = format!("the body broke off or cannot be unpacked: {why}; nothing was kept");
        Self::new(StatusCode::BAD_REQUEST, "broken body", detail)
    }

    /// The body did not arrive in time.
    pub fn slow() -> Self {
        let detail = "the body did not arrive in time; nothing was kept, send it again";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too slow", detail)
    }
}

impl From<NodeError> for Problem {
    fn from(error: NodeError) -> Self {
        match &error {
            NodeError::Behind { .. } => Self {
                retry_after: Some(5),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "starting",
                    "the node is still reading its log; ask again in a moment",
                )
            },
            NodeError::Unacceptable(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not acceptable", error.to_string())
            }
            NodeError::NotAnswered(NotAnswered::Spent { seconds, .. }) => Self {
                retry_after: Some(*seconds),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "asked too often", error.to_string())
            },
            NodeError::NotAnswered(_) => Self::new(StatusCode::FORBIDDEN, "not answered", error.to_string()),
            NodeError::NoAgreement(_) => Self::new(StatusCode::FORBIDDEN, "no agreement", error.to_string()),
            NodeError::Refused(_) => Self::new(StatusCode::BAD_REQUEST, "refused", error.to_string()),
            NodeError::Denied(_) => Self::new(StatusCode::FORBIDDEN, "not allowed", error.to_string()),
            NodeError::NotLawful(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not lawful", error.to_string()),
            NodeError::OverBudget { seconds, .. } => Self {
                retry_after: Some(*seconds),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "over budget", error.to_string())
            },
            NodeError::UnknownPeer(_) | NodeError::UnknownOrganisation(_) | NodeError::UnknownObject(_) => {
                Self::not_found()
            }
            NodeError::Store(_) => {
                tell(&error);
                Self { retry_after: Some(5), ..Self::busy() }
            }
            _ => {
                tell(&error);
                Self::broken()
            }
        }
    }
}

/// Tells whoever runs the node what the other side is not told. What is not the store's names its kind only: it may speak
/// of somebody.
pub fn tell(error: &NodeError) {
    match error {
        // What a database adds in further lines may name the row.
        NodeError::Store(error) => {
            let error = error.to_string();
            tracing::error!(error = error.lines().next().unwrap_or_default(), "a request failed in the store");
        }
        error => {
            let kind = format!("{error:?}");
            let kind: String = kind.chars().take_while(char::is_ascii_alphanumeric).collect();
            tracing::error!(kind, "a request failed");
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body { title: self.title, status: self.status.as_u16(), detail: &self.detail };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let mut response = (self.status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"comity\""));
        }
        response
    }
}
