//! The policy checks: one list of small pure functions, each with a name, a verdict and a sentence for the rep.

mod abroad;
mod abroad_clocks;
mod abroad_numbers;
mod affirmed;
mod ages;
mod amounts;
mod assent;
mod backing;
mod beside;
mod commitment_words;
mod commitments;
mod commitments_abroad;
mod costs_nothing;
mod counted;
mod deeds;
mod denial;
mod figure_idioms;
mod figures;
#[cfg(test)]
pub(crate) mod fixture;
mod injection;
mod known;
pub(in crate::conversation) mod language;
mod likeness;
mod links;
mod name_words;
mod names;
mod notices;
mod numbers;
mod pattern;
mod permission;
mod priced_parts;
mod promise_words;
mod promises;
mod rivals;
mod shares;
mod slots_told;
mod standing;
mod statements;
mod taxes;
mod times;
mod times_closing;
mod times_days;
mod times_deadlines;
mod times_paired;
mod times_said;
mod times_spans;
mod times_told;
mod totals;
mod weighed;
mod wording;
mod worked_out;
mod working_days;

pub use slots_told::slots_told;
pub use standing::Standing;

use super::context::TurnContext;
use super::decision::{Finding, Verdict};
use super::policy::Policy;
use super::proposal::Proposal;

/// A reply about to be decided on.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What the turn knows.
    pub ctx: &'a TurnContext,
    /// What the model proposed.
    pub proposal: &'a Proposal,
    /// The reply as the lead would read it: placeholders written out, characters normalised.
    pub text: &'a str,
    /// The rules.
    pub policy: &'a Policy,
    /// Where the conversation stands.
    pub standing: &'a Standing,
    /// The link written for `{booking_link}`, if one was made.
    pub booking_link: Option<&'a str>,
}

/// What a check says: nothing, or a verdict and a sentence.
type Outcome = Option<(Verdict, String)>;

type Check = fn(&Candidate<'_>) -> Outcome;

const CHECKS: &[(&str, Check)] = &[
    ("suppressed", permission::suppressed),
    ("kill_switch", permission::kill_switch),
    ("takeover", permission::takeover),
    ("hours", permission::hours),
    ("caps", permission::caps),
    ("empty_text", wording::empty_text),
    ("placeholder", wording::placeholder),
    ("introduction", notices::introduction),
    ("opt_out_notice", notices::opt_out_notice),
    ("disclosure", notices::disclosure),
    ("segments", wording::segments),
    ("encoding", wording::encoding),
    ("links", links::links),
    ("invented_time", times::invented_time),
    ("invented_number", numbers::invented_number),
    ("affirmed", affirmed::affirmed),
    ("assented", assent::assented),
    ("invented_name", names::invented_name),
    ("promise", promises::promise),
    ("claimed_deed", deeds::claimed_deed),
    ("language", language::language),
    ("repetition", wording::repetition),
    ("claims_human", wording::claims_human),
    ("asked_for_a_machine", wording::asked_for_a_machine),
    ("leaked_instructions", wording::leaked_instructions),
    ("injection", injection::injection),
    ("first_contact", permission::first_contact),
    ("recent_rep", permission::recent_rep),
    ("late", permission::late),
    ("wants_human", permission::wants_human),
    ("never_auto", permission::never_auto),
    ("heard_plainly", permission::heard_plainly),
    ("unstructured", permission::unstructured),
];

/// Runs every check, in order. A check with nothing to say is a pass.
#[must_use]
pub fn run(candidate: &Candidate<'_>) -> Vec<Finding> {
    CHECKS
        .iter()
        .map(|(name, check)| {
            let (verdict, sentence) = check(candidate).unwrap_or((Verdict::Pass, String::new()));
            Finding { check: (*name).to_owned(), verdict, sentence }
        })
        .collect()
}

/// The gravest verdict; a pass when there are no findings.
#[must_use]
pub fn gravest(findings: &[Finding]) -> Verdict {
    findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Pass)
}

/// What to tell the model when the reply should be written again; none when no check asks for that, or one forbids to reply at all.
#[must_use]
pub fn reason_to_regenerate(findings: &[Finding]) -> Option<String> {
    if gravest(findings) == Verdict::Block {
        return None;
    }
    let reasons = sentences(findings, |verdict| verdict == Verdict::Regenerate);
    (!reasons.is_empty()).then_some(reasons)
}

pub(super) fn sentences(findings: &[Finding], wanted: impl Fn(Verdict) -> bool) -> String {
    let found: Vec<&str> = findings.iter().filter(|f| wanted(f.verdict)).map(|f| f.sentence.as_str()).collect();
    found.join(" ")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

#[cfg(test)]
mod injections;
#[cfg(test)]
mod promised;
#[cfg(test)]
mod told;
#[cfg(test)]
mod told_abroad;
#[cfg(test)]
mod told_of_costs;
#[cfg(test)]
mod told_of_days;
#[cfg(test)]
mod told_of_hours;
#[cfg(test)]
mod told_of_lists;
#[cfg(test)]
mod told_of_sums;
#[cfg(test)]
mod told_of_sums_abroad;
