//! Amounts that a reply works out before its reader's eyes: "20 hours at £17.50 is £350".
//!
//! What they are made of stands in the same reply and is known, so nothing is made up. Of what the reply leaves out only the known
//! amounts of things that its sentence names may be worked with: with all that is known to choose from, almost any amount is a sum
//! of something.

use super::amounts::{Kind, Number, WHOLE, same_currency};
use super::statements::shared;

/// What is multiplied, at most, in thousandths.
const COUNT_MAX: u64 = 1_000_000 * WHOLE;
/// Half a cent: amounts are told in cents.
const TOLERANCE: u64 = 5;
/// A hundred per cent, as percentages are counted.
const HUNDRED: u64 = 100 * WHOLE;

/// Marks as backed what is worked out from numbers that are, step by step: what is worked out first may be worked with. How many
/// somebody wants, which is among what is `known`, goes without saying.
pub(super) fn work_out(numbers: &[Number], backed: &mut [bool], known: &[&Number]) {
    let is_wanted = |known: &&&Number| known.by_a_person && matches!(known.kind, Kind::Count(_) | Kind::Bare);
    let wanted: Vec<u64> = known.iter().filter(is_wanted).filter_map(|known| count(known)).collect();
    while let Some(found) =
        (0..numbers.len()).find(|at| !backed[*at] && is_worked_out(*at, numbers, backed, &wanted, known))
    {
        backed[found] = true;
    }
}

fn is_worked_out(at: usize, numbers: &[Number], backed: &[bool], wanted: &[u64], known: &[&Number]) -> bool {
    let number = &numbers[at];
    let Some(sign) = paid(number) else { return false };
    let mut given = Given { counts: wanted.to_vec(), ..Given::default() };
    for (other, _) in numbers.iter().zip(backed).filter(|(_, is_backed)| **is_backed) {
        match (paid(other), &other.kind) {
            (Some(paid), _) if same_currency(sign, paid) => given.amounts.push(other.value),
            (Some(_), _) => {}
            (None, Kind::Percentage) => given.shares.push(other.value),
            (None, _) => given.counts.extend(count(other)),
        }
    }
    if given.makes(number.value) {
        return true;
    }
    // How many of a thing that is only named must be told.
    given.counts.drain(..wanted.len());
    given.makes_of_named(number.value, &named(number, sign, known))
}

/// The known amounts of what the sentence of a number names, which a reply leaves out.
fn named(number: &Number, sign: char, known: &[&Number]) -> Vec<u64> {
    let is_named = |known: &&&Number| {
        let is_same_money = paid(known).is_some_and(|paid| same_currency(sign, paid));
        let per = number.per.is_none() || known.per.is_none() || number.per == known.per;
        is_same_money && per && !known.by_a_person && shared(&number.sentence, &known.clause) > 0
    };
    known.iter().filter(is_named).map(|known| known.value).collect()
}

/// The currency of an amount.
fn paid(number: &Number) -> Option<char> {
    if let Kind::Money(sign) = number.kind { Some(sign) } else { None }
}

/// How many, as it was written: hours are multiplied as hours.
fn count(number: &Number) -> Option<u64> {
    let count = number.value / number.factor.max(1);
    (WHOLE < count && count <= COUNT_MAX).then_some(count)
}

/// What there is to work with.
#[derive(Default)]
struct Given {
    amounts: Vec<u64>,
    counts: Vec<u64>,
    shares: Vec<u64>,
}

impl Given {
    /// True when one or two steps lead to `result`: so many of it, with or without another amount, two or three together, the
    /// difference, a part of it, or what is left without that part.
    fn makes(&self, result: u64) -> bool {
        let is_it = |made: u64| made.abs_diff(result) <= TOLERANCE;
        let with_share = |amount: u64| {
            self.shares.iter().any(|share| {
                let part = times(amount, *share) / 100;
                is_it(part) || *share < HUNDRED && is_it(amount.saturating_sub(part)) || is_it(amount + part)
            })
        };
        self.amounts.iter().enumerate().any(|(at, amount)| {
            let with_another = |made: u64| {
                let others = self.amounts.iter().enumerate().filter(|(other, _)| *other != at);
                others.map(|(_, other)| other).any(|other| is_it(made + other) || is_it(made.abs_diff(*other)))
            };
            let three = || {
                let rest = &self.amounts[at + 1..];
                rest.iter().enumerate().any(|(n, two)| rest[n + 1..].iter().any(|three| is_it(amount + two + three)))
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
            let is_part = |share: &u64| {
                let part = times(*amount, *share) / 100;
                is_it(part) || is_it(amount.saturating_sub(part))
            };
            self.counts.iter().any(|count| is_it(times(*amount, *count))) || shares().any(is_part)
        })
    }
}

/// A product of thousandths, in thousandths.
fn times(one: u64, other: u64) -> u64 {
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
        work_out(&numbers, &mut backed, &[]);
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
        let mut backed: Vec<bool> = told.iter().map(|number| !matches!(number.kind, Kind::Money(_))).collect();
        work_out(&told, &mut backed, &known.iter().collect::<Vec<_>>());
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
    fn what_is_made_up_is_nothing_to_work_with() {
        assert_eq!(left("It's $500 less $50 for you, so $450.", &["$50", "$450"]), ["$50", "$450"]);
    }
}
