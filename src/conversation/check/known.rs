//! The words that data stands behind: what may be repeated in a reply.

use super::Candidate;
use super::injection::speaks_to_software;
use crate::conversation::message::{Author, Message};

/// Names are no longer than this.
const NAME_CHARS_MAX: usize = 40;

/// What leads and reps said. An earlier reply of ours is no source: a time it offered may be gone.
pub(super) fn said<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a Message> {
    let ctx = candidate.ctx;
    let heard = |message: &&Message| matches!(message.author, Author::Lead | Author::Rep);
    ctx.history.iter().chain(&ctx.new_texts).filter(heard)
}

/// What we said before. It is no source for times and links, which may be gone by now.
pub(super) fn ours<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    let ours = |message: &&Message| matches!(message.author, Author::Agent | Author::Workflow);
    candidate.ctx.history.iter().filter(ours).map(|message| message.text.as_str())
}

/// What was given to the model as knowledge, by the organisation and by the rep. Messages are among what it was given and
/// no knowledge; neither is a passage that speaks to the software.
pub(super) fn given<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    let ctx = candidate.ctx;
    let is_message = |passage: &str| {
        let passage = passage.trim();
        ctx.history.iter().chain(&ctx.new_texts).any(|message| message.text.trim() == passage)
    };
    let passages = candidate.standing.known_text.iter().map(String::as_str);
    let knowledge = passages.filter(move |passage| !is_message(passage) && !speaks_to_software(passage));
    let instruction = ctx.instruction.as_ref().map(|instruction| instruction.text.as_str());
    knowledge.chain([ctx.organisation.name.as_str(), ctx.organisation.offer.as_str()]).chain(instruction)
}

/// What the organisation itself wrote: not the part of what was given that quotes Close, where anybody may have written.
pub(super) fn trusted<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    let lead = &candidate.ctx.lead;
    let texts = lead.notes.iter().chain(&lead.opportunities).map(String::as_str);
    // "Leeds" stands in the firm's own words too, and tells nobody anything.
    let names = [&lead.contact_name, &lead.lead_name, &lead.title, &lead.location].into_iter();
    let telling = names.filter_map(|name| name.as_deref()).filter(|name| !is_plain_name(name));
    let custom = lead.custom.iter().map(|(_, value)| value.as_str());
    let of_lead: Vec<&str> = texts
        .chain(lead.description.as_deref())
        .chain(telling)
        .chain(custom)
        .map(str::trim)
        .filter(|fact| !fact.is_empty())
        .collect();
    let messages: Vec<&str> =
        candidate.ctx.history.iter().chain(&candidate.ctx.new_texts).map(|message| message.text.trim()).collect();
    let quotes = move |passage: &str| {
        let of_message = messages.iter().any(|message| !message.is_empty() && passage.contains(message));
        of_message || of_lead.iter().any(|fact| passage.contains(fact))
    };
    given(candidate).filter(move |passage| !quotes(passage))
}

/// A few words without links, numbers and addresses.
fn is_plain_name(name: &str) -> bool {
    name.chars().count() <= NAME_CHARS_MAX && name.chars().all(|c| c.is_alphabetic() || " ,'&-".contains(c))
}

/// What Close knows of the lead.
pub(super) fn facts<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    let lead = &candidate.ctx.lead;
    let single = [&lead.contact_name, &lead.lead_name, &lead.title, &lead.status, &lead.description, &lead.email];
    let lists = lead.opportunities.iter().chain(&lead.notes).map(String::as_str);
    let custom = lead.custom.iter().map(|(_, value)| value.as_str());
    single.into_iter().chain([&lead.location]).filter_map(|fact| fact.as_deref()).chain(lists).chain(custom)
}
