//! Amounts that follow from known prices which a reply names and does not tell: "the implant and the crown together are $2,950".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::amounts::{Kind, Number, Unit, WHOLE, same_currency};
use super::numbers::PEOPLE_STEMS;
use super::pattern::any_case;
use super::statements::{shared, stem};
use super::worked_out::{Reply, count, is_made, paid, times};

struct Patterns {
    /// What adds up.
    sum: Regex,
    /// A tax that comes on top.
    tax: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    sum: any_case(
        r"\b(?:junt[oa]s|(?:en|al|el|no|o|au|le) total|sum(?:a|an|ado|ados|ada|adas|ando|am|aría|arían)|todo incluido|ensemble|en tout|additionn\p{L}+|ao todo|som(?:a|am|ado|ados|ada|adas|ando)|tudo|más|mais|en plus|con|com|avec)\b",
    ),
    tax: any_case(r"\b(?:iva|tva|iss|taxes?|tps|tvq|impuestos?|impostos?|gst|vat)\b"),
});

/// Words that name a tax.
static TAX_STEMS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| "iva tva iss taxe taxes tps tvq impuesto imposto gst vat".split(' ').map(stem).collect());

/// How a price begins that is paid each month: "mensual", "mensuel", "mensal".
const MONTHLY: &str = "mens";

/// Prices of the reply's own text that are added up, at most.
const NAMED_MAX: usize = 12;

/// Amounts are told in cents.
const CENT: u64 = WHOLE / 100;

/// Minutes of an hour, in thousandths.
const HOUR: u64 = 60 * WHOLE;

impl Reply<'_> {
    /// True for what one step leads to from a known price, or the sum of two or three that are named, with the tax that is
    /// known where the reply speaks of it.
    pub(super) fn is_total(&self, number: &Number, sign: char, told: &[&Number]) -> bool {
        let taxes = self.taxes(told);
        let with_tax = |made: u64| {
            is_made(made, number)
                || taxes.iter().any(|share| is_made(made.saturating_add(times(made, *share) / 100), number))
        };
        let is_named = |known: &&Number| {
            let per = number.per.is_none() || known.per.is_none() || number.per == known.per;
            per && !known.by_a_person && self.tells_beside(known) && shared(&number.sentence, &self.words(known)) > 0
        };
        let named: Vec<&Number> = self.prices(sign).filter(is_named).collect();
        is_instalment(number, sign, told)
            || self.of_units(sign).any(with_tax)
            || self.of_spans(number, sign, told).any(with_tax)
            || named.iter().any(|known| !taxes.is_empty() && with_tax(known.value))
            || PATTERNS.sum.is_match(self.text) && self.sums(number, sign, &named, told).into_iter().any(with_tax)
    }

    /// The taxes that the reply tells, or that are known where it speaks of one.
    fn taxes(&self, told: &[&Number]) -> Vec<u64> {
        if !PATTERNS.tax.is_match(self.text) {
            return Vec::new();
        }
        let is_tax = |number: &&&Number| number.kind == Kind::Percentage && !number.clause.is_disjoint(&TAX_STEMS);
        let known = self.known.iter().filter(|known| !known.by_a_person);
        told.iter().filter(is_tax).chain(known.filter(is_tax)).map(|number| number.value).collect()
    }

    /// "$4.75 a square foot" of whoever has 2,200 square feet, and "$80 a person" of whoever comes with 30.
    fn of_units(&self, sign: char) -> impl Iterator<Item = u64> {
        let wanted = self.known.iter().filter(|known| known.by_a_person && count(known).is_some());
        let is_unit = |price: &Number, wanted: &Number| match &wanted.kind {
            Kind::Count(thing) if PEOPLE_STEMS.contains(thing) => !price.close.is_disjoint(&PEOPLE_STEMS),
            Kind::Count(thing) => price.close.contains(thing),
            Kind::Bare => !price.close.is_disjoint(&PEOPLE_STEMS),
            _ => false,
        };
        let prices = move || self.prices(sign).filter(|price| !price.by_a_person && price.per.is_none());
        wanted.flat_map(move |wanted| {
            prices().filter(move |price| is_unit(price, wanted)).map(|price| times(price.value, wanted.value))
        })
    }

    /// "Ten months" of what is paid each month, and "90 minutes" of what an hour costs.
    fn of_spans(&self, number: &Number, sign: char, told: &[&Number]) -> impl Iterator<Item = u64> {
        let wanted = self.known.iter().filter(|known| known.by_a_person && unit_of(known) == Some(Unit::Minute));
        let spans: Vec<(Unit, u64)> =
            told.iter().chain(wanted).filter_map(|told| Some((unit_of(told)?, told.value))).collect();
        let is_count = |told: &&&Number| matches!(told.kind, Kind::Count(_) | Kind::Bare);
        let mut times_told: Vec<u64> = told.iter().filter(is_count).filter_map(|told| count(told)).collect();
        times_told.push(WHOLE);
        let is_monthly =
            |price: &Number| price.per == Some("month") || price.clause.iter().any(|word| word.starts_with(MONTHLY));
        let named: Vec<u64> =
            self.named(number, sign).filter(|price| price.per == Some("hour")).map(|p| p.value).collect();
        let of_hour =
            told.iter().filter(|told| told.per == Some("hour") && paid(told).is_some()).map(|told| told.value);
        let of_hour: Vec<u64> = of_hour.chain(named).collect();
        let of_month: Vec<u64> = self.prices(sign).filter(|price| is_monthly(price)).map(|price| price.value).collect();
        spans.into_iter().flat_map(move |(unit, span)| {
            let (prices, whole) = match unit {
                Unit::Minute => (of_hour.clone(), HOUR),
                Unit::Month => (of_month.clone(), WHOLE),
                Unit::Day => (Vec::new(), WHOLE),
            };
            let many = times_told.clone();
            prices.into_iter().flat_map(move |price| {
                many.clone().into_iter().map(move |many| times(times(price, span).saturating_mul(WHOLE) / whole, many))
            })
        })
    }

    /// The sums of two or three prices that are told or named, each by a word that is said of no other.
    fn sums(&self, number: &Number, sign: char, named: &[&Number], told: &[&Number]) -> Vec<u64> {
        let same = |told: &&&Number| paid(told).is_some_and(|paid| same_currency(sign, paid));
        let told: Vec<u64> = told.iter().filter(same).map(|told| told.value).collect();
        let named = &named[..named.len().min(NAMED_MAX)];
        let mut sums = Vec::new();
        // By which words each is named: one that all of them have names none.
        let own = |one: &Number, others: &[&Number]| -> BTreeSet<String> {
            let told =
                |near: &&(Kind, u64)| self.numbers.iter().any(|told| told.kind == near.0 && told.value == near.1);
            let beside = one.near.iter().filter(told).map(|(_, value)| value.to_string());
            let is_own = |word: &&String| !others.iter().any(|other| is_said_of(word, other));
            let words = self.words(one);
            number.sentence.iter().filter(|word| words.contains(*word)).filter(is_own).cloned().chain(beside).collect()
        };
        let apart = |prices: &[&Number]| {
            let others = |at: usize| [&prices[..at], &prices[at + 1..]].concat();
            let words: Vec<BTreeSet<String>> = (0..prices.len()).map(|at| own(prices[at], &others(at))).collect();
            let all: BTreeSet<&String> = words.iter().flatten().collect();
            words.iter().all(|own| !own.is_empty()) && all.len() >= prices.len()
        };
        for (at, one) in named.iter().enumerate() {
            sums.extend(told.iter().filter(|told| **told != one.value).map(|told| told.saturating_add(one.value)));
            for (next, two) in named.iter().enumerate().skip(at + 1) {
                if one.value == two.value || !apart(&[one, two]) {
                    continue;
                }
                let sum = one.value.saturating_add(two.value);
                sums.push(sum);
                for three in &named[next + 1..] {
                    if apart(&[one, two, three]) {
                        sums.push(sum.saturating_add(three.value));
                    }
                }
            }
        }
        sums
    }

    /// The words that a price is known by: those of its clause, and of its whole sentence where it is the only price there.
    fn words(&self, price: &Number) -> BTreeSet<String> {
        let is_other =
            |other: &&Number| paid(other).is_some() && other.sentence == price.sentence && other.value != price.value;
        let of_others = self.known.iter().copied().any(|other| is_other(&other));
        let of_sentence = price.sentence.iter().filter(|_| !of_others);
        price.clause.iter().chain(of_sentence).cloned().collect()
    }

    /// True unless a price stands beside a number of what the reply counts as well, and otherwise: "5 kg" of "2 kg for $19".
    fn tells_beside(&self, price: &Number) -> bool {
        let counts = |kind: &Kind| matches!(kind, Kind::Count(_) | Kind::Span(_));
        price.near.iter().filter(|(kind, _)| counts(kind)).all(|(kind, value)| {
            let mut told = self.numbers.iter().filter(|told| told.kind == *kind).peekable();
            told.peek().is_none() || told.any(|told| told.value == *value)
        })
    }
}

/// "$250 in 2 payments of $125".
fn is_instalment(number: &Number, sign: char, told: &[&Number]) -> bool {
    let is_count = |told: &&&Number| paid(told).is_none() && told.kind != Kind::Percentage;
    let counts: Vec<u64> = told.iter().filter(is_count).filter_map(|told| count(told)).collect();
    let is_paid = |told: &&&Number| paid(told).is_some_and(|paid| same_currency(sign, paid));
    told.iter().filter(is_paid).any(|whole| {
        // Half a cent of each.
        counts.iter().any(|count| times(number.value, *count).abs_diff(whole.value) <= count * CENT / 2 / WHOLE)
    })
}

/// The unit of a span.
fn unit_of(number: &Number) -> Option<Unit> {
    if let Kind::Span(unit) = number.kind { Some(unit) } else { None }
}

fn is_said_of(word: &str, price: &Number) -> bool {
    let words: &BTreeSet<String> = if price.beside.is_empty() { &price.clause } else { &price.beside };
    words.contains(word)
}
