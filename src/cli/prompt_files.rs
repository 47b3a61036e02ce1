//! `rapport prompt lint`, `diff`, `count` and `copy`: the prompt files, without a conversation.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use super::assemble::{files_below, main_model, name_in, prompt_files, read_prompts, trial};
use super::output::say;
use super::told;
use crate::config::Config;
use crate::prompt::diff::{Line, diff};
use crate::prompt::lint::{lint, unread};
use crate::prompt::sections::{KnowledgeRoom, knowledge_room};
use crate::prompt::{Budget, Library, Lint, Playbook, Tiktoken, TokenCounter, Trial, proposal_schema};
use crate::runtime::Clock;

/// Which files to look at.
#[derive(Debug, Args)]
pub struct Folder {
    /// A folder of prompt files. Without it, those of the configuration.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

type Files = Vec<(String, String)>;

impl Folder {
    fn files(&self, config: &Config) -> anyhow::Result<Files> {
        self.folder.as_deref().map_or_else(|| prompt_files(config), read_prompts)
    }

    /// The paths of all files in the folder, in order. None for the shipped prompts.
    fn paths(&self, config: &Config) -> anyhow::Result<Vec<String>> {
        let Some(folder) = self.folder.as_deref().or(config.prompts.folder.as_deref()) else { return Ok(Vec::new()) };
        let mut paths: Vec<String> = files_below(folder)?.iter().map(|path| name_in(folder, path)).collect();
        paths.sort();
        Ok(paths)
    }

    /// Says what is wrong with the files. Fails when they cannot be used, and with `strict` when there is anything to look
    /// at.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn lint(&self, config: &Config, strict: bool) -> anyhow::Result<ExitCode> {
        let library = match usable(self.files(config)?, config) {
            Ok(library) => library,
            Err(error) if self.json => {
                say!("{}", serde_json::json!({ "error": told(&error), "lints": [] }))?;
                return Ok(ExitCode::FAILURE);
            }
            Err(error) => return Err(error),
        };
        let today = Clock::system()
            .now()
            .to_zoned_datetime(crate::prompt::zone_or(&config.organisation.timezone, "UTC"))
            .date();
        let mut lints = lint(&library, today, counter(config)?.as_ref());
        lints.extend(unread(&self.paths(config)?));
        if self.json {
            say!("{}", serde_json::json!({ "error": null, "hash": library.hash(), "lints": lints }))?;
        } else {
            for Lint { kind, place, sentence } in &lints {
                say!("{kind:<13}  {place}: {sentence}")?;
            }
            let (playbooks, passages) = (library.playbooks().len(), library.passages().len());
            say!("prompts {}: {playbooks} playbooks, {passages} passages, {} to look at", library.hash(), lints.len())?;
        }
        Ok(if strict && !lints.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Counts what each file would take of a prompt, with the main model's encoding.
    ///
    /// # Errors
    /// When they cannot be read or are wrong.
    pub fn count(&self, config: &Config) -> anyhow::Result<()> {
        let files = self.files(config)?;
        let library = Library::from_files(files)?;
        let counter = counter(config)?;
        let knowledge = knowledge_room(&library, counter.as_ref());
        let counts = counts(&library, &knowledge, counter.as_ref());
        if self.json {
            let lines = counts.iter().map(|(name, tokens)| serde_json::json!({ "name": name, "tokens": tokens }));
            let room = serde_json::json!({ "tokens": knowledge.tokens, "ceiling": knowledge.ceiling });
            say!(
                "{}",
                serde_json::json!({ "encoding": counter.name(), "counts": lines.collect::<Vec<_>>(), "knowledge": room })
            )?;
            return Ok(());
        }
        for (name, tokens) in &counts {
            say!("{tokens:>7}  {name}")?;
        }
        let KnowledgeRoom { tokens, ceiling, .. } = knowledge;
        let told = if tokens <= ceiling { "all of it is told" } else { "what is nearest to a question is chosen" };
        say!("knowledge takes {tokens} tokens of a prompt, marks and titles included, and may have {ceiling}: {told}")?;
        say!("counted with {}; playbooks and knowledge are told only where they fit", counter.name())?;
        Ok(())
    }

    /// Shows which lines differ from the shipped prompts, or from those of another folder.
    ///
    /// # Errors
    /// When files cannot be read.
    pub fn diff(&self, config: &Config, against: Option<&Path>) -> anyhow::Result<()> {
        let earlier = against.map_or_else(|| Ok(Library::embedded_files()), read_prompts)?;
        let later = self.files(config)?;
        let counter = counter(config)?;
        let changed = changed(&earlier, &later);
        if self.json {
            let tokens = |text: Option<&str>| text.map_or(0, |text| counter.count(text));
            let lines = changed.iter().map(|(name, before, after)| {
                serde_json::json!({ "file": name, "tokens_before": tokens(*before), "tokens_after": tokens(*after) })
            });
            say!("{}", serde_json::json!({ "changed": lines.collect::<Vec<_>>() }))?;
            return Ok(());
        }
        for (name, before, after) in &changed {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            say!("{name}: {} → {} tokens\n{}", counter.count(before), counter.count(after), hunks(before, after))?;
        }
        if changed.is_empty() {
            say!("nothing differs")?;
        }
        Ok(())
    }
}

/// Reads the files as the service would before it takes them into use.
fn usable(files: Files, config: &Config) -> anyhow::Result<Library> {
    let library = Library::from_files(files)?;
    let trial = if config.models.main.is_some() { trial(config)? } else { without_budget(config)? };
    trial.pass(&library)?;
    Ok(library)
}

/// Without a model there are only the ceilings to keep to.
fn without_budget(config: &Config) -> anyhow::Result<Trial> {
    const PLENTY: usize = 10_000_000;
    let budget = Budget {
        context_tokens: PLENTY,
        max_output_tokens: 0,
        overhead_tokens: 0,
        margin_tokens: 0,
        cap_tokens: PLENTY,
    };
    Ok(Trial { organisation: config.organisation.clone(), budget, counter: counter(config)?.into() })
}

/// Writes the shipped prompt files where they can be edited. Nothing that is there is overwritten.
///
/// # Errors
/// When the folder is not empty or cannot be written.
pub fn copy(folder: &Path) -> anyhow::Result<()> {
    let wanted = |name: &str| folder.join(name);
    let files = Library::embedded_files();
    if let Some((name, _)) = files.iter().find(|(name, _)| wanted(name).exists()) {
        bail!("{} is there already; nothing was written: choose an empty folder", wanted(name).display());
    }
    for (name, text) in &files {
        let path = wanted(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    say!(
        "{} files are in {}. Set prompts.folder to it, and begin with house.md: persona, tone, dos and don'ts.",
        files.len(),
        folder.display()
    )?;
    Ok(())
}

fn counter(config: &Config) -> anyhow::Result<Box<dyn TokenCounter>> {
    let encoding = main_model(config).ok().and_then(|model| model.settings.encoding.as_deref());
    Ok(Box::new(Tiktoken::for_configured(encoding).context("models.main.encoding")?))
}

fn counts(library: &Library, knowledge: &KnowledgeRoom, counter: &dyn TokenCounter) -> Vec<(String, usize)> {
    let templates = [Some(library.reply()), library.house(), library.follow_up(), library.summarize()];
    let templates = templates.into_iter().flatten().chain(library.playbooks().iter().map(Playbook::template));
    let templates = templates.map(|template| (template.name().to_owned(), counter.count(template.body())));
    let schema = [("the form of the answer".to_owned(), counter.count(&proposal_schema().to_string()))];
    templates.chain(knowledge.passages.iter().cloned()).chain(schema).collect()
}

type Changed<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// The files that differ, by name.
fn changed<'a>(earlier: &'a Files, later: &'a Files) -> Vec<Changed<'a>> {
    let mut pairs: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    for (name, text) in earlier {
        pairs.entry(name).or_default().0 = Some(text);
    }
    for (name, text) in later {
        pairs.entry(name).or_default().1 = Some(text);
    }
    let all = pairs.into_iter().map(|(name, (before, after))| (name, before, after));
    all.filter(|(_, before, after)| before != after).collect()
}

/// The changed lines with two unchanged ones around them.
fn hunks(before: &str, after: &str) -> String {
    const AROUND: usize = 2;
    let lines = diff(before, after);
    let near = |place: usize| {
        let window = &lines[place.saturating_sub(AROUND)..lines.len().min(place + AROUND + 1)];
        window.iter().any(|line| !matches!(line, Line::Same(_)))
    };
    let mut shown = String::new();
    let mut gap = false;
    for (place, line) in lines.iter().enumerate() {
        if !near(place) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) {
            shown.push_str("  …\n");
        }
        let (mark, text) = match line {
            Line::Same(text) => (' ', text),
            Line::Gone(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(shown, "{mark} {text}");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Author;
    use crate::conversation::check::fixture;
    use crate::prompt::{Hints, compose_turn};

    #[test]
    fn only_changed_files_and_the_lines_around_are_shown() {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let earlier = vec![file("a.md", "x"), file("b.md", "1\n2\n3\n4\n5\n6\n7"), file("gone.md", "x")];
        let later = vec![file("a.md", "x"), file("b.md", "1\n2\n3\n4\n5\nsix\n7"), file("new.md", "x")];
        let names: Vec<&str> = changed(&earlier, &later).iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["b.md", "gone.md", "new.md"]);
        assert_eq!(hunks(&earlier[1].1, &later[1].1), "  …\n  4\n  5\n- 6\n+ six\n  7\n");
    }

    #[test]
    fn knowledge_is_counted_as_it_stands_in_a_prompt_and_held_against_its_ceiling() {
        let counter = Tiktoken::fallback();
        let room = |ceiling: usize| {
            let reply = format!("---\nsections: {{knowledge: {{ceiling: {ceiling}}}}}\n---\nAnswer.");
            let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
            let knowledge = file("knowledge/faq.md", "# Hours\nWe are open 8 to 5.\n# Warranty\n20 years.");
            let library = Library::from_files(vec![file("reply.md", &reply), knowledge]).expect("prompts");
            (knowledge_room(&library, &counter), library)
        };
        let (measured, library) = room(900);
        assert_eq!(measured.ceiling, 900);
        let words: usize = library.passages().iter().map(|passage| counter.count(&passage.text)).sum();
        assert!(measured.tokens > 2 * words, "{measured:?}: the words alone take {words}");
        let lines = counts(&library, &measured, &counter);
        let passages: usize = lines.iter().filter(|(name, _)| name.starts_with("faq#")).map(|(_, tokens)| tokens).sum();
        assert_eq!(passages + counter.count("\n"), measured.tokens);
        // Exactly so much is enough for all of it.
        for (ceiling, told) in [(measured.tokens, 2), (measured.tokens - 1, 1)] {
            let (_, library) = room(ceiling);
            assert_eq!(told_of(&library, &counter), told, "{ceiling}");
        }
    }

    /// How many passages a prompt tells somebody who asks for one of them.
    fn told_of(library: &Library, counter: &dyn TokenCounter) -> usize {
        let mut context = fixture::ctx();
        context.new_texts = vec![fixture::message(Author::Lead, "What about the warranty?")];
        let budget = Budget::for_model(128_000, 800, 300, 6_000, counter);
        compose_turn(&context, library, &budget, counter, Hints::default()).expect("it fits").facts.len()
    }

    #[test]
    fn a_copy_never_overwrites() {
        let folder = tempfile::tempdir().expect("a folder");
        copy(folder.path()).expect("written");
        let read = read_prompts(folder.path()).expect("read");
        assert!(
            read.iter().any(|(name, _)| name == "house.md")
                && read.iter().any(|(name, _)| name == "playbooks/booking.md")
        );
        let error = copy(folder.path()).expect_err("there is something").to_string();
        assert!(error.contains("is there already; nothing was written"), "{error}");
    }
}
