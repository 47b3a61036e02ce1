//! Comments in Markdown: notes to the authors, which the model never sees.

const OPENS: &str = "<!--";
const CLOSES: &str = "-->";
const UNCLOSED: &str = "the comment that opens here does not close: add --> after it";

/// A line without its comments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) shown: String,
    /// The comments that end on this line, or all of one that goes on.
    pub(super) comments: Vec<String>,
    /// It belongs to a block of code, where `#` heads nothing and `<!--` hides nothing.
    pub(super) in_code: bool,
}

/// Every line of a text without what stands in comments, which may go over several lines. One that does not close is told
/// at the line where it opens.
pub(super) fn shown_lines(text: &str) -> Vec<Result<Line, &'static str>> {
    let mut lines: Vec<Result<Line, &'static str>> = Vec::new();
    let mut code: Option<&str> = None;
    // The line on which an open comment began, and what it says so far.
    let mut open: Option<(usize, String)> = None;
    for raw in text.lines() {
        let mark = ["```", "~~~"].into_iter().find(|mark| raw.trim_start().starts_with(mark));
        let closes_code = code.is_some() && mark == code;
        if code.is_some() || (mark.is_some() && open.is_none()) {
            code = if closes_code { None } else { code.or(mark) };
            lines.push(Ok(Line { shown: raw.to_owned(), comments: Vec::new(), in_code: true }));
            continue;
        }
        let mut line = Line::default();
        let mut rest = raw;
        loop {
            if let Some((_, comment)) = &mut open {
                let Some((end, after)) = rest.split_once(CLOSES) else {
                    comment.push_str(rest);
                    comment.push('\n');
                    line.comments.push(String::new());
                    break;
                };
                comment.push_str(end);
                line.comments.extend(open.take().map(|(_, comment)| comment));
                rest = after;
            }
            let Some((before, after)) = rest.split_once(OPENS) else {
                line.shown.push_str(rest);
                break;
            };
            line.shown.push_str(before);
            open = Some((lines.len(), String::new()));
            rest = after;
        }
        lines.push(Ok(line));
    }
    if let Some((began, _)) = open {
        lines[began] = Err(UNCLOSED);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        shown_lines(text).into_iter().map(|line| line.map_or_else(str::to_owned, |line| line.shown)).collect()
    }

    #[test]
    fn comments_are_left_out_wherever_they_stand() {
        let text = "A fee is $49.<!-- floor --> Ask.\n<!--\nour floor is $19\n-->\n<!-- a --><!-- b\nc --> end";
        assert_eq!(shown(text), ["A fee is $49. Ask.", "", "", "", "", " end"]);
        let comments: Vec<String> = shown_lines(text).into_iter().flat_map(|line| line.unwrap().comments).collect();
        assert!(comments.contains(&"\nour floor is $19\n".to_owned()) && comments.contains(&" b\nc ".to_owned()));
    }

    #[test]
    fn code_is_shown_as_it_is() {
        let text = "~~~\n# x <!-- y -->\n```\n~~~\n<!-- z -->";
        assert_eq!(shown(text), ["~~~", "# x <!-- y -->", "```", "~~~", ""]);
    }

    #[test]
    fn one_that_does_not_close_is_told_where_it_opens() {
        assert_eq!(shown("a\nb <!-- c\nd"), ["a", UNCLOSED, ""]);
    }
}
