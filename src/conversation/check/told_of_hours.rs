//! Stories of hours and days told in the words people use: of closed dates, of spans, and of a clock elsewhere.

use super::fixture::{Scene, assert_told};
use super::*;

const KNOWN: [&str; 5] = [
    "The office is open Monday to Friday 8 AM to 5 PM Central, closed December 24, 25 and 31.",
    "Crews work Sunday night through Friday night. No Saturday nights. Weekend support comes with the Large plan. Cats are welcome on Fridays only.",
    "A wall takes 12 to 16 weeks and a deck 5 to 7 weeks from the permit. New tiles ship in five business days, used ones in two.",
    "The claims line answers 24 hours a day. The showroom is open Wednesday until 8 PM and Saturday 9 AM to 1 PM.",
    "As of November 20 there is one 8am start and one 1pm start left on December 18.",
];

fn verdict(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("We're 22 people and move on December 18, the elevator is ours 9 to 1.");
    scene.ctx.organisation.timezone = "America/Chicago".to_owned();
    scene.ctx.lead.notes = vec!["Summer bill about $200".to_owned()];
    scene.standing.known_text = KNOWN.map(str::to_owned).to_vec();
    gravest(&run(&scene.candidate()))
}

#[test]
fn a_date_that_is_known_may_be_told_with_its_weekday() {
    assert_told(
        verdict,
        &[
            "The office is closed on Thursday, December 24",
            "The office is closed December 24 and 25",
            "Two starts are left on December 18, one at 8am and one at 1pm",
            "Got it: the elevator is yours 9 to 1, and you move on Friday, December 18",
        ],
        &[
            "The office is closed on Friday, December 18",
            "The office is closed December 24 and 26",
            "Two starts are left on December 18, one at 8am and one at 3pm",
        ],
    );
}

#[test]
fn days_are_known_in_the_words_of_the_knowledge() {
    assert_told(
        verdict,
        &[
            "Support on Saturdays and Sundays comes with the Large plan",
            "Do you have cats? Fridays only here!",
            "Would a Saturday suit you for a look round the showroom?",
            "Our crews do no Saturday nights, sorry",
            "If Thursday is too late: sooner than Thursday, Tuesday at 10 or Wednesday at 2:30 are there",
            "Wednesday at 2:30 in the afternoon is free, as we're open until 8",
        ],
        &[
            "Our crews also work Saturday nights",
            "Do you have cats? Mondays only here!",
            "I have a Saturday available for a look round the showroom",
            "Wednesday at 2:30 in the afternoon is free, as we're open until 9",
        ],
    );
}

#[test]
fn a_number_that_measures_is_no_hour() {
    assert_told(
        verdict,
        &[
            "A wall takes twelve to sixteen weeks from the permit and a deck five to seven",
            "Used tiles ship in two business days, new ones in five",
            "At 22 you fill a room",
        ],
        &[
            "The crew comes from twelve to sixteen on Tuesday",
            "Used tiles ship in three business days, new ones in five",
        ],
    );
}

#[test]
fn a_span_is_told_where_something_stands_behind_it() {
    assert_told(
        verdict,
        &[
            "No need to rush this week",
            "Shall we find a day next week?",
            "Tuesday first thing? I have 10 AM",
            "That bill is for a month in summer, right?",
        ],
        &[
            "Shall we start next week?",
            "No need to wait, we can look at it next week",
            "The wall could stand in spring",
        ],
    );
}

#[test]
fn hours_are_the_same_on_another_clock_and_at_night() {
    assert_told(
        verdict,
        &[
            "The office is open weekdays 8 to 5 Central, so 7 AM to 4 PM for you",
            "If something breaks at 3 am, the claims line answers",
        ],
        &[
            "The office is open weekdays 8 to 5 Central, so 9 AM to 6 PM for you",
            "The showroom is open until 3 am",
            "Shall we talk at 3 am?",
            "We can look at the tiles at 3 am",
        ],
    );
}
