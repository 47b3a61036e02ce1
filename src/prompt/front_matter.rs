//! The YAML between `---` lines at the head of a prompt file.

use serde::de::DeserializeOwned;

use super::template::TemplateError;

/// A file in two parts.
pub(super) struct Parted<T> {
    pub(super) front: T,
    pub(super) body: String,
    /// How many lines of the file stand before the body.
    pub(super) lines_before: usize,
}

/// Parts a file; without front matter everything is body.
pub(super) fn part<T: DeserializeOwned + Default>(file: &str, text: &str) -> Result<Parted<T>, TemplateError> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return Ok(Parted { front: T::default(), body: text, lines_before: 0 });
    }
    let Some(length) = lines.position(|line| line.trim_end() == "---") else {
        return Err(TemplateError::Unclosed { file: file.to_owned() });
    };
    let yaml: String = text.lines().skip(1).take(length).collect::<Vec<_>>().join("\n");
    let body: String = text.lines().skip(length + 2).collect::<Vec<_>>().join("\n");
    let front = if yaml.trim().is_empty() {
        T::default()
    } else {
        serde_norway::from_str(&yaml).map_err(|error| TemplateError::FrontMatter {
            file: file.to_owned(),
            line: error.location().map_or(1, |place| place.line()) + 1,
            message: without_place(&error.to_string()),
        })?
    };
    Ok(Parted { front, body, lines_before: length + 2 })
}

/// The parser counts lines from the head's start; people want the file's, which are told beside it.
fn without_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(what, _)| what).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::prompt::template::Template;

    #[test]
    fn a_mistake_is_told_with_one_line_the_files() {
        let text = "---\nversion: a\ntemperature: warm\n---\nx";
        let told = Template::parse("reply.md", text).expect_err("no number").to_string();
        assert!(told.starts_with("reply.md, line 3: front matter: "), "{told}");
        assert_eq!(told.matches("line").count(), 1, "{told}");
    }
}
