use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::{Router, middleware};
use comity_base::OrgName;
use comity_desk::Desk;
use comity_http::{Limits, Problem, Rates, Site, Traffic};
use comity_node::{Clock, Node};
use comity_oidc::Provider;
use comity_tls::{Identity, server_config};
use rustls::ServerConfig;
use tokio::sync::watch;

use crate::{between, frontline, lists, misp, public, stream, taxii};

/// What a node needs to answer others.
pub struct Network {
    /// The node.
    pub node: Arc<Node>,
    /// Whose it is.
    pub organisation: OrgName,
    /// The clock.
    pub clock: Clock,
    /// The certificate and key it shows.
    pub identity: Identity,
    /// What connections may cost.
    pub limits: Limits,
    /// Where answers are counted.
    pub traffic: Arc<Traffic>,
    /// Where its people may log in, besides here.
    pub provider: Option<Arc<Provider>>,
    /// What it runs with, for whoever runs or checks it: names like `network.listen`, no secrets.
    pub settings: Vec<(String, String)>,
}

impl Network {
    /// Answers others over TLS until it is stopped.
    ///
    /// # Errors
    /// When the listener or the identity cannot be used.
    pub fn serve(self, listener: TcpListener, stop: &AtomicBool) -> std::io::Result<()> {
        listener.set_nonblocking(true)?;
        let tls = server_config(&self.identity).map_err(std::io::Error::other)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .max_blocking_threads(BLOCKING)
            .thread_name("network")
            .enable_all()
            .build()?;
        let rates = Rates::new(self.limits.requests_a_second);
        let (news, heard) = watch::channel(self.node.position().0);
        let site = Site::new(
            Arc::clone(&self.node),
            self.organisation.clone(),
            Arc::clone(&self.clock),
            (heard, rates, self.traffic),
        );
        let desk = Desk::new(site.clone(), Arc::clone(&self.node), self.provider, self.settings);
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::spawn(tell_news(Arc::clone(&self.node), news));
            let (_tls, tls) = watch::channel(Arc::new(tls) as Arc<ServerConfig>);
            comity_http::serve(listener, tls, router(site, desk), self.limits, stopped(stop)).await;
            Ok::<_, std::io::Error>(())
        })?;
        // Work that still blocks is let go: what it promised was promised after it was durable.
        runtime.shutdown_timeout(Duration::from_secs(1));
        Ok(())
    }
}

/// Every path of the network side.
pub(crate) fn router(site: Site, desk: Desk) -> Router {
    Router::new()
        .merge(between::routes())
        .merge(taxii::routes())
        .merge(stream::routes())
        .merge(lists::routes())
        .merge(misp::routes())
        .merge(frontline::routes())
        .merge(public::routes())
        .merge(comity_desk::routes(desk))
        .fallback(nothing)
        .layer(middleware::from_fn(comity_http::same_site))
        .layer(middleware::from_fn_with_state(site.clone(), comity_http::arrive))
        .layer(middleware::from_fn_with_state(site.clone(), comity_http::count))
        .layer(middleware::map_response(comity_http::strict))
        .with_state(site)
}

async fn nothing() -> (StatusCode, Problem) {
    (StatusCode::NOT_FOUND, Problem::not_found())
}

/// Wakes whoever waits when the log has grown.
async fn tell_news(node: Arc<Node>, news: watch::Sender<u64>) {
    let mut pause = tokio::time::interval(LOOK);
    loop {
        pause.tick().await;
        let position = node.position().0;
        news.send_if_modified(|last| std::mem::replace(last, position) != position);
        if news.is_closed() {
            return;
        }
    }
}

async fn stopped(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How often the log is looked at for those who wait.
const LOOK: Duration = Duration::from_millis(50);
/// Threads that carry bytes.
const WORKERS: usize = 2;
/// Threads that read and write the store for requests.
const BLOCKING: usize = 32;
