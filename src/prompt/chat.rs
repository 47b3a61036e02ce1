//! The rendered prompt, as any chat model takes it.

use serde::{Deserialize, Serialize};

/// Who a message of the prompt speaks as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions from us. Never holds text from outside.
    System,
    /// Data and the lead's words.
    User,
    /// What was answered before.
    Assistant,
}

/// One message of the prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Who it speaks as.
    pub role: Role,
    /// What it says.
    pub text: String,
}
