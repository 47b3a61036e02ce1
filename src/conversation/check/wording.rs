//! Is the reply well written, and true about who writes it?

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::{Hold, Pass, Regenerate};
use crate::conversation::heard::heard;
use crate::conversation::intent::Intent;
use crate::conversation::message::Author;
use crate::conversation::notices::says_ai;
use crate::conversation::placeholder::left_in;
use crate::conversation::policy::Mode;
use crate::sms::segments::{self, Encoding, outside_gsm};
use crate::sms::{Disclosure, is_blank};

/// How alike two texts are, 0 to 1, before one counts as a repetition of the other.
const NEARLY_IDENTICAL: f64 = 0.9;

/// How many of our last texts a reply must not repeat.
const RECENT: usize = 3;

/// Greetings and thanks may be said twice.
const SHORT_CHARS: usize = 16;

static UNFILLED: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\{[^{}]{0,80}\}?|\}|\[(?:your |the |insert |my |lead'?s? |contact'?s? |rep'?s? |agent'?s? )?(?:first |last |full |company |business |meeting |calendar |booking )?(?:name|company|date|day|time|link|url|phone|number|email|price|amount|title|city|product|insert[^\]]*|placeholder)\]|<(?:name|link|url|date|time|first[_ ]name)>|_{3,}|\$X+\b|\bXX:XX\b|\bN/A\b|\bTBD\b|\bTBC\b|\bXXX+\b|lorem ipsum",
    )
});

static HUMAN: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:i'?m|i am|yes,? i'?m|this is|(?:talking|speaking|texting|chatting) (?:to|with)) (?:in fact |actually |definitely |really |indeed |just |totally |very much |100% )*(?:an? )?(?:real |actual |live |genuine |flesh[- ]and[- ]blood )*(?:human|person|man|woman)(?: being)?\b|\b(?:i'?m|i am|this is|it'?s|definitely|certainly) not (?:an? |some )?(?:ai|bots?|robot|machine|chatbot|computer|automated|artificial)\b|\bnot an? (?:ai|bot|robot|chatbot|machine)\b|\breal (?:person|human)(?: being)? here\b|\bno (?:bots?|robots?|ai) here\b|\bsoy (?:una? )?(?:persona|humano|humana)\b|\bno soy un[a]? (?:bot|robot|ia|máquina)\b|\bje suis (?:une? )?(?:vraie? |véritable )?(?:personne|humaine?)\b|\bje ne suis pas une? (?:bot|robot|ia|machine)\b|\bsou (?:um[a]? )?(?:pessoa|human[oa])\b|\bnão sou um[a]? (?:bot|robô|ia|máquina)\b|\b(?:human|person) (?:here|behind|on this end|typing)\b|\b(?:i'?m|i am) (?:just |only )?(?:a )?(?:guy|gal|lady|dude|mom|dad|flesh and blood|100% (?:real|human)|alive|very human|human)\b|\bas a (?:fellow )?(?:human|person)\b|\b(?:we|i) (?:don'?t|do not|never) use (?:any )?(?:ai|bots?|automation|chatbots?)\b|\b(?:typing|writing|texting) (?:this |you )?(?:myself|by hand|from my (?:phone|desk|car))\b|\bnobody here is a bot\b|\b(?:far from|definitely not|certainly not|no,? not|nope,? not) an? (?:bot|ai|robot|machine)\b|\b(?:it'?s|its) (?:really |just |actually )?me,? (?:a )?(?:human|person|in person)\b|\bflesh[- ]and[- ]blood\b|\bno automat\w+ here\b|\breal rep\b|\b(?:i live (?:in|on|near|here)|i grew up|i was born|my (?:wife|husband|spouse|kids|children|girlfriend|boyfriend|lunch|commute|birthday)|at my desk|i(?:'m| am) (?:married|at (?:my desk|lunch|home)|in the car))\b|\bhumain ici\b|\bpersona real\b|\bpessoa de verdade\b|\bvraie personne\b",
    )
});

static LEAKED: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\bsystem (?:prompt|message|instructions?)\b|\b(?:my|the|these|your|following) (?:prompt|instructions)(?: are| is| say| tell|:)|\b(?:my|the) (?:knowledge base|system prompt|developers?|training data|guidelines) (?:say|says|tell|tells|do|does|only|forbid)\b|\b(?:ignore|ignoring) (?:all )?(?:previous|prior) instructions\b|\b(?:token|context) (?:budget|window|limit)\b|\bthe (?:provided|given) (?:context|facts|knowledge)\b|\bi(?:'m| am) not allowed to (?:reveal|share|discuss) (?:my|the|these) (?:instructions|prompt|rules)\b|</?(?:lead|data|history|knowledge|texts?|instructions|system)\b[^>]*>|\bi (?:was|am|have been) (?:instructed|prompted|programmed) (?:to|not)\b|\bas a(?:n ai)? language model\b|<\|[a-z_]+\|>|\bwants_human\b|\bfacts_used\b|\bslots_named\b",
    )
});

pub(super) fn empty_text(candidate: &Candidate<'_>) -> Outcome {
    let proposal = candidate.proposal;
    let expected = !proposal.wants_human && !proposal.opt_out && !proposal.intent.is_never_auto();
    (expected && is_blank(candidate.text)).then(|| (Regenerate, "The reply is empty.".to_owned()))
}

pub(super) fn placeholder(candidate: &Candidate<'_>) -> Outcome {
    let left = UNFILLED.find(candidate.text).map(|found| found.as_str()).or_else(|| left_in(candidate.text))?;
    Some((Regenerate, format!("The reply has something left to fill in: \"{left}\".")))
}

pub(super) fn segments(candidate: &Candidate<'_>) -> Outcome {
    let (counted, max) = (segments::count(candidate.text), candidate.policy.segments_max);
    (counted.segments > max).then(|| {
        let sentence = format!(
            "The reply takes {} segments ({} {} units); at most {max} are allowed: make it shorter.",
            counted.segments, counted.units, counted.encoding
        );
        (Regenerate, sentence)
    })
}

/// What makes a text dear is told. The letters a language is written with are no mistake, and nothing was put right.
pub(super) fn encoding(candidate: &Candidate<'_>) -> Outcome {
    let counted = segments::count(candidate.text);
    let causes = outside_gsm(candidate.text).into_iter().filter(|c| !c.is_alphabetic());
    let causes: Vec<String> = causes.take(5).map(String::from).collect();
    if counted.encoding == Encoding::Gsm7 || causes.is_empty() {
        return None;
    }
    let segments = if counted.segments == 1 { "segment" } else { "segments" };
    let sentence = format!("Sent as UCS-2 in {} {segments} because of {}.", counted.segments, causes.join(" "));
    Some((Pass, sentence))
}

pub(super) fn repetition(candidate: &Candidate<'_>) -> Outcome {
    let new = words(candidate.text);
    let said = candidate.ctx.history.iter().rev().filter(|message| message.author == Author::Agent).take(RECENT);
    let is_alike = |old: &str| strsim::normalized_levenshtein(&new, old) >= NEARLY_IDENTICAL;
    let alike =
        new.chars().count() >= SHORT_CHARS && said.map(|message| words(&message.text)).any(|old| is_alike(&old));
    alike.then(|| (Regenerate, "The reply repeats what was said last.".to_owned()))
}

pub(super) fn claims_human(candidate: &Candidate<'_>) -> Outcome {
    let plain = candidate.text.replace(['\u{2019}', '\u{2018}'], "'");
    let claim = HUMAN.find(&plain)?.as_str().to_owned();
    Some((
        Regenerate,
        format!("The reply claims to be human (\"{claim}\"): it must never say that, nor deny being AI."),
    ))
}

/// A lead who asks whether a machine is writing gets a true answer, and a person reads it first, unless the configuration lets
/// this very intent go by itself.
pub(super) fn asked_for_a_machine(candidate: &Candidate<'_>) -> Outcome {
    let texts = candidate.ctx.new_texts.iter().filter(|message| message.author == Author::Lead);
    let asked = candidate.proposal.intent == Intent::AreYouABot
        || texts.map(|message| heard(&message.text)).any(|heard| heard.intent == Intent::AreYouABot);
    if !asked {
        return None;
    }
    if says_ai(candidate.text) {
        let by_itself = candidate.policy.intents.get(&Intent::AreYouABot) == Some(&Mode::Auto)
            && candidate.ctx.notices.disclosure != Disclosure::None;
        if by_itself {
            return None;
        }
        return Some((Hold, "The lead asks whether a machine is writing: a person reads the answer first.".to_owned()));
    }
    Some((
        Regenerate,
        "The lead asks whether a machine is writing: say truthfully that this is an AI assistant and that a person of the \
         team reads along."
            .to_owned(),
    ))
}

pub(super) fn leaked_instructions(candidate: &Candidate<'_>) -> Outcome {
    let leaked = LEAKED.find(candidate.text)?.as_str();
    Some((Regenerate, format!("The reply talks about its own instructions (\"{leaked}\").")))
}

/// The words alone, at most 1,000 characters of them: enough to tell two texts apart.
fn words(text: &str) -> String {
    let plain = text.to_lowercase().replace(|c: char| !c.is_alphanumeric(), " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(1_000).collect()
}
