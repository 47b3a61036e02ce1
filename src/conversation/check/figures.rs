//! Puts numbers written in words into figures, so that "half past three" and "twenty percent" are read like any other.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::abroad::in_english;
use super::figure_idioms::{AFTER, IDIOMS};
use super::pattern::any_case;
use crate::sms::recent::Recent;

const WORDS: &[(&str, u64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// What multiplies the words before it.
const BIG: &[(&str, u64)] =
    &[("hundred", 100), ("thousand", 1_000), ("grand", 1_000), ("million", 1_000_000), ("dozen", 12)];

/// Numbers in thousandths.
const WHOLE: u64 = 1_000;

struct Patterns {
    idioms: Vec<(Regex, &'static str)>,
    /// "2 business days".
    working_days: Regex,
    /// "1 million".
    millions: Regex,
    /// "A blue '23 wagon", "founded in '98".
    short_year: Regex,
    past: Regex,
    half_hour: Regex,
    /// "1 hour 15 minutes".
    hours_and_minutes: Regex,
    and_a_half: Regex,
    run: Regex,
    lone_one: Regex,
    rate: Regex,
    by_size: Regex,
    an_hour: Regex,
    /// What stands before and after a price told without its currency: "billed at four-fifty", "eleven-fifty plus VAT".
    priced_before: Regex,
    priced_after: Regex,
    /// "60 by 25 metres".
    sides: Regex,
    after: Vec<(Regex, &'static str)>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let all = |list: &[(&'static str, &'static str)]| list.iter().map(|(from, to)| (any_case(from), *to)).collect();
    let word = WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
    let big = BIG.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
    Patterns {
        idioms: all(IDIOMS),
        working_days: any_case(&format!(
            r"\b(\d+|{word})[ -](?:business|working|calendar|full|whole)[ -](days?|hours?|weeks?|months?)\b"
        )),
        millions: any_case(r"(\d) (?:millions?|millones|millón|milhões|milhão)\b"),
        short_year: any_case(r"(^|[\s(])['\u{2018}\u{2019}](\d\d)\b"),
        past: any_case(&format!(
            r"\b(?:a )?(?P<how>half|quarter) (?P<way>past|to|till|after) (?P<hour>{word}|\d{{1,2}}|midnight|noon)\b"
        )),
        hours_and_minutes: any_case(&format!(
            r"\b(?P<hours>\d{{1,2}}|{word}) ?(?:hours?|hrs?|h) ?(?:and )?(?P<minutes>\d{{1,2}}|(?:{word})(?:[ -](?:{word}))?) ?(?:minutes?|mins?|m)\b"
        )),
        half_hour: any_case(
            r"\bhalf (?P<hour>[1-9]|1[0-2]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
        ),
        and_a_half: any_case(&format!(
            r"\b(?P<run>(?:{word}|\d+)(?:[ -](?:{word}))?) and a half(?: (?P<big>{big}))?\b"
        )),
        run: any_case(&format!(
            r"\b(?:a (?:{big})\b(?:,? and (?:{word})\b)?|(?:{word})\b|(?:{big})\b(?:,? and (?:{word})\b)?)(?:[ -](?:(?:{word})\b|(?:{big})\b(?:,? and (?:{word})\b)?))*"
        )),
        lone_one: any_case(
            r"^[ -](?:hours?|minutes?|days?|weeks?|months?|years?|percent|dollars?|bucks|euros?|pounds?|users?|o'?clock|pm|am|thirty|fifteen)\b",
        ),
        rate: any_case(
            r"^ (?:(?:dollars|bucks|euros|pounds) )?(?:an?|per|each)\b|^/|^ (?:dollars|bucks|euros|pounds)\b",
        ),
        by_size: any_case(
            r"^ (?:an?|per) (?:watt|mile|km|kilometer|foot|square|sq|pound|gallon|litre|liter|minute|unit|piece|page|word)\b",
        ),
        priced_before: any_case(
            r"\b(?:billed|charged|priced|invoiced|costs?|costing|pays?|paying|sells?|sold|(?:price|rate|fee|cost|charge|total)(?: is|'s))(?: you| us)?(?: (?:is|at|for|from|about|around|just|only|roughly))*\s$",
        ),
        priced_after: any_case(
            r"^ (?:plus|before|excluding|ex|incl?|including|inclusive of|and) (?:the )?(?:vat|tax|gst|hst|iva|sales tax)\b|^ (?:apiece|all in|a head|a pop)\b|^ (?:for [\p{L} ]{1,40} )?to [$€£]\d",
        ),
        an_hour: any_case(r"(?P<before>\S+ )?\ban hour\b"),
        sides: any_case(
            r"\b(?P<one>\d+(?:[.,]\d+)?)(?: (?P<unit>met(?:re|er)s|feet|ft|inches))? by (?P<two>\d+(?:[.,]\d+)?)(?: (?P<unit2>met(?:re|er)s|feet|ft|inches))?\b",
        ),
        after: all(AFTER),
    }
});

/// Bytes of texts that are remembered in figures: several checks read the same knowledge, for every reply.
const REMEMBERED_BYTES: usize = 512 * 1024;

static IN_FIGURES: LazyLock<Recent<String>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// The text with its number words in figures, and in English.
pub(super) fn in_figures(text: &str) -> String {
    IN_FIGURES.recall(text, put_in_figures)
}

fn put_in_figures(text: &str) -> String {
    let mut out = in_english(&PATTERNS.millions.replace_all(text, "${1}M"));
    out = PATTERNS.short_year.replace_all(&out, whole_year).into_owned();
    for (pattern, figures) in &PATTERNS.idioms {
        out = pattern.replace_all(&out, *figures).into_owned();
    }
    let out = PATTERNS.working_days.replace_all(&out, "$1 $2").into_owned();
    let out = PATTERNS.past.replace_all(&out, clock).into_owned();
    let out = PATTERNS.hours_and_minutes.replace_all(&out, in_minutes).into_owned();
    let out = PATTERNS.and_a_half.replace_all(&out, and_a_half).into_owned();
    let out = PATTERNS
        .half_hour
        .replace_all(&out, |found: &Captures<'_>| format!("{}:30", value(&found["hour"]).unwrap_or_default()))
        .into_owned();
    let mut written = String::with_capacity(out.len());
    let mut rest = 0;
    for run in PATTERNS.run.find_iter(&out) {
        written.push_str(&out[rest..run.start()]);
        rest = run.end();
        written.push_str(&figures(run.as_str(), &out[..run.start()], &out[run.end()..]));
    }
    written.push_str(&out[rest..]);
    let out = PATTERNS.an_hour.replace_all(&written, an_hour).into_owned();
    let mut out = PATTERNS.sides.replace_all(&out, sides).into_owned();
    for (pattern, figures) in &PATTERNS.after {
        out = pattern.replace_all(&out, *figures).into_owned();
    }
    out
}

/// The last two digits of years from 1941 to 2040.
const LAST_OF_THIS_CENTURY: u64 = 40;

fn whole_year(found: &Captures<'_>) -> String {
    let century = if value(&found[2]).is_some_and(|year| year <= LAST_OF_THIS_CENTURY) { 20 } else { 19 };
    format!("{}{century}{}", &found[1], &found[2])
}

/// "takes about an hour" is a span; "75 an hour" is a rate.
fn an_hour(found: &Captures<'_>) -> String {
    let before = found.name("before").map_or("", |before| before.as_str()).trim().to_lowercase();
    let is_rate = before.contains(|c: char| c.is_ascii_digit())
        || [
            "dollars", "bucks", "euros", "pounds", "quid", "cents", "miles", "km", "times", "more", "less", "rate",
            "twice", "once", "each", "apiece", "of",
        ]
        .contains(&before.as_str());
    if is_rate { found[0].to_owned() } else { found[0].replace("an hour", "1 hour") }
}

/// "1 hour 15 minutes" as `75 minutes`.
fn in_minutes(found: &Captures<'_>) -> String {
    let part = |name: &str| found[name].split([' ', '-']).filter_map(value).sum::<u64>();
    format!("{} minutes", part("hours") * 60 + part("minutes"))
}

/// Both sides of a size have the unit of the one that names it.
fn sides(found: &Captures<'_>) -> String {
    let Some(unit) = found.name("unit").or_else(|| found.name("unit2")) else { return found[0].to_owned() };
    format!("{} {unit} by {} {unit}", &found["one"], &found["two"], unit = unit.as_str())
}

/// "half past three" as `3:30`, "quarter to five" as `4:45`.
fn clock(found: &Captures<'_>) -> String {
    let hour = value(&found["hour"]).unwrap_or(12);
    let minutes = match found["how"].to_lowercase().as_str() {
        "half" => 30,
        _ => 15,
    };
    let after = matches!(found["way"].to_lowercase().as_str(), "past" | "after");
    if !(1..=12).contains(&hour) {
        return found[0].to_owned();
    }
    if after {
        return format!("{hour}:{minutes:02}");
    }
    format!("{}:{:02}", if hour == 1 { 12 } else { hour - 1 }, 60 - minutes)
}

/// "fifty-eight and a half thousand" as `58500`, "two and a half" as `2.5`.
fn and_a_half(found: &Captures<'_>) -> String {
    let whole: u64 = found["run"].split([' ', '-']).filter_map(value).sum();
    let of = found.name("big").and_then(|big| big_value(big.as_str())).unwrap_or(1);
    let thousandths = (whole.saturating_mul(WHOLE).saturating_add(WHOLE / 2)).saturating_mul(of);
    match thousandths % WHOLE {
        0 => (thousandths / WHOLE).to_string(),
        _ => format!("{}.5", thousandths / WHOLE),
    }
}

fn value(word: &str) -> Option<u64> {
    let word = word.to_lowercase();
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).or_else(|| word.parse().ok())
}

fn big_value(word: &str) -> Option<u64> {
    let word = word.to_lowercase();
    BIG.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

fn figures(run: &str, before: &str, after: &str) -> String {
    let words: Vec<String> =
        run.split([' ', '-', ',']).map(str::to_lowercase).filter(|word| !word.is_empty() && word != "a").collect();
    // "Wellies will do grand".
    let is_praise = run.eq_ignore_ascii_case("grand");
    if is_praise
        || run.eq_ignore_ascii_case("a grand")
            && [before, after].iter().any(|side| {
                let side = side.to_lowercase();
                ["piano", "upright", "baby"].iter().any(|word| side.contains(word))
            })
    {
        return run.to_owned();
    }
    if let [one] = words.as_slice()
        && one == "one"
        && !PATTERNS.lone_one.is_match(after)
        && !is_hour_after(before, after)
    {
        return run.to_owned();
    }
    let values: Vec<u64> = words.iter().filter_map(|word| value(word)).collect();
    if values.len() == words.len() {
        if let [whole @ 1..=19, cents @ 10..=99] = values.as_slice()
            && PATTERNS.by_size.is_match(after)
        {
            return format!("{whole}.{cents}");
        }
        let is_price = PATTERNS.rate.is_match(after)
            || PATTERNS.priced_before.is_match(before)
            || PATTERNS.priced_after.is_match(after);
        if let Some(told) = told_in_short(&values, is_price) {
            return told;
        }
    }
    // "The two one-bedrooms": two numbers beside each other are no sum.
    let is_unit = |word: &String| value(word).is_some_and(|value| value < 10);
    if words.windows(2).any(|pair| is_unit(&pair[0]) && pair[1] == "one") {
        // "Two one-hour lessons": how many, and how long.
        return match values.as_slice() {
            [many, 1] if PATTERNS.lone_one.is_match(after) => format!("{many} 1"),
            _ => run.to_owned(),
        };
    }
    let (mut total, mut part) = (0_u64, 0_u64);
    for word in &words {
        match big_value(word) {
            _ if word == "and" => {}
            Some(small @ (100 | 12)) => part = part.max(1).saturating_mul(small),
            Some(big) => {
                total = total.saturating_add(part.max(1).saturating_mul(big));
                part = 0;
            }
            None => part = part.saturating_add(value(word).unwrap_or_default()),
        }
    }
    let money = if words.iter().any(|word| word == "grand") { " grands" } else { "" };
    format!("{}{money}", total.saturating_add(part))
}

/// After "at one" these tell of one thing, one time or one place.
const ONE_OF: &[&str] =
    &[" of", " time", " point", " stage", " end", " go", " place", " site", " branch", " location", " in the middle"];

/// What is had, or taken, of one thing: "a look at one".
const GLANCES: &[&str] =
    &["look", "looks", "looked", "looking", "glance", "peek", "try", "go", "chance", "shot", "aim"];

/// "At one" and "nine till one" tell hours.
fn is_hour_after(before: &str, after: &str) -> bool {
    let mut words = before.split_whitespace().rev().map(str::to_lowercase);
    let (last, next) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let of_one = ONE_OF.iter().any(|word| after.starts_with(word));
    let is_number = |word: &str| word.ends_with(|c: char| c.is_ascii_digit()) || value(word).is_some();
    match last.as_str() {
        "at" => !of_one && !GLANCES.contains(&next.as_str()),
        "till" | "until" | "to" => !of_one && is_number(&next),
        _ => false,
    }
}

/// Numbers told without their hundreds and thousands: "ten thirty" is a time, "one twenty-nine" is 129, "thirty-four
/// nine" is 34,900 and "twenty eleven" is a year.
fn told_in_short(values: &[u64], is_price: bool) -> Option<String> {
    let is_unit = |value: u64| (1..=9).contains(&value);
    let is_ten = |value: u64| (20..=90).contains(&value);
    match *values {
        [hour @ 1..=12, minute @ (15 | 20 | 30 | 40 | 45 | 50)] if !is_price => Some(format!("{hour}:{minute}")),
        // "Eleven-fifty plus VAT".
        [hundreds @ 10..=12, rest @ 20..=90] if is_price && rest.is_multiple_of(10) => {
            Some((hundreds * 100 + rest).to_string())
        }
        [hundreds, rest @ 10..=99] if is_unit(hundreds) => Some((hundreds * 100 + rest).to_string()),
        [hundreds, tens, units] if is_unit(hundreds) && is_ten(tens) && is_unit(units) => {
            Some((hundreds * 100 + tens + units).to_string())
        }
        [tens, units, hundreds] if is_ten(tens) && is_unit(units) && is_unit(hundreds) => {
            Some(((tens + units) * 1_000 + hundreds * 100).to_string())
        }
        [thousands @ 10..=19, hundreds] if is_unit(hundreds) => Some((thousands * 1_000 + hundreds * 100).to_string()),
        [century @ 13..=20, tens] if tens >= 10 => Some((century * 100 + tens).to_string()),
        [century @ 13..=20, tens, units] if is_ten(tens) && is_unit(units) => {
            Some((century * 100 + tens + units).to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_day_are_written_in_one_way() {
        for (words, expected) in [
            ("de 7 a. m. a 6 p. m., y el sábado", "de 7 am a 6 pm, y el Saturday"),
            ("till 6 p. m. Come by", "till 6 pm. Come by"),
            ("a 6 and a 7 am class", "a 6 am and a 7 am class"),
        ] {
            assert_eq!(in_figures(words), expected);
        }
    }

    #[test]
    fn words_become_figures() {
        for (words, expected) in [
            ("half past three", "3:30"),
            ("quarter to five", "4:45"),
            ("half eleven", "11:30"),
            ("ten thirty", "10:30"),
            ("ten in the morning", "10 am"),
            ("half past five in the evening", "5:30 pm"),
            ("nine to six", "9 to 6"),
            ("at nine", "at 9"),
            ("at one", "at 1"),
            ("twenty percent", "20 percent"),
            ("fifty thousand dollars", "50000 dollars"),
            ("two hundred and fifty", "250"),
            ("a hundred and twenty", "120"),
            ("one hundred twenty-nine dollars", "129 dollars"),
            ("two dollars forty a watt", "2.40 dollars a watt"),
            ("one twenty-nine a visit", "129 a visit"),
            ("two forty a watt", "2.40 a watt"),
            ("eleven-fifty a foot", "11.50 a foot"),
            ("twenty-eight quid an hour", "28 quid an hour"),
            ("seven nights a week", "every night"),
            ("thirty-four nine plus a fee", "34900 plus a fee"),
            ("founded in nineteen ninety-eight", "founded in 1998"),
            ("fifty-eight and a half thousand", "58500"),
            ("two and a half hours", "2.5 hours"),
            ("two, three or more", "2, 3 or more"),
            ("two to three days", "2 days to 3 days"),
            ("fifty-nine a month", "59 a month"),
            ("half an hour", "30 minutes"),
            ("three quarters of an hour", "45 minutes"),
            ("takes an hour, then 75 an hour", "takes 1 hour, then 75 an hour"),
            ("a grand", "1000 grands"),
            ("wellies will do grand", "wellies will do grand"),
            ("here til 7", "here till 7"),
            ("M-F 8-5", "Mon to Fri 8-5"),
            ("58 to 72k the first year", "58k to 72k the first year"),
            ("Pikes, for 11 to 15s", "Pikes, for 11 years to 15 years"),
            ("70¢ a mile", "70 cents a mile"),
            ("Wednesday at 5.15 next week", "Wednesday at 5:15 next week"),
            ("at 5.25% a year", "at 5.25% a year"),
            ("a week and a half", "1.5 weeks"),
            ("15- or 20-yr loans", "15 yr to 20 yr loans"),
            ("a blue '23 wagon of '98 fame", "a blue 2023 wagon of 1998 fame"),
            ("by .25 points", "by 0.25 points"),
            ("a buck fifty a mile", "1.50 dollars a mile"),
            ("around day 3–5", "around 3 days to 5 days"),
            ("sixty metres by twenty-five", "60 metres by 25 metres"),
            ("60 by 25 metres", "60 metres by 25 metres"),
            ("5 grand", "5k grands"),
            ("10 to 150 thousand", "10k to 150k"),
            ("half 3 till half eight", "3:30 till 8:30"),
            ("quarter past midnight", "12:15"),
            ("an hour and a quarter", "75 minutes"),
            ("an hour and twenty minutes", "80 minutes"),
            ("two hours and forty-five minutes", "165 minutes"),
            ("twelve to fifteen cents a page", "12 cents to 15 cents a page"),
            ("pads take 1 hour 15 minutes", "pads take 75 minutes"),
            ("ages 6 months to 10 years", "6 months to 10 years"),
            ("5 am to 9 pm, seven days", "5 am to 9 pm, every day"),
            ("Saturday 12th at 10.20. Any good?", "Saturday 12th at 10:20. Any good?"),
            ("8.30 till 5.30, Fridays till 3", "8:30 till 5:30, Fridays till 3"),
            ("10.30 on the 22nd is there", "10:30 on the 22nd is there"),
            ("9.30am to 12.30 each morning", "9.30am to 12:30 each morning"),
            ("an upright or a grand", "an upright or a grand"),
            ("within one hour", "within 1 hour"),
            ("which one, the second one of ours", "which one, the second one of ours"),
            ("someone often mentioned attention", "someone often mentioned attention"),
        ] {
            assert_eq!(in_figures(words), expected, "{words}");
        }
    }

    #[test]
    fn prices_and_shares_in_words_are_no_hours_and_no_single_things() {
        for (words, expected) in [
            ("a half dozen scales, half-dozen rolls", "6 scales, 6 rolls"),
            ("If one day you did want to reach out", "If some day you did want to reach out"),
            ("billed at four-fifty", "billed at 450"),
            ("it's eleven-fifty plus VAT", "it's 1150 plus VAT"),
            ("it starts at four-fifty", "it starts at 4:50"),
            ("twelve-forty a shift", "1240 a shift"),
            ("shall we look at one in the middle of May", "shall we look at one in the middle of May"),
            ("come at one in the afternoon", "come at 1 pm"),
            ("two one-hour lessons, two one-bedrooms", "2 1-hour lessons, two one-bedrooms"),
            ("95 out of 100 pages, nine in every ten", "95 percent of pages, 90 percent of"),
        ] {
            assert_eq!(in_figures(words), expected, "{words}");
        }
    }
}
