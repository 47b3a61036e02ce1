//! Phrases and the words they are made of.

use regex::Regex;

/// A phrase by its name.
pub(super) struct Phrase {
    /// The rule's name, for the record.
    pub(super) name: &'static str,
    /// What it matches in folded text, in one spelling. `<name>` stands for words of [`WORDS`].
    pub(super) pattern: &'static str,
}

pub(super) const fn phrase(name: &'static str, pattern: &'static str) -> Phrase {
    Phrase { name, pattern }
}

/// Groups of words that phrases share. A group may use those above it.
const WORDS: &[(&str, &str)] = &[
    ("stop", "stop|quit|cease|discontinue|halt|knock off|cut out|lay off|give up"),
    (
        "contacting",
        "texting|messaging|contacting|calling|sending|spamming|bothering|harassing|emailing|bugging|pestering|annoying|\
         hitting me up|hitting|hounding|disturbing|bombarding|soliciting|hassling|stalking|reaching out|writing|pinging|\
         blowing up|blowing my|blowing (?:me|us) up|selling to me|communicating|corresponding|trying to (?:contact|reach|sell|call|text)|selling me|dming|\
         (?:following|checking) up",
    ),
    (
        "contact",
        "text|message|contact|call|sms|reach out|write|bother|disturb|email|spam|harass|hit me up|hmu|bug|pester|solicit|\
         communicate with|communicate|ping|dm|hit my line|follow up with|hit up|approach|annoy|reach",
    ),
    (
        "number",
        "name|number|info|information|phone|cell|contact|contact info|contact information|data|details|digits|line|mobile",
    ),
    (
        "person",
        r"me|us|my <number>|my \w+ <number>|our <number>|this <number>|these <number>s|myself|ourselves|[0-9][0-9 ]{5,}[0-9]|(?:her|his|their) <number>",
    ),
    (
        "texts",
        "texts?|messages?|sms|texting|messaging|spam|notifications?|solicitations?|solicitors|communications?|alerts?|\
         correspondence|marketing|promos?|promotions|newsletters?|mms|outreach|blasts?|reminders",
    ),
    ("contacts", "<texts>|contact|calls?|emails?|follow ups?"),
    (
        "list",
        "lists?|database|system|contacts?|records|files?|mailings?|rotation|campaigns?|thread|group|chat|directory|sequence|\
         crm|texts?|messages?|texting|sms|spam|subscription|program|marketing|service|registry|distribution|rolodex",
    ),
    ("your", "your|this|the|that|any|all|these|those|ur|whatever|every|ya"),
];

/// A pattern with its groups written out. Folded text is all but ASCII, and patterns that know of nothing else take a fraction
/// of the memory. Between brackets a class is spelt out, as in `[0-9 ]`.
fn written_out(pattern: &str) -> String {
    let mut out = pattern.to_owned();
    for class in [r"\b", r"\w", r"\d"] {
        out = out.replace(class, &format!("(?-u:{class})"));
    }
    for (name, words) in WORDS.iter().rev() {
        out = out.replace(&format!("<{name}>"), &format!("(?:{words})"));
    }
    out
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
pub(super) fn compiled(pattern: &str) -> Regex {
    Regex::new(&written_out(pattern)).expect("constant pattern")
}
