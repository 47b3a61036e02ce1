//! The rules of the house, checked: arrows run one way, files are read in one sitting, the map names what exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each room may use. `runtime` is open to all but the pure rooms.
const MAY_USE: &[(&str, &[&str])] = &[
    ("runtime", &[]),
    ("sms", &[]),
    ("conversation", &["sms"]),
    ("prompt", &["conversation", "sms"]),
    ("llm", &["runtime", "prompt", "conversation"]),
    ("close", &["runtime", "conversation", "sms"]),
    ("calendly", &["runtime", "conversation", "sms"]),
    ("store", &["runtime", "conversation", "sms", "prompt"]),
    ("engine", &["runtime", "store", "close", "calendly", "llm", "prompt", "conversation", "sms"]),
    ("sim", &["runtime"]),
    ("config", &["runtime", "conversation", "prompt", "sms", "llm"]),
    ("web", &["runtime", "engine", "store", "close", "calendly", "llm", "prompt", "conversation", "sms", "config"]),
    ("eval", &["runtime", "engine", "store", "llm", "prompt", "conversation", "sms", "config"]),
    (
        "cli",
        &[
            "runtime",
            "web",
            "eval",
            "engine",
            "store",
            "close",
            "calendly",
            "llm",
            "prompt",
            "conversation",
            "sms",
            "config",
            "sim",
        ],
    ),
];

const LINES_MAX: usize = 500;
const LINES_MEDIAN_MAX: usize = 200;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).expect("below src");
    let first = inside.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The rooms a file names through `crate::`, outside its tests.
fn rooms_used(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut used: Vec<String> = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .flat_map(|rest| {
            let names = rest.strip_prefix('{').map_or_else(
                || vec![rest.clone()],
                |group| group.split(',').map(|name| name.trim().to_owned()).collect(),
            );
            names.into_iter().map(|name| name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        })
        .collect();
    used.sort();
    used.dedup();
    used
}

#[test]
fn arrows_between_rooms_run_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("src")) {
        let room = room_of(&file);
        let Some(may_use) = allowed.get(room.as_str()) else {
            assert!(room == "lib" || room == "main", "{room} is a new room: say in tests/tidy.rs what it may use");
            continue;
        };
        let text = fs::read_to_string(&file).expect("readable");
        for used in rooms_used(&text) {
            if used != room && allowed.contains_key(used.as_str()) && !may_use.contains(&used.as_str()) {
                wrong.push(format!("{}: {room} must not use {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_is_read_in_one_sitting() {
    let mut lengths = Vec::new();
    let mut long = Vec::new();
    for file in rust_files(&root().join("src")) {
        let lines = fs::read_to_string(&file).expect("readable").lines().count();
        if lines > LINES_MAX {
            long.push(format!("{} has {lines} lines", file.display()));
        }
        lengths.push(lines);
    }
    assert!(long.is_empty(), "longer than {LINES_MAX} lines:\n{}", long.join("\n"));
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= LINES_MEDIAN_MAX, "the median file has {median} lines, more than {LINES_MEDIAN_MAX}");
}

#[test]
fn every_room_is_on_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for (room, _) in MAY_USE {
        assert!(map.contains(&format!("`src/{room}`")), "ARCHITECTURE.md does not name src/{room}");
        let exists = root().join("src").join(room).is_dir() || root().join(format!("src/{room}.rs")).is_file();
        assert!(exists, "src/{room} is on the map and not in the house");
    }
}

#[test]
fn the_arrow_check_sees_an_arrow() {
    assert_eq!(rooms_used("use crate::store::Store;\nuse crate::{sim, web};"), ["sim", "store", "web"]);
    assert!(rooms_used("// see crate::web\n#[cfg(test)]\nuse crate::sim;").is_empty());
}
