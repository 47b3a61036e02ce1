//! Does the reply claim a deed that nobody did?

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Hold;

static DEED: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:i|we)(?:'ve| have)?(?: just| already| now| gone ahead and| also)* (?:booked|scheduled|reserved|rescheduled|cancell?ed|moved|signed|put|emailed|mailed|sent|called|ordered|applied|locked|blocked|secured|held|saved|pencill?ed|submitted|filed|processed|waived|set aside|updated|confirmed|registered|enrolled|charged|refunded|notified|spoke|talked|checked with|asked|added)\b(?: \w+)?|\byou(?:'re| are) (?:all )?(?:booked|confirmed|scheduled|signed up|registered|enrolled|set for)\b|\b(?:is|are|he's|she's|they're) on (?:his|her|their|the) way\b|\b(?:i'm|we're|i am|we are) (?:already )?on it\b|(?:day|date|slot|spot|\d(?:st|nd|rd|th)(?: of \p{L}+)?)(?:'s| is) (?:all )?yours\b|\b(?:ya|já) (?:(?:le|les|te|os|lhe|se|lo|la|los|las|o|a) )*(?:he |hemos )?(?:reserv|apart|segur|agend|program|bloque|mand|envi|llam|habl|fal|confirm|cancel|marc|cadastr|registr|inscrib|avis|ped|cobr|cambi)(?:é|ei|i|í|amos|imos|ado|ido|ada)\b|\b(?:j'ai|je vous ai|nous avons|nous vous avons|on a)(?: déjà| bien| tout de suite)* (?:réservé|bloqué|envoyé|appelé|confirmé|annulé|déplacé|inscrit|mis de côté|parlé|demandé|prévenu)\b",
    )
});

/// Something that somebody must have done: the model can do nothing.
pub(super) fn claimed_deed(candidate: &Candidate<'_>) -> Outcome {
    let text = candidate.text.replace('\u{2019}', "'");
    let is_deed = |found: &regex::Match<'_>| {
        let (before, after) = (&text[..found.start()], &text[found.end()..]);
        let is_trade = found.as_str().to_lowercase().ends_with("put in") && is_trade(after);
        // "The 2 pm slot is yours if it suits" offers it.
        let is_offer = found.as_str().ends_with("yours") && after.trim_start_matches(',').starts_with(" if ");
        !is_offer && !is_asked(before) && !is_record(after) && !is_estimate(after) && !is_trade
    };
    let words = DEED.find_iter(&text).find(is_deed)?.as_str();
    let lowered = words.to_lowercase();
    let about_a_meeting = lowered.starts_with("you") && !candidate.ctx.bookings.is_empty();
    (!about_a_meeting).then(|| {
        (Hold, format!("The reply says that something was done (\"{}\"); Rapport cannot have done it.", words.trim()))
    })
}

/// "We've put in over 6,500 since 2003" tells of years, not of a deed for this lead.
fn is_record(after: &str) -> bool {
    let clause = after.split(['.', '!', '?']).next().unwrap_or_default();
    clause.split_whitespace().any(|word| word == "since") || clause.trim_start().starts_with("over ")
}

/// "We put in Trane and Bryant systems" tells of a trade, "we put in a word for you" of a deed.
fn is_trade(after: &str) -> bool {
    const OF_A_DEED: &[&str] = &["a", "an", "the", "your", "you", "my", "our", "this", "that", "for", "it", "one"];
    let next = after.split_whitespace().next().unwrap_or_default().to_lowercase();
    !next.is_empty() && !OF_A_DEED.contains(&next.as_str())
}

/// "Not something we put a figure on".
fn is_estimate(after: &str) -> bool {
    // "We put the application together" is what the firm does.
    let together = after.split_whitespace().take(3).any(|word| word.trim_end_matches([',', '.']) == "together");
    together
        || ["figure on", "number on", "price on", "date on", "in writing"]
            .iter()
            .any(|end| after.trim_start().starts_with(end))
}

/// "Shall I put you down" and "once I asked" tell of nothing that was done.
fn is_asked(before: &str) -> bool {
    const ASKING: &[&str] = &[
        "what", "shall", "should", "can", "could", "may", "did", "do", "would", "if", "once", "when", "after", "until",
        "before",
    ];
    let word = before.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    ASKING.contains(&word.as_str())
}
