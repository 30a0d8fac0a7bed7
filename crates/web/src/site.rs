use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;
use comity_base::OrgName;
use comity_node::{Clock, Ctx, Node, NodeError, Peer, Purpose};
use comity_taxii::CursorKey;
use http_body_util::BodyExt as _;
use tokio::sync::{Semaphore, watch};

use crate::listen::Caller;
use crate::principal::{Doorman, Principal};
use crate::problem::Problem;

/// What every handler works with.
#[derive(Clone)]
pub(crate) struct Site {
    inner: Arc<Inner>,
}

struct Inner {
    node: Arc<Node>,
    organisation: OrgName,
    clock: Clock,
    doorman: Doorman,
    /// Places for work that blocks: reading and writing the store.
    places: Arc<Semaphore>,
    news: watch::Receiver<u64>,
    cursors: CursorKey,
    tag_key: [u8; 32],
}

impl Site {
    pub(crate) fn new(node: Arc<Node>, organisation: OrgName, clock: Clock, news: watch::Receiver<u64>) -> Self {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let (cursors, tag_key) = (CursorKey::new(&node.derived_key("taxii next")), node.derived_key("entity tags"));
        let doorman = Doorman::default();
        Self { inner: Arc::new(Inner { node, organisation, clock, doorman, places, news, cursors, tag_key }) }
    }

    /// Whose node this is.
    pub(crate) fn organisation(&self) -> &OrgName {
        &self.inner.organisation
    }

    /// The key of `next` tokens.
    pub(crate) fn cursors(&self) -> &CursorKey {
        &self.inner.cursors
    }

    /// The key of entity tags.
    pub(crate) fn tag_key(&self) -> &[u8; 32] {
        &self.inner.tag_key
    }

    /// Tells when the log has grown.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.inner.news.clone()
    }

    /// As whom the node acts for a principal.
    pub(crate) fn ctx(&self, principal: Option<&Principal>) -> Ctx {
        let actor = principal.map_or_else(
            || "nobody known".to_owned(),
            |principal| format!("{} ({})", principal.organisation, principal.by),
        );
        Ctx {
            actor,
            organisation: self.inner.organisation.clone(),
            purpose: Purpose::default(),
            clock: Arc::clone(&self.inner.clock),
        }
    }

    /// Runs work that blocks, where a place for it becomes free soon enough.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.inner.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(Problem::busy()) };
        let node = Arc::clone(&self.inner.node);
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&node)
        });
        match done.await {
            Ok(done) => Ok(done?),
            Err(_) => Err(Problem::broken()),
        }
    }

    /// Who a request comes from.
    pub(crate) async fn who(&self, parts: &Parts) -> Result<Option<Principal>, Problem> {
        let caller = parts.extensions.get::<Caller>().copied();
        let headers = parts.headers.clone();
        let site = self.clone();
        self.work(move |node| {
            let now = (site.inner.clock)();
            site.inner.doorman.recognise(node, &headers, caller.as_ref(), now)
        })
        .await
    }
}

/// The peer whose node sent the request, over a connection made with its own TLS key.
pub(crate) struct FromNode(pub(crate) Peer);

impl FromRequestParts<Site> for FromNode {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let principal = site.who(parts).await?;
        let peer = principal.and_then(|principal| principal.node).ok_or_else(Problem::not_a_node)?;
        if !peer.is_active() {
            return Err(Problem::suspended(&peer.name));
        }
        Ok(Self(peer))
    }
}

/// Reads a whole body of at most so many bytes, in bounded time.
pub(crate) async fn body(request: Request, most: usize) -> Result<Vec<u8>, Problem> {
    let limited = http_body_util::Limited::new(request.into_body(), most);
    match tokio::time::timeout(BODY, limited.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Problem::too_large(most)),
        Ok(Err(error)) => Err(Problem::broken_body(&error.to_string())),
        Err(_) => Err(Problem::slow()),
    }
}

/// JSON of a node's own API.
pub(crate) fn json(bytes: Vec<u8>) -> Response {
    let mut response = Response::new(axum::body::Body::from(bytes));
    let json = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, json);
    response
}

/// Requests that read or write the store at once.
const AT_ONCE: usize = 16;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a body may take to arrive.
const BODY: Duration = Duration::from_mins(1);
