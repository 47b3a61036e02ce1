//! One line of input: a text, or a JSON object with a text and what is known.

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

/// One line of input.
#[derive(Debug)]
pub(super) enum Line {
    /// A text as it stands.
    Text(String),
    /// An object.
    Object(Map<String, Value>),
}

impl Line {
    /// Reads a line. It is an object when it begins like one: a brace, then a quote or the closing brace.
    pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes).ok().context("it is not UTF-8")?;
        if text.contains('\0') {
            bail!("it holds a NUL: is it UTF-16? Texts are read as UTF-8");
        }
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let inside = text.trim_start().strip_prefix('{').map(str::trim_start);
        if inside.is_some_and(|inside| inside.is_empty() || inside.starts_with(['"', '}'])) {
            let object = serde_json::from_str(text).context("it begins like a JSON object and is none")?;
            return Ok(Self::Object(object));
        }
        Ok(Self::Text(text.to_owned()))
    }

    /// The text to judge.
    pub(super) fn text(&self) -> anyhow::Result<&str> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Object(object) => match object.get("text") {
                Some(Value::String(text)) => Ok(text),
                Some(_) => bail!("\"text\" is not a string"),
                None => bail!("there is no \"text\" in the object"),
            },
        }
    }

    /// A string of the object, by any of its names.
    pub(super) fn string(&self, names: &[&str]) -> anyhow::Result<Option<&str>> {
        let Self::Object(object) = self else { return Ok(None) };
        match names.iter().find_map(|name| Some((name, object.get(*name)?))) {
            None | Some((_, Value::Null)) => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text)),
            Some((name, _)) => bail!("\"{name}\" is not a string"),
        }
    }

    /// Strings of the object, by any of its names: a list of them, or one.
    pub(super) fn strings(&self, names: &[&str]) -> anyhow::Result<Vec<String>> {
        let Self::Object(object) = self else { return Ok(Vec::new()) };
        match names.iter().find_map(|name| Some((name, object.get(*name)?))) {
            None | Some((_, Value::Null)) => Ok(Vec::new()),
            Some((_, Value::String(text))) => Ok(vec![text.clone()]),
            Some((name, list)) => serde_json::from_value(list.clone()).with_context(|| format!("\"{name}\"")),
        }
    }

    /// Puts the line's own id into its answer, so that the two are found together.
    pub(super) fn label(&self, answer: &mut Value) {
        if let (Self::Object(object), Value::Object(answer)) = (self, answer)
            && let Some(id) = object.get("id")
        {
            answer.insert("id".to_owned(), id.clone());
        }
    }
}
