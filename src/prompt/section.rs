//! The parts a prompt is made of, before anything is cut.

use serde::{Deserialize, Serialize};

use super::chat::Role;

/// How dear a section is. When room is short, the third goes first; where priorities are equal, the later section goes
/// first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Cut last.
    First,
    /// Cut before the first.
    Second,
    /// Cut before all others.
    Third,
}

/// Whether a section may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// Always there and always whole. When it does not fit, no prompt is made.
    Required,
    /// May shrink or go.
    Priority(Priority),
}

/// How a section gets smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shrink {
    /// Whole items from the front, in large steps so that what is left stays the same for several turns; a line says how
    /// many are missing. For history.
    WholeItemsOldestFirst,
    /// Whole items, those of the least relevance first. For knowledge and facts.
    LeastRelevantFirst,
    /// The text ends earlier, after a whole sentence. For prose.
    SentenceEnd,
    /// All or nothing.
    None,
}

/// One thing that is kept or cut: a message, a fact, a passage, a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is called in the manifest.
    pub id: String,
    /// Its text, as it will stand in the prompt.
    pub text: String,
    /// For [`Shrink::LeastRelevantFirst`]: the higher, the longer it stays. Equal ones go from the end.
    pub relevance: u32,
    /// The token count of `text` and a line end, if the caller has it.
    pub tokens: Option<usize>,
    /// Roughly its tokens, by a measure that never changes for the same thing: what [`Shrink::WholeItemsOldestFirst`]
    /// steps by. A quarter of the text's bytes unless set.
    pub weight: usize,
}

/// What stands before a section's items and was not even written out, because it cannot fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Earlier {
    /// How many items.
    pub items: usize,
    /// The sum of their [`Item::weight`]s.
    pub weight: usize,
    /// The first one's name.
    pub first_id: String,
}

impl Item {
    /// An item without relevance or a known count.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let weight = rough_tokens(&text);
        Self { id: id.into(), text, relevance: 0, tokens: None, weight }
    }

    /// The same item with a weight of its own.
    #[must_use]
    pub fn weighing(mut self, weight: usize) -> Self {
        self.weight = weight;
        self
    }

    /// The same item with a relevance.
    #[must_use]
    pub fn relevant(mut self, relevance: u32) -> Self {
        self.relevance = relevance;
        self
    }
}

/// A text's tokens, roughly: four bytes each.
#[must_use]
pub fn rough_tokens(text: &str) -> usize {
    text.len() / 4 + 1
}

/// A part of the prompt. Sections are rendered in the order they are given; what is cut first is a matter of
/// [`Requirement`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The name in the manifest and in a prompt file's front matter.
    pub name: String,
    /// Who says it.
    pub role: Role,
    /// Whether it may be cut.
    pub requirement: Requirement,
    /// Tokens it gets before sections of a higher priority get more than theirs. Ignored when required.
    pub floor: usize,
    /// Tokens it never exceeds, however much room there is. A required section over its ceiling is refused.
    pub ceiling: usize,
    /// How it gets smaller. Ignored when required.
    pub shrink: Shrink,
    /// The line before the items, such as `<history>`; empty for none.
    pub opening: String,
    /// The line after the items; empty for none.
    pub closing: String,
    /// What it holds, in the order it is rendered.
    pub items: Vec<Item>,
    /// For [`Shrink::WholeItemsOldestFirst`]: what came before the items.
    pub earlier: Earlier,
}

impl Section {
    /// A section that is always there and always whole.
    pub fn required(name: impl Into<String>, role: Role, items: Vec<Item>) -> Self {
        Self {
            name: name.into(),
            role,
            requirement: Requirement::Required,
            floor: 0,
            ceiling: usize::MAX,
            shrink: Shrink::None,
            opening: String::new(),
            closing: String::new(),
            items,
            earlier: Earlier::default(),
        }
    }

    /// A section of data that may be cut.
    pub fn optional(name: impl Into<String>, priority: Priority, shrink: Shrink, items: Vec<Item>) -> Self {
        Self { requirement: Requirement::Priority(priority), shrink, ..Self::required(name, Role::User, items) }
    }

    /// The same section between the marks `<mark>` and `</mark>`.
    #[must_use]
    pub fn fenced(mut self, mark: &str) -> Self {
        self.opening = format!("<{mark}>");
        self.closing = format!("</{mark}>");
        self
    }

    /// The same section with a floor and a ceiling, in tokens.
    #[must_use]
    pub fn between(mut self, floor: usize, ceiling: usize) -> Self {
        self.floor = floor;
        self.ceiling = ceiling;
        self
    }
}
