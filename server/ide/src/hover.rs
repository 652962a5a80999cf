//! What the thing under the cursor is.

use yaml::Span;

use crate::document::Document;

/// What to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// The words, in Markdown.
    pub markdown: String,
}

/// What is at `offset`.
pub fn hover(document: &Document, offset: u32) -> Option<Hover> {
    let _ = (document, offset);
    None
}
