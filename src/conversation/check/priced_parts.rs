//! Amounts that are worked out from known ones which a reply names and leaves out: what is left of one, so many miles at what each of
//! them costs, and a base with so much for each person.
//!
//! Sums of amounts that are only named are not among them: of three made-up prices that came out, one true one did.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::amounts::{Kind, Number, WHOLE};
use super::pattern::any_case;
use super::statements::stem;
use super::worked_out::{Given, Reply, is_made, is_part, times};

struct Patterns {
    /// What tells of the sentences before it too.
    of_all: Regex,
    /// What is left of an amount.
    left: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    of_all: any_case(r"\b(?:that|that's|those|they|they're|it|all|altogether|together|total|so)\b"),
    left: any_case(r"\b(?:left|less|minus|off|remain\w*|balance|rest|credited|knocked|deduct\w*|instead of|after)\b"),
});

/// What is paid by its measure.
const MEASURED: &[&str] =
    &["miles", "km", "kms", "kilometers", "kilometres", "kwh", "square", "feet", "litres", "acres", "pages", "words"];

/// The most that one of them costs, in thousandths.
const RATE_MAX: u64 = 20 * WHOLE;

/// A known amount and the words of the reply that name it.
struct Part {
    value: u64,
    words: BTreeSet<String>,
}

/// The known amounts that these words name. One that another is named better than is none.
fn parts<'n>(words: &BTreeSet<String>, known: impl Iterator<Item = &'n Number>) -> Vec<Part> {
    let named =
        |amount: &Number| Part { value: amount.value, words: words.intersection(&amount.clause).cloned().collect() };
    let all: Vec<Part> = known.map(named).filter(|part| !part.words.is_empty()).collect();
    let is_best =
        |part: &Part| !all.iter().any(|other| part.words != other.words && part.words.is_subset(&other.words));
    let best: Vec<bool> = all.iter().map(is_best).collect();
    all.into_iter().zip(best).filter(|(_, is_best)| *is_best).map(|(part, _)| part).collect()
}

impl Reply<'_> {
    pub(super) fn is_made_of_parts(&self, number: &Number, sign: char, given: &Given) -> bool {
        let sentence = self.sentence_of(number);
        let before = if PATTERNS.of_all.is_match(sentence) { self.numbers } else { &[] };
        let words = before.iter().flat_map(|other| &other.sentence).chain(&number.sentence).cloned().collect();
        let firm = || self.prices(sign).filter(|known| !known.by_a_person && known.value != number.value);
        let parts = parts(&words, firm());
        let is_left = || {
            let rest = |told: &u64| parts.iter().any(|part| is_made(told.abs_diff(part.value), number));
            PATTERNS.left.is_match(sentence) && given.amounts.iter().any(rest)
        };
        is_left() || self.is_rate_of_miles(number, &parts, given) || is_tariff(number, &parts, firm(), given)
    }

    /// "A box stall comes to $1,404" at $1.95 for each of 720 known miles, and a share of that.
    fn is_rate_of_miles(&self, number: &Number, parts: &[Part], given: &Given) -> bool {
        let is_measured = |thing: &str| MEASURED.iter().any(|measured| stem(measured) == thing);
        let known = self.known.iter().filter(|known| matches!(&known.kind, Kind::Count(thing) if is_measured(thing)));
        let many: Vec<u64> = known.map(|known| known.value).collect();
        let rates = parts.iter().filter(|part| part.value < RATE_MAX);
        let mut made = rates.flat_map(|rate| many.iter().map(|many| times(rate.value, *many)));
        made.any(|made| is_made(made, number) || given.shares.iter().any(|share| is_part(made, *share, number.value)))
    }
}

/// "$230 a month for 38" where it is "a $40 base plus $5 per employee".
fn is_tariff<'n>(number: &Number, parts: &[Part], prices: impl Iterator<Item = &'n Number>, given: &Given) -> bool {
    let mut bases = prices.filter(|base| parts.iter().any(|part| part.value == base.value));
    bases.any(|base| {
        let each = base.near.iter().filter(|(kind, _)| *kind == base.kind);
        let all = each.flat_map(|(_, each)| given.counts.iter().map(|many| times(*each, *many)));
        all.map(|all| base.value.saturating_add(all)).any(|made| is_made(made, number))
    })
}
