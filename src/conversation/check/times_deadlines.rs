//! "You can cancel up to 16 August" where what begins on 30 August may be cancelled 14 days before: the day follows from both.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;

use super::figures::in_figures;
use super::known::given;
use super::pattern::any_case;
use super::times::Sources;
use super::times_told::Day;

/// So long before something.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?P<many>\d{1,3})[ -](?P<unit>day|week|hour)s?\b(?:\s\p{L}+){0,2}?\s(?:before|ahead|prior|in advance|out|antes|avant|à l.avance|d.avance|de antelación|de anticipación|de antecedência|de aviso)\b",
    )
});

/// The last day for something.
static DEADLINE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:by|until|till|up to|no later than|latest|deadline|last day|mark|hasta|até|jusqu.au|avant|antes|au plus tard|a más tardar|(?:o |el )?(?:más|mais) tardar|último dia|último día|dernier jour|límite|limite|prazo|plazo|délai)\b",
    )
});

impl Sources<'_> {
    /// True for the last day of a sentence, where a known day lies so many days after it as are known to count.
    pub(super) fn is_deadline(&self, day: Day, sentence: &str, today: Date) -> bool {
        let Some(last) = day.month.and_then(|_| day.soonest(today)) else { return false };
        let days = given(self.candidate).flat_map(|text| days_before(&in_figures(text)));
        let mut named = days.filter_map(|days| last.checked_add(days.days()).ok());
        let known = || self.named_days().filter(|known| known.month.is_some()).filter_map(|day| day.soonest(today));
        DEADLINE.is_match(sentence) && named.any(|date| known().any(|known| known == date))
    }
}

fn days_before(text: &str) -> Vec<i64> {
    let days = |found: regex::Captures<'_>| {
        let many: i64 = found["many"].parse().ok()?;
        Some(match found["unit"].to_lowercase().as_str() {
            "week" => many * 7,
            "hour" => many / 24,
            _ => many,
        })
    };
    BEFORE.captures_iter(text).filter_map(days).collect()
}
