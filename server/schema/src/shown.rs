//! User text as shown in messages.

/// The first `most` characters of a text, followed by `…` if there are more. A setting, a name or a version may have
/// megabytes, which no message should repeat.
pub fn shown(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shown("äöü", 3), "äöü");
        assert_eq!(shown("äöü", 2), "äö…");
        assert_eq!(shown("", 0), "");
    }
}
