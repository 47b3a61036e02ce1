//! Holidays: the eleven federal ones of the US (5 U.S.C. 6103) with the days on which they are observed, and those that
//! states keep beside them.

use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// A day of every year, as rules write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Holiday {
    /// `08-30`: month and day.
    Fixed(i8, i8),
    /// `4th Monday 04`: the first to fifth weekday of a month; `last Monday 05`.
    Nth(i8, Weekday, i8),
    /// `Easter-47`: days after Easter Sunday of the western churches; before it when negative.
    Easter(i8),
}

/// A holiday that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a holiday; write it as \"08-30\", \"4th Monday 04\", \"last Monday 05\" or \"Easter-2\"")]
pub struct HolidayError(String);

impl Holiday {
    /// The day itself in a year; none when the year has no such day.
    #[must_use]
    pub fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => Date::new(year, month, day).ok(),
            Self::Nth(nth, weekday, month) => Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok(),
            Self::Easter(days) => easter(year)?.checked_add(i64::from(days).days()).ok(),
        }
    }

    /// True on the holiday and on the weekday that stands in for one of a fixed date on a weekend.
    #[must_use]
    pub fn is_on(self, day: Date) -> bool {
        // A New Year's Day on a Saturday is observed on 31 December.
        [day.year(), day.year().saturating_add(1)].into_iter().any(|year| {
            let Some(holiday) = self.in_year(year) else { return false };
            day == holiday || matches!(self, Self::Fixed(..)) && observed(holiday) == Some(day)
        })
    }
}

impl FromStr for Holiday {
    type Err = HolidayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let read = || match parts.as_slice() {
            [nth, weekday, month] => {
                let nth = match ["1st", "2nd", "3rd", "4th", "5th"].iter().zip(1..).find(|(word, _)| *word == nth) {
                    Some((_, nth)) => nth,
                    None if *nth == "last" => -1,
                    None => return None,
                };
                Some(Self::Nth(nth, weekday_named(weekday)?, month.parse().ok().filter(|m| (1..=12).contains(m))?))
            }
            [one] if one.starts_with("Easter") => {
                let days = &one["Easter".len()..];
                Some(Self::Easter(if days.is_empty() { 0 } else { days.parse().ok()? }))
            }
            [one] => {
                let (month, day) = one.split_once('-')?;
                let (month, day) = (month.parse().ok()?, day.parse().ok()?);
                // A leap year has every day there is.
                Date::new(2028, month, day).ok().map(|_| Self::Fixed(month, day))
            }
            _ => None,
        };
        read().ok_or_else(|| HolidayError(text.to_owned()))
    }
}

impl TryFrom<String> for Holiday {
    type Error = HolidayError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Holiday> for String {
    fn from(holiday: Holiday) -> Self {
        match holiday {
            Holiday::Fixed(month, day) => format!("{month:02}-{day:02}"),
            Holiday::Nth(nth, weekday, month) => {
                let nth = ["1st", "2nd", "3rd", "4th", "5th"].get(usize::try_from(nth - 1).unwrap_or(usize::MAX));
                format!("{} {weekday:?} {month:02}", nth.unwrap_or(&"last"))
            }
            Holiday::Easter(0) => "Easter".to_owned(),
            Holiday::Easter(days) => format!("Easter{days:+}"),
        }
    }
}

fn weekday_named(name: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("Monday", Weekday::Monday),
        ("Tuesday", Weekday::Tuesday),
        ("Wednesday", Weekday::Wednesday),
        ("Thursday", Weekday::Thursday),
        ("Friday", Weekday::Friday),
        ("Saturday", Weekday::Saturday),
        ("Sunday", Weekday::Sunday),
    ];
    DAYS.iter().find(|(known, _)| *known == name).map(|(_, weekday)| *weekday)
}

/// Easter Sunday by the Gregorian rule, as Gauss's method with Lichtenberg's corrections reckons it, in days of March.
fn easter(year: i16) -> Option<Date> {
    let number = i32::from(year);
    let century = number / 100;
    let leap_days_left_out = (3 * century + 3) / 4;
    let moon = 15 + leap_days_left_out - (8 * century + 13) / 25;
    let golden = number % 19;
    let seed = (19 * golden + moon) % 30;
    let full_moon = 21 + seed - (seed + golden / 11) / 29;
    let first_sunday = 7 - (number + number / 4 + 2 - leap_days_left_out) % 7;
    let sunday = full_moon + 7 - (full_moon - first_sunday) % 7;
    Date::new(year, 3, 1).ok()?.checked_add(i64::from(sunday - 1).days()).ok()
}

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
    fn holidays_of_states_are_read_written_and_found() {
        for (written, days) in [
            ("08-30", [date(2026, 8, 30), date(2027, 8, 30), date(2028, 8, 30)]),
            ("4th Monday 04", [date(2026, 4, 27), date(2027, 4, 26), date(2028, 4, 24)]),
            ("last Monday 05", [date(2026, 5, 25), date(2027, 5, 31), date(2028, 5, 29)]),
            // https://www.census.gov/data/software/x13as/genhol/easter-dates.html
            ("Easter", [date(2026, 4, 5), date(2027, 3, 28), date(2028, 4, 16)]),
            ("Easter-2", [date(2026, 4, 3), date(2027, 3, 26), date(2028, 4, 14)]),
            ("Easter-47", [date(2026, 2, 17), date(2027, 2, 9), date(2028, 2, 29)]),
        ] {
            let holiday: Holiday = written.parse().expect(written);
            assert_eq!(String::from(holiday), written);
            for day in days {
                assert!(holiday.is_on(day) && holiday.in_year(day.year()) == Some(day), "{written}: {day}");
            }
        }
        let friday: Holiday = "01-08".parse().expect("a date");
        assert!(friday.is_on(date(2028, 1, 7)) && !friday.is_on(date(2028, 1, 10)), "8 January 2028 is a Saturday");
        for wrong in ["", "30-08", "6th Monday 04", "4th Montag 04", "4th Monday 13", "Easter-x", "Christmas"] {
            assert!(wrong.parse::<Holiday>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_holiday_on_a_weekend_takes_the_nearest_weekday_too() {
        assert!(is_federal_holiday(date(2027, 12, 31)), "New Year's Day 2028 is a Saturday");
        assert!(is_federal_holiday(date(2022, 6, 20)), "Juneteenth 2022 was a Sunday");
        assert!(!is_federal_holiday(date(2026, 12, 31)));
    }
}
