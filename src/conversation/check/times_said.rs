//! Finds the clock times, dates and weekdays that a text spells out, and which belong together.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::amounts::WHOLE;
use super::counted::counted;
use super::pattern::any_case;
use super::statements::sentences;
use super::times_paired::{hours, is_same_day, of_days, runs};
use super::times_told::{Clock, Day, Pair, Said, When};

const MONTHS: &str = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

const WEEKDAYS: &str = r"mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:s|nesdays?)?|thu(?:r(?:s(?:days?)?)?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?";

const NOW: &str = r"today|tonight|(?:the )?day after tomorrow|this (?:morning|afternoon|evening)|tomorrow";

/// The zones of the United States, short and by their names, and those of the British Isles.
pub(super) const ZONES: &str = "[ecmp](?:[sd]?t|astern|entral|ountain|acific)|gmt|bst";

/// What may follow the hour in "at 9": anything else makes it a number of something.
const AFTER_HOUR: &str = r"(?:\s*(?:$|[!?;)…]|[,.:-](?:\s|$))|\s+(?:on|or|and|sharp|works?|work|might|may|should|looks?|sounds?|your|for|with|if|so|then|you|we|it|is|was|would|as|still|though|latest|in|open|after|before|to\s+[a-z]+|too|also|instead|suits?|fits?|good|ok|that|when|but|because|right|every|each|does|do|be|will|could|have|next|this|the|at|until|till|y|o|e|ou|de|para|está|le|les)\b)";

/// After these, "sun" and "sat" are no days.
const OTHER_WORD_AFTER: &[&str] = &[
    "the", "full", "direct", "in", "of", "some", "more", "much", "enough", "get", "gets", "i", "we", "it", "you",
    "they", "he", "she", "has", "have", "just", "newly",
];

struct Patterns {
    link: Regex,
    clock: Regex,
    range: Regex,
    month_first: Regex,
    day_first: Regex,
    /// "6 to 8 April".
    listed: Regex,
    /// "July 1-7".
    month_range: Regex,
    /// A day of which there is nothing to offer.
    nothing_before: Regex,
    nothing_after: Regex,
    numeric: Regex,
    of_weekday: Regex,
    ordinal: Regex,
    /// "The 1st and 16th".
    next_ordinal: Regex,
    /// "The 1st and 3rd Thursday".
    of_month: Regex,
    /// What a number behind a weekday counts: then it is no date.
    unit: Regex,
    /// "From week 3 to 8".
    no_hour: Regex,
    when: Regex,
    week: Regex,
    of_hours: Regex,
    /// Days that tell of hours where two stand beside them: "weekdays 9 to 5".
    of_week: Regex,
    /// What is said of a firm's hours.
    opens: Regex,
    closed: Regex,
    closed_after: Regex,
    /// "Fermé le dimanche, sauf d'avril à août": such a day has hours of its own.
    but_for: Regex,
    /// What joins a closed day to another one.
    and_next: Regex,
    number: Regex,
    /// What follows an amount.
    of_amount: Regex,
    /// What makes a clock time of the number before it.
    goes_on: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let zone = |name: &str| format!(r"(?:\s*\(?(?P<{name}>[ecmp])(?:[sd]?t|astern|entral|ountain|acific)\b)?");
    let (z1, z2, z3) = (zone("z1"), zone("z2"), zone("z3"));
    // What follows the second hour of "6 to 6 Pacific" and of "between 1 and 5".
    let after_range = format!(
        r"(?:\s*[ap]\.?m\b|{AFTER_HOUR}|\s+(?:{WEEKDAYS}|week ?days|weekends|daily|every)\b|\s*\(?(?:{ZONES})\b)"
    );
    Patterns {
        link: any_case(r"\S+://\S+|\b[\w-]+(?:\.[\w-]+)+/\S*"),
        clock: any_case(&format!(
            r"\b(?P<h1>\d{{1,2}})(?:[:.](?P<m1>\d{{2}}))?(?:\s*(?P<ap1>[ap])\.?\s?m\b|(?P<ap2>[ap])\b)\.?{z1}|\b(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)\b{z2}|\b(?P<word>noon|midday|midnight)\b|(?:\b(?:at|around|until|till|by)|@)\s*(?P<h3>\d{{1,2}}){z3}(?P<after>{AFTER_HOUR}|\s+(?:{WEEKDAYS}|{NOW})\b)|\bfrom\s+(?P<h7>\d{{1,2}})(?P<till>\s+(?:until|till)\s+[a-z]|\s+(?:on\s+)?(?:{WEEKDAYS}|week ?days|weekends|daily)\b)|\b(?P<h4>\d{{1,2}})\s?o'?clock\b|\b(?P<h6>\d{{1,2}})h(?P<m6>\d{{2}})\b"
        )),
        range: any_case(&format!(
            r"\b(?P<h1>\d{{1,2}})(?:[:.](?P<m1>\d{{2}}))?\s*(?:-|–|to|till|until)\s*(?P<h2>\d{{1,2}})(?:[:.](?P<m2>\d{{2}}))?{after_range}|\b(?:between|entre) (?P<h4>\d{{1,2}})(?:[:.](?P<m4>\d{{2}}))? (?:and|y|e|et) (?P<h5>\d{{1,2}})(?:[:.](?P<m5>\d{{2}}))?{after_range}|\b(?P<h3>\d{{1,2}})(?:[:.](?P<m3>\d{{2}}))?\s*(?:-|–|to|till|until)\s*(?:noon|midday|midnight)\b|\b(?:noon|midday|midnight)\s*(?:-|–|to|till|until)\s*(?P<h6>\d{{1,2}})(?:[:.](?P<m6>\d{{2}}))?{after_range}"
        )),
        month_first: any_case(&format!(r"\b(?P<month>{MONTHS})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b")),
        listed: any_case(&format!(
            r"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:-|–|\band|\bor|\bto|&|\by|\be|\bet|\bou|\bo)\s*(?:the |el |le )?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTHS})\b"
        )),
        month_range: any_case(&format!(
            r"\b(?P<month>{MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\s*(?:-|–|to|through|thru)\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b"
        )),
        nothing_before: any_case(
            r"\b(?:(?:don'?t|do not|doesn'?t) have (?:anything|any (?:slots?|times?|openings?))|haven'?t (?:got )?(?:anything|any (?:slots?|times?|openings?))|nothing|no (?:slots?|openings?|times?|spots?|appointments?))(?: (?:left|free|open|available))?(?: on| for| this| until)? $",
        ),
        nothing_after: any_case(
            r"^ (?:no (?:te |le |les |os )?(?:puedo|podemos|tengo|tenemos|hay)|não (?:tenho|temos|há|consigo|dá))\b",
        ),
        day_first: any_case(&format!(
            r"\b(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTHS})\b"
        )),
        numeric: any_case(r"\b(?:\d{4}-(?P<m1>\d{2})-(?P<d1>\d{2})|(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?:/\d{2,4})?)\b"),
        of_weekday: any_case(&format!(
            r"\b(?:{WEEKDAYS}),?\s+(?:the\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?|(?P<bare>\d{{1,2}})(?:st|nd|rd|th)|(?P<late>1[3-9]|2\d|3[01]))\b"
        )),
        ordinal: any_case(&format!(
            r"\bthe (?P<day>\d{{1,2}})(?:st|nd|rd|th)(?P<after>{AFTER_HOUR}|\s+(?:around|suit)|\s+of\s+(?:each|every|the)\s+month)"
        )),
        next_ordinal: any_case(r"\bthe \d{1,2}(?:st|nd|rd|th)\s*(?:,|and|or|&)\s*(?P<day>\d{1,2})(?:st|nd|rd|th)\b"),
        of_month: any_case(&format!(
            r"^\s*(?:(?:,|and|or|&)\s*(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)\s+)?(?:{WEEKDAYS})\b"
        )),
        unit: any_case(
            r"^(?::|%|[€$£]|[.,]\d|\s*(?:[ap]\.?m|h|hs|hrs?|hours?|years?|months?|weeks?|days?|min(?:ute)?s?|people|percent|euros?|dollars?|pounds?)\b)",
        ),
        no_hour: any_case(
            r"\b(?:weeks?|days?|modules?|lessons?|levels?|grades?|months?|years?|pages?|units?|chapters?|steps?|sessions?) $|\b(?:children|kids|students|pupils|adults|teens|people|riders|ages|aged|guests)(?: aged)?(?: from)? $",
        ),
        when: any_case(&format!(r"\b(?P<when>{WEEKDAYS}|{NOW})\b")),
        week: any_case(
            r"\b(?P<all>every ?day|daily|any day)(?:,? (?:but|except|other than|apart from)(?: for)? (?P<but>\w+days?)(?: (?:and|or|&) (?P<but2>\w+days?))?)?\b|\b(?P<other>other )?(?P<work>week ?days|(?:(?:every|each) )?week ?nights?|(?:every|each) week ?day)\b|\b(?P<end>weekends)\b",
        ),
        of_hours: any_case(&format!(
            r"\b(?:open|opens|closed?|closes|shuts?|hours|hrs|until|till|from)\b|\b(?:{WEEKDAYS})\b|\d\s?[ap]\.?m\b|\d:\d\d"
        )),
        opens: any_case(r"\b(?:open|opens|closed?|closes|shuts?|hours|available|staffed|answer(?:s|ed)?)\b"),
        of_week: any_case(&format!(
            r"\b(?:week ?days?|weekends|(?:any|every) ?day|daily)\b|\d\s(?:{ZONES})\b|\b(?:starts?|arrives?|comes?|windows?)\b[^.!?]*\bbetween \d{{1,2}} and \d{{1,2}}\b"
        )),
        closed: any_case(
            r"\b(?:closed(?: on)?|shut(?: on)?|(?:not|isn'?t|aren'?t) open(?: on)?|(?:don'?t|do not|never) (?:work|open|clean|deliver|operate|visit|travel|go out|come out|do|do \w+)(?: on)?|\b(?:we|they|he|she) (?:don'?t|do not|doesn'?t|never) \w+(?: \w+)? on|cerrad[oa]s? (?:el|los)?|cerramos (?:el|los)|no abrimos (?:el|los)?|fermée?s? (?:le|les)?|ferme (?:le|les)|fechad[oa]s? (?:ao|aos|no|on)?|fechamos (?:ao|aos|no|on)|não abrimos (?:ao|aos|no|on))\s*(?:the\s*)?$",
        ),
        closed_after: any_case(
            r"^(?:,? (?:and|or|&|y|o|e|ou|et) (?:on |le |el |los )?(?:\w+days?|feriados?|festivos|jours fériés))?,? (?:(?:we'?re |we are |is |are |it'?s )(?:always )?(?:closed|shut)|(?:sí |también )?(?:descans(?:amos|an|a)|cierran?|cerrado|cerramos(?: tod[oa]\b|\s*[.,;!?)]|\s*$))|no (?:abrimos|salimos|trabajamos|atendemos|vamos|hacemos)|está(?:mos)? cerrad[oa]s?|não (?:abr|atend)\w+|fechado|fechamos(?:\s*[.,;!?)]|\s*$)|estamos fechados|(?:c.est |on est |nous sommes )?fermés?|(?:est|sont) (?:fermés?|chômés?))(?:\b|\s|$)",
        ),
        and_next: any_case(r"^ (?:and|&|n|y|e|et) (?:on |el |los |le |les |ao |aos )?$"),
        but_for: any_case(r"^,? (?:sauf|salvo|exceto|excepto)\b"),
        number: any_case(r"\b(?P<h>\d{1,2}?)(?P<m>[0-5]\d)?\b"),
        of_amount: any_case(
            r"^(?:[-\s]?(?:hours?|hrs?|min(?:ute)?s?|days?|weeks?|months?|years?|yrs?|k|kw|km|kg|lbs?|ft|sq|miles?|bucks|dollars?|euros?|percent|people|guys|kids|of us)\b|\s?[%$€£]|[.,]\d|[-–x/]\d)",
        ),
        goes_on: any_case(r"^(?::\d\d|h\d\d|\s?[ap]\.?m\b)"),
    }
});

impl Patterns {
    /// The days that share the month of another one, and where they stand.
    fn listed(&self, text: &str) -> Vec<(Range<usize>, Day)> {
        let day = |found: Captures<'_>| {
            let at = found.name("day")?;
            Some((at.range(), Day::new(month(&found["month"]), at.as_str().parse().ok()?)?))
        };
        // "2 or 3 may do" are no dates.
        self.listed.captures_iter(text).filter(|found| &found["month"] != "may").filter_map(day).collect()
    }

    /// The last days of "July 1-7".
    fn last_of_range(&self, text: &str) -> Vec<(Range<usize>, Day)> {
        let day = |found: Captures<'_>| {
            let at = found.name("day").filter(|day| !self.unit.is_match(&text[day.end()..]))?;
            Some((at.range(), Day::new(month(&found["month"]), at.as_str().parse().ok()?)?))
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

/// A clock time where it stands in a text.
#[derive(Debug, Clone)]
pub(super) struct ClockFound {
    pub(super) at: Range<usize>,
    pub(super) clock: Clock,
}

impl Said {
    /// What a text written on the day `today` spells out. Links are no words.
    pub(super) fn read(text: &str, today: Date) -> Self {
        let text = PATTERNS.link.replace_all(text, " ");
        let mut said = Self::default();
        for sentence in sentences(&text) {
            said.read_sentence(sentence.text, today);
        }
        said
    }

    fn read_sentence(&mut self, text: &str, today: Date) {
        let (days, clocks) = (days(text, Some(today)), clocks(text));
        let words = |at: &Range<usize>| text[at.clone()].trim().to_owned();
        self.days.extend(days.iter().filter_map(|found| Some((found.date?, words(&found.at)))));
        let is_closed = |found: &DayFound| {
            let (before, after) = (&text[..found.at.start], &text[found.at.end..]);
            PATTERNS.closed.is_match(before) && !PATTERNS.but_for.is_match(after)
                || PATTERNS.closed_after.is_match(after)
        };
        let (mut closed, mut named): (Vec<&DayFound>, Vec<&DayFound>) = (Vec::new(), Vec::new());
        for found in &days {
            // "Fermé le dimanche et le lundi".
            let is_next = closed.last().is_some_and(|last| {
                let between = &text[last.at.end.min(found.at.start)..found.at.start];
                let is_its_date = found.date.is_some() && last.date.is_none() && is_same_day(between);
                is_its_date || PATTERNS.and_next.is_match(between)
            });
            let has_nothing = PATTERNS.nothing_before.is_match(&text[..found.at.start])
                || PATTERNS.nothing_after.is_match(&text[found.at.end..]);
            if is_next || is_closed(found) {
                closed.push(found);
            } else if !has_nothing {
                named.push(found);
            }
        }
        self.excepted.extend(closed.iter().flat_map(|found| found.days.iter().copied()));
        self.clocks.extend(clocks.iter().map(|found| (found.clock, words(&found.at))));
        let runs = runs(text, &named);
        let of_days = of_days(text, &clocks, &runs);
        // "Saturday at 11 is open if weekdays are tough": a whole week of days counts with its hours only.
        let has_hours = |found: &&&DayFound| {
            let mut beside = of_days.iter().filter(|(_, _, beside)| *beside).map(|(_, run, _)| &run.at);
            beside.any(|at| overlaps(at, &found.at)) || clocks.is_empty() && PATTERNS.opens.is_match(text)
        };
        let counted = named.iter().filter(|found| found.days.len() == 1 || has_hours(found));
        self.whens.extend(counted.flat_map(|found| found.days.iter().copied()));
        self.whens.extend(runs.iter().filter(|run| run.spans).flat_map(|run| run.days.iter().flatten().copied()));
        self.ranges.extend(hours(text, &clocks).into_iter().filter_map(|told| match told {
            [first, last] => Some((first.clock, last.clock, words(&(first.at.start..last.at.end)))),
            _ => None,
        }));
        for (found, run, beside) in of_days {
            let at = run.at.start.min(found.at.start)..run.at.end.max(found.at.end);
            self.pairs.push(Pair { days: run.days.clone(), clock: found.clock, beside, words: words(&at) });
        }
    }

    /// What a person's text of the day `today` may mean: in "3 works" and "330?" the numbers are times too, and "Friday" is
    /// the date of the next one.
    pub(super) fn of_person(text: &str, today: Date) -> Self {
        let mut said = Self::read(text, today);
        // The 19 of "19 September" is no hour.
        let undated = without_dates(text);
        for found in PATTERNS.number.captures_iter(&undated) {
            let minute = found.name("m").map_or(Some(0), |minute| minute.as_str().parse().ok());
            let hour = found["h"].parse().ok();
            let Some(clock) = hour.zip(minute).and_then(|(hour, minute)| Clock::new(hour, minute, None)) else {
                continue;
            };
            if found.get(0).is_some_and(|all| is_amount(&undated, all)) {
                said.amounts.push(clock);
            } else {
                said.clocks.push((clock, found[0].to_owned()));
            }
        }
        said.days.extend(said.whens.iter().filter_map(|when| Some((when.next(today)?, String::new()))));
        said
    }
}

/// True for a number that counts, measures or pays something, and is no hour: "20 hours a week", "2 floors", "$9".
fn is_amount(text: &str, found: regex::Match<'_>) -> bool {
    let (before, after) = (&text[..found.start()], &text[found.end()..]);
    before.ends_with(['$', '€', '£', '#', '.', ',']) && !before.ends_with(", ")
        || PATTERNS.of_amount.is_match(after)
        || counted(after, WHOLE.saturating_mul(FIRST_OF_DAY.into())).is_some()
}

/// The text with its clock times and dates taken out.
pub(super) fn without_times(text: &str) -> String {
    let mut spans = dates(text);
    spans.extend(clocks(text).into_iter().map(|found| found.at));
    spans.sort_by_key(|span| span.start);
    without(text, spans)
}

fn without_dates(text: &str) -> String {
    without(text, dates(text))
}

/// Where a text names a day of the month.
fn dates(text: &str) -> Vec<Range<usize>> {
    days(text, None).into_iter().filter(|found| found.date.is_some()).map(|found| found.at).collect()
}

fn without(text: &str, spans: Vec<Range<usize>>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), 0);
    for span in spans.into_iter().filter(|span| !span.is_empty()) {
        if span.start >= rest {
            out.push_str(&text[rest..span.start]);
            out.push_str(" ; ");
            rest = span.end;
        }
    }
    out.push_str(&text[rest..]);
    out
}

fn overlaps(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

fn clocks(text: &str) -> Vec<ClockFound> {
    let dates = dates(text);
    let mut found: Vec<ClockFound> = Vec::new();
    let mut add = |clock: Option<Clock>, at: Range<usize>| {
        let is_new =
            !dates.iter().any(|date| overlaps(date, &at)) && !found.iter().any(|known| overlaps(&known.at, &at));
        if let Some(clock) = clock.filter(|_| is_new) {
            found.push(ClockFound { at, clock });
        }
    };
    for captures in PATTERNS.clock.captures_iter(text) {
        let Some((clock, at)) = clock(&captures) else { continue };
        add(Some(clock), at);
    }
    if PATTERNS.of_hours.is_match(text) || PATTERNS.of_week.is_match(text) {
        let is_of_hours =
            |found: &Captures<'_>| found.get(0).is_none_or(|all| !PATTERNS.no_hour.is_match(&text[..all.start()]));
        for captures in PATTERNS.range.captures_iter(text).filter(is_of_hours) {
            let crosses_noon = crosses_noon(&captures, text);
            for (hour, minute) in [("h1", "m1"), ("h2", "m2"), ("h3", "m3"), ("h4", "m4"), ("h5", "m5"), ("h6", "m6")] {
                let Some(hour) = captures.name(hour) else { continue };
                let minute = captures.name(minute);
                let end = minute.map_or(hour.end(), |minute| minute.end());
                let minute = minute.map_or(Some(0), |minute| minute.as_str().parse().ok());
                let of_day: Option<u16> = hour.as_str().parse().ok();
                let pm = crosses_noon.then(|| of_day.is_some_and(|hour| hour < FIRST_OF_DAY));
                add(minute.zip(of_day).and_then(|(minute, hour)| Clock::new(hour, minute, pm)), hour.start()..end);
            }
        }
    }
    found.sort_by_key(|found| found.at.start);
    found
}

/// The first hour that opens a day in "9 to 5": what is before it closes one.
const FIRST_OF_DAY: u16 = 7;

/// "9 to 5" goes from the morning to the afternoon.
fn crosses_noon(found: &Captures<'_>, text: &str) -> bool {
    let hour = |names: [&str; 2]| names.into_iter().find_map(|name| found.name(name));
    let (Some(first), Some(last)) = (hour(["h1", "h4"]), hour(["h2", "h5"])) else { return false };
    let is_before_noon = text[last.end()..].trim_start_matches([' ', ':', '0', '3']).to_lowercase().starts_with('a');
    let value = |hour: regex::Match<'_>| hour.as_str().parse::<u16>().unwrap_or_default();
    (FIRST_OF_DAY..12).contains(&value(first)) && (1..FIRST_OF_DAY).contains(&value(last)) && !is_before_noon
}

/// A clock time and where it stands.
fn clock(found: &Captures<'_>) -> Option<(Clock, Range<usize>)> {
    let all = found.get(0)?;
    if let Some(word) = found.name("word") {
        let pm = !word.as_str().eq_ignore_ascii_case("midnight");
        return Some((Clock { minute: 0, pm: Some(pm), zone: None }, all.range()));
    }
    let first = |names: &[&str]| names.iter().find_map(|name| found.name(name));
    let hour = first(&["h1", "h2", "h3", "h4", "h6", "h7"])?;
    let minute = first(&["m1", "m2", "m6"]).map_or(Some(0), |minute| minute.as_str().parse().ok())?;
    let pm = first(&["ap1", "ap2"]).map(|half| half.as_str().eq_ignore_ascii_case("p"));
    let mut clock = Clock::new(hour.as_str().parse().ok()?, minute, pm)?;
    clock.zone = first(&["z1", "z2", "z3"]).and_then(|zone| zone.as_str().to_lowercase().chars().next());
    let end = first(&["after", "till"]).map_or(all.end(), |after| after.start());
    Some((clock, all.start()..end))
}

/// The days of a text. Without `today` the names of days are left out.
fn days(text: &str, today: Option<Date>) -> Vec<DayFound> {
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
            date(all.range(), found["day"].parse().ok().and_then(|day| Day::new(month(&found["month"]), day)));
        }
        for (at, day) in PATTERNS.last_of_range(text).into_iter().chain(PATTERNS.listed(text)) {
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
        let of_hours =
            PATTERNS.of_hours.is_match(text) || PATTERNS.of_week.is_match(text) && PATTERNS.range.is_match(text);
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

fn month(name: &str) -> Option<i8> {
    let short: String = name.to_lowercase().chars().take(3).collect();
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    names.iter().position(|known| *known == short).and_then(|at| i8::try_from(at + 1).ok())
}
