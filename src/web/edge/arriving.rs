//! A request's body on its way in: in time, and within what all bodies may hold together.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use super::{Limits, Slot};
use crate::runtime::Clock;
use crate::runtime::clock::after;

/// A body that did not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body did not come in time")]
pub(crate) struct TooSlow;

/// A body that ends with [`TooSlow`] when its time is up.
pub(super) struct Arriving {
    body: Incoming,
    slot: Slot,
    limits: Limits,
    clock: Clock,
    /// Set once the body keeps us waiting, from the moment its head was there.
    too_late: Option<BoxFuture<'static, ()>>,
    head_at: jiff::Timestamp,
}

impl Arriving {
    pub(super) fn wrap(body: Incoming, slot: Slot, limits: &Limits, clock: &Clock) -> Body {
        let head_at = clock.now();
        Body::new(Self { body, slot, limits: limits.clone(), clock: clock.clone(), too_late: None, head_at })
    }
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
                self.slot.holds(data.len());
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let (clock, deadline) = (self.clock.clone(), after(self.head_at, self.limits.body));
        let too_late = self.too_late.get_or_insert_with(|| Box::pin(async move { clock.sleep_until(deadline).await }));
        too_late.as_mut().poll(context).map(|()| Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
