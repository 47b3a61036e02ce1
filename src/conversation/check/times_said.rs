//! Finds the clock times that a text spells out, and which days they belong to.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::amounts::WHOLE;
use super::counted::counted;
use super::pattern::any_case;
use super::statements::sentences;
use super::times_days::{DayFound, NOW, WEEKDAYS, dates, days};
use super::times_paired::{hours, is_same_day, of_days, runs};
use super::times_told::{Clock, Pair, Said};

/// The zones of the United States, short and by their names, and those of the British Isles.
pub(super) const ZONES: &str = "[ecmp](?:[sd]?t|astern|entral|ountain|acific)|gmt|bst";

/// What may follow the hour in "at 9": anything else makes it a number of something.
pub(super) const AFTER_HOUR: &str = r"(?:\s*(?:$|[!?;)…]|[,.:-](?:\s|$))|\s+(?:on|or|and|sharp|works?|work|might|may|should|looks?|sounds?|your|for|with|if|so|then|you|we|it|is|was|would|as|still|though|latest|in|open|after|before|to\s+[a-z]+|too|also|instead|suits?|fits?|good|ok|that|when|but|because|right|every|each|does|do|be|will|could|have|next|this|the|at|until|till|y|o|e|ou|de|para|está|le|les)\b)";

struct Patterns {
    link: Regex,
    clock: Regex,
    range: Regex,
    /// A day of which there is nothing to offer.
    nothing_before: Regex,
    nothing_after: Regex,
    /// "From week 3 to 8".
    no_hour: Regex,
    /// "12 to 16 weeks".
    of_spans: Regex,
    /// Of which days hours are told.
    of_opening: Regex,
    of_hours: Regex,
    /// Days that tell of hours where two stand beside them: "weekdays 9 to 5".
    of_week: Regex,
    /// What is said of a firm's hours.
    opens: Regex,
    closed: Regex,
    closed_after: Regex,
    /// "No Saturday nights": on such days nothing is, whatever times are left.
    no: Regex,
    no_after: Regex,
    /// "Fermé le dimanche, sauf d'avril à août": such a day has hours of its own.
    but_for: Regex,
    /// What joins a closed day to another one.
    and_next: Regex,
    number: Regex,
    /// What follows an amount.
    of_amount: Regex,
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
        nothing_before: any_case(
            r"\b(?:(?:don'?t|do not|doesn'?t) have (?:anything|any (?:slots?|times?|openings?))|haven'?t (?:got )?(?:anything|any (?:slots?|times?|openings?))|nothing|no (?:slots?|openings?|times?|spots?|appointments?))(?: (?:left|free|open|available))?(?: on| for| this| until)? $",
        ),
        nothing_after: any_case(
            r"^ (?:no (?:te |le |les |os )?(?:puedo|podemos|tengo|tenemos|hay)|não (?:tenho|temos|há|consigo|dá))\b",
        ),
        no_hour: any_case(
            r"\b(?:weeks?|days?|modules?|lessons?|levels?|grades?|months?|years?|pages?|units?|chapters?|steps?|sessions?) $|\b(?:children|kids|students|pupils|adults|teens|people|riders|beginners|learners|players|singers|boys|girls|toddlers|ages|aged|guests)(?: aged)?(?: from)? $",
        ),
        of_spans: any_case(
            r"\b\d{1,3}(?: [a-z]+)? ?(?:to|or|-|–) ?\d{1,3}[ -](?:(?:business|working|school) )?(?:days?|weeks?|months?|years?|yrs?|minutes?|mins?)\b",
        ),
        of_opening: any_case(&format!(
            r"\b(?:open|opens|closed?|closes|shuts?|office|available|hours|{WEEKDAYS}|week ?days?|weekends|every ?day|daily)\b"
        )),
        of_hours: any_case(&format!(
            r"\b(?:open|opens|closed?|closes|shuts?|hours|hrs|until|till|from)\b|\b(?:{WEEKDAYS})\b|\d\s?[ap]\.?m\b|\d:\d\d"
        )),
        opens: any_case(r"\b(?:open|opens|closed?|closes|shuts?|hours|available|staffed|answer(?:s|ed)?)\b"),
        of_week: any_case(&format!(
            r"\b(?:week ?days?|weekends|(?:any|every) ?day|daily)\b|\d\s(?:{ZONES})\b|\b(?:starts?|arrives?|comes?|windows?)\b[^.!?]*\bbetween \d{{1,2}} and \d{{1,2}}\b"
        )),
        closed: any_case(
            r"\b(?:closed(?: on)?|shut(?: on)?|(?:not|isn'?t|aren'?t) open(?: on)?|(?:don'?t|do not|never) (?:work|open|clean|deliver|operate|visit|travel|go out|come out|do|do \w+)(?: on)?|\b(?:we|they|he|she) (?:don'?t|do not|doesn'?t|never) \w+(?: \w+)? on|cerrad[oa]s? (?:el|los)?|cerramos (?:el|los)|no abrimos (?:el|los)?|fermée?s? (?:le|les)?|ferme (?:le|les)|fechad[oa]s? (?:ao|aos|no|on)?|fechamos (?:ao|aos|no|on)|não abrimos (?:ao|aos|no|on)|(?:we|they|crew|guys)(?:'?re| are|'s| is) off(?: on)?|(?:can'?t|cannot|couldn'?t) \w+(?: \w+)? on an?)\s*(?:the\s*)?$",
        ),
        closed_after: any_case(
            r"^(?:,? (?:and|or|&|y|o|e|ou|et) (?:on |le |el |los )?(?:\w+days?|feriados?|festivos|jours fériés))?,? (?:(?:we'?re |we are |is |are |it'?s )(?:always )?(?:closed|shut)|(?:sí |también )?(?:descans(?:amos|an|a)|cierran?|cerrado|cerramos(?: tod[oa]\b|\s*[.,;!?)]|\s*$))|no (?:abrimos|salimos|trabajamos|atendemos|vamos|hacemos)|está(?:mos)? cerrad[oa]s?|não (?:abr|atend)\w+|fechado|fechamos(?:\s*[.,;!?)]|\s*$)|estamos fechados|(?:c.est |on est |nous sommes )?fermés?|(?:est|sont) (?:fermés?|chômés?))(?:\b|\s|$)",
        ),
        no: any_case(r"\bno $"),
        no_after: any_case(
            r"^(?: (?:nights?|evenings?|mornings?|work|service|deliver\w+|visits|hours|lessons|classes)\b|(?: or | nor )\w+ (?:work|service|nights?)\b|\s*(?:[.,;!)]|$))",
        ),
        and_next: any_case(r"^ (?:and|or|nor|&|n|y|e|et) (?:on |el |los |le |les |ao |aos )?$"),
        but_for: any_case(r"^,? (?:sauf|salvo|exceto|excepto)\b"),
        number: any_case(r"\b(?P<h>\d{1,2}?)(?P<m>[0-5]\d)?\b"),
        of_amount: any_case(
            r"^(?:[-\s]?(?:hours?|hrs?|min(?:ute)?s?|days?|weeks?|months?|years?|yrs?|k|kw|km|kg|lbs?|ft|sq|miles?|bucks|dollars?|euros?|percent|people|guys|kids|of us)\b|\s?[%$€£]|[.,]\d|[-–x/]\d)",
        ),
    }
});

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
        let (days, mut clocks) = (days(text, Some(today)), clocks(text));
        tell_mornings(text, &mut clocks);
        let words = |at: &Range<usize>| text[at.clone()].trim().to_owned();
        self.days.extend(days.iter().filter_map(|found| Some((found.date?, words(&found.at)))));
        let is_closed = |found: &DayFound| {
            let (before, after) = (&text[..found.at.start], &text[found.at.end..]);
            let is_plural = text[found.at.clone()].ends_with('s');
            PATTERNS.closed.is_match(before) && !PATTERNS.but_for.is_match(after)
                || PATTERNS.closed_after.is_match(after)
                || PATTERNS.no.is_match(before) && (is_plural || PATTERNS.no_after.is_match(after))
        };
        let (mut closed, mut named): (Vec<&DayFound>, Vec<&DayFound>) = (Vec::new(), Vec::new());
        for found in &days {
            // "Fermé le dimanche et le lundi".
            let is_next = closed.last().is_some_and(|last| {
                let between = &text[last.at.end.min(found.at.start)..found.at.start];
                let is_its_date = found.date.is_some() && last.date.is_none() && is_same_day(between);
                let is_listed = found.date.is_some() && last.date.is_some() && between == ", ";
                is_its_date || is_listed || PATTERNS.and_next.is_match(between)
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

/// The 8 of "8 to 18" is in the morning: who counts to 24 says 20 for the other.
fn tell_mornings(text: &str, clocks: &mut [ClockFound]) {
    let counts_on = |found: &ClockFound| {
        let digits = text[found.at.clone()].trim_start_matches(|c: char| !c.is_ascii_digit());
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse::<u16>().is_ok_and(|hour| hour > 12)
    };
    let ranges: Vec<usize> = hours(text, clocks).iter().map(|told| told.len()).collect();
    let mut rest = clocks;
    for many in ranges {
        let (told, after) = std::mem::take(&mut rest).split_at_mut(many);
        if let [first, last] = told
            && first.clock.pm.is_none()
            && counts_on(last)
        {
            first.clock.pm = Some(first.clock.is_noon());
        }
        rest = after;
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

pub(super) fn overlaps(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// True where a text tells when something is open: only there are "weekends" and "every day" days with hours.
pub(super) fn tells_hours(text: &str) -> bool {
    PATTERNS.of_hours.is_match(text) || PATTERNS.of_week.is_match(text) && PATTERNS.range.is_match(text)
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
        let Some((clock, at)) = clock(&captures, text).filter(|(_, at)| !is_measure(text, at)) else { continue };
        add(Some(clock), at);
    }
    if PATTERNS.of_hours.is_match(text) || PATTERNS.of_week.is_match(text) {
        // "Gunite takes 12 to 16 weeks and fiberglass 5 to 7".
        let of_spans = PATTERNS.of_spans.is_match(text) && !PATTERNS.of_opening.is_match(text);
        let is_of_hours = |found: &Captures<'_>| {
            !of_spans && found.get(0).is_none_or(|all| !PATTERNS.no_hour.is_match(&text[..all.start()]))
        };
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

/// "3 by 3" tells how wide something is.
fn is_measure(text: &str, at: &Range<usize>) -> bool {
    let before = text[..at.start].strip_suffix(' ').unwrap_or_default();
    text[at.clone()].to_lowercase().starts_with("by ") && before.ends_with(|c: char| c.is_ascii_digit())
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
fn clock(found: &Captures<'_>, text: &str) -> Option<(Clock, Range<usize>)> {
    let all = found.get(0)?;
    if let Some(word) = found.name("word") {
        let pm = !word.as_str().eq_ignore_ascii_case("midnight");
        return Some((Clock { minute: 0, pm: Some(pm), zone: None }, all.range()));
    }
    let first = |names: &[&str]| names.iter().find_map(|name| found.name(name));
    let hour = first(&["h1", "h2", "h3", "h4", "h6", "h7"])?;
    let minute = first(&["m1", "m2", "m6"]).map_or(Some(0), |minute| minute.as_str().parse().ok())?;
    let pm = first(&["ap1", "ap2"]).map(|half| half.as_str().eq_ignore_ascii_case("p"));
    let hour = hour.as_str().parse().ok()?;
    // "At 20 you'd be on the standard rate".
    if found.name("h3").is_some() && hour > 12 && !PATTERNS.of_hours.is_match(text) {
        return None;
    }
    let mut clock = Clock::new(hour, minute, pm)?;
    clock.zone = first(&["z1", "z2", "z3"]).and_then(|zone| zone.as_str().to_lowercase().chars().next());
    let end = first(&["after", "till"]).map_or(all.end(), |after| after.start());
    Some((clock, all.start()..end))
}
