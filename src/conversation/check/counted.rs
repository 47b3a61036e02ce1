//! What a bare number counts: the plural behind it.

use std::sync::LazyLock;

use regex::Regex;

use super::amounts::WHOLE;
use super::pattern::exact;
use super::statements::{content, stem};

static NOUN: LazyLock<Regex> =
    LazyLock::new(|| exact(r"^[\s-](?P<noun>\p{L}+)(?:[\s-](?P<head>\p{L}+))?(?:[\s-](?P<last>\p{Ll}+))?"));

/// "6 m²" and "6 metros cuadrados".
static SQUARE: LazyLock<Regex> = LazyLock::new(|| {
    exact(r"^[\s-]?(?:sq\.?|sqm|sqft|m2|m²|square|metros cuadrados|metros quadrados|mètres carrés)(?:[\s,.:!?)]|\b|$)")
});

/// The thing a bare number counts: the plural after it, or whatever follows a 1.
pub(super) fn counted(after: &str, amount: u64) -> Option<String> {
    if SQUARE.is_match(after) {
        return Some("square".to_owned());
    }
    let after = after.strip_prefix([' ', '-']).and_then(|rest| rest.strip_prefix("one-to-one")).unwrap_or(after);
    let found = NOUN.captures(after)?;
    if amount == WHOLE {
        return content(&found["noun"]).pop_first();
    }
    let is_word = |word: &&str| !content(word).is_empty() || MEASURES.contains(word);
    let words = ["noun", "head", "last"].map(|name| found.name(name)).map(|word| word.map_or("", |word| word.as_str()));
    // "A 2022 Highlander XLE shows" counts nothing.
    let reach = if words[..2].iter().any(|word| word.starts_with(char::is_uppercase)) { 2 } else { 3 };
    let nouns = words.into_iter().take(reach).take_while(is_word).map(str::to_lowercase);
    nouns.into_iter().find(|noun| is_plural(noun)).map(|noun| stem(&noun))
}

/// True for what follows the number of a day or a place: "the 30th".
pub(super) fn is_ordinal(after: &str) -> bool {
    ["st", "nd", "rd", "th"]
        .iter()
        .any(|end| after.strip_prefix(end).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// Things that are counted and have no plural in "s".
const MEASURES: &[&str] = &[
    "km", "kms", "mi", "kg", "lb", "lbs", "tonne", "ton", "kw", "kwh", "gb", "mb", "feet", "children", "people", "men",
    "women", "staff", "mile", "hrs", "yrs", "mos", "wks",
];

/// Words in "s" that are no plural: "129 includes X-rays" counts nothing.
const SINGULAR: &[&str] = &[
    "includes", "covers", "works", "suits", "fits", "gets", "applies", "takes", "comes", "sounds", "means", "holds",
    "keeps", "secures", "buys", "goes", "starts", "stays", "plus", "less", "always", "this", "across", "unless",
    "seems", "depends", "runs", "makes", "gives", "besides", "hemos", "estamos", "tenemos", "somos", "podemos",
    "hacemos", "temos", "fazemos", "avons", "sommes", "nous", "vous",
];

fn is_plural(word: &str) -> bool {
    let ends = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
    MEASURES.contains(&word) || ends && !SINGULAR.contains(&word)
}
