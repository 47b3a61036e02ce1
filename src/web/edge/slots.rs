//! Who is connected, what they are doing, and who has to go when there is no room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Limits;
use crate::runtime::Clock;
use crate::runtime::clock::until;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Nothing, since its beginning. Its first request must be there soon.
    Arriving,
    /// Nothing, since its last answer.
    Waiting,
    /// Sending the head of a request.
    Head,
    /// Sending a body, or waiting for an answer.
    Asking,
    /// Its webhook was verified and is being stored.
    Storing,
    /// Showing live updates on the desk.
    Live,
}

#[derive(Debug)]
struct Entry {
    doing: Doing,
    since: Timestamp,
    /// Has brought a genuine webhook, or a rep who may use the desk.
    trusted: bool,
    body_bytes: usize,
    end: CancellationToken,
}

impl Entry {
    /// Who goes first when there is no room: lowest first; none is never put out.
    fn rank(&self) -> Option<u8> {
        match (self.trusted, self.doing) {
            (_, Doing::Storing) => None,
            (false, _) => Some(0),
            (true, Doing::Live) => Some(1),
            (true, Doing::Arriving | Doing::Waiting | Doing::Head) => Some(2),
            (true, Doing::Asking) => Some(3),
        }
    }
}

#[derive(Default)]
struct Table {
    /// Numbered as they came.
    entries: BTreeMap<u64, Entry>,
    next: u64,
    body_bytes: usize,
}

struct Shared {
    limits: Limits,
    clock: Clock,
    table: Mutex<Table>,
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All connections of a listener.
pub(super) struct Slots(Arc<Shared>);

impl Slots {
    pub(super) fn new(limits: Limits, clock: Clock) -> Self {
        Self(Arc::new(Shared { limits, clock, table: Mutex::default() }))
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// A new connection's slot.
    pub(super) fn open(&self) -> OwnedSlot {
        let end = CancellationToken::new();
        let since = self.0.clock.now();
        let entry = Entry { doing: Doing::Arriving, since, trusted: false, body_bytes: 0, end: end.clone() };
        let mut table = self.0.table();
        let id = table.next;
        table.next += 1;
        table.entries.insert(id, entry);
        table.tell();
        OwnedSlot { slot: Slot { shared: self.0.clone(), id }, end }
    }

    /// Puts out whoever can best be missed.
    pub(super) fn make_room(&self) {
        let mut table = self.0.table();
        let first = table.entries.iter().filter_map(|(id, entry)| Some((entry.rank()?, *id))).min();
        if let Some((_, id)) = first {
            table.put_out(id, "room");
        }
    }

    /// Puts out who has taken longer than allowed.
    pub(super) fn put_out_overdue(&self) {
        let (limits, now) = (&self.0.limits, self.0.clock.now());
        let mut table = self.0.table();
        let overdue: Vec<u64> = table
            .entries
            .iter()
            .filter(|(_, entry)| {
                let limit = match entry.doing {
                    Doing::Arriving | Doing::Head => limits.head,
                    Doing::Waiting => limits.idle,
                    Doing::Asking | Doing::Storing | Doing::Live => return false,
                };
                until(entry.since, now) >= limit
            })
            .map(|(id, _)| *id)
            .collect();
        for id in overdue {
            table.put_out(id, "slow");
        }
    }

    /// Ends every connection.
    pub(super) fn put_out_all(&self) {
        let mut table = self.0.table();
        while let Some(id) = table.entries.keys().next().copied() {
            table.put_out(id, "stopping");
        }
    }
}

impl Table {
    fn put_out(&mut self, id: u64, why: &'static str) {
        let Some(entry) = self.entries.remove(&id) else { return };
        self.body_bytes -= entry.body_bytes;
        entry.end.cancel();
        metrics::counter!("rapport_connections_dropped_total", "why" => why).increment(1);
        self.tell();
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 connections")]
    fn tell(&self) {
        metrics::gauge!("rapport_connections").set(self.entries.len() as f64);
    }

    fn free_body(&mut self, id: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            self.body_bytes -= std::mem::take(&mut entry.body_bytes);
        }
    }
}

/// The slot as its connection holds it: dropping it frees the slot.
pub(super) struct OwnedSlot {
    slot: Slot,
    end: CancellationToken,
}

impl OwnedSlot {
    pub(super) fn handle(&self) -> Slot {
        self.slot.clone()
    }

    /// Resolves when the connection has to go.
    pub(super) async fn put_out(&self) {
        self.end.cancelled().await;
    }
}

impl Drop for OwnedSlot {
    fn drop(&mut self) {
        let mut table = self.slot.shared.table();
        table.free_body(self.slot.id);
        table.entries.remove(&self.slot.id);
        table.tell();
    }
}

/// A request's way to say how its connection is doing. It is among the request's extensions.
#[derive(Clone)]
pub(crate) struct Slot {
    shared: Arc<Shared>,
    id: u64,
}

impl Slot {
    fn change(&self, change: impl FnOnce(&mut Entry, Timestamp)) {
        let now = self.shared.clock.now();
        if let Some(entry) = self.shared.table().entries.get_mut(&self.id) {
            change(entry, now);
        }
    }

    /// Bytes came. If none was expected, a request begins.
    pub(super) fn heard(&self) {
        self.change(|entry, now| {
            if entry.doing == Doing::Waiting {
                (entry.doing, entry.since) = (Doing::Head, now);
            }
        });
    }

    /// A request's head is there.
    pub(super) fn asked(&self) {
        self.change(|entry, now| (entry.doing, entry.since) = (Doing::Asking, now));
    }

    /// The answer is ready.
    pub(super) fn answered(&self) {
        self.change(|entry, now| {
            if entry.doing != Doing::Live {
                (entry.doing, entry.since) = (Doing::Waiting, now);
            }
        });
        self.shared.table().free_body(self.id);
    }

    /// True between two requests, and while the head of one is incomplete.
    pub(super) fn is_idle(&self) -> bool {
        let table = self.shared.table();
        let doing = table.entries.get(&self.id).map(|entry| entry.doing);
        !matches!(doing, Some(Doing::Asking | Doing::Storing))
    }

    /// So many bytes of a body are held. When all bodies together are too large, the largest one goes.
    pub(super) fn holds(&self, bytes: usize) {
        let mut table = self.shared.table();
        let Some(entry) = table.entries.get_mut(&self.id).filter(|entry| entry.doing == Doing::Asking) else { return };
        entry.body_bytes += bytes;
        table.body_bytes += bytes;
        while table.body_bytes > self.shared.limits.body_bytes {
            let largest = table.entries.iter().max_by_key(|(_, entry)| entry.body_bytes).map(|(id, _)| *id);
            let Some(largest) = largest else { return };
            table.put_out(largest, "memory");
        }
    }

    /// Its webhook is genuine: nothing may get in its way any more.
    pub(crate) fn verified(&self) {
        self.change(|entry, _| (entry.doing, entry.trusted) = (Doing::Storing, true));
        self.shared.table().free_body(self.id);
    }

    /// It carries somebody who may use the desk.
    pub(crate) fn trusted(&self) {
        self.change(|entry, _| entry.trusted = true);
    }

    /// It shows live updates from now on, until what is returned is dropped. The oldest such connection ends if there are
    /// too many.
    pub(crate) fn live(&self) -> LiveSlot {
        self.change(|entry, _| entry.doing = Doing::Live);
        let mut table = self.shared.table();
        let live: Vec<u64> =
            table.entries.iter().filter(|(_, entry)| entry.doing == Doing::Live).map(|(id, _)| *id).collect();
        let surplus = live.len().saturating_sub(self.shared.limits.live);
        for id in live.into_iter().take(surplus) {
            table.put_out(id, "live");
        }
        LiveSlot(self.clone())
    }
}

/// Says when live updates end.
pub(crate) struct LiveSlot(Slot);

impl Drop for LiveSlot {
    fn drop(&mut self) {
        self.0.change(|entry, now| (entry.doing, entry.since) = (Doing::Waiting, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(limits: Limits) -> Slots {
        let (clock, _) = Clock::manual(Timestamp::UNIX_EPOCH);
        Slots::new(limits, clock)
    }

    fn is_out(slot: &OwnedSlot) -> bool {
        slot.end.is_cancelled()
    }

    #[test]
    fn strangers_go_first_then_open_pages_then_idle_ones_and_what_is_being_stored_never() {
        let slots = slots(Limits::of(8));
        let [storing, idle, page, old_stranger, stranger] = [(); 5].map(|()| slots.open());
        storing.handle().asked();
        storing.handle().verified();
        idle.handle().trusted();
        page.handle().trusted();
        let _live = page.handle().live();
        stranger.handle().asked();
        for (at, goes) in [&old_stranger, &stranger, &page, &idle].into_iter().enumerate() {
            slots.make_room();
            assert!(is_out(goes), "number {at} goes now");
        }
        slots.make_room();
        assert!(!is_out(&storing));
    }

    #[test]
    fn the_largest_body_goes_when_all_together_are_too_large() {
        let slots = slots(Limits { body_bytes: 100, ..Limits::of(8) });
        let [small, large, genuine] = [(); 3].map(|()| slots.open());
        for slot in [&small, &large, &genuine] {
            slot.handle().asked();
        }
        genuine.handle().holds(90);
        genuine.handle().verified();
        large.handle().holds(70);
        small.handle().holds(20);
        assert!(!is_out(&large), "what is vouched for does not count");
        small.handle().holds(15);
        assert!(is_out(&large) && !is_out(&small) && !is_out(&genuine));
    }

    #[test]
    fn one_open_page_too_many_ends_the_oldest() {
        let slots = slots(Limits { live: 2, ..Limits::of(8) });
        let pages = [(); 3].map(|()| slots.open());
        let _live: Vec<LiveSlot> = pages.iter().map(|page| page.handle().live()).collect();
        assert!(is_out(&pages[0]) && !is_out(&pages[1]) && !is_out(&pages[2]));
    }

    #[test]
    fn a_slot_that_is_dropped_is_free() {
        let slots = slots(Limits::of(8));
        let slot = slots.open();
        slot.handle().asked();
        slot.handle().holds(10);
        drop(slot);
        let table = slots.0.table();
        assert_eq!((table.entries.len(), table.body_bytes), (0, 0));
    }
}
