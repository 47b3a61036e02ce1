//! One lead's story, held against the promises.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use rapport::sim::close::{OUR_NUMBER, SentText};
use rapport::store::desk::DeskThread;
use rapport::store::{DraftState, EffectState, Ending, EventKind, InboxRecord};

use super::leads::{Lead, questions_in};

pub struct Story<'a> {
    pub lead: &'a Lead,
    /// What Close was asked to send to the lead, in order.
    pub sent: Vec<&'a SentText>,
    /// What the database holds.
    pub thread: &'a DeskThread,
}

impl Story<'_> {
    /// No question is answered in two texts, every text stands for one decision, and every decision for one text.
    pub fn never_twice(&self) {
        let mut answered = BTreeSet::new();
        for word in self.answered() {
            self.check(answered.insert(word.clone()), &format!("never-twice: {word} was answered twice"));
        }
        let left = |state| matches!(state, EffectState::Sent | EffectState::Accepted);
        let effects = self.thread.effects.iter().filter(|effect| left(effect.state));
        let mut decided: Vec<&str> = effects.filter_map(|effect| effect.activity_id.as_deref()).collect();
        let mut attempted: Vec<&str> = self.sent.iter().map(|text| text.activity_id.as_str()).collect();
        decided.sort_unstable();
        attempted.sort_unstable();
        self.check(attempted == decided, "never-twice: what left is not what was decided");
        let turns: BTreeSet<_> = self.thread.effects.iter().map(|effect| &effect.turn_id).collect();
        self.check(turns.len() == self.thread.effects.len(), "never-twice: a turn made two texts");
        self.check(self.sent.iter().all(|text| text.from == OUR_NUMBER), "a text left from a number that is not ours");
    }

    /// Questions are answered as they were asked: no reply passes over one that Rapport knew when it was written. One of
    /// which it learnt only later is late, and cannot be in order.
    pub fn in_order(&self) {
        let known_at: BTreeMap<String, Timestamp> = self.known_at();
        let written_at: BTreeMap<&str, Timestamp> = self
            .thread
            .effects
            .iter()
            .filter_map(|effect| Some((effect.activity_id.as_deref()?, effect.created_at)))
            .collect();
        for (at, earlier) in self.sent.iter().enumerate() {
            let Some(newest) = questions_in(&earlier.text).max() else { continue };
            let passed_over = self.sent[at + 1..].iter().flat_map(|later| questions_in(&later.text)).find(|word| {
                let known = known_at.get(word).zip(written_at.get(earlier.activity_id.as_str()));
                *word < newest && known.is_none_or(|(known, written)| known < written)
            });
            self.check(passed_over.is_none(), &format!("in-order: {passed_over:?} was passed over"));
        }
    }

    /// When Rapport learnt of each question.
    fn known_at(&self) -> BTreeMap<String, Timestamp> {
        let of_activity = |activity: &str| {
            let of_text = |record: &&InboxRecord| record.activity_id.as_deref() == Some(activity);
            self.thread.inbox.iter().find(of_text).map(|record| record.received_at)
        };
        let questions = self.lead.questions.iter();
        questions.filter_map(|(word, activity)| Some((word.clone(), of_activity(activity)?))).collect()
    }

    /// Every question has an end, and none counts as answered that was not, unless a draft that answers it waits for a person.
    /// Returns how many were answered.
    pub fn nothing_lost(&self) -> usize {
        let (ended, answered) = (ended(self.thread), self.answered());
        for (word, activity) in &self.lead.questions {
            let ending = ended.get(activity);
            self.check(ending.is_some(), &format!("nothing-lost: {word} has no end"));
            let told = ending != Some(&Ending::Answered)
                || answered.contains(word)
                || self.lead.stop.is_some()
                || self.is_before_a_person(word);
            self.check(told, &format!("nothing-lost: {word} counts as answered and was not"));
        }
        answered.len()
    }

    /// A reply that was taken back for a newer question leaves both to the next one, which may be a draft.
    fn is_before_a_person(&self, word: &str) -> bool {
        let mut waiting = self.thread.drafts.iter().filter(|draft| draft.state == DraftState::Waiting);
        waiting.any(|draft| questions_in(&draft.text).any(|answered| answered == word))
    }

    /// Nothing that came after the stop is answered, and two kills later nothing of before it is under way either.
    pub fn never_after_stop(&self, kills: &[Timestamp]) {
        let Some(stop) = &self.lead.stop else { return };
        let late: BTreeSet<&str> = self.lead.questions[stop.after..].iter().map(|(word, _)| word.as_str()).collect();
        let answers_late = self.answered().iter().any(|word| late.contains(word.as_str()));
        self.check(!answers_late, "never-after-stop: a question of after the stop was answered");
        if let Some(deadline) = stop.taken_at_kill.and_then(|kill| kills.get(kill + 1)) {
            let after = self.sent.iter().any(|text| text.at > *deadline);
            self.check(!after, "never-after-stop: a text left long after the stop");
        }
    }

    fn answered(&self) -> Vec<String> {
        self.sent.iter().flat_map(|text| questions_in(&text.text)).collect()
    }

    #[track_caller]
    fn check(&self, holds: bool, promise: &str) {
        assert!(holds, "{promise}\n{}", self.told());
    }

    /// The story in words, in order of time.
    fn told(&self) -> String {
        let words: BTreeMap<&str, &str> =
            self.lead.questions.iter().map(|(word, activity)| (activity.as_str(), word.as_str())).collect();
        let mut lines: Vec<(Timestamp, String)> = Vec::new();
        for record in &self.thread.inbox {
            let activity = record.activity_id.as_deref().unwrap_or_default();
            let word = words.get(activity).copied().unwrap_or(activity);
            let ending = record.ending.map(Ending::as_str);
            lines.push((
                record.received_at,
                format!("inbox {} {} {word} {ending:?} {}", record.seq, record.kind.as_str(), record.reason),
            ));
        }
        for turn in &self.thread.turns {
            let took = turn.finished_at.duration_since(turn.started_at);
            lines.push((turn.started_at, format!("turn {} {} {} {took:?}", turn.id, turn.outcome, turn.reason)));
        }
        for effect in &self.thread.effects {
            let (state, turn) = (effect.state.as_str(), effect.turn_id.as_deref().unwrap_or_default());
            lines.push((effect.created_at, format!("effect of {turn} {state} {:?} {}", effect.text, effect.error)));
        }
        for text in &self.sent {
            lines.push((text.at, format!("left {:?}", text.text)));
        }
        lines.sort();
        let mut told = format!("{} {:?}\n", self.lead.phone, self.lead.stop);
        for (at, line) in lines {
            let _ = writeln!(told, "{at:.3} {line}");
        }
        told
    }
}

/// How each text ended, by activity.
pub fn ended(thread: &DeskThread) -> BTreeMap<String, Ending> {
    let texts = thread.inbox.iter().filter(|record| record.kind == EventKind::LeadText);
    texts.filter_map(|record| Some((record.activity_id.clone()?, record.ending?))).collect()
}
