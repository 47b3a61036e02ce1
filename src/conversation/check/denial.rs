//! What a clause refuses, leaves to somebody else or does not know is not promised by it.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;

/// Refusals. `all` is one of the whole clause, wherever it stands in it: "the price is up to Ann", "what they pay nobody can say".
/// The others refuse only what comes after them: "I can't give a discount", but "it's free if you can't come".
static DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?P<all>(?:can'?t|can ?not|couldn'?t|wouldn'?t want to|(?:i|we) won't|unable to|not able to) (?:hold|give|say|tell|promise|guarantee|know|speak|confirm|commit|predict|claim|pretend)|(?:tell|say|know) for sure|(?:nobody|no one|none of us)\b.*\b(?:can|could|will)|is (?:something|a question|one) (?:that )?(?:i'd|we'd|i would|we would|only|for)|(?:isn'?t|aren'?t|not|never) (?:(?:something|anything|advice|one|ones|a \p{L}+) (?:that |which )?(?:i|we|you)|mine to|ours to)|(?:is|are|isn'?t|aren'?t|be|it'?s|that'?s) (?:always |only |entirely |all )?(?:(?:not )?(?:up|down) to|for [^,.!?]{1,40} to decide|decided by|(?:not )?(?:\p{L}+'?s?'?|[\p{L} ]{1,30}'s) (?:decision|call))|(?:is|are|would be) (?:one )?for (?:him|her|them|the (?:owner|manager|office|team)|(?-i:\p{Lu}\p{Ll}+))|(?:is|are) (?:theirs|his|hers|ours) to (?:decide|say)|no (?:discounts?|deals?|promises?|guarantees?)\b.*\b(?:i|we) can|no (?:(?:me|nos|le|te|les|os|se|lo|la|los|las) )*(?:puedo|podemos|puede|sé|sabría|quisiera|quiero|voy a|vamos a) (?:prometer|asegurar|garantizar|comprometer|adelantar|confirmar|decir|\p{L}+r(?:l[eo]s?|te|os|me|nos)?)|no (?:(?:le|te|les|os|se|lo|la|los|las) )*(?:prometo|prometemos|aseguro|aseguramos|garantizo|garantizamos|doy palabra|damos palabra)|(?:nadie|ninguno) (?:\p{L}+ ){0,3}?(?:puede|sabe|podría)|(?:sólo|solo|só|somente) (?:[^,!?]{1,40} )?(?:puede|lo ve|lo sabe|lo decide|pode|consegue|sabe|decide|vê)|(?:depende de|lo decide|la decisión es de|quem (?:decide|aprova) é)|(?:ne (?:(?:vous|te|le|la|les|l') ?)*)?(?:peux|pouvons|peut|saurais|saurions) (?:pas|rien)|(?:je|on|nous|j') (?:ne )?(?:(?:vous|te) )?(?:promets|promettons|promet|garantis|garantissons|garantit) (?:pas|rien)|(?:personne|nul) ne (?:\p{L}+ )?(?:peut|sait|pourra)|(?:dépend (?:de|du)|c'est [^,.!?]{1,40} qui décide|seule?s? [^,.!?]{1,40} (?:peut|peuvent|pourra|saura|décide))|não (?:(?:te|lhe|vos|lhes|o|a) )*(?:consigo|conseguimos|posso|podemos|vou|vamos|quero|dá para|dá pra) (?:(?:te|lhe|vos) )?(?:prometer|garantir|dizer|afirmar|confirmar|assegurar)(?:-(?:lhe|te|vos))?|ninguém (?:\p{L}+ ){0,2}?(?:pode|sabe|consegue)|não me pronuncio)\b|\b(?:can'?t|can ?not|couldn'?t|(?:not|isn't|aren't) able|unable|nobody can|no one can|not sure|don'?t know|do not know|up to|ask|asking|check|checking|find out|look into|depends?|whether|decides? (?:who|if|how|what|which|on)|(?:don'?t|do not) (?:offer|do|give|have|negotiate)|(?:tell|talk|speak|ask|know|knows|questions?) (?:\p{L}+ ){0,3}?about|instead of|rather than|no puedo|no podemos|no tengo|no sé|je ne peux|nous ne pouvons|não posso|não podemos)\b",
    )
});

/// A word that turns the very next one into its opposite.
const NEGATIONS: &[&str] =
    &["don't", "doesn't", "not", "never", "isn't", "aren't", "no", "nor", "won't", "ni", "não", "pas"];

/// True when the whole clause refuses or leaves to others whatever it speaks of.
pub(super) fn refuses_all(clause: &str) -> bool {
    DENIAL.captures_iter(main_part(clause)).any(|found| found.name("all").is_some())
}

/// A clause without its reason: "I'll drop it since the date isn't up to you" refuses nothing.
fn main_part(clause: &str) -> &str {
    clause.split(" since ").next().unwrap_or(clause)
}

/// True when what begins at the byte `at` of the clause is refused, left open or left to others.
pub(super) fn is_denied(clause: &str, at: usize) -> bool {
    refuses_all(clause) || DENIAL.find(clause).is_some_and(|denial| denial.start() <= at)
}

/// "We don't price match": the word before what begins at the byte `at` turns it into its opposite.
pub(super) fn is_negated(clause: &str, at: usize) -> bool {
    let before = clause.get(..at).unwrap_or_default();
    before.split_whitespace().next_back().is_some_and(|word| NEGATIONS.contains(&word.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(clause: &str, word: &str) -> bool {
        let at = clause.find(word).expect("the word stands in the clause");
        is_denied(clause, at) || is_negated(clause, at)
    }

    #[test]
    fn what_is_refused_or_left_to_others_is_not_promised() {
        for (clause, word) in [
            ("Any discount is down to Ann", "discount"),
            ("discounts are up to our owner", "discounts"),
            ("any discount is his decision", "discount"),
            ("we don't price match", "price match"),
            ("Whether it is covered is the insurer's call", "covered"),
            ("la asistencia no la podemos garantizar", "garantizar"),
            ("no puedo decirle si saldrá más barato", "saldrá"),
            ("that isn't advice we can give", "give"),
            ("no me puedo comprometer con un descuento", "descuento"),
            ("no le voy a prometer que baje", "baje"),
            ("el descuento solo lo ve Rodrigo", "descuento"),
            ("on vous promet pas la date", "date"),
            ("je ne vous garantis rien", "garantis"),
            ("não lhe vou prometer decibéis", "prometer"),
            ("só a dra. Lúcia consegue dizer se dá", "dizer"),
        ] {
            assert!(denied(clause, word), "{clause}");
        }
        for (clause, word) in [
            ("it's free if you can't come", "free"),
            ("we'll match any quote up to 5,000", "match"),
            ("I'll drop it since the date isn't up to you", "drop"),
            ("le garantizamos la plaza", "garantizamos"),
            ("on vous promet la date", "date"),
            ("só hoje eu consigo o desconto", "desconto"),
        ] {
            assert!(!denied(clause, word), "{clause}");
        }
    }
}
