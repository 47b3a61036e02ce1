//! Places where a text can be parted without changing how many tokens it has.

/// Parts a text after line ends where every one of the published encodings begins a new token: their patterns join a line
/// end with white space around it and with a following `/`, and with nothing else
/// (`tiktoken`, `openai_public.py`, `pat_str`).
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(first_end(rest));
        rest = after;
        Some(piece)
    })
}

fn first_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find('\n').map(|at| from + at) {
        let end = at + 1;
        // Beyond ASCII a character may be white space; such places are passed over.
        let plain = |byte: u8| byte.is_ascii_graphic();
        let before = at.checked_sub(1).is_some_and(|before| plain(bytes[before]));
        let after = bytes.get(end).is_some_and(|after| plain(*after) && *after != b'/');
        if before && after {
            return end;
        }
        from = end;
    }
    text.len()
}
