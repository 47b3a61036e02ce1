//! What becomes of a turn: one pure function from all that is known.

use jiff::{SignedDuration, Timestamp};

use super::check::{Candidate, sentences};
use super::decision::{Decision, Finding, Verdict};
use super::policy::{Mode, Policy};
use crate::sms::{Places, Rulebook, is_blank};

/// True while a reply answers a fresh text: the lead's own text it answers is at most `policy.fresh_reply` old.
#[must_use]
pub fn is_fresh(now: Timestamp, answers: Option<Timestamp>, policy: &Policy) -> bool {
    let limit = SignedDuration::try_from(policy.fresh_reply).unwrap_or(SignedDuration::MAX);
    answers.is_some_and(|newest| newest.duration_until(now) <= limit)
}

/// When a reply may go: now when it answers a fresh text and no rule forbids that, or else the next hour that is legal
/// wherever the lead may be (`never-out-of-hours`). None when there is no such hour within reach.
#[must_use]
pub fn send_allowed_at(
    now: Timestamp,
    answers: Option<Timestamp>,
    policy: &Policy,
    places: &Places,
    rules: &Rulebook,
) -> Option<Timestamp> {
    if is_fresh(now, answers, policy) {
        rules.next_for_fresh_reply(now, places)
    } else {
        rules.next_allowed(now, places)
    }
}

/// Decides on a reply.
///
/// An opt-out comes before all else (`never-after-stop`); then what forbids any reply; then a mode of off; then what
/// only a person may answer (`a-person-decides`). What is left goes out only in automatic mode and without a finding
/// that asks for a person.
#[must_use]
pub fn decide(candidate: &Candidate<'_>, findings: &[Finding]) -> Decision {
    let proposal = candidate.proposal;
    if proposal.asks_for_silence() {
        return Decision::OptOut { reason: "The lead asks not to be texted.".to_owned() };
    }
    if let Some(decision) = forbidden(candidate, findings) {
        return decision;
    }
    if let Some(reason) = candidate.policy.statuses.silence(candidate.ctx.lead.status.as_deref()) {
        return Decision::Silence { reason };
    }
    let mode = mode_of(candidate);
    if mode == Mode::Off {
        return Decision::Silence { reason: format!("Rapport is off for this ({}).", proposal.intent.in_words()) };
    }
    let text = candidate.text.trim();
    let reason = reason_for_a_person(candidate, findings, mode);
    if is_blank(text) {
        let reason =
            reason.filter(|_| gravest_is_hold(findings)).unwrap_or_else(|| "The model proposed no reply.".into());
        return Decision::HandOff { reason };
    }
    if let Some(reason) = reason {
        return Decision::Draft { text: text.to_owned(), reason };
    }
    let Some(allowed_at) = candidate.standing.send_allowed_at else {
        let reason =
            "No hour is legal in every zone this lead may be in: a person must decide when to text.".to_owned();
        return Decision::Draft { text: text.to_owned(), reason };
    };
    let not_before = (allowed_at > candidate.ctx.now).then_some(allowed_at);
    Decision::Send { text: text.to_owned(), not_before }
}

/// The mode of this reply. One that a rep asked for is a draft, whatever may go by itself; off stays off.
fn mode_of(candidate: &Candidate<'_>) -> Mode {
    let (standing, intent) = (candidate.standing, candidate.proposal.intent);
    match standing.conversation_mode {
        own if own != Some(Mode::Off) && standing.rep_asked => Mode::Draft,
        own => candidate.policy.mode_for(own, intent),
    }
}

/// What must not be answered by anyone, or is being answered by a person. The standing is asked directly too, so that
/// a finding left out cannot open a way.
fn forbidden(candidate: &Candidate<'_>, findings: &[Finding]) -> Option<Decision> {
    let standing = candidate.standing;
    if let Some(reason) = standing.suppression().or_else(|| standing.person_in_charge()) {
        return Some(Decision::Silence { reason });
    }
    if let Some(reason) = standing.pause() {
        return Some(Decision::HandOff { reason });
    }
    let blocked = findings.iter().any(|finding| finding.verdict == Verdict::Block);
    blocked.then(|| Decision::HandOff { reason: sentences(findings, |verdict| verdict == Verdict::Block) })
}

/// Why a person must look before this goes; none when it may go by itself.
fn reason_for_a_person(candidate: &Candidate<'_>, findings: &[Finding], mode: Mode) -> Option<String> {
    let proposal = candidate.proposal;
    let found = sentences(findings, |verdict| matches!(verdict, Verdict::Regenerate | Verdict::Hold));
    if !found.is_empty() {
        return Some(found);
    }
    if findings.iter().any(|finding| finding.verdict >= Verdict::Regenerate) {
        return Some("A check asks for a person.".to_owned());
    }
    if proposal.wants_human || proposal.intent.is_never_auto() {
        return Some(format!("A person decides on this ({}).", proposal.intent.in_words()));
    }
    if !proposal.structured {
        return Some("The model did not keep to the answer's format.".to_owned());
    }
    if candidate.standing.rep_asked {
        return Some("A rep asked for this draft.".to_owned());
    }
    if mode != Mode::Auto {
        return Some(format!("Draft mode: a person approves every reply ({}).", proposal.intent.in_words()));
    }
    let status = candidate.ctx.lead.status.as_deref().unwrap_or_default();
    (candidate.policy.statuses.ceiling(Some(status)) != Mode::Auto)
        .then(|| format!("A person approves every reply to leads with the status \"{}\".", status.trim()))
}

fn gravest_is_hold(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.verdict == Verdict::Hold)
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
