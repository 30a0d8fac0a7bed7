use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use comity_base::OrgName;
use comity_node::{Authority, Clock, Ctx, Node, NodeError, Purpose};
use comity_taxii::CursorKey;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::listen::Caller;
use crate::principal::{Acting, Doorman, Principal};
use crate::problem::Problem;
use crate::rates::Rates;
use crate::traffic::Traffic;
use crate::turns::{Arrived, Turns, turn};

/// What every handler works with.
#[derive(Clone)]
pub struct Site {
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
    news: watch::Receiver<u64>,
    cursors: CursorKey,
    tag_key: [u8; 32],
    turns: Turns,
    rates: Rates,
    traffic: Arc<Traffic>,
    /// Memory for bodies that are read, in pieces of [`PIECE`].
    memory: Arc<Semaphore>,
}

impl Site {
    /// For one node: its name, its clock, who tells of news, how often who may ask, and where answers are counted.
    pub fn new(
        node: Arc<Node>,
        organisation: OrgName,
        clock: Clock,
        (news, rates, traffic): (watch::Receiver<u64>, Rates, Arc<Traffic>),
    ) -> Self {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let (cursors, tag_key) = (CursorKey::new(&node.derived_key("taxii next")), node.derived_key("entity tags"));
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
            news,
            cursors,
            tag_key,
            turns,
            rates,
            traffic,
            memory,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Whose node this is.
    pub fn organisation(&self) -> &OrgName {
        &self.inner.organisation
    }

    /// The key of `next` tokens.
    pub fn cursors(&self) -> &CursorKey {
        &self.inner.cursors
    }

    /// The key of entity tags.
    pub fn tag_key(&self) -> &[u8; 32] {
        &self.inner.tag_key
    }

    /// What is going on for each organisation.
    pub fn turns(&self) -> &Turns {
        &self.inner.turns
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
    pub fn news(&self) -> watch::Receiver<u64> {
        self.inner.news.clone()
    }

    /// As whom the node acts for a principal.
    pub fn ctx(&self, principal: Option<&Principal>) -> Ctx {
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

    /// As an account of this organisation acts, for this purpose.
    pub fn ctx_of(&self, acting: &Acting, purpose: Purpose) -> Ctx {
        Ctx {
            actor: acting.name.clone(),
            authority: Arc::clone(&acting.authority),
            organisation: self.inner.organisation.clone(),
            purpose,
            case: None,
            reason: None,
            clock: Arc::clone(&self.inner.clock),
        }
    }

    /// Runs work that blocks, where a place for it becomes free soon enough.
    ///
    /// # Errors
    /// When none does, the work fails or breaks off.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = soon(&self.inner.places, 1).await.ok_or_else(Problem::busy)?;
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

    /// Memory for so many pieces of a body, where there is some soon enough.
    pub(crate) async fn memory(&self, pieces: u32) -> Option<OwnedSemaphorePermit> {
        soon(&self.inner.memory, pieces).await
    }

    /// Finds out who a request comes from.
    pub(crate) async fn recognise(&self, parts: &Parts) -> Arrived {
        let caller = parts.extensions.get::<Caller>().copied();
        self.inner.doorman.check(&parts.headers, caller.as_ref(), &self.inner.rates)?;
        let headers = parts.headers.clone();
        let site = self.clone();
        self.work(move |node| {
            let now = (site.inner.clock)();
            let own = &site.inner.organisation;
            site.inner.doorman.recognise(node, &headers, caller.as_ref(), (own, now))
        })
        .await
    }
}

/// So many of these places, where they become free soon enough.
pub async fn soon(places: &Arc<Semaphore>, many: u32) -> Option<OwnedSemaphorePermit> {
    let held = tokio::time::timeout(PATIENCE, Arc::clone(places).acquire_many_owned(many)).await;
    held.ok().and_then(Result::ok)
}

/// Requests that read or write the store at once.
const AT_ONCE: usize = 16;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of all bodies that are in memory at once.
const MEMORY: usize = 512 << 20;
/// Bytes of a body that one permit is for.
pub(crate) const PIECE: usize = 64 << 10;
