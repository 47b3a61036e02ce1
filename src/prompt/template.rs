//! Prompt files: front matter and a body with variables from the configuration.
//!
//! Only our own words pass through here. Text from leads, Close or knowledge files never does.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use super::front_matter::part;
use crate::conversation::{Organisation, TurnContext};
use crate::sms::Disclosure;

/// What a prompt file may say with `{{ … }}`. All of it comes from the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vars {
    /// The company's name.
    pub organisation: String,
    /// The name the texts are signed with.
    pub agent_name: String,
    /// What the company offers; may be empty.
    pub offer: String,
    /// The language to answer in when the lead's own is unclear, as a BCP 47 tag.
    pub language: String,
    /// When texts to this lead say that an AI writes: `none`, `first_message` or `on_ask`. A direct question is always
    /// answered truthfully.
    pub disclosure: String,
}

impl Vars {
    /// The names a prompt file may use.
    pub const NAMES: [&str; 5] = ["organisation", "agent_name", "offer", "language", "disclosure"];
}

impl Vars {
    /// Values of every kind there is, since a template may say different things for each.
    fn every_kind() -> impl Iterator<Item = Self> {
        let offers = ["", "Roof repair."];
        let kinds = offers.into_iter().flat_map(|offer| {
            [Disclosure::None, Disclosure::OnAsk, Disclosure::FirstMessage].map(|disclosure| (offer, disclosure))
        });
        kinds.map(|(offer, disclosure)| {
            let organisation = Organisation { offer: offer.to_owned(), ..Organisation::default() };
            Self { disclosure: disclosure.as_str().to_owned(), ..Self::from(&organisation) }
        })
    }

    /// The variables of one turn.
    pub(super) fn of_turn(context: &TurnContext) -> Self {
        Self { disclosure: context.notices.disclosure.as_str().to_owned(), ..Self::from(&context.organisation) }
    }
}

impl From<&Organisation> for Vars {
    fn from(organisation: &Organisation) -> Self {
        Self {
            organisation: organisation.name.clone(),
            agent_name: organisation.agent_name.clone(),
            offer: organisation.offer.clone(),
            language: organisation.language.clone(),
            disclosure: "on_ask".to_owned(),
        }
    }
}

/// Tokens of one section as a prompt file sets them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SectionBudget {
    /// What it gets before dearer sections get more than theirs.
    pub floor: Option<usize>,
    /// What it never exceeds.
    pub ceiling: Option<usize>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Front {
    model: Option<String>,
    temperature: Option<f64>,
    #[serde(deserialize_with = "version_note")]
    version: Option<String>,
    sections: BTreeMap<String, SectionBudget>,
}

/// Reads a version note, which people write as a word, a sentence or a number.
pub(super) fn version_note<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Note {
        Text(String),
        Whole(i64),
        Number(f64),
    }
    let note = Option::<Note>::deserialize(deserializer)?;
    Ok(note.map(|note| match note {
        Note::Text(text) => text,
        Note::Whole(number) => number.to_string(),
        Note::Number(number) => number.to_string(),
    }))
}

/// What is wrong with a prompt file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The head opens with `---` and never closes.
    #[error("{file}, line 1: the front matter is not closed: add a line `---` after it")]
    Unclosed {
        /// The file.
        file: String,
    },
    /// The head is not the YAML expected.
    #[error("{file}, line {line}: front matter: {message}")]
    FrontMatter {
        /// The file.
        file: String,
        /// The line in the file, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// The body is not a template.
    #[error("{file}, line {line}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// The line in the file, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// The body names a variable that there is not.
    #[error("{file}, line {line}: there is no variable `{variable}`: use one of {}", Vars::NAMES.join(", "))]
    UnknownVariable {
        /// The file.
        file: String,
        /// The line in the file, from 1.
        line: usize,
        /// The name as written.
        variable: String,
    },
}

/// A prompt file that was read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    name: String,
    body: String,
    lines_before: usize,
    hash: String,
    front: FrontMatter,
    last: LastRender,
}

/// What was rendered last, and with which variables: they change only with the configuration.
#[derive(Debug, Default)]
struct LastRender(Mutex<Option<(Vars, String)>>);

impl Clone for LastRender {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for LastRender {
    /// It is no part of what a template is.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What the head of a prompt file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    /// The configured model to use (`models.<name>`), if not the default.
    pub model: Option<String>,
    /// The temperature to ask for, if not the model's own.
    pub temperature: Option<f64>,
    /// The author's note on this version.
    pub version: Option<String>,
    /// Tokens by section.
    pub sections: BTreeMap<String, SectionBudget>,
}

impl Template {
    /// Reads a prompt file and tries every variable it names.
    ///
    /// # Errors
    /// [`TemplateError`] with the file and the line.
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateError> {
        let parted = part::<Front>(name, text)?;
        let Front { model, temperature, version, sections } = parted.front;
        let front = FrontMatter { model, temperature, version, sections };
        Self::checked(name, text, front, parted.body, parted.lines_before)
    }

    /// A template whose head was read as something else.
    pub(super) fn checked(
        name: &str,
        text: &str,
        front: FrontMatter,
        body: String,
        lines_before: usize,
    ) -> Result<Self, TemplateError> {
        let hash = short_hash([text]);
        let template = Self { name: name.to_owned(), body, lines_before, hash, front, last: LastRender::default() };
        let environment = environment();
        let parsed = environment.template_from_str(&template.body).map_err(|error| template.syntax(&error))?;
        let mut unknown: Vec<String> = parsed
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| !Vars::NAMES.contains(&name.as_str()))
            .collect();
        unknown.sort();
        if let Some(variable) = unknown.into_iter().next() {
            let line = template.body.lines().position(|line| line.contains("{{") && line.contains(&variable));
            let line = line.or_else(|| template.body.lines().position(|line| line.contains(&variable))).unwrap_or(0);
            let line = template.lines_before + line + 1;
            return Err(TemplateError::UnknownVariable { file: name.to_owned(), line, variable });
        }
        for vars in Vars::every_kind() {
            template.render(&vars)?;
        }
        Ok(template)
    }

    /// The body with its variables filled in, without white space around it.
    ///
    /// # Errors
    /// [`TemplateError::Syntax`] when an expression fails.
    pub fn render(&self, vars: &Vars) -> Result<String, TemplateError> {
        let mut last = self.last.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, rendered)) = last.as_ref().filter(|(known, _)| known == vars) {
            return Ok(rendered.clone());
        }
        let rendered = environment().render_str(&self.body, values(vars)).map_err(|error| self.syntax(&error))?;
        let rendered = rendered.trim().to_owned();
        *last = Some((vars.clone(), rendered.clone()));
        Ok(rendered)
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands below the head, variables and all.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// True when nothing stands below the head.
    pub fn is_empty(&self) -> bool {
        self.body.trim().is_empty()
    }

    /// The first 16 hex digits of the SHA-256 of the whole file.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What the head says.
    pub fn front(&self) -> &FrontMatter {
        &self.front
    }

    fn syntax(&self, error: &minijinja::Error) -> TemplateError {
        let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let line = self.lines_before + error.line().unwrap_or(1);
        TemplateError::Syntax { file: self.name.clone(), line, message }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the standard delimiters are valid"));
    environment
}

fn values(vars: &Vars) -> Value {
    let Vars { organisation, agent_name, offer, language, disclosure } = vars;
    context! { organisation, agent_name, offer, language, disclosure }
}

/// The first 16 hex digits of the SHA-256 of some texts, each ended by a zero byte.
pub(super) fn short_hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hex::encode(&hasher.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_its_head_and_rendered_without_escaping() {
        let text = "---\r\nmodel: small\r\ntemperature: 0.2\r\nversion: 3\r\nsections: {history: {ceiling: 900}}\r\n---\r\n\
                    Hi from {{ organisation }} {slot:1}.\r\n{% if offer %}\r\nOffer: {{ offer }}\r\n{% endif %}\r\nBye.";
        let template = Template::parse("reply.md", text).unwrap();
        assert_eq!(template.front().model.as_deref(), Some("small"));
        assert_eq!(template.front().version.as_deref(), Some("3"));
        assert_eq!(template.front().sections["history"], SectionBudget { floor: None, ceiling: Some(900) });
        let vars = Vars::from(&Organisation { name: "<A & B>".to_owned(), ..Organisation::default() });
        assert_eq!(template.render(&vars).unwrap(), "Hi from <A & B> {slot:1}.\nBye.");
        assert_eq!(template.hash().len(), 16);
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        let template = Template::parse("t.md", "{{ offer }}").unwrap();
        let vars = Vars::from(&Organisation { offer: "{{ agent_name }}".to_owned(), ..Organisation::default() });
        assert_eq!(template.render(&vars).unwrap(), "{{ agent_name }}");
    }

    #[test]
    fn mistakes_name_the_file_the_line_and_the_way_out() {
        let message = |text: &str| Template::parse("reply.md", text).unwrap_err().to_string();
        let unknown = message("---\nversion: a\n---\nHi\nfrom {{ company }}");
        assert!(
            unknown.starts_with("reply.md, line 5: there is no variable `company`: use one of organisation"),
            "{unknown}"
        );
        assert!(message("---\nversion: a\n---\nHi {% if %}").starts_with("reply.md, line 4: "));
        assert!(message("---\nmodel: a\ntemprature: 1\n---\nx").contains("temprature"));
        assert!(message("---\nmodel: a\n").starts_with("reply.md, line 1: the front matter is not closed"));
        assert!(message("---\nmodel: a\nsections: [1]\n---\nx").starts_with("reply.md, line 3: front matter"));
        assert!(message("{% include 'x' %}").starts_with("reply.md, line 1: "));
    }

    #[test]
    fn what_is_said_only_to_some_leads_is_tried_as_well() {
        for condition in ["disclosure == \"first_message\"", "disclosure == \"none\"", "offer", "not offer"] {
            for wrong in ["{{ organisation | uper }}", "{{ organisation.nope.x }}"] {
                let text = format!("Hi\n{{% if {condition} %}}\n{wrong}\n{{% endif %}}");
                let error = Template::parse("reply.md", &text).unwrap_err().to_string();
                assert!(error.starts_with("reply.md, line 3: "), "{error}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "(---\n)?([a-z{}%:#\\[\\]\n -]|\\PC){0,80}(\n---\n)?\\PC{0,40}") {
            let _ = Template::parse("any.md", &text);
        }
    }
}
