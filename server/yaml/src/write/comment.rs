//! Comments that are written into a text: behind a line, or on a line of their own above it.
//!
//! Whether what they stand behind is a place for a comment is for the caller to see: within a text of several lines there is
//! none.

use crate::{edits::Edits, lines::first_break, text::Text};

/// A comment behind line `line`, which has none yet.
pub fn behind(text: &Text, line: u32, comment: &str) -> Edits {
    let line = text.line(line);
    let written = &text.as_str()[line.range()];
    let end = line.start + written.trim_end().len() as u32;
    Edits::insert(end, format!(" {comment}"))
}

/// A comment on a line of its own above line `line`, indented as that.
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
    fn a_comment_stands_behind_what_is_written_or_above_it_as_deep() {
        let text = Text::new("a:\r\n  b: 1  \r\n");
        assert_eq!(behind(&text, 1, "# c").apply(text.as_str()), "a:\r\n  b: 1 # c  \r\n");
        assert_eq!(above(&text, 1, "# c").apply(text.as_str()), "a:\r\n  # c\r\n  b: 1  \r\n");
        let text = Text::new("a: 1");
        assert_eq!(behind(&text, 0, "# c").apply(text.as_str()), "a: 1 # c");
        assert_eq!(above(&text, 0, "# c").apply(text.as_str()), "# c\na: 1");
    }
}
