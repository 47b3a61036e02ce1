//! Requests over loopback HTTP: as fast as they are answered (closed loop), or at a given rate (open loop).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::runtime::clock::{after, until};
use crate::runtime::{Clock, Tasks};

/// The timer wakes whoever sleeps up to so long too late: <https://docs.rs/tokio/latest/tokio/time/fn.sleep.html>.
const TIMER_GRAIN: Duration = Duration::from_millis(1);

/// What one run found.
pub(super) struct Answers {
    pub(super) took: Duration,
    /// How long each answer took: from sending the request; in an open loop from the moment it was due, but for what the load's
    /// own timer was late.
    pub(super) waits_ms: Vec<f64>,
}

/// When requests leave.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// Each connection sends its next request when it has the answer to the last.
    Closed,
    /// So many a second in all, whether or not answers come: waiting shows as waiting.
    Open(f64),
}

/// Sends `requests` over `connections` to `address`. Every answer must be 200.
///
/// # Errors
/// When a connection breaks or an answer is another one.
pub(super) async fn send(
    requests: Vec<Bytes>,
    address: SocketAddr,
    connections: usize,
    pace: Pace,
    clock: &Clock,
) -> anyhow::Result<Answers> {
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(address).await?);
    }
    let begun = clock.now();
    let work = Arc::new(Work { requests, next: AtomicUsize::new(0), pace, begun, clock: clock.clone() });
    let tasks = Tasks::new();
    let sent = opened.into_iter().map(|connection| tasks.spawn(work.clone().through(connection)));
    let waits_ms =
        try_join_all(sent.collect::<Vec<_>>()).await?.into_iter().collect::<anyhow::Result<Vec<_>>>()?.concat();
    Ok(Answers { took: until(begun, clock.now()), waits_ms })
}

struct Work {
    requests: Vec<Bytes>,
    next: AtomicUsize,
    pace: Pace,
    begun: Timestamp,
    clock: Clock,
}

impl Work {
    async fn through(self: Arc<Self>, mut connection: Connection) -> anyhow::Result<Vec<f64>> {
        let mut waits_ms = Vec::new();
        loop {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(request) = self.requests.get(n) else { return Ok(waits_ms) };
            let due = self.due(n).await;
            let status = connection.exchange(request).await?;
            ensure!(status == 200, "request {n} was answered {status}");
            waits_ms.push(until(due, self.clock.now()).as_secs_f64() * 1e3);
        }
    }

    /// Waits until the nth request is due.
    async fn due(&self, n: usize) -> Timestamp {
        match self.pace {
            Pace::Closed => self.clock.now(),
            Pace::Open(per_second) => {
                #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
                let due = after(self.begun, Duration::from_secs_f64(n as f64 / per_second));
                if due <= self.clock.now() {
                    return due;
                }
                self.clock.sleep_until(due).await;
                self.clock.now().min(after(due, TIMER_GRAIN))
            }
        }
    }
}

/// A connection that is kept open.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect to the benchmark's own server")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(1024) })
    }

    /// Sends one request, reads the whole answer, and returns its status.
    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the server closed a connection");
            if let Some((status, bytes)) = head(&self.answer)
                && self.answer.len() >= bytes
            {
                return Ok(status);
            }
        }
    }
}

/// The status and the length of an answer whose head is there.
fn head(answer: &[u8]) -> Option<(u16, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some((status, end + length))
}
