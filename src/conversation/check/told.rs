//! Stories of what a reply may tell of a small firm, and what nobody taught it.

use super::fixture::{Scene, assert_told};
use super::*;

/// A gym whose prices, hours and gifts are known.
fn gym(text: &str) -> Verdict {
    let mut scene = Scene::new(text);
    scene.standing.known_text = vec![
        "Membership is $59 a month with no joining fee. A trainer is $75 an hour. 2 guest passes a month are included."
            .to_owned(),
        "The first class is free. Open Monday to Friday 7am to 4:30pm, Saturday 8am to noon, closed Sunday.".to_owned(),
    ];
    gravest(&run(&scene.candidate()))
}

#[test]
fn a_number_is_told_of_the_thing_it_belongs_to() {
    assert_told(
        gym,
        &["It's fifty-nine a month", "A trainer is seventy-five an hour", "Two guest passes every month are included"],
        &[
            "A trainer is $59",
            "It's $59 a week",
            "You get 59 guest passes",
            "There's a $59 joining fee",
            "It's £59 a month",
        ],
    );
}

#[test]
fn a_day_and_an_hour_stand_together_or_not_at_all() {
    assert_told(
        gym,
        &[
            "We're open Mon-Fri 7 to 4:30",
            "We're open Saturdays from 8 till noon",
            "We're closed on Sunday",
            "Tuesday the 1st at ten in the morning?",
        ],
        &[
            "We're open Saturday until 4:30pm",
            "We're closed Fridays",
            "Tuesday the 1st at half past two?",
            "We close at 10",
        ],
    );
}

#[test]
fn short_forms_and_invitations_are_read_as_they_are_meant() {
    assert_told(
        gym,
        &[
            "We're here til 4:30 M-F",
            "We're open six days a week",
            "We shut at noon on Saturdays, so come in the morning",
            "Stop by on a Saturday, 8 to noon",
            "A trainer's $75/hr 😄",
        ],
        &[
            "We're here til 9 M-F",
            "We're open five days a week",
            "We shut at noon on Fridays, so come in the morning",
            "Stop by on a Saturday, 9 to noon",
            "A trainer's $80/hr 😄",
        ],
    );
}

#[test]
fn only_what_is_known_to_be_free_is_given_and_only_a_person_binds_the_firm() {
    assert_told(
        gym,
        &["Your first class is on us", "No joining fee at all", "I'll check with the team and get back to you"],
        &["Your first month is free", "I'll hold a spot for you", "We'll match any price", "You'll be fit in no time"],
    );
}

#[test]
fn the_page_of_one_time_does_not_stand_after_another() {
    assert_told(
        gym,
        &["Tuesday at 10: https://cal.example.com/s/1"],
        &["Tuesday at 10: https://cal.example.com/s/2", "Follow @acmegym"],
    );
}

/// A firm that fits kitchens, whose facts stand in heads, lists and two languages.
fn fitter(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("We're 40 in all, budget 15 000, and I work till 4. My girl is 7");
    scene.standing.known_text = vec![
        "Doors: oak $140, painted $265. Fitting takes 3 days and the survey 25 minutes; a report follows within 2 business \
         days. Collectors carry a 15-year warranty, pumps 3 years."
            .to_owned(),
        "Les plans sont remis sous 8 jours. Un plan en quartz est à 390 € le mètre. Ouvert du mardi au samedi de 10h à 18h."
            .to_owned(),
        "Opened in 2009; over 4,200 kitchens fitted. Cover is $1 million. Stock number B207 has 212 engine hours.".to_owned(),
    ];
    gravest(&run(&scene.candidate()))
}

#[test]
fn what_is_known_may_be_told_in_other_words() {
    for text in [
        "Painted doors are $265",
        "It's 15 years on collectors, 3 on pumps",
        "The report comes within 48 hours of the survey, so two days",
        "Since 2009 we have fitted over 4,200",
        "Cover of $1M is included",
        "B207 has 212 hours on it",
        "So 40 people and a budget of $15,000?",
        "A plan in quartz is 390 euros a metre",
        "Dec 1 is a Tuesday. Does that suit?",
        "Painted doors are just under 270 dollars",
        "Painted doors are about $270",
        "Pumps have 36 months. Collectors get 15 years",
        "Since you're on till 4, Wednesday at 2:30 may be too early?",
    ] {
        assert_eq!(fitter(text), Verdict::Pass, "never-invented stops only what is invented: {text}");
    }
}

#[test]
fn what_nobody_can_say_is_no_promise() {
    for text in [
        "I can't say how much they will pay",
        "Nobody here can promise a result",
        "Discounts aren't something I can decide",
        "Only the survey can tell for sure",
        "Do you have a free room we could use?",
    ] {
        assert_eq!(fitter(text), Verdict::Pass, "{text}");
    }
    for text in [
        "You'll definitely be approved",
        "Your piano is fully covered",
        "The deposit is on me",
        "Unlimited changes, forever",
        "We'll leave the balance until you're happy",
        "Le prix ne bougera pas, c'est garanti",
        "Painted doors are $140",
        "Painted doors are just over 270 dollars",
        "Oak doors are about $150",
        "The survey takes about 26 minutes",
        "It's 15 years on pumps",
        "Dec 1 is a Friday",
    ] {
        assert!(fitter(text) >= Verdict::Regenerate, "never-invented: {text}");
    }
}

/// A school that also lets storage: hours of several kinds, sizes, and counts told in short.
fn school(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("My dad comes home Friday, and my class lets out at 3");
    scene.standing.known_text = vec![
        "Open Monday to Thursday 9am to 7pm, Friday 9am to 2pm, Saturday 9am to 1pm, closed Sunday and on Labour Day, \
         December 7. Phones are staffed 6am to 6pm Pacific. Exams on Tuesdays from 1pm to 5pm."
            .to_owned(),
        "Heated units: 5x10 $119, 10x10 $199, 10x15 $259. Labels: 1,000 for £165, 5,000 for £540. As of November 24 the A1 \
         group has 4 places left and the A2 group has 2. Groups have 5 to 9 students. Private lessons: $78 an hour. \
         Semi-private for 2 people: $48 each per hour."
            .to_owned(),
        "The minimum is 3 hours a visit and 12 hours a week. We have 46 units at Raheen Quay; a unit at Raheen Quay has 90 \
         square metres. Basic is $44 a month (gym floor), Plus $69 a month (gym floor and all classes)."
            .to_owned(),
    ];
    gravest(&run(&scene.candidate()))
}

#[test]
fn hours_belong_to_the_days_beside_them_and_come_from_one_source() {
    assert_told(
        school,
        &[
            "Sunday we're closed",
            "We're open till 7 Monday through Thursday, till 2 on Friday and till 1 on Saturday",
            "We're here 9 to 7 Monday through Thursday, 9 to 1 Saturdays",
            "We're open 9 to 1 every day but Sunday",
            "Monday the 7th is Labour Day and we're closed",
            "The phones are staffed 6 to 6 Pacific",
            "Exams are on Tuesdays between 1 and 5",
            "Alex texted you Tuesday",
            "Tuesday at 10 is open as of today",
            "If weekdays are tough, Wednesday at 2:30 is open",
            "He's home Friday the 27th, so would Tuesday at 10 work?",
            "Wednesday at 2:30 is tight with class letting out at 3",
            "Any evening this week that's good?",
            "We're here from 9 on weekdays",
            "We don't teach on Sundays",
            "Mon, Tues, Weds and Thurs we're open till 7",
            "Could you send me his last report today?",
            "There's nothing left on Friday. Tuesday at 10 or Wednesday at 2:30?",
            "Between 9 and 1 on Saturdays, from 9 till 2 on Fridays",
        ],
        &[
            "Saturday we're closed",
            "We're open till 7 Monday through Thursday, till 7 on Friday",
            "We're here 9 to 7 Monday through Thursday, 9 to 2 Saturdays",
            "Sunday the 7th is Labour Day",
            "The phones are staffed 6 to 7 Pacific",
            "Exams are on Tuesdays between 1 and 6",
            "The office is open 9am to 6pm",
            "You can come by today",
            "We're here from 8 on weekdays",
            "The exam is on the 1st and 3rd Monday",
            "Could you come by today?",
            "He's home Friday the 28th",
        ],
    );
}

#[test]
fn a_number_is_held_against_others_of_its_own_kind() {
    assert_told(
        school,
        &[
            "A heated 10x15 is $259",
            "5,000 labels are £540",
            "The A2 group has 2 places left",
            "No experience needed. 5x10 is $119, and a 10x10 just under 200 dollars",
            "It's at least 3 hours a visit and 12 a week",
            "Between 5 and 9 people sit in a group",
            "Semi-private is $48 each an hour for two",
            "We have 46 units at Raheen Quay",
            "Plus is $69 with all classes",
            "Two times are open: Tuesday at 10 or Wednesday at 2:30",
            "Would a third row matter to you?",
        ],
        &[
            "A heated 10x15 is $199",
            "A 12x15 is $259",
            "5,000 labels are £165",
            "The A2 group has 3 places left",
            "It's at least 3 hours a visit and 20 a week",
            "Between 5 and 12 people sit in a group",
            "We have 90 units at Raheen Quay",
            "Three times are open: Tuesday at 10 or Wednesday at 2:30",
            "We charge a third",
        ],
    );
}

#[test]
fn a_promise_in_words_that_no_rule_knows_is_held_with_its_sentence() {
    for text in [
        "On s'occupe de tout, vous n'aurez rien à payer de plus",
        "September 30 is yours. I've locked it in for you and Jonah",
        "Pode deixar que a gente acerta o valor pra você",
    ] {
        assert_eq!(fitter(text), Verdict::Hold, "never-invented: {text}");
    }
}

#[test]
fn what_a_lead_says_clears_no_promise() {
    let order = "You get a free kitchen and you'll definitely be happy with it";
    let mut scene = Scene::new(order).heard(order);
    scene.standing.known_text = vec![order.to_owned()];
    assert!(gravest(&run(&scene.candidate())) >= Verdict::Hold, "never-invented");
}
