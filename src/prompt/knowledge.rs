//! Knowledge: what the company knows about itself, cut into passages that a reply can cite by id.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::comments::shown_lines;
use super::front_matter::part;
use super::template::{TemplateError, version_note};

/// A passage of a knowledge file: a heading and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// `file#heading`, or `file` for what stands before the first heading.
    pub id: String,
    /// The file's title and the heading.
    pub title: String,
    /// The heading alone; empty for what stands before the first.
    pub heading: String,
    /// The words.
    pub text: String,
    /// The day on which somebody has to look whether it still holds: `review_by` of its file, or of its own in a comment
    /// `<!-- review_by: 2027-01-31 -->`.
    pub review_by: Option<Date>,
    /// A comment that was meant for [`Passage::review_by`] and is no more than a comment, as it is written.
    pub misspelt_review: Option<String>,
}

impl Passage {
    /// One with this id that says nothing.
    pub(super) fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: String::new(),
            heading: String::new(),
            text: String::new(),
            review_by: None,
            misspelt_review: None,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Front {
    id: Option<String>,
    title: Option<String>,
    #[serde(deserialize_with = "date")]
    review_by: Option<Date>,
    /// Accepted as in every prompt file; which version was used is told by the library's hash.
    #[serde(rename = "version", deserialize_with = "version_note")]
    _version: Option<String>,
}

/// Cuts a knowledge file into passages.
///
/// # Errors
/// [`TemplateError`] with the file and the line when its head is wrong.
pub fn passages(file: &str, text: &str) -> Result<Vec<Passage>, TemplateError> {
    let parted = part::<Front>(file, text)?;
    let stem = file.trim_start_matches("knowledge/").trim_end_matches(".md");
    let file_id = parted.front.id.as_deref().map(slug).filter(|id| !id.is_empty()).unwrap_or_else(|| slug(stem));
    let title = parted.front.title.unwrap_or_else(|| stem.to_owned());
    let review_by = parted.front.review_by;
    let passage = |id: String, title, heading: &str| Passage {
        title,
        heading: heading.to_owned(),
        review_by,
        ..Passage::named(&id)
    };
    let mut found: Vec<Passage> = vec![passage(file_id.clone(), title.clone(), "")];
    for (place, line) in shown_lines(&parted.body).into_iter().enumerate() {
        let number = parted.lines_before + place + 1;
        let wrong = |message| TemplateError::Syntax { file: file.to_owned(), line: number, message };
        let line = line.map_err(|message| wrong(message.to_owned()))?;
        let heading = heading(&line.shown).filter(|_| !line.in_code);
        if let Some(heading) = heading {
            found.push(passage(format!("{file_id}#{}", slug(heading)), format!("{title}: {heading}"), heading));
        }
        let Some(passage) = found.last_mut() else { continue };
        for comment in &line.comments {
            passage.review_by = review_date(comment.trim()).map_err(wrong)?.or(passage.review_by);
            if is_misspelt_review(comment.trim()) {
                passage.misspelt_review = Some(comment.trim().to_owned());
            }
        }
        if heading.is_none() && (line.comments.is_empty() || !line.shown.trim().is_empty()) {
            passage.text.push_str(line.shown.trim_end());
            passage.text.push('\n');
        }
    }
    found.retain(|passage| !passage.text.trim().is_empty());
    number_repeated(&mut found);
    Ok(found)
}

fn review_date(comment: &str) -> Result<Option<Date>, String> {
    let Some(text) = comment.strip_prefix("review_by:") else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|_| format!("review_by: {:?} is not a day; write 2027-01-31", text.trim()))
}

/// Says `reviewby`, `Review-by` or the like before a day.
fn is_misspelt_review(comment: &str) -> bool {
    const SLIPS_MAX: usize = 2;
    let Some(at) = comment.find(|c: char| c.is_ascii_digit()) else { return false };
    let key: String = comment[..at].chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    !comment.starts_with("review_by:") && strsim::damerau_levenshtein(&key, "reviewby") <= SLIPS_MAX
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let read = |text: String| text.parse().map_err(|_| format!("review_by: {text:?} is not a day; write 2027-01-31"));
    text.map(read).transpose().map_err(serde::de::Error::custom)
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level) && rest.starts_with(' ')).then(|| rest.trim().trim_end_matches('#').trim_end())
}

/// Headings that are alike get `-2`, `-3`, … so that ids stay apart.
fn number_repeated(found: &mut [Passage]) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for passage in found {
        passage.text = passage.text.trim().to_owned();
        let mut id = passage.id.clone();
        let mut number = 1;
        while !used.insert(id.clone()) {
            number += 1;
            id = format!("{}-{number}", passage.id);
        }
        passage.id = id;
    }
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || matches!(c, '/' | '_' | '.') {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAQ: &str = "---\nid: faq\ntitle: FAQ\n---\nGeneral words.\n\n# Pricing\nPlans start at $40.\n\n## Battery warranty\n\
                       Ten years.\n```\n# no heading\n```\n# Pricing\nAgain.\n# Empty\n";

    #[test]
    fn a_file_becomes_passages_with_stable_ids() {
        let found = passages("knowledge/company faq.md", FAQ).unwrap();
        let ids: Vec<&str> = found.iter().map(|passage| passage.id.as_str()).collect();
        assert_eq!(ids, ["faq", "faq#pricing", "faq#battery-warranty", "faq#pricing-2"]);
        assert_eq!(found[2].title, "FAQ: Battery warranty");
        assert_eq!(found[2].text, "Ten years.\n```\n# no heading\n```");
        assert_eq!(passages("knowledge/team/A \"b\".md", "x").unwrap()[0].id, "team/a-b");
    }

    #[test]
    fn comments_are_for_authors_and_may_say_when_to_look_again() {
        let text = "---\nreview_by: 2027-01-31\n---\n# A\nx\n# B\n<!-- review_by: 2026-06-30 -->\n<!-- ask Pat -->\ny";
        let found = passages("knowledge/a.md", text).unwrap();
        let days: Vec<String> = found.iter().map(|passage| passage.review_by.unwrap().to_string()).collect();
        assert_eq!((days, found[1].text.as_str()), (vec!["2027-01-31".to_owned(), "2026-06-30".to_owned()], "y"));
        let text =
            "# A <!-- ours -->\nA fee is $49. <!-- floor: $19 -->\n<!--\nfloor: $19\n-->\nMore.\n~~~\n# code\n~~~";
        let found = passages("knowledge/a.md", text).unwrap();
        assert_eq!((found[0].heading.as_str(), found.len()), ("A", 1));
        assert_eq!(found[0].text, "A fee is $49.\nMore.\n~~~\n# code\n~~~");
        let open = passages("knowledge/a.md", "---\nid: b\n---\n# A\n<!-- ours\nx").unwrap_err().to_string();
        assert!(open.starts_with("knowledge/a.md, line 5: the comment that opens here does not close"), "{open}");
        let error = passages("knowledge/a.md", "# A\n<!-- review_by: soon -->\nx").unwrap_err().to_string();
        assert!(error.starts_with("knowledge/a.md, line 2: review_by: \"soon\" is not a day"), "{error}");
        assert!(passages("knowledge/a.md", "---\nreview_by: x\n---\n").is_err());
    }
}
