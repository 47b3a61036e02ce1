//! Which days and which hours of a sentence belong together.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;
use super::times_days::DayFound;
use super::times_said::{ClockFound, ZONES};
use super::times_told::Days;

struct Patterns {
    same_day: Regex,
    next_day: Regex,
    through: Regex,
    /// The hour stands with its "until".
    till: Regex,
    right_before: Regex,
    right_after: Regex,
    /// What stands between the hours of "between 1 and 5", and before them.
    both: Regex,
    between: Regex,
    excepted: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    excepted: any_case(r"\b(?:except(?: on)?|not(?: on)?|no|can'?t (?:make|do)|than|as (?:of|at))\s*(?:the\s*)?$"),
    same_day: any_case(r"^[\s,.(]*(?:the\b|of\b|de\b|el\b)?\s*$"),
    till: any_case(r"^(?:until|till)\b"),
    through: any_case(r"^\s*(?:to|through|thru|till|until|-|–)\s*$"),
    next_day: any_case(r"^[\s,.]*(?:and|or|&|y|o|e|ou|et)?\s*(?:on\b|el\b|los\b|les?\b|à|às|na\b|no\b)?\s*$"),
    right_before: any_case(
        r"^[\s,.:)(-]*(?:in the )?(?:(?:morning|afternoon|evening|night|arvo),?\s*)?(?:at|from|around|about|by|@|is|are|,|a|las?|los|das?|dos|de|the|until|till)?\s*(?:at)?\s*$",
    ),
    right_after: any_case(&format!(
        r"^\s*(?:\(?(?:{ZONES})\b\)?,?)?\s*(?:on\b|at\b|el\b|le\b)?\s*(?:(?:the|next|this|coming)\b)?\s*$"
    )),
    both: any_case(r"^\s*(?:and|y|et|e)\s*$"),
    between: any_case(r"\b(?:between|entre)\s*(?:las?|as)?\s*$"),
});

/// True for what stands between two names of one day, as in "Tue, Dec 1".
pub(super) fn is_same_day(between: &str) -> bool {
    PATTERNS.same_day.is_match(between)
}

/// Days told in one breath, where they stand.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) at: Range<usize>,
    pub(super) days: Days,
    /// It reaches over days between two that are named.
    pub(super) spans: bool,
}

/// Joins "Tue, Dec 1" to one day, and "Monday and Friday" and "Monday to Friday" to several.
pub(super) fn runs(text: &str, days: &[&DayFound]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last: Option<&DayFound> = None;
    for &day in days {
        let before = last.replace(day);
        if PATTERNS.excepted.is_match(&text[..day.at.start]) {
            last = None;
            continue;
        }
        let alone = || day.days.iter().map(|when| vec![*when]).collect::<Days>();
        let joined = before.zip(runs.last_mut()).filter(|(before, run)| run.at.end == before.at.end);
        let Some((before, run)) = joined else {
            runs.push(Run { at: day.at.clone(), days: alone(), spans: false });
            continue;
        };
        let between = &text[before.at.end.min(day.at.start)..day.at.start];
        let of_one_day = before.date.is_some() != day.date.is_some() && before.days.len() == 1;
        if of_one_day && PATTERNS.same_day.is_match(between) {
            run.days.last_mut().into_iter().for_each(|one| one.extend(&day.days));
        } else if PATTERNS.through.is_match(between) {
            let first = before.days.last().copied();
            run.spans = true;
            run.days
                .extend(first.zip(day.days.first().copied()).into_iter().flat_map(|(first, last)| first.through(last)));
        } else if PATTERNS.next_day.is_match(between) {
            run.days.extend(alone());
        } else {
            runs.push(Run { at: day.at.clone(), days: alone(), spans: false });
            continue;
        }
        run.at.end = day.at.end;
    }
    runs
}

/// Clock times told in one breath, as in "8 to 2" and "between 1 and 5".
pub(super) fn hours<'a>(text: &str, clocks: &'a [ClockFound]) -> Vec<&'a [ClockFound]> {
    let is_range = |one: &ClockFound, next: &ClockFound| {
        let between = &text[one.at.end.min(next.at.start)..next.at.start];
        let goes_till = between.trim().is_empty() && PATTERNS.till.is_match(&text[next.at.clone()]);
        goes_till
            || PATTERNS.through.is_match(between)
            || PATTERNS.both.is_match(between) && PATTERNS.between.is_match(&text[..one.at.start])
    };
    clocks.chunk_by(is_range).collect()
}

/// Each clock time with the days it belongs to, and whether it stands right beside them.
pub(super) fn of_days<'a>(
    text: &str,
    clocks: &'a [ClockFound],
    runs: &'a [Run],
) -> Vec<(&'a ClockFound, &'a Run, bool)> {
    let hours = hours(text, clocks);
    let mut found = Vec::new();
    // The last days that stand right behind their hours.
    let mut taken = None;
    for told in &hours {
        let (Some(first), Some(last)) = (told.first(), told.last()) else { continue };
        let Some((run, place)) = run_of(text, &(first.at.start..last.at.end), runs, clocks, taken) else { continue };
        if place == Place::After {
            taken = Some(run.at.start);
        }
        found.extend(told.iter().map(|clock| (clock, run, place != Place::Apart)));
    }
    found
}

/// Where hours stand to their days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    After,
    Apart,
}

/// The days that hours belong to: those right before them, those right after them, or the last that were named. Days that
/// already stand behind hours of their own, as in "9 to 5 on weekdays, 10 to 2 on Saturday", are left to those.
fn run_of<'a>(
    text: &str,
    hours: &Range<usize>,
    runs: &'a [Run],
    clocks: &[ClockFound],
    taken: Option<usize>,
) -> Option<(&'a Run, Place)> {
    let before = runs.iter().rfind(|run| run.at.end <= hours.start);
    let after = runs.iter().find(|run| run.at.start >= hours.end);
    let touches =
        |run: &Run, start: usize| run.at.end <= start && PATTERNS.right_before.is_match(&text[run.at.end..start]);
    let touches_before = before.filter(|run| touches(run, hours.start));
    let touches_after = after.filter(|run| PATTERNS.right_after.is_match(&text[hours.end..run.at.start]));
    let has_own = |run: &&Run| touches_after.is_some() && taken == Some(run.at.start);
    // "As you finish at 4, Tuesday at 5:30 could work".
    let is_taken = |run: &&Run| {
        text[hours.end..run.at.start].contains(',') && clocks.iter().any(|other| touches(run, other.at.start))
    };
    let after = after.filter(|run| !is_taken(run));
    let before_them = touches_before.filter(|run| !has_own(run)).map(|run| (run, Place::Before));
    let beside = before_them.or_else(|| touches_after.map(|run| (run, Place::After)));
    beside.or_else(|| before.or(after).map(|run| (run, Place::Apart)))
}
