//! Reads the number words of Spanish, French and Portuguese: "dos mil quinientos", "vinte e cinco mil e quatrocentos" and
//! "quatre-vingt-dix" are one number each, "doce y quince" and "trinta e quarenta e cinco" are two.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;

/// The words of each number below a thousand.
const WORDS: &[(u64, &str)] = &[
    (0, "cero zéro"),
    (1, "un uno una um uma une"),
    (2, "dos deux dois duas"),
    (3, "tres trois três"),
    (4, "cuatro quatre quatro"),
    (5, "cinco cinq"),
    (6, "seis six"),
    (7, "siete sept sete"),
    (8, "ocho huit oito"),
    (9, "nueve neuf nove"),
    (10, "diez dix dez"),
    (11, "once onze"),
    (12, "doce douze doze"),
    (13, "trece treize treze"),
    (14, "catorce quatorze catorze"),
    (15, "quince quinze"),
    (16, "dieciséis dieciseis seize dezesseis dezasseis"),
    (17, "diecisiete dezessete dezassete"),
    (18, "dieciocho dezoito"),
    (19, "diecinueve dezenove dezanove"),
    (20, "veinte vingt vingts vinte"),
    (21, "veintiuno veintiún veintiun veintiuna"),
    (22, "veintidós veintidos"),
    (23, "veintitrés veintitres"),
    (24, "veinticuatro"),
    (25, "veinticinco"),
    (26, "veintiséis veintiseis"),
    (27, "veintisiete"),
    (28, "veintiocho"),
    (29, "veintinueve"),
    (30, "treinta trente trinta"),
    (40, "cuarenta quarante quarenta"),
    (50, "cincuenta cinquante cinquenta"),
    (60, "sesenta soixante sessenta"),
    (70, "setenta septante"),
    (80, "ochenta octante huitante oitenta"),
    (90, "noventa nonante"),
    (100, "cien ciento cem cento"),
    (200, "doscientos doscientas duzentos duzentas"),
    (300, "trescientos trescientas trezentos trezentas"),
    (400, "cuatrocientos cuatrocientas quatrocentos quatrocentas"),
    (500, "quinientos quinientas quinhentos quinhentas"),
    (600, "seiscientos seiscientas seiscentos seiscentas"),
    (700, "setecientos setecientas setecentos setecentas"),
    (800, "ochocientos ochocientas oitocentos oitocentas"),
    (900, "novecientos novecientas novecentos novecentas"),
];

/// What multiplies the number before it.
const HUNDRED: &[&str] = &["cent", "cents"];
const THOUSAND: &[&str] = &["mil", "mille"];
const MILLION: &[&str] = &["millón", "millon", "millones", "million", "millions", "milhão", "milhões"];

/// "Dos millones y medio".
const HALF: &[&str] = &["medio", "meio", "demi"];

/// Numbers that are other words in English: they count only where the text is surely not English.
const ENGLISH_TOO: &[&str] = &["once", "cent", "cents", "sept", "six", "mil", "dos", "million", "millions"];

/// Round hundreds that nothing below a hundred is added to.
const WHOLE_HUNDRED: &[&str] = &["cien", "cem"];

static VALUES: LazyLock<BTreeMap<&str, u64>> = LazyLock::new(|| {
    let words =
        |(value, words): &(u64, &'static str)| words.split_whitespace().map(|word| (word, *value)).collect::<Vec<_>>();
    WORDS.iter().flat_map(words).collect()
});

/// Every word that is a number or a part of one, for a pattern.
pub(super) static ANY: LazyLock<String> = LazyLock::new(|| {
    let words = VALUES.keys().chain(HUNDRED).chain(THOUSAND).chain(MILLION);
    words.copied().collect::<Vec<_>>().join("|")
});

static RUN: LazyLock<Regex> = LazyLock::new(|| {
    let half = HALF.join("|");
    any_case(&format!(r"\b(?:{0})(?:(?:[ -]| (?:y|et|e) )(?:{0}|{half}))*\b", *ANY))
});

/// A word of a run, and what joins it to the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word<'a> {
    joint: &'a str,
    text: &'a str,
    lower: String,
}

impl Word<'_> {
    fn value(&self) -> Option<u64> {
        VALUES.get(self.lower.as_str()).copied()
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        words.contains(&self.lower.as_str())
    }

    /// Nothing but a space or a hyphen stands before it.
    fn is_close(&self) -> bool {
        matches!(self.joint, " " | "-")
    }

    fn is_article(&self) -> bool {
        self.value() == Some(1)
    }
}

/// The text with its number words in digits.
pub(super) fn in_digits(text: &str, language: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for run in RUN.find_iter(text) {
        out.push_str(&text[rest..run.start()]);
        rest = run.end();
        out.push_str(&run_in_digits(run.as_str(), language));
        // "À trois 175 $": two numbers.
        if out.ends_with(|c: char| c.is_ascii_digit()) && is_before_number(&text[rest..]) {
            out.push(',');
        }
    }
    out.push_str(&text[rest..]);
    out
}

fn is_before_number(rest: &str) -> bool {
    rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn run_in_digits(run: &str, language: Option<&str>) -> String {
    let words = words(run);
    let mut out = String::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        out.push_str(word.joint);
        let found =
            number(&words[at..]).filter(|(_, used)| counts(&words[at..at + used], words.get(at + used), language));
        if let Some((value, used)) = found {
            out.push_str(&value.to_string());
            at += used;
        } else {
            out.push_str(word.text);
            at += 1;
        }
    }
    out
}

/// False for words that may be no number: "once" in English, an article, the "dos" of Portuguese in "dos dois jeitos".
fn counts(words: &[Word<'_>], next: Option<&Word<'_>>, language: Option<&str>) -> bool {
    let is_doubtful = language.is_none() && words.iter().all(|word| word.is_one_of(ENGLISH_TOO));
    let [alone] = words else { return !is_doubtful };
    let is_of_the = alone.lower == "dos" && (language == Some("Portuguese") || next.is_some_and(Word::is_close));
    let is_cent = alone.is_one_of(HUNDRED) && !(language == Some("French") && alone.lower == "cent");
    !is_doubtful && !is_of_the && !alone.is_article() && !is_cent
}

fn words(run: &str) -> Vec<Word<'_>> {
    let mut found: Vec<Word<'_>> = Vec::new();
    let mut end = 0;
    for (start, text) in pieces(run) {
        if matches!(text, "y" | "et" | "e" | "Y" | "ET" | "E") && start > 0 {
            continue;
        }
        found.push(Word { joint: &run[end..start], text, lower: text.to_lowercase() });
        end = start + text.len();
    }
    found
}

/// The words between spaces and hyphens, and where they stand.
fn pieces(run: &str) -> impl Iterator<Item = (usize, &str)> {
    run.split([' ', '-'])
        .map(move |piece| (piece.as_ptr() as usize - run.as_ptr() as usize, piece))
        .filter(|(_, piece)| !piece.is_empty())
}

/// The number that words begin with, and how many of them it takes.
fn number(words: &[Word<'_>]) -> Option<(u64, usize)> {
    let is_million = |at: usize| words.get(at).is_some_and(|word| word.is_close() && word.is_one_of(MILLION));
    let (value, used) = below_million(words)?;
    if !is_million(used) {
        return Some((value, used));
    }
    let (millions, mut used) = (value.saturating_mul(1_000_000), used + 1);
    let is_half = words.get(used).is_some_and(|word| !word.is_close() && word.is_one_of(HALF));
    if is_half {
        return Some((millions.saturating_add(500_000), used + 1));
    }
    let rest = words.get(used).filter(|word| word.joint != " y ").and_then(|_| below_million(&words[used..]));
    let rest = rest.filter(|(_, more)| !is_million(used + more));
    let (more, taken) = rest.unwrap_or_default();
    used += taken;
    Some((millions.saturating_add(more), used))
}

fn below_million(words: &[Word<'_>]) -> Option<(u64, usize)> {
    let is_thousand =
        |at: usize| words.get(at).is_some_and(|word| (at == 0 || word.is_close()) && word.is_one_of(THOUSAND));
    // "Mil" alone is a thousand; "un mil" is none.
    let (value, used) = if is_thousand(0) { (1, 0) } else { below_thousand(words)? };
    if !is_thousand(used) {
        return Some((value, used));
    }
    let (thousands, used) = (value.saturating_mul(1_000), used + 1);
    // "Entre mil e dois mil" are two; Spanish joins nothing by "y" here.
    let joined = words.get(used).filter(|word| word.is_close() || word.joint == " e ");
    let rest = joined.and_then(|_| below_thousand(&words[used..]));
    let is_next = |at: usize| words.get(at).is_some_and(|word| word.is_one_of(THOUSAND) || word.is_one_of(MILLION));
    let (more, taken) = rest.filter(|(_, more)| !is_next(used + more)).unwrap_or_default();
    Some((thousands + more, used + taken))
}

fn below_thousand(words: &[Word<'_>]) -> Option<(u64, usize)> {
    let first = words.first()?;
    let is_hundred =
        |at: usize| words.get(at).is_some_and(|word| word.is_one_of(HUNDRED) && (at == 0 || word.is_close()));
    let (hundreds, used) = match first.value() {
        _ if is_hundred(0) => (100, 1),
        Some(units @ 2..=9) if is_hundred(1) => (units * 100, 2),
        Some(value) if value >= 100 => (value, 1),
        _ => return below_hundred(words),
    };
    let is_joined = |word: &&Word<'_>| word.is_close() || word.joint == " e ";
    let takes_more = !first.is_one_of(WHOLE_HUNDRED);
    let rest = words.get(used).filter(is_joined).filter(|_| takes_more).and_then(|_| below_hundred(&words[used..]));
    let (more, taken) = rest.unwrap_or_default();
    Some((hundreds + more, used + taken))
}

fn below_hundred(words: &[Word<'_>]) -> Option<(u64, usize)> {
    let first = words.first()?.value().filter(|value| *value < 100)?;
    let next = |at: usize| words.get(at).and_then(|word| Some((word, word.value()?)));
    // "Quatre-vingts".
    let (mut tens, mut used) = match next(1) {
        Some((word, 20)) if first == 4 && word.is_close() && word.lower.starts_with("vingt") => (80, 2),
        _ => (first, 1),
    };
    // "Soixante-dix", "soixante et onze" and "quatre-vingt-quinze".
    let of_french = words.first().is_some_and(|word| matches!(word.lower.as_str(), "soixante" | "quatre"));
    if let (60 | 80, Some((word, more @ 10..=19)), true) = (tens, next(used), of_french)
        && (word.is_close() || word.joint == " et " && more == 11)
    {
        (tens, used) = (tens + more, used + 1);
    }
    let is_dix = words.get(used - 1).is_some_and(|word| word.lower == "dix");
    match next(used) {
        // "Dix-huit" is French alone.
        Some((word, more @ 7..=9)) if is_dix && word.is_close() => Some((tens + more, used + 1)),
        Some((word, more @ 1..=9)) if tens >= 20 && tens.is_multiple_of(10) && is_unit_of(word, more) => {
            Some((tens + more, used + 1))
        }
        _ => Some((tens, used)),
    }
}

/// "Vingt et un", "treinta y cinco", "trinta e cinco" and "trente-cinq".
fn is_unit_of(word: &Word<'_>, value: u64) -> bool {
    word.is_close() || matches!(word.joint, " y " | " e ") || value == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_digits(language: &str, cases: &[(&str, &str)]) {
        for (said, digits) in cases {
            assert_eq!(in_digits(said, Some(language)), *digits, "{said}");
        }
    }

    #[test]
    fn what_adds_up_is_one_number_and_what_does_not_is_two() {
        let spanish = [
            ("treinta y cinco", "35"),
            ("entre doce y quince días", "entre 12 y 15 días"),
            ("dos mil quinientos", "2500"),
            ("trescientos cuarenta mil pesos", "340000 pesos"),
            ("setenta mil", "70000"),
            ("dos millones y medio de pesos", "2500000 de pesos"),
            ("un millón doscientos mil", "1200000"),
            ("entre mil y dos mil", "entre 1000 y 2000"),
            ("cien y doscientos", "100 y 200"),
            ("las ocho y media", "las 8 y media"),
            ("un quince percent", "un 15 percent"),
            ("mil seiscientos cincuenta", "1650"),
        ];
        assert_digits("Spanish", &spanish);
        let portuguese = [
            ("entre trinta e quarenta e cinco dias", "entre 30 e 45 dias"),
            ("vinte e cinco mil e quatrocentos", "25400"),
            ("cento e vinte e três", "123"),
            ("entre mil e dois mil reais", "entre 1000 e 2000 reais"),
            ("às cinco e dez", "às 5 e 10"),
            ("dos dois jeitos", "dos 2 jeitos"),
            ("um milhão e meio", "1500000"),
            ("mil e quinhentos", "1500"),
        ];
        assert_digits("Portuguese", &portuguese);
    }

    #[test]
    fn french_counts_by_twenties_and_belgian_french_by_tens() {
        let french = [
            ("quatre-vingt-dix", "90"),
            ("quatre-vingts", "80"),
            ("quatre-vingt-dix-sept", "97"),
            ("quatre vingt cinq", "85"),
            ("soixante-dix", "70"),
            ("soixante et onze", "71"),
            ("soixante-quinze", "75"),
            ("septante-deux", "72"),
            ("nonante personnes", "90 personnes"),
            ("dix-huit", "18"),
            ("entre neuf et dix-huit heures", "entre 9 et 18 heures"),
            ("vingt et un", "21"),
            ("trente euros", "30 euros"),
            ("quarante convives", "40 convives"),
            ("deux cent cinquante", "250"),
            ("quatre cents", "400"),
            ("cent euros", "100 euros"),
            ("mille deux cents", "1200"),
            ("à trois 175 $", "à 3, 175 $"),
            ("six à huit", "6 à 8"),
        ];
        assert_digits("French", &french);
    }

    #[test]
    fn words_that_are_english_too_count_where_the_language_is_known() {
        assert_eq!(in_digits("we ask once", None), "we ask once");
        assert_eq!(in_digits("a las once", Some("Spanish")), "a las 11");
    }
}
