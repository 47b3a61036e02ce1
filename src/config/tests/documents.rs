//! The documentation and the example say what the program does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{load, mistakes};
use crate::config::Config;
use crate::config::reader::Reader;
use crate::conversation::Intent;

fn root(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).expect("a file of the project")
}

/// Every known key, with the intents, the models and the states written once.
fn known_keys() -> BTreeSet<String> {
    let mut reader = Reader::new("", Path::new("rapport.toml"), std::iter::empty()).expect("empty");
    Config::read(&mut reader);
    let general = |key: &String| {
        if key.starts_with("policy.intents.") {
            return "policy.intents.<intent>".to_owned();
        }
        if key.starts_with("policy.disclosure_in.") {
            return "policy.disclosure_in.<state>".to_owned();
        }
        if let Some((_, last)) = key.strip_prefix("hours.states.").and_then(|rest| rest.split_once('.')) {
            return format!("hours.states.<state>.{last}");
        }
        key.replace("models.fallback.", "models.main.")
    };
    reader.known_keys().iter().map(general).collect()
}

#[test]
fn the_documentation_lists_every_key_and_no_other() {
    let mut section = "";
    let mut documented = BTreeSet::new();
    let page = root("docs/configuration.md");
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## `[") {
            section = heading.split(']').next().expect("closed");
        } else if let Some(row) = line.strip_prefix("| `") {
            documented.insert(format!("{section}.{}", row.split('`').next().expect("closed")));
        }
    }
    assert_eq!(documented, known_keys());
    for intent in Intent::ALL {
        assert!(page.contains(&format!("`{intent}`")), "{intent}");
    }
}

#[test]
fn the_documentation_quotes_mistakes_as_they_are_told() {
    let text = format!("{}[engine]\nwait = 8\n", "\n".repeat(10));
    let told = mistakes(&text, &[("RAPPORT__POLCY__MODE", "auto")]);
    assert!(root("docs/configuration.md").contains(&told), "{told}");
}

#[test]
fn the_operations_page_names_only_keys_that_exist() {
    let known = known_keys();
    let sections: BTreeSet<&str> = known.iter().filter_map(|key| key.split('.').next()).collect();
    let page = root("docs/operations.md");
    let quoted = page.split('`').skip(1).step_by(2).filter_map(|words| words.split_whitespace().next());
    let keys: Vec<&str> =
        quoted.filter(|word| word.split_once('.').is_some_and(|(first, _)| sections.contains(first))).collect();
    assert!(keys.len() > 10, "{keys:?}");
    for key in keys {
        let known_as = key.replace("models.fallback", "models.main");
        assert!(known.iter().any(|known| *known == known_as || known.starts_with(&format!("{known_as}."))), "{key}");
    }
}

/// The example with the lines that `uncomment` gives back in their place.
fn example(uncomment: impl Fn(&str) -> Option<&str>) -> String {
    let lines = root("rapport.example.toml");
    lines.lines().map(|line| uncomment(line).unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_valid_and_states_the_true_defaults() {
    let as_it_is = load(&example(|_| None), &[]).expect("valid");
    let defaults = example(|line| line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_alphabetic())));
    let written_out = load(&defaults, &[]).expect("valid");
    assert_eq!(format!("{as_it_is:?}"), format!("{written_out:?}"));
    let env = [("CLOSE_API_KEY", "c"), ("OPENAI_API_KEY", "o")];
    assert!(load(&example(|_| None), &env).expect("valid").require_serve().is_ok());
}

#[test]
fn the_example_shows_every_key_and_its_examples_can_be_used() {
    let is_setting =
        |rest: &&str| rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
    let everything = example(|line| {
        let rest = line.trim_start_matches(['#', ' ']);
        (line.starts_with('#') && is_setting(&rest)).then_some(rest)
    });
    let without_files: Vec<&str> = everything.lines().filter(|line| !line.contains("_file = ")).collect();
    load(&without_files.join("\n"), &[]).expect("every example is valid");
    let shown = Reader::new(&everything, Path::new("rapport.toml"), std::iter::empty()).expect("valid");
    let missing: Vec<String> = known_keys()
        .into_iter()
        .filter(|key| {
            let one_of_many = key.replace("<state>", "tx");
            !shown.is_set(&one_of_many) && !shown.has_section(key.trim_end_matches(".<intent>"))
        })
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}
