//! Puts the numbers, times and units of Spanish, French and Portuguese into English, so that all that follows reads one
//! language.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::language::language_of;
use super::pattern::any_case;

/// Numbers in words. A hundred and a thousand multiply what stands before them.
const WORDS: &[(&str, u64)] = &[
    ("cero", 0),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("seis", 6),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("once", 11),
    ("doce", 12),
    ("trece", 13),
    ("catorce", 14),
    ("quince", 15),
    ("dieciséis", 16),
    ("dieciseis", 16),
    ("diecisiete", 17),
    ("dieciocho", 18),
    ("diecinueve", 19),
    ("veinte", 20),
    ("veintiuno", 21),
    ("veintiún", 21),
    ("veintidós", 22),
    ("veintidos", 22),
    ("veintitrés", 23),
    ("veintitres", 23),
    ("veinticuatro", 24),
    ("veinticinco", 25),
    ("veintiséis", 26),
    ("veintiseis", 26),
    ("veintisiete", 27),
    ("veintiocho", 28),
    ("veintinueve", 29),
    ("treinta", 30),
    ("cuarenta", 40),
    ("cincuenta", 50),
    ("sesenta", 60),
    ("setenta", 70),
    ("ochenta", 80),
    ("noventa", 90),
    ("cien", 100),
    ("ciento", 100),
    ("doscientos", 200),
    ("doscientas", 200),
    ("trescientos", 300),
    ("trescientas", 300),
    ("cuatrocientos", 400),
    ("cuatrocientas", 400),
    ("quinientos", 500),
    ("quinientas", 500),
    ("seiscientos", 600),
    ("seiscientas", 600),
    ("setecientos", 700),
    ("setecientas", 700),
    ("ochocientos", 800),
    ("ochocientas", 800),
    ("novecientos", 900),
    ("novecientas", 900),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("six", 6),
    ("sept", 7),
    ("huit", 8),
    ("neuf", 9),
    ("dix", 10),
    ("onze", 11),
    ("douze", 12),
    ("treize", 13),
    ("quatorze", 14),
    ("quinze", 15),
    ("seize", 16),
    ("vingt", 20),
    ("trente", 30),
    ("quarante", 40),
    ("cinquante", 50),
    ("soixante", 60),
    ("octante", 80),
    ("dois", 2),
    ("duas", 2),
    ("três", 3),
    ("quatro", 4),
    ("sete", 7),
    ("oito", 8),
    ("nove", 9),
    ("dez", 10),
    ("doze", 12),
    ("treze", 13),
    ("catorze", 14),
    ("dezesseis", 16),
    ("dezessete", 17),
    ("dezoito", 18),
    ("dezenove", 19),
    ("vinte", 20),
    ("trinta", 30),
    ("quarenta", 40),
    ("cinquenta", 50),
    ("sessenta", 60),
    ("oitenta", 80),
    ("cem", 100),
    ("cento", 100),
    ("duzentos", 200),
    ("trezentos", 300),
    ("quatrocentos", 400),
    ("quinhentos", 500),
    ("seiscentos", 600),
    ("setecentos", 700),
    ("oitocentos", 800),
    ("novecentos", 900),
];

/// Numbers that are other words in English: they count only where the text is surely not English.
const ENGLISH_TOO: &[&str] = &["once", "cent", "cents", "sept", "six", "mil", "dos"];

const DAYS: &[(&str, &str)] = &[
    ("lunes|lundis?|segundas?-feiras?", "Monday"),
    ("martes|mardis?|terças?(?:-feiras?)?", "Tuesday"),
    ("miércoles|miercoles|mercredis?|quartas?-feiras?", "Wednesday"),
    ("jueves|jeudis?|quintas?-feiras?", "Thursday"),
    ("viernes|vendredis?|sextas?(?:-feiras?)?", "Friday"),
    ("sábados?|sabados?|samedis?", "Saturday"),
    ("domingos?|dimanches?", "Sunday"),
];

const MONTHS: &[(&str, &str)] = &[
    ("enero|janvier|janeiro", "January"),
    ("febrero|février|fevrier|fevereiro", "February"),
    ("marzo|mars|março", "March"),
    ("abril|avril", "April"),
    ("mayo|mai|maio", "May"),
    ("junio|juin|junho", "June"),
    ("julio|juillet|julho", "July"),
    ("agosto|août", "August"),
    ("septiembre|setiembre|septembre|setembro", "September"),
    ("octubre|octobre|outubro", "October"),
    ("noviembre|novembre|novembro", "November"),
    ("diciembre|décembre|dezembro", "December"),
];

/// Phrases and what they are in English, in the order in which they are put.
const PHRASES: &[(&str, &str)] = &[
    (r"\bmedia hora\b|\bune? demi-heure\b|\bmeia hora\b", "30 minutes"),
    (r"\b(?:una )?hora y media\b|\bune heure et demie\b|\b(?:uma )?hora e meia\b", "90 minutes"),
    (r"\b(?:3|tres) cuartos de hora\b|\b(?:3|trois) quarts d.heure\b", "45 minutes"),
    (
        r"\bu(?:na|ne|ma) (?:hora|heure) (exact[ae]|exata|précise|precisa|fixe|fija|fixa|certa|marcada|concreta)\b",
        "time $1",
    ),
    (r"\bu(?:na|ne|ma) (?:hora|heure)\b", "1 hour"),
    (r"\bhoras?\b|\bheures\b", "hours"),
    (r"\bminutos?\b", "minutes"),
    (
        r"\b(\d+) (?:primeir[oa]s|primer[oa]s|premi(?:er|ère)s|últim[oa]s|derni(?:er|ère)s) (d[ií]as|jours|semanas|semaines|meses|mois|anos|años|ans|horas|heures)\b",
        "$1 $2",
    ),
    (r"\b(\d+) (?:días?|dias?|jours?)\b", "$1 days"),
    (r"\b(\d+) (?:semanas?|semaines?)\b", "$1 weeks"),
    (r"\b(\d+) (?:meses|mois)\b", "$1 months"),
    (r"\b(\d+) (?:años?|anos?|ans|années?)\b", "$1 years"),
    (r"\bdólares\b", "dollars"),
    (
        r"\b(?:la )?próxima semana\b|\b(?:la )?semana (?:que viene|próxima)\b|\bla semaine prochaine\b|\bsemana que vem\b",
        "next week",
    ),
    (r"\bpróximo mes\b|\bmes que viene\b|\bmois prochain\b|\bpróximo mês\b|\bmês que vem\b", "next month"),
    (r"\beste fin de semana\b|\bce week-end\b|\b(?:este|neste) fim de semana\b", "this weekend"),
    (r"\b(?:en|dentro de|dans|em|daqui a) (\d+) (hours|days|weeks|months|minutes)\b", "in $1 $2"),
    (r"(\d)\s*(?:h |hours |heures )?(?:de la|por la|da|du)\s+(?:mañana|manhã|matin)\b", "$1 am"),
    (r"(\d)\s*(?:h |hours |heures )?(?:de la|por la|da|du|de l.)\s*(?:tarde|noche|noite|soir|après-midi)\b", "$1 pm"),
    (r"\b(?:por|en|de) la mañana\b|\b(?:da|de) manhã\b|\bpela manhã\b|\ble matin\b|\bmañanas\b", "in the morning"),
    (r"\bpasado mañana\b|\baprès-demain\b|\bdepois de amanhã\b", "day after tomorrow"),
    (r"\bmañana\b|\bdemain\b|\bamanhã\b", "tomorrow"),
    (r"\bhoy\b|\baujourd.hui\b|\bhoje\b", "today"),
    (r"\besta tarde\b|\bcet après-midi\b|\bhoje à tarde\b", "this afternoon"),
    (r"\besta noche\b|\bce soir\b|\bhoje à noite\b", "tonight"),
    (r"\bmediodía\b|\bmidi\b|\bmeio-dia\b", "noon"),
    (r"\bmedianoche\b|\bminuit\b|\bmeia-noite\b", "midnight"),
    (r"\b(\d{1,2})\s?h(?:eures?)?\s?([0-5]\d)\b", "$1:$2"),
    (r"\b(\d{1,2})h\b", "$1:00"),
    (r"\b(à|de|dès|vers|entre|jusqu.à) (\d{1,2}) h\b", "$1 $2:00"),
    (r"(:\d\d) est\b", "$1 is"),
    (r"\b(?:no|na|nos|nas) (\w+day)", "on $1"),
    // "Segunda", "quarta" and "quinta" are ordinals too: days where an hour, a date or another day stands beside them.
    (
        r"\bsegunda(,?(?: (?:a|à|até|e|ou|às|as|dia|de manhã|à tarde|à noite|in the morning))? (?:\d|\w+day\b))",
        "Monday$1",
    ),
    (
        r"\bquarta(,?(?: (?:a|à|até|e|ou|às|as|dia|de manhã|à tarde|à noite|in the morning))? (?:\d|\w+day\b))",
        "Wednesday$1",
    ),
    (
        r"\bquinta(,?(?: (?:a|à|até|e|ou|às|as|dia|de manhã|à tarde|à noite|in the morning))? (?:\d|\w+day\b))",
        "Thursday$1",
    ),
    (r"(days?,?(?: (?:a|à|até|e|ou))?(?: (?:à|às|na|nas))?) quartas?\b", "$1 Wednesday"),
    (r"(days?,?(?: (?:a|à|até|e|ou))?(?: (?:à|às|na|nas))?) quintas?\b", "$1 Thursday"),
    (r"\b(?:no|na) (Monday|Wednesday|Thursday)\b", "on $1"),
    (r"(:\d\d) (?:la|en|à la) semaine\b", "$1 on weekdays"),
    // A span has no hour.
    (r"(?:\b|^)(?:jusqu.à|até|hasta|à) (\d+) (days|weeks|months|years|minutes)\b", "up to $1 $2"),
    // From one hour, number or day to another, before "à 18" alone is read as an hour.
    (r"\b(?:el|le|dia|día) (\d{1,2}) (?:a|à|às) ", "the ${1}th at "),
    (r"(\d)\s+(?:a|à|às|as|hasta|até|al|au|a las|hasta las|até as|até às|jusqu.à)\s+(\d{1,2}) h\b", "$1 to $2:00"),
    (r"(\d)\s+(?:a|à|às|as|hasta|até|al|au|a las|hasta las|até as|até às|jusqu.à)\s+(\d)", "$1 to $2"),
    (r"(day|day the \d\dth)s? (?:a|à|até|hasta|al|ao|au) (\w+day)", "$1 to $2"),
    (r"\b(?:a|para|hasta|desde|de|y|o) las? (\d{1,2}):", "at $1:"),
    (r"\b(?:a|para|hasta|desde|de|y|o) las? (\d{1,2})\b", "at $1:00"),
    (r"(?:\b|^)(?:à|às|as|dès|jusqu.à|até as|até às) (\d{1,2}):", "at $1:"),
    (
        r"(?:\b|^)(?:à|às|as|dès|jusqu.à|até as|até às) (\d{1,2})\s?(?:h(?:oras?|ours|eures?)?)?(\s*(?:$|[.,;!?)-](?:\s|$))|\s+[^\s\d$€%])",
        "at $1:00$2",
    ),
    (r":00:", ":"),
    (
        r"\b(?:entre semana|en semaine|durante a semana|en días de semana|(?:los|en|de|os|nos|em) (?:días|dias) (?:hábiles|habiles|laborables|úteis)|(?:les|des) jours (?:ouvrables|ouvrés))\b",
        "weekdays",
    ),
    (r"\btodos los días\b|\btous les jours\b|\btodos os dias\b", "every day"),
    (r"\b(?:el|le|dia|día) (\d{1,2})(\s*(?:$|[.,;!?)])|\s(?:a|at|y|o|e|ou|et|por|en|in)\b)", "the ${1}th$2"),
    (r"\bla mitad\b|\bla moitié\b|\ba metade\b", "half the"),
    (r"\bel doble\b|\ble double\b|\bo dobro\b", "double the"),
];

struct Patterns {
    /// Any word that what follows would change.
    any: Regex,
    /// "22 000".
    thousands: Regex,
    /// "120 mil".
    mil: Regex,
    numbers: Regex,
    past: Regex,
    to: Regex,
    minus: Regex,
    days: Vec<(Regex, String)>,
    months: Vec<(Regex, String)>,
    phrases: Vec<(Regex, &'static str)>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let word = WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
    let word = format!("{word}|mil|mille|cents?|millón|millones|millions?|milhão|milhões|un|uno|una|um|uma|une");
    let names = |list: &[(&str, &str)]| list.iter().map(|(names, _)| *names).collect::<Vec<_>>().join("|");
    Patterns {
        any: any_case(&format!(
            r"\b(?:{word}|{}|{}|medi[ao]|meia|horas?|heures?|minutos?|d[ií]as?|jours?|semanas?|semaines?|mes|meses|mois|mês|años?|anos|ans|années?|mañanas?|manhã|matin|tardes?|noches?|noite|soir|hoy|hoje|demain|amanhã|aujourd|las?|às|à|dólares|mitad|doble|cuarto|midi|minuit)\b",
            names(DAYS),
            names(MONTHS)
        )),
        thousands: any_case(r"\b(\d{1,3})[ \u{a0}\u{202f}](\d{3})\b"),
        mil: any_case(r"\b(\d{1,3}(?:[.,]\d{1,2})?) mil(?:le)?\b"),
        numbers: any_case(&format!(r"\b(?:{word})(?:(?:[ -]| (?:y|et|e) )(?:{word}))*\b")),
        past: any_case(r"\b(\d{1,2})(?: heures?| horas?)? (?:y|et|e) (?P<part>media|cuarto|quart|demie?|meia|un quart|un cuarto)\b"),
        to: any_case(r"\b(?:un )?(?:cuarto|quarto) para (?:las?|as) (?P<hour>\d{1,2})\b"),
        minus: any_case(r"\b(?P<hour>\d{1,2}) (?:menos|moins) (?:un |le )?(?:cuarto|quart)\b"),
        days: DAYS
            .iter()
            .flat_map(|(names, day)| {
                // "lunes 25" is a date, and "lunes 25 de enero" is read with its month.
                let date = any_case(&format!(
                    r"\b(?:{names}),? (?:el |le |dia |día )?(\d{{1,2}})(\s*(?:$|[.,;!?)])|\s(?:a|à|às|al|au|ao|y|o|e|ou|et|por|en|em)\b)"
                ));
                let habit = any_case(&format!(r"\b(?:los|les|aos|nos) (?:{names})\b"));
                [(date, format!("{day} the ${{1}}th$2")), (habit, format!("{day}s")), (any_case(&format!(r"\b(?:{names})\b")), (*day).to_owned())]
            })
            .collect(),
        months: MONTHS
            .iter()
            .map(|(names, month)| {
                let pattern = format!(r"\b(?:(?P<day>\d{{1,2}})(?:er|º)?(?: de| do)? )?(?:{names})\b");
                (any_case(&pattern), format!("$day {month}"))
            })
            .collect(),
        phrases: PHRASES.iter().map(|(pattern, english)| (any_case(pattern), *english)).collect(),
    }
});

/// The text with its foreign numbers, times and units in English. An English text is left as it is.
pub(super) fn in_english(text: &str) -> String {
    let language = language_of(text);
    if language == Some("English") || !PATTERNS.any.is_match(text) {
        return text.to_owned();
    }
    let text = text.replace("quatre-vingts", "octante").replace("quatre-vingt", "octante");
    let text = PATTERNS.thousands.replace_all(&text, "$1$2");
    let text = text.replace("por ciento", "percent").replace("por cento", "percent").replace("pour cent", "percent");
    let text = PATTERNS.mil.replace_all(&text, "${1}k");
    let sure = language.is_some();
    let mut out = PATTERNS.numbers.replace_all(&text, |found: &Captures<'_>| number(&found[0], sure)).into_owned();
    out = PATTERNS
        .past
        .replace_all(&out, |found: &Captures<'_>| {
            let minutes = if found["part"].contains("uar") { "15" } else { "30" };
            format!("{}:{minutes}", &found[1])
        })
        .into_owned();
    for pattern in [&PATTERNS.to, &PATTERNS.minus] {
        out = pattern.replace_all(&out, |found: &Captures<'_>| quarter_to(&found["hour"])).into_owned();
    }
    for (pattern, day) in &PATTERNS.days {
        out = pattern.replace_all(&out, day.as_str()).into_owned();
    }
    for (pattern, month) in &PATTERNS.months {
        out = pattern.replace_all(&out, month.as_str()).into_owned();
    }
    for (pattern, english) in &PATTERNS.phrases {
        out = pattern.replace_all(&out, *english).into_owned();
    }
    out
}

fn quarter_to(hour: &str) -> String {
    let hour: u32 = hour.parse().unwrap_or_default();
    format!("at {}:45", if hour <= 1 { 12 } else { hour - 1 })
}

/// The value of a run of number words; the words themselves where they may be no number.
fn number(run: &str, sure: bool) -> String {
    let lowered = run.to_lowercase();
    let words: Vec<&str> = lowered.split([' ', '-']).filter(|word| !word.is_empty()).collect();
    let is_article = |word: &&str| matches!(*word, "un" | "uno" | "una" | "um" | "uma" | "une" | "y" | "et" | "e");
    // "Un quince por ciento" is 15, and "un millón" a million.
    let million = |word: &&str| word.starts_with("mill") || word.starts_with("milh");
    if words.len() > 1 && words.first().is_some_and(is_article) && !words.get(1).is_some_and(million) {
        let rest = run.get(words[0].len() + 1..).unwrap_or_default();
        return format!("{} {}", words[0], number(rest, sure));
    }
    let is_doubtful = !sure && words.iter().all(|word| ENGLISH_TOO.contains(word));
    if is_doubtful || words.iter().all(is_article) || matches!(words.as_slice(), ["cent" | "cents"]) {
        return run.to_owned();
    }
    let (mut total, mut part) = (0_u64, 0_u64);
    for word in words {
        match word {
            "y" | "et" | "e" => {}
            "cent" | "cents" => part = part.max(1).saturating_mul(100),
            "mil" | "mille" => {
                total = total.saturating_add(part.max(1).saturating_mul(1_000));
                part = 0;
            }
            big if big.starts_with("mill") || big.starts_with("milh") => {
                total = total.saturating_add(part.max(1).saturating_mul(1_000_000));
                part = 0;
            }
            word => {
                part = part.saturating_add(WORDS.iter().find(|(known, _)| *known == word).map_or(1, |found| found.1));
            }
        }
    }
    total.saturating_add(part).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_times_and_units_of_other_languages_are_read_in_english() {
        for (said, english) in [
            ("la mensualidad es de mil seiscientos cincuenta pesos", "la mensualidad es de 1650 pesos"),
            ("son treinta y cinco por el libro", "son 35 por el libro"),
            ("el sábado 23 a las once y media de la mañana", "el Saturday the 23th at 11:30 am"),
            ("el lunes a un cuarto para las seis", "el Monday a at 5:45"),
            ("el sábado a las 4 hay lugar para su hijo", "el Saturday at 4:00 hay lugar para su hijo"),
            ("las clases son los viernes para su hijo", "las clases son Fridays para su hijo"),
            ("los jueves a las 5 de la tarde", "Thursdays at 5:00 pm"),
            ("empieza el 8 de febrero y dura dieciséis semanas", "empieza el 8 February y dura 16 weeks"),
            ("las clases son de una hora", "las clases son de 1 hour"),
            ("para niños de 5 a 15 años", "para niños de 5 to 15 years"),
            ("un quince por ciento para su hija", "un 15 percent para su hija"),
            ("lundi à 10h30 pour vous", "Monday at 10:30 pour vous"),
            ("deux cent cinquante euros pour vous", "250 euros pour vous"),
            ("le vendredi 4 décembre à 14 heures", "le Friday 4 December at 14:00"),
            ("na sexta-feira às 9h da manhã para você", "on Friday at 9:00 am para você"),
            (
                "atende de segunda a sexta das 9h às 18h30 para você",
                "atende de Monday to Friday das 9:00 to 18:30 para você",
            ),
            ("tem vaga na quinta às 14h30 para você", "tem vaga on Thursday at 14:30 para você"),
            ("en semaine de 8 h à 18 h pour vous", "weekdays de 8:00 to 18:00 pour vous"),
            ("un groupe de 3 à 5 pour vous", "un groupe de 3 to 5 pour vous"),
            ("su presupuesto de 120 mil para la boda", "su presupuesto de 120k para la boda"),
            ("no hay una hora exacta para usted", "no hay time exacta para usted"),
            ("we ask once and hold the class", "we ask once and hold the class"),
        ] {
            assert_eq!(in_english(said), english);
        }
    }
}
