//! Inserts comments: at the end of a line, or on a line of their own above it.
//!
//! The caller must ensure that a comment is possible there: within a scalar of several lines it is not.

use crate::{edits::Edits, lines::first_break, text::Text};

/// Inserts a comment at the end of a line that has none.
pub fn behind(text: &Text, line: u32, comment: &str) -> Edits {
    let line = text.line(line);
    let written = &text.as_str()[line.range()];
    let end = line.start + written.trim_end().len() as u32;
    Edits::insert(end, format!(" {comment}"))
}

/// Inserts a comment on a line of its own above a line, at the same indentation.
pub fn above(text: &Text, line: u32, comment: &str) -> Edits {
    let line = text.line(line);
    let written = &text.as_str()[line.range()];
    let indent = &written[..written.len() - written.trim_start_matches(' ').len()];
    Edits::insert(line.start, format!("{indent}{comment}{}", first_break(text.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_inserted_after_the_text_or_above_it() {
        let text = Text::new("a:\r\n  b: 1  \r\n");
        assert_eq!(behind(&text, 1, "# c").apply(text.as_str()), "a:\r\n  b: 1 # c  \r\n");
        assert_eq!(above(&text, 1, "# c").apply(text.as_str()), "a:\r\n  # c\r\n  b: 1  \r\n");
        let text = Text::new("a: 1");
        assert_eq!(behind(&text, 0, "# c").apply(text.as_str()), "a: 1 # c");
        assert_eq!(above(&text, 0, "# c").apply(text.as_str()), "# c\na: 1");
    }
}
