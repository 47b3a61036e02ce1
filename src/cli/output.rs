//! Standard output: everything that a command says to whoever called it goes through here.

use std::fmt;
use std::io::{self, ErrorKind, Write};

/// Standard output took no more.
#[derive(Debug, thiserror::Error)]
#[error("standard output cannot be written: {0}")]
pub struct OutputError(#[from] io::Error);

/// Says a line on standard output, written as `println!` writes it: [`line`].
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::output::line(format_args!($($words)*)) };
}
pub(crate) use say;

/// Writes a line to standard output. A reader who has seen enough, such as `head`, is no mistake: what a command has begun it
/// ends, and nobody hears of it.
///
/// Characters that would command a terminal are written as what they are: leads and reps wrote some of the words.
///
/// # Errors
/// [`OutputError`] when it cannot be written, as on a full disk.
pub fn line(words: fmt::Arguments<'_>) -> Result<(), OutputError> {
    let mut text = plain(&words.to_string());
    text.push('\n');
    heard(io::stdout().lock().write_all(text.as_bytes()))
}

/// What became of writing: a reader who went away is none of the writer's business.
///
/// # Errors
/// [`OutputError`] for everything else.
pub fn heard(written: io::Result<()>) -> Result<(), OutputError> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// A text whose control characters, but for line ends and tabs, are written out: `\u{1b}`.
fn plain(text: &str) -> String {
    let commands = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(|c| commands(&c)) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut plain, c| {
        if commands(&c) {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_a_terminal() {
        assert_eq!(plain("wrong\tprices\nin Tucson"), "wrong\tprices\nin Tucson");
        assert_eq!(plain("a\u{1b}[2Jb\u{9b}1m\r"), "a\\u{1b}[2Jb\\u{9b}1m\\r");
    }

    #[test]
    fn a_reader_who_went_away_is_no_mistake_and_a_full_disk_is() {
        assert!(heard(Err(ErrorKind::BrokenPipe.into())).is_ok());
        let told = heard(Err(ErrorKind::StorageFull.into())).expect_err("nothing was written").to_string();
        assert!(told.starts_with("standard output cannot be written: "), "{told}");
    }
}
