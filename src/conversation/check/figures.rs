//! Puts numbers written in words into figures, so that "half past three" and "twenty percent" are read like any other.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::abroad::in_english;
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
    /// "60 by 25 metres".
    sides: Regex,
    after: Vec<(Regex, &'static str)>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let all = |list: &[(&'static str, &'static str)]| list.iter().map(|(from, to)| (any_case(from), *to)).collect();
    let word = WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
    let big = BIG.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
    Patterns {
        idioms: all(&[
            (r"\b24/7\b|\b24 hours a day\b", "round the clock"),
            (
                r"\b24[- ]hour (camera|surveillance|video|access|support|line|desk|monitor|dispatch|emergenc|care)",
                "round the clock $1",
            ),
            (r"\bM ?[-–] ?F\b", "Mon to Fri"),
            (r"\bM ?[-–] ?Thu?\b", "Mon to Thu"),
            (r"\bM ?[-–] ?Sat?\b", "Mon to Sat"),
            (r"\bw/in\b", "within"),
            (r"\b(hrs?|hours?|wk|week|visit|days?) min\b", "$1 minimum"),
            (r"(\d) ?¢", "$1 cents"),
            (r"(\d) ?½", "$1.5"),
            (r"(\d)\+ ", "$1 "),
            (r"\b100 ?% (their|his|her|your|up to|down to)\b", "entirely $1"),
            (r"\b(\d+(?:\.\d+)?) grand\b", "${1}k grands"),
            (r"\b(\d+(?:\.\d+)?) thousand\b", "${1}k"),
            // "Carriers say 58 to 72k", "for 11 to 15s".
            (r"\b(\d{1,3}) ?(?:-|–|to) ?[$€£]?(\d{1,3})k\b", "${1}k to ${2}k"),
            (r"\b(\d{1,2}) ?(?:-|–|to) ?(\d{1,2})s\b", "$1 to $2 years"),
            (r"\b(?:an?|one) (day|week|month|year) and a half\b", "1.5 ${1}s"),
            (
                r"\b(at|till|until|from|by|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:'s)?) (\d{1,2})\.([0-5][05])(\s*[,;:?!)]|\.\s|\.?(?:\s*$|\s+(?:on|or|and|if|is|was|for|in|this|next|today|tomorrow|sharp|works?|suits?|would|till|until|to|survey|slot|appointment|visit)\b))",
                "$1 $2:$3$4",
            ),
            (
                r"(^|[^\d.,$€£] )(\d{1,2})\.([0-5][05]) (tomorrow|today|on (?:the \d|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:each|every|this|that|in the) (?:morning|afternoon|evening|day))",
                "$1$2:$3 $4",
            ),
            (r"\b(\d{1,2})\.([0-5][05])( ?(?:till|until|-|–) ?\d)", "$1:$2$3"),
            (
                r"\b(\d{1,2}(?:[.:]\d\d)?(?: ?[ap]m)? ?(?:till|until|-|–|to) ?\d{1,2})\.([0-5][05]) (each|every|on|and|in the)\b",
                "$1:$2 $3",
            ),
            (r"(?:^|\s)['\u{2018}\u{2019}]?til\b", " till"),
            // "Fall by .25 points".
            (r"(^|[\s$€£])\.(\d)", "${1}0.$2"),
            (r"\b(\d+) ?lbs?\b", "$1 pounds"),
            (r"\b(\d+(?:[.,]\d+)?) (?:metros (?:c|q)uadrados|mètres carrés|square met(?:re|er)s|sq\.? ?m)\b", "$1 m2"),
            (r"\b(?:during|in) the (?:work ?)?week\b", "on weekdays"),
            (r"\bdays? (\d+)\s?(?:-|–|to)\s?(\d+)\b", "$1 days to $2 days"),
            (r"\bthree[- ]quarters of an hour\b", "45 minutes"),
            (r"\bhalf[- ](?:an )?hour\b", "30 minutes"),
            (r"\b(?:a )?quarter of an hour\b", "15 minutes"),
            (r"\b(?:an|one) hour and a half\b", "90 minutes"),
            (
                r"\b(?:an|one) hour (?:and )?(five|ten|fifteen|twenty|thirty|forty|forty-five|fifty|\d\d)(?: minutes?| mins?)?\b",
                "1 hour and $1 minutes",
            ),
            (r"\b(?:an|one) hour and a quarter\b", "75 minutes"),
            (r"(\d) for an hour\b", "$1 an hour"),
            (r"\bfortnightly\b", "every 2 weeks"),
            (r"\bfortnight\b", "2 weeks"),
            (r"\bfrom (\d+) up to (\d+)\b", "from $1 to $2"),
            (r"\ba tenner\b", "10 grands"),
            (r"\ba fiver\b", "5 grands"),
            (
                r"\b(within|further (?:out |away )?than|farther (?:out |away )?than|beyond|outside) (\d{1,2})k\b",
                "$1 $2 km",
            ),
            // "For when you have five minutes" tells of no length.
            (
                r"\b(when|whenever|if|once) you(?:'ve| have| get| find)? (?:got )?(?:a spare |an? )?(?:\d+|two|five|ten|fifteen) (?:spare |free |quick )?min(?:ute)?s?\b",
                "$1 you have a moment",
            ),
            (r"\bno ((?:mon|tues|wednes|thurs|fri|satur|sun)days) (needed|required|necessary|involved)\b", "$1 not $2"),
            (r"\b(?:no|none on) ((?:mon|tues|wednes|thurs|fri|satur|sun)days)\b", "closed on $1"),
            (r"\bweek ?days,? (?:but|except|bar)(?: for| on)? mondays?\b", "Tuesday to Friday"),
            (r"\bweek ?days,? (?:but|except|bar)(?: for| on)? fridays?\b", "Monday to Thursday"),
            (
                r"\bweek ?days (from \d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)? (?:to|till|until) \d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?),? (?:but|except|bar)(?: for| on)? fridays?\b",
                "Monday to Thursday $1",
            ),
            (r"\b(\d+) or (more|fewer|less) (\p{L}+)", "$1 $3 or $2"),
            (r"\b(in|takes?|within) a single (day|week|month|year)\b", "$1 1 $2"),
            (r"\b(?:an?|one) (?:full|entire|whole) (day|week|month|year)\b", "1 $1"),
            (r"\b(?:an?|one) (hour|year|week) (from|later)\b", "1 $1 $2"),
            (r"\bhalf a dozen\b", "6"),
            (r"\bhalf a million\b", "500000"),
            (r"\b(\d) hundred\b", "${1}00"),
            (r"\b(?:seven|7) (day|night)s a week\b", "every $1"),
            (r"(\d (?:am|pm),? (?:and )?)(?:seven|7) days\b", "${1}every day"),
            (
                r"\b(children|kids|students|pupils|learners|riders|girls|boys) (?:from )?(\d{1,2}) ?(?:to|-|–) ?(\d{1,2})( years)?\b",
                "$1 $2 years to $3 years",
            ),
            (r"\bages? (\d+ (?:weeks|months|years))\b", "$1"),
            (r"\bages? (\d+) (?:to|and) (\d+)\b", "$1 years to $2 years"),
            (r"\bages? (\d+)\b", "$1 years"),
        ]),
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
        an_hour: any_case(r"(?P<before>\S+ )?\ban hour\b"),
        sides: any_case(
            r"\b(?P<one>\d+(?:[.,]\d+)?)(?: (?P<unit>met(?:re|er)s|feet|ft|inches))? by (?P<two>\d+(?:[.,]\d+)?)(?: (?P<unit2>met(?:re|er)s|feet|ft|inches))?\b",
        ),
        after: all(&[
            (r"(\d) dollars (?:and )?(\d\d)(?: cents)?\b", "$1.$2 dollars"),
            (r"\ba buck (\d\d)\b", "1.$1 dollars"),
            // "Fourteen Georgia summers".
            (r"\b(\d+) (?:\p{L}+ )?(?:summers|winters)\b", "$1 years"),
            (r"\b(\d{1,2}(?::\d\d)?)(?: o.?clock)? in the morning\b", "$1 am"),
            (r"\b(\d{1,2}(?::\d\d)?)(?: o.?clock)? (?:in the (?:afternoon|evening)|at night)\b", "$1 pm"),
            // Both numbers of a range have its unit. "804-555-0162, day and night" is none.
            (
                r"\b(?:(\d+)-?\s*(?:(?:to|or|and)\s*(\d+)|[-–]\s*([1-9]\d{0,2}))|(\d{4,})\s*[-–]\s*(\d{4,}))(?:[ -](years?|yrs?|months?|mos?|weeks?|wks?|days?|hours?|hrs?|minutes?|mins?|percent|cents?)\b|\s?(%))",
                "$1$4 $6$7 to $2$3$5 $6$7",
            ),
        ]),
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
        if let Some(told) = told_in_short(&values, PATTERNS.rate.is_match(after)) {
            return told;
        }
    }
    // "The two one-bedrooms": two numbers beside each other are no sum.
    let is_unit = |word: &String| value(word).is_some_and(|value| value < 10);
    if words.windows(2).any(|pair| is_unit(&pair[0]) && pair[1] == "one") {
        return run.to_owned();
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

/// "At one" and "nine till one" tell hours.
fn is_hour_after(before: &str, after: &str) -> bool {
    let mut words = before.split_whitespace().rev().map(str::to_lowercase);
    let last = words.next().unwrap_or_default();
    let is_number = |word: String| word.ends_with(|c: char| c.is_ascii_digit()) || value(&word).is_some();
    last == "at"
        || ["till", "until", "to"].contains(&last.as_str())
            && !after.starts_with(" of")
            && words.next().is_some_and(is_number)
}

/// Numbers told without their hundreds and thousands: "ten thirty" is a time, "one twenty-nine" is 129, "thirty-four
/// nine" is 34,900 and "twenty eleven" is a year.
fn told_in_short(values: &[u64], is_rate: bool) -> Option<String> {
    let is_unit = |value: u64| (1..=9).contains(&value);
    let is_ten = |value: u64| (20..=90).contains(&value);
    match *values {
        [hour @ 1..=12, minute @ (15 | 20 | 30 | 40 | 45 | 50)] if !is_rate => Some(format!("{hour}:{minute}")),
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
}
