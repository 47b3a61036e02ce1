//! The edge: what strangers may take of this process, so that webhooks are taken whatever they do.
//!
//! Every connection holds a slot. Nobody waits for a slot that somebody only sits on: when all are taken, a newcomer gets
//! the slot of a stranger, of an open desk page or of an idle connection, in that order. Only a webhook that was
//! verified and is being stored cannot be put out. All waits end by [`Clock`].

mod arriving;
mod connection;
mod slots;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(super) use arriving::TooSlow;
pub(super) use slots::Slot;

use crate::runtime::{Clock, Tasks};
use connection::Connection;
use slots::Slots;

/// How often overdue connections are looked for. A limit may be overdrawn by so much.
const SWEEP: Duration = Duration::from_secs(5);
/// How long requests begun before the end may take to be answered.
const GOODBYE: Duration = Duration::from_secs(5);
/// The wait for room, or for file descriptors, before somebody else is put out.
const BREATHER: Duration = Duration::from_millis(100);

/// What strangers may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once. A process may usually have 1024 files open, and needs some for itself.
    pub connections: usize,
    /// Open desk pages among them, at once; one more ends the oldest.
    pub live: usize,
    /// From the first byte of a request, or from the connection's beginning, until its head is there.
    pub head: Duration,
    /// From a request's head until its whole body is there.
    pub body: Duration,
    /// Between an answer and the next request. Longer than the proxies in front usually keep a connection, so that they
    /// close it and never find it closed.
    pub idle: Duration,
    /// Bytes of bodies nobody vouches for, held at once by all connections together. The largest is dropped first.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(512)
    }
}

impl Limits {
    /// The usual limits with so many connections.
    #[must_use]
    pub fn of(connections: usize) -> Self {
        Self {
            connections,
            live: (connections / 4).max(1),
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            body_bytes: 64 << 20,
        }
    }
}

/// Serves `router` on `listener` until `tasks` are told to stop, and the requests begun by then are answered.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, clock: Clock, tasks: &Tasks) {
    let slots = Slots::new(limits.clone(), clock.clone());
    let room = Arc::new(Semaphore::new(limits.connections));
    let open = accept_until_stopped(&listener, &router, &slots, &room, tasks);
    tokio::select! {
        () = open => {}
        () = sweep(&slots, &clock) => {}
    }
    drop(listener);
    let everything = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    if clock.timeout(GOODBYE, room.acquire_many(everything)).await.is_err() {
        slots.put_out_all();
    }
}

async fn accept_until_stopped(
    listener: &TcpListener,
    router: &Router,
    slots: &Slots,
    room: &Arc<Semaphore>,
    tasks: &Tasks,
) {
    let stopping = tasks.stopping();
    tokio::pin!(stopping);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut stopping => return,
            accepted = accept(listener, slots) => accepted,
        };
        let permit = tokio::select! {
            biased;
            () = &mut stopping => return,
            permit = permit(room, slots) => permit,
        };
        let connection = Connection {
            peer,
            router: router.clone(),
            slot: slots.open(),
            limits: slots.limits().clone(),
            clock: slots.clock().clone(),
        };
        let stopping = tasks.stopping();
        tasks.spawn(async move {
            connection.drive(stream, stopping).await;
            drop(permit);
        });
    }
}

/// Room for one connection. Whoever is put out for it leaves as soon as its task runs; when there is nobody to put out, all
/// are storing webhooks, and will soon be idle.
async fn permit(room: &Arc<Semaphore>, slots: &Slots) -> OwnedSemaphorePermit {
    loop {
        if let Ok(permit) = room.clone().try_acquire_owned() {
            return permit;
        }
        slots.make_room();
        if let Ok(Ok(permit)) = slots.clock().timeout(BREATHER, room.clone().acquire_owned()).await {
            return permit;
        }
    }
}

/// The next connection. What fails in accepting concerns one connection, or is a want of file descriptors that ends.
async fn accept(listener: &TcpListener, slots: &Slots) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if error.raw_os_error().is_none() || is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                slots.make_room();
                slots.clock().sleep(BREATHER).await;
            }
        }
    }
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn sweep(slots: &Slots, clock: &Clock) {
    loop {
        clock.sleep(SWEEP).await;
        slots.put_out_overdue();
    }
}
