//! Stories of what follows from what is known: amounts by the mile and by the head, shares told as fractions, working days told as
//! weeks, the day after, and what a person said themselves.

use super::fixture::{Scene, assert_told};
use super::*;

const KNOWN: [&str; 6] = [
    "Rates per loaded mile: single stall $1.05, stall and a half $1.45, box stall $1.95. Ocala to Lexington is about 720 miles.",
    "The Florida rig leaves on December 8 and reaches Lexington the next day, normally by midday. A 25% deposit holds a stall.",
    "A half day costs $450, a shift is $1,150. Sunday shifts cost 25% more. Complete is a $40 base plus $5 per employee a month.",
    "First flight is ten business days after signing. Typically 95% of pages come out legible. Growth is $420 a month.",
    "Overhaul of a longcase movement $640. Mantel clock overhaul from $290. The clock may be left going. A client may stop at any time.",
    "We have done this since 2003. Bench scales are $95 each. One stall has up to three bars.",
];

fn verdict(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("We have 38 people. The crates go out on Friday. Is it legible after?");
    scene.ctx.lead.notes = vec!["Longcase clock".to_owned(), "Permit inspector visits in June".to_owned()];
    scene.ctx.lead.notes.push("Bakes six nights, idle on Sundays".to_owned());
    scene.standing.known_text = KNOWN.map(str::to_owned).to_vec();
    gravest(&run(&scene.candidate()))
}

#[test]
fn an_amount_follows_from_a_rate_and_what_it_is_paid_for() {
    assert_told(
        verdict,
        &[
            "A box stall comes to $1,404 for Ocala to Lexington",
            "A stall and a half is about $1,044",
            "The single stall would be $756",
            "The deposit's a quarter, $351 for the box stall",
            "Complete is $230 a month for 38 people",
            "Growth comes to $5,040 a year",
            "A Sunday shift is a quarter dearer, so $1,437.50",
            "For half a dozen bench scales it's $570",
            "A half day is billed at four-fifty",
            "Shifts are priced at eleven-fifty",
        ],
        &[
            "A box stall comes to $1,300 for Ocala to Lexington",
            "A stall and a half is about $999",
            "The single stall would be $1,404",
            "The deposit's a third, $468 for the box stall",
            "The deposit's a quarter, $375 for the box stall",
            "Complete is $260 a month for 38 people",
            "Growth comes to $4,200 a year",
            "A Sunday shift is a quarter dearer, so $1,400",
            "For half a dozen bench scales it's $620",
            "A half day is billed at four-eighty",
        ],
    );
}

#[test]
fn a_span_is_told_in_other_units_and_a_day_follows_from_it() {
    assert_told(
        verdict,
        &[
            "First flight is about two weeks after signing",
            "Usually 95 out of 100 pages come out legible",
            "It leaves on December 8 and reaches Lexington the next day, the 9th",
            "We've been at it for 23 years",
            "If one day you want to stop, you may stop",
            "Shall we look at one of them?",
            "Will it do for your inspector in June?",
            "Sundays are your quiet day, I gather",
            "With your crates going out this week, I'd ask now",
        ],
        &[
            "First flight is about three weeks after signing",
            "Usually 97 out of 100 pages come out legible",
            "Nine out of ten pages come out legible",
            "It leaves on December 8 and reaches Lexington on the 10th",
            "There's a rig on December 9",
            "We've been at it for 30 years",
            "It takes one day after signing",
            "Come by at one on Friday",
            "We'll be done by June",
            "Your crates will be delivered this week",
        ],
    );
}

#[test]
fn what_is_known_by_other_words_is_no_promise_and_a_small_harm_is_a_number() {
    assert_told(
        verdict,
        &[
            "You can leave it going",
            "You can stop whenever you like",
            "Stop whenever you want to",
            "How they will read it is more than I can say",
            "Whether they'll approve it isn't for me to say",
            "Before you take my word for it, ask about the bars",
            "For a clock like yours the overhaul is $640",
        ],
        &[
            "You can leave early",
            "You can pay whenever you like",
            "Take my word for it, they will approve it",
            "It's more than we can say, but they will approve it",
            "We've had two claims in all",
            "We've had three injury claims in all",
            "For a clock like yours the overhaul is $590",
        ],
    );
}
