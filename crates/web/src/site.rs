use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;
use comity_base::OrgName;
use comity_crypto::TokenKey;
use comity_node::{Authority, Clock, Ctx, Node, NodeError, Peer, Purpose};
use comity_oidc::Provider;
use comity_stix::value::Values;
use comity_taxii::CursorKey;
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::listen::Caller;
use crate::pages::{Drafts, Screenings};
use crate::principal::{Doorman, Principal};
use crate::problem::Problem;
use crate::rates::{Net, Rate, Rates};
use crate::traffic::Traffic;
use crate::turns::{Arrived, Turns, arrived, turn};

/// What every handler works with.
#[derive(Clone)]
pub(crate) struct Site {
    inner: Arc<Inner>,
}

struct Inner {
    node: Arc<Node>,
    organisation: OrgName,
    /// What others act with here; the doors ask their agreements.
    authority: Arc<Authority>,
    clock: Clock,
    doorman: Doorman,
    /// Places for work that blocks: reading and writing the store.
    places: Arc<Semaphore>,
    /// Places for hashing passwords.
    hashing: Arc<Semaphore>,
    news: watch::Receiver<u64>,
    cursors: CursorKey,
    tag_key: [u8; 32],
    turns: Turns,
    rates: Rates,
    traffic: Arc<Traffic>,
    /// Where people of this organisation may log in.
    provider: Option<Arc<Provider>>,
    /// What the node runs with.
    settings: Vec<(String, String)>,
    flow_key: TokenKey,
    /// How often somebody comes back from there, by address.
    returns: Rate<Net>,
    /// Memory for bodies that are read, in pieces of [`PIECE`].
    memory: Arc<Semaphore>,
    screenings: Screenings,
    drafts: Drafts,
    countries: Mutex<Option<(std::time::Instant, Countries)>>,
}

/// Says where an organisation sits.
pub(crate) type Countries = Arc<dyn Fn(&OrgName) -> Option<String> + Send + Sync>;

impl Site {
    pub(crate) fn new(
        node: Arc<Node>,
        organisation: OrgName,
        clock: Clock,
        (news, rates, traffic): (watch::Receiver<u64>, Rates, Arc<Traffic>),
        (provider, settings): (Option<Arc<Provider>>, Vec<(String, String)>),
    ) -> Self {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let (cursors, tag_key) = (CursorKey::new(&node.derived_key("taxii next")), node.derived_key("entity tags"));
        let flow_key = TokenKey::new(&node.derived_key("provider flows"));
        let doorman = Doorman::default();
        let (turns, memory) = (Turns::default(), Arc::new(Semaphore::new(MEMORY / PIECE)));
        let authority = Arc::new(Authority::peer());
        let inner = Inner {
            node,
            organisation,
            authority,
            clock,
            doorman,
            places,
            hashing: Arc::new(Semaphore::new(HASHING)),
            news,
            cursors,
            tag_key,
            turns,
            rates,
            traffic,
            provider,
            settings,
            flow_key,
            returns: Rate::new(RETURNS, RETURNS_BURST),
            memory,
            screenings: Screenings::default(),
            drafts: Drafts::default(),
            countries: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
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

    /// What is going on for each organisation.
    pub(crate) fn turns(&self) -> &Turns {
        &self.inner.turns
    }

    /// A place for hashing a password, where one becomes free soon enough.
    pub(crate) async fn hashing(&self) -> Option<OwnedSemaphorePermit> {
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.inner.hashing).acquire_owned()).await;
        place.ok().and_then(Result::ok)
    }

    /// Where answers are counted.
    pub(crate) fn traffic(&self) -> &Traffic {
        &self.inner.traffic
    }

    /// How often who may ask.
    pub(crate) fn rates(&self) -> &Rates {
        &self.inner.rates
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
            authority: Arc::clone(&self.inner.authority),
            organisation: self.inner.organisation.clone(),
            purpose: principal.map_or_else(Purpose::default, |principal| principal.purpose),
            case: None,
            reason: None,
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
        let (node, turn, span) = (Arc::clone(&self.inner.node), turn(), tracing::info_span!("work"));
        let done = tokio::task::spawn_blocking(move || {
            // Work goes on when whoever asked for it is gone; so does its turn.
            let _held = (place, turn);
            span.in_scope(|| work(&node))
        });
        match done.await {
            Ok(done) => Ok(done?),
            Err(error) => {
                tracing::error!(panicked = error.is_panic(), "the work for a request broke off");
                Err(Problem::broken())
            }
        }
    }

    /// What this organisation calls itself.
    pub(crate) fn bureau(&self) -> String {
        self.inner.node.full_name().unwrap_or_else(|| self.inner.organisation.to_string())
    }

    /// Says where organisations sit, as [`Self::learn_countries`] found it last.
    pub(crate) fn countries(&self) -> Countries {
        let kept = self.inner.countries.lock();
        kept.as_ref().map_or_else(|| Arc::new(|_: &OrgName| None) as Countries, |(_, countries)| Arc::clone(countries))
    }

    /// Looks up anew where organisations sit, where that was some time ago. For work that blocks.
    pub(crate) fn learn_countries(&self) {
        let is_new = |kept: &Option<(std::time::Instant, Countries)>| {
            kept.as_ref().is_some_and(|(since, _)| since.elapsed() < COUNTRIES)
        };
        if is_new(&self.inner.countries.lock()) {
            return;
        }
        let node = &self.inner.node;
        let mut known = std::collections::HashMap::new();
        // What cannot be read now is not shown for a moment.
        for peer in node.peers().unwrap_or_default() {
            known.insert(peer.name, peer.country);
        }
        for source in node.sources().unwrap_or_default() {
            if source.country.is_some() {
                known.insert(source.name, source.country);
            }
        }
        if let Ok(ourselves) = node.ourselves() {
            known.insert(ourselves.name.clone(), ourselves.country.clone());
        }
        let countries: Countries = Arc::new(move |name: &OrgName| known.get(name).cloned().flatten());
        *self.inner.countries.lock() = Some((std::time::Instant::now(), countries));
    }

    /// Reads values as the node does.
    pub(crate) fn values(&self) -> Values {
        self.inner.node.values().clone()
    }

    /// What is being brought in at the desk.
    pub(crate) fn drafts(&self) -> &Drafts {
        &self.inner.drafts
    }

    /// What was screened lately.
    pub(crate) fn screenings(&self) -> &Screenings {
        &self.inner.screenings
    }

    /// The organisation's own identity provider.
    pub(crate) fn provider(&self) -> Option<&Provider> {
        self.inner.provider.as_deref()
    }

    /// What the node runs with, without secrets.
    pub(crate) fn settings(&self) -> &[(String, String)] {
        &self.inner.settings
    }

    /// What people call it; empty where there is none.
    pub(crate) fn provider_name(&self) -> String {
        self.provider().map_or_else(String::new, |provider| provider.name().to_owned())
    }

    /// Whether one more may come back from there, from this address.
    pub(crate) fn may_come_back(&self, from: IpAddr) -> bool {
        self.inner.returns.check(&Net::from(from)).is_ok()
    }

    /// The key of what a browser keeps while somebody is there.
    pub(crate) fn flow_key(&self) -> &TokenKey {
        &self.inner.flow_key
    }

    /// Finds out who a request comes from.
    pub(crate) async fn recognise(&self, parts: &Parts) -> Arrived {
        let caller = parts.extensions.get::<Caller>().copied();
        self.inner.doorman.check(&parts.headers, caller.as_ref(), &self.inner.rates)?;
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

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        let peer = arrived(parts)?.and_then(|principal| principal.node).ok_or_else(Problem::not_a_node)?;
        if !peer.is_active() {
            return Err(Problem::suspended(&peer.name));
        }
        Ok(Self(peer))
    }
}

/// A body that is in memory, and keeps its place there.
pub(crate) struct Posted {
    pub(crate) bytes: Vec<u8>,
    /// Given back when the body is.
    memory: Option<OwnedSemaphorePermit>,
}

/// Reads a whole body of at most so many bytes, in bounded time, where there is memory for it.
pub(crate) async fn body(site: &Site, request: Request, most: usize) -> Result<Posted, Problem> {
    body_within(site, request, most, BODY).await
}

/// As [`body`], in as much time.
pub(crate) async fn body_within(
    site: &Site,
    request: Request,
    most: usize,
    patience: Duration,
) -> Result<Posted, Problem> {
    let mut stream = request.into_body();
    let mut posted = Posted { bytes: Vec::new(), memory: None };
    let read = async {
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|error| Problem::broken_body(&error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            if posted.bytes.len() + data.len() > most {
                return Err(Problem::too_large(most));
            }
            posted.grow(site, data.len()).await?;
            posted.bytes.extend_from_slice(&data);
        }
        Ok(())
    };
    match tokio::time::timeout(patience, read).await {
        Ok(read) => read.map(|()| posted),
        Err(_) => Err(Problem::slow()),
    }
}

impl Posted {
    /// The bytes, and what is to be kept as long as they are in memory.
    pub(crate) fn into_parts(self) -> (Vec<u8>, impl Send + 'static) {
        (self.bytes, self.memory)
    }
}

impl std::ops::Deref for Posted {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Posted {
    /// Takes the memory for so many bytes more.
    async fn grow(&mut self, site: &Site, more: usize) -> Result<(), Problem> {
        let held = self.memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = (self.bytes.len() + more).div_ceil(PIECE);
        let Some(lacking) = needed.checked_sub(held).filter(|lacking| *lacking > 0) else { return Ok(()) };
        let pieces = u32::try_from(lacking).map_err(|_| Problem::busy())?;
        let memory = Arc::clone(&site.inner.memory).acquire_many_owned(pieces);
        let Ok(Ok(memory)) = tokio::time::timeout(PATIENCE, memory).await else { return Err(Problem::busy()) };
        match &mut self.memory {
            Some(held) => held.merge(memory),
            none => *none = Some(memory),
        }
        Ok(())
    }
}

/// JSON of a node's own API.
pub(crate) fn json(bytes: Vec<u8>) -> Response {
    let mut response = Response::new(axum::body::Body::from(bytes));
    let json = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, json);
    response
}

/// Log-ins by the identity provider from one address in a second, and of a sudden as many as in so many seconds.
const RETURNS: u32 = 1;
const RETURNS_BURST: u32 = 20;
/// How long it is remembered where organisations sit.
const COUNTRIES: Duration = Duration::from_secs(5);
/// Passwords hashed at once.
const HASHING: usize = 2;
/// Requests that read or write the store at once.
const AT_ONCE: usize = 16;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of all bodies that are in memory at once.
const MEMORY: usize = 512 << 20;
/// Bytes of a body that one permit is for.
const PIECE: usize = 64 << 10;
/// How long a body may take to arrive.
const BODY: Duration = Duration::from_mins(1);
