//! Stories of what a reply may tell of prices and gifts.

use super::fixture::{Scene, assert_told};
use super::*;

/// A boat hire whose prices, gifts and free days are known.
fn boats(text: &str) -> Verdict {
    let mut scene = Scene::new(text);
    scene.standing.known_text = vec![
        "Wetsuits are $25 each. Mooring at our jetty is free overnight. Sunday sails in June that are still free: the 8th."
            .to_owned(),
        "Private lessons: sail trimming $95, knots $40. The barbecue boat costs $310 including charcoal and ice.".to_owned(),
        "There is a fuel fee of $30 on motor boats. The first hour in a rowing boat costs nothing.".to_owned(),
    ];
    gravest(&run(&scene.candidate()))
}

#[test]
fn what_is_known_to_cost_something_is_not_free_because_something_else_is() {
    assert_told(
        boats,
        &[
            "Mooring overnight is free of charge",
            "The first hour in a rowing boat is free",
            "Charcoal and ice come with the barbecue boat",
        ],
        &[
            "For a sail in June we'd put out the wetsuits for you free of charge",
            "Wetsuits are included at no charge",
            "Sail trimming lessons are free with the boat",
            "There's no fuel fee for your group",
            "You get a free month of mooring",
        ],
    );
}

#[test]
fn a_lifetime_must_be_known() {
    let known = |known: &str, text: &str| {
        let mut scene = Scene::new(text);
        scene.standing.known_text = vec![known.to_owned()];
        gravest(&run(&scene.candidate()))
    };
    for text in ["It has a lifetime warranty.", "The frame is guaranteed for life.", "Tiene garantía de por vida."] {
        assert!(known("Frames carry a warranty of 20 years.", text) >= Verdict::Regenerate, "never-invented: {text}");
    }
    assert_eq!(known("Frames carry a lifetime warranty.", "Frames carry a lifetime warranty."), Verdict::Pass);
}
