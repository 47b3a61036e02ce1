//! A suite: cases that belong together, read from a YAML file and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use super::case::Case;
use super::expectation::SlotsOffered;
use super::problem::SuiteError;
use crate::conversation::{Mode, Organisation};
use crate::prompt::Library;
use crate::prompt::library::is_prompt;
use crate::sms::zones::time_zone;

/// The folder of knowledge below the prompts folder.
const KNOWLEDGE: &str = "knowledge";

/// Cases that belong together. `evals/README.md` explains the format.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The name in tables.
    pub name: String,
    /// What the suite is for.
    #[serde(default)]
    pub description: String,
    /// What holds for every case that does not say otherwise.
    pub defaults: Defaults,
    /// Files of knowledge, by name: they stand in for those of the prompts folder. None to use the folder's.
    #[serde(default)]
    pub knowledge: Option<BTreeMap<String, String>>,
    /// The cases, in order.
    pub cases: Vec<Case>,
    /// The file it was read from.
    #[serde(skip)]
    pub path: PathBuf,
}

/// What holds for every case that does not say otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The instant at which the cases happen. It never moves, so that a run can be repeated.
    pub now: Timestamp,
    /// Who the texts come from.
    #[serde(default)]
    pub organisation: Organisation,
    /// What may go out by itself.
    #[serde(default)]
    pub mode: Mode,
    /// The IANA zone of leads whose `zones` are not given; none when nothing is known.
    #[serde(default)]
    pub zone: Option<String>,
    /// The name of the meeting that is offered.
    #[serde(default)]
    pub meeting: Option<String>,
    /// How long it takes.
    #[serde(default)]
    pub duration_minutes: Option<u32>,
    /// The times that can be offered.
    #[serde(default)]
    pub slots: Vec<Timestamp>,
    /// Whether a booking link can be made.
    #[serde(default)]
    pub link: bool,
}

impl Suite {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`SuiteError`] names the file, the line where it is known, and what to write instead.
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        let text = std::fs::read_to_string(path).map_err(|error| SuiteError::unreadable(path, "suite", &error))?;
        Self::parse(&text, path).map_err(|error| if has_key_of_suite(&text) { error } else { no_suite(path) })
    }

    /// Reads and checks `text`, which errors call `path`.
    ///
    /// # Errors
    /// [`SuiteError`], as with [`Suite::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, SuiteError> {
        // Some editors begin a file with a mark of its encoding.
        let text = text.trim_start_matches('\u{feff}');
        let mut suite: Self = serde_norway::from_str(text).map_err(|error| SuiteError::syntax(path, &error))?;
        path.clone_into(&mut suite.path);
        if suite.cases.is_empty() {
            return Err(SuiteError { path: suite.path, line: None, what: "the suite has no cases".to_owned() });
        }
        if let Some(name) = suite.knowledge.iter().flatten().map(|(name, _)| name).find(|name| !is_prompt(name)) {
            let what = format!(
                "knowledge {name:?} would not be told: its name must end in .md and not be README.md or hidden"
            );
            return Err(SuiteError { path: suite.path, line: line_of_key(text, name), what });
        }
        let mut seen = BTreeSet::new();
        for case in &suite.cases {
            let taken = (!seen.insert(case.id.as_str())).then(|| "the id is taken by an earlier case".to_owned());
            if let Some(what) = taken.or_else(|| suite.problem(case)) {
                return Err(SuiteError::case(path, line_of(text, &case.id), &case.id, &what));
            }
        }
        Ok(suite)
    }

    /// Where the recorded answers of this suite are: `recorded/<file>.jsonl` beside it.
    #[must_use]
    pub fn recording(&self) -> PathBuf {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        self.path.with_file_name("recorded").join(format!("{stem}.jsonl"))
    }

    /// What the model is told: the prompt files, with the suite's own knowledge if it has some.
    ///
    /// # Errors
    /// [`SuiteError`] when a file is not a prompt.
    pub fn library(&self, prompts: &[(String, String)]) -> Result<Library, SuiteError> {
        let mut files = prompts.to_vec();
        if let Some(knowledge) = &self.knowledge {
            files.retain(|(name, _)| !name.split(['/', '\\']).any(|part| part == KNOWLEDGE));
            files.extend(knowledge.iter().map(|(name, text)| (format!("{KNOWLEDGE}/{name}"), text.clone())));
        }
        Library::from_files(files).map_err(|error| SuiteError {
            path: self.path.clone(),
            line: None,
            what: format!("the prompts cannot be used: {error}"),
        })
    }

    fn problem(&self, case: &Case) -> Option<String> {
        let now = case.now(&self.defaults);
        let slots = case.slots(&self.defaults);
        if case.id.trim().is_empty() {
            return Some("the id is empty".to_owned());
        }
        if case.expect.is_empty() {
            return Some("it expects nothing, so it could not fail: add something under `expect`".to_owned());
        }
        if let Some(what) = case.expect.problem() {
            return Some(what);
        }
        if case.texts.iter().all(|text| text.trim().is_empty()) {
            return Some("it has no text to answer: add one under `texts`".to_owned());
        }
        if let Some(past) = slots.iter().find(|slot| **slot <= now) {
            return Some(format!("the slot {past} is not after {now}, the case's now"));
        }
        if let Some(SlotsOffered::These(places)) = &case.expect.slots_offered
            && let Some(place) = places.iter().find(|place| !is_place(**place, slots.len()))
        {
            return Some(format!("`slots_offered` names slot {place}, but there are {} slots", slots.len()));
        }
        let zones = case.lead.zones.iter().flatten().chain(&self.defaults.zone);
        let unknown = zones.chain([&self.defaults.organisation.timezone]).find(|zone| time_zone(zone).is_none())?;
        Some(format!("{unknown:?} is not a time zone; write one such as America/Denver"))
    }
}

/// Whether somebody meant a file as a suite, however wrong it is.
fn has_key_of_suite(text: &str) -> bool {
    const KEYS: [&str; 3] = ["name:", "defaults:", "cases:"];
    text.trim_start_matches('\u{feff}').lines().any(|line| KEYS.iter().any(|key| line.starts_with(key)))
}

/// Written answers and other files lie beside suites, where `*.yaml` finds them.
fn no_suite(path: &Path) -> SuiteError {
    let is_suite = |path: &PathBuf| {
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        is_yaml && std::fs::read_to_string(path).is_ok_and(|text| has_key_of_suite(&text))
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let beside: BTreeSet<String> =
        entries.map(|entry| entry.path()).filter(is_suite).map(|path| file_name(&path)).collect();
    let instead = match beside.len() {
        0 => String::new(),
        _ => format!("; suites beside it are {}", beside.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let what = format!("this is no suite: a suite has `name`, `defaults` and `cases`{instead}");
    SuiteError { path: path.to_owned(), line: None, what }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_place(place: u32, slots: usize) -> bool {
    usize::try_from(place).is_ok_and(|place| (1..=slots).contains(&place))
}

fn line_of_key(text: &str, key: &str) -> Option<usize> {
    let is_key = |line: &str| {
        let named = line.trim_start().split_once(':').map(|(name, _)| name.trim_matches(['"', '\'']));
        named == Some(key)
    };
    text.lines().position(is_key).map(|place| place + 1)
}

/// The last line that gives the id: of two cases with one id, the second.
fn line_of(text: &str, id: &str) -> Option<usize> {
    let gives = |line: &str| {
        let line = line.trim_start().trim_start_matches('-').trim_start().trim_start_matches('{').trim_start();
        let value = line.strip_prefix("id:").map(|rest| rest.split([',', '#', '}']).next().unwrap_or_default());
        value.is_some_and(|value| value.trim().trim_matches(['"', '\'']) == id)
    };
    text.lines().zip(1..).filter(|(line, _)| gives(line)).map(|(_, number)| number).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::testing::SMALL;

    /// The error of the small suite with `old` replaced by `new`.
    fn error(old: &str, new: &str) -> String {
        assert!(SMALL.contains(old), "{old:?} is not in the small suite");
        let text = SMALL.replacen(old, new, 1);
        Suite::parse(&text, Path::new("evals/small.yaml")).expect_err(new).to_string()
    }

    #[test]
    fn unknown_keys_and_values_are_named_with_line_and_nearest() {
        let told = error("contains: free", "contain: free");
        assert!(told.starts_with("evals/small.yaml:13: ") && told.contains("`contain` is not a key"), "{told}");
        assert!(told.contains("did you mean `contains`?"), "{told}");
        assert!(error("texts: [\"What", "text: [\"What").contains("did you mean `texts`?"));
        assert!(error("mode: auto", "mood: auto").contains("did you mean `mode`?"));
        assert!(error("name: Northwind", "title: Northwind").contains("`title` is not a key"));
        assert!(error("decision: send", "decision: sent").contains("did you mean `send`?"));
        assert!(error("decision: send", "decision: [draft, sent]").contains("did you mean `send`?"));
        assert!(error("intent: price", "intent: pricing").contains("did you mean `price`?"));
        let told = error("    texts: [\"Stop\"]", "    notices: {introduce: true}\n    texts: [\"Stop\"]");
        assert!(told.contains("`introduce` is not a key here; did you mean `introduction`?"), "{told}");
        assert!(told.starts_with("evals/small.yaml:18: "), "{told}");
        assert!(error("slots_offered: [2]", "slots_offered: nine").contains("did you mean `none`?"));
    }

    #[test]
    fn what_is_not_yaml_or_not_there_is_named() {
        assert!(error("cases:", "cases: [").starts_with("evals/small.yaml:"));
        assert!(error("  now: 2026-11-24T17:00:00Z\n", "").contains("missing field `now`"));
        assert!(error("contains: free", "regex: '('").contains("is not a regular expression: "));
        let marked = Suite::parse(&format!("\u{feff}{SMALL}"), Path::new("evals/small.yaml"));
        assert!(marked.is_ok(), "{marked:?}");
        let missing = Suite::load(Path::new("evals/there-is-none.yaml")).expect_err("no such file").to_string();
        assert!(missing.starts_with("evals/there-is-none.yaml: the suite cannot be read"), "{missing}");
    }

    #[test]
    fn a_case_that_makes_no_sense_is_named_with_its_line() {
        let told = error("    expect: {decision: send, intent: price, contains: free}\n", "");
        assert!(told.starts_with("evals/small.yaml:11: case \"price\": it expects nothing"), "{told}");
        assert!(error("{decision: opt_out, intent: opt_out}", "{}").contains("it expects nothing"));
        let told = error("id: times", "id: price");
        assert!(told.starts_with("evals/small.yaml:14: case \"price\": the id is taken"), "{told}");
        assert!(error("contains: free", "contains: [free, '']").contains("`contains` has an empty text"));
        assert!(error("contains: free", "not_contains: ' '").contains("`not_contains` has an empty text"));
        assert!(error("contains: free", "regex: ''").contains("`regex` is empty"));
        let told = error("contains: free", "regex: 'you’re (?:all )?set'");
        assert!(told.contains("evals/small.yaml:11: case \"price\": `regex` has \"’\", which no reply has"), "{told}");
        assert!(told.contains("it is written with \"'\""), "{told}");
        assert!(error("texts: [\"Stop\"]", "texts: []").contains("no text to answer"));
        assert!(error("slots: [2026-12-01", "slots: [2026-11-01").contains("is not after"));
        assert!(error("slots_offered: [2]", "slots_offered: [3]").contains("slot 3, but there are 2 slots"));
        assert!(error("zone: America/Denver", "zone: America/Dever").contains("is not a time zone"));
    }

    #[test]
    fn a_suites_own_knowledge_stands_in_for_the_folders() {
        let mut prompts = Library::embedded_files();
        prompts.push(("knowledge/old.md".to_owned(), "# Old\nIt costs $1.".to_owned()));
        let ids = |suite: &Suite| -> Vec<String> {
            let library = suite.library(&prompts).expect("prompts");
            library.passages().iter().map(|passage| passage.id.clone()).collect()
        };
        let mut suite = Suite::parse(SMALL, Path::new("evals/small.yaml")).expect("a suite");
        assert_eq!(ids(&suite), ["old#old"]);
        suite.knowledge = Some(BTreeMap::from([("new.md".to_owned(), "# New\nIt costs $2.".to_owned())]));
        assert_eq!(ids(&suite), ["new#new"]);
        assert!(suite.library(&[]).expect_err("no reply.md").to_string().starts_with("evals/small.yaml: the prompts"));
    }

    #[test]
    fn knowledge_that_would_not_be_told_is_refused() {
        for name in ["pricing", "a.MD", ".a.md", "README.md", "a.txt"] {
            let told = error("cases:", &format!("knowledge:\n  {name}: It costs $2.\ncases:"));
            let begins = format!("evals/small.yaml:11: knowledge {name:?} would not be told");
            assert!(told.starts_with(&begins), "{told}");
        }
    }

    #[test]
    fn a_file_that_is_no_suite_is_answered_with_those_that_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let save = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("saved");
        save("answers.yaml", "small: {price: []}");
        let load = |name: &str| Suite::load(&folder.path().join(name)).expect_err("no suite").to_string();
        assert!(
            load("answers.yaml").ends_with("a suite has `name`, `defaults` and `cases`"),
            "{}",
            load("answers.yaml")
        );
        save("small.yaml", SMALL);
        save("wrong.yml", "cases: []");
        assert!(load("answers.yaml").ends_with("`cases`; suites beside it are small.yaml, wrong.yml"));
        assert!(load("wrong.yml").contains("missing field `name`"), "{}", load("wrong.yml"));
    }

    #[test]
    fn recorded_answers_stand_beside_the_suite() {
        let suite = Suite::parse(SMALL, Path::new("evals/small.yaml")).expect("a suite");
        assert_eq!(suite.recording(), Path::new("evals/recorded/small.jsonl"));
    }
}
