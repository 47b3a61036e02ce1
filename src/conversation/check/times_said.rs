//! Finds the clock times, dates and weekdays that a text spells out.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use regex::{Captures, Regex};

const MONTHS: &str = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

const WHEN: &str = r"mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:nesdays?)?|thu(?:r(?:s(?:days?)?)?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?|today|tonight|this (?:morning|afternoon|evening)|tomorrow";

struct Patterns {
    link: Regex,
    clock: Regex,
    clock_range: Regex,
    month_first: Regex,
    day_first: Regex,
    numeric: Regex,
    ordinal: Regex,
    when: Regex,
    before_clock: Regex,
    after_clock: Regex,
    number: Regex,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compile = |pattern: &str| Regex::new(&format!("(?i){pattern}")).expect("constant pattern");
    Patterns {
        link: compile(r"\S+://\S+|\b[\w-]+(?:\.[\w-]+)+/\S*"),
        clock: compile(&format!(
            r"\b(?P<h1>\d{{1,2}})(?:[:.](?P<m1>\d{{2}}))?(?:\s*(?P<ap1>[ap])\.?m\b|(?P<ap2>[ap])\b)\.?(?:\s*\(?(?P<z1>[ecmp])[sd]?t\b)?|\b(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)\b(?:\s*\(?(?P<z2>[ecmp])[sd]?t\b)?|\b(?P<word>noon|midday|midnight)\b|(?:\b(?:at|around)|@)\s*(?P<h3>\d{{1,2}})(?:\s*(?:$|[.,!?;)])|\s+(?:on|or|and|sharp|works?|your|for|with|if|so|then|is|was|would|as|still|in|open|{WHEN})\b)|\b(?P<h4>\d{{1,2}})\s?o'?clock\b|\b(?:a las?|[àa]s|à)\s(?P<h5>\d{{1,2}})(?:[:h](?P<m5>\d{{2}}))?(?:h\b|\b)|\b(?P<h6>\d{{1,2}})h(?P<m6>\d{{2}})\b"
        )),
        clock_range: compile(r"\b\d{1,2}(?::\d{2})?\s*(?:-|–|to|and)\s*\d{1,2}(?::\d{2})?\s*[ap]\.?m\b"),
        month_first: compile(&format!(r"\b(?P<month>{MONTHS})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b")),
        day_first: compile(&format!(r"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTHS})\b")),
        numeric: compile(r"\b(?:\d{4}-(?P<m1>\d{2})-(?P<d1>\d{2})|(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?:/\d{2,4})?)\b"),
        ordinal: compile(
            r"\bthe (?P<day>\d{1,2})(?:st|nd|rd|th)(?:\s*(?:$|[.,!?;)])|\s+(?:at|or|and|works?|is|around|if|for you)\b)",
        ),
        when: compile(&format!(r"\b(?P<when>{WHEN})\b")),
        before_clock: compile(&format!(
            r"(?:\b(?P<when>{WHEN})\b\.?,?\s+(?:(?:morning|afternoon|evening),?\s+)?)?(?:\b(?P<month>{MONTHS})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?:(?:at|@|around)\s*)?$"
        )),
        after_clock: compile(&format!(
            r"^[\d:.]{{1,5}}(?:\s*[ap]\.?m\.?)?(?:\s*\(?[ecmp][sd]?t\)?)?\s+(?:on\s+)?(?P<when>{WHEN})\b"
        )),
        number: compile(r"\b(?P<h>\d{1,2}?)(?P<m>[0-5]\d)?\b"),
    }
});

/// A clock time, as exact as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Minutes after midnight or noon, 0 to 719.
    minute: u16,
    /// After noon; none when it was not said.
    pm: Option<bool>,
    /// The first letter of a US zone's abbreviation; none when it was not said.
    zone: Option<char>,
}

impl Clock {
    fn new(hour: u16, minute: u16, pm: Option<bool>) -> Option<Self> {
        let plausible = hour < 24 && minute < 60 && !(pm.is_some() && (hour == 0 || hour > 12));
        let pm = if hour > 12 { Some(true) } else { pm.or((hour == 0).then_some(false)) };
        plausible.then_some(Self { minute: (hour % 12) * 60 + minute, pm, zone: None })
    }

    /// True when nothing that was written of the two differs.
    pub(super) fn agrees(self, other: Self) -> bool {
        let same = |a: Option<char>, b: Option<char>| a.is_none() || b.is_none() || a == b;
        let half = |pm: Option<bool>| pm.map(|pm| if pm { 'p' } else { 'a' });
        self.minute == other.minute && same(half(self.pm), half(other.pm)) && same(self.zone, other.zone)
    }
}

/// A date without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    /// 1 to 12; none in "the 5th".
    month: Option<i8>,
    day: i8,
}

impl Day {
    fn new(month: Option<i8>, day: i8) -> Option<Self> {
        let plausible = month.is_none_or(|month| (1..=12).contains(&month)) && (1..=31).contains(&day);
        plausible.then_some(Self { month, day })
    }

    pub(super) fn agrees(self, other: Self) -> bool {
        self.day == other.day && (self.month.is_none() || other.month.is_none() || self.month == other.month)
    }
}

/// A day as it is told beside a clock time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// "Tuesday".
    Weekday(Weekday),
    /// "tomorrow", from the day on which it was said; or a day of the calendar.
    Date(Date),
    /// "Dec 1".
    Day(Day),
}

impl When {
    fn read(name: &str, today: Date) -> Option<Self> {
        let short: String = name.to_lowercase().chars().take(3).collect();
        match short.as_str() {
            "tod" | "ton" | "thi" => return Some(Self::Date(today)),
            "tom" => return today.tomorrow().ok().map(Self::Date),
            _ => {}
        }
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let offset = names.iter().position(|known| *known == short)?;
        Weekday::from_monday_zero_offset(i8::try_from(offset).ok()?).ok().map(Self::Weekday)
    }

    /// True when both can be one day.
    pub(super) fn agrees(self, other: Self) -> bool {
        match (self, other) {
            (Self::Weekday(a), Self::Weekday(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            (Self::Day(a), Self::Day(b)) => a.agrees(b),
            (Self::Weekday(weekday), Self::Date(date)) | (Self::Date(date), Self::Weekday(weekday)) => {
                date.weekday() == weekday
            }
            (Self::Day(day), Self::Date(date)) | (Self::Date(date), Self::Day(day)) => {
                day.agrees(Day { month: Some(date.month()), day: date.day() })
            }
            (Self::Weekday(_), Self::Day(_)) | (Self::Day(_), Self::Weekday(_)) => false,
        }
    }
}

/// The times a text spells out, each with its words.
#[derive(Debug, Default, Clone)]
pub(super) struct Said {
    pub(super) clocks: Vec<(Clock, String)>,
    pub(super) days: Vec<(Day, String)>,
    /// Clock times told with a day, as in "Tuesday at 10".
    pub(super) pairs: Vec<(When, Clock, String)>,
    /// Days, told with a clock time or without.
    pub(super) whens: Vec<When>,
}

impl Said {
    /// What a text written on the day `today` spells out. Links are no words.
    pub(super) fn read(text: &str, today: Date) -> Self {
        let text = PATTERNS.link.replace_all(text, " ");
        let mut said = Self { days: days(&text), ..Self::default() };
        for found in PATTERNS.clock.captures_iter(&text) {
            let Some((clock, start)) = clock(&found) else { continue };
            said.clocks.push((clock, found[0].trim().to_owned()));
            let end = found.get(0).map_or(start, |all| all.end());
            said.pairs.extend(
                beside(&text, start, today)
                    .into_iter()
                    .map(|(when, from)| (when, clock, text[from.min(start)..end.max(from)].trim().to_owned())),
            );
        }
        let named = PATTERNS.when.captures_iter(&text).filter_map(|found| When::read(&found["when"], today));
        said.whens = named.chain(said.days.iter().map(|(day, _)| When::Day(*day))).collect();
        said
    }

    /// What a person's text may mean: in "3 works" and "330?" the numbers are times too.
    pub(super) fn read_loosely(text: &str, today: Date) -> Self {
        let mut said = Self::read(text, today);
        let numbers = PATTERNS.number.captures_iter(text).filter_map(|found| {
            let minute = found.name("m").map_or(Some(0), |minute| minute.as_str().parse().ok())?;
            Some((Clock::new(found["h"].parse().ok()?, minute, None)?, found[0].to_owned()))
        });
        said.clocks.extend(numbers);
        said
    }

    /// An instant of the calendar, as a clock in its zone shows it.
    pub(super) fn of_instant(at: Timestamp, zone: &TimeZone) -> Self {
        let local = at.to_zoned_datetime(zone.clone());
        let hour = u16::try_from(local.hour()).unwrap_or_default();
        let minute = u16::try_from(local.minute()).unwrap_or_default();
        let us = local.strftime("%Z").to_string().to_lowercase().chars().next().filter(|first| "ecmp".contains(*first));
        let clock = Clock { minute: (hour % 12) * 60 + minute, pm: Some(hour >= 12), zone: us };
        let day = Day { month: Some(local.month()), day: local.day() };
        Self {
            clocks: vec![(clock, String::new())],
            days: vec![(day, String::new())],
            pairs: vec![(When::Date(local.date()), clock, String::new())],
            whens: Vec::new(),
        }
    }
}

/// The text with its clock times and dates taken out.
pub(super) fn without_times(text: &str) -> String {
    let mut out = text.to_owned();
    let patterns = [
        &PATTERNS.month_first,
        &PATTERNS.day_first,
        &PATTERNS.numeric,
        &PATTERNS.ordinal,
        &PATTERNS.clock_range,
        &PATTERNS.clock,
    ];
    for pattern in patterns {
        out = pattern.replace_all(&out, " ; ").into_owned();
    }
    out
}

/// A clock time and where its number starts.
fn clock(found: &Captures<'_>) -> Option<(Clock, usize)> {
    if let Some(word) = found.name("word") {
        let pm = !word.as_str().eq_ignore_ascii_case("midnight");
        return Some((Clock { minute: 0, pm: Some(pm), zone: None }, word.start()));
    }
    let first = |names: &[&str]| names.iter().find_map(|name| found.name(name));
    let hour = first(&["h1", "h2", "h3", "h4", "h5", "h6"])?;
    let minute = first(&["m1", "m2", "m5", "m6"]).map_or(Some(0), |minute| minute.as_str().parse().ok())?;
    let pm = first(&["ap1", "ap2"]).map(|half| half.as_str().eq_ignore_ascii_case("p"));
    let mut clock = Clock::new(hour.as_str().parse().ok()?, minute, pm)?;
    clock.zone = first(&["z1", "z2"]).and_then(|zone| zone.as_str().to_lowercase().chars().next());
    Some((clock, hour.start()))
}

fn days(text: &str) -> Vec<(Day, String)> {
    let mut days = Vec::new();
    for found in PATTERNS.month_first.captures_iter(text).chain(PATTERNS.day_first.captures_iter(text)) {
        let day = found["day"].parse().ok().and_then(|day| Day::new(month(&found["month"]), day));
        days.extend(day.map(|day| (day, found[0].to_owned())));
    }
    for found in PATTERNS.numeric.captures_iter(text) {
        let part = |names: [&str; 2]| names.iter().find_map(|name| found.name(name)?.as_str().parse::<i8>().ok());
        // "1/2" is half of something more often than the second of January.
        let fraction = matches!(&found[0], "1/2" | "1/3" | "2/3" | "1/4" | "3/4");
        let day = part(["d1", "d2"]).filter(|_| !fraction).and_then(|day| Day::new(Some(part(["m1", "m2"])?), day));
        days.extend(day.map(|day| (day, found[0].to_owned())));
    }
    for found in PATTERNS.ordinal.captures_iter(text) {
        let day = found["day"].parse().ok().and_then(|day| Day::new(None, day));
        days.extend(day.map(|day| (day, found[0].trim().to_owned())));
    }
    days
}

fn month(name: &str) -> Option<i8> {
    let short: String = name.to_lowercase().chars().take(3).collect();
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    names.iter().position(|known| *known == short).and_then(|at| i8::try_from(at + 1).ok())
}

/// The days told right before a clock time that starts at `start`, or right after it, and where their words begin or
/// end.
fn beside(text: &str, start: usize, today: Date) -> Vec<(When, usize)> {
    let mut found = Vec::new();
    if let Some(before) = PATTERNS.before_clock.captures(&text[..start]) {
        let from = before.get(0).map_or(start, |all| all.start());
        found.extend(before.name("when").and_then(|name| When::read(name.as_str(), today)).map(|when| (when, from)));
        let day = before.name("day").and_then(|day| Day::new(month(&before["month"]), day.as_str().parse().ok()?));
        found.extend(day.map(|day| (When::Day(day), from)));
    }
    if found.is_empty()
        && let Some(after) = PATTERNS.after_clock.captures(&text[start..])
    {
        let to = start + after.get(0).map_or(0, |all| all.end());
        found.extend(When::read(&after["when"], today).map(|when| (when, to)));
    }
    found
}
