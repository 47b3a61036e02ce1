//! A clock time, a date and a day as they are told, and when two of them can be the same.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// A clock time, as exact as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Minutes after midnight or noon, 0 to 719.
    pub(super) minute: u16,
    /// After noon; none when it was not said.
    pub(super) pm: Option<bool>,
    /// The first letter of a US zone's abbreviation; none when it was not said.
    pub(super) zone: Option<char>,
}

/// Minutes from midnight to noon.
const HALF_DAY: u16 = 12 * 60;

impl Clock {
    pub(super) fn new(hour: u16, minute: u16, pm: Option<bool>) -> Option<Self> {
        let plausible = hour < 24 && minute < 60 && !(pm.is_some() && (hour == 0 || hour > 12));
        let pm = if hour > 12 { Some(true) } else { pm.or((hour == 0).then_some(false)) };
        plausible.then_some(Self { minute: (hour % 12) * 60 + minute, pm, zone: None })
    }

    /// Minutes from this hour to the next time that a clock shows the other.
    pub(super) fn minutes_to(self, other: Self) -> u16 {
        (other.minute + HALF_DAY - self.minute) % HALF_DAY
    }

    /// This hour as a clock shows it that is so many minutes ahead.
    fn shifted(self, ahead: i32) -> Self {
        let day = i32::from(HALF_DAY) * if self.pm.is_some() { 2 } else { 1 };
        let noon = if self.pm == Some(true) { i32::from(HALF_DAY) } else { 0 };
        let minute = u16::try_from((i32::from(self.minute) + noon + ahead).rem_euclid(day)).unwrap_or_default();
        Self { minute: minute % HALF_DAY, pm: self.pm.map(|_| minute >= HALF_DAY), zone: None }
    }

    /// From noon to 1 pm, or the same by night.
    pub(super) fn is_noon(self) -> bool {
        self.minute < 60
    }

    /// From midnight to 5 am.
    fn is_of_night(self) -> bool {
        self.pm == Some(false) && self.minute < 5 * 60
    }

    /// True when nothing that was written of the two differs.
    pub(super) fn agrees(self, other: Self) -> bool {
        let same = |a: Option<char>, b: Option<char>| a.is_none() || b.is_none() || a == b;
        let half = |pm: Option<bool>| pm.map(|pm| if pm { 'p' } else { 'a' });
        self.minute == other.minute && same(half(self.pm), half(other.pm)) && same(self.zone, other.zone)
    }
}

/// A date without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    /// 1 to 12; none in "the 5th".
    pub(super) month: Option<i8>,
    pub(super) day: i8,
}

impl Day {
    pub(super) fn new(month: Option<i8>, day: i8) -> Option<Self> {
        let plausible = month.is_none_or(|month| (1..=12).contains(&month)) && (1..=31).contains(&day);
        plausible.then_some(Self { month, day })
    }

    fn of_date(date: Date) -> Self {
        Self { month: Some(date.month()), day: date.day() }
    }

    /// The next date with this number.
    pub(super) fn soonest(self, today: Date) -> Option<Date> {
        if let Some(month) = self.month {
            let of_year = |year: i16| Date::new(year, month, self.day).ok();
            return [today.year(), today.year() + 1].into_iter().filter_map(of_year).find(|date| *date >= today);
        }
        let month_on = today.checked_add(jiff::Span::new().months(1)).ok()?;
        let dates =
            [today, month_on].into_iter().filter_map(|date| Date::new(date.year(), date.month(), self.day).ok());
        dates.into_iter().find(|date| *date >= today)
    }

    /// True when the next such day after `today`, or the last one of half a year, is of this weekday.
    pub(super) fn falls_on(self, weekday: Weekday, today: Date) -> bool {
        let Some(month) = self.month else { return self.soonest(today).is_some_and(|date| date.weekday() == weekday) };
        let of_year = |year: i16| Date::new(year, month, self.day).ok();
        let years = [today.year() - 1, today.year(), today.year() + 1];
        let dates = || years.into_iter().filter_map(of_year);
        let next = dates().find(|date| *date >= today);
        let recent = |date: &Date| *date < today && today.duration_since(*date).as_hours() < HALF_YEAR_HOURS;
        next.into_iter().chain(dates().rfind(recent)).any(|date| date.weekday() == weekday)
    }

    pub(super) fn agrees(self, other: Self) -> bool {
        self.day == other.day && (self.month.is_none() || other.month.is_none() || self.month == other.month)
    }
}

const HALF_YEAR_HOURS: i64 = 183 * 24;

/// The days of a week by their first letters.
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A day as it is told beside a clock time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// "Tuesday".
    Weekday(Weekday),
    /// "tomorrow", from the day on which it was said; or a day of the calendar.
    Date(Date),
    /// "Dec 1".
    Day(Day),
}

impl When {
    pub(super) fn read(name: &str, today: Date) -> Option<Self> {
        let name = name.to_lowercase();
        if name.ends_with("day after tomorrow") {
            return today.tomorrow().and_then(Date::tomorrow).ok().map(Self::Date);
        }
        let short: String = name.chars().take(3).collect();
        match short.as_str() {
            "tod" | "ton" | "thi" => return Some(Self::Date(today)),
            "tom" => return today.tomorrow().ok().map(Self::Date),
            _ => {}
        }
        let offset = WEEK.iter().position(|known| *known == short)?;
        Weekday::from_monday_zero_offset(i8::try_from(offset).ok()?).ok().map(Self::Weekday)
    }

    /// True for a date of this weekday.
    pub(super) fn falls_on(self, weekday: Self, today: Date) -> bool {
        matches!((self, weekday), (Self::Day(day), Self::Weekday(weekday)) if day.falls_on(weekday, today))
    }

    /// The weekday that is named.
    pub(super) fn weekday(self) -> Option<Weekday> {
        match self {
            Self::Weekday(weekday) => Some(weekday),
            Self::Date(_) | Self::Day(_) => None,
        }
    }

    /// The next date of a day of the month that is told on the day `today`; anything else stays as it is.
    pub(super) fn soonest(self, today: Date) -> Self {
        match self {
            Self::Day(day) => day.soonest(today).map_or(self, Self::Date),
            Self::Weekday(_) | Self::Date(_) => self,
        }
    }

    /// The date of a day that is told on the day `today`; none where it is a date already.
    pub(super) fn next(self, today: Date) -> Option<Day> {
        match self {
            Self::Weekday(weekday) => today.nth_weekday(1, weekday).ok().map(Day::of_date),
            Self::Date(date) => Some(Day::of_date(date)),
            Self::Day(_) => None,
        }
    }

    /// The weekdays after the first up to the last, as in "Monday to Friday".
    pub(super) fn through(self, last: Self) -> Vec<Vec<Self>> {
        let (Self::Weekday(first), Self::Weekday(last)) = (self, last) else { return vec![vec![last]] };
        let mut days = Vec::new();
        let mut day = first;
        while day != last {
            day = day.next();
            days.push(vec![Self::Weekday(day)]);
        }
        days
    }

    /// True when both can be one day.
    pub(super) fn agrees(self, other: Self) -> bool {
        match (self, other) {
            (Self::Weekday(a), Self::Weekday(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            (Self::Day(a), Self::Day(b)) => a.agrees(b),
            (Self::Weekday(weekday), Self::Date(date)) | (Self::Date(date), Self::Weekday(weekday)) => {
                date.weekday() == weekday
            }
            (Self::Day(day), Self::Date(date)) | (Self::Date(date), Self::Day(day)) => day.agrees(Day::of_date(date)),
            (Self::Weekday(_), Self::Day(_)) | (Self::Day(_), Self::Weekday(_)) => false,
        }
    }
}

/// Days told in one breath: each is all that was said of one day ("Tuesday" and "Dec 1" together), one after another.
pub(super) type Days = Vec<Vec<When>>;

/// A clock time told with its day, as in "Tuesday at 10" and "Monday to Friday from 8".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) days: Days,
    pub(super) clock: Clock,
    /// The hour stands right beside the days.
    pub(super) beside: bool,
    pub(super) words: String,
}

/// The times a text spells out, each with its words.
#[derive(Debug, Default, Clone)]
pub(super) struct Said {
    pub(super) clocks: Vec<(Clock, String)>,
    pub(super) days: Vec<(Day, String)>,
    pub(super) pairs: Vec<Pair>,
    /// The first and the last hour of what goes from one to another.
    pub(super) ranges: Vec<(Clock, Clock, String)>,
    /// Days, told with a clock time or without.
    pub(super) whens: Vec<When>,
    /// Days on which something is not.
    pub(super) excepted: Vec<When>,
    /// Hours that a person's numbers of things would be: who has 12 people may be told "at 12".
    pub(super) amounts: Vec<Clock>,
}

impl Said {
    /// An instant of the calendar, as a clock in its zone shows it.
    pub(super) fn of_instant(at: Timestamp, zone: &TimeZone) -> Self {
        let local = at.to_zoned_datetime(zone.clone());
        let hour = u16::try_from(local.hour()).unwrap_or_default();
        let minute = u16::try_from(local.minute()).unwrap_or_default();
        let us = local.strftime("%Z").to_string().to_lowercase().chars().next().filter(|first| "ecmp".contains(*first));
        let clock = Clock { minute: (hour % 12) * 60 + minute, pm: Some(hour >= 12), zone: us };
        let day = Day { month: Some(local.month()), day: local.day() };
        let date = When::Date(local.date());
        Self {
            clocks: vec![(clock, String::new())],
            days: vec![(day, String::new())],
            pairs: vec![Pair { days: vec![vec![date]], clock, beside: true, words: String::new() }],
            ranges: Vec::new(),
            whens: vec![date],
            excepted: Vec::new(),
            amounts: Vec::new(),
        }
    }

    /// The same as clocks show it that are so many minutes ahead.
    pub(super) fn shifted(&self, ahead: i32) -> Self {
        let mut said = self.clone();
        let pairs = said.pairs.iter_mut().map(|pair| &mut pair.clock);
        let ranges = said.ranges.iter_mut().flat_map(|(first, last, _)| [first, last]);
        for clock in said.clocks.iter_mut().map(|(clock, _)| clock).chain(pairs).chain(ranges) {
            *clock = clock.shifted(ahead);
        }
        said
    }

    /// Leaves out the hours of the night: who answers day and night answers at 3 am.
    pub(super) fn forget_nights(&mut self) {
        self.clocks.retain(|(clock, _)| !clock.is_of_night());
        self.pairs.retain(|pair| !pair.clock.is_of_night());
    }

    /// True when this clock is told here.
    pub(super) fn tells(&self, clock: Clock) -> bool {
        self.clocks.iter().any(|(known, _)| clock.agrees(*known))
    }

    /// True when this clock is told here on this day.
    pub(super) fn pairs(&self, day: &[When], clock: Clock) -> bool {
        let on_day = |days: &Days| days.iter().any(|known| are_one(day, known));
        self.pairs.iter().any(|pair| clock.agrees(pair.clock) && on_day(&pair.days))
    }
}

/// True when all that is said of two days can be true of one.
fn are_one(told: &[When], known: &[When]) -> bool {
    let comparable =
        |a: &When, b: &When| !matches!((a, b), (When::Weekday(_), When::Day(_)) | (When::Day(_), When::Weekday(_)));
    let agree = told.iter().flat_map(|a| known.iter().map(move |b| (a, b))).filter(|(a, b)| comparable(a, b));
    let mut agree = agree.map(|(a, b)| a.agrees(*b)).peekable();
    agree.peek().is_some() && agree.all(|same| same)
}
