//! One request and its reply, within limits.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use reqwest::{Response, Url};

use super::error::{ClientError, Problem};
use super::{Client, guard};
use crate::retry::http_date;
use crate::{RetryAfter, TaxiiError, media};

/// A reply that says yes. Its body is still on the way.
pub(super) struct Reply {
    pub(super) asked: String,
    response: Response,
    limit: u64,
    taken: u64,
}

impl Client {
    /// Asks, follows redirects within the server, and turns every other answer than yes into an error.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: Url,
        body: Option<&[u8]>,
        limit: u64,
    ) -> Result<Reply, ClientError> {
        let asked = describe(&method, &url);
        let fail = |problem| ClientError::new(asked.clone(), problem);
        let mut url = url;
        for _ in 0..=MOST_HOPS {
            let response = self.once(&method, &url, body).await.map_err(fail)?;
            match Self::redirect(&method, &url, &response) {
                Some(Ok(onward)) if self.is_own(&onward) => url = onward,
                Some(Ok(onward)) => return Err(fail(Problem::Redirected(plain(&onward)))),
                Some(Err(problem)) => return Err(fail(problem)),
                None => {
                    let reply = Reply { asked: asked.clone(), response, limit, taken: 0 };
                    return reply.judge().await.map_err(fail);
                }
            }
        }
        Err(fail(Problem::RedirectLoop))
    }

    /// One request, sent nowhere but to the configured server.
    async fn once(&self, method: &Method, url: &Url, body: Option<&[u8]>) -> Result<Response, Problem> {
        if !self.is_own(url) {
            return Err(Problem::OtherServer(plain(url)));
        }
        if !self.options.allow_private {
            guard::check_literal(url)?;
        }
        let mut request = self.http.request(method.clone(), without_user(url)).header(header::ACCEPT, media::TAXII);
        if let Some((name, value)) = &self.credentials {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, media::TAXII).body(body.to_vec());
        }
        Ok(request.send().await?)
    }

    /// Scheme, host and port are the configured ones.
    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.address.origin()
    }

    /// Where a reply points to, if it does.
    fn redirect(method: &Method, url: &Url, response: &Response) -> Option<Result<Url, Problem>> {
        let again = match response.status().as_u16() {
            307 | 308 => true,
            // These would turn the posting of objects into a fetch.
            301..=303 => method == Method::GET,
            _ => false,
        };
        if !again {
            return None;
        }
        let target = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let onward = target.and_then(|target| url.join(target).ok());
        Some(onward.ok_or(Problem::RedirectLoop))
    }
}

impl Reply {
    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// How many bytes came so far, unfolded.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    async fn judge(mut self) -> Result<Self, Problem> {
        let status = self.response.status();
        if !status.is_success() {
            let retry_after = self.retry_after();
            self.limit = MOST_ERROR;
            // An error message that cannot be read says nothing more than its status.
            let body = self.whole().await.unwrap_or_default();
            let error = serde_json::from_slice::<TaxiiError>(&body).ok();
            return Err(Problem::Status { status, error, retry_after });
        }
        if !media::may_be_json(self.headers()) && status != StatusCode::NO_CONTENT {
            let kind = self.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
            return Err(Problem::ContentType(String::from_utf8_lossy(kind).chars().take(100).collect()));
        }
        Ok(self)
    }

    /// A date is counted from the server's own clock, when it tells that too.
    fn retry_after(&self) -> Option<RetryAfter> {
        let text = self.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
        match (RetryAfter::parse(text)?, self.date()) {
            (RetryAfter::At(moment), Some(date)) => {
                let micros = moment.as_micros().saturating_sub(date.as_micros());
                Some(RetryAfter::In(std::time::Duration::from_micros(u64::try_from(micros).unwrap_or_default())))
            }
            (wanted, _) => Some(wanted),
        }
    }

    /// The server's clock.
    pub(super) fn date(&self) -> Option<comity_base::Timestamp> {
        self.headers().get(header::DATE).and_then(|value| value.to_str().ok()).and_then(http_date)
    }

    /// The next piece of the body, unfolded.
    pub(super) async fn piece(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let limit = self.limit;
        if self.taken == 0 && self.response.content_length().is_some_and(|length| length > limit) {
            return Err(Problem::TooLarge { limit });
        }
        let Some(piece) = self.response.chunk().await? else { return Ok(None) };
        self.taken = self.taken.saturating_add(piece.len() as u64);
        if self.taken > limit {
            return Err(Problem::TooLarge { limit });
        }
        Ok(Some(piece.into()))
    }

    /// The whole body.
    pub(super) async fn whole(&mut self) -> Result<Vec<u8>, Problem> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// What is asked, for people: a query holds tokens, and is left out.
pub(super) fn describe(method: &Method, url: &Url) -> String {
    format!("{method} {}", plain(url))
}

/// An address without its query.
fn plain(url: &Url) -> String {
    let mut url = without_user(url);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// A server cannot choose credentials by writing them into an address.
fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Only fails for addresses that cannot hold any.
    let _ = (url.set_password(None), url.set_username(""));
    url
}

/// Most redirects that are followed.
const MOST_HOPS: usize = 5;
/// Most bytes of an error message that are read.
const MOST_ERROR: u64 = 64 << 10;
