//! The words that tell a lead that a person will answer. They are the organisation's own, not a model's, and still pass every
//! check: a text that may not be sent is not sent by this way either.

use jiff::Timestamp;

use super::check::{self, Candidate, Standing};
use super::context::{Organisation, TurnContext};
use super::decision::Verdict;
use super::handoff::HandoffKind;
use super::intent::Intent;
use super::lead::LeadFacts;
use super::notices::Notices;
use super::policy::{Mode, Policy};
use super::proposal::Proposal;
use super::slot::Offer;
use crate::sms::normalise::normalise;
use crate::sms::opt_out::{self, OptOutVerdict};

/// What stands for the first name of whoever gets the task.
pub const OWNER: &str = "{owner}";
/// Who it is when nobody is known.
const NOBODY_KNOWN: &str = "a colleague";
/// A longer first name is none.
const NAME_CHARS_MAX: usize = 30;
/// The checks that stand to reason: that a person is needed is why these words are sent, and they are always the same; how
/// often they go is limited elsewhere.
const EXPECTED: &[&str] = &["heard_plainly", "repetition"];

/// The words as the lead reads them.
#[must_use]
pub fn written_out(words: &str, owner: Option<&str>) -> String {
    let is_name =
        |name: &&str| name.chars().count() <= NAME_CHARS_MAX && name.chars().all(|c| c.is_alphabetic() || c == '-');
    let owner = owner.map(str::trim).filter(is_name).filter(|name| !name.is_empty()).unwrap_or(NOBODY_KNOWN);
    normalise(words.replace(OWNER, owner).trim())
}

/// True for the handoffs in which a lead may be told by itself that a person will answer. Whoever threatens with law hears
/// from a person first.
#[must_use]
pub fn is_due(kind: HandoffKind) -> bool {
    matches!(kind, HandoffKind::WantsHuman | HandoffKind::Complaint | HandoffKind::NeedsPerson | HandoffKind::NoReply)
}

/// Why `text` may not go to the lead now; none if it may.
#[must_use]
pub fn hindrance(text: &str, ctx: &TurnContext, policy: &Policy, standing: &Standing) -> Option<String> {
    // A draft for a rep is no consent to texts that no rep has seen.
    let mode = standing.conversation_mode.unwrap_or(policy.mode);
    let ceiling = policy.statuses.ceiling(ctx.lead.status.as_deref());
    if standing.rep_asked || mode.min(ceiling) != Mode::Auto {
        return Some("Rapport sends nothing by itself here.".to_owned());
    }
    // `never-after-stop`: where a person must look whether the lead wants texts at all, none is sent.
    let mut heard = ctx.new_texts.iter().map(|message| opt_out::classify(&message.text));
    if let Some(doubt) = heard.find(|heard| heard.verdict != OptOutVerdict::Keep) {
        return Some(doubt.reason);
    }
    if standing.send_allowed_at.is_none_or(|at| at > ctx.now) {
        return Some("It would have to wait for a legal hour, and then comes too late.".to_owned());
    }
    stopped_by(text, ctx, policy, standing)
}

/// What the checks have against it.
fn stopped_by(text: &str, ctx: &TurnContext, policy: &Policy, standing: &Standing) -> Option<String> {
    let proposal = Proposal::reply(text, Intent::Other);
    // What the organisation itself says is known.
    let mut standing = standing.clone();
    standing.known_text.push(text.to_owned());
    let candidate = Candidate { ctx, proposal: &proposal, text, policy, standing: &standing, booking_link: None };
    let found = check::run(&candidate);
    let found = found
        .into_iter()
        .find(|finding| finding.verdict > Verdict::Mended && !EXPECTED.contains(&finding.check.as_str()))?;
    Some(format!("{} ({})", found.sentence, found.check))
}

/// Why these words could never be sent, whatever the lead says; none if they could.
#[must_use]
pub fn wording_problem(words: &str, organisation: &Organisation, policy: &Policy) -> Option<String> {
    let now = Timestamp::UNIX_EPOCH;
    let ctx = TurnContext {
        now,
        organisation: organisation.clone(),
        lead: LeadFacts::default(),
        history: Vec::new(),
        new_texts: Vec::new(),
        summary: None,
        offer: Offer::default(),
        bookings: Vec::new(),
        instruction: None,
        notices: Notices::default(),
    };
    let policy = Policy { lead_daily_cap: 1, hourly_cap: 1, daily_cap: 1, ..policy.clone() };
    stopped_by(&written_out(words, None), &ctx, &policy, &Standing::clear(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::check::fixture::{ctx, message};
    use crate::conversation::message::Author;

    const WORDS: &str = "Thanks, I'm passing this to {owner}, who will get back to you.";

    fn hindered(change: impl FnOnce(&mut TurnContext, &mut Policy, &mut Standing)) -> Option<String> {
        let mut ctx = ctx();
        ctx.new_texts = vec![message(Author::Lead, "Can somebody call me?")];
        let mut policy = Policy { mode: Mode::Auto, ..Policy::default() };
        let mut standing = Standing::clear(ctx.now);
        change(&mut ctx, &mut policy, &mut standing);
        hindrance(&written_out(WORDS, Some("Robin")), &ctx, &policy, &standing)
    }

    #[test]
    fn whoever_asks_for_a_person_is_told_that_one_will_answer() {
        assert_eq!(hindered(|_, _, _| {}), None);
        assert_eq!(written_out(WORDS, Some("Robin")), "Thanks, I'm passing this to Robin, who will get back to you.");
        for nobody in [None, Some(""), Some("https://evil.example"), Some("Call 555 0199"), Some("A b")] {
            assert!(written_out(WORDS, nobody).contains("to a colleague,"), "{nobody:?}");
        }
    }

    #[test]
    fn what_forbids_a_reply_forbids_these_words() {
        type Change = fn(&mut TurnContext, &mut Policy, &mut Standing);
        let changes: [(&str, Change); 11] = [
            ("a stop", |_, _, standing| standing.suppressed = Some("the lead wrote STOP".to_owned())),
            ("the kill switch", |_, _, standing| standing.paused = true),
            ("a person", |_, _, standing| standing.takeover = true),
            ("a closed hour", |_, _, standing| standing.send_allowed_at = None),
            ("a later hour", |ctx, _, standing| {
                standing.send_allowed_at = ctx.now.checked_add(jiff::SignedDuration::from_hours(9)).ok();
            }),
            ("a cap", |_, policy, standing| standing.sent_to_lead_24h = policy.lead_daily_cap),
            ("a new person", |_, _, standing| standing.first_contact = true),
            ("draft mode", |_, policy, _| policy.mode = Mode::Draft),
            ("the conversation's own mode", |_, _, standing| standing.conversation_mode = Some(Mode::Draft)),
            ("a doubtful stop", |ctx, _, _| ctx.new_texts[0].text = "you have the wrong number".to_owned()),
            ("another language", |ctx, _, _| {
                ctx.new_texts[0].text = "Hola, quiero hablar con una persona, gracias, por favor".to_owned();
            }),
        ];
        for (what, change) in changes {
            assert!(hindered(change).is_some(), "{what}");
        }
    }

    #[test]
    fn threats_and_failures_are_a_persons_to_answer_first() {
        assert!(is_due(HandoffKind::WantsHuman) && is_due(HandoffKind::Complaint));
        for kind in [HandoffKind::LegalThreat, HandoffKind::NotSent, HandoffKind::LeadWaits] {
            assert!(!is_due(kind), "{kind:?}");
        }
    }

    #[test]
    fn words_that_could_never_be_sent_are_told_beforehand() {
        let problem = |words: &str| wording_problem(words, &Organisation::default(), &Policy::default());
        assert_eq!(problem(WORDS), None);
        assert!(problem("I'm a real person, and a colleague will call you.").is_some());
        assert!(problem("{name}, a colleague will get back to you.").is_some());
        assert!(problem(&"a colleague will get back to you soon. ".repeat(20)).is_some());
    }
}
