//! Counting tokens as the model's own encoding does.

use tiktoken_rs::CoreBPE;

use super::pieces::pieces;

/// Counts the tokens of a text.
pub trait TokenCounter: Send + Sync {
    /// How many tokens the text has, read as ordinary text: `<|endoftext|>` typed by a lead is nine characters of text,
    /// not a control token.
    fn count(&self, text: &str) -> usize;

    /// The encoding's name, for records.
    fn name(&self) -> &str;

    /// False when the encoding only stands in for the model's unknown one; the budget then needs a wider margin.
    fn is_models_own(&self) -> bool {
        true
    }
}

/// An encoding name that nothing is known of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown encoding {name:?}: use one of {}, or leave it out to count with a wider margin", Tiktoken::ENCODINGS.join(", "))]
pub struct UnknownEncoding {
    /// The name as written.
    pub name: String,
}

/// Longer texts are counted line by line, and longer lines in parts: the encoder's regular expression gives up (and panics)
/// on runs of a million characters, and nothing of that size fits a prompt anyway.
const PART_BYTES: usize = 64 * 1024;

/// One of `OpenAI`'s published encodings. The tables are loaded once per process (o200k: about 0.14 s and 45 MB).
#[derive(Clone, Copy)]
pub struct Tiktoken {
    name: &'static str,
    encoder: &'static CoreBPE,
    is_models_own: bool,
}

impl std::fmt::Debug for Tiktoken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tiktoken")
            .field("name", &self.name)
            .field("is_models_own", &self.is_models_own)
            .finish_non_exhaustive()
    }
}

impl Tiktoken {
    /// The names of the encodings there are.
    pub const ENCODINGS: [&str; 6] =
        ["o200k_base", "o200k_harmony", "cl100k_base", "p50k_base", "p50k_edit", "r50k_base"];

    /// The counter for an encoding named in the configuration.
    ///
    /// # Errors
    /// [`UnknownEncoding`] names the known ones.
    pub fn for_encoding(name: &str) -> Result<Self, UnknownEncoding> {
        let name = Self::ENCODINGS
            .into_iter()
            .find(|known| *known == name.trim())
            .ok_or_else(|| UnknownEncoding { name: name.to_owned() })?;
        let encoder = match name {
            "cl100k_base" => tiktoken_rs::cl100k_base_singleton(),
            "p50k_base" => tiktoken_rs::p50k_base_singleton(),
            "p50k_edit" => tiktoken_rs::p50k_edit_singleton(),
            "r50k_base" => tiktoken_rs::r50k_base_singleton(),
            "o200k_harmony" => tiktoken_rs::o200k_harmony_singleton(),
            _ => tiktoken_rs::o200k_base_singleton(),
        };
        Ok(Self { name, encoder, is_models_own: true })
    }

    /// The counter for a model whose encoding is not known: o200k, marked so that the margin is wider.
    #[must_use]
    pub fn fallback() -> Self {
        Self { name: "o200k_base", encoder: tiktoken_rs::o200k_base_singleton(), is_models_own: false }
    }

    /// The counter for a configured encoding, or the fallback when none is configured.
    ///
    /// # Errors
    /// [`UnknownEncoding`] when a name is given that is not known.
    pub fn for_configured(encoding: Option<&str>) -> Result<Self, UnknownEncoding> {
        encoding.map_or_else(|| Ok(Self::fallback()), Self::for_encoding)
    }
}

impl TokenCounter for Tiktoken {
    fn count(&self, text: &str) -> usize {
        if text.len() <= PART_BYTES {
            return self.encoder.count_ordinary(text);
        }
        pieces(text).flat_map(parts).map(|part| self.encoder.count_ordinary(part)).sum()
    }

    fn name(&self) -> &str {
        self.name
    }

    fn is_models_own(&self) -> bool {
        self.is_models_own
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART_BYTES));
        rest = after;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_encoding_is_refused_with_the_known_names() {
        let error = Tiktoken::for_encoding("o300k").unwrap_err().to_string();
        assert!(error.contains("\"o300k\"") && error.contains("cl100k_base"), "{error}");
    }

    #[test]
    fn a_model_without_an_encoding_is_counted_with_the_stand_in() {
        let counter = Tiktoken::for_configured(None).unwrap();
        assert_eq!((counter.name(), counter.is_models_own()), ("o200k_base", false));
        assert!(Tiktoken::for_configured(Some("cl100k_base")).unwrap().is_models_own());
    }

    #[test]
    fn counts_are_the_published_ones() {
        // OpenAI's cookbook "How to count tokens with tiktoken": these counts for these encodings.
        let o200k = Tiktoken::for_encoding("o200k_base").unwrap();
        let cl100k = Tiktoken::for_encoding("cl100k_base").unwrap();
        assert_eq!((o200k.count("antidisestablishmentarianism"), cl100k.count("antidisestablishmentarianism")), (6, 6));
        assert_eq!((o200k.count("2 + 2 = 4"), cl100k.count("2 + 2 = 4")), (7, 7));
        assert_eq!((o200k.count("お誕生日おめでとう"), cl100k.count("お誕生日おめでとう")), (8, 9));
    }

    #[test]
    fn a_control_token_typed_by_a_lead_is_ordinary_text() {
        assert!(Tiktoken::fallback().count("<|endoftext|>") > 1);
    }

    #[test]
    fn monstrous_texts_are_counted_without_a_panic() {
        let counter = Tiktoken::fallback();
        for text in [" ", "a", "\n", "😀", "é", "!", "\u{202e}ש", " \n", "1"] {
            assert!(counter.count(&text.repeat(2_000_000 / text.len())) > 0);
        }
        assert_eq!(counter.count(""), 0);
    }
}
