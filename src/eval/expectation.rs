//! What a case may expect of a turn, as a suite's file writes it.

use std::fmt;
use std::marker::PhantomData;

use regex::Regex;
use serde::de::{self, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::conversation::Intent;
use crate::sms::normalise;

/// The expectations of one case. Those left out are not judged.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// What becomes of the turn: one of these.
    pub decision: OneOrMore<Outcome>,
    /// What the lead wants: one of these.
    pub intent: OneOrMore<Intent>,
    /// The reply holds each of these; case does not matter, nor do typographic characters.
    pub contains: OneOrMore<String>,
    /// The reply holds none of these; case does not matter, nor do typographic characters.
    pub not_contains: OneOrMore<String>,
    /// The reply matches each of these. Case matters, unless the pattern starts with `(?i)`.
    pub regex: OneOrMore<Pattern>,
    /// The reply takes at most so many SMS segments.
    pub segments_max: Option<u32>,
    /// Which of the slots the reply tells.
    pub slots_offered: Option<SlotsOffered>,
    /// The reason told to the rep holds each of these; case does not matter.
    pub reason_contains: OneOrMore<String>,
}

impl Expect {
    /// True when nothing is expected: such a case could not fail.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.decision.0.is_empty()
            && self.intent.0.is_empty()
            && self.contains.0.is_empty()
            && self.not_contains.0.is_empty()
            && self.regex.0.is_empty()
            && self.segments_max.is_none()
            && self.slots_offered.is_none()
            && self.reason_contains.0.is_empty()
    }

    /// What is wrong with it, in words that say what to write.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let words = [
            ("contains", &self.contains),
            ("not_contains", &self.not_contains),
            ("reason_contains", &self.reason_contains),
        ];
        let emptied = words.into_iter().find(|(_, words)| words.0.iter().any(|words| words.trim().is_empty()));
        if let Some((key, _)) = emptied {
            return Some(format!("`{key}` has an empty text, which stands in every text: write words"));
        }
        self.regex.0.iter().find_map(Pattern::problem)
    }
}

/// A decision's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Goes out by itself.
    Send,
    /// Waits for a rep.
    Draft,
    /// Goes to a rep without a draft.
    HandOff,
    /// Stays unanswered on purpose.
    Silence,
    /// The lead does not want to be texted.
    OptOut,
}

impl Outcome {
    /// The name as [`crate::conversation::Decision::as_str`] gives it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Draft => "draft",
            Self::HandOff => "hand_off",
            Self::Silence => "silence",
            Self::OptOut => "opt_out",
        }
    }
}

/// Which of the offered slots a reply tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotsOffered {
    /// These and no others; places in the case's `slots`, from 1.
    These(Vec<u32>),
    /// At least one.
    Any,
    /// Not one.
    None,
}

impl<'de> Deserialize<'de> for SlotsOffered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Slots;
        impl<'de> Visitor<'de> for Slots {
            type Value = SlotsOffered;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`any`, `none` or a list of slot numbers such as [1, 2]")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<SlotsOffered, E> {
                match word {
                    "any" => Ok(SlotsOffered::Any),
                    "none" => Ok(SlotsOffered::None),
                    _ => Err(E::unknown_variant(word, &["any", "none"])),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<SlotsOffered, A::Error> {
                let mut places = Vec::new();
                while let Some(place) = list.next_element()? {
                    places.push(place);
                }
                places.sort_unstable();
                places.dedup();
                Ok(if places.is_empty() { SlotsOffered::None } else { SlotsOffered::These(places) })
            }
        }
        deserializer.deserialize_any(Slots)
    }
}

/// A regular expression, compiled when the suite is read.
#[derive(Debug, Clone)]
pub struct Pattern(pub Regex);

impl Pattern {
    fn problem(&self) -> Option<String> {
        let written = self.0.as_str();
        if self.0.is_match("") && written.trim().is_empty() {
            return Some("`regex` is empty, which matches every text: write a pattern".to_owned());
        }
        let mut curly = written.chars().map(|c| (c.to_string(), normalise(&c.to_string())));
        let (curly, plain) = curly.find(|(curly, plain)| !plain.trim().is_empty() && curly != plain)?;
        let plain = plain.trim();
        Some(format!("`regex` has {curly:?}, which no reply has: it is written with {plain:?}, so write that"))
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        // The error draws over several lines; its last one says what is wrong.
        let what = |error: regex::Error| error.to_string().lines().last().unwrap_or_default().to_owned();
        let told = |error| de::Error::custom(format!("{written:?} is not a regular expression: {}", what(error)));
        Regex::new(&written).map(Self).map_err(told)
    }
}

/// One value or a list of them.
#[derive(Debug, Clone)]
pub struct OneOrMore<T>(pub Vec<T>);

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrList<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrList<T> {
            type Value = OneOrMore<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, one: &str) -> Result<OneOrMore<T>, E> {
                T::deserialize(one.to_owned().into_deserializer()).map(|one| OneOrMore(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMore<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    all.push(one);
                }
                Ok(OneOrMore(all))
            }
        }
        deserializer.deserialize_any(OneOrList(PhantomData))
    }
}
