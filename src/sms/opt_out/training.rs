//! How the weights are learned, so that the same texts always give the same file.
//!
//!     cargo test --release --lib opt_out::training::rewrite -- --ignored

use std::collections::HashMap;
use std::fmt::Write as _;

use super::examples::{Example, TRAINING, TUNING, everyday, examples};
use super::features::{each_feature, each_feature_of_rules, is_of_letters};
use super::learned::{BIAS, Model, WEIGHT_PARTS, length, verdict};
use super::*;
use crate::sms::learning::{self, Names, most_moving, train};

/// A feature is learned when so many texts have it.
const TEXTS_MIN: usize = 2;
/// So many features are kept, those that move scores most.
const FEATURES_MAX: usize = 40_000;
/// How much a misread text costs beside large weights.
const COST: f64 = 5.0;
/// Authors are left out in so many groups.
const GROUPS: usize = 5;
/// A text with its features by number.
struct Lesson {
    is_stop: bool,
    features: Vec<usize>,
}

/// Rules know the texts they were written against by heart: what they say of those teaches nothing.
fn lesson(example: &Example, rules_are_told: bool, names: &mut Names) -> Lesson {
    let mut features = Vec::new();
    let mut found = |name: &str| features.push(names.number(name));
    let text = without_signature(&example.text);
    each_feature(&text, &mut found);
    if rules_are_told {
        each_feature_of_rules(&Read::of(&text).by_rules(), &mut found);
    }
    features.sort_unstable();
    features.dedup();
    Lesson { is_stop: example.expect == OptOutVerdict::Stop, features }
}

/// Learns from the texts of all authors but some, leaving out those that a person must look at, and returns the file of weights.
fn learn(left_out: &[String]) -> String {
    let mut names = Names::default();
    let by_heart = examples(TUNING).into_iter().chain(everyday()).map(|example| (example, false));
    let lessons: Vec<Lesson> = by_heart
        .chain(examples(TRAINING).into_iter().map(|example| (example, true)))
        .filter(|(example, _)| example.expect != OptOutVerdict::Hold && !left_out.contains(&example.author))
        .map(|(example, rules_are_told)| lesson(&example, rules_are_told, &mut names))
        .collect();
    let all = rarities(&lessons, names.all());
    let trained = |known: &[Known]| {
        let valued = valued(&lessons, known);
        let weights = train(&valued, known.len() + 1);
        (valued, weights)
    };
    let (valued, weights) = trained(&all);
    let kept = worth_keeping(&valued, &all, &weights);
    written(names.all(), &kept, &trained(&kept).1)
}

/// A feature, by its number.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// 0 if too few texts have it.
    rarity: f64,
    of_letters: bool,
}

/// What is known of each feature.
fn rarities(lessons: &[Lesson], names: &[String]) -> Vec<Known> {
    let mut texts = vec![0_usize; names.len()];
    for feature in lessons.iter().flat_map(|lesson| &lesson.features) {
        texts[*feature] += 1;
    }
    let rarity = |texts: usize| (10.0 * (count(lessons.len()) / count(texts)).ln()).round();
    let known = |(texts, name): (usize, &String)| Known {
        rarity: if texts < TEXTS_MIN { 0.0 } else { rarity(texts) },
        of_letters: is_of_letters(name),
    };
    texts.into_iter().zip(names).map(known).collect()
}

#[expect(clippy::cast_precision_loss, reason = "thousands of texts")]
fn count(texts: usize) -> f64 {
    texts as f64
}

/// The features of a text with their values, letters and others of length 1 at most together; the last weight is that of
/// every text.
fn values<'a>(lesson: &'a Lesson, known: &'a [Known]) -> impl Iterator<Item = (usize, f64)> + 'a {
    let of_kind = |of_letters: bool| {
        let found = move || {
            let features = lesson.features.iter().map(move |feature| (*feature, known[*feature]));
            features.filter(move |(_, known)| known.rarity > 0.0 && known.of_letters == of_letters)
        };
        let length = length(found().map(|(_, known)| known.rarity));
        found().map(move |(feature, known)| (feature, known.rarity / length))
    };
    of_kind(false).chain(of_kind(true)).chain([(known.len(), 1.0)])
}

/// The texts with the values of their features; the last feature is that of every text.
fn valued(lessons: &[Lesson], known: &[Known]) -> Vec<learning::Lesson> {
    let valued = |lesson: &Lesson| learning::Lesson {
        side: if lesson.is_stop { 1.0 } else { -1.0 },
        cost: COST,
        values: values(lesson, known).collect(),
    };
    lessons.iter().map(valued).collect()
}

/// The features that move scores most; the others have no rarity left.
fn worth_keeping(lessons: &[learning::Lesson], known: &[Known], weights: &[f64]) -> Vec<Known> {
    let mut kept: Vec<Known> = known.iter().map(|known| Known { rarity: 0.0, ..*known }).collect();
    for feature in most_moving(lessons, weights, FEATURES_MAX + 1).into_iter().filter(|feature| *feature < known.len())
    {
        kept[feature].rarity = known[feature].rarity;
    }
    kept
}

fn written(names: &[String], known: &[Known], weights: &[f64]) -> String {
    let parts = |feature: usize| (weights[feature] * WEIGHT_PARTS).round();
    let mut lines: Vec<String> = (0..names.len())
        .filter(|feature| known[*feature].rarity > 0.0 && parts(*feature) != 0.0)
        .map(|feature| format!("{}\t{}\t{}", names[feature], known[feature].rarity, parts(feature)))
        .collect();
    lines.push(format!("{BIAS}\t0\t{}", parts(names.len())));
    lines.sort();
    let mut file = lines.join("\n");
    let _ = writeln!(file);
    file
}

#[test]
#[ignore = "writes the file of weights"]
fn rewrite() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sms/opt_out/weights.tsv");
    std::fs::write(path, learn(&[])).expect("the file of weights");
}

#[test]
#[ignore = "learns all anew: minutes without --release"]
fn the_weights_are_those_that_training_gives() {
    assert!(learn(&[]) == include_str!("weights.tsv"), "run the test `rewrite`: texts or features have changed");
}

/// What would be said of each text of authors of whom nothing was learned, and its score.
fn as_strangers(authors: &[String]) -> Vec<(Example, OptOutVerdict, f64)> {
    let weights = learn(authors);
    let model = Model::read(&weights);
    let all = examples(TRAINING).into_iter().chain(everyday());
    all.filter(|example| authors.contains(&example.author))
        .map(|example| {
            let text = without_signature(&example.text).into_owned();
            let forms = Read::of(&text);
            if let Some(read) = forms.certain() {
                return (example, read.verdict, 9.0);
            }
            let by_rules = forms.by_rules();
            let score = model.score(&text, Some(&by_rules));
            (example, verdict(&text, score, &by_rules), score)
        })
        .collect()
}

/// Prints how texts of authors are read when nothing was learned of them: the figures to believe.
#[test]
#[ignore = "learns anew for every group of authors: minutes without --release"]
fn texts_of_authors_left_out_are_told_apart() {
    let all = examples(TRAINING).into_iter().chain(everyday());
    let mut authors: Vec<String> = all.map(|example| example.author).collect();
    authors.sort_unstable();
    authors.dedup();
    let mut counts: HashMap<(String, OptOutVerdict, OptOutVerdict), usize> = HashMap::new();
    for group in 0..GROUPS {
        let authors: Vec<String> = authors.iter().skip(group).step_by(GROUPS).cloned().collect();
        for (example, seen, score) in as_strangers(&authors) {
            if std::env::var_os("OPT_OUT_SCORES").is_some() {
                let Example { text, language, expect, author } = &example;
                eprintln!("{author}\t{expect:?}\t{seen:?}\t{score:.3}\t{language}\t{text}");
            }
            *counts.entry((example.language, example.expect, seen)).or_default() += 1;
        }
    }
    for language in ["en", "es", "fr", "pt", "any"] {
        for expect in [OptOutVerdict::Stop, OptOutVerdict::Keep] {
            let of = |seen| counts.get(&(language.to_owned(), expect, seen)).copied().unwrap_or_default();
            let [stop, hold, keep] = [OptOutVerdict::Stop, OptOutVerdict::Hold, OptOutVerdict::Keep].map(of);
            let percent = |part| 100.0 * count(part) / count(stop + hold + keep).max(1.0);
            eprintln!(
                "{language} {expect:?} ({}): stop {:.1} %, hold {:.1} %, keep {:.1} %",
                stop + hold + keep,
                percent(stop),
                percent(hold),
                percent(keep)
            );
        }
    }
}
