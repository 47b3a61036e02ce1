//! What a clause refuses, leaves to somebody else or does not know is not promised by it.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;

/// What refuses a whole clause, wherever it stands in it: "the price is up to Ann", "what they pay nobody can say".
const ENGLISH: &[&str] = &[
    r"(?:can'?t|can ?not|couldn'?t|wouldn'?t want to|(?:i|we) won't|unable to|not able to) (?:hold|give|say|tell|promise|guarantee|know|speak|confirm|commit|predict|claim|pretend|swear|vouch)",
    r"(?:tell|say|know) for sure",
    r"(?:nobody|no one|none of us)\b.*\b(?:can|could|will)",
    r"is (?:something|a question|one) (?:that )?(?:i'd|we'd|i would|we would|only|for)",
    r"(?:isn'?t|aren'?t|not|never) (?:(?:something|anything|advice|one|ones|a \p{L}+) (?:that |which )?(?:i|we|you)|mine to|ours to)",
    r"(?:is|are|isn'?t|aren'?t|be|it'?s|that'?s) (?:always |only |entirely |all )?(?:(?:not )?(?:up|down) to|for [^,.!?]{1,40} to decide|decided by|(?:not )?(?:\p{L}+'?s?'?|[\p{L} ]{1,30}'s) (?:decision|call))",
    r"(?:is|are|would be) (?:one )?for (?:him|her|them|the (?:owner|manager|office|team)|(?-i:\p{Lu}\p{Ll}+))",
    r"(?:is|are|'s|'re|would be) (?:really )?(?:one|a question|questions|something) for (?:your|the|an?|our) \p{L}+",
    r"(?:is|are) (?:theirs|his|hers|ours) to (?:decide|say)",
    r"no (?:discounts?|deals?|promises?|guarantees?)\b.*\b(?:i|we) can",
    r"(?:i|we) wish (?:i|we) could",
    r"(?:i'd|we'd|i would|we would) (?:love|like|have loved) to (?:say|tell|promise|give)\b.* but",
    r"(?:isn'?t|is not|doesn'?t|does not|not) (?:a |any )?(?:promise|guarantee)s?",
    r"(?:i'm |i am |we're )?(?:not going to|not gonna|never going to) (?:tell|say|promise|guarantee|oversell|pretend|guess)",
    r"(?:i'd|we'd|i would|we would) (?:love|like|have loved) to (?:say|promise|swear|claim)",
    r"before (?:anyone|anybody|i|we) can (?:say|promise|confirm|tell)",
    r"(?:i'd|i would|we'd) be lying if (?:i|we) said",
    r"anyone's guess",
    r"(?:is|are|'s|'re|would be|goes) (?:more than|beyond (?:what|anything)|further than) (?:i|we) (?:can|could|may|dare|should|know)",
    r"(?:beyond me|above my pay grade|out of (?:my|our) hands)",
    r"(?:isn'?t|aren'?t|not) (?:for me|for us|my place|our place|mine|ours) to",
    r"(?:i'd|we'd|i would|we would) (?:only |just )?be guessing",
    r"(?:it'?d|it would) be (?:wrong|dishonest|unfair|a lie|silly) (?:of (?:me|us) )?to",
];

/// [`ENGLISH`] in Spanish, and where the two are alike in Portuguese.
const SPANISH: &[&str] = &[
    r"no (?:(?:me|nos|le|te|les|os|se|lo|la|los|las) )*(?:puedo|podemos|puede|sé|sabría|quisiera|quiero|voy a|vamos a) (?:prometer|asegurar|garantizar|comprometer|adelantar|confirmar|decir|\p{L}+r(?:l[eo]s?|te|os|me|nos)?)",
    r"no (?:(?:le|te|les|os|se|lo|la|los|las) )*(?:prometo|prometemos|aseguro|aseguramos|garantizo|garantizamos|doy palabra|damos palabra)",
    r"(?:nadie|ninguno) (?:\p{L}+ ){0,3}?(?:puede|sabe|podría)",
    r"(?:sólo|solo|só|somente) (?:[^,!?]{1,40} )?(?:puede|lo ve|lo sabe|lo decide|pode|consegue|sabe|decide|vê)",
    r"(?:depende de|lo decide|la decisión es de|quem (?:decide|aprova) é)",
    r"no (?:lo |la )?(?:sé|sabemos|sabría) (?:si|cuánto|cuándo|qué|cómo|cuál|todavía|aún|decir\p{L}*)",
    r"no (?:hacemos|tenemos|damos|ofrecemos|manejamos|aplicamos|hay)$",
    r"(?:le|les|te|os) (?:toca|corresponde) (?:decidir|aprobar|resolver)",
];

/// [`ENGLISH`] in French.
const FRENCH: &[&str] = &[
    r"(?:ne (?:(?:vous|te|le|la|les|l') ?)*)?(?:peux|pouvons|peut|saurais|saurions) (?:pas|rien)",
    r"(?:je|on|nous|j') (?:ne )?(?:(?:vous|te) )?(?:promets|promettons|promet|garantis|garantissons|garantit) (?:pas|rien)",
    r"(?:personne|nul) ne (?:\p{L}+ )?(?:peut|sait|pourra)",
    r"(?:je|on|nous) (?:ne )?(?:sais|sait|savons) pas (?:si|combien|quand|encore|ce que)",
    r"(?:est|sont|reste|restent) (?:\p{L}+ )?de (?:son|leur|sa) ressort",
    r"relèvent? (?:de|du|d')",
    r"(?:dépend (?:de|du)|c'est [^,.!?]{1,40} qui décide|seule?s? [^,.!?]{1,40} (?:peut|peuvent|pourra|saura|décide))",
];

/// [`ENGLISH`] in Portuguese.
const PORTUGUESE: &[&str] = &[
    r"não (?:(?:te|lhe|vos|lhes|o|a) )*(?:consigo|conseguimos|posso|podemos|vou|vamos|quero|dá para|dá pra) (?:(?:te|lhe|vos) )?(?:prometer|garantir|dizer|afirmar|confirmar|assegurar)(?:-(?:lhe|te|vos))?",
    r"ninguém (?:\p{L}+ ){0,2}?(?:pode|sabe|consegue)",
    r"não me pronuncio",
    r"não (?:(?:te|lhe|vos|lhes) )?(?:garanto|garantimos|prometo|prometemos|asseguro|asseguramos)",
    r"não (?:sei|sabemos) (?:se|quanto|quando|dizer|ainda|qual)",
    r"não (?:fazemos|temos|damos|oferecemos|há)$",
];

/// What refuses only what comes after it: "I can't give a discount", but "it's free if you can't come".
const BEFORE: &[&str] = &[
    r"can'?t",
    r"hopefully",
    r"can ?not",
    r"couldn'?t",
    r"(?:not|isn't|aren't) able",
    r"unable",
    r"nobody can",
    r"no one can",
    r"not sure",
    r"don'?t know",
    r"do not know",
    r"up to",
    r"ask",
    r"asking",
    r"check",
    r"checking",
    r"find out",
    r"look into",
    r"depends?",
    r"whether",
    r"decides? (?:who|if|how|what|which|on)",
    r"(?:don'?t|do not) (?:offer|do|give|have|negotiate)",
    r"(?:tell|talk|speak|ask|know|knows|questions?) (?:\p{L}+ ){0,3}?about",
    r"instead of",
    r"rather than",
    r"no puedo",
    r"no podemos",
    r"no tengo",
    r"no sé",
    r"je ne peux",
    r"nous ne pouvons",
    r"não posso",
    r"não podemos",
    r"no (?:hacemos|tenemos|damos|ofrecemos|manejamos|aplicamos|hay)",
    r"não (?:fazemos|temos|damos|oferecemos|há)",
    r"pas de",
    r"(?:ne (?:fait|faisons|fais)|n'(?:avons|a|ai|accorde|accordons|offre|offrons)) (?:pas|aucune?)",
];

/// Refusals; `all` is one of the whole clause.
static DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    let whole = [ENGLISH, SPANISH, FRENCH, PORTUGUESE].concat().join("|");
    any_case(&format!(r"\b(?P<all>{whole})\b|\b(?:{})\b", BEFORE.join("|")))
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
            ("I wish I could give you a yes", "give"),
            ("I'd love to tell you she'll take off, but every child differs", "take off"),
            ("What rate you'd get is anyone's guess", "get"),
            ("that isn't a promise that none get in", "none get in"),
            ("how an auditor will read it is more than I can say", "will read"),
            ("whether they'll cover it isn't for me to say", "cover"),
            ("when it will sell I'd only be guessing", "sell"),
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
