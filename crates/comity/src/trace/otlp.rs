use std::time::Duration;

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Runtime;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use super::TracesConfig;

/// Sends traces to a collector, in the background and without holding anything up: where it does not keep up, they are
/// lost.
pub(super) struct Exporter(SdkTracerProvider);

impl Exporter {
    /// One, where a collector is named.
    pub(super) fn new(config: &TracesConfig) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = &config.endpoint else { return Ok(None) };
        if !is_safe(endpoint) {
            bail!(
                "`endpoint` under [traces] must be on this machine, like http://127.0.0.1:4318, or https, not {endpoint:?}"
            );
        }
        if config.percent > 100 {
            bail!("`percent` under [traces] must be at most 100, not {}", config.percent);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new()?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()
            .with_context(|| format!("sending traces to {endpoint}"))?;
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "comity"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            // Nobody outside decides what is traced: what peers send along is not looked at.
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(f64::from(config.percent) / 100.0))))
            .with_resource(resource)
            .build();
        Ok(Some(Self(provider)))
    }

    /// Makes spans of what is told inside this program.
    pub(super) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(
        &self,
    ) -> OpenTelemetryLayer<S, opentelemetry_sdk::trace::SdkTracer> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("comity"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
    }

    /// Sends what is left.
    pub(super) fn end(&self) {
        drop(self.0.shutdown_with_timeout(PATIENCE));
    }
}

/// In the clear only where nobody else listens.
fn is_safe(endpoint: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(endpoint) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// Talks to the collector on threads of its own.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Runtime,
}

impl Client {
    fn new() -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(comity_tls::client_config_public(None)?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("traces").enable_all().build()?;
        Ok(Self { http, runtime })
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        // Whoever waits for this has no runtime.
        let sent = self.runtime.spawn(async move {
            let request = reqwest::Request::try_from(request)?;
            let mut response = http.execute(request).await?;
            let status = response.status();
            let mut body = Vec::new();
            while let Some(piece) = response.chunk().await? {
                if body.len() + piece.len() > MOST {
                    break;
                }
                body.extend_from_slice(&piece);
            }
            Ok::<_, reqwest::Error>((status, body))
        });
        let (status, body) = sent.await??;
        Ok(Response::builder().status(status).body(body.into())?)
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const MOST: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_this_machine_in_the_clear() {
        for good in ["http://127.0.0.1:4318", "http://[::1]:4318", "http://localhost:4318", "https://traces.example"] {
            assert!(is_safe(good), "{good}");
        }
        for bad in ["http://traces.example", "http://127.0.0.1.example", "127.0.0.1:4318", "ftp://localhost", ""] {
            assert!(!is_safe(bad), "{bad}");
        }
        let bad = TracesConfig { endpoint: Some("http://traces.example".into()), percent: 100 };
        assert!(Exporter::new(&bad).is_err());
        let all = TracesConfig { endpoint: Some("http://localhost:1".into()), percent: 101 };
        assert!(Exporter::new(&all).is_err());
    }
}
