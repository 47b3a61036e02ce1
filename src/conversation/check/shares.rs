//! Parts and multiples of a whole told in words: "half off", "a third of the price", "twice the space".

use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use super::amounts::{Kind, Number, numbers};
use super::figures::in_figures;
use super::pattern::any_case;

struct Patterns {
    told: Regex,
    /// The same fractions, however they stand in what is known.
    fraction: Regex,
    percentage: Regex,
    /// What the first half of is a time.
    time: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    told: any_case(
        r"\bhalf (?:of|off|price|the|our|your|as|what)\b|\b(?:by|in|cut) (?:a |in )?half\b|\ba (?:third|fifth|tenth) (?:of|off|less|more|cheaper|dearer|extra|lower|higher|the|your|our|on)\b|\b(?:about|around|roughly|nearly|almost|over|than|saves?|saving|cuts?|just) a (?:third|fifth|tenth)\b|\b(?:charges?|takes?|keeps?|gets?|pays?|is|at|for) a (?:third|fifth|tenth)(?:$|\s*[.,;!?])|\b(?:deposit|down payment|fee)(?:'s| is) (?:a|one) (?:third|quarter|fifth|tenth|half)\b|\b(?:deposit|down payment|fee)(?:'s| is) half\b|\b(?:by|un) (?:a )?(?:third|quarter|tercio)\b|\ba quarter (?:of|off|less|more|dearer|cheaper|extra|on top|up ?front|down|now|at)\b|\b(?:two|2) thirds\b|\b(?:three|3) quarters\b|\b24/7\b|\b(?:a)?round the clock\b|\b(?:dozens|hundreds|thousands|millions) of\b|\b(?:cientos|miles) de\b|\b(?:double|triple|twice) (?:the|your|as|that|what)\b|\b(?:doubles|triples|halves)\b|\b(?:a )?(?:couple|few|several)(?: of)? (?:hundred|thousand|grand|million|dozen|bucks|100|1000|1000000|12)\b",
    ),
    fraction: any_case(
        r"\b(?P<half>half)\b|\b(?:(?P<more>[23])|an?|one|1|by|last|final|first|other|remaining) (?P<part>third|quarter|fifth|tenth)s?(?:\s*(?:[.,;:()]|$)|\s(?:of|off|up|down|due|in|at|on|when|as|is|before|after|and|to|the|your|our|less|more|cheaper|dearer|extra|get|gets|if|once|unless|until|for|with|without|plus|or|per|upon)\b)",
    ),
    time: any_case(
        r"^ (?:the |this |next )?(?:year|month|week|day|term|season|january|february|march|april|may|june|july|august|september|october|november|december)\b",
    ),
    percentage: any_case(r"\b(?P<whole>50|33|25|20|10|66|67|75)(?:[.,]\d+)?\s?(?:%|per ?cent)"),
});

/// What never ends, in whichever words.
const ALWAYS: [&str; 5] = ["24/7", "24 hours", "round the clock", "day and night", "day or night"];

/// The first share of a reply that nothing known tells.
pub(super) fn unknown_share(text: &str, known: &[&str]) -> Option<String> {
    let text = in_figures(text);
    let is_part_of_time = |found: &Match<'_>| {
        ["first ", "second "].iter().any(|which| text[..found.start()].to_lowercase().ends_with(which))
            && PATTERNS.time.is_match(&text[found.end()..])
    };
    // "A third-party trustee", and "that's half the fun".
    let is_idiom = |found: &Match<'_>| {
        ["-party", " party", " fun", " battle"].iter().any(|word| text[found.end()..].starts_with(word))
    };
    let is_share = |found: &Match<'_>| !is_part_of_time(found) && !is_idiom(found);
    let mut told = PATTERNS.told.find_iter(&text).filter(is_share).map(|found| found.as_str());
    told.find(|share| {
        let is_told = known.iter().any(|source| holds(&in_figures(source).to_lowercase(), share));
        !is_told && !is_multiple(share, &text, known)
    })
    .map(str::to_owned)
}

/// "Metal is $9.50, double the shingle" where the shingle is $4.75: one of the two prices is told, the other known.
fn is_multiple(share: &str, text: &str, known: &[&str]) -> bool {
    let share = share.to_lowercase();
    let times = if share.starts_with("triple") { 3 } else { 2 };
    let prices = |text: &str| -> Vec<u64> {
        let is_price = |number: &Number| matches!(number.kind, Kind::Money(_));
        numbers(text, false).into_iter().filter(is_price).map(|number| number.value).collect()
    };
    let told = prices(text);
    let is_named = ["double", "twice", "triple"].iter().any(|many| share.starts_with(many));
    let mut known = known.iter().flat_map(|source| prices(&in_figures(source)));
    is_named && known.any(|known| told.iter().any(|told| *told == known * times || *told * times == known))
}

/// True when the source, in small letters, tells the share in the same words, as another word for it or in percent.
fn holds(source: &str, share: &str) -> bool {
    let share = share.to_lowercase();
    let is_always = ALWAYS.iter().any(|always| share.contains(always));
    let percent = percents_in(&share).next();
    source.contains(&share)
        || share == "halves" && source.contains("half")
        || share.ends_with("in half") && source.contains("halved")
        || is_always && ALWAYS.iter().any(|always| source.contains(always))
        || percent.is_some_and(|percent| percents_in(source).chain(percents(source)).any(|known| known == percent))
}

/// The fractions that a text tells in words, in whole percent.
pub(super) fn percents_in(text: &str) -> impl Iterator<Item = u64> {
    PATTERNS.fraction.captures_iter(text).filter(|found| is_part(text, found)).filter_map(|found| percent_of(&found))
}

/// "A stall and a half" is more than one, and a "half day" a thing of its own.
fn is_part(text: &str, found: &Captures<'_>) -> bool {
    found.name("half").is_none_or(|half| {
        let rest = text[half.end()..].trim_start_matches([' ', '-']);
        !text[..half.start()].ends_with("and a ") && !WHOLES.iter().any(|thing| rest.starts_with(thing))
    })
}

/// Things that a half of is no share.
const WHOLES: &[&str] = &["day", "board", "term", "marathon", "bath", "size", "past", "hour"];

fn percent_of(found: &Captures<'_>) -> Option<u64> {
    let parts = found.name("more").and_then(|more| more.as_str().parse().ok()).unwrap_or(1);
    let of = match found.name("part").map(|part| part.as_str()) {
        None => 2,
        Some("third") => 3,
        Some("quarter") => 4,
        Some("fifth") => 5,
        Some(_) => 10,
    };
    (parts < of).then_some(parts * 100 / of)
}

/// The text with its fractions in percent beside them: what is known of "half" is known of 50 %.
pub(super) fn with_percents(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = 0;
    for found in PATTERNS.fraction.captures_iter(text).filter(|found| is_part(text, found)) {
        let (Some(all), Some(percent)) = (found.get(0), percent_of(&found)) else { continue };
        let word = ["half", "part"].iter().find_map(|name| found.name(name)).map_or(all.end(), |word| word.end());
        let word = word + usize::from(text[word..].starts_with('s'));
        written.push_str(&text[rest..word]);
        written.extend([" ", &percent.to_string(), "%"]);
        rest = word;
    }
    written.push_str(&text[rest..]);
    written
}

/// The percentages of a text that are such fractions; two thirds are told as 66 and as 67.
fn percents(text: &str) -> impl Iterator<Item = u64> {
    PATTERNS.percentage.captures_iter(text).filter_map(|found| found["whole"].parse().ok()).map(|percent| match percent
    {
        67 => 66,
        percent => percent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_known_in_other_words_and_in_percent() {
        for (reply, known) in [
            ("we keep a third of it", "Fee: one third of the net recovery."),
            ("a quarter of the price is due when you sign", "25% is due at signing, 75% at the end."),
            ("half of it at the start", "Payment: 50 % on signing."),
            ("the fee is a third.", "A share: one third if the case settles, 40% after filing."),
            ("about a third of families get it", "About one in three; a third of families get some."),
            ("two thirds of our students", "67 percent of students pass."),
            ("half the fee now", "One half now, one half on the day."),
            ("the first half of December is full", "Nothing is known."),
            ("you pay in two halves", "Half on signing, half before filing."),
            ("a third-party trustee holds it, that's half the fun", "Nothing is known."),
        ] {
            assert_eq!(unknown_share(reply, &[known]), None, "{reply}");
        }
    }

    #[test]
    fn every_share_must_be_known() {
        for (reply, known) in [
            ("we keep a third of it", "Fee: one quarter of the net recovery."),
            ("the fee is a quarter.", "A share: one third if the case settles, 40% after filing."),
            ("half off the first month", "The visit takes half an hour."),
            ("a quarter of the price", "We open at quarter past nine."),
            ("half of it now and a third of it later", "Half of it is due now."),
            ("a third of the price", "The third child gets 5% off."),
            ("double the space", "Half the space is free."),
            ("the first half of the price is due now", "Payment in full."),
        ] {
            assert!(unknown_share(reply, &[known]).is_some(), "{reply}");
        }
    }
}
