use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use comity_tls::{Pin, peer_pin};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

use crate::rates::{Crowd, Net, Present, Rate};

/// Who is at the other end of a connection, as far as the connection itself shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its address.
    pub address: SocketAddr,
    /// The pin of the TLS key it proved to hold, when it showed one.
    pub pin: Option<Pin>,
}

/// What a connection may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most connections at once; others wait to be accepted.
    pub connections: usize,
    /// For a handshake, and for the head of a request.
    pub patience: Duration,
    /// Most requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// Requests of one key in a second, over some seconds; twice as many of one organisation. 0: not counted.
    pub requests_a_second: u32,
    /// Connections of one address at once.
    pub connections_of_address: usize,
    /// New connections of one address in a second, over some seconds. 0: not counted.
    pub connections_a_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            patience: Duration::from_secs(10),
            streams: 64,
            connections_of_address: 512,
            requests_a_second: 500,
            connections_a_second: 100,
        }
    }
}

/// Serves over TLS until told to stop; then lets what is going on come to its end, for a moment.
///
/// Handshakes run beside the accepting of connections: one that is never finished holds up nobody.
pub async fn serve(
    listener: TcpListener,
    tls: watch::Receiver<Arc<ServerConfig>>,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let crowd = Crowd::default();
    let arrivals = Rate::new(limits.connections_a_second, ARRIVALS);
    tokio::pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut stop => break,
        };
        let Ok(place) = place else { break };
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => {
                let Ok(accepted) = accepted else {
                    // Too many open files, or a connection that was gone before it was accepted: take a breath.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                accepted
            }
            () = &mut stop => break,
        };
        // Before the handshake, which costs this side more than the other.
        let net = Net::from(address.ip());
        if arrivals.check(&net).is_err() {
            continue;
        }
        let Some(present) = crowd.enter(net, limits.connections_of_address) else { continue };
        let acceptor = TlsAcceptor::from(Arc::clone(&tls.borrow()));
        let connection = Connection {
            address,
            router: router.clone(),
            limits,
            watcher: graceful.watcher(),
            place: (place, present),
        };
        tokio::spawn(connection.run(acceptor, stream));
    }
    drop(listener);
    // Streams of events never end by themselves.
    drop(tokio::time::timeout(LAST_WORDS, graceful.shutdown()).await);
}

struct Connection {
    address: SocketAddr,
    router: Router,
    limits: Limits,
    watcher: Watcher,
    place: (OwnedSemaphorePermit, Present),
}

impl Connection {
    async fn run(self, acceptor: TlsAcceptor, stream: TcpStream) {
        let _place = self.place;
        drop(stream.set_nodelay(true));
        let handshake = tokio::time::timeout(self.limits.patience, acceptor.accept(stream)).await;
        let Ok(Ok(stream)) = handshake else { return };
        let caller = Caller { address: self.address, pin: pin(&stream) };
        let mut stream = BufReader::with_capacity(FIRST, stream);
        // Whoever connects and says nothing has no place here.
        let spoke = tokio::time::timeout(self.limits.patience, stream.fill_buf()).await;
        if !spoke.is_ok_and(|first| first.is_ok_and(|first| !first.is_empty())) {
            return;
        }
        let router = self.router;
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(caller);
            trim(request.uri_mut());
            router.clone().oneshot(request)
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.limits.patience).max_buf_size(HEAD);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.limits.streams)
            .max_header_list_size(HEAD_LIST)
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(4 << 20)
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(self.limits.patience);
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        // How it ends is the caller's affair: whatever it was promised is durable.
        drop(self.watcher.watch(connection).await);
    }
}

/// `/x/` is `/x`: without a redirect, at which clients forget their credentials.
fn trim(uri: &mut Uri) {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    let trimmed = path.trim_end_matches('/');
    let text = match uri.query() {
        Some(query) => format!("{}?{query}", if trimmed.is_empty() { "/" } else { trimmed }),
        None => if trimmed.is_empty() { "/" } else { trimmed }.to_owned(),
    };
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query = text.parse().ok();
    *uri = Uri::from_parts(parts).unwrap_or_default();
}

fn pin(stream: &TlsStream<TcpStream>) -> Option<Pin> {
    let (_, session) = stream.get_ref();
    peer_pin(session.peer_certificates()?).ok()
}

/// Bytes of a connection that are read before it is served.
const FIRST: usize = 8 << 10;
/// Seconds' worth of connections that may come at once.
const ARRIVALS: u32 = 10;
/// How long open connections are waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// Longest head of a request over HTTP/1.1, in bytes.
const HEAD: usize = 64 << 10;
/// The same over HTTP/2.
const HEAD_LIST: u32 = 64 << 10;
/// After so long a silence an HTTP/2 connection is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_mins(1);
