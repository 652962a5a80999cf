//! What a format of the report provides.

use schema::Release;

use crate::cli::checked::Checked;

/// What a report is about.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    /// The checked files.
    pub(crate) checked: &'a [Checked],
    /// The release that the user chose.
    pub(crate) release: Option<Release>,
}

/// A format of the report. Each text ends with a line break, unless it is empty.
pub(super) trait Report {
    /// All diagnostics.
    fn diagnostics(&self, run: Run<'_>) -> String;

    /// The numbers of diagnostics by rule and by file.
    fn statistics(&self, run: Run<'_>) -> String;

    /// What to write instead of a character that changes the direction of text, with which a name or a value would read as
    /// another one.
    fn bidirectional(&self, c: char) -> String;
}
