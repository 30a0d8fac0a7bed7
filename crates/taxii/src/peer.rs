use std::time::Duration;

use reqwest::StatusCode;

/// Speaks to the node of a peer: the node protocol beside TAXII, over mutual TLS with pinned keys.
#[derive(Clone, Debug)]
pub struct PeerClient {
    http: reqwest::Client,
    base: String,
}

/// What a witness answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Countersigning {
    /// Lines with its countersignatures.
    Signed(Vec<u8>),
    /// The checkpoint it countersigned last has so many entries, as it says.
    Knows(u64),
    /// What it countersigned last does not lead to what was sent, as it says.
    Contradicted,
}

/// A peer's node could not be asked, or said no.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// It could not be reached, or broke off.
    #[error("{asked}: {why}")]
    Unreachable {
        /// What was asked.
        asked: String,
        /// What went wrong, down to the cause.
        why: String,
    },
    /// It answered that it will not.
    #[error("{asked}: the other node says {status}: {detail}")]
    Refused {
        /// What was asked.
        asked: String,
        /// Its status.
        status: StatusCode,
        /// Its words.
        detail: String,
    },
    /// It sent more than a page may hold.
    #[error("{asked}: the answer is larger than {most} bytes")]
    TooLarge {
        /// What was asked.
        asked: String,
        /// How much was allowed.
        most: usize,
    },
}

impl PeerError {
    /// Whether asking again later may help: also where the other side has stopped the exchange, or does not know this
    /// node's key yet. What it will not take at all it says in other words.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => status.is_server_error() || WAITS.contains(status),
            Self::TooLarge { .. } => false,
        }
    }
}

/// Answers after which a message is kept and brought again.
const WAITS: [StatusCode; 4] =
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];

impl PeerClient {
    /// A client for the node at this address; the TLS configuration pins its key and shows ours.
    ///
    /// # Errors
    /// When no client can be made of this configuration.
    pub fn new(base: &str, tls: rustls::ClientConfig) -> Result<Self, PeerError> {
        let failed = |error: reqwest::Error| PeerError::Unreachable { asked: base.to_owned(), why: causes(&error) };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_mins(2))
            .build()
            .map_err(failed)?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned() })
    }

    /// Brings a wish to join; returns the answer.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub async fn join(&self, wish: Vec<u8>) -> Result<Vec<u8>, PeerError> {
        let asked = format!("joining {}", self.base);
        let request = self.http.post(format!("{}/comity/v1/join", self.base)).timeout(QUICK).body(wish);
        self.send(&asked, request, 64 << 10).await
    }

    /// Brings a signed message.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub async fn message(&self, message: Vec<u8>) -> Result<(), PeerError> {
        let asked = format!("telling {}", self.base);
        let request = self.http.post(format!("{}/comity/v1/messages", self.base)).timeout(QUICK).body(message);
        self.send(&asked, request, 64 << 10).await.map(drop)
    }

    /// Fetches the next page; waits up to `wait` for one when there is nothing new.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub async fn feed(&self, cursor: Option<&str>, limit: usize, wait: Duration) -> Result<Vec<u8>, PeerError> {
        let asked = format!("fetching from {}", self.base);
        let mut address = format!("{}/comity/v1/feed?limit={limit}&wait={}", self.base, wait.as_secs());
        if let Some(cursor) = cursor {
            address.push_str("&cursor=");
            address.push_str(cursor);
        }
        self.send(&asked, self.http.get(address).timeout(PAGE + wait), PAGE_BYTES).await
    }

    /// Asks the other side to countersign a checkpoint (C2SP tlog-witness, `add-checkpoint`).
    ///
    /// # Errors
    /// When the node cannot be reached or refuses for another reason than that it knows another size.
    pub async fn add_checkpoint(&self, request: Vec<u8>) -> Result<Countersigning, PeerError> {
        let asked = format!("asking {} to countersign", self.base);
        let address = format!("{}/comity/v1/witness/add-checkpoint", self.base);
        let sent = self.http.post(address).timeout(QUICK).body(request).send().await;
        let lost = |error: reqwest::Error| PeerError::Unreachable { asked: asked.clone(), why: causes(&error) };
        let response = sent.map_err(lost)?;
        let is_stale = response.status() == StatusCode::CONFLICT
            && response.headers().get("content-type").is_some_and(|kind| kind == "text/x.tlog.size");
        if is_stale {
            let body = bounded(&asked, response, 64).await?;
            let size = std::str::from_utf8(&body).ok().and_then(|text| text.trim().parse().ok());
            let none = || PeerError::Unreachable { asked: asked.clone(), why: "its answer is no size".into() };
            return Ok(Countersigning::Knows(size.ok_or_else(none)?));
        }
        let status = response.status();
        if status == StatusCode::CONFLICT || status == StatusCode::UNPROCESSABLE_ENTITY {
            return Ok(Countersigning::Contradicted);
        }
        self.answer(&asked, response, 64 << 10).await.map(Countersigning::Signed)
    }

    /// Fetches the newest checkpoint that the other side countersigned of the log with this origin, by the SHA-256 of it
    /// in hexadecimal; none when it has none.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub async fn witnessed(&self, digest: &str) -> Result<Option<Vec<u8>>, PeerError> {
        let asked = format!("asking {} what it countersigned", self.base);
        let address = format!("{}/comity/v1/witness/{digest}/checkpoint", self.base);
        match self.send(&asked, self.http.get(address).timeout(QUICK), 64 << 10).await {
            Err(PeerError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => Ok(None),
            fetched => fetched.map(Some),
        }
    }

    /// Fetches a file of the other node's log; none when there is none.
    ///
    /// # Errors
    /// When the node cannot be reached or refuses.
    pub async fn ledger_file(&self, log: &str, path: &str) -> Result<Option<Vec<u8>>, PeerError> {
        let asked = format!("fetching {path} of the log of {log} from {}", self.base);
        let address = format!("{}/comity/v1/ledger/{log}/{path}", self.base);
        match self.send(&asked, self.http.get(address).timeout(QUICK), 32 << 20).await {
            Err(PeerError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => Ok(None),
            fetched => fetched.map(Some),
        }
    }

    async fn send(&self, asked: &str, request: reqwest::RequestBuilder, most: usize) -> Result<Vec<u8>, PeerError> {
        let lost = |error: reqwest::Error| PeerError::Unreachable { asked: asked.to_owned(), why: causes(&error) };
        let response = request.send().await.map_err(lost)?;
        self.answer(asked, response, most).await
    }

    async fn answer(&self, asked: &str, response: reqwest::Response, most: usize) -> Result<Vec<u8>, PeerError> {
        let status = response.status();
        let body = bounded(asked, response, if status.is_success() { most } else { 64 << 10 }).await?;
        if status.is_success() {
            return Ok(body);
        }
        let said: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
        let detail = said.as_ref().and_then(|said| said.get("detail")).and_then(serde_json::Value::as_str);
        let detail = detail.unwrap_or("nothing more").chars().take(500).collect();
        Err(PeerError::Refused { asked: asked.to_owned(), status, detail })
    }
}

/// A body of at most so many bytes.
async fn bounded(asked: &str, mut response: reqwest::Response, most: usize) -> Result<Vec<u8>, PeerError> {
    let lost = |error: reqwest::Error| PeerError::Unreachable { asked: asked.to_owned(), why: causes(&error) };
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(lost)? {
        if body.len() + piece.len() > most {
            return Err(PeerError::TooLarge { asked: asked.to_owned(), most });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The error with what caused it: "connection refused" says more than "error sending request".
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = next.to_string();
        cause = next.source();
    }
    text
}

/// For what is answered at once.
const QUICK: Duration = Duration::from_secs(30);
/// For a page.
const PAGE: Duration = Duration::from_mins(2);
/// Largest page.
const PAGE_BYTES: usize = 256 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_stopped_the_exchange_is_told_when_it_goes_on() {
        let refused = |status| PeerError::Refused { asked: String::new(), status, detail: String::new() };
        for status in [403, 401, 408, 429, 500, 503] {
            assert!(refused(StatusCode::from_u16(status).unwrap()).is_passing(), "{status}");
        }
        for status in [400, 413, 422] {
            assert!(!refused(StatusCode::from_u16(status).unwrap()).is_passing(), "{status}");
        }
    }
}
