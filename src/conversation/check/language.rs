//! Does the reply speak the lead's language?

use std::sync::LazyLock;

use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;
use crate::conversation::message::Author;
use crate::sms::fold::{Cut, fold};
use crate::sms::recent::Recent;

/// Common words that belong to one of the languages alone, folded.
const LANGUAGES: &[(&str, &[&str])] = &[
    (
        "English",
        &[
            "the", "you", "and", "is", "are", "for", "with", "what", "how", "can", "we", "it", "this", "that", "your",
            "have", "would", "do", "does", "of", "to", "my", "our", "i", "im", "when", "much", "works", "will", "at",
            "be",
        ],
    ),
    (
        "Spanish",
        &[
            "el", "los", "las", "usted", "cuanto", "cuesta", "gracias", "hola", "puede", "puedo", "estoy", "quiero",
            "con", "para", "por", "mi", "su", "esta", "y", "es", "del", "una", "tengo", "tiene", "hay", "como",
            "cuando", "martes", "manana", "si", "pero", "donde",
        ],
    ),
    (
        "French",
        &[
            "le", "les", "vous", "je", "est", "et", "pour", "avec", "combien", "merci", "bonjour", "nous", "votre",
            "suis", "une", "des", "du", "ca", "mon", "oui", "quel", "quelle", "sur", "dans", "peut", "pouvez",
            "voudrais", "mardi",
        ],
    ),
    (
        "Portuguese",
        &[
            "voce", "obrigado", "obrigada", "nao", "quanto", "custa", "uma", "um", "para", "com", "estou", "quero",
            "meu", "minha", "seu", "e", "oi", "ola", "tem", "tenho", "posso", "pode", "terca", "bom", "dia", "mais",
            "voces", "os", "do", "da", "em", "ao",
        ],
    ),
];

/// Words of one language that a text needs, beyond those of any other, to count as written in it.
const LEAD_OF: usize = 2;

pub(super) fn language(candidate: &Candidate<'_>) -> Outcome {
    let heard: Vec<&str> = candidate
        .ctx
        .new_texts
        .iter()
        .filter(|message| message.author == Author::Lead)
        .map(|message| message.text.as_str())
        .collect();
    let (lead, reply) = (language_of(&heard.join("\n"))?, language_of(candidate.text)?);
    (lead != reply)
        .then(|| (Regenerate, format!("The lead writes in {lead} and the reply is in {reply}: answer in {lead}.")))
}

/// Bytes of texts whose language is remembered: several checks ask for that of the same knowledge, for every reply.
const REMEMBERED_BYTES: usize = 256 * 1024;

static TOLD: LazyLock<Recent<Option<&'static str>>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// The language of a text, by its common words; none when they do not tell.
pub(in crate::conversation) fn language_of(text: &str) -> Option<&'static str> {
    TOLD.recall(text, tell)
}

fn tell(text: &str) -> Option<&'static str> {
    let parts = fold(text, Cut::Lines);
    let words: Vec<&str> = parts.iter().flat_map(|part| part.split(' ')).collect();
    let mut counts: Vec<(usize, &str)> = LANGUAGES
        .iter()
        .map(|(name, common)| (words.iter().filter(|word| common.contains(word)).count(), *name))
        .collect();
    counts.sort_unstable();
    let [.., second, first] = counts.as_slice() else { return None };
    (first.0 >= second.0 + LEAD_OF).then_some(first.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_its_common_words_and_short_texts_have_none() {
        assert_eq!(language_of("Hola, ¿cuánto cuesta el sistema para mi casa?"), Some("Spanish"));
        assert_eq!(language_of("Bonjour, combien ça coûte pour une maison?"), Some("French"));
        assert_eq!(language_of("Oi, quanto custa? Tenho interesse"), Some("Portuguese"));
        assert_eq!(language_of("How much is it for my house?"), Some("English"));
        assert_eq!(language_of("ok"), None);
    }
}
