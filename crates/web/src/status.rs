use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use comity_http::Traffic;
use comity_node::{Node, Turns};
use parking_lot::Mutex;
use serde_json::json;

/// What a serving process knows of itself.
pub struct Status {
    node: Arc<Node>,
    turns: Arc<Turns>,
    started: Instant,
    followed: Mutex<Followed>,
    overdue: AtomicU64,
    ledger_troubles: AtomicU64,
    misconducts: AtomicU64,
    rights_overdue: AtomicU64,
    stopping: AtomicBool,
    traffic: Arc<Traffic>,
}

struct Followed {
    at: Instant,
    visible: u64,
    trouble: Option<String>,
}

impl Status {
    /// That of a process that has just begun.
    pub fn new(node: Arc<Node>, turns: Arc<Turns>) -> Self {
        let now = Instant::now();
        let visible = node.position().0;
        Self {
            node,
            turns,
            started: now,
            followed: Mutex::new(Followed { at: now, visible, trouble: None }),
            overdue: AtomicU64::new(0),
            ledger_troubles: AtomicU64::new(0),
            misconducts: AtomicU64::new(0),
            rights_overdue: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            traffic: Arc::default(),
        }
    }

    /// Notes how many logs are not what was signed for.
    pub fn ledger_troubles(&self, logs: u64) {
        self.ledger_troubles.store(logs, Ordering::Relaxed);
    }

    /// Notes how many contradictions in logs of peers were seen.
    pub fn misconducts(&self, seen: u64) {
        self.misconducts.store(seen, Ordering::Relaxed);
    }

    /// Notes how many receipts of recalls are overdue.
    pub fn overdue(&self, receipts: u64) {
        self.overdue.store(receipts, Ordering::Relaxed);
    }

    /// Notes how many requests of people about their own data are past their day.
    pub fn rights_overdue(&self, requests: u64) {
        self.rights_overdue.store(requests, Ordering::Relaxed);
    }

    /// What the network side of this process counts its answers in.
    pub fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
    }

    /// Notes that it will stop in a moment: who has not come yet should go elsewhere.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Notes that the log was followed up to a position, or why not.
    pub fn followed(&self, reached: Result<u64, String>) {
        let mut followed = self.followed.lock();
        match reached {
            Ok(visible) => *followed = Followed { at: Instant::now(), visible, trouble: None },
            Err(trouble) => followed.trouble = Some(trouble),
        }
    }

    /// Whether it is up to date: it has caught up since it began, and the log was followed lately.
    fn is_well(&self) -> bool {
        self.node.is_ready() && self.followed.lock().at.elapsed() < STALE
    }

    fn health(&self) -> serde_json::Value {
        let well = self.is_well();
        let followed = self.followed.lock();
        json!({
            "well": well,
            "position": self.node.position().0,
            "visible": followed.visible,
            "followed_seconds_ago": followed.at.elapsed().as_secs_f64(),
            "trouble": followed.trouble,
            "leases": self.turns.held(),
            "up_seconds": self.started.elapsed().as_secs(),
        })
    }

    /// In the text format of Prometheus, version 0.0.4.
    fn metrics(&self) -> String {
        let mut out = String::new();
        let mut gauge = |name: &str, help: &str, value: f64| {
            // Writing into a string cannot fail.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        };
        let ago = self.followed.lock().at.elapsed().as_secs_f64();
        gauge("comity_position", "Last position that queries of this process see.", float(self.node.position().0));
        gauge("comity_followed_seconds", "Seconds since the log was followed.", ago);
        gauge("comity_up_seconds", "Seconds since this process began.", self.started.elapsed().as_secs_f64());
        gauge("comity_leases", "Single-run work this process does.", float(self.turns.held().len() as u64));
        let overdue = float(self.overdue.load(Ordering::Relaxed));
        let troubles = float(self.ledger_troubles.load(Ordering::Relaxed));
        let misconducts = float(self.misconducts.load(Ordering::Relaxed));
        gauge("comity_ledger_misconducts", "Contradictions seen in the logs of peers.", misconducts);
        gauge("comity_ledger_troubles", "Logs of the ledger that are not what was signed for.", troubles);
        gauge("comity_receipts_overdue", "Receipts of recalls that peers should have given by now.", overdue);
        let rights = float(self.rights_overdue.load(Ordering::Relaxed));
        gauge("comity_rights_overdue", "Requests of people about their own data past their day.", rights);
        let transactions = self.node.store().transactions();
        let mut counter = |name: &str, help: &str, of: &dyn Fn(&comity_store::TransactionMetrics) -> f64| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter");
            for transaction in &transactions {
                let _ = writeln!(out, "{name}{{name=\"{}\"}} {}", transaction.name, of(transaction));
            }
        };
        counter("comity_transactions_total", "Transactions that succeeded.", &|t| float(t.done));
        counter("comity_transactions_failed_total", "Transactions that failed in the end.", &|t| float(t.failed));
        counter("comity_transactions_repeated_total", "Attempts that were repeated.", &|t| float(t.repeated));
        counter("comity_transactions_seconds_total", "Time in transactions.", &|t| float(t.micros) / 1e6);
        self.traffic.metrics(&mut out);
        out
    }
}

fn float(number: u64) -> f64 {
    number as f64
}

/// Answers until it is stopped. The listener must be of this machine only: nobody is asked who they are.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(listener: TcpListener, status: Arc<Status>, stop: Arc<AtomicBool>) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let router = Router::new()
            .route("/health", get(health))
            .route("/live", get(async || StatusCode::OK))
            .route("/ready", get(ready))
            .route("/metrics", get(metrics))
            .with_state(status);
        let stopped = async move {
            while !stop.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        axum::serve(tokio::net::TcpListener::from_std(listener)?, router).with_graceful_shutdown(stopped).await
    })
}

async fn health(State(status): State<Arc<Status>>) -> impl IntoResponse {
    let code = if status.is_well() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, [(header::CONTENT_TYPE, "application/json")], status.health().to_string())
}

/// Whether somebody who comes now should come here.
async fn ready(State(status): State<Arc<Status>>) -> StatusCode {
    let is_ready = status.is_well() && !status.stopping.load(Ordering::Relaxed);
    if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

async fn metrics(State(status): State<Arc<Status>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], status.metrics())
}

/// Without a look at the log for so long, this process may be behind.
const STALE: Duration = Duration::from_secs(10);
