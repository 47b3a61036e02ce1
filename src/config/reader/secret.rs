//! Secrets: from their key, a file of their own, or a well-known environment variable. No value of one, nor anything that
//! might be one, appears in a message.

use std::path::Path;

use secrecy::SecretString;

use super::{Entry, Raw, Reader};

/// Where a secret is to be taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Key,
    File,
    Nowhere,
}

impl Reader {
    /// Secrets from `key`, or separated by space or lines from the file named by `key_file`.
    pub(in super::super) fn secrets(&mut self, key: &str) -> Vec<SecretString> {
        let from_file = self.secret_file(key);
        let here = self.list(key);
        let found = from_file.map_or(here, |text| text.split_whitespace().map(str::to_owned).collect());
        found.into_iter().map(SecretString::from).collect()
    }

    /// One secret, whole, from the key, its file, or else a well-known environment variable.
    pub(in super::super) fn secret(&mut self, key: &str, variable: Option<&str>) -> Option<SecretString> {
        let from_file = self.secret_file(key);
        let here = match self.raw(key) {
            None => None,
            Some(Raw::Text(text) | Raw::Number(text)) => Some(text),
            Some(Raw::Flag(_) | Raw::List(_) | Raw::Odd(_)) => {
                self.complain(key, "must be one text in quotes");
                None
            }
        };
        let found = from_file.or(here).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        found.or_else(|| variable.and_then(|name| self.variable(name))).map(SecretString::from)
    }

    /// The key that the value of the secret `key` came from: itself, or the one that names its file.
    pub(in super::super) fn secret_source(&self, key: &str) -> String {
        match self.secret_place(key) {
            Place::File => file_key(key),
            Place::Key | Place::Nowhere => key.to_owned(),
        }
    }

    /// The environment is nearer than the file; an empty text is no secret.
    fn secret_place(&self, key: &str) -> Place {
        let set = |key: &str| self.entries.get(key).filter(|entry| !entry.is_blank()).map(Entry::is_from_environment);
        match (set(key), set(&file_key(key))) {
            (None, None) => Place::Nowhere,
            (None, Some(_)) | (Some(false), Some(true)) => Place::File,
            (Some(_), _) => Place::Key,
        }
    }

    fn secret_file(&mut self, key: &str) -> Option<String> {
        let file_key = file_key(key);
        let path = self.text(&file_key)?;
        if self.secret_place(key) != Place::File {
            let both = [key, &file_key].map(|key| self.entries.get(key).is_some_and(Entry::is_from_environment));
            if both[0] == both[1] {
                self.complain(&file_key, format!("is set beside {key}: keep one of the two"));
            }
            return None;
        }
        match std::fs::read_to_string(&path) {
            Ok(text) if bare(&text).is_empty() => {
                self.complain(&file_key, format!("{} is empty; put the secret into it", shown(&path)));
                None
            }
            Ok(text) => Some(bare(&text).to_owned()),
            Err(error) => {
                let words = format!("{} cannot be read: {error}; write the path of a file that holds it", shown(&path));
                self.complain(&file_key, words);
                None
            }
        }
    }
}

/// What a file holds, without the mark with which Windows' editors begin one.
fn bare(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

fn file_key(key: &str) -> String {
    format!("{key}_file")
}

/// The path as a message may show it. What is plainly no path may be the secret itself, written into the wrong key.
fn shown(path: &str) -> String {
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| folder.is_absolute() || folder.is_dir()) {
        format!("{path:?}")
    } else {
        "what it names".to_owned()
    }
}
