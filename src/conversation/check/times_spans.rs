//! Spans that are told without a clock, as in "next week" and "in March": does anything stand behind them?

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;

use super::denial::refuses_all;
use super::figures::in_figures;
use super::known::{facts, ours};
use super::pattern::{any_case, exact};
use super::statements::{Sentence, clauses, content, sentences, shared};
use super::times::Sources;
use super::times_days::month_number;
use super::times_said::without_times;
use super::times_told::{Said, When};
use super::working_days::days_of_weeks;

struct Patterns {
    /// Days and spans that are told without a clock, as in "next week" and "in March".
    vague: Regex,
    /// How long such a span is.
    length: Regex,
    many_weeks: Regex,
    /// A day with its number.
    dated: Regex,
    /// A month that is named without a day.
    month: Regex,
    /// A question about the lead's own plans.
    plans: Regex,
    /// What the lead would do with us.
    joint: Regex,
    /// What a slot for talking is not for.
    deed: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let months = "january|february|march|april|may|june|july|august|september|october|november|december";
    Patterns {
        vague: any_case(&format!(
            r"\b(?:(?:this|next|the coming|over the|on the) (?:weekend|week|month)(?P<whose>['\u{{2019}}]s \p{{L}}+)?|(?:in|within) (?:a|a couple(?: of)?|a few) (?:minutes?|days?|weeks?|months?|hours?)|in (?:\d+) (?:minutes?|days?|weeks?|months?|hours?)(?P<range> to \d)?|(?:in|until|by|before|after|starting|from) (?:{months}|spring|summer|fall|autumn|winter|the spring|the summer|the fall)|(?:early|mid|late|end of|beginning of)[- ](?:{months}|next week|this week|next month)|within (?:the|an|1) (?:hour|day|week|month)|by (?:the )?end of (?:the )?(?:day|week|month)|in (?:an|1) hour|(?:takes|lasts|(?:it's|it is) (?:usually|about|around|roughly)) (?:an?|1|a couple(?: of)?|a few) (?:hours?|days?|weeks?|months?|years?)|^(?:(?:just|only|about|around|usually|maybe) )*(?:a couple(?: of)?|a few) (?:hours|days|weeks|months|years)|(?:around|at|over|after) lunch(?:time)?|first thing|lunchtime)\b"
        )),
        length: any_case(r"\b(?:a couple(?: of)?|an?|\d+) (?:minutes?|hours?|days?|weeks?|months?|years?)$"),
        many_weeks: any_case(r"\b(?P<many>\d{1,2}) weeks?\b"),
        dated: any_case(r"\d/\d|\b(?:the )?\d{1,2}(?:st|nd|rd|th)\b|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b"),
        month: exact(
            r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b(?P<asks> (?:I|we|you)\b)?",
        ),
        plans: any_case(
            r"^(?:and |so )?(?:are you|were you|do you|did you|have you|is there|is (?:it|that|this)|does (?:it|that)|(?:do|does|did|is|are|was|were|has|have) your|any (?:day|time|morning|afternoon|evening|weekday|weekend)|when|how soon|what|which|how (?:many|much|often|long|soon|big|old|far)|¿?(?:piensa|quiere|tiene|busca|espera|cuándo)|(?:prévoyez|souhaitez)-vous)\b",
        ),
        deed: any_case(r"\b(?:install\w*|deliver\w*|start\w*|begin\w*|finish\w*|ship\w*|mov(?:e|ing) in|ready|done)\b"),
        joint: any_case(
            r"\b(?:come|coming|meet|talk|call|visit|stop|join|chat|book|drop|free|available|see|open|we|us|our)\b",
        ),
    }
});

/// Spans, and others that are as long.
const AS_LONG: &[(&str, &[&str])] = &[
    ("1 hour", &["60 minutes", "60-minute", "60 min", "hour-long", "hourlong"]),
    ("1 day", &["24 hours", "24-hour"]),
    ("1 week", &["7 days", "7-day"]),
    ("1 month", &["30 days", "30-day", "4 weeks"]),
];

const SEASONS: &[&str] = &["spring", "summer", "fall", "autumn", "winter"];

impl Sources<'_> {
    /// The first span of a sentence that no source holds.
    pub(super) fn unknown_span(&self, sentence: Sentence<'_>, reply: &Said, today: Date) -> Option<String> {
        if sentence.asks && PATTERNS.plans.is_match(sentence.text) && !PATTERNS.joint.is_match(sentence.text) {
            return None;
        }
        let undated = without_times(sentence.text);
        // "The 8:30 is there if you'd rather talk first thing", or "first thing? I have 8:30".
        let has_clock = !reply.clocks.is_empty() || sentence.asks && !self.told.clocks.is_empty();
        let months = PATTERNS.month.captures_iter(&undated).filter(|found| found.name("asks").is_none());
        PATTERNS
            .vague
            .captures_iter(&undated)
            .filter(|found| found.name("range").is_none() && found.name("whose").is_none())
            .chain(months)
            .map(|found| found[0].to_lowercase())
            .filter(|span| !(is_refused(sentence.text, span) || has_clock && span == "first thing"))
            .find(|span| {
                let is_asked = sentence.asks && !PATTERNS.deed.is_match(sentence.text) && self.has_slot_in(span, today);
                !is_asked && !self.is_said(span) && !self.is_told(span, sentence, today)
            })
    }

    /// True for a span that other words of data stand behind: "in 10 weeks" where something takes 10 weeks, "this week" of a
    /// day that is offered, and lunchtime where noon is.
    fn is_told(&self, span: &str, sentence: Sentence<'_>, today: Date) -> bool {
        let (sentence, asks) = (sentence.text, sentence.asks);
        let length = PATTERNS.length.find(span).map(|found| {
            let length = found.as_str().replace("a couple of ", "2 ").replace("a couple ", "2 ");
            length.replacen("a ", "1 ", 1).replacen("an ", "1 ", 1)
        });
        if let Some(length) = length.filter(|length| length.starts_with(|c: char| c.is_ascii_digit())) {
            let one = length.trim_end_matches('s');
            let is_as_long =
                |(long, others): &(&str, &[&str])| *long == one && others.iter().any(|other| self.is_said(other));
            let working = |(_, days): (u64, u64)| one == format!("{} week", days / 7);
            return AS_LONG.iter().any(is_as_long)
                || self.texts().flat_map(days_of_weeks).any(working)
                || self.is_said(one)
                || self.is_said(&one.replacen(' ', "-", 1))
                || self.is_said_without_unit(span);
        }
        let month = span.rsplit(' ').next().unwrap_or_default();
        if PATTERNS.month.is_match(&capitalised(month)) {
            // "Not what you need in June" tells no more than what month it is.
            let is_now = month_number(month) == Some(today.month());
            let is_claimed = PATTERNS.deed.is_match(sentence) || PATTERNS.joint.is_match(sentence);
            return is_now && !is_claimed
                || self.is_said(month)
                || self.is_said_in_short(month)
                || self.is_noted_of(month, sentence)
                || asks && months_reached(sentence, today).any(|reached| month_number(month) == Some(reached));
        }
        if SEASONS.contains(&month) {
            return self.is_said(month) || self.is_noted(month);
        }
        let is_week = span.ends_with("this week") || span.ends_with("next week");
        let at_noon = |said: &Said| said.clocks.iter().any(|(clock, _)| clock.pm == Some(true) && clock.minute < 60);
        is_week && (PATTERNS.dated.is_match(sentence) || self.is_week_of_lead(span, sentence, today))
            || span == "lunchtime" && self.calendar.iter().any(at_noon)
    }

    /// True where a slot lies in the week that a question names: "shall we find a day next week?"
    fn has_slot_in(&self, span: &str, today: Date) -> bool {
        let is_in_it = |when: &When| matches!(when, When::Date(date) if is_in_week(*date, span, today));
        self.calendar.iter().flat_map(|said| &said.whens).any(is_in_it)
    }

    /// "With your wrenches going out this week", of whom the lead said that they go on Friday.
    fn is_week_of_lead(&self, span: &str, sentence: &str, today: Date) -> bool {
        let clause = clauses(sentence).into_iter().find(|clause| clause.to_lowercase().contains(span));
        let is_ours = clause.is_none_or(|clause| PATTERNS.joint.is_match(clause) || PATTERNS.deed.is_match(clause));
        let mut days = self.people.iter().flat_map(|said| &said.days).filter_map(|(day, _)| day.soonest(today));
        !is_ours && days.any(|date| is_in_week(date, span, today))
    }

    /// "Will it be quiet by June, when your inspector comes?": what Close knows of the lead has the month and another word.
    fn is_noted_of(&self, month: &str, sentence: &str) -> bool {
        let words = content(&sentence.to_lowercase().replace(month, " "));
        facts(self.candidate).any(|fact| fact.to_lowercase().contains(month) && shared(&words, &content(fact)) > 0)
    }

    /// "In 2 days" of "new units ship in 5 days, used ones in 2".
    fn is_said_without_unit(&self, span: &str) -> bool {
        let Some((length, unit)) = span.rsplit_once(' ') else { return false };
        let unit = unit.trim_end_matches('s');
        let has_both = |text: &str| {
            sentences(text).iter().any(|sentence| {
                let sentence = sentence.text.to_lowercase();
                sentence.contains(unit) && sentence.split(',').any(|part| part.trim_end().ends_with(length))
            })
        };
        self.texts().any(|source| has_both(&in_figures(source)))
    }

    /// True when Close knows something of the lead in these words, or we wrote of it.
    fn is_noted(&self, words: &str) -> bool {
        let mut noted = facts(self.candidate).chain(ours(self.candidate));
        noted.any(|fact| fact.to_lowercase().contains(words))
    }

    /// "Dec 15" tells of December.
    fn is_said_in_short(&self, month: &str) -> bool {
        let short = month.get(..3).unwrap_or(month);
        let is_short = |word: &str| word.eq_ignore_ascii_case(short);
        self.texts().any(|source| source.split(|c: char| !c.is_alphabetic()).any(is_short))
    }

    /// True when a person or a passage has these words, in lower case.
    fn is_said(&self, words: &str) -> bool {
        self.texts().any(|source| in_figures(source).to_lowercase().contains(words))
    }
}

/// True for a date of this week or the next, whichever is told.
fn is_in_week(date: Date, span: &str, today: Date) -> bool {
    let on = match span {
        "this week" => 0,
        "next week" => 1,
        _ => return false,
    };
    today.checked_add(on.weeks()).is_ok_and(|day| day.iso_week_date().week() == date.iso_week_date().week())
}

/// The months in which ends what lasts so long from today: "three weeks out, so shall we say February?"
fn months_reached(sentence: &str, today: Date) -> impl Iterator<Item = i8> {
    let long = PATTERNS.many_weeks.captures_iter(sentence).filter_map(|found| found["many"].parse::<i64>().ok());
    // Nobody asks for the very day.
    long.flat_map(|weeks| [weeks, weeks + 2])
        .filter_map(move |weeks| today.checked_add(weeks.weeks()).ok())
        .map(Date::month)
}

/// "I can't say it'll be here next week" tells of no week.
fn is_refused(sentence: &str, span: &str) -> bool {
    clauses(sentence).into_iter().any(|clause| clause.to_lowercase().contains(span) && refuses_all(clause))
}

/// A word with a capital letter.
fn capitalised(word: &str) -> String {
    word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect()
}
