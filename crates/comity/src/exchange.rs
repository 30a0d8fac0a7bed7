//! What a serving process does by itself for the exchange with peers: fetches, brings what waits in the outbox.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use comity_base::OrgName;
use comity_crypto::{hex, sha256};
use comity_ledger::NoteVerifier;
use comity_node::{Client, Ctx, Node, NodeError, Peer, Turns, log_name};
use comity_taxii::{Countersigning, PeerClient, PeerError};
use comity_tls::Identity;
use tokio::task::JoinHandle;

use crate::desk::Desk;
use crate::mirror::{self, Mirror, MirrorConfig};
use crate::network;
use crate::output::printable;

/// The exchange with every peer's node, one task each.
pub(crate) struct Exchange<'s> {
    pub(crate) desk: &'s Desk,
    pub(crate) node: &'s Arc<Node>,
    pub(crate) ctx: &'s Ctx,
    pub(crate) turns: &'s Arc<Turns>,
    pub(crate) identity: Identity,
    /// Whose ledgers are copied, and the node's folder they are copied into.
    pub(crate) mirrors: (MirrorConfig, PathBuf),
    pub(crate) stop: &'s Arc<AtomicBool>,
}

/// The exchange with one peer.
struct Line {
    node: Arc<Node>,
    ctx: Ctx,
    turns: Arc<Turns>,
    client: PeerClient,
    identity: Identity,
    peer: OrgName,
    mirrors: (MirrorConfig, PathBuf),
    stop: Arc<AtomicBool>,
}

/// What went wrong with one peer.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Network(#[from] PeerError),
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl Trouble {
    /// How long to wait at most before the next try: who is there and says no may say yes after the next signature.
    fn longest(&self) -> Duration {
        if matches!(self, Self::Network(PeerError::Refused { .. })) { REFUSED } else { LONGEST }
    }
}

/// The lease under which one process of several exchanges.
pub(crate) const LEASE: &str = "exchange";

impl Exchange<'_> {
    /// Runs until the process is stopped.
    pub(crate) fn run(self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(8)
            .thread_name("exchange")
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => {
                runtime.block_on(self.keep_lines());
                runtime.shutdown_timeout(Duration::from_secs(2));
            }
            Err(error) => self.desk.error(&anyhow::Error::new(error).context("starting the exchange with peers")),
        }
    }

    /// One line for each peer; a peer that changed its address or keys gets a new one.
    async fn keep_lines(self) {
        let mut lines: BTreeMap<OrgName, (Peer, JoinHandle<()>)> = BTreeMap::new();
        while !self.stop.load(Ordering::Relaxed) {
            let node = Arc::clone(self.node);
            let Ok(peers) = blocking(move || node.peers()).await else {
                tokio::time::sleep(LOOK).await;
                continue;
            };
            let wanted = |peer: &Peer| peer.is_active() && peer.client == Client::Node && peer.vouched_by.is_none();
            let peers: Vec<Peer> = peers.into_iter().filter(wanted).collect();
            // Nothing is asked of, or brought to, whom the exchange was suspended with.
            lines.retain(|name, (_, line)| {
                let stays = peers.iter().any(|peer| peer.name == *name);
                if !stays {
                    line.abort();
                }
                stays
            });
            for peer in peers {
                if lines.get(&peer.name).is_some_and(|(known, line)| *known == peer && !line.is_finished()) {
                    continue;
                }
                if let Some((_, old)) = lines.remove(&peer.name) {
                    old.abort();
                }
                match network::client_of(&peer, &self.identity) {
                    Ok(Some(client)) => {
                        let line = self.line(&peer, client);
                        lines.insert(peer.name.clone(), (peer, tokio::spawn(line.run())));
                    }
                    Ok(None) => {}
                    Err(error) => self.desk.error(&error.context(format!("exchanging with {}", peer.name))),
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        for (_, line) in lines.into_values() {
            line.abort();
        }
    }

    fn line(&self, peer: &Peer, client: PeerClient) -> Line {
        Line {
            node: Arc::clone(self.node),
            ctx: self.ctx.clone(),
            turns: Arc::clone(self.turns),
            client,
            identity: self.identity.clone(),
            peer: peer.name.clone(),
            mirrors: self.mirrors.clone(),
            stop: Arc::clone(self.stop),
        }
    }
}

impl Line {
    async fn run(self) {
        let this = Arc::new(self);
        // All of it ends when this does: with another address or key, or none any more, nothing goes on with the old one.
        tokio::join!(
            this.keep(async |line| line.fetch().await),
            this.keep(async |line| line.bring().await),
            this.keep(async |line| line.countersign().await),
            this.mirror(),
        );
    }

    /// Does something again and again; after each failure in a row it waits longer.
    async fn keep(self: &Arc<Self>, work: impl AsyncFn(&Arc<Self>) -> Result<Duration, Trouble>) {
        let mut failures = 0;
        while !self.stop.load(Ordering::Relaxed) {
            if !self.node.is_ready() || self.turns.fence(LEASE).is_none() {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            let pause = match work(self).await {
                Ok(pause) => {
                    failures = 0;
                    pause
                }
                Err(trouble) => {
                    failures += 1;
                    self.note(printable(&trouble.to_string())).await;
                    SHORTEST.saturating_mul(1 << failures.min(8_u32)).min(trouble.longest())
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Fetches one page and takes it in.
    async fn fetch(self: &Arc<Self>) -> Result<Duration, Trouble> {
        let this = Arc::clone(self);
        let cursor = blocking(move || this.node.fetched(&this.peer)).await?.map(|fetched| fetched.cursor);
        let page = self.client.feed(cursor.as_deref(), PAGE, WAIT).await?;
        let this = Arc::clone(self);
        let taken = blocking(move || {
            let peer = this.node.known_peer(&this.peer)?;
            this.node.take_page(&this.ctx, &peer, &page)
        });
        taken.await?;
        self.note(String::new()).await;
        Ok(Duration::ZERO)
    }

    /// Copies its ledger, where this node is to. What does not hold is told each time.
    async fn mirror(self: &Arc<Self>) {
        let (config, _) = &self.mirrors;
        if !config.names(&self.peer) {
            return;
        }
        // It ends with this line, whatever it waits for: nothing is asked of a peer that was suspended.
        let gone = Gone(Arc::default());
        while !self.stop.load(Ordering::Relaxed) {
            if !self.node.is_ready() || self.turns.fence(LEASE).is_none() {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            let (this, over) = (Arc::clone(self), Arc::clone(&gone.0));
            let (done, told) = tokio::sync::oneshot::channel();
            // On a thread of its own: a copy may take hours, and the exchange with everybody waits for nobody's.
            let begun = std::thread::Builder::new().name("mirror".to_owned()).spawn(move || {
                // Where nobody waits for it any more, nobody is told.
                drop(done.send(this.update_mirrors(&over)));
            });
            let troubles = match begun {
                Ok(_) => told.await.unwrap_or_default(),
                Err(error) => vec![error.into()],
            };
            let pause = if troubles.is_empty() { Duration::from_mins(config.minutes.max(1)) } else { LONGEST };
            for trouble in troubles {
                let (peer, trouble) = (self.peer.as_str(), format!("{trouble:#}"));
                tracing::error!(error = %trouble, peer, "MIRROR: a peer's ledger could not be copied, or does not hold");
            }
            tokio::time::sleep(pause).await;
        }
    }

    fn update_mirrors(&self, over: &AtomicBool) -> Vec<anyhow::Error> {
        let reached = || -> anyhow::Result<_> {
            let peer = self.node.known_peer(&self.peer)?;
            let client = network::client_of(&peer, &self.identity)?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Ok((peer, client, runtime))
        };
        let (config, folder) = &self.mirrors;
        let (peer, client, runtime) = match reached() {
            Ok((peer, Some(client), runtime)) => (peer, client, runtime),
            Ok((_, None, _)) => return Vec::new(),
            Err(error) => return vec![error],
        };
        let update = |(log, key): (u32, NoteVerifier)| {
            let fetch = |path: &str| runtime.block_on(client.ledger_file(&log_name(log), path));
            let most = config.gib.saturating_mul(1 << 30);
            let folder = Mirror::place(folder, &self.peer, log);
            let all = folder.parent().unwrap_or(&folder).to_owned();
            let mirror = Mirror { folder, key, most: (all, most) };
            // A log that nothing was signed for yet is none to copy.
            if Mirror::size(&mirror.folder).is_none() && matches!(fetch("checkpoint"), Ok(None)) {
                return None;
            }
            mirror.update(&fetch, over, &mut |_| ()).err()
        };
        mirror::logs_of(&peer).into_iter().filter_map(update).collect()
    }

    /// Brings what waits in the outbox, in order. What the other side refuses for good is not brought again.
    async fn bring(self: &Arc<Self>) -> Result<Duration, Trouble> {
        let this = Arc::clone(self);
        for (key, message) in blocking(move || this.node.outbox(&this.peer)).await? {
            let brought = self.client.message(message).await;
            if !brought.as_ref().is_err_and(PeerError::is_passing) {
                let this = Arc::clone(self);
                blocking(move || this.node.sent(&key)).await?;
            }
            brought?;
        }
        Ok(LOOK)
    }

    /// Has the newest checkpoint of this node's ledger countersigned.
    async fn countersign(self: &Arc<Self>) -> Result<Duration, Trouble> {
        let this = Arc::clone(self);
        let due = blocking(move || this.node.checkpoint_for(&this.node.known_peer(&this.peer)?));
        let Some((log, request)) = due.await? else { return Ok(LOOK) };
        let answer = self.client.add_checkpoint(request.clone()).await?;
        let this = Arc::clone(self);
        let peer = blocking(move || this.node.known_peer(&this.peer)).await?;
        let this = Arc::clone(self);
        match answer {
            Countersigning::Signed(lines) => {
                blocking(move || this.node.countersigned(&peer, log, &request, &lines)).await?;
            }
            Countersigning::Knows(size) => {
                let known = peer.clone();
                let another = blocking(move || this.node.knows_another(&known, log, size)).await;
                if another.is_err() {
                    self.contradicted(peer, log).await?;
                    another?;
                }
            }
            Countersigning::Contradicted => {
                self.contradicted(peer, log).await?;
                // It contradicts, and shows nothing: there is nothing to do but to ask again later.
                return Ok(WAIT);
            }
        }
        Ok(LOOK)
    }

    /// A witness's word is not enough: what this node's own key signed is looked at.
    async fn contradicted(self: &Arc<Self>, peer: Peer, log: u32) -> Result<(), Trouble> {
        let origin = self.node.log_origin(log)?;
        let Some(note) = self.client.witnessed(&hex(&sha256(origin.as_bytes()))).await? else { return Ok(()) };
        let this = Arc::clone(self);
        blocking(move || this.node.shown_by_witness(&peer, log, &note)).await?;
        Ok(())
    }

    /// Notes what does not work, or that all is well again.
    async fn note(self: &Arc<Self>, text: String) {
        let this = Arc::clone(self);
        // What cannot be noted shows at the next failure.
        drop(blocking(move || this.node.note_trouble(&this.ctx, &this.peer, &text)).await);
    }
}

/// Says that a line has ended to what it began.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The store blocks, so it is asked on a thread where that holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, NodeError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| NodeError::Stage)?
}

/// How often peers and the outbox are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How long the other side may wait for news before it answers.
const WAIT: Duration = Duration::from_secs(25);
/// Objects fetched at once.
const PAGE: usize = 5_000;
/// Pauses after failures in a row.
const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_mins(1);
const REFUSED: Duration = Duration::from_secs(5);
