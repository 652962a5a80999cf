//! The indentation of a file, which inserted text follows.

use yaml::Encoding;

use crate::document::Document;

/// The line breaks and indentation of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// The line break.
    pub(super) newline: &'static str,
    /// Number of columns by which a nested mapping is indented.
    pub(super) step: usize,
    /// Number of columns by which a nested list is indented; often 0.
    pub(super) list: usize,
    /// Number of columns of white space at the start of the line of the cursor.
    pub(super) line: usize,
}

impl Layout {
    /// The layout of the first nested collections in the document; two columns if there are none.
    pub(super) fn of(document: &Document, offset: u32) -> Layout {
        let text = document.text();
        let line = text.line(text.position(offset, Encoding::Utf8).line);
        let start = &text.as_str()[line.range()];
        let habits = document.tree().habits();
        Layout {
            newline: habits.line_break,
            step: habits.mapping,
            list: habits.sequence,
            line: start.len() - start.trim_start_matches([' ', '\t']).len(),
        }
    }

    /// `text`, whose lines are indented relative to `column`, with full indentation.
    pub(super) fn absolute(&self, text: &str, column: usize) -> String {
        text.replace('\n', &format!("{}{}", self.newline, " ".repeat(column)))
    }

    /// `text`, whose lines are indented relative to `column`, indented relative to the line of the cursor instead.
    pub(super) fn relative(&self, text: &str, column: usize) -> String {
        text.replace('\n', &format!("\n{}", " ".repeat(column.saturating_sub(self.line))))
    }
}
