//! The outline of a document.

use yaml::Span;

use crate::document::Document;

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// The key, or what names a list item.
    pub name: String,
    /// Its value, if that is short.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole entry.
    pub span: Span,
    /// The key alone; within `span`.
    pub selection: Span,
    /// What is inside.
    pub children: Vec<Symbol>,
}

/// What a [`Symbol`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A mapping.
    Object,
    /// A list.
    Array,
    /// Text.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Nothing.
    Null,
}

/// The outline.
pub fn symbols(document: &Document) -> Vec<Symbol> {
    let _ = document;
    vec![]
}
