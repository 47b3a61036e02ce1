//! Puts numbers written in words into figures, so that "half past three" and "twenty percent" are read like any other.

use std::sync::LazyLock;

use regex::{Captures, Regex};

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

struct Patterns {
    idioms: Vec<(Regex, &'static str)>,
    past: Regex,
    run: Regex,
    lone_one: Regex,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compile = |pattern: &str| Regex::new(&format!("(?i){pattern}")).expect("constant pattern");
    let word = WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
    Patterns {
        idioms: vec![
            (compile(r"\bhalf an hour\b"), "30 minutes"),
            (compile(r"\b(?:an|one) hour and a half\b"), "90 minutes"),
            (compile(r"\b(?:a|one) grand\b"), "1000 dollars"),
            (compile(r"\b(?:a|one) dozen\b"), "12"),
            (compile(r"\b(?:a|one) hundred\b"), "100"),
            (compile(r"\b(?:a|one) thousand\b"), "1000"),
            (compile(r"\b(?:a|one) million\b"), "1000000"),
            (compile(r"\b(?:a|an) (hour|year|week) (?:from|later)\b"), "1 $1"),
        ],
        past: compile(&format!(r"\b(?P<how>half|quarter) (?P<way>past|to|till|after) (?P<hour>{word}|\d{{1,2}})\b")),
        run: compile(&format!(
            r"\b(?:{word}|hundred|thousand|million|grand)(?:(?:[ -]|,? and )(?:{word}|hundred|thousand|million|grand))*\b"
        )),
        lone_one: compile(
            r"^[ -](?:hours?|minutes?|days?|weeks?|months?|years?|percent|dollars?|bucks|euros?|pounds?|users?|o'?clock|pm|am|thirty|fifteen)\b",
        ),
    }
});

/// The text with its number words in figures.
pub(super) fn in_figures(text: &str) -> String {
    let mut out = text.to_owned();
    for (pattern, figures) in &PATTERNS.idioms {
        out = pattern.replace_all(&out, *figures).into_owned();
    }
    let out = PATTERNS.past.replace_all(&out, clock).into_owned();
    let mut written = String::with_capacity(out.len());
    let mut rest = 0;
    for run in PATTERNS.run.find_iter(&out) {
        written.push_str(&out[rest..run.start()]);
        rest = run.end();
        written.push_str(&figures(run.as_str(), &out[..run.start()], &out[run.end()..]));
    }
    written.push_str(&out[rest..]);
    written
}

/// "half past three" as `3:30`, "quarter to five" as `4:45`.
fn clock(found: &Captures<'_>) -> String {
    let hour = value(&found["hour"]).unwrap_or_default();
    let minutes = match found["how"].to_lowercase().as_str() {
        "half" => 30,
        _ => 15,
    };
    let after = matches!(found["way"].to_lowercase().as_str(), "past" | "after");
    if !(1..=12).contains(&hour) || minutes >= 60 {
        return found[0].to_owned();
    }
    if after {
        return format!("{hour}:{minutes:02}");
    }
    format!("{}:{:02}", if hour == 1 { 12 } else { hour - 1 }, 60 - minutes)
}

fn value(word: &str) -> Option<u64> {
    let word = word.to_lowercase();
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).or_else(|| word.parse().ok())
}

fn figures(run: &str, before: &str, after: &str) -> String {
    let words: Vec<String> =
        run.split([' ', '-', ',']).map(str::to_lowercase).filter(|word| !word.is_empty()).collect();
    if let [one] = words.as_slice()
        && one == "one"
        && !PATTERNS.lone_one.is_match(after)
        && before.split_whitespace().next_back().is_none_or(|word| !word.eq_ignore_ascii_case("at"))
    {
        return run.to_owned();
    }
    if let [hour, minute] = words.as_slice()
        && let (Some(hour @ 1..=12), Some(minute @ (15 | 20 | 30 | 40 | 45 | 50))) = (value(hour), value(minute))
    {
        return format!("{hour}:{minute}");
    }
    let (mut total, mut part) = (0_u64, 0_u64);
    for word in &words {
        match word.as_str() {
            "and" => {}
            "hundred" => part = part.max(1).saturating_mul(100),
            "thousand" | "grand" => {
                total = total.saturating_add(part.max(1).saturating_mul(1_000));
                part = 0;
            }
            "million" => {
                total = total.saturating_add(part.max(1).saturating_mul(1_000_000));
                part = 0;
            }
            word => part = part.saturating_add(value(word).unwrap_or_default()),
        }
    }
    let money = if words.iter().any(|word| word == "grand") { " dollars" } else { "" };
    format!("{}{money}", total.saturating_add(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_figures() {
        for (words, expected) in [
            ("half past three", "3:30"),
            ("quarter to five", "4:45"),
            ("ten thirty", "10:30"),
            ("at nine", "at 9"),
            ("at one", "at 1"),
            ("twenty percent", "20 percent"),
            ("fifty thousand dollars", "50000 dollars"),
            ("two hundred and fifty", "250"),
            ("fifty-nine a month", "59 a month"),
            ("half an hour", "30 minutes"),
            ("a grand", "1000 dollars"),
            ("within one hour", "within 1 hour"),
            ("which one, the second one of ours", "which one, the second one of ours"),
            ("someone often mentioned attention", "someone often mentioned attention"),
        ] {
            assert_eq!(in_figures(words), expected, "{words}");
        }
    }
}
