//! Does a lead's text speak to the model instead of the team?

use std::sync::LazyLock;

use regex::Regex;

use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Hold;
use crate::conversation::message::Author;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:ignore|disregard|forget|bypass|override|skip)\b.{0,30}\b(?:instructions?|prompts?|rules|guidelines|directives|programming)\b|\bsystem[ _-]?(?:prompt|message|instruction)|\b(?:reveal|show|print|repeat|output|tell me|give me|what (?:is|are))\b.{0,20}\b(?:your|the) (?:\w+ )?(?:prompt|instructions)\b|\byou are now (?:an?|in|my|the)\b|\b(?:from now on|henceforth),? (?:you|act|respond|answer|reply)\b|\b(?:pretend|roleplay|role-play) (?:to be|you|that you|as)\b|\b(?:developer|debug|admin|god|dan) mode\b|\bjailbreak|\bnew instructions\b|\bas an ai\b|\byour (?:system|developer)\b.{0,10}\b(?:says?|told)\b|<\|[^|>]{1,30}\|>|</?(?:system|assistant|user|instructions?|prompt|data|lead)\b[^>]*>|^\s*#{2,}\s*(?:system|instructions?|assistant)\b|^\s*(?:system|assistant|developer)\s*:|\[/?inst\]|\{\{?\s*(?:slot|slot_link|booking_link|reschedule_link|cancel_link)\b|\b(?:opt_out|wants_human)\s*[=:]",
    )
    .expect("constant pattern")
});

pub(super) fn injection(candidate: &Candidate<'_>) -> Outcome {
    let texts = candidate.ctx.new_texts.iter().filter(|message| message.author == Author::Lead);
    let sign = texts.flat_map(|message| message.text.lines()).find_map(|line| SIGNS.find(line))?;
    Some((Hold, format!("The lead's text speaks to the software instead of you (\"{}\").", sign.as_str().trim())))
}
