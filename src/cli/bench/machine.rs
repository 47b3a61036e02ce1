//! What the figures were measured on.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::percentile;
use crate::runtime::Clock;
use crate::runtime::clock::until;

/// Writes that the disk's waiting time is taken from.
const PROBES: usize = 300;

/// Processors and disk.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    processors: usize,
    processor: String,
    /// How long the disk takes to say that 4 kB are safe: half of the times, in milliseconds.
    pub(super) fsync_p50_ms: f64,
    /// The same, 99 of 100 times.
    pub(super) fsync_p99_ms: f64,
}

impl Machine {
    /// Looks at the processors and times the disk under `folder`.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(super) fn probe(folder: &Path, clock: &Clock) -> std::io::Result<Self> {
        let path = folder.join("fsync");
        let mut file = File::create(&path)?;
        let mut waits_ms = Vec::with_capacity(PROBES);
        for _ in 0..PROBES {
            file.write_all(&[b'x'; 4096])?;
            let begun = clock.now();
            file.sync_data()?;
            waits_ms.push(until(begun, clock.now()).as_secs_f64() * 1e3);
        }
        std::fs::remove_file(path)?;
        Ok(Self {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            processor: processor(),
            fsync_p50_ms: percentile(&waits_ms, 0.5),
            fsync_p99_ms: percentile(&waits_ms, 0.99),
        })
    }

    #[cfg(test)]
    pub(super) fn of_tests() -> Self {
        Self { processors: 2, processor: "test".to_owned(), fsync_p50_ms: 0.1, fsync_p99_ms: 0.2 }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { processors, processor, fsync_p50_ms, fsync_p99_ms } = self;
        write!(f, "{processors} × {processor}, fsync p50 {fsync_p50_ms:.2} ms, p99 {fsync_p99_ms:.2} ms")
    }
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// Memory this process holds now and has held at most, in megabytes; none where the system does not tell.
pub(super) fn memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
