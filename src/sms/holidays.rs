//! The eleven federal holidays of the US (5 U.S.C. 6103), with the days on which they are observed.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// True on a federal holiday and on the weekday that stands in for one on a weekend.
#[must_use]
pub fn is_federal_holiday(day: Date) -> bool {
    // A New Year's Day on a Saturday is observed on 31 December.
    [day.year(), day.year().saturating_add(1)].into_iter().any(|year| {
        fixed(year).into_iter().any(|holiday| day == holiday || observed(holiday) == Some(day))
            || floating(year).into_iter().flatten().any(|holiday| day == holiday)
    })
}

/// New Year's Day, Juneteenth, Independence Day, Veterans Day and Christmas.
fn fixed(year: i16) -> Vec<Date> {
    [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]
        .into_iter()
        .filter_map(|(month, day)| Date::new(year, month, day).ok())
        .collect()
}

/// Martin Luther King Jr., Washington, Memorial, Labor, Columbus and Thanksgiving Day.
fn floating(year: i16) -> [Option<Date>; 6] {
    let nth = |month, nth, weekday| {
        let first = Date::new(year, month, 1).ok()?;
        first.nth_weekday_of_month(nth, weekday).ok()
    };
    [
        nth(1, 3, Weekday::Monday),
        nth(2, 3, Weekday::Monday),
        nth(5, -1, Weekday::Monday),
        nth(9, 1, Weekday::Monday),
        nth(10, 2, Weekday::Monday),
        nth(11, 4, Weekday::Thursday),
    ]
}

/// The Friday before a Saturday, the Monday after a Sunday.
fn observed(holiday: Date) -> Option<Date> {
    match holiday.weekday() {
        Weekday::Saturday => holiday.checked_sub(1.day()).ok(),
        Weekday::Sunday => holiday.checked_add(1.day()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_published_holidays_of_2026_are_known() {
        // https://www.opm.gov/policy-data-oversight/pay-leave/federal-holidays/
        let expected = [
            date(2026, 1, 1),
            date(2026, 1, 19),
            date(2026, 2, 16),
            date(2026, 5, 25),
            date(2026, 6, 19),
            date(2026, 7, 3),
            date(2026, 7, 4),
            date(2026, 9, 7),
            date(2026, 10, 12),
            date(2026, 11, 11),
            date(2026, 11, 26),
            date(2026, 12, 25),
        ];
        let found: Vec<Date> =
            date(2026, 1, 1).series(1.day()).take(365).filter(|day| is_federal_holiday(*day)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_holiday_on_a_weekend_takes_the_nearest_weekday_too() {
        assert!(is_federal_holiday(date(2027, 12, 31)), "New Year's Day 2028 is a Saturday");
        assert!(is_federal_holiday(date(2022, 6, 20)), "Juneteenth 2022 was a Sunday");
        assert!(!is_federal_holiday(date(2026, 12, 31)));
    }
}
