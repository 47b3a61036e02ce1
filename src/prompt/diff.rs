//! Which lines of a text were changed.

/// A line, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// In both texts.
    Same(&'a str),
    /// Only in the earlier one.
    Gone(&'a str),
    /// Only in the later one.
    New(&'a str),
}

/// Compares two texts line by line, by their longest common subsequence. Meant for prompt files: its time grows with the
/// product of both lengths.
#[must_use]
pub fn diff<'a>(earlier: &'a str, later: &'a str) -> Vec<Line<'a>> {
    let (earlier, later): (Vec<&str>, Vec<&str>) = (earlier.lines().collect(), later.lines().collect());
    let common = common_lengths(&earlier, &later);
    let (mut a, mut b) = (0, 0);
    let mut lines = Vec::new();
    while a < earlier.len() || b < later.len() {
        if a < earlier.len() && b < later.len() && earlier[a] == later[b] {
            lines.push(Line::Same(earlier[a]));
            (a, b) = (a + 1, b + 1);
        } else if b == later.len() || (a < earlier.len() && common[a + 1][b] >= common[a][b + 1]) {
            lines.push(Line::Gone(earlier[a]));
            a += 1;
        } else {
            lines.push(Line::New(later[b]));
            b += 1;
        }
    }
    lines
}

/// For each pair of places, how many lines the rests have in common.
fn common_lengths(earlier: &[&str], later: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; later.len() + 1]; earlier.len() + 1];
    for a in (0..earlier.len()).rev() {
        for b in (0..later.len()).rev() {
            common[a][b] =
                if earlier[a] == later[b] { common[a + 1][b + 1] + 1 } else { common[a + 1][b].max(common[a][b + 1]) };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stayed_went_and_came_are_told_apart() {
        use Line::{Gone, New, Same};
        let lines = diff("a\nb\nc\nd", "a\nx\nc\nd\ne");
        assert_eq!(lines, [Same("a"), Gone("b"), New("x"), Same("c"), Same("d"), New("e")]);
        assert_eq!(diff("", "a"), [New("a")]);
        assert_eq!(diff("a", ""), [Gone("a")]);
        assert!(diff("", "").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn both_texts_can_be_read_back(one in "([ab]\n){0,12}", other in "([abc]\n){0,12}") {
            let lines = diff(&one, &other);
            let side = |wanted: fn(&Line<'_>) -> bool| -> String {
                lines.iter().filter(|line| wanted(line)).map(|line| match line {
                    Line::Same(text) | Line::Gone(text) | Line::New(text) => format!("{text}\n"),
                }).collect()
            };
            proptest::prop_assert_eq!(side(|line| !matches!(line, Line::New(_))), one.as_str());
            proptest::prop_assert_eq!(side(|line| !matches!(line, Line::Gone(_))), other.as_str());
        }
    }
}
