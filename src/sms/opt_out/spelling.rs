//! One spelling for words that people write in many: shorthand, contractions and slips of the thumb.

use std::sync::LazyLock;

use regex::Regex;

use crate::sms::recent::Recent;

/// Two or three words that are one.
const JOINED: &[(&str, &str)] = &[
    (r"\b(?:do not|don t|do nt)\b", "dont"),
    (r"\b(non|one) stop\b", "${1}stop"),
    (r"\bdoes not\b", "doesnt"),
    (r"\bdid not\b", "didnt"),
    (r"\b(?:can not|cannot|can t)\b", "cant"),
    (r"\b(?:will not|won t)\b", "wont"),
    (r"\bi am\b", "im"),
    (r"\b(?:i would|i d)\b", "id"),
    (r"\bi will\b", "ill"),
    (r"\bi have\b", "ive"),
    (r"\bany more\b", "anymore"),
    (r"\bno one\b", "nobody"),
    (r"\bun ?sub(?:scribe)?\b", "unsubscribe"),
    (r"\bopt ?outs?\b", "opt out"),
    (r"\bopted ?out\b", "opted out"),
    (r"\btext message(s?)\b", "text$1"),
    (r"\btext messaging\b", "texting"),
    (r"\bphone number\b", "number"),
    (r"\b(?:cell ?phone|mobile phone|telephone)\b", "phone"),
    (r"\bthank (?:you|u)\b", "thanks"),
    (r"\b(?:you|yall|u) guys\b", "you"),
    (r"\byou (?:all|people|folks|lot)\b", "you"),
];

/// Shorthand for one word.
const SHORT: &[(&str, &str)] = &[
    ("u", "you"),
    ("yall", "you"),
    ("ur", "your"),
    ("pls", "please"),
    ("plz", "please"),
    ("plss", "please"),
    ("plse", "please"),
    ("pleas", "please"),
    ("plzz", "please"),
    ("txt", "text"),
    ("tex", "text"),
    ("texr", "text"),
    ("tect", "text"),
    ("tezt", "text"),
    ("texg", "text"),
    ("txts", "texts"),
    ("txting", "texting"),
    ("txtin", "texting"),
    ("textin", "texting"),
    ("txtng", "texting"),
    ("txted", "texted"),
    ("msg", "message"),
    ("mssg", "message"),
    ("msgs", "messages"),
    ("msging", "messaging"),
    ("msged", "messaged"),
    ("sendin", "sending"),
    ("callin", "calling"),
    ("messagin", "messaging"),
    ("contactin", "contacting"),
    ("dnt", "dont"),
    ("num", "number"),
    ("nbr", "number"),
    ("numba", "number"),
    ("thx", "thanks"),
    ("thnx", "thanks"),
    ("thanx", "thanks"),
    ("ty", "thanks"),
    ("wanna", "want to"),
    ("gonna", "going to"),
    ("gotta", "have to"),
    ("lemme", "let me"),
    ("w", "with"),
    ("stpo", "stop"),
    ("sotp", "stop"),
    ("tsop", "stop"),
    ("stp", "stop"),
    ("stopp", "stop"),
    ("stahp", "stop"),
    ("stawp", "stop"),
    ("stap", "stop"),
    ("st0p", "stop"),
    ("5top", "stop"),
    ("st0pp", "stop"),
];

/// Words that carry a wish to stop. A word with one slip in it is read as one of these.
const KEYS: &[&str] = &[
    "unsubscribe",
    "texting",
    "messaging",
    "contacting",
    "messages",
    "message",
    "contact",
    "remove",
    "delete",
    "please",
    "number",
    "anymore",
    "cancel",
    "alone",
];

/// Words that are one letter away from a key and mean something else.
const REAL: &[&str] = &[
    "contract",
    "contracts",
    "contracting",
    "contacts",
    "removed",
    "remover",
    "removes",
    "remote",
    "deleted",
    "deletes",
    "cancels",
    "numbers",
    "lumber",
    "pleased",
    "pleases",
    "testing",
    "tenting",
    "resting",
    "nesting",
    "vesting",
    "massage",
    "massages",
    "massaging",
    "messed",
    "canceled",
    "mensagem",
    "mensage",
    "mensajes",
    "mensaje",
    "contacte",
    "contacto",
    "contactez",
    "contacter",
    "cancele",
    "cancela",
    "cancelo",
    "remova",
    "remove",
    "along",
    "clone",
    "stone",
    "atone",
    "cancer",
    "messages",
    "message",
    "contact",
    "numero",
    "delate",
    "placer",
    "phase",
    "pleas",
    "nombre",
];

/// Words that say how somebody asks, not what for.
const FILLERS: &[&str] = &[
    "please",
    "kindly",
    "just",
    "really",
    "seriously",
    "fucking",
    "fuckin",
    "freaking",
    "frickin",
    "effing",
    "fricken",
    "damn",
    "goddamn",
    "bloody",
    "literally",
    "simply",
    "immediately",
    "already",
    "ever",
    "even",
    "also",
    "actually",
    "honestly",
    "politely",
    "respectfully",
    "permanently",
    "completely",
    "now",
    "asap",
    "ffs",
    "sir",
    "maam",
    "madam",
    "bro",
    "bruh",
    "man",
    "dude",
    "lady",
    "folks",
    "thanks",
    "omg",
    "wtf",
    "ugh",
    "smh",
    "yo",
];

static RULES: LazyLock<Vec<(Regex, &str)>> =
    LazyLock::new(|| JOINED.iter().filter_map(|(pattern, plain)| Some((Regex::new(pattern).ok()?, *plain))).collect());

/// A folded part in one spelling.
pub(super) fn canonical(part: &str) -> String {
    let words: Vec<String> = part.split(' ').map(word).collect();
    let mut joined = words.join(" ");
    for (pattern, plain) in RULES.iter() {
        if pattern.is_match(&joined) {
            joined = pattern.replace_all(&joined, *plain).into_owned();
        }
    }
    joined
}

/// The words that say what is asked for.
pub(super) fn without_fillers(part: &str) -> String {
    part.split(' ').filter(|word| !FILLERS.contains(word)).collect::<Vec<_>>().join(" ")
}

/// Bytes of lately spelt words that are remembered: a text is cut in several ways, each time into the same ones.
const REMEMBERED_BYTES: usize = 64 * 1024;

static SPELT: LazyLock<Recent<String>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

fn word(written: &str) -> String {
    SPELT.recall(written, spelt_out)
}

fn spelt_out(written: &str) -> String {
    let plain = unstretched(written);
    if let Some((_, long)) = SHORT.iter().find(|(short, _)| *short == plain) {
        return (*long).to_owned();
    }
    if plain.len() < 5 || KEYS.contains(&plain.as_str()) || REAL.contains(&plain.as_str()) {
        return plain;
    }
    KEYS.iter().find(|key| is_slip(&plain, key)).map_or(plain, |key| (*key).to_owned())
}

/// "stooooop" as "stop": runs of three or more of one letter become one.
pub(super) fn unstretched(words: &str) -> String {
    let letters: Vec<char> = words.chars().collect();
    letters.chunk_by(|a, b| a == b).flat_map(|run| &run[..if run.len() >= 3 { 1 } else { run.len() }]).collect()
}

/// True when `written` is `key` with one slip behind the first letter: two neighbours swapped, a letter missing, wrong or
/// too many. The longest keyword is allowed two.
fn is_slip(written: &str, key: &str) -> bool {
    let distance = strsim::osa_distance(written, key);
    if key == "unsubscribe" {
        return distance <= 2 && !written.ends_with('d') && !written.ends_with('s') && !written.starts_with("sub");
    }
    distance == 1 && written.chars().next() == key.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(RULES.len(), JOINED.len());
    }

    #[test]
    fn slips_and_shorthand_are_read_as_what_was_meant() {
        for (written, meant) in [
            ("do not txt me", "dont text me"),
            ("pls stpo msging u", "please stop messaging you"),
            ("unsubscibe", "unsubscribe"),
            ("unsuscribe", "unsubscribe"),
            ("stooop texing", "stop texting"),
            ("remvoe my phone number", "remove my number"),
            ("text messages", "texts"),
        ] {
            assert_eq!(canonical(written), meant, "{written}");
        }
    }

    #[test]
    fn other_words_stay_what_they_are() {
        for words in
            ["contract", "testing", "removed", "remote", "massage", "top shop step stoop", "subscribe", "quite"]
        {
            assert_eq!(canonical(words), words);
        }
    }
}
