//! What a text costs on the air, in words: for the card, and for the edit box while a rep types.

use axum::{Form, Json};
use serde::{Deserialize, Serialize};

use crate::sms::normalise;
use crate::sms::segments::{Encoding, count as on_air, outside_gsm};

/// A text's cost, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Cost {
    /// Characters as a person counts them.
    pub characters: usize,
    /// Parts it is sent and billed in.
    pub segments: u32,
    /// `GSM-7` or `UCS-2`.
    pub encoding: Encoding,
    /// Both, in a sentence.
    pub sentence: String,
    /// What makes it dearer than it looks; empty if nothing.
    pub hint: String,
}

impl Cost {
    pub(super) fn of(text: &str) -> Self {
        let cost = on_air(text);
        let characters = text.chars().count();
        let (c, s) = (plural(characters == 1), plural(cost.segments == 1));
        let sentence = format!("{characters} character{c} · {} segment{s}", cost.segments);
        let outside: Vec<String> = outside_gsm(text).iter().take(5).map(char::to_string).collect();
        let hint = if outside.is_empty() {
            String::new()
        } else {
            format!("With {} in it, a segment holds only 70 characters instead of 160.", outside.join(" "))
        };
        Self { characters, segments: cost.segments, encoding: cost.encoding, sentence, hint }
    }
}

fn plural(one: bool) -> &'static str {
    if one { "" } else { "s" }
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    text: String,
}

/// `POST /desk/segments`: the cost of the text in the form, as it would be sent.
pub(super) async fn count(Form(typed): Form<Typed>) -> Json<Cost> {
    Json(Cost::of(&normalise(&typed.text)))
}
