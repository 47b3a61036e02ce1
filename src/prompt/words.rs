//! Words, for choosing playbooks and knowledge.

use unicode_normalization::UnicodeNormalization;

use super::fence::is_hidden;
use super::synonyms;

/// The words of a text in lower case; accents and apostrophes are left out (`Don't` is `dont`, `garantía` is `garantia`), since
/// leads leave them out. Chinese and Japanese have no spaces between words: there each character is one.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    for c in folded(text) {
        if is_unspaced(c) {
            found.extend(take(&mut word));
            found.push(c.to_string());
        } else if c.is_alphanumeric() {
            word.push(c);
        } else {
            found.extend(take(&mut word));
        }
    }
    found.extend(take(&mut word));
    found
}

fn take(word: &mut String) -> Option<String> {
    (!word.is_empty()).then(|| std::mem::take(word))
}

fn folded(text: &str) -> Vec<char> {
    // Before it is decomposed, because an acute accent on its own would become a space.
    let plain = text.chars().filter(|c| c.is_whitespace() || !(is_apostrophe(*c) || is_hidden(*c)));
    plain.nfkd().filter(|c| !is_accent(*c)).nfc().flat_map(char::to_lowercase).collect()
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '´' | '`')
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Han and kana.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text that say what it is about, without their commonest endings. Of Chinese and Japanese, every two
/// characters that stand together.
pub(super) fn terms(text: &str) -> Vec<String> {
    telling(&words(text))
}

/// [`terms`], and for words that sales are full of what they mean: `how much` and `rates` both ask for the price.
pub(super) fn terms_and_meanings(text: &str) -> Vec<String> {
    let words = words(text);
    let meanings = words.iter().filter_map(|word| synonyms::meaning(word));
    // An amount of money is a price, whatever the words around it.
    let amounts = text.chars().filter(|c| matches!(c, '$' | '€' | '£' | '¥')).map(|_| synonyms::PRICE);
    let meanings: Vec<String> = meanings.chain(amounts).map(|meaning| format!("~{meaning}")).collect();
    telling(&words).into_iter().chain(meanings).collect()
}

fn telling(words: &[String]) -> Vec<String> {
    let unspaced = |word: &String| word.chars().next().is_some_and(is_unspaced);
    let mut found = Vec::new();
    for run in words.chunk_by(|one, next| unspaced(one) && unspaced(next)) {
        match run {
            [word] if is_filler(word) => {}
            [word] => found.push(stem(word).to_owned()),
            _ => found.extend(run.windows(2).map(<[String]>::concat)),
        }
    }
    found
}

fn stem(word: &str) -> &str {
    let shorter = ["ings", "ing", "edly", "ed", "ies", "es", "s", "y", "e"]
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .find(|rest| rest.chars().count() >= 3);
    shorter.unwrap_or(word)
}

/// In alphabetical order: English, Spanish, French and Portuguese, and how people write them in texts.
const FILLERS: &[&str] = &[
    "a", "about", "al", "also", "am", "an", "and", "any", "ao", "are", "as", "at", "au", "aux", "avec", "be", "but",
    "by", "can", "ce", "ces", "com", "combien", "como", "con", "could", "cual", "cuando", "cuanta", "cuanto", "da",
    "das", "de", "del", "des", "did", "do", "does", "dos", "du", "e", "el", "em", "en", "es", "est", "esta", "et",
    "for", "from", "get", "got", "guys", "ha", "had", "has", "have", "hay", "he", "hello", "hey", "hi", "hola", "how",
    "i", "id", "if", "il", "ill", "im", "in", "is", "it", "its", "je", "just", "la", "las", "le", "les", "let", "like",
    "lo", "los", "me", "mi", "much", "my", "na", "nao", "ne", "no", "nos", "not", "nous", "o", "of", "ok", "okay",
    "on", "or", "os", "ou", "our", "out", "para", "pas", "please", "pls", "por", "pour", "pra", "quais", "qual",
    "quando", "quanta", "quanto", "que", "quel", "quelle", "qui", "r", "se", "she", "si", "sim", "so", "some", "sont",
    "su", "sur", "tem", "thanks", "that", "the", "their", "them", "then", "there", "they", "this", "thx", "tiene",
    "tienen", "to", "tu", "u", "um", "uma", "un", "una", "une", "up", "ur", "us", "voce", "voces", "vos", "votre",
    "vous", "was", "we", "were", "what", "whats", "when", "where", "which", "who", "why", "will", "with", "would", "y",
    "ya", "yes", "you", "your",
];

fn is_filler(word: &str) -> bool {
    FILLERS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_can_be_searched() {
        assert!(FILLERS.is_sorted());
    }

    #[test]
    fn a_question_is_reduced_to_what_it_is_about() {
        assert_eq!(words("Don't CALL, ok?"), ["dont", "call", "ok"]);
        assert_eq!(terms("What are your prices?"), terms("price"));
        assert_eq!(terms("do you install batteries"), terms("installing a battery"));
    }

    #[test]
    fn accents_are_left_out_however_they_are_written() {
        assert_eq!(words("¿Y la GARANTÍA? don´t"), ["y", "la", "garantia", "dont"]);
        assert_eq!(words("two\nlines"), ["two", "lines"]);
        assert_eq!(terms("y la garanti\u{301}a?"), terms("garantia"));
        assert_eq!(words("re\u{ad}unio\u{301}n na\u{200b}ïve"), ["reunion", "naive"]);
        assert_eq!(words("한국어 ok").len(), 2);
    }

    #[test]
    fn chinese_and_japanese_are_read_by_two_characters() {
        assert_eq!(words("我想预约 ok"), ["我", "想", "预", "约", "ok"]);
        assert_eq!(terms("安装费用 2"), ["安装", "装费", "费用", "2"]);
        assert!(terms("请问安装费用是多少").contains(&"费用".to_owned()));
        assert_eq!(terms("が"), terms("か\u{3099}"));
    }

    #[test]
    fn words_of_sales_are_known_by_what_they_mean() {
        let mean = |text: &str| {
            let all = terms_and_meanings(text);
            all.into_iter().filter(|term| term.starts_with('~')).collect::<Vec<_>>()
        };
        for text in ["how much is it", "quote pls", "¿Cuánto cuesta?", "c'est combien", "quanto custa", "a fee of $49"]
        {
            assert!(mean(text).iter().all(|meaning| meaning == "~price") && !mean(text).is_empty(), "{text}");
        }
        assert_eq!(mean("guarantee?"), mean("What warranty do you give?"));
        assert_eq!(mean("a roof"), Vec::<String>::new());
    }
}
