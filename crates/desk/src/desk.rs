use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use comity_base::OrgName;
use comity_crypto::TokenKey;
use comity_http::{Net, Rate, Site, soon};
use comity_node::Node;
use comity_oidc::Provider;
use comity_stix::value::Values;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::intake::Drafts;
use crate::screening::Screenings;
use crate::search::Searches;

/// What every page works with.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    site: Site,
    node: Arc<Node>,
    /// Places for hashing passwords.
    hashing: Arc<Semaphore>,
    /// Where people of this organisation may log in, besides here.
    provider: Option<Arc<Provider>>,
    /// What the node runs with.
    settings: Vec<(String, String)>,
    flow_key: TokenKey,
    /// How often somebody comes back from there, by address.
    returns: Rate<Net>,
    screenings: Screenings,
    searches: Searches,
    drafts: Drafts,
    countries: Mutex<Option<(std::time::Instant, Countries)>>,
}

/// Says where an organisation sits.
pub(crate) type Countries = Arc<dyn Fn(&OrgName) -> Option<String> + Send + Sync>;

impl Desk {
    /// The desk of a node: where its people may log in besides here, and what it runs with, without secrets.
    pub fn new(site: Site, node: Arc<Node>, provider: Option<Arc<Provider>>, settings: Vec<(String, String)>) -> Self {
        let inner = Inner {
            site,
            hashing: Arc::new(Semaphore::new(HASHING)),
            provider,
            settings,
            flow_key: TokenKey::new(&node.derived_key("provider flows")),
            returns: Rate::new(RETURNS, RETURNS_BURST),
            screenings: Screenings::default(),
            searches: Searches::default(),
            drafts: Drafts::default(),
            countries: Mutex::default(),
            node,
        };
        Self { inner: Arc::new(inner) }
    }

    /// What every answer works with.
    pub(crate) fn site(&self) -> &Site {
        &self.inner.site
    }

    /// A place for hashing a password, where one becomes free soon enough.
    pub(crate) async fn hashing(&self) -> Option<OwnedSemaphorePermit> {
        soon(&self.inner.hashing, 1).await
    }

    /// What this organisation calls itself.
    pub(crate) fn bureau(&self) -> String {
        self.inner.node.full_name().unwrap_or_else(|| self.site().organisation().to_string())
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

    /// What was searched for lately, with what was found.
    pub(crate) fn searches(&self) -> &Searches {
        &self.inner.searches
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
}

/// Log-ins by the identity provider from one address in a second, and of a sudden as many as in so many seconds.
const RETURNS: u32 = 1;
const RETURNS_BURST: u32 = 20;
/// How long it is remembered where organisations sit.
const COUNTRIES: Duration = Duration::from_secs(5);
/// Passwords hashed at once.
const HASHING: usize = 2;
