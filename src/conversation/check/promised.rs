//! Stories of what binds a firm in other words than promises usually have, and what sounds like it and is true.

use super::fixture::{Scene, assert_told};
use super::*;

/// A storage firm with a deposit, an offer and a lender.
fn store(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("Is my piano safe, and can I stop early? I have 18k put aside");
    scene.ctx.organisation.name = "Harbour Lockers".to_owned();
    scene.ctx.lead.location = Some("Durham, NC".to_owned());
    scene.standing.known_text = vec![
        "Month to month. 10 days' notice to leave; the last month is not prorated. The deposit is refunded within 7 days."
            .to_owned(),
        "A van is free on the first day. Credit is through Summit, and approval is up to the lender. We do not insure goods."
            .to_owned(),
        "Only the yard on Elm Street is open at night. Units have a disc lock. Pianos need a heated unit.".to_owned(),
        "Una mudanza se paga en dos cuotas. El cargo de la agencia es de 35 dólares.".to_owned(),
    ];
    gravest(&run(&scene.candidate()))
}

#[test]
fn what_is_known_not_to_hold_stands_behind_no_promise() {
    assert_told(
        store,
        &["The last month isn't prorated", "We don't price match", "Any discount is down to the owner"],
        &["We'll prorate the last month", "Your goods are covered by our insurance", "We price match"],
    );
}

#[test]
fn what_a_lead_may_do_is_known_or_a_step_of_the_talk() {
    assert_told(
        store,
        &[
            "You can pick whichever suits you",
            "You can leave with 10 days' notice",
            "Which days can you make, and what can you tell me of the piano?",
        ],
        &["You can use one of our trucks for the trip", "If money is tight you can just skip a month"],
    );
}

#[test]
fn nobody_says_yes_for_the_lender_nor_that_all_is_well() {
    assert_told(
        store,
        &[
            "Approval is up to the lender",
            "The lender decides who's eligible",
            "Don't worry, the deposit is refunded within 7 days",
        ],
        &[
            "Consider yourself approved",
            "You're as good as approved",
            "You two qualify",
            "Don't worry about the piano",
            "It's perfectly safe",
            "No se preocupe por eso",
            "Seguro lo aprueban",
            "Every one of our customers gets approved",
            "Nothing gets broken here",
            "Kendra already agreed",
            "It won't need a cover",
            "Customers like you save a day a week",
        ],
    );
}

#[test]
fn a_gift_is_known_as_a_gift_and_as_large() {
    assert_told(
        store,
        &["The van is free on the first day", "The deposit is refunded within 7 days"],
        &[
            "The first month is on the house",
            "Happy to waive the notice",
            "I'll make sure the deposit disappears",
            "If it breaks you pay nothing",
            "I've locked it in for you",
            "The piano is on Harbour",
            "The deposit comes back to you whole, so the entire deposit is refunded",
            "If you sign by June the first month is free",
            "Yo le perdono el cargo de la agencia",
            "El cargo va por nuestra cuenta",
            "Ya le reservé el lugar",
        ],
    );
}

#[test]
fn a_state_has_two_names_and_a_branch_is_none_of_the_leads_places() {
    assert_told(
        store,
        &["Happy to help somebody from North Carolina", "18k put aside, noted"],
        &[
            "Happy to help somebody from South Dakota",
            "You could come to our Durham office",
            "Barclays is one of our lenders",
        ],
    );
}

#[test]
fn a_page_where_one_may_book_is_no_promise() {
    assert_told(
        store,
        &[
            "Book here: https://cal.example.com/b/1",
            "Great, grab a slot here: https://cal.example.com/b/1",
            "You can also book a visit here: https://cal.example.com/b/1",
            "Schedule your call here: https://cal.example.com/b/1",
        ],
        &["Book a free month here: https://cal.example.com/b/1"],
    );
}

#[test]
fn a_turn_of_speech_binds_nobody() {
    assert_told(
        store,
        &["I'd be wary of anyone who does", "If you've never towed, we can show you", "Goods are not covered"],
        &[
            "Anyone who rents with us gets the van",
            "We're wary of anyone who rents a van, so everyone pays a deposit twice",
            "We never charge for the lock",
        ],
    );
}

/// A physiotherapist who bills insurers, and whose warranty on braces has limits.
fn clinic(text: &str) -> Verdict {
    let mut scene = Scene::new(text).heard("I have Harbor Health. Do braces have a warranty?");
    scene.standing.known_text = vec![
        "We bill Harbor Health directly; patients pay what their plan doesn't cover.".to_owned(),
        "Braces have a one-year warranty. Water damage and lost straps are not covered.".to_owned(),
    ];
    gravest(&run(&scene.candidate()))
}

#[test]
fn what_is_known_to_be_left_out_may_be_told_in_other_words() {
    assert_told(
        clinic,
        &["Water damage and straps you lose are outside that", "You'd pay whatever your plan leaves"],
        &["Water damage and lost straps are covered for life", "We'll bill it whatever your plan says"],
    );
}
