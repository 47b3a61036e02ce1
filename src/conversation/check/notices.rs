//! Does the text say what it must beside its answer? What the model left out was added; these look at what will leave.

use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::{Mended, Regenerate};
use crate::conversation::notices::{introduces, says_ai, says_opt_out};

/// Our first text to a lead names the person and the company.
pub(super) fn introduction(candidate: &Candidate<'_>) -> Outcome {
    let organisation = &candidate.ctx.organisation;
    verdict(
        candidate,
        candidate.ctx.notices.introduction,
        |text| introduces(text, organisation),
        "Who writes was put before the text: it is our first one to this lead.",
        || format!("It is our first text to this lead: name {} and {}.", organisation.agent_name, organisation.name),
    )
}

/// The first text, and one every month, tells how to stop.
pub(super) fn opt_out_notice(candidate: &Candidate<'_>) -> Outcome {
    verdict(
        candidate,
        candidate.ctx.notices.opt_out,
        says_opt_out,
        "How to opt out was put below the text: this lead has not been told for some time.",
        || "The text must say how to opt out.".to_owned(),
    )
}

/// Where the law or the configuration asks for it, the first text says that an AI writes.
pub(super) fn disclosure(candidate: &Candidate<'_>) -> Outcome {
    verdict(candidate, candidate.ctx.notices.ai, says_ai, "That an AI writes was put before the text.", || {
        "The text must say that an AI assistant writes.".to_owned()
    })
}

fn verdict(
    candidate: &Candidate<'_>,
    is_due: bool,
    says: impl Fn(&str) -> bool,
    added: &str,
    missing: impl Fn() -> String,
) -> Outcome {
    if !is_due || candidate.text.trim().is_empty() {
        return None;
    }
    if !says(candidate.text) {
        return Some((Regenerate, missing()));
    }
    (!says(&candidate.proposal.text)).then(|| (Mended, added.to_owned()))
}
