//! Puts the numbers, times and units of Spanish, French and Portuguese into English, so that all that follows reads one
//! language.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::abroad_clocks::{in_clocks, in_halves_of_day};
use super::abroad_numbers::{ANY, in_digits};
use super::amounts::digits;
use super::language::language_of;
use super::pattern::any_case;

const DAYS: &[(&str, &str)] = &[
    ("lunes|lundis?|segundas?-feiras?", "Monday"),
    ("martes|mardis?|terças?(?:-feiras?)?", "Tuesday"),
    ("miércoles|miercoles|mercredis?|quartas?-feiras?", "Wednesday"),
    ("jueves|jeudis?|quintas?-feiras?", "Thursday"),
    ("viernes|vendredis?|sextas?(?:-feiras?)?", "Friday"),
    ("sábados?|sabados?|samedis?", "Saturday"),
    ("domingos?|dimanches?", "Sunday"),
];

/// Days in short, which are such only before a number: "vie" and "qui" are French words.
const SHORT_DAYS: &[(&str, &str)] = &[
    ("lun|seg", "Monday"),
    ("mié|mie|miér|qua", "Wednesday"),
    ("jue|qui", "Thursday"),
    ("vie|sex", "Friday"),
    ("sáb|sab", "Saturday"),
    ("dom", "Sunday"),
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
    (r"\bmedia hora\b|\b(?:une? )?demi-heure\b|\bmeia hora\b", "30 minutes"),
    (r"\b(?:una )?hora y media\b|\b(?:une )?heure et demie\b|\b(?:uma )?hora e meia\b", "90 minutes"),
    (r"\b3[ -](?:cuartos de|quarts d.|quartos de) ?(?:hora|heure)\b", "45 minutes"),
    (r"\b(?:un |um )?(?:cuarto de|quart d.|quarto de) ?(?:hora|heure)\b", "15 minutes"),
    // An hour more, as a thing that is sold, is no span.
    (
        r"\bu(?:na|ne|ma) (?:hora|heure) (extra|en plus|de plus|supplémentaire|additionnelle|más|adicional|a mais)\b",
        "hour $1",
    ),
    (
        r"\bu(?:na|ne|ma) (?:hora|heure) (exact[ae]|exata|précise|precisa|fixe|fija|fixa|certa|marcada|concreta)\b",
        "time $1",
    ),
    (r"\bu(?:na|ne|ma) (?:hora|heure)\b", "1 hour"),
    (r"\b(?:cada|chaque) (?:hora|heure)\b", "each hour"),
    (r"\bhoras?\b|\bheures\b", "hours"),
    (r"\bminutos?\b", "minutes"),
    (
        r"\b(\d+) (?:primeir[oa]s|primer[oa]s|premi(?:er|ère)s|últim[oa]s|derni(?:er|ère)s) (d[ií]as|jours|semanas|semaines|meses|mois|anos|años|ans|horas|heures|hours)\b",
        "$1 $2",
    ),
    // "Dos años y medio".
    (r"\b(\d+) (?:años?|anos?|ans|année?s?) (?:y medio|e meio|et demie?)\b", "$1.5 years"),
    (r"\bu(?:n|m) (?:año|ano|an) (?:y medio|e meio|et demi)\b", "18 months"),
    (r"\b(\d+) (?:meses|mes|mois) (?:y medio|e meio|et demi)\b", "$1.5 months"),
    (r"\b(\d+) (?:semanas?|semaines?) (?:y media|e meia|et demie)\b", "$1.5 weeks"),
    (r"\b(\d+) (?:días?|dias?|jours?)\b", "$1 days"),
    (r"\b(\d+) (?:laborables|hábiles|úteis|ouvrés|ouvrables)\b", "$1 days"),
    (r"\b(\d+) (?:semanas?|semaines?)\b", "$1 weeks"),
    (r"\b(\d+) (?:meses|mois)\b", "$1 months"),
    (r"\b(\d+) (?:años?|anos?|ans|années?)\b", "$1 years"),
    // "Doce y quince días": both are days.
    (r"\b(\d+) (?:y|e|et|o|u|ou|a|à) (\d+) (minutes|hours|days|weeks|months|years|percent)\b", "$1 $3 to $2 $3"),
    // "De seis em seis meses" is twice a year.
    (
        r"\b(?:de )?6 (?:em|en) 6 months\b|\b(?:cada|a cada|tous les) 6 (?:months|mois)\b|\bsemestra(?:l|is|les)\b|\bsemestriel(?:le)?s?\b",
        "every 6 months",
    ),
    (
        r"\b(?:de )?3 (?:em|en) 3 months\b|\b(?:cada|a cada|tous les) 3 (?:months|mois)\b|\btrimestra(?:l|is|les)\b|\btrimestriel(?:le)?s?\b",
        "every 3 months",
    ),
    (r"\bdólares\b", "dollars"),
    (r"(\d) (?:de |d.)(pesos|euros|reais|dollars)\b", "$1 $2"),
    (r"\b(\d\d) (?:céntimos|cêntimos|centimes)\b", "0.$1 euros"),
    (r"\b(\d) (?:céntimos|cêntimos|centimes)\b", "0.0$1 euros"),
    (r"\b(\d\d) centavos\b", "$$0.$1"),
    (r"\b(?:la |à |a )?(?:mitad|moitié|metade)(?: de)? (?:precio|prix|preço)\b", "50 % price"),
    // "La première moitié d'août" is no share.
    (
        r"\b(primera|segunda|première|deuxième|seconde|primeira) (?:mitad|moitié|metade) (d[eo]l? |du |d.)(January|February|March|April|May|June|July|August|September|October|November|December|mes|mês|mois|año|ano|année|semana|semaine)\b",
        "$1 part $2$3",
    ),
    (r"\b(?:(?:la|a|une|pela|por la|à la|à) )?(?:mitad|moitié|metade)\b", "50 %"),
    (r"\b(?:la cuarta parte|a quarta parte|(?:un|le) quart)\b", "25 %"),
    (r"\b(dernier|premier|deuxième|second|troisième|autre) quart\b", "$1 25 %"),
    (
        r"\b(?:la )?próxima semana\b|\b(?:la )?semana (?:que viene|próxima)\b|\bla semaine prochaine\b|\bsemana que vem\b",
        "next week",
    ),
    (r"\bpróximo mes\b|\bmes que viene\b|\bmois prochain\b|\bpróximo mês\b|\bmês que vem\b", "next month"),
    (r"\beste fin de semana\b|\bce week-end\b|\b(?:este|neste) fim de semana\b", "this weekend"),
    (r"\b(?:en|dentro de|dans|em|daqui a) (\d+) (hours|days|weeks|months|minutes)\b", "in $1 $2"),
    (r"\b(?:por|en|de) la mañana\b|\b(?:da|de) manhã\b|\bpela manhã\b|\ble matin\b|\bmañanas\b", "in the morning"),
    (r"\bpasado mañana\b|\baprès-demain\b|\bdepois de amanhã\b", "day after tomorrow"),
    (r"\bmañana\b|\bdemain\b|\bamanhã\b", "tomorrow"),
    (r"\bhoy\b|\baujourd.hui\b|\bhoje\b", "today"),
    (r"\besta tarde\b|\bcet après-midi\b|\bhoje à tarde\b", "this afternoon"),
    (r"\besta noche\b|\bce soir\b|\bhoje à noite\b", "tonight"),
    // "Midi" inside "après-midi" is no noon.
    (r"\baprès-midi\b", "afternoon"),
    (r"\bavant-midi\b", "morning"),
    (r"\bmediodía\b|\bmidi\b|\bmeio-dia\b", "noon"),
    (r"\bmedianoche\b|\bminuit\b|\bmeia-noite\b", "midnight"),
    (r"(\d)\s+(?:a|à|al|au|ao|e|et|y|e o|et le|y el|até o|até ao|hasta el|jusqu.à)\s+(noon|midnight)\b", "$1 to $2"),
    (r"(:\d\d) est\b", "$1 is"),
    (r"\b(?:no|na|nos|nas) (\w+day)", "on $1"),
    // "Toda quarta" and "cada lunes" are every one.
    (r"\b(?:tod[ao]s? (?:as |a )?segundas?|(?:às|nas) segundas)\b", "Mondays"),
    (r"\b(?:tod[ao]s? (?:as |a )?quartas?|(?:às|nas) quartas)\b", "Wednesdays"),
    (r"\b(?:tod[ao]s? (?:as |a )?quintas?|(?:às|nas) quintas)\b", "Thursdays"),
    (
        r"\b(?:tod[ao]s? (?:(?:as|a|os|o|los) )?|tous les |cada |chaque )(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b",
        "${1}days",
    ),
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
    // "Quinta 16 às 19h": the first is a date.
    (r"(\w+day),? (?:dia |día |the |el |le )?(\d{1,2}),? (?:às|à|as|a las) (\d)", "$1 the ${2}th at $3"),
    (r"\b(?:lun|seg)\.? (?:a|à) (?:vie|sex)\b", "Monday to Friday"),
    (r"\b(?:lun|seg)\.? (?:a|à) s[áa]b\b", "Monday to Saturday"),
    (r"\bs[áa]b\.? (de \d)", "Saturday $1"),
    (r"(:\d\d) (?:la|en|à la) semaine\b", "$1 on weekdays"),
    // A span has no hour.
    (r"(?:\b|^)(?:jusqu.à|até|hasta|à) (\d+) (hours|days|weeks|months|years|minutes)\b", "up to $1 $2"),
    (r"\b(entre|between) (?:las |as )?(\d{1,2}) (?:y|et|e)(?: las| as)? (\d{1,2}:\d\d)", "$1 $2:00 and $3"),
    // From one hour, number or day to another, before "à 18" alone is read as an hour.
    (r"\b(?:el|le|dia|día) (\d{1,2}) (?:a|à|às) ", "the ${1}th at "),
    (r"(\d(?: [ap]m)?)\s+(?:a|à|às|as|hasta|até|al|au|a las|hasta las|até as|até às|jusqu.à)\s+(\d)", "$1 to $2"),
    (r"(day|day the \d\dth)s? (?:a|à|até|hasta|al|ao|au) (\w+day)", "$1 to $2"),
    (r"\b(?:hasta las?|até (?:as|às)) ([01]?\d|2[0-3]):", "until $1:"),
    (r"\bjusqu.à ([01]?\d|2[0-3]):", "until $1:"),
    (r"\b(?:a|para|desde|de|y|o) las? ([01]?\d|2[0-3]):", "at $1:"),
    (r"(?:\b|^)(?:à|às|as|dès) ([01]?\d|2[0-3]):", "at $1:"),
    (r"(day|th|today|tomorrow) à ([01]?\d|2[0-3])(\s*(?:$|[.,;!?)]))", "$1 at $2:00$3"),
    (r":00:", ":"),
    (
        r"\b(?:les autres jours de (?:la )?semaine|los demás días (?:entre semana|laborables|hábiles)|(?:os|nos) (?:outros|demais) dias (?:úteis|de semana))\b",
        "other weekdays",
    ),
    (
        r"\b(?:(?:entre|en la) semana|en semaine|durante a semana|en días de semana|(?:los|en|de|os|nos|em) (?:días|dias) (?:hábiles|habiles|laborables|úteis)|(?:les|des) jours (?:ouvrables|ouvrés|de semaine))\b",
        "weekdays",
    ),
    (r"\btodos los días\b|\btous les jours\b|\btodos os dias\b", "every day"),
    (r"\b(?:el|le|dia|día) (\d{1,2})(\s*(?:$|[.,;!?)])|\s(?:a|at|y|o|e|ou|et|por|en|in)\b)", "the ${1}th$2"),
    (r"\bel doble\b|\ble double\b|\bo dobro\b", "double the"),
    (r"\bel triple\b|\ble triple\b|\bo triplo\b", "triple the"),
    // "Empezar a los 47".
    (r"\b(a los|aos) (\d{2})(\s*(?:$|[.,;!?)])|\s(?:una?|ya|y|no|se|es|o)\b)", "$1 $2 years$3"),
];

struct Patterns {
    /// Any word that what follows would change.
    any: Regex,
    /// "22 000".
    thousands: Regex,
    /// "120 mil".
    mil: Regex,
    /// "2M y medio", of millions.
    and_a_half: Regex,
    dozens: Vec<(Regex, u64)>,
    /// "Un par de semanas".
    couple: Regex,
    /// "A las 4" and "às 4", and the word behind them.
    at: Regex,
    days: Vec<(Regex, String)>,
    months: Vec<(Regex, String)>,
    phrases: Vec<(Regex, &'static str)>,
}

/// What is counted by the dozen, and words that are a rough number.
const DOZENS: &[(&str, u64)] = &[
    ("media docena|une demi-douzaine|meia dúzia", 6),
    ("una docena|une douzaine|uma dúzia", 12),
    ("una decena|une dizaine|uma dezena", 10),
    ("una quincena|une quinzaine|uma quinzena", 15),
    ("una veintena|une vingtaine|uma vintena", 20),
    ("una treintena|une trentaine|uma trintena", 30),
    ("una cuarentena|une quarantaine|uma quarentena", 40),
    ("una cincuentena|une cinquantaine|uma cinquentena", 50),
    ("una sesentena|une soixantaine|uma sessentena", 60),
    ("un centenar|una centena|une centaine|uma centena", 100),
];

/// The names of all days, as a pattern's alternatives.
pub(super) fn day_names() -> String {
    alternatives(DAYS)
}

fn alternatives(list: &[(&str, &str)]) -> String {
    list.iter().map(|(names, _)| *names).collect::<Vec<_>>().join("|")
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let word = ANY.as_str();
    Patterns {
        any: any_case(&format!(
            r"\b(?:{word}|{}|{}|medi[ao]|meia|horas?|heures?|minutos?|d[ií]as?|jours?|semanas?|semaines?|mes|meses|mois|mês|años?|anos|ans|années?|mañanas?|manhã|matin|tardes?|noches?|noite|soir|hoy|hoje|demain|amanhã|aujourd|las?|às|à|dólares|mitad|moitié|metade|doble|cuarto|quart|midi|minuit|docena|dúzia|\p{{L}}+aine|c[ée]ntimos|cêntimos|centimes|centavos|un par|lun|seg|s[áa]b|segundas?|quartas?|quintas?)\b|\d\s?h(?:\d|\b)",
            day_names(),
            alternatives(MONTHS)
        )),
        thousands: any_case(r"\b\d{1,3}(?:[ \u{a0}\u{202f}]\d{3})+\b"),
        mil: any_case(r"\b(\d{1,3}(?:[.,]\d{1,2})?) mil(?:le)?\b"),
        and_a_half: any_case(r"\b(\d+)M (?:y medio|et demi|e meio)\b"),
        dozens: DOZENS.iter().map(|(words, value)| (any_case(&format!(r"\b(?:{words})\b(?: d[e'’] ?)?")), *value)).collect(),
        couple: any_case(r"\b(?:un par de|um par de|un couple d['’e] ?)\s?(?P<unit>horas|heures|días|dias|jours|semanas|semaines|meses|mois|años|anos)\b"),
        at: any_case(
            r"(?:\b|^)(?P<at>(?:a|para|hasta|desde|de|y|o|entre|sobre|tras) las?|às|as|até as|até às) (?P<hour>[01]?\d|2[0-3])(?P<unit>\s?(?:hours|h)\b)?(?P<after>\s+[^\s\d$€%]+|\s*(?:$|[.,;!?)-](?:\s|$)))",
        ),
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
            .chain(SHORT_DAYS.iter().map(|(names, day)| {
                let date = any_case(&format!(
                    r"\b(?:{names})\.? (\d{{1,2}})(\s*(?:$|[.,;!?)])|\s(?:a las?|às|as|o|ou|y|e)\b)"
                ));
                (date, format!("{day} the ${{1}}th$2"))
            }))
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
    let mut out = in_clocks(&in_plain_numbers(text, language));
    for (pattern, day) in &PATTERNS.days {
        out = pattern.replace_all(&out, day.as_str()).into_owned();
    }
    out = in_halves_of_day(&out);
    for (pattern, month) in &PATTERNS.months {
        out = pattern.replace_all(&out, month.as_str()).into_owned();
    }
    for (pattern, english) in &PATTERNS.phrases {
        out = pattern.replace_all(&out, *english).into_owned();
    }
    PATTERNS.at.replace_all(&out, hour).into_owned()
}

/// The text with its amounts in digits alone.
fn in_plain_numbers(text: &str, language: Option<&str>) -> String {
    let text = PATTERNS.thousands.replace_all(text, |found: &Captures<'_>| digits(&found[0]));
    let text = text.replace("por ciento", "percent").replace("por cento", "percent").replace("pour cent", "percent");
    let text = PATTERNS.mil.replace_all(&text, "${1}k");
    let mut out = PATTERNS.and_a_half.replace_all(&text, "${1}.5M").into_owned();
    for (pattern, value) in &PATTERNS.dozens {
        out = pattern.replace_all(&out, format!("{value} ")).into_owned();
    }
    let out = PATTERNS.couple.replace_all(&out, "2 $unit");
    in_digits(&out, language)
}

/// "A las 4" is an hour, and "a las 4 ventanas" tells of windows.
fn hour(found: &Captures<'_>) -> String {
    let after = &found["after"];
    let next = after.trim().to_lowercase();
    let is_thing =
        ["as", "iones", "ões", "dades", "ades"].iter().any(|plural| next.ends_with(plural)) && next.len() > 4;
    if is_thing && found.name("unit").is_none() {
        return found[0].to_owned();
    }
    let at = found["at"].to_lowercase();
    let at = if at.starts_with("hasta") || at.starts_with("até") { "until" } else { "at" };
    format!("{at} {}:00{after}", &found["hour"])
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
            ("para niños de 5 a 15 años", "para niños de 5 years to 15 years"),
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
            ("abrimos de lun a vie para usted", "abrimos de Monday to Friday para usted"),
            ("tengo jue 11, sáb 13, para usted", "tengo Thursday the 11th, Saturday the 13th, para usted"),
            ("c'est la vie", "c'est la vie"),
            ("un groupe de 3 à 5 pour vous", "un groupe de 3 to 5 pour vous"),
            ("su presupuesto de 120 mil para la boda", "su presupuesto de 120k para la boda"),
            ("no hay una hora exacta para usted", "no hay time exacta para usted"),
            ("we ask once and hold the class", "we ask once and hold the class"),
        ] {
            assert_eq!(in_english(said), english);
        }
    }
}
