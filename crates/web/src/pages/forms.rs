use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use serde::de::DeserializeOwned;

use super::language::Words;
use super::reply::Trouble;
use crate::query::Query;
use crate::site::{Posted, Site, body};

/// What a page sent: short, and within seconds.
pub(super) struct Sent(Posted);

impl FromRequest<Site> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let words = Words::of(request.headers(), request.uri().query());
        match tokio::time::timeout(PATIENCE, body(site, request, LONGEST_JSON)).await {
            Ok(Ok(posted)) => Ok(Self(posted)),
            Ok(Err(problem)) => Err(Trouble::from(problem).plain(words)),
            Err(_) => Err(Trouble::Failed.plain(words)),
        }
    }
}

/// The fields of a form as a browser sends them.
pub(super) struct Fields(Query);

impl Fields {
    pub(super) fn read(Sent(body): &Sent) -> Self {
        Self(Query::parse(&String::from_utf8_lossy(body.get(..LONGEST.min(body.len())).unwrap_or_default())))
    }

    /// A field, empty where it is not there, and no longer than any that is meant.
    pub(super) fn get(&self, name: &str) -> String {
        self.0.all(name).next().unwrap_or_default().chars().take(MOST).collect()
    }
}

/// What a script sent.
pub(super) fn json<T: DeserializeOwned>(Sent(body): &Sent) -> Result<T, Trouble> {
    serde_json::from_slice(body).map_err(|_| Trouble::Failed)
}

/// Characters of a field.
const MOST: usize = 1_024;
const LONGEST: usize = 16 << 10;
const LONGEST_JSON: usize = 128 << 10;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
