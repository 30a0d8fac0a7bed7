use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use comity_crypto::{hex, hmac_sha256};

/// An entity tag (RFC 9110 section 8.8.3): changes exactly when what it was made of does, and tells nothing about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// The tag of something said in full: the content, or whatever decides about it.
    pub fn of(key: &[u8; 32], said: &[u8]) -> Self {
        Self(format!("\"{}\"", hex(&hmac_sha256(key, said)).get(..32).unwrap_or_default()))
    }

    /// Whether the client holds this already (section 13.1.2). A tag that a packer marked as its own counts too.
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut known = known.flat_map(|value| value.split(',')).map(str::trim);
        known.any(|tag| tag.trim_start_matches("W/").replace("-gzip", "") == self.0)
    }

    /// That nothing has changed.
    pub fn unchanged(&self) -> Response {
        self.on(StatusCode::NOT_MODIFIED.into_response())
    }

    /// Puts the tag on a reply.
    pub fn on(&self, mut response: Response) -> Response {
        if let Ok(tag) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
