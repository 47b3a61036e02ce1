//! Everything in the `prompts/` folder, read and checked.

use std::collections::BTreeMap;

use super::knowledge::{Passage, passages};
use super::knowledge_index::{Index, Topic};
use super::moment::Moment;
use super::playbook::Playbook;
use super::sections;
use super::template::{FrontMatter, Template, TemplateError, short_hash};

#[derive(rust_embed::RustEmbed)]
#[folder = "prompts/"]
struct Shipped;

/// The files beside those of `playbooks/` and `knowledge/`.
pub(super) const NAMED: [&str; 4] = ["reply.md", "house.md", "follow_up.md", "summarize.md"];

/// The prompt files.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    reply: Template,
    house: Option<Template>,
    follow_up: Option<Template>,
    summarize: Option<Template>,
    playbooks: Vec<Playbook>,
    passages: Vec<Passage>,
    index: Index,
    hash: String,
}

/// What is wrong with a folder of prompts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LibraryError {
    /// There is no reply prompt.
    #[error("the prompts folder has no reply.md, which says how to answer: copy the shipped one")]
    NoReply,
    /// The reply prompt has no words. Some editors leave a file so for a moment while they save it.
    #[error("reply.md says nothing below its head: write how to answer, or copy the shipped one")]
    EmptyReply,
    /// A file is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Two files give one id.
    #[error("{file}: the id {id:?} is taken by another file: give it another `id` or name")]
    TakenId {
        /// The second file.
        file: String,
        /// The id.
        id: String,
    },
    /// A head sets the budget of a section that there is not.
    #[error("{file}: front matter: there is no section {section:?}; did you mean {nearest:?}?")]
    UnknownSection {
        /// The file.
        file: String,
        /// The name as written.
        section: String,
        /// The nearest there is.
        nearest: String,
    },
    /// A head sets a key to what it cannot be.
    #[error("{file}: front matter: {key}: {words}")]
    OutOfRange {
        /// The file.
        file: String,
        /// The key, with the section it stands in.
        key: String,
        /// What is wrong, and what to write.
        words: String,
    },
}

impl Library {
    /// Reads prompt files. Paths are relative to the prompts folder; files that are not `.md`, files named `README.md`
    /// and hidden files are passed over.
    ///
    /// # Errors
    /// [`LibraryError`] names the file, the line and the way out.
    pub fn from_files(files: Vec<(String, String)>) -> Result<Self, LibraryError> {
        let files: BTreeMap<String, String> = files
            .into_iter()
            .map(|(path, text)| (plain_path(&path), text))
            .filter(|(path, _)| is_prompt(path))
            .collect();
        let hash = short_hash(files.iter().flat_map(|(path, text)| [path.as_str(), text.as_str()]));
        let [reply, house, follow_up, summarize] =
            NAMED.map(|name| files.get(name).map(|text| checked(name, text)).transpose());
        let reply = reply?.ok_or(LibraryError::NoReply)?;
        if reply.is_empty() {
            return Err(LibraryError::EmptyReply);
        }
        let (house, follow_up, summarize) = (house?, follow_up?, summarize?);
        let (mut playbooks, mut found): (Vec<Playbook>, Vec<Passage>) = (Vec::new(), Vec::new());
        for (path, text) in &files {
            if path.starts_with("playbooks/") {
                playbooks.push(Playbook::parse(path, text)?);
            } else if path.starts_with("knowledge/") {
                let new = passages(path, text)?;
                if let Some(taken) = new.iter().find(|passage| found.iter().any(|other| other.id == passage.id)) {
                    return Err(LibraryError::TakenId { file: path.clone(), id: taken.id.clone() });
                }
                found.extend(new);
            }
        }
        let index = Index::new(&found);
        Ok(Self { reply, house, follow_up, summarize, playbooks, passages: found, index, hash })
    }

    /// The prompts that ship with the program.
    ///
    /// # Errors
    /// [`LibraryError`] when they are wrong; a test holds that they are not.
    pub fn embedded() -> Result<Self, LibraryError> {
        Self::from_files(Self::embedded_files())
    }

    /// The files that ship with the program, for writing them where a user can edit them.
    #[must_use]
    pub fn embedded_files() -> Vec<(String, String)> {
        Shipped::iter()
            .filter_map(|path| {
                Some((path.to_string(), String::from_utf8(Shipped::get(&path)?.data.into_owned()).ok()?))
            })
            .collect()
    }

    /// How to answer.
    pub fn reply(&self) -> &Template {
        &self.reply
    }

    /// Who the house is: persona, offer, tone, dos and don'ts, when the folder says.
    pub fn house(&self) -> Option<&Template> {
        self.house.as_ref()
    }

    /// How to write first, when the folder has it.
    pub fn follow_up(&self) -> Option<&Template> {
        self.follow_up.as_ref()
    }

    /// How to summarise, when the folder has it.
    pub fn summarize(&self) -> Option<&Template> {
        self.summarize.as_ref()
    }

    /// All playbooks, by file name.
    pub fn playbooks(&self) -> &[Playbook] {
        &self.playbooks
    }

    /// All passages, by file name and place.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// The playbooks that apply at this moment, the best match first, with how well they match.
    #[must_use]
    pub fn relevant_playbooks(&self, moment: &Moment) -> Vec<(&Playbook, usize)> {
        let fits = self.playbooks.iter().filter_map(|playbook| Some((playbook, playbook.fit(moment)?)));
        let mut found: Vec<(&Playbook, usize)> = fits.collect();
        found.sort_by_key(|(_, fit)| std::cmp::Reverse(*fit));
        found
    }

    /// The passages that share words with a topic, best first, with their scores.
    #[must_use]
    pub fn relevant_passages(&self, topic: Topic<'_>, max: usize) -> Vec<(&Passage, u32)> {
        self.index.find(topic, max).into_iter().map(|(place, score)| (&self.passages[place], score)).collect()
    }

    /// The first 16 hex digits of the SHA-256 over all files: which prompts a turn used.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

fn checked(name: &str, text: &str) -> Result<Template, LibraryError> {
    let template = Template::parse(name, text)?;
    if let Some(section) = template.front().sections.keys().find(|name| !sections::NAMES.contains(&name.as_str())) {
        let nearest = sections::NAMES.iter().min_by_key(|known| strsim::damerau_levenshtein(known, section));
        let nearest = nearest.map_or_else(String::new, ToString::to_string);
        return Err(LibraryError::UnknownSection { file: name.to_owned(), section: section.clone(), nearest });
    }
    let wrong = temperature(template.front()).or_else(|| budgets(template.front()));
    match wrong {
        Some((key, words)) => Err(LibraryError::OutOfRange { file: name.to_owned(), key, words }),
        None => Ok(template),
    }
}

/// A key of a head, and what is wrong with its value.
type Wrong = (String, String);

/// The range is the configuration's (`models.<name>.temperature`).
fn temperature(front: &FrontMatter) -> Option<Wrong> {
    let value = front.temperature.filter(|value| !(0.0..=2.0).contains(value))?;
    Some(("temperature".to_owned(), format!("{value} is not a number from 0 to 2")))
}

fn budgets(front: &FrontMatter) -> Option<Wrong> {
    front.sections.iter().find_map(|(section, budget)| match (budget.floor, budget.ceiling) {
        (Some(floor), Some(ceiling)) if floor > ceiling => Some((
            format!("sections.{section}"),
            format!(
                "the floor of {floor} tokens is above the ceiling of {ceiling}: write a floor of at most {ceiling}"
            ),
        )),
        _ => None,
    })
}

fn plain_path(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("./");
    path.strip_prefix("prompts/").unwrap_or(path).to_owned()
}

/// Whether a file is read: those that are not `.md`, `README.md` and hidden ones are passed over.
#[must_use]
pub fn is_prompt(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".md").is_some_and(|stem| !stem.eq_ignore_ascii_case("readme")) && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::words::words;

    fn library(files: &[(&str, &str)]) -> Result<Library, LibraryError> {
        Library::from_files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn the_shipped_prompts_are_sound() {
        let library = Library::embedded().unwrap();
        assert!(library.follow_up().is_some() && library.summarize().is_some());
        let ids: Vec<&str> = library.playbooks().iter().map(Playbook::id).collect();
        assert_eq!(ids, ["booking", "objections"]);
        assert_eq!(library.hash().len(), 16);
    }

    #[test]
    fn the_order_of_files_and_files_beside_prompts_do_not_matter() {
        let one = library(&[("reply.md", "a"), ("knowledge/x.md", "b")]).unwrap();
        let files =
            [("./knowledge\\x.md", "b"), ("prompts/reply.md", "a"), ("knowledge/README.md", "c"), ("notes.txt", "d")];
        assert_eq!(one, library(&files).unwrap());
        assert_ne!(one.hash(), library(&[("reply.md", "a"), ("knowledge/x.md", "c")]).unwrap().hash());
    }

    #[test]
    fn mistakes_in_the_folder_are_told() {
        assert_eq!(library(&[("playbooks/a.md", "x")]), Err(LibraryError::NoReply));
        let error = library(&[("reply.md", "---\nsections: {histroy: {ceiling: 5}}\n---\nx")]).unwrap_err();
        assert!(error.to_string().contains("did you mean \"history\""), "{error}");
        for emptied in ["", "\u{feff}\n \n", "---\ntemperature: 1\n---\n\n"] {
            assert_eq!(library(&[("reply.md", emptied)]), Err(LibraryError::EmptyReply), "{emptied:?}");
        }
        let twice = library(&[("reply.md", "x"), ("knowledge/a.md", "x"), ("knowledge/b.md", "---\nid: a\n---\ny")]);
        assert_eq!(twice, Err(LibraryError::TakenId { file: "knowledge/b.md".to_owned(), id: "a".to_owned() }));
    }

    #[test]
    fn a_head_keeps_to_its_ranges() {
        let reply = |head: &str| library(&[("reply.md", &format!("---\n{head}\n---\nx"))]);
        for good in ["temperature: 0", "temperature: 2", "sections: {history: {floor: 10, ceiling: 10}}"] {
            assert!(reply(good).is_ok(), "{good}");
        }
        for (bad, told) in [
            ("temperature: 9", "reply.md: front matter: temperature: 9 is not a number from 0 to 2"),
            ("temperature: -0.1", "temperature: -0.1 is not"),
            ("temperature: .nan", "temperature: NaN is not"),
            (
                "sections: {history: {floor: 500, ceiling: 10}}",
                "reply.md: front matter: sections.history: the floor of 500",
            ),
        ] {
            let error = reply(bad).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn the_playbook_with_most_words_comes_first() {
        let library = Library::embedded().unwrap();
        let said = |text: &str| Moment { said: words(text), ..Moment::default() };
        let moment = said("Can we book a call next week?");
        assert_eq!(library.relevant_playbooks(&moment)[0].0.id(), "booking");
        assert!(library.relevant_playbooks(&said("zebra")).is_empty());
    }
}
