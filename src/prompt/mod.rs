//! Pure: what the model is told, within a token budget, and the record of what was cut.

pub mod chat;

pub use chat::{ChatMessage, Role};
