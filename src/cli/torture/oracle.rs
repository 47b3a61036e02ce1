//! Watches from outside and says when a promise is broken.
//!
//! It believes nothing that Rapport says about itself where it can see the thing: what was acknowledged is seen as an
//! answer to a webhook, what was sent as a call to Close and as a text that left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::mind::{self, words_in};
use crate::engine::COMPOSING_HOLD;
use crate::runtime::clock::after;
use crate::sms::opt_out::{self, OptOutVerdict};
use crate::store::{Effect, EffectState};

/// A promise of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// Every inbound text that Close holds ends, and one can read how.
    NothingLost,
    /// A decision to text reaches the outbox at most once.
    NeverTwice,
    /// Nothing is sent after an opt-out.
    NeverAfterStop,
    /// Nothing is sent over a rep.
    NeverOverAHuman,
    /// A text is answered once, in order, and never past a newer one.
    InOrder,
    /// What the records say is what happened.
    AlwaysExplained,
    /// Nothing is sent while Rapport is paused.
    APersonDecides,
}

impl Promise {
    /// Every promise that is watched.
    pub const ALL: [Self; 7] = [
        Self::NothingLost,
        Self::NeverTwice,
        Self::NeverAfterStop,
        Self::NeverOverAHuman,
        Self::InOrder,
        Self::AlwaysExplained,
        Self::APersonDecides,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NothingLost => "nothing-lost",
            Self::NeverTwice => "never-twice",
            Self::NeverAfterStop => "never-after-stop",
            Self::NeverOverAHuman => "never-over-a-human",
            Self::InOrder => "in-order",
            Self::AlwaysExplained => "always-explained",
            Self::APersonDecides => "a-person-decides",
        }
    }
}

/// A promise was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub promise: Promise,
    /// How, in a sentence.
    pub what: String,
}

/// Something outside that Rapport has acknowledged.
#[derive(Debug, Clone)]
pub(super) struct Acknowledged {
    pub(super) event_id: String,
    /// When the answer was back; it was stored before.
    pub(super) at: Timestamp,
    pub(super) phone: String,
    /// When it happened, by Close's clock.
    said_at: Timestamp,
    pub(super) what: Told,
}

/// What an acknowledged event told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// A lead texted.
    Asked(Vec<String>),
    /// A lead wants no texts.
    Stopped,
    /// A lead wants texts again.
    Started,
    /// A rep's text left Close.
    RepTexted,
    /// A rep composes.
    RepComposes,
    /// Anything else.
    Other,
}

/// What was seen so far. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Oracle(Arc<Mutex<Seen>>);

#[derive(Default)]
pub(super) struct Seen {
    pub(super) acknowledged: Vec<Acknowledged>,
    pub(super) violations: Vec<Violation>,
    pauses: Vec<Pause>,
    lifts: Vec<Lift>,
    /// Leads who asked for silence, and when.
    stopped: Vec<(String, Timestamp)>,
    /// Leads who texted START, and when.
    started: Vec<(String, Timestamp)>,
    /// What happened, for a run that is looked at closely.
    pub(super) notes: Option<Vec<String>>,
    /// Questions that texts were released about.
    answered: BTreeSet<usize>,
    /// The place in the outbox of the last text released for a conversation.
    last_ordinal: BTreeMap<String, i64>,
}

/// The kill switch, pulled once.
struct Pause {
    /// What names it.
    since: Timestamp,
    /// The desk had its answer.
    holds_from: Timestamp,
}

/// Somebody's wish to lift a pause, perhaps before whoever paused had an answer.
struct Lift {
    /// The pause it names; it ends the ones before too, which that one replaced.
    since: Timestamp,
    begun_at: Timestamp,
}

impl Oracle {
    /// Takes notes from now on.
    pub(super) fn take_notes(&self) {
        self.locked(|seen| seen.notes = Some(Vec::new()));
    }

    /// Notes what happened, if notes are taken.
    pub(super) fn note(&self, at: Timestamp, what: impl FnOnce() -> String) {
        self.locked(|seen| {
            if let Some(notes) = &mut seen.notes {
                notes.push(format!("{at:.3} {}", what()));
            }
        });
    }

    /// The webhook `body` was answered 200 at `at`.
    pub(super) fn acknowledged(&self, body: &[u8], at: Timestamp) {
        let Ok(document) = serde_json::from_slice::<Value>(body) else { return };
        let event = &document["event"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let acknowledged = Acknowledged {
            event_id: text(&event["id"]),
            at,
            phone: text(&event["data"]["remote_phone"]),
            said_at: text(&event["data"]["date_created"]).parse().unwrap_or(at),
            what: told(event),
        };
        self.note(at, || {
            let what =
                format!("{}.{} {}", text(&event["object_type"]), text(&event["action"]), text(&event["object_id"]));
            format!("Rapport took {what}: {:?}", acknowledged.what)
        });
        self.locked(|seen| seen.acknowledged.push(acknowledged));
    }

    /// A lead asks for silence: Rapport may learn of it in any way.
    pub(super) fn stops(&self, phone: &str, at: Timestamp) {
        self.locked(|seen| seen.stopped.push((phone.to_owned(), at)));
    }

    /// A lead texts START: Rapport may learn of it in any way.
    pub(super) fn starts(&self, phone: &str, at: Timestamp) {
        self.locked(|seen| seen.started.push((phone.to_owned(), at)));
    }

    /// The kill switch was pulled, and the desk has its answer.
    pub(super) fn paused(&self, since: Timestamp, holds_from: Timestamp) {
        self.locked(|seen| seen.pauses.push(Pause { since, holds_from }));
    }

    /// Somebody is about to lift the pause that began at `since`.
    pub(super) fn resuming(&self, since: Timestamp, begun_at: Timestamp) {
        self.locked(|seen| seen.lifts.push(Lift { since, begun_at }));
    }

    /// A process is about to release an activity of ours; `effect` is what its database holds of it.
    pub(super) fn releasing(&self, phone: &str, effect: Option<&Effect>, takeover: Duration) {
        self.locked(|seen| seen.releasing(phone, effect, takeover));
    }

    pub(super) fn broken(&self, promise: Promise, what: impl Into<String>) {
        self.locked(|seen| seen.violations.push(Violation { promise, what: what.into() }));
    }

    pub(super) fn locked<T>(&self, work: impl FnOnce(&mut Seen) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Seen {
    fn releasing(&mut self, phone: &str, effect: Option<&Effect>, takeover: Duration) {
        let Some(effect) = effect else {
            return self.broken(Promise::NeverTwice, "a text was released whose Close id was not stored");
        };
        if effect.state != EffectState::Sending {
            let what = format!("a text was released while its record said {}", effect.state.as_str());
            return self.broken(Promise::NeverTwice, what);
        }
        // The last check and the beginning of the sending are one transaction: only what was known before counts.
        let cleared = effect.updated_at;
        self.check_order(effect);
        let known: Vec<Acknowledged> =
            self.acknowledged.iter().filter(|ack| ack.phone == phone && ack.at < cleared).cloned().collect();
        self.check_stop(&known);
        self.check_human(&known, cleared, takeover);
        self.check_newest(&known, effect);
        let is_lifted =
            |pause: &Pause| self.lifts.iter().any(|lift| lift.since >= pause.since && lift.begun_at <= cleared);
        if self.pauses.iter().any(|pause| pause.holds_from < cleared && !is_lifted(pause)) {
            self.broken(Promise::APersonDecides, "a text was released while Rapport was paused");
        }
    }

    fn check_order(&mut self, effect: &Effect) {
        let last = self.last_ordinal.entry(effect.conversation_id.clone()).or_insert(0);
        if effect.ordinal < *last {
            let what = format!("text {} of a conversation was released after text {last}", effect.ordinal);
            return self.broken(Promise::InOrder, what);
        }
        *last = effect.ordinal;
    }

    fn check_stop(&mut self, known: &[Acknowledged]) {
        let stop = known.iter().filter(|ack| ack.what == Told::Stopped).max_by_key(|ack| ack.said_at);
        let lifted =
            |stop: &Acknowledged| self.started.iter().any(|(phone, at)| *phone == stop.phone && *at > stop.said_at);
        if stop.is_some_and(|stop| !lifted(stop)) {
            self.broken(Promise::NeverAfterStop, "a text was released after the lead's stop was acknowledged");
        }
    }

    fn check_human(&mut self, known: &[Acknowledged], cleared: Timestamp, takeover: Duration) {
        // Silence is counted from when the rep texted, however late that was heard of.
        let over = known.iter().any(|ack| ack.what == Told::RepTexted && after(ack.said_at, takeover) > cleared);
        if over {
            self.broken(Promise::NeverOverAHuman, "a text was released after a rep's own text was acknowledged");
        }
        let types =
            known.iter().any(|ack| ack.what == Told::RepComposes && after(ack.said_at, COMPOSING_HOLD) > cleared);
        if types {
            self.broken(Promise::NeverOverAHuman, "a text was released while a rep was known to write");
        }
    }

    /// True for what a lead said after a stop and before the start that lifted it: nobody has to answer that, however the
    /// stop was learnt.
    fn in_silence(&self, said: &Acknowledged) -> bool {
        let lifted = |stopped_at: Timestamp| {
            self.started.iter().any(|(phone, at)| *phone == said.phone && *at > stopped_at && *at < said.said_at)
        };
        self.stopped.iter().any(|(phone, at)| *phone == said.phone && *at < said.said_at && !lifted(*at))
    }

    /// A text that is released answers the newest question that was acknowledged and not answered yet, or newer ones:
    /// texts are also read from Close's lists.
    fn check_newest(&mut self, known: &[Acknowledged], effect: &Effect) {
        let numbers = |words: &[String]| words.iter().filter_map(|word| mind::number(word)).collect::<Vec<_>>();
        let asked = known.iter().filter(|ack| !self.in_silence(ack)).flat_map(|ack| match &ack.what {
            Told::Asked(words) => numbers(words),
            _ => Vec::new(),
        });
        let newest = asked.filter(|number| !self.answered.contains(number)).max();
        let answers = numbers(&words_in(&effect.text));
        let newest_answered = answers.iter().max().copied();
        self.answered.extend(answers);
        if newest_answered.is_some() && newest_answered < newest {
            let what = format!("{:?} was released after question {newest:?} was acknowledged", effect.text);
            self.broken(Promise::InOrder, what);
        }
    }

    pub(super) fn broken(&mut self, promise: Promise, what: impl Into<String>) {
        self.violations.push(Violation { promise, what: what.into() });
    }
}

/// What an event tells, read from Close's own words.
fn told(event: &Value) -> Told {
    let data = &event["data"];
    let inbound = data["direction"] == "inbound";
    let by_workflow = !data["sequence_id"].is_null();
    if event["object_type"] != "activity.sms" {
        return Told::Other;
    }
    match event["action"].as_str().unwrap_or_default() {
        "created" if inbound => {
            let text = data["text"].as_str().unwrap_or_default();
            if opt_out::classify(text).verdict == OptOutVerdict::Stop {
                Told::Stopped
            } else if opt_out::is_opt_in(text) {
                Told::Started
            } else {
                Told::Asked(words_in(text))
            }
        }
        _ if inbound || by_workflow || !event["api_key_id"].is_null() => Told::Other,
        "sent" => Told::RepTexted,
        "created" if data["status"] == "draft" => Told::RepComposes,
        _ => Told::Other,
    }
}
