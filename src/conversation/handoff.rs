//! What a person is told who goes on where Rapport stops: why, what was said, what to do next. Rules write it, not a model.

use serde::{Deserialize, Serialize};

use super::context::TurnContext;
use super::decision::Decision;
use super::heard::heard;
use super::intent::Intent;
use super::message::{Author, Message};
use super::proposal::Proposal;
use crate::sms::is_blank;

/// The lead's last texts that a handoff repeats, at most.
const TEXTS_MAX: usize = 3;
/// Characters of one text that are repeated.
const TEXT_CHARS_MAX: usize = 240;
/// Characters of the summary of earlier texts that are repeated.
const EARLIER_CHARS_MAX: usize = 400;

/// Why a person is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffKind {
    /// The lead threatens with law.
    LegalThreat,
    /// The lead complains.
    Complaint,
    /// The lead asks for a person.
    WantsHuman,
    /// The question needs a person.
    NeedsPerson,
    /// No reply could be written.
    NoReply,
    /// A reply could not be sent.
    NotSent,
    /// A rep took over, and the lead still waits.
    LeadWaits,
    /// The lead may not have meant to opt out.
    UnclearStop,
}

impl HandoffKind {
    /// Every kind, the gravest first.
    pub const ALL: &[Self] = &[
        Self::LegalThreat,
        Self::Complaint,
        Self::WantsHuman,
        Self::NeedsPerson,
        Self::NoReply,
        Self::NotSent,
        Self::LeadWaits,
        Self::UnclearStop,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LegalThreat => "legal_threat",
            Self::Complaint => "complaint",
            Self::WantsHuman => "wants_human",
            Self::NeedsPerson => "needs_person",
            Self::NoReply => "no_reply",
            Self::NotSent => "not_sent",
            Self::LeadWaits => "lead_waits",
            Self::UnclearStop => "unclear_stop",
        }
    }

    /// Reads [`HandoffKind::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// What the lead needs, after the lead's name.
    fn headline(self) -> &'static str {
        match self {
            Self::LegalThreat => "mentions legal steps",
            Self::Complaint => "complains",
            Self::WantsHuman => "asks for a person",
            Self::NeedsPerson => "needs an answer from a person",
            Self::NoReply => "waits: Rapport could not write a reply",
            Self::NotSent => "waits: Rapport's reply was not sent",
            Self::LeadWaits => "still waits for an answer",
            Self::UnclearStop => "may not have meant to stop texts",
        }
    }

    fn next_step(self) -> &'static str {
        match self {
            Self::LegalThreat => "Show the texts to whoever handles legal matters before anybody answers.",
            Self::Complaint => "Read the texts, call, and put it right.",
            Self::WantsHuman => "Call, or answer from Close; Rapport then stays silent.",
            Self::NeedsPerson => "Answer from the desk or from Close.",
            Self::NoReply => "Answer from Close, or ask for a draft on the desk.",
            Self::NotSent => "Put right what Close says, then answer from Close.",
            Self::LeadWaits => "Answer from Close, or hand the conversation back on the desk.",
            Self::UnclearStop => "Call and ask what was meant: a meeting, or the texts. Do not text.",
        }
    }

    fn of_intent(intent: Intent) -> Option<Self> {
        match intent {
            Intent::LegalThreat => Some(Self::LegalThreat),
            Intent::Complaint => Some(Self::Complaint),
            Intent::WantsHuman => Some(Self::WantsHuman),
            _ => None,
        }
    }
}

/// A conversation handed to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// Why, as a kind.
    pub kind: HandoffKind,
    /// Why, in a sentence.
    pub reason: String,
    /// Who the lead is and what was said.
    pub summary: String,
    /// What to do next, in a sentence.
    pub next_step: String,
}

/// What a handoff is written from. One lead's data, by construction.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The lead's name.
    pub name: Option<&'a str>,
    /// What was said, oldest first.
    pub messages: &'a [Message],
    /// A summary of what was said earlier.
    pub earlier: Option<&'a str>,
}

impl Handoff {
    /// A handoff of `kind`, for `reason`.
    #[must_use]
    pub fn new(kind: HandoffKind, reason: &str, about: &About<'_>) -> Self {
        Self { kind, reason: reason.to_owned(), summary: summary(kind, about), next_step: kind.next_step().to_owned() }
    }

    /// The handoff that a turn's decision is: none for a reply, for silence, and for a draft that only waits to be approved.
    #[must_use]
    pub fn of_turn(ctx: &TurnContext, proposal: Option<&Proposal>, decision: &Decision) -> Option<Self> {
        let kind = kind_of_turn(ctx, proposal, decision)?;
        let lead = &ctx.lead;
        let about = About { name: lead.name(), messages: &ctx.new_texts, earlier: ctx.summary.as_deref() };
        Some(Self::new(kind, decision.reason(), &about))
    }

    /// The words of the task at Close. `reference` is what it is found by, `link` leads to the conversation on the desk.
    #[must_use]
    pub fn task_text(&self, link: Option<&str>, reference: &str) -> String {
        let link = link.map(|link| format!("\nConversation: {link}")).unwrap_or_default();
        let Self { reason, summary, next_step, .. } = self;
        format!("{summary}\nWhy: {reason}\nNext: {next_step}{link}\n(Rapport {reference})")
    }
}

/// A person's own words count before what the model made of them.
fn kind_of_turn(ctx: &TurnContext, proposal: Option<&Proposal>, decision: &Decision) -> Option<HandoffKind> {
    let texts = ctx.new_texts.iter().filter(|message| message.author == Author::Lead);
    let named = proposal.map(|proposal| proposal.intent);
    let wanted = texts.map(|message| heard(&message.text).intent).chain(named).filter_map(HandoffKind::of_intent);
    let wanted = wanted.min_by_key(|kind| HandoffKind::ALL.iter().position(|known| known == kind));
    let needs_person = proposal.is_some_and(|proposal| proposal.wants_human).then_some(HandoffKind::NeedsPerson);
    match decision {
        Decision::HandOff { .. } => wanted.or(needs_person).or(Some(HandoffKind::NoReply)),
        Decision::Draft { .. } => wanted.or(needs_person),
        Decision::Send { .. } | Decision::Silence { .. } | Decision::OptOut { .. } => None,
    }
}

fn summary(kind: HandoffKind, about: &About<'_>) -> String {
    let who = about.name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or("The lead");
    let mut lines = vec![format!("{} {}.", clipped(who, 80), kind.headline())];
    let texts = about.messages.iter().filter(|message| message.author == Author::Lead && !is_blank(&message.text));
    let texts: Vec<&Message> = texts.collect();
    let newest = &texts[texts.len().saturating_sub(TEXTS_MAX)..];
    lines.extend(newest.iter().map(|message| format!("Lead: \"{}\"", clipped(&message.text, TEXT_CHARS_MAX))));
    let earlier = about.earlier.map(str::trim).filter(|text| !text.is_empty());
    lines.extend(earlier.map(|text| format!("Earlier: {}", clipped(text, EARLIER_CHARS_MAX))));
    lines.join("\n")
}

/// The text on one line, cut to so many characters.
fn clipped(text: &str, chars_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::check::fixture::{ctx, message};

    fn turn(text: &str, proposal: &Proposal, decision: &Decision) -> Option<Handoff> {
        let mut ctx = ctx();
        ctx.lead.contact_name = Some("Pat Moss".to_owned());
        ctx.new_texts = vec![message(Author::Lead, text)];
        Handoff::of_turn(&ctx, Some(proposal), decision)
    }

    fn draft() -> Decision {
        Decision::Draft { text: "Sure.".to_owned(), reason: "A person decides.".to_owned() }
    }

    #[test]
    fn a_draft_that_only_waits_to_be_approved_hands_nothing_off() {
        let proposal = Proposal::reply("Plans start at $1,200.", Intent::Price);
        assert_eq!(turn("What does it cost?", &proposal, &draft()), None);
        let sent = Decision::Send { text: "Sure.".to_owned(), not_before: None };
        assert_eq!(turn("Can somebody call me?", &proposal, &sent), None);
        let stop = Decision::OptOut { reason: "The lead asks not to be texted.".to_owned() };
        assert_eq!(turn("stop", &proposal, &stop), None);
    }

    #[test]
    fn the_leads_own_words_say_why_a_person_is_needed_whatever_the_model_calls_them() {
        let calm = Proposal::reply("Sure.", Intent::SmallTalk);
        let kind = |text: &str, proposal: &Proposal| turn(text, proposal, &draft()).map(|handoff| handoff.kind);
        assert_eq!(kind("Can somebody call me?", &calm), Some(HandoffKind::WantsHuman));
        assert_eq!(kind("My lawyer will contact you about this", &calm), Some(HandoffKind::LegalThreat));
        assert_eq!(kind("hm", &Proposal::reply("Sorry!", Intent::Complaint)), Some(HandoffKind::Complaint));
        let unsure = Proposal { wants_human: true, ..Proposal::reply("Let me ask.", Intent::ProductQuestion) };
        assert_eq!(kind("Does it fit a 1962 roof?", &unsure), Some(HandoffKind::NeedsPerson));
    }

    #[test]
    fn a_handoff_says_why_what_was_said_and_what_to_do() {
        let decision = Decision::HandOff { reason: "The model proposed no reply.".to_owned() };
        let handoff = turn("Does it\nfit?", &Proposal::reply("", Intent::Other), &decision).expect("a handoff");
        assert_eq!(handoff.kind, HandoffKind::NoReply);
        let text = handoff.task_text(Some("https://desk.example/conversations/conv_1"), "hand_1");
        assert_eq!(
            text,
            "Pat Moss waits: Rapport could not write a reply.\nLead: \"Does it fit?\"\n\
             Why: The model proposed no reply.\nNext: Answer from Close, or ask for a draft on the desk.\n\
             Conversation: https://desk.example/conversations/conv_1\n(Rapport hand_1)"
        );
    }

    #[test]
    fn long_texts_are_cut_and_only_the_newest_are_repeated() {
        let texts: Vec<Message> = (0..6).map(|n| message(Author::Lead, &format!("{n} {}", "é".repeat(500)))).collect();
        let about = About { name: None, messages: &texts, earlier: Some(" ") };
        let handoff = Handoff::new(HandoffKind::LeadWaits, "Nobody answered.", &about);
        assert!(handoff.summary.starts_with("The lead still waits for an answer.\nLead: \"3 é"), "{}", handoff.summary);
        assert_eq!(handoff.summary.lines().count(), 4);
        assert!(handoff.summary.lines().all(|line| line.chars().count() < 260));
    }

    #[test]
    fn names_are_read_back() {
        for kind in HandoffKind::ALL {
            assert_eq!(HandoffKind::parse(kind.as_str()), Some(*kind));
        }
    }
}
