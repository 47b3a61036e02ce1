//! Reads the clock times of Spanish, French and Portuguese where their numbers are in digits: "8 h 30" and "18 heures 15" as
//! times or as spans, by what stands around them, "9 menos cuarto", "15 para as 4", "midi et demi".

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::abroad::day_names;
use super::pattern::any_case;

/// Hours of a day.
const DAY_HOURS: u32 = 24;

/// Hours in which nothing opens: fewer than these beside a day are how long it lasts.
const FIRST_HOUR: u32 = 7;

/// What names a day or a part of it beside the names of days. "Segunda" alone is the second of something elsewhere.
const OF_DAY: &str = r"(?:segunda|quarta|quinta)s?|demain|matin|soir|amanhã|mañana|hoy|hoje|aujourd.hui|dia \d{1,2}";

struct Patterns {
    /// "8 h", "8h30", "dix-huit heures quinze" and "2 horas y media".
    hours: Regex,
    /// What stands before an hour of the clock.
    at: Regex,
    /// A day right before an hour.
    beside_day: Regex,
    /// "Entre 9 et" before "18 heures".
    range_begun: Regex,
    /// "À 17 h" behind "9 h".
    range_goes_on: Regex,
    /// What joins one hour to another.
    joint: Regex,
    /// "Du matin".
    half_of_day: Regex,
    /// "De cours", "avant" and "par semaine": what follows a span.
    of_span: Regex,
    /// "De 9 à 18 h par téléphone": how people are reached between two hours.
    channel: Regex,
    /// "De 5 à" before "7 heures".
    between: Regex,
    /// "Em 24h" and "plus de 8 h": what stands before a span.
    span_before: Regex,
    /// "Comptez jusqu'à 12 heures".
    lasts: Regex,
    /// What is said of days and of opening.
    of_opening: Regex,
    of_day: Regex,
    past: Regex,
    to: Regex,
    minus: Regex,
    and_minutes: Regex,
    noon_past: Regex,
    noon_minus: Regex,
    one: Regex,
    feminine_one: Regex,
    /// "8 de la tarde".
    half: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let day = format!("{}|{OF_DAY}", day_names());
    Patterns {
        hours: any_case(
            r"\b(?P<h>\d{1,2}|une|una|uma)(?P<unit>\s?h|\s?hs|\s?hrs?|\sheures?|\shoras?)(?:\s?(?P<m>[0-5]\d)\b|\b(?P<part> (?:et|y|e) (?:demie?|media|meia|cuarto|un cuarto|quart|un quart|um quarto)\b| (?:moins|menos) (?:un |le )?(?:quart|cuarto|\d{1,2})\b)?)",
        ),
        at: any_case(
            r"(?:\b(?:dès|vers|avant|après|às|as|pelas|das|(?:a|hasta|desde|de|para|entre|y|sobre) las|à partir de|a partir de)|(?:^|\s|jusqu['’])à|\b(?:midi|mediodía|meio-dia) (?:et|à|y|e|a)(?: las| as)?)\s*(?:les )?$",
        ),
        beside_day: any_case(&format!(r"\b(?:{day}),?\s*$")),
        range_begun: any_case(
            r"(?:\b(?:entre|de|d.|das?|desde|du|from|between)\s*(?:las |as )?|[,:(]\s*|\w+di\s|\w+s\s)(?:\d{1,2}(?::\d\d)?|(?:el |o )?(?:midi|noon|mediodía|meio-dia))\s?(?:a|à|às|as|y|et|e|–|-|to|au|a las|y las|hasta las|e as|jusqu.à)\s?$",
        ),
        range_goes_on: any_case(
            r"^\s?(?:–|-|à|a|às|as|au?|ao|e|e as|y las|et|jusqu.à|até(?: as| às| ao)?|hasta(?: las| el)?|a las)\s?(?:\d{1,2}\s?(?:h|heures?|horas?)\b|\d{1,2}h\d|\d{1,2}:\d|une heure|midi|minuit|noon|mediod|meio-dia|meia-noite)",
        ),
        joint: any_case(
            r"^\s?(?:–|-|,|et|y|e|ou|o|à|a|às|as|au?|jusqu.à|até|até as|até às|hasta|hasta las|a las|y las|e as|e às|ou à|et à|puis|et de|ou de|e das|y de)\s?$",
        ),
        half_of_day: any_case(
            r"^\s(?:du (?:matin|soir)|de l.\s?(?:après-midi|avant-midi)|da (?:manhã|tarde|noite|madrugada)|de la (?:mañana|tarde|noche|madrugada)|del? mediodía|pile|précises?|en punto|em ponto)\b",
        ),
        of_span: any_case(
            r"^\s(?:de\s|d['’]|par\s|por\s|avant\b|antes\b|ouvr|seguid|consécuti|supplémentaire|extra|minimum|mínim|en plus|sem[ai]|au (?:moins|minimum)|por lo menos|no mínimo|útei|hábil|laborable|après\b|después\b|depois\b)",
        ),
        channel: any_case(
            r"^\s(?:por|par)\s(?:chat|tel[eé]fono|téléphone|telefone|whats\w*|(?:e-?)?mail|correo|courriel|v[ií]deo\w*|visio|mensajes?|messages?|mensage[mn]s?|sms|aqu[ií]|acá|ici)\b",
        ),
        between: any_case(
            r"(?:\b(?:de|entre|das?|desde)\s(?:las\s|les\s)?|[,:;(]\s*|^\s*)(?P<first>\d{1,2})(?:\s?h|\s?hs|\sheures|\shoras|:00)?\s?(?:à|a|–|-)\s?$",
        ),
        span_before: any_case(
            r"\b(?:em|en|sous|dans|dans les|dans un délai de|dentro de(?: las)?|en las|cada|toutes les|tous les|(?:mais|menos|más|plus|moins) de|forfait(?: de)?|forfait \p{L}+|por|pendant|durante|environ|d.environ|minimum|mínimo(?: de)?|cerca de|unas?|umas|uns|séances? de|cours de|leçons? de|aulas? de|sess(?:ão|ões) de|clases? de|sesi[óo]n(?:es)? de|visitas? de|dure(?:nt)?|dura[nm]?|durée(?: de)?|duraci[óo]n de|duração de|primeras|premières|primeiras|délai de)\s*(?:les )?$",
        ),
        lasts: any_case(
            r"\b(?:compte[zr]|prévoyez|prévoir|aller|va|dure[rz]?|durent|durar?|prendre|prend|attendre|mettre|faut|faudra|tarda[rn]?|leva[rm]?|tomar?|toma|demora[rm]?|llev(?:a|ar))\s+(?:\p{L}+\s)?(?:de |entre |jusqu.à |até |hasta )?(?:\d{1,2}(?:\s?h(?:eures?|oras?)?)?\s(?:à|a|et|e|y|ou|o)\s)?$",
        ),
        of_opening: any_case(
            r"\b(?:ouver\w*|ouvr\w*|ferm\w+|abiert\w*|abr(?:e|en|imos|em)|cierra\w*|cerra\w+|aberto|aberta|fecha\w*|atend\w+|horarios?|horários?|horaires?|bureau|magasin|joign\w+|appeler|joindre|accueil\w*|passez|venez|lleg\w+|rece[pç]\w+)\b",
        ),
        of_day: any_case(&format!(r"\b(?:{day})\b")),
        past: any_case(
            r"\b(?P<h>\d{1,2}) (?:y|et|e) (?P<part>media|cuarto|un cuarto|quart|un quart|um quarto|demie?|meia)\b",
        ),
        to: any_case(
            r"\b(?:(?:un|um) )?(?P<m>cuarto|quarto|5|10|15|20|25)(?: minutos?)? (?:para|pras?) (?:las?|as?|às) (?P<h>\d{1,2}|una|uma)\b",
        ),
        minus: any_case(
            r"\b(?P<h>\d{1,2}|una|uma) (?:menos|moins) (?:un |le |um )?(?P<m>cuarto|quart|quarto|5|10|20|25)\b",
        ),
        and_minutes: any_case(
            r"\b(?P<at>a las|hasta las|desde las|para las|sobre las|de las|às|das|até as|até às|pelas) (?P<h>\d{1,2}) (?:y|e) (?P<m>5|10|15|20|25|30|35|40|45|50|55)\b(?P<after>\s*(?:$|[.,;!?)])|\s(?:de|da|do|del|y|e|o|ou|a|para|con|com|hay|tem)\b)",
        ),
        noon_past: any_case(
            r"\b(?P<word>midi|mediodía|meio-dia|minuit|medianoche|meia-noite) (?P<part>(?:et |y |e )(?:demie?|media|meia|cuarto|quart)|10|15|20|30|40|45|50)\b",
        ),
        noon_minus: any_case(r"\b(?P<word>midi|minuit) moins (?:le |un )?(?P<m>quart|5|10|20|25)\b"),
        one: any_case(r"\b(?P<at>a|para|hasta|desde|de|y|o|entre|sobre|tras) la una\b"),
        feminine_one: any_case(
            r"\b(?P<at>à |da |até à |até a |pela )?(?:una|uma)(?P<after> (?:de la (?:tarde|madrugada|mañana)|del? mediodía|da (?:tarde|manhã|madrugada)|y (?:media|cuarto)|menos|e meia)\b)",
        ),
        half: any_case(
            r"(?P<date>\b(?:el|día|dia) )?\b(?P<h>\d{1,2})(?P<m>:\d\d)?\s*(?:h |hours |heures )?(?:de la|por la|da|du|de l.|del?|do)\s*(?P<half>mañana|manhã|matin|madrugada|tarde|noche|noite|soir|après-midi|mediodía|meio-dia)\b",
        ),
    }
});

/// The text with "8 de la tarde" as "8 pm" and "12 del mediodía" as "12 pm".
pub(super) fn in_halves_of_day(text: &str) -> String {
    let half = |found: &Captures<'_>| {
        let time = format!("{}{}", &found["h"], found.name("m").map_or("", |minutes| minutes.as_str()));
        let (hour, half) = (hour_of(&found["h"]), found["half"].to_lowercase());
        let is_late = match half.as_str() {
            "mañana" | "manhã" | "matin" | "madrugada" => false,
            // "12 de la noche" is midnight, and "11 del mediodía" is before noon.
            "noche" | "noite" => hour != 12,
            "mediodía" | "meio-dia" => hour != 11,
            _ => true,
        };
        // "El 11 por la tarde" tells a day, and "15 h de l'après-midi" says all by itself.
        match found.name("date") {
            Some(_) => found[0].to_owned(),
            None if hour > 12 => time,
            None => format!("{time} {}", if is_late { "pm" } else { "am" }),
        }
    };
    PATTERNS.half.replace_all(text, half).into_owned()
}

/// The text with its clock times as in "8:30" and "12:30 pm", and its hours that are spans as in "20 hours".
pub(super) fn in_clocks(text: &str) -> String {
    let text = PATTERNS
        .noon_past
        .replace_all(text, |found: &Captures<'_>| at_noon(&found["word"], minutes_of(&found["part"])));
    let text = PATTERNS
        .noon_minus
        .replace_all(&text, |found: &Captures<'_>| before_noon(&found["word"], minutes_of(&found["m"])));
    let text = PATTERNS.one.replace_all(&text, "${at} las 1");
    let text = PATTERNS.feminine_one.replace_all(&text, "${at}1${after}");
    let text = hours(&text);
    let text = PATTERNS
        .past
        .replace_all(&text, |found: &Captures<'_>| format!("{}:{:02}", &found["h"], minutes_of(&found["part"])));
    let before = |found: &Captures<'_>| clock_before(&found["h"], minutes_of(&found["m"]));
    let text = PATTERNS.to.replace_all(&text, |found: &Captures<'_>| format!("at {}", before(found)));
    let text = PATTERNS.minus.replace_all(&text, before);
    PATTERNS
        .and_minutes
        .replace_all(&text, |found: &Captures<'_>| {
            format!("{} {}:{:0>2}{}", &found["at"], &found["h"], &found["m"], &found["after"])
        })
        .into_owned()
}

/// Hours that a working day has at least: "de 7 à 9 heures" is how long something takes.
const WORKING_HOURS: u32 = 3;

/// True for two hours that a working day goes from and to.
fn is_working_day(first: u32, last: u32) -> bool {
    (FIRST_HOUR - 1..last).contains(&first) && last - first >= WORKING_HOURS && last < DAY_HOURS
}

/// The minutes that a part of an hour is.
fn minutes_of(part: &str) -> u32 {
    let part = part.to_lowercase();
    let number = part.rsplit(' ').next().unwrap_or_default();
    match number.parse() {
        Ok(minutes) => minutes,
        Err(_) if number.starts_with("qua") || number.starts_with("cua") => 15,
        Err(_) => 30,
    }
}

fn hour_of(hour: &str) -> u32 {
    hour.parse().unwrap_or(1)
}

/// "4 moins le quart" as `3:45`.
fn clock_before(hour: &str, minutes: u32) -> String {
    let hour = match hour_of(hour) {
        0 | 1 => 12,
        hour => hour - 1,
    };
    format!("{hour}:{:02}", 60_u32.saturating_sub(minutes))
}

fn is_midnight(word: &str) -> bool {
    ["minuit", "medianoche", "meia-noite"].contains(&word.to_lowercase().as_str())
}

fn at_noon(word: &str, minutes: u32) -> String {
    format!("12:{minutes:02} {}", if is_midnight(word) { "am" } else { "pm" })
}

fn before_noon(word: &str, minutes: u32) -> String {
    format!("11:{:02} {}", 60_u32.saturating_sub(minutes), if is_midnight(word) { "pm" } else { "am" })
}

/// Hours with their unit: each is a time of the clock or a span.
fn hours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut last_is_clock) = (0, false);
    for found in PATTERNS.hours.captures_iter(text) {
        let Some(all) = found.get(0) else { continue };
        let between = &text[rest..all.start()];
        let follows_clock = last_is_clock && PATTERNS.joint.is_match(between);
        let hour = Hour { found: &found, before: before(text, all.start()), after: &text[all.end()..] };
        last_is_clock = hour.is_clock(follows_clock);
        let range = PATTERNS.between.captures(between).filter(|_| last_is_clock && !follows_clock);
        match range.and_then(|range| range.name("first")) {
            // "De 8 a 19 h" tells two hours.
            Some(first) if between[first.end()..].starts_with(' ') => {
                out.push_str(&between[..first.end()]);
                out.push_str(":00");
                out.push_str(&between[first.end()..]);
            }
            _ => out.push_str(between),
        }
        out.push_str(&if last_is_clock { hour.clock() } else { hour.span() });
        rest = all.end();
    }
    out.push_str(&text[rest..]);
    out
}

/// The sentence up to a place.
fn before(text: &str, at: usize) -> &str {
    let start = text[..at].rfind(['.', ';', '!', '?', '\n']).map_or(0, |end| end + 1);
    &text[start..at]
}

/// A number of hours in its sentence.
struct Hour<'a> {
    found: &'a Captures<'a>,
    before: &'a str,
    after: &'a str,
}

impl Hour<'_> {
    fn part(&self) -> &str {
        self.found.name("part").map_or("", |part| part.as_str())
    }

    /// "Moins le quart".
    fn is_before(&self) -> bool {
        self.part().contains("moins") || self.part().contains("menos")
    }

    /// True for a time of the clock, false for a span.
    fn is_clock(&self, follows_clock: bool) -> bool {
        let is_written_as_clock = !self.found["unit"].starts_with(char::is_whitespace) && hour_of(&self.found["h"]) > 1;
        let has_minutes = self.found.name("m").is_some() || self.is_before();
        if hour_of(&self.found["h"]) >= DAY_HOURS {
            return false;
        }
        if PATTERNS.half_of_day.is_match(self.after)
            || PATTERNS.range_goes_on.is_match(self.after) && self.is_of_opening()
        {
            return true;
        }
        let is_of_day = self.after.split_once(' ').is_some_and(|(_, next)| {
            let next = next.trim_start_matches("de ");
            PATTERNS.of_day.find(next).is_some_and(|day| day.start() == 0)
        });
        let is_channel = PATTERNS.channel.is_match(self.after);
        if PATTERNS.of_span.is_match(self.after) && !is_of_day && !is_channel
            || PATTERNS.span_before.is_match(self.before)
            || PATTERNS.lasts.is_match(self.before)
        {
            return false;
        }
        // "Los sábados tres horas" are a span.
        let is_span_of_day = self.found["unit"].contains("ora") && hour_of(&self.found["h"]) < FIRST_HOUR;
        let is_beside_day = !is_span_of_day && PATTERNS.beside_day.is_match(self.before);
        let is_range = PATTERNS.range_begun.is_match(self.before) && self.is_of_opening();
        if !(follows_clock || is_range || has_minutes || is_written_as_clock)
            && let Some(first) = self.first_of_range()
        {
            return is_working_day(first, hour_of(&self.found["h"]));
        }
        // "1 h 30" is no hour at which anything is done, where hours are counted to 24.
        let is_early = self.found["unit"].starts_with(char::is_whitespace) && hour_of(&self.found["h"]) < FIRST_HOUR;
        let has_minutes = has_minutes && !(is_early && self.found.name("m").is_some());
        follows_clock
            || has_minutes
            || is_written_as_clock
            || is_range
            || is_beside_day
            || PATTERNS.at.is_match(self.before)
    }

    /// The 5 of "de 5 à 7 heures".
    fn first_of_range(&self) -> Option<u32> {
        PATTERNS.between.captures(self.before).map(|found| hour_of(&found["first"]))
    }

    /// A range of hours is one of the clock unless something lasts so long.
    fn is_of_opening(&self) -> bool {
        let is_opening = || {
            PATTERNS.of_opening.is_match(self.before)
                || PATTERNS.of_day.is_match(self.before)
                || PATTERNS.range_goes_on.is_match(self.after)
        };
        !PATTERNS.lasts.is_match(self.before) && !PATTERNS.span_before.is_match(self.before) && is_opening()
    }

    fn clock(&self) -> String {
        let hour = &self.found["h"];
        match self.found.name("m") {
            Some(minutes) => format!("{}:{}", hour_of(hour), minutes.as_str()),
            None if self.part().is_empty() => format!("{}:00", hour_of(hour)),
            None if self.is_before() => clock_before(hour, minutes_of(self.part())),
            None => format!("{}:{:02}", hour_of(hour), minutes_of(self.part())),
        }
    }

    fn span(&self) -> String {
        let hours = hour_of(&self.found["h"]);
        let minutes = match self.found.name("m") {
            Some(minutes) => minutes.as_str().parse().unwrap_or_default(),
            None if self.part().is_empty() || self.is_before() => 0,
            None => minutes_of(self.part()),
        };
        // "Une heure fixe" is none of one hour.
        if minutes == 0 && self.found["h"].starts_with(char::is_alphabetic) {
            return self.found[0].to_owned();
        }
        match minutes {
            0 => format!("{hours} hours"),
            minutes => format!("{} minutes", hours * 60 + minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_of_the_clock_or_a_span_by_what_stands_around_it() {
        for (said, clock) in [
            ("vendredi à 18 heures 15", "vendredi à 18:15"),
            ("ouvert de 10 h à 12 h 30", "ouvert de 10:00 à 12:30"),
            ("le bureau est ouvert de 14 à 19 heures", "le bureau est ouvert de 14:00 à 19:00"),
            ("mercredi 14 h ou samedi 10 h 15", "mercredi 14:00 ou samedi 10:15"),
            ("à 8 heures moins le quart", "à 7:45"),
            ("à 5 heures et demie", "à 5:30"),
            ("das 8h às 18h30", "das 8:00 às 18:30"),
            ("à une heure de l'après-midi", "à 1:00 de l'après-midi"),
            ("a las 9 menos cuarto", "a las 8:45"),
            ("às 15 para as 4", "às at 3:45"),
            ("a las 8 y 20 de la tarde", "a las 8:20 de la tarde"),
            ("a la una y media", "a las 1:30"),
            ("midi et demi", "12:30 pm"),
            ("ao meio-dia e meia", "ao 12:30 pm"),
            ("midi moins le quart", "11:45 am"),
        ] {
            assert_eq!(in_clocks(said), clock, "{said}");
        }
        for (said, span) in [
            ("un forfait de 20 h", "un forfait de 20 hours"),
            ("comptez jusqu'à 12 heures", "comptez jusqu'à 12 hours"),
            ("prévenir 24 heures avant", "prévenir 24 hours avant"),
            ("com 10h de aula", "com 10 hours de aula"),
            ("la séance de 1h30", "la séance de 90 minutes"),
            ("dura 2 horas y media", "dura 150 minutes"),
            ("em 24h", "em 24 hours"),
            ("ça dure entre 2 et 3 heures", "ça dure entre 2 et 3 hours"),
        ] {
            assert_eq!(in_clocks(said), span, "{said}");
        }
    }

    #[test]
    fn the_half_of_the_day_is_the_one_that_is_told() {
        for (said, clock) in [
            ("1 del mediodía", "1 pm"),
            ("12:30 del mediodía", "12:30 pm"),
            ("12 de la noche", "12 am"),
            ("8 de la noche", "8 pm"),
            ("7:30 du matin", "7:30 am"),
            ("3:45 da tarde", "3:45 pm"),
            ("15:00 de l'après-midi", "15:00"),
            ("el 11 por la tarde", "el 11 por la tarde"),
        ] {
            assert_eq!(in_halves_of_day(said), clock, "{said}");
        }
    }
}
