//! What a text must say beside its answer: who writes, how to stop the texts, that an AI writes.
//!
//! The model is told and may say it in its own words; what it left out is added here, never a second time. So what a rep sees on
//! the desk, and what the checks count, is the exact text that leaves.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::check::language::language_of;
use super::context::{Organisation, TurnContext};
use super::message::{Author, Message};
use super::policy::Policy;
use crate::sms::fold::{Cut, fold};
use crate::sms::{Disclosure, normalise, segments};

/// What is due in one text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notices {
    /// The person and the company: it is Rapport's first text to this lead.
    pub introduction: bool,
    /// How to stop the texts.
    pub opt_out: bool,
    /// That an AI writes.
    pub ai: bool,
    /// When texts to this lead say that an AI writes.
    pub disclosure: Disclosure,
    /// Segments that the text may take with all of it; 0 when that is not known.
    pub segments_max: u32,
}

/// The words of one language.
struct Words {
    /// Between the person and the company.
    of: &'static str,
    assistant: &'static str,
    opt_out: &'static str,
}

/// None of them needs a character outside the GSM alphabet, which would make every text dearer.
fn words(language: &str) -> Words {
    match language {
        "Spanish" => {
            Words { of: "de", assistant: "asistente de IA", opt_out: "Responda STOP para no recibir mensajes." }
        }
        "French" => Words { of: "de", assistant: "assistant IA", opt_out: "Répondez STOP pour vous désinscrire." },
        "Portuguese" => Words { of: "da", assistant: "assistente de IA", opt_out: "Responda STOP para sair da lista." },
        _ => Words { of: "from", assistant: "AI assistant", opt_out: "Reply STOP to opt out." },
    }
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant pattern")
}

/// Tells how to stop, in the words of ours and in those that other senders use. The text is folded.
static OPT_OUT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:reply|text|txt|send|respond|answer|type|responda|responde|responder|envie|envia|escriba|escribe|mande|manda|conteste|contesta|repondez|envoyez|tapez)(?: (?:back|with|us|the|word|to|this|text|message|con|com|la|palabra|avec|le|mot)){0,5} (?:stop|stopall|unsubscribe|arret|alto|baja|sair|parar|pare)(?: (?:to|2|if|at|or|and|any|anytime|para|pour|a|se|si|ou|o)\b|$)",
    )
});

/// Says that no person writes. Capitals, since `j'ai` is no AI.
static ADMITS_AI: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\bA\.?I\b|\bIA\b|(?i:\bai (?:assistant|agent|helper|system)\b|\bartificial intelligence\b|\b(?:virtual|automated|digital) (?:assistant|agent|system)\b|\b(?:chat)?bot\b|\bassistant virtuel|\b(?:asistente|assistente) virtual\b|\binteligencia artificial\b|\binteligência artificial\b|\bintelligence artificielle\b)",
    )
});

/// True when a text tells how to stop the texts.
#[must_use]
pub fn says_opt_out(text: &str) -> bool {
    fold(text, Cut::Lines).iter().any(|line| OPT_OUT.is_match(line))
}

/// True when a text says that an AI writes.
#[must_use]
pub fn says_ai(text: &str) -> bool {
    ADMITS_AI.is_match(text)
}

/// True when a text names the person and the company.
#[must_use]
pub fn introduces(text: &str, organisation: &Organisation) -> bool {
    let plain = |text: &str| {
        // "Acme's" names Acme.
        let text = text.replace('\u{2019}', "'").replace("'s", "");
        format!(" {} ", fold(&text, Cut::Sentences).join(" "))
    };
    let said = plain(text);
    [&organisation.agent_name, &organisation.name].into_iter().all(|name| said.contains(&plain(name)))
}

impl Notices {
    /// What the next text to the lead of `ctx` must say. `answered_before` is true when Rapport texted this person before,
    /// also where the history does not show it.
    #[must_use]
    pub fn due(ctx: &TurnContext, policy: &Policy, answered_before: bool, disclosure: Disclosure) -> Self {
        let ours = || ctx.history.iter().filter(|message| message.author != Author::Lead);
        let is_first = !answered_before && !ours().any(|message| message.author == Author::Agent);
        let introduced = || ours().any(|message| introduces(&message.text, &ctx.organisation));
        let told_to_stop =
            |every| ours().any(|message| is_within(message, every, ctx.now) && says_opt_out(&message.text));
        Self {
            introduction: policy.introduce && is_first && !introduced(),
            opt_out: policy
                .opt_out_notice
                .is_some_and(|every| !told_to_stop(SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX))),
            ai: disclosure == Disclosure::FirstMessage && !ours().any(|message| says_ai(&message.text)),
            disclosure,
            segments_max: policy.segments_max,
        }
    }

    /// The text with all that is due and that it does not say itself, in its own language. An empty text stays empty.
    #[must_use]
    pub fn complete(&self, text: &str, ctx: &TurnContext) -> String {
        if text.trim().is_empty() {
            return text.to_owned();
        }
        let words = words(language(text, ctx));
        let label = self.label(text, &ctx.organisation, &words);
        let opt_out = if self.opt_out && !says_opt_out(text) { format!("\n{}", words.opt_out) } else { String::new() };
        if label.is_empty() && opt_out.is_empty() {
            return text.to_owned();
        }
        normalise(&format!("{label}{}{opt_out}", text.trim()))
    }

    /// Who writes, before the text: `Robin from Juniper Windows: `.
    fn label(&self, text: &str, organisation: &Organisation, words: &Words) -> String {
        let who = self.introduction && !introduces(text, organisation);
        let ai = self.ai && !says_ai(text);
        let Words { of, assistant, .. } = words;
        let (agent, company) = (organisation.agent_name.trim(), organisation.name.trim());
        match (who, ai) {
            (true, true) => format!("{agent}, {assistant} {of} {company}: "),
            (true, false) => format!("{agent} {of} {company}: "),
            (false, true) => format!("{agent}, {assistant}: "),
            (false, false) => String::new(),
        }
    }

    /// What the model is told of it, a line each; nothing when nothing is due.
    #[must_use]
    pub fn instructions(&self, ctx: &TurnContext) -> Vec<String> {
        let organisation = &ctx.organisation;
        let (agent, company) = (organisation.agent_name.trim(), organisation.name.trim());
        let who = match (self.introduction, self.ai) {
            (true, true) => Some(format!("Say in passing that you are {agent}, the AI assistant of {company}.")),
            (true, false) => Some(format!("Say in passing that you are {agent} from {company}: it is our first text.")),
            (false, true) => Some("Say in passing that you are an AI assistant.".to_owned()),
            (false, false) => None,
        };
        let words = words(language("", ctx));
        let opt_out = self.opt_out.then(|| {
            format!("\"{}\" is put below your text: do not write it, and do not talk about it.", words.opt_out)
        });
        let any = who.is_some() || opt_out.is_some();
        let room = any.then(|| format!("Keep your text under {} characters.", self.characters(organisation, &words)));
        who.into_iter().chain(opt_out).chain(room).collect()
    }

    /// Characters that are left for the text itself in the GSM alphabet, should all of it have to be added.
    fn characters(&self, organisation: &Organisation, words: &Words) -> u32 {
        /// Room of one segment alone, and of each of several (3GPP TS 23.040).
        const ONE: u32 = 160;
        const EACH: u32 = 153;
        let room = match self.segments_max {
            1 => ONE,
            0 => 2 * EACH,
            several => several.saturating_mul(EACH),
        };
        let opt_out = if self.opt_out { format!("\n{}", words.opt_out) } else { String::new() };
        let added = segments::count(&format!("{}{opt_out}", self.label("", organisation, words))).units;
        room.saturating_sub(added).max(60)
    }
}

fn is_within(message: &Message, every: SignedDuration, now: Timestamp) -> bool {
    message.at.duration_until(now) < every
}

/// The language of the text; where it is too short to tell, the lead's own; or else the organisation's.
fn language(text: &str, ctx: &TurnContext) -> &'static str {
    let lead = || {
        let texts = ctx.new_texts.iter().chain(ctx.history.iter().rev());
        texts.filter(|message| message.author == Author::Lead).find_map(|message| language_of(&message.text))
    };
    language_of(text).or_else(lead).unwrap_or_else(|| {
        match ctx.organisation.language.get(..2).unwrap_or_default().to_ascii_lowercase().as_str() {
            "es" => "Spanish",
            "fr" => "French",
            "pt" => "Portuguese",
            _ => "English",
        }
    })
}

#[cfg(test)]
#[path = "notices_tests.rs"]
mod tests;
