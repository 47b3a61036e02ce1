//! How long something has been there: 24 years in 2027 where it is known to be there since 2003.

use std::sync::LazyLock;

use regex::Regex;

use super::amounts::{Kind, Number, Unit, WHOLE};
use super::pattern::any_case;
use super::statements::sentences;

/// What is said of how long a firm has been there.
static AGE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:in business|in the (?:business|trade)|ago|been (?:at|in|around|going|running|doing|here|open|with us)|since|trading|founded|established|opened|on the go)\b",
    )
});

/// Fewer years are as likely a warranty or a term.
const YEARS_MIN: u64 = 3;

/// True for the years from a known year to this one, told of how long something has been there.
pub(super) fn is_age(number: &Number, text: &str, taught: &[&Number], this_year: i16) -> bool {
    let years = number.value / (12 * WHOLE);
    let is_years = number.kind == Kind::Span(Unit::Month) && number.factor == 12;
    let told = || sentences(text).into_iter().filter(|sentence| sentence.text.contains(&number.written));
    let (Ok(this_year), true) = (u64::try_from(this_year), is_years && years >= YEARS_MIN) else { return false };
    // Whether this year's day has come is not known.
    let is_since = |known: &&&Number| {
        known.is_year() && (years..=years + 1).contains(&this_year.saturating_sub(known.value / WHOLE))
    };
    told().any(|sentence| AGE.is_match(sentence.text)) && taught.iter().any(|known| is_since(&known))
}

#[cfg(test)]
mod tests {
    use super::super::amounts::numbers;
    use super::*;

    fn is_known(reply: &str, known: &str) -> bool {
        let (reply_numbers, known) = (numbers(reply, false), numbers(known, false));
        is_age(&reply_numbers[0], reply, &known.iter().collect::<Vec<_>>(), 2027)
    }

    #[test]
    fn years_since_a_known_year_follow_from_it() {
        let known = "In business since 2003. The warranty is 10 years.";
        for reply in ["We've been at it for 24 years.", "That's 23 years in business.", "Founded 24 years ago."] {
            assert!(is_known(reply, known), "{reply}");
        }
        for reply in ["We've been at it for 30 years.", "The frame is covered for 24 years.", "Founded 24 months ago."]
        {
            assert!(!is_known(reply, known), "never-invented: {reply}");
        }
    }
}
