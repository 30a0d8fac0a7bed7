use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::site::Site;

/// What the network side has answered since the process began: numbers, and nobody's name.
#[derive(Debug, Default)]
pub struct Traffic {
    /// By the first digit of their status.
    answers: [AtomicU64; 6],
    /// Those that came faster than they are served.
    too_fast: AtomicU64,
    /// Microseconds until the head of an answer was there.
    micros: AtomicU64,
    /// Answers whose head was there within so many milliseconds, and not within fewer.
    within: [AtomicU64; BUCKETS.len()],
}

impl Traffic {
    fn answered(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100);
        if let Some(count) = self.answers.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.too_fast.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let bucket = BUCKETS.iter().position(|most| took.as_millis() <= u128::from(*most));
        if let Some(count) = bucket.and_then(|at| self.within.get(at)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// In the text format of Prometheus, version 0.0.4.
    pub fn metrics(&self, out: &mut String) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        // Writing into a string cannot fail.
        let _ = writeln!(
            out,
            "# HELP comity_requests_total Requests of others that were answered.\n# TYPE comity_requests_total counter"
        );
        for (class, count) in self.answers.iter().enumerate().skip(1) {
            let _ = writeln!(out, "comity_requests_total{{status=\"{class}xx\"}} {}", read(count));
        }
        let _ = writeln!(
            out,
            "# HELP comity_requests_too_many_total Requests answered with 429.\n# TYPE comity_requests_too_many_total counter"
        );
        let _ = writeln!(out, "comity_requests_too_many_total {}", read(&self.too_fast));
        let _ = writeln!(
            out,
            "# HELP comity_request_seconds Time until the head of an answer.\n# TYPE comity_request_seconds histogram"
        );
        let mut sum = 0;
        for (most, count) in BUCKETS.iter().zip(&self.within) {
            sum += read(count);
            let _ = writeln!(out, "comity_request_seconds_bucket{{le=\"{}\"}} {sum}", f64::from(*most) / 1e3);
        }
        let all: u64 = self.answers.iter().map(read).sum();
        let _ = writeln!(out, "comity_request_seconds_bucket{{le=\"+Inf\"}} {all}");
        let _ = writeln!(out, "comity_request_seconds_sum {}", read(&self.micros) as f64 / 1e6);
        let _ = writeln!(out, "comity_request_seconds_count {all}");
    }
}

/// Counts a request and how long it took. A trace of it says which kind of address was asked, never the address, as
/// values may stand there.
pub async fn count(State(site): State<Site>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("nowhere", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{} {route}", request.method()),
        otel.kind = "server",
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = Empty,
        otel.status_code = Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    site.traffic().answered(response.status(), began.elapsed());
    response
}

/// Milliseconds.
const BUCKETS: [u32; 9] = [1, 3, 10, 30, 100, 300, 1_000, 5_000, 30_000];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_is_counted_once() {
        let traffic = Traffic::default();
        for (status, millis) in [(200, 0), (204, 2), (404, 50), (429, 1), (500, 60_000)] {
            traffic.answered(StatusCode::from_u16(status).unwrap(), Duration::from_millis(millis));
        }
        let mut text = String::new();
        traffic.metrics(&mut text);
        for line in [
            "comity_requests_total{status=\"2xx\"} 2",
            "comity_requests_total{status=\"4xx\"} 2",
            "comity_requests_total{status=\"5xx\"} 1",
            "comity_requests_too_many_total 1",
            "comity_request_seconds_bucket{le=\"0.001\"} 2",
            "comity_request_seconds_bucket{le=\"30\"} 4",
            "comity_request_seconds_bucket{le=\"+Inf\"} 5",
            "comity_request_seconds_count 5",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}: {text}");
        }
    }
}
