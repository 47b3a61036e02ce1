//! What an answer costs.

use serde::{Deserialize, Serialize};

use super::Usage;

/// What a model's tokens cost, in millionths of a dollar for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the prompt that the provider had cached.
    pub cached_input: u64,
    /// Tokens of the answer.
    pub output: u64,
}

/// Far above any price: a slip of the unit is caught here.
const DOLLARS_MAX: f64 = 1_000_000.0;

impl Prices {
    /// From dollars for a million tokens, as price lists give them. Without a price for cached input, the full price
    /// of input is used: spending is never understated.
    ///
    /// None when a price is negative, not a number, or above a million dollars.
    #[must_use]
    pub fn from_dollars(input: f64, cached_input: Option<f64>, output: f64) -> Option<Self> {
        let cached_input = cached_input.unwrap_or(input);
        Some(Self { input: micro(input)?, cached_input: micro(cached_input)?, output: micro(output)? })
    }
}

/// Dollars in millionths; none when they are negative, not a number, or above a million.
#[must_use]
pub fn microusd(dollars: f64) -> Option<i64> {
    micro(dollars).and_then(|micro| i64::try_from(micro).ok())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn micro(dollars: f64) -> Option<u64> {
    (0.0..=DOLLARS_MAX).contains(&dollars).then(|| (dollars * 1e6).round() as u64)
}

/// Millionths of a dollar as a person reads them: cents, or hundredths of a cent where there are some, and more exact where a
/// cost would look like none.
#[must_use]
pub fn dollars(microusd: i64) -> String {
    let microusd = microusd.max(0);
    if (1..50).contains(&microusd) {
        return format!("$0.{microusd:06}").trim_end_matches('0').to_owned();
    }
    let hundredths = microusd.saturating_add(50) / 100;
    let (whole, part) = (hundredths / 10_000, hundredths % 10_000);
    if part % 100 == 0 { format!("${whole}.{:02}", part / 100) } else { format!("${whole}.{part:04}") }
}

/// The cost of one answer in millionths of a dollar, rounded up. `cache_write_tokens` are those of the input that the
/// provider stored in its cache, for which providers that report them charge a quarter more.
#[must_use]
pub fn cost_microusd(usage: &Usage, cache_write_tokens: u64, prices: &Prices) -> u64 {
    let wide = u128::from;
    let cached = usage.cached_tokens.min(usage.input_tokens);
    let written = cache_write_tokens.min(usage.input_tokens - cached);
    let total = wide(usage.input_tokens - cached) * wide(prices.input)
        + (wide(written) * wide(prices.input)).div_ceil(4)
        + wide(cached) * wide(prices.cached_input)
        + wide(usage.output_tokens) * wide(prices.output);
    u64::try_from(total.div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cost_is_told_as_nothing() {
        let told = [(0, "$0.00"), (1, "$0.000001"), (40, "$0.00004"), (50, "$0.0001"), (12_345, "$0.0123")];
        let more =
            [(999_960, "$1.00"), (1_250_000, "$1.25"), (1_234_567, "$1.2346"), (5_000_000, "$5.00"), (-3, "$0.00")];
        for (microusd, words) in told.into_iter().chain(more) {
            assert_eq!(dollars(microusd), words);
        }
    }

    #[test]
    fn a_million_tokens_of_each_kind_cost_the_listed_dollars() {
        let prices = Prices::from_dollars(2.5, Some(0.25), 10.0).expect("valid prices");
        let usage = Usage { input_tokens: 2_000_000, cached_tokens: 1_000_000, output_tokens: 1_000_000 };
        // 2.50 + 0.25 + 10.00 dollars.
        assert_eq!(cost_microusd(&usage, 0, &prices), 12_750_000);
    }

    #[test]
    fn written_cache_tokens_cost_a_quarter_more() {
        let prices = Prices::from_dollars(4.0, None, 0.0).expect("valid prices");
        let usage = Usage { input_tokens: 1_000_000, ..Usage::default() };
        assert_eq!(cost_microusd(&usage, 1_000_000, &prices), 5_000_000);
    }

    #[test]
    fn a_fraction_of_a_microdollar_counts_as_one() {
        let prices = Prices::from_dollars(0.1, None, 0.4).expect("valid prices");
        let usage = Usage { input_tokens: 1, cached_tokens: 0, output_tokens: 0 };
        assert_eq!(cost_microusd(&usage, 0, &prices), 1);
    }

    #[test]
    fn a_server_that_claims_more_cached_tokens_than_input_does_not_make_money() {
        let prices = Prices::from_dollars(1.0, Some(0.5), 1.0).expect("valid prices");
        let usage = Usage { input_tokens: 1_000_000, cached_tokens: u64::MAX, output_tokens: 0 };
        assert_eq!(cost_microusd(&usage, 7, &prices), 500_000);
    }

    #[test]
    fn impossible_prices_are_refused() {
        for price in [-1.0, f64::NAN, f64::INFINITY, 2e6] {
            assert_eq!(Prices::from_dollars(price, None, 1.0), None, "{price}");
        }
    }
}
