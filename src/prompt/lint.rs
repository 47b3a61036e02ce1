//! What is wrong with prompt files that can be read all the same: stale and contradictory facts, and what will not work as
//! its author thinks.

use jiff::civil::Date;

use super::contradiction::contradictions;
use super::library::{Library, NAMED};
use super::playbook::Playbook;
use super::sections::{OverCeiling, over_ceiling};
use super::template::{Template, Vars};
use super::tokens::TokenCounter;
use crate::conversation::Organisation;

/// A passage of more words takes the room of others.
const PASSAGE_WORDS_MAX: usize = 150;
/// House rules of more tokens take the room of the conversation.
const HOUSE_TOKENS_MAX: usize = 800;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lint {
    /// The kind: `stale`, `contradiction`, `long`, `unused`, `unread`, `always`, `words`, `comment`, `empty`.
    pub kind: &'static str,
    /// The file or the passage.
    pub place: String,
    /// What is wrong, and what to do.
    pub sentence: String,
}

impl Lint {
    pub(super) fn new(kind: &'static str, place: &str, sentence: impl Into<String>) -> Self {
        Self { kind, place: place.to_owned(), sentence: sentence.into() }
    }
}

/// Everything there is to say about a library on a day, by kind and place.
#[must_use]
pub fn lint(library: &Library, today: Date, counter: &dyn TokenCounter) -> Vec<Lint> {
    let mut found = stale(library, today);
    found.extend(contradictions(library.passages(), library.house()));
    found.extend(long(library, counter));
    found.extend(playbooks(library));
    found.extend(comments(library));
    found.extend(empty(library));
    found
}

/// Passages whose day to be looked at has passed.
#[must_use]
pub fn stale(library: &Library, today: Date) -> Vec<Lint> {
    let overdue = library.passages().iter().filter_map(|passage| Some((passage, passage.review_by?)));
    overdue
        .filter(|(_, day)| *day < today)
        .map(|(passage, day)| {
            let words = format!("was to be looked at by {day}: see whether it still holds, then move the day on");
            Lint::new("stale", &passage.id, words)
        })
        .collect()
}

fn long(library: &Library, counter: &dyn TokenCounter) -> Vec<Lint> {
    let over = over_ceiling(library, &Vars::from(&Organisation::default()), counter);
    let passages = library.passages().iter().filter_map(|passage| {
        let words = passage.text.split_whitespace().count();
        let is_over = over.passages.iter().any(|(id, _)| *id == passage.id);
        (words > PASSAGE_WORDS_MAX && !is_over).then(|| {
            let sentence =
                format!("has {words} words: under {PASSAGE_WORDS_MAX} it leaves room for others; part it by headings");
            Lint::new("long", &passage.id, sentence)
        })
    });
    let house = library.house().and_then(|house| {
        let tokens = counter.count(house.body());
        (tokens > HOUSE_TOKENS_MAX).then(|| {
            let sentence = format!(
                "takes {tokens} tokens of every prompt: facts belong into knowledge/, special cases into playbooks/"
            );
            Lint::new("long", house.name(), sentence)
        })
    });
    passages.chain(too_large(&over)).chain(house).collect()
}

fn too_large(over: &OverCeiling) -> Vec<Lint> {
    let OverCeiling { playbooks, passages, for_playbooks, for_knowledge } = over;
    let passages = passages.iter().map(|(id, tokens)| {
        let sentence = format!(
            "takes {tokens} tokens and knowledge may have {for_knowledge}: of it only the lines nearest to a question are \
             told; part it by headings"
        );
        Lint::new("long", id, sentence)
    });
    let playbooks = playbooks.iter().map(|(name, tokens)| {
        let sentence = format!(
            "takes {tokens} tokens and playbooks may have {for_playbooks}: it is never told; shorten it, part it, or raise \
             sections.playbooks.ceiling in reply.md"
        );
        Lint::new("long", name, sentence)
    });
    passages.chain(playbooks).collect()
}

fn playbooks(library: &Library) -> Vec<Lint> {
    let told_always = library.playbooks().iter().filter(|playbook| playbook.always_applies());
    let words = "names no intents, states or words under `when`, so it is told in every turn: name some, or move it to house.md";
    let model = [Some(library.reply()), library.follow_up(), library.summarize()].into_iter().flatten();
    let model = model.filter(|template| template.front().model.is_some());
    let unused = "names a model; models are chosen in rapport.toml, under [models.main]";
    let always = told_always.map(|playbook| Lint::new("always", playbook.template().name(), words));
    let heard = library.playbooks().iter().flat_map(|playbook| {
        playbook.words_heard_otherwise().map(|(word, heard)| {
            let sentence =
                format!("hears {word:?} as {heard:?}: only letters and digits are compared, and `*` at a word's end");
            Lint::new("words", playbook.template().name(), sentence)
        })
    });
    always.chain(heard).chain(model.map(|template| Lint::new("unused", template.name(), unused))).collect()
}

/// In knowledge nobody is told of them; in the other files they are words like all others.
fn comments(library: &Library) -> Vec<Lint> {
    let templates = [Some(library.reply()), library.house(), library.follow_up(), library.summarize()];
    let templates = templates.into_iter().flatten().chain(library.playbooks().iter().map(Playbook::template));
    let commented = templates.filter(|template| template.body().contains("<!--"));
    let reviews = library.passages().iter().filter_map(|passage| {
        let comment = passage.misspelt_review.as_ref()?;
        let sentence = format!("has a comment {comment:?} that reminds nobody: write <!-- review_by: 2027-01-31 -->");
        Some(Lint::new("comment", &passage.id, sentence))
    });
    let words = "has a comment <!-- … --> that the model reads: write {# … #} around what is for authors";
    commented.map(|template: &Template| Lint::new("comment", template.name(), words)).chain(reviews).collect()
}

/// The files of a prompts folder that look like prompts and are not read, by their paths in it.
#[must_use]
pub fn unread(paths: &[String]) -> Vec<Lint> {
    paths.iter().filter_map(|path| Some(Lint::new("unread", path, why_unread(path)?))).collect()
}

fn why_unread(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, ending) = name.rsplit_once('.')?;
    let is_text = ["md", "markdown", "mdown", "mdx", "txt"].iter().any(|known| ending.eq_ignore_ascii_case(known));
    let is_meant_for_people = name.starts_with('.') || stem.eq_ignore_ascii_case("readme");
    if !is_text || is_meant_for_people {
        return None;
    }
    if ending != "md" {
        return Some("is not read: only files whose name ends in .md are");
    }
    let is_read = ["knowledge/", "playbooks/"].iter().any(|folder| path.starts_with(folder)) || NAMED.contains(&path);
    (!is_read).then_some(
        "is not read: facts belong into the folder knowledge/, playbooks into playbooks/, and beside these there are only \
         reply.md, house.md, follow_up.md and summarize.md",
    )
}

fn empty(library: &Library) -> Vec<Lint> {
    let mut found = Vec::new();
    if library.house().is_none() {
        found.push(Lint::new(
            "empty",
            "house.md",
            "is missing: persona, tone, dos and don'ts belong there; `rapport prompt copy` writes one",
        ));
    }
    let emptied = [
        (library.house(), "says nothing: persona, tone, dos and don'ts belong there; `rapport prompt copy` writes one"),
        (library.follow_up(), "says nothing: write how to write first, or take the file out"),
        (library.summarize(), "says nothing of how to summarise: write it, or take the file out"),
    ];
    let emptied = emptied.into_iter().filter_map(|(template, words)| Some((template?, words)));
    found.extend(
        emptied
            .filter(|(template, _)| template.is_empty())
            .map(|(template, words)| Lint::new("empty", template.name(), words)),
    );
    if library.passages().is_empty() {
        found.push(Lint::new(
            "empty",
            "knowledge/",
            "has no facts: replies can state no price and answer no question about what you offer",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Tiktoken;

    fn lints(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let files = files.iter().chain(&[("reply.md", "x"), ("house.md", "x")]);
        let files = files.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let library = Library::from_files(files).unwrap();
        let found = lint(&library, "2026-11-24".parse().unwrap(), &Tiktoken::fallback());
        found.into_iter().map(|lint| (format!("{} {}", lint.kind, lint.place), lint.sentence)).collect()
    }

    #[test]
    fn a_fact_past_its_day_is_stale() {
        let found = lints(&[
            ("knowledge/a.md", "---\nreview_by: 2026-11-23\n---\nx"),
            ("knowledge/b.md", "---\nreview_by: 2026-11-24\n---\nx"),
        ]);
        assert_eq!(found[0].0, "stale a");
        assert!(found[0].1.contains("2026-11-23") && found.len() == 1, "{found:?}");
    }

    #[test]
    fn a_misspelt_day_of_review_is_told() {
        for comment in
            ["reviewby: 2025-01-01", "Review by 2025-01-01", "review-by: 2025-01-01", "reveiw_by: 2025-01-01"]
        {
            let found = lints(&[("knowledge/a.md", &format!("# Fees\n<!-- {comment} -->\nAsk us."))]);
            assert_eq!(found[0].0, "comment a#fees", "{comment}");
            assert!(found[0].1.contains(comment) && found.len() == 1, "{found:?}");
        }
        for comment in ["our floor is 19", "review_by: 2027-01-31", "prices of 2026"] {
            assert_eq!(lints(&[("knowledge/a.md", &format!("# Fees\n<!-- {comment} -->\nAsk us."))]), [], "{comment}");
        }
    }

    #[test]
    fn one_label_or_one_sentence_with_two_numbers_is_a_contradiction() {
        let found = lints(&[
            ("knowledge/a.md", "# Visits\n- Inspection fee: $49.00\n- Radius: 30 miles\n"),
            ("knowledge/b.md", "# Fees\n- inspection fees: $59\n- Radius: 30 miles\n"),
        ]);
        assert_eq!(found[0].0, "contradiction a#visits");
        assert!(found[0].1.contains("b#fees says \"inspection fees: $59\"") && found.len() == 1, "{found:?}");
        let prose = lints(&[
            ("knowledge/a.md", "A roof inspection costs $1,200. We come quickly."),
            ("knowledge/b.md", "The roof inspections cost $1,300."),
        ]);
        assert_eq!(prose[0].0, "contradiction a");
    }

    #[test]
    fn other_things_with_other_numbers_are_none() {
        let found = lints(&[
            ("knowledge/a.md", "- Basic plan: $40\n- Pro plan: $90\nA window costs $400. A door costs $900."),
            ("knowledge/b.md", "An inspection costs $49. Financing starts at $2,000.\nA roof costs $1200.00 and more."),
            ("knowledge/c.md", "A roof costs $1,200 and more."),
        ]);
        assert_eq!(found, []);
    }

    #[test]
    fn what_takes_room_or_does_nothing_is_told() {
        let long = "word ".repeat(151);
        let found = lints(&[
            ("knowledge/a.md", &long),
            ("playbooks/p.md", "Be kind."),
            ("follow_up.md", "---\nmodel: x\n---\nx"),
        ]);
        let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["long a", "always playbooks/p.md", "unused follow_up.md"]);
        assert_eq!(lints(&[])[0].0, "empty knowledge/");
    }

    #[test]
    fn what_its_section_cannot_hold_is_told() {
        let long = "Say one thing and then say it again. ".repeat(150);
        let found = lints(&[
            ("knowledge/a.md", &long),
            ("playbooks/p.md", &format!("---\nwhen: {{words: [call]}}\n---\n{long}")),
        ]);
        assert_eq!(found.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["long a", "long playbooks/p.md"]);
        assert!(found[0].1.contains("only the lines nearest") && found[1].1.contains("it is never told"), "{found:?}");
    }

    #[test]
    fn what_is_read_otherwise_than_it_was_meant_is_told() {
        let found = lints(&[
            ("knowledge/a.md", "x <!-- y -->"),
            ("playbooks/p.md", "---\nwhen: {words: [c++, 'next week', book*]}\n---\n<!-- ours -->Do this."),
        ]);
        let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["words playbooks/p.md", "comment playbooks/p.md"]);
        assert!(found[0].1.contains("hears \"c++\" as \"c\""), "{found:?}");
    }

    #[test]
    fn files_that_look_like_prompts_and_are_not_read_are_told() {
        let read = ["reply.md", "knowledge/a.md", "knowledge/b/README.md", "playbooks/p.md", "notes.bak", ".hidden.md"];
        assert_eq!(unread(&read.map(str::to_owned)), []);
        for path in ["knowledge/PRICES.MD", "Knowledge/p.md", "playbook/p.md", "pricing.md", "knowledge/a.txt"] {
            let found = unread(&[path.to_owned()]);
            assert!(found.len() == 1 && found[0].sentence.starts_with("is not read: "), "{path}");
        }
    }

    #[test]
    fn an_emptied_file_is_told() {
        let files = [("reply.md", "x"), ("house.md", ""), ("summarize.md", "---\nversion: 2\n---\n \n")];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned())).to_vec();
        let found = lint(&Library::from_files(files).unwrap(), "2026-11-24".parse().unwrap(), &Tiktoken::fallback());
        let places: Vec<(&str, &str)> = found.iter().map(|lint| (lint.kind, lint.place.as_str())).collect();
        assert_eq!(places, [("empty", "house.md"), ("empty", "summarize.md"), ("empty", "knowledge/")]);
    }
}
