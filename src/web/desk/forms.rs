//! What the desk's forms carry. A missing field is an empty one: the engine says what it cannot use.

use serde::Deserialize;

/// An edited draft.
#[derive(Deserialize)]
pub(super) struct Edit {
    #[serde(default)]
    pub text: String,
}

/// Why a draft is rejected, or everything is paused.
#[derive(Deserialize)]
pub(super) struct Why {
    #[serde(default)]
    pub reason: String,
}

/// Which pause is lifted.
#[derive(Deserialize)]
pub(super) struct Lift {
    /// When it began, in milliseconds since 1970.
    #[serde(default)]
    pub since: String,
}

/// What a new draft should do differently.
#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    pub instruction: String,
}

/// A rep's words for a summary.
#[derive(Deserialize)]
pub(super) struct Corrected {
    #[serde(default)]
    pub summary_id: String,
    #[serde(default)]
    pub text: String,
}

/// A conversation's mode; `default` leaves it to the configuration.
#[derive(Deserialize)]
pub(super) struct ModeChoice {
    #[serde(default)]
    pub mode: String,
}

/// A form's text as the person meant it: browsers send line ends as CR LF (HTML, "form-data set encoding").
pub(super) fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}
