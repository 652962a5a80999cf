//! Completion items.

use yaml::Span;

use crate::secret::{Quotes, Secrets};

/// A completion item.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionItem {
    /// The label in the list. The text between the start of `span` and the cursor abbreviates it; an editor that filters items
    /// compares this label.
    pub label: String,
    /// The kind of the item.
    pub kind: ItemKind,
    /// A short note beside the label: the types and the default of a field, or the meaning of a value.
    pub detail: String,
    /// Documentation, in Markdown.
    pub docs: String,
    /// The span that is replaced. It is on the line of the cursor, and the cursor is within it or at its end.
    pub span: Span,
    /// The text that is inserted, unchanged: with the line breaks of the document and full indentation.
    pub text: String,
    /// The same text with `$1` and `${1:…}` for clients that support snippets, where it differs. As editors expect it, its line
    /// breaks are LF, and its lines are indented relative to the line of the cursor.
    pub snippet: Option<String>,
    /// Whether the item is deprecated; such an item is struck through and sorted last.
    pub deprecated: bool,
    /// Whether completion should be requested again after the item is inserted (`resources: `…).
    pub retrigger: bool,
}

impl Quotes for CompletionItem {
    fn hide(&mut self, secrets: &Secrets) {
        let CompletionItem { label, kind: _, detail, docs, span, text: _, snippet: _, deprecated: _, retrigger: _ } =
            self;
        secrets.hide(&[*span], label);
        secrets.hide(&[*span], detail);
        secrets.hide_in_docs(docs);
    }
}

/// The kind of a [`CompletionItem`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ItemKind {
    /// The key of a field.
    Field,
    /// One of a fixed set of values: of an enum, or a boolean.
    #[default]
    Variant,
    /// One of many possible values.
    Value,
    /// A skeleton of several lines.
    Snippet,
}
