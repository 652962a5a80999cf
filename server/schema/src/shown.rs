//! What users write, as messages repeat it.

/// The first `most` characters of a text, with `…` where there are more: a setting, a name or a version may have
/// megabytes, and a message that repeats them is no message.
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
