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
            message: error.to_string(),
        })?
    };
    Ok(Parted { front, body, lines_before: length + 2 })
}
