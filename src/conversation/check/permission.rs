//! May this reply go at all, and may it go without a person?

use jiff::SignedDuration;

use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::{Block, Hold, Mended};
use crate::conversation::heard::heard;
use crate::conversation::intent::Intent;
use crate::conversation::message::Author;

pub(super) fn suppressed(candidate: &Candidate<'_>) -> Outcome {
    Some((Block, candidate.standing.suppression()?))
}

pub(super) fn kill_switch(candidate: &Candidate<'_>) -> Outcome {
    Some((Block, candidate.standing.pause()?))
}

pub(super) fn takeover(candidate: &Candidate<'_>) -> Outcome {
    Some((Block, candidate.standing.person_in_charge()?))
}

/// A rep's last word that Rapport was not told of when it was sent, as on the first day: no takeover stands, and still a
/// person is in this conversation (`never-over-a-human`).
pub(super) fn recent_rep(candidate: &Candidate<'_>) -> Outcome {
    let ours = candidate.ctx.history.iter().rfind(|message| matches!(message.author, Author::Agent | Author::Rep))?;
    let hold = SignedDuration::try_from(candidate.policy.takeover).unwrap_or(SignedDuration::MAX);
    let recent = ours.author == Author::Rep && ours.at.duration_until(candidate.ctx.now) < hold;
    recent.then(|| (Hold, "A rep texted with this lead not long ago: a person decides on the next reply.".to_owned()))
}

pub(super) fn caps(candidate: &Candidate<'_>) -> Outcome {
    let (standing, policy) = (candidate.standing, candidate.policy);
    let reached = [
        (standing.sent_to_lead_24h, policy.lead_daily_cap, "to this lead in 24 hours"),
        (standing.sent_1h, policy.hourly_cap, "in one hour"),
        (standing.sent_24h, policy.daily_cap, "in 24 hours"),
    ];
    let reached = reached.into_iter().find(|(sent, cap, _)| sent >= cap);
    let own =
        reached.map(|(sent, cap, span)| format!("The cap of {cap} automatic texts {span} is reached ({sent} sent)."));
    Some((Hold, own.or_else(|| standing.state_cap.clone())?))
}

/// `never-out-of-hours`: when the reply may go, or that no hour is legal wherever the lead may be.
pub(super) fn hours(candidate: &Candidate<'_>) -> Outcome {
    match candidate.standing.send_allowed_at {
        None => Some((Hold, "No hour is legal in every zone this lead may be in.".to_owned())),
        Some(at) if at > candidate.ctx.now => {
            let rule = candidate.standing.hours_rule.as_ref().map(|rule| format!(" {rule}.")).unwrap_or_default();
            Some((Mended, format!("It waits for a legal hour, until {at:.0}.{rule}")))
        }
        Some(_) => None,
    }
}

/// Whoever asks for a person, complains or threatens in plain words gets one, whatever the model calls it.
pub(super) fn heard_plainly(candidate: &Candidate<'_>) -> Outcome {
    let texts = candidate.ctx.new_texts.iter().filter(|message| message.author == Author::Lead);
    let heard = texts.map(|message| heard(&message.text)).find(|heard| heard.intent.is_never_auto())?;
    let wants = heard.intent.in_words();
    Some((Hold, format!("A person decides on this ({wants}). {}", heard.reason)))
}

pub(super) fn first_contact(candidate: &Candidate<'_>) -> Outcome {
    (candidate.standing.first_contact && candidate.policy.hold_first)
        .then(|| (Hold, "This is the first answer to a new person.".to_owned()))
}

/// After an outage: what was asked long ago may be settled by now, and "can you call me in ten minutes?" has no answer.
pub(super) fn late(candidate: &Candidate<'_>) -> Outcome {
    let age = candidate.ctx.newest_text_at()?.duration_until(candidate.ctx.now);
    let limit = SignedDuration::try_from(candidate.policy.late_after).unwrap_or(SignedDuration::MAX);
    let hours = age.as_hours();
    (age > limit).then(|| {
        let how_old = if hours < 2 { "some time".to_owned() } else { format!("{hours} hours") };
        (Hold, format!("The lead texted {how_old} ago: a person decides whether this answer still fits."))
    })
}

pub(super) fn wants_human(candidate: &Candidate<'_>) -> Outcome {
    let asked = candidate.proposal.intent == Intent::WantsHuman || candidate.proposal.wants_human;
    asked.then(|| (Hold, "The lead asks for a person, or the question needs one.".to_owned()))
}

pub(super) fn never_auto(candidate: &Candidate<'_>) -> Outcome {
    let what = match candidate.proposal.intent {
        Intent::Complaint => "a complaint",
        Intent::LegalThreat => "a legal threat",
        Intent::OptOut => "a wish not to be texted",
        intent if intent.is_never_auto() && intent != Intent::WantsHuman => "of a kind that only a person answers",
        _ => return None,
    };
    Some((Hold, format!("The text is {what}: a person decides.")))
}

pub(super) fn unstructured(candidate: &Candidate<'_>) -> Outcome {
    (!candidate.proposal.structured)
        .then(|| (Hold, "The model did not keep to the answer's format: read its reply with care.".to_owned()))
}
