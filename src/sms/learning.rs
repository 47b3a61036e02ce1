//! How weights are learned: a linear support vector machine with squared hinge loss, trained by dual coordinate descent (Hsieh et
//! al., 2008) in a fixed order, so that the same examples always give the same weights.

/// Training ends when no example would change its part by more than this, or after so many rounds.
const TOLERANCE: f64 = 0.01;
const ROUNDS_MAX: usize = 300;
/// From one example to the next: coprime with how many there are, so that labels are mixed.
const STRIDE: usize = 7_919;

/// An example.
pub(crate) struct Lesson {
    /// 1 for what is to be found, -1 for what is not.
    pub(crate) side: f64,
    /// How much it costs to misread it, beside large weights.
    pub(crate) cost: f64,
    /// Its features by number, with their values.
    pub(crate) values: Vec<(usize, f64)>,
}

/// The weights of so many features.
pub(crate) fn train(lessons: &[Lesson], features: usize) -> Vec<f64> {
    let mut weights = vec![0.0; features];
    let mut parts = vec![0.0_f64; lessons.len()];
    for _ in 0..ROUNDS_MAX {
        let mut worst = 0.0_f64;
        for turn in 0..lessons.len() {
            let at = turn * STRIDE % lessons.len();
            let Lesson { side, cost, values } = &lessons[at];
            let score: f64 = values.iter().map(|(feature, value)| weights[*feature] * value).sum();
            let slope = side * score - 1.0 + parts[at] / (2.0 * cost);
            worst = worst.max(if parts[at] > 0.0 { slope.abs() } else { -slope });
            let square: f64 = values.iter().map(|(_, value)| value * value).sum();
            let part = (parts[at] - slope / (square + 1.0 / (2.0 * cost))).max(0.0);
            let change = (part - parts[at]) * side;
            parts[at] = part;
            for (feature, value) in values {
                weights[*feature] += change * value;
            }
        }
        if worst < TOLERANCE {
            break;
        }
    }
    weights
}

/// The `kept` features that move scores most, by number.
pub(crate) fn most_moving(lessons: &[Lesson], weights: &[f64], kept: usize) -> Vec<usize> {
    let mut squares = vec![0.0; weights.len()];
    for (feature, value) in lessons.iter().flat_map(|lesson| &lesson.values) {
        squares[*feature] += value * value;
    }
    let moves = |feature: usize| weights[feature].abs() * f64::sqrt(squares[feature]);
    let mut features: Vec<usize> = (0..weights.len()).collect();
    features.sort_by(|a, b| moves(*b).total_cmp(&moves(*a)).then(a.cmp(b)));
    features.truncate(kept);
    features
}

/// Names of features by number.
#[derive(Default)]
pub(crate) struct Names {
    numbers: std::collections::HashMap<String, usize>,
    names: Vec<String>,
}

impl Names {
    /// The number of a name, a new one if it is new.
    pub(crate) fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// All of them, by number.
    pub(crate) fn all(&self) -> &[String] {
        &self.names
    }
}
