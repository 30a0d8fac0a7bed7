//! Media types and what is done with those a client names (TAXII 2.1 sections 1.6.8 and 3.2).

use http::{HeaderMap, StatusCode, header};

use crate::TaxiiError;

/// The media type of every reply and of posted envelopes (TAXII 2.1 section 1.6.8.1).
pub const TAXII: &str = "application/taxii+json;version=2.1";
/// The media type of the objects themselves (TAXII 2.1 section 1.6.8.1).
pub const STIX: &str = "application/stix+json;version=2.1";

/// What the sender of a body said it is (TAXII 2.1 section 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// An envelope, as the specification wants it.
    Taxii,
    /// STIX: some clients post a bundle under this name.
    Stix,
    /// JSON of some kind, or nothing was said. The body itself tells.
    Unstated,
}

/// The client reads TAXII 2.0 only. Clients that speak both take this as the sign to fall back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only TAXII 2.0 was asked for; this server speaks TAXII 2.1: ask for `{TAXII}`")]
pub struct NotAcceptable;

/// A body of a kind that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a body of type {0:?} is not taken here: send an envelope as `{TAXII}` or a bundle as `{STIX}`")]
pub struct UnsupportedMediaType(pub String);

/// Decides whether a reply of type [`TAXII`] may be sent (TAXII 2.1 section 1.6.8).
///
/// Whatever may stand for TAXII 2.1 is accepted: no header, wildcards, JSON, TAXII with or without a version, in
/// lists, with weights and spaces. Only when everything named is TAXII or STIX 2.0 the answer is no.
///
/// # Errors
/// When the client reads TAXII 2.0 only.
pub fn negotiate(headers: &HeaderMap) -> Result<(), NotAcceptable> {
    let mut old = false;
    for range in headers.get_all(header::ACCEPT).iter().flat_map(|value| split(value.as_bytes(), b',')) {
        let range = MediaType::read(range);
        if range.name.is_empty() || range.weight_is_zero() {
            continue;
        }
        if !range.is_old() {
            return Ok(());
        }
        old = true;
    }
    if old { Err(NotAcceptable) } else { Ok(()) }
}

/// Decides what a posted body is by its `Content-Type` (TAXII 2.1 section 5.5).
///
/// # Errors
/// When the type is neither TAXII nor STIX 2.1 nor plain JSON.
pub fn posted(headers: &HeaderMap) -> Result<Posted, UnsupportedMediaType> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(Posted::Unstated) };
    let kind = MediaType::read(value.as_bytes());
    let current = kind.version().is_none_or(|version| version == "2.1");
    match kind.name.as_str() {
        "" | "application/json" if !kind.is_old() => Ok(Posted::Unstated),
        "application/taxii+json" if current => Ok(Posted::Taxii),
        "application/stix+json" if current => Ok(Posted::Stix),
        _ => Err(UnsupportedMediaType(String::from_utf8_lossy(value.as_bytes()).chars().take(100).collect())),
    }
}

/// Whether the body of a remote server's reply may be what was asked for: JSON under any name, plain text or no name.
/// What it never is are the pages of proxies and login forms.
pub(crate) fn may_be_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = MediaType::read(value.as_bytes());
    kind.name.is_empty()
        || kind.name.contains("json")
        || matches!(kind.name.as_str(), "text/plain" | "application/octet-stream")
}

impl From<NotAcceptable> for TaxiiError {
    fn from(refused: NotAcceptable) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "This server speaks TAXII 2.1", refused.to_string())
    }
}

impl From<UnsupportedMediaType> for TaxiiError {
    fn from(refused: UnsupportedMediaType) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is of a kind not taken here", refused.to_string())
    }
}

/// A media type or range with its parameters, all in lower case.
struct MediaType {
    name: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    fn read(text: &[u8]) -> Self {
        let mut parts = split(text, b';');
        let lower = |part: &[u8]| String::from_utf8_lossy(part.trim_ascii()).to_ascii_lowercase();
        let name = parts.next().map(lower).unwrap_or_default();
        let parameters = parts
            .map(|part| {
                let part = lower(part);
                let (name, value) = part.split_once('=').unwrap_or((&part, ""));
                (name.trim().to_owned(), value.trim().trim_matches('"').trim().to_owned())
            })
            .collect();
        Self { name, parameters }
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn version(&self) -> Option<&str> {
        self.parameter("version").filter(|version| !version.is_empty())
    }

    /// TAXII 2.0 and STIX 2.0: the names with `vnd.oasis` unless they claim 2.1 (as early drafts of it did), or version 2.0.
    fn is_old(&self) -> bool {
        match self.version() {
            Some(version) => matches!(version, "2" | "2.0"),
            None => self.name.starts_with("application/vnd.oasis."),
        }
    }

    /// RFC 9110 section 12.4.2: a weight of 0 means "not acceptable".
    fn weight_is_zero(&self) -> bool {
        self.parameter("q").and_then(|weight| weight.parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
    }
}

/// Splits at a separator that stands outside of quotes.
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |&byte| {
        if escaped {
            escaped = false;
        } else if byte == b'"' {
            quoted = !quoted;
        } else if byte == b'\\' && quoted {
            escaped = true;
        }
        byte == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn with(name: &header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn accepts(values: &[&str]) -> bool {
        negotiate(&with(&header::ACCEPT, values)).is_ok()
    }

    #[test]
    fn what_clients_send_is_accepted() {
        for value in [
            "application/taxii+json;version=2.1",
            "application/taxii+json; version=2.1",
            "application/taxii+json ; version = \"2.1\"",
            "Application/TAXII+JSON;Version=2.1",
            "application/taxii+json",
            "application/taxii+json;version=2.1,application/stix+json;version=2.1",
            "application/vnd.oasis.taxii+json; version=2.0, application/taxii+json;version=2.1;q=0.5",
            "application/vnd.oasis.taxii+json; version=2.1",
            "application/json",
            "application/json;q=0.9, text/plain;q=0.1",
            "*/*",
            "application/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "",
            " , ,",
            "nonsense",
            ";;==,\"",
        ] {
            assert!(accepts(&[value]), "{value}");
        }
        assert!(accepts(&[]));
        assert!(accepts(&["application/vnd.oasis.taxii+json", "application/json"]), "several headers are one list");
    }

    #[test]
    fn only_a_pure_request_for_the_old_version_is_refused() {
        for value in [
            "application/vnd.oasis.taxii+json",
            "application/vnd.oasis.taxii+json; version=2.0",
            "application/vnd.oasis.taxii+json;version=2.0, application/vnd.oasis.stix+json; version=2.0",
            "application/taxii+json;version=2.0",
            "application/vnd.oasis.taxii+json; version=2.0, application/taxii+json;q=0",
        ] {
            assert!(!accepts(&[value]), "{value}");
        }
        let error = TaxiiError::from(NotAcceptable);
        assert_eq!(error.http_status, Some(406));
    }

    #[test]
    fn bodies_are_told_apart_by_their_type() {
        let of = |value: &str| posted(&with(&header::CONTENT_TYPE, &[value]));
        for value in
            ["application/taxii+json;version=2.1", "application/taxii+json", "application/taxii+json; version=2.1"]
        {
            assert_eq!(of(value), Ok(Posted::Taxii), "{value}");
        }
        assert_eq!(of("application/stix+json; version=2.1; charset=utf-8"), Ok(Posted::Stix));
        assert_eq!(of("application/json; charset=utf-8"), Ok(Posted::Unstated));
        assert_eq!(posted(&HeaderMap::new()), Ok(Posted::Unstated));
        for value in ["application/vnd.oasis.stix+json; version=2.0", "application/taxii+json;version=2.0", "text/html"]
        {
            assert_eq!(of(value), Err(UnsupportedMediaType(value.to_owned())));
        }
        assert_eq!(TaxiiError::from(UnsupportedMediaType("text/html".to_owned())).http_status, Some(415));
    }

    #[test]
    fn login_pages_are_no_json() {
        let is = |value| may_be_json(&with(&header::CONTENT_TYPE, &[value]));
        assert!(is("application/taxii+json; charset=utf-8") && is("text/plain") && is("application/stix+json"));
        assert!(!is("text/html; charset=utf-8") && !is("application/xml"));
    }

    proptest! {
        #[test]
        fn any_header_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.insert(header::ACCEPT, value.clone());
                headers.insert(header::CONTENT_TYPE, value);
                let _ = (negotiate(&headers), posted(&headers), may_be_json(&headers));
            }
        }
    }
}
