//! Stories of prices that stand in lists, of ranges, addresses and instalments, and of what only looks like a time or a place.

use super::fixture::{Scene, assert_told};
use super::*;

const KNOWN: [&str; 4] = [
    "Crown reductions usually come to £480-£950 plus VAT. One-to-one in the centre is £46 an hour, one-to-one online £39.",
    "Office: 7300 West 119th Street. Calls are answered around the clock at 804-555-0162 or 804-555-1182. The gates have 24-hour cameras.",
    "The course may be paid in ten monthly instalments. The rate is 38% for orders of 15 or more workers, 42% for fewer than 10 workers.",
    "A living trust costs a flat fee of $2,400 for one person and $2,950 for a married couple. Packs are valid for six months.",
];

fn verdict(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("We ship to TX and I work 9-5. Nothing can happen before the move.");
    scene.standing.known_text = KNOWN.map(str::to_owned).to_vec();
    gravest(&run(&scene.candidate()))
}

#[test]
fn what_stands_in_a_list_is_told_of_its_own_thing() {
    assert_told(
        verdict,
        &[
            "Crown reductions are between £480 and £950 plus VAT",
            "One-to-one is £46 an hour in the centre or £39 online",
            "For a married couple the living trust is a flat $2,950",
            "It's 38% for 15 workers or more",
        ],
        &[
            "Crown reductions are between £480 and £980 plus VAT",
            "It's 38% for 12 workers or more",
            "Packs are valid for a full year",
        ],
    );
}

#[test]
fn addresses_phones_and_instalments_are_read_as_what_they_are() {
    assert_told(
        verdict,
        &[
            "We're at 7300 West 119th Street",
            "Call 804-555-0162 day and night",
            "Call 804-555-1182 day or night",
            "There are cameras round the clock",
            "You can spread the course over ten months",
        ],
        &[
            "We're at 7400 West 119th Street",
            "Call 804-555-0163 day and night",
            "You can spread the course over twelve months",
        ],
    );
}

#[test]
fn what_only_looks_like_a_time_or_a_place_is_none() {
    assert_told(
        verdict,
        &[
            "With a 9-5 there isn't much of the day left! Which days are you off?",
            "I can't say it'll be done next week, sorry",
            "Two moves in a month, that's rough",
            "Is that year round or does it pick up in spring?",
            "What part of Texas is that?",
            "Anybody working in Wisconsin?",
        ],
        &["It'll be done next week", "We have a crew in Wisconsin", "Could Al come along?", "We start in spring"],
    );
}
