use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_base::OrgName;
use comity_http::{Principal, Problem, Site, arrived};
use comity_node::NodeError;
use comity_taxii::{CursorError, FilterError, TaxiiError, WWW_AUTHENTICATE, media};
use serde::Serialize;

/// What a TAXII client is told when something is wrong (TAXII 2.1 section 3.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) error: TaxiiError,
    retry_after: Option<u64>,
}

/// A client that has shown who it is and reads TAXII 2.1.
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
        if let Err(error) = media::negotiate(&parts.headers) {
            let text = error.to_string();
            return Err(Wrong::from(TaxiiError::new(StatusCode::NOT_ACCEPTABLE, "Not acceptable", text)));
        }
        arrived(parts)?.map(Self).ok_or_else(|| Wrong::from(TaxiiError::unauthorized()))
    }
}

impl From<TaxiiError> for Wrong {
    fn from(error: TaxiiError) -> Self {
        Self { error, retry_after: None }
    }
}

impl From<FilterError> for Wrong {
    fn from(error: FilterError) -> Self {
        TaxiiError::from(error).into()
    }
}

impl From<CursorError> for Wrong {
    fn from(error: CursorError) -> Self {
        TaxiiError::from(error).into()
    }
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Self {
        Self { error: TaxiiError::new(problem.status, problem.title, problem.detail), retry_after: problem.retry_after }
    }
}

impl From<NodeError> for Wrong {
    fn from(error: NodeError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let mut response = taxii(self.error.status(), self.error.body());
        let headers = response.headers_mut();
        if self.error.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(WWW_AUTHENTICATE));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What was refused before a handler was reached, as TAXII: an address that is no UTF-8, a packing nobody knows.
pub(super) async fn in_taxii(response: Response) -> Response {
    let status = response.status();
    let is_taxii = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == media::TAXII);
    if is_taxii || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (title, why) = match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("Unsupported", "The body is packed in a way not taken: use gzip, br, zstd or none.")
        }
        StatusCode::BAD_REQUEST => (
            "Bad request",
            "The address cannot be read: bytes outside ASCII are written as % and two hexadecimal digits of UTF-8.",
        ),
        _ => ("Refused", "The request could not be handled."),
    };
    let mut refused = Wrong::from(TaxiiError::new(status, title, why)).into_response();
    // What the reply before said besides its kind stays said: `Allow`, `Accept-Encoding`.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            refused.headers_mut().insert(name, value.clone());
        }
    }
    refused
}

/// A reply of the media type that every reply has (TAXII 2.1 section 1.6.8.1).
pub(super) fn taxii(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media::TAXII));
    // What one client may see is not for the next one.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

pub(super) fn resource(status: StatusCode, resource: &impl Serialize) -> Response {
    match serde_json::to_vec(resource) {
        Ok(body) => taxii(status, body),
        Err(_) => Wrong::from(Problem::broken()).into_response(),
    }
}
