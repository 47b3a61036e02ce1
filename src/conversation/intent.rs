//! What a lead wants, in the closed list that policy is written against.

use serde::{Deserialize, Serialize};

macro_rules! intents {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What the newest texts want, as the model names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Intent {
            $($(#[$doc])* $variant,)*
        }

        impl Intent {
            /// Every intent, in the order they are told to the model.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name used in configuration, prompts, records and metrics.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

intents! {
    /// Wants to meet, or answers an offer of times.
    Booking = "booking",
    /// Wants to move a meeting.
    Reschedule = "reschedule",
    /// Wants to call a meeting off.
    CancelMeeting = "cancel_meeting",
    /// Asks what it costs.
    Price = "price",
    /// Asks about the product or service.
    ProductQuestion = "product_question",
    /// Has a reservation.
    Objection = "objection",
    /// Declines.
    NotInterested = "not_interested",
    /// Is not the person we think.
    WrongNumber = "wrong_number",
    /// Asks for a person.
    WantsHuman = "wants_human",
    /// Complains.
    Complaint = "complaint",
    /// Threatens or mentions legal steps.
    LegalThreat = "legal_threat",
    /// Asks whether a machine is writing.
    AreYouABot = "are_you_a_bot",
    /// Asks not to be texted.
    OptOut = "opt_out",
    /// Greets, thanks, chats.
    SmallTalk = "small_talk",
    /// Anything else.
    Other = "other",
}

impl Intent {
    /// True for the four that always go to a person, whatever the configuration says (`a-person-decides`).
    #[must_use]
    pub fn is_never_auto(self) -> bool {
        matches!(self, Self::Complaint | Self::LegalThreat | Self::OptOut | Self::WantsHuman)
    }

    /// The name as people read it: `are you a bot`.
    #[must_use]
    pub fn in_words(self) -> String {
        self.as_str().replace('_', " ")
    }

    /// Reads a name written by a model or a person: case and separators do not matter.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let wanted = plain_name(name);
        Self::ALL.iter().copied().find(|intent| plain_name(intent.as_str()) == wanted)
    }
}

/// A name in lower case and without separators, as names are compared that a model has written.
pub(crate) fn plain_name(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

impl std::fmt::Display for Intent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_a_models_spelling() {
        assert_eq!(Intent::parse("Are you a bot"), Some(Intent::AreYouABot));
        assert_eq!(Intent::parse("PRODUCT-QUESTION"), Some(Intent::ProductQuestion));
        assert_eq!(Intent::parse("greeting"), None);
        for intent in Intent::ALL {
            assert_eq!(Intent::parse(intent.as_str()), Some(*intent));
        }
    }
}
