//! Faults planted in the code, so that a simulation can be seen to find them.
//!
//! They exist in test builds only (feature `sabotage`); elsewhere [`is`] is a constant. A planted fault holds for the
//! thread that plants it.

/// A fault that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sabotage {
    /// A worker whose lease was taken over writes all the same.
    SkipFence,
    /// A text is released before that is on record.
    SendBeforeCommit,
    /// Opt-outs that are on record are overlooked, also by the last check before sending.
    IgnoreSuppression,
    /// The last check before sending overlooks a rep who took over.
    IgnoreTakeover,
    /// The last check before sending overlooks the kill switch.
    IgnorePause,
    /// A turn's result is written, and sent, although a newer text came.
    IgnoreNewerText,
    /// The event log is read from where the last reading ended, without the overlap.
    DropOverlap,
    /// A draft's POST whose answer was lost is made again without looking for the first.
    RetryUnknownPost,
    /// A sending whose answer was lost counts as failed.
    GiveUpUnknownPut,
    /// A webhook is answered before it is stored.
    AnswerBeforeCommit,
    /// A claim leaves the alarm off: a dead worker's conversation never wakes.
    ClaimWithoutAlarm,
    /// The end of the event log's reading is noted before what was read is stored.
    WatermarkFirst,
    /// A text is marked as answered in one transaction and its reply queued in none.
    LoseEffect,
    /// The same text under another event's id is taken again.
    TakeTwice,
    /// A withdrawn text's draft stays in Close.
    LeaveDraft,
}

impl Sabotage {
    /// Every fault that can be planted.
    pub const ALL: [Self; 15] = [
        Self::SkipFence,
        Self::SendBeforeCommit,
        Self::IgnoreSuppression,
        Self::IgnoreTakeover,
        Self::IgnorePause,
        Self::IgnoreNewerText,
        Self::DropOverlap,
        Self::RetryUnknownPost,
        Self::GiveUpUnknownPut,
        Self::AnswerBeforeCommit,
        Self::ClaimWithoutAlarm,
        Self::WatermarkFirst,
        Self::LoseEffect,
        Self::TakeTwice,
        Self::LeaveDraft,
    ];
}

#[cfg(feature = "sabotage")]
mod planted {
    use std::cell::Cell;

    use super::Sabotage;

    thread_local! {
        static PLANTED: Cell<Option<Sabotage>> = const { Cell::new(None) };
    }

    /// Takes the fault out again when dropped.
    #[derive(Debug)]
    pub struct Planted(Option<Sabotage>);

    impl Drop for Planted {
        fn drop(&mut self) {
            PLANTED.set(self.0);
        }
    }

    /// Plants a fault on this thread.
    #[must_use]
    pub fn plant(sabotage: Option<Sabotage>) -> Planted {
        Planted(PLANTED.replace(sabotage))
    }

    /// True where the fault is planted.
    #[must_use]
    pub fn is(sabotage: Sabotage) -> bool {
        PLANTED.get() == Some(sabotage)
    }
}

#[cfg(not(feature = "sabotage"))]
mod planted {
    use super::Sabotage;

    /// Nothing can be planted in this build.
    #[derive(Debug)]
    pub struct Planted;

    /// Plants nothing: this build has no faults to plant.
    #[must_use]
    pub fn plant(_: Option<Sabotage>) -> Planted {
        Planted
    }

    /// Never.
    #[must_use]
    pub const fn is(_: Sabotage) -> bool {
        false
    }
}

pub use planted::{Planted, is, plant};
