//! Does a lead's text speak to the model instead of the team?

use std::sync::LazyLock;

use regex::Regex;

use super::known::facts;
use super::pattern::any_case;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Hold;
use crate::conversation::message::Author;
use crate::sms::recent::Recent;

static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:ignore|disregard|forget|bypass|override|skip|ignora|olvida|ignorez|oubliez|esque[cç]a)\b.{0,40}\b(?:instructions?|prompts?|rules|guidelines|directives|programming|training|constraints|instrucciones|consignes|instru[cç][oõ]es|reglas|regras)\b|\b(?:respond|reply|answer|write|say) (?:(?:to )?(?:me|everyone|the lead|them|him|her|all leads) )?(?:only |back )?with (?:exactly|verbatim|the (?:exact )?(?:words|text|phrase|link))\b|\b(?:assistant|model|chatbot|ai|llm|bot|gpt|claude)\b.{0,15}\b(?:must|shall|will now)\b|\b(?:important|urgent|attention|note) (?:to|for) (?:the )?(?:ai|assistant|model|bot|system|agent|software)\b|\b(?:set|change|switch) (?:the |your |this )?(?:mode|policy|conversation|intent)\b.{0,12}\b(?:to|on)\b|\b(?:remove|lift|clear|disable) (?:the |my |this )?(?:suppression|opt[- ]?out|kill ?switch|filters?|checks?|safeguards?)\b|\b(?:other|another|all|every|previous|next) (?:lead|customer|client)s?(?:'s?)?\b.{0,25}\b(?:phone|numbers?|emails?|address(?:es)?|data|names?|details|info|records?|notes?)\b|\b(?:phone|numbers?|emails?|address(?:es)?|data|names?|details|notes?) of (?:the )?(?:other|another|all|every|previous|next) (?:lead|customer|client)s?\b|\bbase64\b|\bsystem[ _-]?(?:prompt|message|instruction)|\b(?:reveal|show|print|repeat|output|tell me|give me|what (?:is|are))\b.{0,20}\b(?:your|the) (?:\w+ )?(?:prompt|instructions)\b|\byou are now (?:an?|in|my|the)\b|\b(?:from now on|henceforth),? (?:you|act|respond|answer|reply|tell|send|say|offer|give|print|promise|write|always)\b|\b(?:pretend|roleplay|role-play) (?:to be|you|that you|as)\b|\b(?:developer|debug|admin|god|dan) mode\b|\bjailbreak|\bnew instructions\b|\bas an ai\b|\byour (?:system|developer)\b.{0,10}\b(?:says?|told)\b|<\|[^|>]{1,30}\|>|</?(?:system|assistant|user|instructions?|prompt|data|lead)\b[^>]*>|^\s*#{2,}\s*(?:system|instructions?|assistant)\b|^\s*(?:system|assistant|developer)\s*:|\[/?inst\]|\{\{?\s*(?:slot|slot_link|booking_link|reschedule_link|cancel_link)\b|\b(?:opt_out|wants_human)\s*[=:]",
    )
});

/// Bytes of texts whose signs are remembered: knowledge and the messages of a conversation come again with every reply.
const REMEMBERED_BYTES: usize = 256 * 1024;

static READ: LazyLock<Recent<Option<String>>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// True when a text has signs of speaking to the software instead of to people.
pub(super) fn speaks_to_software(text: &str) -> bool {
    sign(&without_placeholders(text)).is_some()
}

fn sign(text: &str) -> Option<String> {
    let look = |text: &str| text.lines().find_map(|line| SIGNS.find(line)).map(|sign| sign.as_str().trim().to_owned());
    READ.recall(text, look)
}

/// Placeholders are ours where we told the model of them.
fn without_placeholders(passage: &str) -> String {
    passage.replace(['{', '}'], "")
}

/// Text from outside gives no orders. Where it tries to, a person looks, whatever the model made of it.
pub(super) fn injection(candidate: &Candidate<'_>) -> Outcome {
    let ctx = candidate.ctx;
    let texts = ctx.history.iter().chain(&ctx.new_texts).filter(|message| message.author == Author::Lead);
    let heard = texts.map(|message| message.text.as_str()).map(|text| ("The lead's text", text.to_owned()));
    let recorded = facts(candidate).map(|fact| ("What Close says of the lead", fact.to_owned()));
    let passages = candidate.standing.known_text.iter();
    let passages = passages.map(|text| ("A passage the model was given", without_placeholders(text)));
    let (what, sign) = heard.chain(recorded).chain(passages).find_map(|(what, text)| Some((what, sign(&text)?)))?;
    Some((Hold, format!("{what} speaks to the software instead of you (\"{sign}\").")))
}
