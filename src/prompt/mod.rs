//! Pure: what the model is told, within a token budget, and the record of what was cut.
//!
//! The path of a turn: [`turn_sections`] puts the context and the [`Library`] into [`Section`]s, [`compose`] fits them
//! into the [`Budget`] (`never-over-budget`) and writes the [`Manifest`], [`read_proposal`] reads the model's answer.
//! [`compose_turn`] is the first two in one call.
//!
//! Text from leads, from Close and from knowledge files is data: it is neutralised by [`fence`], stands between marks in
//! user messages, and never passes through the template engine.

pub mod answer;
pub mod budget;
pub mod calibration;
pub mod chat;
mod comments;
pub mod compose;
mod contradiction;
pub mod diff;
pub mod fence;
mod front_matter;
pub mod knowledge;
mod knowledge_excerpt;
pub mod knowledge_index;
pub mod library;
pub mod lint;
pub mod local_time;
pub mod manifest;
mod measure;
pub mod memo;
pub mod moment;
mod pieces;
pub mod playbook;
pub mod schema;
pub mod section;
pub mod sections;
mod shrink;
pub mod summary;
mod synonyms;
pub mod template;
pub mod tokens;
pub mod trial;
pub mod turn;
mod words;

#[cfg(test)]
mod contexts_tests;

pub use answer::{ProposalError, plain_text_proposal, read_proposal};
pub use budget::Budget;
pub use calibration::Calibration;
pub use chat::{ChatMessage, Role};
pub use compose::{ComposeError, Composed, compose};
pub use knowledge::Passage;
pub use knowledge_index::Topic;
pub use library::{Library, LibraryError};
pub use lint::Lint;
pub use local_time::{spoken_time, zone_or};
pub use manifest::{CutItem, Manifest, PromptFile, SectionRecord};
pub use memo::Memo;
pub use moment::Moment;
pub use playbook::Playbook;
pub use schema::{proposal_schema, schema_name, schema_tokens, shared_proposal_schema};
pub use section::{Earlier, Item, Priority, Requirement, Section, Shrink};
pub use sections::{Hints, turn_sections};
pub use template::{SectionBudget, Template, TemplateError, Vars};
pub use tokens::{Tiktoken, TokenCounter, UnknownEncoding};
pub use trial::{Trial, Unfit};
pub use turn::{TurnPrompt, compose_turn};
