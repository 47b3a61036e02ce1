//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::arriving::Arriving;
use super::slots::OwnedSlot;
use super::{Limits, Slot};
use crate::runtime::Clock;

/// The largest head of a request, its address and headers together. A browser's cookies are a few kB.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// Headers of one request, at most.
const HEADERS_MAX: usize = 100;

/// What a connection is served with.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) router: Router,
    pub(super) slot: OwnedSlot,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
}

impl Connection {
    /// Serves until the other side leaves, the connection is put out, or `stopping` resolves and what it asked is
    /// answered.
    pub(super) async fn drive(self, stream: TcpStream, stopping: impl Future<Output = ()>) {
        // Answers are small and whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let handle = self.slot.handle();
        let io = TokioIo::new(Watched { stream, slot: handle.clone() });
        let mut http = http1::Builder::new();
        // The slot watches over the time: by our clock, and also between requests.
        http.header_read_timeout(None).max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
        let served = http.serve_connection(io, service_fn(|request| self.answer(request)));
        tokio::pin!(served, stopping);
        tokio::select! {
            ended = served.as_mut() => return tell(ended),
            () = self.slot.put_out() => return,
            () = &mut stopping => {}
        }
        if handle.is_idle() {
            return;
        }
        served.as_mut().graceful_shutdown();
        tokio::select! {
            ended = served => tell(ended),
            () = self.slot.put_out() => {}
        }
    }

    async fn answer(&self, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
        let slot = self.slot.handle();
        slot.asked();
        let mut request = request.map(|body| Arriving::wrap(body, slot.clone(), &self.limits, &self.clock));
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(slot.clone());
        let answer = self.router.clone().oneshot(request).await;
        slot.answered();
        answer
    }
}

fn tell(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// A stream that tells its slot when bytes come.
struct Watched {
    stream: TcpStream,
    slot: Slot,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.slot.heard();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
