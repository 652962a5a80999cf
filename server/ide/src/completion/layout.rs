//! How a file is indented, so that what is inserted looks like what is there.

use yaml::Encoding;

use crate::document::Document;

/// How a file is indented.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// The line break.
    pub(super) newline: &'static str,
    /// Columns that a nested mapping is indented by.
    pub(super) step: usize,
    /// Columns that a nested list is indented by; often 0.
    pub(super) list: usize,
    /// The columns of white space that the cursor's line starts with.
    pub(super) line: usize,
}

impl Layout {
    /// As the first examples in the document show; two columns where there is none.
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

    /// `text`, whose lines are indented from `column`, as it stands in the file.
    pub(super) fn absolute(&self, text: &str, column: usize) -> String {
        text.replace('\n', &format!("{}{}", self.newline, " ".repeat(column)))
    }

    /// `text`, whose lines are indented from `column`, indented from the indentation of the cursor's line instead.
    pub(super) fn relative(&self, text: &str, column: usize) -> String {
        text.replace('\n', &format!("\n{}", " ".repeat(column.saturating_sub(self.line))))
    }
}
