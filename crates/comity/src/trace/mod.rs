//! What a serving process tells of its own work beside the ledger: trouble, to whoever runs it; and, where it is set up,
//! traces of how long what took, to a collector of theirs. Neither holds what was looked for, whom it was about, or who
//! asked.

#[cfg(feature = "otlp")]
mod otlp;
mod told;

use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::desk::Desk;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TracesConfig {
    /// Where an OpenTelemetry collector takes traces (OTLP over HTTP): an address on this machine, or https. Default:
    /// none, nothing is traced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
    /// Of a hundred requests and works of its own, how many are traced. Default 100.
    pub(crate) percent: u8,
}

impl Default for TracesConfig {
    fn default() -> Self {
        Self { endpoint: None, percent: 100 }
    }
}

/// Held while traces are gathered; what is left of them leaves with it.
pub(crate) struct Traces {
    #[cfg(feature = "otlp")]
    exporter: Option<otlp::Exporter>,
}

/// Begins to tell. Once in a process.
///
/// # Errors
/// When the collector's address cannot be used, or this program was built without traces.
pub(crate) fn begin(config: &TracesConfig, records: bool) -> anyhow::Result<Traces> {
    let told = told::Told::new(Desk::trouble(records)).with_filter(LevelFilter::WARN).with_filter(filter_fn(is_ours));
    let registry = tracing_subscriber::registry().with(told);
    #[cfg(feature = "otlp")]
    {
        let exporter = otlp::Exporter::new(config)?;
        let traced = exporter.as_ref().map(|exporter| exporter.layer().with_filter(filter_fn(is_traced)));
        registry.with(traced).try_init()?;
        Ok(Traces { exporter })
    }
    #[cfg(not(feature = "otlp"))]
    {
        if config.endpoint.is_some() {
            anyhow::bail!("`endpoint` under [traces]: this program was built without traces (feature `otlp`)");
        }
        registry.try_init()?;
        Ok(Traces {})
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        #[cfg(feature = "otlp")]
        if let Some(exporter) = self.exporter.take() {
            exporter.end();
        }
    }
}

/// Libraries tell of their own in their own words, and may put anything in them.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().split("::").next().is_some_and(|room| room == "comity" || room.starts_with("comity_"))
}

#[cfg(feature = "otlp")]
fn is_traced(metadata: &Metadata<'_>) -> bool {
    is_ours(metadata) && *metadata.level() <= Level::INFO
}
