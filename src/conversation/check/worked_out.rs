//! Amounts that a reply works out before its reader's eyes: "20 hours at £17.50 is £350".
//!
//! What they are made of stands in the same reply and is known, so nothing is made up. Of what the reply leaves out only the known
//! amounts of things that its sentence names may be worked with: with all that is known to choose from, almost any amount is a sum
//! of something.

use std::sync::LazyLock;

use regex::Regex;

use super::amounts::{Kind, Number, Unit, WHOLE, same_currency};
use super::pattern::any_case;
use super::shares::percents_in;
use super::statements::{sentences, shared};

/// What is multiplied, at most, in thousandths.
const COUNT_MAX: u64 = 1_000_000 * WHOLE;
/// Half a cent: amounts are told in cents.
const TOLERANCE: u64 = 5;
/// A hundred per cent, as percentages are counted.
const HUNDRED: u64 = 100 * WHOLE;

/// What a reply counts without a number.
struct Patterns {
    both_ways: Regex,
    difference: Regex,
    product: Regex,
    /// What is two of something.
    both: Regex,
    /// What is paid for twelve months.
    yearly: Regex,
    /// What makes an amount more.
    dearer: Regex,
    /// "12 short of 40".
    short: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    both_ways: any_case(r"\b(?:both ways|there and back|round trip|return trip|together|in all|altogether)\b"),
    difference: any_case(r"^ (?:a \w+ )?(?:less|cheaper|lower|saved)\b"),
    both: any_case(r"\b(?:both|twice|double|the pair|(?:the|you|of) two)\b"),
    yearly: any_case(r"\b(?:yearly|annually|annual|(?:a|per|the|each|whole|full) year)\b"),
    dearer: any_case(r"\b(?:dearer|more|extra|surcharge|on top|supplement|higher|adds?|plus|premium|uplift)\b"),
    short: any_case(r"^ (?:\p{L}+ )?(?:short|away|shy|more|to go|fewer|less|under|below|over|too many)\b"),
    product: any_case(
        r"\b(?:means?|makes?|that's|comes? to|gives?|adds? up to|so|then|son|serían|salen|d[aã]o?n?|rende[nm]?|rinden?|font|fait|feraient|soit|o sea|ou seja|es decir|así que|entonces|então|donc)[\s,:]*(?:you |about |unas |unos |casi |cerca de |perto de |quase |umas |uns |environ |près de |presque )?(?:\d+ (?:to|or) )?$",
    ),
});

/// Marks as backed what is worked out from numbers that are, step by step: what is worked out first may be worked with. How many
/// somebody wants, which is among what is `known`, goes without saying.
pub(super) fn work_out(text: &str, numbers: &[Number], backed: &mut [bool], known: &[&Number]) {
    let reply = Reply { text, numbers, known };
    while let Some(found) = (0..numbers.len()).find(|at| !backed[*at] && reply.is_worked_out(*at, backed)) {
        backed[found] = true;
    }
}

/// A reply's text and numbers, and those that are known.
pub(super) struct Reply<'a> {
    pub(super) text: &'a str,
    pub(super) numbers: &'a [Number],
    pub(super) known: &'a [&'a Number],
}

impl Reply<'_> {
    fn is_worked_out(&self, at: usize, backed: &[bool]) -> bool {
        let number = &self.numbers[at];
        let told = || self.numbers.iter().zip(backed).filter(|(_, is_backed)| **is_backed).map(|(told, _)| told);
        match number.kind {
            Kind::Money(sign) => self.is_amount(number, sign, &told().collect::<Vec<_>>()),
            // "Two months ahead, that's sixty days".
            Kind::Span(_) => {
                let mut beside = told().filter(|told| told.sentence == number.sentence);
                count(number).is_some() && beside.any(|told| number.is_as_long(told)) || self.is_example_span(number)
            }
            Kind::Bare | Kind::Count(_) => {
                self.is_product(number, told())
                    || self.is_example(number, &told().collect::<Vec<_>>())
                    || self.is_short_of(number, told())
                    || self.counts_list(number)
            }
            Kind::Percentage => false,
        }
    }

    /// "Two evenings over twelve weeks means 24 classes".
    fn is_product<'n>(&self, number: &Number, told: impl Iterator<Item = &'n Number>) -> bool {
        let parts: Vec<u64> = told.filter(|told| told.sentence == number.sentence).filter_map(count).collect();
        let mut pairs =
            parts.iter().enumerate().flat_map(|(at, one)| parts[at + 1..].iter().map(move |other| (*one, *other)));
        self.stands_behind(&PATTERNS.product, number) && pairs.any(|(one, other)| times(one, other) == number.value)
    }

    /// "You're 3 people short: at 25 users 5% comes off" of who has 22.
    fn is_short_of<'n>(&self, number: &Number, told: impl Iterator<Item = &'n Number>) -> bool {
        let told: Vec<u64> = told.filter_map(count).collect();
        let by_people: Vec<u64> =
            self.known.iter().filter(|known| known.by_a_person).filter_map(|known| count(known)).collect();
        let mut pairs =
            told.iter().flat_map(|one| told.iter().chain(&by_people).map(move |other| one.abs_diff(*other)));
        self.stands_before(&PATTERNS.short, number) && pairs.any(|between| between == number.value)
    }

    /// "3 Saturdays are open: September 9, September 30 and October 14".
    fn counts_list(&self, number: &Number) -> bool {
        let sentence = self.sentence_of(number);
        let told = sentence.find(&number.written).and_then(|at| sentence[at..].split_once(": "));
        let thousandths = |parts: usize| u64::try_from(parts).unwrap_or_default() * WHOLE;
        told.filter(|(before, _)| !before.contains(':')).is_some_and(|(_, list)| {
            let parts = list.split(", ");
            let most = parts.clone().flat_map(|part| part.split(" and ")).flat_map(|part| part.split(" or ")).count();
            // "For pools up to 15,000 gallons" may come last.
            (thousandths(parts.count()) - WHOLE..=thousandths(most)).contains(&number.value)
        })
    }

    fn is_amount(&self, number: &Number, sign: char, told: &[&Number]) -> bool {
        let is_wanted = |known: &&&Number| known.by_a_person && matches!(known.kind, Kind::Count(_) | Kind::Bare);
        let wanted: Vec<u64> = self.known.iter().filter(is_wanted).filter_map(|known| count(known)).collect();
        let sentence = self.sentence_of(number);
        let two = PATTERNS.both.is_match(sentence).then_some(2 * WHOLE);
        let mut given = Given { counts: wanted.iter().copied().chain(two).collect(), ..Given::default() };
        given.shares.extend(self.fractions(sentence));
        given.adds = PATTERNS.dearer.is_match(sentence);
        for other in told {
            match (paid(other), &other.kind) {
                (Some(paid), _) if same_currency(sign, paid) => given.amounts.push(other.value),
                (Some(_), _) => {}
                (None, Kind::Percentage) => given.shares.push(other.value),
                (None, _) => given.counts.extend(count(other)),
            }
        }
        if given.makes(number.value) || self.is_made_of_parts(number, sign, &given) {
            return true;
        }
        // How many of a thing that is only named must be told.
        given.counts.drain(..wanted.len());
        let named: Vec<u64> = self.named(number, sign).map(|known| known.value).collect();
        given.makes_of_named(number.value, &named)
            || self.is_both_ways(number, sign)
            || self.is_difference(number, sign, &given.amounts)
            || self.is_reduced(number, sign)
            || self.is_total(number, sign, told)
            || self.is_of_year(number, sign)
    }

    /// The sentence that a number stands in.
    pub(super) fn sentence_of(&self, number: &Number) -> &str {
        let mut all = sentences(self.text).into_iter();
        all.find(|sentence| sentence.text.contains(&number.written)).map_or(self.text, |sentence| sentence.text)
    }

    /// "A quarter of it" where 25 % are known.
    fn fractions(&self, sentence: &str) -> Vec<u64> {
        let is_known = |share: &u64| {
            self.known.iter().any(|known| known.kind == Kind::Percentage && !known.by_a_person && known.value == *share)
        };
        percents_in(&sentence.to_lowercase()).map(|percent| percent * WHOLE).filter(is_known).collect()
    }

    /// The known amounts of a currency, in the order in which they are told.
    pub(super) fn prices(&self, sign: char) -> impl Iterator<Item = &Number> {
        self.known.iter().copied().filter(move |known| paid(known).is_some_and(|paid| same_currency(sign, paid)))
    }

    /// "Drop-off and collection together": twice of what is known to be paid each way.
    fn is_both_ways(&self, number: &Number, sign: char) -> bool {
        let mut of_way = self.prices(sign).filter(|known| known.close.contains("way"));
        PATTERNS.both_ways.is_match(self.text) && of_way.any(|known| is_made(times(known.value, 2 * WHOLE), number))
    }

    /// "A Sunday is $5,600, which is $2,200 less": than the price that is known beside the one told.
    fn is_difference(&self, number: &Number, sign: char, told: &[u64]) -> bool {
        let prices: Vec<u64> = self.prices(sign).map(|known| known.value).collect();
        let mut beside = prices.windows(2).filter(|pair| pair.iter().any(|price| told.contains(price)));
        self.stands_before(&PATTERNS.difference, number)
            && beside.any(|pair| is_made(pair[0].abs_diff(pair[1]), number))
    }

    /// "For 12 weeks the small van is €73.60": where hires of 12 weeks are known to get 8% off.
    fn is_reduced(&self, number: &Number, sign: char) -> bool {
        let mut shares = self.known.iter().filter(|known| self.is_share_of(known, number));
        shares.any(|share| self.named(number, sign).any(|known| is_part(known.value, share.value, number.value)))
    }

    /// "Growth comes to $5,040 a year" at $420 a month.
    fn is_of_year(&self, number: &Number, sign: char) -> bool {
        let by_month = |known: &&Number| {
            known.per == Some("month") && !known.by_a_person && shared(&number.sentence, &known.clause) > 0
        };
        PATTERNS.yearly.is_match(self.text)
            && self.prices(sign).filter(by_month).any(|known| is_made(times(known.value, 12 * WHOLE), number))
    }

    /// True for a known percentage of what the sentence of a number names, where the reply tells the number it depends on: "8% off
    /// from 12 weeks on".
    fn is_share_of(&self, share: &Number, number: &Number) -> bool {
        let is_same = |known: &Number, told: &Number| known.kind == told.kind && known.value == told.value;
        let depends = |known: &&&Number| {
            known.sentence == share.sentence && !matches!(known.kind, Kind::Percentage | Kind::Money(_))
        };
        share.kind == Kind::Percentage
            && !share.by_a_person
            && shared(&number.sentence, &share.sentence) > 0
            && self.known.iter().filter(depends).any(|known| self.numbers.iter().any(|told| is_same(known, told)))
    }

    /// "Twenty would be $55, at $2.75 each": an amount of the reply is that many of a price it tells.
    fn is_example(&self, number: &Number, told: &[&Number]) -> bool {
        let paid = |number: &Number, sign: char| paid(number).is_some_and(|paid| same_currency(sign, paid));
        let makes = |price: &Number, sign: char| {
            let made = times(price.value, number.value);
            self.numbers.iter().any(|other| paid(other, sign) && is_made(made, other))
        };
        let named = || {
            self.known.iter().copied().filter(|known| !known.by_a_person && shared(&number.sentence, &known.clause) > 0)
        };
        let mut prices = told.iter().copied().chain(named());
        number.value > WHOLE && prices.any(|price| self::paid(price).is_some_and(|sign| makes(price, sign)))
    }

    /// "2 months of storage would be $190" where a month is $95.
    fn is_example_span(&self, number: &Number) -> bool {
        let period = match (&number.kind, number.factor) {
            (Kind::Span(Unit::Minute), 60) => "hour",
            (Kind::Span(Unit::Day), 1) => "day",
            (Kind::Span(Unit::Day), 7) => "week",
            (Kind::Span(Unit::Month), 1) => "month",
            _ => return false,
        };
        let is_rate = |known: &&&Number| {
            !known.by_a_person && known.per == Some(period) && shared(&number.sentence, &known.clause) > 0
        };
        let makes = |rate: &&Number| {
            let made = count(number).map(|count| times(rate.value, count));
            let mut paid = self.numbers.iter().filter(|other| paid(other).is_some());
            made.is_some_and(|made| paid.any(|other| is_made(made, other)))
        };
        self.known.iter().filter(is_rate).any(makes)
    }

    /// The known amounts of what the sentence of a number names, which a reply leaves out.
    pub(super) fn named(&self, number: &Number, sign: char) -> impl Iterator<Item = &Number> {
        let is_named = move |known: &&Number| {
            let per = number.per.is_none() || known.per.is_none() || number.per == known.per;
            per && !known.by_a_person && shared(&number.sentence, &known.clause) > 0
        };
        self.prices(sign).filter(is_named)
    }

    fn stands_behind(&self, pattern: &Regex, number: &Number) -> bool {
        self.text.find(&number.written).is_some_and(|at| pattern.is_match(&self.text[..at]))
    }

    fn stands_before(&self, pattern: &Regex, number: &Number) -> bool {
        let end = self.text.find(&number.written).map(|at| at + number.written.len());
        end.is_some_and(|end| pattern.is_match(&self.text[end..]))
    }
}

pub(super) fn is_made(made: u64, number: &Number) -> bool {
    made.abs_diff(number.value) <= TOLERANCE
}

/// True for a part of an amount, or what is left without it.
pub(super) fn is_part(amount: u64, share: u64, result: u64) -> bool {
    let part = times(amount, share) / 100;
    [part, amount.saturating_sub(part)].iter().any(|made| made.abs_diff(result) <= TOLERANCE)
}

/// The currency of an amount.
pub(super) fn paid(number: &Number) -> Option<char> {
    if let Kind::Money(sign) = number.kind { Some(sign) } else { None }
}

/// How many, as it was written: hours are multiplied as hours.
pub(super) fn count(number: &Number) -> Option<u64> {
    let count = number.value / number.factor.max(1);
    (WHOLE < count && count <= COUNT_MAX).then_some(count)
}

/// What there is to work with.
#[derive(Default)]
pub(super) struct Given {
    pub(super) amounts: Vec<u64>,
    pub(super) counts: Vec<u64>,
    pub(super) shares: Vec<u64>,
    /// A share comes on top.
    adds: bool,
}

impl Given {
    /// True when one or two steps lead to `result`: so many of it, with or without another amount, two or three together, the
    /// difference, a part of it, or what is left without that part.
    fn makes(&self, result: u64) -> bool {
        let is_it = |made: u64| made.abs_diff(result) <= TOLERANCE;
        let with_share = |amount: u64| {
            self.shares.iter().any(|share| {
                let part = times(amount, *share) / 100;
                is_it(part)
                    || *share < HUNDRED && is_it(amount.saturating_sub(part))
                    || is_it(amount.saturating_add(part))
            })
        };
        self.amounts.iter().enumerate().any(|(at, amount)| {
            let with_another = |made: u64| {
                let others = self.amounts.iter().enumerate().filter(|(other, _)| *other != at);
                others
                    .map(|(_, other)| other)
                    .any(|other| is_it(made.saturating_add(*other)) || is_it(made.abs_diff(*other)))
            };
            let three = || {
                let rest = &self.amounts[at + 1..];
                rest.iter().enumerate().any(|(n, two)| {
                    rest[n + 1..].iter().any(|three| is_it(amount.saturating_add(*two).saturating_add(*three)))
                })
            };
            let many = || {
                self.counts.iter().any(|count| {
                    let many = times(*amount, *count);
                    is_it(many) || with_another(many) || with_share(many)
                })
            };
            with_another(*amount) || with_share(*amount) || three() || many()
        })
    }

    /// True when one step leads from what is only named to `result`: so many of it, a part of it, or what is left without that
    /// part. Sums and differences of two named amounts are too many: made-up prices are among them.
    fn makes_of_named(&self, result: u64, named: &[u64]) -> bool {
        let is_it = |made: u64| made.abs_diff(result) <= TOLERANCE;
        let shares = || self.shares.iter().filter(|share| **share < HUNDRED);
        named.iter().any(|amount| {
            self.counts.iter().any(|count| is_it(times(*amount, *count)))
                || shares().any(|share| {
                    is_part(*amount, *share, result)
                        || self.adds && is_it(amount.saturating_add(times(*amount, *share) / 100))
                })
        })
    }
}

/// A product of thousandths, in thousandths.
pub(super) fn times(one: u64, other: u64) -> u64 {
    u64::try_from(u128::from(one) * u128::from(other) / u128::from(WHOLE)).unwrap_or(u64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::check::amounts::numbers;
    use crate::conversation::check::figures::in_figures;

    /// What is left unknown of a reply in which `unknown` are.
    fn left(reply: &str, unknown: &[&str]) -> Vec<String> {
        let numbers = numbers(&in_figures(reply), false);
        let mut backed: Vec<bool> = numbers.iter().map(|number| !unknown.contains(&number.written.as_str())).collect();
        work_out(reply, &numbers, &mut backed, &[]);
        numbers.iter().zip(backed).filter(|(_, backed)| !backed).map(|(number, _)| number.written.clone()).collect()
    }

    #[test]
    fn an_amount_may_be_worked_out_from_what_the_reply_says() {
        for (reply, unknown) in [
            ("Twenty hours at £17.50 is £350 a week plus VAT.", &["£350"][..]),
            ("For 38 people Growth comes to $379 a month: the $75 base plus $8 a head.", &["$379"]),
            ("You'd pay $79: the $35 one-time enrollment plus the first $44 month.", &["$79"]),
            ("It's $64 an hour, 8 dollars less than the $72 of coming in.", &["8 dollars"]),
            ("On £42,000 it's 19%, so £7,980 plus VAT.", &["£7,980"]),
            ("A van is £330, six vans are £1,980, and with 3% off you'd pay £1,920.60.", &["£1,980", "£1,920.60"]),
        ] {
            assert_eq!(left(reply, unknown), [""; 0], "{reply}");
        }
    }

    #[test]
    fn an_amount_that_does_not_come_out_is_unknown() {
        for (reply, unknown) in [
            ("Twenty hours at £17.50 is £360 a week.", "£360"),
            ("For 38 people Growth comes to $389 a month: the $75 base plus $8 a head.", "$389"),
            ("Twenty hours at £17.50 is $350 a week.", "$350"),
            ("It's $450 all in.", "$450"),
        ] {
            assert_eq!(left(reply, &[unknown]), [unknown], "{reply}");
        }
    }

    /// True when an amount follows from what is known and only named in the reply.
    fn follows(reply: &str, known: &str) -> bool {
        let (told, known) = (numbers(&in_figures(reply), false), numbers(&in_figures(known), false));
        let is_known = |number: &Number| known.iter().any(|known| known.value == number.value);
        let mut backed: Vec<bool> =
            told.iter().map(|number| !matches!(number.kind, Kind::Money(_)) || is_known(number)).collect();
        work_out(reply, &told, &mut backed, &known.iter().collect::<Vec<_>>());
        backed.into_iter().all(|is_backed| is_backed)
    }

    #[test]
    fn so_many_of_a_thing_and_a_share_of_it_are_worked_out_from_its_known_price() {
        let known = "Studio hire is $80 an hour. A tuning is $150. Students get 20% off studio hire.";
        for reply in ["Three tunings would be $450.", "Students get 20% off, so the studio is $64."] {
            assert!(follows(reply, known), "{reply}");
        }
        // Another thing's price, a wrong product, and the sum of two.
        for reply in ["Three mixes would be $450.", "Three tunings would be $400.", "A tuning and the studio are $230."]
        {
            assert!(!follows(reply, known), "{reply}");
        }
    }

    #[test]
    fn a_word_of_the_reply_tells_how_to_work_with_what_is_known() {
        let known = "A small van is €80 a week, a large van €95. Hires of 12 weeks get 8% off the week rate. Delivery is €42 each way.";
        for reply in [
            "For 12 weeks of hire the small van is €73.60.",
            "Delivery and collection together are €84.",
            "The small van is €80, which is €15 less.",
        ] {
            assert!(follows(reply, known), "{reply}");
        }
        // Too few weeks, a wrong double, a difference to nothing known beside it, and what is added and not compared.
        for reply in [
            "For 6 weeks of hire the small van is €73.60.",
            "Delivery and collection together are €90.",
            "The small van is €80, which is €20 less.",
            "The small van is €80, a driver is €15 more.",
        ] {
            assert!(!follows(reply, known), "{reply}");
        }
    }

    #[test]
    fn a_count_and_a_span_follow_from_their_own_sentence() {
        let unknown = ["24", "60 days", "26", "70 days"];
        for reply in ["2 evenings over 12 weeks means 24 classes.", "Over 2 months ahead, so 60 days, it comes back."] {
            assert_eq!(left(reply, &unknown), [""; 0], "{reply}");
        }
        for reply in [
            "2 evenings over 12 weeks means 26 classes.",
            "2 evenings over 12 weeks. There are 24 left.",
            "Over 2 months ahead, so 70 days, it comes back.",
        ] {
            assert_eq!(left(reply, &unknown).len(), 1, "{reply}");
        }
    }

    #[test]
    fn what_is_made_up_is_nothing_to_work_with() {
        assert_eq!(left("It's $500 less $50 for you, so $450.", &["$50", "$450"]), ["$50", "$450"]);
    }
}
