//! The second stage: a linear classifier, learned from `evals/opt_out`, that weighs what a text says against what rules
//! made of it. Plain arithmetic over a file of weights: the same text always gets the same answer.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::features::{each_feature, each_feature_of_rules, hints_at_refusal, is_of_letters};
use super::{OptOut, OptOutVerdict};

/// One feature a line, sorted: its name, how rare it is, what it weighs. `training` writes it.
const WEIGHTS: &str = include_str!("weights.tsv");

/// From this score on a text is an opt-out.
const STOP_FROM: f64 = 0.5;
/// From this score on a text is an opt-out that a rule takes for one, too.
const STOP_AGREED_FROM: f64 = 0.45;
/// From this score on a text is an opt-out although a rule would rather have a person look.
const STOP_IN_DOUBT_FROM: f64 = 1.0;
/// From this score on a person looks.
const HOLD_FROM: f64 = -0.1;
/// From this score on a person looks when a word hints at refusal.
const HOLD_WITH_HINT_FROM: f64 = -0.55;
/// Below this score a rule that takes a text for an opt-out, or perhaps one, is mistaken.
const MISTAKEN_BELOW: f64 = -0.8;
/// Texts of few known features say little: this is the length that their features are measured against.
const SHORTEST: f64 = 300.0;
/// Weights are kept in such parts of one.
pub(super) const WEIGHT_PARTS: f64 = 1_000.0;
/// The name of the weight that every text has.
pub(super) const BIAS: &str = "bias";

/// What is known of a feature.
#[derive(Debug, Clone, Copy)]
struct Weight {
    /// How much it counts in a text, in tenths of the logarithm of how few texts have it.
    rarity: f64,
    /// How much it speaks for an opt-out.
    speaks_for: f64,
    of_letters: bool,
}

/// A classifier: what it knows of features by name.
pub(super) struct Model<'a> {
    features: HashMap<&'a str, (usize, Weight)>,
    bias: f64,
}

static MODEL: LazyLock<Model<'static>> = LazyLock::new(|| Model::read(WEIGHTS));

impl<'a> Model<'a> {
    pub(super) fn read(weights: &'a str) -> Self {
        let mut model = Self { features: HashMap::with_capacity(weights.len() / 16), bias: 0.0 };
        for line in weights.lines() {
            let mut columns = line.split('\t');
            let (Some(name), Some(rarity), Some(weight)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            let (Ok(rarity), Ok(parts)) = (rarity.parse(), weight.parse::<f64>()) else { continue };
            let speaks_for = parts / WEIGHT_PARTS;
            if name == BIAS {
                model.bias = speaks_for;
            } else {
                let place = model.features.len();
                let of_letters = is_of_letters(name);
                model.features.insert(name, (place, Weight { rarity, speaks_for, of_letters }));
            }
        }
        model
    }

    /// How much a text speaks for an opt-out: above 0 rather one, below 0 rather not. `by_rules` may be left out, as for a
    /// part of a text.
    pub(super) fn score(&self, text: &str, by_rules: Option<&OptOut>) -> f64 {
        let mut seen: Vec<(usize, Weight)> = Vec::new();
        let mut found = |name: &str| seen.extend(self.features.get(name));
        each_feature(text, &mut found);
        if let Some(by_rules) = by_rules {
            each_feature_of_rules(by_rules, &mut found);
        }
        seen.sort_unstable_by_key(|(place, _)| *place);
        seen.dedup_by_key(|(place, _)| *place);
        let of_kind = |of_letters: bool| {
            let known =
                || seen.iter().map(|(_, feature)| feature).filter(move |feature| feature.of_letters == of_letters);
            let sum: f64 = known().map(|feature| feature.rarity * feature.speaks_for).sum();
            sum / length(known().map(|feature| feature.rarity))
        };
        self.bias + of_kind(false) + of_kind(true)
    }
}

/// What the features of a text are measured against, by their rarities: letters by themselves, and all others.
pub(super) fn length(rarities: impl Iterator<Item = f64>) -> f64 {
    (SHORTEST * SHORTEST + rarities.map(|rarity| rarity * rarity).sum::<f64>()).sqrt()
}

/// What a text means, by what was learned and what the rules made of it.
pub(super) fn weigh(text: &str, by_rules: OptOut) -> OptOut {
    let score = MODEL.score(text, Some(&by_rules));
    let learned = verdict(text, score, &by_rules);
    if learned == by_rules.verdict {
        return by_rules;
    }
    match learned {
        OptOutVerdict::Stop => OptOut::stop("learned", telling_sentence(text)),
        OptOutVerdict::Hold => OptOut::hold("learned", telling_sentence(text)),
        OptOutVerdict::Keep => OptOut::keep("learned"),
    }
}

/// Rules that hold a text for a word it mentions, as in "the unsubscribe link is broken". What others hold, such as hours to keep
/// to or somebody else's number, a person has to know, whether silence is asked for or not.
const OF_MENTIONS: &[&str] = &["unsubscribe_mentioned", "reported_or_blocked", "do_not_text_without_object"];

/// What a score means. A rule that fired is hardly ever passed over without a person.
pub(super) fn verdict(text: &str, score: f64, by_rules: &OptOut) -> OptOutVerdict {
    let is_doubtful = || score >= HOLD_FROM || score >= HOLD_WITH_HINT_FROM && hints_at_refusal(text);
    let stop_from = match by_rules.verdict {
        OptOutVerdict::Stop => STOP_AGREED_FROM,
        OptOutVerdict::Hold => STOP_IN_DOUBT_FROM,
        OptOutVerdict::Keep => STOP_FROM,
    };
    let is_held = match by_rules.verdict {
        OptOutVerdict::Hold if !OF_MENTIONS.contains(&by_rules.rule) => true,
        OptOutVerdict::Stop | OptOutVerdict::Hold => score >= MISTAKEN_BELOW,
        OptOutVerdict::Keep => is_doubtful(),
    };
    if score >= stop_from {
        OptOutVerdict::Stop
    } else if is_held {
        OptOutVerdict::Hold
    } else {
        OptOutVerdict::Keep
    }
}

/// The sentence that speaks most for an opt-out, as it was written.
fn telling_sentence(text: &str) -> &str {
    let sentences = text.split_inclusive(['.', '!', '?', ';', '\n']).map(str::trim);
    let scored =
        sentences.filter(|part| part.chars().any(char::is_alphanumeric)).map(|part| (MODEL.score(part, None), part));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(text, |(_, part)| part)
}
