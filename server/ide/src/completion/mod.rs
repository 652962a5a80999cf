//! What may be typed at a place.

use yaml::Span;

use crate::document::Document;

/// Something that may be typed.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionItem {
    /// What is shown.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// A few words beside the label: its type and default.
    pub detail: String,
    /// What it does, in Markdown.
    pub docs: String,
    /// What is replaced. On the line of the cursor, and the cursor is within or at its end.
    pub span: Span,
    /// What is inserted.
    pub text: String,
    /// The same with `$1` and `${1:…}` for clients that know snippets, where it differs.
    pub snippet: Option<String>,
    /// Outdated: struck through, last.
    pub deprecated: bool,
    /// Whether completion should be asked for again once this is inserted (`resources: `…).
    pub retrigger: bool,
}

/// What a [`CompletionItem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// The key of a field.
    Field,
    /// One of the words of an enum, or a boolean.
    Word,
    /// A value that makes sense but is not the only one.
    Value,
    /// A whole skeleton.
    Snippet,
}

/// What may be typed at `offset`, the likeliest first. Already filtered by what is typed.
pub fn completion(document: &Document, offset: u32) -> Vec<CompletionItem> {
    let _ = (document, offset);
    vec![]
}
