//! The prompt files: can they be read, are they of today, and does what must be told fit?

use super::super::assemble::{self, World};
use super::{Health, Line, bad, good, today};
use crate::config::Config;
use crate::prompt::Library;
use crate::prompt::lint::stale;

const WHAT: &str = "prompts";

pub(super) fn line(config: &Config, world: &World) -> Line {
    let library = match assemble::library(config) {
        Ok(library) => library,
        Err(error) => return bad(WHAT, &error),
    };
    if let Err(error) = fits(config, &library) {
        return bad(WHAT, &error);
    }
    let words = format!("{} playbooks, {} knowledge passages", library.playbooks().len(), library.passages().len());
    match stale(&library, today(config, world)).len() {
        0 => good(WHAT, words),
        overdue => {
            let words = format!("{words}; {overdue} past their review_by: `rapport prompt lint` names them");
            Line { what: WHAT, health: Health::Warning(words) }
        }
    }
}

/// Where an ordinary text does not fit, it goes to a person.
fn fits(config: &Config, library: &Library) -> anyhow::Result<()> {
    if config.models.main.is_none() {
        // Another line says that there is none.
        return Ok(());
    }
    Ok(assemble::trial(config)?.pass(library)?)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_house_that_leaves_no_room_is_told_before_the_first_lead_texts() {
        let toml = "[models.main]\nmodel = \"scripted\"\nencoding = \"o200k_base\"\n";
        let config = Config::parse(Some(toml), Path::new("rapport.toml"), std::iter::empty()).expect("a configuration");
        let library = |house: String| {
            let files = vec![("reply.md".to_owned(), "Answer.".to_owned()), ("house.md".to_owned(), house)];
            Library::from_files(files).expect("prompts")
        };
        assert!(fits(&config, &library("Be kind.".to_owned())).is_ok());
        let told = fits(&config, &library("Be kind to them. ".repeat(2_000))).expect_err("no room");
        assert!(told.to_string().contains("\"house\"") && told.to_string().contains("prompt_tokens_cap"), "{told}");
    }
}
