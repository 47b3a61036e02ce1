//! How the weights are learned: from the promises and the true replies of `evals/checks/tuning.jsonl`.
//!
//!     cargo test --release --lib weighed::training::rewrite -- --ignored

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::promises::surroundings;
use super::super::statements::sentences;
use super::features::each;
use super::{BIAS, Model, WEIGHT_PARTS};
use crate::conversation::Scene;
use crate::sms::learning::{Lesson, Names, most_moving, train};

const KNOWN: &str = include_str!("../../../../evals/checks/known.json");
const TUNING: &str = include_str!("../../../../evals/checks/tuning.jsonl");

/// A feature is learned when so many sentences have it.
const SENTENCES_MIN: usize = 2;
/// So many features are kept, those that move scores most.
const FEATURES_MAX: usize = 16_000;
/// How much a misread sentence costs, that of a true reply and that of a promise: there are fewer of these.
const COSTS: [f64; 2] = [0.01, 0.03];
/// Of a reply with a promise only the sentence is taught that sounds most like one, by what was learned before: so often.
const ROUNDS: usize = 3;
/// Businesses are left out in so many groups.
const GROUPS: usize = 8;

#[derive(Debug, Clone, Deserialize)]
struct Reply {
    known: String,
    text: String,
    expect: String,
    #[serde(default)]
    kind: Option<String>,
}

/// A reply with the features of its sentences by number.
struct Taught {
    known: String,
    text: String,
    promises: bool,
    sentences: Vec<Vec<usize>>,
}

fn replies(names: &mut Names) -> Vec<Taught> {
    let known: BTreeMap<String, Map<String, Value>> = serde_json::from_str(KNOWN).expect("what is known");
    let all = TUNING.lines().map(|line| serde_json::from_str::<Reply>(line).expect("a reply"));
    all.filter(|reply| reply.expect == "pass" || reply.kind.as_deref() == Some("promise"))
        .map(|reply| {
            let mut scene = known[&reply.known].clone();
            scene.insert("text".to_owned(), reply.text.clone().into());
            let scene = Scene::of_object(&scene).expect("a scene");
            let (sentences, ..) = scene.looked_at(Timestamp::UNIX_EPOCH, |candidate| {
                let known = surroundings(candidate);
                let features = |sentence| {
                    let mut features = Vec::new();
                    each(sentence, &known, &mut |name| features.push(names.number(name)));
                    features.sort_unstable();
                    features.dedup();
                    features
                };
                sentences(candidate.text).into_iter().map(features).collect()
            });
            Taught { known: reply.known, text: reply.text, promises: reply.expect != "pass", sentences }
        })
        .collect()
}

/// Learns from some replies and returns the file of weights.
fn learn(replies: &[&Taught], names: &Names) -> String {
    let bias = names.all().len();
    let mut counts = vec![0_usize; bias];
    for feature in replies.iter().flat_map(|reply| reply.sentences.iter().flatten()) {
        counts[*feature] += 1;
    }
    let mut kept: Vec<bool> = counts.into_iter().map(|count| count >= SENTENCES_MIN).collect();
    let weights = taught(replies, &kept);
    let moving = most_moving(&weights.0, &weights.1, FEATURES_MAX + 1);
    kept.fill(false);
    moving.into_iter().filter(|feature| *feature < bias).for_each(|feature| kept[feature] = true);
    let (_, weights) = taught(replies, &kept);
    let parts = |feature: usize| (weights[feature] * WEIGHT_PARTS).round();
    let of_features = (0..bias).filter(|feature| kept[*feature] && parts(*feature) != 0.0);
    let mut lines: Vec<String> =
        of_features.map(|feature| format!("{}\t{}", names.all()[feature], parts(feature))).collect();
    lines.push(format!("{BIAS}\t{}", parts(bias)));
    lines.sort();
    let mut file = lines.join("\n");
    let _ = writeln!(file);
    file
}

/// The sentences that were taught last, and the weights.
fn taught(replies: &[&Taught], kept: &[bool]) -> (Vec<Lesson>, Vec<f64>) {
    let bias = kept.len();
    let lesson = |reply: &Taught, sentence: &Vec<usize>| Lesson {
        side: if reply.promises { 1.0 } else { -1.0 },
        cost: COSTS[usize::from(reply.promises)],
        values: sentence
            .iter()
            .filter(|feature| kept[**feature])
            .chain([&bias])
            .map(|feature| (*feature, 1.0))
            .collect(),
    };
    let mut lessons: Vec<Lesson> =
        replies.iter().flat_map(|reply| reply.sentences.iter().map(|sentence| lesson(reply, sentence))).collect();
    let mut weights = train(&lessons, bias + 1);
    for _ in 1..ROUNDS {
        let score =
            |lesson: &Lesson| lesson.values.iter().map(|(feature, value)| weights[*feature] * value).sum::<f64>();
        lessons = replies
            .iter()
            .flat_map(|reply| {
                let all: Vec<Lesson> = reply.sentences.iter().map(|sentence| lesson(reply, sentence)).collect();
                if reply.promises {
                    all.into_iter().max_by(|a, b| score(a).total_cmp(&score(b))).into_iter().collect()
                } else {
                    all
                }
            })
            .collect();
        weights = train(&lessons, bias + 1);
    }
    (lessons, weights)
}

#[test]
#[ignore = "writes the file of weights"]
fn rewrite() {
    let mut names = Names::default();
    let replies = replies(&mut names);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/conversation/check/weighed/weights.tsv");
    std::fs::write(path, learn(&replies.iter().collect::<Vec<_>>(), &names)).expect("the file of weights");
}

#[test]
#[ignore = "learns all anew: minutes without --release"]
fn the_weights_are_those_that_training_gives() {
    let mut names = Names::default();
    let replies = replies(&mut names);
    let learned = learn(&replies.iter().collect::<Vec<_>>(), &names);
    assert!(learned == super::WEIGHTS, "run the test `rewrite`: replies or features have changed");
}

/// Prints the scores of replies of businesses of which nothing was learned: the ones to choose thresholds by.
#[test]
#[ignore = "learns anew for every group of businesses: minutes without --release"]
fn replies_of_businesses_left_out_are_told_apart() {
    let mut names = Names::default();
    let replies = replies(&mut names);
    let mut businesses: Vec<&str> = replies.iter().map(|reply| reply.known.as_str()).collect();
    businesses.dedup();
    let numbers: HashMap<&str, usize> = businesses.iter().enumerate().map(|(number, name)| (*name, number)).collect();
    for group in 0..GROUPS {
        let is_left_out = |reply: &&Taught| numbers[reply.known.as_str()] % GROUPS == group;
        let (left_out, others): (Vec<&Taught>, Vec<&Taught>) = replies.iter().partition(is_left_out);
        let weights = learn(&others, &names);
        let model = Model::read(&weights);
        for reply in left_out {
            let score = |sentence: &Vec<usize>| {
                let weight = |name: &str| model.0.get(name).copied().unwrap_or_default();
                weight(BIAS) + sentence.iter().map(|feature| weight(&names.all()[*feature])).sum::<f64>()
            };
            let highest = reply.sentences.iter().map(score).fold(f64::NEG_INFINITY, f64::max);
            eprintln!("{}\t{}\t{highest:.3}\t{}", reply.known, reply.promises, reply.text);
        }
    }
}
