//! The words that data stands behind: what may be repeated in a reply.

use super::Candidate;
use crate::conversation::message::{Author, Message};

/// What leads and reps said. An earlier reply of ours is no source: a time it offered may be gone.
pub(super) fn said<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a Message> {
    let ctx = candidate.ctx;
    let heard = |message: &&Message| matches!(message.author, Author::Lead | Author::Rep);
    ctx.history.iter().chain(&ctx.new_texts).filter(heard)
}

/// What was given to the model as knowledge, by the organisation and by the rep.
pub(super) fn given<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    let organisation = &candidate.ctx.organisation;
    let instruction = candidate.ctx.instruction.as_ref().map(|instruction| instruction.text.as_str());
    let passages = candidate.standing.known_text.iter().map(String::as_str);
    passages.chain([organisation.name.as_str(), organisation.offer.as_str()]).chain(instruction)
}

/// What Close knows of the lead.
pub(super) fn facts<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    let lead = &candidate.ctx.lead;
    let single = [&lead.contact_name, &lead.lead_name, &lead.title, &lead.status, &lead.description, &lead.email];
    let lists = lead.opportunities.iter().chain(&lead.notes).map(String::as_str);
    let custom = lead.custom.iter().map(|(_, value)| value.as_str());
    single.into_iter().chain([&lead.location]).filter_map(|fact| fact.as_deref()).chain(lists).chain(custom)
}
