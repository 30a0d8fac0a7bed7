use std::sync::Arc;
use std::time::{Duration, Instant};

use comity_base::Timestamp;
use comity_crypto::{Zeroizing, base64};
use comity_tls::Pin;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{Mutex, Semaphore};

use crate::flow::escaped;
use crate::{Expected, Flow, Identity, Metadata, ProviderError, Returned, Strength, http};

/// How an organisation's provider is reached and what it must say.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What people call it.
    pub name: String,
    /// Its issuer: an https address.
    pub issuer: String,
    /// As which client this node is known there.
    pub client: String,
    /// The client's secret; without one the proof key stands alone.
    pub secret: Option<Zeroizing<String>>,
    /// Where browsers come back: this node's address for it.
    pub back: String,
    /// The one key it is believed under, in place of the authorities this machine trusts.
    pub pin: Option<Pin>,
    /// How people must have shown who they are.
    pub strength: Strength,
    /// Seconds since they did, at most.
    pub most_age: i64,
}

/// An organisation's own identity provider.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    http: reqwest::Client,
    /// What it last said of itself, or why it said nothing, and when.
    metadata: Mutex<Option<(Instant, Said)>>,
    /// Places for those who come back.
    places: Semaphore,
}

type Said = Result<Arc<Metadata>, String>;

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// Prepares to ask; nobody is asked yet.
    ///
    /// # Errors
    /// [`ProviderError::Settings`].
    pub fn new(settings: Settings) -> Result<Self, ProviderError> {
        if !settings.issuer.starts_with("https://") || settings.issuer.contains(['?', '#', ' ']) {
            return Err(ProviderError::Settings(format!(
                "`issuer` under [provider] must be an https address without a query, not {:?}",
                settings.issuer
            )));
        }
        if settings.client.is_empty() {
            return Err(ProviderError::Settings("`client` under [provider] is missing".to_owned()));
        }
        let http = http::client(settings.pin.as_ref())?;
        Ok(Self { settings, http, metadata: Mutex::new(None), places: Semaphore::new(AT_ONCE) })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What the provider says of itself: at most a few minutes old.
    ///
    /// # Errors
    /// [`ProviderError::Away`].
    pub async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        // Many who come at once ask once.
        let mut known = self.metadata.lock().await;
        let address = Metadata::address(&self.settings.issuer);
        match &*known {
            Some((at, Ok(metadata))) if at.elapsed() < REMEMBERED => return Ok(Arc::clone(metadata)),
            Some((at, Err(why))) if at.elapsed() < LOST => {
                return Err(ProviderError::Away { asked: address, why: why.clone() });
            }
            _ => {}
        }
        let said = http::answer(&address, self.http.get(&address)).await;
        let read = said.and_then(|said| Metadata::read(&said, &self.settings.issuer)).map(Arc::new);
        *known = Some((Instant::now(), read.as_ref().map(Arc::clone).map_err(ToString::to_string)));
        read
    }

    /// Where a browser goes to begin; `again` as in [`Flow::address`].
    ///
    /// # Errors
    /// As [`Self::metadata`].
    pub async fn begin(&self, flow: &Flow, again: bool) -> Result<String, ProviderError> {
        Ok(flow.address(&*self.metadata().await?, &self.settings, again))
    }

    /// Who came back.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn end(&self, flow: &Flow, returned: &Returned, now: Timestamp) -> Result<Identity, ProviderError> {
        let metadata = self.metadata().await?;
        let code = flow.code(&metadata, returned)?;
        // Whoever comes back makes this node ask: so many at once, and the others wait for a while.
        let crowded = || ProviderError::Away { asked: metadata.token_endpoint.clone(), why: "too many at once".into() };
        let place = tokio::time::timeout(PATIENCE, self.places.acquire()).await;
        let _place = place.ok().and_then(Result::ok).ok_or_else(crowded)?;
        let token = self.exchange(&metadata, flow, &code).await?;
        // The keys as they are now: those that were withdrawn sign nobody in.
        let keys = http::answer(&metadata.jwks_uri, self.http.get(&metadata.jwks_uri)).await?;
        let unreadable =
            |_| ProviderError::Away { asked: metadata.jwks_uri.clone(), why: "its keys are no JSON".into() };
        let keys: Value = serde_json::from_slice(&keys).map_err(unreadable)?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client: &self.settings.client,
            nonce: &flow.nonce(),
            strength: &self.settings.strength,
            most_age: self.settings.most_age,
            now,
        };
        expected.identity(&token, &keys)
    }

    /// The ID token for a code (OpenID Connect Core 1.0, section 3.1.3).
    async fn exchange(&self, metadata: &Metadata, flow: &Flow, code: &str) -> Result<Zeroizing<String>, ProviderError> {
        let Settings { client, secret, back, .. } = &self.settings;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", flow.secret()),
        ];
        let mut request = self.http.post(&metadata.token_endpoint);
        match secret {
            Some(secret) if metadata.wants_secret_in_form() => {
                form.extend([("client_id", client.as_str()), ("client_secret", secret.as_str())]);
            }
            // RFC 6749, section 2.3.1: both are escaped first.
            Some(secret) => {
                let pair = Zeroizing::new(format!("{}:{}", escaped(client), escaped(secret)));
                request = request.header("authorization", format!("Basic {}", base64(pair.as_bytes())));
            }
            None => form.push(("client_id", client)),
        }
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body.join("&"));
        let said = Zeroizing::new(http::answer(&metadata.token_endpoint, request).await?);
        let tokens: Tokens = serde_json::from_slice(&said)
            .map_err(|_| ProviderError::Away { asked: metadata.token_endpoint.clone(), why: "no ID token".into() })?;
        Ok(Zeroizing::new(tokens.id_token))
    }
}

/// How long what a provider says of itself is believed.
const REMEMBERED: Duration = Duration::from_mins(5);
/// How long it is not asked again when it gave no answer.
const LOST: Duration = Duration::from_secs(5);
/// How long one waits for a place.
const PATIENCE: Duration = Duration::from_secs(5);
/// Exchanges of codes at once.
const AT_ONCE: usize = 8;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn settings() -> Settings {
        Settings {
            name: "Police log-in".into(),
            issuer: "https://login.example".into(),
            client: "comity desk".into(),
            secret: None,
            back: "https://node.example:7443/desk/provider/back".into(),
            pin: None,
            strength: Strength::default(),
            most_age: 3_600,
        }
    }

    #[test]
    fn a_provider_without_tls_or_client_is_none() {
        for (issuer, client) in
            [("http://login.example", "comity"), ("https://login.example?x", "comity"), ("https://login.example", "")]
        {
            let settings = Settings { issuer: issuer.into(), client: client.into(), ..settings() };
            assert!(matches!(Provider::new(settings), Err(ProviderError::Settings(_))), "{issuer} {client}");
        }
    }
}
