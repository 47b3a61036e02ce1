//! Logs and metrics.
//!
//! No secret, phone number or message text is logged above debug.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging to standard error. `chosen`, which is `RUST_LOG`, says what is shown if it can be read; `json` is for log
/// collectors.
///
/// async-openai logs whole response bodies, and with them what leads wrote: that target stays silent.
pub fn start_logging(chosen: &str, default_filter: &str, json: bool) {
    let (filter, misread) = match read_filter(chosen) {
        Ok(filter) => (filter, None),
        Err(why) => (None, Some(why)),
    };
    let mut filter = filter.unwrap_or_else(|| EnvFilter::new(default_filter));
    if let Ok(silence) = "async_openai=off".parse() {
        filter = filter.add_directive(silence);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second call, as tests make, finds a subscriber in place and leaves it.
    let _ = if json { builder.json().try_init() } else { builder.compact().try_init() };
    if let Some(why) = misread {
        tracing::warn!("RUST_LOG is not understood ({why}): the log shows {default_filter}, as without it");
    }
}

/// What is to be logged; none if nothing is chosen.
///
/// # Errors
/// What is wrong with it.
fn read_filter(chosen: &str) -> Result<Option<EnvFilter>, String> {
    let chosen = chosen.trim();
    // `RUST_LOG=${RUST_LOG:-}` in a container's description chooses nothing.
    if chosen.is_empty() {
        return Ok(None);
    }
    // It would be read as a part of the program, and all other parts fall silent.
    let is_word = chosen.chars().all(|c| c.is_ascii_alphanumeric());
    if is_word && chosen.parse::<LevelFilter>().is_err() && chosen != "rapport" {
        return Err(format!("{chosen:?} is no level; for a part of the program write {chosen}=trace"));
    }
    EnvFilter::try_new(chosen).map(Some).map_err(|error| error.to_string())
}

/// Starts collecting metrics; the handle renders them in the Prometheus text format.
///
/// # Errors
/// When a recorder is already in place.
pub fn start_metrics() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    PrometheusBuilder::new().install_recorder()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_chosen_and_nothing_understood_leave_the_default() {
        for nothing in ["", " "] {
            assert!(matches!(read_filter(nothing), Ok(None)), "{nothing:?}");
        }
        for mistake in ["loud", "rapport=loud", "inof"] {
            assert!(read_filter(mistake).is_err(), "{mistake}");
        }
        for chosen in ["info", "WARN", "off", "3", "rapport", "rapport=debug", "warn,rapport=info", "hyper=trace"] {
            assert!(matches!(read_filter(chosen), Ok(Some(_))), "{chosen}");
        }
    }
}
