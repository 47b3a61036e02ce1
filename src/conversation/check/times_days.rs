//! Finds the dates and the days that a text names.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::pattern::any_case;
use super::times_said::{AFTER_HOUR, overlaps, tells_hours};
use super::times_told::{Day, When};

const MONTHS: &str = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

pub(super) const WEEKDAYS: &str = r"mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:s|nesdays?)?|thu(?:r(?:s(?:days?)?)?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?";

pub(super) const NOW: &str = r"today|tonight|(?:the )?day after tomorrow|this (?:morning|afternoon|evening)|tomorrow";

/// After these, "sun" and "sat" are no days.
const OTHER_WORD_AFTER: &[&str] = &[
    "the", "full", "direct", "in", "of", "some", "more", "much", "enough", "get", "gets", "i", "we", "it", "you",
    "they", "he", "she", "has", "have", "just", "newly",
];

struct Patterns {
    month_first: Regex,
    day_first: Regex,
    /// "6 to 8 April".
    listed: Regex,
    /// "November 11, 25 and 26".
    month_list: Regex,
    in_list: Regex,
    /// "July 1-7".
    month_range: Regex,
    numeric: Regex,
    of_weekday: Regex,
    ordinal: Regex,
    /// "The 1st and 16th".
    next_ordinal: Regex,
    /// "The 1st and 3rd Thursday".
    of_month: Regex,
    /// What a number behind a weekday counts: then it is no date.
    unit: Regex,
    when: Regex,
    week: Regex,
    /// What makes a clock time of the number before it.
    goes_on: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    month_first: any_case(&format!(r"\b(?P<month>{MONTHS})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b")),
    day_first: any_case(&format!(r"\b(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTHS})\b")),
    listed: any_case(&format!(
        r"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:-|–|\band|\bor|\bto|&|\by|\be|\bet|\bou|\bo)\s*(?:the |el |le )?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTHS})\b"
    )),
    month_list: any_case(&format!(
        r"\b(?P<month>{MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?P<days>(?:,\s*\d{{1,2}}(?:st|nd|rd|th)?)*,?\s*(?:and|or|&)\s*(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?){AFTER_HOUR}"
    )),
    in_list: any_case(r"\d{1,2}"),
    month_range: any_case(&format!(
        r"\b(?P<month>{MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\s*(?:-|–|to|through|thru)\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b"
    )),
    numeric: any_case(r"\b(?:\d{4}-(?P<m1>\d{2})-(?P<d1>\d{2})|(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?:/\d{2,4})?)\b"),
    of_weekday: any_case(&format!(
        r"\b(?:{WEEKDAYS}),?\s+(?:the\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?|(?P<bare>\d{{1,2}})(?:st|nd|rd|th)|(?P<late>1[3-9]|2\d|3[01]))\b"
    )),
    ordinal: any_case(&format!(
        r"\bthe (?P<day>\d{{1,2}})(?:st|nd|rd|th)(?P<after>{AFTER_HOUR}|\s+(?:around|suit)|\s+of\s+(?:each|every|the)\s+month)"
    )),
    next_ordinal: any_case(r"\bthe \d{1,2}(?:st|nd|rd|th)\s*(?:,|and|or|&)\s*(?P<day>\d{1,2})(?:st|nd|rd|th)\b"),
    of_month: any_case(&format!(r"^\s*(?:(?:,|and|or|&)\s*(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)\s+)?(?:{WEEKDAYS})\b")),
    unit: any_case(
        r"^(?::|%|[€$£]|[.,]\d|\s*(?:[ap]\.?m|h|hs|hrs?|hours?|years?|months?|weeks?|days?|min(?:ute)?s?|people|percent|euros?|dollars?|pounds?)\b)",
    ),
    when: any_case(&format!(r"\b(?P<when>{WEEKDAYS}|{NOW})\b")),
    week: any_case(
        r"\b(?P<all>every ?day|daily|any day)(?:,? (?:but|except|other than|apart from)(?: for)? (?P<but>\w+days?)(?: (?:and|or|&) (?P<but2>\w+days?))?)?\b|\b(?P<other>other )?(?P<work>week ?days|(?:(?:every|each) )?week ?nights?|(?:every|each) week ?day)\b|\b(?P<end>weekends)\b",
    ),
    goes_on: any_case(r"^(?::\d\d|h\d\d|\s?[ap]\.?m\b)"),
});

impl Patterns {
    /// The days that share the month of another one, and where they stand.
    fn listed(&self, text: &str) -> Vec<(Range<usize>, Day)> {
        let day = |found: Captures<'_>| {
            let at = found.name("day")?;
            Some((at.range(), Day::new(month_number(&found["month"]), at.as_str().parse().ok()?)?))
        };
        // "2 or 3 may do" are no dates.
        self.listed.captures_iter(text).filter(|found| &found["month"] != "may").filter_map(day).collect()
    }

    /// The days after the first of "November 11, 25 and 26".
    fn rest_of_list(&self, text: &str) -> Vec<(Range<usize>, Day)> {
        let days = |found: Captures<'_>| -> Vec<(Range<usize>, Day)> {
            let (Some(days), month) = (found.name("days"), month_number(&found["month"])) else { return Vec::new() };
            let day = |day: regex::Match<'_>| {
                let at = days.start() + day.start()..days.start() + day.end();
                Some((at, Day::new(month, day.as_str().parse().ok()?)?))
            };
            self.in_list.find_iter(days.as_str()).filter_map(day).collect()
        };
        self.month_list.captures_iter(text).flat_map(days).collect()
    }

    /// The last days of "July 1-7".
    fn last_of_range(&self, text: &str) -> Vec<(Range<usize>, Day)> {
        let day = |found: Captures<'_>| {
            let at = found.name("day").filter(|day| !self.unit.is_match(&text[day.end()..]))?;
            Some((at.range(), Day::new(month_number(&found["month"]), at.as_str().parse().ok()?)?))
        };
        self.month_range.captures_iter(text).filter_map(day).collect()
    }

    /// The 16th of "the 1st and 16th".
    fn next_ordinals(&self, text: &str) -> Vec<(Range<usize>, Day)> {
        let day = |found: Captures<'_>| {
            let (day, end) = (found.name("day")?, found.get(0)?.end());
            let day = Day::new(None, day.as_str().parse().ok()?).filter(|_| !self.of_month.is_match(&text[end..]))?;
            Some((found.name("day")?.start()..end, day))
        };
        self.next_ordinal.captures_iter(text).filter_map(day).collect()
    }
}

/// A day where it stands in a text.
#[derive(Debug, Clone)]
pub(super) struct DayFound {
    pub(super) at: Range<usize>,
    /// More than one in "every day".
    pub(super) days: Vec<When>,
    pub(super) date: Option<Day>,
}

/// Where a text names a day of the month.
pub(super) fn dates(text: &str) -> Vec<Range<usize>> {
    days(text, None).into_iter().filter(|found| found.date.is_some()).map(|found| found.at).collect()
}

/// The days of a text. Without `today` the names of days are left out.
pub(super) fn days(text: &str, today: Option<Date>) -> Vec<DayFound> {
    let mut found = DaysFound::default();
    if text.contains(|c: char| c.is_ascii_digit()) {
        found.add_dates(text);
    }
    if let Some(today) = today {
        found.add_named(text, today);
    }
    found.0.sort_by_key(|found| found.at.start);
    found.0
}

/// The days of a text so far: where one was found, no other is.
#[derive(Default)]
struct DaysFound(Vec<DayFound>);

impl DaysFound {
    fn add(&mut self, at: Range<usize>, days: Vec<When>, date: Option<Day>) {
        if !days.is_empty() && !self.0.iter().any(|known| overlaps(&known.at, &at)) {
            self.0.push(DayFound { at, days, date });
        }
    }

    /// The dates that are told in figures.
    fn add_dates(&mut self, text: &str) {
        let mut date = |at: Range<usize>, day: Option<Day>| self.add(at, day.map(When::Day).into_iter().collect(), day);
        for found in PATTERNS.month_first.captures_iter(text).chain(PATTERNS.day_first.captures_iter(text)) {
            let Some(all) = found.get(0).filter(|all| !is_of_clock(text, all.range())) else { continue };
            date(all.range(), found["day"].parse().ok().and_then(|day| Day::new(month_number(&found["month"]), day)));
        }
        for (at, day) in
            PATTERNS.last_of_range(text).into_iter().chain(PATTERNS.listed(text)).chain(PATTERNS.rest_of_list(text))
        {
            date(at, Some(day));
        }
        for found in PATTERNS.numeric.captures_iter(text) {
            let Some(all) = found.get(0) else { continue };
            let part = |names: [&str; 2]| names.iter().find_map(|name| found.name(name)?.as_str().parse::<i8>().ok());
            // "1/2" is half of something more often than the second of January, and "24/7" is always.
            let fraction = matches!(&found[0], "1/2" | "1/3" | "2/3" | "1/4" | "3/4" | "24/7");
            date(
                all.range(),
                // "16/10" is written day first.
                part(["d1", "d2"]).zip(part(["m1", "m2"])).filter(|_| !fraction).and_then(|(day, month)| {
                    if month > 12 { Day::new(Some(day), month) } else { Day::new(Some(month), day) }
                }),
            );
        }
        for found in PATTERNS.of_weekday.captures_iter(text) {
            let late = found.name("late").filter(|late| !PATTERNS.unit.is_match(&text[late.end()..]));
            let Some(day) = found.name("day").or_else(|| found.name("bare")).or(late) else { continue };
            let end = found.get(0).map_or(day.end(), |all| all.end());
            date(day.start()..end, day.as_str().parse().ok().and_then(|day| Day::new(None, day)));
        }
        for found in PATTERNS.ordinal.captures_iter(text) {
            let Some(all) = found.get(0) else { continue };
            let end = found.name("after").map_or(all.end(), |after| after.start());
            if PATTERNS.of_month.is_match(&text[end..]) {
                continue;
            }
            date(all.start()..end, found["day"].parse().ok().and_then(|day| Day::new(None, day)));
        }
        for (at, day) in PATTERNS.next_ordinals(text) {
            date(at, Some(day));
        }
    }

    /// The days and weeks that are named.
    fn add_named(&mut self, text: &str, today: Date) {
        let of_hours = tells_hours(text);
        for found in PATTERNS.week.captures_iter(text).filter(|_| of_hours) {
            let Some(all) = found.get(0) else { continue };
            let named: &[&str] = match (found.name("all"), found.name("work")) {
                (Some(_), _) => &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                (_, Some(_)) => &["mon", "tue", "wed", "thu", "fri"],
                _ => &["sat", "sun"],
            };
            let but = ["but", "but2"].map(|name| found.name(name).and_then(|day| When::read(day.as_str(), today)));
            let days = named.iter().filter_map(|name| When::read(name, today)).filter(|day| !but.contains(&Some(*day)));
            // "Thursday and Friday till 8, other weekdays till 5".
            let days = days.filter(|day| found.name("other").is_none() || !is_named(text, *day, today));
            self.add(all.range(), days.collect(), None);
        }
        for found in PATTERNS.when.captures_iter(text) {
            let Some(all) = found.get(0).filter(|all| !is_other_word(text, all.range())) else { continue };
            self.add(all.range(), When::read(&found["when"], today).into_iter().collect(), None);
        }
    }
}

/// True where a text names this day.
fn is_named(text: &str, day: When, today: Date) -> bool {
    PATTERNS.when.captures_iter(text).any(|found| When::read(&found["when"], today) == Some(day))
}

/// True where the number beside a month belongs to a clock time: "25 March 5:30pm" and "at 10:15 may be".
fn is_of_clock(text: &str, at: Range<usize>) -> bool {
    let starts_inside = text[..at.start].ends_with(':');
    starts_inside || text[at.start..].starts_with(char::is_alphabetic) && PATTERNS.goes_on.is_match(&text[at.end..])
}

/// "The sun" and "we sat" are no days.
fn is_other_word(text: &str, at: Range<usize>) -> bool {
    let before = text[..at.start].split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let is_short = matches!(&text[at], "sun" | "sat" | "wed" | "mon");
    is_short && OTHER_WORD_AFTER.contains(&before.as_str())
}

pub(super) fn month_number(name: &str) -> Option<i8> {
    let short: String = name.to_lowercase().chars().take(3).collect();
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    names.iter().position(|known| *known == short).and_then(|at| i8::try_from(at + 1).ok())
}
