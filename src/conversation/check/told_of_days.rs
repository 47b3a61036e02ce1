//! Stories of the days a firm is open, of what is due and refunded, and of kind words that promise nothing.

use super::fixture::{Scene, assert_told};
use super::*;

const KNOWN: [&str; 5] = [
    "Lessons run Tuesday to Friday 8 to 6, none on Sundays. The showroom is open the first Saturday of the month 10:00 to 13:00.",
    "Crews start between 8 and 9 am or between 12 and 2 pm. Most jobs are done in a single day. Invoices are fortnightly.",
    "Automatic lessons cost €5 more each. Pick-up is included within 10 km of town. The deposit is 40%. $150 holds the date.",
    "No broker fee on business policies; $150 broker fee on other placements. The review is free. Loans run from 36 to 75 months.",
    "Roof inspection. Free of charge, about two hours. If the match is not right after the first session, that session is not charged and we propose another tutor.",
];

fn verdict(text: &str) -> Verdict {
    let mut scene =
        Scene::new(text).heard("We just bought a house! Our policy renews Dec 15 and the AC is 14 years old.");
    scene.standing.known_text = KNOWN.map(str::to_owned).to_vec();
    gravest(&run(&scene.candidate()))
}

#[test]
fn open_days_are_known_by_what_they_leave_out() {
    assert_told(
        verdict,
        &[
            "Lessons are weekdays except Monday, 8 to 6",
            "No Sundays I'm afraid. Does a weekday work?",
            "Our showroom opens the first Saturday of the month",
            "The crew starts between 8 and 9 or between 12 and 2",
            "Keep your policy until the new one is bound. You wouldn't want a gap in December!",
        ],
        &[
            "Lessons are weekdays except Friday, 8 to 6",
            "Lessons run till 8 in the morning on weekdays",
            "Our showroom opens the second Saturday of the month",
            "The crew starts between 6 and 7",
            "You wouldn't want a gap in October!",
        ],
    );
}

#[test]
fn what_is_due_is_known_in_the_words_people_use() {
    assert_told(
        verdict,
        &[
            "An automatic is a fiver more per lesson",
            "150 holds the date",
            "Pick-up is included within 10k of town",
            "It's a one-day job",
            "Invoices come every fortnight",
            "The broker fee is $150, and only on other placements",
            "A loan goes from 36 up to 75 months",
            "You don't pay for that one if the first session isn't a match",
            "It costs you nothing to find out",
            "The inspection costs nothing",
            "Is Pat usually free after work?",
            "Fourteen summers is a lot for an AC",
        ],
        &[
            "An automatic is a tenner more per lesson",
            "The deposit's a quarter",
            "A loan goes from 24 up to 75 months",
            "It costs you nothing to cancel",
            "The second visit costs nothing",
            "Twelve summers is a lot for an AC",
        ],
    );
}

#[test]
fn kind_words_promise_nothing() {
    assert_told(
        verdict,
        &[
            "Congrats on the house! Anything heavy to move?",
            "It'd be wrong of me to call it painless",
            "You're not the only one! Which room is it \u{1f605} Which floor?",
            "We can keep it to text",
            "The price is 100% their call",
            "I'd love to say you get it all back, but the owner decides",
            "We put the application together, the decision is theirs",
            "Have a read when you have five minutes",
        ],
        &[
            "The first box is on the house",
            "The 18th of March is yours, Pat!",
            "You get it all back",
            "We put you down for the move",
        ],
    );
}

/// A language school whose course begins on a day, in a month that is not this one.
fn school(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("I can't do Fridays. It's so cold at home");
    scene.standing.known_text = vec![
        "The course runs Mondays and Wednesdays from Monday 11 January 2027. A full refund is given up to 14 days before the start."
            .to_owned(),
        "There are five recipes each week in the cooking class. The key box can be used day and night.".to_owned(),
    ];
    gravest(&run(&scene.candidate()))
}

#[test]
fn the_last_day_for_something_follows_from_the_day_it_is_counted_from() {
    assert_told(
        school,
        &["You get a full refund up to 28 December"],
        &["You get a full refund up to 30 December", "The course runs from 28 December"],
    );
}

#[test]
fn this_month_and_this_week_are_named_without_a_claim() {
    assert_told(
        school,
        &[
            "Ugh, no fun in November. Is the heating off?",
            "This week's recipes, all five, are in the cooking class",
            "Perfect, no Fridays needed! It's Mondays and Wednesdays",
            "The key box can be used around the clock",
        ],
        &[
            "Ugh, no fun in August. Is the heating off?",
            "We can start in November",
            "We have room this week",
            "No Fridays, it's Mondays and Tuesdays",
        ],
    );
}

#[test]
fn what_is_told_before_a_question_is_not_asked() {
    assert_told(
        school,
        &["Would 12 of you come?", "There are five recipes each week, would that be enough for you?"],
        &[
            "There are nine recipes each week, would that be enough for you?",
            "The room holds 12, would that be enough?",
        ],
    );
}
