//! Turns that never were, composed before prompt files are taken into use: what could not answer an ordinary text would hand
//! every lead to a person.

use std::sync::Arc;

use jiff::Timestamp;

use super::budget::Budget;
use super::compose::ComposeError;
use super::library::Library;
use super::sections::Hints;
use super::template::TemplateError;
use super::tokens::TokenCounter;
use super::turn::compose_turn;
use crate::conversation::{Author, Instruction, LeadFacts, Message, Notices, Offer, Organisation, TurnContext};
use crate::sms::Disclosure;

/// A text as long as one SMS, which must fit beside everything that is always told.
const ORDINARY_TEXT: &str = "Hi, I saw your ad and wanted to ask what something like this would cost for our house, how long \
                             it takes, and whether someone could come by next week? Thanks!";

/// Why prompt files cannot answer an ordinary text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A section that is always whole may not be as large as it is.
    #[error(
        "reply.md: front matter: sections.{section}: the ceiling of {ceiling} tokens is below the {tokens} that the section \
         takes, and it is never cut: raise the ceiling or take it out"
    )]
    LowCeiling {
        /// The section.
        section: String,
        /// Its ceiling.
        ceiling: usize,
        /// What it takes for an ordinary text.
        tokens: usize,
    },
    /// What is always told leaves no room for a text.
    #[error(
        "What must be in the prompt of an ordinary text takes {needed} tokens and {available} are allowed; most of it is \
         {largest:?} with {tokens}: shorten that, or {way_to_more}"
    )]
    NoRoom {
        /// Tokens of all that must be there.
        needed: usize,
        /// Tokens there are.
        available: usize,
        /// The largest section that must be there.
        largest: String,
        /// Its tokens.
        tokens: usize,
        /// What can be changed beside the files.
        way_to_more: &'static str,
    },
    /// A file cannot be rendered.
    #[error(transparent)]
    Template(TemplateError),
}

impl From<ComposeError> for Unfit {
    fn from(error: ComposeError) -> Self {
        match error {
            ComposeError::RequiredDoesNotFit {
                needed,
                available,
                largest_section: largest,
                largest_tokens: tokens,
                way_to_more,
            } => Self::NoRoom { needed, available, largest, tokens, way_to_more },
            ComposeError::OverCeiling { section, tokens, ceiling } => Self::LowCeiling { section, ceiling, tokens },
            ComposeError::Template(error) => Self::Template(error),
        }
    }
}

/// For whom prompt files must be good, and within which budget.
#[derive(Clone)]
pub struct Trial {
    /// Who the texts come from.
    pub organisation: Organisation,
    /// What a prompt may have.
    pub budget: Budget,
    /// What counts it.
    pub counter: Arc<dyn TokenCounter>,
}

impl Trial {
    /// Composes a first answer with all its notices, and a rep's second try, for leads to whom each rule of disclosure applies.
    ///
    /// # Errors
    /// [`Unfit`] with what to change.
    pub fn pass(&self, library: &Library) -> Result<(), Unfit> {
        for disclosure in [Disclosure::None, Disclosure::OnAsk, Disclosure::FirstMessage] {
            let notices = Notices { introduction: true, opt_out: true, ai: true, disclosure, segments_max: 2 };
            let first = self.turn(notices.clone());
            let instruction =
                Instruction { text: "Shorter, please.".to_owned(), previous_text: ORDINARY_TEXT.to_owned() };
            let again = TurnContext { instruction: Some(instruction), ..self.turn(notices) };
            let refused = Hints { feedback: Some("it names a time that no data holds."), ..Hints::default() };
            for (context, hints) in [(first, Hints::default()), (again, refused)] {
                compose_turn(&context, library, &self.budget, self.counter.as_ref(), hints)?;
            }
        }
        Ok(())
    }

    /// Somebody of whom nothing is known writes for the first time.
    fn turn(&self, notices: Notices) -> TurnContext {
        let at = Timestamp::UNIX_EPOCH;
        let text = ORDINARY_TEXT.to_owned();
        TurnContext {
            now: at,
            organisation: self.organisation.clone(),
            lead: LeadFacts::default(),
            history: Vec::new(),
            new_texts: vec![Message { activity_id: String::new(), author: Author::Lead, text, at, attachments: 0 }],
            summary: None,
            offer: Offer::default(),
            bookings: Vec::new(),
            instruction: None,
            notices,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Tiktoken;

    const BUDGET: Budget = Budget {
        context_tokens: 128_000,
        max_output_tokens: 800,
        overhead_tokens: 300,
        margin_tokens: 6_400,
        cap_tokens: 6_000,
    };

    fn tried(reply: &str, house: &str) -> Result<(), String> {
        tried_within(BUDGET, reply, house)
    }

    fn tried_within(budget: Budget, reply: &str, house: &str) -> Result<(), String> {
        let files = [("reply.md", reply), ("house.md", house)];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
        let trial = Trial { organisation: Organisation::default(), budget, counter: Arc::new(Tiktoken::fallback()) };
        trial.pass(&Library::from_files(files).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn files_that_could_answer_no_text_are_refused_with_what_to_change() {
        assert_eq!(tried("Answer.", "Be kind."), Ok(()));
        for section in ["instructions", "new_texts", "local_time", "notices", "rep_instruction", "refused_answer"] {
            let told =
                tried(&format!("---\nsections: {{{section}: {{ceiling: 2}}}}\n---\nAnswer all."), "").unwrap_err();
            let begins = format!("reply.md: front matter: sections.{section}: the ceiling of 2 tokens is below the ");
            assert!(told.starts_with(&begins), "{told}");
        }
        let told = tried("Answer.", &"Be kind to everybody. ".repeat(2_000)).unwrap_err();
        assert!(told.contains("and 6000 are allowed; most of it is \"house\""), "{told}");
        assert!(told.ends_with("shorten that, or raise models.main.prompt_tokens_cap"), "{told}");
        let narrow = Budget { context_tokens: 7_550, ..BUDGET };
        let told = tried_within(narrow, "Answer.", "Be kind.").unwrap_err();
        assert!(told.contains("raise models.main.context_tokens") && !told.contains("prompt_tokens_cap"), "{told}");
    }
}
