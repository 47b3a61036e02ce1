//! Which words of a sentence are said of a number: how far they reach to both sides.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;
use super::statements::clauses;

/// Where a question begins.
static ASKS: LazyLock<Regex> =
    LazyLock::new(|| any_case(r"^(?:would|does|do|is|are|will|could|can) (?:that|it|this|they|those|these|you)\b"));

/// What a price is paid for, right behind it.
static OF_IT: LazyLock<Regex> =
    LazyLock::new(|| any_case(r"^ (?:de|del|d[aeo]s?|du|des|por|pour|para|pel[ao]s?) (?:\p{L}+ )?\p{L}+"));

/// The number before one; where a bracket was closed between them, the one before that bracket: "Family (two adults, three
/// children under 16) $98".
pub(super) fn before_brackets<'a>(text: &str, spans: &'a [Range<usize>], at: usize) -> Option<&'a Range<usize>> {
    let before = spans.get(at.checked_sub(1)?)?;
    let closes = text[before.end..spans[at].start].starts_with(')');
    let opened =
        text[..before.start].rfind('(').filter(|_| closes && text[before.end + 1..spans[at].start].trim().is_empty());
    opened.map_or(Some(before), |opened| spans.iter().rfind(|span| span.end <= opened))
}

/// The words of a number reach to the numbers before and after it; those between two numbers are parted where a clause
/// begins.
pub(super) fn around(text: &str, before: usize, after: usize, number: &Range<usize>) -> (usize, usize) {
    let begins = |from: usize, to: usize| {
        // "Plus $69 a month (gym floor and classes)": what stands in brackets is said of the number before them.
        let opens = text[from..to].find('(').filter(|at| clauses(&text[from..from + at]).len() < 2);
        let closes = opens.and_then(|at| text[from + at..to].find(')').map(|end| from + at + end + 1));
        let from = closes.unwrap_or(from);
        let between = &text[from..to];
        let starts = clauses(between).into_iter().map(|clause| clause.as_ptr() as usize - between.as_ptr() as usize);
        let is_later = |start: &usize| closes.is_some() || !between[..*start].trim().is_empty();
        starts.into_iter().find(is_later).map(|start| from + start)
    };
    // "£46 in the centre or £39 online": what stands before the "or" is said of the price before it.
    let is_price = text[number.start..number.end].starts_with(['$', '€', '£'])
        || text[number.start..number.end].ends_with(['$', '€', '£'])
        || text[number.start..number.end].to_lowercase().starts_with("r$");
    let joint = if before > 0 { text[before..number.start].trim_end() } else { "" };
    // "1.850 € del implante y 1.100 € de la corona": what it is paid for stands behind each.
    let has_own = || OF_IT.is_match(&text[number.end..]);
    let is_next = [" y", " e", " et", " o", " ou"].iter().any(|and| joint.ends_with(and));
    let is_other_price = is_price && (joint.ends_with(" or") || is_next && has_own());
    let from = if before == 0 {
        0
    } else if is_other_price {
        number.start
    } else {
        begins(before, number.start).unwrap_or(before)
    };
    let to = if after == text.len() { after } else { begins(number.end, after).unwrap_or(after) };
    (from, to)
}

/// "The package costs $24 for one person and $29 for a couple": what stands before numbers of which each has a "for" of its own is
/// said of all of them.
pub(super) fn listed<'a>(text: &'a str, numbers: &[Range<usize>]) -> &'a str {
    let has_for = |number: &Range<usize>| text[number.end..].trim_start().to_lowercase().starts_with("for ");
    let are_listed = numbers.len() > 1 && numbers.iter().all(has_for);
    numbers.first().filter(|_| are_listed).map_or("", |first| &text[..first.start])
}

/// The part of a clause between the commas on both sides of a number.
pub(super) fn beside<'a>(text: &'a str, clause: Range<usize>, number: &Range<usize>) -> &'a str {
    let from = text[clause.start..number.start].rfind([',', ':', '(']).map_or(clause.start, |at| clause.start + at + 1);
    let to = text[number.end..clause.end].find([',', ')']).map_or(clause.end, |at| number.end + at);
    &text[from..to]
}

/// Words on each side of a number that are its closest.
const CLOSE: usize = 4;

pub(super) fn close(before: &str, after: &str) -> String {
    let mut words: Vec<&str> = before.split_whitespace().rev().take(CLOSE).collect();
    words.extend(after.split_whitespace().take(CLOSE));
    words.join(" ")
}

/// True for a number with this behind it that is told before a question: "the deck holds 12, would that do?".
pub(super) fn asks_after(rest: &str) -> bool {
    let mut clauses = clauses(rest).into_iter().skip(usize::from(!rest.trim_start().starts_with(',')));
    clauses.any(|clause| ASKS.is_match(clause))
}
