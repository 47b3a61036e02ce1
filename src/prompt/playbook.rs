//! Playbooks: how to handle one kind of turn. Only those that match the turn are told to the model.

use serde::Deserialize;

use super::front_matter::part;
use super::moment::{Moment, State};
use super::template::{FrontMatter, Template, TemplateError, Vars, version_note};
use super::words::words;
use crate::conversation::Intent;

/// How to handle one kind of turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    id: String,
    title: String,
    intents: Vec<Intent>,
    states: Vec<State>,
    words: Vec<String>,
    patterns: Vec<Vec<String>>,
    template: Template,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Front {
    title: Option<String>,
    #[serde(deserialize_with = "version_note")]
    version: Option<String>,
    when: When,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct When {
    intents: Vec<Intent>,
    states: Vec<State>,
    words: Vec<String>,
}

impl Playbook {
    /// Reads a playbook file. Its id is the file's name without folder and ending.
    ///
    /// # Errors
    /// [`TemplateError`] with the file and the line.
    pub fn parse(file: &str, text: &str) -> Result<Self, TemplateError> {
        let parted = part::<Front>(file, text)?;
        let Front { title, version, when } = parted.front;
        let front = FrontMatter { version, ..FrontMatter::default() };
        let template = Template::checked(file, text, front, parted.body, parted.lines_before)?;
        let id = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".md").to_owned();
        let patterns: Vec<Vec<String>> = when.words.iter().map(|pattern| pattern_words(pattern)).collect();
        if let Some(place) = patterns.iter().position(Vec::is_empty) {
            let pattern = &when.words[place];
            let line = text.lines().position(|line| !pattern.trim().is_empty() && line.contains(pattern.as_str()));
            let line = line.or_else(|| text.lines().position(|line| line.contains("words"))).unwrap_or(0) + 1;
            let message = format!(
                "front matter: when.words: {pattern:?} has no letter and no digit, so no text can be heard by it: take it out"
            );
            return Err(TemplateError::Syntax { file: file.to_owned(), line, message });
        }
        let title = title.unwrap_or_else(|| id.clone());
        Ok(Self { id, title, intents: when.intents, states: when.states, words: when.words, patterns, template })
    }

    /// The file's name without folder and ending.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is about, for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The intents it is for.
    pub fn intents(&self) -> &[Intent] {
        &self.intents
    }

    /// The file.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The first 16 hex digits of the SHA-256 of the file.
    pub fn hash(&self) -> &str {
        self.template.hash()
    }

    /// The words of the playbook.
    ///
    /// # Errors
    /// [`TemplateError::Syntax`] when an expression fails.
    pub fn render(&self, vars: &Vars) -> Result<String, TemplateError> {
        self.template.render(vars)
    }

    /// How well it fits a moment; none when it does not apply.
    ///
    /// It applies in one of its states, and on one of its words or after a turn with one of its intents. What it does not
    /// name does not bind it; one that names nothing always applies. `book*` stands for every word that begins so.
    #[must_use]
    pub fn fit(&self, moment: &Moment) -> Option<usize> {
        if !self.states.is_empty() && !self.states.iter().any(|state| moment.states.contains(state)) {
            return None;
        }
        let hits = self
            .patterns
            .iter()
            .filter(|pattern| moment.said.windows(pattern.len()).any(|window| matches(pattern, window)))
            .count();
        let goes_on = moment.last_intent.is_some_and(|intent| self.intents.contains(&intent));
        let bound = !self.patterns.is_empty() || !self.intents.is_empty();
        (!bound || hits > 0 || goes_on).then_some(hits + usize::from(goes_on) + usize::from(!self.states.is_empty()))
    }

    /// The words under `when` that are heard as others, since signs are not compared: `c++` as `c`.
    pub(super) fn words_heard_otherwise(&self) -> impl Iterator<Item = (&str, String)> {
        let heard = self.words.iter().zip(&self.patterns).map(|(word, pattern)| (word.as_str(), pattern.join(" ")));
        heard.filter(|(word, _)| {
            let ends = word.split_whitespace().map(|piece| piece.strip_suffix('*').unwrap_or(piece));
            ends.into_iter().any(|piece| piece.contains(['+', '*', '#', '&', '@', '%', '$', '€', '£', '=', '<', '>']))
        })
    }

    /// True when it is told in every turn, because it names nothing that has to hold.
    #[must_use]
    pub fn always_applies(&self) -> bool {
        self.patterns.is_empty() && self.intents.is_empty() && self.states.is_empty()
    }
}

fn matches(pattern: &[String], window: &[String]) -> bool {
    pattern.iter().zip(window).all(|(wanted, word)| match wanted.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == wanted,
    })
}

fn pattern_words(pattern: &str) -> Vec<String> {
    let starred = |piece: &str| {
        let mut found = words(piece);
        if piece.ends_with('*')
            && let Some(last) = found.last_mut()
        {
            last.push('*');
        }
        found
    };
    pattern.split_whitespace().flat_map(starred).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playbook(when: &str) -> Playbook {
        Playbook::parse("playbooks/p.md", &format!("---\nwhen: {when}\n---\nDo this.")).unwrap()
    }

    fn said(text: &str) -> Moment {
        Moment { said: words(text), ..Moment::default() }
    }

    #[test]
    fn words_phrases_and_beginnings_match_whole_words_only() {
        let found = |text: &str| playbook("{words: [call, 'next week', 'sched*', \"what's up\"]}").fit(&said(text));
        assert_eq!(found("CALL me next  week!"), Some(2));
        assert_eq!(found("rescheduling is no match, scheduling is"), Some(1));
        assert_eq!(found("What’s up"), Some(1));
        assert_eq!(found("I recall weeks next"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn it_goes_on_while_the_conversation_is_about_the_same() {
        let booking = playbook("{intents: [booking], words: [book*]}");
        let second_one = Moment { last_intent: Some(Intent::Booking), ..said("the second one please") };
        assert_eq!(booking.fit(&second_one), Some(1));
        assert_eq!(booking.fit(&Moment { last_intent: Some(Intent::Price), ..second_one.clone() }), None);
        assert_eq!(booking.fit(&said("the second one please")), None);
        assert_eq!(booking.intents(), [Intent::Booking]);
    }

    #[test]
    fn a_state_must_hold_whatever_was_said() {
        let booked = |text: &str, states: Vec<State>| {
            playbook("{states: [booked, rep_asked], words: [move]}").fit(&Moment { states, ..said(text) })
        };
        assert_eq!(booked("move it", vec![State::Booked]), Some(2));
        assert_eq!(booked("move it", vec![State::NewLead]), None);
        assert_eq!(booked("thanks", vec![State::Booked]), None);
        let new = playbook("{states: [new_lead]}");
        assert_eq!(new.fit(&Moment { states: vec![State::NewLead], ..said("anything") }), Some(1));
    }

    #[test]
    fn intents_bind_also_beside_states() {
        let booked = |last_intent| {
            let moment = Moment { states: vec![State::Booked], last_intent, ..said("hello") };
            playbook("{intents: [price], states: [booked]}").fit(&moment)
        };
        assert_eq!((booked(None), booked(Some(Intent::Booking)), booked(Some(Intent::Price))), (None, None, Some(2)));
    }

    #[test]
    fn a_word_is_heard_with_and_without_its_accents_and_between_characters() {
        let hears = |word: &str, text: &str| playbook(&format!("{{words: [\"{word}\"]}}")).fit(&said(text)).is_some();
        assert!(hears("reunión", "una reunion") && hears("reunion", "una reunio\u{301}n"));
        assert!(hears("niño*", "mis ninos") && hears("don't", "i don´t know") && hears("预约", "我想预约"));
        assert!(!hears("预约", "约预"));
    }

    #[test]
    fn a_word_without_letters_is_refused_by_name() {
        for word in ["👍", "???", "*", ""] {
            let text = format!("---\nwhen:\n  words: [call, '{word}']\n---\nDo this.");
            let error = Playbook::parse("playbooks/p.md", &text).unwrap_err().to_string();
            assert!(error.starts_with("playbooks/p.md, line 3: front matter: when.words: "), "{error}");
            assert!(error.contains(&format!("{word:?} has no letter")), "{error}");
        }
    }

    #[test]
    fn one_that_names_nothing_always_applies() {
        assert!(playbook("{}").always_applies() && playbook("{}").fit(&said("anything")) == Some(0));
        assert_eq!(playbook("{}").id(), "p");
    }

    #[test]
    fn an_unknown_intent_is_a_mistake_with_its_line() {
        let error = Playbook::parse("playbooks/p.md", "---\ntitle: x\nwhen: {intents: [pricing]}\n---\n").unwrap_err();
        assert!(error.to_string().starts_with("playbooks/p.md, line 3: front matter"), "{error}");
        assert!(error.to_string().contains("pricing"), "{error}");
    }
}
