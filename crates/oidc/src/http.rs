use std::time::Duration;

use comity_tls::{Pin, client_config_pinned, client_config_public};
use reqwest::RequestBuilder;

use crate::ProviderError;

/// Talks to the provider: over TLS, nowhere else, and in bounded time.
pub(crate) fn client(pin: Option<&Pin>) -> Result<reqwest::Client, ProviderError> {
    let unusable =
        |error: &dyn std::fmt::Display| ProviderError::Settings(format!("[provider] cannot be used: {error}"));
    let tls = match pin {
        Some(pin) => client_config_pinned(None, std::slice::from_ref(pin)),
        None => client_config_public(None),
    };
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.map_err(|error| unusable(&error))?)
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .user_agent(concat!("comity/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .build()
        .map_err(|error| unusable(&error))
}

/// What it answers, when that is not too long.
pub(crate) async fn answer(asked: &str, request: RequestBuilder) -> Result<Vec<u8>, ProviderError> {
    let away = |why: String| ProviderError::Away { asked: asked.to_owned(), why };
    let lost = |error: &reqwest::Error| {
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            why = inner.to_string();
            cause = inner.source();
        }
        away(why)
    };
    let mut response = request.header("accept", "application/json").send().await.map_err(|error| lost(&error))?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + piece.len() > MOST {
            return Err(away(format!("its answer is longer than {MOST} bytes")));
        }
        body.extend_from_slice(&piece);
    }
    if status.is_success() {
        return Ok(body);
    }
    // What a provider says of an error (RFC 6749, section 5.2) is one word; nothing else of it is told on.
    let word = serde_json::from_slice::<serde_json::Value>(&body).ok();
    let word = word.as_ref().and_then(|said| said.get("error")?.as_str()).unwrap_or_default();
    let word: String = word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
    if status.is_client_error() && !word.is_empty() {
        return Err(ProviderError::Refused(word));
    }
    Err(away(format!("HTTP {status}")))
}

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(15);
/// Bytes of an answer.
const MOST: usize = 256 << 10;
