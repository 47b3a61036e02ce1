//! Does the reply promise what only a person may: money off, a contract, law, health, or a deed that nobody did?

use std::sync::LazyLock;

use regex::Regex;

use super::known::{ours, trusted};
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Hold;
use crate::conversation::message::Author;

struct Family {
    what: &'static str,
    pattern: Regex,
    /// Whether the knowledge may say so: then it is a fact, not a promise.
    may_be_known: bool,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let family = |what, may_be_known, pattern: &str| Family {
        what,
        pattern: Regex::new(&format!("(?i){pattern}")).expect("constant pattern"),
        may_be_known,
    };
    vec![
        family(
            "money off",
            false,
            r"\b(?:i|we)(?:'ll| will| can| could|'d| would|'ve| have)? (?:also |just |even |happily |gladly )?(?:give|offer|get|do|knock|shave|slash|trim|bring down|come down|work something|take|throw in|waive|extend|add|cut|drop|reduce|lower|match|beat|honou?r|include|cover|comp)\b[^.!?]{0,40}\b(?:discount|free|off|deal|better price|lower price|special price|price|rate|quote|fee|deposit|trial|month|bonus|charge|cost)s?\b|\bprice[- ]match\b|\b(?:special|exclusive|limited[- ]time) (?:deal|offer|price|rate|discount)\b|\bon the house\b|\bbest price\b|\bwaiv(?:e|ed|ing)\b",
        ),
        family(
            "money off",
            true,
            r"\b(?:discount(?:s|ed)?|promo(?:tion)?|coupon|voucher|complimentary|free of charge|no charge|cheaper|lowest price)\b",
        ),
        family("something free", true, r"\bfree\b(?: [\w-]+){0,2}"),
        family(
            "a guarantee",
            true,
            r"\bguarantee(?:d|s)?\b|\bwe promise\b|\bi promise\b|\brisk[- ]free\b|\bno risk\b|\b100 ?% (?:sure|safe|covered|certain|satisfaction)\b|\bgoes to zero\b|\byou(?:'ll| will) (?:definitely|certainly|never|always)\b",
        ),
        family("money back", true, r"\brefund\w*\b|\bmoney back\b|\breimburse\w*\b"),
        family(
            "a contract",
            false,
            r"\b(?:sign|signing|send|sent|sending|draft|prepare|drew up|draw up)\b[^.!?]{0,25}\b(?:contract|agreement|nda|paperwork|lease|papers)\b|\b(?:legally )?binding\b|\b(?:it's|its|we have a|you have a|consider it a) (?:done )?deal\b|\block(?:ed)? in (?:your|the|that|this) (?:price|rate)\b",
        ),
        family(
            "law or taxes",
            true,
            r"\blegal(?:ly)?\b|\btax (?:credit|deduct\w*|break|compliant|write)\w*|\bdeduct\w*\b|\bwrite it off\b|\b(?:you|you're|you are|your \w+) (?:qualify|qualifies|eligible|entitled)\b|\b(?:compliant|compliance|liable|liability|lawsuit|warranty claim|attorney)\b|\byour insurance (?:will|covers|pays)\b|\b(?:they|insurance)(?:'ll| will) (?:pay|cover)\b|\bwill be (?:covered|approved)\b|\byou(?:'re| are) (?:covered|approved|eligible|entitled)\b",
        ),
        family(
            "health",
            true,
            r"\b(?:ibuprofen|aspirin|tylenol|antibiotics?|medications?|medicine|dosage|dose|prescri\w+|diagnos\w+|infect\w+|cavity|gingivitis|symptoms?|cures?|heals?|treatments? for|safe to (?:take|skip|use|stop|eat)|nothing serious|you (?:don't|do not) need (?:an? )?(?:x-ray|doctor|scan|test|prescription)|lose weight|pain(?:less)?|side effects?|allerg\w+)\b",
        ),
    ]
});

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static DEED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:i|we)(?:'ve| have)?(?: just| already| now| gone ahead and| also)* (?:booked|scheduled|reserved|rescheduled|cancell?ed|moved|signed|put|emailed|mailed|sent|called|ordered|applied|updated|confirmed|registered|enrolled|charged|refunded|notified|spoke|talked|checked with|asked|added)\b(?: \w+)?|\byou(?:'re| are) (?:all )?(?:booked|confirmed|scheduled|signed up|registered|enrolled|set for)\b|\b(?:is|are|he's|she's|they're) on (?:his|her|their|the) way\b|\b(?:i'm|we're|i am|we are) (?:already )?on it\b",
    )
    .expect("constant pattern")
});

pub(super) fn promise(candidate: &Candidate<'_>) -> Outcome {
    let text = candidate.text.replace('\u{2019}', "'");
    let known: Vec<String> =
        trusted(candidate).chain(reps(candidate)).chain(ours(candidate)).map(str::to_lowercase).collect();
    let is_known = |words: &str| {
        let words = words.to_lowercase();
        if let Some(what) = words.strip_prefix("free") {
            return known.iter().any(|source| source.contains("free") && says(source, what));
        }
        let stem: String = words.chars().take(words.chars().count().saturating_sub(1).max(4)).collect();
        known.iter().any(|source| source.contains(&stem) || source.replace(" is ", " ").contains(&stem))
    };
    let found = FAMILIES.iter().find_map(|family| {
        family
            .pattern
            .find_iter(&text)
            .find(|words| !(family.may_be_known && is_known(words.as_str())))
            .map(|words| (family.what, words.as_str()))
    });
    let (what, words) = found?;
    Some((Hold, format!("The reply promises {what} (\"{}\"): a person decides on that.", words.trim())))
}

/// Words after "free" that are no thing.
const NO_THING: &[&str] = &[
    "and", "to", "for", "of", "behind", "with", "but", "or", "on", "in", "when", "at", "if", "as", "so", "too", "then",
    "this", "is", "by", "after", "before", "all", "you", "from", "month",
];

/// True when a text that knows of something free names one of these things: "the first class is free" backs "a free
/// class", and not "a free bag".
fn says(source: &str, what: &str) -> bool {
    let things: Vec<&str> = what.split_whitespace().collect();
    match things.first() {
        None => true,
        Some(first) if NO_THING.contains(first) => *first != "month",
        Some(_) => things.iter().any(|thing| source.contains(thing.trim_end_matches('s'))),
    }
}

/// Something that somebody must have done: the model can do nothing.
pub(super) fn claimed_deed(candidate: &Candidate<'_>) -> Outcome {
    let text = candidate.text.replace('\u{2019}', "'");
    let words = DEED.find(&text)?.as_str();
    let lowered = words.to_lowercase();
    let about_a_meeting = lowered.starts_with("you") && !candidate.ctx.bookings.is_empty();
    (!about_a_meeting).then(|| {
        (Hold, format!("The reply says that something was done (\"{}\"); Rapport cannot have done it.", words.trim()))
    })
}

fn reps<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    candidate.ctx.history.iter().filter(|message| message.author == Author::Rep).map(|message| message.text.as_str())
}
