//! When one number may stand behind another: kinds that fit, spans as long, pairs that are told together.

use super::amounts::{Kind, Number, Rounded, Unit, WHOLE, same_currency};
use super::statements::{shared, stem};

const MINUTES_OF_DAY: u64 = 24 * 60;

/// Days that a month has where somebody counts in days.
const DAYS_OF_MONTH: u64 = 30;

/// In thousandths of months, and of days.
const MONTH_AND_A_HALF: u64 = 1_500;
const SIX_WEEKS: u64 = 42_000;

/// How far a rounded number may be off, in percent of itself.
const ROUNDED_PERCENT: u64 = 5;

/// [`ROUNDED_PERCENT`] of a span: "under an hour" for 50 minutes.
const ROUNDED_SPAN_PERCENT: u64 = 20;

/// Numbers that are years when they stand bare, in thousandths.
const YEARS: std::ops::RangeInclusive<u64> = 1_800_000..=2_099_000;

/// Days of a fortnight and of a week, as they are counted with both ends: "quinze jours" are two weeks, "ocho días" one.
const BOTH_ENDS: [(u64, u64); 2] = [(15_000, 14_000), (8_000, 7_000)];

/// What is paid month by month.
const PARTS: [&str; 4] = ["parts", "payments", "instalments", "installments"];

/// True for an amount that may be a year.
pub(super) fn is_year(amount: u64) -> bool {
    YEARS.contains(&amount)
}

impl Kind {
    /// True when a number of this kind may repeat a known one of that kind: "30%" is not known because of "30 kW", nor
    /// "500 miles" because of "$500". "390" may be "$390".
    pub(super) fn fits(&self, known: &Self) -> bool {
        match (self, known) {
            (Self::Money(one), Self::Money(other)) => same_currency(*one, *other),
            (Self::Count(_), Self::Count(_) | Self::Bare) | (Self::Bare, Self::Money(_) | Self::Count(_)) => true,
            (one, other) => one == other,
        }
    }
}

impl Number {
    /// True when both are as long: two days are 48 hours, and two months are told as 60 days.
    pub(super) fn is_as_long(&self, known: &Self) -> bool {
        let minutes = |number: &Self| match number.kind {
            Kind::Span(Unit::Minute) => Some(number.value),
            Kind::Span(Unit::Day) => number.value.checked_mul(MINUTES_OF_DAY),
            Kind::Span(Unit::Month) => number.value.checked_mul(DAYS_OF_MONTH * MINUTES_OF_DAY),
            _ => None,
        };
        minutes(self).is_some() && minutes(self) == minutes(known)
            || self.is_six_weeks(known)
            || known.is_six_weeks(self)
    }

    /// A month and a half for six weeks.
    fn is_six_weeks(&self, known: &Self) -> bool {
        self.kind == Kind::Span(Unit::Month)
            && self.value == MONTH_AND_A_HALF
            && known.kind == Kind::Span(Unit::Day)
            && known.value == SIX_WEEKS
    }

    /// "Quinze jours" for two weeks, in the languages that say so.
    pub(super) fn is_as_many_weeks(&self, known: &Self) -> bool {
        let counts_ends = self.language.or(known.language).is_some_and(|language| language != "English");
        let are_days = [self, known].iter().all(|number| number.kind == Kind::Span(Unit::Day));
        let is_same = |days: u64, weeks: u64| BOTH_ENDS.contains(&(days, weeks));
        counts_ends && are_days && (is_same(self.value, known.value) || is_same(known.value, self.value))
    }

    /// True when this is the other, rounded as it says: "just under 16 grand" for $15,900.
    pub(super) fn is_rounded_from(&self, known: &Self) -> bool {
        let Some(rounded) = self.rounded else { return false };
        let is_span = matches!(self.kind, Kind::Span(_));
        let percent = if is_span { ROUNDED_SPAN_PERCENT } else { ROUNDED_PERCENT };
        let off = known.value.abs_diff(self.value).saturating_mul(100) <= self.value.saturating_mul(percent);
        let that_way = match rounded {
            Rounded::Under => known.value < self.value,
            Rounded::Over => known.value > self.value,
            // Spans and counts are made up in round numbers that lie beside true ones.
            Rounded::About => matches!(self.kind, Kind::Money(_)),
        };
        let is_of_it = shared(&self.clause, &known.clause) > 0;
        off && that_way && is_of_it && self.kind.fits(&known.kind) && self.is_round()
    }

    /// True when this may be the other told without its unit: "once someone passes 40 in the week" of 40 hours a week.
    pub(super) fn is_span_without_unit(&self, known: &Self) -> bool {
        let is_span = matches!(known.kind, Kind::Span(_));
        self.kind == Kind::Bare && is_span && known.value == self.value.saturating_mul(known.factor)
    }

    /// No more than two digits that tell.
    fn is_round(&self) -> bool {
        let mut value = self.value / self.factor.max(1);
        while value.is_multiple_of(10) && value > 0 {
            value /= 10;
        }
        value < 100
    }

    /// True when what is told as a span stands bare behind one of its unit: "the visit takes 30 minutes and the call 20".
    pub(super) fn is_told_beside(&self, known: &Self) -> bool {
        let unit = known.span_too.filter(|_| known.kind == Kind::Bare);
        unit.is_some_and(|unit| self.kind == Kind::Span(unit)) && self.value == known.value.saturating_mul(known.factor)
    }

    /// True for a price that is told without its unit: "four-fifty" for $4.50 and "oak is seventy-five" for 75 cents.
    pub(super) fn is_price_in_cents(&self, known: &Self) -> bool {
        self.kind == Kind::Bare
            && matches!(known.kind, Kind::Money(_))
            && known.value.saturating_mul(100) == self.value
            && shared(&self.clause, &known.clause) > 0
    }

    /// What it is most likely a number of.
    pub(super) fn likely(&self) -> &Kind {
        self.like.as_ref().filter(|_| self.kind == Kind::Bare).unwrap_or(&self.kind)
    }

    /// True when both stand beside the same number of another kind, as in "5,000 for £540" and "£540 for 5,000".
    pub(super) fn is_paired_as(&self, known: &Self) -> bool {
        let tells = |(kind, value): &&(Kind, u64)| *kind != self.kind && *value > WHOLE;
        let is_same = |one: &(Kind, u64), other: &(Kind, u64)| {
            let of_two_things =
                matches!((&one.0, &other.0), (Kind::Count(thing), Kind::Count(other)) if thing != other);
            one.1 == other.1 && !of_two_things
        };
        self.near.iter().filter(tells).any(|told| known.near.iter().any(|known| is_same(told, known)))
    }

    /// True for what may be the number of a year.
    pub(super) fn is_year(&self) -> bool {
        self.kind == Kind::Bare && is_year(self.value) && !self.written.contains([',', '.', ' '])
    }

    /// "Posters: 250 for £210, 500 for £320", and "room for 40 bikes" where there are 40 bike spaces.
    pub(super) fn is_of_thing(&self, known: &Self) -> bool {
        match (&known.kind, &self.kind) {
            (Kind::Bare, Kind::Count(thing)) => known.clause.contains(thing),
            (Kind::Count(_), Kind::Count(thing)) => known.close.contains(thing),
            _ => false,
        }
    }

    /// True when one of the two stands bare behind a count of what the other counts: "A1 has 4 places left and A2 has 2", "40 % now
    /// and 60 at the end".
    pub(super) fn is_one_more_of(&self, known: &Self) -> bool {
        let counts = |one: &Self, other: &Self| {
            one.kind == Kind::Bare
                && one.like.as_ref() == Some(&other.kind)
                && matches!(other.kind, Kind::Count(_) | Kind::Percentage)
        };
        counts(self, known) || counts(known, self)
    }

    /// True when a span is told of what the other counts: 212 hours are "212 engine hours", and what is spread over six months are
    /// six monthly payments.
    pub(super) fn is_counted_as(&self, known: &Self) -> bool {
        let unit = self.written.rsplit([' ', '-']).next().unwrap_or_default();
        let is_unit = matches!(&known.kind, Kind::Count(thing) if *thing == stem(unit));
        let is_paid_by_month = self.kind == Kind::Span(Unit::Month)
            && matches!(&known.kind, Kind::Count(thing) if PARTS.iter().any(|part| *thing == stem(part)))
            && self.value == known.value;
        is_paid_by_month
            || matches!(self.kind, Kind::Span(_)) && is_unit && self.value == known.value.saturating_mul(self.factor)
    }
}
