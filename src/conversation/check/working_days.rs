//! Working days told as weeks, and weeks as working days: ten business days are two weeks.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::pattern::any_case;

/// Working days of a week.
const OF_WEEK: u64 = 5;

static WORKING: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?P<many>\d{1,3}|five|ten|fifteen|twenty|twenty[- ]five|thirty)[ -](?:business|working|week|school)[ -]?days?\b",
    )
});

fn many(found: &Captures<'_>) -> Option<u64> {
    let many = found["many"].to_lowercase().replace(' ', "-");
    Some(match many.as_str() {
        "five" => 5,
        "ten" => 10,
        "fifteen" => 15,
        "twenty" => 20,
        "twenty-five" => 25,
        "thirty" => 30,
        figures => figures.parse().ok()?,
    })
}

/// The text with weeks for its working days, where they make whole weeks.
pub(super) fn in_weeks(text: &str) -> Option<String> {
    let told = |found: &Captures<'_>| match many(found).filter(|days| *days > 0 && days.is_multiple_of(OF_WEEK)) {
        Some(days) => format!("{} weeks", days / OF_WEEK),
        None => found[0].to_owned(),
    };
    WORKING.is_match(text).then(|| WORKING.replace_all(text, told).into_owned())
}

/// The working days of a text that make whole weeks, each with the days of those weeks.
pub(super) fn days_of_weeks(text: &str) -> impl Iterator<Item = (u64, u64)> {
    let whole = |days: &u64| *days > 0 && days.is_multiple_of(OF_WEEK);
    WORKING.captures_iter(text).filter_map(|found| many(&found)).filter(whole).map(|days| (days, days / OF_WEEK * 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_working_days_are_two_weeks() {
        assert_eq!(in_weeks("Ten business days after it.").as_deref(), Some("2 weeks after it."));
        assert_eq!(in_weeks("Within 7 business days.").as_deref(), Some("Within 7 business days."));
        assert_eq!(in_weeks("A 20-day notice."), None);
        assert_eq!(days_of_weeks("15 working days or 4 business days").collect::<Vec<_>>(), [(15, 21)]);
    }
}
