use std::error::Error as _;
use std::time::Duration;

use comity_node::Follow;
use comity_taxii::{Credentials, Failure, FailureKind, Inside, PublicOnly, RetryAfter, check_literal};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode, Url};

use super::{remote, step::failure};

/// Speaks to one web server: the scheme, host and port that were set up, and no other.
#[derive(Debug)]
pub(super) struct Web {
    http: reqwest::Client,
    base: Url,
    credentials: Credentials,
    allow_private: bool,
}

/// What a server said about how fresh something is.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Fresh {
    pub(super) etag: Option<String>,
    pub(super) modified: Option<String>,
}

/// What was fetched.
pub(super) struct Got {
    pub(super) body: Vec<u8>,
    pub(super) fresh: Fresh,
    /// The server's clock, as it writes it.
    pub(super) date: Option<comity_base::Timestamp>,
}

impl Web {
    pub(super) fn new(follow: &Follow) -> Result<Self, Failure> {
        let local = |error: anyhow::Error| failure(FailureKind::Local, crate::output::causes(&error));
        let credentials = remote::credentials(follow).map_err(local)?;
        let mut base: Url = follow
            .url
            .parse()
            .map_err(|_| failure(FailureKind::Local, "the address cannot be used; set it up again"))?;
        let folder = base.path().strip_suffix("manifest.json").unwrap_or(base.path());
        let folder = format!("{}/", folder.trim_end_matches('/'));
        base.set_path(&folder);
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(remote::tls(follow).map_err(local)?)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .user_agent(concat!("comity/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(TOTAL);
        if !follow.allow_private {
            builder = builder.dns_resolver(PublicOnly);
        }
        let http = builder.build().map_err(|error| said(&follow.url, &error))?;
        Ok(Self { http, base, credentials, allow_private: follow.allow_private })
    }

    /// Fetches a file below the address; `None` when it is as fresh as what is known of it.
    pub(super) async fn get(&self, path: &str, known: &Fresh, most: u64) -> Result<Option<Got>, Failure> {
        let url = self.under(path)?;
        let mut request = self.http.get(url.clone()).header(header::ACCEPT, "application/json");
        if let Some(etag) = &known.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &known.modified {
            request = request.header(header::IF_MODIFIED_SINCE, modified);
        }
        self.send(&url, request, most).await
    }

    /// Asks with a JSON body.
    pub(super) async fn post(&self, path: &str, body: String, most: u64) -> Result<Got, Failure> {
        let url = self.under(path)?;
        let request = self.http.post(url.clone()).header(header::ACCEPT, "application/json");
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        let nothing = || failure(FailureKind::Unreadable, format!("POST {url}: the server answered with nothing"));
        self.send(&url, request, most).await?.ok_or_else(nothing)
    }

    async fn send(&self, url: &Url, request: RequestBuilder, most: u64) -> Result<Option<Got>, Failure> {
        let request = self.with_credentials(request)?;
        let mut response = request.send().await.map_err(|error| said(url, &error))?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(refused(url, &response));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| said(url, &error))? {
            if (body.len() + piece.len()) as u64 > most {
                let text = format!("{url}: the reply has more than {most} bytes");
                return Err(failure(FailureKind::TooLarge, text));
            }
            body.extend_from_slice(&piece);
        }
        let text = |name: HeaderName| header_text(response.headers(), &name);
        let fresh = Fresh { etag: text(header::ETAG), modified: text(header::LAST_MODIFIED) };
        let date = text(header::DATE).and_then(|date| match RetryAfter::parse(&date) {
            Some(RetryAfter::At(moment)) => Some(moment),
            _ => None,
        });
        Ok(Some(Got { body, fresh, date }))
    }

    fn with_credentials(&self, request: RequestBuilder) -> Result<RequestBuilder, Failure> {
        Ok(match &self.credentials {
            Credentials::None => request,
            Credentials::Basic { user, password } => request.basic_auth(user, Some(password)),
            Credentials::Bearer(token) => request.bearer_auth(token),
            Credentials::Token(token) => request.header(header::AUTHORIZATION, hidden(&format!("Token {token}"))?),
            Credentials::Header { name, value } => request.header(name, hidden(value)?),
        })
    }

    /// An address below the one that was set up.
    fn under(&self, path: &str) -> Result<Url, Failure> {
        let wrong = || failure(FailureKind::Local, format!("{path:?} is no path on {}", self.base));
        let url = self.base.join(path).map_err(|_| wrong())?;
        if url.origin() != self.base.origin() {
            return Err(wrong());
        }
        if !self.allow_private {
            check_literal(&url).map_err(|inside| failure(FailureKind::Local, allowed(&inside)))?;
        }
        Ok(url)
    }
}

/// With what to do about it.
fn allowed(inside: &Inside) -> String {
    format!("{inside}; if it is meant, allow it with --allow-private")
}

fn hidden(text: &str) -> Result<HeaderValue, Failure> {
    let wrong = |_| failure(FailureKind::Local, "the secret holds a character that no header may hold; correct it");
    let mut value = HeaderValue::from_str(text).map_err(wrong)?;
    value.set_sensitive(true);
    Ok(value)
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    (text.len() <= 256).then(|| text.to_owned())
}

/// A server that says no.
fn refused(url: &Url, response: &Response) -> Failure {
    let status = response.status();
    let what = match status.as_u16() {
        300..=399 => "it points elsewhere; if that is right, set that address up",
        401 | 403 => "check the credentials, and whether they may read this",
        404 => "check the address",
        429 => "it is asked again when it wants to be",
        500..=599 => "the fault is the server's; it is asked again later",
        _ => "check the address and the credentials",
    };
    let retry_after = header_text(response.headers(), &header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|text| RetryAfter::parse(&text));
    let text = format!("{url}: the server answered {status}; {what}");
    Failure { kind: FailureKind::Status(status.as_u16()), retry_after, text }
}

/// A server that could not be asked, or broke off: the last cause says most.
fn said(asked: &(impl std::fmt::Display + ?Sized), error: &reqwest::Error) -> Failure {
    let (mut text, mut cause) = (error.to_string(), error.source());
    let mut inside = false;
    while let Some(next) = cause {
        let leads = next.downcast_ref::<Inside>();
        inside |= leads.is_some();
        text = leads.map_or_else(|| next.to_string(), allowed);
        cause = next.source();
    }
    let kind = match error {
        _ if inside => FailureKind::Local,
        _ if error.is_timeout() => FailureKind::Slow,
        _ => FailureKind::Unreachable,
    };
    let text = if error.is_timeout() { "no whole reply came in time".to_owned() } else { text };
    failure(kind, format!("{asked}: {text}"))
}

const CONNECT: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_mins(1);
const TOTAL: Duration = Duration::from_mins(10);
