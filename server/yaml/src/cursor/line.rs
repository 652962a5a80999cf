//! The structure of a line outside of brackets.

use std::ops::Range;

use crate::{
    entry::{self, QuoteEnd, is_space, skip_properties, skip_spaces},
    lines::{line_end, next_line},
};

/// The structure of a line outside of brackets; all numbers are offsets in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The first character.
    pub start: usize,
    /// One past the last character, without the line break.
    pub end: usize,
    /// The end of the leading white space.
    pub indent: usize,
    /// The dashes before the content.
    pub dashes: Vec<usize>,
    /// The start of the content, after dashes, anchors and tags; `end` if there is none.
    pub content: usize,
    /// The key, if there is one.
    pub key: Option<Range<usize>>,
    /// One past the colon of the key.
    pub colon: Option<usize>,
}

impl Line {
    /// Reads the line that starts at `start`.
    pub fn read(text: &str, start: usize) -> Line {
        let bytes = text.as_bytes();
        let end = line_end(text, start);
        let indent = skip_spaces(text, start, end);
        let mut dashes = vec![];
        let mut content = indent;
        while content < end
            && matches!(bytes[content], b'-' | b'?')
            && (content + 1 == end || is_space(bytes[content + 1]))
        {
            if bytes[content] == b'-' {
                dashes.push(content);
            }
            content = skip_spaces(text, content + 1, end);
        }
        let content = skip_properties(text, content, end);
        let key = entry::key(text, content, end);
        let colon = key.as_ref().map(|key| skip_spaces(text, key.end, end) + 1);
        Line { start, end, indent, dashes, content, key, colon }
    }

    /// Whether the line has only white space.
    pub fn is_blank(&self) -> bool {
        self.indent == self.end
    }

    /// Returns the indentation up to which a later line ends an unclosed quote or bracket of this line; `None` if they are
    /// `trusted` to be closed.
    pub fn stop(&self, trusted: bool) -> Option<usize> {
        (!trusted).then_some(self.indent - self.start)
    }
}

/// Whether the line after the line break at `at` ends an unclosed quote or bracket: see [`Line::stop`].
pub(super) fn ends_unclosed(text: &str, at: usize, stop: Option<usize>) -> bool {
    let Some(stop) = stop else { return false };
    let start = next_line(text, at);
    let end = line_end(text, start);
    let indent = skip_spaces(text, start, end);
    indent < end && indent - start <= stop && !matches!(text.as_bytes()[indent], b']' | b'}')
}

/// Returns the end of the scalar whose opening quote is at `start`; for `stop` see [`Line::stop`].
pub fn quote_end(text: &str, start: usize, stop: Option<usize>) -> QuoteEnd {
    entry::quote_end(text, start, |at| ends_unclosed(text, at, stop))
}
