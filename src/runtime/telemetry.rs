//! Logs and metrics.
//!
//! No secret, phone number or message text is logged above debug.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. `RUST_LOG` chooses what is shown; `json` is for log collectors.
///
/// async-openai logs whole response bodies, and with them what leads wrote: that target stays silent.
pub fn start_logging(default_filter: &str, json: bool) {
    let mut filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    if let Ok(silence) = "async_openai=off".parse() {
        filter = filter.add_directive(silence);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second call, as tests make, finds a subscriber in place and leaves it.
    let _ = if json { builder.json().try_init() } else { builder.compact().try_init() };
}

/// Starts collecting metrics; the handle renders them in the Prometheus text format.
///
/// # Errors
/// When a recorder is already in place.
pub fn start_metrics() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    PrometheusBuilder::new().install_recorder()
}
