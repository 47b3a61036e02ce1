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
    // As one line: a group of a `use` may go over several.
    let code = without_tests(text).join(" ");
    let mut used: Vec<String> = code.split("crate::").skip(1).flat_map(first_names).collect();
    used.sort();
    used.dedup();
    used
}

/// A file's lines without comments and without the items behind `#[cfg(test)]`. Files are formatted, so that an item ends
/// with the line that is indented as its first one and closes it.
fn without_tests(text: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        let item = line.trim_start();
        if item != "#[cfg(test)]" {
            kept.push(line);
            continue;
        }
        let indent = line.len() - item.len();
        let ends = |line: &str| {
            let inside = line.trim_start();
            line.len() - inside.len() == indent && !inside.starts_with('#') && inside.ends_with([';', '}', ','])
        };
        lines.by_ref().find(|line| ends(line));
    }
    kept
}

/// The names that a path, or each path of a group, begins with: `a` and `b` of `{a::{c, d}, b::e}`.
fn first_names(path: &str) -> Vec<String> {
    let name = |path: &str| path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth, mut from) = (Vec::new(), 1, 0);
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                names.push(name(&group[from..at]));
                from = at + 1;
            }
            _ => {}
        }
        if depth == 0 {
            names.push(name(&group[from..at]));
            break;
        }
    }
    names.retain(|name: &String| !name.is_empty());
    names
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
    assert_eq!(rooms_used("let x = crate::web::App { store: crate::store::Store };"), ["store", "web"]);
    let lines = "use crate::{\n    engine::{Engine, prompts},\n    // crate::cli\n    web::App,\n};\nuse crate::sim;";
    assert_eq!(rooms_used(lines), ["engine", "sim", "web"]);
}

#[test]
fn the_arrow_check_passes_over_tests_and_nothing_else() {
    assert!(rooms_used("// see crate::web\n#[cfg(test)]\nuse crate::sim;").is_empty());
    let early = "#[cfg(test)]\n#[path = \"a_tests.rs\"]\nmod tests;\n\nuse crate::web;";
    assert_eq!(rooms_used(early), ["web"]);
    let block = "#[cfg(test)]\nmod tests {\n    use crate::sim;\n\n    fn f() {\n    }\n}\nuse crate::web;";
    assert_eq!(rooms_used(block), ["web"]);
    let group = "#[cfg(test)]\nuse crate::{\n    cli,\n    sim,\n};\nuse crate::web;";
    assert_eq!(rooms_used(group), ["web"]);
    let method =
        "impl A {\n    #[cfg(test)]\n    fn f() {\n        crate::sim::f();\n    }\n    fn g(a: crate::web::B) {}\n}";
    assert_eq!(rooms_used(method), ["web"]);
}
